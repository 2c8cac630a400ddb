//! Findings: what is wrong or doubtful, where, and what to do about it.
//!
//! One struct serves every phase. A constructor that stands beside the phase that finds the mistake gives it a code, a
//! headline that can be read alone, a label at every place that matters, notes with the values involved, one help, and the
//! edits that a program can apply. Rendering (text, short, JSON) reads the same struct and decides nothing.

pub mod code;
pub mod edit;
mod hidden;
pub mod limits;
pub mod page;
mod poison;
pub mod render;

pub use code::{Code, CodeLevel};

pub use hidden::vault;
pub use poison::Poison;

use crate::source::Span;
use crate::text::Text;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is written while one of these stands.
    Error,
    /// Advice.
    Warning,
}

/// A place that matters to a finding and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is here; may be empty.
    pub text: String,
}

/// Whether a program may make an edit without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Nothing else can have been meant, and what machines get is what was written: `check --fix` makes it.
    Safe,
    /// The likeliest of several, a guess at a name, or a change of what machines get: a person looks at it first.
    NeedsLook,
}

impl Applicability {
    /// The word for it in formats for programs.
    pub fn word(self) -> &'static str {
        match self {
            Applicability::Safe => "safe",
            Applicability::NeedsLook => "needs-look",
        }
    }
}

/// A change of text that a program can make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
    /// Whether it may be made without a look.
    pub applicability: Applicability,
}

/// A declaration, set or machine that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// How a note calls it: "the workers `gpu`".
    pub shown: String,
    /// The places of the `allow`s that hold for it, inherited ones included.
    pub allows: Vec<Span>,
}

/// What must have been understood for a finding to hold: what seems to be missing, or to be of no use, may have been lost with
/// something that could not be read. One mistake gives one finding, so what rests on a premise waits until that holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Premise {
    /// Nothing: it holds whatever else is wrong.
    #[default]
    None,
    /// All that stands in some blocks.
    Blocks(Vec<Span>),
    /// The declarations that its labels lie in, and what these inherit and are made of.
    Declarations,
    /// All of the run: it is about what nothing in it does.
    Run,
    /// Nothing may be wrong at all: what is missing elsewhere may be what it would be used for.
    Clean,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable name of the kind of finding.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// The headline: a sentence that can be read alone.
    pub message: String,
    /// The first is the place to edit; the others say why.
    pub labels: Vec<Label>,
    /// Facts, in order: values, users, history.
    pub notes: Vec<String>,
    /// What to do, imperative, with text that can be pasted.
    pub help: Option<String>,
    /// Edits that together make the help true.
    pub edits: Vec<Edit>,
    /// The clusters for which it holds, when it depends on the target.
    pub clusters: Vec<Text>,
    /// What it is about, when its labels do not say: sets, machines, roles.
    pub concerns: Vec<Concern>,
    /// The place that makes it one with other findings of its code: what was judged took the same from there.
    pub cause: Option<Span>,
    /// What must have been understood for it to hold.
    pub premise: Premise,
    /// Secrets that it speaks of, wherever they were written: nothing that is printed of the run shows them, and nothing prints these.
    pub hides: Vec<Text>,
}

impl Diagnostic {
    /// A finding with the severity of its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: code.level().severity(),
            code,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            edits: Vec::new(),
            clusters: Vec::new(),
            concerns: Vec::new(),
            cause: None,
            premise: Premise::None,
            hides: Vec::new(),
        }
    }
    /// It speaks of a secret, which is shown nowhere.
    #[must_use]
    pub fn hide(mut self, secret: &str) -> Self {
        self.hides.push(secret.into());
        self
    }
    /// It holds only if the declarations that its labels lie in were understood.
    #[must_use]
    pub fn if_understood(mut self) -> Self {
        self.premise = Premise::Declarations;
        self
    }
    /// It holds only if all that stands in some blocks was understood.
    #[must_use]
    pub fn if_blocks_understood(mut self, blocks: Vec<Span>) -> Self {
        self.premise = Premise::Blocks(blocks);
        self
    }
    /// It holds only if everything in the run was understood.
    #[must_use]
    pub fn if_all_understood(mut self) -> Self {
        self.premise = Premise::Run;
        self
    }
    /// It holds only if nothing else is wrong.
    #[must_use]
    pub fn if_nothing_is_wrong(mut self) -> Self {
        self.premise = Premise::Clean;
        self
    }
    /// Adds a label; the first one added is the primary one.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }
    /// Adds a label if there is a place for it.
    #[must_use]
    pub fn label_if(self, span: Option<Span>, text: impl Into<String>) -> Self {
        match span {
            Some(span) => self.label(span, text),
            None => self,
        }
    }
    /// Adds a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
    /// Adds a note if there is something to say.
    #[must_use]
    pub fn note_if(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.note(text),
            None => self,
        }
    }
    /// Sets the help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
    /// Adds an edit that is safe to make: it says what was meant beyond doubt.
    #[must_use]
    pub fn mend(self, span: Span, text: impl Into<String>) -> Self {
        self.edit(Applicability::Safe, span, text)
    }
    /// Adds an edit that a person looks at before it is made.
    #[must_use]
    pub fn offer(self, span: Span, text: impl Into<String>) -> Self {
        self.edit(Applicability::NeedsLook, span, text)
    }
    /// Adds an edit.
    #[must_use]
    pub fn edit(mut self, applicability: Applicability, span: Span, text: impl Into<String>) -> Self {
        self.edits.push(Edit { span, text: text.into(), applicability });
        self
    }
    /// Its edits need a look after all.
    #[must_use]
    pub fn doubtful(mut self) -> Self {
        self.edits.iter_mut().for_each(|edit| edit.applicability = Applicability::NeedsLook);
        self
    }
    /// What may be done about it without a look: its edits count together, so one that needs a look makes all of them need it.
    pub fn applicability(&self) -> Option<Applicability> {
        self.edits.iter().map(|edit| edit.applicability).max()
    }
    /// "did you mean": help and an edit to look at for a misspelt word at `span`.
    #[must_use]
    pub fn suggest(self, span: Span, nearest: Option<&str>) -> Self {
        match nearest {
            Some(word) => self.help(format!("did you mean `{word}`?")).offer(span, word),
            None => self,
        }
    }
    /// Adds something that the finding is about.
    #[must_use]
    pub fn concern(mut self, concern: Concern) -> Self {
        self.concerns.push(concern);
        self
    }
    /// Adds a cluster for which it holds.
    #[must_use]
    pub fn in_cluster(mut self, name: &Text) -> Self {
        self.clusters.push(name.clone());
        self
    }
    /// The place to edit.
    pub fn primary(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Collects findings; equal ones are kept once, with the clusters they hold for joined. Of errors and of warnings no more are kept
/// than [`limits::FINDINGS`].
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// How many errors and how many warnings are in the list.
    errors: usize,
    warnings: usize,
    /// That some are left out is said.
    left_out: bool,
}

impl Diagnostics {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let error = diagnostic.severity == Severity::Error;
        if self.are_many(error) {
            // Clusters find the same again and again: only what differs counts.
            if !self.left_out {
                self.list = join(std::mem::take(&mut self.list));
                self.count();
            }
            if self.are_many(error) {
                if !std::mem::replace(&mut self.left_out, true) {
                    self.list.push(limits::left_out());
                }
                return;
            }
        }
        *if error { &mut self.errors } else { &mut self.warnings } += 1;
        self.list.push(diagnostic);
    }
    /// Whether so many errors were found that no more are kept.
    pub fn is_full(&self) -> bool {
        self.left_out && self.are_many(true)
    }
    /// Whether as many errors, or as many warnings, were found as are kept.
    fn are_many(&self, errors: bool) -> bool {
        let found = if errors { self.errors } else { self.warnings };
        found >= limits::FINDINGS
    }
    fn count(&mut self) {
        self.errors = self.list.iter().filter(|d| d.severity == Severity::Error).count();
        self.warnings = self.list.len() - self.errors;
    }
    /// Adds the findings of another collection.
    pub fn append(&mut self, other: Diagnostics) {
        if self.list.is_empty() {
            *self = other;
            return;
        }
        other.list.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }
    /// Whether an error stands.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }
    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    /// The findings so far.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }
    /// Takes all findings out, in the order in which they were made.
    pub fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(self).list
    }
    /// Keeps the findings for which `keep` holds: for who has made all of them, as the reader of a file has.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
        self.count();
    }
    /// The findings in order of place, equal ones joined.
    pub fn finish(self) -> Vec<Diagnostic> {
        let mut out = join(self.list);
        out.sort_by_key(|d| d.primary().map(|span| (span.file, span.start, span.end)));
        out
    }
}

/// Equal findings once, with what they hold for joined.
fn join(list: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::with_capacity(list.len());
    let mut seen: std::collections::HashMap<(Code, Option<Span>, String), usize> = Default::default();
    for diagnostic in list {
        let key = (diagnostic.code.clone(), diagnostic.primary(), diagnostic.message.clone());
        match seen.get(&key) {
            Some(&at) => {
                let first = &mut out[at];
                add_new(&mut first.clusters, diagnostic.clusters);
                add_new(&mut first.hides, diagnostic.hides);
                add_new(&mut first.concerns, diagnostic.concerns);
            }
            None => {
                seen.insert(key, out.len());
                out.push(diagnostic);
            }
        }
    }
    out
}

fn add_new<T: PartialEq>(to: &mut Vec<T>, others: Vec<T>) {
    for other in others {
        if !to.contains(&other) {
            to.push(other);
        }
    }
}

impl From<Vec<Diagnostic>> for Diagnostics {
    fn from(list: Vec<Diagnostic>) -> Self {
        let mut made = Diagnostics { list, ..Diagnostics::default() };
        made.count();
        made
    }
}

//! The history of a value: who did what, where, and what it was then.

use serde_json::{Value, json};

use super::passed::{self, Given};
use super::subject::Subject;
use crate::diagnostics::{CodeLevel, Diagnostic, render};
use crate::driver::Compilation;
use crate::flatten::{Step, Verb};
use crate::kinds;
use crate::resolve::{DeclId, Names};
use crate::secret::mask;
use crate::source::Span;
use crate::syntax::ast::Op;
use crate::typing::{Action, Body, Item, Val};

/// The longest line of source that is shown.
const WIDTH: usize = 100;

/// A step of a history as it is told.
pub(super) struct Told {
    verb: &'static str,
    /// The kind and the name of the declaration that did it.
    by: (&'static str, String),
    at: Span,
    /// What is written there.
    text: String,
    /// The list that it came to, if the step changed one.
    then: Option<Vec<String>>,
    /// What the parameters in it are.
    given: Vec<Given>,
}

/// The steps, oldest first. Parameters are followed from what is asked about.
pub(super) fn told(compilation: &Compilation, steps: &[Step], subject: Option<&Subject>) -> Vec<Told> {
    let names = &compilation.flattener.types.names;
    let mut list: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for step in steps {
        let owner = owner(names, step);
        let secret = is_secret(&compilation.findings, step.span);
        let mut then = None;
        let body = &compilation.flattener.types.typed(owner).body;
        if let Some((op, elements)) = elements(body, step.span).filter(|_| !secret) {
            apply(op, elements.iter().map(|item| element(compilation, item)).collect(), &mut list);
            then = (op != Op::Set).then(|| list.clone());
        }
        let given = |subject| passed::to(compilation, subject, owner, step.span);
        let decl = names.decl(owner);
        out.push(Told {
            verb: if step.verb == Verb::Merge { "written" } else { step.verb.past() },
            by: (kinds::get(decl.kind).name, decl.shown()),
            at: step.span,
            text: clipped(&masked(compilation, step.span)),
            then,
            given: subject.filter(|_| !secret).map(given).unwrap_or_default(),
        });
    }
    out
}

/// For people: a line with the place, and what is written there.
pub(super) fn text(compilation: &Compilation, steps: &[Told]) -> String {
    let sources = &compilation.flattener.types.names.sources;
    let head = |step: &Told| format!("{} by {} `{}`", step.verb, step.by.0, step.by.1);
    let width = steps.iter().map(|step| head(step).chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for step in steps {
        out.push_str(&format!("  {:width$}  {}\n    {}\n", head(step), sources.place(step.at), step.text));
        if let Some(list) = &step.then {
            out.push_str(&format!("    then: [{}]\n", list.join(", ")));
        }
        for given in &step.given {
            let how = if given.default { "its default" } else { "passed" };
            let (name, place) = (&given.name, sources.place(given.at));
            out.push_str(&format!("    `{name}` is {}, {how} at {place}\n", given.value));
        }
    }
    out
}

/// For programs.
pub(super) fn json(compilation: &Compilation, steps: &[Told]) -> Value {
    let sources = &compilation.flattener.types.names.sources;
    let given = |given: &Given| {
        let mut value = render::json_place(sources, given.at);
        value["name"] = json!(given.name);
        value["value"] = json!(given.value);
        value["default"] = json!(given.default);
        value
    };
    let step = |step: &Told| {
        let mut value = render::json_place(sources, step.at);
        value["verb"] = json!(step.verb);
        value["by"] = json!({ "kind": step.by.0, "name": step.by.1 });
        value["text"] = json!(step.text);
        value["then"] = json!(step.then);
        value["given"] = step.given.iter().map(given).collect();
        value
    };
    steps.iter().map(step).collect()
}

/// Whether a finding says that a secret stands at a place.
pub(super) fn is_secret(findings: &[Diagnostic], at: Span) -> bool {
    secrets(findings, at).next().is_some()
}

/// The places of secrets that a place holds or lies in.
fn secrets(findings: &[Diagnostic], at: Span) -> impl Iterator<Item = Span> {
    let secrets = findings.iter().filter(|finding| finding.code.level() == CodeLevel::Secret);
    let spans = secrets.filter_map(Diagnostic::primary);
    spans.filter(move |span| span.file == at.file && span.start < at.end && at.start < span.end)
}

/// A text of the sources with its secrets masked.
fn masked(compilation: &Compilation, at: Span) -> String {
    let sources = &compilation.flattener.types.names.sources;
    let mut secrets: Vec<Span> = secrets(&compilation.findings, at).collect();
    secrets.sort_by_key(|span| (span.start, span.end));
    let (mut out, mut from) = (String::new(), at.start);
    for secret in secrets {
        let (start, end) = (secret.start.max(from), secret.end.min(at.end));
        if start < end {
            out.push_str(sources.text(Span { start: from, end: start, ..at }));
            out.push_str(&mask(sources.text(Span { start, end, ..at })));
            from = end;
        }
    }
    out.push_str(sources.text(Span { start: from, ..at }));
    out
}

/// The declaration whose body the step stands in.
fn owner(names: &Names, step: &Step) -> DeclId {
    // What a lower phase took for the owner need not be it: a patch is listed by name, say.
    match names.decl(step.owner).item.span.contains(step.span) {
        true => step.owner,
        false => names.declaration_at(step.span).unwrap_or(step.owner),
    }
}

/// Source text on one line.
fn clipped(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = line.char_indices().nth(WIDTH) {
        line.truncate(at);
        line.push('…');
    }
    line
}

/// What the operation of a body at a place does to a list: `x += [a, b]`.
fn elements(body: &Body, at: Span) -> Option<(Op, &[Item])> {
    body.ops.iter().find_map(|op| match &op.action {
        Action::Set(Val::List(items, _), span) if op.span.to(*span) == at => {
            Some((Op::Set, items.as_slice()))
        }
        Action::Add(items, _, span) if op.span.to(*span) == at => Some((Op::Add, items.as_slice())),
        Action::Take(items, _, span) if op.span.to(*span) == at => Some((Op::Take, items.as_slice())),
        Action::Merge(inner, span) if op.span.to(*span).contains(at) => elements(inner, at),
        Action::Entry(entry) if entry.span.contains(at) => elements(&entry.body, at),
        _ => None,
    })
}

/// An element as the source has it.
fn element(compilation: &Compilation, item: &Item) -> String {
    match is_secret(&compilation.findings, item.span) {
        true => "…".into(),
        false => clipped(compilation.flattener.types.names.sources.text(item.span)),
    }
}

fn apply(op: Op, elements: Vec<String>, list: &mut Vec<String>) {
    match op {
        Op::Set => *list = elements,
        Op::Add => {
            for element in elements {
                if !list.contains(&element) {
                    list.push(element);
                }
            }
        }
        Op::Take => list.retain(|element| !elements.contains(element)),
    }
}

//! The history of a value: who did what, where, and what it was then.

use crate::diagnostics::{CodeLevel, Diagnostic};
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

/// The steps, oldest first: a line with the place, and what is written there.
pub(super) fn steps(compilation: &Compilation, steps: &[Step]) -> String {
    let names = &compilation.flattener.types.names;
    let heads: Vec<String> = steps.iter().map(|step| head(names, step)).collect();
    let width = heads.iter().map(|head| head.chars().count()).max().unwrap_or(0);
    let mut list: Vec<String> = Vec::new();
    let mut out = String::new();
    for (step, head) in steps.iter().zip(&heads) {
        out.push_str(&format!("  {head:width$}  {}\n", names.sources.place(step.span)));
        if is_secret(&compilation.findings, step.span) {
            out.push_str(&format!("    {}\n", clipped(&masked(compilation, step.span))));
            continue;
        }
        let text = names.sources.text(step.span);
        out.push_str(&format!("    {}\n", clipped(text)));
        let body = &compilation.flattener.types.typed(owner(names, step)).body;
        if let Some((op, elements)) = elements(body, step.span) {
            apply(op, elements.iter().map(|item| element(compilation, item)).collect(), &mut list);
            if op != Op::Set {
                out.push_str(&format!("    then: [{}]\n", list.join(", ")));
            }
        }
    }
    out
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

/// `added to by role `longhorn.v1``
fn head(names: &Names, step: &Step) -> String {
    let decl = names.decl(owner(names, step));
    let kind = kinds::get(decl.kind).name;
    let verb = if step.verb == Verb::Merge { "written" } else { step.verb.past() };
    format!("{verb} by {kind} `{}`", decl.shown())
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

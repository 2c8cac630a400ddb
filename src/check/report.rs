//! A broken rule as a finding: where to act, what is involved, who requires it, whom it concerns.

use super::eval::{Eval, Operand};
use super::fix;
use super::judge::Subject;
use super::terms::Rule;
use super::thing::{Thing, Value};
use crate::diagnostics::Diagnostic;
use crate::flatten::{Flattener, Step};
use crate::fleet::Blame;
use crate::source::Span;
use crate::text::Text;
use crate::version::Version;

/// How many other values get a label of their own.
const OTHER_VALUES: usize = 3;

/// Evaluates a rule; a finding if it is broken.
pub(super) fn judge(
    flattener: &mut Flattener,
    rule: &Rule,
    thing: &Thing<'_>,
    subject: &Subject<'_>,
    (talos, left): (&Version, &mut usize),
) -> Option<Diagnostic> {
    let vars = vec![Value::Thing(thing.clone())];
    let mut eval = Eval { flattener, talos, vars, seen: Vec::new(), unknown: false, left: *left };
    let applies = rule.when.iter().all(|term| eval.holds(term));
    let asked = eval.seen.len();
    let required = rule.require.iter().find(|(term, _)| applies && !eval.holds(term)).map(|(_, span)| *span);
    *left = eval.left;
    let required = required?;
    if eval.unknown || eval.left == 0 {
        return None;
    }
    let operands = std::mem::take(&mut eval.seen);
    let message = eval.text(&rule.message);
    let help = rule.help.as_ref().map(|pieces| eval.text(pieces));
    let mut finding = Diagnostic::new(rule.code.clone(), message).if_understood();
    finding = values(flattener, finding, subject, &operands, asked);
    let name = rule.code.name();
    finding = finding.label(required, format!("required here, by `{name}`"));
    if !operands.is_empty() {
        finding = finding.note(format!("values: {}", shown(&operands)));
    }
    finding = match (fix::of(flattener, rule, subject), help) {
        (Some(fix), help) => fix.put_into(finding, help),
        (None, Some(help)) => finding.help(help),
        (None, None) => finding,
    };
    if let Some(cluster) = subject.cluster() {
        finding = finding.in_cluster(cluster);
    }
    finding.cause = cause(flattener, &operands[asked..]);
    Some(finding.concern(subject.concern(flattener)))
}

/// Where what a rule asks of a thing was first said: sets that take it from one role break the rule there.
fn cause(flattener: &Flattener, required: &[Operand]) -> Option<Span> {
    let first = |operand: &Operand| {
        operand.steps.iter().find(|step| flattener.types.names.in_project(step.span)).map(|step| step.span)
    };
    required.iter().filter(|operand| operand.shown.is_some()).find_map(first)
}

/// Labels for the values that the rule looked at; the first is the place to act on.
fn values(
    flattener: &mut Flattener,
    mut finding: Diagnostic,
    subject: &Subject<'_>,
    operands: &[Operand],
    asked: usize,
) -> Diagnostic {
    let roots = subject.roots(flattener);
    let set = |operand: &&Operand| operand.shown.is_some() && !operand.steps.is_empty();
    let at_fault = elsewhere(flattener, &operands[asked..]);
    if let Some((_, span, text)) = &at_fault {
        finding = finding.label(*span, text);
    }
    let first = operands[..asked].iter().find(set).or_else(|| operands.iter().find(set));
    let mut act = |operand: &Operand| match subject.set_of(&operand.path) {
        Some((block, role, roots)) => {
            let found = place(flattener, operand, &roots)?;
            // What comes from its role is decided where the set names that.
            let role = role.filter(|_| !block.contains(found.span));
            Some(role.map_or(found, |span| Blame { span, through: Some(found.span) }))
        }
        None => place(flattener, operand, &roots),
    };
    finding = match first.and_then(|operand| act(operand).map(|at| (operand, at))) {
        Some((operand, at)) => {
            let is = operand.shown.as_deref().unwrap_or_default();
            let how = if at.through.is_some() { "through this" } else { "here" };
            finding.label(at.span, format!("`{}` is `{is}` {how}", operand.path))
        }
        None => {
            let head = flattener.types.names.sources.head(roots.fallback);
            finding.label(head, "judged here")
        }
    };
    let others = operands.iter().filter(|operand| first.is_none_or(|first| first.path != operand.path));
    let others = others.filter(|operand| at_fault.as_ref().is_none_or(|(path, ..)| *path != operand.path));
    let mut labels = 0;
    for operand in others {
        let Some(is) = &operand.shown else {
            finding = finding.note(format!("`{}` is not set anywhere", operand.path));
            continue;
        };
        let at = operand.steps.last().map(|step| last(flattener, &operand.steps).unwrap_or(*step).span);
        let Some(at) = at.filter(|at| finding.labels.iter().all(|label| label.span != *at)) else { continue };
        if labels < OTHER_VALUES {
            labels += 1;
            finding = finding.label(at, format!("`{}` is `{is}`", operand.path));
        }
    }
    finding
}

/// What a rule asks of a declaration of the project that is only named by what it judges, such as the class of a set: the fault is
/// in that declaration. The path, the place and what to say there.
fn elsewhere(flattener: &mut Flattener, required: &[Operand]) -> Option<(Text, Span, String)> {
    let (operand, holder) = required.iter().find_map(|operand| {
        let decl = flattener.types.names.decl(operand.holder?);
        flattener.types.names.in_project(decl.span).then_some((operand, decl.span))
    })?;
    let step = last(flattener, &operand.steps).filter(|_| operand.shown.is_some());
    let span = step.map_or(holder, |step| line(flattener, step.span));
    let says = match &operand.shown {
        Some(is) => format!("`{}` is `{is}` here", operand.path),
        None => format!("`{}` is not set here", operand.path),
    };
    Some((operand.path.clone(), span, says))
}

/// The place in the project that made an operand what it is.
fn place(flattener: &mut Flattener, operand: &Operand, roots: &crate::fleet::Roots) -> Option<Blame> {
    for steps in [&operand.steps, &operand.way] {
        if let Some(step) = last(flattener, steps) {
            let span = line(flattener, step.span);
            return Some(Blame { span, through: None });
        }
    }
    let step = operand.steps.last()?;
    let mut blame = roots.blame(flattener, step.owner, step.span);
    if blame.span == roots.fallback {
        blame.span = flattener.types.names.sources.head(blame.span);
    }
    Some(blame)
}

/// The last step that the project made.
fn last(flattener: &Flattener, steps: &[Step]) -> Option<Step> {
    steps.iter().rev().find(|step| flattener.types.names.in_project(step.span)).copied()
}

/// A place that is not longer than a line: of a block its head.
fn line(flattener: &Flattener, span: Span) -> Span {
    let sources = &flattener.types.names.sources;
    if sources.text(span).contains('\n') { sources.head(span) } else { span }
}

fn shown(operands: &[Operand]) -> String {
    let values = operands
        .iter()
        .filter_map(|operand| operand.shown.as_ref().map(|shown| format!("`{}` is `{shown}`", operand.path)));
    let all: Vec<String> = values.collect();
    if all.is_empty() { "none of them is set".into() } else { all.join(", ") }
}

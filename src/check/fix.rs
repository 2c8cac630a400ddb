//! The `fix` of a rule: a line for the body of what is judged, with the operator that inheritance asks for.

use super::judge::Subject;
use super::terms::Rule;
use crate::diagnostics::Diagnostic;
use crate::flatten::{Flattener, Slot, Verb};
use crate::resolve::DeclId;
use crate::source::Span;

/// A line that mends a finding.
pub(super) struct Fix {
    line: String,
    /// What it is to be written in: "role `gpu-worker`".
    target: String,
    /// Where it goes, and what is written there.
    edit: Option<(Span, String)>,
}

impl Fix {
    /// Makes the fix the help of a finding, before what the rule says itself.
    pub(super) fn put_into(self, finding: Diagnostic, help: Option<String>) -> Diagnostic {
        let first = format!("write `{}` in {}", self.line, self.target);
        let help = help.map_or(first.clone(), |help| format!("{first}, {help}"));
        let finding = finding.help(help);
        match self.edit {
            Some((at, text)) => finding.offer(at, text),
            None => finding,
        }
    }
}

/// The fix of a rule for a subject.
pub(super) fn of(flattener: &mut Flattener, rule: &Rule, subject: &Subject<'_>) -> Option<Fix> {
    let line = rule.fix.as_ref()?;
    let (field, rest) = line.split_once(' ')?;
    let sets = rest.starts_with("= ");
    match subject {
        Subject::Nodes(view) if view.machine.is_none() => {
            if let Some((role, args, _)) = &view.set.role
                && flattener.types.names.in_project(flattener.types.names.decl(*role).span)
            {
                let flat = flattener.flat(*role, args, Some(&view.cluster.target.talos));
                let inherited = flat.fields.get(field);
                // What the cluster says differently, only the body of the set may decide.
                if inherited.is_some() || view.chain.get(field).is_none() || !sets {
                    return Some(in_decl(flattener, line, *role, inherited.filter(|_| sets)));
                }
            }
            let marked = mark(line, sets && view.chain.get(field).is_some());
            let edit = insertion(flattener, view.set.span, &marked);
            Some(Fix { line: marked, target: view.set.shown(), edit })
        }
        // A fix is a field of a declaration.
        Subject::Document(..) => None,
        Subject::Nodes(view) => {
            let machine = view.machine?;
            let slot = view.chain.get(field).filter(|_| sets);
            Some(in_decl(flattener, line, machine.decl, slot))
        }
        Subject::Cluster(cluster) => {
            let slot = cluster.flat.fields.get(field).filter(|_| sets);
            Some(in_decl(flattener, line, cluster.decl, slot))
        }
        Subject::Decl(id) => {
            let flat = flattener.flat(*id, &Default::default(), None);
            Some(in_decl(flattener, line, *id, flat.fields.get(field).filter(|_| sets)))
        }
    }
}

/// The line in the body of a declaration, where `slot` is set already if it is.
fn in_decl(flattener: &Flattener, line: &str, id: DeclId, slot: Option<&Slot>) -> Fix {
    let decl = flattener.types.names.decl(id);
    let target = format!("the {} `{}`", crate::kinds::get(decl.kind).name, decl.shown());
    let own = slot.and_then(Slot::last).filter(|step| step.owner == id);
    if let Some(step) = own {
        let edit = matches!(step.verb, Verb::Set | Verb::Override).then(|| (step.span, line.to_string()));
        return Fix { line: line.to_string(), target, edit };
    }
    let line = mark(line, slot.is_some());
    let edit = insertion(flattener, decl.item.span, &line);
    Fix { line, target, edit }
}

fn mark(line: &str, inherited: bool) -> String {
    if inherited { format!("override {line}") } else { line.to_string() }
}

/// The edit that puts a line at the end of the body of an item, or gives it one.
fn insertion(flattener: &Flattener, item: Span, line: &str) -> Option<(Span, String)> {
    let names = &flattener.types.names;
    if !names.in_project(item) {
        return None;
    }
    let text = names.sources.text(item);
    let at =
        |offset: usize| Span { start: item.start + offset as u32, end: item.start + offset as u32, ..item };
    let Some(inner) = text.strip_suffix('}') else {
        return Some((item.at_end(), format!(" {{ {line} }}")));
    };
    let content = inner.trim_end();
    if !inner[content.len()..].contains('\n') {
        let empty = content.ends_with('{');
        let text = if empty { format!(" {line}") } else { format!(", {line}") };
        let text = if inner.len() == content.len() { text + " " } else { text };
        return Some((at(content.len()), text));
    }
    let start = inner.rfind('\n').map_or(0, |n| n + 1);
    let indent = &inner[start..];
    Some((at(start), format!("{indent}  {line}\n")))
}

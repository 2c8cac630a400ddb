//! Machines that a class picks up: Omni takes patches for them by their UUID, and nothing else.

use rustc_hash::FxHashMap;

use super::{LevelOf, place_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::place::{self, Relation};
use crate::fleet::{Fleet, RESOLVED};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::typing::FileRef;

/// Fields that have no place on such a machine, with the reason.
const REFUSED: &[(&[&str], &str)] = &[
    (&["extensions"], "Omni takes extensions from the cluster or the set, not from a machine of a class"),
    (&["preinstalled"], "Omni takes extensions from the cluster or the set, not from a machine of a class"),
    (&["install"], "the install disk stands in the template, in which the machine is not"),
    (&["labels"], "labels stand in the template, in which the machine is not"),
    (&["annotations"], "annotations stand in the template, in which the machine is not"),
    (&["locked"], "a machine is locked in the template, in which this one is not"),
    (&["kernel", "args"], "kernel arguments stand in the template or in the class"),
];

/// Every rule on machines with a class.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
    for loose in &fleet.loose {
        let machine = &loose.machine;
        let fields = &machine.flat.fields;
        let name = lowering.flattener.types.names.decl(machine.decl).name.clone();
        let class = lowering.flattener.types.names.decl(loose.class).name.clone();
        let class_at = fields.get("class").and_then(place_of).unwrap_or(machine.span);
        if let Some(first) = seen.insert(&machine.id, machine.span) {
            lowering.report(super::names::twice(
                machine.span,
                first,
                &format!("the machine `{}`", machine.id),
            ));
        }
        for (path, why) in REFUSED {
            let Some(slot) = fields.at(path) else { continue };
            let at = place_of(slot).unwrap_or(machine.span);
            lowering.report(refused(at, class_at, &name, &path.join("."), why));
        }
        if let Some(&(c, s)) = loose.users.first() {
            let above = &fleet.clusters[c].sets[s].effective;
            let relation = Relation { above: "set", same_level: false, defer: false, resolved: RESOLVED };
            let mut findings = Vec::new();
            // What picks the machine up is not a field of the node, and what is refused is said once.
            let refused = |name: &str| REFUSED.iter().any(|(path, _)| *path == [name]);
            let own = fields.iter_raw().filter(|(name, _)| *name != "class" && !refused(name));
            place::check(&lowering.flattener.types.names, above, own, relation, &mut findings);
            findings.into_iter().for_each(|finding| lowering.report(finding));
        }
        if loose.users.is_empty() {
            lowering.report(no_set(class_at, &name, &class));
        }
    }
}

/// A patch of such a machine whose file is not read, wherever the patch is declared.
pub(super) fn unread(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>, file: &FileRef) {
    let Some(machine) = level.machine else { return };
    let name = lowering.flattener.types.names.decl(machine.decl).name.clone();
    let class = level.fields.get("class").and_then(place_of).unwrap_or(machine.span);
    let why = "a resource holds its text, so a file that is not read cannot stand in it";
    lowering.report(refused(file.span, class, &name, "patch … file", why));
}

fn refused(at: Span, class: Span, name: &str, field: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        Code::NotOnClassMachine,
        format!("the machine `{name}` is taken from a class: it cannot have `{field}`"),
    )
    .label(at, "has no place in Omni")
    .label(class, "picked up by a class")
    .note(why)
    .help(format!("say `{field}` on the set, or list the machine instead: `machines = [{name}]`"))
}

fn no_set(at: Span, name: &str, class: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MachineWithoutSet,
        format!("the machine `{name}` waits for a class that no set uses"),
    )
    .if_all_understood()
    .label(at, format!("no set takes machines from `{class}`"))
    .note("its patches are written for the versions of the cluster that takes it, and there is none")
    .help(format!("use the class in a set: `workers {{ class = {class}, size = unlimited }}`"))
}

//! What Omni's server refuses to change in the sets of a cluster.
//!
//! `internal/backend/runtime/omni/validations`: `machine_set.go` (the source of machines, the bootstrap spec),
//! `relation_labels.go` (the set of a machine) and `machine_set_node.go` (a locked machine). A sync creates and updates before it
//! deletes (`client/pkg/template/operations/sync.go`), so nothing of this can be done in one step.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Before, SetBefore, standing};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Flattener, Slot};
use crate::fleet::{Cluster, Member, Set, Source};
use crate::text::{all_of, count, some_of};
use crate::typing::Val;

/// How many machines a note names.
const NAMED: usize = 3;

/// Every rule on the sets of a cluster.
pub(super) fn check(
    flattener: &Flattener,
    cluster: &Cluster,
    before: &Before,
    path: &str,
) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for set in &cluster.sets {
        if let Some(old) = before.sets.iter().find(|old| is(old, set)) {
            out.extend(source(flattener, cluster, set, old, path));
            out.extend(bootstrap(flattener, cluster, set, old, path));
        }
    }
    out.extend(moved(flattener, cluster, before, path));
    out.extend(locked(flattener, cluster, before, path));
    out
}

/// Whether a set of a template and one of the sources are the same to Omni.
fn is(old: &SetBefore, set: &Set) -> bool {
    match &old.name {
        None => set.control,
        Some(name) => !set.control && *name == set.name,
    }
}

/// From a list to a class or back, while there are machines.
fn source(
    flattener: &Flattener,
    cluster: &Cluster,
    set: &Set,
    old: &SetBefore,
    path: &str,
) -> Option<Diagnostic> {
    let said = |field: &str| set.own.get(field).and_then(Slot::span);
    let class_of = |name: &str, size: &str| match size {
        "1" => format!("1 machine of the class `{name}`"),
        size => format!("{size} machines of the class `{name}`"),
    };
    let (was, is, at) = match (&old.class, &set.source) {
        (None, Source::Class { class, span, .. }) if !old.machines.is_empty() => {
            let name = &flattener.types.names.decl(*class).name;
            (listed(&old.machines), format!("machines of the class `{name}`"), *span)
        }
        (Some((name, size)), Source::Machines(now)) if size != "0" => {
            let ids: Vec<&str> = now.iter().map(|machine| machine.id.as_str()).collect();
            (class_of(name, size), listed(&ids), said("machines").unwrap_or(set.span))
        }
        // Neither is said; what is wrong with both together is reported elsewhere.
        (Some((name, size)), Source::Empty) if size != "0" && said("class").is_none() => {
            (class_of(name, size), "none".to_owned(), flattener.types.names.sources.head(set.span))
        }
        _ => return None,
    };
    let help = match set.control {
        true => format!("go back to {was}: control planes keep the source that the cluster was created with"),
        false => "leave this set as it was and declare one more; when its machines have taken over, remove this one".into(),
    };
    let message =
        format!("{} of `{}` would change their source: from {was} to {is}", set.shown(), cluster.name);
    let finding = Diagnostic::new(Code::SetSourceChanged, message)
        .label(at, format!("was {was}"))
        .note("Omni refuses it as long as the set has machines");
    Some(standing(finding, path, &format!("has {was}")).help(help))
}

fn listed<T: AsRef<str>>(ids: &[T]) -> String {
    format!("{} by UUID", count(ids.len(), "machine"))
}

/// The backup that control planes are made from. Omni 1.10 lets it be removed, once the cluster runs.
fn bootstrap(
    flattener: &Flattener,
    cluster: &Cluster,
    set: &Set,
    old: &SetBefore,
    path: &str,
) -> Option<Diagnostic> {
    let slot = set.own.get("bootstrap");
    let text = |field: &str| match slot?.map()?.leaf(field)? {
        Val::Str(text) => Some(text.to_string()),
        _ => None,
    };
    let new = slot.map(|_| (text("cluster-uuid").unwrap_or_default(), text("snapshot").unwrap_or_default()));
    if !set.control || new == old.bootstrap || new.is_none() && cluster.target.omni_at_least(1, 10) {
        return None;
    }
    let shown = |spec: &Option<(String, String)>| match spec {
        Some((uuid, snapshot)) => format!("the snapshot `{snapshot}` of {uuid}"),
        None => "no backup".to_owned(),
    };
    let (was, is) = (shown(&old.bootstrap), shown(&new));
    let message =
        format!("the control planes of `{}` would be made from {is}, and were from {was}", cluster.name);
    let inside = || slot?.map()?.iter().find_map(|(_, slot)| slot.span());
    let at = inside().unwrap_or_else(|| flattener.types.names.sources.head(set.span));
    let finding = Diagnostic::new(Code::BootstrapChanged, message)
        .label(at, format!("was {was}"))
        .note("Omni refuses to change what a cluster was bootstrapped from");
    let help = match &old.bootstrap {
        Some((uuid, snapshot)) => {
            format!("write `bootstrap {{ cluster-uuid = {uuid}, snapshot = \"{snapshot}\" }}`, as it was")
        }
        None => {
            "remove `bootstrap`; restore into a cluster of another name, or delete this one first".to_owned()
        }
    };
    Some(standing(finding, path, &format!("says {was}")).help(help))
}

/// Machines that a set lists and that another one had: renaming a set moves all of them.
fn moved(flattener: &Flattener, cluster: &Cluster, before: &Before, path: &str) -> Vec<Diagnostic> {
    let mut homes: FxHashMap<&str, &SetBefore> = FxHashMap::default();
    let changed = |set: &Set| {
        let same = before.sets.iter().find(|old| is(old, set)).filter(|old| {
            old.machines.len() == set.machines().len()
                && old.machines.iter().zip(set.machines()).all(|(old, now)| *old == now.id)
        });
        same.is_none()
    };
    let mut out = Vec::new();
    for set in cluster.sets.iter().filter(|set| !set.machines().is_empty() && changed(set)) {
        if homes.is_empty() {
            homes =
                before.sets.iter().flat_map(|old| old.machines.iter().map(move |id| (&**id, old))).collect();
        }
        let mut groups: Vec<(&SetBefore, Vec<&Member>)> = Vec::new();
        for machine in set.machines() {
            let Some(old) = homes.get(machine.id.as_str()).filter(|old| !is(old, set)) else { continue };
            match groups.iter_mut().find(|(known, _)| std::ptr::eq(*known, *old)) {
                Some((_, machines)) => machines.push(machine),
                None => groups.push((old, vec![machine])),
            }
        }
        for (old, machines) in groups {
            out.push(move_of(flattener, cluster, set, old, &machines, path));
        }
    }
    out
}

fn move_of(
    flattener: &Flattener,
    cluster: &Cluster,
    set: &Set,
    old: &SetBefore,
    machines: &[&Member],
    path: &str,
) -> Diagnostic {
    let names: Vec<String> =
        machines.iter().map(|machine| flattener.types.names.decl(machine.decl).name.to_string()).collect();
    let (from, to) = (old.shown(), set.shown());
    let message = match names.as_slice() {
        [one] => format!("the machine `{one}` would go from {from} of `{}` to {to}", cluster.name),
        all => format!("{} would go from {from} of `{}` to {to}", count(all.len(), "machine"), cluster.name),
    };
    let at = machines.first().map_or(set.span, |machine| machine.span);
    let finding = Diagnostic::new(Code::MachineChangesSet, message)
        .label(at, format!("was in {from}"))
        .note("Omni refuses to change the set of a machine: it has to leave its cluster in between");
    let finding = match names.len() {
        1 => finding,
        _ => finding.note(format!("they are {}", some_of(&names, NAMED))),
    };
    let gone = !cluster.sets.iter().any(|set| is(old, set));
    let renamed = gone && old.machines.len() == machines.len() && !set.control;
    let them = if names.len() == 1 { "it" } else { "them" };
    let steps = format!("take {them} out of {from}, build and sync; then list {them} in {to}");
    let help = match (&old.name, renamed) {
        (Some(name), true) => format!("keep the name of the set, `workers {name}`; or {steps}"),
        _ => steps,
    };
    standing(finding, path, &format!("lists {them} in {from}")).help(help)
}

/// Locked machines that leave a set which stays.
fn locked(flattener: &Flattener, cluster: &Cluster, before: &Before, path: &str) -> Vec<Diagnostic> {
    if before.locked.is_empty() {
        return Vec::new();
    }
    let now: FxHashSet<&str> =
        cluster.sets.iter().flat_map(Set::machines).map(|machine| machine.id.as_str()).collect();
    let mut out = Vec::new();
    for set in &cluster.sets {
        let Some(old) = before.sets.iter().find(|old| is(old, set)) else { continue };
        let left = old.machines.iter().filter(|id| before.locked.contains(*id) && !now.contains(id.as_str()));
        let left: Vec<String> = left.map(|id| shown(flattener, id)).collect();
        if left.is_empty() || !matches!(set.source, Source::Machines(_)) {
            continue;
        }
        let at = set.own.get("machines").and_then(Slot::span).unwrap_or(set.span);
        let message = format!(
            "{} would leave {} of `{}`, and {} locked in Omni",
            all_of(&left),
            set.shown(),
            cluster.name,
            if left.len() == 1 { "is" } else { "are" }
        );
        let finding = Diagnostic::new(Code::LockedMachineRemoved, message)
            .label(at, "no longer listed here")
            .note("Omni refuses to remove a locked machine from its set");
        let finding = standing(finding, path, "has `locked: true` for it");
        out.push(finding.help("list it with `locked = false` first, build and sync; then it can leave"));
    }
    out
}

/// A machine by the name of its declaration, if there still is one.
fn shown(flattener: &Flattener, id: &str) -> String {
    let names = &flattener.types.names;
    let mut decls = names.project_decls().into_iter();
    let named = decls.find(|&decl| {
        names.decl(decl).kind == crate::kinds::MACHINE
            && names.sources.text(names.decl(decl).item.span).contains(id)
    });
    named.map_or_else(|| id.to_owned(), |decl| names.decl(decl).name.to_string())
}

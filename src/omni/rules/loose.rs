//! Machines that a class picks up: Omni takes patches for them by their UUID, and nothing else.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{LevelOf, place_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Slot;
use crate::flatten::place::{self, Relation};
use crate::fleet::{Chain, Cluster, Fleet, Picked, RESOLVED, Set, SetOutline};
use crate::kinds;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch, Resolved};
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
            let what = format!("the machine `{}`", machine.id);
            let finding = super::names::twice(machine.span, first, &what);
            lowering.report(finding.help("give each its own UUID, as `omnictl get machines` shows it"));
        }
        for (path, why) in REFUSED {
            // What is unset has no place there either.
            let (last, blocks) = path.split_last().unwrap_or((&"", &[]));
            let block = if blocks.is_empty() { Some(fields) } else { fields.at(blocks).and_then(Slot::map) };
            let Some(slot) = block.and_then(|block| block.raw(last)) else { continue };
            let at = place_of(slot).unwrap_or(machine.span);
            lowering.report(refused(at, class_at, &name, &path.join("."), why));
        }
        if loose.users.is_empty() {
            lowering.report(no_set(class_at, &name, &class));
        }
    }
}

/// Machines with a class in the sets of a cluster that may get them.
pub(super) fn cluster(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    cluster.sets.iter().for_each(|set| placement(lowering, cluster, set));
}

/// What a machine says must fit each set that may get it.
fn placement(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set) {
    let above = Chain::of_set(cluster, set);
    let relation =
        Relation { above: "set", same_level: false, defer: !set.poison.is_clean(), resolved: RESOLVED };
    let mut findings = Vec::new();
    // What is refused is said once.
    let refused = |name: &str| REFUSED.iter().any(|(path, _)| *path == [name]);
    for Picked { machine, .. } in &set.picked {
        let own =
            machine.flat.fields.iter_raw().filter(|(name, _)| kinds::comes_down(name) && !refused(name));
        let relation = Relation { defer: relation.defer || !machine.flat.poison.is_clean(), ..relation };
        let names = &lowering.flattener.types.names;
        place::check(names, &|field| above.raw(field), own, relation, &mut findings);
    }
    findings.into_iter().for_each(|finding| lowering.report(finding));
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

/// What the patches of machines come to in each of several sets that may get them.
#[derive(Default)]
pub(super) struct Patches {
    /// By machine.
    all: IndexMap<usize, Vec<InSet>, FxBuildHasher>,
}

/// A cluster and a set of it, by index, and the patches of a machine there.
type InSet = (usize, usize, Vec<Patch>);

impl Patches {
    /// Notes those of a cluster.
    pub(super) fn gather(&mut self, of: Resolved<'_>) {
        for (s, (set, lowered)) in of.sets().enumerate() {
            for (Picked { loose, .. }, patches) in set.picked.iter().zip(&lowered.picked) {
                if of.fleet.loose[*loose].users.len() > 1 {
                    self.all.entry(*loose).or_default().push((of.cluster.index, s, patches.clone()));
                }
            }
        }
    }

    /// Adds those of later clusters.
    pub(super) fn append(&mut self, later: Patches) {
        for (loose, patches) in later.all {
            self.all.entry(loose).or_default().extend(patches);
        }
    }

    /// The patches of a machine are one resource, whichever set it ends up in: what they come to must be the same in all of them.
    pub(super) fn finish(self, lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
        for (loose, all) in &self.all {
            let Some(((c, s, first), others)) = all.split_first() else { continue };
            let other = others.iter().find_map(|(c, s, patches)| Some((*c, *s, differs(first, patches)?)));
            let Some((other, of, name)) = other else { continue };
            let machine = &fleet.loose[*loose].machine;
            let at = machine.flat.fields.get("class").and_then(place_of).unwrap_or(machine.span);
            let shown = lowering.flattener.types.names.decl(machine.decl).name.clone();
            let set = |cluster: usize, set: usize| {
                let cluster = &fleet.clusters[cluster];
                cluster.outline.as_ref().map(|outline| (&outline.sets[set], cluster.name.as_str()))
            };
            if let (Some(one), Some(other)) = (set(*c, *s), set(other, of)) {
                lowering.report(disagree(at, &shown, name, one, other));
            }
        }
    }
}

/// The name of the first patch that is not the same in both.
fn differs<'p>(one: &'p [Patch], other: &'p [Patch]) -> Option<&'p str> {
    let same = |a: &Patch, b: &Patch| match (&a.content, &b.content) {
        (Content::Documents(a), Content::Documents(b)) => a == b,
        (Content::File(a), Content::File(b)) => a == b,
        _ => false,
    };
    let found =
        |all: &[Patch], patch: &Patch| all.iter().any(|known| known.name == patch.name && same(known, patch));
    let lost = one.iter().find(|patch| !found(other, patch));
    lost.or_else(|| other.iter().find(|patch| !found(one, patch))).map(|patch| patch.name.as_str())
}

fn disagree(
    at: Span,
    machine: &str,
    patch: &str,
    one: (&SetOutline, &str),
    other: (&SetOutline, &str),
) -> Diagnostic {
    let shown = |(set, cluster): (&SetOutline, &str)| format!("{} of `{cluster}`", set.shown());
    Diagnostic::new(
        Code::ClassMachineDisagrees,
        format!("the patch `{patch}` of the machine `{machine}` would not be the same in each set that may get it"),
    )
    .label(at, "picked up by a class that several sets use")
    .label(one.0.span, format!("one thing for {}", shown(one)))
    .label(other.0.span, format!("another for {}", shown(other)))
    .note("Omni decides which of them gets the machine, and its patches are written once")
    .help(format!("say what they need of `{patch}` on the sets, give one of them a class of its own, or list the machine"))
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

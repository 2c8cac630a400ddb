//! What omnictl and Omni would refuse or drop: one function a rule, one line a call.
//!
//! Mirrors `client/pkg/template/internal/models` (what `omnictl cluster template validate` says),
//! `client/pkg/omni/resources/omni/config_patch.go` and `internal/backend/runtime/omni/validations` (what the server says).

mod classes;
mod files;
mod ids;
mod kernel;
mod kubernetes;
mod labels;
mod loose;
mod machines;
mod manifests;
mod names;
mod order;
mod owned;
mod runtimes;
mod secrets;
mod selectors;
mod sets;
mod shape;
mod since;
mod versions;

pub use secrets::{documents, is_secret};

use crate::flatten::{Fields, Slot, Slotted};
use crate::fleet::{Cluster, Fleet, Member, Picked, Set};
use crate::omni::paths::Layouts;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Patch, Resolved};
use crate::tree::Node;

/// Every rule on what the fleet says, in order.
pub fn fleet(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    names::check(lowering, fleet);
    classes::check(lowering, fleet);
    kernel::classes(lowering, fleet);
    loose::check(lowering, fleet);
}

/// What rules keep of each cluster for what is judged over all of them.
#[derive(Default)]
pub struct Facts {
    ids: ids::Ids,
    uuids: machines::Uuids,
    loose: loose::Patches,
}

impl Facts {
    /// Every rule on a cluster, in order; what concerns others too is kept.
    pub fn cluster(&mut self, lowering: &mut Lowering<'_, '_>, layouts: &Layouts, of: Resolved<'_>) {
        let cluster = of.cluster;
        versions::check(lowering, cluster);
        manifests::check(lowering, layouts.of(cluster), of);
        runtimes::check(lowering, cluster);
        sets::check(lowering, of.fleet, cluster);
        kernel::cluster(lowering, cluster);
        loose::cluster(lowering, cluster);
        for level in levels(of) {
            since::check(lowering, &level);
            labels::check(lowering, &level);
            ids::names(lowering, &level);
            for patch in level.patches {
                shape::check(lowering, patch);
                owned::check(lowering, &level, patch);
                files::check(lowering, layouts.of(level.cluster), &level, patch);
                secrets::patch(lowering, &level, patch);
            }
            order::check(lowering, &level);
        }
        self.ids.gather(of);
        self.uuids.gather(of);
        self.loose.gather(of);
    }

    /// Adds what was kept of later clusters.
    pub fn append(&mut self, later: Facts) {
        self.ids.append(later.ids);
        self.uuids.append(later.uuids);
        self.loose.append(later.loose);
    }

    /// What only all clusters together show.
    pub fn finish(self, lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
        self.loose.finish(lowering, fleet);
        self.ids.finish(lowering, fleet);
        self.uuids.finish(lowering, fleet);
    }
}

/// One level of a cluster with what it says and what that became.
#[derive(Clone, Copy)]
pub(super) struct LevelOf<'f> {
    cluster: &'f Cluster,
    /// The set, for a set and for a machine that is listed in one.
    set: Option<&'f Set>,
    /// The machine, for one that is listed and for one that a class picks up.
    machine: Option<&'f Member>,
    at: LevelOwner,
    fields: &'f Fields,
    patches: &'f [Patch],
}

/// Which level it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LevelOwner {
    Cluster,
    Set,
    Machine,
    /// A machine that a class picks up.
    Loose,
}

/// Every level of a cluster, and the machines that its classes pick up.
fn levels(of: Resolved<'_>) -> Vec<LevelOf<'_>> {
    let Resolved { cluster, lowered, .. } = of;
    let (fields, patches) = (&cluster.flat.fields, &lowered.common[..]);
    let top = LevelOf { cluster, set: None, machine: None, at: LevelOwner::Cluster, fields, patches };
    let mut out = vec![top];
    for (set, lowered) in of.sets() {
        let (fields, patches) = (&set.own, &lowered.own[..]);
        out.push(LevelOf { set: Some(set), at: LevelOwner::Set, fields, patches, ..top });
        for (machine, patches) in set.machines().iter().zip(&lowered.machines) {
            let (fields, machine) = (&machine.flat.fields, Some(machine));
            out.push(LevelOf { set: Some(set), machine, at: LevelOwner::Machine, fields, patches, ..top });
        }
    }
    for (set, lowered) in of.sets() {
        for (Picked { machine, .. }, patches) in set.picked.iter().zip(&lowered.picked) {
            let (fields, machine) = (&machine.flat.fields, Some(machine));
            out.push(LevelOf { machine, at: LevelOwner::Loose, fields, patches, ..top });
        }
    }
    out
}

impl LevelOf<'_> {
    /// How messages call it.
    fn shown(&self) -> String {
        match (self.at, self.set) {
            (LevelOwner::Set, Some(set)) => format!("{} of `{}`", set.shown(), self.cluster.name),
            (LevelOwner::Machine | LevelOwner::Loose, _) => "the machine".into(),
            _ => format!("the cluster `{}`", self.cluster.name),
        }
    }
}

/// Where a field was last written: its own place, or the first one inside of it.
pub(super) fn place_of(slot: &Slot) -> Option<Span> {
    if let Some(entry) = slot.entry() {
        return Some(entry.span);
    }
    slot.span().or_else(|| match &slot.value {
        Slotted::Map(fields) => fields.iter().find_map(|(_, slot)| place_of(slot)),
        _ => None,
    })
}

/// Kind and name of a document; the v1alpha1 one has neither.
fn kind_of(document: &Node) -> Option<(&str, &str)> {
    let map = document.as_map()?;
    let kind = map.get("kind")?.as_str()?;
    Some((kind, map.get("name").and_then(Node::as_str).unwrap_or_default()))
}

/// How messages call a document.
fn document_shown(key: Option<(&str, &str)>) -> String {
    match key {
        None => "the machine configuration (`machine`, `cluster`)".into(),
        Some((kind, "")) => format!("`{kind}`"),
        Some((kind, name)) => format!("`{kind}` `{name}`"),
    }
}

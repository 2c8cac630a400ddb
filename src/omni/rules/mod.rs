//! What omnictl and Omni would refuse or drop: one function a rule, one line a call.
//!
//! Mirrors `client/pkg/template/internal/models` (what `omnictl cluster template validate` says),
//! `client/pkg/omni/resources/omni/config_patch.go` and `internal/backend/runtime/omni/validations` (what the server says).

mod classes;
mod files;
mod ids;
mod kernel;
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

pub use secrets::is_secret;

use crate::flatten::{Fields, Slot, Slotted};
use crate::fleet::{Cluster, Fleet, Member, Picked, Set};
use crate::omni::paths::Layouts;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{LoweredCluster, Patch};
use crate::text::Text;
use crate::tree::Node;

/// Every rule, in order.
pub fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, layouts: &Layouts, lowered: &[LoweredCluster]) {
    names::check(lowering, fleet);
    classes::check(lowering, fleet);
    for cluster in &fleet.clusters {
        versions::check(lowering, cluster);
        manifests::check(lowering, layouts.of(cluster), cluster);
        runtimes::check(lowering, cluster);
        sets::check(lowering, fleet, cluster);
    }
    machines::check(lowering, fleet);
    kernel::check(lowering, fleet);
    loose::check(lowering, fleet, lowered);
    for level in levels(fleet, lowered) {
        since::check(lowering, &level);
        labels::check(lowering, &level);
        secrets::level(lowering, level.fields);
        ids::names(lowering, &level);
        for patch in level.patches {
            shape::check(lowering, patch);
            owned::check(lowering, &level, patch);
            files::check(lowering, layouts.of(level.cluster), &level, patch);
            secrets::patch(lowering, &level, patch);
        }
        order::check(lowering, &level);
    }
    ids::check(lowering, fleet, lowered);
    secrets::rest(lowering, fleet);
}

/// One level of a cluster with what it says and what that became.
pub(super) struct LevelOf<'f> {
    cluster: &'f Cluster,
    /// The set, for a set and for a machine that is listed in one.
    set: Option<&'f Set>,
    /// The machine, for one that is listed and for one that a class picks up.
    machine: Option<&'f Member>,
    at: At,
    fields: &'f Fields,
    patches: &'f [Patch],
    /// Set name or machine UUID.
    owner: Option<&'f Text>,
}

/// Which level it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum At {
    Cluster,
    Set,
    Machine,
    /// A machine that a class picks up.
    Loose,
}

/// Every level of every cluster, and the machines that classes pick up.
fn levels<'f>(fleet: &'f Fleet, lowered: &'f [LoweredCluster]) -> Vec<LevelOf<'f>> {
    let mut out = Vec::new();
    for (cluster, lowered) in fleet.clusters.iter().zip(lowered) {
        let fields = &cluster.flat.fields;
        let patches = &lowered.common;
        out.push(LevelOf {
            cluster,
            set: None,
            machine: None,
            at: At::Cluster,
            fields,
            patches,
            owner: None,
        });
        for (set, lowered) in cluster.sets.iter().zip(&lowered.sets) {
            let (fields, patches) = (&set.own, &lowered.own);
            let owner = Some(&set.name);
            out.push(LevelOf { cluster, set: Some(set), machine: None, at: At::Set, fields, patches, owner });
            for (machine, patches) in set.machines().iter().zip(&lowered.machines) {
                let (fields, owner, machine) = (&machine.flat.fields, Some(&machine.id), Some(machine));
                out.push(LevelOf {
                    cluster,
                    set: Some(set),
                    machine,
                    at: At::Machine,
                    fields,
                    patches,
                    owner,
                });
            }
        }
        for (set, lowered) in cluster.sets.iter().zip(&lowered.sets) {
            for (Picked { machine, .. }, patches) in set.picked.iter().zip(&lowered.picked) {
                let (fields, owner, machine) = (&machine.flat.fields, Some(&machine.id), Some(machine));
                out.push(LevelOf { cluster, set: None, machine, at: At::Loose, fields, patches, owner });
            }
        }
    }
    out
}

impl LevelOf<'_> {
    /// How messages call it.
    fn shown(&self) -> String {
        match (self.at, self.set) {
            (At::Set, Some(set)) => format!("{} of `{}`", set.shown(), self.cluster.name),
            (At::Machine | At::Loose, _) => "the machine".into(),
            _ => format!("the cluster `{}`", self.cluster.name),
        }
    }
}

/// Where a field was last written: its own place, or the first one inside of it.
pub(super) fn place_of(slot: &Slot) -> Option<Span> {
    if let Some(entry) = &slot.entry {
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

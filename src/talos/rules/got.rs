//! Who gets what: the effective configurations that rules judge.

use crate::fleet::{Cluster, Member, Set};
use crate::talos::Resolved;
use crate::talos::overlay::Config;

/// What some machines get, all levels merged.
#[derive(Clone, Copy)]
pub(super) struct Got<'f> {
    pub(super) cluster: &'f Cluster,
    pub(super) set: &'f Set,
    /// The machine, if it says something of its own: listed, or one that a class picks up.
    pub(super) machine: Option<&'f Member>,
    pub(super) config: Config<'f>,
}

/// The groups of machines of a cluster that get one configuration: see [`all`].
pub(super) fn groups<'f>(of: Resolved<'f>) -> impl Iterator<Item = (&'f Set, Option<&'f Member>)> {
    all(of).into_iter().map(|got| (got.set, got.machine))
}

/// What each machine of a cluster gets: once for the machines of a set that say nothing of their own, and for each of the others.
pub(super) fn all(of: Resolved<'_>) -> Vec<Got<'_>> {
    let mut out: Vec<Got<'_>> = (0..of.cluster.sets.len()).flat_map(|set| listed(of, set)).collect();
    out.extend((0..of.cluster.sets.len()).flat_map(|set| loose(of, set)));
    out
}

/// The same of one set.
pub(super) fn of_set(of: Resolved<'_>, set: usize) -> Vec<Got<'_>> {
    let mut out = listed(of, set);
    out.extend(loose(of, set));
    out
}

fn listed(of: Resolved<'_>, s: usize) -> Vec<Got<'_>> {
    let Resolved { cluster, overlay, .. } = of;
    let set = &cluster.sets[s];
    let own = set.machines().iter().enumerate().filter_map(|(m, machine)| {
        let config = overlay.own(s, m)?;
        Some(Got { cluster, set, machine: Some(machine), config })
    });
    let mut out: Vec<Got<'_>> = own.collect();
    if out.is_empty() || out.len() < set.machines().len() {
        out.insert(0, Got { cluster, set, machine: None, config: overlay.set(s) });
    }
    out
}

fn loose(of: Resolved<'_>, s: usize) -> impl Iterator<Item = Got<'_>> {
    let Resolved { cluster, overlay, .. } = of;
    let set = &cluster.sets[s];
    let here = overlay.loose().filter(move |(_, of, _)| *of == s);
    here.map(move |(at, _, config)| Got { cluster, set, machine: picked(set, at), config })
}

/// A machine that the class of a set picks up, by its index in the fleet, as a machine of that set.
pub(super) fn picked(set: &Set, loose: usize) -> Option<&Member> {
    set.picked.iter().find(|picked| picked.loose == loose).map(|picked| &picked.machine)
}

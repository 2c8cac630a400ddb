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
    let Resolved { cluster, overlay, .. } = of;
    let mut out = Vec::new();
    for (s, set) in cluster.sets.iter().enumerate() {
        let own: Vec<(&Member, Config<'_>)> = set
            .machines()
            .iter()
            .enumerate()
            .filter_map(|(m, machine)| Some((machine, overlay.own(s, m)?)))
            .collect();
        if own.is_empty() || own.len() < set.machines().len() {
            out.push(Got { cluster, set, machine: None, config: overlay.set(s) });
        }
        out.extend(own.into_iter().map(|(machine, config)| Got {
            cluster,
            set,
            machine: Some(machine),
            config,
        }));
    }
    out.extend(overlay.loose().map(|(at, s, config)| Got {
        cluster,
        set: &cluster.sets[s],
        machine: picked(&cluster.sets[s], at),
        config,
    }));
    out
}

/// A machine that the class of a set picks up, by its index in the fleet, as a machine of that set.
pub(super) fn picked(set: &Set, loose: usize) -> Option<&Member> {
    set.picked.iter().find(|picked| picked.loose == loose).map(|picked| &picked.machine)
}

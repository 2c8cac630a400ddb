//! Who gets what: the effective configurations that rules judge.

use crate::fleet::{Cluster, Member, Set, View};
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::lower::Lowering;
use crate::talos::overlay::Config;
use crate::tree::Origin;

/// What some machines get, all levels merged.
#[derive(Clone, Copy)]
pub(super) struct Got<'g> {
    /// The set, by its index.
    pub(super) at: usize,
    pub(super) set: &'g Set,
    /// The machine, if it says something of its own: listed, or one that a class picks up.
    pub(super) machine: Option<&'g Member>,
    pub(super) config: Config<'g>,
}

impl Got<'_> {
    /// Where the user can act on what stands at an origin.
    pub(super) fn blame(
        &self,
        lowering: &mut Lowering<'_, '_>,
        cluster: &Cluster,
        origin: Origin,
    ) -> Option<Span> {
        let step = lowering.origins.last(origin)?;
        // As nearly everything: then it does not matter how it came here.
        if lowering.flattener.types.names.in_project(step.span) {
            return Some(step.span);
        }
        let view = match self.machine {
            Some(machine) => View::of_machine(cluster, self.set, machine),
            None => View::of_set(cluster, self.set),
        };
        Some(view.roots().blame(lowering.flattener, step.owner, step.span).span)
    }
}

/// The groups of machines of a cluster that get one configuration: see [`each`].
pub(super) fn groups<'f>(of: Resolved<'f>) -> Vec<(&'f Set, Option<&'f Member>)> {
    let mut out = Vec::new();
    for (s, set) in of.cluster.sets.iter().enumerate() {
        let own = set.machines().iter().enumerate().filter(|(m, _)| of.adds(s, *m));
        out.extend(is_alone(of, s).then_some((set, None)));
        out.extend(own.map(|(_, machine)| (set, Some(machine))));
    }
    out.extend(of.overlay.loose().map(|(at, s, _)| {
        let set = &of.cluster.sets[s];
        (set, picked(set, at))
    }));
    out
}

/// Whether some machines of a set, known or not, get what the set gets.
fn is_alone(of: Resolved<'_>, s: usize) -> bool {
    let machines = of.cluster.sets[s].machines().len();
    machines == 0 || (0..machines).any(|m| !of.adds(s, m))
}

/// Shows what each machine of a set gets: once for those that say nothing of their own, and for each of the others. What one of them
/// gets is made for the call and no longer: a set may have thousands.
pub(super) fn each(of: Resolved<'_>, s: usize, judge: &mut dyn FnMut(Got<'_>)) {
    let set = &of.cluster.sets[s];
    if is_alone(of, s) {
        judge(Got { at: s, set, machine: None, config: of.overlay.set(s) });
    }
    for (m, machine) in set.machines().iter().enumerate().filter(|(m, _)| of.adds(s, *m)) {
        of.machine(s, m, |config| judge(Got { at: s, set, machine: Some(machine), config }));
    }
    for (at, _, config) in of.overlay.loose().filter(|(_, of, _)| *of == s) {
        judge(Got { at: s, set, machine: picked(set, at), config });
    }
}

/// A machine that the class of a set picks up, by its index in the fleet, as a machine of that set.
pub(super) fn picked(set: &Set, loose: usize) -> Option<&Member> {
    set.picked.iter().find(|picked| picked.loose == loose).map(|picked| &picked.machine)
}

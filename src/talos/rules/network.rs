//! Rules about addresses, links and what else belongs to one machine.

mod addresses;
mod errors;
mod forms;
mod identity;
mod links;
mod range;
mod ranges;

use crate::flatten::Fields;
use crate::fleet::{Cluster, Fleet, Member, Set, Target};
use crate::source::Span;
use crate::talos::forms::Forms;
use crate::talos::lower::Lowering;
use crate::talos::{Level, LoweredCluster};
use crate::text::Text;

/// Every rule of this area.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    let forms: Vec<&Forms> = lowered.iter().map(|cluster| &cluster.forms).collect();
    addresses::check(lowering, fleet, &forms);
    identity::check(lowering, fleet, &forms);
    identity::routes(lowering, fleet, &forms);
    ranges::check(lowering, fleet, lowered);
    links::check(lowering, fleet, &forms);
    forms::check(lowering, fleet, lowered);
}

/// A level of a cluster, and whose it is.
///
/// Where something in a declaration is wrong already, a rule that finds something missing must not speak: `broken` says so.
#[derive(Clone, Copy)]
struct At<'f> {
    cluster: &'f Cluster,
    set: Option<&'f Set>,
    machine: Option<&'f Member>,
    level: Level<'f>,
    broken: bool,
}

impl At<'_> {
    /// How messages call the owner of the level.
    fn shown(&self, lowering: &Lowering<'_, '_>) -> Text {
        match (self.machine, self.set) {
            (Some(machine), _) => lowering.flattener.types.names.decl(machine.decl).name.clone(),
            (None, Some(set)) => set.name.clone(),
            (None, None) => self.cluster.name.clone(),
        }
    }

    /// Where the owner is declared.
    fn span(&self, lowering: &Lowering<'_, '_>) -> Span {
        match (self.machine, self.set) {
            (Some(machine), _) => lowering.flattener.types.names.decl(machine.decl).span,
            (None, Some(set)) => set.span,
            (None, None) => self.cluster.span,
        }
    }
}

/// Calls a rule for each level of a cluster: the cluster, then each set with its machines.
fn levels(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    index: usize,
    forms: &Forms,
    rule: &mut dyn FnMut(&mut Lowering<'_, '_>, At<'_>),
) {
    let cluster = &fleet.clusters[index];
    let target = &cluster.target;
    let level = Level::of_cluster(cluster, forms);
    rule(lowering, At { cluster, set: None, machine: None, level, broken: cluster.broken });
    for set in &cluster.sets {
        let broken = cluster.broken || set_is_broken(lowering, set, target);
        let level = Level::of_set(cluster, set, forms);
        rule(lowering, At { cluster, set: Some(set), machine: None, level, broken });
        for machine in set.machines() {
            let level = Level::of_machine(cluster, set, machine, forms);
            let broken = broken || machine.flat.broken;
            rule(lowering, At { cluster, set: Some(set), machine: Some(machine), level, broken });
        }
    }
    // Each machine that a class picks up is looked at once, in the first set that may get it.
    for loose in &fleet.loose {
        let Some(&(c, s)) = loose.users.first() else { continue };
        let (machine, set) = (&loose.machine, &fleet.clusters[c].sets[s]);
        if c == index {
            let level = Level::of_machine(cluster, set, machine, forms);
            let broken = cluster.broken || machine.flat.broken || set_is_broken(lowering, set, target);
            rule(lowering, At { cluster, set: Some(set), machine: Some(machine), level, broken });
        }
    }
}

pub(super) fn set_is_broken(lowering: &mut Lowering<'_, '_>, set: &Set, target: &Target) -> bool {
    set.role
        .as_ref()
        .is_some_and(|(role, args, _)| lowering.flattener.flat(*role, args, Some(&target.talos)).broken)
}

/// The VLANs on a link.
fn vlans(link: &Fields) -> impl Iterator<Item = &Fields> {
    link.block("vlan").into_iter().flat_map(Fields::iter).filter_map(|(_, slot)| slot.map())
}

//! Rules about addresses, links and what else belongs to one machine.

mod addresses;
mod bonds;
mod errors;
mod forms;
mod hostnames;
mod leads;
mod link_errors;
mod links;
mod range;
mod ranges;
mod stays;
mod vips;

use crate::fleet::{Cluster, Fleet, Member, Set, Target};
use crate::source::Span;
use crate::talos::forms::Forms;
use crate::talos::lower::Lowering;
use crate::talos::lower::network::nets::{Nets, vlans};
use crate::talos::lower::network::plan::Plan;
use crate::talos::lower::network::{concerns_links, listed};
use crate::talos::{Level, LoweredCluster};
use crate::text::Text;

/// Every rule of this area.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    let forms: Vec<&Forms> = lowered.iter().map(|cluster| &cluster.forms).collect();
    addresses::check(lowering, fleet, &forms);
    hostnames::check(lowering, fleet);
    ranges::check(lowering, fleet, lowered);
    plans(lowering, fleet, &forms);
    forms::check(lowering, fleet, lowered);
}

/// The rules that look at what machines end up with: each plan is made once, and every rule looks at it.
fn plans(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, forms: &[&Forms]) {
    let mut uses = vips::Uses::default();
    let mut leads = leads::Leads::of(fleet);
    for (index, forms) in forms.iter().enumerate() {
        levels(lowering, fleet, index, forms, &mut |lowering, at| {
            // A machine that says nothing of links has those of its set.
            let concerned = concerns_links(lowering, at.level);
            if at.machine.is_some() && !concerned {
                leads.same_as_set(lowering, at);
                return;
            }
            let nets = Nets::of(lowering, at.level);
            let plan = Plan::of(at.level, &nets);
            uses.gather(at, &plan);
            leads.add(lowering, at, &plan);
            if concerned {
                let broken = at.broken || nets.iter().any(|net| net.flat.broken);
                links::check(lowering, At { broken, ..at }, &plan);
                vips::check(lowering, At { broken, ..at }, &plan);
                bonds::check(lowering, At { broken, ..at }, &plan);
                if !broken {
                    stays::check(lowering, at, &plan);
                }
            } else if at.set.is_some() && !at.broken {
                links::strays(lowering, at, &plan);
            }
        });
        leads.report_cluster(lowering);
    }
    leads.report(lowering);
    uses.unused(lowering);
    uses.shared(lowering);
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
    let top = Level::of_cluster(cluster, forms);
    rule(lowering, At { cluster, set: None, machine: None, level: top, broken: cluster.broken });
    for set in &cluster.sets {
        let broken = cluster.broken || set_is_broken(lowering, set, target);
        let level = top.set(cluster, set);
        let level = Level { listed: listed(lowering, set, level), ..level };
        rule(lowering, At { cluster, set: Some(set), machine: None, level, broken });
        for machine in set.machines() {
            let broken = broken || machine.flat.broken;
            let level = level.below(machine);
            rule(lowering, At { cluster, set: Some(set), machine: Some(machine), level, broken });
        }
    }
    // A machine that a class picks up is looked at once, in the first set that may get it.
    for loose in &fleet.loose {
        let Some(&(c, s)) = loose.users.first() else { continue };
        let (machine, set) = (&loose.machine, &fleet.clusters[c].sets[s]);
        if c == index {
            let level = top.set(cluster, set).picked(machine);
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

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

pub(super) use leads::Declared;

use crate::diagnostics::Poison;
use crate::flatten::Flattener;
use crate::fleet::{Cluster, Member, Picked, Set};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::lower::network::nets::{Nets, vlans};
use crate::talos::lower::network::plan::Plan;
use crate::talos::lower::network::{Above, concerns_links, listed};
use crate::talos::{Level, Resolved};
use crate::text::Text;

/// What is judged over all clusters: who has which name and which address, who leads where, whose control planes share a virtual address.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) hostnames: hostnames::Names,
    addresses: addresses::Known,
    leads: leads::Leads,
    uses: vips::Uses,
}

impl Facts {
    /// Every rule of this area on a cluster.
    pub(super) fn cluster(&mut self, lowering: &mut Lowering<'_, '_>, declared: &Declared, of: Resolved<'_>) {
        ranges::check(lowering, of);
        let from = self.addresses.next_cluster();
        levels(lowering, of, &mut |lowering, at| {
            self.addresses.gather(lowering, at, of.index);
            self.level(lowering, declared, at);
        });
        self.addresses.find_networks(from);
        self.leads.report_cluster(lowering);
        forms::check(lowering, of);
    }

    /// The rules that look at what machines end up with: each plan is made once, and every rule looks at it.
    fn level(&mut self, lowering: &mut Lowering<'_, '_>, declared: &Declared, at: OwnedLevel<'_>) {
        // A machine that says nothing of links has those of its set.
        let concerned = concerns_links(lowering, at.level);
        if at.machine.is_some() && !concerned {
            self.leads.same_as_set(lowering, at);
            return;
        }
        let nets = Nets::of(lowering, at.level);
        let plan = Plan::of(at.level, &nets);
        self.uses.gather(at, &plan);
        self.leads.add(lowering, declared, at, &plan);
        if concerned {
            let poison = nets.iter().fold(at.poison, |poison, net| poison | net.flat.poison.inherited());
            let at = OwnedLevel { poison, ..at };
            links::check(lowering, at, &plan);
            vips::check(lowering, at, &plan);
            bonds::check(lowering, at, &plan);
            if poison.is_clean() {
                stays::check(lowering, at, &plan);
            }
        } else if at.set.is_some() && at.poison.is_clean() {
            links::strays(lowering, at, &plan);
        }
    }

    /// Adds what is known of later clusters.
    pub(super) fn append(&mut self, later: Facts) {
        self.hostnames.append(later.hostnames);
        self.addresses.append(later.addresses);
        self.leads.append(later.leads);
        self.uses.append(later.uses);
    }

    /// What only all clusters together show.
    pub(super) fn finish(self, flattener: &mut Flattener) {
        self.hostnames.finish(flattener);
        self.addresses.finish(flattener);
        self.leads.finish(flattener);
        self.uses.finish(flattener);
    }
}

/// A level of a cluster, and whose it is.
///
/// Where something in a declaration is wrong already, a rule that finds something missing must not speak: `poison` says so.
#[derive(Clone, Copy)]
struct OwnedLevel<'f> {
    cluster: &'f Cluster,
    set: Option<&'f Set>,
    machine: Option<&'f Member>,
    level: Level<'f>,
    /// That of its owner and of what the owner is placed under.
    poison: Poison,
}

impl OwnedLevel<'_> {
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
    Resolved { fleet, index, cluster, lowered, .. }: Resolved<'_>,
    rule: &mut dyn FnMut(&mut Lowering<'_, '_>, OwnedLevel<'_>),
) {
    let top = Level::of_cluster(cluster, &lowered.forms);
    rule(lowering, OwnedLevel { cluster, set: None, machine: None, level: top, poison: cluster.poison });
    for set in &cluster.sets {
        let poison = set.poison;
        let level = top.set(cluster, set);
        let level = Level { listed: listed(lowering, set, level), ..level };
        rule(lowering, OwnedLevel { cluster, set: Some(set), machine: None, level, poison });
        let nets = Nets::of(lowering, level);
        let above = Above { nets: &nets, plan: &Plan::of(level, &nets) };
        let of_machines = Level { links_above: Some(&above), ..level };
        for machine in set.machines() {
            let poison = poison | machine.flat.poison;
            let level = of_machines.below(machine);
            rule(lowering, OwnedLevel { cluster, set: Some(set), machine: Some(machine), level, poison });
        }
    }
    // A machine that a class picks up is looked at once, in the first set that may get it.
    for (s, set) in cluster.sets.iter().enumerate() {
        for Picked { loose, machine } in &set.picked {
            if fleet.loose[*loose].users.first() == Some(&(index, s)) {
                let level = top.set(cluster, set).picked(machine);
                let poison = set.poison | machine.flat.poison;
                rule(lowering, OwnedLevel { cluster, set: Some(set), machine: Some(machine), level, poison });
            }
        }
    }
}

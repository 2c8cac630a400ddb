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
mod said;
mod stays;
mod vips;

pub(super) use forms::Forms;
pub(super) use leads::Declared;

use crate::diagnostics::Poison;
use crate::flatten::Flattener;
use crate::fleet::{Cluster, Member, Picked, Set};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::lower::network::nets::{Nets, vlans};
use crate::talos::lower::network::plan::Plan;
use crate::talos::lower::network::{Above, concerns_links, listed};
use crate::talos::overlay::Config;
use crate::talos::{Level, Resolved};
use crate::text::Text;

/// What is judged over all clusters: who has which name and which address, who leads where, whose control planes share a virtual address.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) hostnames: hostnames::Names,
    addresses: addresses::Known,
    pub(super) leads: leads::Leads,
    uses: vips::Uses,
}

impl Facts {
    /// Every rule of this area on a cluster.
    pub(super) fn cluster(&mut self, lowering: &mut Lowering<'_, '_>, declared: &Declared, of: Resolved<'_>) {
        ranges::check(lowering, of);
        let from = self.addresses.next_cluster();
        levels(lowering, of, &mut |lowering, at| {
            self.addresses.gather(lowering, at, of.cluster.index);
            self.level(lowering, declared, at);
        });
        self.addresses.find_networks(from);
        self.leads.report_cluster(lowering);
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
    of: Resolved<'f>,
    /// Which machines get it.
    who: Who,
}

/// Machines of a cluster, by their indices.
#[derive(Clone, Copy)]
enum Who {
    /// All of them.
    All,
    /// Those of a set.
    Set(usize),
    /// One that the set lists.
    Listed(usize, usize),
    /// One that the class of the set picks up.
    Picked(usize, usize),
}

impl OwnedLevel<'_> {
    /// Asks what its machines get; nothing is known of those of several sets together.
    fn ask<R>(&self, ask: impl FnOnce(Config<'_>) -> R) -> Option<R> {
        let overlay = self.of.overlay;
        match self.who {
            Who::All => None,
            Who::Set(set) => Some(ask(overlay.set(set))),
            Who::Listed(set, machine) => Some(self.of.machine(set, machine, ask)),
            Who::Picked(set, machine) => overlay.picked(set).nth(machine).map(ask),
        }
    }

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
    of: Resolved<'_>,
    rule: &mut dyn FnMut(&mut Lowering<'_, '_>, OwnedLevel<'_>),
) {
    let Resolved { fleet, cluster, lowered, .. } = of;
    let top = Level::of_cluster(cluster, &lowered.forms);
    let poison = cluster.poison;
    let whole = OwnedLevel { cluster, set: None, machine: None, level: top, poison, of, who: Who::All };
    rule(lowering, whole);
    for (s, set) in cluster.sets.iter().enumerate() {
        let level = top.set(cluster, set);
        let level = Level { listed: listed(lowering, set, level), ..level };
        let at = OwnedLevel { set: Some(set), level, poison: set.poison, who: Who::Set(s), ..whole };
        rule(lowering, at);
        let nets = Nets::of(lowering, level);
        let above = Above { nets: &nets, plan: &Plan::of(level, &nets) };
        let of_machines = Level { links_above: Some(&above), ..level };
        for (m, machine) in set.machines().iter().enumerate() {
            let (poison, who) = (set.poison | machine.flat.poison, Who::Listed(s, m));
            let level = of_machines.below(machine);
            rule(lowering, OwnedLevel { machine: Some(machine), level, poison, who, ..at });
        }
    }
    // A machine that a class picks up is looked at once, in the first set that may get it.
    for (s, set) in cluster.sets.iter().enumerate() {
        for (m, Picked { loose, machine }) in set.picked.iter().enumerate() {
            if fleet.loose[*loose].users.first() == Some(&(cluster.index, s)) {
                let level = top.set(cluster, set).picked(machine);
                let (poison, who) = (set.poison | machine.flat.poison, Who::Picked(s, m));
                let (set, machine) = (Some(set), Some(machine));
                rule(lowering, OwnedLevel { set, machine, level, poison, who, ..whole });
            }
        }
    }
}

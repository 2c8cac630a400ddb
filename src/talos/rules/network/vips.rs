//! Virtual addresses: for control planes, on a link that is on their network.

use std::net::IpAddr;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::addresses::Site;
use super::range::Range;
use super::{OwnedLevel, link_errors as errors};
use crate::flatten::{Fields, Flat, Flattener, Slot};
use crate::fleet::Cluster;
use crate::resolve::DeclId;
use crate::talos::LevelKind;
use crate::talos::forms::{Form, Thing};
use crate::talos::lower::Lowering;
use crate::talos::lower::network::nets::vlans;
use crate::talos::lower::network::plan::{Link, Plan, Say};
use crate::text::Text;
use crate::typing::Val;

pub(super) fn check(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    on_workers(lowering, at);
    if at.poison.is_clean() {
        elsewhere(lowering, plan);
        several(lowering, at, plan);
    }
}

/// Which networks are used by whom.
#[derive(Default)]
pub(super) struct Uses {
    order: Vec<DeclId>,
    all: FxHashSet<DeclId>,
    by_control: FxHashSet<DeclId>,
    /// The clusters whose control planes are on a network with a virtual address, each once.
    holders: IndexMap<(DeclId, DeclId), (Text, Arc<Flat>), FxBuildHasher>,
}

impl Uses {
    pub(super) fn gather(&mut self, at: OwnedLevel<'_>, plan: &Plan<'_>) {
        // What a cluster names counts for its sets.
        if at.set.is_none() {
            return;
        }
        for net in plan.nets.iter() {
            if self.all.insert(net.id) {
                self.order.push(net.id);
            }
            if at.level.kind.takes_vip() {
                self.by_control.insert(net.id);
                if net.flat.fields.get("vip").is_some() {
                    let holder = || (at.cluster.name.clone(), net.flat.clone());
                    self.holders.entry((at.cluster.decl, net.id)).or_insert_with(holder);
                }
            }
        }
    }

    /// Adds what is known of later clusters.
    pub(super) fn append(&mut self, later: Uses) {
        for id in later.order {
            if self.all.insert(id) {
                self.order.push(id);
            }
        }
        self.by_control.extend(later.by_control);
        self.holders.extend(later.holders);
    }

    /// What is said once for all.
    pub(super) fn finish(self, flattener: &mut Flattener) {
        self.unused(flattener);
        self.shared(flattener);
    }

    /// Virtual addresses that control planes of two clusters would have: of one network, or of two that are very likely one.
    fn shared(&self, flattener: &mut Flattener) {
        let mut first: FxHashMap<(Whose, IpAddr), (DeclId, &Text, &Slot)> = FxHashMap::default();
        for ((cluster, net), (name, flat)) in &self.holders {
            let Some((slot, Val::Ip(ip))) =
                flat.fields.get("vip").and_then(|slot| Some((slot, slot.leaf()?)))
            else {
                continue;
            };
            let whose = site(&flat.fields).map_or(Whose::Net(*net), Whose::Site);
            match first.get(&(whose, *ip)) {
                Some((other, ..)) if other == cluster => {}
                Some((_, other, before)) => {
                    flattener.report(errors::vip_shared(slot, before, *ip, [other, name]));
                }
                None => {
                    first.insert((whose, *ip), (*cluster, name, slot));
                }
            }
        }
    }

    /// Virtual addresses of networks that only workers are on.
    fn unused(&self, flattener: &mut Flattener) {
        for &id in self.order.iter().filter(|id| !self.by_control.contains(id)) {
            let flat = flattener.flat(id, &Default::default(), None);
            if let Some(slot) = flat.fields.get("vip") {
                let name = flattener.types.names.decl(id).name.clone();
                flattener.report(errors::vip_unused(slot, &name));
            }
        }
    }
}

/// What makes two virtual addresses, or two host names, one.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
pub(super) enum Whose {
    /// One network.
    Net(DeclId),
    /// One range behind one router.
    Site(Site),
}

/// What a network is told from others by.
pub(super) fn whose(lowering: &mut Lowering<'_, '_>, network: DeclId, cluster: &Cluster) -> Whose {
    let flat = lowering.flattener.flat(network, &Default::default(), Some(&cluster.target.talos));
    site(&flat.fields).map_or(Whose::Net(network), Whose::Site)
}

fn site(network: &Fields) -> Option<Site> {
    match (network.leaf("subnet")?, network.leaf("gateway")?) {
        (Val::Prefixed(ip, prefix), Val::Ip(router)) => Some((*ip, *prefix, *router)),
        _ => None,
    }
}

/// Talos refuses a virtual address on a worker: `v1alpha1_validation.go`, "virtual (shared) IP is not allowed on non-controlplane nodes".
fn on_workers(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>) {
    if !matches!(at.level.kind, LevelKind::Workers | LevelKind::Machine { control: false }) {
        return;
    }
    let owner = at.shown(lowering);
    for (_, slot) in at.level.own.block("link").into_iter().flat_map(Fields::iter) {
        let Some(link) = slot.map() else { continue };
        for fields in std::iter::once(link).chain(vlans(link)) {
            if let Some(slot) = fields.get("vip") {
                lowering.report(errors::vip_on_workers(slot, &owner));
            }
        }
    }
}

/// A virtual address on a link whose static addresses are all on other networks, while another link of the machine is on its own:
/// nobody there asks for it.
fn elsewhere(lowering: &mut Lowering<'_, '_>, plan: &Plan<'_>) {
    let holds = |say: &Say<'_>, ip: IpAddr| {
        say.addresses.iter().any(|given| Range { ip: given.address.ip, prefix: given.address.prefix }.has(ip))
    };
    for link in &plan.links {
        for (vlan, say) in link.says().filter(|(_, say)| !say.asks() && !say.addresses.is_empty()) {
            for slot in &say.vips {
                let Some(Val::Ip(ip)) = slot.leaf() else { continue };
                if holds(say, *ip) {
                    continue;
                }
                let other = plan.links.iter().find_map(|link| {
                    let (vlan, _) = link.says().find(|(_, say)| holds(say, *ip))?;
                    Some(name_of(link, vlan))
                });
                if let Some(other) = other {
                    lowering.report(errors::vip_elsewhere(slot, *ip, &name_of(link, vlan), &other));
                }
            }
        }
    }
}

/// In the v1alpha1 document an interface has one.
fn several(lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, plan: &Plan<'_>) {
    if at.level.forms.of(Thing::Links) != Form::Legacy {
        return;
    }
    for link in &plan.links {
        for (vlan, say) in link.says() {
            if let [first, second, ..] = say.vips.as_slice() {
                lowering.report(errors::two_vips(second, first, &name_of(link, vlan), at.cluster));
            }
        }
    }
}

fn name_of(link: &Link<'_>, vlan: Option<&Text>) -> Text {
    match vlan {
        Some(id) => format!("{}.{id}", link.name).into(),
        None => link.name.clone(),
    }
}

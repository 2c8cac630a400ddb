//! The networks that count for a machine: the one that a level names, and those that its addresses are on.

use std::sync::Arc;

use super::super::super::{Level, LevelKind};
use super::super::Lowering;
use super::plan::Plan;
use crate::flatten::{Args, Elem, Fields, Flat, Slot};
use crate::resolve::DeclId;
use crate::text::Text;
use crate::typing::{AddressVal, Val};

/// A network that counts at a level.
pub(crate) struct Net {
    /// Its declaration.
    pub(crate) id: DeclId,
    /// Its fields.
    pub(crate) flat: Arc<Flat>,
    /// How many levels stand above the one that brings it in.
    pub(crate) depth: usize,
}

impl Net {
    /// Whether a DHCP server gives addresses.
    pub(crate) fn dhcp(&self) -> bool {
        !matches!(self.flat.fields.leaf("dhcp"), Some(Val::Bool(false)))
    }
}

/// The networks that count at a level, the named one first.
pub(crate) struct Nets {
    /// Most machines have those of their set.
    list: Arc<Vec<Net>>,
    named: bool,
    /// Of a set whose machines have addresses of their own: the links that the cluster already has ask for one.
    pub(super) asked: Vec<Text>,
}

impl Nets {
    /// Those of a level: the network that it or the nearest level above names, then those that addresses of the levels say,
    /// of links and VLANs too, from the highest level down.
    pub(crate) fn of(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> Nets {
        if let Some(nets) = Nets::of_set(level) {
            return nets;
        }
        let (mut list, mut named) = (Vec::new(), false);
        let depth = level.above().len();
        let found =
            levels_up(level).enumerate().find_map(|(up, fields)| Some((depth - up, network_named(fields)?)));
        if let Some((depth, (id, args))) = found {
            add(&mut list, lowering, level, id, args, depth);
            named = true;
        }
        for (depth, fields) in levels_down(level) {
            for id in networks_of_addresses(fields) {
                add(&mut list, lowering, level, id, &Arc::default(), depth);
            }
        }
        // The links that a network declares may have addresses on another one.
        let mut next = 0;
        while let Some(net) = list.get(next) {
            let (flat, depth) = (net.flat.clone(), net.depth);
            for id in networks_of_addresses(&flat.fields) {
                add(&mut list, lowering, level, id, &Arc::default(), depth);
            }
            next += 1;
        }
        Nets { list: Arc::new(list), named, asked: asked_above(lowering, level) }
    }

    /// Those of a machine that brings in none which its set does not have: what counts for the set was found once for all of them.
    fn of_set(level: Level<'_>) -> Option<Nets> {
        let above = level.links_above.filter(|_| matches!(level.kind, LevelKind::Machine { .. }))?.nets;
        let brings = network_named(level.own).is_some()
            || networks_of_addresses(level.own).any(|id| above.get(id).is_none());
        (!brings).then(|| Nets { list: above.list.clone(), named: above.named, asked: Vec::new() })
    }

    /// The network that a level names with `network = …`.
    pub(crate) fn named(&self) -> Option<&Net> {
        self.list.first().filter(|_| self.named)
    }

    /// A network, if it counts.
    pub(crate) fn get(&self, id: DeclId) -> Option<&Net> {
        self.list.iter().find(|net| net.id == id)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Net> {
        self.list.iter()
    }
}

fn add(
    list: &mut Vec<Net>,
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    id: DeclId,
    args: &Args,
    depth: usize,
) {
    if list.iter().all(|net| net.id != id) {
        let flat = lowering.flattener.flat(id, args, Some(&level.target.talos));
        list.push(Net { id, flat, depth });
    }
}

/// The links that the level above a set has ask for an address, where its machines do not: there the set adds none.
fn asked_above(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> Vec<Text> {
    let machine = matches!(level.kind, LevelKind::Machine { .. });
    if !level.listed.still || machine {
        return Vec::new();
    }
    let Some(parent) = super::linked_parent(level) else { return Vec::new() };
    let nets = Nets::of(lowering, parent);
    let plan = Plan::of(parent, &nets);
    plan.links.iter().filter(|link| link.say.asks()).map(|link| link.name.clone()).collect()
}

/// The levels from the cluster down, each with how many stand above it.
pub(super) fn levels_down<'l>(level: Level<'l>) -> impl Iterator<Item = (usize, &'l Fields)> {
    let above = level.above().into_iter().rev();
    above.chain(std::iter::once(level.own)).enumerate()
}

fn levels_up<'l>(level: Level<'l>) -> impl Iterator<Item = &'l Fields> {
    std::iter::once(level.own).chain(level.above())
}

fn network_named(fields: &Fields) -> Option<(DeclId, &Args)> {
    match fields.leaf("network") {
        Some(Val::Ref(id, args)) => Some((*id, args)),
        _ => None,
    }
}

/// The networks that the addresses of a level or network say, in order.
pub(crate) fn networks_of_addresses(fields: &Fields) -> impl Iterator<Item = DeclId> {
    let own = match fields.leaf("address") {
        Some(Val::Address(address)) => address.network.map(|(id, _)| id),
        _ => None,
    };
    let links = fields.block("link").into_iter().flat_map(Fields::iter).filter_map(|(_, slot)| slot.map());
    let all = links.flat_map(|link| std::iter::once(link).chain(vlans(link)));
    let of_links = all.flat_map(|fields| elements(fields, "addresses"));
    own.into_iter().chain(of_links.filter_map(|elem| Some(address(elem)?.network?.0)))
}

/// The VLANs on a link.
pub(crate) fn vlans(link: &Fields) -> impl Iterator<Item = &Fields> {
    link.block("vlan").into_iter().flat_map(Fields::iter).filter_map(|(_, slot)| slot.map())
}

/// The elements of a list field.
pub(super) fn elements<'f>(fields: &'f Fields, field: &str) -> impl Iterator<Item = &'f Elem> {
    fields.list(field).into_iter().flat_map(|list| &list.items)
}

/// An element that is an interface address.
pub(super) fn address(elem: &Elem) -> Option<&AddressVal> {
    match &elem.val {
        Val::Address(address) => Some(address),
        _ => None,
    }
}

/// The `address` of the level or the nearest one above that has one, and how many levels stand above that.
pub(super) fn main_address<'l>(level: Level<'l>) -> Option<(usize, &'l Slot, &'l AddressVal)> {
    let found = levels_down(level).filter_map(|(depth, fields)| {
        let slot = fields.get("address")?;
        match slot.leaf() {
            Some(Val::Address(address)) => Some((depth, slot, &**address)),
            _ => None,
        }
    });
    found.last()
}

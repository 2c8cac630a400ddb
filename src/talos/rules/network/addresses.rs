//! Addresses: each once, inside its network, and not one that the network keeps.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::{At, errors, forms_of, levels};
use crate::flatten::{Fields, Slot};
use crate::fleet::Fleet;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::Level;
use crate::talos::lower::Lowering;
use crate::talos::lower::network::view;
use crate::text::Text;
use crate::typing::Val;

/// An address that somebody has.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) ip: IpAddr,
    pub(super) span: Span,
    /// The machine or set, and where it is declared.
    pub(super) owner: Text,
    pub(super) owner_span: Span,
    /// The network it is on.
    pub(super) network: Option<DeclId>,
    /// The index of the cluster.
    pub(super) cluster: usize,
}

/// What a network says of addresses.
pub(super) struct Subnet {
    pub(super) name: Text,
    pub(super) ip: IpAddr,
    pub(super) prefix: u8,
    pub(super) span: Option<Span>,
    /// Addresses that are kept, with what for and where that is said.
    pub(super) kept: Vec<(IpAddr, &'static str, Option<Span>)>,
}

/// Addresses by network: those of no network are told apart by their cluster.
type Key = (Result<DeclId, usize>, IpAddr);

pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    let mut all: Vec<Taken> = Vec::new();
    let mut subnets: FxHashMap<DeclId, Option<Subnet>> = FxHashMap::default();
    let forms = forms_of(lowering, fleet);
    for (index, forms) in forms.iter().enumerate() {
        levels(lowering, fleet, index, forms, &mut |lowering, at| {
            gather(lowering, at, index, &mut subnets, &mut all);
        });
    }
    let mut by_address: FxHashMap<Key, usize> = FxHashMap::default();
    for (i, taken) in all.iter().enumerate() {
        by_address.entry(key(taken)).or_insert(i);
    }
    let is_free = |network: DeclId, ip: IpAddr| !by_address.contains_key(&(Ok(network), ip));
    for (i, taken) in all.iter().enumerate() {
        let subnet = taken.network.and_then(|id| subnets.get(&id)?.as_ref());
        if let (Some(subnet), Some(id)) = (subnet, taken.network)
            && let Some(finding) = against(taken, subnet, &|ip| is_free(id, ip))
        {
            lowering.report(finding);
            continue;
        }
        let Some(&first) = by_address.get(&key(taken)) else { continue };
        let other = &all[first];
        let same = first == i || other.owner_span == taken.owner_span;
        if same {
            continue;
        }
        let free = match (subnet, taken.network) {
            (Some(subnet), Some(id)) => subnet.next_to(taken.ip, &|ip| is_free(id, ip)),
            _ => Vec::new(),
        };
        let network = subnet.map(|subnet| subnet.name.as_str());
        lowering.report(errors::twice(taken, other, network, &free));
    }
}

fn key(taken: &Taken) -> Key {
    (taken.network.ok_or(taken.cluster), taken.ip)
}

/// The addresses of a level: its `address`, and those of its links.
fn gather(
    lowering: &mut Lowering<'_, '_>,
    at: At<'_>,
    cluster: usize,
    subnets: &mut FxHashMap<DeclId, Option<Subnet>>,
    all: &mut Vec<Taken>,
) {
    if !["address", "link", "network"].iter().any(|field| at.level.own.get(field).is_some()) {
        return;
    }
    let named = named(at.level);
    if let Some(id) = named {
        subnets.entry(id).or_insert_with(|| subnet(lowering, at.level, id));
    }
    let (owner, owner_span) = (at.shown(lowering), at.span(lowering));
    let mut add = |lowering: &mut Lowering<'_, '_>, val: &Val, span: Span, main: bool| {
        let Val::Address(address) = val else { return };
        let said = address.network.map(|(id, _)| id);
        if let Some(id) = said {
            subnets.entry(id).or_insert_with(|| subnet(lowering, at.level, id));
        }
        if let (Some(other), Some((id, place)), true) = (named, address.network, main)
            && other != id
        {
            let names = [other, id].map(|id| lowering.flattener.types.names.decl(id).name.clone());
            let says = nearest(at.level).and_then(Slot::span);
            lowering.report(errors::other_network(place, says, &names));
        }
        // An address of a link that names no network is one of the network whose subnet holds it.
        let holds = |id: &DeclId| {
            subnets.get(id).and_then(Option::as_ref).is_some_and(|subnet| subnet.holds(address.ip))
        };
        let network = said.or(named.filter(|id| main || holds(id)));
        let (owner, ip) = (owner.clone(), address.ip);
        all.push(Taken { ip, span, owner, owner_span, network, cluster });
    };
    if let Some(slot) = at.level.own.get("address")
        && let (Some(val), Some(span)) = (slot.leaf(), slot.span())
    {
        add(lowering, val, span, true);
    }
    for (_, slot) in at.level.own.block("link").into_iter().flat_map(Fields::iter) {
        let Some(link) = slot.map() else { continue };
        let vlans = link.block("vlan").into_iter().flat_map(Fields::iter).filter_map(|(_, slot)| slot.map());
        for fields in std::iter::once(link).chain(vlans) {
            for elem in fields.list("addresses").iter().flat_map(|list| &list.items) {
                add(lowering, &elem.val, elem.span, false);
            }
        }
    }
}

fn nearest(level: Level<'_>) -> Option<&Slot> {
    level.find("network")
}

/// The network that a level or the nearest one above names.
pub(super) fn named(level: Level<'_>) -> Option<DeclId> {
    match level.find("network")?.leaf() {
        Some(Val::Ref(id, _)) => Some(*id),
        _ => None,
    }
}

fn subnet(lowering: &mut Lowering<'_, '_>, level: Level<'_>, id: DeclId) -> Option<Subnet> {
    let net = view::net(lowering, level, id, true);
    let fields = &net.flat.fields;
    let slot = fields.get("subnet")?;
    let Some(Val::Prefixed(ip, prefix)) = slot.leaf() else { return None };
    let name = lowering.flattener.types.names.decl(id).name.clone();
    let mut subnet = Subnet { name, ip: *ip, prefix: *prefix, span: slot.span(), kept: Vec::new() };
    if let (IpAddr::V4(_), 0..=30) = (ip, *prefix) {
        subnet.kept.push((*ip, "the address of the network", slot.span()));
        subnet.kept.push((subnet.last(), "the broadcast address of", slot.span()));
    }
    let mut keep = |fields: &Fields, field: &str, what: &'static str| {
        if let Some(slot) = fields.get(field)
            && let Some(Val::Ip(ip)) = slot.leaf()
        {
            subnet.kept.push((*ip, what, slot.span()));
        }
    };
    keep(fields, "gateway", "the gateway of");
    keep(fields, "vip", "the virtual address of the control planes on");
    for (_, slot) in fields.block("link").into_iter().flat_map(Fields::iter) {
        if let Some(link) = slot.map() {
            keep(link, "vip", "the virtual address of the control planes on");
        }
    }
    Some(subnet)
}

/// An address against its network.
fn against(
    taken: &Taken,
    subnet: &Subnet,
    is_free: &dyn Fn(IpAddr) -> bool,
) -> Option<crate::diagnostics::Diagnostic> {
    if !subnet.holds(taken.ip) {
        let moved = subnet.moved(taken.ip).filter(|ip| subnet.may_give(*ip) && is_free(*ip));
        return Some(errors::outside(taken, subnet, moved));
    }
    let (_, what, span) = subnet.kept.iter().find(|(ip, ..)| *ip == taken.ip)?;
    let free = subnet.next_to(taken.ip, is_free);
    Some(errors::reserved(taken, subnet, what, *span, &free))
}

impl Subnet {
    /// Whether an address is one of the network.
    pub(super) fn holds(&self, ip: IpAddr) -> bool {
        self.ip.is_ipv4() == ip.is_ipv4() && number(ip) & self.mask() == number(self.ip) & self.mask()
    }

    fn bits(&self) -> u32 {
        if self.ip.is_ipv4() { 32 } else { 128 }
    }

    /// The bits of the network, of as many as its addresses have.
    fn mask(&self) -> u128 {
        let host = self.bits().saturating_sub(u32::from(self.prefix));
        let all = if self.bits() == 32 { u128::from(u32::MAX) } else { u128::MAX };
        all.checked_shr(self.bits() - host).map_or(all, |ones| all & !ones)
    }

    /// The highest address.
    pub(super) fn last(&self) -> IpAddr {
        let all = if self.bits() == 32 { u128::from(u32::MAX) } else { u128::MAX };
        self.address((number(self.ip) & self.mask()) | (all & !self.mask()))
    }

    fn address(&self, number: u128) -> IpAddr {
        if self.ip.is_ipv4() { IpAddr::V4((number as u32).into()) } else { IpAddr::V6(number.into()) }
    }

    /// The same host in this network.
    fn moved(&self, ip: IpAddr) -> Option<IpAddr> {
        (ip.is_ipv4() == self.ip.is_ipv4())
            .then(|| self.address((number(self.ip) & self.mask()) | (number(ip) & !self.mask())))
    }

    fn may_give(&self, ip: IpAddr) -> bool {
        self.holds(ip) && !self.kept.iter().any(|(kept, ..)| *kept == ip)
    }

    /// Up to three free addresses next to one, above it first.
    fn next_to(&self, ip: IpAddr, is_free: &dyn Fn(IpAddr) -> bool) -> Vec<IpAddr> {
        let start = number(ip);
        let above = (1..=64).map(|i| start.saturating_add(i));
        let below = (1..=64).filter_map(|i| start.checked_sub(i));
        above
            .chain(below)
            .filter(|number| self.bits() == 128 || *number <= u128::from(u32::MAX))
            .map(|number| self.address(number))
            .filter(|ip| self.may_give(*ip) && is_free(*ip))
            .take(3)
            .collect()
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(u32::from(ip)),
        IpAddr::V6(ip) => u128::from(ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(ip: &str, prefix: u8) -> Subnet {
        let ip = ip.parse().expect("an address");
        Subnet { name: Text::new_static("lan"), ip, prefix, span: None, kept: Vec::new() }
    }

    #[test]
    fn bounds_of_a_network() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        for (net, prefix, last, inside, outside) in [
            ("10.0.0.0", 8, "10.255.255.255", "10.1.2.3", "11.0.0.0"),
            ("192.168.10.0", 24, "192.168.10.255", "192.168.10.9", "192.168.11.9"),
            ("10.0.0.4", 32, "10.0.0.4", "10.0.0.4", "10.0.0.5"),
            ("fd00::", 64, "fd00::ffff:ffff:ffff:ffff", "fd00::1", "10.0.0.1"),
        ] {
            let net = subnet(net, prefix);
            assert_eq!(net.last(), ip(last));
            assert!(net.holds(ip(inside)) && !net.holds(ip(outside)), "{last}");
        }
        assert!(subnet("0.0.0.0", 0).holds(ip("9.9.9.9")));
        assert!(subnet("::", 0).holds(ip("fd00::1")));
    }

    #[test]
    fn free_addresses_are_near() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let taken = ip("10.0.0.3");
        let free = subnet("10.0.0.0", 30).next_to(ip("10.0.0.2"), &|ip| ip != taken);
        assert_eq!(free, [ip("10.0.0.1"), ip("10.0.0.0")]);
    }
}

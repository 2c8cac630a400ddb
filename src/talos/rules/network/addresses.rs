//! Addresses: each once, inside its network, and not one that the network keeps.

use std::cell::OnceCell;
use std::net::IpAddr;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::range::Range;
use super::{OwnedLevel, errors, vlans};
use crate::diagnostics::Diagnostic;
use crate::flatten::{Fields, Flattener, Slot};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Level, LevelKind};
use crate::text::Text;
use crate::typing::Val;

/// An address that somebody has.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) ip: IpAddr,
    /// The length of the prefix that is written with it.
    pub(super) prefix: u8,
    pub(super) span: Span,
    /// The machine or set, and where it is declared.
    pub(super) owner: Text,
    pub(super) owner_span: Span,
    /// Where the levels above the owner are declared.
    above: SmallVec<[Span; 2]>,
    /// The network it is on.
    pub(super) network: Option<DeclId>,
    /// The network is said, rather than found by its subnet.
    said: bool,
    /// It is an `address`, rather than one of the `addresses` of a link.
    main: bool,
    /// It may be that of several machines: see [`is_own`].
    own: bool,
    /// The index of the cluster.
    pub(super) cluster: usize,
}

impl Taken {
    /// Whether it is one value: said by one owner, or by a machine and a level above it, which is said as a repetition.
    fn is_one_with(&self, other: &Taken) -> bool {
        let below = |a: &Taken, b: &Taken| a.above.contains(&b.owner_span);
        self.owner_span == other.owner_span || below(self, other) || below(other, self)
    }
}

/// What a network says of addresses.
pub(super) struct Subnet {
    pub(super) name: Text,
    pub(super) range: Range,
    pub(super) span: Option<Span>,
    /// Addresses that are kept, with what for and where that is said.
    pub(super) kept: Vec<(IpAddr, &'static str, Option<Span>)>,
}

/// An address that is kept for something in a cluster, whatever network a machine says it is on.
struct Kept {
    what: &'static str,
    /// The network or the cluster.
    of: Text,
    /// The network, if it is one that says it.
    network: Option<DeclId>,
    span: Option<Span>,
}

const GATEWAY: &str = "the gateway of";
const VIP: &str = "the virtual address of the control planes on";

/// Who has an address first: on a network, in a cluster, anywhere.
#[derive(Default)]
struct First<'k> {
    on: FxHashMap<(DeclId, IpAddr), &'k Taken>,
    /// In a cluster: of any network, and of none.
    within: FxHashMap<(usize, IpAddr), &'k Taken>,
    loose_within: FxHashMap<(usize, IpAddr), &'k Taken>,
    /// In the project: of any network, and of none. Only of an `address`: links may lead anywhere.
    anywhere: FxHashMap<IpAddr, &'k Taken>,
    loose_anywhere: FxHashMap<IpAddr, &'k Taken>,
    /// On networks of one range behind one router, whatever they are called.
    at_site: FxHashMap<(Site, IpAddr), &'k Taken>,
}

/// The range and the router of a network: where two networks have both, they are very likely one.
pub(super) type Site = (IpAddr, u8, IpAddr);

impl<'k> First<'k> {
    /// Adds an address; the one that was there before, if they cannot both be. Addresses on two networks that are said can, unless
    /// two clusters each declare the same one.
    fn put(&mut self, taken: &'k Taken, site: Option<Site>) -> Option<&'k Taken> {
        let (ip, cluster) = (taken.ip, taken.cluster);
        let before = match taken.network {
            Some(id) => [
                self.on.get(&(id, ip)),
                self.loose_within.get(&(cluster, ip)),
                self.loose_anywhere.get(&ip).filter(|_| taken.main),
            ],
            None => {
                let anywhere = self.anywhere.get(&ip).filter(|_| taken.main);
                [self.within.get(&(cluster, ip)), anywhere, None]
            }
        };
        let at_site = site.and_then(|site| self.at_site.get(&(site, ip)));
        let before = before.into_iter().chain([at_site.filter(|other| other.cluster != cluster)]).flatten();
        let before = before.copied().find(|other| !taken.is_one_with(other));
        if let Some(site) = site {
            self.at_site.entry((site, ip)).or_insert(taken);
        }
        match taken.network {
            Some(id) => drop(self.on.entry((id, ip)).or_insert(taken)),
            None => {
                self.loose_within.entry((cluster, ip)).or_insert(taken);
                if taken.main {
                    self.loose_anywhere.entry(ip).or_insert(taken);
                }
            }
        }
        self.within.entry((cluster, ip)).or_insert(taken);
        if taken.main {
            self.anywhere.entry(ip).or_insert(taken);
        }
        before
    }
}

/// What all levels say of addresses.
#[derive(Default)]
pub(super) struct Known {
    all: Vec<Taken>,
    subnets: IndexMap<DeclId, Option<Subnet>, FxBuildHasher>,
    /// The networks of the cluster that is being read, in order.
    used: Vec<DeclId>,
    seen: FxHashSet<(usize, DeclId)>,
    kept: FxHashMap<(usize, IpAddr), Kept>,
}

impl Known {
    /// Begins another cluster; gives how many addresses are known.
    pub(super) fn next_cluster(&mut self) -> usize {
        self.used.clear();
        self.all.len()
    }

    /// Adds what is known of later clusters.
    pub(super) fn append(&mut self, later: Known) {
        self.all.extend(later.all);
        for (id, subnet) in later.subnets {
            self.subnets.entry(id).or_insert(subnet);
        }
        self.kept.extend(later.kept);
    }

    /// Reports what is wrong with an address beside its network and all others.
    pub(super) fn finish(self, flattener: &mut Flattener) {
        let given: OnceCell<FxHashSet<(DeclId, IpAddr)>> = OnceCell::new();
        let all_given = || self.all.iter().filter_map(|taken| Some((taken.network?, taken.ip))).collect();
        let is_free = |network: DeclId, ip: IpAddr| !given.get_or_init(all_given).contains(&(network, ip));
        let again = self.said_again();
        let sites = self.several_names();
        let mut first = First::default();
        let mut lengths: IndexMap<(DeclId, u8), (&Subnet, Vec<&Taken>), FxBuildHasher> = IndexMap::default();
        for taken in &self.all {
            let subnet = taken.network.and_then(|id| Some((self.subnets.get(&id)?.as_ref()?, id)));
            let site = subnet.and_then(|(subnet, _)| subnet.site()).filter(|site| sites.contains(site));
            let alone = taken.own && taken.network.is_none() || !again.contains(&taken.ip);
            let other = if alone { None } else { first.put(taken, site) };
            let kept = subnet.and_then(|(subnet, id)| against(taken, subnet, &|ip| is_free(id, ip)));
            if let Some(finding) = kept.or_else(|| self.kept_here(taken)) {
                flattener.report(finding);
                continue;
            }
            if let Some(other) = other {
                let free = subnet
                    .map(|(subnet, id)| subnet.next_to(taken.ip, &|ip| is_free(id, ip)))
                    .unwrap_or_default();
                let network =
                    subnet.map(|(subnet, _)| subnet.name.as_str()).filter(|_| other.network.is_some());
                flattener.report(errors::twice(taken, other, network, &free));
            } else if let Some((subnet, id)) = subnet.filter(|(subnet, _)| subnet.differs(taken)) {
                lengths.entry((id, taken.prefix)).or_insert_with(|| (subnet, Vec::new())).1.push(taken);
            }
        }
        for (subnet, all) in lengths.values() {
            flattener.report(errors::other_prefix(subnet, all[0], all));
        }
    }

    /// The addresses of a level: its `address`, and those of its links.
    pub(super) fn gather(&mut self, lowering: &mut Lowering<'_, '_>, at: OwnedLevel<'_>, cluster: usize) {
        if !["address", "link", "network"].iter().any(|field| at.level.own.get(field).is_some()) {
            return;
        }
        let named = named(at.level);
        if let Some(id) = named {
            self.uses(lowering, at.level, cluster, id);
        }
        let (owner, owner_span) = (at.shown(lowering), at.span(lowering));
        let set = at.set.filter(|_| at.machine.is_some()).map(|set| set.span);
        let above = set.into_iter().chain(at.set.map(|_| at.cluster.span)).collect::<SmallVec<[Span; 2]>>();
        let mut add = |lowering: &mut Lowering<'_, '_>, val: &Val, span: Span, link: Option<&str>| {
            let Val::Address(address) = val else { return };
            let (main, own) = (link.is_none(), link.is_some_and(|link| is_own(link, address.ip)));
            let said = address.network.map(|(id, _)| id);
            if let Some(id) = said {
                self.uses(lowering, at.level, cluster, id);
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
                self.subnets
                    .get(id)
                    .and_then(Option::as_ref)
                    .is_some_and(|subnet| subnet.range.has(address.ip))
            };
            let network = said.or(named.filter(|id| main || holds(id)));
            let said = said.is_some() || main && network.is_some();
            let (owner, above, ip, prefix) = (owner.clone(), above.clone(), address.ip, address.prefix);
            self.all.push(Taken {
                ip,
                prefix,
                span,
                owner,
                owner_span,
                above,
                network,
                said,
                main,
                own,
                cluster,
            });
        };
        if let Some(slot) = at.level.own.get("address")
            && let (Some(val), Some(span)) = (slot.leaf(), slot.span())
        {
            add(lowering, val, span, None);
        }
        let virtual_here = at.level.kind == LevelKind::Cluster || at.level.kind.takes_vip();
        for (name, fields) in links_and_vlans(at.level.own) {
            for elem in fields.list("addresses").iter().flat_map(|list| &list.items) {
                add(lowering, &elem.val, elem.span, Some(name));
            }
        }
        for slot in links_and_vlans(at.level.own).filter_map(|(_, fields)| fields.get("vip")) {
            if let (true, Some(Val::Ip(ip))) = (virtual_here, slot.leaf()) {
                let of = at.cluster.name.clone();
                let kept = Kept {
                    what: "the virtual address of the control planes of",
                    of,
                    network: None,
                    span: slot.span(),
                };
                self.kept.entry((cluster, *ip)).or_insert(kept);
            }
        }
    }

    /// The addresses that are said more than once: only these can clash, and few are.
    fn said_again(&self) -> FxHashSet<IpAddr> {
        let mut all: Vec<IpAddr> = self.all.iter().map(|taken| taken.ip).collect();
        all.sort_unstable();
        all.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
    }

    /// The range and router of networks that go by several names.
    fn several_names(&self) -> FxHashSet<Site> {
        let mut seen = FxHashSet::default();
        let all = self.subnets.values().flatten().filter_map(Subnet::site);
        all.filter(|site| !seen.insert(*site)).collect()
    }

    /// Notes that a cluster uses a network.
    fn uses(&mut self, lowering: &mut Lowering<'_, '_>, level: Level<'_>, cluster: usize, id: DeclId) {
        if !self.seen.insert((cluster, id)) {
            return;
        }
        self.used.push(id);
        let flat = lowering.flattener.flat(id, &Default::default(), Some(&level.target.talos));
        let name = &lowering.flattener.types.names.decl(id).name;
        for (ip, what, span) in kept_by(&flat.fields) {
            let kept = Kept { what, of: name.clone(), network: Some(id), span };
            self.kept.entry((cluster, ip)).or_insert(kept);
        }
        self.subnets.entry(id).or_insert_with(|| subnet(&flat.fields, name));
    }

    /// An address that says no network, where no level does, is one of the network of its cluster whose subnet holds it.
    pub(super) fn find_networks(&mut self, from: usize) {
        for taken in self.all[from..].iter_mut().filter(|taken| taken.network.is_none()) {
            let holds = |id: &&DeclId| {
                self.subnets
                    .get(*id)
                    .and_then(Option::as_ref)
                    .is_some_and(|subnet| subnet.range.has(taken.ip))
            };
            let mut holding = self.used.iter().filter(holds);
            taken.network = holding.next().copied().filter(|_| holding.next().is_none());
        }
    }

    /// An address that its cluster keeps for something, where the network is not known or has no subnet.
    fn kept_here(&self, taken: &Taken) -> Option<Diagnostic> {
        let kept = self.kept.get(&(taken.cluster, taken.ip))?;
        let apart = taken.network.is_some() && kept.network.is_some() && taken.network != kept.network;
        (!apart).then(|| errors::reserved(taken, &kept.of, kept.what, kept.span, &[]))
    }
}

/// The links of a level, and the VLANs on them, each with the name of the link.
fn links_and_vlans(own: &Fields) -> impl Iterator<Item = (&Text, &Fields)> {
    let links = own.block("link").into_iter().flat_map(Fields::iter);
    links
        .filter_map(|(name, slot)| Some((name, slot.map()?)))
        .flat_map(|(name, link)| std::iter::once(link).chain(vlans(link)).map(move |fields| (name, fields)))
}

/// Whether an address of a link means something on the machine or on the link alone: that of a loopback or dummy interface, which
/// routers are told of (anycast), and one that RFC 3927 or RFC 4291 calls link-local.
fn is_own(link: &str, ip: IpAddr) -> bool {
    let local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    local || link == "lo" || link.starts_with("dummy")
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

/// The gateway and the virtual addresses of a network.
fn kept_by(fields: &Fields) -> Vec<(IpAddr, &'static str, Option<Span>)> {
    let says = |fields: &Fields, field: &str, what: &'static str| match fields.get(field) {
        Some(slot) => match slot.leaf() {
            Some(Val::Ip(ip)) => Some((*ip, what, slot.span())),
            _ => None,
        },
        None => None,
    };
    let links = fields.block("link").into_iter().flat_map(Fields::iter).filter_map(|(_, slot)| slot.map());
    let own = [says(fields, "gateway", GATEWAY), says(fields, "vip", VIP)];
    own.into_iter().chain(links.map(|link| says(link, "vip", VIP))).flatten().collect()
}

fn subnet(fields: &Fields, name: &Text) -> Option<Subnet> {
    let slot = fields.get("subnet")?;
    let Some(Val::Prefixed(ip, prefix)) = slot.leaf() else { return None };
    let (range, span) = (Range { ip: *ip, prefix: *prefix }, slot.span());
    let mut subnet = Subnet { name: name.clone(), range, span, kept: Vec::new() };
    if let Range { ip: IpAddr::V4(_), prefix: 0..=30 } = range {
        subnet.kept.push((range.ip, "the address of the network", span));
        subnet.kept.push((range.last(), "the broadcast address of", span));
    }
    subnet.kept.extend(kept_by(fields));
    Some(subnet)
}

/// An address against its network.
fn against(taken: &Taken, subnet: &Subnet, is_free: &dyn Fn(IpAddr) -> bool) -> Option<Diagnostic> {
    if !subnet.range.has(taken.ip) {
        let moved = subnet.range.moved(taken.ip).filter(|ip| subnet.may_give(*ip) && is_free(*ip));
        return Some(errors::outside(taken, subnet, moved));
    }
    let (_, what, span) = subnet.kept.iter().find(|(ip, ..)| *ip == taken.ip)?;
    let free = subnet.next_to(taken.ip, is_free);
    Some(errors::reserved(taken, &subnet.name, what, *span, &free))
}

impl Subnet {
    /// Its range and router, if it has one.
    fn site(&self) -> Option<Site> {
        let (router, ..) = self.kept.iter().find(|(_, what, _)| *what == GATEWAY)?;
        Some((self.range.ip, self.range.prefix, *router))
    }

    /// Whether the address is written with another length of the prefix, and not as a single one.
    fn differs(&self, taken: &Taken) -> bool {
        taken.said && taken.prefix != self.range.prefix && taken.prefix != self.range.bits()
    }

    fn may_give(&self, ip: IpAddr) -> bool {
        self.range.has(ip) && !self.kept.iter().any(|(kept, ..)| *kept == ip)
    }

    /// Up to three free addresses next to one, above it first.
    fn next_to(&self, ip: IpAddr, is_free: &dyn Fn(IpAddr) -> bool) -> Vec<IpAddr> {
        self.range.near(ip, 64).filter(|ip| self.may_give(*ip) && is_free(*ip)).take(3).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_addresses_are_near() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let range = Range { ip: ip("10.0.0.0"), prefix: 30 };
        let subnet = Subnet { name: Text::new_static("lan"), range, span: None, kept: Vec::new() };
        let taken = ip("10.0.0.3");
        let free = subnet.next_to(ip("10.0.0.2"), &|ip| ip != taken);
        assert_eq!(free, [ip("10.0.0.1"), ip("10.0.0.0")]);
    }
}

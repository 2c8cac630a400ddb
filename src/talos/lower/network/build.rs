//! Makes the plan of a level: folds what networks and levels say of each link, and finds the places of what says none.

use super::super::super::forms::{Form, Thing};
use super::super::super::{Level, LevelKind};
use super::nets::{self, Net, Nets, address, elements, levels_down};
use super::plan::{
    Astray, BOND_FIELDS, Bond, Bridge, By, Device, Dhcp, Given, Link, LinkRef, Nowhere, PHYSICAL, Part, Plan,
    Route, Say, Stray, Vlan, Way, last,
};
use crate::flatten::{Elem, Fields, Slot};
use crate::resolve::DeclId;
use crate::small_map::SmallMap;
use crate::text::Text;
use crate::typing::{Val, mask};

impl<'p> Plan<'p> {
    /// The plan of a level.
    pub(crate) fn of(level: Level<'p>, nets: &'p Nets) -> Plan<'p> {
        let links = links(level, nets);
        let mut plan = Plan { nets, links, strays: Vec::new(), depth: level.above().len() };
        plan.put_main_address(level);
        for v6 in [false, true] {
            plan.put_default_route(v6);
        }
        if level.kind.takes_vip() {
            plan.put_virtual_addresses(level);
        }
        plan.put_mtus(level);
        plan.decide_dhcp(level);
        plan
    }

    /// The link of a name, made if it is the one that stands for the physical interface.
    fn link_mut(&mut self, name: &str) -> Option<&mut Link<'p>> {
        let at = self.links.iter().position(|link| link.name == name);
        match at {
            Some(at) => self.links.get_mut(at),
            None if name == PHYSICAL => {
                self.links.push(physical());
                self.links.last_mut()
            }
            None => None,
        }
    }

    fn say_mut(&mut self, place: &LinkRef) -> Option<&mut Say<'p>> {
        let link = self.link_mut(&place.link)?;
        match &place.vlan {
            None => Some(&mut link.say),
            Some(id) => link.vlans.iter_mut().find(|vlan| vlan.id == *id).map(|vlan| &mut vlan.say),
        }
    }

    // ---- addresses ------------------------------------------------------------------------------------------------------

    /// `address = … on lan`.
    fn put_main_address(&mut self, level: Level<'p>) {
        let Some((depth, slot, address)) = nets::main_address(level) else { return };
        let net = address.network.map(|(id, _)| id).or(self.named().map(|net| net.id));
        match self.place(net, address.link.as_deref()) {
            Ok(place) => {
                if let Some(say) = self.say_mut(&place) {
                    let given = Given { address, by: By::Field(slot), net, depth };
                    say.addresses.retain(|have| !have.same(&given));
                    say.addresses.push(given);
                }
            }
            Err(why) => self.strays.push(Stray { slot, net, what: Astray::Address, why }),
        }
    }

    /// Where an address on a network goes: to the only link of the network, to the only one of the node, to the physical one.
    fn place(&self, net: Option<DeclId>, said: Option<&str>) -> Result<LinkRef, Nowhere> {
        if let Some(said) = said {
            return self.said(said);
        }
        let free = || self.links.iter().filter(|link| !link.member);
        let declared = |link: &Link<'_>| net.is_some() && link.parts.iter().any(|part| part.net == net);
        let mut names: Vec<Text> =
            free().filter(|link| declared(link)).map(|link| link.name.clone()).collect();
        if names.is_empty() {
            let of_node = |link: &&Link<'_>| link.parts.iter().all(|part| part.net.is_none());
            names = free().filter(of_node).map(|link| link.name.clone()).collect();
        }
        match names.as_slice() {
            [] => Ok(LinkRef { link: Text::new_static(PHYSICAL), vlan: None }),
            [one] => Ok(LinkRef { link: one.clone(), vlan: None }),
            _ => Err(Nowhere::Several(names)),
        }
    }

    fn said(&self, said: &str) -> Result<LinkRef, Nowhere> {
        if self.link(said).is_some() {
            return Ok(LinkRef { link: said.into(), vlan: None });
        }
        if let Some((link, id)) = said.rsplit_once('.')
            && self.link(link).is_some_and(|link| link.vlans.iter().any(|vlan| vlan.id == id))
        {
            return Ok(LinkRef { link: link.into(), vlan: Some(id.into()) });
        }
        let names = self.links.iter().flat_map(|link| {
            let vlans = link.vlans.iter().map(|vlan| format!("{}.{}", link.name, vlan.id).into());
            std::iter::once(link.name.clone()).chain(vlans)
        });
        Err(Nowhere::Unknown(names.collect()))
    }

    // ---- routes ---------------------------------------------------------------------------------------------------------

    /// The default route of a family: to the gateway of the network of one address. Of several the highest level decides, so that
    /// what it has written stays right below; on a level `address`, then the network that is named, then the order of the links.
    /// A default route that is written stands in its place, unless another metric makes it a second one.
    fn put_default_route(&mut self, v6: bool) {
        let named = self.named().map(|net| net.id);
        let mut best: Option<((usize, u8), LinkRef, Route<'p>, Way)> = None;
        for link in &self.links {
            for (vlan, say) in link.says() {
                for given in say.addresses.iter().filter(|given| given.address.ip.is_ipv6() == v6) {
                    let Some(slot) = given.net.and_then(|id| gateway(self.nets.get(id)?, v6)) else {
                        continue;
                    };
                    let rank = match given.by {
                        By::Field(_) => 0,
                        By::Element(_) if given.net == named => 1,
                        By::Element(_) => 2,
                    };
                    let route = Route::Gateway(slot, given.by);
                    let key = (given.depth, rank);
                    if best.as_ref().is_none_or(|(best, ..)| key < *best)
                        && let Some(way) = route.way()
                    {
                        best =
                            Some((key, LinkRef { link: link.name.clone(), vlan: vlan.cloned() }, route, way));
                    }
                }
            }
        }
        let Some((_, place, route, way)) = best else { return };
        let routes = self.says().flat_map(|say| &say.routes).filter_map(Route::way);
        let instead = routes.filter(|other| other.to.is_none() && other.v6 == v6).any(|other| {
            other.gateway == way.gateway || other.metric.is_none_or(|metric| metric == USUAL_METRIC)
        });
        if !instead && let Some(say) = self.say_mut(&place) {
            say.routes.push(route);
        }
    }

    // ---- virtual addresses ----------------------------------------------------------------------------------------------

    /// The virtual address of each network. If machines are listed and only they know which interface is meant, each of them gets
    /// it: an entry of the set for any physical interface would also hold for those that a machine does not use.
    fn put_virtual_addresses(&mut self, level: Level<'p>) {
        let left = level.kind == LevelKind::ControlPlane && level.listed.any;
        for net in self.nets.iter() {
            let Some(slot) = net.flat.fields.get("vip") else { continue };
            let lost = self.strays.iter().any(|stray| stray.net == Some(net.id));
            // Its address has no place already, which is said once; a link may say the same.
            if lost || self.place_of(slot).is_some() {
                continue;
            }
            match self.place_of_network(net) {
                Ok(place) if left && (place.link == PHYSICAL || level.listed.apart) => {}
                Ok(place) => {
                    if let Some(say) = self.say_mut(&place) {
                        say.vips.push(slot);
                    }
                }
                Err(_) if left => {}
                Err(why) => self.strays.push(Stray { slot, net: Some(net.id), what: Astray::Vip, why }),
            }
        }
    }

    /// Where the virtual address of a network goes: to the link or VLAN that has an address on it, else where such an address would
    /// go, but for links whose addresses are all on other networks.
    fn place_of_network(&self, net: &Net) -> Result<LinkRef, Nowhere> {
        let on = |say: &Say<'_>| say.addresses.iter().any(|given| on_network(given, net));
        for link in &self.links {
            if let Some((vlan, _)) = link.says().find(|(_, say)| on(say)) {
                return Ok(LinkRef { link: link.name.clone(), vlan: vlan.cloned() });
            }
        }
        let known = |given: &Given<'_>| given.net.is_some() || net.flat.fields.get("subnet").is_some();
        let asks = |link: &Link<'_>| last(&link.parts, "dhcp").is_some_and(|(_, slot)| is_on(slot));
        let elsewhere = |link: &Link<'_>| {
            let addresses = &link.say.addresses;
            !addresses.is_empty() && addresses.iter().all(known) && !asks(link)
        };
        match self.place(Some(net.id), None) {
            Err(Nowhere::Several(names)) => {
                let here: Vec<&Text> =
                    names.iter().filter(|name| self.link(name).is_none_or(|link| !elsewhere(link))).collect();
                match here.as_slice() {
                    [one] => Ok(LinkRef { link: (*one).clone(), vlan: None }),
                    _ => Err(Nowhere::Several(names)),
                }
            }
            Ok(place) if self.link(&place.link).is_some_and(elsewhere) => {
                Err(Nowhere::Several(vec![place.link]))
            }
            other => other,
        }
    }

    // ---- what networks say of links -------------------------------------------------------------------------------------

    /// The largest packet of a network counts on the links that it declares or that have an address on it; if none is, where an
    /// address on it would go.
    fn put_mtus(&mut self, level: Level<'p>) {
        let nets = self.nets;
        let mtu = |id: DeclId| nets.get(id)?.flat.fields.get("mtu");
        let of_addresses = |say: &Say<'p>| say.addresses.iter().find_map(|given| given.net);
        for link in self.links.iter_mut().filter(|link| !link.member) {
            let id = link.declared_by().or_else(|| of_addresses(&link.say));
            link.say.mtu = link.say.mtu.or_else(|| mtu(id?));
            for vlan in &mut link.vlans {
                let id = of_addresses(&vlan.say);
                vlan.say.mtu = vlan.say.mtu.or_else(|| mtu(id?));
            }
        }
        let Some(net) = nets.named() else { return };
        let on = |link: &Link<'p>| {
            link.declared_by() == Some(net.id)
                || link.says().any(|(_, say)| of_addresses(say) == Some(net.id))
        };
        let Some(slot) = mtu(net.id).filter(|_| !self.links.iter().any(on)) else { return };
        // Levels below that say links know better.
        if level.listed.below && !matches!(level.kind, LevelKind::Machine { .. }) {
            return;
        }
        match self.place_of_network(net) {
            Ok(place) => {
                if let Some(say) = self.say_mut(&place) {
                    say.mtu = say.mtu.or(Some(slot));
                }
            }
            Err(_) if level.kind == LevelKind::Cluster => {}
            Err(_) if self.strays.iter().any(|stray| stray.net == Some(net.id)) => {}
            Err(why) => self.strays.push(Stray { slot, net: Some(net.id), what: Astray::Mtu, why }),
        }
    }

    /// Whether each link asks for an address: as it says itself, not if it has a static one, else as its network says. Talos
    /// itself asks on interfaces that nothing configures, so a link of a network is only written if something else is said of it, or
    /// if there is a document of any link, which ends that.
    fn decide_dhcp(&mut self, level: Level<'p>) {
        let still = level.listed.still && !matches!(level.kind, LevelKind::Machine { .. });
        let (nets, first) = (self.nets, self.nets.iter().next());
        let may = |link: &Link<'p>| {
            let net = match link.declared_by() {
                Some(id) => nets.get(id),
                None => first.filter(|_| link.parts.is_empty()),
            };
            net.is_some_and(Net::dhcp)
                && link.say.addresses.is_empty()
                && !link.member
                && (!still || nets.asked.contains(&link.name))
        };
        for link in &mut self.links {
            link.say.dhcp = said_dhcp(&link.parts, &link.say);
            if matches!(link.say.dhcp, Dhcp::Unsaid) && may(link) && configures(link) {
                link.say.dhcp = Dhcp::Asks(None);
            }
            for vlan in &mut link.vlans {
                vlan.say.dhcp = said_dhcp(&vlan.parts, &vlan.say);
            }
        }
        if level.forms.of(Thing::Links) == Form::Document && self.links.iter().any(Link::has_document) {
            for link in self.links.iter_mut().filter(|link| may(link)) {
                if matches!(link.say.dhcp, Dhcp::Unsaid) {
                    link.say.dhcp = Dhcp::Asks(None);
                }
            }
        }
    }
}

/// The metric that Talos gives a route without one: `DefaultRouteMetric` in `pkg/machinery/resources/network`.
const USUAL_METRIC: i64 = 1024;

/// The link that stands for the physical interface.
fn physical<'p>() -> Link<'p> {
    Link {
        name: Text::new_static(PHYSICAL),
        parts: Vec::new(),
        member: false,
        device: Some(Device { mac: None, driver: None, physical: true }),
        bond: None,
        bridge: None,
        say: Say::default(),
        vlans: Vec::new(),
    }
}

/// Whether a link or VLAN asks for an address, as it says itself, or as its `address` does.
fn said_dhcp<'p>(parts: &[Part<'p>], say: &Say<'p>) -> Dhcp<'p> {
    let by_field = say.addresses.iter().find_map(|given| match given.by {
        By::Field(slot) => Some((slot, given.depth)),
        By::Element(_) => None,
    });
    match (last(parts, "dhcp"), by_field) {
        // What the node of the address says itself holds beside it.
        (Some((part, slot)), Some((_, depth)))
            if part.net.is_none() && part.depth >= depth && is_on(slot) =>
        {
            Dhcp::Asks(Some(slot))
        }
        (_, Some((slot, _))) => Dhcp::Not(Some(slot)),
        (Some((_, slot)), None) if is_on(slot) => Dhcp::Asks(Some(slot)),
        (Some((_, slot)), None) => Dhcp::Not(Some(slot)),
        (None, None) => Dhcp::Unsaid,
    }
}

/// Whether something is said of a link that makes Talos leave it alone.
fn configures(link: &Link<'_>) -> bool {
    let say = &link.say;
    let made = link.bond.is_some() || link.bridge.is_some() || !link.vlans.is_empty();
    made || say.mtu.is_some() || !say.routes.is_empty() || !say.vips.is_empty()
}

fn is_on(slot: &Slot) -> bool {
    matches!(slot.leaf(), Some(Val::Bool(true)))
}

/// The gateway of a network, if it is one of the family.
fn gateway(net: &Net, v6: bool) -> Option<&Slot> {
    let slot = net.flat.fields.get("gateway")?;
    matches!(slot.leaf(), Some(Val::Ip(ip)) if ip.is_ipv6() == v6).then_some(slot)
}

/// Whether an address is on a network: it says so, or says none and is in its subnet.
fn on_network(given: &Given<'_>, net: &Net) -> bool {
    match (given.net, net.flat.fields.leaf("subnet")) {
        (Some(id), _) => id == net.id,
        (None, Some(Val::Prefixed(ip, prefix))) => {
            let own = given.address.ip;
            own.is_ipv6() == ip.is_ipv6() && mask(own, *prefix) == mask(*ip, *prefix)
        }
        (None, _) => false,
    }
}

// ---- what is said of each link ---------------------------------------------------------------------------------------------

fn links<'p>(level: Level<'p>, nets: &'p Nets) -> Vec<Link<'p>> {
    let mut parts: SmallMap<Vec<Part<'p>>> = SmallMap::new();
    let mut add = |fields: &'p Fields, depth: usize, net: Option<DeclId>| {
        for (name, slot) in fields.block("link").into_iter().flat_map(Fields::iter) {
            parts.get_or_insert_with(name, Vec::new).push(Part { slot, depth, net });
        }
    };
    for net in nets.iter() {
        add(&net.flat.fields, net.depth, Some(net.id));
    }
    for (depth, fields) in levels_down(level) {
        add(fields, depth, None);
    }
    let takes_vip = level.kind.takes_vip();
    let mut links: Vec<Link<'p>> = parts
        .into_iter()
        .map(|(name, parts)| Link {
            name,
            member: false,
            device: device(&parts),
            bond: bond(&parts),
            bridge: bridge(&parts),
            say: say(&parts, takes_vip),
            vlans: vlans(&parts, takes_vip),
            parts,
        })
        .collect();
    let members: Vec<Text> = {
        let all = links.iter().flat_map(|link| {
            let bond = link.bond.iter().flat_map(|bond| &bond.links);
            bond.chain(link.bridge.iter().flat_map(|bridge| &bridge.links))
        });
        all.filter_map(|elem| super::super::show(&elem.val)).collect()
    };
    for link in &mut links {
        link.member = members.contains(&link.name);
    }
    links
}

fn vlans<'p>(parts: &[Part<'p>], takes_vip: bool) -> Vec<Vlan<'p>> {
    let mut found: SmallMap<Vec<Part<'p>>> = SmallMap::new();
    for part in parts {
        let block = part.fields().and_then(|fields| fields.block("vlan"));
        for (id, slot) in block.into_iter().flat_map(Fields::iter) {
            found.get_or_insert_with(id, Vec::new).push(Part { slot, ..*part });
        }
    }
    let vlan = |(id, parts): (Text, Vec<Part<'p>>)| Vlan { id, say: say(&parts, takes_vip), parts };
    found.into_iter().map(vlan).collect()
}

fn say<'p>(parts: &[Part<'p>], takes_vip: bool) -> Say<'p> {
    let mut out = Say {
        mtu: last(parts, "mtu").map(|(_, slot)| slot),
        vips: last(parts, "vip").filter(|_| takes_vip).map(|(_, slot)| slot).into_iter().collect(),
        ..Say::default()
    };
    for part in parts {
        let Some(fields) = part.fields() else { continue };
        for elem in elements(fields, "addresses") {
            let Some(address) = address(elem) else { continue };
            let net = address.network.map(|(id, _)| id);
            let given = Given { address, by: By::Element(elem), net, depth: part.depth };
            if !out.addresses.iter().any(|have| have.same(&given)) {
                out.addresses.push(given);
            }
        }
        for elem in elements(fields, "routes") {
            let route = Route::Said(elem);
            let way = route.way();
            if way.is_some() && !out.routes.iter().any(|have| have.way() == way) {
                out.routes.push(route);
            }
        }
    }
    out
}

fn device<'p>(parts: &[Part<'p>]) -> Option<Device<'p>> {
    let [mac, driver] = ["mac", "driver"].map(|field| last(parts, field).map(|(_, slot)| slot));
    let physical = last(parts, "physical").is_some_and(|(_, slot)| is_on(slot));
    (mac.is_some() || driver.is_some() || physical).then_some(Device { mac, driver, physical })
}

fn bond<'p>(parts: &[Part<'p>]) -> Option<Bond<'p>> {
    let blocks: Vec<(&'p Slot, &'p Fields)> =
        parts.iter().filter_map(|part| Some((part.slot, part.fields()?.block("bond")?))).collect();
    let (link, block) = *blocks.last()?;
    let settings = BOND_FIELDS.map(|(field, ..)| blocks.iter().rev().find_map(|(_, block)| block.get(field)));
    let links = blocks.iter().flat_map(|(_, block)| elements(block, "links"));
    Some(Bond { link, block, settings, links: each_once(links) })
}

fn bridge<'p>(parts: &[Part<'p>]) -> Option<Bridge<'p>> {
    let lists: Vec<&'p Slot> = parts
        .iter()
        .filter_map(|part| part.fields()?.get("bridge"))
        .filter(|slot| slot.list().is_some())
        .collect();
    let slot = *lists.last()?;
    let links = lists.iter().filter_map(|slot| slot.list());
    Some(Bridge { slot, links: each_once(links.flat_map(|list| &list.items)) })
}

fn each_once<'p>(elems: impl Iterator<Item = &'p Elem>) -> Vec<&'p Elem> {
    let mut out: Vec<&'p Elem> = Vec::new();
    for elem in elems {
        if !out.iter().any(|have| have.val == elem.val) {
            out.push(elem);
        }
    }
    out
}

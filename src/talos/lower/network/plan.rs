//! What a level says of each link, in no form yet.

use super::super::super::{Level, LevelKind, Listed};
use super::super::{Lowering, show};
use super::view::{self, Nowhere, PHYSICAL, Place, View};
use crate::flatten::{Elem, Fields, ListSlot, Slot};
use crate::text::Text;
use crate::tree::{Node, Origin, Value};
use crate::typing::Val;

/// A link as one level says it.
pub(crate) struct Link {
    /// Its name: that of the interface, unless a device is selected.
    pub(crate) name: Text,
    /// How the device is selected.
    pub(crate) device: Option<Device>,
    /// The level declares it, rather than adding to what a higher one has declared.
    pub(crate) declared: bool,
    /// What it is made of.
    pub(crate) made: Made,
    /// Addresses and the like.
    pub(crate) say: Say,
    /// Its VLANs, by number.
    pub(crate) vlans: Vec<(i64, Say)>,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Qualities that select a device.
#[derive(Clone)]
pub(crate) struct Device {
    /// The hardware address.
    pub(crate) mac: Option<Node>,
    /// The driver; `*` stands for anything.
    pub(crate) driver: Option<Node>,
    /// Any physical interface.
    pub(crate) physical: bool,
}

/// What a link is made of; the parts are there if the level says them.
pub(crate) enum Made {
    /// Nothing else: an interface.
    Device,
    /// A bond.
    Bond(Option<Bond>),
    /// A bridge, and its links.
    Bridge(Option<Vec<Node>>),
}

/// A bond.
pub(crate) struct Bond {
    /// Mode, rate, policy and interval: key in the documents, key in the v1alpha1 document, value.
    pub(crate) settings: Vec<(&'static str, &'static str, Node)>,
    /// The links, with the devices of those that are selected.
    pub(crate) links: Vec<(Node, Option<Device>)>,
}

/// Addresses and the like of a link or VLAN.
#[derive(Default)]
pub(crate) struct Say {
    /// Whether it asks for an address.
    pub(crate) dhcp: Option<(bool, Origin)>,
    /// A higher level has it ask for an address, and this one does not.
    pub(crate) drops_dhcp: bool,
    /// The largest packet.
    pub(crate) mtu: Option<Node>,
    /// The virtual address.
    pub(crate) vip: Option<Node>,
    /// Static addresses.
    pub(crate) addresses: Vec<Node>,
    /// Routes.
    pub(crate) routes: Vec<Route>,
}

/// A route; the default one without a network.
pub(crate) struct Route {
    /// The destination.
    pub(crate) network: Option<Node>,
    /// The next hop.
    pub(crate) gateway: Option<Node>,
    /// The lower one wins.
    pub(crate) metric: Option<Node>,
    /// Whether it is one of IPv6.
    pub(crate) v6: bool,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

impl Say {
    fn is_empty(&self) -> bool {
        let Say { dhcp, drops_dhcp, mtu, vip, addresses, routes } = self;
        dhcp.is_none()
            && !drops_dhcp
            && mtu.is_none()
            && vip.is_none()
            && addresses.is_empty()
            && routes.is_empty()
    }
}

/// An address of a level with no place to go.
pub(crate) struct Stray {
    /// The field: `address` or `vip`.
    pub(crate) slot: Slot,
    /// The network it is on.
    pub(crate) network: Text,
    /// Why.
    pub(crate) why: Nowhere,
}

/// The addresses of a level that have no place to go.
pub(crate) fn strays(lowering: &mut Lowering<'_, '_>, level: Level<'_>, view: &View) -> Vec<Stray> {
    placed(lowering, level, view).2
}

/// The address or virtual address of a level that goes to whatever interface there is, since no link is declared for it.
pub(crate) fn on_any_interface(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    view: &View,
) -> Option<Slot> {
    let (address, vip, _) = placed(lowering, level, view);
    let any = |(place, slot): (Place, Slot)| {
        (place.link == PHYSICAL && !view.links.contains_key(PHYSICAL)).then_some(slot)
    };
    address.and_then(any).or_else(|| vip.and_then(any))
}

/// The links of a level.
pub(crate) fn links(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> Vec<Link> {
    let view = View::of(lowering, level);
    let (address, vip, _) = placed(lowering, level, &view);
    let mut names: Vec<Text> = view.links.keys().cloned().collect();
    for place in [&address, &vip].into_iter().flatten().map(|(place, _)| place) {
        if !names.contains(&place.link) {
            names.push(place.link.clone());
        }
    }
    if names.is_empty() && mtu_of_network(&view).is_some() {
        names.push(Text::new_static(PHYSICAL));
    }
    let at = At { level, address, vip };
    names.into_iter().filter_map(|name| link(lowering, &view, &at, name)).collect()
}

/// A level with the places of its address and virtual address.
struct At<'l> {
    level: Level<'l>,
    address: Option<(Place, Slot)>,
    vip: Option<(Place, Slot)>,
}

impl At<'_> {
    fn of<'p>(place: &'p Option<(Place, Slot)>, link: &str, vlan: Option<&str>) -> Option<&'p Slot> {
        let (place, slot) = place.as_ref()?;
        (place.link == link && place.vlan.as_deref() == vlan).then_some(slot)
    }
}

type Found = Option<(Place, Slot)>;

fn placed(lowering: &mut Lowering<'_, '_>, level: Level<'_>, view: &View) -> (Found, Found, Vec<Stray>) {
    let virtual_here = has_vip(lowering, level, view);
    let mut strays = Vec::new();
    let mut put = |slot: &Slot, network: Option<crate::resolve::DeclId>, said: Option<&str>| match view
        .place(network, said)
    {
        Ok(place) => Some((place, slot.clone())),
        Err(why) => {
            let decl = network.map(|id| lowering.flattener.types.names.decl(id).name.clone());
            strays.push(Stray { slot: slot.clone(), network: decl.unwrap_or_default(), why });
            None
        }
    };
    let named = view.named.as_ref().map(|net| net.id);
    let said = view::address(level).zip(level.own.get("address"));
    let network = said.and_then(|(address, _)| address.network.map(|(id, _)| id).or(named));
    let address = said.and_then(|(address, slot)| put(slot, network, address.link.as_deref()));
    let vip = view.named.as_ref().and_then(|net| net.flat.fields.get("vip")).filter(|_| virtual_here);
    let vip = match &address {
        // It belongs to the interface that is on the network.
        Some((place, _)) if network == named => vip.map(|slot| (place.clone(), slot.clone())),
        // Its address has no place already, which is said once.
        None if said.is_some() && network == named => None,
        _ => vip.and_then(|slot| put(slot, named, None)),
    };
    (address, vip, strays)
}

/// Whether the virtual address of the network is emitted at a level. That is the set of control planes, if it is known there which
/// interface is meant. If only the machines know, it is said for each of them: an entry for any physical interface would also
/// hold for those that a machine does not use.
fn has_vip(lowering: &mut Lowering<'_, '_>, level: Level<'_>, view: &View) -> bool {
    let Some(net) = &view.named else { return false };
    let left_to_machines = |view: &View| {
        let place = view.place(Some(net.id), None);
        level.listed != Listed::None && place.is_ok_and(|place| place.link == PHYSICAL)
    };
    match level.kind {
        LevelKind::ControlPlane => level.own.get("address").is_some() || !left_to_machines(view),
        LevelKind::Machine { control: true } if !net.here => level.parent().is_some_and(|set| {
            let view = View::of(lowering, set);
            set.own.get("address").is_none() && left_to_machines(&view)
        }),
        LevelKind::Machine { control } => control,
        LevelKind::Cluster | LevelKind::Workers => false,
    }
}

fn mtu_of_network(view: &View) -> Option<&Slot> {
    view.named.as_ref().filter(|net| net.here)?.flat.fields.get("mtu")
}

/// Whether a level sets a link up so that it no longer asks for an address by itself. Talos asks on interfaces without any
/// configuration only (`internal/app/machined/pkg/controllers/network/operator_config.go`).
fn configures(view: &View, link: &str, vip: bool) -> bool {
    let fields = ["mtu", "routes", "vlan", "bond", "bridge"];
    let own_network = view.network_of(link).is_some_and(|net| net.here);
    vip || fields.iter().any(|field| view.here(link, field).is_some())
        || own_network && view.network_of(link).is_some_and(|net| net.flat.fields.get("mtu").is_some())
}

/// What a level says of DHCP on a link, before addresses: what is written, or what the network of the link says.
fn dhcp(view: &View, level: Level<'_>, link: &str, vip: bool) -> Option<(bool, Option<Slot>)> {
    if let Some(slot) = view.here(link, "dhcp") {
        return Some((matches!(slot.leaf(), Some(Val::Bool(true))), Some(slot.clone())));
    }
    let net = view.network_of(link)?;
    let settled = view.field(link, "dhcp").is_some() || view.field(link, "addresses").is_some();
    let asks = net.dhcp()
        && configures(view, link, vip)
        && !settled
        && level.listed != Listed::Static
        && !view.enslaved(link);
    asks.then_some((true, None))
}

/// Whether a level above has a link ask for an address.
pub(crate) fn dhcp_above(lowering: &mut Lowering<'_, '_>, level: Level<'_>, link: &str) -> bool {
    let mut next = level.parent();
    while let Some(level) = next {
        let view = View::of(lowering, level);
        let (_, vip, _) = placed(lowering, level, &view);
        let vip = vip.is_some_and(|(place, _)| place.link == link && place.vlan.is_none())
            || level.kind.takes_vip() && view.field(link, "vip").is_some();
        if let Some((asks, _)) = dhcp(&view, level, link, vip) {
            return asks;
        }
        next = level.parent();
    }
    false
}

fn link(lowering: &mut Lowering<'_, '_>, view: &View, at: &At<'_>, name: Text) -> Option<Link> {
    let parts = view.parts(&name);
    let here: Vec<Slot> = parts.iter().filter(|part| part.here).map(|part| part.slot.clone()).collect();
    let address = At::of(&at.address, &name, None).cloned();
    let vip = vip_slot(view, at, &name).cloned();
    let origin_of = here.last().or(address.as_ref()).or(vip.as_ref());
    let origin = match origin_of {
        Some(slot) => lowering.origins.of(slot),
        None => Origin::NONE,
    };
    let mut say = own_say(lowering, view, &name);
    if let Some((asks, slot)) = dhcp(view, at.level, &name, vip.is_some()) {
        let origin = slot.map_or(origin, |slot| lowering.origins.of(&slot));
        say.dhcp = Some((asks, origin));
    }
    if say.mtu.is_none() && !view.enslaved(&name) && view.network_of(&name).is_some_and(|net| net.here) {
        let slot = view.network_of(&name).and_then(|net| net.flat.fields.get("mtu")).cloned();
        say.mtu = slot.and_then(|slot| lowering.node(&slot)).filter(|_| view.field(&name, "mtu").is_none());
    }
    say.vip = vip.as_ref().and_then(|slot| lowering.text(slot));
    if let Some(slot) = &address {
        put_address(lowering, view, slot, &mut say);
    }
    if say.dhcp.is_some_and(|(asks, _)| !asks) {
        say.drops_dhcp = dhcp_above(lowering, at.level, &name);
    }
    let vlans = vlans(lowering, view, at, &name);
    let made = made(lowering, view, &name);
    let declared = here.iter().any(|slot| slot.map().is_some_and(|fields| !fields.is_empty()))
        && parts.first().is_some_and(|part| part.here)
        || parts.is_empty();
    let device = view.selected(&name).then(|| device(lowering, view, &name));
    let bare = say.is_empty() && vlans.is_empty() && !made.is_said();
    if bare && !(declared && device.is_some()) {
        return None;
    }
    Some(Link { name, device, declared, made, say, vlans, origin })
}

impl Made {
    fn is_said(&self) -> bool {
        matches!(self, Made::Bond(Some(_)) | Made::Bridge(Some(_)))
    }
}

/// The virtual address of a link at a level.
fn vip_slot<'a>(view: &'a View, at: &'a At<'_>, name: &str) -> Option<&'a Slot> {
    if !at.level.kind.takes_vip() {
        return None;
    }
    let own = match at.level.kind {
        LevelKind::ControlPlane => view.field(name, "vip"),
        _ => view.here(name, "vip"),
    };
    own.or_else(|| At::of(&at.vip, name, None))
}

/// What the blocks of a link that stand at the level say.
fn own_say(lowering: &mut Lowering<'_, '_>, view: &View, name: &str) -> Say {
    let blocks: Vec<Fields> =
        view.parts(name).iter().filter(|part| part.here).filter_map(|part| part.fields().cloned()).collect();
    let mut say = Say::default();
    for fields in &blocks {
        block_say(lowering, fields, &mut say);
    }
    say
}

fn block_say(lowering: &mut Lowering<'_, '_>, fields: &Fields, say: &mut Say) {
    if let Some(node) = fields.get("mtu").and_then(|slot| lowering.node(slot)) {
        say.mtu = Some(node);
    }
    if let Some(list) = fields.list("addresses") {
        say.addresses.extend(lowering.texts(list));
    }
    if let Some(list) = fields.list("routes") {
        say.routes.extend(routes(lowering, list));
    }
}

fn routes(lowering: &mut Lowering<'_, '_>, list: &ListSlot) -> Vec<Route> {
    list.items.iter().filter_map(|elem| route(lowering, elem)).collect()
}

fn route(lowering: &mut Lowering<'_, '_>, elem: &Elem) -> Option<Route> {
    let Val::Fields(fields) = &elem.val else { return None };
    let origin = lowering.origins.at(elem.span, elem.owner);
    let mut text = |field: &str| fields.get(field).and_then(|slot| lowering.text(slot));
    let (network, gateway) = (text("network"), text("gateway"));
    let metric = fields.get("metric").and_then(|slot| lowering.node(slot));
    let v6 = [&network, &gateway]
        .into_iter()
        .flatten()
        .any(|node| node.as_str().is_some_and(|text| text.contains(':')));
    // A default route is one without a destination: documents take no other.
    let network = network.filter(|node| !matches!(node.as_str(), Some("0.0.0.0/0" | "::/0")));
    Some(Route { network, gateway, metric, v6, origin })
}

/// A static address: no DHCP, and a default route if the network has a gateway of its kind.
fn put_address(lowering: &mut Lowering<'_, '_>, view: &View, slot: &Slot, say: &mut Say) {
    let Some(Val::Address(address)) = slot.leaf() else { return };
    let origin = lowering.origins.of(slot);
    say.dhcp = Some((false, origin));
    say.addresses.extend(lowering.text(slot));
    let id = address.network.map(|(id, _)| id).or(view.named.as_ref().map(|net| net.id));
    let net = view.named.iter().chain(&view.other).find(|net| Some(net.id) == id).cloned();
    let Some(slot) = net.as_ref().and_then(|net| net.flat.fields.get("gateway")) else { return };
    let Some(Val::Ip(gateway)) = slot.leaf() else { return };
    if gateway.is_ipv6() == address.ip.is_ipv6() {
        let node = lowering.text(slot);
        let v6 = gateway.is_ipv6();
        say.routes.push(Route { network: None, gateway: node, metric: None, v6, origin });
    }
}

fn vlans(lowering: &mut Lowering<'_, '_>, view: &View, at: &At<'_>, name: &str) -> Vec<(i64, Say)> {
    let mut out: Vec<(Text, Say)> = Vec::new();
    let address_on = at.address.as_ref().filter(|(place, _)| place.link == name);
    for part in view.parts(name) {
        for (vlan, slot) in
            part.fields().and_then(|fields| fields.block("vlan")).into_iter().flat_map(Fields::iter)
        {
            let addressed = address_on.is_some_and(|(place, _)| place.vlan.as_ref() == Some(vlan));
            let virtual_here = at.level.kind == LevelKind::ControlPlane
                && slot.map().is_some_and(|fields| fields.get("vip").is_some());
            if !part.here && !addressed && !virtual_here {
                continue;
            }
            let at_end = match out.iter().position(|(known, _)| known == vlan) {
                Some(i) => i,
                None => {
                    out.push((vlan.clone(), Say::default()));
                    out.len() - 1
                }
            };
            let say = &mut out[at_end].1;
            let Some(fields) = slot.map() else { continue };
            vlan_say(lowering, fields, part.here, at.level, say);
        }
    }
    for (vlan, say) in &mut out {
        if let Some(slot) = At::of(&at.address, name, Some(vlan)) {
            put_address(lowering, view, &slot.clone(), say);
        }
        if let Some(slot) = At::of(&at.vip, name, Some(vlan)) {
            say.vip = lowering.text(slot);
        }
    }
    out.into_iter().filter_map(|(vlan, say)| Some((vlan.parse().ok()?, say))).collect()
}

fn vlan_say(lowering: &mut Lowering<'_, '_>, fields: &Fields, here: bool, level: Level<'_>, say: &mut Say) {
    if here {
        block_say(lowering, fields, say);
        if let Some(slot) = fields.get("dhcp") {
            let asks = matches!(slot.leaf(), Some(Val::Bool(true)));
            say.dhcp = Some((asks, lowering.origins.of(slot)));
        }
    }
    let vip_here = level.kind == LevelKind::ControlPlane || here && level.kind.takes_vip();
    if vip_here && let Some(node) = fields.get("vip").and_then(|slot| lowering.text(slot)) {
        say.vip = Some(node);
    }
}

fn device(lowering: &mut Lowering<'_, '_>, view: &View, name: &str) -> Device {
    let text = |lowering: &mut Lowering<'_, '_>, field: &str| {
        view.field(name, field).and_then(|slot| lowering.text(slot))
    };
    let (mac, driver) = (text(lowering, "mac"), text(lowering, "driver"));
    let said = matches!(view.field(name, "physical").and_then(Slot::leaf), Some(Val::Bool(true)));
    let physical = said || mac.is_none() && driver.is_none();
    Device { mac, driver, physical }
}

fn made(lowering: &mut Lowering<'_, '_>, view: &View, name: &str) -> Made {
    if view.field(name, "bond").is_some() {
        let slot = view.here(name, "bond").cloned();
        return Made::Bond(slot.map(|slot| bond(lowering, view, &slot)));
    }
    if view.field(name, "bridge").is_some() {
        let slot = view.here(name, "bridge").cloned();
        return Made::Bridge(slot.and_then(|slot| Some(lowering.texts(slot.list()?))));
    }
    Made::Device
}

fn bond(lowering: &mut Lowering<'_, '_>, view: &View, slot: &Slot) -> Bond {
    let mut settings = Vec::new();
    let mut links = Vec::new();
    if let Some(fields) = slot.map() {
        for (field, document, legacy) in [
            ("mode", "bondMode", "mode"),
            ("lacp-rate", "lacpRate", "lacpRate"),
            ("hash-policy", "xmitHashPolicy", "xmitHashPolicy"),
            ("miimon", "miimon", "miimon"),
            ("updelay", "updelay", "updelay"),
            ("downdelay", "downdelay", "downdelay"),
        ] {
            if let Some(node) = fields.get(field).and_then(|slot| lowering.node(slot)) {
                settings.push((document, legacy, node));
            }
        }
        for elem in fields.list("links").iter().flat_map(|list| &list.items) {
            let Some(name) = show(&elem.val) else { continue };
            let device = view.selected(&name).then(|| device(lowering, view, &name));
            links.push((Node::str(name, lowering.origins.at(elem.span, elem.owner)), device));
        }
    }
    Bond { settings, links }
}

/// `false` as a node.
pub(crate) fn flag(on: bool, origin: Origin) -> Node {
    Node::new(Value::Bool(on), origin)
}

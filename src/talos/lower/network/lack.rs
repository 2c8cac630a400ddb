//! What a level writes: what its plan has and that of the level above lacks.
//!
//! Talos adds up the lists of the levels and lets the last scalar stand (`pkg/machinery/config/merge`), so each thing is written at the
//! highest level that has it, and nothing twice.

use super::super::super::Level;
use super::super::super::forms::{Form, Thing};
use super::super::{Lowering, show};
use super::plan::{BOND_FIELDS, Bond, Device, Dhcp, Link, Part, Plan, Route, Say, Vlan};
use crate::flatten::Slot;
use crate::text::Text;
use crate::tree::{Node, Origin, Value};
use crate::typing::Val;

/// A link as a level writes it.
pub(super) struct Written {
    /// Its name.
    pub(super) name: Text,
    /// How the device is selected.
    pub(super) device: Option<Selected>,
    /// No higher level has said how.
    pub(super) names_device: bool,
    /// What it is made of.
    pub(super) made: Made,
    /// Addresses and the like.
    pub(super) say: Words,
    /// Its VLANs, by number.
    pub(super) vlans: Vec<(i64, Words)>,
    /// It has to be there even if nothing is said of it.
    pub(super) bare: bool,
    /// Where it comes from.
    pub(super) origin: Origin,
}

/// Qualities that select a device.
#[derive(Clone)]
pub(super) struct Selected {
    /// The hardware address.
    pub(super) mac: Option<Node>,
    /// The driver; `*` stands for anything.
    pub(super) driver: Option<Node>,
    /// Any physical interface.
    pub(super) physical: bool,
}

/// What a link is made of; the parts are there if the level writes them.
pub(super) enum Made {
    /// Nothing else: an interface.
    Device,
    /// A bond.
    Bond(Option<Bonded>),
    /// A bridge, and its links.
    Bridge(Option<Vec<Node>>),
}

/// A bond.
pub(super) struct Bonded {
    /// Key in the documents, key in the v1alpha1 document, value.
    pub(super) settings: Vec<(&'static str, &'static str, Node)>,
    /// The links, with the devices of those that are selected.
    pub(super) links: Vec<(Node, Option<Selected>)>,
}

/// Addresses and the like of a link or VLAN.
#[derive(Default)]
pub(super) struct Words {
    /// Whether it asks for an address.
    pub(super) dhcp: Option<(bool, Origin)>,
    /// A higher level has it ask for an address, and this one does not.
    pub(super) drops_dhcp: bool,
    /// The largest packet.
    pub(super) mtu: Option<Node>,
    /// Virtual addresses.
    pub(super) vips: Vec<Node>,
    /// Virtual addresses of a higher level that the machine no longer has: each is a document of its own.
    pub(super) drops_vips: Vec<Text>,
    /// Static addresses.
    pub(super) addresses: Vec<Node>,
    /// Routes.
    pub(super) routes: Vec<Routed>,
}

/// A route; the default one without a network.
pub(super) struct Routed {
    /// The destination.
    pub(super) network: Option<Node>,
    /// The next hop.
    pub(super) gateway: Option<Node>,
    /// The lower one wins.
    pub(super) metric: Option<Node>,
    /// Whether it is one of IPv6.
    pub(super) v6: bool,
    /// Where it comes from.
    pub(super) origin: Origin,
}

impl Words {
    fn is_empty(&self) -> bool {
        let Words { dhcp, drops_dhcp, mtu, vips, drops_vips, addresses, routes } = self;
        let silent = dhcp.is_none() && !drops_dhcp && mtu.is_none() && drops_vips.is_empty();
        silent && vips.is_empty() && addresses.is_empty() && routes.is_empty()
    }
}

/// The links that a level writes.
pub(super) fn links(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    plan: &Plan<'_>,
    above: Option<&Plan<'_>>,
) -> Vec<Written> {
    let form = level.forms.of(Thing::Links);
    let write = |link: &Link<'_>| {
        let before = above.and_then(|above| above.link(&link.name));
        self::link(lowering, (plan, form), link, before)
    };
    plan.links.iter().filter_map(write).collect()
}

fn link(
    lowering: &mut Lowering<'_, '_>,
    (plan, form): (&Plan<'_>, Form),
    link: &Link<'_>,
    above: Option<&Link<'_>>,
) -> Option<Written> {
    let origin = origin(lowering, plan, link);
    let say = words(lowering, plan, (&link.say, above.map(|above| &above.say)), origin);
    let mut vlans = Vec::new();
    for vlan in &link.vlans {
        let before = above.and_then(|above| above.vlans.iter().find(|before| before.id == vlan.id));
        vlans.extend(self::vlan(lowering, plan, (vlan, before), origin));
    }
    let made = made(lowering, plan, link, above);
    let device = link.device.map(|device| selected(lowering, device));
    let names_device = link.device.is_some_and(|device| !above.is_some_and(|above| above.selects(device)));
    let bare = match form {
        Form::Document => {
            link.rests() && !above.is_some_and(|above| above.holds_something() || above.rests())
        }
        Form::Legacy => link.listed() && !above.is_some_and(Link::has_entry),
    };
    let nothing = say.is_empty() && vlans.is_empty() && !made.is_said() && !bare;
    if nothing && !names_device {
        return None;
    }
    Some(Written { name: link.name.clone(), device, names_device, made, say, vlans, bare, origin })
}

impl Link<'_> {
    /// Whether the device is selected in the same way.
    pub(crate) fn selects(&self, device: Device<'_>) -> bool {
        let leaf = |slot: Option<&Slot>| slot.and_then(Slot::leaf).cloned();
        self.device.is_some_and(|own| {
            leaf(own.mac) == leaf(device.mac)
                && leaf(own.driver) == leaf(device.driver)
                && own.physical == device.physical
        })
    }
}

impl Made {
    fn is_said(&self) -> bool {
        matches!(self, Made::Bond(Some(_)) | Made::Bridge(Some(_)))
    }
}

/// Where what the last level says of a link comes from: its own block, or the address that goes there.
fn origin(lowering: &mut Lowering<'_, '_>, plan: &Plan<'_>, link: &Link<'_>) -> Origin {
    let own = |part: &&Part<'_>| part.depth == plan.depth;
    let block = link.parts.iter().rev().find(own).map(|part| part.slot);
    let given = link.says().flat_map(|(_, say)| &say.addresses).find(|given| given.depth == plan.depth);
    let vip = || link.says().find_map(|(_, say)| say.vips.first().copied());
    match (block, given) {
        (Some(slot), _) => lowering.origins.of(slot),
        (None, Some(given)) => given.by.origin(lowering.origins),
        (None, None) => match vip().or(link.say.mtu).or(link.parts.last().map(|part| part.slot)) {
            Some(slot) => lowering.origins.of(slot),
            None => Origin::NONE,
        },
    }
}

fn vlan(
    lowering: &mut Lowering<'_, '_>,
    plan: &Plan<'_>,
    (vlan, above): (&Vlan<'_>, Option<&Vlan<'_>>),
    origin: Origin,
) -> Option<(i64, Words)> {
    let words = words(lowering, plan, (&vlan.say, above.map(|above| &above.say)), origin);
    if above.is_some() && words.is_empty() {
        return None;
    }
    Some((vlan.id.parse().ok()?, words))
}

fn words(
    lowering: &mut Lowering<'_, '_>,
    plan: &Plan<'_>,
    (say, above): (&Say<'_>, Option<&Say<'_>>),
    origin: Origin,
) -> Words {
    let nothing = Say::default();
    let above = above.unwrap_or(&nothing);
    let mut out = Words::default();
    let asked = above.asks();
    let of = |lowering: &mut Lowering<'_, '_>, slot: Option<&Slot>| {
        slot.map_or(origin, |slot| lowering.origins.of(slot))
    };
    match say.dhcp {
        Dhcp::Asks(slot) if !asked => out.dhcp = Some((true, of(lowering, slot))),
        Dhcp::Not(slot) if !matches!(above.dhcp, Dhcp::Not(_)) => {
            out.dhcp = Some((false, of(lowering, slot)))
        }
        Dhcp::Unsaid if asked => out.dhcp = Some((false, origin)),
        Dhcp::Asks(_) | Dhcp::Not(_) | Dhcp::Unsaid => {}
    }
    out.drops_dhcp = asked && !say.asks();
    let leaf = |slot: Option<&Slot>| slot.and_then(Slot::leaf).cloned();
    if leaf(say.mtu) != leaf(above.mtu) {
        out.mtu = say.mtu.and_then(|slot| lowering.node(slot));
    }
    for vip in &say.vips {
        if !above.vips.iter().any(|have| have.leaf() == vip.leaf()) {
            out.vips.extend(lowering.text(vip));
        }
    }
    // One that has moved to another link is changed there.
    let gone = above.vips.iter().filter(|vip| !plan.has_vip(vip));
    out.drops_vips.extend(gone.filter_map(|vip| super::super::show(vip.leaf()?)));
    for given in &say.addresses {
        if !above.addresses.iter().any(|have| have.same(given)) {
            let origin = given.by.origin(lowering.origins);
            let text = format!("{}/{}", given.address.ip, given.address.prefix);
            out.addresses.push(Node::str(text, origin));
        }
    }
    for route in &say.routes {
        if !above.routes.iter().any(|have| have.way() == route.way()) {
            out.routes.extend(routed(lowering, route));
        }
    }
    out
}

fn routed(lowering: &mut Lowering<'_, '_>, route: &Route<'_>) -> Option<Routed> {
    let way = route.way()?;
    let (network, gateway, metric, origin) = match route {
        Route::Gateway(slot, by) => (None, lowering.text(slot), None, by.origin(lowering.origins)),
        Route::Said(elem) => {
            let Val::Fields(fields) = &elem.val else { return None };
            let origin = lowering.origins.at(elem.span, elem.owner);
            let mut text = |field: &str| fields.get(field).and_then(|slot| lowering.text(slot));
            // A default route is one without a destination: documents take no other.
            let (network, gateway) = (text("network").filter(|_| way.to.is_some()), text("gateway"));
            let metric = fields.get("metric").and_then(|slot| lowering.node(slot));
            (network, gateway, metric, origin)
        }
    };
    Some(Routed { network, gateway, metric, v6: way.v6, origin })
}

fn selected(lowering: &mut Lowering<'_, '_>, device: Device<'_>) -> Selected {
    let mac = device.mac.and_then(|slot| lowering.text(slot));
    let driver = device.driver.and_then(|slot| lowering.text(slot));
    Selected { mac, driver, physical: device.physical }
}

fn made(lowering: &mut Lowering<'_, '_>, plan: &Plan<'_>, link: &Link<'_>, above: Option<&Link<'_>>) -> Made {
    if let Some(bond) = &link.bond {
        return Made::Bond(bonded(lowering, plan, bond, above.and_then(|above| above.bond.as_ref())));
    }
    if let Some(bridge) = &link.bridge {
        let before = above.and_then(|above| above.bridge.as_ref());
        let lacks = bridge.links.iter().filter(|elem| {
            !before.is_some_and(|before| before.links.iter().any(|have| have.val == elem.val))
        });
        let list: Vec<Node> = lacks
            .filter_map(|elem| Some(Node::str(show(&elem.val)?, lowering.origins.at(elem.span, elem.owner))))
            .collect();
        return Made::Bridge((before.is_none() || !list.is_empty()).then_some(list));
    }
    Made::Device
}

fn bonded(
    lowering: &mut Lowering<'_, '_>,
    plan: &Plan<'_>,
    bond: &Bond<'_>,
    above: Option<&Bond<'_>>,
) -> Option<Bonded> {
    let leaf = |slot: Option<&Slot>| slot.and_then(Slot::leaf).cloned();
    let mut settings = Vec::new();
    for (i, (_, document, legacy)) in BOND_FIELDS.into_iter().enumerate() {
        let before = above.and_then(|above| above.settings[i]);
        if leaf(bond.settings[i]) != leaf(before)
            && let Some(node) = bond.settings[i].and_then(|slot| lowering.node(slot))
        {
            settings.push((document, legacy, node));
        }
    }
    let mut links = Vec::new();
    for elem in &bond.links {
        if above.is_some_and(|above| above.links.iter().any(|have| have.val == elem.val)) {
            continue;
        }
        let Some(name) = show(&elem.val) else { continue };
        let device = plan.link(&name).and_then(|link| link.device).map(|device| selected(lowering, device));
        links.push((Node::str(name, lowering.origins.at(elem.span, elem.owner)), device));
    }
    let new = above.is_none() || !settings.is_empty() || !links.is_empty();
    new.then_some(Bonded { settings, links })
}

/// `true` or `false` as a node.
pub(super) fn flag(on: bool, origin: Origin) -> Node {
    Node::new(Value::Bool(on), origin)
}

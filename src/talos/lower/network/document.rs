//! Links as documents of their own (Talos 1.12 and later): `LinkConfig`, `BondConfig`, `BridgeConfig`, `VLANConfig` for what a link
//! is, `LinkAliasConfig` for the device it stands for, `DHCPv4Config` and `Layer2VIPConfig` beside them.
//!
//! Source: Talos `pkg/machinery/config/types/network`. Documents of several patches are merged by kind and name, so a lower level
//! adds to a link with a document of the kind that the higher level has made.

use super::super::Draft;
use super::lack::{Bonded, Made, Routed, Selected, Words, Written, flag};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};

/// Writes the links of a level.
pub(super) fn links(links: Vec<Written>, draft: &mut Draft) {
    for link in links {
        self::link(link, draft);
    }
}

fn link(link: Written, draft: &mut Draft) {
    if let Some(device) = link.device.as_ref().filter(|_| link.names_device) {
        let matches =
            Map::from_iter([(Text::new_static("match"), Node::str(expression(device), link.origin))]);
        let fields = Map::from_iter([(Text::new_static("selector"), Node::map(matches, link.origin))]);
        draft.document("LinkAliasConfig", Some(&link.name), link.origin, fields);
    }
    let mut map = Map::with_capacity(2);
    let kind = match link.made {
        Made::Device => "LinkConfig",
        Made::Bond(said) => {
            if let Some(bond) = said {
                self::bond(bond, link.origin, &mut map);
            }
            "BondConfig"
        }
        Made::Bridge(said) => {
            if let Some(names) = said {
                map.insert("links", Node::seq(names, link.origin));
            }
            "BridgeConfig"
        }
    };
    let after = common(&mut map, link.say);
    if !map.is_empty() || link.bare {
        if map.is_empty() {
            map.insert("up", flag(true, link.origin));
        }
        draft.document(kind, Some(&link.name), link.origin, map);
    }
    after.write(&link.name, draft);
    for (id, said) in link.vlans {
        vlan(&link.name, id, said, link.origin, draft);
    }
}

fn vlan(parent: &str, id: i64, said: Words, origin: Origin, draft: &mut Draft) {
    let name = format!("{parent}.{id}");
    let mut map = Map::new();
    map.insert("vlanID", Node::new(Value::Int(id), origin));
    map.insert("parent", Node::str(parent, origin));
    let after = common(&mut map, said);
    draft.document("VLANConfig", Some(&name), origin, map);
    after.write(&name, draft);
}

fn bond(bond: Bonded, origin: Origin, map: &mut Map) {
    let links = bond.links.into_iter().map(|(name, _)| name).collect();
    map.insert("links", Node::seq(links, origin));
    for (key, _, node) in bond.settings {
        map.insert(key, node);
    }
}

/// What a device is selected by, as an expression over its link. Only physical links are ever asked, so any of them is `true`.
fn expression(device: &Selected) -> String {
    let mut terms = Vec::new();
    if let Some(mac) = device.mac.as_ref().and_then(Node::as_str) {
        terms.push(format!("mac(link.permanent_addr) == \"{}\"", mac.to_lowercase()));
    }
    if let Some(driver) = device.driver.as_ref().and_then(Node::as_str) {
        let quoted = driver.replace('\\', "\\\\").replace('"', "\\\"");
        terms.push(match driver.contains(['*', '?']) {
            true => format!("glob(\"{quoted}\", link.driver)"),
            false => format!("link.driver == \"{quoted}\""),
        });
    }
    if terms.is_empty() { "true".to_owned() } else { terms.join(" && ") }
}

/// What stands in documents beside that of the link.
struct After {
    dhcp: Option<Origin>,
    drops_dhcp: bool,
    vips: Vec<Node>,
    drops_vips: Vec<Text>,
}

impl After {
    fn write(self, link: &str, draft: &mut Draft) {
        if let Some(origin) = self.dhcp {
            draft.document("DHCPv4Config", Some(link), origin, Map::new());
        }
        let delete = || Map::from_iter([(Text::new_static("$patch"), Node::str("delete", Origin::NONE))]);
        if self.drops_dhcp {
            draft.document("DHCPv4Config", Some(link), Origin::NONE, delete());
        }
        for ip in self.drops_vips {
            draft.document("Layer2VIPConfig", Some(&ip), Origin::NONE, delete());
        }
        for ip in self.vips {
            let fields = Map::from_iter([(Text::new_static("link"), Node::str(link, ip.origin))]);
            draft.document("Layer2VIPConfig", ip.as_str(), ip.origin, fields);
        }
    }
}

/// A list made of another, in memory of its own: `collect` would keep that of the other, which holds more than is needed.
fn exactly<T>(list: Vec<T>, node: impl FnMut(T) -> Node) -> Vec<Node> {
    let mut out = Vec::with_capacity(list.len());
    out.extend(list.into_iter().map(node));
    out
}

/// The fields that documents of all kinds of links have.
fn common(map: &mut Map, say: Words) -> After {
    if let Some(node) = say.mtu {
        map.insert("mtu", node);
    }
    if !say.addresses.is_empty() {
        let origin = say.addresses[0].origin;
        let address = |node: Node| {
            let origin = node.origin;
            Node::map(Map::from_iter([(Text::new_static("address"), node)]), origin)
        };
        map.insert("addresses", Node::seq(exactly(say.addresses, address), origin));
    }
    if !say.routes.is_empty() {
        let origin = say.routes[0].origin;
        map.insert("routes", Node::seq(exactly(say.routes, route), origin));
    }
    After {
        dhcp: say.dhcp.filter(|(asks, _)| *asks).map(|(_, origin)| origin),
        drops_dhcp: say.drops_dhcp,
        vips: say.vips,
        drops_vips: say.drops_vips,
    }
}

fn route(route: Routed) -> Node {
    let mut map = Map::new();
    for (key, node) in [("destination", route.network), ("gateway", route.gateway), ("metric", route.metric)]
    {
        if let Some(node) = node {
            map.insert(key, node);
        }
    }
    Node::map(map, route.origin)
}

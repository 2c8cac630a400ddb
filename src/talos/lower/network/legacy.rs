//! Links in the v1alpha1 document: `machine.network.interfaces`.
//!
//! Source: Talos `pkg/machinery/config/types/v1alpha1`, `Device`. Entries of several patches are merged by interface, or by
//! selector if that has no `physical`.

use super::super::Draft;
use super::lack::{Made, Routed, Selected, Words, Written, flag};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};

/// Writes the links of a level.
pub(super) fn links(links: Vec<Written>, draft: &mut Draft) {
    let origin = links.first().map_or(Origin::NONE, |link| link.origin);
    let list: Vec<Node> = links.into_iter().filter_map(interface).collect();
    if !list.is_empty() {
        draft.legacy(&["machine", "network"], origin).insert("interfaces", Node::seq(list, origin));
    }
}

/// An entry; none for a link that is only declared, so that others may name its device.
fn interface(link: Written) -> Option<Node> {
    let mut map = Map::new();
    match &link.device {
        Some(device) => map.insert("deviceSelector", selector(device, "hardwareAddr", link.origin)),
        None => map.insert("interface", Node::str(link.name.clone(), link.origin)),
    };
    let bare = map.len();
    say(&mut map, link.say);
    match link.made {
        Made::Bond(Some(bond)) => {
            let mut inner = Map::new();
            for (_, key, node) in bond.settings {
                inner.insert(key, node);
            }
            let (devices, names): (Vec<_>, Vec<_>) =
                bond.links.into_iter().partition(|(_, device)| device.is_some());
            if !names.is_empty() {
                let names = names.into_iter().map(|(name, _)| name).collect();
                inner.insert("interfaces", Node::seq(names, link.origin));
            }
            if !devices.is_empty() {
                // A bond gives its own hardware address to its links: their permanent one stays.
                let all = devices
                    .into_iter()
                    .filter_map(|(name, device)| Some(selector(&device?, "permanentAddr", name.origin)));
                inner.insert("deviceSelectors", Node::seq(all.collect(), link.origin));
            }
            map.insert("bond", Node::map(inner, link.origin));
        }
        Made::Bridge(Some(names)) => {
            let inner = Map::from_iter([(Text::new_static("interfaces"), Node::seq(names, link.origin))]);
            map.insert("bridge", Node::map(inner, link.origin));
        }
        Made::Device | Made::Bond(None) | Made::Bridge(None) => {}
    }
    if !link.vlans.is_empty() {
        let vlans = link.vlans.into_iter().map(|(id, said)| {
            let mut map = Map::new();
            map.insert("vlanId", Node::new(Value::Int(id), link.origin));
            say(&mut map, said);
            Node::map(map, link.origin)
        });
        map.insert("vlans", Node::seq(vlans.collect(), link.origin));
    }
    (map.len() > bare || link.bare).then(|| Node::map(map, link.origin))
}

fn selector(device: &Selected, mac: &'static str, origin: Origin) -> Node {
    let mut map = Map::new();
    if let Some(node) = &device.mac {
        map.insert(mac, node.clone());
    }
    if let Some(node) = &device.driver {
        map.insert("driver", node.clone());
    }
    if device.physical {
        map.insert("physical", flag(true, origin));
    }
    Node::map(map, origin)
}

fn say(map: &mut Map, say: Words) {
    if let Some((asks, origin)) = say.dhcp {
        map.insert("dhcp", flag(asks, origin));
    }
    if let Some(node) = say.mtu {
        map.insert("mtu", node);
    }
    if !say.addresses.is_empty() {
        let origin = say.addresses[0].origin;
        map.insert("addresses", Node::seq(say.addresses, origin));
    }
    if !say.routes.is_empty() {
        let origin = say.routes[0].origin;
        map.insert("routes", Node::seq(say.routes.into_iter().map(route).collect(), origin));
    }
    // One interface has one: the rules refuse a second.
    if let Some(ip) = say.vips.into_iter().next() {
        let origin = ip.origin;
        map.insert("vip", Node::map(Map::from_iter([(Text::new_static("ip"), ip)]), origin));
    }
}

fn route(route: Routed) -> Node {
    let mut map = Map::new();
    let everything = if route.v6 { "::/0" } else { "0.0.0.0/0" };
    map.insert("network", route.network.unwrap_or_else(|| Node::str(everything, route.origin)));
    for (key, node) in [("gateway", route.gateway), ("metric", route.metric)] {
        if let Some(node) = node {
            map.insert(key, node);
        }
    }
    Node::map(map, route.origin)
}

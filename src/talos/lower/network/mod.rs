//! Networks, links and addresses; the host name; the address of the node; the disk to install on.

mod document;
mod errors;
mod legacy;
pub(crate) mod plan;
pub(crate) mod view;

use super::super::forms::Writers;
use super::super::{Level, LevelKind};
use super::{Draft, Lowering, kernel};
use crate::flatten::{Fields, Slot};
use crate::text::Text;
use crate::tree::{Map, Node, Origin};
use crate::typing::Val;
use crate::world::config::Thing;

/// `network`, `link` and `address`, and for control planes the virtual address of a network that a higher level names.
pub(super) fn network(lowering: &mut Lowering<'_, '_>, level: Level<'_>, draft: &mut Draft) {
    if let Some(Val::Ref(id, args)) = level.own.leaf("network") {
        let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
        resolver(lowering, level, &flat.fields, draft);
        // What the level says itself stands in place of what the network says.
        if let Some(slot) = flat.fields.get("timeservers").filter(|_| level.own.get("timeservers").is_none())
        {
            kernel::timeservers(lowering, level, slot, draft);
        }
    }
    if !concerns_links(level) {
        return;
    }
    // What has no place to go is for the rules to say, which know what else is wrong.
    let links = plan::links(lowering, level);
    level.forms.write(Thing::Links, links, LINKS, draft);
}

/// Whether a level says anything of links.
fn concerns_links(level: Level<'_>) -> bool {
    let inherits =
        || level.above.iter().any(|fields| ["network", "link"].iter().any(|f| fields.get(f).is_some()));
    ["network", "link", "address"].iter().any(|field| level.own.get(field).is_some())
        || level.kind.takes_vip() && inherits()
}

const LINKS: Writers<Vec<plan::Link>> = Writers { legacy: legacy::links, document: document::links };

/// Name servers and search domains.
struct Resolver {
    servers: Option<Vec<Node>>,
    search: Option<Vec<Node>>,
    origin: Origin,
}

const RESOLVER: Writers<Resolver> = Writers {
    legacy: |said, draft| {
        for (key, list) in [("nameservers", said.servers), ("searchDomains", said.search)] {
            if let Some(list) = list {
                draft.legacy(&["machine", "network"], said.origin).insert(key, Node::seq(list, said.origin));
            }
        }
    },
    document: |said, draft| {
        let mut fields = Map::new();
        if let Some(servers) = said.servers {
            let list = servers.into_iter().map(|node| {
                let origin = node.origin;
                Node::map(Map::from_iter([(Text::new_static("address"), node)]), origin)
            });
            fields.insert("nameservers", Node::seq(list.collect(), said.origin));
        }
        if let Some(search) = said.search {
            let domains = Map::from_iter([(Text::new_static("domains"), Node::seq(search, said.origin))]);
            fields.insert("searchDomains", Node::map(domains, said.origin));
        }
        draft.document("ResolverConfig", None, said.origin, fields);
    },
};

fn resolver(lowering: &mut Lowering<'_, '_>, level: Level<'_>, network: &Fields, draft: &mut Draft) {
    let origin = ["nameservers", "search"].iter().find_map(|field| network.get(field));
    let Some(origin) = origin.map(|slot| lowering.origins.of(slot)) else { return };
    let mut list = |field: &str| network.list(field).map(|list| lowering.texts(list));
    let said = Resolver { servers: list("nameservers"), search: list("search"), origin };
    level.forms.write(Thing::Resolver, said, RESOLVER, draft);
}

/// Mirrors what Talos accepts of `HostnameConfig`: a name needs `auto: off`, because the generated document says `auto: stable`.
const HOSTNAME: Writers<Node> = Writers {
    legacy: |name, draft| {
        let origin = name.origin;
        draft.legacy(&["machine", "network"], origin).insert("hostname", name);
    },
    document: |name, draft| {
        let origin = name.origin;
        let auto = Node::str("off", origin);
        let fields = Map::from_iter([(Text::new_static("auto"), auto), (Text::new_static("hostname"), name)]);
        draft.document("HostnameConfig", None, origin, fields);
    },
};

pub(super) fn hostname(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if let Some(name) = lowering.text(slot) {
        level.forms.write(Thing::Hostname, name, HOSTNAME, draft);
    }
}

const NODE_IP: Writers<Node> = Writers {
    legacy: |subnets, draft| {
        let origin = subnets.origin;
        draft.legacy(&["machine", "kubelet", "nodeIP"], origin).insert("validSubnets", subnets);
    },
    document: |subnets, draft| {
        let origin = subnets.origin;
        let inner = Map::from_iter([(Text::new_static("validSubnets"), subnets)]);
        let fields = Map::from_iter([(Text::new_static("nodeIP"), Node::map(inner, origin))]);
        draft.document("KubeNodeConfig", None, origin, fields);
    },
};

/// The kubelet takes the address of the node from the subnet of a network.
pub(super) fn node_ip(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(Val::Ref(id, args)) = slot.leaf() else { return };
    let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
    let origin = lowering.origins.of(slot);
    match flat.fields.get("subnet").and_then(|subnet| lowering.text(subnet)) {
        Some(subnet) => {
            let subnets = Node::seq(vec![subnet], origin);
            level.forms.write(Thing::Node, subnets, NODE_IP, draft);
        }
        None if flat.broken => {}
        None => {
            let decl = lowering.flattener.types.names.decl(*id).clone();
            lowering.report(errors::node_ip_without_subnet(slot, &decl));
        }
    }
}

/// `install` where no machine is: a patch, as long as Omni takes one. On a machine it is a field of the template.
pub(super) fn install(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if matches!(level.kind, LevelKind::Machine { .. }) {
        return;
    }
    let Some(install) = slot.map() else { return };
    if let Some(selector) = install.get("selector") {
        lowering.report(errors::selector_needs_machine(selector));
    }
    let Some(disk) = install.get("disk") else { return };
    // Omni from 1.11 on refuses the field in patches: `client/pkg/omni/resources/omni/config_patch.go`.
    if level.target.omni_at_least(1, 11) {
        lowering.report(errors::install_needs_machine(disk, level.target));
    } else if let Some(node) = lowering.text(disk) {
        draft.legacy(&["machine", "install"], node.origin).insert("disk", node);
    }
}

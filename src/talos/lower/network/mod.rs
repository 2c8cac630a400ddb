//! Networks, links and addresses; the host name; the address of the node; the disk to install on.

mod build;
mod document;
mod errors;
mod lack;
mod legacy;
pub(crate) mod nets;
pub(crate) mod plan;

use super::super::forms::{Thing, Writers};
use super::super::{Level, LevelKind, Listed};
use super::{Draft, Lowering, kernel};
use crate::flatten::{Elem, Fields, Slot};
use crate::fleet::{Cluster, Set};
use crate::text::Text;
use crate::tree::{Map, Node, Origin};
use crate::typing::Val;
use nets::Nets;
use plan::{Plan, Servers};

/// `network`, `link` and `address`, and for control planes the virtual address of a network that a higher level names.
pub(super) fn network(lowering: &mut Lowering<'_, '_>, level: Level<'_>, draft: &mut Draft) {
    if !concerns_links(lowering, level) {
        return;
    }
    match (linked_parent(level), level.links_above) {
        (Some(parent), None) => {
            let nets = Nets::of(lowering, parent);
            let plan = Plan::of(parent, &nets);
            write(lowering, level, Some(Above { nets: &nets, plan: &plan }), draft);
        }
        (parent, above) => write(lowering, level, above.filter(|_| parent.is_some()).copied(), draft),
    }
}

/// What the level above a level comes to.
#[derive(Clone, Copy)]
pub(crate) struct Above<'p> {
    /// The networks that count there.
    pub(crate) nets: &'p Nets,
    /// Its links.
    pub(crate) plan: &'p Plan<'p>,
}

fn write(lowering: &mut Lowering<'_, '_>, level: Level<'_>, above: Option<Above<'_>>, draft: &mut Draft) {
    let nets = Nets::of(lowering, level);
    servers(lowering, level, &nets, above.map(|above| above.nets), draft);
    let plan = Plan::of(level, &nets);
    // What has no place to go is for the rules to say, which know what else is wrong.
    let links = lack::links(lowering, level, &plan, above.map(|above| above.plan));
    level.forms.write(Thing::Links, links, LINKS, draft);
}

/// The level above, if that or a higher one says anything of links: else its plan is empty.
pub(crate) fn linked_parent(level: Level<'_>) -> Option<Level<'_>> {
    let says = |fields: &&Fields| LINK_FIELDS.iter().any(|field| fields.get(field).is_some());
    level.parent().filter(|_| level.above().iter().any(says))
}

/// Whether a level says anything of links, or has to say what those above it left to it.
pub(crate) fn concerns_links(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> bool {
    says_links(level) || level.kind != LevelKind::Cluster && left_to(lowering, level)
}

/// Whether a level above leaves it open which link a network's size of packets is for, since levels below say links.
fn left_to(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> bool {
    if !level.listed.below && !level.listed.below_cluster {
        return false;
    }
    let Some(Val::Ref(id, args)) = level.find("network").and_then(Slot::leaf) else { return false };
    let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
    flat.fields.get("mtu").is_some()
}

fn says_links(level: Level<'_>) -> bool {
    let own = LINK_FIELDS.iter().any(|field| level.own.get(field).is_some());
    own || level.kind.takes_vip() && linked_parent(level).is_some()
}

/// What is known of a cluster: whether one of its sets or listed machines says a link or an address.
pub(crate) fn listed_in(cluster: &Cluster) -> Listed {
    let says = |set: &Set| {
        says_place(&set.own) || set.machines().iter().any(|machine| says_place(&machine.flat.fields))
    };
    let below = cluster.sets.iter().any(says);
    Listed { below, below_cluster: below, ..Listed::default() }
}

fn says_place(fields: &Fields) -> bool {
    ["link", "address"].iter().any(|field| fields.get(field).is_some())
}

/// The fields that say something of links.
const LINK_FIELDS: [&str; 3] = ["network", "link", "address"];

/// What is known of the machines that a set lists; `level` is that of the set.
pub(crate) fn listed(lowering: &mut Lowering<'_, '_>, set: &Set, level: Level<'_>) -> Listed {
    let machines = set.machines();
    let still =
        !machines.is_empty() && machines.iter().all(|machine| machine.flat.fields.get("address").is_some());
    let below = machines.iter().any(|machine| says_place(&machine.flat.fields));
    let mut listed = Listed { any: !machines.is_empty(), still, below, ..level.listed };
    if set.control && listed.any && says_links(level) {
        let nets = Nets::of(lowering, level);
        let plan = Plan::of(Level { listed: Listed { any: false, ..listed }, ..level }, &nets);
        let vips: Vec<&Slot> = nets.iter().filter_map(|net| net.flat.fields.get("vip")).collect();
        listed.apart = !vips.is_empty()
            && machines.iter().any(|machine| {
                let own = level.below(machine);
                let nets = Nets::of(lowering, own);
                let own = Plan::of(own, &nets);
                vips.iter().any(|vip| own.place_of(vip) != plan.place_of(vip))
            });
    }
    listed
}

const LINKS: Writers<Vec<lack::Written>> = Writers { legacy: legacy::links, document: document::links };

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

/// Name servers, search domains and time servers of the networks, as far as the level above lacks them.
fn servers(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    nets: &Nets,
    above: Option<&Nets>,
    draft: &mut Draft,
) {
    let own = Servers::of(nets);
    let before = above.map(Servers::of).unwrap_or_default();
    let (names, search) = (lacking(&own.names, &before.names), lacking(&own.search, &before.search));
    if let Some((slot, _)) = names.first().or(search.first()) {
        let origin = lowering.origins.of(slot);
        let mut list = |said: Said<'_>| (!said.is_empty()).then(|| texts(lowering, &said));
        let said = Resolver { servers: list(names), search: list(search), origin };
        level.forms.write(Thing::Resolver, said, RESOLVER, draft);
    }
    let mut times = lacking(&own.times, &before.times);
    // What the node says itself is written with its own list.
    let said = level.find("timeservers").and_then(Slot::list);
    times.retain(|(_, elem)| !said.is_some_and(|said| said.items.iter().any(|have| have.val == elem.val)));
    if let Some((slot, _)) = times.first() {
        let origin = lowering.origins.of(slot);
        let servers = Node::seq(texts(lowering, &times), origin);
        kernel::time_servers(level, servers, draft);
    }
}

/// Whether a network of the level above gives a time server, which is written there then.
pub(super) fn gives_time_server(lowering: &mut Lowering<'_, '_>, level: Level<'_>, server: &Elem) -> bool {
    let Some(parent) = linked_parent(level) else { return false };
    let nets = Nets::of(lowering, parent);
    Servers::of(&nets).times.iter().any(|(_, have)| have.val == server.val)
}

/// Elements of lists, each with the list.
type Said<'p> = Vec<(&'p Slot, &'p Elem)>;

fn lacking<'p>(own: &Said<'p>, above: &Said<'_>) -> Said<'p> {
    let lacks = |(_, elem): &&(&Slot, &Elem)| !above.iter().any(|(_, have)| have.val == elem.val);
    own.iter().filter(lacks).copied().collect()
}

fn texts(lowering: &mut Lowering<'_, '_>, said: &Said<'_>) -> Vec<Node> {
    let node = |(_, elem): &(&Slot, &Elem)| {
        Some(Node::str(super::show(&elem.val)?, lowering.origins.at(elem.span, elem.owner)))
    };
    said.iter().filter_map(node).collect()
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
    if let Some(before) = level.before(&["node-ip"]) {
        let Some(Val::Ref(id, args)) = before.leaf() else { return };
        let old = lowering.flattener.flat(*id, args, Some(&level.target.talos));
        // Talos adds up the subnets of the levels, and takes an address from any of them.
        if slot.replaces().is_some() && old.fields.leaf("subnet") != flat.fields.leaf("subnet") {
            lowering.report(super::listed_above(slot, before, "the subnet of `node-ip`"));
        }
        return;
    }
    match flat.fields.get("subnet").and_then(|subnet| lowering.text(subnet)) {
        Some(subnet) => {
            let subnets = Node::seq(vec![subnet], origin);
            level.forms.write(Thing::Node, subnets, NODE_IP, draft);
        }
        None if !flat.poison.is_clean() => {}
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

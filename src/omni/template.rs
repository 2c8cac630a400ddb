//! The documents of one cluster template: `Cluster`, `ControlPlane`, `Workers`, `Machine`.

use super::features;
use super::ids;
use super::lists;
use crate::flatten::Fields;
use crate::fleet::{Cluster, Member, Set, Size, Source};
use crate::talos::lower::Lowering;
use crate::talos::{Content, LoweredCluster, Patch};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::Val;

/// The documents of a cluster in the order in which Omni lists them.
pub fn documents(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, lowered: &LoweredCluster) -> Vec<Node> {
    let mut out = vec![cluster_document(lowering, cluster, &lowered.common)];
    let sets = || cluster.sets.iter().zip(&lowered.sets);
    for (set, patches) in sets() {
        out.push(set_document(lowering, cluster, set, &patches.own));
    }
    for (set, patches) in sets() {
        for (machine, patches) in set.machines().iter().zip(&patches.machines) {
            out.extend(machine_document(lowering, cluster, set, machine, patches));
        }
    }
    out
}

fn cluster_document(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, lowered: &[Patch]) -> Node {
    let fields = &cluster.flat.fields;
    let name = lowering.origins.at(cluster.span, cluster.decl);
    let mut map = features::kind("Cluster");
    map.insert("name", Node::str(cluster.name.clone(), name));
    metadata(lowering, fields, &mut map);
    let kubernetes = features::kubernetes(lowering, cluster);
    map.insert("kubernetes", Node::map(kubernetes, Origin::NONE));
    let talos = features::talos(lowering, cluster);
    map.insert("talos", Node::map(talos, Origin::NONE));
    let features = features::features(lowering, cluster);
    if !features.is_empty() {
        map.insert("features", Node::map(features, Origin::NONE));
    }
    patches(lowering, cluster, None, lowered, &mut map);
    if let Some(list) = lists::extensions(lowering, fields, &[fields]) {
        map.insert("systemExtensions", list);
    }
    if let Some(args) = lists::kernel_args(lowering, fields, fields) {
        map.insert("kernelArgs", args);
    }
    Node::map(map, name)
}

fn metadata(lowering: &mut Lowering<'_, '_>, fields: &Fields, map: &mut Map) {
    for field in ["labels", "annotations"] {
        if let Some(node) = fields.get(field).and_then(|slot| lowering.node(slot)) {
            map.insert(field, node);
        }
    }
}

fn set_document(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set, lowered: &[Patch]) -> Node {
    let origin = lowering.origins.at(set.span, cluster.decl);
    let mut map = features::kind(if set.control { "ControlPlane" } else { "Workers" });
    if !set.control {
        map.insert("name", Node::str(set.name.clone(), origin));
    }
    metadata(lowering, &set.own, &mut map);
    bootstrap(lowering, &set.own, &mut map);
    members(lowering, set, &mut map, origin);
    for (field, wire) in [
        ("update-strategy", "updateStrategy"),
        ("upgrade-strategy", "upgradeStrategy"),
        ("delete-strategy", "deleteStrategy"),
    ] {
        strategy(lowering, &set.own, field, wire, &mut map);
    }
    patches(lowering, cluster, Some(&set.name), lowered, &mut map);
    if let Some(list) = lists::extensions(lowering, &set.own, &[&set.effective]) {
        map.insert("systemExtensions", list);
    }
    if let Some(args) = lists::kernel_args(lowering, &set.own, &set.effective) {
        map.insert("kernelArgs", args);
    }
    Node::map(map, origin)
}

fn bootstrap(lowering: &mut Lowering<'_, '_>, own: &Fields, map: &mut Map) {
    let Some(slot) = own.get("bootstrap") else { return };
    let Some(fields) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let mut spec = Map::new();
    for (field, wire) in [("cluster-uuid", "clusterUUID"), ("snapshot", "snapshot")] {
        if let Some(node) = fields.get(field).and_then(|slot| lowering.text(slot)) {
            spec.insert(wire, node);
        }
    }
    map.insert("bootstrapSpec", Node::map(spec, origin));
}

fn members(lowering: &mut Lowering<'_, '_>, set: &Set, map: &mut Map, origin: Origin) {
    match &set.source {
        Source::Empty => {}
        Source::Machines(machines) => {
            let ids = machines.iter().map(|machine| {
                let origin = lowering.origins.at(machine.span, machine.decl);
                Node::str(machine.id.clone(), origin)
            });
            map.insert("machines", Node::seq(ids.collect(), origin));
        }
        Source::Class { class, size, .. } => {
            let at = set.own.get("class").map_or(origin, |slot| lowering.origins.of(slot));
            let name = lowering.flattener.types.names.decl(*class).name.clone();
            let mut source = Map::new();
            source.insert("name", Node::str(name, at));
            let at = set.own.get("size").map_or(origin, |slot| lowering.origins.of(slot));
            match size {
                Some(Size::Count(n)) => source.insert("size", Node::new(Value::Int(i64::from(*n)), at)),
                Some(Size::Unlimited) => source.insert("size", Node::str("unlimited", at)),
                None => None,
            };
            map.insert("machineClass", Node::map(source, origin));
        }
    }
}

/// `rolling(2)` is a Rolling strategy with its parallelism, `unset` turns the strategy off.
fn strategy(lowering: &mut Lowering<'_, '_>, own: &Fields, field: &str, wire: &'static str, map: &mut Map) {
    let Some(slot) = own.get(field) else { return };
    let origin = lowering.origins.of(slot);
    let mut node = Map::new();
    match slot.leaf() {
        Some(Val::Tagged(_, inner)) => {
            node.insert("type", Node::str("Rolling", origin));
            let parallel = lowering.scalar(inner, origin);
            let rolling = Map::from_iter([(Text::new_static("maxParallelism"), parallel)]);
            node.insert("rolling", Node::map(rolling, origin));
        }
        Some(Val::Word(word)) => {
            node.insert("type", Node::str(if word == "unset" { "Unset" } else { "Rolling" }, origin));
        }
        _ => return,
    }
    map.insert(wire, Node::map(node, origin));
}

/// A `Machine` document, if anything is said of the machine itself.
fn machine_document(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    set: &Set,
    machine: &Member,
    lowered: &[Patch],
) -> Option<Node> {
    let fields = &machine.flat.fields;
    let origin = lowering.origins.at(machine.span, machine.decl);
    let mut map = features::kind("Machine");
    map.insert("name", Node::str(machine.id.clone(), origin));
    let bare = map.len();
    metadata(lowering, fields, &mut map);
    if let Some(node) = fields.get("locked").and_then(|slot| lowering.node(slot)) {
        map.insert("locked", node);
    }
    install(lowering, fields, &mut map);
    patches(lowering, cluster, Some(&machine.id), lowered, &mut map);
    if let Some(list) = lists::extensions(lowering, fields, &[&set.effective, fields]) {
        map.insert("systemExtensions", list);
    }
    if let Some(args) = lists::kernel_args(lowering, fields, fields) {
        map.insert("kernelArgs", args);
    }
    (map.len() > bare).then(|| Node::map(map, origin))
}

fn install(lowering: &mut Lowering<'_, '_>, fields: &Fields, map: &mut Map) {
    let Some(slot) = fields.get("install") else { return };
    let Some(install) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let mut node = Map::new();
    for (field, wire) in [("disk", "disk"), ("selector", "diskSelector")] {
        if let Some(value) = install.get(field).and_then(|slot| lowering.text(slot)) {
            node.insert(wire, value);
        }
    }
    map.insert("install", Node::map(node, origin));
}

/// The patches of a level.
fn patches(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    owner: Option<&str>,
    lowered: &[Patch],
    map: &mut Map,
) {
    let stable =
        !matches!(cluster.flat.fields.leaf("patch-ids"), Some(Val::Word(word)) if word == "positional");
    let lists = cluster.target.omni_at_least(1, 8);
    let mut out = Vec::new();
    for patch in lowered {
        match &patch.content {
            Content::Documents(documents) if documents.len() > 1 && !lists => {
                // Omni knows lists of documents in a patch since 1.8: before, each is a patch of its own.
                for (i, document) in documents.iter().enumerate() {
                    let name =
                        if i == 0 { patch.name.clone() } else { format!("{}-{}", patch.name, i + 1).into() };
                    let id = stable.then(|| ids::patch(&cluster.name, owner, &name));
                    out.push(patch_node(lowering, patch, &name, id, Inline::One(document.clone())));
                }
            }
            content => {
                let id = patch
                    .id
                    .clone()
                    .or_else(|| stable.then(|| ids::patch(&cluster.name, owner, &patch.name)));
                let inline = match content {
                    Content::File(path) => Inline::File(path.clone()),
                    Content::Documents(documents) => match documents.as_slice() {
                        [one] => Inline::One(one.clone()),
                        many => Inline::Many(many.to_vec()),
                    },
                };
                out.push(patch_node(lowering, patch, &patch.name, id, inline));
            }
        }
    }
    if !out.is_empty() {
        map.insert("patches", Node::seq(out, Origin::NONE));
    }
}

enum Inline {
    One(Node),
    Many(Vec<Node>),
    File(Text),
}

fn patch_node(
    lowering: &mut Lowering<'_, '_>,
    patch: &Patch,
    name: &Text,
    id: Option<Text>,
    inline: Inline,
) -> Node {
    let owner = crate::resolve::DeclId(0);
    let origin = patch.span.map_or(Origin::NONE, |span| lowering.origins.at(span, owner));
    let mut map = Map::new();
    map.insert("name", Node::str(name.clone(), origin));
    if let Some(id) = id {
        map.insert("idOverride", Node::str(id, origin));
    }
    for (key, node) in [("labels", &patch.labels), ("annotations", &patch.annotations)] {
        if let Some(node) = node {
            map.insert(key, node.clone());
        }
    }
    match inline {
        Inline::One(node) => map.insert("inline", node),
        Inline::Many(nodes) => map.insert("inline", Node::seq(nodes, origin)),
        Inline::File(path) => map.insert("file", Node::str(path, origin)),
    };
    Node::map(map, origin)
}

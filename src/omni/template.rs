//! The documents of one cluster template: `Cluster`, `ControlPlane`, `Workers`, `Machine`.

use super::lists::Levels;
use super::manifests::Manifest;
use super::patches::Entry;
use super::paths::Layout;
use super::{features, patches};
use crate::flatten::Fields;
use crate::fleet::{Cluster, Member, Set, Size, Source};
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::Val;

/// The documents of a cluster in the order in which Omni lists them; they take the patches in.
pub(super) fn documents(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    patches: patches::Levels,
    manifests: Vec<Manifest>,
) -> Vec<Node> {
    let levels = Levels::of(cluster);
    let mut out = vec![cluster_document(lowering, layout, cluster, &levels, patches.cluster, manifests)];
    let mut machines = Vec::with_capacity(patches.sets.len());
    for (set, (own, patches)) in cluster.sets.iter().zip(patches.sets) {
        out.push(set_document(lowering, cluster, &levels, set, own));
        machines.push((set, patches));
    }
    for (set, patches) in machines {
        for (machine, patches) in set.machines().iter().zip(patches) {
            out.extend(machine_document(lowering, &levels, set, machine, patches));
        }
    }
    out
}

fn cluster_document(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    levels: &Levels<'_>,
    patches: Vec<Entry>,
    manifests: Vec<Manifest>,
) -> Node {
    let fields = &cluster.flat.fields;
    let name = lowering.origins.at(cluster.span, cluster.decl);
    let mut map = features::kind("Cluster");
    map.insert("name", Node::str(cluster.name.clone(), name));
    metadata(lowering, fields, &mut map);
    let kubernetes = features::kubernetes(lowering, layout, cluster, manifests);
    map.insert("kubernetes", Node::map(kubernetes, Origin::NONE));
    let talos = features::talos(lowering, cluster);
    map.insert("talos", Node::map(talos, Origin::NONE));
    let features = features::features(lowering, cluster);
    if !features.is_empty() {
        map.insert("features", Node::map(features, Origin::NONE));
    }
    patches::put(patches, &mut map);
    if let Some(list) = levels.cluster(lowering) {
        map.insert("systemExtensions", list);
    }
    if let Some(args) = levels.cluster_args(lowering) {
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

fn set_document(
    lowering: &mut Lowering<'_, '_>,
    cluster: &Cluster,
    levels: &Levels<'_>,
    set: &Set,
    patches: Vec<Entry>,
) -> Node {
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
    patches::put(patches, &mut map);
    if let Some(list) = levels.set(lowering, set) {
        map.insert("systemExtensions", list);
    }
    if let Some(args) = levels.set_args(lowering, set) {
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
    levels: &Levels<'_>,
    set: &Set,
    machine: &Member,
    patches: Vec<Entry>,
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
    patches::put(patches, &mut map);
    if let Some(list) = levels.machine(lowering, set, machine) {
        map.insert("systemExtensions", list);
    }
    if let Some(args) = levels.machine_args(lowering, set, machine) {
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

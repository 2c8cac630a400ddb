//! The parts of the `Cluster` document: versions, features, backups, manifests, health checks.

use super::lists::fixed;
use crate::flatten::Fields;
use crate::fleet::Cluster;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::{Map, Node, Origin};

/// `kubernetes: { version, manifests, healthchecks }`
pub(super) fn kubernetes(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Map {
    let mut map = Map::new();
    map.insert("version", version(lowering, cluster, "kubernetes", &cluster.target.kubernetes.to_string()));
    let manifests = entries(lowering, &cluster.flat.fields, "manifest", manifest);
    if !manifests.is_empty() {
        map.insert("manifests", Node::seq(manifests, Origin::NONE));
    }
    let checks = entries(lowering, &cluster.flat.fields, "healthcheck", healthcheck);
    if !checks.is_empty() {
        map.insert("healthchecks", Node::seq(checks, Origin::NONE));
    }
    map
}

/// `talos: { version }`
pub(super) fn talos(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Map {
    let node = version(lowering, cluster, "talos", &cluster.target.talos.to_string());
    Map::from_iter([(Text::new_static("version"), node)])
}

fn version(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, field: &str, text: &str) -> Node {
    let origin = cluster.flat.fields.get(field).map_or(Origin::NONE, |slot| lowering.origins.of(slot));
    Node::str(text, origin)
}

/// `features: { … }` in the order of Omni's struct.
pub(super) fn features(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Map {
    let mut map = Map::new();
    let fields = &cluster.flat.fields;
    let features = fields.block("features");
    let flag = |lowering: &mut Lowering<'_, '_>, map: &mut Map, name: &str, wire: &'static str| {
        if let Some(node) =
            features.and_then(|features| features.get(name)).and_then(|slot| lowering.node(slot))
        {
            map.insert(wire, node);
        }
    };
    flag(lowering, &mut map, "disk-encryption", "diskEncryption");
    flag(lowering, &mut map, "workload-proxy", "enableWorkloadProxy");
    flag(lowering, &mut map, "embedded-discovery", "useEmbeddedDiscoveryService");
    if let Some(slot) = features.and_then(|features| features.get("public-discovery"))
        && let Some(crate::typing::Val::Bool(on)) = slot.leaf()
    {
        let origin = lowering.origins.of(slot);
        map.insert("disablePublicDiscoveryService", Node::new(crate::tree::Value::Bool(!on), origin));
    }
    flag(lowering, &mut map, "node-audit-skip", "enableNodeAuditSkip");
    if let Some(interval) = fields.at(&["backup", "interval"]).and_then(|slot| lowering.text(slot)) {
        let backup = Map::from_iter([(Text::new_static("interval"), interval)]);
        map.insert("backupConfiguration", Node::map(backup, Origin::NONE));
    }
    map
}

type Entry = fn(&mut Lowering<'_, '_>, &Text, &Fields, Origin) -> Map;

fn entries(lowering: &mut Lowering<'_, '_>, fields: &Fields, field: &str, entry: Entry) -> Vec<Node> {
    let mut out = Vec::new();
    for (name, slot) in fields.block(field).into_iter().flat_map(Fields::iter) {
        if let Some(inner) = slot.map() {
            let origin = lowering.origins.of(slot);
            let map = entry(lowering, name, inner, origin);
            out.push(Node::map(map, origin));
        }
    }
    out
}

fn copy(lowering: &mut Lowering<'_, '_>, fields: &Fields, map: &mut Map, field: &str, wire: &'static str) {
    if let Some(node) = fields.get(field).and_then(|slot| lowering.node(slot)) {
        map.insert(wire, node);
    }
}

fn manifest(lowering: &mut Lowering<'_, '_>, name: &Text, fields: &Fields, origin: Origin) -> Map {
    let mut map = Map::new();
    map.insert("name", Node::str(name.clone(), origin));
    copy(lowering, fields, &mut map, "labels", "labels");
    copy(lowering, fields, &mut map, "annotations", "annotations");
    copy(lowering, fields, &mut map, "mode", "mode");
    copy(lowering, fields, &mut map, "text", "inline");
    map
}

fn healthcheck(lowering: &mut Lowering<'_, '_>, name: &Text, fields: &Fields, origin: Origin) -> Map {
    let mut map = Map::new();
    map.insert("name", Node::str(name.clone(), origin));
    copy(lowering, fields, &mut map, "id", "idOverride");
    copy(lowering, fields, &mut map, "labels", "labels");
    copy(lowering, fields, &mut map, "annotations", "annotations");
    copy(lowering, fields, &mut map, "job", "job");
    copy(lowering, fields, &mut map, "interval", "interval");
    map
}

/// The `kind:` line of a document.
pub(super) fn kind(name: &'static str) -> Map {
    Map::from_iter([(Text::new_static("kind"), fixed(name))])
}

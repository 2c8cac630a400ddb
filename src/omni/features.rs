//! The parts of the `Cluster` document: versions, features, backups, manifests, health checks.

use super::lists::fixed;
use super::manifests::{self, Manifest};
use super::paths::Layout;
use crate::fleet::Cluster;
use crate::talos::lower::Lowering;
use crate::text::Text;
use crate::tree::{Map, Node, Origin};

/// `kubernetes: { version, manifests, healthchecks }`
pub(super) fn kubernetes(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    manifests: Vec<Manifest>,
) -> Map {
    let mut map = Map::new();
    map.insert("version", version(lowering, cluster, "kubernetes", &cluster.target.kubernetes.to_string()));
    if !manifests.is_empty() {
        let manifests = manifests.into_iter().map(Manifest::node).collect();
        map.insert("manifests", Node::seq(manifests, Origin::NONE));
    }
    let checks = manifests::healthchecks(lowering, layout, cluster);
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

/// The `kind:` line of a document.
pub(super) fn kind(name: &'static str) -> Map {
    // Most documents are of machines: kind, name, patches.
    let mut map = Map::with_capacity(3);
    map.insert("kind", fixed(name));
    map
}

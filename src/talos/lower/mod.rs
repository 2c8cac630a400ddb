//! Lowering: one function an area, in the order of the table; each becomes a patch named like its field.

mod kernel;
mod kubernetes;
mod node;
mod patches;
pub mod runtimes;
mod value;

pub use patches::{config_node, document_stream};
pub use value::{Lowering, show};

use super::{Content, Level, LevelKind, LoweredCluster, LoweredSet, Patch};
use crate::flatten::Slot;
use crate::fleet::{Cluster, Fleet, Set};
use crate::text::Text;
use crate::tree::{Map, Node, Origin};

/// Documents of one patch under construction: the v1alpha1 document and the others by kind and name.
#[derive(Debug, Default)]
pub struct Draft {
    v1alpha1: Map,
    documents: Vec<Node>,
}

impl Draft {
    /// The map at a path of the v1alpha1 document.
    pub fn legacy(&mut self, path: &[&str], origin: Origin) -> &mut Map {
        let mut map = &mut self.v1alpha1;
        for key in path {
            // A path is given by this module's areas, which never put a scalar where another puts a map.
            map = map.child(key, origin).expect("areas agree on what is a map");
        }
        map
    }
    /// A new document; `name` is left out for those without one.
    pub fn document(&mut self, kind: &str, name: Option<&str>, origin: Origin, mut fields: Map) {
        let mut map = Map::new();
        map.insert("apiVersion", Node::str("v1alpha1", Origin::NONE));
        map.insert("kind", Node::str(kind, origin));
        if let Some(name) = name {
            map.insert("name", Node::str(name, origin));
        }
        for (key, node) in std::mem::take(&mut fields) {
            map.insert(key, node);
        }
        self.documents.push(Node::map(map, origin));
    }
    fn finish(self) -> Vec<Node> {
        let mut out = Vec::new();
        if !self.v1alpha1.is_empty() {
            out.push(Node::map(self.v1alpha1, Origin::NONE));
        }
        out.extend(self.documents);
        out
    }
}

type Area = fn(&mut Lowering<'_, '_>, Level<'_>, &Slot, &mut Draft);

/// The areas in the order of their patches.
const AREAS: &[(&str, Area)] = &[
    ("runtime", kernel::runtime),
    ("timeservers", kernel::timeservers),
    ("kernel", kernel::kernel),
    ("kubelet", node::kubelet),
    ("node-labels", node::labels),
    ("node-annotations", node::annotations),
    ("node-taints", node::taints),
    ("mounts", node::mounts),
    ("volume", node::volumes),
    ("mirrors", node::mirrors),
    ("cni", kubernetes::cni),
    ("kube-proxy", kubernetes::kube_proxy),
    ("schedule-on-control-planes", kubernetes::scheduling),
    ("pod-subnets", kubernetes::pod_subnets),
    ("service-subnets", kubernetes::service_subnets),
    ("cert-sans", kubernetes::cert_sans),
    ("extra-manifests", kubernetes::extra_manifests),
    ("pod-security", kubernetes::pod_security),
    ("metrics", kubernetes::metrics),
];

/// Where the patch of a field stands among the lowered ones of its level.
fn rank(name: &str) -> usize {
    AREAS.iter().position(|area| area.0 == name).unwrap_or(AREAS.len())
}

/// Whether a name belongs to a lowered patch.
pub fn is_reserved(name: &str) -> bool {
    AREAS.iter().any(|area| area.0 == name)
}

/// The patches of every level of a cluster.
pub fn cluster(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> LoweredCluster {
    let fields = &cluster.flat.fields;
    let target = &cluster.target;
    let common = level(lowering, Level { own: fields, above: &[], target, kind: LevelKind::Cluster });
    let sets = cluster.sets.iter().map(|set| self::set(lowering, cluster, set)).collect();
    LoweredCluster { common, sets, loose: Vec::new() }
}

/// Adds the patches of machines that a class picks up: each is lowered for the first set that takes machines from the class.
pub fn loose(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &mut [LoweredCluster]) {
    for (i, loose) in fleet.loose.iter().enumerate() {
        let Some(&(c, s)) = loose.users.first() else { continue };
        let (cluster, set) = (&fleet.clusters[c], &fleet.clusters[c].sets[s]);
        let above = [&set.own, &cluster.flat.fields];
        let kind = LevelKind::Machine { control: set.control };
        let own = &loose.machine.flat.fields;
        let patches = level(lowering, Level { own, above: &above, target: &cluster.target, kind });
        lowered[c].loose.push((i, patches));
    }
}

fn set(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, set: &Set) -> LoweredSet {
    let fields = &cluster.flat.fields;
    let target = &cluster.target;
    let kind = if set.control { LevelKind::ControlPlane } else { LevelKind::Workers };
    let own = level(lowering, Level { own: &set.own, above: &[fields], target, kind });
    let machines = set.machines().iter().map(|machine| {
        let above = [&set.own, fields];
        let kind = LevelKind::Machine { control: set.control };
        level(lowering, Level { own: &machine.flat.fields, above: &above, target, kind })
    });
    LoweredSet { own, machines: machines.collect() }
}

/// The patches of one level: lowered ones in table order, then the user's in order of first appearance.
pub fn level(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> Vec<Patch> {
    let mut out = Vec::new();
    for (field, area) in AREAS {
        let Some(slot) = level.own.get(field) else { continue };
        let mut draft = Draft::default();
        area(lowering, level, slot, &mut draft);
        let documents = draft.finish();
        if !documents.is_empty() {
            out.push(Patch {
                name: Text::new_static(field),
                id: None,
                labels: None,
                annotations: None,
                content: Content::Documents(documents),
                span: slot.span(),
                lowered: true,
                unchecked: false,
            });
        }
    }
    runtimes::mark(lowering, level, &mut out);
    patches::user(lowering, level, &mut out);
    out
}

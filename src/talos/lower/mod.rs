//! Lowering: one function an area, in the order of the table; each becomes a patch named like its field.

mod kernel;
mod kubernetes;
pub(crate) mod network;
mod node;
mod patches;
pub mod runtimes;
mod used;
mod value;

pub use patches::{Stands, document_stream, report_doubtful};
pub use used::forms;
pub use value::{Lowering, show};

use super::forms::Thing;
use super::{Level, LevelKind, LoweredCluster, LoweredSet, Patch};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Slot;
use crate::fleet::{Cluster, Set};
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
    pub fn document(&mut self, kind: &str, name: Option<&str>, origin: Origin, fields: Map) {
        let mut map = Map::with_capacity(3 + fields.len());
        map.insert("apiVersion", Node::str("v1alpha1", Origin::NONE));
        map.insert("kind", Node::str(kind, origin));
        if let Some(name) = name {
            map.insert("name", Node::str(name, origin));
        }
        for (key, node) in fields {
            map.insert(key, node);
        }
        // Hardly any patch has a second document, and a fleet has thousands of patches.
        self.documents.reserve_exact(1);
        self.documents.push(Node::map(map, origin));
    }
    fn finish(self) -> Vec<Node> {
        let mut out = self.documents;
        if !self.v1alpha1.is_empty() {
            out.reserve_exact(1);
            out.insert(0, Node::map(self.v1alpha1, Origin::NONE));
        }
        out
    }
}

/// An area: the name of its patch, the field it is for, and what lowers it.
struct Area {
    field: &'static str,
    lower: Lower,
}

/// What lowers an area.
#[derive(Clone, Copy)]
enum Lower {
    /// The field of the level.
    Field(fn(&mut Lowering<'_, '_>, Level<'_>, &Slot, &mut Draft)),
    /// A field of the cluster, for control planes.
    Control(Thing, fn(&mut Lowering<'_, '_>, Level<'_>, &Slot, &mut Draft)),
    /// Several fields together, perhaps those of levels above.
    Level(fn(&mut Lowering<'_, '_>, Level<'_>, &mut Draft)),
}

const fn field(field: &'static str, lower: fn(&mut Lowering<'_, '_>, Level<'_>, &Slot, &mut Draft)) -> Area {
    Area { field, lower: Lower::Field(lower) }
}

const fn control(
    field: &'static str,
    thing: Thing,
    lower: fn(&mut Lowering<'_, '_>, Level<'_>, &Slot, &mut Draft),
) -> Area {
    Area { field, lower: Lower::Control(thing, lower) }
}

/// The areas in the order of their patches.
const AREAS: &[Area] = &[
    field("runtime", kernel::runtime),
    Area { field: "network", lower: Lower::Level(network::network) },
    field("hostname", network::hostname),
    field("node-ip", network::node_ip),
    field("timeservers", kernel::timeservers),
    field("install", network::install),
    field("kernel", kernel::kernel),
    field("kubelet", node::kubelet),
    field("node-labels", node::labels),
    field("node-annotations", node::annotations),
    field("node-taints", node::taints),
    field("mounts", node::mounts),
    field("volume", node::volumes),
    field("mirrors", node::mirrors),
    control("cni", Thing::Cni, kubernetes::cni),
    control("kube-proxy", Thing::Proxy, kubernetes::kube_proxy),
    control("schedule-on-control-planes", Thing::Scheduling, kubernetes::scheduling),
    field("pod-subnets", kubernetes::pod_subnets),
    field("service-subnets", kubernetes::service_subnets),
    control("cert-sans", Thing::ApiServer, kubernetes::cert_sans),
    control("extra-manifests", Thing::ExtraManifests, kubernetes::extra_manifests),
    control("pod-security", Thing::Admission, kubernetes::pod_security),
    control("metrics", Thing::ControlPlaneParts, kubernetes::metrics),
];

/// Where the patch of a field stands among the lowered ones of its level.
fn rank(name: &str) -> usize {
    AREAS.iter().position(|area| area.field == name).unwrap_or(AREAS.len())
}

/// The patches of every level of a cluster.
pub fn cluster(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> LoweredCluster {
    let forms = forms(lowering, cluster);
    let top = Level::of_cluster(cluster, &forms);
    let common = level(lowering, top);
    let sets = cluster.sets.iter().map(|set| self::set(lowering, set, top.set(cluster, set))).collect();
    LoweredCluster { forms, common, sets }
}

fn set(lowering: &mut Lowering<'_, '_>, set: &Set, alone: Level<'_>) -> LoweredSet {
    let listed = network::listed(lowering, set, alone);
    let level_of = Level { listed, ..alone };
    let own = level(lowering, level_of);
    let nets = network::nets::Nets::of(lowering, level_of);
    let plan = network::plan::Plan::of(level_of, &nets);
    let above = network::Above { nets: &nets, plan: &plan };
    let of_machines = Level { links_above: Some(&above), ..level_of };
    let machines = set.machines().iter().map(|machine| level(lowering, of_machines.below(machine))).collect();
    let picked = set.picked.iter().map(|picked| level(lowering, level_of.picked(&picked.machine)));
    let picked = picked.collect();
    LoweredSet { own, machines, picked }
}

/// Something of which a higher level has written an entry of a list already: Talos would have it twice.
fn listed_above(slot: &Slot, before: &Slot, what: &str) -> Diagnostic {
    Diagnostic::new(
        Code::EmittedAbove,
        format!("{what} is written by a higher level: a lower one cannot change it"),
    )
    .label_if(slot.span(), "changed here")
    .label_if(before.span(), "written for all below it")
    .note("Talos adds up the lists of the levels, so it would be there twice")
    .help("say all of it in one place, or only on the sets or machines that want it, for example in a role")
}

fn drafted(write: impl FnOnce(&mut Draft)) -> Vec<Node> {
    let mut draft = Draft::default();
    write(&mut draft);
    draft.finish()
}

/// The patches of one level: lowered ones in table order, then the user's in order of first appearance.
pub fn level(lowering: &mut Lowering<'_, '_>, level: Level<'_>) -> Vec<Patch> {
    let mut out = Vec::new();
    for area in AREAS {
        let documents = match area.lower {
            Lower::Field(lower) => {
                let Some(slot) = level.own.get(area.field) else { continue };
                drafted(|draft| lower(lowering, level, slot, draft))
            }
            Lower::Control(thing, lower) => {
                let on_set = level.forms.on_control_planes(thing);
                let slot = match (on_set, level.kind) {
                    (true, LevelKind::ControlPlane) => level.find(area.field),
                    (true, _) => None,
                    (false, _) => level.own.get(area.field),
                };
                let Some(slot) = slot else { continue };
                drafted(|draft| lower(lowering, level, slot, draft))
            }
            Lower::Level(lower) => drafted(|draft| lower(lowering, level, draft)),
        };
        if !documents.is_empty() {
            let span = level.own.get(area.field).and_then(Slot::span);
            let span = span.or_else(|| documents.iter().find_map(|node| lowering.origins.span(node.origin)));
            out.push(Patch::of_field(Text::new_static(area.field), documents, span));
        }
    }
    runtimes::mark(lowering, level, &mut out);
    patches::user(lowering, level, &mut out);
    out
}

//! Kubernetes objects of a template: manifests that users bring, health checks, and the RuntimeClass of each runtime.

use super::lists::fixed;
use super::paths::{Layout, is_yaml};
use crate::flatten::{Fields, Slot};
use crate::fleet::{Chain, Cluster};
use crate::origin::Lines;
use crate::resolve::{DeclId, Names};
use crate::source::{FileId, Span};
use crate::talos::lower::runtimes::{self, Offered};
use crate::talos::lower::{Lowering, Stands, document_stream, report_doubtful, show};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::FileRef;

/// Where the objects of a manifest or health check come from.
pub(super) enum Objects {
    /// A text, with the file that it was read from.
    Text(Text, Option<FileId>),
    /// Written in the language.
    Nodes(Vec<Node>),
    /// A file that is not read.
    File(FileRef),
}

const INLINE: &str = "inline";
const FILE: &str = "file";

/// An entry of `kubernetes.manifests` before it is a node.
pub(super) struct Manifest {
    pub(super) name: Text,
    map: Map,
    origin: Origin,
    /// The file of the project that says just this.
    pub(super) whole: Option<FileId>,
}

impl Manifest {
    /// The objects that stand in the template; none if it refers to a file, or if nothing is said.
    pub(super) fn objects(&self) -> Vec<Node> {
        let Some(inline) = self.map.get(INLINE) else { return Vec::new() };
        match &inline.value {
            Value::Seq(items) => items.clone(),
            Value::Str(text) => parse(text, inline.origin),
            _ => Vec::new(),
        }
    }

    /// Refers to a file instead of holding the objects.
    pub(super) fn refer(&mut self, path: Text) {
        self.map.remove(INLINE);
        self.map.insert(FILE, Node::str(path, self.origin));
    }

    pub(super) fn node(self) -> Node {
        Node::map(self.map, self.origin)
    }
}

/// How the template of a cluster refers to the file that says a manifest or a patch, rather than to one that is written for it.
pub(super) fn stays(names: &Names, layout: &Layout, cluster: &Cluster, file: FileId) -> Option<Text> {
    // What is written elsewhere stands alone.
    let file = (!names.elsewhere).then(|| names.sources.file(file))?;
    layout.reference(cluster, &file.name).filter(|_| is_yaml(&file.name))
}

/// The contents that an entry names: one, if it is right. A file that cannot be read is reported and counts as none.
pub(super) fn contents(
    lowering: &mut Lowering<'_, '_>,
    slot: &Slot,
    text: &str,
) -> Vec<(Objects, Option<Span>)> {
    let Some(fields) = slot.map() else { return Vec::new() };
    let mut out = Vec::new();
    if let Some(slot) = fields.get(text)
        && let Some(said) = slot.leaf().and_then(show)
    {
        out.push((Objects::Text(said, None), slot.span()));
    }
    if let Some(slot) = fields.get("objects")
        && let Some(Node { value: Value::Seq(items), .. }) = lowering.node(slot)
    {
        out.push((Objects::Nodes(items), slot.span()));
    }
    let entry = slot.entry().map(|entry| &**entry);
    if let Some((file, entry)) = entry.and_then(|entry| entry.file.as_ref().map(|file| (file, entry))) {
        if entry.marks.is_empty() {
            if let Some((id, text)) = lowering.flattener.types.names.text(file.scope, &file.written) {
                out.push((Objects::Text(text, Some(id)), Some(file.span)));
            }
        } else {
            out.push((Objects::File(file.clone()), Some(file.span)));
        }
    }
    out
}

/// The documents of a text, read quietly: faults are reported by the rules.
pub(super) fn parse(text: &str, at: Origin) -> Vec<Node> {
    let stream = crate::yaml::read(text, FileId(0), &mut |_| at);
    stream.documents.into_iter().filter(|node| node.value != Value::Null).collect()
}

/// The documents of a text with their places; what is wrong is reported. Words that mean several things are wrong if the objects
/// are written again, rather than the text handed on.
pub(super) fn parse_placed(
    lowering: &mut Lowering<'_, '_>,
    text: &str,
    stands: Stands,
    written_again: bool,
) -> Option<Vec<Node>> {
    let stream = document_stream(lowering, text, stands, DeclId(0))?;
    let doubtful = if written_again { stream.doubtful.as_slice() } else { &[] };
    report_doubtful(lowering, doubtful, text, stands);
    let documents = stream.documents.into_iter().filter(|node| node.value != Value::Null).collect();
    doubtful.is_empty().then_some(documents)
}

/// `kubernetes.manifests`: the user's in source order, then one for each runtime, so that none of the user's is renamed by a
/// runtime that comes or goes (Omni's ids count the list).
pub(super) fn manifests(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
) -> Vec<Manifest> {
    let mut out = Vec::new();
    for (name, slot) in cluster.flat.fields.block("manifest").into_iter().flat_map(Fields::iter) {
        let Some(fields) = slot.map() else { continue };
        let origin = lowering.origins.of(slot);
        let mut map = Map::from_iter([(Text::new_static("name"), Node::str(name.clone(), origin))]);
        for field in ["labels", "annotations", "mode"] {
            copy(lowering, fields, &mut map, field, field);
        }
        let whole = put(lowering, layout, cluster, slot, ("text", INLINE), &mut map);
        out.push(Manifest { name: name.clone(), map, origin, whole });
    }
    if cluster.target.omni_at_least(1, 7) {
        for runtime in of_cluster(lowering, cluster) {
            out.push(runtime_class(lowering, cluster, &runtime));
        }
    }
    out
}

/// `kubernetes.healthchecks`
pub(super) fn healthchecks(lowering: &mut Lowering<'_, '_>, layout: &Layout, cluster: &Cluster) -> Vec<Node> {
    let mut out = Vec::new();
    for (name, slot) in cluster.flat.fields.block("healthcheck").into_iter().flat_map(Fields::iter) {
        let Some(fields) = slot.map() else { continue };
        let origin = lowering.origins.of(slot);
        let mut map = Map::from_iter([(Text::new_static("name"), Node::str(name.clone(), origin))]);
        for (field, wire) in [("id", "idOverride"), ("labels", "labels"), ("annotations", "annotations")] {
            copy(lowering, fields, &mut map, field, wire);
        }
        put(lowering, layout, cluster, slot, ("job", "job"), &mut map);
        copy(lowering, fields, &mut map, "interval", "interval");
        out.push(Node::map(map, origin));
    }
    out
}

fn copy(lowering: &mut Lowering<'_, '_>, fields: &Fields, map: &mut Map, field: &str, wire: &'static str) {
    if let Some(node) = fields.get(field).and_then(|slot| lowering.node(slot)) {
        map.insert(wire, node);
    }
}

/// Content in the form that the release reads: text as it stands since 1.8, a list of objects before. Gives the file that says it.
fn put(
    lowering: &mut Lowering<'_, '_>,
    layout: &Layout,
    cluster: &Cluster,
    slot: &Slot,
    (text, wire): (&str, &'static str),
    map: &mut Map,
) -> Option<FileId> {
    let origin = lowering.origins.of(slot);
    let (objects, _) = contents(lowering, slot, text).into_iter().next()?;
    let whole = match &objects {
        Objects::Text(_, file) => *file,
        Objects::Nodes(_) | Objects::File(_) => None,
    };
    match objects {
        Objects::Text(text, file) if cluster.target.omni_at_least(1, 8) => {
            let lines = file.map(|file| lowering.origins.of_text(origin, Lines::File(file)));
            let origin = lines.unwrap_or(origin);
            map.insert(wire, Node::str(text, origin));
        }
        Objects::Text(text, _) => {
            let documents = parse(&text, origin);
            map.insert(wire, Node::seq(documents, origin));
        }
        Objects::Nodes(nodes) => {
            map.insert(wire, Node::seq(nodes, origin));
        }
        Objects::File(file) => {
            let path = layout.reference_to(cluster, &file).unwrap_or_else(|| file.written.clone());
            map.insert(FILE, Node::str(path, origin));
        }
    }
    whole
}

/// The runtimes that a cluster brings a RuntimeClass for, in the order of their names: all that its nodes offer, without those
/// that someone else owns.
pub(super) fn of_cluster(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Vec<Offered> {
    let fields = &cluster.flat.fields;
    let external = fields.block("runtime-class");
    let mut out: Vec<Offered> = Vec::new();
    for runtime in every_runtime(lowering, cluster) {
        if external.is_none_or(|external| external.get(&runtime.name).is_none()) {
            out.push(runtime);
        }
    }
    out
}

/// The runtimes but `runc` that nodes of a cluster offer, in the order of their names.
pub(super) fn every_runtime(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) -> Vec<Offered> {
    let mut out: Vec<Offered> = Vec::new();
    for set in &cluster.sets {
        let mut found = runtimes::offered(lowering, Chain::of_set(cluster, set));
        for machine in set.known() {
            let own = &machine.flat.fields;
            if own.raw("runtime").or(own.raw("runtimes")).is_some() {
                found.extend(runtimes::offered(lowering, Chain::of_machine(cluster, set, machine)));
            }
        }
        for runtime in found {
            if !out.iter().any(|known| known.decl == runtime.decl) {
                out.push(runtime);
            }
        }
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// A manifest of its own for each runtime, created once: a runtime that is added later changes no other, and what an
/// administrator changed in the cluster stays.
fn runtime_class(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, runtime: &Offered) -> Manifest {
    let origin = runtime.origin;
    let chosen = cluster.flat.fields.block("runtime-node-selector").and_then(|map| map.get(&runtime.name));
    let chosen = chosen.and_then(|slot| lowering.node(slot));
    let text = |key: &'static str, node: Node| (Text::new_static(key), node);
    let selector = chosen.unwrap_or_else(|| {
        Node::map(Map::from_iter([(Text::from(runtime.label()), Node::str("true", origin))]), origin)
    });
    let scheduling = Map::from_iter([text("nodeSelector", selector)]);
    let metadata = Map::from_iter([text("name", Node::str(runtime.class_name.clone(), origin))]);
    let object = Map::from_iter([
        text("apiVersion", fixed("node.k8s.io/v1")),
        text("kind", fixed("RuntimeClass")),
        text("metadata", Node::map(metadata, origin)),
        text("handler", Node::str(runtime.handler.clone(), origin)),
        text("scheduling", Node::map(scheduling, origin)),
    ]);
    let name = Text::from(format!("runtime-class-{}", runtime.name));
    let map = Map::from_iter([
        text("name", Node::str(name.clone(), origin)),
        text("mode", fixed("one-time")),
        text(INLINE, Node::seq(vec![Node::map(object, origin)], origin)),
    ]);
    Manifest { name, map, origin, whole: None }
}

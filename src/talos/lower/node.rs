//! The Kubernetes node: kubelet, labels, taints, mounts, volumes, mirrors.

use super::super::Level;
use super::super::forms::{Form, Writers};
use super::{Draft, Lowering};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Fields, Slot, same_value};
use crate::fleet::Target;
use crate::source::Span;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::world::config::Thing;

/// Arguments and configuration of the kubelet.
struct Kubelet {
    args: Option<Node>,
    config: Option<Node>,
    origin: Origin,
}

const KUBELET: Writers<Kubelet> = Writers {
    legacy: |said, draft| {
        let map = draft.legacy(&["machine", "kubelet"], said.origin);
        insert_some(map, "extraArgs", said.args);
        insert_some(map, "extraConfig", said.config);
    },
    document: |said, draft| {
        let mut fields = Map::new();
        insert_some(&mut fields, "extraArgs", said.args);
        insert_some(&mut fields, "config", said.config);
        draft.document("KubeletConfig", None, said.origin, fields);
    },
};

pub(super) fn kubelet(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(kubelet) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let args = kubelet.block("args").map(|args| Node::map(lowering.text_map(args), origin));
    let before = level.before(&["kubelet", "config"]);
    let config = kubelet.get("config").and_then(|slot| lowering.beside(slot, before));
    if args.is_some() || config.is_some() {
        level.forms.write(Thing::Kubelet, Kubelet { args, config, origin }, KUBELET, draft);
    }
}

pub(super) fn labels(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    node_map(lowering, level, slot, draft, ("nodeLabels", "labels"));
}

pub(super) fn annotations(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    node_map(lowering, level, slot, draft, ("nodeAnnotations", "annotations"));
}

pub(super) fn taints(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    node_map(lowering, level, slot, draft, ("nodeTaints", "taints"));
}

/// A map of the node, and its key in the v1alpha1 document and in `KubeNodeConfig`.
type NodeMap = (Node, (&'static str, &'static str));

const NODE_MAP: Writers<NodeMap> = Writers {
    legacy: |(map, (key, _)), draft| {
        let origin = map.origin;
        draft.legacy(&["machine"], origin).insert(key, map);
    },
    document: |(map, (_, key)), draft| {
        let origin = map.origin;
        draft.document("KubeNodeConfig", None, origin, Map::from_iter([(Text::new_static(key), map)]));
    },
};

/// The node labels in a document that this area wrote.
pub(super) fn labels_in(document: &mut Node) -> Option<&mut Map> {
    let Value::Map(map) = &mut document.value else { return None };
    let document = map.get("kind").is_some();
    let node = if document {
        map.get_mut("labels")?
    } else {
        match &mut map.get_mut("machine")?.value {
            Value::Map(machine) => machine.get_mut("nodeLabels")?,
            _ => return None,
        }
    };
    match &mut node.value {
        Value::Map(labels) => Some(labels),
        _ => None,
    }
}

/// Writes node labels that no field says.
pub(super) fn put_labels(level: Level<'_>, draft: &mut Draft, labels: Map, origin: Origin) {
    let map = Node::map(labels, origin);
    level.forms.write(Thing::Node, (map, ("nodeLabels", "labels")), NODE_MAP, draft);
}

fn node_map(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
    keys: (&'static str, &'static str),
) {
    let Some(fields) = slot.map() else { return };
    let map = Node::map(lowering.text_map(fields), lowering.origins.of(slot));
    level.forms.write(Thing::Node, (map, keys), NODE_MAP, draft);
}

/// Mounts of the kubelet. Type and options are what every mount in use has; see the Talos guide on local storage.
pub(super) fn mounts(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(mounts) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let mut list = Vec::new();
    for (destination, slot) in mounts.iter() {
        let origin = lowering.origins.of(slot);
        let fields = slot.map();
        if let Some(before) = level.before(&["mounts", destination]) {
            let here = level.chain.at(&["mounts", destination]);
            if !here.is_some_and(|here| same_value(&here.value, &before.value)) {
                lowering.report(super::listed_above(slot, before, &format!("the mount `{destination}`")));
            }
            continue;
        }
        let text = |lowering: &mut Lowering<'_, '_>, name: &str| {
            fields.and_then(|fields| fields.get(name)).and_then(|slot| lowering.text(slot))
        };
        let mut mount = Map::new();
        mount.insert("destination", Node::str(destination.clone(), origin));
        let kind = text(lowering, "type").unwrap_or_else(|| Node::str("bind", origin));
        mount.insert("type", kind);
        let source = text(lowering, "source").unwrap_or_else(|| Node::str(destination.clone(), origin));
        mount.insert("source", source);
        let options = match fields.and_then(|fields| fields.list("options")) {
            Some(list) => lowering.texts(list),
            None => ["bind", "rshared", "rw"].iter().map(|option| Node::str(*option, origin)).collect(),
        };
        mount.insert("options", Node::seq(options, origin));
        list.push(Node::map(mount, origin));
    }
    // `KubeletConfig` has no mounts, and the generated configuration of 1.14 refuses those of the v1alpha1 document beside it.
    if level.forms.of(Thing::Kubelet) == Form::Document {
        lowering.report(mounts_have_no_document(slot, level.target));
        return;
    }
    if !list.is_empty() {
        draft.legacy(&["machine", "kubelet"], origin).insert("extraMounts", Node::seq(list, origin));
    }
}

fn mounts_have_no_document(slot: &Slot, target: &Target) -> Diagnostic {
    let message =
        format!("a cluster created with Talos {} has no mounts of the kubelet", target.created_with);
    Diagnostic::new(Code::MountsWithoutForm, message)
        .label_if(slot.span(), "cannot be said there")
        .note("its generated `KubeletConfig` has no field for them, and excludes `machine.kubelet`")
        .help("keep the data of pods in a user volume, `volume NAME { … }`, which needs no mount of the kubelet")
}

/// User volumes: documents of their own since Talos 1.10.
///
/// A level that says something of a volume says all that holds there: of two documents of a volume Talos keeps the disk and the
/// sizes of the last alone, even where it has none (`Expression.Merge` and `ByteSize.Merge` of its configuration types).
pub(super) fn volumes(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    if !level.target.talos_at_least(1, 10) {
        for (_, slot) in slot.map().into_iter().flat_map(Fields::iter) {
            lowering.report(volumes_are_newer(slot.span().map(|span| lowering.head(span)), level.target));
        }
        return;
    }
    for (name, slot) in slot.map().into_iter().flat_map(Fields::iter) {
        if name.len() > LONGEST_VOLUME {
            lowering.report(long_volume(name, slot.span().map(|span| lowering.head(span))));
        }
        let origin = lowering.origins.of(slot);
        let said = |field: &str| level.chain.at(&["volume", name, field]);
        let mut provisioning = Map::new();
        if let Some(disk) = said("disk").and_then(|slot| lowering.text(slot)) {
            let selector = Map::from_iter([(Text::new_static("match"), disk)]);
            provisioning.insert("diskSelector", Node::map(selector, origin));
        }
        for (field, key) in [("min-size", "minSize"), ("max-size", "maxSize")] {
            if let Some(node) = said(field).and_then(|slot| lowering.text(slot)) {
                provisioning.insert(key, node);
            }
        }
        if let Some(node) = said("grow").and_then(|slot| lowering.node(slot)) {
            provisioning.insert("grow", node);
        }
        let mut fields = Map::new();
        fields.insert("provisioning", Node::map(provisioning, origin));
        if let Some(kind) = said("filesystem").and_then(|slot| lowering.text(slot)) {
            let filesystem = Map::from_iter([(Text::new_static("type"), kind)]);
            fields.insert("filesystem", Node::map(filesystem, origin));
        }
        draft.document("UserVolumeConfig", Some(name), origin, fields);
    }
}

/// What the label of a partition leaves after `u-`: `maxUserVolumeNameLength` of the configuration types.
const LONGEST_VOLUME: usize = 34;

fn volumes_are_newer(at: Option<Span>, target: &Target) -> Diagnostic {
    Diagnostic::new(Code::VolumeUnavailable, format!("Talos {} has no user volumes", target.talos))
        .label_if(at, "came with Talos 1.10")
        .help("remove it, set `talos` to v1.10 or later, or write `machine.disks` in a patch")
}

fn long_volume(name: &str, at: Option<Span>) -> Diagnostic {
    let message =
        format!("a volume cannot be called `{name}`: that is more than {LONGEST_VOLUME} characters");
    Diagnostic::new(Code::BadName, message)
        .label_if(at, "this name")
        .note("it becomes part of the label of a partition, which has 36")
        .help("choose a shorter one")
}

/// A mirror of a registry.
struct Mirror {
    host: Node,
    /// What no higher level has written.
    endpoints: Vec<Node>,
    /// Whether the path of the endpoints is taken as it is, if the level says so.
    path: Option<Node>,
    /// The same for all levels, since in documents each endpoint says it.
    path_of_all: Option<Node>,
    skip: Option<Node>,
}

const MIRRORS: Writers<Vec<Mirror>> = Writers {
    legacy: |mirrors, draft| {
        for Mirror { host, endpoints, path, skip, .. } in mirrors {
            let origin = host.origin;
            let mut fields = Map::new();
            fields.insert("endpoints", Node::seq(endpoints, origin));
            insert_some(&mut fields, "overridePath", path);
            insert_some(&mut fields, "skipFallback", skip);
            let mirrors = draft.legacy(&["machine", "registries", "mirrors"], origin);
            mirrors.insert(host.as_str().unwrap_or_default(), Node::map(fields, origin));
        }
    },
    document: |mirrors, draft| {
        for Mirror { host, endpoints, path_of_all, skip, .. } in mirrors {
            let origin = host.origin;
            let mut fields = Map::new();
            let list = endpoints.into_iter().map(|url| mirror_endpoint(url, path_of_all.clone(), origin));
            fields.insert("endpoints", Node::seq(list.collect(), origin));
            insert_some(&mut fields, "skipFallback", skip);
            draft.document("RegistryMirrorConfig", host.as_str(), origin, fields);
        }
    },
};

pub(super) fn mirrors(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let mut said = Vec::new();
    for (host, slot) in slot.map().into_iter().flat_map(Fields::iter) {
        let Some(mirror) = slot.map() else { continue };
        let endpoints = lowering.elements(level.fresh(&["mirrors", host, "endpoints"]));
        let mut flag = |slot: Option<&Slot>| slot.and_then(|slot| lowering.node(slot));
        let (path, skip) = (flag(mirror.get("override-path")), flag(mirror.get("skip-fallback")));
        let path_of_all = flag(level.chain.at(&["mirrors", host, "override-path"]));
        let before = level.before(&["mirrors", host]);
        if let Some(before) = before {
            let written = before.map().and_then(|before| before.get("override-path")).and_then(Slot::leaf);
            let changes = path.is_some() && mirror.leaf("override-path") != written;
            let has_endpoints = before.map().is_some_and(|before| before.list("endpoints").is_some());
            if changes && has_endpoints && level.forms.of(Thing::Mirrors) == Form::Document {
                lowering.report(super::listed_above(
                    slot,
                    before,
                    &format!("how the endpoints of `{host}` are asked"),
                ));
                continue;
            }
            if endpoints.is_empty() && path.is_none() && skip.is_none() {
                continue;
            }
        }
        let host = Node::str(host.clone(), lowering.origins.of(slot));
        said.push(Mirror { host, endpoints, path, path_of_all, skip });
    }
    if !said.is_empty() {
        level.forms.write(Thing::Mirrors, said, MIRRORS, draft);
    }
}

fn mirror_endpoint(url: Node, path: Option<Node>, origin: Origin) -> Node {
    let mut map = Map::from_iter([(Text::new_static("url"), url)]);
    insert_some(&mut map, "overridePath", path);
    Node::map(map, origin)
}

fn insert_some(map: &mut Map, key: &'static str, node: Option<Node>) {
    if let Some(node) = node {
        map.insert(key, node);
    }
}

//! The Kubernetes node: kubelet, labels, taints, mounts, volumes, mirrors.

use super::super::Level;
use super::super::forms::{Form, Thing, form};
use super::{Draft, Lowering};
use crate::flatten::Slot;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};

pub(super) fn kubelet(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(kubelet) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let mut fields = Map::new();
    if let Some(args) = kubelet.block("args") {
        fields.insert("extraArgs", Node::map(lowering.text_map(args), origin));
    }
    if let Some(config) = kubelet.get("config").and_then(|slot| lowering.node(slot)) {
        fields.insert("extraConfig", config);
    }
    match form(Thing::Kubelet, level.target) {
        Form::Legacy => {
            let map = draft.legacy(&["machine", "kubelet"], origin);
            for (key, node) in fields {
                map.insert(key, node);
            }
        }
        Form::Document => draft.document("KubeletConfig", None, origin, fields),
    }
}

pub(super) fn labels(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    node_map(lowering, level, slot, draft, "nodeLabels", "labels");
}

pub(super) fn annotations(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    node_map(lowering, level, slot, draft, "nodeAnnotations", "annotations");
}

pub(super) fn taints(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    node_map(lowering, level, slot, draft, "nodeTaints", "taints");
}

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
    put_map(level, draft, Node::map(labels, origin), origin, ("nodeLabels", "labels"));
}

fn node_map(
    lowering: &mut Lowering<'_, '_>,
    level: Level<'_>,
    slot: &Slot,
    draft: &mut Draft,
    legacy: &'static str,
    document: &'static str,
) {
    let Some(fields) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let map = Node::map(lowering.text_map(fields), origin);
    put_map(level, draft, map, origin, (legacy, document));
}

fn put_map(
    level: Level<'_>,
    draft: &mut Draft,
    map: Node,
    origin: Origin,
    (legacy, document): (&'static str, &'static str),
) {
    match form(Thing::Node, level.target) {
        Form::Legacy => {
            draft.legacy(&["machine"], origin).insert(legacy, map);
        }
        Form::Document => {
            let fields = Map::from_iter([(Text::new_static(document), map)]);
            draft.document("KubeNodeConfig", None, origin, fields);
        }
    }
}

/// Mounts of the kubelet. Type and options are what every mount in use has; see the Talos guide on local storage.
pub(super) fn mounts(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    let Some(mounts) = slot.map() else { return };
    let origin = lowering.origins.of(slot);
    let mut list = Vec::new();
    for (destination, slot) in mounts.iter() {
        let origin = lowering.origins.of(slot);
        let fields = slot.map();
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
    match form(Thing::Kubelet, level.target) {
        Form::Legacy => {
            draft.legacy(&["machine", "kubelet"], origin).insert("extraMounts", Node::seq(list, origin));
        }
        Form::Document => {
            let fields = Map::from_iter([(Text::new_static("extraMounts"), Node::seq(list, origin))]);
            draft.document("KubeletConfig", None, origin, fields);
        }
    }
}

/// User volumes: documents of their own since Talos 1.10.
pub(super) fn volumes(lowering: &mut Lowering<'_, '_>, _level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    for (name, slot) in slot.map().into_iter().flat_map(crate::flatten::Fields::iter) {
        let Some(volume) = slot.map() else { continue };
        let origin = lowering.origins.of(slot);
        let mut provisioning = Map::new();
        if let Some(disk) = volume.get("disk").and_then(|slot| lowering.text(slot)) {
            let selector = Map::from_iter([(Text::new_static("match"), disk)]);
            provisioning.insert("diskSelector", Node::map(selector, origin));
        }
        for (field, key) in [("min-size", "minSize"), ("max-size", "maxSize")] {
            if let Some(node) = volume.get(field).and_then(|slot| lowering.text(slot)) {
                provisioning.insert(key, node);
            }
        }
        if let Some(node) = volume.get("grow").and_then(|slot| lowering.node(slot)) {
            provisioning.insert("grow", node);
        }
        let mut fields = Map::new();
        fields.insert("provisioning", Node::map(provisioning, origin));
        if let Some(kind) = volume.get("filesystem").and_then(|slot| lowering.text(slot)) {
            let filesystem = Map::from_iter([(Text::new_static("type"), kind)]);
            fields.insert("filesystem", Node::map(filesystem, origin));
        }
        draft.document("UserVolumeConfig", Some(name), origin, fields);
    }
}

pub(super) fn mirrors(lowering: &mut Lowering<'_, '_>, level: Level<'_>, slot: &Slot, draft: &mut Draft) {
    for (host, slot) in slot.map().into_iter().flat_map(crate::flatten::Fields::iter) {
        let Some(mirror) = slot.map() else { continue };
        let origin = lowering.origins.of(slot);
        let endpoints = mirror.list("endpoints").map(|list| lowering.texts(list)).unwrap_or_default();
        let flag = |lowering: &mut Lowering<'_, '_>, name: &str| {
            mirror.get(name).and_then(|slot| lowering.node(slot))
        };
        let (path, skip) = (flag(lowering, "override-path"), flag(lowering, "skip-fallback"));
        let mut fields = Map::new();
        match form(Thing::Mirrors, level.target) {
            Form::Legacy => {
                fields.insert("endpoints", Node::seq(endpoints, origin));
                insert_some(&mut fields, "overridePath", path);
                insert_some(&mut fields, "skipFallback", skip);
                draft
                    .legacy(&["machine", "registries", "mirrors"], origin)
                    .insert(host.clone(), Node::map(fields, origin));
            }
            Form::Document => {
                let list = endpoints.into_iter().map(|url| mirror_endpoint(url, path.clone(), origin));
                fields.insert("endpoints", Node::seq(list.collect(), origin));
                insert_some(&mut fields, "skipFallback", skip);
                draft.document("RegistryMirrorConfig", Some(host), origin, fields);
            }
        }
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

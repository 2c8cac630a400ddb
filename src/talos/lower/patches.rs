//! Patches that the user wrote.

use super::super::{Content, Level, Patch};
use super::Lowering;
use crate::flatten::{Fields, Slot, Slotted};
use crate::kinds;
use crate::text::Text;
use crate::tree::{Map, Node, Origin};
use crate::typing::Val;

/// Adds the patches of a level in order of first appearance: those declared in it, then those taken in by name.
pub(super) fn user(lowering: &mut Lowering<'_, '_>, level: Level<'_>, out: &mut Vec<Patch>) {
    for (name, slot) in level.own.block("patch").into_iter().flat_map(Fields::iter) {
        let Some(fields) = slot.map() else { continue };
        let patch = declared(lowering, name, slot, fields);
        out.push(patch);
    }
    let Some(list) = level.own.list("patches") else { return };
    for elem in &list.items {
        let Val::Ref(id, args) = &elem.val else { continue };
        let decl = lowering.flattener.types.names.decl(*id).clone();
        if decl.kind != kinds::PATCH {
            continue;
        }
        let flat = lowering.flattener.flat(*id, args, Some(&level.target.talos));
        let step = crate::flatten::Step { verb: crate::flatten::Verb::Merge, span: decl.span, owner: *id };
        let slot = Slot::new(Slotted::Map(flat.fields.clone()), step);
        let patch = declared(lowering, &decl.name, &slot, &flat.fields);
        out.push(patch);
    }
}

fn declared(lowering: &mut Lowering<'_, '_>, name: &Text, slot: &Slot, fields: &Fields) -> Patch {
    let file = slot.entry.as_ref().and_then(|entry| entry.file.as_ref());
    let content = match file.and_then(|file| file.path.clone()) {
        Some(path) => Content::File(path),
        None => Content::Documents(documents(lowering, fields)),
    };
    let text =
        |lowering: &mut Lowering<'_, '_>, field: &str| fields.get(field).and_then(|slot| lowering.node(slot));
    let labels = text(lowering, "labels");
    let annotations = text(lowering, "annotations");
    let id = match fields.leaf("id") {
        Some(Val::Str(id)) => Some(id.clone()),
        _ => None,
    };
    Patch { name: name.clone(), id, labels, annotations, content, span: slot.span(), lowered: false }
}

/// The documents of a patch: v1alpha1 first.
fn documents(lowering: &mut Lowering<'_, '_>, fields: &Fields) -> Vec<Node> {
    let mut v1alpha1 = Map::new();
    for half in ["machine", "cluster"] {
        if let Some(node) = fields.get(half).and_then(|slot| lowering.node(slot)) {
            v1alpha1.insert(half, node);
        }
    }
    let mut out = Vec::new();
    if !v1alpha1.is_empty() {
        out.push(Node::map(v1alpha1, Origin::NONE));
    }
    for (key, slot) in fields.block("document").into_iter().flat_map(Fields::iter) {
        let (kind, name) = key.split_once('/').unwrap_or((key, ""));
        out.push(document(lowering, kind, name, slot));
    }
    out
}

fn document(lowering: &mut Lowering<'_, '_>, kind: &str, name: &str, slot: &Slot) -> Node {
    let origin = lowering.origins.of(slot);
    let mut map = Map::new();
    map.insert("apiVersion", Node::str("v1alpha1", Origin::NONE));
    map.insert("kind", Node::str(kind, origin));
    if !name.is_empty() {
        map.insert("name", Node::str(name, origin));
    }
    match &slot.value {
        Slotted::Deleted => {
            map.insert("$patch", Node::str("delete", origin));
        }
        Slotted::Map(fields) => {
            for (key, node) in lowering.fields(fields) {
                map.insert(key, node);
            }
        }
        Slotted::Leaf(_) | Slotted::List(_) | Slotted::Unset | Slotted::Removed => {}
    }
    Node::map(map, origin)
}

/// Configuration as it stands, for parts of a template that take it whole.
pub fn config_node(lowering: &mut Lowering<'_, '_>, slot: &Slot) -> Option<Node> {
    lowering.node(slot)
}

//! Machine classes: COSI resources for `omnictl apply`.

use super::lists::{self, UseOfClass, fixed};
use crate::flatten::{Fields, Slot, Slotted};
use crate::fleet::Class;
use crate::schema::{Field, Schema, Type};
use crate::talos::lower::{Lowering, show};
use crate::tree::{Map, Node, Origin, Value};
use crate::typing::Val;

/// The resource of a class. `None` if it is neither provisioned nor matched, which is reported elsewhere.
pub(super) fn resource(
    lowering: &mut Lowering<'_, '_>,
    class: &Class,
    uses: &[UseOfClass<'_>],
) -> Option<Node> {
    let decl = lowering.flattener.types.names.decl(class.decl).clone();
    let origin = lowering.origins.at(decl.span, class.decl);
    let fields = &class.flat.fields;
    let mut metadata = Map::new();
    metadata.insert("namespace", fixed("default"));
    metadata.insert("type", fixed("MachineClasses.omni.sidero.dev"));
    metadata.insert("id", Node::str(decl.name.clone(), origin));
    for field in ["labels", "annotations"] {
        if let Some(node) = fields.get(field).and_then(|slot| lowering.node(slot)) {
            metadata.insert(field, node);
        }
    }
    let mut spec = Map::new();
    if let Some(slot) = fields.get("match") {
        let origin = lowering.origins.of(slot);
        let list = slot.list().map(|list| lowering.texts(list)).unwrap_or_default();
        spec.insert("matchlabels", Node::seq(list, origin));
    } else {
        let (provider, span) = class.flat.via?;
        let provision = provision(lowering, class, uses, provider, span);
        spec.insert("autoprovision", Node::map(provision, origin));
    }
    let mut map = Map::new();
    map.insert("metadata", Node::map(metadata, origin));
    map.insert("spec", Node::map(spec, origin));
    Some(Node::map(map, origin))
}

/// The number of a value in the META partition: Talos's tags are one byte (`internal/pkg/meta`), Omni's field is a number.
pub(super) fn meta_tag(key: &str) -> Option<u8> {
    match key.strip_prefix("0x") {
        Some(hex) => u8::from_str_radix(hex, 16).ok(),
        None => key.parse().ok(),
    }
}

fn provision(
    lowering: &mut Lowering<'_, '_>,
    class: &Class,
    uses: &[UseOfClass<'_>],
    provider: crate::resolve::DeclId,
    span: crate::source::Span,
) -> Map {
    let origin = lowering.origins.at(span, class.decl);
    let provider_flat = lowering.flattener.flat(provider, &std::sync::Arc::default(), None);
    let id = match provider_flat.fields.leaf("id") {
        Some(Val::Str(id)) => id.clone(),
        _ => lowering.flattener.types.names.decl(provider).name.clone(),
    };
    let fields = &class.flat.fields;
    let mut map = Map::new();
    map.insert("providerid", Node::str(id, origin));
    if let Some(args) = lists::class_args(lowering, class, uses) {
        map.insert("kernelargs", args);
    }
    if let Some(slot) = fields.get("meta-values") {
        let origin = lowering.origins.of(slot);
        let values = slot.map().into_iter().flat_map(Fields::iter).filter_map(|(key, slot)| {
            let origin = lowering.origins.of(slot);
            let mut value = Map::new();
            value.insert("key", Node::new(Value::Int(i64::from(meta_tag(key)?)), origin));
            value.insert("value", Node::str(show(slot.leaf()?)?, origin));
            Some(Node::map(value, origin))
        });
        let values = values.collect();
        map.insert("metavalues", Node::seq(values, origin));
    }
    if let Some(declared) = lowering.flattener.types.typed(provider).declares.clone() {
        let data = provider_data(lowering, &declared, fields);
        map.insert("providerdata", lists::text_of(lowering, &[Node::map(data, origin)], origin));
    }
    if let Some(slot) = fields.get("grpc-tunnel")
        && let Some(Val::Bool(on)) = slot.leaf()
    {
        let origin = lowering.origins.of(slot);
        map.insert("grpctunnel", Node::new(Value::Int(if *on { 1 } else { 2 }), origin));
    }
    map
}

/// The provider's fields in order of first appearance, then those that it needs said even when they are not set.
fn provider_data(lowering: &mut Lowering<'_, '_>, schema: &Schema, fields: &Fields) -> Map {
    let mut map = Map::new();
    for (name, slot) in fields.iter() {
        if let Some(field) = schema.field(name)
            && let Some(node) = typed_node(lowering, field, slot)
        {
            map.insert(field.wire().clone(), node);
        }
    }
    for field in schema.fields.values() {
        if let Some(text) = &field.emit
            && map.get(field.wire()).is_none()
        {
            let value = text.parse().map_or_else(|_| Value::Str(text.clone()), Value::Int);
            map.insert(field.wire().clone(), Node::new(value, Origin::NONE));
        }
    }
    map
}

fn typed_node(lowering: &mut Lowering<'_, '_>, field: &Field, slot: &Slot) -> Option<Node> {
    let origin = lowering.origins.of(slot);
    match &slot.value {
        Slotted::Leaf(val) => Some(typed_value(lowering, &field.ty, val, origin)),
        Slotted::List(list) => {
            let (Type::List(inner) | Type::Set(inner)) = &field.ty else { return lowering.node(slot) };
            let items = list.items.iter().map(|elem| {
                let origin = lowering.origins.at(elem.span, elem.owner);
                typed_value(lowering, inner, &elem.val, origin)
            });
            Some(Node::seq(items.collect(), origin))
        }
        Slotted::Map(inner) => match &field.ty {
            Type::Block(schema) => Some(Node::map(provider_data(lowering, schema, inner), origin)),
            _ => lowering.node(slot),
        },
        Slotted::Unset | Slotted::Removed | Slotted::Deleted => None,
    }
}

fn typed_value(lowering: &mut Lowering<'_, '_>, ty: &Type, val: &Val, origin: Origin) -> Node {
    match (ty, val) {
        (Type::Size(rule), Val::Size(size)) => match rule.unit {
            Some(unit) => Node::new(Value::Int((size.bytes / unit.bytes()) as i64), origin),
            None => Node::str(size.text.clone(), origin),
        },
        (Type::Block(schema), Val::Fields(fields)) => {
            Node::map(provider_data(lowering, schema, fields), origin)
        }
        _ => lowering.scalar(val, origin),
    }
}

//! `provider mine schema "mine.json"`: the fields of a class, from the schema that its provider publishes.
//!
//! A provider hands Omni a JSON schema (`pkg/infra/provision.go` of Omni's infra provider library), and Omni shows it with
//! `omnictl get infraproviderstatuses NAME -o yaml`; both are read here, the schema itself and that YAML. What it says that this
//! language has no type for is taken as it stands.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::schema_decl::taker;
use super::{Types, schema_errors};
use crate::diagnostics::Poison;
use crate::resolve::Decl;
use crate::schema::{Choices, Field, Schema, Shape, Type};
use crate::source::Span;
use crate::syntax::ast::{Item, ModifierKind};
use crate::text::{Text, format_text};

/// Fields by name, in the order of the schema.
type Fields = IndexMap<Text, Field, rustc_hash::FxBuildHasher>;

/// How deep references inside of a schema lead.
const DEPTH: usize = 32;

impl Types<'_> {
    /// Adds the fields of the schema behind a head, where there is one: those that the provider it extends has keep their types, which
    /// know units.
    pub(super) fn published_fields(&mut self, decl: &Decl, fields: &mut Fields) -> Poison {
        let Some((written, at)) = file_of(&decl.item) else { return Poison::NONE };
        let read = match self.names.read_text(self.loader, decl.scope, &written, at) {
            Ok((_, text)) => read(&text).map_err(|why| Box::new(schema_errors::provider_schema(at, &why))),
            Err(finding) => Err(finding),
        };
        match read {
            Ok(schema) => {
                let root = Reader { root: &schema, at };
                let taken = taker(decl.kind).map(|def| &def.schema);
                for (name, mut field) in root.fields(&schema, DEPTH) {
                    // What a class says of its own field and what it tells the provider are two things.
                    if taken.is_some_and(|taken| taken.field(&name).is_some()) {
                        field.wire = Some(name.clone());
                        field.name = format_text!("provider-{name}");
                    }
                    fields.entry(field.name.clone()).or_insert(field);
                }
            }
            Err(finding) => {
                self.report(*finding);
                return Poison::SCHEMA_LOST;
            }
        }
        Poison::NONE
    }
}

fn file_of(item: &Item) -> Option<(Text, Span)> {
    let modifier = item.modifiers.iter().find(|modifier| modifier.kind == ModifierKind::Schema)?;
    let word = &modifier.uses.first()?.word;
    Some((word.text.clone(), word.span))
}

/// The schema in a text: JSON, or the YAML in which Omni shows it.
fn read(text: &str) -> Result<Value, String> {
    let value: Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| format!("as JSON it ends at {error}"))?
    } else {
        serde_yaml::from_str(text).map_err(|error| format!("as YAML it ends at {error}"))?
    };
    let schema = match value.pointer("/spec/schema") {
        Some(Value::String(inner)) => {
            serde_json::from_str(inner).map_err(|error| format!("its `spec.schema` is no JSON: {error}"))?
        }
        Some(inner) => inner.clone(),
        None => value,
    };
    match schema.get("properties") {
        Some(Value::Object(_)) => Ok(schema),
        _ => Err("it has no `properties`".to_owned()),
    }
}

struct Reader<'s> {
    root: &'s Value,
    /// Where the schema is named.
    at: Span,
}

impl Reader<'_> {
    fn fields(&self, schema: &Value, depth: usize) -> Fields {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        let field = |(name, of): (&String, &Value)| {
            let of = self.resolved(of, depth);
            let doc = of.get("description").and_then(Value::as_str).unwrap_or_default();
            let mut field = Field::new(Text::new(name), self.ty(of, depth), doc);
            field.required = required.contains(&name.as_str());
            field.default = of.get("default").and_then(shown);
            field.declared = Some(self.at);
            (field.name.clone(), field)
        };
        properties.into_iter().flatten().map(field).collect()
    }

    /// What a reference inside of the schema leads to.
    fn resolved<'v>(&'v self, of: &'v Value, depth: usize) -> &'v Value {
        let target = of.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#'));
        match target.and_then(|path| self.root.pointer(path)) {
            Some(target) if depth > 0 => self.resolved(target, depth - 1),
            _ => of,
        }
    }

    fn ty(&self, of: &Value, depth: usize) -> Type {
        let depth = match depth.checked_sub(1) {
            Some(depth) => depth,
            None => return Type::Config,
        };
        if let Some(values) = of.get("enum").and_then(Value::as_array) {
            let values: Option<Vec<Text>> =
                values.iter().map(|value| value.as_str().map(Text::new)).collect();
            return values
                .map_or(Type::Config, |values| Type::Enum(Arc::new(Choices { values, open: false })));
        }
        let bound = |key: &str, otherwise: i64| of.get(key).and_then(Value::as_i64).unwrap_or(otherwise);
        match kind(of) {
            Some("boolean") => Type::Bool,
            Some("integer") => Type::Int(bound("minimum", i64::MIN), bound("maximum", i64::MAX)),
            Some("number") => Type::Decimal,
            Some("string") => Type::Str(Shape::Any),
            Some("array") => match of.get("items") {
                Some(items) => Type::List(Arc::new(self.ty(self.resolved(items, depth), depth))),
                None => Type::Config,
            },
            Some("object") => self.object(of, depth),
            _ => Type::Config,
        }
    }

    fn object(&self, of: &Value, depth: usize) -> Type {
        let properties =
            of.get("properties").and_then(Value::as_object).is_some_and(|known| !known.is_empty());
        match of.get("additionalProperties") {
            _ if properties => {
                let name = of.get("title").and_then(Value::as_str).unwrap_or("block");
                let fields = self.fields(of, depth);
                Type::Block(Arc::new(Schema { name: Text::new(name), fields, declared: Some(self.at) }))
            }
            Some(inner @ Value::Object(_)) => {
                Type::Map(Arc::new(self.ty(self.resolved(inner, depth), depth)), Shape::Any)
            }
            _ => Type::Config,
        }
    }
}

/// The type of a value, without the `null` that stands beside it in some schemas.
fn kind(of: &Value) -> Option<&str> {
    match of.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ => of.get("properties").and_then(Value::as_object).map(|_: &Map<String, Value>| "object"),
    }
}

fn shown(value: &Value) -> Option<Text> {
    match value {
        Value::String(text) => Some(Text::new(text)),
        Value::Bool(_) | Value::Number(_) => Some(Text::from(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

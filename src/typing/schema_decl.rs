//! Schemas that are declared in the language: `field NAME { type = …, … }`.

use std::sync::Arc;

use indexmap::IndexMap;

use super::bases::Heads;
use super::{Action, BaseTarget, FieldOp, Types, Val, errors, literal, schema_errors, types};
use crate::diagnostics::Poison;
use crate::kinds::{self, KindDef};
use crate::resolve::{Decl, ScopeId};
use crate::schema::{self, Choices, Effect, Field, KindId, Merge, Pattern, Schema, SizeUnit, Type};

use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Block, Item, Op, Rest, Value, ValueKind};
use crate::text::{Text, one_of};
use crate::version::Version;

impl Types<'_> {
    /// The schema of a declaration's body, and the one it declares. Marks the head if a file with fields could not be read.
    pub(super) fn schemas(&mut self, decl: &Decl, heads: &mut Heads) -> (Arc<Schema>, Option<Arc<Schema>>) {
        let def = kinds::get(decl.kind);
        let declares = def.declares_fields.then(|| self.declared_schema(decl, heads));
        let Some((provider, _)) = heads.via else { return (def.schema.clone(), declares) };
        let provided = self.typed(provider);
        heads.poison |= Poison::SCHEMA_LOST.when(provided.poison.may_miss_fields());
        let Some(extra) = provided.declares.clone() else {
            return (def.schema.clone(), declares);
        };
        if let Some(known) = self.provided.get(&(decl.kind, provider)) {
            return (known.clone(), declares);
        }
        let name = self.names.decl(provider).shown();
        let mut fields = def.schema.fields.clone();
        for field in extra.fields.values() {
            fields.insert(field.name.clone(), field.clone());
        }
        let schema =
            Schema { name: format!("{} via {name}", def.name).into(), fields, declared: extra.declared };
        let schema = Arc::new(schema);
        self.provided.insert((decl.kind, provider), schema.clone());
        (schema, declares)
    }

    fn declared_schema(&mut self, decl: &Decl, heads: &mut Heads) -> Arc<Schema> {
        let mut fields = IndexMap::default();
        if let Some(base) = &heads.parent
            && let BaseTarget::Decl(parent) = base.target
            && let Some(inherited) = self.typed(parent).declares.clone()
        {
            fields = inherited.fields.clone();
        }
        heads.poison |= self.published_fields(decl, &mut fields);
        if let Rest::Block(block) = &decl.item.rest {
            self.taken_names(block, decl.kind);
            self.field_items(block, decl.scope, &mut fields);
        }
        Arc::new(Schema { name: decl.shown().into(), fields, declared: Some(decl.span) })
    }

    /// Reports fields that whatever takes them has already: what is said of one would be said of both.
    fn taken_names(&mut self, block: &Block, kind: KindId) {
        for item in block.items.iter().filter(|item| item.words[0].text == "field") {
            let Some(name) = item.words.get(1) else { continue };
            if let Some(taker) = taker(kind).filter(|def| def.schema.field(&name.text).is_some()) {
                self.report(schema_errors::field_taken(name, taker.name));
            }
        }
    }

    fn field_items(
        &mut self,
        block: &Block,
        scope: ScopeId,
        fields: &mut IndexMap<Text, Field, rustc_hash::FxBuildHasher>,
    ) {
        for item in block.items.iter().filter(|item| item.words[0].text == "field" && item.words.len() == 2) {
            let name = item.words[1].text.clone();
            let base = fields.get(&name).cloned();
            if let Some(field) = self.field_item(item, scope, base) {
                fields.insert(name, field);
            }
        }
    }

    fn field_item(&mut self, item: &Item, scope: ScopeId, base: Option<Field>) -> Option<Field> {
        let name = &item.words[1];
        let Rest::Block(block) = &item.rest else {
            self.report(schema_errors::field_needs_block(name));
            return None;
        };
        self.whole_head(item, &[], "");
        if let Some(mark) = item.marks.first() {
            self.report(errors::mark_in_body(mark, &item.words[0]));
        }
        // What an inherited list or block holds stays, unless the field is given another type.
        let mut nested = base.as_ref().and_then(|base| inner(&base.ty)).unwrap_or_default();
        self.field_items(block, scope, &mut nested);
        let mut field = base.unwrap_or_else(|| Field::new(name.text.clone(), Type::Config, ""));
        field.declared = Some(name.span);
        let file = self.names.sources.file(item.span.file);
        let docs = crate::syntax::docs::above(file.text(), item.span.start as usize);
        if !docs.is_empty() {
            field.doc = docs.join(" ").into();
        }
        let mut attributes = Attributes::default();
        for inner in &block.items {
            if inner.words[0].text == "field" && inner.words.len() == 2 {
                continue;
            }
            match &inner.rest {
                Rest::Assign(Op::Set, _, value) if is_plain(inner) => {
                    self.attribute(inner, value, scope, &mut field, &mut attributes)
                }
                _ => self.report(schema_errors::field_attribute_shape(inner.span)),
            }
        }
        if let Some(cond) = self.condition(item) {
            field.since = cond.since.clone();
            field.until = cond.until.clone();
        }
        attributes.finish(&mut field, nested);
        Some(field)
    }

    fn attribute(
        &mut self,
        item: &Item,
        value: &Value,
        scope: ScopeId,
        field: &mut Field,
        more: &mut Attributes,
    ) {
        let text = plain_text(value);
        match item.words[0].text.as_str() {
            "type" => match self.declared_type(value, scope) {
                Some(Declared::Type(ty)) => field.ty = ty,
                Some(Declared::ListOfFields) => more.list = true,
                Some(Declared::MapOfFields) => more.map = true,
                None => {}
            },
            "required" => field.required = self.flag(item, value, text.as_deref()),
            "unit" => match text.as_deref().and_then(SizeUnit::of) {
                Some(unit) => more.unit = Some(unit),
                None => self.report(schema_errors::bad_attribute(value.span, "unit", "a unit such as `MiB`")),
            },
            "min" | "max" => match text.as_deref().map(literal::classify) {
                Some(literal::Literal::Size(size)) if item.words[0].text == "min" => {
                    more.min = Some(size.bytes)
                }
                Some(literal::Literal::Size(size)) => more.max = Some(size.bytes),
                _ => self.report(schema_errors::bad_attribute(
                    value.span,
                    &item.words[0].text,
                    "a size such as `2GiB`",
                )),
            },
            "values" => more.values = Some(words_of(value)),
            "default" => field.default = text,
            "emit" => field.emit = text,
            "wire" => field.wire = text,
            "doc" => field.doc = text.unwrap_or_default(),
            "secret" => {
                more.of(field).secret = self.flag(item, value, text.as_deref());
            }
            "owner" => more.of(field).owner = text,
            "replaced-by" => more.of(field).replaced_by = text,
            "merge" => {
                let known = Merge::ALL.iter().find(|(name, _)| text.as_deref() == Some(name));
                match known {
                    Some((_, merge)) => more.of(field).merge = Some(*merge),
                    None => self.report(schema_errors::bad_attribute(
                        value.span,
                        "merge",
                        &one_of(&schema::names(Merge::ALL)),
                    )),
                }
            }
            "effect" => {
                let known = Effect::ALL.iter().find(|(name, _)| text.as_deref() == Some(name));
                match known {
                    Some((_, effect)) => more.of(field).effect = Some(*effect),
                    None => self.report(schema_errors::bad_attribute(
                        value.span,
                        "effect",
                        &one_of(&schema::names(Effect::ALL)),
                    )),
                }
            }
            "pattern" => match text.as_deref().and_then(Pattern::parse) {
                Some(pattern) => more.of(field).pattern = Some(pattern),
                None => self.report(schema_errors::bad_attribute(
                    value.span,
                    "pattern",
                    "characters and classes between `^` and `$`, such as `'^[a-z][a-z0-9-]*$'`",
                )),
            },
            "deprecated-since" => {
                let version =
                    text.as_deref().and_then(|text| text.strip_prefix('v')).and_then(Version::parse);
                match version {
                    Some(version) => more.of(field).deprecated_since = Some(version),
                    None => self.report(schema_errors::bad_attribute(
                        value.span,
                        "deprecated-since",
                        "a version such as `v1.12`",
                    )),
                }
            }
            other => self.report(schema_errors::unknown_attribute(item.words[0].span, other)),
        }
    }

    /// What the declaration of a field says about an operation on it.
    pub(super) fn attributes(
        &mut self,
        more: Option<&schema::Attributes>,
        op: &FieldOp,
        name: &str,
        item: Span,
    ) {
        let Some(more) = more else { return };
        if let Some(owner) = &more.owner {
            let cut = self.names.sources.removal(item);
            self.report(errors::owned_field(op.span, name, owner, cut));
        }
        if more.deprecated_since.is_some() || more.replaced_by.is_some() {
            self.report(errors::deprecated_field(op.span, name, more));
        }
        let Action::Set(val, span) = &op.action else { return };
        let at = value_place(*span, &self.names.sources);
        match val {
            Val::Error => {}
            val if more.secret && !matches!(val, Val::Param(_)) => {
                self.report(errors::secret_field(at, name, val));
            }
            Val::Str(text) => {
                if let Some(pattern) = more.pattern.as_ref().filter(|pattern| !pattern.fits(text)) {
                    self.report(errors::no_fit(at, name, text, pattern));
                }
            }
            _ => {}
        }
    }

    /// `true` or `false`.
    fn flag(&mut self, item: &Item, value: &Value, text: Option<&str>) -> bool {
        if !matches!(text, Some("true" | "false")) {
            self.report(schema_errors::bad_attribute(value.span, &item.words[0].text, "`true` or `false`"));
        }
        text == Some("true")
    }

    /// The type of a parameter: one word, or `list T`, `set T`, `enum […]`.
    pub(super) fn named_type(&mut self, value: &Value, scope: ScopeId) -> Option<Type> {
        match self.declared_type(value, scope) {
            Some(Declared::Type(ty)) => Some(ty),
            Some(Declared::ListOfFields | Declared::MapOfFields) => {
                self.report(errors::unknown_type(value.span, "list"));
                None
            }
            None => None,
        }
    }

    fn declared_type(&mut self, value: &Value, _scope: ScopeId) -> Option<Declared> {
        let declared = match &value.kind {
            ValueKind::Bare(word) if word == "list" => Some(Declared::ListOfFields),
            ValueKind::Bare(word) if word == "map" => Some(Declared::MapOfFields),
            ValueKind::Bare(word) => types::by_name(word, None).map(Declared::Type),
            ValueKind::Apply(atoms) => types::applied(atoms).map(Declared::Type),
            _ => None,
        };
        if declared.is_none() {
            let shown = self.names.sources.text(value.span).to_string();
            self.report(errors::unknown_type(value.span, &shown));
        }
        declared
    }
}

/// The kind that takes the fields which a kind declares.
pub(super) fn taker(kind: KindId) -> Option<&'static KindDef> {
    kinds::all().iter().find(|def| def.via == Some(kind))
}

enum Declared {
    Type(Type),
    ListOfFields,
    MapOfFields,
}

/// The fields of a block, or of the blocks in a list or map.
fn inner(ty: &Type) -> Option<IndexMap<Text, Field, rustc_hash::FxBuildHasher>> {
    match ty {
        Type::Block(schema) => Some(schema.fields.clone()),
        Type::List(element) | Type::Map(element, _) => inner(element),
        _ => None,
    }
}

/// The place of a value, given from its operator on.
fn value_place(span: Span, sources: &SourceMap) -> Span {
    let text = sources.text(span);
    let value = text.trim_start_matches(['=', ' ', '\t', '\n', '\r']);
    Span { start: span.start + (text.len() - value.len()) as u32, ..span }
}

/// Whether an item is a word with a value and nothing else.
fn is_plain(item: &Item) -> bool {
    item.words.len() == 1 && item.marks.is_empty() && item.modifiers.is_empty() && item.args.is_none()
}

#[derive(Default)]
struct Attributes {
    unit: Option<SizeUnit>,
    min: Option<u64>,
    max: Option<u64>,
    values: Option<Vec<Text>>,
    list: bool,
    map: bool,
}

impl Attributes {
    /// The attributes of a field that only few have; those of the one it changes stay.
    fn of<'f>(&self, field: &'f mut Field) -> &'f mut schema::Attributes {
        Arc::make_mut(field.more.get_or_insert_default())
    }

    fn finish(self, field: &mut Field, nested: IndexMap<Text, Field, rustc_hash::FxBuildHasher>) {
        if let Type::Size(rule) = &mut field.ty {
            rule.unit = self.unit.or(rule.unit);
            rule.min = self.min.or(rule.min);
            rule.max = self.max.or(rule.max);
        }
        if let Some(values) = self.values {
            let open = matches!(&field.ty, Type::Enum(choices) if choices.open);
            field.ty = Type::Enum(Arc::new(Choices { values, open }));
        }
        let within = inner(&field.ty).is_some();
        if self.list || self.map || !nested.is_empty() && (within || matches!(field.ty, Type::Config)) {
            let (list, map) = match &field.ty {
                Type::List(_) => (!self.map, self.map),
                Type::Map(..) => (self.list, !self.list),
                _ => (self.list, self.map),
            };
            let schema = Schema { name: field.name.clone(), fields: nested, declared: field.declared };
            let block = Type::Block(Arc::new(schema));
            field.ty = if list {
                Type::List(Arc::new(block))
            } else if map {
                Type::Map(Arc::new(block), crate::schema::Shape::Any)
            } else {
                block
            };
        }
    }
}

fn plain_text(value: &Value) -> Option<Text> {
    match &value.kind {
        ValueKind::Bare(text) | ValueKind::Str(text) => Some(text.clone()),
        _ => None,
    }
}

pub(super) fn words_of(value: &Value) -> Vec<Text> {
    match &value.kind {
        ValueKind::List(items) => items.iter().filter_map(plain_text).collect(),
        _ => Vec::new(),
    }
}

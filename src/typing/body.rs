//! Bodies: items become operations on fields.

use std::sync::Arc;

use super::heads::{entry_modifiers, is_bare, mixins, past_head};
use super::path::segment_span;
use super::{Action, Allow, Body, Env, FieldOp, Key, ListKind, Template, Types, Val, errors};
use crate::kinds;
use crate::resolve::Decl;
use crate::schema::{Schema, Shape, Type};
use crate::source::Span;
use crate::syntax::ast::{
    Arg, Args, Block, Item, MarkKind, ModifierKind, Op, Rest, StrPart, Value, ValueKind, Word, WordForm,
};
use crate::syntax::is_dash;
use crate::text::Text;

impl Types<'_> {
    /// The body of a declaration: its block, or what stands in its place.
    pub(super) fn declaration_body(&mut self, decl: &Decl, schema: &Schema, env: &Env<'_>) -> Body {
        if decl.kind == kinds::LET {
            return Body::default();
        }
        let def = kinds::get(decl.kind);
        match &decl.item.rest {
            Rest::Block(block) => {
                if !def.inherits {
                    self.nothing_is_final(&block.items, def.name);
                }
                self.in_body_of(schema, |types| types.body(&block.items, block.span, schema, env))
            }
            Rest::Nothing | Rest::Expr(_) => Body::default(),
            Rest::Assign(_, at, value) => {
                if !decl.item.broken {
                    self.report(errors::with_value(*at, value, def.name, !def.nameless, def.inherits));
                }
                Body::default()
            }
        }
    }

    /// Items against the fields of a schema.
    pub(super) fn body(&mut self, items: &[Item], block: Span, schema: &Schema, env: &Env<'_>) -> Body {
        let mut body = Body { ops: Vec::with_capacity(items.len()), ..Body::default() };
        self.depth += 1;
        let mut rest = items;
        while let Some((item, following)) = rest.split_first() {
            rest = following;
            let done = self.general_item(item, block, schema, env, &mut body) || said_already(item);
            if done || self.enters_named_block(item, items, schema) || self.declared_here(item, items, schema)
            {
                continue;
            }
            let several = self.without_brackets(item, following, schema);
            if let Some(after) = several.or_else(|| self.one_too_many(item, following, schema)) {
                rest = after;
                continue;
            }
            if let Some(op) = self.field_op(item, schema, env) {
                body.ops.push(op);
            } else {
                // `roles = a, b`: the rest of a value whose field is unknown.
                rest = self.past_value(item, following, schema);
            }
        }
        self.depth -= 1;
        body.ops.shrink_to_fit();
        body
    }

    /// Items that mean the same in every body: mixins, `allow`, clauses, declared fields.
    fn general_item(
        &mut self,
        item: &Item,
        block: Span,
        schema: &Schema,
        env: &Env<'_>,
        body: &mut Body,
    ) -> bool {
        let word = &item.words[0];
        let plain = matches!(word.form, WordForm::Bare);
        if plain
            && word.text == "with"
            && item.words.len() == 1
            && item.marks.is_empty()
            && mixins(item).next().is_some()
        {
            self.whole_head(item, &[ModifierKind::With], "");
            if let Some(at) = past_head(item) {
                self.report(errors::mixin_with_value(at));
            }
            let cond = self.condition(item);
            body.mixins.extend(self.body_mixins(mixins(item), schema, cond, env));
            return true;
        }
        if plain && is_allow(item) {
            if let Some(allow) = self.allow(item, block) {
                body.allows.push(allow);
            }
            return true;
        }
        if matches!(item.rest, Rest::Expr(_)) {
            if schema.name != "invariant" {
                self.report(errors::expression_here(item.span));
            }
            return true;
        }
        // Declared fields are read where the schema is made.
        schema.name == "provider" && word.text == "field" && item.words.len() == 2
    }

    fn allow(&mut self, item: &Item, block: Span) -> Option<Allow> {
        self.allows += 1;
        let args: &Args = item.args.as_deref()?;
        match args.list.as_slice() {
            [
                Arg::Plain(Value { kind: ValueKind::Bare(code), .. }),
                Arg::Plain(Value { kind: ValueKind::Str(reason), .. }),
            ] if !reason.trim().is_empty() && is_bare(item) => {
                Some(Allow { code: code.clone(), reason: reason.clone(), span: item.span, block })
            }
            _ => {
                self.report(errors::allow_shape(item.span));
                None
            }
        }
    }

    /// One item as an operation on the field that its path names.
    fn field_op(&mut self, item: &Item, schema: &Schema, env: &Env<'_>) -> Option<FieldOp> {
        let word = &item.words[0];
        if schema.name == "invariant"
            && let Some(op) = text_item(item, env)
        {
            return Some(op);
        }
        if let WordForm::Template(_) = word.form {
            self.report(errors::field_name_is_template(word.span));
            return None;
        }
        let segments = word.segments();
        if schema.name == "invariant" && matches!(&*word.text, "when" | "require") {
            // Said where it was read: what should be an expression sets a field.
            self.wrong += 1;
            return None;
        }
        let Some(field) = schema.field(&segments[0]) else {
            // A name with dots may be one field that is spelled so.
            if let Some(field) = schema.field(&word.text) {
                let ty = field.ty.clone();
                return self.leaf(item, word.text.clone(), word.span, &ty, env);
            }
            if !env.poison.may_miss_fields()
                && !self.names.in_syntax_error(word.span)
                && !self.misspelt_mark(item, schema)
                && !self.of_no_provider(word, schema)
            {
                let cut = self.names.sources.removal(item.span);
                let list = matches!(&item.rest, Rest::Assign(_, _, Value { kind: ValueKind::List(_), .. }));
                self.report(match kinds::plural(schema, &word.text).filter(|_| list) {
                    Some(name) => errors::misspelt_field(word, &segments, schema, name),
                    None => errors::unknown_field((word, &item.rest), &segments, 0, schema, cut),
                });
            }
            return None;
        };
        let ty = field.ty.clone();
        let head = segment_span(word, &segments, 0);
        if segments.len() == 1 {
            let more = field.more.clone();
            let op = self.leaf(item, segments[0].clone(), head, &ty, env)?;
            self.attributes(more.as_deref(), &op, &segments[0], item.span);
            return Some(op);
        }
        self.path(item, &segments, 1, segments[0].clone(), head, &ty, env)
    }

    /// The operation of an item on the field `key` of type `ty`.
    pub(super) fn leaf(
        &mut self,
        item: &Item,
        key: Text,
        span: Span,
        ty: &Type,
        env: &Env<'_>,
    ) -> Option<FieldOp> {
        let marks = self.op_marks(item, ty)?;
        let cond = self.condition(item);
        match ty {
            Type::Entries(entries) => self.whole_head(item, entry_modifiers(entries), &entries.schema.name),
            _ => self.whole_head(item, &[], ""),
        }
        let inside;
        let env = match ty {
            Type::Config => {
                inside = env.within(&key, self.patches > 0);
                &inside
            }
            _ => env,
        };
        let key = Key::Text(key);
        let make = |action| FieldOp {
            key: key.clone(),
            span,
            action,
            overrides: marks.overrides,
            seals: marks.seals,
            cond: cond.clone(),
        };
        if let Type::Entries(entries) = ty {
            // What the marks say is said of the one entry.
            let action = self.entry(item, entries, &marks, env)?;
            return Some(FieldOp { overrides: None, seals: false, ..make(action) });
        }
        if let (Type::Map(inner, shape), [_, name]) = (ty, item.words.as_slice()) {
            // `runtime-class nvidia = …` is `runtime-class { nvidia = … }`.
            let inner = self.named_entry(item, name, inner, *shape, env)?;
            let body = Body { ops: vec![inner], ..Body::default() };
            return Some(make(Action::Merge(Arc::new(body), item.span)));
        }
        if let Some(extra) = item.words.get(1) {
            if MarkKind::of(&extra.text).is_some() && matches!(extra.form, WordForm::Bare) {
                let finding = errors::mark_behind_field(extra, &item.words[0], item.span);
                self.report(finding);
                return None;
            }
            let value = matches!(item.rest, Rest::Nothing) && item.words.len() == 2 && marks.verb.is_none();
            let text = self.names.sources.text(extra.span);
            self.report(match value && !matches!(ty, Type::Block(_) | Type::Map(..)) {
                true => crate::resolve::equals_missing(&item.words[0], extra, text, ""),
                false => errors::extra_word(extra, &item.words[0]),
            });
            return None;
        }
        if let Some(verb) = marks.verb {
            return self.verb(item, verb).map(make);
        }
        if self.says_nothing(item, ty, &key, &marks) {
            return None;
        }
        let action = self.action(item, ty, env)?;
        Some(make(action))
    }

    /// The entry of a map that is written with the name of the map before its own.
    fn named_entry(
        &mut self,
        item: &Item,
        name: &Word,
        ty: &Type,
        shape: Shape,
        env: &Env<'_>,
    ) -> Option<FieldOp> {
        let key = match &name.form {
            WordForm::Template(parts) => self.key_template(parts, name.span, shape, env)?,
            _ => Key::Text(name.text.clone()),
        };
        if let Key::Text(text) = &key {
            self.key_shape(text, name.span, shape, env);
        }
        let marks = self.op_marks(item, ty)?;
        let action = match marks.verb {
            Some(verb) => self.verb(item, verb)?,
            None => self.action(item, ty, env)?,
        };
        let (overrides, seals) = (marks.overrides, marks.seals);
        Some(FieldOp { key, span: name.span, action, overrides, seals, cond: None })
    }

    fn action(&mut self, item: &Item, ty: &Type, env: &Env<'_>) -> Option<Action> {
        match &item.rest {
            Rest::Nothing => {
                if !item.broken {
                    self.report(errors::value_missing(&item.words[0], &super::types::describe(ty)));
                }
                None
            }
            Rest::Block(block) => {
                // Only the body of a declaration or set takes mixins; a block inside it may take in a `let`.
                let env = &Env { mixes: &[], ..env.clone() };
                let body = match ty {
                    Type::Block(schema) => self.body(&block.items, block.span, schema, env),
                    Type::Map(inner, shape) => self.map_body(&block.items, block.span, inner, *shape, env),
                    Type::Config => self.config_block(block, env),
                    Type::Keyed(keyed) => {
                        let inner = Type::Block(keyed.schema.clone());
                        self.map_body(&block.items, block.span, &inner, Shape::Any, env)
                    }
                    _ => {
                        let text = self.names.sources.text(item.words[0].span).to_string();
                        if !item.broken {
                            let takes = super::types::describe(ty);
                            let sign = kinds::joins(&text);
                            let meant = super::repair::braced(block, ty, sign, &self.names.sources);
                            self.report(errors::block_for_value(block.span, &text, &takes, meant));
                        }
                        return None;
                    }
                };
                Some(Action::Merge(Arc::new(body), item.span))
            }
            Rest::Expr(_) => None,
            Rest::Assign(Op::Set, _, Value { kind: ValueKind::Bare(text), span }) if is_null(text) => {
                self.nothing(item, *span, text, ty);
                None
            }
            Rest::Assign(Op::Set, at, value) => {
                let val = self.value(value, ty, env);
                if matches!(val, Val::Error) { None } else { Some(Action::Set(val, at.to(value.span))) }
            }
            Rest::Assign(op, at, value) => self.list_action(item, (*op, *at), value, ty, env),
        }
    }

    fn list_action(
        &mut self,
        item: &Item,
        (op, at): (Op, Span),
        value: &Value,
        ty: &Type,
        env: &Env<'_>,
    ) -> Option<Action> {
        let make = |items, kind| match op {
            Op::Take => Action::Take(items, kind, at.to(value.span)),
            Op::Add | Op::Set => Action::Add(items, kind, at.to(value.span)),
        };
        match (ty, &value.kind) {
            (Type::Set(inner), ValueKind::List(items)) => {
                Some(make(self.items(items, inner, env), ListKind::Set))
            }
            (Type::List(inner), ValueKind::List(items)) => {
                Some(make(self.items(items, inner, env), ListKind::List))
            }
            (Type::Config, ValueKind::List(items)) => {
                Some(make(self.items(items, &Type::Config, &env.in_element()), ListKind::List))
            }
            (Type::Keyed(keyed), ValueKind::List(items)) => {
                let items = self.keyed(items, keyed, env);
                let val = super::Item { val: Val::Keyed(Arc::new(items)), span: value.span };
                Some(make(vec![val], ListKind::Set))
            }
            (Type::Set(_) | Type::List(_) | Type::Keyed(_) | Type::Config, _) => {
                let shown = self.names.sources.text(value.span).to_string();
                self.report(errors::not_a_list(value.span, op, &shown));
                None
            }
            _ => {
                self.operator(item, (op, at), value, ty);
                None
            }
        }
    }

    /// Items of a map: every word is a key.
    pub(super) fn map_body(
        &mut self,
        items: &[Item],
        block: Span,
        inner: &Type,
        shape: Shape,
        env: &Env<'_>,
    ) -> Body {
        let mut body = Body { ops: Vec::with_capacity(items.len()), ..Body::default() };
        self.depth += 1;
        for item in items.iter().filter(|item| !said_already(item)) {
            if is_allow(item) {
                body.allows.extend(self.allow(item, block));
                continue;
            }
            if !item.modifiers.is_empty()
                && let Some(mixins) = self.taken_in(item, &Type::Map(Arc::new(inner.clone()), shape), env)
            {
                body.mixins.extend(mixins);
                continue;
            }
            let word = &item.words[0];
            let key = match &word.form {
                WordForm::Template(parts) => self.key_template(parts, word.span, shape, env),
                WordForm::Path(segments) => Some(Key::Text(segments.join(".").into())),
                WordForm::Bare | WordForm::Quoted => Some(Key::Text(word.text.clone())),
            };
            let Some(key) = key else { continue };
            if let Key::Text(text) = &key {
                self.key_shape(text, word.span, shape, env);
            }
            if let Some(mut op) = self.leaf(item, Text::default(), word.span, inner, env) {
                op.key = key;
                body.ops.push(op);
            }
        }
        self.depth -= 1;
        body.ops.shrink_to_fit();
        body
    }

    /// A block of configuration that is typed elsewhere: the keys of a map, or fields.
    pub(super) fn config_block(&mut self, block: &Block, env: &Env<'_>) -> Body {
        if env.spot.free {
            return self.map_body(&block.items, block.span, &Type::Config, Shape::Any, env);
        }
        self.config_body(&block.items, block.span, env)
    }

    /// Items of configuration that is typed elsewhere: dots separate the segments of a path.
    pub(super) fn config_body(&mut self, items: &[Item], block: Span, env: &Env<'_>) -> Body {
        let mut body = Body { ops: Vec::with_capacity(items.len()), ..Body::default() };
        for item in items.iter().filter(|item| !said_already(item)) {
            if is_allow(item) {
                body.allows.extend(self.allow(item, block));
                continue;
            }
            if let Some(mixins) = self.taken_in(item, &Type::Config, env) {
                body.mixins.extend(mixins);
                continue;
            }
            let word = &item.words[0];
            let op = match &word.form {
                WordForm::Template(parts) => {
                    let key = self.key_template(parts, word.span, Shape::Any, env);
                    let op = self.leaf(item, Text::default(), word.span, &Type::Config, env);
                    key.zip(op).map(|(key, op)| FieldOp { key, ..op })
                }
                _ => {
                    if matches!(word.form, WordForm::Quoted) {
                        self.verbatim(&word.text, word.span, &Type::Config, env);
                    }
                    let segments = word.segments();
                    if segments.iter().any(|segment| segment.is_empty()) {
                        self.leaf(item, word.text.clone(), word.span, &Type::Config, env)
                    } else {
                        self.path_end(item, &segments, 0, &Type::Config, env)
                    }
                }
            };
            body.ops.extend(op);
        }
        body.ops.shrink_to_fit();
        body
    }
}

/// Whether a value is what other languages call nothing.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "null" | "nil" | "Null" | "NULL" | "None" | "undefined")
}

/// `message "…"`, `fix "…"` and `help "…"` of an invariant: paths in them are put in when the rule is broken.
fn text_item(item: &Item, env: &Env<'_>) -> Option<FieldOp> {
    let [name, text] = item.words.as_slice() else { return None };
    if !matches!(name.text.as_str(), "message" | "fix" | "help") || !matches!(item.rest, Rest::Nothing) {
        return None;
    }
    let val = match &text.form {
        WordForm::Template(parts) => {
            let parts = parts.iter().map(|part| match part {
                StrPart::Text(text) => super::Part::Text(text.clone()),
                StrPart::Name(name, _) => super::Part::Param(name.clone()),
            });
            Val::Template(Arc::new(Template {
                parts: parts.collect(),
                ty: None,
                span: text.span,
                scope: env.scope,
            }))
        }
        _ => Val::Str(text.text.clone()),
    };
    let action = Action::Set(val, text.span);
    Some(FieldOp {
        key: Key::Text(name.text.clone()),
        span: name.span,
        action,
        overrides: None,
        seals: false,
        cond: None,
    })
}

/// Whether the syntax has said what is wrong with an item, and nothing is left of it: a broken head, a list in the manner of YAML.
fn said_already(item: &Item) -> bool {
    item.broken && (matches!(item.rest, Rest::Nothing) || kinds::is_control(&item.words[0].text))
        || matches!(item.words[0].form, WordForm::Bare) && is_dash(&item.words[0].text)
}

/// Whether an item is `allow(name, "why")` rather than a key of that name.
fn is_allow(item: &Item) -> bool {
    item.words[0].text == "allow" && item.args.is_some()
}

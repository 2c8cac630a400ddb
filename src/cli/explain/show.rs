//! Values as they would be written in a source.

use super::history;
use crate::driver::Compilation;
use crate::flatten::{Fields, Slot, Slotted};
use crate::schema::{Entries, Schema, Type};
use crate::syntax::write;
use crate::talos::lower;
use crate::typing::literal::{Literal, classify};
use crate::typing::{EntryOp, Val};

/// A field at a path: `a.b = 1`, `kernel { … }`, `patch pods { … }`.
pub(super) fn at(compilation: &Compilation, schema: &Schema, path: &[String], slot: &Slot) -> String {
    let shower = Shower { compilation };
    let name = path.join(".");
    match &slot.value {
        Slotted::Unset => return format!("{name} is not set: `unset`"),
        Slotted::Removed => return format!("{name} is not there: `remove`"),
        Slotted::Deleted => return format!("{name} is deleted from the generated configuration"),
        Slotted::Leaf(_) | Slotted::List(_) | Slotted::Map(_) => {}
    }
    let items = match (type_at(schema, path), path.split_last()) {
        (ty @ Some(Type::Entries(_)), _) => shower.field(ty, &name, slot),
        // The words of an entry are no path.
        (None, Some((last, before))) => match type_at(schema, before) {
            Some(Type::Entries(entries)) => shower.entry(entries, &before.join("."), last, slot),
            _ => shower.field(None, &name, slot),
        },
        (ty, _) => shower.field(ty, &name, slot),
    };
    match items.whole() {
        texts if texts.is_empty() => format!("{name} {{}}"),
        texts => texts.join(", "),
    }
}

/// A field of a declaration.
pub(super) fn field(compilation: &Compilation, schema: &Schema, name: &str, slot: &Slot) -> String {
    match slot.value {
        Slotted::Unset | Slotted::Removed => at(compilation, schema, &[write::key(name).into_owned()], slot),
        _ => {
            let ty = schema.field(name).map(|field| &field.ty);
            match (Shower { compilation }).field(ty, &write::key(name), slot).whole() {
                texts if texts.is_empty() => format!("{} {{}}", write::key(name)),
                texts => texts.join(", "),
            }
        }
    }
}

/// The type of a field that a schema knows.
fn type_at<'s>(schema: &'s Schema, path: &[String]) -> Option<&'s Type> {
    let (first, rest) = path.split_first()?;
    let ty = &schema.field(first)?.ty;
    match (ty, rest) {
        (ty, []) => Some(ty),
        (Type::Block(inner), rest) => type_at(inner, rest),
        (Type::Entries(entries), [_, rest @ ..]) if !rest.is_empty() => type_at(&entries.schema, rest),
        _ => None,
    }
}

/// What stands in a block, and what is taken out of the generated configuration: that is said at the patch, by its path.
#[derive(Default)]
struct Items {
    texts: Vec<String>,
    deleted: Vec<String>,
}

impl Items {
    fn one(text: String) -> Items {
        Items { texts: vec![text], deleted: Vec::new() }
    }
    fn take(&mut self, other: Items) {
        self.texts.extend(other.texts);
        self.deleted.extend(other.deleted);
    }
    /// All of it, with a `delete` for each path.
    fn whole(self) -> Vec<String> {
        let deleted = self.deleted.iter().map(|path| format!("delete {path}"));
        self.texts.into_iter().chain(deleted).collect()
    }
}

struct Shower<'c> {
    compilation: &'c Compilation,
}

impl Shower<'_> {
    /// A field by its name as it is to be written.
    fn field(&self, ty: Option<&Type>, name: &str, slot: &Slot) -> Items {
        match &slot.value {
            Slotted::Leaf(_) | Slotted::List(_) => Items::one(format!("{name} = {}", self.value(slot))),
            Slotted::Unset => Items::one(format!("unset {name}")),
            Slotted::Removed => Items::one(format!("remove {name}")),
            Slotted::Deleted => Items { texts: Vec::new(), deleted: vec![self.segment(name, slot)] },
            Slotted::Map(inner) => match ty {
                Some(Type::Entries(entries)) => {
                    let mut out = Items::default();
                    inner.iter().for_each(|(key, slot)| out.take(self.entry(entries, name, key, slot)));
                    out
                }
                _ => {
                    let schema = if let Some(Type::Block(schema)) = ty { Some(&**schema) } else { None };
                    let inner = self.fields(schema, inner);
                    let deleted = inner.deleted.iter().map(|path| format!("{name}.{path}")).collect();
                    let texts = match (inner.texts.is_empty(), inner.deleted.is_empty()) {
                        (true, false) => Vec::new(),
                        _ => vec![format!("{name} {}", block(&inner.texts))],
                    };
                    Items { texts, deleted }
                }
            },
        }
    }

    /// A named block of a field.
    fn entry(&self, entries: &Entries, field: &str, key: &str, slot: &Slot) -> Items {
        let op = slot.entry();
        let name = match key.split_once('/').filter(|_| entries.qualified) {
            Some((kind, "")) => format!(" {kind}"),
            Some((kind, name)) => format!(" {kind} {}", write::name(name)),
            None if entries.default_name.as_deref() == Some(key) => String::new(),
            None => format!(" {}", write::name(key)),
        };
        let head = format!("{field}{name}");
        match &slot.value {
            Slotted::Map(inner) => {
                let texts = self.fields(Some(&entries.schema), inner).whole();
                let file = op.and_then(|op| op.file.as_ref());
                let file = file.map(|file| format!(" file {}", write::string(&file.written)));
                let body = match (&file, texts.is_empty()) {
                    (Some(_), true) => String::new(),
                    _ => format!(" {}", block(&texts)),
                };
                let marks = op.map(|op| marks(op)).unwrap_or_default();
                Items::one(format!("{marks}{head}{}{body}", file.unwrap_or_default()))
            }
            Slotted::Removed => Items::one(format!("remove {head}")),
            Slotted::Unset => Items::one(format!("unset {head}")),
            // A document is deleted in its place among the others.
            Slotted::Deleted => Items::one(format!("delete {head}")),
            Slotted::Leaf(_) | Slotted::List(_) => Items::one(format!("{head} = {}", self.value(slot))),
        }
    }

    fn fields(&self, schema: Option<&Schema>, fields: &Fields) -> Items {
        let mut out = Items::default();
        for (name, slot) in fields.iter() {
            let ty = schema.and_then(|schema| schema.field(name)).map(|field| &field.ty);
            out.take(self.field(ty, &write::key(name), slot));
        }
        out
    }

    /// The last part of the path of something that is deleted, between quotes if the source has it so.
    fn segment(&self, name: &str, slot: &Slot) -> String {
        let written = slot.span().map(|span| self.compilation.flattener.types.names.sources.text(span));
        let quoted = written.is_some_and(|text| text.ends_with('"')) || name.contains(['.', '/']);
        if quoted {
            write::segment(name.trim_matches('"')).unwrap_or_else(|| name.to_owned())
        } else {
            name.to_owned()
        }
    }

    /// A value, without what a finding calls a secret.
    fn value(&self, slot: &Slot) -> String {
        if slot.steps.iter().any(|step| history::is_secret(&self.compilation.findings, step.span)) {
            return "…".into();
        }
        match &slot.value {
            Slotted::Leaf(Val::Int(number)) => {
                self.octal(slot, *number).unwrap_or_else(|| number.to_string())
            }
            Slotted::Leaf(value) => self.val(value),
            Slotted::List(list) => self.list(list.items.iter().map(|elem| &elem.val)),
            _ => String::new(),
        }
    }

    /// A number as the last step has it, if that is one of the octal ones: permissions.
    fn octal(&self, slot: &Slot, number: i64) -> Option<String> {
        let text = self.compilation.flattener.types.names.sources.text(slot.span()?);
        let literal = text.rsplit_once('=')?.1.trim();
        let same = matches!(classify(literal), Literal::Octal(value) if value == number);
        same.then(|| literal.to_owned())
    }

    fn list<'v>(&self, items: impl Iterator<Item = &'v Val>) -> String {
        format!("[{}]", items.map(|item| self.val(item)).collect::<Vec<_>>().join(", "))
    }

    fn val(&self, value: &Val) -> String {
        let names = &self.compilation.flattener.types.names;
        match value {
            Val::Str(text) => write::string(text),
            Val::Ref(id, args) if args.is_empty() => names.decl(*id).shown(),
            Val::Ref(id, args) => {
                let args: Vec<String> =
                    args.iter().map(|(name, arg)| format!("{name} = {}", self.val(arg))).collect();
                format!("{}({})", names.decl(*id).shown(), args.join(", "))
            }
            Val::Address(address) => {
                let on = address.network.map(|(id, _)| format!(" on {}", names.decl(id).shown()));
                let link = on.as_ref().and(address.link.as_ref()).map(|link| format!(".{link}"));
                let (ip, prefix) = (address.ip, address.prefix);
                format!("{ip}/{prefix}{}{}", on.unwrap_or_default(), link.unwrap_or_default())
            }
            Val::Tagged(word, inner) => format!("{word}({})", self.val(inner)),
            Val::List(items, _) => self.list(items.iter().map(|item| &item.val)),
            Val::Fields(inner) => block(&self.fields(None, inner).whole()),
            Val::Param(name) => name.to_string(),
            Val::Error => "?".into(),
            other => lower::show(other).map_or_else(|| "…".into(), |text| text.to_string()),
        }
    }
}

/// A value of an argument, as it would be written.
pub(in crate::cli) fn argument(compilation: &Compilation, value: &Val) -> String {
    Shower { compilation }.val(value)
}

/// `secret `, `unchecked("why") `
fn marks(op: &EntryOp) -> String {
    let mark = |(kind, why, _): &(crate::syntax::ast::MarkKind, Option<crate::text::Text>, _)| match why {
        Some(why) => format!("{}({}) ", kind.word(), write::string(why)),
        None => format!("{} ", kind.word()),
    };
    op.marks.iter().map(mark).collect()
}

fn block(inner: &[String]) -> String {
    if inner.is_empty() { "{}".into() } else { format!("{{ {} }}", inner.join(", ")) }
}

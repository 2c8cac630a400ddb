//! Mistakes in a body that more than one item shows: each is said once.

use super::heads::OpMarks;
use super::{Key, Types, errors, into_entry, value_errors};
use crate::kinds;
use crate::schema::{Schema, Type};
use crate::syntax::ast::{Item, MarkKind, Op, Rest, Value, ValueKind, Word};
use crate::text::Text;
use crate::world::config::{Place, Row, Spot, Step};

impl Types<'_> {
    /// `nameservers = 1.1.1.1, 1.0.0.1`: what follows on the line are elements. Gives the items behind them.
    pub(super) fn without_brackets<'i>(
        &mut self,
        item: &Item,
        following: &'i [Item],
        schema: &Schema,
    ) -> Option<&'i [Item]> {
        let Rest::Assign(_, _, value) = &item.rest else { return None };
        let ty = &schema.field(&item.words[0].text)?.ty;
        let list = matches!(ty, Type::Set(_) | Type::List(_) | Type::Keyed(_));
        if !list || matches!(value.kind, ValueKind::List(_) | ValueKind::Block(_)) {
            return None;
        }
        let count = following.iter().take_while(|item| item.is_word()).count();
        let last = following[..count].last()?;
        let values = value.span.to(last.span);
        let text = self.names.sources.text(values).to_string();
        if text.contains('\n') {
            return None;
        }
        self.report(value_errors::unbracketed(values, &super::types::describe(ty), &text));
        Some(&following[count..])
    }

    /// `controlplane.size = 3`: whether a path into a named block was reported.
    pub(super) fn enters_named_block(&mut self, item: &Item, siblings: &[Item], schema: &Schema) -> bool {
        let word = &item.words[0];
        if !word.text.contains('.') {
            return false;
        }
        let segments = word.segments();
        let [first, _, ..] = segments.as_slice() else { return false };
        let Some(Type::Entries(entries)) = schema.field(first).map(|field| &field.ty) else { return false };
        self.report(into_entry::finding(item, siblings, &segments, 1, entries, &self.names.sources));
        true
    }

    /// `overide runtime = nvidia`: the first word was meant to be a mark.
    pub(super) fn misspelt_mark(&mut self, item: &Item, schema: &Schema) -> bool {
        let [word, field, ..] = item.words.as_slice() else { return false };
        let marks: Vec<&str> = MarkKind::ALL.iter().map(|(name, _)| *name).collect();
        let near = crate::text::did_you_mean(&word.text, &marks);
        let Some(near) = near.filter(|_| schema.field(&field.segments()[0]).is_some()) else { return false };
        self.report(errors::misspelt_mark(word, near));
        true
    }

    /// A field of some provider on a class that names none: said once for a class and those that extend it.
    pub(super) fn of_no_provider(&mut self, word: &Word, schema: &Schema) -> bool {
        let Some(kind) = kinds::by_name(&schema.name).filter(|kind| kind.via.is_some()) else { return false };
        if matches!(meant(schema, &word.segments()), Some(kinds::Meant::Field(..) | kinds::Meant::Drop(_))) {
            return false;
        }
        if !std::mem::replace(&mut self.without_provider, true) {
            self.report(errors::no_provider(word, kind.name, schema));
        }
        true
    }

    /// Reports a block without fields and a list without elements that changes nothing: `kernel {}`, `extensions += []`. A map or a
    /// list that is empty is something in configuration that is typed elsewhere, and as a value of a map.
    pub(super) fn says_nothing(&mut self, item: &Item, ty: &Type, key: &Key, marks: &OpMarks) -> bool {
        let is_key = matches!(key, Key::Text(name) if name.is_empty());
        if item.broken || is_key || marks.overrides.is_some() || marks.seals {
            return false;
        }
        let empty = match &item.rest {
            Rest::Block(block) => {
                block.items.is_empty() && matches!(ty, Type::Block(_) | Type::Map(..) | Type::Keyed(_))
            }
            Rest::Assign(Op::Add | Op::Take, _, Value { kind: ValueKind::List(items), .. }) => {
                items.is_empty()
            }
            _ => false,
        };
        if empty {
            self.report(errors::says_nothing(&self.names.sources, item));
        }
        empty
    }
}

/// What the path of a field that a body does not have was meant to be: perhaps a field of Talos that has a field of its own here.
pub(super) fn meant(schema: &Schema, path: &[Text]) -> Option<kinds::Meant> {
    let place = Place { document: None, path: path.iter().cloned().map(Step::Name).collect() };
    let row = place.spot().filter(|spot| path.len() > 1 && spot.is_whole()).map(Spot::row);
    let here = row.and_then(Row::field_here).filter(|here| kinds::has(schema, here));
    here.map(|here| kinds::Meant::Field(here.to_owned(), path.len())).or_else(|| kinds::meant(schema, path))
}

//! Operations on lists: elements are added, taken away and told apart.

use rustc_hash::{FxHashMap, FxHashSet};

use super::apply::empty_map;
use super::{Cx, Elem, Fields, Flattener, ListSlot, Mode, Slot, Slotted, Step, Steps, Verb, errors};
use crate::source::Span;
use crate::text::Text;
use crate::typing::{FieldOp, Item, KeyedItem, ListKind, Val};

impl Flattener<'_> {
    /// Adds elements; a set ignores what it has, and is told when one body names an element twice.
    pub(super) fn extend(&mut self, list: &mut ListSlot, items: &[Item], cx: Cx<'_>, warn: bool) {
        let mut known: FxHashSet<u64> = list.items.iter().map(|elem| fingerprint(&elem.val)).collect();
        for item in items {
            let val = self.eval(&item.val, cx);
            if matches!(val, Val::Error) {
                continue;
            }
            let print = fingerprint(&val);
            if list.kind == ListKind::Set
                && !known.insert(print)
                && let Some(first) = list.items.iter().find(|elem| elem.val == val)
            {
                if first.owner == cx.owner && warn {
                    let text = self.types.names.sources.text(item.span).to_string();
                    let finding = errors::element_twice(item.span, &text, first.span);
                    self.types.report(finding);
                }
                continue;
            }
            list.items.push(Elem { val, span: item.span, owner: cx.owner, met: false });
        }
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn add(
        &mut self,
        fields: &mut Fields,
        op: &FieldOp,
        key: &Text,
        items: &[Item],
        kind: ListKind,
        span: Span,
        cx: Cx<'_>,
    ) {
        let step = Step { verb: Verb::Add, span, owner: cx.owner };
        if let [Item { val: Val::Keyed(keyed), .. }] = items {
            let slot = fields.map.get_or_insert_with(key, || empty_map(step));
            if let Slotted::Map(inner) = &mut slot.value {
                let mut inner_fields = std::mem::take(inner);
                self.keyed(&mut inner_fields, keyed, Verb::Add, cx);
                if let Some(Slot { value: Slotted::Map(inner), .. }) = fields.map.get_mut(key) {
                    *inner = inner_fields;
                }
            }
            return;
        }
        let mut slot = match fields.map.get(key) {
            Some(slot) if slot.is_set() => slot.clone(),
            _ => list_without_beginning(kind, step),
        };
        if let Slotted::List(list) = &mut slot.value {
            self.extend(list, items, cx, true);
            slot.steps.push(step);
            fields.map.insert(key.clone(), slot);
        } else {
            self.types.report(errors::not_a_list_here(op.span, key, slot.span()));
        }
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn take(
        &mut self,
        fields: &mut Fields,
        op: &FieldOp,
        key: &Text,
        items: &[Item],
        kind: ListKind,
        span: Span,
        cx: Cx<'_>,
    ) {
        let step = Step { verb: Verb::Take, span, owner: cx.owner };
        if let [Item { val: Val::Keyed(keyed), .. }] = items {
            return self.take_keyed(fields, key, keyed, span, cx);
        }
        let mut slot = match fields.map.get(key) {
            Some(slot) if slot.is_set() => slot.clone(),
            _ if cx.mode == Mode::Placed => list_without_beginning(kind, step),
            _ => {
                let finding = errors::takes_from_nothing(&self.types.names, span, op.span, key);
                return self.types.report(finding);
            }
        };
        let Slotted::List(list) = &mut slot.value else {
            return self.types.report(errors::not_a_list_here(op.span, key, slot.span()));
        };
        for item in items {
            let val = self.eval(&item.val, cx);
            let before = list.items.len();
            list.items.retain(|elem| elem.val != val);
            if list.items.len() < before {
                continue;
            }
            if cx.mode == Mode::Placed {
                list.taken.push(Elem { val, span: item.span, owner: cx.owner, met: false });
            } else {
                let known: Vec<String> = list
                    .items
                    .iter()
                    .map(|elem| self.types.names.sources.text(elem.span).to_string())
                    .collect();
                let whole = (items.len() == 1).then_some(span);
                let names = &self.types.names;
                let finding = errors::takes_what_is_not_there(names, item.span, whole, key, &known);
                self.types.report(finding);
            }
        }
        slot.steps.push(step);
        fields.map.insert(key.clone(), slot);
    }

    fn take_keyed(&mut self, fields: &mut Fields, key: &Text, items: &[KeyedItem], span: Span, cx: Cx<'_>) {
        for item in items {
            let Some(name) = self.key(&item.key, cx) else { continue };
            let inner = fields.map.get_mut(key).and_then(|slot| match &mut slot.value {
                Slotted::Map(inner) => Some(inner),
                _ => None,
            });
            let known: Vec<String> = inner
                .as_ref()
                .map(|inner| inner.iter().map(|(k, _)| k.to_string()).collect())
                .unwrap_or_default();
            if inner.and_then(|inner| inner.map.remove(&name)).is_none() {
                if cx.mode == Mode::Placed {
                    let step = Step { verb: Verb::Remove, span: item.span, owner: cx.owner };
                    let slot = fields.map.get_or_insert_with(key, || empty_map(step));
                    if let Slotted::Map(inner) = &mut slot.value {
                        inner.map.insert(name, Slot::new(Slotted::Removed, step));
                    }
                } else {
                    let whole = (items.len() == 1).then_some(span);
                    let names = &self.types.names;
                    let finding = errors::takes_what_is_not_there(names, item.span, whole, key, &known);
                    self.types.report(finding);
                }
            }
        }
    }

    /// Elements of a keyed list: entries of a map.
    pub(super) fn keyed(&mut self, fields: &mut Fields, items: &[KeyedItem], verb: Verb, cx: Cx<'_>) {
        let mut written: FxHashMap<Text, Span> = FxHashMap::default();
        for item in items {
            let Some(key) = self.key(&item.key, cx) else { continue };
            if let Some(first) = written.insert(key.clone(), item.span) {
                let finding = errors::element_twice(item.span, &key, first);
                self.types.report(finding);
                continue;
            }
            let step = Step { verb, span: item.span, owner: cx.owner };
            let mut slot = fields
                .map
                .remove(&key)
                .filter(Slot::is_set)
                .unwrap_or_else(|| Slot { steps: Steps::new(), ..empty_map(step) });
            slot.steps.push(step);
            if let Slotted::Map(inner) = &mut slot.value {
                self.apply_body(inner, &item.body, cx);
            }
            fields.map.insert(key, slot);
        }
    }
}

/// A list that is only added to and taken from: what a higher level or a later body begins it with is not known yet.
fn list_without_beginning(kind: ListKind, step: Step) -> Slot {
    let list = ListSlot { kind, items: Vec::new(), taken: Vec::new(), based: false };
    Slot { steps: Steps::new(), ..Slot::new(Slotted::List(Box::new(list)), step) }
}

/// A number that equal values share, so that large sets stay linear.
pub(crate) fn fingerprint(val: &Val) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    match val {
        Val::Str(text) | Val::Word(text) | Val::Decimal(text) => text.hash(&mut hasher),
        Val::Int(n) | Val::Duration(n) => n.hash(&mut hasher),
        Val::Bool(b) => b.hash(&mut hasher),
        Val::Ref(id, _) => id.hash(&mut hasher),
        Val::Ip(ip) | Val::Prefixed(ip, _) => ip.hash(&mut hasher),
        Val::Address(address) => address.ip.hash(&mut hasher),
        Val::Size(size) => size.bytes.hash(&mut hasher),
        Val::Version(version) => version.hash(&mut hasher),
        _ => {}
    }
    hasher.finish()
}

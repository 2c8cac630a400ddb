//! Operations of one body on the fields that it inherits.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Cx, Elem, Fields, Flattener, ListSlot, Mode, Slot, Slotted, Step, Steps, Verb, errors};
use crate::source::Span;
use crate::text::Text;
use crate::typing::{Action, Body, EntryOp, FieldOp, Item, KeyedItem, ListKind, Val};

impl Flattener<'_> {
    /// Applies the operations of a body in order.
    pub(super) fn apply_body(&mut self, fields: &mut Fields, body: &Body, cx: Cx<'_>) {
        for mixin in &body.mixins {
            if let crate::typing::BaseTarget::Block(_, inner) = &mixin.target {
                self.apply_body(fields, inner, cx);
            }
        }
        let mut written: FxHashMap<Text, Span> = FxHashMap::default();
        // Thousands of machines hold a few fields each: what a map keeps in reserve would be most of their memory.
        if fields.map.is_empty() {
            fields.map.reserve_exact(body.ops.len());
        }
        for op in &body.ops {
            if let Some(cond) = &op.cond {
                match cx.talos {
                    Some(talos) if !cond.holds(talos) => continue,
                    Some(_) => {}
                    None => {
                        let def = crate::kinds::get(self.types.names.decl(cx.owner).kind);
                        if def.without_target {
                            let finding =
                                crate::typing::errors::condition_without_target(cond.span, def.name);
                            self.types.report(finding);
                        }
                    }
                }
            }
            let Some(key) = self.key(&op.key, cx) else { continue };
            self.apply(fields, op, key, cx, &mut written);
        }
    }

    fn apply(
        &mut self,
        fields: &mut Fields,
        op: &FieldOp,
        key: Text,
        cx: Cx<'_>,
        written: &mut FxHashMap<Text, Span>,
    ) {
        if let Some(slot) = fields.map.get(&key)
            && let Some(sealed) = slot.sealed
        {
            let finding = errors::final_replaced(op.span, &key, sealed);
            return self.types.report(finding);
        }
        if let Some(again) = self.stands_again(op, &key, cx, written) {
            return self.types.report(again);
        }
        match &op.action {
            Action::Set(val, span) => {
                let val = self.eval(val, cx);
                if matches!(val, Val::Error) {
                    return;
                }
                // A block that stands again may replace what its first part says, but nothing is said twice.
                let first = written.insert(key.clone(), op.span);
                if let Some(first) = first
                    && (op.overrides.is_none() || fields.get(&key).and_then(Slot::leaf) == Some(&val))
                {
                    return self.types.report(errors::set_twice(op.span, &key, first));
                }
                self.set(fields, op, key.clone(), val, op.span.to(*span), cx);
            }
            Action::Add(items, kind, span) => self.add(fields, op, &key, items, *kind, op.span.to(*span), cx),
            Action::Take(items, kind, span) => {
                self.take(fields, op, &key, items, *kind, op.span.to(*span), cx)
            }
            Action::Merge(body, span) => {
                // A named block stands once in a body; a block of fields may be written in parts.
                if let [FieldOp { key: inner, action: Action::Entry(_), cond: None, .. }] =
                    body.ops.as_slice()
                    && op.cond.is_none()
                    && let Some(name) = self.key(inner, cx)
                    && let Some(first) = written.insert(format!("{key}/{name}").into(), *span)
                {
                    return self.types.report(errors::set_twice(*span, &format!("{key}/{name}"), first));
                }
                self.merge(fields, op, &key, body, *span, cx);
            }
            Action::Entry(entry) => {
                self.entry(fields, &key, entry, cx);
            }
            Action::Unset | Action::Remove => {
                if let Some(first) = written.insert(key.clone(), op.span) {
                    return self.types.report(errors::set_twice(op.span, &key, first));
                }
                if matches!(op.action, Action::Unset) {
                    self.unset(fields, op, &key, cx);
                } else {
                    self.remove(fields, op, &key, cx);
                }
            }
            Action::Delete => {
                let step = Step { verb: Verb::Delete, span: op.span, owner: cx.owner };
                fields.map.insert(key.clone(), Slot::new(Slotted::Deleted, step));
            }
        }
        if op.seals
            && let Some(slot) = fields.map.get_mut(&key)
        {
            slot.sealed = Some(op.span);
        }
    }

    /// What may stand only once in a body: a named block, `unset`, `remove` and `delete` of one thing.
    fn stands_again(
        &mut self,
        op: &FieldOp,
        key: &Text,
        cx: Cx<'_>,
        written: &mut FxHashMap<Text, Span>,
    ) -> Option<crate::diagnostics::Diagnostic> {
        let (name, span) = match &op.action {
            Action::Unset | Action::Remove | Action::Delete => (key.clone(), op.span),
            Action::Merge(body, _) => match body.ops.as_slice() {
                [inner] if matches!(inner.action, Action::Entry(_) | Action::Remove | Action::Delete) => {
                    (self.key(&inner.key, cx)?, inner.span)
                }
                _ => return None,
            },
            _ => return None,
        };
        // A blank is in no name, so that these cannot be taken for fields.
        let first = written.insert(format!("{key} {name}").into(), span)?;
        Some(errors::set_twice(span, &name, first))
    }

    fn set(&mut self, fields: &mut Fields, op: &FieldOp, key: Text, val: Val, span: Span, cx: Cx<'_>) {
        let verb = if op.overrides.is_some() { Verb::Override } else { Verb::Set };
        let step = Step { verb, span, owner: cx.owner };
        let value = self.slotted(val, cx);
        if op.overrides.is_none()
            && let (Some(slot), Slotted::List(new)) = (fields.map.get_mut(&key), &value)
            && let Slotted::List(list) = &mut slot.value
            && !list.based
            && slot.conflict.is_none()
        {
            // Mixins have only added to it: this is the list that they add to.
            super::merge::join(list, (**new).clone());
            slot.steps.push(step);
            return;
        }
        match fields.map.get_mut(&key) {
            Some(slot) if slot.is_set() => {
                if op.overrides.is_none() {
                    let inherited = slot
                        .steps
                        .iter()
                        .rev()
                        .find(|step| step.verb != Verb::Add)
                        .or(slot.steps.last())
                        .copied();
                    let list = matches!(slot.value, Slotted::List(_) | Slotted::Map(_));
                    let owner = inherited.map(|step| self.types.names.decl(step.owner).shown());
                    let finding = errors::inherited(op.span, &key, inherited, owner.as_deref(), list);
                    return self.types.report(finding);
                }
                slot.value = value;
                slot.conflict = None;
                slot.steps.push(step);
            }
            other => {
                if let Some(at) = op.overrides
                    && cx.mode == Mode::Strict
                {
                    let finding = errors::overrides_nothing(at, op.span, &key);
                    return self.types.report(finding);
                }
                let mut slot = Slot::new(value, step);
                if let Some(old) = other {
                    slot.steps.insert_many(0, old.steps.iter().copied());
                }
                slot.overrides = op.overrides;
                fields.map.insert(key, slot);
            }
        }
    }

    /// A value as the content of a field: lists and blocks are taken apart.
    fn slotted(&mut self, val: Val, cx: Cx<'_>) -> Slotted {
        match val {
            Val::List(items, kind) => {
                let mut list = ListSlot { kind, items: Vec::new(), taken: Vec::new(), based: true };
                self.extend(&mut list, &items, cx, true);
                Slotted::List(Box::new(list))
            }
            Val::Fields(fields) => Slotted::Map(Rc::unwrap_or_clone(fields)),
            Val::Keyed(items) => {
                let mut fields = Fields::default();
                self.keyed(&mut fields, &items, Verb::Set, cx);
                Slotted::Map(fields)
            }
            val => Slotted::Leaf(val),
        }
    }

    /// Adds elements; a set ignores what it has, and is told when one body names an element twice.
    fn extend(&mut self, list: &mut ListSlot, items: &[Item], cx: Cx<'_>, warn: bool) {
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
    fn add(
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
    fn take(
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
            return self.take_keyed(fields, key, keyed, cx);
        }
        let mut slot = match fields.map.get(key) {
            Some(slot) if slot.is_set() => slot.clone(),
            _ if cx.mode == Mode::Placed => list_without_beginning(kind, step),
            _ => return self.types.report(errors::takes_from_nothing(op.span, key)),
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
                let text = self.types.names.sources.text(item.span).to_string();
                self.types.report(errors::takes_what_is_not_there(item.span, &text, key, &known));
            }
        }
        slot.steps.push(step);
        fields.map.insert(key.clone(), slot);
    }

    fn take_keyed(&mut self, fields: &mut Fields, key: &Text, items: &[KeyedItem], cx: Cx<'_>) {
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
                    self.types.report(errors::takes_what_is_not_there(item.span, &name, key, &known));
                }
            }
        }
    }

    /// Elements of a keyed list: entries of a map.
    fn keyed(&mut self, fields: &mut Fields, items: &[KeyedItem], verb: Verb, cx: Cx<'_>) {
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

    fn merge(&mut self, fields: &mut Fields, op: &FieldOp, key: &Text, body: &Body, span: Span, cx: Cx<'_>) {
        let step = Step {
            verb: if op.overrides.is_some() { Verb::Override } else { Verb::Merge },
            span,
            owner: cx.owner,
        };
        let existing = fields.map.get(key).is_some_and(Slot::is_set);
        if let Some(at) = op.overrides {
            if !existing && cx.mode == Mode::Strict {
                return self.types.report(errors::overrides_nothing(at, op.span, key));
            }
            let mut slot = empty_map(step);
            slot.overrides = if existing { None } else { op.overrides };
            if let Some(old) = fields.map.get(key) {
                slot.steps.insert_many(0, old.steps.iter().copied());
            }
            fields.map.insert(key.clone(), slot);
        } else if !existing {
            fields.map.insert(key.clone(), Slot { steps: Steps::new(), ..empty_map(step) });
        }
        let Some(slot) = fields.map.get_mut(key) else { return };
        if !matches!(slot.value, Slotted::Map(_)) {
            let inherited = slot.steps.last().copied();
            let owner = inherited.map(|step| self.types.names.decl(step.owner).shown());
            let finding = errors::inherited(op.span, key, inherited, owner.as_deref(), false);
            return self.types.report(finding);
        }
        if let Slotted::Map(inner) = &mut slot.value {
            let mut inner_fields = std::mem::take(inner);
            self.apply_body(&mut inner_fields, body, cx);
            if let Some(Slot { value: Slotted::Map(inner), .. }) = fields.map.get_mut(key) {
                *inner = inner_fields;
            }
        }
    }

    fn entry(&mut self, fields: &mut Fields, key: &Text, entry: &Rc<EntryOp>, cx: Cx<'_>) {
        let step = Step { verb: Verb::Merge, span: entry.span, owner: cx.owner };
        let mut slot = match fields.map.get(key) {
            Some(slot) if slot.is_set() => slot.clone(),
            _ => Slot { steps: Steps::new(), ..empty_map(step) },
        };
        if let (Some(old), Some(last)) = (&slot.entry, slot.last())
            && old.file.is_some()
            && entry.file.is_some()
            && last.owner == cx.owner
        {
            let finding = errors::set_twice(entry.span, key, old.span);
            self.types.report(finding);
        }
        slot.steps.push(step);
        if slot
            .entry
            .as_ref()
            .is_none_or(|old| entry.file.is_some() || !entry.marks.is_empty() || old.file.is_none())
        {
            slot.entry = Some(entry.clone());
        }
        let cx = Cx { mode: if entry.placed { Mode::Placed } else { cx.mode }, ..cx };
        if let Slotted::Map(inner) = &mut slot.value {
            for mixin in &entry.body.mixins {
                self.mix_into_entry(inner, mixin, cx);
            }
            self.apply_body(inner, &entry.body, cx);
        }
        fields.map.insert(key.clone(), slot);
    }

    fn unset(&mut self, fields: &mut Fields, op: &FieldOp, key: &Text, cx: Cx<'_>) {
        let step = Step { verb: Verb::Unset, span: op.span, owner: cx.owner };
        match fields.map.get_mut(key) {
            Some(slot) if slot.is_set() => {
                slot.value = Slotted::Unset;
                slot.conflict = None;
                slot.steps.push(step);
            }
            _ if cx.mode == Mode::Placed => {
                let mut slot = Slot::new(Slotted::Unset, step);
                slot.overrides = Some(op.span);
                fields.map.insert(key.clone(), slot);
            }
            _ => self.types.report(errors::unsets_nothing(op.span, key)),
        }
    }

    fn remove(&mut self, fields: &mut Fields, op: &FieldOp, key: &Text, cx: Cx<'_>) {
        if fields.map.get(key).is_some_and(Slot::is_set) {
            fields.map.remove(key);
            return;
        }
        if cx.mode == Mode::Placed {
            let step = Step { verb: Verb::Remove, span: op.span, owner: cx.owner };
            fields.map.insert(key.clone(), Slot::new(Slotted::Removed, step));
            return;
        }
        let known: Vec<String> = fields.iter().map(|(name, _)| name.to_string()).collect();
        self.types.report(errors::removes_nothing(op.span, key, &known));
    }
}

/// A list that is only added to and taken from: what a higher level or a later body begins it with is not known yet.
fn list_without_beginning(kind: ListKind, step: Step) -> Slot {
    let list = ListSlot { kind, items: Vec::new(), taken: Vec::new(), based: false };
    Slot { steps: Steps::new(), ..Slot::new(Slotted::List(Box::new(list)), step) }
}

fn empty_map(step: Step) -> Slot {
    Slot::new(Slotted::Map(Fields::default()), step)
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

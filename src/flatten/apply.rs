//! Operations of one body on the fields that it inherits.

use std::sync::Arc;

use super::fields::same_value;
use super::lists::Elements;
use super::{
    Cx, Fields, Flattener, ListSlot, Mode, Placement, Replaces, Slot, Slotted, Step, Steps, Verb, errors,
};
use crate::small_map::SmallMap;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{Action, Body, EntryOp, FieldOp, Key, ListKind, Val};

impl Flattener {
    /// Takes in the mixins of a block, then applies its operations in order. Those of a declaration are in its lineage.
    pub(super) fn apply_body(&mut self, fields: &mut Fields, body: &Body, cx: Cx<'_>) {
        self.report_twice(body.mixins.iter(), cx);
        let mut varies = cx.varies;
        for mixin in &body.mixins {
            varies |= self.mix_in(fields, mixin, cx);
        }
        self.apply_operations(fields, body, Cx { varies, ..cx });
    }

    /// Applies the operations of a body, of which the mixins are in already.
    pub(super) fn apply_operations(&mut self, fields: &mut Fields, body: &Body, cx: Cx<'_>) {
        let mut written: SmallMap<Span> = SmallMap::with_capacity(body.ops.len().min(8));
        // Thousands of machines hold a few fields each: what a map keeps in reserve would be most of their memory.
        if fields.map.is_empty() {
            fields.map.reserve_exact(cx.only.map_or(body.ops.len(), <[_]>::len));
        }
        for op in &body.ops {
            if !self.is_wanted(fields, op, cx) || !self.counts(op.cond.as_deref(), cx) {
                continue;
            }
            let Some(key) = self.key(&op.key, cx) else { continue };
            self.apply(fields, op, key, cx, &mut written);
        }
    }

    /// Whether an operation is on a field that is looked at; a condition on one that decides the target is reported, and the
    /// first of several values stands for all of them.
    fn is_wanted(&mut self, fields: &Fields, op: &FieldOp, cx: Cx<'_>) -> bool {
        let Some(only) = cx.only else { return true };
        // Fields have names that are fixed: what parameters make are keys of maps.
        let Key::Text(key) = &op.key else { return false };
        let wanted = only.contains(&key.as_str());
        let Some(cond) = op.cond.as_ref().filter(|_| wanted) else { return wanted };
        self.report(crate::typing::errors::condition_too_early(cond.span, key));
        fields.get(key).is_none()
    }

    fn apply(
        &mut self,
        fields: &mut Fields,
        op: &FieldOp,
        key: Text,
        cx: Cx<'_>,
        written: &mut SmallMap<Span>,
    ) {
        let cx = cx.at(&key);
        if let Some(slot) = fields.map.get(&key)
            && let Some(sealed) = slot.sealed()
        {
            let finding = errors::final_replaced(op.span, &key, sealed);
            return self.report(finding);
        }
        if let Some(again) = self.stands_again(op, &key, cx, written) {
            return self.report(again);
        }
        match &op.action {
            Action::Set(val, span) => {
                let val = self.eval(val, cx);
                if matches!(val, Val::Error) {
                    return;
                }
                // `override` replaces what is inherited, or what a condition of the same body has set.
                let first =
                    written.insert(key.clone(), op.span).or_else(|| self.said_here(fields, op, &key, cx));
                if let Some(first) = first
                    && (op.overrides.is_none() || op.cond.is_none())
                {
                    return self.report(errors::set_twice(op.span, &key, first));
                }
                self.set(fields, op, key.clone(), val, op.span.to(*span), cx);
            }
            Action::Add(items, kind, span) => {
                let said = Elements { items, kind: *kind, span: op.span.to(*span) };
                self.add(fields, op, &key, said, cx);
            }
            Action::Take(items, kind, span) => {
                let said = Elements { items, kind: *kind, span: op.span.to(*span) };
                self.take(fields, op, &key, said, cx);
            }
            Action::Merge(body, span) => self.merge(fields, op, &key, body, *span, cx),
            Action::Entry(entry) => {
                let Ok(old) = self.displace(fields, op, &key, cx) else { return };
                let known = op.overrides.is_none() && fields.get(&key).is_some();
                if known && !op.seals && entry.says_nothing() {
                    return self.report(errors::says_nothing(&self.types.names, entry.span, &key));
                }
                self.entry(fields, &key, entry, cx);
                self.keep_what_went(fields, &key, old, entry.span, cx);
            }
            Action::Unset | Action::Remove => {
                if let Some(first) = written.insert(key.clone(), op.span) {
                    return self.report(errors::set_twice(op.span, &key, first));
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
            slot.set_sealed(Some(op.span));
        }
    }

    /// Where an earlier part of the same block sets what an operation overrides.
    fn said_here(&self, fields: &Fields, op: &FieldOp, key: &Text, cx: Cx<'_>) -> Option<Span> {
        let at = op.overrides?;
        let step = fields
            .get(key)?
            .last()
            .filter(|step| step.owner == cx.owner && matches!(step.verb, Verb::Set | Verb::Override))?;
        let whole = self.types.names.decl(cx.owner).item.span;
        let inside =
            |span: Span| span.file == whole.file && whole.start <= span.start && span.end <= whole.end;
        (inside(step.span) && inside(at) && step.span.end <= at.start).then_some(step.span)
    }

    /// What may stand only once in a body: a named block, `unset`, `remove` and `delete` of one thing.
    fn stands_again(
        &mut self,
        op: &FieldOp,
        key: &Text,
        cx: Cx<'_>,
        written: &mut SmallMap<Span>,
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
        let first = written.insert(format!("{key} {name}"), span)?;
        Some(match &op.action {
            Action::Merge(..) => errors::block_twice(span, key, &name, first),
            _ => errors::set_twice(span, &name, first),
        })
    }

    fn set(&mut self, fields: &mut Fields, op: &FieldOp, key: Text, val: Val, span: Span, cx: Cx<'_>) {
        let verb = if op.overrides.is_some() { Verb::Override } else { Verb::Set };
        let step = Step { verb, span, owner: cx.owner };
        let keyed = matches!(val, Val::Keyed(_));
        let value = self.slotted(val, cx);
        if op.overrides.is_none()
            && let Slotted::List(new) = &value
            && let Some(slot) = fields.map.get_mut(&key)
            && slot.conflict().is_none()
            && let Slotted::List(list) = &mut slot.value
            && !list.based
        {
            // Mixins have only added to it: this is the list that they add to.
            list.join(new);
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
                    let names = &self.types.names;
                    let same = !op.seals && slot.conflict().is_none() && same_value(&slot.value, &value);
                    let finding = match inherited.filter(|_| same) {
                        Some(from) => errors::repeated(names, span, &key, from),
                        None => {
                            errors::inherited(names, span, &key, inherited, meant(&slot.value, &value, keyed))
                        }
                    };
                    return self.report(finding);
                }
                let again =
                    !op.seals && !cx.varies && slot.conflict().is_none() && same_value(&slot.value, &value);
                if let Some(from) = slot.last().copied().filter(|_| again) {
                    return self.report(errors::repeated(&self.types.names, span, &key, from));
                }
                let old = std::mem::replace(&mut slot.value, value);
                if let (Slotted::List(old), Slotted::List(new)) = (old, &mut slot.value) {
                    new.dropped = old.dropped;
                    new.dropped.extend(old.items);
                }
                slot.set_conflict(None);
                slot.steps.push(step);
                slot.set_replaces(cx.replaces(op.overrides, true));
            }
            other => {
                if let Some(at) = op.overrides
                    && cx.mode == Mode::Strict
                {
                    // The value counts all the same: what replaces it further down is right.
                    self.report(errors::overrides_nothing(at, op.span, &key));
                }
                let mut slot = Slot::new(value, step).replacing(cx.replaces(op.overrides, false));
                if let Some(old) = other {
                    slot.steps.insert_many(0, old.steps.iter().copied());
                }
                fields.map.insert(key, slot);
            }
        }
    }

    /// A value as the content of a field: lists and blocks are taken apart.
    fn slotted(&mut self, val: Val, cx: Cx<'_>) -> Slotted {
        match val {
            Val::List(items, kind) => {
                let mut list = ListSlot::new(kind, true);
                self.extend(&mut list, &items, cx, true);
                Slotted::List(Box::new(list))
            }
            Val::Fields(fields) => Slotted::Map(Arc::unwrap_or_clone(fields)),
            Val::Keyed(items) => {
                let mut fields = Fields::default();
                self.keyed(&mut fields, &items, Verb::Set, Cx { mode: Mode::Strict, ..cx });
                Slotted::Map(fields)
            }
            val => Slotted::Leaf(val),
        }
    }

    /// `override` before a block: puts an empty one with its history in the place of what is inherited, and gives what that was. An
    /// error if there is nothing, on no higher level either.
    fn displace(
        &mut self,
        fields: &mut Fields,
        op: &FieldOp,
        key: &Text,
        cx: Cx<'_>,
    ) -> Result<Fields, Reported> {
        let Some(at) = op.overrides else { return Ok(Fields::default()) };
        let existing = fields.map.get(key).is_some_and(Slot::is_set);
        if !existing && cx.mode == Mode::Strict {
            self.report(errors::overrides_nothing(at, op.span, key));
            return Err(Reported);
        }
        let whole = match &op.action {
            Action::Entry(entry) => entry.span,
            Action::Merge(_, span) => *span,
            _ => op.span,
        };
        let step = Step { verb: Verb::Override, span: whole, owner: cx.owner };
        let mut slot = empty_map(step).replacing(cx.replaces(op.overrides, existing));
        if let Some(old) = fields.map.get(key) {
            slot.steps.insert_many(0, old.steps.iter().copied());
        }
        match fields.map.insert(key.clone(), slot).map(|old| old.value) {
            Some(Slotted::Map(old)) => Ok(old),
            _ => Ok(Fields::default()),
        }
    }

    fn merge(&mut self, fields: &mut Fields, op: &FieldOp, key: &Text, body: &Body, span: Span, cx: Cx<'_>) {
        let Ok(old) = self.displace(fields, op, key, cx) else { return };
        if !fields.map.get(key).is_some_and(Slot::is_set) {
            fields.map.insert(key.clone(), Slot::with_steps(Slotted::Map(Fields::default()), Steps::new()));
        }
        let Some(slot) = fields.map.get_mut(key) else { return };
        if !matches!(slot.value, Slotted::Map(_)) {
            let inherited = slot.steps.last().copied();
            let finding =
                errors::inherited(&self.types.names, op.span, key, inherited, errors::Meant::Replace);
            return self.report(finding);
        }
        if let Slotted::Map(inner) = &mut slot.value {
            self.apply_body(inner, body, cx);
        }
        self.keep_what_went(fields, key, old, span, cx);
    }

    fn entry(&mut self, fields: &mut Fields, key: &Text, entry: &Arc<EntryOp>, cx: Cx<'_>) {
        let step = Step { verb: Verb::Merge, span: entry.span, owner: cx.owner };
        let mut slot = match fields.map.get(key) {
            Some(slot) if slot.is_set() => slot.clone(),
            _ => Slot::with_steps(Slotted::Map(Fields::default()), Steps::new()),
        };
        if let (Some(old), Some(last)) = (slot.entry(), slot.last())
            && old.file.is_some()
            && entry.file.is_some()
            && last.owner == cx.owner
        {
            let finding = errors::set_twice(entry.span, key, old.span);
            self.report(finding);
        }
        slot.steps.push(step);
        slot.take_head(&self.with_file(entry, cx));
        let cx = Cx { mode: if entry.placed { Mode::Top(Placement::Set) } else { cx.mode }, ..cx };
        if let Slotted::Map(inner) = &mut slot.value {
            self.apply_body(inner, &entry.body, cx);
        }
        fields.map.insert(key.clone(), slot);
    }

    /// Keeps that the entries of a block that was replaced are gone: see [`take_out`].
    fn keep_what_went(&mut self, fields: &mut Fields, key: &Text, old: Fields, whole: Span, cx: Cx<'_>) {
        let Some(Slotted::Map(inner)) = fields.map.get_mut(key).map(|slot| &mut slot.value) else { return };
        let from = old.iter().next().and_then(|(_, slot)| slot.last().copied());
        if let Some(from) = from.filter(|_| !cx.varies && old.same(inner)) {
            self.report(errors::repeated(&self.types.names, whole, key, from));
        }
        let step = Step { verb: Verb::Remove, span: whole, owner: cx.owner };
        for (name, slot) in old.map {
            if slot.is_set() && !inner.map.contains_key(&name) {
                let steps = slot.steps.into_iter().chain([step]).collect();
                inner.map.insert(name, Slot::with_steps(Slotted::Removed, steps));
            }
        }
    }

    fn unset(&mut self, fields: &mut Fields, op: &FieldOp, key: &Text, cx: Cx<'_>) {
        let step = Step { verb: Verb::Unset, span: op.span, owner: cx.owner };
        match fields.map.get_mut(key) {
            Some(slot) if slot.is_set() => {
                slot.value = Slotted::Unset;
                slot.set_conflict(None);
                slot.steps.push(step);
                slot.set_replaces(cx.replaces(Some(op.span), true));
            }
            _ if cx.mode == Mode::Placed => {
                let slot = Slot::new(Slotted::Unset, step).replacing(cx.replaces(Some(op.span), false));
                fields.map.insert(key.clone(), slot);
            }
            _ => {
                let finding = errors::unsets_nothing(&self.types.names, op.span, key);
                self.report(finding);
            }
        }
    }

    fn remove(&mut self, fields: &mut Fields, op: &FieldOp, key: &Text, cx: Cx<'_>) {
        let step = Step { verb: Verb::Remove, span: op.span, owner: cx.owner };
        if take_out(fields, key, step, cx) {
            return;
        }
        if cx.mode == Mode::Placed {
            let slot = Slot::new(Slotted::Removed, step).replacing(cx.replaces(Some(op.span), false));
            fields.map.insert(key.clone(), slot);
            return;
        }
        let known: Vec<String> = fields.iter().map(|(name, _)| name.to_string()).collect();
        let finding = errors::removes_nothing(&self.types.names, op.span, key, &known);
        self.report(finding);
    }
}

impl Cx<'_> {
    /// What an `override`, `unset` or `remove` does to higher levels. What a role says is whole by itself: where it replaces
    /// something, that is of its own ancestors, wherever it is used.
    pub(super) fn replaces(&self, at: Option<Span>, met: bool) -> Option<Replaces> {
        at.filter(|_| self.mode == Mode::Placed).map(|at| Replaces { at, met })
    }
}

/// What a value on an inherited one was meant to be.
fn meant(old: &Slotted, new: &Slotted, keyed: bool) -> errors::Meant {
    match (old, new) {
        // A list that holds inherited elements again would have them twice.
        (Slotted::List(old), Slotted::List(new)) if new.kind == ListKind::List => {
            let again = new.items.iter().any(|elem| old.items.iter().any(|have| have.val == elem.val));
            if again { errors::Meant::AddOrReplace } else { errors::Meant::Add }
        }
        (Slotted::List(_), Slotted::List(_)) => errors::Meant::Add,
        (Slotted::Map(_), Slotted::Map(_)) if keyed => errors::Meant::Add,
        (Slotted::Map(_), Slotted::Map(_)) => errors::Meant::Merge,
        _ => errors::Meant::Replace,
    }
}

/// The finding was reported.
struct Reported;

/// Takes out an entry that is there, and says whether it was. That it is gone is kept with its history: what else knows the entry,
/// another mixin of the same base or a higher level, would bring it back without a word.
pub(super) fn take_out(fields: &mut Fields, key: &Text, step: Step, cx: Cx<'_>) -> bool {
    let Some(slot) = fields.map.get_mut(key).filter(|slot| slot.is_set()) else { return false };
    slot.value = Slotted::Removed;
    slot.set_conflict(None);
    slot.steps.push(step);
    slot.set_replaces(cx.replaces(Some(step.span), true));
    true
}

pub(super) fn empty_map(step: Step) -> Slot {
    Slot::new(Slotted::Map(Fields::default()), step)
}

//! Mixins: fields of one declaration joined to those of another, and what they disagree about.

use super::fields::same_value;
use super::{Conflict, Cx, Elem, Fields, Flattener, ListSlot, Slot, Slotted, Step};
use crate::text::Text;
use crate::typing::{Base, BaseTarget, Val};

impl Flattener {
    /// Mixes a role or the block of a `let` into a block. Both are judged by themselves first, as a declaration would be: a mixin
    /// says the same wherever it is used.
    pub(super) fn mix_in(&mut self, fields: &mut Fields, base: &Base, cx: Cx<'_>) {
        if !self.counts(base.cond.as_deref(), cx) {
            return;
        }
        match &base.target {
            BaseTarget::Block(_, body) => {
                let mut delta = Fields::default();
                self.apply_body(&mut delta, body, cx);
                mix(fields, delta);
            }
            BaseTarget::Decl(id) => {
                if cx.talos.is_none_or(|talos| self.holds(*id, talos)) {
                    let args = self.eval_args(&base.args, cx);
                    let inner = self.flat(*id, &args, cx.talos);
                    mix(fields, inner.fields.clone());
                }
            }
        }
    }
}

/// Joins the fields of a mixin to what is there; what is said of one field in two ways becomes a conflict.
pub(crate) fn mix(fields: &mut Fields, delta: Fields) {
    for (key, other) in delta.map {
        match fields.map.get_mut(&key) {
            None => {
                fields.map.insert(key, other);
            }
            Some(slot) => mix_slot(slot, other),
        }
    }
}

fn mix_slot(slot: &mut Slot, other: Slot) {
    if other.replaces.is_some() && slot.is_set() {
        // It replaces whatever is above it, and that is this.
        slot.value = other.value;
        slot.conflict = other.conflict;
        slot.sealed = slot.sealed.or(other.sealed);
        return slot.add_steps(&other.steps);
    }
    if !slot.is_set() {
        let took = took_away(&slot.steps, &other.steps);
        let (last, replaces) = (slot.steps.last().copied(), slot.replaces);
        *slot = other;
        // What was unset was meant to be whatever a higher level says: what is said instead replaces that.
        slot.replaces = slot.replaces.or(replaces);
        if let (true, Some(first), Some(second)) = (took, last, slot.steps.last().copied()) {
            slot.conflict = Some(Box::new(Conflict { first, second, other: Val::Word("a value".into()) }));
        }
        return;
    }
    if slot.entry.is_none() {
        slot.entry = other.entry;
    }
    slot.sealed = slot.sealed.or(other.sealed);
    match (&mut slot.value, other.value) {
        (Slotted::Map(a), Slotted::Map(b)) => mix(a, b),
        (Slotted::List(a), Slotted::List(b)) => {
            let disagree = a.based
                && b.based
                && !same_value(&Slotted::List(a.clone()), &Slotted::List(b.clone()))
                && slot.steps.first() != other.steps.first();
            if disagree || takes_what_stays(a, &b) {
                return conflict(slot, &other.steps, Val::Word("another list".into()));
            }
            a.place(&b);
            slot.add_steps(&other.steps);
        }
        (Slotted::Leaf(a), Slotted::Leaf(b)) => {
            if *a == b {
                slot.add_steps(&other.steps);
            } else {
                conflict(slot, &other.steps, b);
            }
        }
        (_, Slotted::Unset | Slotted::Removed) => {
            if took_away(&other.steps, &slot.steps) {
                conflict(slot, &other.steps, Val::Word("nothing".into()));
            }
        }
        (_, other_value) => {
            let val = if let Slotted::Leaf(val) = other_value { val } else { Val::Word("a block".into()) };
            conflict(slot, &other.steps, val);
        }
    }
}

/// Whether a history that ends with nothing took away what another one still has: both know the step that said it.
pub(super) fn took_away(ended: &[Step], stays: &[Step]) -> bool {
    ended.iter().any(|step| stays.contains(step))
}

/// Whether one of two lists dropped an element that the other still has from the same place: two mixins of one base.
fn takes_what_stays(a: &ListSlot, b: &ListSlot) -> bool {
    let drops = |one: &ListSlot, other: &ListSlot| {
        let stays = |gone: &Elem| other.items.iter().any(|e| e.span == gone.span && e.val == gone.val);
        one.dropped.iter().any(|gone| stays(gone) && one.items.iter().all(|have| have.val != gone.val))
    };
    drops(a, b) || drops(b, a)
}

fn conflict(slot: &mut Slot, steps: &[Step], other: Val) {
    if let (Some(first), Some(second)) = (slot.steps.last().copied(), steps.last().copied()) {
        slot.conflict = Some(Box::new(Conflict { first, second, other }));
    }
}

/// The fields that mixins disagree about, by path.
pub(super) fn conflicts(fields: &Fields, path: &mut Vec<Text>, out: &mut Vec<(Vec<Text>, Conflict)>) {
    for (name, slot) in fields.iter() {
        path.push(name.clone());
        if let Some(conflict) = &slot.conflict {
            out.push((path.clone(), (**conflict).clone()));
        }
        match &slot.value {
            Slotted::Map(inner) => conflicts(inner, path, out),
            Slotted::List(list) => {
                list.items.iter().for_each(|elem| conflicts_of_value(&elem.val, path, out))
            }
            Slotted::Leaf(val) => conflicts_of_value(val, path, out),
            Slotted::Unset | Slotted::Removed | Slotted::Deleted => {}
        }
        path.pop();
    }
}

/// Blocks in values take in `let`s too.
fn conflicts_of_value(val: &Val, path: &mut Vec<Text>, out: &mut Vec<(Vec<Text>, Conflict)>) {
    match val {
        Val::Fields(fields) => conflicts(fields, path, out),
        Val::List(items, _) => items.iter().for_each(|item| conflicts_of_value(&item.val, path, out)),
        _ => {}
    }
}

/// Whether a field at a path is one that mixins disagree about.
pub(super) fn has_conflict(fields: &Fields, path: &[Text]) -> bool {
    let mut found = Vec::new();
    conflicts(fields, &mut Vec::new(), &mut found);
    found.iter().any(|(known, _)| known == path)
}

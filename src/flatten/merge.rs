//! Mixins: fields of one declaration joined to those of another, and what they disagree about.

use super::fields::same_value;
use super::{Conflict, Cx, Fields, Flattener, Slot, Slotted, Step};
use crate::text::Text;
use crate::typing::{Base, BaseTarget, Val};

impl Flattener {
    /// A role mixed into a set.
    pub(super) fn mix_into_entry(&mut self, fields: &mut Fields, base: &Base, cx: Cx<'_>) {
        if let BaseTarget::Decl(id) = &base.target
            && self.counts(base.cond.as_deref(), cx)
            && cx.talos.is_none_or(|talos| self.holds(*id, talos))
        {
            let args = self.eval_args(&base.args, cx);
            let inner = self.flat(*id, &args, cx.talos);
            mix(fields, inner.fields.clone());
        }
    }
}

/// Joins the fields of a mixin to what is there; scalars that differ become conflicts.
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
    if !slot.is_set() {
        *slot = other;
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
            if disagree {
                return conflict(slot, &other.steps, Val::Word("another list".into()));
            }
            a.join(&b);
            slot.add_steps(&other.steps);
        }
        (Slotted::Leaf(a), Slotted::Leaf(b)) => {
            if *a == b {
                slot.add_steps(&other.steps);
            } else {
                conflict(slot, &other.steps, b);
            }
        }
        (_, Slotted::Unset | Slotted::Removed) => {}
        (_, other_value) => {
            let val = if let Slotted::Leaf(val) = other_value { val } else { Val::Word("a block".into()) };
            conflict(slot, &other.steps, val);
        }
    }
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
        if let Slotted::Map(inner) = &slot.value {
            conflicts(inner, path, out);
        }
        path.pop();
    }
}

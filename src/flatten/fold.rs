//! What a field comes to when something later says it too: a mixin, a body, a lower level.
//!
//! Inheritance and placement are one operation on fields, told apart by who may decide. Mixins stand beside each other, so what two of
//! them set differently is a conflict ([`super::merge`]); a body and a lower level decide. Everything else is the same for all of
//! them and stands here once: lists are added to and taken from, a set ignores what it has, blocks merge by key, `override`, `unset`
//! and `remove` put something in the place of what was there, `final` stays, and the history goes on.
//!
//! A level does not know what stands above it. So what it takes away is kept in it ([`ListSlot::taken`], [`Slot::replaces`]) until it
//! is placed, and what a role did to its own ancestors is not kept: a declaration means the same wherever it is used.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::lists::fingerprint;
use super::merge::took_away;
use super::{Elem, Fields, ListSlot, Slot, Slotted, Step};
use crate::typing::{EntryOp, ListKind, Val};

impl Fields {
    /// Puts the fields of a body or a lower level on these.
    pub fn place(&mut self, later: &Fields) {
        for (key, slot) in later.iter_raw() {
            match self.map.get_mut(key) {
                Some(below) => below.place(slot),
                None => {
                    self.map.insert(key.clone(), slot.clone());
                }
            }
        }
    }
}

impl Slot {
    /// Puts what a body or a lower level says on what is there.
    pub fn place(&mut self, later: &Slot) {
        // A role that has unset something of its parent's says nothing of it, unless that came along another path too.
        if !later.is_set() && later.replaces().is_none() && !took_away(&later.steps, &self.steps) {
            return;
        }
        let met = self.is_set();
        match (&mut self.value, &later.value) {
            (Slotted::Map(base), Slotted::Map(delta)) if later.replaces().is_none() => base.place(delta),
            (Slotted::List(base), Slotted::List(delta)) if later.replaces().is_none() => base.place(delta),
            (value, new) => *value = new.clone(),
        }
        self.add_steps(&later.steps);
        if let Some(entry) = later.entry() {
            self.take_head(entry);
        }
        self.set_sealed(self.sealed().or(later.sealed()));
        // Of what role and body say together, the body's `override` still holds for the levels above.
        if let Some(replaces) = later.replaces() {
            self.set_replaces(Some(super::Replaces { met: met || replaces.met, ..replaces }));
        }
    }

    /// Goes on with the history of what is put on it; a step that came along two paths counts once.
    pub(super) fn add_steps(&mut self, more: &[Step]) {
        for step in more {
            if !self.steps.contains(step) {
                self.steps.push(*step);
            }
        }
    }

    /// Takes marks and file of a named block that says the same name again, unless it has none and would lose them.
    pub(super) fn take_head(&mut self, entry: &Arc<EntryOp>) {
        let keeps = |old: &EntryOp| old.file.is_some() && entry.file.is_none() && entry.marks.is_empty();
        if !self.entry().is_some_and(|entry| keeps(entry)) {
            self.set_entry(Some(entry.clone()));
        }
    }
}

impl ListSlot {
    /// Puts the list of a body or a lower level on this one: what it takes goes, what it adds comes last.
    pub(super) fn place(&mut self, later: &ListSlot) {
        for elem in &later.taken {
            let met = self.take(&elem.val) || elem.met;
            self.taken.push(Elem { met, ..elem.clone() });
        }
        self.join(later);
    }

    /// Joins the elements of another list: a set ignores what it has, and an element that came along two paths counts once.
    pub fn join(&mut self, other: &ListSlot) {
        self.changed();
        let known = Known::of(&self.items);
        let before = self.items.len();
        for elem in &other.items {
            let again = |have: &Elem| self.kind == ListKind::Set || have.span == elem.span;
            if !known.find(&self.items[..before], &elem.val).any(again) {
                self.items.push(elem.clone());
            }
        }
        self.dropped.extend(other.dropped.iter().cloned());
        self.based |= other.based;
    }

    /// Takes an element out; says whether it was there.
    pub(super) fn take(&mut self, val: &Val) -> bool {
        self.changed();
        let before = self.dropped.len();
        self.dropped.extend(self.items.extract_if(.., |elem| elem.val == *val));
        self.dropped.len() > before
    }

    /// The elements, each with the same one of another list if it has it.
    pub fn beside<'l>(&'l self, other: &'l ListSlot) -> impl Iterator<Item = (&'l Elem, Option<&'l Elem>)> {
        let known = Known::of(&other.items);
        self.items.iter().map(move |elem| (elem, known.find(&other.items, &elem.val).next()))
    }
}

/// Up to how many elements are compared one by one.
const FEW: usize = 4;

/// The places of elements by what they are, so that large lists stay linear.
struct Known(Option<FxHashMap<u64, SmallVec<[usize; 1]>>>);

impl Known {
    fn of(items: &[Elem]) -> Known {
        let mut places: FxHashMap<u64, SmallVec<[usize; 1]>> = FxHashMap::default();
        if items.len() <= FEW {
            return Known(None);
        }
        for (at, elem) in items.iter().enumerate() {
            places.entry(fingerprint(&elem.val)).or_default().push(at);
        }
        Known(Some(places))
    }

    /// The elements that are a value.
    fn find<'e>(&self, items: &'e [Elem], val: &Val) -> impl Iterator<Item = &'e Elem> {
        let places = self.0.as_ref().map(|places| places.get(&fingerprint(val)).cloned().unwrap_or_default());
        let places = places.unwrap_or_else(|| (0..items.len()).collect());
        places.into_iter().map(|at| &items[at]).filter(move |elem| elem.val == *val)
    }
}

//! Mixins: fields of one declaration joined to those of another, and what they disagree about.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Args, Conflict, Cx, Elem, Fields, Flattener, ListSlot, Slot, Slotted, Step, Verb, errors};
use crate::resolve::DeclId;
use crate::text::Text;
use crate::typing::{Base, BaseTarget, Val};

impl Flattener {
    /// Reports mixins that one body takes in twice, for the same targets or for all: the second one brings nothing.
    pub(super) fn report_twice<'b>(&mut self, bases: impl Iterator<Item = &'b Base>, cx: Cx<'_>) {
        // The first of each, by declaration and by the number of its arguments.
        let mut seen: FxHashMap<(DeclId, u32), &Base> = FxHashMap::default();
        for base in bases {
            let (id, args) = self.identity(base, cx);
            let key = (id, self.number_of(&args));
            if let Some(first) = seen.get(&key).copied() {
                let covered = first.cond.is_none() || first.cond == base.cond;
                let (again, first) = if covered { (base, first) } else { (first, base) };
                if covered || first.cond.is_none() {
                    let names = &self.types.names;
                    let finding = errors::mixin_twice(names, again, first.span, &names.decl(id).shown());
                    self.report(finding);
                }
            }
            seen.entry(key).or_insert(base);
        }
    }

    /// Which declaration a base is, with which arguments.
    fn identity(&mut self, base: &Base, cx: Cx<'_>) -> (DeclId, Args) {
        match &base.target {
            BaseTarget::Block(id, _) => (*id, Args::default()),
            BaseTarget::Decl(id) => {
                let typed = self.types.typed(*id);
                let args = self.eval_args(&base.args, cx);
                (*id, self.complete(&typed, &args, *id, cx.talos))
            }
        }
    }

    /// Reports mixins of a body that its parent takes in whatever the target is.
    pub(super) fn report_inherited<'b>(
        &mut self,
        parent: &Base,
        mixins: impl Iterator<Item = &'b Base>,
        of_parent: &[(DeclId, Args)],
        cx: Cx<'_>,
    ) {
        let BaseTarget::Decl(of) = parent.target else { return };
        for base in mixins {
            let own = self.identity(base, cx);
            if own.0 != of
                && of_parent.contains(&own)
                && self.always_has(of, own.0, &mut FxHashSet::default())
            {
                let names = &self.types.names;
                let (name, shown) = (names.decl(own.0).shown(), names.decl(of).shown());
                let finding = errors::mixin_inherited(names, base, parent.span, &name, &shown);
                self.report(finding);
            }
        }
    }

    /// Whether a declaration takes in another one for every target. What was looked through is not looked through again: many ways may
    /// lead to one.
    fn always_has(&self, of: DeclId, wanted: DeclId, seen: &mut FxHashSet<DeclId>) -> bool {
        if !seen.insert(of) {
            return false;
        }
        let typed = self.types.typed(of);
        let bases = typed.parent.iter().chain(&typed.mixins).chain(&typed.body.mixins);
        bases.filter(|base| base.cond.is_none()).any(|base| match base.target {
            BaseTarget::Decl(id) => {
                self.types.typed(id).cond.is_none() && (id == wanted || self.always_has(id, wanted, seen))
            }
            BaseTarget::Block(..) => false,
        })
    }

    /// Mixes a role or the block of a `let` into a block. Both are judged by themselves first, as a declaration would be: a mixin
    /// says the same wherever it is used. Gives whether what it says depends on arguments or on the target.
    pub(super) fn mix_in(&mut self, fields: &mut Fields, base: &Base, cx: Cx<'_>) -> bool {
        let varies = base.cond.is_some() || !base.args.is_empty();
        if !self.counts(base.cond.as_deref(), cx) {
            return varies;
        }
        match &base.target {
            BaseTarget::Block(_, body) => {
                let mut delta = Fields::default();
                self.apply_body(&mut delta, body, cx);
                mix(fields, delta);
                varies
            }
            BaseTarget::Decl(id) => {
                if cx.talos.is_some_and(|talos| !self.holds(*id, talos)) {
                    return true;
                }
                let args = self.eval_args(&base.args, cx);
                let inner = self.flat(*id, &args, cx.talos);
                mix(fields, inner.fields.clone());
                varies || inner.varies
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
    // An `override` without anything to replace in the mixin itself was reported there.
    let alone = matches!(other.steps.as_slice(), [Step { verb: Verb::Override, .. }])
        && !matches!(other.value, Slotted::Map(_));
    if (other.replaces().is_some() || alone) && slot.is_set() {
        // It replaces whatever is above it, and that is this.
        slot.set_conflict(other.conflict().cloned());
        slot.set_sealed(slot.sealed().or(other.sealed()));
        slot.value = other.value;
        return slot.add_steps(&other.steps);
    }
    if !slot.is_set() {
        let took = took_away(&slot.steps, &other.steps);
        let (last, replaces) = (slot.steps.last().copied(), slot.replaces());
        *slot = other;
        // What was unset was meant to be whatever a higher level says: what is said instead replaces that.
        slot.set_replaces(slot.replaces().or(replaces));
        if let (true, Some(first), Some(second)) = (took, last, slot.steps.last().copied()) {
            slot.set_conflict(Some(Conflict { first, second, other: Val::Word("a value".into()) }));
        }
        return;
    }
    if slot.entry().is_none() {
        slot.set_entry(other.entry().cloned());
    }
    slot.set_sealed(slot.sealed().or(other.sealed()));
    match (&mut slot.value, other.value) {
        (Slotted::Map(a), Slotted::Map(b)) => mix(a, b),
        (Slotted::List(a), Slotted::List(b)) => {
            let same =
                a.items.len() == b.items.len() && a.items.iter().zip(&b.items).all(|(a, b)| a.val == b.val);
            if same && a.based && b.based {
                return slot.add_steps(&other.steps);
            }
            let disagree = a.based && b.based && slot.steps.first() != other.steps.first();
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
        slot.set_conflict(Some(Conflict { first, second, other }));
    }
}

/// The fields that mixins disagree about, by path.
pub(super) fn conflicts(fields: &Fields, path: &mut Vec<Text>, out: &mut Vec<(Vec<Text>, Conflict)>) {
    for (name, slot) in fields.iter() {
        path.push(name.clone());
        if let Some(conflict) = slot.conflict() {
            out.push((path.clone(), conflict.clone()));
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

//! Placement: the fields of a lower level on those of a higher one.
//!
//! Cluster, set and machine are one more chain of inheritance, with the same operators: what a role says is mixed in, what a body
//! says must be marked when it replaces something. A level is emitted by itself, so a list or an entry that a higher level has
//! emitted cannot be taken back below it, unless the compiler resolves the field itself. What comes of the two is [`Slot::place`];
//! here stands what is wrong with it.

use super::fields::same_value;
use super::merge::took_away;
use super::{Fields, ListSlot, Slot, Slotted, Step, Verb, errors};
use crate::diagnostics::{Code, Diagnostic};
use crate::kinds;
use crate::resolve::Names;
use crate::text::Text;

/// How two levels stand to each other.
#[derive(Clone, Copy)]
pub struct Relation<'r> {
    /// What the higher level is called in messages: "cluster `homelab`".
    pub above: &'r str,
    /// Both are emitted together: a role and the body of its set.
    pub same_level: bool,
    /// What is missing here may come from an even higher level.
    pub defer: bool,
    /// The fields that the compiler resolves itself, so that they may shrink at any level.
    pub resolved: &'r [&'r str],
}

/// Reports what cannot be placed; looks only at what the lower level says. `above` is what holds above it of a field.
pub fn check<'f>(
    names: &Names,
    above: &dyn Fn(&str) -> Option<&'f Slot>,
    delta: impl Iterator<Item = (&'f Text, &'f Slot)>,
    relation: Relation<'_>,
    out: &mut Vec<Diagnostic>,
) {
    walk(names, above, delta, relation, &mut Vec::new(), out);
}

fn walk<'f>(
    names: &Names,
    above: &dyn Fn(&str) -> Option<&'f Slot>,
    delta: impl Iterator<Item = (&'f Text, &'f Slot)>,
    relation: Relation<'_>,
    path: &mut Vec<Text>,
    out: &mut Vec<Diagnostic>,
) {
    for (key, slot) in delta {
        path.push(key.clone());
        match above(key).filter(|slot| slot.is_set()) {
            None => missing(names, slot, relation, path, out),
            Some(below) => against(names, below, slot, relation, path, out),
        }
        path.pop();
    }
}

/// Nothing above sets the field: an operator that needs something is wrong, unless it may come from higher up.
fn missing(
    names: &Names,
    slot: &Slot,
    relation: Relation<'_>,
    path: &mut Vec<Text>,
    out: &mut Vec<Diagnostic>,
) {
    if relation.defer {
        return;
    }
    let key = path.join(".");
    if let (Some(replaces), Some(at)) = (slot.replaces().filter(|replaces| !replaces.met), slot.span()) {
        out.push(match slot.value {
            Slotted::Unset => errors::unsets_nothing(names, at, &key),
            Slotted::Removed => errors::removes_nothing(names, at, &key, &[]),
            _ => errors::overrides_nothing(replaces.at, at, &key),
        });
        return;
    }
    match &slot.value {
        Slotted::List(list) => {
            for elem in list.taken.iter().filter(|elem| !elem.met) {
                let whole = alone(slot, list);
                out.push(errors::takes_what_is_not_there(names, elem.span, whole, &key, &[]));
            }
        }
        Slotted::Map(inner) => walk(names, &|_| None, inner.iter_raw(), relation, path, out),
        Slotted::Leaf(_) | Slotted::Unset | Slotted::Removed | Slotted::Deleted => {}
    }
}

fn against<'f>(
    names: &Names,
    below: &'f Slot,
    slot: &'f Slot,
    relation: Relation<'_>,
    path: &mut Vec<Text>,
    out: &mut Vec<Diagnostic>,
) {
    let key = path.join(".");
    if let (Some(sealed), Some(at)) = (below.sealed(), written_at(slot)) {
        out.push(errors::final_replaced(at, &key, sealed));
        return;
    }
    let replaces = slot.replaces().is_some();
    if let (Slotted::Map(base), Slotted::Map(delta), false) = (&below.value, &slot.value, replaces) {
        if let Some(finding) = anew(names, below, slot, delta, relation, &key) {
            return out.push(finding);
        }
        return walk(names, &|key| base.raw(key), delta.iter_raw(), relation, path, out);
    }
    let Some(step) = slot.last().copied() else { return };
    let from_role = names.decl(step.owner).kind == kinds::ROLE;
    let emitted = !relation.same_level && !relation.resolved.contains(&key.as_str());
    let adds_up = |value: &Slotted| matches!(value, Slotted::List(_) | Slotted::Map(_));
    match (&below.value, &slot.value) {
        // What a role has unset or removed of its own ancestors says nothing of other levels, unless they have it from there.
        (_, Slotted::Unset | Slotted::Removed) if !replaces && !took_away(&slot.steps, &below.steps) => {}
        (_, Slotted::Unset | Slotted::Removed) if emitted => {
            out.push(emitted_above(step.span, &key, relation.above, below));
        }
        (base, new) if replaces && emitted && adds_up(base) && adds_up(new) => {
            out.push(emitted_above(step.span, &key, relation.above, below));
        }
        (_, Slotted::Unset | Slotted::Removed | Slotted::Deleted) => {}
        _ if replaces && !relation.same_level => out.extend(again(names, below, slot, &key)),
        // The body of a set may decide between its role and its cluster.
        _ if replaces => {}
        // The role of a set and a role in its body, of which neither adds to what both inherit.
        (Slotted::List(base), Slotted::List(delta))
            if relation.same_level
                && from_role
                && base.based
                && delta.based
                && below.steps.first() != slot.steps.first()
                && !same_value(&below.value, &slot.value) =>
        {
            out.extend(below.last().map(|above| levels_disagree(names, path, relation.above, *above, step)));
        }
        (Slotted::List(base), Slotted::List(delta)) => {
            let lists = Lists { below, base, slot, delta, step, from_role, emitted };
            lists.check(names, relation, &key, out);
        }
        (Slotted::Leaf(a), Slotted::Leaf(b)) if from_role && a == b => {}
        _ if from_role => {
            out.extend(below.last().map(|above| levels_disagree(names, path, relation.above, *above, step)))
        }
        _ => {
            let from = below.last().copied();
            out.push(
                match from.filter(|_| same_value(&below.value, &slot.value) && slot.sealed().is_none()) {
                    Some(from) => errors::repeated(names, step.span, &key, from),
                    None => errors::inherited(names, step.span, &key, from, errors::Meant::Replace),
                },
            );
        }
    }
}

/// A body that says a map anew with `=`, or a named block that is there already without anything in it.
fn anew(
    names: &Names,
    below: &Slot,
    slot: &Slot,
    delta: &Fields,
    relation: Relation<'_>,
    key: &str,
) -> Option<Diagnostic> {
    let step = slot.last().copied()?;
    if names.decl(step.owner).kind == kinds::ROLE {
        return None;
    }
    if step.verb == Verb::Set && slot.steps.len() == 1 {
        let anew = || errors::inherited(names, step.span, key, below.last().copied(), errors::Meant::Add);
        return Some(again(names, below, slot, key).unwrap_or_else(anew));
    }
    let entry = slot.entry().filter(|entry| entry.says_nothing() && delta.is_empty())?;
    relation.same_level.then(|| errors::says_nothing(names, entry.span, key))
}

/// An `override` that replaces a value by itself. What replaces something of its own level does not know what is above.
fn again(names: &Names, below: &Slot, slot: &Slot, key: &str) -> Option<Diagnostic> {
    let step = slot.steps.first().filter(|step| slot.steps.iter().all(|other| other.owner == step.owner))?;
    let same = slot.sealed().is_none()
        && slot.replaces().is_none_or(|replaces| !replaces.met)
        && same_value(&below.value, &slot.value);
    let inner = || below.map()?.iter().find_map(|(_, slot)| slot.last().copied());
    let from = below.last().copied().or_else(inner).filter(|_| same)?;
    Some(errors::repeated(names, step.span, key, from))
}

/// Where a slot was written: its own place, or the first one inside of it.
fn written_at(slot: &Slot) -> Option<crate::source::Span> {
    let own = slot.last().map(|step| step.span);
    own.or_else(|| slot.map().and_then(|fields| fields.iter_raw().find_map(|(_, inner)| written_at(inner))))
}

/// A list on one of a higher level.
struct Lists<'s> {
    below: &'s Slot,
    base: &'s ListSlot,
    slot: &'s Slot,
    delta: &'s ListSlot,
    step: Step,
    from_role: bool,
    /// The higher level is written by itself.
    emitted: bool,
}

impl Lists<'_> {
    fn check(&self, names: &Names, relation: Relation<'_>, key: &str, out: &mut Vec<Diagnostic>) {
        let Lists { below, base, slot, delta, step, .. } = self;
        let of_role = |step: &Step| names.decl(step.owner).kind == kinds::ROLE;
        if delta.based && !self.from_role && !slot.steps.iter().any(of_role) {
            let same = same_value(&below.value, &slot.value);
            let meant = if same { errors::Meant::Nothing } else { errors::Meant::Add };
            out.push(errors::inherited(names, step.span, key, below.last().copied(), meant));
        } else {
            self.twice(names, out);
        }
        for elem in &delta.taken {
            let there = base.items.iter().any(|have| have.val == elem.val);
            if !there && !relation.defer && !elem.met {
                let known: Vec<String> =
                    base.items.iter().map(|elem| names.sources.text(elem.span).to_string()).collect();
                let whole = alone(slot, delta);
                out.push(errors::takes_what_is_not_there(names, elem.span, whole, key, &known));
            } else if there && self.emitted {
                out.push(emitted_above(elem.span, key, relation.above, below));
            }
        }
    }

    /// An element that a body adds although it is there. What a role brings may be there already: it is written for many sets.
    fn twice(&self, names: &Names, out: &mut Vec<Diagnostic>) {
        if !self.emitted {
            return;
        }
        for (elem, first) in self.delta.beside(self.base) {
            let written = |span| names.sources.text(span).to_string();
            if let Some(first) = first
                && names.decl(elem.owner).kind != kinds::ROLE
                && elem.span != first.span
            {
                out.push(errors::element_twice(elem.span, &written(elem.span), first.span));
            }
        }
    }
}

/// The operation that takes one element and does nothing else.
fn alone(slot: &Slot, list: &ListSlot) -> Option<crate::source::Span> {
    match (list.taken.as_slice(), slot.steps.as_slice()) {
        ([_], [step]) => Some(step.span),
        _ => None,
    }
}

fn emitted_above(at: crate::source::Span, key: &str, above: &str, below: &Slot) -> Diagnostic {
    Diagnostic::new(
        Code::EmittedAbove,
        format!("`{key}` is written by the {above}: a lower level cannot take it back"),
    )
    .label(at, "taken back here")
    .label_if(below.span(), format!("set for the whole {above}"))
    .note("Talos adds up the lists and maps of the levels, so what a higher level writes stays")
    .help(format!("set `{key}` only on the sets or machines that want it, for example in a role"))
}

fn levels_disagree(names: &Names, path: &[Text], above: &str, first: Step, second: Step) -> Diagnostic {
    let role = names.decl(second.owner).shown();
    let key = path.join(".");
    let written = super::statement::deciding(&kinds::get(kinds::ROLE).schema, path);
    Diagnostic::new(
        Code::LevelsDisagree,
        format!("the {above} and the role `{role}` set `{key}` differently"),
    )
    .label(second.span, format!("the role `{role}` says this"))
    .label(first.span, format!("the {above} says this"))
    .help(format!("decide in the body of the set: `{written}`"))
}

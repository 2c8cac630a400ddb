//! Placement: the fields of a lower level on those of a higher one.
//!
//! Cluster, set and machine are one more chain of inheritance, with the same operators: what a role says is mixed in, what a body
//! says must be marked when it replaces something. A level is emitted by itself, so a list or an entry that a higher level has
//! emitted cannot be taken back below it, unless the compiler resolves the field itself.

use super::fields::same_value;
use super::merge::join;
use super::{Elem, Fields, ListSlot, Slot, Slotted, Verb, errors};
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

/// Reports what cannot be placed; looks only at what the lower level says.
pub fn check<'f>(
    names: &Names,
    base: &Fields,
    delta: impl Iterator<Item = (&'f Text, &'f Slot)>,
    relation: Relation<'_>,
    out: &mut Vec<Diagnostic>,
) {
    walk(names, Some(base), delta, relation, &mut Vec::new(), out);
}

fn walk<'f>(
    names: &Names,
    base: Option<&Fields>,
    delta: impl Iterator<Item = (&'f Text, &'f Slot)>,
    relation: Relation<'_>,
    path: &mut Vec<Text>,
    out: &mut Vec<Diagnostic>,
) {
    for (key, slot) in delta {
        path.push(key.clone());
        let below = base.and_then(|base| base.get(key));
        match below {
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
    let span = slot.span();
    if let (Some(mark), Some(at)) = (slot.overrides, span) {
        out.push(match slot.value {
            Slotted::Unset => errors::unsets_nothing(names, at, &key),
            _ => errors::overrides_nothing(mark, at, &key),
        });
        return;
    }
    match &slot.value {
        // It had something to remove at its own level, in a role.
        Slotted::Removed if slot.steps.len() > 1 => {}
        Slotted::Removed => out.extend(span.map(|at| errors::removes_nothing(names, at, &key, &[]))),
        Slotted::List(list) => {
            for elem in list.taken.iter().filter(|elem| !elem.met) {
                let whole = alone(slot, list);
                out.push(errors::takes_what_is_not_there(names, elem.span, whole, &key, &[]));
            }
        }
        Slotted::Map(inner) => walk(names, None, inner.iter_raw(), relation, path, out),
        Slotted::Leaf(_) | Slotted::Unset | Slotted::Deleted => {}
    }
}

fn against(
    names: &Names,
    below: &Slot,
    slot: &Slot,
    relation: Relation<'_>,
    path: &mut Vec<Text>,
    out: &mut Vec<Diagnostic>,
) {
    let key = path.join(".");
    if let (Some(sealed), Some(at)) = (below.sealed, written_at(slot)) {
        out.push(errors::final_replaced(at, &key, sealed));
        return;
    }
    let Some(step) = slot.last().copied() else {
        if let (Slotted::Map(base), Slotted::Map(delta)) = (&below.value, &slot.value) {
            walk(names, Some(base), delta.iter_raw(), relation, path, out);
        }
        return;
    };
    let replaces = slot.overrides.is_some() || slot.steps.iter().any(|step| step.verb == Verb::Override);
    let from_role = names.decl(step.owner).kind == kinds::ROLE;
    let emitted = !relation.same_level && !relation.resolved.contains(&key.as_str());
    match (&below.value, &slot.value) {
        (_, Slotted::Unset | Slotted::Removed) if emitted => {
            out.push(emitted_above(step.span, &key, relation.above, below));
        }
        (_, Slotted::Unset | Slotted::Removed | Slotted::Deleted) => {}
        (Slotted::Map(base), Slotted::Map(delta)) => {
            let set_anew = step.verb == Verb::Set && slot.steps.len() == 1 && !from_role;
            let entry = slot.entry.as_ref().filter(|entry| entry.says_nothing() && delta.is_empty());
            if replaces && emitted && slot.overrides.is_some() {
                out.push(emitted_above(step.span, &key, relation.above, below));
            } else if let Some(finding) =
                again(names, below, slot, &key).filter(|_| set_anew || replaces && !relation.same_level)
            {
                out.push(finding);
            } else if replaces && slot.overrides.is_some() {
                // All of it gives way, whatever it is.
            } else if set_anew {
                let from = below.last().copied();
                out.push(errors::inherited(names, step.span, &key, from, errors::Meant::Add));
            } else if let Some(entry) = entry.filter(|_| relation.same_level && !from_role) {
                out.push(errors::says_nothing(names, entry.span, &key));
            } else {
                walk(names, Some(base), delta.iter_raw(), relation, path, out);
            }
        }
        // The role of a set and a role in its body, of which neither adds to what both inherit.
        (Slotted::List(base), Slotted::List(delta))
            if relation.same_level
                && from_role
                && !replaces
                && base.based
                && delta.based
                && below.steps.first() != slot.steps.first()
                && !same_value(&below.value, &slot.value) =>
        {
            out.extend(below.last().map(|above| levels_disagree(names, path, relation.above, *above, step)));
        }
        (Slotted::List(base), Slotted::List(delta)) => {
            lists(names, below, base, slot, delta, (replaces, from_role, emitted), relation, &key, out);
        }
        // The body of a set may decide between its role and its cluster.
        _ if replaces && relation.same_level => {}
        _ if replaces => out.extend(again(names, below, slot, &key)),
        (Slotted::Leaf(a), Slotted::Leaf(b)) if from_role && a == b => {}
        _ if from_role => {
            out.extend(below.last().map(|above| levels_disagree(names, path, relation.above, *above, step)))
        }
        _ => {
            let from = below.last().copied();
            out.push(match from.filter(|_| same_value(&below.value, &slot.value) && slot.sealed.is_none()) {
                Some(from) => errors::repeated(names, step.span, &key, from),
                None => errors::inherited(names, step.span, &key, from, errors::Meant::Replace),
            });
        }
    }
}

/// An `override` that replaces a value by itself. What replaces something of its own level does not know what is above.
fn again(names: &Names, below: &Slot, slot: &Slot, key: &str) -> Option<Diagnostic> {
    let step = slot.steps.first().filter(|step| slot.steps.iter().all(|other| other.owner == step.owner))?;
    let same = slot.sealed.is_none() && same_value(&below.value, &slot.value);
    let inner = || below.map()?.iter().find_map(|(_, slot)| slot.last().copied());
    let from = below.last().copied().or_else(inner).filter(|_| same)?;
    Some(errors::repeated(names, step.span, key, from))
}

/// Where a slot was written: its own place, or the first one inside of it.
fn written_at(slot: &Slot) -> Option<crate::source::Span> {
    let own = slot.last().map(|step| step.span);
    own.or_else(|| slot.map().and_then(|fields| fields.iter_raw().find_map(|(_, inner)| written_at(inner))))
}

#[allow(clippy::too_many_arguments)]
fn lists(
    names: &Names,
    below: &Slot,
    base: &ListSlot,
    slot: &Slot,
    delta: &ListSlot,
    (replaces, from_role, emitted): (bool, bool, bool),
    relation: Relation<'_>,
    key: &str,
    out: &mut Vec<Diagnostic>,
) {
    let Some(step) = slot.last().copied() else { return };
    if replaces {
        match emitted && slot.overrides.is_some() {
            true => out.push(emitted_above(step.span, key, relation.above, below)),
            false if relation.same_level => {}
            false => out.extend(again(names, below, slot, key)),
        }
        return;
    }
    if delta.based && !from_role && !slot.steps.iter().any(|step| names.decl(step.owner).kind == kinds::ROLE)
    {
        let same = same_value(&below.value, &slot.value);
        let meant = if same { errors::Meant::Nothing } else { errors::Meant::Add };
        out.push(errors::inherited(names, step.span, key, below.last().copied(), meant));
    }
    for elem in &delta.taken {
        let there = base.items.iter().any(|have| have.val == elem.val);
        if !there && !relation.defer && !elem.met {
            let known: Vec<String> =
                base.items.iter().map(|elem| names.sources.text(elem.span).to_string()).collect();
            let whole = alone(slot, delta);
            out.push(errors::takes_what_is_not_there(names, elem.span, whole, key, &known));
        } else if there && emitted {
            out.push(emitted_above(elem.span, key, relation.above, below));
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

/// Puts the fields of the lower level on those of the higher one.
pub fn put(base: &mut Fields, delta: &Fields) {
    for (key, slot) in delta.iter_raw() {
        match base.map.get_mut(key) {
            Some(below) => put_slot(below, slot),
            None => {
                base.map.insert(key.clone(), slot.clone());
            }
        }
    }
}

fn put_slot(below: &mut Slot, slot: &Slot) {
    let replaces = slot.overrides.is_some() || slot.last().is_some_and(|step| step.verb == Verb::Override);
    // What replaces something of its own level needs nothing above it.
    let overrides = if below.is_set() { None } else { slot.overrides };
    match (&mut below.value, &slot.value) {
        (Slotted::Map(base), Slotted::Map(delta)) if slot.overrides.is_none() => put(base, delta),
        (Slotted::List(base), Slotted::List(delta)) if !replaces => {
            let met = |elem: &Elem| elem.met || base.items.iter().any(|have| have.val == elem.val);
            let taken: Vec<Elem> =
                delta.taken.iter().map(|elem| Elem { met: met(elem), ..elem.clone() }).collect();
            base.items.retain(|have| !taken.iter().any(|taken| taken.val == have.val));
            base.taken.extend(taken);
            join(base, (**delta).clone());
        }
        (value, new) => *value = new.clone(),
    }
    for step in &slot.steps {
        if !below.steps.contains(step) {
            below.steps.push(*step);
        }
    }
    if slot.entry.is_some() {
        below.entry.clone_from(&slot.entry);
    }
    below.sealed = below.sealed.or(slot.sealed);
    below.overrides = overrides;
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

fn levels_disagree(
    names: &Names,
    path: &[Text],
    above: &str,
    first: super::Step,
    second: super::Step,
) -> Diagnostic {
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

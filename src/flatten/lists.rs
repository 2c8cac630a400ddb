//! Operations on lists: elements are added, taken away and told apart.

use rustc_hash::{FxHashMap, FxHashSet};

use super::apply::{empty_map, take_out};
use super::{Cx, Elem, Fields, Flattener, ListSlot, Mode, Slot, Slotted, Step, Steps, Verb, errors};
use crate::diagnostics::Diagnostic;
use crate::resolve::Names;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{FieldOp, Item, KeyedItem, ListKind, Val};

/// What `+=` and `-=` say.
#[derive(Clone, Copy)]
pub(super) struct Elements<'o> {
    pub(super) items: &'o [Item],
    pub(super) kind: ListKind,
    /// From the name of the field to the last element.
    pub(super) span: Span,
}

/// Up to how many elements are compared with a list one by one.
const FEW: usize = 4;

/// The fingerprints of the elements of a list, so that thousands of lines that add to it stay linear. What inherits the list begins
/// without them.
#[derive(Debug, Default)]
pub(super) struct Prints(Option<Box<FxHashSet<u64>>>);

impl Clone for Prints {
    fn clone(&self) -> Self {
        Prints::default()
    }
}

impl ListSlot {
    /// Whether an element may be in the list: one that is not is added by the caller.
    fn may_have(&mut self, val: &Val) -> bool {
        if self.items.len() <= FEW {
            return true;
        }
        let prints = || Box::new(self.items.iter().map(|elem| fingerprint(&elem.val)).collect());
        !self.prints.0.get_or_insert_with(prints).insert(fingerprint(val))
    }

    /// Forgets what its elements are: they are changed otherwise than by adding one that [may not have been there](Self::may_have).
    pub(super) fn changed(&mut self) {
        self.prints = Prints::default();
    }
}

impl Flattener {
    /// Adds elements; a set ignores what it has, and is told when one body names an element twice.
    pub(super) fn extend(&mut self, list: &mut ListSlot, items: &[Item], cx: Cx<'_>, warn: bool) {
        let is_set = list.kind == ListKind::Set;
        for item in items {
            let val = self.eval(&item.val, cx);
            if matches!(val, Val::Error) {
                continue;
            }
            if is_set
                && list.may_have(&val)
                && let Some(first) = list.items.iter().find(|elem| elem.val == val)
            {
                if first.owner == cx.owner && warn {
                    let text = self.types.names.sources.text(item.span).to_string();
                    let finding = errors::element_twice(item.span, &text, first.span);
                    self.report(finding);
                }
                continue;
            }
            list.items.push(Elem { val, span: item.span, owner: cx.owner, met: false });
        }
    }

    pub(super) fn add(
        &mut self,
        fields: &mut Fields,
        op: &FieldOp,
        key: &Text,
        said: Elements<'_>,
        cx: Cx<'_>,
    ) {
        let Elements { items, kind, span } = said;
        let step = Step { verb: Verb::Add, span, owner: cx.owner };
        if let [Item { val: Val::Keyed(keyed), .. }] = items {
            let slot = fields.map.get_or_insert_with(key, || empty_map(step));
            if let Slotted::Map(inner) = &mut slot.value {
                self.keyed(inner, keyed, Verb::Add, cx);
            }
            return;
        }
        let slot = fields.map.get_or_insert_with(key, || list_without_beginning(kind));
        if !slot.is_set() {
            *slot = list_without_beginning(kind);
        }
        if let Slotted::List(list) = &mut slot.value {
            self.extend(list, items, cx, true);
            slot.steps.push(step);
        } else {
            self.report(errors::not_a_list_here(op.span, key, slot.span()));
        }
    }

    pub(super) fn take(
        &mut self,
        fields: &mut Fields,
        op: &FieldOp,
        key: &Text,
        said: Elements<'_>,
        cx: Cx<'_>,
    ) {
        let Elements { items, kind, span } = said;
        let step = Step { verb: Verb::Take, span, owner: cx.owner };
        if let [Item { val: Val::Keyed(keyed), .. }] = items {
            return self.take_keyed(fields, key, keyed, span, cx);
        }
        if fields.map.get(key).is_none_or(|slot| !slot.is_set()) {
            if cx.mode != Mode::Placed {
                let finding = errors::takes_from_nothing(&self.types.names, span, op.span, key);
                return self.report(finding);
            }
            fields.map.insert(key.clone(), list_without_beginning(kind));
        }
        let Some(slot) = fields.map.get_mut(key) else { return };
        let Slotted::List(list) = &mut slot.value else {
            return self.report(errors::not_a_list_here(op.span, key, slot.span()));
        };
        let mut absent = Vec::new();
        for item in items {
            let val = self.eval(&item.val, cx);
            let met = list.take(&val);
            match cx.mode {
                Mode::Placed => list.taken.push(Elem { val, span: item.span, owner: cx.owner, met }),
                Mode::Strict | Mode::Top(_) if !met => absent.push(item.span),
                Mode::Strict | Mode::Top(_) => {}
            }
        }
        slot.steps.push(step);
        let text = |elem: &Elem| self.types.names.sources.text(elem.span).to_string();
        let known = || list.items.iter().map(text).collect();
        let whole = (items.len() == 1).then_some(span);
        let findings = not_there(&self.types.names, &absent, whole, key, known);
        findings.into_iter().for_each(|finding| self.report(finding));
    }

    fn take_keyed(&mut self, fields: &mut Fields, key: &Text, items: &[KeyedItem], span: Span, cx: Cx<'_>) {
        let mut absent = Vec::new();
        for item in items {
            let Some(name) = self.key(&item.key, cx) else { continue };
            let inner = fields.map.get_mut(key).and_then(|slot| match &mut slot.value {
                Slotted::Map(inner) => Some(inner),
                _ => None,
            });
            let step = Step { verb: Verb::Remove, span: item.span, owner: cx.owner };
            if inner.is_some_and(|inner| take_out(inner, &name, step, cx)) {
                continue;
            }
            if cx.mode == Mode::Placed {
                let slot = fields.map.get_or_insert_with(key, || {
                    Slot::with_steps(Slotted::Map(Fields::default()), Steps::new())
                });
                if let Slotted::Map(inner) = &mut slot.value {
                    let removed = Slot::new(Slotted::Removed, step);
                    inner.map.insert(name, removed.replacing(cx.replaces(Some(item.span), false)));
                }
            } else {
                absent.push(item.span);
            }
        }
        let known =
            || fields.block(key).into_iter().flat_map(Fields::iter).map(|(k, _)| k.to_string()).collect();
        let whole = (items.len() == 1).then_some(span);
        let findings = not_there(&self.types.names, &absent, whole, key, known);
        findings.into_iter().for_each(|finding| self.report(finding));
    }

    /// Elements of a keyed list: entries of a map.
    pub(super) fn keyed(&mut self, fields: &mut Fields, items: &[KeyedItem], verb: Verb, cx: Cx<'_>) {
        let mut written: FxHashMap<Text, Span> = FxHashMap::default();
        for item in items {
            let Some(key) = self.key(&item.key, cx) else { continue };
            if let Some(first) = written.insert(key.clone(), item.span) {
                let finding = errors::element_twice(item.span, &key, first);
                self.report(finding);
                continue;
            }
            let step = Step { verb, span: item.span, owner: cx.owner };
            let mut slot = fields
                .map
                .remove(&key)
                .filter(Slot::is_set)
                .unwrap_or_else(|| Slot::with_steps(Slotted::Map(Fields::default()), Steps::new()));
            slot.steps.push(step);
            if let Slotted::Map(inner) = &mut slot.value {
                self.apply_body(inner, &item.body, cx);
            }
            fields.map.insert(key, slot);
        }
    }
}

/// For how many elements that one operation takes in vain the nearest is looked for.
const HINTS: usize = 32;

/// What is taken and not there; `known` gives what is.
fn not_there(
    names: &Names,
    absent: &[Span],
    whole: Option<Span>,
    key: &str,
    known: impl Fn() -> Vec<String>,
) -> Vec<Diagnostic> {
    if absent.is_empty() {
        return Vec::new();
    }
    let known = known();
    let known = |at: usize| if at < HINTS { known.as_slice() } else { &[] };
    let findings = absent.iter().enumerate();
    findings.map(|(at, &span)| errors::takes_what_is_not_there(names, span, whole, key, known(at))).collect()
}

/// A list that is only added to and taken from: what a higher level or a later body begins it with is not known yet.
fn list_without_beginning(kind: ListKind) -> Slot {
    Slot::with_steps(Slotted::List(Box::new(ListSlot::new(kind, false))), Steps::new())
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

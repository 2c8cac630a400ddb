//! What a cluster names and what does not hold for its Talos: a bundle of the standard library below its first version, a role of
//! a set that is `until` an older one.
//!
//! A condition on an item is the way to choose, and an item that does not hold is passed over without a word. A declaration that is
//! named without one is meant to bring something, so that it brings nothing is said, once, with the clusters it is said for.

use rustc_hash::FxHashSet;

use super::errors;
use crate::diagnostics::Diagnostic;
use crate::flatten::{self, Fields, Flattener, Slotted};
use crate::fleet::{Cluster, Set, View};
use crate::kinds;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::typing::{Action, Base, BaseTarget, Body, Key, Val};
use crate::version::Version;

/// The kinds that bring something by being named; what is wrong with an extension or a runtime of another version is said by the
/// rules on them.
const KINDS: [crate::schema::KindId; 2] = [kinds::ROLE, kinds::PATCH];

/// How something is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Behind `extends`.
    Parent,
    /// Behind `with`.
    Mixin,
    /// As the value of a field.
    Value,
    /// In a list.
    Element,
}

pub(super) fn check(flattener: &mut Flattener, cluster: &Cluster) {
    let (seen, out) = (FxHashSet::default(), Vec::new());
    let mut walk = Walk { flattener, cluster, talos: &cluster.target.talos, seen, out };
    walk.declaration(cluster.decl, cluster.span);
    walk.fields(&cluster.flat.fields, cluster.span);
    for set in &cluster.sets {
        walk.fields(&set.own, set.span);
        for machine in set.known() {
            walk.declaration(machine.decl, machine.span);
            walk.fields(&machine.flat.fields, machine.span);
        }
    }
    for (how, at, id) in walk.out {
        let names = &flattener.types.names;
        let (decl, typed) = (names.decl(id), flattener.types.typed(id));
        let Some(cond) = &typed.cond else { continue };
        let declared = names.in_project(cond.span).then_some(cond.span);
        let what = format!("{} `{}`", kinds::get(decl.kind).name, decl.shown());
        let written = match how {
            Named::Value => decl.shown(),
            Named::Parent | Named::Mixin | Named::Element => names.sources.text(at).to_owned(),
        };
        let talos = &cluster.target.talos;
        let finding = errors::brings_nothing(at, (how, &written), &what, cond, declared, talos);
        flattener.report(finding.in_cluster(&cluster.name));
    }
    for set in &cluster.sets {
        same_role(flattener, cluster, set).into_iter().for_each(|finding| flattener.report(finding));
    }
}

/// A role that a set has, and takes in by `with` once more.
fn same_role(flattener: &Flattener, cluster: &Cluster, set: &Set) -> Vec<Diagnostic> {
    let view = View::of_set(cluster, set);
    let (Some((role, args, span)), Some(entry)) = (&set.role, view.entry()) else { return Vec::new() };
    let names = &flattener.types.names;
    let again = entry.body.mixins.iter().filter(|base| {
        matches!(base.target, BaseTarget::Decl(id) if id == *role)
            && base.args == *args
            && base.cond.is_none()
    });
    let shown = names.decl(*role).shown();
    again.map(|base| flatten::errors::mixin_twice(names, base, *span, &shown)).collect()
}

/// Everything that a cluster names, at all of its levels.
struct Walk<'w> {
    flattener: &'w Flattener,
    cluster: &'w Cluster,
    talos: &'w Version,
    seen: FxHashSet<DeclId>,
    /// What does not hold, and where the project names it.
    out: Vec<(Named, Span, DeclId)>,
}

impl Walk<'_> {
    /// A declaration is named at a place; `through` is the nearest place of the project that leads there.
    fn named(&mut self, how: Named, id: DeclId, at: Span, through: Span) {
        let decl = self.flattener.types.names.decl(id);
        if !KINDS.contains(&decl.kind) {
            return;
        }
        let at = if self.flattener.types.names.in_project(at) { at } else { through };
        match &self.flattener.types.typed(id).cond {
            Some(cond) if !cond.holds(self.talos) => {
                if self.out.iter().all(|(_, known, other)| (*known, *other) != (at, id)) {
                    self.out.push((how, at, id));
                }
            }
            _ => self.declaration(id, at),
        }
    }

    /// What a declaration takes in by inheritance; the fields are looked at where they have come to something.
    fn declaration(&mut self, id: DeclId, through: Span) {
        if self.seen.insert(id) {
            let typed = self.flattener.types.typed(id);
            typed.parent.iter().for_each(|base| self.base(Named::Parent, base, through));
            typed.mixins.iter().for_each(|base| self.base(Named::Mixin, base, through));
            self.body(&typed.body, through);
        }
    }

    fn base(&mut self, how: Named, base: &Base, through: Span) {
        if base.cond.as_ref().is_some_and(|cond| !cond.holds(self.talos)) {
            return;
        }
        match &base.target {
            BaseTarget::Decl(id) => self.named(how, *id, base.span, through),
            BaseTarget::Block(_, body) => self.body(body, through),
        }
    }

    /// The mixins of a body and of the sets in it.
    fn body(&mut self, body: &Body, through: Span) {
        body.mixins.iter().for_each(|base| self.base(Named::Mixin, base, through));
        for op in &body.ops {
            if op.cond.as_ref().is_some_and(|cond| !cond.holds(self.talos)) {
                continue;
            }
            if let (Action::Merge(inner, _), Key::Text(field)) = (&op.action, &op.key) {
                for op in &inner.ops {
                    if let (Action::Entry(entry), Key::Text(name)) = (&op.action, &op.key)
                        && self.stays(field, name)
                    {
                        self.body(&entry.body, through);
                    }
                }
            }
        }
    }

    /// Whether a named block of the cluster is there in the end.
    fn stays(&self, field: &str, name: &str) -> bool {
        self.cluster.flat.fields.block(field).is_some_and(|block| block.get(name).is_some())
    }

    /// What the values of a level name.
    fn fields(&mut self, fields: &Fields, through: Span) {
        for (_, slot) in fields.iter() {
            let at = slot.span().unwrap_or(through);
            match &slot.value {
                Slotted::Leaf(Val::Ref(id, _)) => self.named(Named::Value, *id, at, through),
                Slotted::List(list) => {
                    for elem in &list.items {
                        if let Val::Ref(id, _) = &elem.val {
                            self.named(Named::Element, *id, elem.span, through);
                        }
                    }
                }
                Slotted::Map(inner) => self.fields(inner, through),
                Slotted::Leaf(_) | Slotted::Unset | Slotted::Removed | Slotted::Deleted => {}
            }
        }
    }
}

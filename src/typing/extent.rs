//! How much declarations come to, counted before any of it is worked out.
//!
//! What a declaration inherits and names is put into it, for each use of it. A few lines can come to more than any machine holds: mixins
//! that are taken in twice at each step with other arguments, or a large role in each of many sets. What is too much is said here, and the
//! declaration is left empty, so that no later phase meets it. The count is that of the sources alone: it does not depend on who works
//! on what.

use std::sync::Arc;

use super::{Action, Base, BaseTarget, Body, Typed, Val};
use crate::diagnostics::limits::{FIELDS, PARTS};
use crate::diagnostics::{Diagnostic, Poison};
use crate::resolve::{DeclId, Names};

/// How many bytes of a text count as much as a field.
const TEXT_OF_A_FIELD: usize = 64;

/// What a declaration comes to.
#[derive(Clone, Default)]
struct Extent {
    /// Its own fields and elements, with all of what they name and with what is taken in with arguments.
    fields: usize,
    /// How many declarations are taken in with arguments.
    made: usize,
    /// What is taken in without arguments, each once however many ways lead there, in the order of their numbers.
    plain: Arc<Vec<DeclId>>,
    /// All of it together.
    total: usize,
    /// It is made of something that is left empty: that it would be too much itself says nothing new.
    lost: bool,
}

impl Extent {
    /// What it adds to whoever names it: nothing if it is left empty.
    fn counted(&self) -> usize {
        if self.total == usize::MAX { 0 } else { self.total }
    }
}

/// Empties what comes to too much, and says so.
pub(super) fn bound(names: &Names, typed: &mut [Option<Arc<Typed>>]) -> Vec<Diagnostic> {
    let mut counter = Counter { typed, known: Vec::new(), counting: Vec::new(), findings: Vec::new(), names };
    counter.known.resize(counter.typed.len(), None);
    counter.counting.resize(counter.typed.len(), false);
    let most = FIELDS.of(names.project_bytes());
    let (mut all, mut cut) = (0_usize, Vec::new());
    for at in 0..counter.typed.len() {
        let id = DeclId(at as u32);
        let total = counter.of(id).counted();
        if names.in_project(names.decl(id).span) {
            let below = all <= most;
            all = all.saturating_add(total);
            if all > most {
                cut.push(id);
            }
            if below && all > most {
                counter.findings.push(FIELDS.exceeded(names.decl(id).span, most));
            }
        }
    }
    cut.extend(counter.known.iter().enumerate().filter_map(|(at, known)| {
        known.as_ref().is_some_and(|known| known.total == usize::MAX).then_some(DeclId(at as u32))
    }));
    let findings = counter.findings;
    for id in cut {
        if let Some(Some(known)) = typed.get_mut(id.0 as usize) {
            *known = Arc::new(known.emptied());
        }
    }
    findings
}

struct Counter<'c> {
    names: &'c Names,
    typed: &'c [Option<Arc<Typed>>],
    known: Vec<Option<Extent>>,
    /// Those that are being counted: what names itself by way of others is counted once.
    counting: Vec<bool>,
    findings: Vec<Diagnostic>,
}

impl Counter<'_> {
    fn of(&mut self, id: DeclId) -> Extent {
        let at = id.0 as usize;
        let Some(Some(typed)) = self.typed.get(at) else { return Extent::default() };
        if let Some(known) = &self.known[at] {
            return known.clone();
        }
        if std::mem::replace(&mut self.counting[at], true) {
            return Extent::default();
        }
        let typed = typed.clone();
        let mut extent = Extent { fields: 1, ..Extent::default() };
        self.body(&typed.body, &mut extent);
        for base in typed.parent.iter().chain(&typed.mixins) {
            self.base(base, &mut extent);
        }
        self.counting[at] = false;
        let plain = extent.plain.clone();
        let (mut parts, mut total) = (1 + extent.made, extent.fields);
        for &base in plain.iter() {
            let known = self.of(base);
            parts = parts.saturating_add(1 + known.made);
            total = total.saturating_add(known.fields);
        }
        extent.total = total;
        if parts > PARTS.most {
            if !extent.lost {
                self.findings.push(PARTS.exceeded(self.names.decl(id).span, PARTS.most));
            }
            // Whoever takes it in takes in nothing.
            extent = Extent { total: usize::MAX, lost: true, ..Extent::default() };
        }
        self.known[at] = Some(extent.clone());
        extent
    }

    fn base(&mut self, base: &Base, extent: &mut Extent) {
        let id = match &base.target {
            BaseTarget::Decl(id) => *id,
            BaseTarget::Block(_, body) => return self.body(body, extent),
        };
        // Once there are too many, the others add nothing to that.
        if extent.made + extent.plain.len() > PARTS.most {
            return;
        }
        base.args.iter().for_each(|(_, val)| self.val(val, extent));
        let inner = self.of(id);
        extent.lost |= inner.lost;
        let has_params = self.typed[id.0 as usize].as_ref().is_some_and(|typed| !typed.params.is_empty());
        let own = (!has_params).then_some(id);
        if has_params {
            extent.fields = extent.fields.saturating_add(inner.fields);
            extent.made += 1 + inner.made;
        }
        if own.is_some() || !inner.plain.is_empty() {
            let plain = Arc::make_mut(&mut extent.plain);
            plain.extend(inner.plain.iter().copied().chain(own));
            plain.sort_unstable();
            plain.dedup();
        }
    }

    fn body(&mut self, body: &Body, extent: &mut Extent) {
        body.mixins.iter().for_each(|base| self.base(base, extent));
        for op in &body.ops {
            extent.fields = extent.fields.saturating_add(1);
            match &op.action {
                Action::Set(val, _) => self.val(val, extent),
                Action::Add(items, ..) | Action::Take(items, ..) => {
                    items.iter().for_each(|item| self.val(&item.val, extent));
                }
                Action::Merge(inner, _) => self.body(inner, extent),
                Action::Entry(entry) => self.body(&entry.body, extent),
                Action::Unset | Action::Remove | Action::Delete => {}
            }
        }
    }

    fn val(&mut self, val: &Val, extent: &mut Extent) {
        extent.fields = extent.fields.saturating_add(1);
        match val {
            Val::Ref(id, args) => {
                args.iter().for_each(|(_, val)| self.val(val, extent));
                extent.fields = extent.fields.saturating_add(self.of(*id).counted());
            }
            // A long text is written as often as it is named.
            Val::Str(text) => extent.fields = extent.fields.saturating_add(text.len() / TEXT_OF_A_FIELD),
            Val::List(items, _) => items.iter().for_each(|item| self.val(&item.val, extent)),
            Val::Tagged(_, inner) => self.val(inner, extent),
            Val::Body(body) => self.body(body, extent),
            Val::Keyed(items) => items.iter().for_each(|item| self.body(&item.body, extent)),
            _ => {}
        }
    }
}

impl Typed {
    /// The same without anything in it, since that is too much.
    fn emptied(&self) -> Typed {
        Typed {
            params: self.params.clone(),
            parent: None,
            mixins: Vec::new(),
            via: self.via,
            schema: self.schema.clone(),
            declares: self.declares.clone(),
            body: Arc::default(),
            file: None,
            cond: self.cond.clone(),
            varies: self.varies,
            clauses: Vec::new(),
            poison: self.poison | Poison::WRONG | Poison::SCHEMA_LOST,
        }
    }
}

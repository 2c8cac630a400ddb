//! What bodies do: operations on fields, in source order, with values that are typed and not evaluated.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Base, BaseTarget, Cond, Part, Template, Val};
use crate::resolve::ScopeId;
use crate::source::Span;
use crate::syntax::ast::MarkKind;
use crate::text::Text;

/// The operations of a body, in source order.
#[derive(Debug, Default)]
pub struct Body {
    /// On fields.
    pub ops: Vec<FieldOp>,
    /// `with …` as an item of the body.
    pub mixins: Vec<Base>,
    /// `allow(name, "why")`.
    pub allows: Vec<Allow>,
}

impl Body {
    /// Adds the names of all fields and keys that it says something of.
    pub(super) fn note_names(&self, out: &mut FxHashSet<Text>) {
        for op in &self.ops {
            if let Key::Text(key) = &op.key
                && !out.contains(key)
            {
                out.insert(key.clone());
            }
            match &op.action {
                Action::Merge(inner, _) | Action::Set(Val::Body(inner), _) => inner.note_names(out),
                Action::Entry(entry) => entry.body.note_names(out),
                _ => {}
            }
        }
        for base in &self.mixins {
            if let BaseTarget::Block(_, inner) = &base.target {
                inner.note_names(out);
            }
        }
    }

    /// Whether something in it counts for some targets alone.
    pub(super) fn has_conditions(&self) -> bool {
        self.ops.iter().any(|op| {
            op.cond.is_some()
                || match &op.action {
                    Action::Merge(inner, _) => inner.has_conditions(),
                    Action::Entry(entry) => entry.body.has_conditions(),
                    _ => false,
                }
        })
    }
}

/// `allow(name, "why")`
#[derive(Debug, Clone)]
pub struct Allow {
    /// The code that is silenced.
    pub code: Text,
    /// Why.
    pub reason: Text,
    /// Where it stands.
    pub span: Span,
    /// The block it holds for.
    pub block: Span,
}

/// One operation on one field.
#[derive(Debug)]
pub struct FieldOp {
    /// The field or key.
    pub key: Key,
    /// Where the key stands.
    pub span: Span,
    /// What is done.
    pub action: Action,
    /// `override` stood before it.
    pub overrides: Option<Span>,
    /// `final` stood before it.
    pub seals: bool,
    /// For which targets it counts.
    pub cond: Option<Arc<Cond>>,
}

/// A field name or a key, perhaps with parameters in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// As it stands.
    Text(Text),
    /// With `${…}`.
    Template(Arc<Template>),
}

impl Key {
    /// With a text before it.
    pub(super) fn behind(self, before: &str) -> Key {
        match self {
            Key::Text(text) => Key::Text(format!("{before}{text}").into()),
            Key::Template(template) => {
                let parts = std::iter::once(Part::Text(before.into())).chain(template.parts.iter().cloned());
                Key::Template(Arc::new(Template {
                    parts: parts.collect(),
                    ty: template.ty.clone(),
                    span: template.span,
                    scope: template.scope,
                }))
            }
        }
    }
}

/// What is done to a field.
#[derive(Debug)]
pub enum Action {
    /// `= v`
    Set(Val, Span),
    /// `+= […]`
    Add(Vec<Item>, ListKind, Span),
    /// `-= […]`
    Take(Vec<Item>, ListKind, Span),
    /// `{ … }`: merges by key.
    Merge(Arc<Body>, Span),
    /// A named block: merges by name; marks and file are kept.
    Entry(Arc<EntryOp>),
    /// `unset`
    Unset,
    /// `remove`
    Remove,
    /// `delete` in a patch: drops a part of the generated configuration.
    Delete,
}

/// A named block.
#[derive(Debug, Clone)]
pub struct EntryOp {
    /// The word between field and name (`document KIND NAME`).
    pub qualifier: Option<(Text, Span)>,
    /// What it does to its fields.
    pub body: Arc<Body>,
    /// All of the item.
    pub span: Span,
    /// What it does not set may come from a higher level: its body is placed.
    pub placed: bool,
    /// Nothing is written between its brackets.
    pub empty: bool,
    /// `secret`, `external`, `unchecked("why")`.
    pub marks: Vec<(MarkKind, Option<Text>, Span)>,
    /// The file its body comes from: path from the project root, as written, place.
    pub file: Option<FileRef>,
}

impl EntryOp {
    /// Whether it is a name and nothing else.
    pub(crate) fn says_nothing(&self) -> bool {
        self.empty && self.body.mixins.is_empty() && self.marks.is_empty() && self.file.is_none()
    }
}

/// A file that a declaration refers to.
#[derive(Debug, Clone, PartialEq)]
pub struct FileRef {
    /// As written.
    pub written: Text,
    /// From the project root; `None` if it leads out of it.
    pub path: Option<Text>,
    /// Where it is written.
    pub span: Span,
    /// The scope that wrote it.
    pub scope: ScopeId,
    /// The path as it is written if it has parameters in it: what it is shows where they are known.
    pub template: Option<Arc<Template>>,
}

/// How elements of a list are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// None twice.
    Set,
    /// In order, as often as written.
    List,
}

/// An element of a list with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The element.
    pub val: Val,
    /// Where it stands.
    pub span: Span,
}

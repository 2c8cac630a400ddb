//! Heads of items in bodies: marks, conditions, and whatever stands there and would mean nothing.

use std::sync::Arc;

use super::{Action, Base, BaseTarget, Env, Types, Val, errors};
use crate::diagnostics::Diagnostic;
use crate::kinds;
use crate::schema::{Entries, Schema, Type};
use crate::source::Span;
use crate::syntax::ast::{Arg, Item, Mark, MarkKind, ModifierKind, Op, Rest, Use, Value, ValueKind};
use crate::text::Text;
use crate::version::Version;

/// The versions for which an item counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Cond {
    /// The first.
    pub since: Option<Version>,
    /// The last.
    pub until: Option<Version>,
    /// Where it is written.
    pub span: Span,
}

impl Cond {
    /// Whether it holds for a Talos version.
    pub fn holds(&self, talos: &Version) -> bool {
        self.since.as_ref().is_none_or(|since| talos.at_least(since))
            && self.until.as_ref().is_none_or(|until| talos.at_most(until))
    }
}

/// The marks of an item in a body.
#[derive(Default)]
pub(super) struct OpMarks {
    pub(super) overrides: Option<Span>,
    pub(super) seals: bool,
    pub(super) verb: Option<MarkKind>,
    pub(super) marks: Vec<(MarkKind, Option<Text>, Span)>,
}

impl Types<'_> {
    /// `since` and `until` of an item.
    pub(super) fn condition(&mut self, item: &Item) -> Option<Arc<Cond>> {
        let mut cond: Option<Cond> = None;
        for modifier in &item.modifiers {
            let since = modifier.kind == ModifierKind::Since;
            if !since && modifier.kind != ModifierKind::Until {
                continue;
            }
            let used = modifier.uses.first()?;
            let version = used.word.text.strip_prefix('v').and_then(Version::parse);
            let Some(version) = version else {
                self.report(errors::not_a_version(used.word.span, &used.word.text));
                continue;
            };
            let span = modifier.span.to(used.word.span);
            let cond = cond.get_or_insert(Cond { since: None, until: None, span });
            cond.span = cond.span.to(span);
            if since {
                cond.since = Some(version);
            } else {
                cond.until = Some(version);
            }
        }
        if let Some(Cond { since: Some(since), until: Some(until), span }) = &cond
            && !since.at_most(until)
        {
            self.report(errors::never_holds(*span));
        }
        cond.map(Arc::new)
    }

    /// Reads the body of a thing with a schema, and knows meanwhile whether it is a patch: only there `delete` means something.
    pub(super) fn in_body_of<T>(&mut self, schema: &Schema, read: impl FnOnce(&mut Self) -> T) -> T {
        let patch = usize::from(schema.fields.contains_key("document"));
        self.patches += patch;
        let out = read(self);
        self.patches -= patch;
        out
    }

    /// `with a, b` in a map or in untyped configuration, where it takes in `let`s: a key has a value, so it cannot be one.
    pub(super) fn taken_in(&mut self, item: &Item, ty: &Type, env: &Env<'_>) -> Option<Vec<Base>> {
        let with = item.modifiers.first().filter(|with| with.span == item.words[0].span)?;
        if with.kind != ModifierKind::With || !matches!(item.rest, Rest::Nothing) {
            return None;
        }
        self.whole_head(item, &[ModifierKind::With], "");
        let cond = self.condition(item);
        let mut out = Vec::new();
        for used in mixins(item) {
            let span = used.word.span;
            if let Some(args) = &used.args {
                self.report(errors::no_arguments(args.span, &used.word.text));
            }
            let Some(id) = self.reference(&used.word.text, span, kinds::LET, env.scope) else { continue };
            if let Val::Body(body) = self.let_value(id, span, ty, env) {
                let target = BaseTarget::Block(id, body);
                out.push(Base { target, span, args: Arc::default(), cond: cond.clone() });
            }
        }
        Some(out)
    }

    /// `unset`, `remove` and `delete` of what an item names, which says nothing else.
    pub(super) fn verb(&mut self, item: &Item, verb: MarkKind) -> Option<Action> {
        if !matches!(item.rest, Rest::Nothing) {
            self.report(errors::verb_with_value(item.span, verb));
            return None;
        }
        Some(match verb {
            MarkKind::Unset => Action::Unset,
            MarkKind::Remove => Action::Remove,
            _ => Action::Delete,
        })
    }

    /// Reports what the head of an item of a body holds beside marks, words and a condition, and would mean nothing: arguments, and
    /// modifiers that are not in `takes`. `kind` is what a named block is called.
    pub(super) fn whole_head(&mut self, item: &Item, takes: &[ModifierKind], kind: &str) {
        if item.broken {
            return;
        }
        if let Some(args) = &item.args {
            self.report(errors::no_arguments(args.span, &item.words[0].text));
            let named = args.list.iter().filter_map(|arg| match arg {
                Arg::Param { name, .. } => Some(name.text.clone()),
                Arg::Named { .. } | Arg::Plain(_) => None,
            });
            self.lost_names.extend(named);
        }
        let condition = [ModifierKind::Since, ModifierKind::Until];
        for modifier in &item.modifiers {
            if !condition.contains(&modifier.kind) && !takes.contains(&modifier.kind) {
                self.report(errors::modifier_in_body(modifier, &item.words[0], kind));
            }
        }
    }

    /// Sorts the marks of an item; those that do not fit are reported.
    pub(super) fn op_marks(&mut self, item: &Item, ty: &Type) -> Option<OpMarks> {
        let mut out = OpMarks::default();
        for (at, mark) in item.marks.iter().enumerate() {
            let before = &item.marks[..at];
            if let Some(other) = before.iter().find(|other| excludes(other.kind, mark.kind)) {
                self.report(errors::marks_clash(mark, other));
                return None;
            }
            if let Some(finding) = self.nothing_to_inherit(item, mark) {
                self.report(finding);
                return None;
            }
            match mark.kind {
                MarkKind::Override => out.overrides = Some(mark.span),
                MarkKind::Final => out.seals = true,
                // A manifest and a health check are not compared with any table.
                MarkKind::Unchecked if !matches!(ty, Type::Entries(entries) if entries.kind.is_some()) => {
                    self.report(errors::mark_in_body(mark, &item.words[0]));
                    return None;
                }
                MarkKind::Delete if self.patches == 0 || !is_config(ty) => {
                    self.report(errors::delete_outside_patch(mark, &item.words[0]));
                    return None;
                }
                MarkKind::Unset | MarkKind::Remove | MarkKind::Delete => out.verb = Some(mark.kind),
                MarkKind::Secret | MarkKind::External | MarkKind::Unchecked if matches!(ty, Type::Entries(entries) if entries.from_file) =>
                {
                    let reason = reason(mark);
                    if mark.kind == MarkKind::Unchecked && reason.is_none() {
                        self.report(errors::reason_missing(mark));
                    }
                    out.marks.push((mark.kind, reason, mark.span));
                }
                _ => {
                    self.report(errors::mark_in_body(mark, &item.words[0]));
                    return None;
                }
            }
        }
        Some(out)
    }
}

/// The text of `unchecked("why")`.
pub(super) fn reason(mark: &Mark) -> Option<Text> {
    match mark.args.as_deref()?.list.as_slice() {
        [Arg::Plain(Value { kind: ValueKind::Str(text), .. })] if !text.trim().is_empty() => {
            Some(text.clone())
        }
        _ => None,
    }
}

impl Types<'_> {
    /// `override` and `final` where nothing is inherited by way of the item: before an operator that says by itself what becomes of
    /// what is there, and in an element of a list, which is there or not as a whole.
    fn nothing_to_inherit(&self, item: &Item, mark: &Mark) -> Option<Diagnostic> {
        let inherits = matches!(mark.kind, MarkKind::Override | MarkKind::Final);
        match &item.rest {
            _ if inherits && self.elements > 0 => Some(errors::mark_in_element(mark, &item.words[0])),
            Rest::Assign(op @ (Op::Add | Op::Take), ..) if mark.kind == MarkKind::Override => {
                Some(errors::override_with_operator(mark, &item.words[0], *op))
            }
            _ => None,
        }
    }

    /// Reports `final` in the body of a kind that has no descendants.
    pub(super) fn nothing_is_final(&mut self, items: &[Item], kind: &str) {
        for item in items {
            if let Some(mark) = item.marks.iter().find(|mark| mark.kind == MarkKind::Final) {
                self.report(errors::final_without_descendants(mark, &item.words[0], kind));
            }
            if let Rest::Block(block) = &item.rest {
                self.nothing_is_final(&block.items, kind);
            }
        }
    }
}

/// Whether two marks of one item say what no item can mean: one twice, two verbs, a verb on what is set, sealed or somewhere else,
/// or a file that is not read and two words for why.
fn excludes(one: MarkKind, other: MarkKind) -> bool {
    let verb = |kind| matches!(kind, MarkKind::Unset | MarkKind::Remove | MarkKind::Delete);
    let elsewhere = |kind| matches!(kind, MarkKind::Secret | MarkKind::External | MarkKind::Unchecked);
    let sets = |kind| verb(kind) || kind == MarkKind::Override;
    let says = |kind| kind == MarkKind::Final || elsewhere(kind);
    one == other
        || sets(one) && sets(other)
        || elsewhere(one) && elsewhere(other)
        || verb(one) && says(other)
        || says(one) && verb(other)
}

/// The modifiers of a named block: a set takes roles as mixins.
pub(super) fn entry_modifiers(entries: &Entries) -> &'static [ModifierKind] {
    match (entries.from_file, is_set(&entries.schema)) {
        (true, _) => &[ModifierKind::File],
        (_, true) => &[ModifierKind::With],
        _ => &[],
    }
}

/// Whether a body is that of a set, which has a role.
pub(super) fn is_set(schema: &Schema) -> bool {
    schema.fields.contains_key("role")
}

/// Whether a type is configuration that a patch is put on.
fn is_config(ty: &Type) -> bool {
    match ty {
        Type::Entries(entries) => entries.config,
        ty => matches!(ty, Type::Config),
    }
}

/// Whether an item is a word with arguments and nothing else.
pub(super) fn is_bare(item: &Item) -> bool {
    item.words.len() == 1
        && item.marks.is_empty()
        && item.modifiers.is_empty()
        && matches!(item.rest, Rest::Nothing)
}

/// Where the value or body of an item stands.
pub(super) fn past_head(item: &Item) -> Option<Span> {
    match &item.rest {
        Rest::Nothing => None,
        Rest::Assign(_, at, _) => Some(*at),
        Rest::Block(block) => Some(block.span),
        Rest::Expr(expr) => Some(expr.span),
    }
}

/// What follows every `with` of an item.
pub(super) fn mixins(item: &Item) -> impl Iterator<Item = &Use> {
    let with = item.modifiers.iter().filter(|modifier| modifier.kind == ModifierKind::With);
    with.flat_map(|modifier| &modifier.uses)
}

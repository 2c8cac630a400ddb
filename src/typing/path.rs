//! Dotted paths: blocks around the operation at their end.

use std::rc::Rc;

use super::{Action, Body, Env, FieldOp, Key, Types, errors};
use crate::kinds;
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{Item, MarkKind, Rest, Word, WordForm};
use crate::text::Text;

impl Types<'_> {
    /// The rest of a dotted path: blocks around the operation at its end.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn path(
        &mut self,
        item: &Item,
        segments: &[Text],
        at: usize,
        key: Text,
        span: Span,
        ty: &Type,
        env: &Env<'_>,
    ) -> Option<FieldOp> {
        let word = &item.words[0];
        let removing = item.marks.iter().any(|mark| mark.kind == MarkKind::Remove);
        let inner = match ty {
            Type::Block(schema) => {
                let Some(field) = schema.field(&segments[at]) else {
                    let cut = self.names.sources.removal(item.span);
                    self.report(errors::unknown_field(word, segments, at, schema, cut));
                    return None;
                };
                let (ty, more) = (field.ty.clone(), field.more.clone());
                let op = self.path_end(item, segments, at, &ty, env)?;
                if at + 1 == segments.len() {
                    self.attributes(more.as_deref(), &op, &segments[at], item.span);
                }
                op
            }
            Type::Config if kinds::is_config_map(&segments[at - 1]) && segments.len() > at + 1 => {
                let rest = segments[at..].join(".");
                self.report(errors::path_through_map(word, &segments[..at].join("."), &rest));
                return None;
            }
            Type::Config => self.path_end(item, segments, at, &Type::Config, env)?,
            Type::Map(inner, shape) if removing || matches!(word.form, WordForm::Path(_)) => {
                let rest = Text::new(segments[at..].join("."));
                let inner = inner.clone();
                let span = rest_span(word, segments, at);
                self.key_shape(&rest, span, *shape);
                self.leaf(item, rest, span, &inner, env)?
            }
            Type::Map(..) => {
                let rest = segments[at..].join(".");
                self.report(errors::path_through_map(word, &segments[..at].join("."), &rest));
                return None;
            }
            Type::Set(_) | Type::List(_) | Type::Keyed(_)
                if removing && matches!(item.rest, Rest::Nothing) =>
            {
                let list = segments[..at].join(".");
                let element = segments[at..].join(".");
                self.report(errors::removes_element(item.span, word.span, &list, &element));
                return None;
            }
            _ => {
                self.report(errors::path_into_scalar(word, &segments[..at].join(".")));
                return None;
            }
        };
        let cond = inner.cond.clone();
        let body = Body { ops: vec![inner], ..Body::default() };
        Some(FieldOp {
            key: Key::Text(key),
            span,
            action: Action::Merge(Rc::new(body), item.span),
            overrides: None,
            seals: false,
            cond,
        })
    }

    pub(super) fn path_end(
        &mut self,
        item: &Item,
        segments: &[Text],
        at: usize,
        ty: &Type,
        env: &Env<'_>,
    ) -> Option<FieldOp> {
        let span = segment_span(&item.words[0], segments, at);
        if at + 1 == segments.len() {
            self.leaf(item, segments[at].clone(), span, ty, env)
        } else {
            self.path(item, segments, at + 1, segments[at].clone(), span, ty, env)
        }
    }
}

/// The place of all segments from `at`.
pub(super) fn rest_span(word: &Word, segments: &[Text], at: usize) -> Span {
    Span { start: segment_span(word, segments, at).start, ..word.span }
}

/// The place of one segment of a dotted word.
pub(super) fn segment_span(word: &Word, segments: &[Text], at: usize) -> Span {
    if !matches!(word.form, WordForm::Bare) {
        return word.span;
    }
    let before: usize = segments[..at].iter().map(|segment| segment.len() + 1).sum();
    let start = word.span.start + before as u32;
    Span { start, end: start + segments[at].len() as u32, ..word.span }
}

/// Whether a word of untyped configuration names a map: its last segment does.
pub(super) fn is_map(word: &Word) -> bool {
    word.segments().last().is_some_and(|name| kinds::is_config_map(name))
}

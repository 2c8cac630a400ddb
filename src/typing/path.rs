//! Dotted paths: blocks around the operation at their end.

use std::sync::Arc;

use super::{Action, Body, Env, FieldOp, Key, Types, errors, into_entry};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{Item, MarkKind, Rest, Word, WordForm};
use crate::text::Text;
use crate::world::config;

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
                    self.report(errors::unknown_field((word, &item.rest), segments, at, schema, cut));
                    return None;
                };
                let (ty, more) = (field.ty.clone(), field.more.clone());
                let op = self.path_end(item, segments, at, &ty, env)?;
                if at + 1 == segments.len() {
                    self.attributes(more.as_deref(), &op, &segments[at], item.span);
                }
                op
            }
            Type::Config => {
                let env = env.within(&key, self.patches > 0);
                let key_ends = || key_is_quoted(self.names.sources.text(word.span), &segments[at]);
                if env.spot.free && segments.len() > at + 1 && !key_ends() {
                    let rest = segments[at..].join(".");
                    self.report(errors::path_through_map(word, &segments[..at].join("."), &rest));
                    return None;
                }
                self.path_end(item, segments, at, &Type::Config, &env)?
            }
            Type::Map(inner, shape) if removing || matches!(word.form, WordForm::Path(_)) => {
                let rest = Text::new(segments[at..].join("."));
                let inner = inner.clone();
                let span = rest_span(word, segments, at);
                self.key_shape(&rest, span, *shape, env);
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
            Type::Entries(entries) => {
                self.report(into_entry::finding(item, &[], segments, at, entries, &self.names.sources));
                return None;
            }
            _ => {
                let before = segments[..at].join(".");
                self.report(match errors::method(item, &before, &segments[at..], ty, &self.names.sources) {
                    Some(finding) => finding,
                    None => errors::path_into_scalar(word, &before),
                });
                return None;
            }
        };
        let cond = inner.cond.clone();
        let body = Body { ops: vec![inner], ..Body::default() };
        Some(FieldOp {
            key: Key::Text(key),
            span,
            action: Action::Merge(Arc::new(body), item.span),
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
        let word = &item.words[0];
        let span = segment_span(word, segments, at);
        if matches!(ty, Type::Config) && slash_in_doubt(word, &segments[at..], env) {
            self.report(errors::slash_in_path(word, &segments[..at].join("."), &segments[at..]));
            return None;
        }
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

/// Whether a segment of a path stands between quotes of its own, so that a path may lead through it.
fn key_is_quoted(path: &str, segment: &str) -> bool {
    ['"', '\''].iter().any(|quote| path.contains(&format!(".{quote}{segment}{quote}.")))
        || ['"', '\''].iter().any(|quote| path.starts_with(&format!("{quote}{segment}{quote}.")))
}

/// Whether a part of a path in configuration that is typed elsewhere holds a `/`, which no field does, and no map is known where its key
/// would begin.
fn slash_in_doubt(word: &Word, segments: &[Text], env: &Env<'_>) -> bool {
    if !matches!(word.form, WordForm::Bare) || segments.len() < 2 || !word.text.contains('/') {
        return false;
    }
    let mut parent = &env.spot.name;
    for segment in &segments[..segments.len() - 1] {
        if config::is_free(parent, segment) {
            return false;
        }
        parent = segment;
    }
    true
}

//! Named blocks in a body: `patch NAME { … }`, `workers NAME { … }`, `document KIND NAME { … }`.

use std::sync::Arc;

use super::heads::{OpMarks, is_set, mixins};
use super::{Action, Base, Body, EntryOp, Env, FieldOp, Key, Types, errors};
use crate::kinds;
use crate::schema::{Entries, Schema};
use crate::source::Span;
use crate::syntax::ast::{Item, MarkKind, Rest, Word, WordForm};
use crate::text::Text;

impl Types<'_> {
    /// `patch NAME { … }`, `workers NAME { … }`, `document KIND NAME { … }`.
    pub(super) fn entry(
        &mut self,
        item: &Item,
        entries: &Entries,
        marks: &OpMarks,
        env: &Env<'_>,
    ) -> Option<Action> {
        let mut names = item.words.iter().skip(1);
        let qualifier =
            if entries.qualified { names.next().map(|word| (word.text.clone(), word.span)) } else { None };
        if entries.qualified && qualifier.is_none() {
            self.report(errors::entry_name_missing(&item.words[0], "a kind of document"));
            return None;
        }
        let name = names.next();
        if self.name_elsewhere(item, entries, name) {
            return None;
        }
        if let Some(extra) = names.next() {
            if let Some(mark) = name.filter(|word| is_mark(word)) {
                self.report(crate::resolve::mark_behind(mark, extra, &item.words[0]));
                return None;
            }
            self.report(errors::extra_word(extra, &item.words[0]));
        }
        let (key, key_span) = self.entry_name(item, entries, name, env)?;
        let action = match marks.verb {
            Some(verb) => self.verb(item, verb)?,
            None => {
                let mut body = match &item.rest {
                    Rest::Block(block) if entries.config => {
                        let env = qualifier.as_ref().map_or(env.outside(), |(kind, _)| env.in_document(kind));
                        self.config_body(&block.items, block.span, &env)
                    }
                    Rest::Block(block) => self.entry_body(&block.items, block.span, &entries.schema, env),
                    Rest::Nothing | Rest::Expr(_) => Body::default(),
                    Rest::Assign(_, at, value) => {
                        let named = item.words.len() > 1 || entries.single;
                        self.report(errors::with_value(*at, value, &entries.schema.name, named, false));
                        return None;
                    }
                };
                body.mixins.splice(0..0, self.head_mixins(item, entries, env));
                // Behind other heads a file is an error that is said already.
                let file = entries.from_file.then(|| self.content_file(item, env)).flatten();
                Action::Entry(Arc::new(EntryOp {
                    qualifier: qualifier.clone(),
                    body: Arc::new(body),
                    span: item.span,
                    placed: entries.placed,
                    empty: matches!(&item.rest, Rest::Block(block) if block.items.is_empty()),
                    marks: marks.marks.clone(),
                    file,
                }))
            }
        };
        let key = match (&qualifier, key) {
            (Some((kind, _)), key) => key.behind(&format!("{kind}/")),
            (None, key) => key,
        };
        let (overrides, seals) = (marks.overrides, marks.seals);
        let inner = FieldOp { key, span: key_span, action, overrides, seals, cond: None };
        Some(Action::Merge(Arc::new(Body { ops: vec![inner], ..Body::default() }), item.span))
    }

    /// A set's body takes roles as mixins; every other entry takes none of its own.
    fn entry_body(&mut self, items: &[Item], span: Span, schema: &Schema, env: &Env<'_>) -> Body {
        let mixes: &[crate::schema::KindId] = if is_set(schema) { &[kinds::ROLE] } else { &[] };
        let env = Env { mixes, ..env.clone() };
        self.in_body_of(schema, |types| types.body(items, span, schema, &env))
    }

    /// `workers gpu with nvidia.production { … }`: what stands behind the name is taken in before the body.
    fn head_mixins(&mut self, item: &Item, entries: &Entries, env: &Env<'_>) -> Vec<Base> {
        if !is_set(&entries.schema) {
            return Vec::new();
        }
        let env = Env { mixes: &[kinds::ROLE], ..env.clone() };
        self.body_mixins(mixins(item), &entries.schema, None, &env)
    }

    fn entry_name(
        &mut self,
        item: &Item,
        entries: &Entries,
        name: Option<&Word>,
        env: &Env<'_>,
    ) -> Option<(Key, Span)> {
        match (name, &entries.default_name) {
            (Some(word), _) if entries.single => {
                self.report(errors::single_entry(word, &item.words[0]));
                None
            }
            (Some(word), _) => match &word.form {
                WordForm::Template(parts) => {
                    Some((self.key_template(parts, word.span, entries.name, env)?, word.span))
                }
                _ if word.text.is_empty() && !entries.qualified => {
                    self.report(errors::entry_name_missing(&item.words[0], "a name"));
                    None
                }
                _ => {
                    self.key_shape(&word.text, word.span, entries.name, env);
                    Some((Key::Text(word.text.clone()), word.span))
                }
            },
            (None, Some(default)) => Some((Key::Text(default.clone()), item.words[0].span)),
            (None, None) if entries.qualified => Some((Key::Text(Text::default()), item.words[0].span)),
            (None, None) => {
                if !item.broken {
                    self.report(errors::entry_name_missing(&item.words[0], "a name"));
                }
                None
            }
        }
    }
}

/// Whether a word would be a mark in front of the item.
fn is_mark(word: &Word) -> bool {
    matches!(word.form, WordForm::Bare) && MarkKind::of(&word.text).is_some()
}

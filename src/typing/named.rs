//! Bare names in values: the one place that says what a name stands for.
//!
//! A name is a parameter, a `let`, a value of a network (`lan.subnet`), or a word that the field knows: by its type here, or by the
//! table of fields that others type. Two of these at once are an error that says which, none of them is an error as well. It never becomes
//! text in silence, in configuration that is typed elsewhere no more than in a field of this language.

use std::sync::Arc;

use super::body::is_null;
use super::literal::{self, Literal};
use super::scalar::scalar_at;
use super::{Env, Given, ListKind, NetworkOf, TypeRef, Types, Val, errors, types, value_errors, word_errors};
use crate::diagnostics::Code;
use crate::diagnostics::limits::LET_VALUES;
use crate::kinds;
use crate::resolve::{DeclId, Found};
use crate::schema::{Form, Shape, Type};
use crate::source::Span;
use crate::syntax::ast::{Arg, Rest, Value, ValueKind};
use crate::syntax::write;
use crate::text::Text;
use crate::world::{config, modules};

/// How far a `let` may refer to others.
const MAX_LET_DEPTH: usize = 32;

impl Types<'_> {
    /// A bare name that is a parameter, a `let`, or a value of a network.
    pub(super) fn named_value(&mut self, text: &Text, span: Span, ty: &Type, env: &Env<'_>) -> Option<Val> {
        if !literal::is_name(text) {
            return None;
        }
        let param = env.params.iter().find(|param| param.name == *text).cloned();
        let binding = match self.names.find_quietly(env.scope, kinds::LET, text) {
            Found::Decl(id) => Some(id),
            Found::Missing | Found::Unknown => None,
        };
        if param.is_none() && binding.is_none() {
            return self.network_value(text, span, ty, env);
        }
        let declared = param.as_ref().map(|param| param.span).or(binding.map(|id| self.names.decl(id).span));
        if let Some(takes) = self.word_of_field(text, ty, env) {
            let quotable = !matches!(ty, Type::OneOf(_));
            let finding = errors::ambiguous_name(span, text, declared, param.is_some(), &takes);
            self.report(if quotable { word_errors::meant_as_word(finding, span, text) } else { finding });
            return Some(Val::Error);
        }
        if let Some(param) = param {
            self.use_param(&param);
            if !param.poison.is_clean() {
                return Some(Val::Error);
            }
            if !assignable(&param.ty, ty) {
                self.report(errors::parameter_type(span, &param, &types::describe(ty)));
                return Some(Val::Error);
            }
            return Some(Val::Param(param.name));
        }
        let id = binding?;
        self.names.mark_used(id);
        Some(self.let_value(id, span, ty, env))
    }

    /// What a field takes, if a name is one of its words.
    fn word_of_field(&mut self, text: &Text, ty: &Type, env: &Env<'_>) -> Option<String> {
        let known = match ty {
            Type::Enum(choices) => choices.values.contains(text),
            Type::OneOf(forms) => forms.iter().any(|form| matches!(form, Form::Word(word) if word == text)),
            Type::Ref(kind) => matches!(self.names.find_quietly(env.scope, *kind, text), Found::Decl(_)),
            // A module of the base image, or of the extension that is called like it.
            Type::Name(Shape::Module) => {
                modules::names().any(|name| modules::same(name, text))
                    || matches!(self.names.find_quietly(env.scope, kinds::EXTENSION, text), Found::Decl(_))
            }
            Type::Config => {
                let words = words(env.known_type());
                return words.contains(&text.as_str()).then(|| word_errors::listed(words));
            }
            _ => false,
        };
        known.then(|| types::describe(ty))
    }

    /// Whether a `let` may be read where others are being read: it may not need itself.
    pub(super) fn may_read(&mut self, id: DeclId, depth: usize) -> bool {
        let fits = depth < MAX_LET_DEPTH && !self.lets.contains(&id);
        if !fits {
            let decl = self.names.decl(id);
            self.report(errors::let_cycle(decl.span, &decl.name));
        }
        fits
    }

    /// Counts values that `let`s put in; whether there may be so many. That there may not is said once, where the limit is crossed: all
    /// that comes after it would say the same.
    pub(super) fn put_in(&mut self, values: usize, at: Span) -> bool {
        self.let_values += values;
        if self.let_values <= self.most_let_values {
            return true;
        }
        // More files may have come since.
        let said = self.most_let_values > 0 && self.let_values - values > self.most_let_values;
        self.most_let_values = LET_VALUES.of(self.names.project_bytes());
        let fits = self.let_values <= self.most_let_values;
        if !fits && !said {
            self.report(LET_VALUES.exceeded(at, self.most_let_values));
        }
        fits
    }

    pub(super) fn let_value(&mut self, id: DeclId, span: Span, ty: &Type, env: &Env<'_>) -> Val {
        let decl = self.names.decl(id).clone();
        if !self.may_read(id, env.depth) || !self.put_in(1, span) {
            return Val::Error;
        }
        let env = Env {
            scope: decl.scope,
            params: &[],
            mixes: env.mixes,
            depth: env.depth + 1,
            poison: env.poison,
            spot: env.spot.clone(),
        };
        match &decl.item.rest {
            Rest::Assign(_, _, value) => {
                self.lets.push(id);
                let val = self.value(value, ty, &env);
                self.lets.pop();
                val
            }
            _ => {
                if decl.item.broken {
                    self.wrong += 1;
                } else {
                    self.report(errors::let_without_value(span, decl.span, &decl.name));
                }
                Val::Error
            }
        }
    }

    /// `lan.subnet`, where a value of its type may stand.
    fn network_value(&mut self, text: &Text, span: Span, ty: &Type, env: &Env<'_>) -> Option<Val> {
        let takes = matches!(
            ty,
            Type::Config
                | Type::Cidr
                | Type::Ip
                | Type::Str(_)
                | Type::Int(..)
                | Type::Set(_)
                | Type::List(_)
                | Type::OneOf(_)
        );
        let given = takes.then(|| self.given(text, span, ty, env)).flatten()?;
        Some(given.map_or(Val::Error, |given| Val::Given(Arc::new(given))))
    }

    /// A field of a network by its dotted name. Nothing if the name is not that of a network, `Some(None)` if it is, and what is
    /// wrong is reported.
    pub(super) fn given(
        &mut self,
        text: &Text,
        span: Span,
        ty: &Type,
        env: &Env<'_>,
    ) -> Option<Option<Given>> {
        let (head, field) = text.rsplit_once('.')?;
        let param = env.params.iter().find(|param| param.name == head).cloned();
        let network = match param.filter(|param| matches!(param.ty, Type::Ref(kinds::NETWORK))) {
            Some(param) => {
                self.use_param(&param);
                NetworkOf::Param(param.name)
            }
            None => match self.names.find_quietly(env.scope, kinds::NETWORK, head) {
                Found::Decl(id) => match self.plain_network(id, span) {
                    Some(network) => network,
                    None => return Some(None),
                },
                Found::Missing | Found::Unknown => return None,
            },
        };
        let schema = &kinds::get(kinds::NETWORK).schema;
        let known = schema.field(field).map(|field| &field.ty).filter(|ty| !matches!(ty, Type::Entries(_)));
        let Some(known) = known else {
            self.report(word_errors::not_of_network(span, head, field, schema));
            return Some(None);
        };
        if !assignable(known, ty) {
            let found = format!("the `{field}` of the network `{head}`");
            self.report(value_errors::wrong_type(span, &types::describe(ty), &found, None));
            return Some(None);
        }
        Some(Some(Given { network, field: field.into(), ty: TypeRef(Arc::new(ty.clone())), span }))
    }

    /// A network by its name alone. It is not typed here: its own values may be named in it.
    fn plain_network(&mut self, id: DeclId, span: Span) -> Option<NetworkOf> {
        self.names.mark_used(id);
        let decl = self.names.decl(id);
        let params = decl.item.args.iter().flat_map(|args| &args.list);
        let finding = if decl.is_abstract {
            errors::abstract_used(span, decl, kinds::get(kinds::NETWORK).name)
        } else if params.into_iter().any(|arg| !matches!(arg, Arg::Param { default: Some(_), .. })) {
            word_errors::network_with_parameters(span, decl)
        } else {
            return Some(NetworkOf::Decl(id));
        };
        self.report(finding);
        None
    }

    /// Configuration that is typed elsewhere: numbers, `true` and `false` by their class, other literals as their text.
    pub(super) fn config(&mut self, value: &Value, env: &Env<'_>) -> Val {
        match &value.kind {
            ValueKind::Bare(text) if is_null(text) => {
                let finding = value_errors::null(value.span, text);
                let text = write::string(text);
                self.report(finding.help(format!("leave it out, or write `{text}` if it is text")));
                Val::Error
            }
            ValueKind::Bare(text) => match literal::classify(text) {
                Literal::Bool(b) => Val::Bool(b),
                Literal::Int(n) | Literal::Octal(n) => Val::Int(n),
                Literal::Decimal(text) => Val::Decimal(text),
                Literal::Name => self.free_word(text, value.span, env),
                _ => Val::Str(text.clone()),
            },
            ValueKind::Str(text) => Val::Str(text.clone()),
            ValueKind::Template(parts) => self.template(parts, value.span, &Type::Str(Shape::Any), env),
            ValueKind::List(items) => {
                let env = &env.in_element();
                Val::List(Arc::new(self.items(items, &Type::Config, env)), ListKind::List)
            }
            ValueKind::Block(block) => Val::Body(Arc::new(self.config_block(block, env))),
            ValueKind::Apply(atoms) => self.file_text(atoms, value, &Type::Str(Shape::Any), env),
        }
    }

    /// A bare name in configuration that is typed elsewhere and that nothing declares: a word that is known there, or an error.
    fn free_word(&mut self, text: &Text, span: Span, env: &Env<'_>) -> Val {
        let known_type = env.known_type();
        let words = words(known_type);
        if words.contains(&text.as_str()) {
            return Val::Str(text.clone());
        }
        if self.names.find_quietly(env.scope, kinds::LET, text) == Found::Unknown
            || self.is_declared_elsewhere(text, env)
        {
            // Said where it stands, or what could not be read may declare it.
            self.wrong += 1;
            return Val::Error;
        }
        let mut known = self.known_values(text, env);
        known.extend(words.iter().map(|word| (*word).to_owned()));
        let near = crate::text::did_you_mean(text, &known);
        self.report(word_errors::free(span, text, known_type, near));
        Val::Error
    }

    /// A bare literal. A name where text is wanted may be a parameter or `let` that is misspelt: then no quotes are put around it
    /// unasked.
    pub(super) fn bare_scalar(&mut self, text: &Text, span: Span, ty: &Type, env: &Env<'_>) -> Val {
        let findings = match scalar_at(&self.names.sources, text, span, ty, false) {
            Ok(val) => return val,
            Err(findings) => findings,
        };
        if self.is_declared_elsewhere(text, env) {
            // Said where it stands.
            self.wrong += 1;
            return Val::Error;
        }
        let outer = ["var.", "local.", "locals.", "vars.", "values.", "let."];
        if let Some(name) = outer.iter().find_map(|outer| text.strip_prefix(outer)) {
            let takes = super::types::describe(ty);
            let finding = super::value_errors::wrong_word(span, text, &takes, Some(name));
            self.report(finding.help(format!("a parameter and a `let` are named alone: write `{name}`")));
            return Val::Error;
        }
        for finding in findings {
            let unquoted = finding.code == Code::UnquotedText;
            let name = literal::is_name(text) && finding.edits.is_empty() && finding.code == Code::WrongType;
            let known = if unquoted || name { self.known_values(text, env) } else { Vec::new() };
            let finding = if unquoted { word_errors::if_environment(finding, text) } else { finding };
            self.report(match crate::text::did_you_mean(text, &known) {
                Some(near) if unquoted => word_errors::or_name(finding, near),
                Some(near) => finding.suggest(span, Some(near)),
                None => finding,
            });
        }
        Val::Error
    }

    /// Whether a `let` in a body or a parameter where there can be none was meant to bring a name: that is said where it stands.
    pub(super) fn is_declared_elsewhere(&mut self, name: &Text, env: &Env<'_>) -> bool {
        self.lost_names.contains(name) || self.names.declared_inside(env.scope, kinds::LET, name)
    }

    /// What a bare name may stand for, for suggestions.
    fn known_values(&self, text: &str, env: &Env<'_>) -> Vec<String> {
        let mut known = env.known_params();
        known.extend(self.names.candidates(env.scope, kinds::LET));
        if let Some((_, field)) = text.rsplit_once('.') {
            let networks = self.names.candidates(env.scope, kinds::NETWORK).into_iter();
            known.extend(networks.map(|network| format!("{network}.{field}")));
        }
        known
    }
}

/// The words that are taken at a place.
fn words(ty: Option<&'static config::Type>) -> &'static [&'static str] {
    match ty {
        Some(config::Type::Enum(words) | config::Type::Word(words)) => words,
        _ => &[],
    }
}

/// Whether a value of one type can stand where another is expected; text shapes are judged when the text is known.
pub(super) fn assignable(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Set(a) | Type::List(a), Type::Set(b) | Type::List(b)) => assignable(a, b),
        (Type::Ref(a), Type::Ref(b)) => a == b,
        (_, Type::OneOf(forms)) => {
            forms.iter().any(|form| matches!(form, Form::Plain(plain) if assignable(from, plain)))
        }
        (Type::Enum(_), Type::Enum(_) | Type::Str(_)) => true,
        (Type::Block(_) | Type::Map(..) | Type::Ref(_) | Type::Keyed(_) | Type::Entries(_), Type::Config) => {
            false
        }
        (_, Type::Config) => true,
        (
            Type::Block(_) | Type::Map(..) | Type::Set(_) | Type::List(_) | Type::Ref(_) | Type::Config,
            Type::Str(_),
        ) => false,
        (_, Type::Str(_)) => true,
        (Type::Str(_), Type::Name(_)) => true,
        _ => std::mem::discriminant(from) == std::mem::discriminant(to),
    }
}

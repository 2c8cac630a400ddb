//! Values against the type that is expected of them.

use std::sync::Arc;

use super::literal;
use super::scalar::scalar;
use super::{Env, ListKind, Types, Val, errors, types, value_errors, word_errors};
use crate::kinds;
use crate::resolve::Found;
use crate::schema::{Form, KindId, Type};
use crate::source::Span;
use crate::syntax::ast::{Arg, Atom, Value, ValueKind};
use crate::syntax::is_dash;
use crate::text::Text;

impl Types<'_> {
    /// A value of a type; what is wrong is reported and becomes [`Val::Error`].
    pub(super) fn value(&mut self, value: &Value, ty: &Type, env: &Env<'_>) -> Val {
        // What stands in a `let` is read for each place that names it.
        if env.depth > 0 && !self.put_in(1, value.span) {
            return Val::Error;
        }
        if let ValueKind::Bare(text) = &value.kind
            && let Some(val) = self.named_value(text, value.span, ty, env)
        {
            return val;
        }
        if let ValueKind::Str(text) = &value.kind
            && self.verbatim(text, value.span, ty, env)
        {
            return Val::Error;
        }
        match ty {
            Type::Set(inner) => self.list(value, inner, ListKind::Set, env),
            Type::List(inner) => self.list(value, inner, ListKind::List, env),
            Type::Keyed(keyed) => match &value.kind {
                ValueKind::List(items) => Val::Keyed(Arc::new(self.keyed(items, keyed, env))),
                _ => self.mismatch(value, ty),
            },
            Type::Map(inner, shape) => match &value.kind {
                ValueKind::Block(block) => {
                    Val::Body(Arc::new(self.map_body(&block.items, block.span, inner, *shape, env)))
                }
                _ => self.block_value(value, ty, env),
            },
            Type::Block(schema) => match &value.kind {
                ValueKind::Block(block) => {
                    Val::Body(Arc::new(self.body(&block.items, block.span, schema, env)))
                }
                _ => self.block_value(value, ty, env),
            },
            Type::OneOf(forms) => self.one_of(value, forms, ty, env),
            Type::Config => self.config(value, env),
            Type::Entries(_) => self.mismatch(value, ty),
            Type::Address => self.address(value, ty, env),
            Type::Ref(kind) => self.reference_value(value, *kind, env),
            _ => match &value.kind {
                ValueKind::Bare(text) => self.bare_scalar(text, value.span, ty, env),
                ValueKind::Str(text) => self.scalar(text, value.span, ty, true),
                ValueKind::Template(parts) => self.template(parts, value.span, ty, env),
                ValueKind::Apply(atoms) => self.file_text(atoms, value, ty, env),
                ValueKind::List(_) | ValueKind::Block(_) => self.mismatch(value, ty),
            },
        }
    }

    pub(super) fn mismatch(&mut self, value: &Value, ty: &Type) -> Val {
        if let ValueKind::Apply(atoms) = &value.kind
            && matches!(&atoms[0].value.kind, ValueKind::Bare(text) if is_dash(text))
        {
            // A list in the manner of YAML: said where it was read.
            return Val::Error;
        }
        let fixed =
            self.without_blanks(value, ty).or_else(|| super::repair::meant(value, ty, &self.names.sources));
        self.report(value_errors::mismatch(value, ty, fixed));
        Val::Error
    }

    /// A literal that was written in two words (`40 GiB`), in one.
    pub(super) fn without_blanks(&self, value: &Value, ty: &Type) -> Option<String> {
        let ValueKind::Apply(atoms) = &value.kind else { return None };
        let plain =
            atoms.iter().all(|atom| matches!(atom.value.kind, ValueKind::Bare(_)) && atom.args.is_none());
        let joined: String = self.names.sources.text(value.span).split_whitespace().collect();
        (plain && scalar(&Text::new(&joined), ty, false).is_ok()).then_some(joined)
    }

    /// `base { … }` and a lone name where a block is expected: a `let` block, perhaps with more on top.
    fn block_value(&mut self, value: &Value, ty: &Type, env: &Env<'_>) -> Val {
        if let ValueKind::Apply(atoms) = &value.kind
            && let [Atom { value: name, args: None }, Atom { value: block, args: None }] = atoms.as_slice()
            && let (ValueKind::Bare(text), ValueKind::Block(_)) = (&name.kind, &block.kind)
            && let Found::Decl(id) = self.names.find(env.scope, kinds::LET, text)
        {
            let base = self.let_value(id, name.span, ty, env);
            let more = self.value(block, ty, env);
            if let (Val::Body(base), Val::Body(more)) = (base, more)
                && let Ok(mut body) = Arc::try_unwrap(more)
            {
                let target = super::BaseTarget::Block(id, base);
                body.mixins
                    .insert(0, super::Base { target, span: name.span, args: Arc::default(), cond: None });
                return Val::Body(Arc::new(body));
            }
            return Val::Error;
        }
        self.mismatch(value, ty)
    }

    fn one_of(&mut self, value: &Value, forms: &[Form], ty: &Type, env: &Env<'_>) -> Val {
        match &value.kind {
            ValueKind::Bare(text) => {
                if forms.iter().any(|form| matches!(form, Form::Word(word) if word == text)) {
                    return Val::Word(text.clone());
                }
                if let Some(Form::Plain(plain)) = forms.iter().find(|form| matches!(form, Form::Plain(_)))
                    && !literal::is_name(text)
                {
                    return self.value(value, plain, env);
                }
                let words: Vec<&str> = forms
                    .iter()
                    .filter_map(|form| match form {
                        Form::Word(word) | Form::Tagged(word, _) => Some(word.as_str()),
                        Form::Plain(_) => None,
                    })
                    .collect();
                if let Some(finding) = value_errors::form_meant(value.span, text, forms, &types::describe(ty))
                {
                    self.report(finding);
                    return Val::Error;
                }
                let near = crate::text::did_you_mean(text, &words).map(str::to_string);
                let finding =
                    value_errors::wrong_word(value.span, text, &types::describe(ty), near.as_deref());
                let tagged = super::repair::tagged(text, forms).filter(|_| near.is_none());
                self.report(match tagged {
                    Some(form) => finding.help(format!("write `{form}` if that is what you mean")),
                    None => finding,
                });
                Val::Error
            }
            ValueKind::Apply(atoms) => {
                if let [Atom { value: name, args: Some(args) }] = atoms.as_slice()
                    && let ValueKind::Bare(word) = &name.kind
                {
                    let form = forms.iter().find_map(|form| match form {
                        Form::Tagged(tag, inner) if tag == word => Some(inner),
                        _ => None,
                    });
                    if let Some(inner) = form
                        && let [Arg::Plain(argument)] = args.list.as_slice()
                    {
                        return Val::Tagged(word.clone(), Arc::new(self.value(argument, inner, env)));
                    }
                    if forms.iter().any(|form| matches!(form, Form::Word(known) if known == word)) {
                        self.report(value_errors::word_with_arguments(name, args, forms));
                        return Val::Error;
                    }
                }
                self.mismatch(value, ty)
            }
            _ => match forms.iter().find(|form| matches!(form, Form::Plain(_))) {
                Some(Form::Plain(plain)) => self.value(value, plain, env),
                _ => {
                    let meant = match &value.kind {
                        ValueKind::Str(text) => {
                            value_errors::form_meant(value.span, text, forms, &types::describe(ty))
                        }
                        _ => None,
                    };
                    match meant {
                        Some(finding) => self.report(finding),
                        None => drop(self.mismatch(value, ty)),
                    }
                    Val::Error
                }
            },
        }
    }

    fn reference_value(&mut self, value: &Value, kind: KindId, env: &Env<'_>) -> Val {
        let (name, args) = match &value.kind {
            ValueKind::Bare(text) | ValueKind::Str(text) => (text.clone(), None),
            ValueKind::Apply(atoms) => match atoms.as_slice() {
                [Atom { value: Value { kind: ValueKind::Bare(text), .. }, args }] if text != "file" => {
                    (text.clone(), args.as_deref())
                }
                _ => return self.mismatch(value, &Type::Ref(kind)),
            },
            ValueKind::Template(parts) => {
                self.report(word_errors::name_in_quotes(value.span, kinds::get(kind).name, parts));
                return Val::Error;
            }
            _ => return self.mismatch(value, &Type::Ref(kind)),
        };
        let name_span = Span { end: value.span.start + (self.name_width(value, &name)) as u32, ..value.span };
        let Some(id) = self.reference(&name, name_span, kind, env.scope) else { return Val::Error };
        if self.names.decl(id).is_abstract {
            let finding = errors::abstract_used(name_span, self.names.decl(id), kinds::get(kind).name);
            self.report(finding);
            return Val::Error;
        }
        if !kinds::get(kind).inherits {
            if let Some(args) = args {
                self.report(errors::no_arguments(args.span, &name));
            }
            return Val::Ref(id, Arc::default());
        }
        if let Some(args) = args.filter(|args| kind == kinds::CLASS && !args.list.is_empty()) {
            self.report(errors::class_with_arguments(args.span, &name));
            return Val::Error;
        }
        // What it lacks is said where it is declared.
        if kind == kinds::CLASS {
            return Val::Ref(id, Arc::default());
        }
        match self.arguments(id, args, value.span, env) {
            Some(args) => Val::Ref(id, args),
            None => Val::Error,
        }
    }

    fn name_width(&self, value: &Value, name: &str) -> usize {
        if matches!(value.kind, ValueKind::Str(_)) { value.span.len() } else { name.len() }
    }
}

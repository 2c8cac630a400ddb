//! Values against the type that is expected of them.

use std::sync::Arc;

use super::body::is_null;
use super::literal::{self, Literal};
use super::scalar::scalar;
use super::{AddressVal, Env, ListKind, Part, Template, TypeRef, Types, Val, errors, types, value_errors};
use crate::kinds;
use crate::resolve::Found;
use crate::schema::{Form, KindId, Shape, Type};
use crate::source::Span;
use crate::syntax::ast::{Arg, Atom, Rest, StrPart, Value, ValueKind};
use crate::syntax::{is_dash, write};
use crate::text::Text;

/// How far a `let` may refer to others.
const MAX_LET_DEPTH: usize = 32;
/// How many values `let`s may put into other `let`s: each may double what it names.
const MAX_NESTED_LETS: usize = 100_000;

impl Types<'_> {
    /// A value of a type; what is wrong is reported and becomes [`Val::Error`].
    pub(super) fn value(&mut self, value: &Value, ty: &Type, env: &Env<'_>) -> Val {
        if let ValueKind::Bare(text) = &value.kind
            && let Some(val) = self.named_value(text, value.span, ty, env)
        {
            return val;
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

    /// A bare name that is a parameter or a `let`.
    fn named_value(&mut self, text: &Text, span: Span, ty: &Type, env: &Env<'_>) -> Option<Val> {
        if !literal::is_name(text) {
            return None;
        }
        let param = env.params.iter().find(|param| param.name == *text).cloned();
        let binding = match self.names.find_quietly(env.scope, kinds::LET, text) {
            Found::Decl(id) => Some(id),
            Found::Missing | Found::Unknown => None,
        };
        if param.is_none() && binding.is_none() {
            return None;
        }
        let other = match ty {
            Type::Enum(choices) => choices.values.contains(text),
            Type::OneOf(forms) => forms.iter().any(|form| matches!(form, Form::Word(word) if word == text)),
            Type::Ref(kind) => matches!(self.names.find_quietly(env.scope, *kind, text), Found::Decl(_)),
            _ => false,
        };
        let declared = param.as_ref().map(|param| param.span).or(binding.map(|id| self.names.decl(id).span));
        if other {
            self.report(errors::ambiguous_name(span, text, declared, param.is_some(), &types::describe(ty)));
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

    pub(super) fn let_value(
        &mut self,
        id: crate::resolve::DeclId,
        span: Span,
        ty: &Type,
        env: &Env<'_>,
    ) -> Val {
        let decl = self.names.decl(id).clone();
        if env.depth >= MAX_LET_DEPTH || self.lets.contains(&id) {
            self.report(errors::let_cycle(decl.span, &decl.name));
            return Val::Error;
        }
        self.nested_lets += usize::from(env.depth > 0);
        if self.nested_lets > MAX_NESTED_LETS {
            // Said once, where the limit is crossed; all that comes after it would say the same.
            if self.nested_lets == MAX_NESTED_LETS + 1 {
                self.report(errors::lets_too_many(decl.span, &decl.name, MAX_NESTED_LETS));
            }
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
                _ => self.mismatch(value, ty),
            },
        }
    }

    /// Configuration that is typed elsewhere: scalars by their class, names and other literals as their text.
    fn config(&mut self, value: &Value, env: &Env<'_>) -> Val {
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
                _ => Val::Str(text.clone()),
            },
            ValueKind::Str(text) => Val::Str(text.clone()),
            ValueKind::Template(parts) => self.template(parts, value.span, &Type::Str(Shape::Any), env),
            ValueKind::List(items) => {
                let env = &Env { spot: super::env::Spot { free: false, ..env.spot.clone() }, ..env.clone() };
                Val::List(Arc::new(self.items(items, &Type::Config, env)), ListKind::List)
            }
            ValueKind::Block(block) => Val::Body(Arc::new(self.config_block(block, env))),
            ValueKind::Apply(atoms) => self.file_text(atoms, value, &Type::Str(Shape::Any), env),
        }
    }

    /// `file "path"`: the text of a file.
    fn file_text(&mut self, atoms: &[Atom], value: &Value, ty: &Type, env: &Env<'_>) -> Val {
        let [Atom { value: word, args: None }, Atom { value: path, args: None }] = atoms else {
            return self.mismatch(value, ty);
        };
        match (&word.kind, &path.kind, ty) {
            (ValueKind::Bare(word), ValueKind::Str(written), Type::Str(_)) if word == "file" => {
                match self.names.read_text(self.loader, env.scope, written, path.span) {
                    Ok((_, text)) => Val::Str(text),
                    Err(finding) => {
                        self.report(*finding);
                        Val::Error
                    }
                }
            }
            _ => self.mismatch(value, ty),
        }
    }

    fn reference_value(&mut self, value: &Value, kind: KindId, env: &Env<'_>) -> Val {
        let (name, args) = match &value.kind {
            ValueKind::Bare(text) | ValueKind::Str(text) => (text.clone(), None),
            ValueKind::Apply(atoms) => match atoms.as_slice() {
                [Atom { value: Value { kind: ValueKind::Bare(text), .. }, args }] => {
                    (text.clone(), args.as_deref())
                }
                _ => return self.mismatch(value, &Type::Ref(kind)),
            },
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
        match self.arguments(id, args, value.span, env) {
            Some(args) => Val::Ref(id, args),
            None => Val::Error,
        }
    }

    fn name_width(&self, value: &Value, name: &str) -> usize {
        if matches!(value.kind, ValueKind::Str(_)) { value.span.len() } else { name.len() }
    }

    fn address(&mut self, value: &Value, ty: &Type, env: &Env<'_>) -> Val {
        let (first, on) = match &value.kind {
            ValueKind::Bare(text) | ValueKind::Str(text) => (text.clone(), None),
            ValueKind::Template(parts) => return self.template(parts, value.span, ty, env),
            ValueKind::Apply(atoms) => match address_parts(atoms) {
                Some((first, on)) => (first, Some(on)),
                None => return self.mismatch(value, ty),
            },
            _ => return self.mismatch(value, ty),
        };
        let Some(Literal::Prefixed(ip, prefix)) = literal::address(&first) else {
            if let Some(why) = value_errors::address_fault(&first) {
                let at = Span { end: value.span.start + first.len() as u32, ..value.span };
                let at = if matches!(value.kind, ValueKind::Apply(_)) { at } else { value.span };
                self.report(value_errors::wrong_address(at, &first, ty, &why));
                return Val::Error;
            }
            let found = value_errors::describe_value(value);
            let finding = value_errors::wrong_type(value.span, &types::describe(ty), &found, None);
            self.report(match (literal::classify(&first), &on) {
                (Literal::Ip(ip), Some((network, _))) => finding.help(format!(
                    "write the length of the prefix of `{network}` too, such as `{ip}/24 on {network}`"
                )),
                (Literal::Ip(ip), None) => {
                    finding.help(format!("write the length of its prefix too, such as `{ip}/24`"))
                }
                _ => finding,
            });
            return Val::Error;
        };
        let mut address = AddressVal { ip, prefix, network: None, link: None };
        if let Some((name, span)) = on {
            let (network, link) = match self.names.find(env.scope, kinds::NETWORK, &name) {
                Found::Decl(id) => (Some(id), None),
                _ => match self.network_and_link(&name, env) {
                    Some((network, link)) => {
                        (self.reference(network, span, kinds::NETWORK, env.scope), Some(Text::new(link)))
                    }
                    None => (self.reference(&name, span, kinds::NETWORK, env.scope), None),
                },
            };
            let Some(network) = network else { return Val::Error };
            address.network = Some((network, span));
            address.link = link;
        }
        Val::Address(Arc::new(address))
    }

    /// `lan.bond0.41`: the network is the longest part before a dot that is one, else the first part.
    fn network_and_link<'n>(&mut self, name: &'n str, env: &Env<'_>) -> Option<(&'n str, &'n str)> {
        let splits: Vec<(&str, &str)> =
            name.match_indices('.').map(|(i, _)| (&name[..i], &name[i + 1..])).collect();
        let known = splits.iter().rev().copied().find(|(network, _)| {
            matches!(self.names.find_quietly(env.scope, kinds::NETWORK, network), Found::Decl(_))
        });
        known.or_else(|| splits.first().copied())
    }

    /// A string with `${…}`: `let`s are put in now, parameters when they are known.
    pub(super) fn template(&mut self, parts: &[StrPart], span: Span, ty: &Type, env: &Env<'_>) -> Val {
        let Some(parts) = self.parts(parts, ty, env) else { return Val::Error };
        match parts.as_slice() {
            [Part::Text(text)] => {
                let text = text.clone();
                self.scalar(&text, span, ty, true)
            }
            _ => Val::Template(Arc::new(Template {
                parts,
                ty: Some(TypeRef(Arc::new(ty.clone()))),
                span,
                scope: env.scope,
            })),
        }
    }

    /// Names in a string: parameters stay, `let`s become their text.
    pub(super) fn parts(&mut self, parts: &[StrPart], ty: &Type, env: &Env<'_>) -> Option<Vec<Part>> {
        let mut out: Vec<Part> = Vec::new();
        let push_text = |text: &str, out: &mut Vec<Part>| match out.last_mut() {
            Some(Part::Text(last)) => *last = format!("{last}{text}").into(),
            _ => out.push(Part::Text(text.into())),
        };
        for part in parts {
            match part {
                StrPart::Text(text) => push_text(text, &mut out),
                StrPart::Name(name, span) => {
                    if let Some(param) = env.params.iter().find(|param| param.name == *name).cloned() {
                        self.use_param(&param);
                        if !param.poison.is_clean() {
                            return None;
                        }
                        out.push(Part::Param(param.name));
                    } else if let Found::Decl(id) = self.names.find(env.scope, kinds::LET, name) {
                        let text = match self.let_value(id, *span, &Type::Str(Shape::Any), env) {
                            Val::Str(text) => text,
                            _ => return None,
                        };
                        push_text(&text, &mut out);
                    } else {
                        let mut known: Vec<String> =
                            env.params.iter().map(|param| param.name.to_string()).collect();
                        known.extend(self.names.candidates(env.scope, kinds::LET));
                        let text = format!("${{{name}}}");
                        let fits = matches!(ty, Type::Str(shape) if super::misfit(*shape, &text).is_none());
                        self.report(match fits {
                            true => errors::unknown_in_text(name, *span, &known),
                            false => errors::unknown_name("parameter or `let`", name, *span, &known),
                        });
                        return None;
                    }
                }
            }
        }
        Some(out)
    }
}

/// Whether a value of one type can stand where another is expected; text shapes are judged when the text is known.
fn assignable(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Set(a) | Type::List(a), Type::Set(b) | Type::List(b)) => assignable(a, b),
        (Type::Ref(a), Type::Ref(b)) => a == b,
        (_, Type::OneOf(forms)) => {
            forms.iter().any(|form| matches!(form, Form::Plain(plain) if assignable(from, plain)))
        }
        (Type::Enum(_), Type::Enum(_) | Type::Str(_)) => true,
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

fn address_parts(atoms: &[Atom]) -> Option<(Text, (Text, Span))> {
    let [address, on, network] = atoms else { return None };
    if atoms.iter().any(|atom| atom.args.is_some()) {
        return None;
    }
    match (&address.value.kind, &on.value.kind, &network.value.kind) {
        (ValueKind::Bare(first) | ValueKind::Str(first), ValueKind::Bare(word), ValueKind::Bare(name))
            if word == "on" =>
        {
            Some((first.clone(), (name.clone(), network.value.span)))
        }
        _ => None,
    }
}

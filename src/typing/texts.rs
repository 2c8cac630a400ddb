//! Texts with `${…}` in them, whatever they are read as: values, keys, addresses, paths of files.
//!
//! `let`s are put in when the text is typed, parameters and values of networks when they are known (`flatten`).

use std::sync::Arc;

use super::literal::{self, Literal};
use super::scalar::scalar;
use super::{
    AddressVal, Env, FileRef, FileText, Key, NetworkOf, Part, Placed, Template, TypeRef, Types, Val, errors,
    types, value_errors, word_errors,
};
use crate::kinds;
use crate::resolve::Found;
use crate::schema::{Shape, Type};
use crate::source::Span;
use crate::source::loader::join;
use crate::syntax::ast::{Atom, Item, MarkKind, ModifierKind, StrPart, Value, ValueKind, WordForm};
use crate::syntax::strings;
use crate::text::Text;

impl Types<'_> {
    /// An address with its prefix, perhaps `on` a network: a literal, a text, or what a name stands for.
    pub(super) fn address(&mut self, value: &Value, ty: &Type, env: &Env<'_>) -> Val {
        let (first, on) = match &value.kind {
            ValueKind::Apply(atoms) => match address_parts(atoms) {
                Some((first, on)) => (first, Some(on)),
                None => return self.mismatch(value, ty),
            },
            _ => (value, None),
        };
        if let (ValueKind::Str(text), true) = (&first.kind, on.is_some())
            && self.verbatim(text, first.span, ty, env)
        {
            return Val::Error;
        }
        let val = match &first.kind {
            ValueKind::Template(parts) => self.template(parts, first.span, ty, env),
            ValueKind::Bare(text) if on.is_some() && literal::is_name(text) => {
                match self.named_value(text, first.span, ty, env) {
                    Some(val) => val,
                    None => self.no_address(text, first, on.as_ref(), ty),
                }
            }
            ValueKind::Bare(text) | ValueKind::Str(text) => match literal::address(text) {
                Some(Literal::Prefixed(ip, prefix)) => {
                    Val::Address(Arc::new(AddressVal { ip, prefix, network: None, link: None }))
                }
                _ => self.no_address(text, first, on.as_ref(), ty),
            },
            _ => return self.mismatch(value, ty),
        };
        // A network that is not there is said of a broken address too.
        let on = match on {
            Some((name, span)) => match self.network_of_address(&name, span, env) {
                Some((network, link)) => Some((network, link, span)),
                None => return Val::Error,
            },
            None => None,
        };
        match (val, on) {
            (val, None) => val,
            (Val::Address(address), Some((NetworkOf::Decl(id), link, span))) => {
                Val::Address(Arc::new(AddressVal { network: Some((id, span)), link, ..*address }))
            }
            (val @ (Val::Address(_) | Val::Param(_) | Val::Template(_)), Some((network, link, span))) => {
                Val::Placed(Arc::new(Placed { val, network, link, span }))
            }
            _ => Val::Error,
        }
    }

    fn no_address(&mut self, text: &Text, value: &Value, on: Option<&(Text, Span)>, ty: &Type) -> Val {
        if let Some(why) = value_errors::address_fault(text) {
            self.report(value_errors::wrong_address(value.span, text, ty, &why));
            return Val::Error;
        }
        let found = value_errors::describe_value(value);
        let finding = value_errors::wrong_type(value.span, &types::describe(ty), &found, None);
        self.report(match (literal::classify(text), on) {
            (Literal::Ip(ip), Some((network, _))) => finding.help(format!(
                "write the length of the prefix of `{network}` too, such as `{ip}/24 on {network}`"
            )),
            (Literal::Ip(ip), None) => {
                finding.help(format!("write the length of its prefix too, such as `{ip}/24`"))
            }
            _ => finding,
        });
        Val::Error
    }

    /// What stands behind `on`: a network or a parameter that is one, perhaps with a link.
    fn network_of_address(
        &mut self,
        name: &Text,
        span: Span,
        env: &Env<'_>,
    ) -> Option<(NetworkOf, Option<Text>)> {
        let (head, rest) = name.split_once('.').map_or((name.as_str(), None), |(a, b)| (a, Some(b)));
        let param = env.params.iter().find(|param| param.name == head).cloned();
        if let Some(param) = param.filter(|param| matches!(param.ty, Type::Ref(kinds::NETWORK))) {
            self.use_param(&param);
            return Some((NetworkOf::Param(param.name), rest.map(Text::new)));
        }
        if let Found::Decl(id) = self.names.find(env.scope, kinds::NETWORK, name) {
            return Some((NetworkOf::Decl(id), None));
        }
        match self.network_and_link(name, env) {
            Some((network, link)) => {
                let id = self.reference(network, span, kinds::NETWORK, env.scope)?;
                Some((NetworkOf::Decl(id), Some(Text::new(link))))
            }
            None => {
                let id = self.reference(name, span, kinds::NETWORK, env.scope)?;
                Some((NetworkOf::Decl(id), None))
            }
        }
    }

    /// `file "path"`: the text of a file.
    pub(super) fn file_text(&mut self, atoms: &[Atom], value: &Value, ty: &Type, env: &Env<'_>) -> Val {
        let [Atom { value: word, args: None }, Atom { value: path, args: None }] = atoms else {
            return self.mismatch(value, ty);
        };
        let parts = match (&word.kind, &path.kind, ty) {
            (ValueKind::Bare(word), ValueKind::Str(written), Type::Str(_)) if word == "file" => {
                if self.verbatim_path(written, path.span, env) {
                    return Val::Error;
                }
                &[StrPart::Text(written.clone())][..]
            }
            (ValueKind::Bare(word), ValueKind::Template(parts), Type::Str(_)) if word == "file" => parts,
            _ => return self.mismatch(value, ty),
        };
        let Some(file) = self.file_ref(parts, path.span, env) else { return Val::Error };
        if file.template.is_some() {
            return Val::File(Arc::new(FileText { file, ty: TypeRef(Arc::new(ty.clone())) }));
        }
        match self.names.read_text(self.loader, env.scope, &file.written, path.span) {
            Ok((_, text)) => Val::Str(text),
            Err(finding) => {
                self.report(*finding);
                Val::Error
            }
        }
    }

    /// The file behind the head of an item, which is read once everything is typed unless it is said to be elsewhere.
    pub(super) fn content_file(&mut self, item: &Item, env: &Env<'_>) -> Option<FileRef> {
        let modifier = item.modifiers.iter().find(|modifier| modifier.kind == ModifierKind::File)?;
        let word = &modifier.uses.first()?.word;
        let file = match &word.form {
            WordForm::Template(parts) => self.file_ref(parts, word.span, env)?,
            _ if self.verbatim_path(&word.text, word.span, env) => return None,
            _ => self.file_ref(&[StrPart::Text(word.text.clone())], word.span, env)?,
        };
        if file.template.is_none() {
            let elsewhere =
                item.marks.iter().any(|mark| matches!(mark.kind, MarkKind::Secret | MarkKind::External));
            self.files.push((file.clone(), !elsewhere));
        }
        Some(file)
    }

    /// A file by its path. One with parameters in it is found where those are known.
    fn file_ref(&mut self, parts: &[StrPart], span: Span, env: &Env<'_>) -> Option<FileRef> {
        let parts = self.parts(parts, &Type::Name(Shape::Any), env)?;
        let scope = env.scope;
        if parts.iter().all(|part| matches!(part, Part::Text(_))) {
            let texts =
                parts.iter().filter_map(|part| if let Part::Text(text) = part { Some(text) } else { None });
            let written = Text::from(texts.map(Text::as_str).collect::<String>());
            let path = join(self.names.path(scope), &written).map(Text::from);
            return Some(FileRef { written, path, span, scope, template: None });
        }
        self.made_paths = true;
        let written = self.names.sources.text(span).trim_matches(['"', '\'']).into();
        let template = Some(Arc::new(Template { parts, ty: None, span, scope }));
        Some(FileRef { written, path: None, span, scope, template })
    }

    /// Reports a `${name}` of something that is known in a text between `'`, where nothing is put in. Gives whether that is why the
    /// text is not of the type of its value, so that nothing else is said of it.
    pub(super) fn verbatim(&mut self, text: &Text, span: Span, ty: &Type, env: &Env<'_>) -> bool {
        let free = matches!(ty, Type::Config | Type::Str(Shape::Any));
        text.contains("${") && self.not_put_in(span, free, env, || !free && scalar(text, ty, true).is_err())
    }

    /// As [`Types::verbatim`], of the path of a file: it cannot be meant as it stands.
    fn verbatim_path(&mut self, path: &str, span: Span, env: &Env<'_>) -> bool {
        path.contains("${") && self.not_put_in(span, false, env, || true)
    }

    fn not_put_in(&mut self, span: Span, free: bool, env: &Env<'_>, broken: impl Fn() -> bool) -> bool {
        let token = self.names.sources.text(span).to_owned();
        if !token.starts_with('\'') || !self.names.in_project(span) {
            return false;
        }
        let known: Vec<(usize, Text)> =
            strings::names(&token).into_iter().filter(|(_, name)| self.is_known(name, span, env)).collect();
        let Some((first, name)) = known.first() else { return false };
        let start = span.start + *first as u32;
        let at = Span { start, end: start + name.len() as u32 + 3, ..span };
        let places: Vec<usize> = known.iter().map(|(at, _)| *at).collect();
        let broken = broken();
        let finding = word_errors::verbatim(at, span, name, &strings::put_in(&token, &places), broken);
        self.report(if free { finding.doubtful() } else { finding });
        broken
    }

    /// Whether a name in a text would be put in; counts as a use of it.
    fn is_known(&mut self, name: &Text, span: Span, env: &Env<'_>) -> bool {
        if let Some(param) = env.params.iter().find(|param| param.name == *name).cloned() {
            self.use_param(&param);
            return true;
        }
        if let Found::Decl(id) = self.names.find_quietly(env.scope, kinds::LET, name) {
            self.names.mark_used(id);
            return true;
        }
        let network = name.rsplit_once('.').map(|(head, _)| head);
        network.is_some_and(|head| {
            matches!(self.names.find_quietly(env.scope, kinds::NETWORK, head), Found::Decl(_))
        }) && matches!(self.given(name, span, &Type::Str(Shape::Any), env), Some(Some(_)))
    }

    /// A key with `${…}` in it; it has its shape when it is known.
    pub(super) fn key_template(
        &mut self,
        parts: &[StrPart],
        span: Span,
        shape: Shape,
        env: &Env<'_>,
    ) -> Option<Key> {
        let ty = Type::Name(shape);
        let parts = self.parts(parts, &ty, env)?;
        Some(match parts.as_slice() {
            [Part::Text(text)] => {
                self.key_shape(text, span, shape, env);
                Key::Text(text.clone())
            }
            _ => {
                let ty = Some(TypeRef(Arc::new(ty)));
                Key::Template(Arc::new(Template { parts, ty, span, scope: env.scope }))
            }
        })
    }

    /// Reports a name between quotes that has not the shape of a key, or is text that nothing is put into.
    pub(super) fn key_shape(&mut self, key: &Text, span: Span, shape: Shape, env: &Env<'_>) {
        if self.verbatim(key, span, &Type::Name(shape), env) {
            return;
        }
        if let Some(why) = super::misfit(shape, key) {
            self.report(errors::bad_key(span, key, shape, &why));
        }
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
            [] => self.scalar(&Text::default(), span, ty, true),
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
                // Said where it was read.
                StrPart::Name(name, _) if name.is_empty() => {
                    self.wrong += 1;
                    return None;
                }
                StrPart::Name(name, span) => {
                    if let Some(param) = env.params.iter().find(|param| param.name == *name).cloned() {
                        self.use_param(&param);
                        if !param.poison.is_clean() {
                            return None;
                        }
                        out.push(Part::Param(param.name));
                    } else if let Found::Decl(id) = self.names.find(env.scope, kinds::LET, name) {
                        let env = &env.outside();
                        let text = match self.let_value(id, *span, &Type::Str(Shape::Any), env) {
                            Val::Str(text) => text,
                            Val::Given(given) => {
                                out.push(Part::Given(given));
                                continue;
                            }
                            Val::Template(template) => {
                                out.extend(template.parts.iter().cloned());
                                continue;
                            }
                            _ => return None,
                        };
                        push_text(&text, &mut out);
                    } else if self.is_declared_elsewhere(name, env) {
                        self.wrong += 1;
                        return None;
                    } else if let Some(given) = self.given(name, *span, &Type::Str(Shape::Any), env) {
                        out.push(Part::Given(Arc::new(given?)));
                    } else {
                        let mut known = env.known_params();
                        known.extend(self.names.candidates(env.scope, kinds::LET));
                        let text = format!("${{{name}}}");
                        let fits = matches!(ty, Type::Str(shape) if super::misfit(*shape, &text).is_none());
                        let finding = match fits {
                            true => errors::unknown_in_text(name, *span, &known),
                            false => errors::unknown_name("parameter or `let`", name, *span, &known),
                        };
                        self.report(word_errors::if_environment(finding, name));
                        return None;
                    }
                }
            }
        }
        Some(out)
    }
}

/// `ADDRESS on NETWORK`
fn address_parts(atoms: &[Atom]) -> Option<(&Value, (Text, Span))> {
    let [address, on, network] = atoms else { return None };
    if atoms.iter().any(|atom| atom.args.is_some()) {
        return None;
    }
    match (&address.value.kind, &on.value.kind, &network.value.kind) {
        (
            ValueKind::Bare(_) | ValueKind::Str(_) | ValueKind::Template(_),
            ValueKind::Bare(word),
            ValueKind::Bare(name),
        ) if word == "on" => Some((&address.value, (name.clone(), network.value.span))),
        _ => None,
    }
}

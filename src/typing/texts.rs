//! Texts with `${…}` in them, whatever they are read as: values, keys, addresses, paths of files.
//!
//! `let`s are put in when the text is typed, parameters and values of networks when they are known (`flatten`).

use std::sync::Arc;

use super::literal::{self, Literal};
use super::{
    AddressVal, Env, NetworkOf, Part, Placed, Template, TypeRef, Types, Val, errors, types, value_errors,
};
use crate::kinds;
use crate::resolve::Found;
use crate::schema::{Shape, Type};
use crate::source::Span;
use crate::syntax::ast::{Atom, StrPart, Value, ValueKind};
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
                    } else if self.names.declared_inside(env.scope, kinds::LET, name) {
                        self.wrong += 1;
                        return None;
                    } else if let Some(given) = self.given(name, *span, &Type::Str(Shape::Any), env) {
                        out.push(Part::Given(Arc::new(given?)));
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

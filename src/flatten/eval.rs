//! Values when the parameters are known.

use std::sync::Arc;

use super::{Args, Cx, Fields, Flattener, Mode};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::limits::{TEXT, TEXTS};
use crate::schema::Type;
use crate::source::Span;
use crate::text::Text;
use crate::typing::{Item, Key, Part, Template, Val, misfit, scalar_at};

impl Flattener {
    /// A value with the arguments of this use put in; blocks become fields.
    pub(super) fn eval(&mut self, val: &Val, cx: Cx<'_>) -> Val {
        match val {
            Val::Param(name) => match lookup(cx.args, name) {
                Some(Val::Str(text)) if !self.made(text.len(), self.types.names.decl(cx.owner).span) => {
                    Val::Error
                }
                found => found.unwrap_or(Val::Error),
            },
            Val::Template(template) => self.eval_template(template, cx),
            Val::Given(given) => self.given(given, cx),
            Val::Placed(placed) => self.placed(placed, cx),
            Val::File(text) => self.file_text(text, cx),
            Val::Body(body) => {
                let mut fields = Fields::default();
                // A value is there as a whole, so that nothing of it can come from a higher level.
                self.apply_body(&mut fields, body, Cx { mode: Mode::Strict, ..cx });
                Val::Fields(Arc::new(fields))
            }
            Val::List(items, kind) if items.iter().any(|item| is_open(&item.val)) => {
                let items = items.iter().map(|item| Item { val: self.eval(&item.val, cx), span: item.span });
                Val::List(Arc::new(items.collect()), *kind)
            }
            Val::Tagged(word, inner) => Val::Tagged(word.clone(), Arc::new(self.eval(inner, cx))),
            Val::Ref(id, args) if !args.is_empty() => Val::Ref(*id, self.eval_args(args, cx)),
            _ => val.clone(),
        }
    }

    pub(super) fn eval_args(&mut self, args: &Args, cx: Cx<'_>) -> Args {
        if args.iter().any(|(_, val)| is_open(val)) {
            Arc::new(args.iter().map(|(name, val)| (name.clone(), self.eval(val, cx))).collect())
        } else {
            args.clone()
        }
    }

    fn eval_template(&mut self, template: &Template, cx: Cx<'_>) -> Val {
        let Some(text) = self.text(template, cx) else { return Val::Error };
        match &template.ty {
            Some(ty) => {
                let sources = &self.types.names.sources;
                scalar_at(sources, &text, template.span, &ty.0, true).unwrap_or_else(|findings| {
                    findings.into_iter().for_each(|finding| self.report(without_edits(finding)));
                    Val::Error
                })
            }
            None => Val::Str(text),
        }
    }

    pub(super) fn text(&mut self, template: &Template, cx: Cx<'_>) -> Option<Text> {
        let mut out = String::new();
        for part in &template.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Param(name) => out.push_str(&show(&lookup(cx.args, name)?)?),
                Part::Given(given) => out.push_str(&show(&self.given(given, cx))?),
            }
            if out.len() > TEXT.most {
                self.report(TEXT.exceeded(template.span, TEXT.most));
                return None;
            }
        }
        self.made(out.len(), template.span).then(|| out.into())
    }

    /// Counts the bytes of texts that something is put into; whether there may be so many. Each worker counts its own, since the texts of
    /// one cluster are nearly always those of all: what two of them make is at most twice as much.
    fn made(&mut self, bytes: usize, at: Span) -> bool {
        let names = &self.types.names;
        let (made, most) = self.made.get_or_insert_with(|| (0, TEXTS.of(names.project_bytes())));
        let (before, most) = (*made, *most);
        *made += bytes;
        let fits = *made <= most;
        if before <= most && !fits {
            self.report(TEXTS.exceeded(at, most));
        }
        fits
    }

    pub(super) fn key(&mut self, key: &Key, cx: Cx<'_>) -> Option<Text> {
        match key {
            Key::Text(text) => Some(text.clone()),
            Key::Template(template) => {
                let text = self.text(template, cx)?;
                let Some(Type::Name(shape)) = template.ty.as_ref().map(|ty| &*ty.0) else {
                    return Some(text);
                };
                let Some(why) = misfit(*shape, &text) else { return Some(text) };
                let finding = crate::typing::errors::bad_key(template.span, &text, *shape, &why);
                self.report(without_edits(finding));
                None
            }
        }
    }
}

pub(super) fn lookup(args: &[(Text, Val)], name: &str) -> Option<Val> {
    args.iter().find(|(known, _)| known == name).map(|(_, val)| val.clone())
}

/// What a text with parameters should be cannot be written in its place: it would be the same for every use.
fn without_edits(mut finding: Diagnostic) -> Diagnostic {
    finding.edits.clear();
    finding
}

/// Whether a value still has parameters or blocks in it.
fn is_open(val: &Val) -> bool {
    match val {
        Val::Param(_)
        | Val::Template(_)
        | Val::Given(_)
        | Val::Placed(_)
        | Val::File(_)
        | Val::Body(_)
        | Val::Keyed(_) => true,
        Val::List(items, _) => items.iter().any(|item| is_open(&item.val)),
        Val::Tagged(_, inner) => is_open(inner),
        Val::Ref(_, args) => args.iter().any(|(_, val)| is_open(val)),
        _ => false,
    }
}

/// A scalar as text in a string.
pub(crate) fn show(val: &Val) -> Option<String> {
    Some(match val {
        Val::Bool(b) => b.to_string(),
        Val::Int(n) => n.to_string(),
        Val::Decimal(text) | Val::Str(text) | Val::Word(text) => text.to_string(),
        Val::Size(size) => size.text.to_string(),
        Val::Duration(nanos) => crate::typing::literal::show_duration(*nanos),
        Val::Version(version) => version.to_string(),
        Val::Ip(ip) => ip.to_string(),
        Val::Prefixed(ip, prefix) => format!("{ip}/{prefix}"),
        Val::Address(address) => format!("{}/{}", address.ip, address.prefix),
        _ => return None,
    })
}

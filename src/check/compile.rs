//! From the tree of an invariant to terms: names, fields and types are resolved here, once.

use std::sync::Arc;

use super::errors;
use super::terms::{Judged, Path, Piece, Rule, Term};
use super::types::{Lost, Ty};
use super::words::{providers, untyped};
use crate::diagnostics::Code;
use crate::diagnostics::code::InvariantLevel;
use crate::kinds;
use crate::resolve::{Decl, DeclId, Found, ScopeId};
use crate::schema::{Form, KindId, Schema, Type};
use crate::source::Span;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, ModifierKind, Rest, UnaryOp, Value, ValueKind};
use crate::text::Text;
use crate::typing::literal::{self, Literal};
use crate::typing::types::describe;
use crate::typing::{Action, Key, Part, Typed, Types, Val};
use crate::world::config;
use crate::world::stdlib;

/// The word before the kind of a document.
const DOCUMENT: &str = "document";

/// What an invariant can judge.
pub(super) const JUDGED: [&str; 8] =
    ["role", "class", "network", "machine", "cluster", "set", "provider", "document"];

/// An invariant as terms; what is wrong with it is reported, and then it judges nothing.
pub(super) fn rule(types: &mut Types<'_>, id: DeclId) -> Option<Rule> {
    let typed = types.typed(id);
    let decl = types.names.decl(id).clone();
    let (judged, variable) = subject(types, &decl)?;
    let mut compiler = Compiler {
        providers: Vec::new(),
        vars: vec![(variable, Ty::Thing(judged))],
        scope: decl.scope,
        configured: matches!(judged, Judged::Document(_)),
        types,
    };
    compiler.providers = compiler.named_providers(&typed);
    let (mut when, mut require) = (Some(Vec::new()), Some(Vec::new()));
    for (is_when, holder) in &typed.clauses {
        let Some(expr) = holder.expr() else { continue };
        let term = compiler.condition(expr);
        if *is_when {
            when = when.zip(term).map(|(list, term)| push(list, term));
        } else {
            require = require.zip(term).map(|(list, term)| push(list, (term, expr.span)));
        }
    }
    if !decl.item.broken && typed.clauses.iter().all(|(is_when, _)| *is_when) {
        // What it requires may be what could not be understood.
        let lost =
            matches!(&decl.item.rest, Rest::Block(block) if block.items.iter().any(|item| item.broken));
        if typed.poison.is_clean() && !lost {
            compiler.types.report(errors::requires_nothing(decl.span, &decl.name));
        }
        return None;
    }
    let message = compiler.text(&typed, "message");
    let help = compiler.text(&typed, "help");
    if message.is_none() && typed.poison.is_clean() {
        compiler.types.report(errors::message_missing(decl.span, &decl.name));
    }
    let configured = compiler.configured;
    let fix = match value(&typed, "fix") {
        Some(Val::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let warning = matches!(value(&typed, "level"), Some(Val::Word(word)) if word == "warning");
    let level = if warning { InvariantLevel::Warning } else { InvariantLevel::Error };
    let code = Code::Invariant(decl.name.clone(), level);
    let (when, require, message) = (when?, require?, message??);
    let help = help.flatten();
    Some(Rule { code, judged, when, require, message, help, fix, cond: typed.cond.clone(), configured })
}

fn push<T>(mut list: Vec<T>, item: T) -> Vec<T> {
    list.push(item);
    list
}

/// The kind after `for`, and the name that the judged thing has in the rule.
fn subject(types: &mut Types<'_>, decl: &Decl) -> Option<(Judged, Text)> {
    let modifier = decl.item.modifiers.iter().find(|modifier| modifier.kind == ModifierKind::For);
    let (kind, variable) = match modifier.map(|modifier| modifier.uses.as_slice()) {
        Some([kind, variable]) if kind.word.text != DOCUMENT => (kind, variable),
        Some([word, kind, variable]) if word.word.text == DOCUMENT => {
            let Some(row) = config::document(Some(&kind.word.text)) else {
                let known: Vec<&str> = config::documents().map(config::Row::name).collect();
                types.report(errors::unknown_document(kind.word.span, &kind.word.text, &known));
                return None;
            };
            return Some((Judged::Document(row.name()), variable.word.text.clone()));
        }
        _ => {
            if !decl.item.broken {
                types.report(errors::no_subject(decl.span, &decl.name, &JUDGED));
            }
            return None;
        }
    };
    let word = kind.word.text.as_str();
    let judged = match kinds::by_name(word) {
        _ if !JUDGED.contains(&word) => {
            types.report(errors::unknown_subject(kind.word.span, word, &JUDGED));
            return None;
        }
        Some(def) => Judged::Kind(def.id),
        None => Judged::Set,
    };
    Some((judged, variable.word.text.clone()))
}

/// The value that the body sets for a field of the invariant itself.
fn value<'t>(typed: &'t Typed, field: &str) -> Option<&'t Val> {
    typed.body.ops.iter().find_map(|op| match (&op.key, &op.action) {
        (Key::Text(key), Action::Set(val, _)) if key == field => Some(val),
        _ => None,
    })
}

struct Compiler<'c, 'a> {
    types: &'c mut Types<'a>,
    scope: ScopeId,
    vars: Vec<(Text, Ty)>,
    /// A path leads into an effective configuration.
    configured: bool,
    /// The fields of the providers that the rule compares with.
    providers: Vec<Arc<Schema>>,
}

impl Compiler<'_, '_> {
    // ---- the whole --------------------------------------------------------------------------------------------------------

    /// A text with paths in it; `None` if it is not set, `Some(None)` if a path of it leads nowhere.
    fn text(&mut self, typed: &Typed, field: &str) -> Option<Option<Vec<Piece>>> {
        match value(typed, field)? {
            Val::Str(text) => Some(Some(vec![Piece::Text(text.clone())])),
            Val::Template(template) => {
                let mut out = Vec::new();
                for part in &template.parts {
                    match part {
                        Part::Text(text) => out.push(Piece::Text(text.clone())),
                        Part::Given(_) => return Some(None),
                        Part::Param(text) => {
                            let at = self.inside(template.span, text);
                            let Some((path, _)) = self.path(text, at) else { return Some(None) };
                            out.push(Piece::Path(path));
                        }
                    }
                }
                Some(Some(out))
            }
            _ => Some(None),
        }
    }

    /// Where `${name}` stands in a string.
    fn inside(&self, string: Span, name: &str) -> Span {
        let text = self.types.names.sources.text(string);
        match text.find(&format!("${{{name}}}")) {
            Some(at) => {
                let start = string.start + at as u32 + 2;
                Span { start, end: start + name.len() as u32, ..string }
            }
            None => string,
        }
    }

    /// The schemas of the providers in `x.via == NAME`.
    fn named_providers(&mut self, typed: &Typed) -> Vec<Arc<Schema>> {
        let mut names = Vec::new();
        for (_, holder) in &typed.clauses {
            if let Some(expr) = holder.expr() {
                providers(expr, &mut names);
            }
        }
        let mut out = Vec::new();
        for name in names {
            if let Found::Decl(id) = self.types.names.find_quietly(self.scope, kinds::PROVIDER, &name) {
                out.extend(self.types.typed(id).declares.clone());
            }
        }
        out
    }

    // ---- expressions ------------------------------------------------------------------------------------------------------

    fn condition(&mut self, expr: &Expr) -> Option<Term> {
        let (term, ty) = self.expr(expr, None)?;
        let fits = matches!(term, Term::Path(_)) || matches!(ty, Ty::Bool | Ty::Any | Ty::Of(Type::Bool));
        if !fits {
            self.types.report(errors::not_a_condition(expr.span, &ty.describe()));
            return None;
        }
        Some(term)
    }

    /// An expression; `expect` is the type of what it stands beside.
    fn expr(&mut self, expr: &Expr, expect: Option<&Ty>) -> Option<(Term, Ty)> {
        match &expr.kind {
            ExprKind::Bare(text) => self.bare(text, expr.span, expect),
            ExprKind::Str(text) => self.literal(text, expr.span, expect, true),
            ExprKind::List(items) => self.list(items, expect),
            ExprKind::Unary(op, inner) => self.unary(*op, inner),
            ExprKind::Binary(op, at, left, right) => self.binary(*op, *at, left, right),
            ExprKind::Quantified { all, name, over, body, .. } => {
                let expect = self.partner(body, &name.text);
                let (over, element) = self.collection(over, expect.as_ref())?;
                self.vars.push((name.text.clone(), element));
                let body = self.condition(body);
                self.vars.pop();
                Some((Term::Each { all: *all, over: Box::new(over), body: Box::new(body?) }, Ty::Bool))
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, inner: &Expr) -> Option<(Term, Ty)> {
        if op == UnaryOp::Not {
            return Some((Term::Not(Box::new(self.condition(inner)?)), Ty::Bool));
        }
        let (term, _) = self.collection(inner, None)?;
        let term = Box::new(term);
        Some(match op {
            UnaryOp::Unique => (Term::Unique(term), Ty::Bool),
            _ => (Term::Count(term), Ty::NUMBER),
        })
    }

    fn binary(&mut self, op: BinaryOp, at: Span, left: &Expr, right: &Expr) -> Option<(Term, Ty)> {
        let (left, right) = match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => {
                let (left, right) = (self.condition(left), self.condition(right));
                (left?, right?)
            }
            BinaryOp::In => self.member(left, right)?,
            BinaryOp::Within => {
                let located = |compiler: &mut Self, expr: &Expr| {
                    let (term, ty) = compiler.expr(expr, None)?;
                    let fits = ty.located() || ty.element().is_some_and(|ty| ty.located());
                    if !fits {
                        compiler.types.report(errors::not_located(expr.span, &ty.describe()));
                    }
                    fits.then_some(term)
                };
                let (left, right) = (located(self, left), located(self, right));
                (left?, right?)
            }
            _ => self.compared(op, at, left, right)?,
        };
        Some((Term::Binary(op, Box::new(left), Box::new(right)), Ty::Bool))
    }

    /// The sides of a comparison: a literal is read as the type of the other side.
    fn compared(&mut self, op: BinaryOp, at: Span, left: &Expr, right: &Expr) -> Option<(Term, Term)> {
        let ((a, a_type), (b, b_type)) = if self.is_literal(left) && !self.is_literal(right) {
            let right = self.expr(right, None)?;
            (self.expr(left, Some(&right.1))?, right)
        } else {
            let left = self.expr(left, None)?;
            let right = self.expr(right, Some(&left.1))?;
            (left, right)
        };
        if !a_type.comparable(&b_type) {
            self.types.report(errors::incomparable(at, &a_type.describe(), &b_type.describe()));
            return None;
        }
        let ordering = !matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        if ordering && !a_type.ordered() {
            self.types.report(errors::no_order(at, &a_type.describe()));
            return None;
        }
        // What a rule compares with stands on the right: that matters for providers that extend it.
        Some(if !ordering && self.is_literal(left) { (b, a) } else { (a, b) })
    }

    /// The sides of `x in xs`.
    fn member(&mut self, left: &Expr, right: &Expr) -> Option<(Term, Term)> {
        if let ExprKind::List(_) = right.kind {
            let (left, ty) = self.expr(left, None)?;
            let (right, _) = self.collection(right, Some(&ty))?;
            return Some((left, right));
        }
        let (over, element) = self.collection(right, None)?;
        let element = match element {
            Ty::Thing(_) => Ty::Any,
            other => other,
        };
        let (term, ty) = self.expr(left, Some(&element))?;
        if !ty.comparable(&element) {
            self.types.report(errors::incomparable(left.span, &ty.describe(), &element.describe()));
            return None;
        }
        Some((term, over))
    }

    /// Something with elements, and their type.
    fn collection(&mut self, expr: &Expr, element: Option<&Ty>) -> Option<(Term, Ty)> {
        if let ExprKind::List(items) = &expr.kind {
            let (term, _) = self.list(items, element)?;
            return Some((term, element.cloned().unwrap_or(Ty::Any)));
        }
        let (term, ty) = self.expr(expr, None)?;
        match ty.element() {
            Some(element) => Some((term, element)),
            None => {
                self.types.report(errors::not_a_collection(expr.span, &ty.describe()));
                None
            }
        }
    }

    /// The type of what a variable is compared with: that of the elements of a list of literals that it runs over.
    fn partner(&mut self, body: &Expr, name: &str) -> Option<Ty> {
        let is_var = |expr: &Expr| matches!(&expr.kind, ExprKind::Bare(text) if text == name);
        match &body.kind {
            ExprKind::Binary(op, _, left, right) => {
                let (other, element) = match op {
                    BinaryOp::In if is_var(left) => (right, true),
                    BinaryOp::Eq | BinaryOp::Ne if is_var(left) => (right, false),
                    BinaryOp::Eq | BinaryOp::Ne if is_var(right) => (left, false),
                    _ => return self.partner(left, name).or_else(|| self.partner(right, name)),
                };
                let ExprKind::Bare(text) = &other.kind else { return None };
                let (_, ty) = self.path_quietly(text)?;
                if element { ty.element() } else { Some(ty) }
            }
            ExprKind::Unary(_, inner) => self.partner(inner, name),
            ExprKind::Quantified { body, .. } => self.partner(body, name),
            ExprKind::Bare(_) | ExprKind::Str(_) | ExprKind::List(_) => None,
        }
    }

    // ---- names and literals -----------------------------------------------------------------------------------------------

    fn is_literal(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Bare(text) => self.var(text).is_none(),
            ExprKind::Str(_) | ExprKind::List(_) => true,
            _ => false,
        }
    }

    fn var(&self, text: &str) -> Option<usize> {
        let first = text.split('.').next().unwrap_or(text);
        self.vars.iter().rposition(|(name, _)| name == first)
    }

    fn bare(&mut self, text: &Text, span: Span, expect: Option<&Ty>) -> Option<(Term, Ty)> {
        if self.var(text).is_some() {
            let (path, ty) = self.path(text, span)?;
            return Some((Term::Path(path), ty));
        }
        self.literal(text, span, expect, false)
    }

    fn path(&mut self, text: &Text, span: Span) -> Option<(Path, Ty)> {
        match self.follow(text) {
            Ok(found) => {
                self.configured |= matches!(found.1, Ty::Config(_));
                Some(found)
            }
            Err(lost) => {
                self.report_lost(text, span, lost);
                None
            }
        }
    }

    fn path_quietly(&mut self, text: &Text) -> Option<(Path, Ty)> {
        self.follow(text).ok()
    }

    /// A path, or how far it led and why no further.
    fn follow(&self, text: &Text) -> Result<(Path, Ty), Option<(usize, Lost)>> {
        let var = self.var(text).ok_or(None)?;
        let mut ty = self.vars[var].1.clone();
        let segments: Box<[Text]> = text.split('.').skip(1).map(Text::new).collect();
        for (at, segment) in segments.iter().enumerate() {
            ty = ty.field(segment, &self.providers).map_err(|lost| Some((at, lost)))?;
        }
        Ok((Path { var, segments }, ty))
    }

    fn report_lost(&mut self, text: &str, span: Span, lost: Option<(usize, Lost)>) {
        let segments: Vec<&str> = text.split('.').collect();
        let Some((at, lost)) = lost else {
            let known: Vec<Text> = self.vars.iter().map(|(name, _)| name.clone()).collect();
            let at = Span { end: (span.start + segments[0].len() as u32).min(span.end), ..span };
            return self.types.report(errors::unknown_variable(at, segments[0], &known));
        };
        let before = segments[..=at].join(".");
        let name = segments[at + 1];
        let start = span.start + before.len() as u32 + 1;
        let here = Span { start, end: start + name.len() as u32, ..span };
        self.types.report(match lost {
            Lost::Unknown(of, known) => errors::unknown_field(here, &of, name, &known),
            Lost::NoProvider => errors::no_provider(here, name, &before),
            Lost::NotABlock => errors::no_fields(here, &before),
            Lost::Map => errors::key_as_field(here, &before, name),
        });
    }

    fn list(&mut self, items: &[Value], element: Option<&Ty>) -> Option<(Term, Ty)> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            let term = match &item.kind {
                ValueKind::Bare(text) => self.bare(text, item.span, element),
                ValueKind::Str(text) => self.literal(text, item.span, element, true),
                _ => {
                    self.types.report(errors::not_a_condition(item.span, "a value that has parts"));
                    None
                }
            };
            out.push(term?.0);
        }
        Some((Term::List(out), Ty::Any))
    }

    /// A literal as the type of what it stands beside.
    fn literal(&mut self, text: &Text, span: Span, expect: Option<&Ty>, quoted: bool) -> Option<(Term, Ty)> {
        let Some(Ty::Of(ty)) = expect else {
            let dotted = !quoted && text.contains('.') && literal::classify(text) == Literal::Name;
            if expect.is_none() && !quoted && (dotted || literal::classify(text) == Literal::Name) {
                // A name beside nothing that could give it a meaning.
                self.report_lost(text, span, None);
                return None;
            }
            let (val, ty) = untyped(text, quoted);
            return Some((Term::Value(val), ty));
        };
        let val = self.typed_literal(text, span, ty, quoted)?;
        Some((Term::Value(val), Ty::Of(ty.clone())))
    }

    fn typed_literal(&mut self, text: &Text, span: Span, ty: &Type, quoted: bool) -> Option<Val> {
        match ty {
            Type::Ref(kind) => self.declared(text, span, *kind),
            Type::OneOf(forms) => {
                let words = || {
                    forms.iter().filter_map(|form| match form {
                        Form::Word(word) | Form::Tagged(word, _) => Some(word.clone()),
                        Form::Plain(_) => None,
                    })
                };
                if words().any(|word| word == *text) {
                    return Some(Val::Word(text.clone()));
                }
                let plain = forms.iter().find_map(|form| match form {
                    Form::Plain(plain) => Some(plain.clone()),
                    _ => None,
                });
                if let Some(plain) = plain.filter(|_| quoted || !literal::is_name(text)) {
                    return self.typed_literal(text, span, &plain, quoted);
                }
                let known: Vec<Text> = words().collect();
                self.types.report(errors::wrong_word(span, text, &describe(ty), &known));
                None
            }
            Type::Set(_)
            | Type::List(_)
            | Type::Keyed(_)
            | Type::Map(..)
            | Type::Entries(_)
            | Type::Block(_) => {
                self.types.report(errors::incomparable(span, &describe(ty), &format!("`{text}`")));
                None
            }
            Type::Config => Some(untyped(text, quoted).0),
            _ => match self.types.scalar(text, span, ty, quoted) {
                Val::Error => None,
                val => Some(val),
            },
        }
    }

    /// A declaration by name. One of the standard library that needs no import is known from the index alone.
    fn declared(&mut self, text: &Text, span: Span, kind: KindId) -> Option<Val> {
        let def = kinds::get(kind);
        let names = &mut self.types.names;
        if def.ambient && names.is_std(self.scope) && stdlib::item(def.name, text).is_some() {
            return Some(Val::Word(text.clone()));
        }
        match names.find_quietly(self.scope, kind, text) {
            Found::Decl(id) => Some(Val::Ref(id, Default::default())),
            Found::Unknown => None,
            Found::Missing => {
                let known = names.candidates(self.scope, kind);
                self.types.report(errors::unknown_name(span, def.name, text, &known));
                None
            }
        }
    }
}

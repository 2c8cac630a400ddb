//! The judge of the reader: pest's pairs to the tree, for tests. Shapes are the grammar's promise; each `expect` names the rule
//! that gives it.

use pest::iterators::{Pair, Pairs};
use smallvec::smallvec;

use super::super::ast::{
    Arg, Args, Atom, BinaryOp, Block, Expr, ExprKind, Item, Modifier, ModifierKind, Op, Rest, UnaryOp, Use,
    Value, ValueKind, Word, WordForm,
};
use super::super::climb::climb;
use super::super::errors;
use super::super::parser::Rule;
use super::super::strings::{self, Str};
use super::sort::{self, MAX_OPERATORS, Piece, shown};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};
use crate::text::Text;

/// Lowers the pairs of one `entry`; `base` is where its text starts in the file.
pub(super) fn entry(
    file: FileId,
    base: usize,
    mut pairs: Pairs<'_, Rule>,
    out: &mut Vec<Diagnostic>,
) -> Item {
    let entry = pairs.next().expect("grammar: a parse gives one entry");
    let item = entry.into_inner().next().expect("grammar: an entry holds an item");
    Lower { file, base, out }.item(item)
}

struct Lower<'a> {
    file: FileId,
    base: usize,
    out: &'a mut Vec<Diagnostic>,
}

impl Lower<'_> {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span {
            file: self.file,
            start: (self.base + span.start()) as u32,
            end: (self.base + span.end()) as u32,
        }
    }

    fn item(&mut self, pair: Pair<'_, Rule>) -> Item {
        let span = self.span(&pair);
        let inner = pair.into_inner().next().expect("grammar: an item is a clause or plain");
        match inner.as_rule() {
            Rule::clause => self.clause(inner, span),
            _ => self.plain(inner, span),
        }
    }

    fn string_kind(&mut self, token: &str, span: Span) -> ValueKind {
        match text_of(token, span, self.out) {
            Str::Plain(text) => ValueKind::Str(text),
            Str::Template(parts) => ValueKind::Template(parts),
        }
    }

    fn clause(&mut self, pair: Pair<'_, Rule>, span: Span) -> Item {
        let mut inner = pair.into_inner();
        let keyword = inner.next().expect("grammar: a clause starts with a keyword");
        let words = smallvec![sort::word(keyword.as_str(), self.span(&keyword))];
        let body = inner.next().expect("grammar: a clause holds an expression");
        let fits = operators(&body) <= MAX_OPERATORS;
        let rest = if fits {
            Rest::Expr(Box::new(self.expr(body)))
        } else {
            self.out.push(errors::long_expression(self.span(&keyword), MAX_OPERATORS));
            Rest::Nothing
        };
        let (marks, modifiers) = (Vec::new(), Vec::new());
        Item { span, marks, words, args: None, modifiers, rest, broken: !fits }
    }

    fn plain(&mut self, pair: Pair<'_, Rule>, span: Span) -> Item {
        let mut inner = pair.into_inner();
        let head = inner.next().expect("grammar: a plain item starts with a head");
        let mut pieces = Vec::with_capacity(4);
        for part in head.into_inner() {
            match part.as_rule() {
                Rule::run => self.run(&part, &mut pieces),
                Rule::string => {
                    let word = self.string_word(&part);
                    pieces.push(Piece::Word(word));
                }
                Rule::args => pieces.push(Piece::Args(Box::new(self.args(part)))),
                _ => pieces.push(Piece::Mixins(self.mixins(part))),
            }
        }
        let rest = match inner.next() {
            None => Rest::Nothing,
            Some(next) if next.as_rule() == Rule::block => Rest::Block(self.block(next)),
            Some(op) => {
                let symbol = match op.as_str() {
                    "+=" => Op::Add,
                    "-=" => Op::Take,
                    _ => Op::Set,
                };
                let at = self.span(&op);
                Rest::Assign(
                    symbol,
                    at,
                    self.value(inner.next().expect("grammar: a value follows the operator")),
                )
            }
        };
        let (item, finding) = sort::item(span, pieces, rest);
        self.out.extend(finding);
        item
    }

    /// Splits a run of plain words; quoted segments of a path may hold blanks.
    fn run(&mut self, pair: &Pair<'_, Rule>, pieces: &mut Vec<Piece>) {
        let base = self.span(pair).start as usize;
        self.words(pair.as_str(), base, pieces);
    }

    fn words(&mut self, text: &str, base: usize, pieces: &mut Vec<Piece>) {
        let bytes = text.as_bytes();
        let (mut at, mut start, mut quoted) = (0, 0, false);
        while at <= bytes.len() {
            let ends = at == bytes.len() || (!quoted && matches!(bytes[at], b' ' | b'\t'));
            if ends {
                if at > start {
                    let span =
                        Span { file: self.file, start: (base + start) as u32, end: (base + at) as u32 };
                    pieces.push(Piece::Word(sort::word(&text[start..at], span)));
                }
                start = at + 1;
            } else if bytes[at] == b'"' {
                quoted = !quoted;
            }
            at += 1;
        }
    }

    fn string_word(&mut self, pair: &Pair<'_, Rule>) -> Word {
        let span = self.span(pair);
        match text_of(pair.as_str(), span, self.out) {
            Str::Plain(text) => Word { text, span, form: WordForm::Quoted },
            Str::Template(parts) => Word { text: shown(&parts), span, form: WordForm::Template(parts) },
        }
    }

    fn mixins(&mut self, pair: Pair<'_, Rule>) -> Modifier {
        let mut inner = pair.into_inner();
        let keyword = inner.next().expect("grammar: mixins start with `with`");
        let span = self.span(&keyword);
        let uses = inner
            .map(|mixin| {
                let mut inner = mixin.into_inner();
                let name = inner.next().expect("grammar: a mixin has a name");
                let word = sort::word(name.as_str(), self.span(&name));
                Use { word, args: inner.next().map(|args| Box::new(self.args(args))) }
            })
            .collect();
        Modifier { kind: ModifierKind::With, span, uses }
    }

    fn block(&mut self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        let mut items: Vec<Item> = pair.into_inner().map(|item| self.item(item)).collect();
        items.shrink_to_fit();
        Block { span, items }
    }

    fn value(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.span(&pair);
        let mut atoms: Vec<Atom> = Vec::new();
        for atom in pair.into_inner() {
            if atom.as_rule() == Rule::args {
                let args = self.args(atom);
                atoms.last_mut().expect("grammar: arguments follow a literal").args = Some(Box::new(args));
            } else {
                let value = self.atom(atom);
                atoms.push(Atom { value, args: None });
            }
        }
        match atoms.as_slice() {
            [Atom { args: None, .. }] => atoms.pop().expect("one atom").value,
            _ => Value { span, kind: ValueKind::Apply(atoms) },
        }
    }

    fn atom(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::literal => ValueKind::Bare(Text::new(pair.as_str())),
            Rule::string => self.string_kind(pair.as_str(), span),
            Rule::list => ValueKind::List(pair.into_inner().map(|value| self.value(value)).collect()),
            _ => ValueKind::Block(self.block(pair)),
        };
        Value { span, kind }
    }

    fn args(&mut self, pair: Pair<'_, Rule>) -> Args {
        let span = self.span(&pair);
        let list = pair.into_inner().map(|arg| self.arg(arg)).collect();
        Args { span, list }
    }

    fn arg(&mut self, pair: Pair<'_, Rule>) -> Arg {
        let inner = pair.into_inner().next().expect("grammar: an argument has one form");
        let rule = inner.as_rule();
        if rule == Rule::value {
            return Arg::Plain(self.value(inner));
        }
        let mut parts = inner.into_inner();
        let ident = parts.next().expect("grammar: starts with a name");
        let name = sort::word(ident.as_str(), self.span(&ident));
        let first = self.value(parts.next().expect("grammar: a type or value follows"));
        if rule == Rule::named {
            return Arg::Named { name, value: first };
        }
        let default = parts.next().map(|value| self.value(value));
        Arg::Param { name, ty: first, default }
    }

    fn expr(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let mut operands = Vec::new();
        let mut operators = Vec::new();
        for part in pair.into_inner() {
            if part.as_rule() == Rule::binary {
                let op = BinaryOp::of(part.as_str()).expect("grammar: a binary operator");
                operators.push((op, self.span(&part)));
            } else {
                operands.push(self.operand(part));
            }
        }
        climb(operands, operators)
    }

    fn operand(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut prefixes = Vec::new();
        let mut primary = None;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::prefix {
                let op = UnaryOp::of(part.as_str()).expect("grammar: a prefix operator");
                prefixes.push((op, self.span(&part)));
            } else {
                primary = Some(self.primary(part));
            }
        }
        let mut expr = primary.expect("grammar: an operand has a primary");
        for (op, at) in prefixes.into_iter().rev() {
            let span = Span { start: at.start, ..span };
            expr = Expr { span, kind: ExprKind::Unary(op, Box::new(expr)) };
        }
        expr
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::expr => return self.expr(pair),
            Rule::quantifier => self.quantifier(pair),
            Rule::literal => ExprKind::Bare(Text::new(pair.as_str())),
            Rule::string => match text_of(pair.as_str(), span, self.out) {
                Str::Plain(text) => ExprKind::Str(text),
                Str::Template(parts) => ExprKind::Str(shown(&parts)),
            },
            _ => ExprKind::List(pair.into_inner().map(|value| self.value(value)).collect()),
        };
        Expr { span, kind }
    }

    fn quantifier(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut inner = pair.into_inner();
        let all = inner.next().expect("grammar: all or any").as_str() == "all";
        let ident = inner.next().expect("grammar: a variable");
        let name = sort::word(ident.as_str(), self.span(&ident));
        let in_span = self.span(&inner.next().expect("grammar: the word in"));
        let over = Box::new(self.operand(inner.next().expect("grammar: what it runs over")));
        let body = Box::new(self.expr(inner.next().expect("grammar: what must hold")));
        ExprKind::Quantified { all, name, in_span, over, body }
    }
}

/// How many operators a clause holds.
fn operators(body: &Pair<'_, Rule>) -> usize {
    let counts = |rule| matches!(rule, Rule::binary | Rule::prefix | Rule::quantifier);
    body.clone().into_inner().flatten().filter(|pair| counts(pair.as_rule())).count()
}

/// The text of a string token.
fn text_of(token: &str, span: Span, out: &mut Vec<Diagnostic>) -> Str {
    strings::read(token, !token.starts_with('"') || !token.contains(['\\', '$']), span, out)
}

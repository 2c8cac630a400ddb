//! `when` and `require`: the rules `clause`, `expr` and those below of the grammar.

use smallvec::smallvec;

use super::super::ast::{BinaryOp, Expr, ExprKind, Item, Rest, UnaryOp, ValueKind, Word};
use super::super::climb::climb;
use super::super::lower::{MAX_OPERATORS, shown};
use super::{Quick, is_ident};
use crate::source::Span;
use crate::text::Text;

impl Quick<'_> {
    /// A clause whose keyword was read.
    pub(super) fn clause(&mut self, start: usize, keyword: Word) -> Option<Item> {
        if !matches!(self.peek(), Some(b' ' | b'\t')) {
            return None;
        }
        self.blanks();
        let mut operators = 0;
        let expr = self.expr(&mut operators)?;
        let span = self.span(start);
        let end = self.at;
        self.blanks();
        let ends = match self.peek() {
            None | Some(b'\n' | b',' | b'}' | b'#') => true,
            Some(b'\r') => self.second() == Some(b'\n'),
            Some(_) => false,
        };
        self.at = end;
        let (marks, words, modifiers) = (Vec::new(), smallvec![keyword], Vec::new());
        let rest = Rest::Expr(Box::new(expr));
        let item = Item { span, marks, words, args: None, modifiers, rest, broken: false };
        (ends && operators <= MAX_OPERATORS).then_some(item)
    }

    fn expr(&mut self, count: &mut usize) -> Option<Expr> {
        let mut operands = vec![self.operand(count)?];
        let mut operators = Vec::new();
        loop {
            let end = self.at;
            self.blanks();
            let start = self.at;
            let Some(op) = self.binary() else {
                self.at = end;
                return Some(climb(operands, operators));
            };
            *count += 1;
            operators.push((op, self.span(start)));
            self.gap();
            operands.push(self.operand(count)?);
        }
    }

    fn binary(&mut self) -> Option<BinaryOp> {
        let rest = &self.bytes[self.at..];
        let length = match rest {
            [b'=' | b'!' | b'<' | b'>', b'=', ..] => 2,
            [b'<' | b'>', ..] => 1,
            _ => self.keyword(),
        };
        let op = BinaryOp::of(&self.text[self.at..self.at + length])?;
        self.at += length;
        Some(op)
    }

    /// How long the run of characters of names here is.
    fn keyword(&self) -> usize {
        let rest = &self.bytes[self.at..];
        let ends = |at: usize| !super::is_name(rest[at]) || rest[at..].starts_with(b"-=");
        (0..rest.len()).find(|&at| ends(at)).unwrap_or(rest.len())
    }

    fn operand(&mut self, count: &mut usize) -> Option<Expr> {
        let start = self.at;
        let mut prefixes = Vec::new();
        let primary = loop {
            let at = self.at;
            let length = self.keyword();
            let word = &self.text[at..at + length];
            if let Some(op) = UnaryOp::of(word) {
                *count += 1;
                self.at += length;
                prefixes.push((op, self.span(at)));
                self.blanks();
            } else if matches!(word, "all" | "any") {
                break self.quantifier(word == "all", count)?;
            } else {
                break self.primary(count)?;
            }
        };
        let span = self.span(start);
        let wrap = |inner: Expr, (op, at): (UnaryOp, Span)| Expr {
            span: Span { start: at.start, ..span },
            kind: ExprKind::Unary(op, Box::new(inner)),
        };
        Some(prefixes.into_iter().rev().fold(primary, wrap))
    }

    fn primary(&mut self, count: &mut usize) -> Option<Expr> {
        let start = self.at;
        let kind = match self.peek()? {
            b'(' => {
                self.at += 1;
                self.gap();
                let inner = self.expr(count)?;
                self.gap();
                return self.eat(b')').then_some(inner);
            }
            b'"' | b'\'' => match self.string()? {
                ValueKind::Str(text) => ExprKind::Str(text),
                ValueKind::Template(parts) => ExprKind::Str(shown(&parts)),
                _ => return None,
            },
            b'[' => ExprKind::List(self.list()?),
            _ => ExprKind::Bare(Text::new(self.bare()?)),
        };
        Some(Expr { span: self.span(start), kind })
    }

    /// `all x in xs: …`; what only begins like one is for pest.
    fn quantifier(&mut self, all: bool, count: &mut usize) -> Option<Expr> {
        let start = self.at;
        *count += 1;
        self.at += "all".len();
        self.some_blanks()?;
        let at = self.at;
        self.at += self.bytes[at..].iter().take_while(|&&byte| is_ident(byte)).count();
        let name = (self.at > at).then(|| self.word(at, &self.text[at..self.at]))?;
        self.some_blanks()?;
        let at = self.at;
        let length = self.keyword();
        if &self.text[at..at + length] != "in" {
            return None;
        }
        self.at += length;
        let in_span = self.span(at);
        self.some_blanks()?;
        let over = Box::new(self.operand(count)?);
        self.blanks();
        if !self.eat(b':') {
            return None;
        }
        self.gap();
        let body = Box::new(self.expr(count)?);
        Some(Expr { span: self.span(start), kind: ExprKind::Quantified { all, name, in_span, over, body } })
    }

    fn some_blanks(&mut self) -> Option<()> {
        let start = self.at;
        self.blanks();
        (self.at > start).then_some(())
    }
}

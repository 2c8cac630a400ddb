//! `when` and `require`: the rules `clause`, `expr` and those below of the grammar.

use smallvec::smallvec;

use super::super::ast::{BinaryOp, Expr, ExprKind, Item, Rest, UnaryOp, ValueKind};
use super::super::climb::climb;
use super::super::{errors, lex};
use super::Reader;
use super::sort::{MAX_OPERATORS, shown};
use crate::source::Span;
use crate::text::Text;

impl Reader<'_> {
    pub(super) fn clause(&mut self) -> Option<Item> {
        let start = self.at;
        if !matches!(self.keyword(), "when" | "require") {
            return None;
        }
        self.at += self.keyword().len();
        let keyword = self.word(start);
        self.ws()?;
        let (mut operators, found) = (0, self.found.len());
        let expr = self.expr(&mut operators)?;
        let span = self.span(start);
        if !self.ends_clause() {
            return None;
        }
        let fits = operators <= MAX_OPERATORS;
        if !fits {
            self.found.truncate(found);
            self.found.push(errors::long_expression(keyword.span, MAX_OPERATORS));
        }
        let rest = if fits { Rest::Expr(Box::new(expr)) } else { Rest::Nothing };
        let (marks, words, modifiers) = (Vec::new(), smallvec![keyword], Vec::new());
        Some(Item { span, marks, words, args: None, modifiers, rest, broken: !fits })
    }

    fn ends_clause(&self) -> bool {
        let end = lex::blanks(self.bytes, self.at);
        let last = self.bytes.get(end).is_none_or(|byte| matches!(byte, b',' | b'}' | b'#'));
        last || lex::newline(self.bytes, end) > end
    }

    /// Operands and operators in a row. Beyond the limit they are read and not kept, since their tree would be as deep as they are many.
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
            let symbol = self.span(start);
            *count += 1;
            self.gap();
            let operand = self.operand(count)?;
            if *count <= MAX_OPERATORS {
                operators.push((op, symbol));
                operands.push(operand);
            }
        }
    }

    fn binary(&mut self) -> Option<BinaryOp> {
        let length = match self.bytes[self.at..] {
            [b'=' | b'!' | b'<' | b'>', b'=', ..] => 2,
            [b'<' | b'>', ..] => 1,
            _ => self.keyword().len(),
        };
        let op = BinaryOp::of(&self.text[self.at..self.at + length])?;
        self.at += length;
        Some(op)
    }

    /// The run of characters of names that stands here.
    fn keyword(&self) -> &str {
        &self.text[self.at..lex::name(self.bytes, self.at)]
    }

    fn operand(&mut self, count: &mut usize) -> Option<Expr> {
        let start = self.at;
        let mut prefixes = Vec::new();
        while let Some(op) = UnaryOp::of(self.keyword()) {
            let at = self.at;
            self.at += op.word().len();
            *count += 1;
            if *count <= MAX_OPERATORS {
                prefixes.push((op, self.span(at)));
            }
            self.blanks();
        }
        let quantifier = if matches!(self.keyword(), "all" | "any") {
            let before = *count;
            let read = self.attempt(|reader| reader.quantifier(count));
            // What only begins like one is a name.
            if read.is_none() {
                *count = before;
            }
            read
        } else {
            None
        };
        let primary = quantifier.or_else(|| self.primary(count))?;
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

    /// `all x in xs: …`
    fn quantifier(&mut self, count: &mut usize) -> Option<Expr> {
        let start = self.at;
        *count += 1;
        let all = self.keyword() == "all";
        self.at += self.keyword().len();
        self.ws()?;
        let at = self.at;
        self.at = lex::ident(self.bytes, at);
        let name = (self.at > at).then(|| self.word(at))?;
        self.ws()?;
        if self.keyword() != "in" {
            return None;
        }
        let at = self.at;
        self.at += self.keyword().len();
        let in_span = self.span(at);
        self.ws()?;
        let over = Box::new(self.operand(count)?);
        self.blanks();
        if !self.eat(b':') {
            return None;
        }
        self.gap();
        let body = Box::new(self.expr(count)?);
        Some(Expr { span: self.span(start), kind: ExprKind::Quantified { all, name, in_span, over, body } })
    }
}

//! Expressions: leaf by leaf in source order. Parentheses are not in the tree; they are copied from between the leaves, so
//! those that only help a reader stay.

use super::print::Printer;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind};

/// Where the writing of an expression stands.
struct State {
    /// The end of the last leaf in the source.
    end: usize,
    /// Whether a blank belongs before the next word.
    space: bool,
    /// Whether the last leaf was an operator, after which a line may end.
    operator: bool,
}

impl Printer<'_> {
    /// Writes an expression with the parentheses around it; the source holds it between `start` and `end`.
    pub(super) fn expr(&mut self, expr: &Expr, start: usize, end: usize) {
        let mut state = State { end: start, space: false, operator: false };
        self.walk(expr, &mut state);
        self.layout(&mut state, end);
    }

    fn walk(&mut self, expr: &Expr, state: &mut State) {
        match &expr.kind {
            ExprKind::Bare(_) | ExprKind::Str(_) => self.leaf(expr.span, state, false),
            ExprKind::List(values) => {
                self.before(expr.span, state);
                self.list(values, expr.span);
                state.end = expr.span.end as usize;
            }
            ExprKind::Unary(op, inner) => {
                let end = expr.span.start + op.word().len() as u32;
                self.leaf(Span { end, ..expr.span }, state, false);
                self.walk(inner, state);
            }
            ExprKind::Binary(_, at, left, right) => {
                self.walk(left, state);
                self.leaf(*at, state, true);
                self.walk(right, state);
            }
            ExprKind::Quantified { name, in_span, over, body, .. } => {
                self.leaf(Span { end: expr.span.start + 3, ..expr.span }, state, false);
                self.leaf(name.span, state, false);
                self.leaf(*in_span, state, false);
                self.walk(over, state);
                self.walk(body, state);
            }
        }
    }

    fn leaf(&mut self, span: Span, state: &mut State, operator: bool) {
        self.before(span, state);
        self.token(span);
        state.end = span.end as usize;
        state.operator = operator;
    }

    /// Writes what stands between the last leaf and the next one.
    fn before(&mut self, next: Span, state: &mut State) {
        self.layout(state, next.start as usize);
        if state.space {
            self.push(" ");
        }
        state.space = true;
        state.operator = false;
    }

    /// Parentheses, the `:` of a quantifier, comments, and a line break if one was written after an operator.
    fn layout(&mut self, state: &mut State, upto: usize) {
        let mut at = state.end;
        while at < upto {
            let byte = self.byte(at);
            at += 1;
            match byte {
                b'(' => {
                    if state.space {
                        self.push(" ");
                    }
                    self.push("(");
                    state.space = false;
                    state.operator = false;
                }
                b')' => {
                    self.push(")");
                    state.space = true;
                    state.operator = false;
                }
                b':' => {
                    self.push(":");
                    state.space = true;
                    state.operator = true;
                }
                b'#' => {
                    at = self.interior();
                    state.space = false;
                    state.operator = false;
                }
                b'\n' if state.operator => {
                    self.continuation();
                    state.space = false;
                    state.operator = false;
                }
                _ => {}
            }
        }
    }
}

//! Operator precedence: operands and operators in a row become a tree.

use super::ast::{BinaryOp, Expr, ExprKind};
use crate::source::Span;

/// Binding strength of a binary operator; all bind to the left but `implies`.
fn strength(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Implies => 1,
        BinaryOp::Or => 2,
        BinaryOp::And => 3,
        _ => 4,
    }
}

/// Builds the tree of `a op b op c` by operator precedence.
pub(super) fn climb(operands: Vec<Expr>, operators: Vec<(BinaryOp, Span)>) -> Expr {
    let mut values: Vec<Expr> = Vec::new();
    let mut stack: Vec<(BinaryOp, Span)> = Vec::new();
    let mut operands = operands.into_iter();
    values.push(operands.next().expect("grammar: an expression has an operand"));
    for (op, span) in operators {
        while let Some(&(top, _)) = stack.last() {
            let binds =
                strength(top) > strength(op) || (strength(top) == strength(op) && op != BinaryOp::Implies);
            if !binds {
                break;
            }
            reduce(&mut values, &mut stack);
        }
        stack.push((op, span));
        values.push(operands.next().expect("grammar: an operand follows an operator"));
    }
    while !stack.is_empty() {
        reduce(&mut values, &mut stack);
    }
    values.pop().expect("one value is left")
}

fn reduce(values: &mut Vec<Expr>, stack: &mut Vec<(BinaryOp, Span)>) {
    let (op, span) = stack.pop().expect("an operator to apply");
    let right = values.pop().expect("a right operand");
    let left = values.pop().expect("a left operand");
    values.push(Expr {
        span: left.span.to(right.span),
        kind: ExprKind::Binary(op, span, Box::new(left), Box::new(right)),
    });
}

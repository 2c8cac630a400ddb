//! The tokens of a tree in source order: what the parse kept of the text. Everything between two of them is layout.

use super::ast::{Arg, Args, Ast, Block, Expr, ExprKind, Item, Rest, Value, ValueKind};
use crate::source::Span;

/// The places of all tokens that the tree holds: words, keywords, operators, literals and strings; brackets, separators,
/// blanks and comments are what is left between them.
pub fn tokens(ast: &Ast) -> Vec<Span> {
    let mut out = Vec::new();
    ast.items.iter().for_each(|item| self::item(item, &mut out));
    out.sort();
    out.dedup();
    out
}

fn item(item: &Item, out: &mut Vec<Span>) {
    for mark in &item.marks {
        out.push(mark.span);
        args(mark.args.as_deref(), out);
    }
    out.extend(item.words.iter().map(|word| word.span));
    args(item.args.as_deref(), out);
    for modifier in &item.modifiers {
        out.push(modifier.span);
        for used in &modifier.uses {
            out.push(used.word.span);
            args(used.args.as_deref(), out);
        }
    }
    match &item.rest {
        Rest::Nothing => {}
        Rest::Assign(_, at, assigned) => {
            out.push(*at);
            value(assigned, out);
        }
        Rest::Block(inner) => block(inner, out),
        Rest::Expr(inner) => expr(inner, out),
    }
}

fn block(block: &Block, out: &mut Vec<Span>) {
    block.items.iter().for_each(|inner| item(inner, out));
}

fn args(args: Option<&Args>, out: &mut Vec<Span>) {
    for arg in args.into_iter().flat_map(|args| &args.list) {
        match arg {
            Arg::Param { name, ty, default } => {
                out.push(name.span);
                value(ty, out);
                default.iter().for_each(|default| value(default, out));
            }
            Arg::Named { name, value: named } => {
                out.push(name.span);
                value(named, out);
            }
            Arg::Plain(plain) => value(plain, out),
        }
    }
}

fn value(value: &Value, out: &mut Vec<Span>) {
    match &value.kind {
        ValueKind::Bare(_) | ValueKind::Str(_) | ValueKind::Template(_) => out.push(value.span),
        ValueKind::List(items) => items.iter().for_each(|item| self::value(item, out)),
        ValueKind::Block(inner) => block(inner, out),
        ValueKind::Apply(atoms) => {
            for atom in atoms {
                self::value(&atom.value, out);
                args(atom.args.as_deref(), out);
            }
        }
    }
}

fn expr(expr: &Expr, out: &mut Vec<Span>) {
    match &expr.kind {
        ExprKind::Bare(_) | ExprKind::Str(_) => out.push(expr.span),
        ExprKind::List(items) => items.iter().for_each(|item| value(item, out)),
        ExprKind::Unary(op, inner) => {
            out.push(Span { end: expr.span.start + op.word().len() as u32, ..expr.span });
            self::expr(inner, out);
        }
        ExprKind::Binary(_, at, left, right) => {
            self::expr(left, out);
            out.push(*at);
            self::expr(right, out);
        }
        ExprKind::Quantified { name, in_span, over, body, .. } => {
            out.push(Span { end: expr.span.start + 3, ..expr.span });
            out.push(name.span);
            out.push(*in_span);
            self::expr(over, out);
            self::expr(body, out);
        }
    }
}

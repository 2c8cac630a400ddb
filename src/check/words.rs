//! What can be read from the words of an expression alone.

use super::types::Ty;
use crate::schema::{Shape, Type};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::text::Text;
use crate::typing::Val;
use crate::typing::literal::{self, Literal};

/// A literal beside something whose type is not known.
pub(super) fn untyped(text: &Text, quoted: bool) -> (Val, Ty) {
    if quoted {
        return (Val::Str(text.clone()), Ty::Of(Type::Str(Shape::Any)));
    }
    match literal::classify(text) {
        Literal::Int(n) | Literal::Octal(n) => (Val::Int(n), Ty::NUMBER),
        Literal::Bool(b) => (Val::Bool(b), Ty::Bool),
        Literal::Version(version) => (Val::Version(version.into()), Ty::Of(Type::Version)),
        Literal::Duration(nanos) => (Val::Duration(nanos), Ty::Of(Type::Duration)),
        Literal::Size(size) => (Val::Size(size.into()), Ty::Of(Type::Size(Default::default()))),
        Literal::Ip(ip) => (Val::Ip(ip), Ty::Of(Type::Ip)),
        Literal::Prefixed(ip, prefix) => (Val::Prefixed(ip, prefix), Ty::Of(Type::Cidr)),
        Literal::Decimal(text) => (Val::Decimal(text), Ty::Of(Type::Decimal)),
        Literal::Uuid(text) | Literal::Mac(text) => (Val::Str(text), Ty::Any),
        Literal::LooseSize(..) | Literal::Name => (Val::Word(text.clone()), Ty::Any),
    }
}

/// The names in `x.via == NAME`.
pub(super) fn providers(expr: &Expr, out: &mut Vec<Text>) {
    match &expr.kind {
        ExprKind::Binary(op, _, left, right) => {
            if let (BinaryOp::Eq, ExprKind::Bare(path), ExprKind::Bare(name)) = (op, &left.kind, &right.kind)
                && path.ends_with(".via")
            {
                out.push(name.clone());
            }
            providers(left, out);
            providers(right, out);
        }
        ExprKind::Unary(_, inner) => providers(inner, out),
        ExprKind::Quantified { over, body, .. } => {
            providers(over, out);
            providers(body, out);
        }
        ExprKind::Bare(_) | ExprKind::Str(_) | ExprKind::List(_) => {}
    }
}

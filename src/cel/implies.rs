//! Whether whatever fulfils one expression fulfils another: as far as the text decides it.

use super::ast::{Expr, Kind, Lit, Name};
use super::environment::Environment;

/// Whether everything for which `narrow` is true makes `wide` true. `false` also means that the texts do not decide it.
///
/// Each pair of parts is looked at once at most: whether one of the two is split depends on the pair alone.
pub fn implies(narrow: &Expr, wide: &Expr, env: &Environment) -> bool {
    if same(narrow, wide) || wide.kind == Kind::Lit(Lit::Bool(true)) {
        return true;
    }
    match (&narrow.kind, &wide.kind) {
        (_, Kind::Binary("&&", _, a, b)) => implies(narrow, a, env) && implies(narrow, b, env),
        (Kind::Binary("||", _, a, b), _) => implies(a, wide, env) && implies(b, wide, env),
        (_, Kind::Binary("||", _, a, b)) => implies(narrow, a, env) || implies(narrow, b, env),
        (Kind::Binary("&&", _, a, b), _) => implies(a, wide, env) || implies(b, wide, env),
        _ => match (bound(narrow, env), bound(wide, env)) {
            (Some(a), Some(b)) if same(a.of, b.of) => a.low >= b.low && a.high <= b.high,
            _ => false,
        },
    }
}

/// The numbers that a comparison lets through, both ends included.
struct Bound<'e> {
    of: &'e Expr,
    low: u64,
    high: u64,
}

fn bound<'e>(expr: &'e Expr, env: &Environment) -> Option<Bound<'e>> {
    let Kind::Binary(sign, _, left, right) = &expr.kind else { return None };
    let (of, sign, n) = match (number(left, env), number(right, env)) {
        (None, Some(n)) => (&**left, *sign, n),
        (Some(n), None) => (&**right, turned(sign)?, n),
        _ => return None,
    };
    let (low, high) = match sign {
        "==" => (n, n),
        "<" => (0, n.checked_sub(1)?),
        "<=" => (0, n),
        ">" => (n.checked_add(1)?, u64::MAX),
        ">=" => (n, u64::MAX),
        _ => return None,
    };
    Some(Bound { of, low, high })
}

fn turned(sign: &str) -> Option<&'static str> {
    Some(match sign {
        "==" => "==",
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => return None,
    })
}

/// The value of an expression of whole numbers and units.
fn number(expr: &Expr, env: &Environment) -> Option<u64> {
    match &expr.kind {
        Kind::Lit(Lit::Uint(n)) => Some(*n),
        Kind::Name(name) => env.names().find(|known| known.name == name.as_str())?.value,
        Kind::Binary("*", _, a, b) => number(a, env)?.checked_mul(number(b, env)?),
        Kind::Binary("+", _, a, b) => number(a, env)?.checked_add(number(b, env)?),
        _ => None,
    }
}

/// Whether two expressions are written alike, but for blanks, brackets and the sides of `==`.
fn same(a: &Expr, b: &Expr) -> bool {
    let names = |a: &Name, b: &Name| a.text == b.text;
    match (&a.kind, &b.kind) {
        (Kind::Lit(a), Kind::Lit(b)) => a == b && !matches!(a, Lit::Double | Lit::Bytes),
        (Kind::Name(a), Kind::Name(b)) => a == b,
        (Kind::Select(a, f), Kind::Select(b, g)) => names(f, g) && same(a, b),
        (Kind::Index(a, i, _), Kind::Index(b, j, _)) => same(a, b) && same(i, j),
        (Kind::Call(a, f, xs), Kind::Call(b, g, ys)) => {
            let on = match (a, b) {
                (Some(a), Some(b)) => same(a, b),
                (a, b) => a.is_none() && b.is_none(),
            };
            on && names(f, g) && all_same(xs, ys)
        }
        (Kind::Unary(s, n, a), Kind::Unary(t, m, b)) => s == t && n % 2 == m % 2 && same(a, b),
        (Kind::Binary(s, _, a, b), Kind::Binary(t, _, c, d)) => {
            let crossed = matches!(*s, "==" | "!=") && same(a, d) && same(b, c);
            s == t && ((same(a, c) && same(b, d)) || crossed)
        }
        (Kind::Ternary(a), Kind::Ternary(b)) => all_same(&**a, &**b),
        (Kind::List(a), Kind::List(b)) => all_same(a, b),
        _ => false,
    }
}

fn all_same(a: &[Expr], b: &[Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

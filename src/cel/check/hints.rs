//! What to do about a mistake: near names, the letter of a number, quotes.

use std::ops::Range;

use super::{
    Environment, Expr, Fault, Kind, Lit, Mistake, Name, Overload, Plain, Text, Type, all_of, did_you_mean,
    one_of,
};

/// A text where an expression over it is wanted.
pub(super) fn plain(text: &str, env: &Environment, plain: &Plain) -> Box<Mistake> {
    let message = format!("{} is an expression, and this is {}", env.name, plain.shown);
    let meant = format!("{} == \"{text}\"", plain.variable);
    let help = format!("write `'{meant}'`");
    Mistake::new(Fault::Type, 0..text.len(), message, "no comparison").help(help).guess(0..text.len(), meant)
}

/// The nearest of some names, or all of them if they are few.
pub(super) fn near(mistake: Box<Mistake>, name: &str, names: &[&str], are: &str) -> Box<Mistake> {
    if let Some(near) = did_you_mean(name, names.iter().copied()) {
        let at = mistake.at.clone();
        return mistake.help(format!("did you mean `{near}`?")).guess(at, near);
    }
    let mut unique: Vec<&str> = Vec::new();
    for name in names {
        if !unique.contains(name) {
            unique.push(name);
        }
    }
    mistake.help(format!("{are} {}", all_of(&unique)))
}

pub(super) fn unknown_variable(
    mistake: Box<Mistake>,
    name: &str,
    env: &Environment,
    names: &[&str],
) -> Box<Mistake> {
    if did_you_mean(name, names.iter().copied()).is_some() {
        return near(mistake, name, names, "");
    }
    let owner = env.names().find_map(|variable| match variable.is {
        super::super::Is::Object(object) => {
            object.fields.iter().any(|field| field.name == name).then_some(variable.name)
        }
        _ => None,
    });
    if let Some(owner) = owner {
        let at = mistake.at.clone();
        let whole = format!("{owner}.{name}");
        return mistake.help(format!("write `{whole}`")).guess(at, whole);
    }
    let constant = |name: &str| env.names().any(|known| known.name == name && known.value.is_some());
    let named: Vec<&str> = names.iter().copied().filter(|name| !constant(name)).collect();
    let units = if named.len() == names.len() { "" } else { ", and units such as `GB`" };
    mistake.help(format!("text stands in quotes; the names are {}{units}", all_of(&named)))
}

pub(super) fn not_bool(at: Range<usize>, message: String, ty: &Type) -> Box<Mistake> {
    let mistake = Mistake::new(Fault::Type, at, message, &format!("this is {}", ty.shown()));
    match ty {
        Type::Str | Type::Uint | Type::Int | Type::Double => {
            let with = if *ty == Type::Str { "\"…\"" } else { "…" };
            mistake.help(format!("compare it with something: `== {with}`"))
        }
        Type::List(_) => mistake.help("ask for an element: `.exists(x, x == \"…\")`".into()),
        Type::Object(object) => mistake.help(format!("compare one of the fields of {}", object.shown)),
        _ => mistake,
    }
}

/// No form of a function takes what it gets.
pub(super) fn no_form(forms: &[&Overload], member: bool, name: &Name, types: &[Type]) -> Box<Mistake> {
    let shown: Vec<&str> = types.iter().map(Type::shown).collect();
    let (on, args) = match shown.split_first() {
        Some((on, args)) if member => (format!(" of {on}"), args),
        _ => (String::new(), shown.as_slice()),
    };
    let with = if args.is_empty() { "nothing".to_owned() } else { args.join(" and ") };
    let message = format!("`{}`{on} does not take {with}", name.text);
    let mistake = Mistake::new(Fault::Type, name.at.clone(), message, "called here");
    let written = |form: &&Overload| {
        let takes: Vec<&str> = form.takes.iter().map(|is| bare(is.value().shown())).collect();
        match takes.split_first() {
            Some((on, takes)) if form.member => format!("{on}.{}({})", form.name, takes.join(", ")),
            _ => format!("{}({})", form.name, takes.join(", ")),
        }
    };
    let mut known: Vec<String> = Vec::new();
    for form in forms {
        let form = written(form);
        if !known.contains(&form) {
            known.push(form);
        }
    }
    mistake.help(format!("write it as {}", one_of(&known)))
}

/// A type without its article.
fn bare(shown: &str) -> &str {
    shown.split_once(' ').map_or(shown, |(_, name)| name)
}

/// No form of an operator takes its two sides.
pub(super) fn no_operator(
    env: &Environment,
    sign: &str,
    at: &Range<usize>,
    (left, a): (&Expr, &Type),
    (right, b): (&Expr, &Type),
) -> Box<Mistake> {
    let message = match sign {
        "in" => format!("`in` looks for {} in {}", a.shown(), b.shown()),
        _ => format!("`{sign}` does not go with {} and {}", a.shown(), b.shown()),
    };
    let mistake = Mistake::new(Fault::Type, at.clone(), message, "no conversion happens here");
    // The side that is to change is the one across from a variable.
    let (expr, ty, other) = if matches!(b, Type::Uint | Type::Bool) { (left, a, b) } else { (right, b, a) };
    match (ty, other) {
        (Type::Int, Type::Uint) => {
            let mut ends = Vec::new();
            if !unsigned(expr, &mut ends) {
                return mistake.help("make both of one type: `uint(…)`".into());
            }
            let mistake = mistake.help("write whole numbers that cannot be negative with `u`: `100u`".into());
            ends.into_iter().fold(mistake, |mistake, end| mistake.edit(end..end, "u"))
        }
        (Type::Str, Type::Uint) => match literal(expr).and_then(|text| quantity(env, &text)) {
            Some(number) => mistake.help(format!("write `{number}`")).edit(expr.at.clone(), number),
            None => mistake.help("compare it with a number: `100u * GB`".into()),
        },
        (Type::Str, Type::Bool) => match literal(expr).as_deref() {
            Some(word @ ("true" | "false")) => {
                mistake.help(format!("write `{word}`")).edit(expr.at.clone(), word)
            }
            _ => mistake.help("compare it with `true` or `false`".into()),
        },
        (Type::Double, Type::Uint) => mistake.help("write a whole number of a smaller unit".into()),
        (_, Type::Str) if sign != "in" => mistake.help("compare text with text in quotes".into()),
        (Type::List(_), _) | (_, Type::List(_)) if matches!(sign, "==" | "!=") => {
            mistake.help("ask whether it is an element: `x in list`".into())
        }
        _ => mistake,
    }
}

/// The text of a literal.
fn literal(expr: &Expr) -> Option<Text> {
    match &expr.kind {
        Kind::Lit(Lit::Str(text)) => Some(text.clone()),
        Kind::Lit(Lit::Int(n)) => Some(n.to_string().into()),
        _ => None,
    }
}

/// The ends of the numbers of an expression that is made of them alone.
fn unsigned(expr: &Expr, ends: &mut Vec<usize>) -> bool {
    match &expr.kind {
        Kind::Lit(Lit::Int(_)) => {
            ends.push(expr.at.end);
            true
        }
        Kind::Binary("+" | "*" | "/" | "-" | "%", _, left, right) => {
            unsigned(left, ends) && unsigned(right, ends)
        }
        _ => false,
    }
}

/// `100GB` as `100u * GB`, with a unit that the environment has.
fn quantity(env: &Environment, text: &str) -> Option<String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = unit.trim();
    let unit = if unit.len() == 1 { format!("{unit}B") } else { unit.to_owned() };
    let known = env.names().any(|variable| variable.name == unit);
    (known && !digits.is_empty()).then(|| format!("{digits}u * {unit}"))
}

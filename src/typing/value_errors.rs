//! What can be wrong with values: another type, out of bounds, no text.

use super::literal::{self, Literal};
use super::scalar::Why;
use super::types;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{Value, ValueKind};

pub(super) fn wrong_type(at: Span, takes: &str, found: &str, fixed: Option<String>) -> Diagnostic {
    let finding = Diagnostic::new(Code::WrongType, format!("expected {takes}, found {found}"))
        .label(at, format!("this is {found}"));
    match fixed {
        Some(text) => finding.help(format!("write `{text}`")).edit(at, text),
        None => finding.help(format!("write {takes}")),
    }
}

pub(super) fn wrong_word(at: Span, text: &str, takes: &str, near: Option<&str>) -> Diagnostic {
    let finding = Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
        .label(at, "not one of them");
    match near {
        Some(_) => finding.suggest(at, near),
        None => finding.help(format!("write {takes}")),
    }
}

pub(super) fn key_missing(at: Span, name: &str, key: &str) -> Diagnostic {
    Diagnostic::new(Code::RequiredField, format!("this {name} does not say its `{key}`"))
        .label(at, format!("`{key}` is missing"))
        .help(format!("add `{key} = …`: it tells one {name} from another"))
}

pub(super) fn scalar(at: Span, text: &str, ty: &Type, quoted: bool, why: Why) -> Diagnostic {
    let takes = types::describe(ty);
    let again = |fixed: &str| if quoted { format!("\"{fixed}\"") } else { fixed.to_string() };
    match why {
        Why::Class if near_miss(text, ty).is_some() => {
            let fixed = near_miss(text, ty).unwrap_or_default();
            Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
                .label(at, "not of that type")
                .help(format!("write `{fixed}`"))
                .edit(at, again(&fixed))
        }
        Why::Class => Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
            .label(at, "not of that type")
            .help(format!("write {takes}")),
        Why::Loose(digits, unit) => {
            let (binary, decimal) = (format!("{digits}{unit}iB"), format!("{digits}{unit}B"));
            Diagnostic::new(
                Code::LooseSize,
                format!("`{text}` could be `{binary}` or `{decimal}`: say which"),
            )
            .label(at, "half a unit")
            .help(format!("write `{binary}` (powers of 1024) or `{decimal}` (powers of 1000)"))
            .edit(at, again(&binary))
        }
        Why::Shape(reason) => {
            let finding =
                Diagnostic::new(Code::BadText, format!("expected {takes}, found `{}`", shorten(text)))
                    .label(at, "this text")
                    .note(reason);
            let meant = if let Type::Str(shape) = ty { super::shape::meant(*shape, text) } else { None };
            match meant {
                Some(meant) => finding.help(format!("write `{meant}`")).edit(at, again(&meant)),
                None => finding,
            }
        }
        Why::Bounds(reason) => {
            Diagnostic::new(Code::OutOfBounds, format!("`{text}` is out of bounds: {reason}"))
                .label(at, "out of bounds")
                .help(format!("write {takes}"))
        }
        Why::Inexact(unit) => {
            Diagnostic::new(Code::InexactUnit, format!("`{text}` is not a whole number of {unit}"))
                .label(at, format!("written in {unit} in the output"))
                .help(match binary(text) {
                    Some(binary) => format!("write `{binary}`, or a whole number of {unit}"),
                    None => format!("write a whole number of {unit}"),
                })
        }
        Why::Choice(near) => wrong_word(at, text, &takes, near.as_deref()),
        Why::Unquoted if fits(ty, text).is_some() => Diagnostic::new(
            Code::UnquotedText,
            format!("expected {takes} in quotes, found the name `{text}`"),
        )
        .label(at, "a bare name is not text")
        .help(format!("write {takes} in quotes: {}", fits(ty, text).unwrap_or_default())),
        Why::Unquoted => {
            Diagnostic::new(Code::UnquotedText, format!("expected text in quotes, found the name `{text}`"))
                .label(at, "a bare name is not text")
                .help(format!("write `\"{text}\"`"))
                .edit(at, format!("\"{text}\""))
        }
        Why::HostBits(network) => Diagnostic::new(
            Code::HostBits,
            format!("`{text}` is an address, not a network: host bits are set"),
        )
        .label(at, "host bits are set")
        .help(format!("the network is `{network}`"))
        .edit(at, again(&network)),
    }
}

/// What was meant by a literal that other notations would take: `1.13.7` for a version, `2d` for a duration.
fn near_miss(text: &str, ty: &Type) -> Option<String> {
    match ty {
        Type::Version => {
            let fixed = format!("v{text}");
            crate::version::Version::parse(text).filter(|_| !text.starts_with('v')).map(|_| fixed)
        }
        Type::Duration => {
            let days: u64 = text.strip_suffix('d')?.parse().ok()?;
            Some(format!("{}h", days.checked_mul(24)?))
        }
        _ => None,
    }
}

/// Why the text would not have the shape of the type, if that is so.
fn fits(ty: &Type, text: &str) -> Option<String> {
    match ty {
        Type::Str(shape) => super::misfit(*shape, text),
        _ => None,
    }
}

/// `8GB` as `8GiB`: what most people mean who write the decimal unit.
fn binary(text: &str) -> Option<String> {
    let number = text.strip_suffix('B')?;
    let unit = number.chars().last().filter(char::is_ascii_alphabetic)?;
    let number = number.strip_suffix(unit)?;
    number.ends_with(|c: char| c.is_ascii_digit()).then(|| format!("{number}{}iB", unit.to_ascii_uppercase()))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_string() } else { text.chars().take(39).chain(['…']).collect() }
}

/// What a value is, for a message.
pub(super) fn describe_value(value: &Value) -> String {
    match &value.kind {
        ValueKind::Bare(text) => match literal::classify(text) {
            Literal::Uuid(_) => "a UUID".into(),
            Literal::Mac(_) => "a MAC address".into(),
            Literal::Ip(_) => "an IP address".into(),
            Literal::Prefixed(..) => "an address with a prefix length".into(),
            Literal::Version(_) => "a version".into(),
            Literal::Duration(_) => "a duration".into(),
            Literal::Size(_) => "a size".into(),
            Literal::LooseSize(..) => "a number with half a unit".into(),
            Literal::Octal(_) | Literal::Int(_) | Literal::Decimal(_) => "a number".into(),
            Literal::Bool(_) => format!("`{text}`"),
            Literal::Name => format!("the name `{text}`"),
        },
        ValueKind::Str(_) | ValueKind::Template(_) => "text".into(),
        ValueKind::List(_) => "a list".into(),
        ValueKind::Block(_) => "a block".into(),
        ValueKind::Apply(_) => "several words".into(),
    }
}

//! The text of one scalar as a type, and why it is none: what is said of it stands in `value_errors`.

use std::sync::Arc;

use super::literal::{self, Literal};
use super::{AddressVal, Key, Part, Template, Types, Val, misfit, value_errors};
use crate::diagnostics::Diagnostic;
use crate::resolve::ScopeId;
use crate::schema::{Choices, Shape, SizeRule, Type};
use crate::source::{SourceMap, Span};
use crate::text::Text;

/// Why a text is not a scalar of a type.
#[derive(Debug)]
pub(crate) enum Why {
    /// Of another class.
    Class,
    /// A number with half a unit.
    Loose(Text, char),
    /// Does not have the shape.
    Shape(String),
    /// Outside of its bounds.
    Bounds(String),
    /// Not a whole number of the unit.
    Inexact(&'static str),
    /// Not one of the words.
    Choice(Option<String>),
    /// Text without quotes.
    Unquoted,
    /// A network with host bits.
    HostBits(String),
}

impl Types<'_> {
    /// The text of a scalar, bare or quoted, as a type.
    pub(crate) fn scalar(&mut self, text: &Text, span: Span, ty: &Type, quoted: bool) -> Val {
        scalar_at(&self.names.sources, text, span, ty, quoted).unwrap_or_else(|findings| {
            findings.into_iter().for_each(|finding| self.report(finding));
            Val::Error
        })
    }
}

/// The text of a scalar at a place, bare or quoted, as a type: when it is typed, or when the parameters in it are known.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn scalar_at(
    sources: &SourceMap,
    text: &Text,
    span: Span,
    ty: &Type,
    quoted: bool,
) -> Result<Val, Vec<Diagnostic>> {
    match scalar(text, ty, quoted) {
        Ok(val) => match super::cel::mistakes(sources, text, span, ty) {
            mistakes if mistakes.is_empty() => Ok(val),
            mistakes => Err(mistakes),
        },
        Err(why) => Err(vec![value_errors::scalar(span, text, ty, quoted, why)]),
    }
}

/// Reads the text of a scalar as a type.
pub(crate) fn scalar(text: &Text, ty: &Type, quoted: bool) -> Result<Val, Why> {
    let class = literal::classify(text);
    Ok(match (ty, class) {
        (Type::Bool, Literal::Bool(b)) => Val::Bool(b),
        (Type::Int(low, high), Literal::Int(n) | Literal::Octal(n)) => bounded(n, *low, *high)?,
        (Type::Decimal, Literal::Int(n)) => Val::Int(n),
        (Type::Decimal, Literal::Decimal(text)) => Val::Decimal(text),
        (Type::Size(rule), Literal::Size(size)) => sized(size, rule)?,
        (Type::Size(_), Literal::LooseSize(digits, unit)) => return Err(Why::Loose(digits, unit)),
        (Type::Duration, Literal::Duration(nanos)) => Val::Duration(nanos),
        // Nothing is nothing in any unit; whether it may be is a matter of the field.
        (Type::Duration, Literal::Int(0)) => Val::Duration(0),
        (Type::Version, Literal::Version(version)) => Val::Version(Arc::new(version)),
        (Type::Version, _) if quoted => match crate::version::Version::parse(text) {
            Some(version) => Val::Version(Arc::new(version)),
            None => return Err(Why::Class),
        },
        (Type::Uuid, Literal::Uuid(uuid)) => Val::Str(uuid),
        (Type::Mac, Literal::Mac(mac)) => Val::Str(mac),
        (Type::Ip, Literal::Ip(ip)) => Val::Ip(ip),
        (Type::Cidr, Literal::Prefixed(ip, prefix)) => network(ip, prefix)?,
        (Type::Address, Literal::Prefixed(ip, prefix)) => {
            Val::Address(Arc::new(AddressVal { ip, prefix, network: None, link: None }))
        }
        (Type::Enum(choices), _) => choice(text, choices)?,
        (Type::Name(shape), _) => shaped(text, *shape).map(Val::Word)?,
        (Type::Str(_), Literal::Name) if !quoted => return Err(Why::Unquoted),
        (Type::Str(shape), _) => shaped(text, *shape).map(Val::Str)?,
        _ => return Err(Why::Class),
    })
}

fn bounded(n: i64, low: i64, high: i64) -> Result<Val, Why> {
    if n < low {
        return Err(Why::Bounds(format!("the least is {low}")));
    }
    if n > high {
        return Err(Why::Bounds(format!("the most is {high}")));
    }
    Ok(Val::Int(n))
}

fn sized(size: literal::Size, rule: &SizeRule) -> Result<Val, Why> {
    if let Some(min) = rule.min.filter(|&min| size.bytes < min) {
        return Err(Why::Bounds(format!("the least is {}", show_bytes(min))));
    }
    if let Some(max) = rule.max.filter(|&max| size.bytes > max) {
        return Err(Why::Bounds(format!("the most is {}", show_bytes(max))));
    }
    if let Some(unit) = rule.unit.filter(|unit| !size.bytes.is_multiple_of(unit.bytes())) {
        return Err(Why::Inexact(unit.name()));
    }
    Ok(Val::Size(Arc::new(size)))
}

/// Bytes in the largest binary unit that is exact.
pub(crate) fn show_bytes(bytes: u64) -> String {
    for (name, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] {
        if bytes >= 1 << shift && bytes.is_multiple_of(1 << shift) {
            return format!("{}{name}", bytes >> shift);
        }
    }
    format!("{bytes}B")
}

fn network(ip: std::net::IpAddr, prefix: u8) -> Result<Val, Why> {
    let masked = mask(ip, prefix);
    if masked == ip {
        Ok(Val::Prefixed(ip, prefix))
    } else {
        Err(Why::HostBits(format!("{masked}/{prefix}")))
    }
}

/// An address with the bits after the prefix cleared.
pub(crate) fn mask(ip: std::net::IpAddr, prefix: u8) -> std::net::IpAddr {
    match ip {
        std::net::IpAddr::V4(v4) => {
            let bits = u32::from(v4);
            let kept = bits.checked_shr(32 - u32::from(prefix)).unwrap_or(0);
            std::net::Ipv4Addr::from(kept.checked_shl(32 - u32::from(prefix)).unwrap_or(0)).into()
        }
        std::net::IpAddr::V6(v6) => {
            let bits = u128::from(v6);
            let kept = bits.checked_shr(128 - u32::from(prefix)).unwrap_or(0);
            std::net::Ipv6Addr::from(kept.checked_shl(128 - u32::from(prefix)).unwrap_or(0)).into()
        }
    }
}

fn choice(text: &Text, choices: &Choices) -> Result<Val, Why> {
    if choices.open || choices.values.contains(text) {
        return Ok(Val::Word(text.clone()));
    }
    Err(Why::Choice(crate::text::did_you_mean(text, &choices.values).map(str::to_string)))
}

fn shaped(text: &Text, shape: Shape) -> Result<Text, Why> {
    match misfit(shape, text) {
        None => Ok(text.clone()),
        Some(reason) => Err(Why::Shape(reason)),
    }
}

/// The key that a value at a place is: text, a name, or a parameter.
pub(super) fn key_of(val: Val, span: Span, scope: ScopeId) -> Option<Key> {
    match val {
        Val::Str(text) | Val::Word(text) if !text.is_empty() => Some(Key::Text(text)),
        Val::Param(name) => {
            let parts = vec![Part::Param(name)];
            Some(Key::Template(Arc::new(Template { parts, ty: None, span, scope })))
        }
        Val::Template(template) => Some(Key::Template(template)),
        _ => None,
    }
}

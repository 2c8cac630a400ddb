//! What can be wrong with values: another type, out of bounds, no text.

pub(super) use super::form_errors::*;
use super::literal::{self, Literal};
use super::scalar::Why;
use super::{shape, types, word_errors};
use crate::diagnostics::{Code, Diagnostic};
use crate::kinds;
use crate::schema::{Shape, SizeUnit, Type};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Arg, Atom, Value, ValueKind};
use crate::syntax::write;
use crate::text::{Text, one_of};

pub(super) fn wrong_type(at: Span, takes: &str, found: &str, fixed: Option<String>) -> Diagnostic {
    let finding = Diagnostic::new(Code::WrongType, format!("expected {takes}, found {found}"))
        .label(at, format!("this is {found}"));
    match fixed {
        Some(text) => finding.help(format!("write `{text}`")).mend(at, text),
        None => finding.help(format!("write {takes}")),
    }
}

/// A value that its type cannot be made of.
pub(super) fn mismatch(value: &Value, ty: &Type, fixed: Option<String>) -> Diagnostic {
    let known = fixed.is_some();
    if let Some(text) = called(value).filter(|_| !known) {
        return word_errors::environment(value.span, &text, &types::describe(ty));
    }
    let finding = wrong_type(value.span, &types::describe(ty), &describe_value(value), fixed);
    if known {
        return finding;
    }
    match (ty, &value.kind) {
        (Type::Map(..) | Type::Block(_), ValueKind::Bare(text)) if is_off(text) => {
            finding.help("remove the line: what is not there is off")
        }
        (Type::Map(..), _) => finding.help("write `{ KEY = VALUE }`"),
        (Type::Block(schema), _) => {
            let names: Vec<String> = schema.fields.keys().take(3).map(|name| format!("{name} = …")).collect();
            let more = if schema.fields.len() > 3 { ", …" } else { "" };
            finding.help(format!("write a block, `{{ {}{more} }}`", names.join(", ")))
        }
        (Type::Address, ValueKind::Apply(atoms)) if matches!(&atoms[0].value.kind, ValueKind::Bare(text) if matches!(literal::classify(text), Literal::Ip(_))) => {
            finding.help("write the length of the prefix behind the address: `192.168.10.31/24 on lan`")
        }
        // `role = [g, h]`: a set has one, and takes others in.
        (Type::Ref(kind), ValueKind::List(items)) if *kind == kinds::ROLE && items.len() > 1 => {
            let names: Option<Vec<&str>> = items
                .iter()
                .map(|item| match &item.kind {
                    ValueKind::Bare(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            match names {
                Some(names) => one_role(finding, value.span, names[0], &names[1..]),
                None => finding,
            }
        }
        // `role = a and b`
        (Type::Ref(kind), ValueKind::Apply(atoms)) if *kind == kinds::ROLE => match bare_names(atoms) {
            Some(names) if names.len() > 1 => one_role(finding, value.span, names[0], &names[1..]),
            _ => finding,
        },
        // `patches = [file "./p.yaml"]`
        (Type::Ref(kind), ValueKind::Apply(atoms)) if *kind == kinds::PATCH && is_file(atoms) => {
            finding.help("a file is read by a patch of its own: `patch NAME file \"./NAME.yaml\"`")
        }
        (Type::Ref(kind), ValueKind::List(items)) if items.len() > 1 => {
            let kind = kinds::get(*kind).name;
            finding.help(format!("name one {kind}; what takes another is a declaration or a set of its own"))
        }
        (Type::Ref(kind), ValueKind::Block(_)) => {
            let kind = kinds::get(*kind).name;
            finding.help(format!("declare it at top level, `{kind} NAME {{ … }}`, and write its name here"))
        }
        _ => finding,
    }
}

/// `env("X")` and the like, as it is written.
fn called(value: &Value) -> Option<String> {
    let ValueKind::Apply(atoms) = &value.kind else { return None };
    let ValueKind::Bare(function) = &atoms.first()?.value.kind else { return None };
    let plain = |value: &Value| match &value.kind {
        ValueKind::Bare(text) | ValueKind::Str(text) => Some(text.clone()),
        _ => None,
    };
    let name = match atoms.as_slice() {
        [Atom { args: Some(args), .. }] => match args.list.first()? {
            Arg::Plain(value) => plain(value)?,
            _ => return None,
        },
        [_, Atom { value, args: None }] => plain(value)?,
        _ => return None,
    };
    let text = format!("{function}(\"{name}\")");
    word_errors::asks_for_environment(&text).then_some(text)
}

/// `["a" "b"]`
pub(super) fn comma_missing(atoms: &[Atom], sources: &SourceMap) -> Diagnostic {
    let places: Vec<Span> = atoms.iter().map(|atom| atom.value.span).collect();
    let texts: Vec<String> = places.iter().map(|&at| shorten(sources.text(at))).collect();
    let between = if places.len() == 2 {
        format!("a comma is missing between {} and {}", ticks(&texts[0]), ticks(&texts[1]))
    } else {
        "commas are missing between the elements of this list".to_string()
    };
    let finding = Diagnostic::new(Code::Syntax, between)
        .label(places[0].to(places[places.len() - 1]), format!("{} elements", places.len()))
        .help(format!("write `{}`", texts.join(", ")));
    places.windows(2).fold(finding, |finding, pair| finding.mend(pair[0].at_end(), ","))
}

fn ticks(text: &str) -> String {
    format!("`{text}`")
}

/// `[...base, a]`
pub(super) fn spread(at: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "a list is not put into another: a field is added to with `+=`")
        .label(at, "not an element")
        .help("write `NAME += [ … ]` with the new elements alone: what is inherited stays")
}

/// `192.168.10.256/24 on lan`
pub(super) fn wrong_address(at: Span, text: &str, ty: &Type, why: &str) -> Diagnostic {
    let takes = types::describe(ty);
    Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
        .label(at, why)
        .help(format!("write {takes}"))
}

/// `null`, in the manner of other languages.
pub(super) fn null(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("there is no `{text}`: a field is set, or it is not"))
        .label(at, "not a value")
}

/// `nameservers = 1.1.1.1, 1.0.0.1`
pub(super) fn unbracketed(values: Span, takes: &str, text: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("expected {takes}, found its elements without brackets"))
        .label(values, "a list stands between `[` and `]`")
        .help(format!("write `[{text}]`"))
        .mend(values.at_start(), "[")
        .mend(values.at_end(), "]")
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
        .if_understood()
        .label(at, format!("`{key}` is missing"))
        .help(format!("add `{key} = …`: it tells one {name} from another"))
}

pub(super) fn scalar(at: Span, text: &str, ty: &Type, quoted: bool, why: Why) -> Diagnostic {
    let takes = types::describe(ty);
    let again = |fixed: &str| write::literal(fixed, quoted);
    match why {
        Why::Class | Why::Choice(None) | Why::Shape(_) if word_errors::asks_for_environment(text) => {
            word_errors::environment(at, text, &takes)
        }
        Why::Class if matches!(ty, Type::Size(_)) => not_a_size(at, text, ty, quoted),
        Why::Class if near_miss(text, ty).is_some() => {
            let fixed = near_miss(text, ty).unwrap_or_default();
            Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
                .label(at, "not of that type")
                .help(format!("write `{fixed}`"))
                .mend(at, again(&fixed))
        }
        Why::Class => Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
            .label(at, why_not(text, ty))
            .help(class_help(text, ty).unwrap_or_else(|| format!("write {takes}"))),
        Why::Loose(digits, unit) => {
            let (binary, decimal) = (format!("{digits}{unit}iB"), format!("{digits}{unit}B"));
            let finding = Diagnostic::new(
                Code::LooseSize,
                format!("`{text}` could be `{binary}` or `{decimal}`: say which"),
            )
            .label(at, "half a unit");
            let help = match refused(&decimal, ty) {
                None => format!("write `{binary}` (powers of 1024) or `{decimal}` (powers of 1000)"),
                Some(Why::Inexact(unit)) => {
                    format!("write `{binary}` (powers of 1024); `{decimal}` is not a whole number of {unit}")
                }
                Some(_) => format!("write `{binary}` (powers of 1024)"),
            };
            finding.help(help).offer(at, again(&binary))
        }
        Why::Shape(reason) => {
            let finding =
                Diagnostic::new(Code::BadText, format!("expected {takes}, found `{}`", shorten(text)))
                    .label(at, "this text")
                    .note(reason);
            let near = match ty {
                Type::Str(Shape::Taint) => Some(format!("{text}:NoSchedule")),
                Type::Str(shape) | Type::Name(shape) => shape::nearest(*shape, text),
                _ => None,
            };
            // Text with signs of its own was meant for something else.
            let near = near.filter(|_| !text.contains(['$', '{', '(', '<', '%']));
            match near.filter(|near| fits(ty, near).is_none()) {
                Some(near) => finding
                    .help(format!("write `{}`, or another text", write::string(&near)))
                    .offer(at, write::string(&near)),
                None => finding.help(format!("write {takes}")),
            }
        }
        Why::Bounds(reason) => {
            Diagnostic::new(Code::OutOfBounds, format!("`{text}` is out of bounds: {reason}"))
                .label(at, "out of bounds")
                .help(match ty {
                    Type::Size(_) => format!("write a size within its bounds: {reason}"),
                    _ => format!("write {takes}"),
                })
        }
        Why::Inexact(unit) => {
            let finding =
                Diagnostic::new(Code::InexactUnit, format!("`{text}` is not a whole number of {unit}"))
                    .label(at, format!("written in {unit} in the output"));
            let whole = literal::size(text).zip(SizeUnit::of(unit)).and_then(|(size, unit)| {
                let n = size.bytes / unit.bytes();
                (n > 0).then(|| format!("{n}{}", unit.name()))
            });
            let near: Vec<String> = binary(text).into_iter().chain(whole).collect();
            finding.help(if near.is_empty() {
                format!("write a whole number of {unit}")
            } else {
                format!("write {}", one_of(&near))
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
                .help(format!("write `{}`", write::string(text)))
                .mend(at, write::string(text))
        }
        Why::HostBits(network) => Diagnostic::new(
            Code::HostBits,
            format!("`{text}` is an address, not a network: host bits are set"),
        )
        .label(at, "host bits are set")
        .help(format!("the network is `{network}`"))
        .mend(at, again(&network)),
    }
}

/// A size in the largest unit that is exact, of the family that it was written in.
fn shown(size: &literal::Size) -> String {
    let binary = super::scalar::show_bytes(size.bytes);
    if size.text.ends_with("iB") { binary } else { size.text.to_string() }
}

/// Why a text would not be a value of the type.
fn refused(text: &str, ty: &Type) -> Option<Why> {
    super::scalar::scalar(&Text::new(text), ty, false).err()
}

/// A number without a unit, a quantity of Kubernetes (`8Gi`), a unit in other letters (`8gib`).
fn not_a_size(at: Span, text: &str, ty: &Type, quoted: bool) -> Diagnostic {
    let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    let (number, unit) = (&text[..digits], text[digits..].trim());
    let own = match ty {
        Type::Size(rule) => rule.unit,
        _ => None,
    };
    let units: Vec<SizeUnit> = match (number.is_empty(), unit, own) {
        (true, ..) => Vec::new(),
        // The unit of the field is what its number means elsewhere; a number too small for it was thought of in GiB.
        (_, "", Some(own)) => vec![own, SizeUnit::GiB],
        (_, "", None) => vec![SizeUnit::MiB, SizeUnit::GiB],
        (_, unit, _) => {
            let named = |wanted: &str| {
                let mut all = SizeUnit::ALL.iter();
                all.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, unit)| *unit)
            };
            // `8Gi` and `8gi` are binary; `8gb` is decimal where that comes out even.
            named(unit)
                .into_iter()
                .chain(named(&format!("{unit}B")))
                .chain(named(&format!("{unit}iB")))
                .chain(unit.strip_suffix(['b', 'B']).and_then(|unit| named(&format!("{unit}iB"))))
                .collect()
        }
    };
    let fits: Vec<String> = units
        .iter()
        .map(|unit| format!("{number}{}", unit.name()))
        .filter(|size| refused(size, ty).is_none())
        .map(|size| literal::size(&size).map_or(size, |size| shown(&size)))
        .collect();
    let finding =
        Diagnostic::new(Code::WrongType, format!("expected {}, found `{text}`", types::describe(ty)));
    let finding = finding
        .label(at, if unit.is_empty() { "a size needs its unit" } else { "not a unit of the language" });
    match fits.as_slice() {
        [] => finding.help(format!("write {}", types::describe(ty))),
        // What the unit is short for is certain; a number without one may have been thought of in another.
        [one] if !unit.is_empty() => {
            finding.help(format!("write `{one}`")).mend(at, write::literal(one, quoted))
        }
        [one, ..] if own.is_some() || !unit.is_empty() => {
            finding.help(format!("write `{one}`")).offer(at, write::literal(one, quoted))
        }
        several => finding.help(format!("write {}", one_of(several))),
    }
}

/// What was meant by a literal that other notations would take: `1.13.7` for a version, `2d` for a duration, `yes`.
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
        Type::Bool => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" | "enabled" | "1" => Some("true".into()),
            "no" | "off" | "false" | "disabled" | "0" => Some("false".into()),
            _ => None,
        },
        Type::Ip => match literal::classify(text) {
            Literal::Prefixed(ip, _) => Some(ip.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Why a text is no address or network, where that can be seen: a part or the length of the prefix is too large.
pub(super) fn address_fault(text: &str) -> Option<String> {
    let (address, prefix) =
        text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let parts: Option<Vec<u32>> = address.split('.').map(|part| part.parse().ok()).collect();
    let parts = parts.filter(|parts| parts.len() == 4).unwrap_or_default();
    if let Some(large) = parts.iter().find(|&&part| part > 255) {
        return Some(format!("{large} is too large: each part of an address is at most 255"));
    }
    let (family, longest) = match address.parse::<std::net::IpAddr>().ok()? {
        std::net::IpAddr::V4(_) => ("IPv4", 32),
        std::net::IpAddr::V6(_) => ("IPv6", 128),
    };
    let length: u32 = prefix?.parse().ok()?;
    (length > longest)
        .then(|| format!("{length} is too large: the prefix of {family} has at most {longest} bits"))
}

/// Why a text is no UUID or MAC address, where it looks like one: groups of hexadecimal digits.
fn group_fault(text: &str, ty: &Type) -> Option<String> {
    let (sign, wanted): (char, &[usize]) = match ty {
        Type::Uuid => ('-', &[8, 4, 4, 4, 12]),
        Type::Mac => (':', &[2; 6]),
        _ => return None,
    };
    let groups: Vec<&str> = text.split(sign).collect();
    if groups.len() != wanted.len() {
        let number = groups.len();
        return (number > 2).then(|| format!("has {number} groups of {}", wanted.len()));
    }
    let alien = |group: &&str| group.chars().find(|c| !c.is_ascii_hexdigit());
    if let Some(sign) = groups.iter().find_map(alien) {
        return Some(format!("`{sign}` is no hexadecimal digit: those are 0 to 9 and a to f"));
    }
    let (group, long) = groups.iter().zip(wanted).find(|(group, long)| group.len() != **long)?;
    Some(format!("the group `{group}` has {} digits of {long}", group.len()))
}

/// Why a literal is of another class, where that can be seen.
fn why_not(text: &str, ty: &Type) -> String {
    let fault = match ty {
        Type::Ip => address_fault(text.split('/').next().unwrap_or(text)),
        Type::Cidr | Type::Address => address_fault(text),
        ty => group_fault(text, ty),
    };
    fault.unwrap_or_else(|| "not of that type".into())
}

fn class_help(text: &str, ty: &Type) -> Option<String> {
    match (ty, literal::classify(text)) {
        (Type::Duration, Literal::Int(n)) => Some(format!("write its unit too: `{n}s`, `{n}m` or `{n}h`")),
        (Type::Cidr, Literal::Ip(ip)) => {
            Some(format!("write the length of its prefix too, such as `{}/24`", super::scalar::mask(ip, 24)))
        }
        (Type::Address, Literal::Ip(ip)) => {
            Some(format!("write the length of its prefix too, such as `{ip}/24`"))
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

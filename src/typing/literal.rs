//! Bare literals: what one token is, tried in a fixed order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::schema::SizeUnit;
use crate::text::{Text, is_uuid};
use crate::version::Version;

/// What a bare token or the text of a string reads as.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A UUID in canonical lower case.
    Uuid(Text),
    /// A MAC address in lower case with colons.
    Mac(Text),
    /// An IP address.
    Ip(IpAddr),
    /// An IP address with a prefix length.
    Prefixed(IpAddr, u8),
    /// A version.
    Version(Version),
    /// A duration in nanoseconds.
    Duration(i64),
    /// A size: a decimal number and its unit.
    Size(Size),
    /// A number with the letter of a unit that could mean two: `8G`.
    LooseSize(Text, char),
    /// `0o644`
    Octal(i64),
    /// A number with a fraction, as written.
    Decimal(Text),
    /// A whole number.
    Int(i64),
    /// `true` or `false`
    Bool(bool),
    /// Anything else.
    Name,
}

/// A size as written: how many of which unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Size {
    /// In bytes.
    pub bytes: u64,
    /// As written.
    pub text: Text,
}

/// Classifies a token.
pub fn classify(text: &str) -> Literal {
    let first = text.as_bytes().first().copied().unwrap_or(b' ');
    if let Some(uuid) = uuid(text) {
        return Literal::Uuid(uuid);
    }
    if let Some(mac) = mac(text) {
        return Literal::Mac(mac);
    }
    if (first.is_ascii_hexdigit() || first == b':')
        && text.contains([':', '.'])
        && let Some(literal) = address(text)
    {
        return literal;
    }
    if first == b'v'
        && text.contains('.')
        && let Some(version) = Version::parse(text)
    {
        return Literal::Version(version);
    }
    if (first.is_ascii_digit() || (first == b'-' && text.len() > 1))
        && let Some(number) = number(text)
    {
        return number;
    }
    match text {
        "true" => Literal::Bool(true),
        "false" => Literal::Bool(false),
        _ => Literal::Name,
    }
}

fn number(text: &str) -> Option<Literal> {
    if let Some(nanos) = duration(text) {
        return Some(Literal::Duration(nanos));
    }
    if let Some(size) = size(text) {
        return Some(Literal::Size(size));
    }
    if let Some((digits, unit)) = text.split_at_checked(text.len() - 1)
        && matches!(unit, "K" | "M" | "G" | "T" | "k")
        && decimal(digits).is_some()
    {
        return Some(Literal::LooseSize(digits.into(), unit.chars().next()?));
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok().map(Literal::Octal);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        let canonical = digits == "0" || !digits.starts_with('0');
        return canonical.then(|| text.parse().ok().map(Literal::Int)).flatten();
    }
    decimal(digits).map(|()| Literal::Decimal(text.into()))
}

fn decimal(text: &str) -> Option<()> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction)).then_some(())
}

fn uuid(text: &str) -> Option<Text> {
    is_uuid(text).then(|| text.to_ascii_lowercase().into())
}

fn mac(text: &str) -> Option<Text> {
    let bytes = text.as_bytes();
    let fits = bytes.len() == 17
        && bytes.iter().enumerate().all(|(i, b)| if i % 3 == 2 { *b == b':' } else { b.is_ascii_hexdigit() });
    fits.then(|| text.to_ascii_lowercase().into())
}

/// An address, perhaps with `/n`.
pub(super) fn address(text: &str) -> Option<Literal> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let ip: IpAddr = if address.contains(':') {
        address.parse::<Ipv6Addr>().ok()?.into()
    } else {
        address.parse::<Ipv4Addr>().ok()?.into()
    };
    let Some(prefix) = prefix else { return Some(Literal::Ip(ip)) };
    let longest = if ip.is_ipv4() { 32 } else { 128 };
    let canonical = prefix == "0" || !prefix.starts_with('0');
    let length: u8 = prefix.parse().ok().filter(|&n| n <= longest && canonical)?;
    Some(Literal::Prefixed(ip, length))
}

/// `8GiB`, `1.5GB`: exact in bytes.
pub(super) fn size(text: &str) -> Option<Size> {
    let digits = text.find(|c: char| c.is_ascii_alphabetic())?;
    let unit = SizeUnit::of(&text[digits..])?;
    let bytes = scaled(&text[..digits], unit.bytes())?;
    Some(Size { bytes, text: text.into() })
}

/// A decimal number times a whole one, if the result is whole.
fn scaled(number: &str, by: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty()
        || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        || fraction.len() > 9
    {
        return None;
    }
    let scale = 10u128.checked_pow(fraction.len() as u32)?;
    let value: u128 = format!("{whole}{fraction}").parse().ok()?;
    let product = value.checked_mul(u128::from(by))?;
    (product % scale == 0).then(|| u64::try_from(product / scale).ok()).flatten()
}

/// `1h30m`, `500ms`, `1.5h` in nanoseconds, as Go reads it; units from long to short.
pub(super) fn duration(text: &str) -> Option<i64> {
    const UNITS: &[(&str, u64)] = &[
        ("h", 3_600_000_000_000),
        ("ms", 1_000_000),
        ("m", 60_000_000_000),
        ("us", 1_000),
        ("ns", 1),
        ("s", 1_000_000_000),
    ];
    let (negative, mut rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if rest.is_empty() {
        return None;
    }
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (unit, nanos) = UNITS.iter().find(|(unit, _)| {
            rest[digits..]
                .strip_prefix(unit)
                .is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphabetic()))
        })?;
        let part = scaled(&rest[..digits], *nanos)?;
        total = total.checked_add(i64::try_from(part).ok()?)?;
        rest = &rest[digits + unit.len()..];
    }
    Some(if negative { -total } else { total })
}

/// A duration as Go writes it: `12h0m0s`, shortened to the units that are not zero at the end (`12h`, `1h30m`).
pub fn show_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let mut rest = nanos.unsigned_abs();
    let mut out = String::from(sign);
    for (unit, size) in [
        ("h", 3_600_000_000_000u64),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
    ] {
        let n = rest / size;
        if n > 0 {
            out.push_str(&format!("{n}{unit}"));
            rest %= size;
        }
    }
    if out.len() == sign.len() { "0s".to_string() } else { out }
}

/// Whether a text could be read as a literal other than a name.
pub fn is_name(text: &str) -> bool {
    classify(text) == Literal::Name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_classes() {
        assert!(matches!(classify("430d882a-51a8-48b3-ab00-d4b5b0b5b0b0"), Literal::Uuid(_)));
        assert!(matches!(classify("bc:24:11:e6:ff:7b"), Literal::Mac(_)));
        assert!(matches!(classify("fe80::1/64"), Literal::Prefixed(_, 64)));
        assert!(matches!(classify("10.0.0.1"), Literal::Ip(_)));
        assert!(matches!(classify("v1.13.7"), Literal::Version(_)));
        assert_eq!(classify("1h30m"), Literal::Duration(5_400_000_000_000));
        assert!(matches!(classify("8GiB"), Literal::Size(Size { bytes: 8_589_934_592, .. })));
        assert!(matches!(classify("8G"), Literal::LooseSize(_, 'G')));
        assert_eq!(classify("0o644"), Literal::Octal(0o644));
        assert!(matches!(classify("0.5"), Literal::Decimal(_)));
        assert_eq!(classify("-5"), Literal::Int(-5));
        for name in ["x86-64-v2-AES", "nvidia", "v1", "1password", "10.0.0.256", "08", "802.3ad", "true-ish"]
        {
            assert_eq!(classify(name), Literal::Name, "{name}");
        }
    }

    #[test]
    fn durations_show_as_go_reads_them() {
        assert_eq!(show_duration(duration("90m").unwrap()), "1h30m");
        assert_eq!(show_duration(duration("1.5h").unwrap()), "1h30m");
        assert_eq!(show_duration(0), "0s");
        assert_eq!(duration("1d"), None);
        assert_eq!(duration("500ms"), Some(500_000_000));
    }
}

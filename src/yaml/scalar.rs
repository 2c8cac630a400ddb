//! What a plain scalar means, by Go's YAML library (`go.yaml.in/yaml`, `resolver.go`).

use crate::text::Text;
use crate::tree::Value;

/// Why the value of a plain scalar cannot be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// An infinity, what is not a number, or a whole number above the largest.
    Number,
    /// A date, which is carried as a point in time and arrives as another text.
    Date,
}

/// The value of a plain scalar.
pub(super) fn plain(text: &str) -> Result<Value, Odd> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "-0" | "-0.0" => Value::Decimal(Text::new_static("-0.0")),
        _ if is_special(text) => return Err(Odd::Number),
        _ => match text.as_bytes()[0] {
            // Not a number that other characters than digits and signs begin; here `_` is a letter.
            b'.' => decimal(text).unwrap_or_else(|| Value::Str(Text::new(text))),
            b'0'..=b'9' | b'+' | b'-' => return number(text),
            _ => Value::Str(Text::new(text)),
        },
    })
}

/// Infinities and what is not a number.
fn is_special(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Whether a plain word is a boolean where one is expected, and text elsewhere.
pub(super) fn is_loose_boolean(text: &str) -> bool {
    ["yes", "no", "on", "off"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// What begins with a digit or a sign: a date, a whole number, a decimal one, or text. `_` stands anywhere in a number.
fn number(text: &str) -> Result<Value, Odd> {
    if is_date(text) {
        return Err(Odd::Date);
    }
    let digits = text.replace('_', "");
    match int(&digits) {
        Some(Ok(int)) => Ok(Value::Int(int)),
        Some(Err(odd)) => Err(odd),
        None => Ok(decimal(&digits).unwrap_or_else(|| Value::Str(Text::new(text)))),
    }
}

/// A whole number, as `strconv.ParseInt` reads it with base 0. `None` if it is none, or too large for any.
fn int(text: &str) -> Option<Result<i64, Odd>> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(two) if two.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.starts_with(['-', '+']) {
        return None;
    }
    if let Ok(int) = i64::from_str_radix(&format!("{sign}{digits}"), radix) {
        return Some(Ok(int));
    }
    let signed = text.starts_with(['-', '+']);
    (!signed && u64::from_str_radix(digits, radix).is_ok()).then_some(Err(Odd::Number))
}

/// A decimal number as it can be written again: digits on both sides of the point. What is too large for a float is text.
/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn decimal(text: &str) -> Option<Value> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (number, exponent) = rest.find(['e', 'E']).map_or((rest, ""), |at| rest.split_at(at));
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let power = exponent.get(1..).map(|power| power.strip_prefix(['-', '+']).unwrap_or(power));
    if !digits(whole)
        || !digits(part)
        || !number.contains(|c: char| c.is_ascii_digit())
        || power.is_some_and(|power| power.is_empty() || !digits(power))
    {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let part = if part.is_empty() { "0" } else { part };
    let text = format!("{sign}{whole}.{part}{exponent}");
    text.parse::<f64>().is_ok_and(f64::is_finite).then(|| Value::Decimal(text.into()))
}

/// Whether `time.Parse` takes it in one of the four forms that the library tries: a day, or a day with a time and a zone behind a
/// `T`, or with a time alone behind blanks.
fn is_date(text: &str) -> bool {
    let mut scan = Scan(text.as_bytes());
    let Some(year) = scan.digits(4) else { return false };
    let Some((month, day)) = scan.day() else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 31,
    };
    if month == 0 || day == 0 || day > last {
        return false;
    }
    match scan.0.first() {
        None => true,
        Some(b'T' | b't') => {
            scan.0 = &scan.0[1..];
            scan.time().and_then(|()| scan.zone()).is_some() && scan.0.is_empty()
        }
        Some(b' ') => {
            scan.0 = scan.0.trim_ascii_start();
            scan.time().is_some() && scan.0.is_empty()
        }
        Some(_) => false,
    }
}

/// What is left of a date.
struct Scan<'t>(&'t [u8]);

impl Scan<'_> {
    /// Exactly so many digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
    }
    /// One digit or two, up to a number.
    fn number(&mut self, most: u32) -> Option<u32> {
        let two = self.0.get(1).is_some_and(u8::is_ascii_digit);
        self.digits(if two { 2 } else { 1 }).filter(|number| *number <= most)
    }
    fn sign(&mut self, any: &[u8]) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        any.contains(first).then_some(())
    }
    /// Month and day.
    fn day(&mut self) -> Option<(u32, u32)> {
        self.sign(b"-")?;
        let month = self.number(12)?;
        self.sign(b"-")?;
        Some((month, self.number(31)?))
    }
    /// Hour, minute, second, and a part of it.
    fn time(&mut self) -> Option<()> {
        self.number(23)?;
        self.sign(b":")?;
        self.number(59)?;
        self.sign(b":")?;
        self.number(59)?;
        if matches!(self.0, [b'.' | b',', b'0'..=b'9', ..]) {
            let end = self.0[1..].iter().position(|b| !b.is_ascii_digit()).map_or(self.0.len(), |at| at + 1);
            self.0 = &self.0[end..];
        }
        Some(())
    }
    fn zone(&mut self) -> Option<()> {
        if self.0.first() == Some(&b'Z') {
            self.0 = &self.0[1..];
            return Some(());
        }
        self.sign(b"+-")?;
        self.digits(2).filter(|hours| *hours <= 24)?;
        self.sign(b":")?;
        self.digits(2).filter(|minutes| *minutes <= 60)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, int) in [
            ("0644", 420),
            ("0x1F", 31),
            ("1_000", 1000),
            ("-_1", -1),
            ("0b1_0", 2),
            ("0O7", 7),
            ("+0x1f", 31),
            ("-9223372036854775808", i64::MIN),
            ("00", 0),
        ] {
            assert_eq!(plain(text), Ok(Value::Int(int)), "{text}");
        }
        for (text, decimal) in [
            ("1.50", "1.50"),
            (".5", "0.5"),
            ("1_0.5", "10.5"),
            ("08", "08.0"),
            ("1e3", "1.0e3"),
            ("-0", "-0.0"),
            ("123456789012345678901", "123456789012345678901.0"),
        ] {
            assert_eq!(plain(text), Ok(Value::Decimal(decimal.into())), "{text}");
        }
        for text in [
            "1e400", "_1", "._5", "0x", "1e", "+", "-", "--1", "+-1", "0x-1", "1.2.3", ".", "22:22", "-.nan",
            "0o8", "é",
        ] {
            assert_eq!(plain(text), Ok(Value::Str(text.into())), "{text}");
        }
        for text in [".inf", "+.Inf", "-.INF", ".NaN", "18446744073709551615", "0xFFFFFFFFFFFFFFFF"] {
            assert_eq!(plain(text), Err(Odd::Number), "{text}");
        }
    }

    #[test]
    fn dates() {
        for text in [
            "2026-11-21",
            "2026-1-2",
            "2024-02-29",
            "2026-11-21T10:00:00Z",
            "2026-11-21t1:2:3.5-05:00",
            "2026-11-21 10:00:00",
            "2026-11-21  10:00:00,25",
        ] {
            assert_eq!(plain(text), Err(Odd::Date), "{text}");
        }
        for text in [
            "2026-13-01",
            "2026-02-29",
            "2026-11-21x",
            "26-11-21",
            "2026-11",
            "2026-11-21T10:00:00",
            "2026-11-21 10:00",
            "2026-11-21T24:00:00Z",
        ] {
            assert_eq!(plain(text), Ok(Value::Str(text.into())), "{text}");
        }
    }
}

//! What strings and names must look like: one row a shape.

use crate::schema::Shape;

/// Why a text does not have a shape; `None` if it does.
pub fn misfit(shape: Shape, text: &str) -> Option<String> {
    let why = |ok: bool, reason: &str| if ok { None } else { Some(reason.to_string()) };
    match shape {
        Shape::Any => None,
        Shape::Line => {
            why(!text.is_empty() && !text.contains(['\n', '\r']), "it must be one line and not empty")
        }
        Shape::Hostname => hostname(text),
        Shape::DnsLabel => why(
            dns_label(text),
            "it must be at most 63 lower-case letters, digits and `-`, and begin and end with a letter or digit",
        ),
        Shape::DnsSubdomain => why(
            text.len() <= 253 && text.split('.').all(dns_label),
            "it must be made of lower-case letters, digits, `-` and `.`, at most 253 characters",
        ),
        Shape::LabelKey => label_key(text),
        Shape::LabelValue => why(
            text.is_empty() || qualified(text),
            "a label value is at most 63 letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit",
        ),
        Shape::SetName => why(set_name(text), "the name of a set is made of letters, digits, `-` and `_`"),
        Shape::ClusterName => why(
            !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'),
            "the name of a cluster is made of letters, digits, `-` and `_`",
        ),
        Shape::Taint => taint(text),
        Shape::LinkName => why(
            !text.is_empty() && text.len() <= 15 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/'),
            "an interface name has 1 to 15 characters and no `/`",
        ),
        Shape::Path => {
            why(text.starts_with('/') && !text.contains(['\n', '\0']), "it must be an absolute path")
        }
        Shape::Url => why(
            text.strip_prefix("http://")
                .or(text.strip_prefix("https://"))
                .is_some_and(|rest| !rest.is_empty() && !text.contains(char::is_whitespace)),
            "it must be an http or https URL",
        ),
        Shape::Module => why(
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')),
            "a module name is made of letters, digits, `_` and `-`",
        ),
        Shape::Sysctl => why(
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/*".contains(&b)),
            "it must be a dotted name of letters, digits, `_` and `-`",
        ),
        Shape::KernelArg => why(
            !text.is_empty() && !text.chars().any(|c| c.is_control()),
            "a kernel argument is one line and not empty",
        ),
    }
}

/// The text with the fewest changes that has the shape: what does not fit becomes `-`, upper case lower where it must.
pub(super) fn nearest(shape: Shape, text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let swap = |text: &str, kept: &str| -> String {
        let mut out = String::new();
        for c in text.chars() {
            if c.is_ascii_alphanumeric() || kept.contains(c) {
                out.push(c);
            } else if !out.ends_with('-') {
                out.push('-');
            }
        }
        out.trim_matches(['-', '_', '.']).to_string()
    };
    let tries = [swap(text, "-_./"), swap(text, "-_"), swap(&lower, "-./"), swap(&lower, "-")];
    tries.into_iter().find(|name| !name.is_empty() && misfit(shape, name).is_none())
}

fn set_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn dns_label(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn qualified(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    text.len() <= 63
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && edge(text.bytes().next())
        && edge(text.bytes().next_back())
}

fn hostname(text: &str) -> Option<String> {
    if text.is_empty() || text.len() > 253 {
        return Some("a host name has 1 to 253 characters".into());
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if text.split('.').all(label) {
        return None;
    }
    Some("each part of a host name is 1 to 63 letters, digits and `-`, and begins and ends with a letter or digit".into())
}

fn label_key(text: &str) -> Option<String> {
    let (prefix, name) = text.rsplit_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    if prefix.is_some_and(|prefix| prefix.len() > 253 || !prefix.split('.').all(dns_label)) {
        return Some("the part before `/` must be a DNS name in lower case".into());
    }
    if qualified(name) {
        return None;
    }
    Some(
        "a label key is `name` or `prefix/name`; the name is at most 63 letters, digits, `-`, `_` and `.`"
            .into(),
    )
}

fn taint(text: &str) -> Option<String> {
    let (value, effect) = text.rsplit_once(':').unwrap_or(("", text));
    if !matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
        return Some(
            "a taint ends in `NoSchedule`, `PreferNoSchedule` or `NoExecute`: `\"value:NoSchedule\"`".into(),
        );
    }
    if value.is_empty() || qualified(value) {
        None
    } else {
        Some("the value of a taint is at most 63 letters, digits, `-`, `_` and `.`".into())
    }
}

//! What strings and names must look like: one row a shape.

use crate::schema::Shape;

/// Why a text does not have a shape; `None` if it does.
pub fn misfit(shape: Shape, text: &str) -> Option<String> {
    let why = |ok: bool, reason: &str| if ok { None } else { Some(reason.to_string()) };
    match shape {
        // What an expression says is judged where its place is known.
        Shape::Any | Shape::Cel(_) => None,
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
        Shape::Registry => why(
            registry(text),
            "a registry is a host name or an address, perhaps with a port, without a scheme or a path; `*` is every other one",
        ),
        Shape::ExtensionImage => why(
            extension_image(text),
            "it is what the Image Factory calls it, such as `siderolabs/iscsi-tools`, without a registry and without a tag",
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
        Shape::TimeServer => why(
            is_host(text) || text.starts_with("/dev/"),
            "a time server is a host name or an address, without a scheme or a port; a PTP clock is a path under `/dev`",
        ),
        Shape::CertName => why(
            is_host(text.strip_prefix("*.").unwrap_or(text)),
            "a name in a certificate is a host name, perhaps with `*` for its first part, or an address, without a scheme or a port",
        ),
        Shape::ArgName => why(
            !text.is_empty() && !text.starts_with('-') && !text.contains(['=', ' ', '\t', '\n']),
            "an argument is written by its name, without `--`, and its value after `=`",
        ),
    }
}

/// The text that was meant by one that lacks a shape, where there is no doubt: a name without the dashes before it, a host without
/// the scheme and port around it.
fn unwrapped(shape: Shape, text: &str) -> Option<String> {
    let bare = match shape {
        Shape::ArgName => text.trim_start_matches('-'),
        Shape::TimeServer | Shape::CertName => {
            let rest = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
            match rest.rsplit_once(':') {
                Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
                    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
                }
                _ => rest,
            }
        }
        _ => return None,
    };
    misfit(shape, bare).is_none().then(|| bare.to_owned())
}

/// A host name, with the `_` and the last dot that name servers take, or an address.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    text.parse::<std::net::IpAddr>().is_ok() || text.len() <= 254 && name.split('.').all(label)
}

/// The text with the fewest changes that has the shape: what does not fit becomes `-`, upper case lower where it must. Hosts and
/// names of arguments only lose what stands around them.
pub(super) fn nearest(shape: Shape, text: &str) -> Option<String> {
    if matches!(shape, Shape::ArgName | Shape::TimeServer | Shape::CertName | Shape::Registry) {
        return unwrapped(shape, text);
    }
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

fn registry(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    text == "*" || is_host(host) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

fn extension_image(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    text.split_once('/').is_some_and(|(owner, name)| {
        word(owner) && !owner.contains('.') && owner != "localhost" && name.split('/').all(word)
    })
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

#[cfg(test)]
mod tests {
    use super::{misfit, nearest};
    use crate::schema::Shape;

    #[test]
    fn hosts_names_in_certificates_and_arguments() {
        for (shape, text, fits) in [
            (Shape::TimeServer, "time.cloudflare.com", true),
            (Shape::TimeServer, "ntp_1.lan.", true),
            (Shape::TimeServer, "192.168.1.1", true),
            (Shape::TimeServer, "fd00::1", true),
            (Shape::TimeServer, "/dev/ptp0", true),
            (Shape::TimeServer, "ntp://time.cloudflare.com", false),
            (Shape::TimeServer, "time.cloudflare.com:123", false),
            (Shape::TimeServer, "a b", false),
            (Shape::TimeServer, "", false),
            (Shape::CertName, "*.example.com", true),
            (Shape::CertName, "10.0.0.1", true),
            (Shape::CertName, "10.0.0.1/24", false),
            (Shape::CertName, "a.*.example.com", false),
            (Shape::CertName, "https://k8s.example.com:6443", false),
            (Shape::ArgName, "feature-gates", true),
            (Shape::ArgName, "--feature-gates", false),
            (Shape::ArgName, "v=4", false),
        ] {
            assert_eq!(misfit(shape, text).is_none(), fits, "{text}");
        }
    }

    #[test]
    fn what_was_meant() {
        for (shape, text, expected) in [
            (Shape::TimeServer, "ntp://time.cloudflare.com:123/", Some("time.cloudflare.com")),
            (Shape::CertName, "https://[fd00::1]:6443", Some("fd00::1")),
            (Shape::CertName, "10.0.0.1/24", None),
            (Shape::ArgName, "--v", Some("v")),
            (Shape::ArgName, "--v=4", None),
            (Shape::Path, "dev/sda", None),
        ] {
            assert_eq!(nearest(shape, text).as_deref(), expected, "{text}");
        }
    }
}

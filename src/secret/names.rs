//! Names that say that what follows is secret.

use super::harmless::{is_random, stands_in};

/// The ends of names whose values are passwords: whatever somebody chose.
const CHOSEN: &[&str] = &["password", "passwd", "passphrase", "pwd"];

/// The ends of names whose values are made by machines. Objects are referred to under such names too, so that the value must look
/// like nothing that people write.
const MADE: &[&str] = &[
    "token",
    "secret",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "privkey",
    "authkey",
    "presharedkey",
    "psk",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "clientkey",
    "clientkeydata",
    "sharedkey",
    "sharedaccesskey",
    "accountkey",
    "licensekey",
    "storagekey",
    "jointoken",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "secretbox",
];

/// How messages call what a name says.
pub(super) const BY_NAME: &str = "a value that is a secret by its name";

/// Fields of configuration that are secret, by what they stand in and their own name: for texts that nobody has read as a configuration.
/// A test holds it to the table of places.
const PLACES: &[(&str, &str)] = &[
    ("machine", "token"),
    ("cluster", "token"),
    ("cluster", "secret"),
    ("cluster", "aescbcEncryptionSecret"),
    ("cluster", "secretboxEncryptionSecret"),
    ("ca", "key"),
    ("aggregatorCA", "key"),
    ("serviceAccount", "key"),
    ("issuingCA", "key"),
    ("clientIdentity", "key"),
    ("auth", "auth"),
    ("auth", "identityToken"),
    ("auth", "password"),
    ("RegistryAuthConfig", "auth"),
    ("RegistryAuthConfig", "identityToken"),
    ("RegistryAuthConfig", "password"),
    ("SideroLinkConfig", "apiUrl"),
    ("SideroLinkConfig", "uniqueToken"),
    ("issuer", "privateKey"),
    ("wireguard", "privateKey"),
    ("WireguardConfig", "privateKey"),
    ("peers", "presharedKey"),
    ("static", "passphrase"),
    ("hcloud", "apiToken"),
    ("equinixMetal", "apiToken"),
    ("HCloudVIPConfig", "apiToken"),
    ("DiscoveryIdentityConfig", "clusterSecret"),
];

/// Fields of configuration all of which is secret.
const WHOLE: &[(&str, &str)] = &[
    ("KubeEtcdEncryptionConfig", "config"),
    ("cluster", "extraManifestHeaders"),
    ("KubeExternalManifestConfig", "headers"),
];

/// Headers of HTTP that carry no secret.
const HEADERS: &[&str] =
    &["accept", "user-agent", "content-type", "host", "cache-control", "accept-encoding", "accept-language"];

/// Whether a field is known to be secret by its place: its name, and the names of what it stands in, the innermost first.
pub fn at_place(name: &str, inside: &[&str]) -> bool {
    // Between the two may stand the name of an element.
    let beside =
        |(outer, field): &(&str, &str)| *field == name && inside.iter().take(2).any(|name| name == outer);
    let whole = |(outer, field): &(&str, &str)| {
        let at = inside.iter().position(|name| name == field);
        at.is_some_and(|at| inside[at + 1..].contains(outer))
    };
    PLACES.iter().chain(WHOLE).any(beside) || WHOLE.iter().any(whole) && !is_harmless_header(name)
}

/// Whether some field of this name is secret.
pub(super) fn is_of_place(name: &str) -> bool {
    PLACES.iter().any(|(_, field)| *field == name)
}

/// Whether a text names a place all of which is secret.
pub(super) fn any_whole_place(text: &str) -> bool {
    WHOLE.iter().any(|(outer, field)| text.contains(field) && text.contains(outer))
}

/// Which letter may stand before the last one of those names, as bits of their lower six, by the last one: two letters tell nearly
/// every other name.
const ENDS: [u64; 256] = {
    let mut ends = [0; 256];
    let mut lists: &[&[&str]] = &[CHOSEN, MADE];
    while let [list, rest @ ..] = lists {
        let mut at = 0;
        while at < list.len() {
            let name = list[at].as_bytes();
            ends[name[name.len() - 1] as usize] |= 1 << (name[name.len() - 2] & 63);
            at += 1;
        }
        lists = rest;
    }
    ends
};

/// A first look at a name.
fn may_end(name: &str) -> bool {
    let mut letters =
        name.bytes().rev().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    let (Some(last), Some(before)) = (letters.next(), letters.next()) else { return false };
    ENDS[last as usize] >> (before & 63) & 1 == 1
}

/// Whether a value of some name may be secret.
pub(super) fn may_be(name: &str) -> bool {
    if !may_end(name) {
        return false;
    }
    let mut squeezed = [0; 24];
    let end = squeeze(name, &mut squeezed);
    CHOSEN.iter().chain(MADE).any(|known| end.ends_with(known.as_bytes()))
}

/// Whether a header of HTTP carries no secret, by its name.
pub fn is_harmless_header(name: &str) -> bool {
    HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// What a value is if the name before it says that it is secret.
pub fn named(name: &str, value: &str) -> Option<&'static str> {
    if !may_end(name) {
        return None;
    }
    let mut squeezed = [0; 24];
    let end = squeeze(name, &mut squeezed);
    let ends = |list: &[&str]| list.iter().any(|known| end.ends_with(known.as_bytes()));
    let value = value.trim();
    // What is encrypted may be seen by everyone.
    if end.windows(9).any(|part| part == b"encrypted") {
        return None;
    }
    if ends(CHOSEN) {
        let prose = value.contains([' ', '\n']);
        return (!prose && !stands_in(value)).then_some(BY_NAME);
    }
    if !ends(MADE) {
        return None;
    }
    // What authorizes has a word before it.
    let (made, scheme) = match value.split_once(' ') {
        Some(("Bearer" | "bearer" | "Basic" | "basic" | "Token" | "token", rest)) => (rest, true),
        _ => (value, false),
    };
    // The value of a variable is itself what it is called, but for objects, which variables may name.
    let variable = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let named = variable
        && made.len() >= 6
        && !["secret", "credential", "credentials"].iter().any(|of| end.ends_with(of.as_bytes()));
    // No name of an object is so long without a hyphen.
    let long = made.len() >= 12 && made.bytes().all(|b| b.is_ascii_alphanumeric());
    let odd = made.len() >= 8 && made.contains(['+', '=', '!', '%', '^', '&', '*', '#', '$', '@']);
    let secret = named || is_random(made) || odd || (variable || scheme) && long;
    let text = made.contains(char::is_whitespace) || made.contains("://") || is_number_like(made);
    (secret && !text && !stands_in(made)).then_some(BY_NAME)
}

/// Numbers, times and addresses: digits with a few letters.
fn is_number_like(value: &str) -> bool {
    value.len() < 16
        && value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'-' | b'T' | b'Z'))
}

/// The end of a name in lower case and without what stands between its words.
fn squeeze<'b>(name: &str, buffer: &'b mut [u8; 24]) -> &'b [u8] {
    let mut at = buffer.len();
    for byte in name.bytes().rev().filter(u8::is_ascii_alphanumeric) {
        if at == 0 {
            break;
        }
        at -= 1;
        buffer[at] = byte.to_ascii_lowercase();
    }
    &buffer[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_secret() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("db.password", "hunter2"),
            ("registryPassword", "s3cr3t!"),
            ("CLOUD_API_TOKEN", "abcdefghijklmnop"),
            ("api-token", "a1b2c3d4e5f6a7b8"),
            ("PrivateKey", "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="),
            ("Authorization", "Bearer abcdefghijklmnop"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY"),
        ] {
            assert!(named(name, value).is_some(), "{name} {value}");
        }
        for (name, value) in [
            ("secretName", "wildcard-tls-0123456789"),
            ("secret", "longhorn-crypto"),
            ("TLS_SECRET", "wildcard-tls"),
            ("tokenTTL", "24h0m0s"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("password", "${DB_PASSWORD}"),
            ("TOKEN", "https://issuer.internal/token12345"),
            ("key", "nvidia.com/gpu"),
            ("API_TOKEN", "REPLACE-ME"),
            ("message", "the password is wrong"),
        ] {
            assert_eq!(named(name, value), None, "{name} {value}");
        }
    }

    #[test]
    fn places_are_known_without_a_table() {
        let at = at_place;
        assert!(at("token", &["machine"]) && !at("token", &["metadata", "labels", "machine"]));
        assert!(at("key", &["ca", "machine"]) && !at("key", &["tolerations", "spec"]));
        assert!(at("secretbox", &["providers", "config", "KubeEtcdEncryptionConfig"]));
        assert!(
            at("X-Any", &["extraManifestHeaders", "cluster"])
                && !at("Accept", &["extraManifestHeaders", "cluster"])
        );
    }
}

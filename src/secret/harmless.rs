//! What stands where a secret would, and is none: placeholders, references, encrypted values.

/// What a placeholder has in it, in lower case.
const WORDS: &[&str] = &[
    "xxxx",
    "replace",
    "example",
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "redacted",
    "hidden",
    "dummy",
    "todo",
    "fixme",
    "insert",
    "your-",
    "your_",
    "not-a-secret",
    "notasecret",
    "****",
    "....",
    "…",
    "${",
    "{{",
    "$(",
    "<",
];

/// How values begin that are kept elsewhere, or encrypted.
const BEGINNINGS: &[&str] = &[
    "enc[",
    "/",
    "./",
    "file:",
    "vault:",
    "env:",
    "ref+",
    "op://",
    "awskms:",
    "arn:",
    "-----begin age encrypted",
];

/// Whether a value stands in for a secret: a placeholder, a path, a reference, a text that is encrypted.
pub fn stands_in(value: &str) -> bool {
    let value = value.trim();
    let first = value.chars().next();
    if value.len() < 3 || value.chars().all(|c| Some(c) == first) {
        return true;
    }
    if matches!(value, "true" | "false" | "null" | "none" | "password" | "passwd" | "secret" | "token") {
        return true;
    }
    let begins = |with: &&&str| value.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    BEGINNINGS.iter().any(|with| begins(&with)) || WORDS.iter().any(|word| holds(value, word))
}

/// Whether a text has a word in it, in upper or lower case.
fn holds(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|piece| piece.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a value looks like one that nobody chose: no words with hyphens, no name of a host or of an object.
pub(super) fn is_random(value: &str) -> bool {
    let segment = |piece: &str| {
        let has = |of: fn(&u8) -> bool| piece.as_bytes().iter().any(of);
        let (upper, lower) = (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase));
        let mixed = (upper || lower) && has(u8::is_ascii_digit) || upper && lower;
        piece.len() >= 8 && mixed || piece.len() >= 20
    };
    value.split(['-', '_', '.', ':']).any(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_is_told_from_secrets() {
        for fine in [
            "xxxx-xxxx",
            "REPLACE-ME",
            "AKIAIOSFODNN7EXAMPLE",
            "ENC[AES256_GCM,data:abc]",
            "${TOKEN}",
            "{{ .Values.token }}",
            "$(cat token)",
            "<token>",
            "/run/secrets/token",
            "true",
            "00000000",
        ] {
            assert!(stands_in(fine), "{fine}");
        }
        for secret in ["hunter2", "abcdef.0123456789abcdef", "correct horse battery staple"] {
            assert!(!stands_in(secret), "{secret}");
        }
        for fine in ["longhorn-crypto", "my-tls-secret", "registry.internal.lan"] {
            assert!(!is_random(fine), "{fine}");
        }
        for secret in ["a1b2c3d4e5f6", "abcdef.0123456789abcdef", "wJalrXUtnFEMIK7MDENG"] {
            assert!(is_random(secret), "{secret}");
        }
    }
}

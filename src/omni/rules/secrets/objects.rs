//! Secrets in objects of Kubernetes.

use super::{FileId, Lowering, Map, Node, Span, Value, found, name_of, of_text, shape_of, value_place};
use crate::secret::{is_harmless_key, stands_in};
use crate::talos::lower::Stands;

/// Where `kubectl apply` keeps the whole object once more, as text.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The beginning of a certificate in base64.
const CERTIFICATE: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS";

/// An object, or a list of objects. `whole` is the place if it has none of its own. Gives whether there is a secret in it.
pub(in crate::omni::rules) fn object(
    lowering: &mut Lowering<'_, '_>,
    node: &Node,
    whole: Option<Span>,
) -> bool {
    Objects { lowering, whole, found: false }.of_kind(node, false)
}

/// Objects in a text inside of a value: their own places are unknown.
pub(super) fn inside(lowering: &mut Lowering<'_, '_>, text: &str, at: Span) -> bool {
    Objects { lowering, whole: Some(at), found: false }.text(text)
}

/// The keys in a text that is written as it stands.
pub(in crate::omni::rules) fn text(lowering: &mut Lowering<'_, '_>, text: &str, stands: Stands) {
    let Some((what, secret)) = of_text(None, text) else { return };
    let start = secret.as_ptr() as usize - text.as_ptr() as usize;
    let at = match stands {
        Stands::Value(whole) => value_place(lowering, whole, Some(secret)),
        Stands::File(file) => Span { file, start: start as u32, end: (start + secret.len()) as u32 },
    };
    lowering.report(found(at, what, secret));
}

struct Objects<'o, 'f, 'a> {
    lowering: &'o mut Lowering<'f, 'a>,
    whole: Option<Span>,
    found: bool,
}

impl Objects<'_, '_, '_> {
    fn text(&mut self, text: &str) -> bool {
        let stream = crate::yaml::read(text, FileId(0), &mut |_| crate::tree::Origin::NONE);
        for document in &stream.documents {
            self.of_kind(document, false);
        }
        self.found
    }

    /// An object; `secret` if it is one of a list of Secrets, which need not say so.
    fn of_kind(&mut self, node: &Node, secret: bool) -> bool {
        let kind = node.at(&["kind"]).and_then(Node::as_str);
        if let Some(items) = node.at(&["items"]).and_then(Node::as_seq) {
            for item in items {
                self.of_kind(item, kind == Some("SecretList"));
            }
        } else {
            let secret = kind == Some("Secret") || secret && kind.is_none();
            self.fields(node, secret.then(|| name(node)).as_deref());
        }
        self.found
    }

    /// All of an object but what a Secret holds, and then that; `secret` is the name of the Secret.
    fn fields(&mut self, node: &Node, secret: Option<&str>) {
        let Some(map) = node.as_map() else { return self.free(node, None) };
        for (key, node) in map.iter() {
            match secret.filter(|_| matches!(key.as_str(), "data" | "stringData")) {
                Some(secret) => self.data(node, secret),
                None => self.free(node, Some(name_of(map, key))),
            }
        }
    }

    /// The values of a Secret.
    fn data(&mut self, node: &Node, secret: &str) {
        for (key, value) in node.as_map().into_iter().flat_map(Map::iter) {
            let number;
            let text = match &value.value {
                Value::Str(text) | Value::Decimal(text) => text.as_str(),
                Value::Int(value) => {
                    number = value.to_string();
                    &number
                }
                _ => continue,
            };
            if let Some((what, secret)) = of_text(None, text) {
                self.report(value, what, secret);
            } else if !is_harmless(key, text) {
                self.report(value, &format!("a value of the Kubernetes Secret `{secret}`"), text);
            }
        }
    }

    /// What is no Secret: texts that say themselves what they are, or whose names do.
    fn free(&mut self, node: &Node, name: Option<&str>) {
        match &node.value {
            Value::Map(map) => {
                // What is in a SealedSecret is encrypted.
                for (key, inner) in map.iter().filter(|(key, _)| *key != "encryptedData") {
                    shape_of(self.lowering, key, inner, self.whole);
                    self.free(inner, Some(name_of(map, key)));
                }
            }
            Value::Seq(items) => items.iter().for_each(|item| self.free(item, None)),
            Value::Str(text) if name == Some(LAST_APPLIED) => {
                let whole = self.whole.or_else(|| self.lowering.origins.span(node.origin));
                let mut inner = Objects { lowering: &mut *self.lowering, whole, found: false };
                self.found |= inner.text(text);
            }
            Value::Str(text) => {
                if let Some((what, secret)) = of_text(name, text) {
                    self.report(node, what, secret);
                }
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => {}
        }
    }

    fn report(&mut self, node: &Node, what: &str, secret: &str) {
        self.found = true;
        if let Some(at) = self.whole.or_else(|| self.lowering.origins.span(node.origin)) {
            let at = value_place(self.lowering, at, Some(secret));
            self.lowering.report(found(at, what, secret));
        }
    }
}

fn name(node: &Node) -> String {
    node.at(&["metadata", "name"]).and_then(Node::as_str).unwrap_or_default().to_owned()
}

/// Whether a value of a Secret tells only what it is for, or stands in for one.
fn is_harmless(key: &str, text: &str) -> bool {
    let certificate =
        text.starts_with(CERTIFICATE) || text.trim_start().starts_with("-----BEGIN CERTIFICATE");
    is_harmless_key(key)
        || certificate
        || stands_in(text)
        || decoded(text).is_some_and(|text| stands_in(&text))
}

/// A text in base64, if that is text.
fn decoded(text: &str) -> Option<String> {
    let (mut bits, mut held, mut out) = (0u32, 0, Vec::new());
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    String::from_utf8(out).ok().filter(|text| text.chars().all(|c| !c.is_control() || c == '\n'))
}

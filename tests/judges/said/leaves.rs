//! The leaves of a configuration.

use std::collections::{BTreeMap, BTreeSet};

use serde_yaml::Value;

/// The leaves of a printed configuration, each by its document and path.
pub(super) fn leaves(config: &str) -> Result<BTreeMap<String, String>, String> {
    let mut out = BTreeMap::new();
    for document in serde_yaml::Deserializer::from_str(config) {
        let document =
            <Value as serde::Deserialize>::deserialize(document).map_err(|e| format!("{e} in {config}"))?;
        let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        collect(&document, format!("{}/{}:", text("kind"), text("name")), &mut out);
    }
    Ok(out)
}

fn collect(value: &Value, path: String, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            for (key, value) in map {
                collect(value, format!("{path}.{}", key.as_str().unwrap_or("?")), out);
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (at, value) in items.iter().enumerate() {
                let name = ["interface", "name", "destination", "path", "vlanId"]
                    .iter()
                    .find_map(|key| value.get(key));
                let name = name.map(|name| format!("@{}", plain(name))).unwrap_or_default();
                collect(value, format!("{path}[{at}{name}]"), out);
            }
        }
        leaf => {
            out.insert(path, format!("{leaf:?}"));
        }
    }
}

/// Where two configurations differ.
pub(super) fn difference(wanted: &BTreeMap<String, String>, got: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    for path in wanted.keys().chain(got.keys()).collect::<BTreeSet<_>>() {
        let (a, b) = (wanted.get(path), got.get(path));
        if a != b {
            out.push_str(&format!("{path}: the judge has {a:?}, talosc {b:?}\n"));
        }
    }
    out
}

/// A scalar without its type.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}

/// A leaf in one text, `Kind/name.path=value`: elements of lists by their name, if they have one, instead of by their place.
pub(super) fn leaf(path: &str, value: &str) -> String {
    let mut out = String::new();
    for part in path.strip_prefix("/:.").unwrap_or(&path.replacen(":.", ".", 1)).split_inclusive('[') {
        let (index, rest) = part.split_once([']', '@']).unwrap_or(("", part));
        let numbered = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        match numbered {
            true if part[index.len()..].starts_with(']') => out.push_str(&part[index.len()..]),
            true => out.push_str(rest),
            false => out.push_str(part),
        }
    }
    let inner = |value: &str, open: &str, close: &str| {
        value.strip_prefix(open).and_then(|value| value.strip_suffix(close)).map(str::to_owned)
    };
    let text = inner(value, "String(\"", "\")").map(|text| text.replace("\\\"", "\""));
    let value = text.or(inner(value, "Number(", ")")).or(inner(value, "Bool(", ")"));
    format!("{out}={}", value.unwrap_or_default())
}

//! What Talos generates for a new machine, by the minor that its cluster was created with and by its role.
//!
//! The configurations are data in `stdlib/data/base`, written by the judges (`cargo test --test judges base` with `BLESS=1`), with
//! a fixed word wherever Talos generates a secret. Patches are merged onto them, so they decide which patches Talos accepts.

use std::sync::OnceLock;

use serde_yaml::Value;

use crate::world::config::Row;

/// A generated configuration.
#[derive(Debug)]
pub struct Base {
    documents: Vec<Value>,
}

macro_rules! rows {
    ($($minor:literal),+) => {
        [$(
            Generated::new((1, $minor), true, include_str!(concat!("../../stdlib/data/base/v1.", $minor, "-controlplane.yaml"))),
            Generated::new((1, $minor), false, include_str!(concat!("../../stdlib/data/base/v1.", $minor, "-worker.yaml"))),
        )+]
    };
}

struct Generated {
    minor: (u16, u16),
    control: bool,
    text: &'static str,
    base: OnceLock<Base>,
}

impl Generated {
    const fn new(minor: (u16, u16), control: bool, text: &'static str) -> Generated {
        Generated { minor, control, text, base: OnceLock::new() }
    }
}

static BASES: [Generated; 10] = rows![9, 10, 11, 12, 13];

/// The configuration of a role for a minor; `None` for a minor that no judge can generate it for.
pub fn of(minor: (u16, u16), control: bool) -> Option<&'static Base> {
    let row = BASES.iter().find(|row| row.minor == minor && row.control == control)?;
    Some(row.base.get_or_init(|| read(row.text)))
}

fn read(text: &str) -> Base {
    let documents = serde_yaml::Deserializer::from_str(text)
        .filter_map(|document| serde::Deserialize::deserialize(document).ok())
        .collect();
    Base { documents }
}

impl Base {
    /// Whether there is a document of a kind and name; most have no name.
    pub fn has_document(&self, kind: &str, name: &str) -> bool {
        self.documents.iter().any(|document| {
            let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
            text("kind") == kind && text("name") == name
        })
    }

    /// Whether the v1alpha1 document says a field of it.
    pub fn has(&self, row: Row) -> bool {
        let v1alpha1 = self.documents.iter().find(|document| document.get("kind").is_none());
        v1alpha1.and_then(|top| row.follow(top, &|value, name| value.get(name))).is_some()
    }

    /// The kinds of the documents beside the v1alpha1 one.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().filter_map(|document| document.get("kind").and_then(Value::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::config::Place;

    fn row(place: &str) -> Row {
        place.parse::<Place>().ok().and_then(|place| place.row()).expect("it is in the table")
    }

    #[test]
    fn the_document_of_the_hostname_came_with_1_12() {
        for minor in 9..=13 {
            for control in [true, false] {
                let base = of((1, minor), control).expect("there is one for each minor with a judge");
                assert!(base.has(row("machine.token")), "v1.{minor}");
                assert_eq!(base.has_document("HostnameConfig", ""), minor >= 12, "v1.{minor}");
                assert_eq!(base.has(row("machine.features.stableHostname")), minor < 12, "v1.{minor}");
            }
        }
        assert!(of((1, 8), true).is_none());
    }
}

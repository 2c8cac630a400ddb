//! What Talos generates for a new machine, by the minor that its cluster was created with and by its role.
//!
//! The configurations are data in `stdlib/data/base`, written by the judges (`cargo test --test judges base` with `BLESS=1`), with
//! a fixed word wherever Talos generates a secret and a named hole (`${cluster}`) for what comes from the cluster. Patches are merged
//! onto them, so they decide which patches Talos accepts.

use std::sync::OnceLock;

use super::overlay::Layer;
use crate::text::Text;
use crate::tree::{Node, Origin, Value};
use crate::world::config::Row;

/// A generated configuration.
#[derive(Debug)]
pub struct Base {
    layer: Layer,
    holes: Vec<Hole>,
}

/// A text that is not the same for all clusters.
#[derive(Debug)]
struct Hole {
    /// The document: nothing, or kind, and the keys inside it.
    kind: Text,
    path: Vec<Text>,
    text: Text,
}

/// What only Omni's server knows when it generates a configuration. Such a text stays as it is.
pub const BY_OMNI: [&str; 3] = ["${endpoint}", "${installer}", "${disk}"];

/// What comes from the cluster.
#[derive(Debug, Clone, Copy)]
pub struct Holes<'h> {
    /// The name of the cluster.
    pub cluster: &'h str,
    /// The version of Kubernetes, without a `v`.
    pub kubernetes: &'h str,
}

/// A value of the data, as the build script writes it.
enum Fixed {
    Text(&'static str),
    Int(i64),
    Bool(bool),
    List(&'static [Fixed]),
    Map(&'static [(&'static str, Fixed)]),
}

include!(concat!(env!("OUT_DIR"), "/talos_bases.rs"));

/// What was asked for already, in the order of `GENERATED`.
static BASES: [OnceLock<Base>; GENERATED.len()] = [const { OnceLock::new() }; GENERATED.len()];

/// The configuration of a role for a minor; `None` for a minor that no judge can generate it for.
pub fn of(minor: (u16, u16), control: bool) -> Option<&'static Base> {
    let at = GENERATED.iter().position(|row| (1, row.0) == minor && row.1 == control)?;
    Some(BASES[at].get_or_init(|| made(GENERATED[at].2)))
}

fn made(documents: &[Fixed]) -> Base {
    let documents: Vec<Node> = documents.iter().map(Fixed::node).collect();
    let mut holes = Vec::new();
    for document in &documents {
        let kind = document.at(&["kind"]).and_then(Node::as_str).unwrap_or_default();
        find_holes(document, &mut Vec::new(), &mut |path, text| {
            holes.push(Hole { kind: kind.into(), path: path.to_vec(), text: text.clone() });
        });
    }
    Base { layer: Layer::of_documents(documents), holes }
}

impl Fixed {
    fn node(&self) -> Node {
        let value = match self {
            Fixed::Text(text) => Value::Str(Text::new_static(text)),
            Fixed::Int(number) => Value::Int(*number),
            Fixed::Bool(flag) => Value::Bool(*flag),
            Fixed::List(items) => Value::Seq(items.iter().map(Fixed::node).collect()),
            Fixed::Map(entries) => {
                Value::Map(entries.iter().map(|(key, value)| (Text::new_static(key), value.node())).collect())
            }
        };
        Node::new(value, Origin::NONE)
    }
}

fn find_holes(node: &Node, path: &mut Vec<Text>, found: &mut dyn FnMut(&[Text], &Text)) {
    match &node.value {
        Value::Map(map) => {
            for (key, inner) in map.iter() {
                path.push(key.clone());
                find_holes(inner, path, found);
                path.pop();
            }
        }
        Value::Str(text) if text.contains("${") && !BY_OMNI.contains(&text.as_str()) => found(path, text),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) | Value::Seq(_) => {}
    }
}

impl Base {
    /// The documents, with their holes.
    pub(super) fn layer(&self) -> &Layer {
        &self.layer
    }

    /// What fills the holes: a piece of each document that has some.
    pub(super) fn filled(&self, holes: Holes<'_>) -> Vec<Node> {
        let fill = |hole: &Hole| {
            let text =
                hole.text.replace("${cluster}", holes.cluster).replace("${kubernetes}", holes.kubernetes);
            let mut node = hole.path.iter().rev().fold(Node::str(text, Origin::NONE), |inner, key| {
                Node::map([(key.clone(), inner)].into_iter().collect(), Origin::NONE)
            });
            if let (Value::Map(map), false) = (&mut node.value, hole.kind.is_empty()) {
                map.insert("kind", Node::str(hole.kind.clone(), Origin::NONE));
            }
            node
        };
        self.holes.iter().map(fill).collect()
    }

    /// Whether there is a document of a kind and name; most have no name.
    pub fn has_document(&self, kind: &str, name: &str) -> bool {
        !kind.is_empty() && self.layer.whole(kind, name).is_some()
    }

    /// Whether the v1alpha1 document says a field of it.
    pub fn has(&self, row: Row) -> bool {
        self.layer.whole("", "").is_some_and(|document| document.field(row).is_some())
    }

    /// The kinds of the documents beside the v1alpha1 one.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.layer.kinds().filter(|kind| !kind.is_empty())
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
        for minor in 9..=14 {
            for control in [true, false] {
                let base = of((1, minor), control).expect("there is one for each minor with a judge");
                assert!(base.has(row("machine.token")), "v1.{minor}");
                assert_eq!(base.has_document("HostnameConfig", ""), minor >= 12, "v1.{minor}");
                assert_eq!(base.has(row("machine.features.stableHostname")), minor < 12, "v1.{minor}");
            }
        }
        assert!(of((1, 8), true).is_none());
    }

    #[test]
    fn the_data_is_what_its_yaml_says() {
        for &(minor, control, documents) in GENERATED {
            let role = if control { "controlplane" } else { "worker" };
            let path = format!("{}/stdlib/data/base/v1.{minor}-{role}.yaml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&path).expect("it is in the repository");
            let read = crate::yaml::read(&text, crate::source::FileId(0), &mut |_| Origin::NONE).documents;
            let made: Vec<Node> = documents.iter().map(Fixed::node).collect();
            assert!(made.len() == read.len() && made == read, "{path}: {made:#?} {read:#?}");
            let keys = |nodes: &[Node]| crate::emit::yaml::body(nodes).0;
            assert_eq!(keys(&made), keys(&read), "{path}: in order");
        }
        assert_eq!(GENERATED.len(), 12);
    }

    #[test]
    fn every_hole_is_filled_or_known() {
        for &(minor, control, _) in GENERATED {
            let base = of((1, minor), control).expect("a row");
            let images = if control { 5 } else { 1 };
            assert_eq!(base.holes.len(), images + 1, "v1.{minor} {control}: {:?}", base.holes);
            let filled = base.filled(Holes { cluster: "home", kubernetes: "1.33.1" });
            assert!(
                filled
                    .iter()
                    .any(|node| node.at(&["cluster", "clusterName"]).and_then(Node::as_str) == Some("home"))
            );
            assert!(!format!("{filled:?}").contains("${"));
        }
    }
}

//! `$patch: delete`: what a patch takes away is found before the rest of it is merged.
//!
//! Mirrors `pkg/machinery/config/configloader/internal/decoder/{delete,selector}.go` of Talos: the selectors of a document are
//! applied first, a map that holds nothing else goes with its last key, and an element of a list is named by its first field.

use std::borrow::Cow;

use super::merge::{Fault, Refusal};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::world::config::{Place, Step};

/// What is taken away.
#[derive(Debug)]
pub(super) struct Selector<'n> {
    /// The keys that lead there; none for the whole document.
    pub(super) path: Vec<&'n str>,
    /// What goes there.
    pub(super) target: Target<'n>,
    /// The node that says it.
    pub(super) at: &'n Node,
}

/// What a selector takes away at its path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'n> {
    /// What stands there.
    Key,
    /// An element of the list that stands there: the field that names it, and its value.
    Element(&'n str, &'n Node),
    /// An element without a name, which Talos refuses.
    Nameless,
}

impl Selector<'_> {
    /// Whether it takes the whole document away.
    pub(super) fn is_document(&self) -> bool {
        self.path.is_empty() && matches!(self.target, Target::Key)
    }

    /// What Talos says if there is nothing of the kind. The document is not known here.
    pub(super) fn refused(&self) -> Fault {
        let mut path: Vec<Step> = self.path.iter().map(|key| Step::Name(Text::new(key))).collect();
        let why = match self.target {
            Target::Nameless => Refusal::NamelessElement,
            Target::Key if path.is_empty() => Refusal::NoDocument,
            Target::Key => Refusal::NothingToDelete,
            Target::Element(_, value) => {
                path.push(Step::Keyed(value.as_str().map(Text::new).unwrap_or_default()));
                Refusal::NothingToDelete
            }
        };
        let place = Place { document: None, path };
        Fault { why, place, origin: self.at.origin, there: Origin::NONE }
    }
}

/// The selectors of a document, and what is left of it.
pub(super) fn split(document: &Node) -> (Vec<Selector<'_>>, Option<Cow<'_, Node>>) {
    if !mentions(document) {
        return (Vec::new(), Some(Cow::Borrowed(document)));
    }
    let mut selectors = Vec::new();
    let rest = walk(document, &mut Vec::new(), &mut selectors);
    (selectors, rest.filter(says_something).map(Cow::Owned))
}

/// Whether a node takes something away, anywhere in it.
fn mentions(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => deletes(map) || map.values().any(mentions),
        Value::Seq(items) => items.iter().any(mentions),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => false,
    }
}

/// Whether a map is a selector.
pub(super) fn deletes(map: &Map) -> bool {
    map.get("$patch").and_then(Node::as_str) == Some("delete")
}

/// What is left of a node; `None` if all of it was selectors.
fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, found: &mut Vec<Selector<'n>>) -> Option<Node> {
    match &node.value {
        Value::Map(map) if deletes(map) => {
            found.push(Selector { path: path.clone(), target: Target::Key, at: node });
            None
        }
        Value::Map(map) => {
            let mut left = Map::with_capacity(map.len());
            for (key, inner) in map.iter() {
                path.push(key);
                if let Some(inner) = walk(inner, path, found) {
                    left.insert(key.clone(), inner);
                }
                path.pop();
            }
            (!left.is_empty() || map.is_empty()).then(|| Node::map(left, node.origin))
        }
        Value::Seq(items) => {
            let mut left = Vec::with_capacity(items.len());
            for item in items {
                match item.as_map().filter(|map| deletes(map)) {
                    Some(map) => {
                        let named = map.iter().find(|(key, _)| *key != "$patch");
                        let target =
                            named.map_or(Target::Nameless, |(key, value)| Target::Element(key, value));
                        found.push(Selector { path: path.clone(), target, at: item });
                    }
                    None => left.push(item.clone()),
                }
            }
            (!left.is_empty() || items.is_empty()).then(|| Node::seq(left, node.origin))
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => {
            Some(node.clone())
        }
    }
}

/// Whether anything but names is left of a document.
fn says_something(node: &Node) -> bool {
    let name = |key: &Text| matches!(key.as_str(), "version" | "kind" | "name");
    node.as_map().is_none_or(|map| !map.keys().all(name))
}

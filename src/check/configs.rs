//! The effective configuration of nodes, as invariants read it: `s.config.machine.sysctls`, `for document KIND d`.
//!
//! What machines get is worked out by a later phase and handed in. A path that starts with a kind of document leads into the
//! documents of that kind, any other into the v1alpha1 document.

use super::thing::{Lookup, Thing, Value};
use super::types::Lost;
use crate::flatten::Steps;
use crate::fleet::{Cluster, Member, Set};
use crate::source::Span;
use crate::text::Text;
use crate::tree::{Node, Origin, Value as Tree};
use crate::typing::Val;
use crate::world::config::{self, Spot, Type};

/// Whose configuration it is.
#[derive(Clone, Copy)]
pub struct Nodes<'f> {
    /// The cluster.
    pub cluster: &'f Cluster,
    /// The set.
    pub set: &'f Set,
    /// One of its machines, or those that say nothing of their own.
    pub machine: Option<&'f Member>,
}

/// The effective configurations of a cluster.
pub trait Configs {
    /// Every group of its nodes with a configuration of its own.
    fn all(&self) -> Vec<Nodes<'_>>;
    /// The documents of a kind; without one the v1alpha1 document.
    fn documents(&self, of: Nodes<'_>, kind: Option<&str>) -> Vec<Node>;
    /// What stands at a path of the v1alpha1 document.
    fn at(&self, of: Nodes<'_>, path: &[Text]) -> Option<Node>;
    /// Whether a file of theirs is not read: what is not there may be in it.
    fn unread(&self, of: Nodes<'_>) -> bool;
    /// Who wrote what has an origin.
    fn steps(&self, origin: Origin) -> Steps;
    /// Where that is.
    fn span(&self, origin: Origin) -> Option<Span>;
}

/// Where a path in a configuration has got to.
#[derive(Clone, Copy, Debug)]
pub(super) enum ConfigPlace {
    /// The whole configuration.
    Root,
    /// A place that the table of Talos's fields knows.
    Spot(Spot),
    /// Below what has no type.
    Free,
}

impl ConfigPlace {
    /// What a name leads to.
    pub(super) fn field(self, name: &str) -> Result<ConfigPlace, Lost> {
        let spot = match self {
            ConfigPlace::Free => return Ok(ConfigPlace::Free),
            ConfigPlace::Root => {
                let v1alpha1 = Spot::document(None);
                let found = v1alpha1.and_then(|spot| spot.child(name)).or_else(|| Spot::document(Some(name)));
                let known = || {
                    let blocks = v1alpha1.into_iter().flat_map(|spot| spot.row().fields());
                    blocks.chain(config::documents()).map(|row| Text::new_static(row.name())).collect()
                };
                return found
                    .map(ConfigPlace::Spot)
                    .ok_or_else(|| Lost::Unknown("the configuration of Talos".into(), known()));
            }
            ConfigPlace::Spot(spot) => spot,
        };
        match spot.ty() {
            Type::Any => Ok(ConfigPlace::Free),
            Type::Map(_) => Err(Lost::Map),
            Type::Block => spot.child(name).map(ConfigPlace::Spot).ok_or_else(|| {
                let known = spot.row().fields().map(|row| Text::new_static(row.name()));
                Lost::Unknown(format!("`{}`", spot.row()), known.collect())
            }),
            _ => Err(Lost::NotABlock),
        }
    }

    /// What its elements are, if it has some; `None` inside for the keys of a map.
    pub(super) fn element(self) -> Option<Option<ConfigPlace>> {
        let ConfigPlace::Spot(spot) = self else { return Some(Some(ConfigPlace::Free)) };
        match spot.ty() {
            Type::List(_) => Some(spot.item().map(ConfigPlace::Spot)),
            Type::Map(_) => Some(None),
            Type::Any | Type::StringOrStrings => Some(Some(ConfigPlace::Free)),
            // The documents of a kind.
            Type::Block if spot.row().parent().is_none() => Some(Some(self)),
            _ => None,
        }
    }
}

/// What a path leads to in the configuration of nodes.
pub(super) fn at<'f>(configs: &'f dyn Configs, of: Nodes<'f>, path: &[Text]) -> Lookup<'f> {
    let found = match path.split_first() {
        Some((kind, rest)) if config::document(Some(kind)).is_some() => {
            let documents = configs.documents(of, Some(kind));
            match (documents.as_slice(), rest) {
                ([], _) => Lookup::of(Value::Unset),
                (_, []) => {
                    let steps = documents.iter().flat_map(|node| history(configs, node)).collect();
                    let things = documents.into_iter().map(|node| Thing::node(node, configs)).collect();
                    Lookup { steps, ..Lookup::of(Value::Things(things)) }
                }
                ([one, ..], rest) => below(configs, one, rest),
            }
        }
        _ => configs.at(of, path).map_or_else(|| Lookup::of(Value::Unset), |node| value(configs, &node)),
    };
    // What is not there may be in a file that is not read.
    let unknown = matches!(found.value, Value::Unset) && configs.unread(of);
    Lookup { unknown, ..found }
}

/// What a path leads to inside of a node.
pub(super) fn below<'f>(configs: &'f dyn Configs, node: &Node, path: &[Text]) -> Lookup<'f> {
    node.at(path).map_or_else(|| Lookup::of(Value::Unset), |node| value(configs, node))
}

fn value<'f>(configs: &'f dyn Configs, node: &Node) -> Lookup<'f> {
    let value = match &node.value {
        Tree::Null => Value::Unset,
        Tree::Map(map) => Value::Keys(map.keys().cloned().collect()),
        Tree::Seq(items) => match items.iter().map(scalar).collect::<Option<Vec<Val>>>() {
            Some(scalars) => Value::List(scalars),
            None => Value::Things(items.iter().map(|item| Thing::node(item.clone(), configs)).collect()),
        },
        _ => scalar(node).map_or(Value::Unset, Value::Val),
    };
    Lookup { steps: history(configs, node), ..Lookup::of(value) }
}

fn scalar(node: &Node) -> Option<Val> {
    Some(match &node.value {
        Tree::Bool(word) => Val::Bool(*word),
        Tree::Int(number) => Val::Int(*number),
        Tree::Decimal(text) => Val::Decimal(text.clone()),
        Tree::Str(text) => Val::Str(text.clone()),
        Tree::Null | Tree::Seq(_) | Tree::Map(_) => return None,
    })
}

/// Where a document is written: its kind, or the first thing in it.
pub(super) fn place(configs: &dyn Configs, node: &Node) -> Option<Span> {
    let kind = node.at(&["kind"]).and_then(|kind| configs.span(kind.origin));
    kind.or_else(|| history(configs, node).last().map(|step| step.span))
}

/// Who wrote a node: of a map or a list, those of what stands in it.
fn history(configs: &dyn Configs, node: &Node) -> Steps {
    let own = configs.steps(node.origin);
    if !own.is_empty() {
        return own;
    }
    match &node.value {
        Tree::Map(map) => map.values().flat_map(|node| history(configs, node)).collect(),
        Tree::Seq(items) => items.iter().flat_map(|node| history(configs, node)).collect(),
        _ => own,
    }
}

//! One document over another, as Talos merges them.
//!
//! Mirrors `merge` in `pkg/machinery/config/merge/merge.go` and `StrategicMerge` in `pkg/machinery/config/configpatcher`. Talos merges
//! what it has read into its types, here nodes are merged: where the type decides, [`super::rules`] says so.

use super::change::{Change, ConfigView};
use super::rules::MergeSpot;
use crate::small_map::SmallMap;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};
use crate::world::config::{Merge, Place, Row, Step, Type};

/// What Talos refuses to merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub why: Refusal,
    /// Where.
    pub place: Place,
    /// The node of the patch that it refuses.
    pub origin: Origin,
    /// What stands there already.
    pub there: Origin,
}

/// Why Talos refuses to merge a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// What it takes away is not there.
    NothingToDelete,
    /// The document that it takes away is not there.
    NoDocument,
    /// It takes away an element of a list and says none of its fields.
    NamelessElement,
    /// It has another type than what stands there: what that is, and what it is itself.
    OtherType(&'static str, &'static str),
    /// It stands there already, and this Talos cannot replace it.
    Twice,
}

/// An element that a patch adds to a list which has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Twice {
    /// The list.
    pub list: Row,
    /// The element that was there.
    pub first: Origin,
    /// The one that is added.
    pub second: Origin,
}

/// Merges patches and keeps what is refused, and what comes to stand in a list twice.
#[derive(Debug, Default)]
pub(super) struct Merger {
    pub(super) faults: Vec<Fault>,
    pub(super) twice: Vec<Twice>,
}

impl Merger {
    /// Keeps a refusal. Its place is filled in on the way back, from the inside out: hardly anything is ever refused.
    fn refuse(&mut self, why: Refusal, there: &Node, node: &Node) {
        let (origin, there) = (place(node), place(there));
        self.faults.push(Fault { why, place: Place::default(), origin, there });
    }

    /// Merges what stands at a step of the place that is being merged.
    fn inside<T>(&mut self, step: impl FnOnce() -> Step, merge: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.faults.len();
        let out = merge(self);
        if self.faults.len() > before {
            let step = step();
            self.faults[before..].iter_mut().for_each(|fault| fault.place.path.insert(0, step.clone()));
        }
        out
    }

    /// What a level says of a place once a patch is merged: `own` is what it said before, `below` what stands below it.
    pub(super) fn change(
        &mut self,
        own: Option<Change>,
        below: Option<ConfigView<'_>>,
        patch: &Node,
        at: &MergeSpot,
    ) -> Option<Change> {
        let below = match &own {
            Some(Change::Gone) => None,
            _ => below,
        };
        if patch.value == Value::Null {
            return own;
        }
        match (&patch.value, own, below) {
            (_, Some(Change::Whole(mut node)), _) => {
                self.node(&mut node, patch, at);
                Some(Change::Whole(node))
            }
            (_, None | Some(Change::Gone | Change::Over(_)), None) => Some(Change::Whole(patch.clone())),
            (Value::Map(map), own, Some(below)) if below.is_map() && at.rule() != Merge::Replace => {
                let keys = match own {
                    Some(Change::Over(keys)) => keys,
                    _ => SmallMap::new(),
                };
                self.over(keys, below, map, at)
            }
            (_, own, Some(below)) => {
                let mut node =
                    below.under(own.as_ref()).map_or_else(|| patch.clone(), |under| under.to_node());
                self.node(&mut node, patch, at);
                // What says the same again leaves the place as it is, and so is not the one who said it.
                let same = own.is_none() && below.as_node().as_ref() == &node;
                if same { None } else { Some(Change::Whole(node)) }
            }
        }
    }

    /// A map over a map, key by key.
    fn over(
        &mut self,
        mut keys: SmallMap<Change>,
        below: ConfigView<'_>,
        map: &Map,
        at: &MergeSpot,
    ) -> Option<Change> {
        for (key, patch) in map.iter() {
            let own = keys.get_mut(key).map(|change| std::mem::replace(change, Change::Gone));
            let there = own.is_some();
            let under = below.get(key);
            let inner = at.child(key);
            let whole = at.rule() == Merge::Entries && patch.value != Value::Null;
            let changed = if whole {
                Some(Change::Whole(patch.clone()))
            } else {
                let step = || Step::Name(key.clone());
                self.inside(step, |merger| merger.change(own, under, patch, &inner))
            };
            match changed {
                Some(change) => {
                    keys.insert(key.clone(), change);
                }
                None if there => {
                    keys.remove(key);
                }
                None => {}
            }
        }
        (!keys.is_empty()).then_some(Change::Over(keys))
    }

    /// Merges a patch into a node.
    fn node(&mut self, left: &mut Node, right: &Node, at: &MergeSpot) {
        let (before, there) = (self.faults.len(), left.origin);
        self.value(left, right, at);
        // What has no place of its own has that of what it stands in.
        for fault in &mut self.faults[before..] {
            let or = |own: Origin, outer: Origin| if own == Origin::NONE { outer } else { own };
            (fault.origin, fault.there) = (or(fault.origin, right.origin), or(fault.there, there));
        }
    }

    fn value(&mut self, left: &mut Node, right: &Node, at: &MergeSpot) {
        if at.rule() == Merge::Fails && left.value != Value::Null && right.value != Value::Null {
            return self.refuse(Refusal::Twice, left, right);
        }
        match (&mut left.value, &right.value) {
            (_, Value::Null) => {}
            (Value::Null, _) => *left = right.clone(),
            (Value::Map(_) | Value::Seq(_), _) if at.rule() == Merge::Replace => *left = right.clone(),
            (Value::Map(map), Value::Map(patch)) => self.map(map, patch, at),
            (Value::Seq(items), Value::Seq(patch)) => self.list(items, patch, at),
            (Value::Map(_) | Value::Seq(_), _) | (_, Value::Map(_) | Value::Seq(_)) => {
                self.refuse(other_type(left, right), left, right);
                *left = right.clone();
            }
            (old, new) if at.free && !same_type(old, new) => {
                self.refuse(other_type(left, right), left, right);
            }
            (_, new) if is_zero(new, at) => {}
            (Value::Str(old), Value::Str(new)) if at.ty() == Some(&Type::Url) => {
                *left = Node::str(url(old, new), right.origin);
            }
            // A size stays one beside a share of the disk, and Talos writes the size.
            (Value::Str(old), Value::Str(new))
                if at.rule() == Merge::BytesFirst && new.ends_with('%') && !old.ends_with('%') => {}
            (old, new) if old == new => {}
            _ => *left = right.clone(),
        }
    }

    fn map(&mut self, map: &mut Map, patch: &Map, at: &MergeSpot) {
        for (key, right) in patch.iter() {
            match map.get_mut(key) {
                Some(left) if at.rule() == Merge::Entries => *left = right.clone(),
                Some(left) => {
                    let step = || Step::Name(key.clone());
                    self.inside(step, |merger| merger.node(left, right, &at.child(key)));
                }
                None if right.value == Value::Null => {}
                None => {
                    map.insert(key.clone(), right.clone());
                }
            }
        }
    }

    fn list(&mut self, items: &mut Vec<Node>, patch: &[Node], at: &MergeSpot) {
        let element = at.item();
        let before = items.len();
        for right in patch {
            let known = match at.rule() {
                Merge::Keyed(keys) => items.iter_mut().find(|left| same_key(left, right, keys)),
                Merge::KeyedReplace(key) => items.iter_mut().find(|left| same_key(left, right, &[key])),
                _ => None,
            };
            match (known, at.rule()) {
                (Some(left), Merge::Keyed(keys)) => {
                    let step = || Step::Keyed(key_of(right, keys));
                    self.inside(step, |merger| merger.node(left, right, &element));
                }
                (Some(left), _) => *left = right.clone(),
                (None, _) => {
                    if let Some(list) = at.row()
                        && let Some(first) = items[..before].iter().find(|left| *left == right)
                    {
                        self.twice.push(Twice { list, first: place(first), second: place(right) });
                    }
                    items.push(right.clone());
                }
            }
        }
    }

    /// What a level says of a place once something below it is taken away.
    pub(super) fn without(
        &mut self,
        own: Option<Change>,
        below: Option<ConfigView<'_>>,
        path: &[&str],
    ) -> Option<Change> {
        let Some((key, rest)) = path.split_first() else {
            return below.map(|_| Change::Gone);
        };
        match own {
            Some(Change::Gone) => Some(Change::Gone),
            Some(Change::Whole(mut node)) => {
                remove(&mut node, path);
                Some(Change::Whole(node))
            }
            own => {
                let mut keys = match own {
                    Some(Change::Over(keys)) => keys,
                    _ => SmallMap::new(),
                };
                let inner = keys.remove(key);
                let under = below.and_then(|below| below.get(key));
                if let Some(change) = self.without(inner, under, rest) {
                    keys.insert(*key, change);
                }
                (!keys.is_empty()).then_some(Change::Over(keys))
            }
        }
    }
}

/// The origin of an element, or of the first of its fields that has one.
fn place(node: &Node) -> Origin {
    ConfigView::node(node).origin()
}

fn remove(node: &mut Node, path: &[&str]) {
    let (Some((last, blocks)), mut node) = (path.split_last(), node) else { return };
    for key in blocks {
        let Value::Map(map) = &mut node.value else { return };
        let Some(inner) = map.get_mut(key) else { return };
        node = inner;
    }
    if let Value::Map(map) = &mut node.value {
        map.remove(last);
    }
}

/// Whether two elements of a list are one: by the first of the keys that the new one has.
pub(super) fn same_key(left: &Node, right: &Node, keys: &[&str]) -> bool {
    let value = |node: &Node, key: &str| {
        node.as_map().and_then(|map| map.get(key)).filter(|node| !matches!(&node.value, Value::Null)).cloned()
    };
    let empty = |node: &Node| node.as_str() == Some("");
    match keys.iter().find(|key| value(right, key).is_some_and(|node| !empty(&node))) {
        Some(key) => value(left, key) == value(right, key),
        // Without its only key an element is the one that has none; a link is one of its own.
        None => keys.len() == 1 && value(left, keys[0]).is_none_or(|node| empty(&node)),
    }
}

/// The key of an element, as places show it.
fn key_of(element: &Node, keys: &[&str]) -> Text {
    let known = keys.iter().filter_map(|key| element.at(&[*key]).and_then(Node::as_str));
    known.into_iter().find(|key| !key.is_empty()).map(Text::new).unwrap_or_default()
}

fn other_type(there: &Node, here: &Node) -> Refusal {
    Refusal::OtherType(type_of(&there.value), type_of(&here.value))
}

/// How messages call what a value is.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Int(_) => "a whole number",
        Value::Decimal(_) => "a number with a point",
        Value::Str(_) => "text",
        Value::Seq(_) => "a list",
        Value::Map(_) => "a block",
    }
}

/// Whether Go keeps two values of a map without a type as one type.
fn same_type(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

/// Whether Talos takes a value for none: what is empty or zero in the type of its field does not replace anything, unless the field
/// can be told from one that is not set.
fn is_zero(value: &Value, at: &MergeSpot) -> bool {
    let text = matches!(at.ty(), Some(Type::String | Type::Word(_) | Type::StringOrStrings));
    let zero = match value {
        Value::Str(text) if at.ty() == Some(&Type::Duration) => is_no_time(text),
        Value::Str(text) => text.is_empty(),
        Value::Int(number) => *number == 0 && !text,
        Value::Decimal(number) => !text && number.parse::<f64>() == Ok(0.0),
        Value::Null | Value::Bool(_) | Value::Seq(_) | Value::Map(_) => false,
    };
    zero && !at.zero_counts()
}

fn is_no_time(text: &str) -> bool {
    text.chars().all(|c| !c.is_ascii_digit() || c == '0')
}

/// An address with the parts of another that it says. Mirrors the merging of a `url.URL`, whose parts are texts.
fn url(old: &str, new: &str) -> String {
    let (old, new) = (parts(old), parts(new));
    let [scheme, host, path, query, fragment] =
        std::array::from_fn(|part| if new[part].is_empty() { old[part] } else { new[part] });
    let mut out = format!("{scheme}://{host}{path}");
    for (mark, part) in [('?', query), ('#', fragment)] {
        if !part.is_empty() {
            out.push(mark);
            out.push_str(part);
        }
    }
    out
}

/// Scheme, host, path, query and fragment.
fn parts(url: &str) -> [&str; 5] {
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    [scheme, host, path, query, fragment]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_addresses_are_merged() {
        assert_eq!(url("https://a/b?c", "http://d"), "http://d/b?c");
        assert_eq!(url("tcp://a:1/", "tcp://b:2/x#y"), "tcp://b:2/x#y");
    }

    #[test]
    fn no_time_is_zero() {
        assert!(is_no_time("0s") && is_no_time("") && is_no_time("0h0m"));
        assert!(!is_no_time("10s") && !is_no_time("1m0s"));
    }
}

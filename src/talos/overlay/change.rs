//! Documents as a stack of changes: what a level says lies over what stands below it, and nothing below is copied.
//!
//! A fleet of ten thousand machines has a few hundred sets, and a machine says little of its own. So a set keeps what it changes of
//! the generated configuration, a machine what it changes of its set, and a [`ConfigView`] looks through both.

use std::borrow::Cow;

use crate::small_map::SmallMap;
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};

/// What a level does to a place.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Nothing stands there any more.
    Gone,
    /// This stands there, whatever stood below.
    Whole(Node),
    /// Some keys of the map below change.
    Over(SmallMap<Change>),
}

/// How many levels may change a place: the set with all above it, and the machine.
const LEVELS: usize = 2;

impl Change {
    /// Whether it may concern what stands at a path, or below or above it.
    pub(super) fn concerns(&self, path: &[&str]) -> bool {
        let Some((first, rest)) = path.split_first() else { return true };
        match self {
            Change::Gone => true,
            Change::Over(keys) => keys.get(first).is_some_and(|change| change.concerns(rest)),
            Change::Whole(node) => node.as_map().is_none_or(|map| map.contains_key(first)),
        }
    }
}

/// A place of the effective configuration, seen through all levels.
#[derive(Debug, Clone, Copy)]
pub struct ConfigView<'c> {
    /// What levels change of a map, the nearest first.
    over: [Option<&'c SmallMap<Change>>; LEVELS],
    /// What stands below.
    whole: Option<&'c Node>,
}

impl<'c> ConfigView<'c> {
    /// What stands at a place, by the changes of each level, the nearest first. `None` if nothing does.
    pub(super) fn of(changes: impl Iterator<Item = Option<&'c Change>>) -> Option<ConfigView<'c>> {
        let mut view = ConfigView { over: [None; LEVELS], whole: None };
        let mut levels = 0;
        for change in changes.flatten() {
            match change {
                Change::Gone => break,
                Change::Whole(node) => {
                    view.whole = Some(node);
                    break;
                }
                Change::Over(keys) => {
                    view.over[levels] = Some(keys);
                    levels += 1;
                }
            }
        }
        (levels > 0 || view.whole.is_some()).then_some(view)
    }

    /// A node as a place that no level changes.
    pub fn node(node: &'c Node) -> ConfigView<'c> {
        ConfigView { over: [None; LEVELS], whole: Some(node) }
    }

    /// The same place with one more level over it.
    pub(super) fn under(self, change: Option<&'c Change>) -> Option<ConfigView<'c>> {
        match change {
            None => Some(self),
            Some(Change::Gone) => None,
            Some(Change::Whole(node)) => Some(ConfigView::node(node)),
            Some(Change::Over(keys)) => {
                Some(ConfigView { over: [Some(keys), self.over[0]], whole: self.whole })
            }
        }
    }

    fn levels(&self) -> impl Iterator<Item = &'c SmallMap<Change>> {
        self.over.into_iter().flatten()
    }

    /// What stands at a key.
    pub fn get(&self, key: &str) -> Option<ConfigView<'c>> {
        let mut view = ConfigView { over: [None; LEVELS], whole: None };
        let mut levels = 0;
        for keys in self.levels() {
            match keys.get(key) {
                None => {}
                Some(Change::Gone) => return (levels > 0).then_some(view),
                Some(Change::Whole(node)) => {
                    view.whole = Some(node);
                    return Some(view);
                }
                Some(Change::Over(keys)) => {
                    view.over[levels] = Some(keys);
                    levels += 1;
                }
            }
        }
        view.whole = self.whole.and_then(Node::as_map).and_then(|map| map.get(key));
        (levels > 0 || view.whole.is_some()).then_some(view)
    }

    /// What stands at a path of keys.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<ConfigView<'c>> {
        path.iter().try_fold(*self, |view, key| view.get(key.as_ref()))
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        self.over[0].is_some() || self.whole.is_some_and(|node| node.as_map().is_some())
    }

    /// The keys of a map: those of the lowest level first.
    pub fn keys(&self) -> Vec<&'c Text> {
        let mut keys: Vec<&Text> =
            self.whole.and_then(Node::as_map).into_iter().flat_map(Map::keys).collect();
        let own = keys.len();
        // From the lowest level up.
        let mut over: Vec<&SmallMap<Change>> = self.levels().collect();
        over.reverse();
        for key in over.into_iter().flat_map(SmallMap::keys) {
            if !keys[own..].contains(&key)
                && self.whole.and_then(Node::as_map).is_none_or(|map| !map.contains_key(key))
            {
                keys.push(key);
            }
        }
        keys.retain(|key| self.get(key).is_some());
        keys
    }

    /// The entries of a map.
    pub fn entries(&self) -> impl Iterator<Item = (&'c Text, ConfigView<'c>)> {
        let view = *self;
        self.keys().into_iter().filter_map(move |key| Some((key, view.get(key)?)))
    }

    /// The value, if it is not a map.
    pub fn leaf(&self) -> Option<&'c Node> {
        self.whole.filter(|node| self.over[0].is_none() && node.as_map().is_none())
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&'c str> {
        self.leaf().and_then(Node::as_str)
    }

    /// The elements, if it is a list.
    pub fn as_seq(&self) -> Option<&'c [Node]> {
        self.leaf().and_then(Node::as_seq)
    }

    /// Where it was written, if one place wrote it; of a map where the first of its leaves was that has a place.
    pub fn origin(&self) -> Origin {
        let own = self.whole.map_or(Origin::NONE, |node| node.origin);
        if own != Origin::NONE || !self.is_map() {
            return own;
        }
        let mut inner = self.entries().map(|(_, view)| view.origin());
        inner.find(|origin| *origin != Origin::NONE).unwrap_or(Origin::NONE)
    }

    /// The whole of it as one node.
    pub fn to_node(&self) -> Node {
        self.as_node().into_owned()
    }

    /// The same, borrowed where no level changes it.
    pub fn as_node(&self) -> Cow<'c, Node> {
        match self.whole {
            Some(node) if self.over[0].is_none() => Cow::Borrowed(node),
            whole => {
                let origin = whole.map_or(Origin::NONE, |node| node.origin);
                let map: Map = self.entries().map(|(key, view)| (key.clone(), view.to_node())).collect();
                Cow::Owned(Node::new(Value::Map(map), origin))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Node)]) -> Node {
        Node::map(entries.iter().map(|(key, node)| (Text::new(key), node.clone())).collect(), Origin::NONE)
    }

    fn text(text: &str) -> Node {
        Node::str(text, Origin::NONE)
    }

    fn over(entries: &[(&str, Change)]) -> Change {
        Change::Over(entries.iter().map(|(key, change)| (Text::new(key), change.clone())).collect())
    }

    #[test]
    fn the_nearest_level_that_says_it_counts() {
        let base = Change::Whole(map(&[("a", text("0")), ("b", map(&[("x", text("0")), ("y", text("0"))]))]));
        let set = over(&[("b", over(&[("x", Change::Whole(text("1"))), ("z", Change::Whole(text("1")))]))]);
        let machine = over(&[
            ("a", Change::Gone),
            ("b", over(&[("x", Change::Gone), ("z", Change::Whole(text("2")))])),
        ]);
        let view = ConfigView::of([Some(&machine), Some(&set), Some(&base)].into_iter()).unwrap();
        assert_eq!(view.to_node(), map(&[("b", map(&[("y", text("0")), ("z", text("2"))]))]));
        assert!(view.at(&["b", "x"]).is_none() && view.get("a").is_none());
        let set = ConfigView::of([None, Some(&set), Some(&base)].into_iter()).unwrap();
        assert_eq!(set.at(&["b", "x"]).and_then(|view| view.as_str()), Some("1"));
        assert_eq!(set.at(&["b"]).unwrap().keys(), ["x", "y", "z"]);
    }
}

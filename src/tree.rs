//! The value tree of everything that becomes YAML: Talos configuration, template documents, resources, provider data.
//!
//! One tree serves lowered fields and patches alike, and each node knows where it came from, so that a rule can point at
//! the source line of a merged value and the emitter can say which source line made which output line. The tree holds no
//! floats (decimals stay text), no tags and no anchors; keys are strings and unique.

use crate::small_map::SmallMap;
use crate::text::Text;

/// Where a node came from: an index into the table of origins of one compilation; `Origin::NONE` for what the compiler
/// itself adds (document kinds, fixed keys).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(pub u32);

impl Origin {
    /// No source place: written by the compiler itself.
    pub const NONE: Origin = Origin(u32::MAX);
}

/// A value and where it came from. Equality ignores origins: two nodes are equal when they mean the same YAML.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Who wrote it.
    pub origin: Origin,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number as it was written (`0.5`): never a binary float.
    Decimal(Text),
    /// A string.
    Str(Text),
    /// A list.
    Seq(Vec<Node>),
    /// A map with unique string keys, in order of insertion.
    Map(Map),
}

/// The keys of a map and what they hold.
pub type Map = SmallMap<Node>;

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Map {
    /// The map at `key`, made if it is absent. `None` if something other than a map stands there.
    pub fn child(&mut self, key: &str, origin: Origin) -> Option<&mut Map> {
        if self.get(key).is_none() {
            self.insert(key, Node { value: Value::Map(Map::new()), origin });
        }
        match &mut self.get_mut(key)?.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl Node {
    /// A node.
    pub fn new(value: Value, origin: Origin) -> Self {
        Node { value, origin }
    }
    /// A string node.
    pub fn str(text: impl Into<Text>, origin: Origin) -> Self {
        Node { value: Value::Str(text.into()), origin }
    }
    /// A list of nodes.
    pub fn seq(items: Vec<Node>, origin: Origin) -> Self {
        Node { value: Value::Seq(items), origin }
    }
    /// A map node.
    pub fn map(map: Map, origin: Origin) -> Self {
        Node { value: Value::Map(map), origin }
    }
    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }
    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }
    /// The list, if it is one.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Seq(items) => Some(items),
            _ => None,
        }
    }
    /// The node at a path of keys.
    pub fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.as_map()?.get(key.as_ref()))
    }
}

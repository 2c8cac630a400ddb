//! The value tree of everything that becomes YAML: Talos configuration, template documents, resources, provider data.
//!
//! One tree serves lowered fields and patches alike, and each node knows where it came from, so that a rule can point at
//! the source line of a merged value and the emitter can say which source line made which output line. The tree holds no
//! floats (decimals stay text), no tags and no anchors; keys are strings and unique.

use rustc_hash::FxHashMap;

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

/// A map with unique string keys that keeps the order of insertion.
///
/// Most maps hold a few keys and there are very many of them, so they are plain lists; from `INDEX_FROM` keys on an index
/// keeps look-ups constant.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<(Text, Node)>,
    index: Option<Box<FxHashMap<Text, usize>>>,
}

/// How many keys a map has before it keeps an index.
const INDEX_FROM: usize = 12;

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len() && self.iter().all(|(k, v)| other.get(k) == Some(v))
    }
}

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }
    /// The number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|(known, _)| known == key),
        }
    }
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.position(key).map(|at| &self.entries[at].1)
    }
    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.position(key).map(|at| &mut self.entries[at].1)
    }
    /// Sets a key; a key that was there keeps its place and its old value is returned.
    pub fn insert(&mut self, key: impl Into<Text>, node: Node) -> Option<Node> {
        let key = key.into();
        if let Some(at) = self.position(&key) {
            return Some(std::mem::replace(&mut self.entries[at].1, node));
        }
        if self.entries.len() < 4 {
            self.entries.reserve_exact(1);
        }
        if let Some(index) = &mut self.index {
            index.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, node));
        if self.entries.len() == INDEX_FROM {
            self.rebuild();
        }
        None
    }
    fn rebuild(&mut self) {
        let keys = self.entries.iter().enumerate().map(|(at, (key, _))| (key.clone(), at));
        self.index = (self.entries.len() >= INDEX_FROM).then(|| Box::new(keys.collect()));
    }
    /// Removes a key and keeps the order of the others.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.position(key)?;
        let (_, node) = self.entries.remove(at);
        self.rebuild();
        Some(node)
    }
    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Node)> {
        self.entries.iter().map(|(key, node)| (key, node))
    }
    /// Keys and values in order, values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Node)> {
        self.entries.iter_mut().map(|(key, node)| (&*key, node))
    }
    /// The map at `key`, made if it is absent. `None` if something other than a map stands there.
    pub fn child(&mut self, key: &str, origin: Origin) -> Option<&mut Map> {
        if self.position(key).is_none() {
            self.insert(key, Node { value: Value::Map(Map::new()), origin });
        }
        match &mut self.get_mut(key)?.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl IntoIterator for Map {
    type Item = (Text, Node);
    type IntoIter = std::vec::IntoIter<(Text, Node)>;
    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl FromIterator<(Text, Node)> for Map {
    fn from_iter<I: IntoIterator<Item = (Text, Node)>>(iter: I) -> Self {
        let mut map = Map::new();
        for (key, node) in iter {
            map.insert(key, node);
        }
        map
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

//! A map with unique text keys that keeps the order of insertion.
//!
//! A fleet has hundreds of thousands of maps, and most hold a few keys: they are plain lists, and from `INDEX_FROM` keys on an index
//! keeps look-ups constant.

use rustc_hash::FxHashMap;

use crate::text::Text;

/// How many keys a map has before it keeps an index.
const INDEX_FROM: usize = 12;

/// A map from text to `V` in order of insertion. Equality ignores the order.
#[derive(Clone, Debug)]
pub struct SmallMap<V> {
    entries: Vec<Entry<V>>,
    index: Option<Box<FxHashMap<Text, usize>>>,
}

/// A key, and what it holds.
#[derive(Clone, Debug)]
struct Entry<V> {
    /// The [mark](mark) of the key: nearly every other key has another one, so that its text is not looked at.
    mark: u32,
    key: Text,
    value: V,
}

/// A few bits of a key: its length, its ends and its middle. Of a name that stands in the code it is worked out when that is compiled.
#[inline(always)]
fn mark(key: &str) -> u32 {
    let bytes = key.as_bytes();
    match bytes {
        [] => 0,
        [first, ..] => {
            let byte = |at: usize| bytes[at.min(bytes.len() - 1)];
            u32::from_le_bytes([*first, byte(bytes.len() / 2), byte(bytes.len()), bytes.len() as u8])
        }
    }
}

impl<V> Default for SmallMap<V> {
    fn default() -> Self {
        SmallMap { entries: Vec::new(), index: None }
    }
}

impl<V: PartialEq> PartialEq for SmallMap<V> {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len() && self.iter().all(|(k, v)| other.get(k) == Some(v))
    }
}

impl<V> SmallMap<V> {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }
    /// An empty map with room for some keys.
    pub fn with_capacity(keys: usize) -> Self {
        SmallMap { entries: Vec::with_capacity(keys), index: None }
    }
    /// The number of keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    #[inline(always)]
    fn position(&self, key: &str) -> Option<usize> {
        self.marked(mark(key), key)
    }
    fn marked(&self, mark: u32, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|entry| entry.mark == mark && entry.key == key),
        }
    }
    /// Whether a key is there.
    #[inline]
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }
    /// The value of a key.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&V> {
        self.position(key).map(|at| &self.entries[at].value)
    }
    /// The value of a key, to change it.
    #[inline]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.position(key).map(|at| &mut self.entries[at].value)
    }
    /// The value of a key, to change it; made if it is absent.
    pub fn get_or_insert_with(&mut self, key: &Text, make: impl FnOnce() -> V) -> &mut V {
        let mark = mark(key);
        let at = self.marked(mark, key).unwrap_or_else(|| {
            self.push(mark, key.clone(), make());
            self.entries.len() - 1
        });
        &mut self.entries[at].value
    }
    /// Sets a key; a key that was there keeps its place and its old value is returned.
    pub fn insert(&mut self, key: impl Into<Text>, value: V) -> Option<V> {
        let key = key.into();
        let mark = mark(&key);
        if let Some(at) = self.marked(mark, &key) {
            return Some(std::mem::replace(&mut self.entries[at].value, value));
        }
        self.push(mark, key, value);
        None
    }
    /// Adds a key that is not there.
    fn push(&mut self, mark: u32, key: Text, value: V) {
        if self.entries.len() < 4 {
            self.entries.reserve_exact(1);
        }
        if let Some(index) = &mut self.index {
            index.insert(key.clone(), self.entries.len());
        }
        self.entries.push(Entry { mark, key, value });
        if self.entries.len() == INDEX_FROM {
            self.rebuild();
        }
    }
    fn rebuild(&mut self) {
        let keys = self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at));
        self.index = (self.entries.len() >= INDEX_FROM).then(|| Box::new(keys.collect()));
    }
    /// Makes room for as many keys more, and for no other.
    pub fn reserve_exact(&mut self, keys: usize) {
        self.entries.reserve_exact(keys);
    }
    /// Removes a key and keeps the order of the others.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        let at = self.position(key)?;
        let value = self.entries.remove(at).value;
        match &mut self.index {
            Some(index) if self.entries.len() >= INDEX_FROM => {
                index.remove(key);
                index.values_mut().filter(|place| **place > at).for_each(|place| *place -= 1);
            }
            index => *index = None,
        }
        Some(value)
    }
    /// Keeps what is wanted, in its order.
    pub fn retain(&mut self, mut wanted: impl FnMut(&Text, &mut V) -> bool) {
        self.entries.retain_mut(|Entry { key, value, .. }| wanted(key, value));
        self.rebuild();
    }
    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &V)> {
        self.entries.iter().map(|entry| (&entry.key, &entry.value))
    }
    /// Keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &Text> {
        self.entries.iter().map(|entry| &entry.key)
    }
    /// Values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|entry| &entry.value)
    }
    /// Keys and values in order, values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut V)> {
        self.entries.iter_mut().map(|entry| (&entry.key, &mut entry.value))
    }
}

impl<V> IntoIterator for SmallMap<V> {
    type Item = (Text, V);
    type IntoIter = IntoIter<V>;
    fn into_iter(self) -> Self::IntoIter {
        IntoIter(self.entries.into_iter())
    }
}

/// Keys and values in order, taken out of a map.
#[derive(Debug)]
pub struct IntoIter<V>(std::vec::IntoIter<Entry<V>>);

impl<V> Iterator for IntoIter<V> {
    type Item = (Text, V);
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.key, entry.value))
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<V> FromIterator<(Text, V)> for SmallMap<V> {
    fn from_iter<I: IntoIterator<Item = (Text, V)>>(iter: I) -> Self {
        let iter = iter.into_iter();
        let (least, most) = iter.size_hint();
        // What filters its elements says the most there may be.
        let mut map = SmallMap::with_capacity(most.unwrap_or(least).min(INDEX_FROM).max(least));
        iter.for_each(|(key, value)| {
            map.insert(key, value);
        });
        map
    }
}

#[cfg(test)]
mod tests {
    use super::{INDEX_FROM, SmallMap};

    /// Random operations, against a list of pairs, around the number of keys from which on there is an index.
    #[test]
    fn it_is_a_list_of_pairs() {
        let mut seed = 7u64;
        let mut roll = |sides: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        let (mut map, mut list): (SmallMap<u64>, Vec<(String, u64)>) = Default::default();
        let mut largest = 0;
        for _ in 0..20_000 {
            let (key, value) = (format!("k{}", roll(3 * INDEX_FROM as u64)), roll(100));
            let at = list.iter().position(|(known, _)| *known == key);
            match roll(8) {
                0..4 => {
                    let old = at.map(|at| std::mem::replace(&mut list[at].1, value));
                    assert_eq!(map.insert(key.as_str(), value), old);
                    if at.is_none() {
                        list.push((key, value));
                    }
                }
                4 => {
                    let made = *map.get_or_insert_with(&key.as_str().into(), || value);
                    assert_eq!(made, at.map_or(value, |at| list[at].1));
                    if at.is_none() {
                        list.push((key, value));
                    }
                }
                5 if value < 3 => {
                    map.retain(|_, kept| *kept % 2 == 0);
                    list.retain(|(_, kept)| *kept % 2 == 0);
                }
                _ => assert_eq!(map.remove(&key), at.map(|at| list.remove(at).1)),
            }
            largest = largest.max(list.len());
            assert!(
                map.iter()
                    .map(|(key, value)| (key.as_str(), value))
                    .eq(list.iter().map(|(k, v)| (k.as_str(), v)))
            );
            assert!(list.iter().all(|(key, value)| map.get(key) == Some(value)));
            assert_eq!(map.contains_key("k0"), list.iter().any(|(key, _)| key == "k0"));
        }
        assert!(largest > INDEX_FROM && map.index.is_some() == (map.len() >= INDEX_FROM));
    }
}

//! Reads emitted text back with `serde_yaml`, whose parser shares no line with our writer, and compares it with the nodes
//! that it was written from.
//!
//! Values are compared as they stream out of the parser: no second tree is built, and the first difference ends the
//! comparison. A difference is a bug of ours, never one of the user's. Documents nested deeper than 128 levels are refused by
//! `serde_yaml` and so reported too.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};

use crate::tree::{Map, Node, Value};

/// Text that does not say what its nodes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Where: the number of the document, keys and indices.
    pub path: String,
    /// What the node holds.
    pub wrote: String,
    /// What was read instead.
    pub read: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: wrote {}, read back {}", self.path, self.wrote, self.read)
    }
}

impl std::error::Error for VerifyError {}

/// The parts of a text that are to be verified, each by itself: documents one behind the other, as they were written, without those that
/// stood at the beginning and at the end of the file before. What stood there was read back when it was written.
pub fn pieces<'t, 'n>(text: &'t str, docs: &'n [Node], before: Option<&str>) -> Vec<(&'t str, &'n [Node])> {
    let starts = starts(text);
    if docs.is_empty() || starts.len() != docs.len() {
        return vec![(text, docs)];
    }
    let place = |at: usize| starts.get(at).copied().unwrap_or(text.len());
    let (first, last) = before.map_or((0, docs.len()), |before| changed(text, &starts, before));
    let numbers: Vec<usize> = (first..last).step_by(PIECE).collect();
    numbers
        .into_iter()
        .map(|at| {
            let end = (at + PIECE).min(last);
            (&text[place(at)..place(end)], &docs[at..end])
        })
        .collect()
}

/// Where the documents of a text begin: the first with the text, the others at their `---`, which no line inside of one can be.
fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices("\n---\n").map(|(at, _)| at + 1)).collect()
}

/// From which document on, and up to which, a text differs from another.
fn changed(text: &str, starts: &[usize], before: &str) -> (usize, usize) {
    let old = self::starts(before);
    let most = starts.len().min(old.len());
    let same = |new: usize, earlier: usize| document(text, starts, new) == document(before, &old, earlier);
    let first = (0..most).find(|&at| !same(at, at)).unwrap_or(most);
    let kept = (1..=most - first).find(|&back| !same(starts.len() - back, old.len() - back));
    (first, starts.len() - kept.map_or(most - first, |back| back - 1))
}

/// A document of a text, by the places where documents begin.
fn document<'t>(text: &'t str, starts: &[usize], at: usize) -> &'t str {
    &text[starts[at]..starts.get(at + 1).copied().unwrap_or(text.len())]
}

/// How many documents a piece holds.
const PIECE: usize = 256;

/// Whether the text says what the documents say, key order included.
pub fn verify(text: &str, docs: &[Node]) -> Result<(), VerifyError> {
    // `serde_yaml` reads a text without documents as one void document, so comments alone are judged here.
    if docs.is_empty() {
        let comments = text.lines().all(|line| line.is_empty() || line.starts_with('#'));
        return if comments {
            Ok(())
        } else {
            Err(difference(&NodePath::Document(0), "nothing", "a document"))
        };
    }
    let mut expected = docs.iter().enumerate();
    for document in serde_yaml::Deserializer::from_str(text) {
        let Some((number, node)) = expected.next() else {
            return Err(difference(&NodePath::Document(docs.len()), "nothing", "one more document"));
        };
        let place = NodePath::Document(number);
        let mut found = None;
        if let Err(error) = (Expect { node, place: &place, found: &mut found }).deserialize(document) {
            return Err(found.unwrap_or_else(|| difference(&place, "YAML", &format!("an error: {error}"))));
        }
    }
    match expected.next() {
        None => Ok(()),
        Some((number, node)) => Err(difference(&NodePath::Document(number), &describe(node), "nothing")),
    }
}

/// Where the comparison stands; a list on the stack, so that a path is only spelled out for an error.
enum NodePath<'a> {
    Document(usize),
    Key(&'a NodePath<'a>, &'a str),
    Index(&'a NodePath<'a>, usize),
}

impl fmt::Display for NodePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodePath::Document(number) => write!(f, "document {}", number + 1),
            NodePath::Key(NodePath::Document(number), key) => write!(f, "document {}: {key}", number + 1),
            NodePath::Key(parent, key) => write!(f, "{parent}.{key}"),
            NodePath::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn difference(place: &NodePath<'_>, wrote: &str, read: &str) -> VerifyError {
    VerifyError { path: place.to_string(), wrote: wrote.to_owned(), read: read.to_owned() }
}

/// A node in a few words: scalars in full, collections by size.
fn describe(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Int(value) => format!("the integer {value}"),
        Value::Decimal(text) => format!("the decimal {text}"),
        Value::Str(text) => format!("the string {text:?}"),
        Value::Seq(items) => format!("a list of {}", items.len()),
        Value::Map(map) => format!("a map of {}", map.len()),
    }
}

/// One node that must come out of the reader.
struct Expect<'a> {
    node: &'a Node,
    place: &'a NodePath<'a>,
    found: &'a mut Option<VerifyError>,
}

impl Expect<'_> {
    fn fail<E: serde::de::Error>(self, read: &str) -> E {
        *self.found = Some(difference(self.place, &describe(self.node), read));
        E::custom("not the value that was written")
    }

    fn check<E: serde::de::Error>(self, same: bool, read: impl FnOnce() -> String) -> Result<(), E> {
        if same { Ok(()) } else { Err(self.fail(&read())) }
    }

    fn integer<E: serde::de::Error>(self, read: i128) -> Result<(), E> {
        let same = matches!(self.node.value, Value::Int(value) if i128::from(value) == read);
        self.check(same, || format!("the integer {read}"))
    }
}

impl<'de> DeserializeSeed<'de> for Expect<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Expect<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&describe(self.node))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        let same = self.node.value == Value::Null;
        self.check(same, || "null".to_owned())
    }

    fn visit_bool<E: serde::de::Error>(self, read: bool) -> Result<(), E> {
        let same = self.node.value == Value::Bool(read);
        self.check(same, || format!("the boolean {read}"))
    }

    fn visit_i64<E: serde::de::Error>(self, read: i64) -> Result<(), E> {
        self.integer(read.into())
    }

    fn visit_u64<E: serde::de::Error>(self, read: u64) -> Result<(), E> {
        self.integer(read.into())
    }

    fn visit_f64<E: serde::de::Error>(self, read: f64) -> Result<(), E> {
        // The written text and the emitted text must round to the same float; nothing looser, so bits are compared.
        let same = match &self.node.value {
            Value::Decimal(text) => text.parse::<f64>().is_ok_and(|wrote| wrote.to_bits() == read.to_bits()),
            _ => false,
        };
        self.check(same, || format!("the float {read}"))
    }

    fn visit_str<E: serde::de::Error>(self, read: &str) -> Result<(), E> {
        let same = self.node.as_str() == Some(read);
        self.check(same, || format!("the string {read:?}"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut read: A) -> Result<(), A::Error> {
        let Value::Seq(items) = &self.node.value else { return Err(self.fail("a list")) };
        for (index, node) in items.iter().enumerate() {
            let place = NodePath::Index(self.place, index);
            let item = Expect { node, place: &place, found: &mut *self.found };
            if read.next_element_seed(item)?.is_none() {
                return Err(self.fail(&format!("a list of {index}")));
            }
        }
        let more = read.next_element::<serde::de::IgnoredAny>()?.is_some();
        self.check(!more, || "a longer list".to_owned())
    }

    fn visit_map<A: MapAccess<'de>>(self, read: A) -> Result<(), A::Error> {
        let node = self.node;
        match &node.value {
            Value::Map(map) => self.entries(map, read),
            _ => Err(self.fail("a map")),
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.fail("a tagged value"))
    }
}

impl Expect<'_> {
    fn entries<'de, A: MapAccess<'de>>(self, map: &Map, mut read: A) -> Result<(), A::Error> {
        for (at, (key, node)) in map.iter().enumerate() {
            let place = NodePath::Key(self.place, key);
            let key = ExpectKey { key, place: &place, found: &mut *self.found };
            if read.next_key_seed(key)?.is_none() {
                return Err(self.fail(&format!("a map of {at}")));
            }
            read.next_value_seed(Expect { node, place: &place, found: &mut *self.found })?;
        }
        let more = read.next_key::<serde::de::IgnoredAny>()?.is_some();
        self.check(!more, || "a larger map".to_owned())
    }
}

/// A key that must come out of the reader, as a string.
struct ExpectKey<'a> {
    key: &'a str,
    place: &'a NodePath<'a>,
    found: &'a mut Option<VerifyError>,
}

impl<'de> DeserializeSeed<'de> for ExpectKey<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // A key is compared as a string node, so that a key of another type is told from one that differs.
        let node = Node::str(self.key, crate::tree::Origin::NONE);
        Expect { node: &node, place: self.place, found: self.found }.deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn pieces_are_the_whole() {
        let docs = |count: usize| -> Vec<Node> {
            (0..count).map(|n| Node::str(format!("d{n}"), Origin::NONE)).collect()
        };
        for count in [1, PIECE, PIECE + 1, 3 * PIECE, 1_000] {
            let docs = docs(count);
            let (text, _) = crate::emit::render("a", &docs);
            let pieces = pieces(&text, &docs, None);
            assert_eq!(pieces.len(), count.div_ceil(PIECE));
            assert_eq!(pieces.iter().map(|piece| piece.0).collect::<String>(), text);
            assert!(pieces.iter().all(|(text, docs)| verify(text, docs).is_ok()), "{count}");
            let swapped = pieces.iter().map(|piece| piece.1).rev().zip(pieces.iter().map(|piece| piece.0));
            assert_eq!(
                swapped.filter(|(docs, text)| verify(text, docs).is_err()).count(),
                pieces.len() / 2 * 2
            );
        }
    }

    #[test]
    fn only_what_changes_is_in_pieces() {
        let docs = |names: &[&str]| -> Vec<Node> {
            names.iter().map(|name| Node::str(*name, Origin::NONE)).collect()
        };
        for (before, after, changed) in [
            (&["a", "b", "c"][..], &["a", "b", "c"][..], &[][..]),
            (&["a", "b", "c"], &["a", "x", "c"], &["x"]),
            (&["a", "b", "c"], &["a", "c"], &[]),
            (&["a", "c"], &["a", "b", "c"], &["b"]),
            (&["a", "a"], &["a", "a", "a"], &["a"]),
            (&["b", "c"], &["a", "b", "c"], &["a", "b"]),
            (&["a"], &["b"], &["b"]),
            (&["a", "b", "c", "d"], &["x", "b", "c", "y"], &["x", "b", "c", "y"]),
        ] {
            let (old, new) = (docs(before), docs(after));
            let [old, text] = [&old, &new].map(|docs| crate::emit::render("a", docs).0);
            let pieces = pieces(&text, &new, Some(&old));
            let found: Vec<&Node> = pieces.iter().flat_map(|piece| piece.1).collect();
            assert_eq!(found, docs(changed).iter().collect::<Vec<_>>(), "{before:?} {after:?}");
            assert!(pieces.iter().all(|(text, docs)| verify(text, docs).is_ok()), "{before:?} {after:?}");
        }
    }

    use super::*;
    use crate::tree::Origin;

    fn node(value: Value) -> Node {
        Node::new(value, Origin::NONE)
    }

    fn failure(text: &str, value: Value) -> String {
        let docs = [Node::map(Map::from_iter([("a".into(), node(value))]), Origin::NONE)];
        verify(text, &docs).map_or_else(|error| error.to_string(), |()| "same".to_owned())
    }

    #[test]
    fn types_are_told_apart() {
        let string = |text: &str| Value::Str(text.into());
        for (text, value, expected) in [
            ("a: 5", Value::Int(5), "same"),
            ("a: 5", string("5"), r#"at document 1: a: wrote the string "5", read back the integer 5"#),
            ("a: 5.0", Value::Int(5), "at document 1: a: wrote the integer 5, read back the float 5"),
            ("a: 5.0", Value::Decimal("5".into()), "same"),
            (
                "a: 5",
                Value::Decimal("5".into()),
                "at document 1: a: wrote the decimal 5, read back the integer 5",
            ),
            (
                "a: 0.51",
                Value::Decimal("0.5".into()),
                "at document 1: a: wrote the decimal 0.5, read back the float 0.51",
            ),
            ("a:", Value::Null, "same"),
            ("a: ~", string("~"), r#"at document 1: a: wrote the string "~", read back null"#),
            (
                "a: true",
                string("true"),
                r#"at document 1: a: wrote the string "true", read back the boolean true"#,
            ),
            ("a: !x y", string("y"), r#"at document 1: a: wrote the string "y", read back a tagged value"#),
            ("b: y", string("y"), r#"at document 1: a: wrote the string "a", read back the string "b""#),
            ("a: []", Value::Map(Map::new()), "at document 1: a: wrote a map of 0, read back a list"),
        ] {
            assert_eq!(failure(text, value), expected, "{text}");
        }
    }

    #[test]
    fn nothing_missing_and_nothing_more() {
        let list = || Value::Seq(vec![node(Value::Int(1)), node(Value::Int(2))]);
        assert_eq!(failure("a: [1, 2]", list()), "same");
        assert_eq!(failure("a: [1]", list()), "at document 1: a: wrote a list of 2, read back a list of 1");
        assert_eq!(
            failure("a: [1, 2, 3]", list()),
            "at document 1: a: wrote a list of 2, read back a longer list"
        );
        assert_eq!(
            failure("a: [1, 3]", list()),
            "at document 1: a[1]: wrote the integer 2, read back the integer 3"
        );
        assert_eq!(
            failure("a: [1, 2]\nb: 1", list()),
            "at document 1: wrote a map of 1, read back a larger map"
        );
        assert_eq!(failure("{}", list()), "at document 1: wrote a map of 1, read back a map of 0");
        assert_eq!(
            failure("a: [1, 2]\n---\nb", list()),
            "at document 2: wrote nothing, read back one more document"
        );
        assert!(failure("a: [1, 2", list()).contains("read back an error: "));
        assert_eq!(verify("# only a comment\n", &[]), Ok(()));
        assert!(verify("a: 1\n", &[]).is_err());
        assert!(verify("a: 1\n", &[node(Value::Null), node(Value::Null)]).is_err());
    }
}

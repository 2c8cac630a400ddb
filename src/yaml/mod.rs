//! YAML that users wrote: text becomes nodes whose places are known.
//!
//! A reader of its own, because `serde_yaml` keeps no places. A text means what Go's YAML library takes it for, since that is what
//! Omni and Talos read with; what means something else there, or would not arrive, is a fault or a doubt. Anchors are expanded
//! within limits, and a tree never nests deeper than the language does.
//!
//! | module | does |
//! |---|---|
//! | `build` | the events of a parser become nodes |
//! | `scalar`, `characters` | what a word means, and which characters may stand in a text |
//! | `second` | a second reader must see the same |
//! | [`carry`] | which texts survive being written again |

mod build;
pub mod carry;
mod characters;
mod scalar;
mod second;

use crate::source::{FileId, Span};
use crate::text::Text;
use crate::tree::{Node, Origin};

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 64;
/// The most nodes that one text may come to, aliases expanded.
pub const MAX_NODES: usize = 200_000;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Stream {
    /// Its documents in order; one that says nothing is null.
    pub documents: Vec<Node>,
    /// What is wrong with it. Nothing may be made of the documents while there is something.
    pub faults: Vec<Fault>,
    /// What is read here as it stands, though it means something else to some readers or does not arrive as it is.
    pub doubtful: Vec<Doubtful>,
}

/// A plain scalar that means several things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubtful {
    /// As it is written.
    pub text: Text,
    /// Where.
    pub at: Span,
    /// What else it is.
    pub also: Also,
}

/// What a word is besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Also {
    /// A boolean, to some readers and where one is expected: `yes`, `off`.
    Boolean,
    /// A date: it is carried as a point in time, and written as one.
    Date,
    /// A number, a boolean or a date that stands as a key.
    Key,
}

/// Something wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it is, a clause: "the key `a` stands here twice".
    pub message: String,
    /// Where.
    pub at: Span,
    /// The other place, with what is there.
    pub other: Option<(Span, &'static str)>,
}

/// Reads all documents of a text. `place` gives the origin of a node for its place in the file.
///
/// The place of a value in a map is its key and the value, of a block in a map its key.
pub fn read(text: &str, file: FileId, place: &mut dyn FnMut(Span) -> Origin) -> Stream {
    build::read(text, file, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Value;

    fn read_all(text: &str) -> (Stream, Vec<Span>) {
        let mut spans = Vec::new();
        let stream = read(text, FileId(0), &mut |span| {
            spans.push(span);
            Origin(spans.len() as u32 - 1)
        });
        (stream, spans)
    }

    fn place<'t>(text: &'t str, path: &[&str]) -> &'t str {
        let (stream, spans) = read_all(text);
        let node = stream.documents[0].at(path).unwrap_or_else(|| panic!("nothing at {path:?}: {stream:?}"));
        let span = spans[node.origin.0 as usize];
        &text[span.start as usize..span.end as usize]
    }

    #[test]
    fn places_are_in_bytes() {
        let text = "a: 1\nä:\n  ö: \"x ü\"  # why\n  list: [1, zwölf]\n";
        assert_eq!(place(text, &["ä", "ö"]), "ö: \"x ü\"");
        assert_eq!(place(text, &["ä"]), "ä");
        let (stream, spans) = read_all(text);
        let items = stream.documents[0].at(&["ä", "list"]).and_then(Node::as_seq).unwrap();
        let span = spans[items[1].origin.0 as usize];
        assert_eq!(&text[span.start as usize..span.end as usize], "zwölf");
    }

    #[test]
    fn scalars_are_read_as_go_reads_them() {
        let (stream, _) = read_all("[0644, 0x1F, 1_000, ~, true, 1.50, '1', 2024-01-02, on]");
        let items = stream.documents[0].as_seq().unwrap();
        let values: Vec<Value> = items.iter().map(|node| node.value.clone()).collect();
        assert_eq!(values[..4], [Value::Int(420), Value::Int(31), Value::Int(1000), Value::Null]);
        assert_eq!(values[4..6], [Value::Bool(true), Value::Decimal("1.50".into())]);
        assert_eq!(values[6..], ["1", "2024-01-02", "on"].map(|text| Value::Str(text.into())));
        assert_eq!(
            stream.doubtful.iter().map(|word| word.also).collect::<Vec<_>>(),
            [Also::Date, Also::Boolean]
        );
    }

    #[test]
    fn anchors_and_merges_are_expanded() {
        let (stream, _) = read_all("base: &b {x: 1, y: 2}\none: *b\ntwo: {<<: *b, y: 3}\n");
        let (expected, _) = read_all("base: {x: 1, y: 2}\none: {x: 1, y: 2}\ntwo: {y: 3, x: 1}\n");
        assert!(stream.faults.is_empty());
        assert_eq!(stream.documents, expected.documents);
        let (stream, _) = read_all("one: {<<: {'<<': x, y: 2}}\ntwo: {'<<': x}\n");
        let (expected, _) = read_all("one: {y: 2}\ntwo: {'<<': x}\n");
        assert_eq!(stream.documents, expected.documents);
    }

    #[test]
    fn faults_are_told() {
        for (text, wanted) in [
            ("a: 1\na: 2\n", "twice"),
            ("a: [1\nb: 2", ""),
            ("a: *nothing\n", ""),
            ("a: !custom x\n", "tag"),
            ("? [a]\n: b\n", "key"),
            ("a: .inf\n", "number"),
        ] {
            let (stream, _) = read_all(text);
            assert_eq!(stream.faults.len(), 1, "{text:?}: {stream:?}");
            assert!(stream.faults[0].message.contains(wanted), "{stream:?}");
        }
        let deep = "[".repeat(10_000);
        assert!(!read_all(&deep).0.faults.is_empty());
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for i in 1..9 {
            let list = vec![format!("*a{}", i - 1); 10].join(",");
            bomb.push_str(&format!("a{i}: &a{i} [{list}]\n"));
        }
        assert!(!read_all(&bomb).0.faults.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_places_inside_it(text in "[-a:\\[\\]{}, \n'\"#&*!|>?~<ä0%\\\\]{0,60}") {
            let (stream, spans) = read_all(&text);
            let faults = stream.faults.iter().map(|fault| fault.at);
            for span in spans.into_iter().chain(faults).chain(stream.doubtful.iter().map(|word| word.at)) {
                proptest::prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
        }
    }

    #[test]
    fn what_people_write_is_read() {
        for text in [
            "a:\n  b: [\n    x,\n  ]\n",
            "a:\n  b: {\n    x: 1,\n  }\n  c: 1\n",
            "a: [\n  x,\n]\n",
            "list:\n- a\n- b: 1\n  c: 2\nd: 1\n",
            "a: 1\t# c\nb: 2\n",
            "{\"a\":1,\"b\":[{\"c\":\"d\"}]}",
            "{\n\t\"a\": 1,\n\t\"b\": [\n\t\t2\n\t]\n}\n",
            "---\na: |\n  x\n\n   y\n# c\n...\n",
            "a: \"x\n  y\"\nb: 'x\n\n  y'\n",
            "a: &a\n  b: 1\nc:\n  <<: *a\n  d: 2\ne:\n  <<: [*a, {f: 1}]\n",
            "a: >-\n  x\n  y\nb: |\n    x\n  \nc: x\n  y\n",
            "# c\n\na:\n# c\n  b: 1\n    # c\n  c: 2 # c\n",
            "a: !!str 1\nb: !!int 2\nc: http://x:8080/#y\nd: a#b\n",
        ] {
            let (stream, _) = read_all(text);
            assert_eq!((stream.faults, stream.doubtful), (Vec::new(), Vec::new()), "{text:?}");
        }
    }

    #[test]
    fn documents_and_empty_ones() {
        let (stream, _) = read_all("a: 1\n---\n# nothing\n---\nb: 2\n");
        assert_eq!(stream.documents.len(), 3);
        assert_eq!(stream.documents[1].value, Value::Null);
        assert!(read_all("").0.documents.is_empty());
    }
}

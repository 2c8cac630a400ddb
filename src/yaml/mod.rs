//! YAML that users wrote: text becomes nodes whose places are known.
//!
//! A reader of its own, because `serde_yaml` keeps no places. Scalars mean what Go's YAML library takes them for, since that is
//! what Omni and Talos read with; anchors are expanded within limits, and a tree never nests deeper than the language does.

mod build;
mod scalar;

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
    /// Words that are booleans to some readers and text to others (`yes`, `off`), with their places.
    pub doubtful: Vec<(Text, Span)>,
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
        assert_eq!(stream.doubtful.len(), 1);
    }

    #[test]
    fn anchors_and_merges_are_expanded() {
        let (stream, _) = read_all("base: &b {x: 1, y: 2}\none: *b\ntwo: {<<: *b, y: 3}\n");
        let (expected, _) = read_all("base: {x: 1, y: 2}\none: {x: 1, y: 2}\ntwo: {y: 3, x: 1}\n");
        assert!(stream.faults.is_empty());
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
            for span in spans.into_iter().chain(faults).chain(stream.doubtful.iter().map(|word| word.1)) {
                proptest::prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
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

//! Nodes become YAML text: block style only, two blanks per level, sequences indented under their key.
//!
//! One pass, one buffer; for each line of the output the origin of the node that wrote it is recorded. Nothing here can
//! fail, and nothing here knows what the documents mean. Recursion is as deep as the tree, whose depth the grammar
//! bounds.

use std::ops::Range;

use super::scalar;
use super::sink::Sink;
use crate::tree::{Map, Node, Origin, Value};

/// Readers look for the `:` of an implicit key within 1024 characters; a key that is written longer than this many bytes
/// gets the explicit form (`? key`).
const LONGEST_IMPLICIT_KEY: usize = 1000;

/// Blanks to indent with, copied in one piece.
const BLANKS: &str = "                                                                ";

/// The text of documents without a header, separated by `---`: YAML that goes into a string of other YAML. With the origin of
/// each line.
pub fn body(docs: &[Node]) -> (String, Vec<Origin>) {
    let mut writer = Writer::default();
    writer.documents(docs);
    let Writer { out, lines, .. } = writer;
    (out.finish().unwrap_or_default(), lines)
}

/// The text of a file, the origin of each of its lines, and the line that each document begins at: a first line that stands for
/// itself, then the documents, separated by `---`. Lines that no node wrote have `Origin::NONE`.
pub(super) fn with_first_line(first_line: &str, docs: &[Node]) -> (String, Vec<Origin>, Vec<usize>) {
    let mut writer = Writer::default();
    writer.out.push_str(first_line);
    writer.newline(Origin::NONE);
    writer.documents(docs);
    let Writer { out, lines, starts, .. } = writer;
    (out.finish().unwrap_or_default(), lines, starts)
}

/// The text of a file, its first line given, unless it stands in `old` already. Nothing is kept of where its lines come from.
pub(super) fn beside(first_line: &str, docs: &[Node], old: &[u8]) -> Option<String> {
    let mut writer = Writer { out: Sink::beside(old), forgets: true, ..Writer::default() };
    writer.out.push_str(first_line);
    writer.newline(Origin::NONE);
    writer.documents(docs);
    writer.out.finish()
}

/// The lines, counted from 1, that hold the map or list of the key on a line of a file; none if it has neither.
pub(super) fn below(docs: &[Node], line: usize) -> Range<usize> {
    let mut writer = Writer { asked: Some(line), ..Writer::default() };
    writer.newline(Origin::NONE);
    writer.documents(docs);
    writer.below
}

#[derive(Default)]
struct Writer<'o> {
    out: Sink<'o>,
    /// INVARIANT: one entry for each `\n` in `out`, but if it forgets.
    lines: Vec<Origin>,
    /// Nobody asks where the lines come from.
    forgets: bool,
    /// The line that each document begins at, counted from 1.
    starts: Vec<usize>,
    /// The line of a key, counted from 1, and the lines that hold its map or list.
    asked: Option<usize>,
    below: Range<usize>,
}

impl Writer<'_> {
    fn documents(&mut self, docs: &[Node]) {
        for (at, doc) in docs.iter().enumerate() {
            if at > 0 {
                self.out.push_str("---");
                self.newline(Origin::NONE);
            }
            self.starts.push(self.lines.len() + 1);
            self.root(doc);
        }
    }

    fn root(&mut self, node: &Node) {
        match &node.value {
            Value::Map(map) if !map.is_empty() => self.entries(map, 0, false),
            Value::Seq(items) if !items.is_empty() => self.items(items, 0, false),
            // No literal block: readers differ on what its indentation is counted from at the root. There text is quoted.
            _ => {
                self.scalar(node);
                self.newline(node.origin);
            }
        }
    }

    /// The entries of a map at a column; the first one continues the line after `- ` if `inline`.
    fn entries(&mut self, map: &Map, column: usize, inline: bool) {
        let mut inline = inline;
        for (key, node) in map.iter() {
            if !inline {
                self.indent(column);
            }
            inline = false;
            self.key(key, node.origin, column);
            self.value(node, column);
        }
    }

    /// A key and its `:`.
    fn key(&mut self, key: &str, origin: Origin, column: usize) {
        let start = self.out.len();
        scalar::write_inline(key, &mut self.out);
        if self.out.len() - start > LONGEST_IMPLICIT_KEY {
            self.out.insert_str(start, "? ");
            self.newline(origin);
            self.indent(column);
        }
        self.out.push_str(":");
    }

    /// What follows the `:` of a key that stands at a column.
    fn value(&mut self, node: &Node, column: usize) {
        match &node.value {
            Value::Map(map) if !map.is_empty() => {
                self.newline(node.origin);
                let head = self.lines.len();
                self.entries(map, column + 2, false);
                self.end_of(head);
            }
            Value::Seq(items) if !items.is_empty() => {
                self.newline(node.origin);
                let head = self.lines.len();
                self.items(items, column + 2, false);
                self.end_of(head);
            }
            _ => {
                self.out.push_str(" ");
                self.leaf(node, column);
            }
        }
    }

    /// Notes what stands below a line that is asked about.
    fn end_of(&mut self, head: usize) {
        if self.asked == Some(head) {
            self.below = head + 1..self.lines.len() + 1;
        }
    }

    /// The items of a sequence whose `-` stand at a column; the first one continues the line if `inline`.
    fn items(&mut self, items: &[Node], column: usize, inline: bool) {
        let mut inline = inline;
        for node in items {
            if !inline {
                self.indent(column);
            }
            inline = false;
            self.out.push_str("- ");
            match &node.value {
                Value::Map(map) if !map.is_empty() => self.entries(map, column + 2, true),
                Value::Seq(items) if !items.is_empty() => self.items(items, column + 2, true),
                _ => self.leaf(node, column),
            }
        }
    }

    /// A scalar or an empty collection, to the end of its line or lines; `column` is that of the collection it is in.
    fn leaf(&mut self, node: &Node, column: usize) {
        match &node.value {
            Value::Str(text) => match scalar::block_header(text) {
                Some(header) => self.block(header, text, node.origin, column + 2),
                None => {
                    scalar::write_inline(text, &mut self.out);
                    self.newline(node.origin);
                }
            },
            _ => {
                self.scalar(node);
                self.newline(node.origin);
            }
        }
    }

    fn block(&mut self, header: &str, text: &str, origin: Origin, column: usize) {
        self.out.push_str(header);
        self.newline(origin);
        // A line break at the end ends the last line; without one the block is chomped and the line is ended all the same.
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(column);
                self.out.push_str(line);
            }
            self.newline(origin);
        }
    }

    fn scalar(&mut self, node: &Node) {
        match &node.value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Int(number) => self.integer(*number),
            Value::Decimal(text) => scalar::write_decimal(text, &mut self.out),
            Value::Str(text) => scalar::write_inline(text, &mut self.out),
            // Only empty collections come here; the others have lines of their own.
            Value::Seq(_) => self.out.push_str("[]"),
            Value::Map(_) => self.out.push_str("{}"),
        }
    }

    fn integer(&mut self, number: i64) {
        if number < 0 {
            self.out.push_str("-");
        }
        let mut rest = number.unsigned_abs();
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            // The remainder is below ten, so the sum is an ASCII digit.
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        digits[at..].iter().for_each(|&digit| self.out.push(char::from(digit)));
    }

    fn indent(&mut self, column: usize) {
        let mut left = column;
        while left > BLANKS.len() {
            self.out.push_str(BLANKS);
            left -= BLANKS.len();
        }
        self.out.push_str(&BLANKS[..left]);
    }

    fn newline(&mut self, origin: Origin) {
        self.out.push_str("\n");
        if !self.forgets {
            self.lines.push(origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Value, origin: u32) -> Node {
        Node::new(value, Origin(origin))
    }

    fn string(value: &str, origin: u32) -> Node {
        Node::str(value, Origin(origin))
    }

    fn map<const N: usize>(entries: [(&str, Node); N], origin: u32) -> Node {
        Node::map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect(), Origin(origin))
    }

    #[test]
    fn shape_and_origin_of_each_line() {
        let doc = map(
            [
                ("kind", string("Cluster", 1)),
                ("size", text(Value::Int(-30), 2)),
                ("none", Node::seq(vec![], Origin(3))),
                (
                    "list",
                    Node::seq(
                        vec![string("on", 5), map([("a", string("x\n\ny\n", 7)), ("b", map([], 8))], 6)],
                        Origin(4),
                    ),
                ),
                (
                    "deep",
                    Node::seq(
                        vec![Node::seq(vec![text(Value::Null, 11), text(Value::Bool(true), 12)], Origin(10))],
                        Origin(9),
                    ),
                ),
            ],
            0,
        );
        let (text, lines, starts) =
            with_first_line("# head", &[doc, map([("z", text(Value::Decimal("1".into()), 13))], 0)]);
        let expected = "\
# head
kind: Cluster
size: -30
none: []
list:
  - \"on\"
  - a: |
      x

      y
    b: {}
deep:
  - - null
    - true
---
z: 1.0
";
        assert_eq!(text, expected);
        let lines: Vec<i64> =
            lines.iter().map(|o| if *o == Origin::NONE { -1 } else { i64::from(o.0) }).collect();
        assert_eq!(lines, [-1, 1, 2, 3, 4, 5, 7, 7, 7, 7, 8, 9, 11, 12, -1, 13]);
        assert_eq!(starts, [2, 16]);
        let docs =
            [map([("a", map([("b", Node::seq(vec![string("c", 1), string("d", 1)], Origin(1)))], 0))], 0)];
        assert_eq!([1, 2, 3, 4].map(|line| below(&docs, line)), [0..0, 3..6, 4..6, 0..0]);
    }

    #[test]
    fn extreme_integers() {
        for number in [i64::MIN, -1, 0, 9, 10, i64::MAX] {
            assert_eq!(body(&[text(Value::Int(number), 0)]).0, format!("{number}\n"));
        }
    }

    #[test]
    fn a_key_too_long_to_be_implicit() {
        let key = "k".repeat(LONGEST_IMPLICIT_KEY + 1);
        let doc = Node::seq(vec![map([(&key, map([("a", text(Value::Int(1), 0))], 0))], 0)], Origin(0));
        assert_eq!(body(&[doc]).0, format!("- ? {key}\n  :\n    a: 1\n"));
    }
}

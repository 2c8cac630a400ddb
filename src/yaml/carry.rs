//! Which texts Go's YAML library writes so that it cannot read them again.
//!
//! A configuration is read and written again several times on its way to a machine: by the client, by the server and by the
//! machine, each time by that library, and nobody can choose how it writes a text. A text of several lines becomes a literal
//! block. If its first character is a blank, the header gets an indentation indicator, which is always 4, though below a `-` the
//! text is indented by 2 (`writeBlockScalarHints` and `increaseIndentCompact` of `emitter.go`); if it is a tab, there is none and
//! the reader takes the tab for indentation (`scanBlockScalarBreaks` of `scanner.go`). What comes out is refused or, worse, another
//! text. The tests `texts_…` of the judges compare
//! this table with the real thing.

use crate::tree::{Map, Node, Value};

/// A release of Go's library, as far as its writers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoWriter {
    /// `gopkg.in/yaml.v3`: an indicator for a line break too, and its reader then loses that line.
    V3,
    /// `go.yaml.in/yaml/v4` until rc.3: an indicator for a line break too.
    V4Rc3,
    /// `go.yaml.in/yaml/v4` since rc.4: an indicator for blanks alone.
    V4Rc4,
}

/// How a text begins that is not carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// A tab.
    Tab,
    /// A blank, below a `-`.
    Blank,
    /// An empty line.
    EmptyLine,
}

/// A text that does not arrive.
#[derive(Debug)]
pub struct Uncarried<'n> {
    /// The value, or the value whose key it is.
    pub node: &'n Node,
    /// Where it stands in its document: `machine.files[0].content`.
    pub path: String,
    /// What is wrong with it.
    pub beginning: Beginning,
}

/// The texts of a document that one of the writers breaks, keys included.
pub fn uncarried<'n>(document: &'n Node, writers: &[GoWriter]) -> Vec<Uncarried<'n>> {
    let mut walk = Walk { writers, path: Vec::new(), found: Vec::new() };
    walk.node(document, 0, false);
    walk.found
}

struct Walk<'n, 'w> {
    writers: &'w [GoWriter],
    path: Vec<Step<'n>>,
    found: Vec<Uncarried<'n>>,
}

enum Step<'n> {
    Key(&'n str),
    Index(usize),
}

impl<'n> Walk<'n, '_> {
    /// `column` is where the node's own entries stand, `item` whether it stands behind a `-` itself.
    fn node(&mut self, node: &'n Node, column: usize, item: bool) {
        match &node.value {
            Value::Str(text) => self.text(text, node, !item && is_aligned(column)),
            Value::Map(map) => self.map(map, column),
            Value::Seq(items) => {
                for (at, node) in items.iter().enumerate() {
                    self.path.push(Step::Index(at));
                    // What stands behind a `-` begins two columns after it.
                    self.node(node, column + 2, true);
                    self.path.pop();
                }
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => {}
        }
    }

    fn map(&mut self, map: &'n Map, column: usize) {
        for (key, node) in map.iter() {
            self.path.push(Step::Key(key));
            self.text(key, node, is_aligned(column));
            let inner = match &node.value {
                // A text is judged by the column of the map that it stands in.
                Value::Str(_) => column,
                // Everything else is aligned to the next multiple of four.
                _ => (column + 4) / 4 * 4,
            };
            self.node(node, inner, false);
            self.path.pop();
        }
    }

    fn text(&mut self, text: &str, node: &'n Node, by_four: bool) {
        let lost = |writer: &GoWriter| breaks(text, by_four, *writer);
        if let Some(beginning) = self.writers.iter().find_map(lost) {
            self.found.push(Uncarried { node, path: self.shown(), beginning });
        }
    }

    fn shown(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) if out.is_empty() => out.push_str(first_line(key)),
                Step::Key(key) => out.extend([".", first_line(key)]),
                Step::Index(at) => out.push_str(&format!("[{at}]")),
            }
        }
        out
    }
}

/// Whether what is written below a map at a column is indented by four.
fn is_aligned(column: usize) -> bool {
    column.is_multiple_of(4)
}

/// A key is any text; a message takes a line of it.
fn first_line(key: &str) -> &str {
    key.trim_start().lines().next().unwrap_or_default()
}

/// Line breaks of YAML 1.1, which that library knows besides `\n` and which are characters of a text to others.
const BREAKS: [char; 3] = ['\n', '\u{2028}', '\u{2029}'];

fn breaks(text: &str, by_four: bool, writer: GoWriter) -> Option<Beginning> {
    let first = text.chars().next().filter(|c| matches!(c, ' ' | '\t') || BREAKS.contains(c))?;
    if !text.contains('\n') || !is_literal(text, writer) {
        return None;
    }
    let (lost, beginning) = match first {
        '\t' => (true, Beginning::Tab),
        ' ' => (!by_four, Beginning::Blank),
        _ => (
            match writer {
                GoWriter::V3 => true,
                GoWriter::V4Rc3 => !by_four,
                GoWriter::V4Rc4 => text.trim_start_matches(BREAKS).starts_with([' ', '\t']),
            },
            Beginning::EmptyLine,
        ),
    };
    lost.then_some(beginning)
}

/// Whether a text of several lines is written as a literal block; what is not goes into double quotes, which are safe
/// (`analyzeScalar` of `emitter.go`, `shouldUseLiteralStyle` of `node.go`).
fn is_literal(text: &str, writer: GoWriter) -> bool {
    let said = writer == GoWriter::V3 || text.contains(|c: char| !c.is_whitespace());
    let mut after_blank = false;
    let fits = text.chars().all(|c| {
        let blank_at_end = after_blank && BREAKS.contains(&c);
        after_blank = c == ' ';
        !blank_at_end && is_printable(c)
    });
    said && fits && !after_blank
}

/// `isPrintable` of `yamlprivate.go`, and the tab.
fn is_printable(c: char) -> bool {
    match c {
        '\t' | '\n' | ' '..='~' => true,
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => ('\u{a0}'..'\u{10000}').contains(&c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Origin;

    fn string(text: &str) -> Node {
        Node::str(text, Origin::NONE)
    }
    fn map(key: &str, node: Node) -> Node {
        Node::map(Map::from_iter([(key.into(), node)]), Origin::NONE)
    }
    fn list(node: Node) -> Node {
        Node::seq(vec![string("a"), node], Origin::NONE)
    }
    fn paths(node: &Node, writer: GoWriter) -> Vec<String> {
        uncarried(node, &[writer]).into_iter().map(|text| text.path).collect()
    }

    #[test]
    fn positions() {
        use GoWriter::V4Rc4;
        let text = " a\nb";
        for (node, path) in [
            (map("k", string(text)), ""),
            (map("k", map("l", string(text))), ""),
            (map("k", list(string(text))), "k[1]"),
            (map("k", list(map("l", string(text)))), "k[1].l"),
            (map("k", list(map("l", map("m", string(text))))), ""),
            (map("k", list(list(string(text)))), "k[1][1]"),
            (map("k", list(list(map("m", string(text))))), ""),
            (map("k", map(text, string("x"))), ""),
            (map("k", list(map(text, string("x")))), "k[1].a"),
        ] {
            let expected: Vec<&str> = if path.is_empty() { Vec::new() } else { vec![path] };
            assert_eq!(paths(&node, V4Rc4), expected, "{node:?}");
        }
    }

    #[test]
    fn beginnings() {
        use GoWriter::{V3, V4Rc3, V4Rc4};
        let (in_map, in_list) = (|text| map("k", string(text)), |text| map("k", list(string(text))));
        for (text, lost) in [
            ("\ta\nb\n", [true; 6]),
            ("\na\nb\n", [true, true, false, true, false, false]),
            ("\n a\nb\n", [true, true, false, true, true, true]),
            ("\n\ta", [true, true, false, true, true, true]),
            (" a\n", [false, true, false, true, false, true]),
            // In double quotes: a blank at the end of a line or of the text, and what Go does not print.
            (" a \nb", [false; 6]),
            ("\ta\nb ", [false; 6]),
            ("\t\u{1f600}\nb", [false; 6]),
            ("\ta\u{0}\nb", [false; 6]),
            ("a\n\tb\n c\n", [false; 6]),
            ("\ta", [false; 6]),
            // Of white space alone, only the oldest makes a block.
            ("\t\n", [true, true, false, false, false, false]),
        ] {
            let found = [V3, V4Rc3, V4Rc4].map(|writer| {
                [!paths(&in_map(text), writer).is_empty(), !paths(&in_list(text), writer).is_empty()]
            });
            assert_eq!(found.concat(), lost, "{text:?}");
        }
    }
}

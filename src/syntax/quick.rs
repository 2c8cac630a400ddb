//! The common shapes, read without pest.
//!
//! Most items of most files are words, an operator and plain values, or a block of such items. pest reads them at several hundred
//! instructions for each byte, and a fleet is megabytes. This reader knows those shapes only, and gives up at the first byte that
//! it does not know: then the whole item goes to pest, which stays the grammar and finds every mistake. What it accepts it reads as
//! pest does, to the last offset; a property test holds them together.

use super::ast::{Atom, Block, Item, Op, Rest, Value, ValueKind, Word, WordForm};
use super::lower::{Piece, sort_head};
use super::strings::{self, Str};
use crate::diagnostics::Diagnostics;
use crate::source::{FileId, Span};
use crate::text::Text;

/// Reads items of one text. What it has read of open blocks and lists waits on stacks, so that each ends in one exact allocation.
pub(super) struct Quick<'a> {
    file: FileId,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    items: Vec<Item>,
    values: Vec<Value>,
}

impl<'a> Quick<'a> {
    pub(super) fn new(file: FileId, text: &'a str) -> Self {
        Quick { file, text, bytes: text.as_bytes(), at: 0, items: Vec::new(), values: Vec::new() }
    }

    /// The item that `start..end` holds, if all of it has a common shape. The splitter has bounded its depth.
    pub(super) fn entry(&mut self, start: usize, end: usize) -> Option<Item> {
        self.bytes = &self.text.as_bytes()[..end];
        self.at = start;
        self.gap();
        let item = self.item();
        if item.is_none() {
            self.items.clear();
            self.values.clear();
        }
        self.sep();
        self.gap();
        item.filter(|_| self.at == end)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn second(&self) -> Option<u8> {
        self.bytes.get(self.at + 1).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn span(&self, start: usize) -> Span {
        Span { file: self.file, start: start as u32, end: self.at as u32 }
    }

    // ---- layout: the rules `ws`, `newline`, `comment`, `gap` and `sep` of the grammar -------------------------------------------

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn newline(&mut self) -> bool {
        let width = match self.peek() {
            Some(b'\n') => 1,
            Some(b'\r') if self.second() == Some(b'\n') => 2,
            _ => 0,
        };
        self.at += width;
        width > 0
    }

    fn comment(&mut self) {
        if self.peek() == Some(b'#') {
            while !matches!(self.peek(), None | Some(b'\n')) {
                self.at += 1;
            }
            let carriage = self.peek().is_some() && self.bytes[self.at - 1] == b'\r';
            self.at -= usize::from(carriage);
        }
    }

    fn gap(&mut self) {
        loop {
            self.blanks();
            self.comment();
            if !self.newline() {
                return;
            }
        }
    }

    /// A comma or the end of the line; nothing is consumed if neither is there.
    fn sep(&mut self) -> bool {
        let start = self.at;
        self.blanks();
        if self.eat(b',') {
            self.gap();
            return true;
        }
        self.comment();
        if !self.newline() {
            self.at = start;
            return false;
        }
        self.gap();
        if self.eat(b',') {
            self.gap();
        }
        true
    }

    // ---- items ------------------------------------------------------------------------------------------------------------------

    fn item(&mut self) -> Option<Item> {
        let start = self.at;
        let mut pieces = Vec::new();
        let first = self.head_word()?;
        if matches!(&*first.text, "when" | "require") {
            return None;
        }
        let mut end = self.at;
        self.blanks();
        while self.starts_word() {
            if pieces.is_empty() {
                pieces.reserve_exact(4);
            }
            pieces.push(Piece::Word(self.head_word()?));
            end = self.at;
            self.blanks();
        }
        let rest = match self.peek() {
            Some(b'{') => Rest::Block(self.block()?),
            Some(b'=' | b'+' | b'-') => self.assignment()?,
            // Arguments, quoted words and paths are pest's.
            Some(b'(' | b'"' | b'\'' | b':') => return None,
            _ => {
                self.at = end;
                Rest::Nothing
            }
        };
        let span = self.span(start);
        if pieces.is_empty() {
            // One word is no mark and no modifier.
            let (marks, words, modifiers) = (Vec::new(), vec![first], Vec::new());
            return Some(Item { span, marks, words, args: None, modifiers, rest, broken: false });
        }
        pieces.insert(0, Piece::Word(first));
        let (item, misplaced) = sort_head(span, pieces, rest);
        let whole = misplaced.is_none() && item.modifiers.iter().all(|modifier| !modifier.uses.is_empty());
        whole.then_some(item)
    }

    fn starts_word(&self) -> bool {
        self.peek().is_some_and(|byte| is_name(byte) && !(byte == b'-' && self.second() == Some(b'=')))
    }

    /// A word of a head; `with` brings mixins, and a word with a colon is looked at by pest.
    fn head_word(&mut self) -> Option<Word> {
        let start = self.at;
        let text = self.bare()?;
        if text == "with" || text.contains(':') || self.peek() == Some(b'"') {
            return None;
        }
        Some(Word { text: Text::new(text), span: self.span(start), form: WordForm::Bare })
    }

    fn assignment(&mut self) -> Option<Rest> {
        let start = self.at;
        let op = match (self.peek()?, self.second()) {
            (b'=', Some(b'=')) => return None,
            (b'=', _) => Op::Set,
            (b'+', Some(b'=')) => Op::Add,
            (b'-', Some(b'=')) => Op::Take,
            _ => return None,
        };
        self.at += op.symbol().len();
        let symbol = self.span(start);
        self.gap();
        Some(Rest::Assign(op, symbol, self.value()?))
    }

    fn block(&mut self) -> Option<Block> {
        let start = self.at;
        let waiting = self.items.len();
        self.at += 1;
        self.gap();
        while self.peek() != Some(b'}') {
            let item = self.item()?;
            self.items.push(item);
            if self.closes(b'}')? {
                break;
            }
        }
        self.at += 1;
        let items = self.items.drain(waiting..).collect();
        Some(Block { span: self.span(start), items })
    }

    /// Whether the bracket closes after an element; if it does not, the next element follows.
    fn closes(&mut self, bracket: u8) -> Option<bool> {
        let start = self.at;
        if self.sep() && self.peek() != Some(bracket) {
            return Some(false);
        }
        // `(blank* ",")? gap` stands before a bracket: fewer commas than `sep` allows between elements.
        self.at = start;
        self.blanks();
        self.eat(b',');
        self.gap();
        (self.peek() == Some(bracket)).then_some(true)
    }

    // ---- values -----------------------------------------------------------------------------------------------------------------

    fn value(&mut self) -> Option<Value> {
        let start = self.at;
        let first = self.atom()?;
        let mut end = self.at;
        self.blanks();
        if self.at == end || !self.starts_atom() {
            self.at = end;
            return Some(first);
        }
        let mut atoms = vec![Atom { value: first, args: None }];
        while self.at > end && self.starts_atom() {
            atoms.push(Atom { value: self.atom()?, args: None });
            end = self.at;
            self.blanks();
        }
        self.at = end;
        Some(Value { span: self.span(start), kind: ValueKind::Apply(atoms) })
    }

    fn starts_atom(&self) -> bool {
        self.starts_word() || matches!(self.peek(), Some(b'"' | b'\'' | b'[' | b'{' | b':'))
    }

    fn atom(&mut self) -> Option<Value> {
        let start = self.at;
        let kind = match self.peek()? {
            b'"' | b'\'' => self.string()?,
            b'[' => self.list()?,
            b'{' => ValueKind::Block(self.block()?),
            _ => {
                let text = self.bare()?;
                if self.peek() == Some(b'(') {
                    return None;
                }
                ValueKind::Bare(Text::new(text))
            }
        };
        Some(Value { span: self.span(start), kind })
    }

    fn list(&mut self) -> Option<ValueKind> {
        let waiting = self.values.len();
        self.at += 1;
        self.gap();
        while self.peek() != Some(b']') {
            let value = self.value()?;
            self.values.push(value);
            if self.closes(b']')? {
                break;
            }
        }
        self.at += 1;
        Some(ValueKind::List(self.values.drain(waiting..).collect()))
    }

    /// A string on one line.
    fn string(&mut self) -> Option<ValueKind> {
        let start = self.at;
        let quote = self.peek()?;
        if self.bytes[start..].starts_with(&[quote; 3]) {
            return None;
        }
        self.at += 1;
        let mut plain = true;
        loop {
            match self.peek()? {
                byte if byte == quote => break,
                b'\n' => return None,
                b'\\' if quote == b'"' => {
                    plain = false;
                    self.at += 1;
                    if matches!(self.peek(), None | Some(b'\n' | b'\r')) {
                        return None;
                    }
                }
                b'$' => plain = false,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        if plain {
            return Some(ValueKind::Str(Text::new(&self.text[start + 1..self.at - 1])));
        }
        let mut found = Diagnostics::new();
        let string = strings::read(&self.text[start..self.at], self.span(start), &mut found);
        let kind = match string {
            Str::Plain(text) => ValueKind::Str(text),
            Str::Template(parts) => ValueKind::Template(parts),
        };
        found.is_empty().then_some(kind)
    }

    /// The rule `bare` of the grammar.
    fn bare(&mut self) -> Option<&'a str> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            if byte == b':' {
                match self.second() {
                    Some(b':') => self.at += 2,
                    Some(next) if next.is_ascii_alphanumeric() => self.at += 1,
                    _ => break,
                }
            } else if is_name(byte) && !(byte == b'-' && self.second() == Some(b'=')) {
                self.at += 1;
            } else {
                break;
            }
        }
        (self.at > start).then(|| &self.text[start..self.at])
    }
}

/// The rule `name_char`, but for the `-` of `-=`.
fn is_name(byte: u8) -> bool {
    NAME[byte as usize]
}

const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        table[byte] = c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'/');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use pest::Parser as _;
    use proptest::prelude::*;

    use super::super::lower;
    use super::super::parser::{Grammar, Rule};
    use super::super::split::split;
    use super::*;

    /// What the quick reader accepts, it reads as pest does; whether it has accepted.
    fn agree(text: &str) -> bool {
        let Some(quick) = Quick::new(FileId(0), text).entry(0, text.len()) else { return false };
        let pairs = Grammar::parse(Rule::entry, text).unwrap_or_else(|_| panic!("pest refuses {text:?}"));
        let mut found = Diagnostics::new();
        let slow = lower::entry(FileId(0), 0, pairs, &mut found);
        assert!(found.is_empty(), "pest has findings in {text:?}");
        assert_eq!(format!("{quick:?}"), format!("{slow:?}"), "{text:?}");
        true
    }

    #[test]
    fn common_shapes_are_quick() {
        for text in [
            "x = 3",
            "machine a {\n  id = 1-2\n  address = 10.0.0.1/8 on lan # why\n  labels { rack = \"r${n}\" }\n}",
            "workers { role = base, machines = [a, b,\n c], }",
            "role a extends b since v1.9 {\r\n  x += [\"a\\n\", 'b']\r\n}\r\n",
            "x -= { a, b = 1 }",
            "mac = aa:bb::1",
        ] {
            assert!(agree(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_common_is_for_pest() {
        for text in [
            "x = a(b)",
            "x = \"\"\"a\"\"\"",
            "role a with b {}",
            "when a == b",
            "a.\"b c\" = 1",
            "x = [a,,b]",
            "x = \"\\q\"",
            "role a extends since v1 {}",
            "x = 1 2 =",
        ] {
            assert!(!agree(text), "{text}");
        }
    }

    #[test]
    fn the_files_of_the_project_are_read_as_pest_reads_them() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut directories = ["stdlib", "examples", "tests"].map(|name| root.join(name)).to_vec();
        let (mut all, mut quick) = (0, 0);
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else if let (true, Ok(text)) = (path.extension().is_some_and(|e| e == "talos"), std::fs::read_to_string(&path)) {
                    for slice in split(FileId(0), &text, 0..text.len(), &mut Diagnostics::new()).slices {
                        let item = &text[slice.start..slice.end];
                        all += item.len();
                        if !slice.reported && agree(item) { quick += item.len() } else { println!("{}", item.lines().next().unwrap()) }
                    }
                }
            }
        }
        println!("{quick} of {all} bytes");
        assert!(quick > all / 2, "{quick} of {all} bytes have a common shape");
    }

    fn token() -> impl Strategy<Value = String> {
        let common = prop::sample::select(vec![
            "a",
            "b-c",
            "with",
            "when",
            "extends",
            "since",
            "override",
            "for",
            "1.2",
            "x/y",
            "::1",
            "a:b",
            ":",
            "-",
            "=",
            "+=",
            "-=",
            "==",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            ",",
            "\n",
            "\r\n",
            "\r",
            " ",
            "\t",
            "# c\n",
            "#",
            "\"s\"",
            "\"",
            "'r'",
            "'",
            "\"${n}\"",
            "\"\\n\"",
            "\"\\q\"",
            "\"\"\"t\"\"\"",
            "\\",
            "ä",
            "$",
        ]);
        common.prop_map(str::to_owned)
    }

    fn shaped() -> impl Strategy<Value = String> {
        let gap = || prop::sample::select(vec!["", " ", "\n", " # c\n", "\r\n", "  "]);
        let sep = || prop::sample::select(vec![",", "\n", " , ", "\n,", "# c\n", " ", ",,", ",\n"]);
        let leaf = prop::sample::select(vec![
            "a",
            "1.2/3 on lan",
            "\"s\"",
            "'r'",
            "[]",
            "{}",
            "\"${n}\"",
            "::1",
            "a(b)",
            "-1",
        ]);
        let head = prop::sample::select(vec![
            "x",
            "a b",
            "role a extends b",
            "override z",
            "a since v1",
            "unset",
            "a for b c",
        ]);
        let value = leaf.prop_map(str::to_owned).prop_recursive(4, 24, 4, move |inner| {
            let item =
                (head.clone(), gap(), prop::sample::select(vec!["=", "+=", "-=", ""]), gap(), inner.clone())
                    .prop_map(|(head, before, op, after, value)| format!("{head}{before}{op}{after}{value}"));
            let elements = |one: BoxedStrategy<String>| {
                (gap(), prop::collection::vec((one, sep()), 0..4), gap()).prop_map(|(open, all, close)| {
                    let inner: String = all.into_iter().map(|(one, sep)| one + sep).collect();
                    format!("{open}{inner}{close}")
                })
            };
            prop_oneof![
                elements(inner.boxed()).prop_map(|inner| format!("[{inner}]")),
                elements(item.boxed()).prop_map(|inner| format!("{{{inner}}}")),
            ]
        });
        (
            prop::sample::select(vec!["x = ", "x ", "role a extends b ", "x += a "]),
            value,
            prop::sample::select(vec!["", ",", "\n", " # e"]),
        )
            .prop_map(|(head, value, end)| format!("{head}{value}{end}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_tokens_are_read_as_pest_reads_them(tokens in prop::collection::vec(token(), 0..16)) {
            agree(&tokens.concat());
        }

        #[test]
        fn any_shape_is_read_as_pest_reads_it(text in shaped()) {
            agree(&text);
        }
    }
}

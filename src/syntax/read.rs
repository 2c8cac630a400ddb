//! Text to tree: the reader of the language, written by hand.
//!
//! pest needs several hundred instructions for each byte; a fleet is megabytes, and a small project reads some kilobytes of the
//! standard library. So the grammar in `grammar/talosc.pest` is what the language is, and this reader is how it is read: what pest accepts
//! it reads as pest would, to the last offset and finding, and what pest refuses it refuses. Property tests hold the two together, with
//! the judge in `lower`. What is refused goes to pest, which says where the mistake is.
//!
//! Each method reads the rule of its name and leaves `at` behind it. `None` means that pest would refuse the item: brackets are closed and
//! separators asked for by exactly one rule each, so that there is another way to read a text in three places only: a clause that is a
//! plain item, an argument whose `name:` is part of its value, and a quantifier that is a name.

mod expr;
mod head;
#[cfg(test)]
mod lower;
mod sort;

use super::ast::{Atom, Block, Item, Op, Rest, Value, ValueKind};
use super::lex;
use super::strings::{self, Str};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::source::{FileId, Span};
use crate::text::Text;

/// Reads items of one text. What it has read of open blocks and lists waits on stacks, so that each ends in one exact allocation.
pub(super) struct Reader<'a> {
    file: FileId,
    text: &'a str,
    /// The text up to the end of the item.
    bytes: &'a [u8],
    at: usize,
    items: Vec<Item>,
    values: Vec<Value>,
    /// What is wrong with the item though the grammar takes it.
    found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: FileId, text: &'a str) -> Self {
        Reader {
            file,
            text,
            bytes: text.as_bytes(),
            at: 0,
            items: Vec::new(),
            values: Vec::new(),
            found: Vec::new(),
        }
    }

    /// The item that `start..end` holds, or nothing if the grammar refuses it. The splitter has bounded its depth.
    pub(super) fn entry(&mut self, start: usize, end: usize, out: &mut Diagnostics) -> Option<Item> {
        self.bytes = &self.text.as_bytes()[..end];
        self.at = start;
        self.items.clear();
        self.values.clear();
        self.found.clear();
        self.gap();
        let item = self.item()?;
        self.sep();
        self.gap();
        if self.at < end {
            return None;
        }
        self.found.drain(..).for_each(|finding| out.push(finding));
        Some(item)
    }

    /// Reads one way; if that fails, nothing was read.
    fn attempt<T>(&mut self, one: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let (at, found) = (self.at, self.found.len());
        let (items, values) = (self.items.len(), self.values.len());
        let read = one(self);
        if read.is_none() {
            self.at = at;
            self.found.truncate(found);
            self.items.truncate(items);
            self.values.truncate(values);
        }
        read
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

    // ---- layout -----------------------------------------------------------------------------------------------------------------

    fn blanks(&mut self) {
        self.at = lex::blanks(self.bytes, self.at);
    }

    /// Blanks, of which there must be one.
    fn ws(&mut self) -> Option<()> {
        let start = self.at;
        self.blanks();
        (self.at > start).then_some(())
    }

    fn newline(&mut self) -> bool {
        let start = self.at;
        self.at = lex::newline(self.bytes, start);
        self.at > start
    }

    fn comment(&mut self) {
        if self.peek() == Some(b'#') {
            self.at = lex::comment(self.bytes, self.at);
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

    // ---- brackets ---------------------------------------------------------------------------------------------------------------

    fn block(&mut self) -> Option<Block> {
        let start = self.at;
        let items = self.elements(b'}', Self::item, |reader| &mut reader.items)?;
        Some(Block { span: self.span(start), items })
    }

    fn list(&mut self) -> Option<Vec<Value>> {
        self.elements(b']', Self::value, |reader| &mut reader.values)
    }

    /// What stands between two brackets; elements wait on a stack until the second.
    fn elements<T>(
        &mut self,
        close: u8,
        one: fn(&mut Self) -> Option<T>,
        stack: fn(&mut Self) -> &mut Vec<T>,
    ) -> Option<Vec<T>> {
        let waiting = stack(self).len();
        self.at += 1;
        self.gap();
        // One comma may stand before the bracket, even alone.
        if self.eat(b',') {
            self.gap();
            return self.eat(close).then(Vec::new);
        }
        while self.peek() != Some(close) {
            let element = one(self)?;
            stack(self).push(element);
            if self.closes(close)? {
                break;
            }
        }
        self.at += 1;
        Some(stack(self).drain(waiting..).collect())
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
        let more = self.at > end && self.starts_atom();
        if !more && first.args.is_none() {
            self.at = end;
            return Some(first.value);
        }
        let mut atoms = vec![first];
        while self.at > end && self.starts_atom() {
            atoms.push(self.atom()?);
            end = self.at;
            self.blanks();
        }
        self.at = end;
        Some(Value { span: self.span(start), kind: ValueKind::Apply(atoms) })
    }

    fn starts_atom(&self) -> bool {
        matches!(self.peek(), Some(b'"' | b'\'' | b'[' | b'{')) || lex::starts_bare(self.bytes, self.at)
    }

    fn atom(&mut self) -> Option<Atom> {
        let start = self.at;
        let kind = match self.peek()? {
            b'"' | b'\'' => self.string()?,
            b'[' => ValueKind::List(self.list()?),
            b'{' => ValueKind::Block(self.block()?),
            _ => {
                let kind = ValueKind::Bare(Text::new(self.bare()?));
                let value = Value { span: self.span(start), kind };
                let args = if self.peek() == Some(b'(') { Some(Box::new(self.args()?)) } else { None };
                return Some(Atom { value, args });
            }
        };
        Some(Atom { value: Value { span: self.span(start), kind }, args: None })
    }

    /// A string of any form.
    fn string(&mut self) -> Option<ValueKind> {
        let start = self.at;
        let token = lex::string(self.bytes, start);
        if !token.closed || !token.sound {
            return None;
        }
        self.at = token.end;
        Some(
            match strings::read(&self.text[start..token.end], token.plain, self.span(start), &mut self.found)
            {
                Str::Plain(text) => ValueKind::Str(text),
                Str::Template(parts) => ValueKind::Template(parts),
            },
        )
    }

    fn bare(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at = lex::bare(self.bytes, start);
        (self.at > start).then(|| &self.text[start..self.at])
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
}

/// Whether a text is one item.
pub(super) fn reads(text: &str) -> bool {
    Reader::new(FileId(0), text).entry(0, text.len(), &mut Diagnostics::new()).is_some()
}

#[cfg(test)]
mod tests;

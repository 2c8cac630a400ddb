//! Text without mistakes, read without pest.
//!
//! pest needs several hundred instructions for each byte; a fleet is megabytes, and a small project reads some kilobytes of the
//! standard library. This reader knows what nearly all text is made of, and gives up at the first byte that it does not know: paths with
//! quoted segments, text of several lines, and every mistake. Then the whole item goes to pest, which stays the grammar. What this
//! reader accepts it reads as pest does, to the last offset; property tests hold them together.

mod expr;
mod head;

use super::ast::{Atom, Block, Item, Op, Rest, Value, ValueKind};
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
        let Some(item) = self.item() else {
            self.items.clear();
            self.values.clear();
            return None;
        };
        self.sep();
        self.gap();
        (self.at == end).then_some(item)
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
        let items = self.elements(b'}', Self::item, |quick| &mut quick.items)?;
        Some(Block { span: self.span(start), items })
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
        self.starts_word() || matches!(self.peek(), Some(b'"' | b'\'' | b'[' | b'{' | b':'))
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

    fn list(&mut self) -> Option<Vec<Value>> {
        self.elements(b']', Self::value, |quick| &mut quick.values)
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

/// The bytes of the rule `ident`.
fn is_ident(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
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
mod tests;

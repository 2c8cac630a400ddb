//! Items up to their operator or body: words, arguments, mixins.

use smallvec::smallvec;

use super::super::ast::{Arg, Args, Item, Modifier, ModifierKind, Rest, Use, ValueKind, Word, WordForm};
use super::super::lex;
use super::Reader;
use super::sort::{self, Piece, shown};

impl Reader<'_> {
    pub(super) fn item(&mut self) -> Option<Item> {
        let clause = matches!(self.peek(), Some(b'w' | b'r')).then(|| self.attempt(Self::clause)).flatten();
        clause.or_else(|| self.plain())
    }

    fn plain(&mut self) -> Option<Item> {
        let start = self.at;
        let mut pieces = Vec::new();
        let mut first = None;
        if self.at_mixins() {
            pieces.push(Piece::Mixins(self.mixins()?));
        } else {
            first = Some(self.head_word()?);
            self.arguments_of(&mut pieces)?;
        }
        let mut end = self.at;
        self.blanks();
        while self.at > end && self.starts_part() {
            if self.at_mixins() {
                pieces.push(Piece::Mixins(self.mixins()?));
            } else {
                pieces.push(Piece::Word(self.head_word()?));
                self.arguments_of(&mut pieces)?;
            }
            end = self.at;
            self.blanks();
        }
        let rest = match self.peek() {
            Some(b'{') => Rest::Block(self.block()?),
            Some(b'=' | b'+' | b'-') => self.assignment()?,
            _ => {
                self.at = end;
                Rest::Nothing
            }
        };
        let span = self.span(start);
        if let Some(first) = first {
            if pieces.is_empty() {
                // One word is no mark and no modifier.
                let (marks, words, modifiers) = (Vec::new(), smallvec![first], Vec::new());
                return Some(Item { span, marks, words, args: None, modifiers, rest, broken: false });
            }
            pieces.insert(0, Piece::Word(first));
        }
        let (item, finding) = sort::item(span, pieces, rest);
        self.found.extend(finding);
        Some(item)
    }

    fn starts_part(&self) -> bool {
        matches!(self.peek(), Some(b'"' | b'\'')) || lex::starts_bare(self.bytes, self.at)
    }

    /// A word of a head: a string, or a name or path that may have quoted segments.
    fn head_word(&mut self) -> Option<Word> {
        let start = self.at;
        if matches!(self.peek(), Some(b'"' | b'\'')) {
            let (text, form) = match self.string()? {
                ValueKind::Template(parts) => (shown(&parts), WordForm::Template(parts)),
                ValueKind::Str(text) => (text, WordForm::Quoted),
                _ => return None,
            };
            return Some(Word { text, span: self.span(start), form });
        }
        self.bare()?;
        while let Some(end) = lex::segment(self.bytes, self.at) {
            self.at = lex::bare(self.bytes, end);
        }
        Some(self.word(start))
    }

    /// What was read since `start`, as a word.
    pub(super) fn word(&self, start: usize) -> Word {
        sort::word(&self.text[start..self.at], self.span(start))
    }

    /// The arguments that stand at the word before.
    fn arguments_of(&mut self, pieces: &mut Vec<Piece>) -> Option<()> {
        if self.peek() == Some(b'(') {
            pieces.push(Piece::Args(Box::new(self.args()?)));
        }
        Some(())
    }

    /// Whether `with` and a name stand here.
    fn at_mixins(&self) -> bool {
        if !self.bytes[self.at..].starts_with(b"with") {
            return false;
        }
        let end = self.at + "with".len();
        let name = lex::blanks(self.bytes, end);
        name > end && lex::starts_name(self.bytes, name)
    }

    fn mixins(&mut self) -> Option<Modifier> {
        let start = self.at;
        self.at += "with".len();
        let span = self.span(start);
        let mut uses = Vec::new();
        self.blanks();
        loop {
            let start = self.at;
            self.at = lex::name(self.bytes, start);
            let word = self.word(start);
            let args = if self.peek() == Some(b'(') { Some(Box::new(self.args()?)) } else { None };
            uses.push(Use { word, args });
            let end = self.at;
            self.blanks();
            let more = self.eat(b',') && {
                self.gap();
                lex::starts_name(self.bytes, self.at) && !self.at_field()
            };
            if !more {
                self.at = end;
                return Some(Modifier { kind: ModifierKind::With, span, uses });
            }
        }
    }

    /// Whether a name and an operator stand here: then a comma before them ends the mixins.
    fn at_field(&self) -> bool {
        let name = lex::ident(self.bytes, self.at);
        match self.bytes[lex::blanks(self.bytes, name)..] {
            [b'=', next, ..] => next != b'=',
            [b'='] => true,
            [b'+' | b'-', b'=', ..] => true,
            _ => false,
        }
    }

    pub(super) fn args(&mut self) -> Option<Args> {
        let start = self.at;
        let mut list = Vec::new();
        self.at += 1;
        self.gap();
        // One comma may stand before the bracket, even alone.
        let alone = self.eat(b',');
        if alone {
            self.gap();
        }
        while !alone && self.peek() != Some(b')') {
            list.push(self.arg()?);
            self.gap();
            if !self.eat(b',') {
                break;
            }
            self.gap();
        }
        self.eat(b')').then(|| Args { span: self.span(start), list })
    }

    fn arg(&mut self) -> Option<Arg> {
        let named = self.attempt(Self::named);
        named.or_else(|| Some(Arg::Plain(self.value()?)))
    }

    /// `name: Type = default`, or `name = value`.
    fn named(&mut self) -> Option<Arg> {
        let start = self.at;
        self.at = lex::ident(self.bytes, start);
        if self.at == start {
            return None;
        }
        let name = self.word(start);
        self.blanks();
        match self.peek()? {
            b':' => {
                self.at += 1;
                self.blanks();
                let ty = self.value()?;
                let end = self.at;
                self.blanks();
                if !self.eat(b'=') {
                    self.at = end;
                    return Some(Arg::Param { name, ty, default: None });
                }
                self.gap();
                Some(Arg::Param { name, ty, default: Some(self.value()?) })
            }
            b'=' => {
                self.at += 1;
                self.gap();
                Some(Arg::Named { name, value: self.value()? })
            }
            _ => None,
        }
    }
}

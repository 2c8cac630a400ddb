//! Items up to their operator or body: words, arguments, mixins.

use smallvec::smallvec;

use super::super::ast::{Arg, Args, Item, Modifier, ModifierKind, Rest, Use, ValueKind, Word, WordForm};
use super::super::lower::{Piece, shown, sort_head};
use super::{Quick, is_ident, is_name};
use crate::text::Text;

impl Quick<'_> {
    pub(super) fn item(&mut self) -> Option<Item> {
        let start = self.at;
        let mut pieces = Vec::new();
        let mut first = None;
        if self.at_mixins() {
            pieces.push(Piece::Mixins(self.mixins()?));
        } else {
            let word = self.head_word()?;
            if matches!(word.form, WordForm::Bare) && matches!(&*word.text, "when" | "require") {
                return self.clause(start, word);
            }
            self.arguments_of(&mut pieces)?;
            first = Some(word);
        }
        let mut end = self.at;
        self.blanks();
        while self.at > end && (self.starts_word() || self.at_quote()) {
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
            Some(b':') => return None,
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
        let (item, misplaced) = sort_head(span, pieces, rest);
        let whole = misplaced.is_none() && item.modifiers.iter().all(|modifier| !modifier.uses.is_empty());
        whole.then_some(item)
    }

    pub(super) fn starts_word(&self) -> bool {
        self.peek().is_some_and(|byte| is_name(byte) && !(byte == b'-' && self.second() == Some(b'=')))
    }

    fn at_quote(&self) -> bool {
        matches!(self.peek(), Some(b'"' | b'\''))
    }

    /// A word of a head; one with a colon or a quoted segment is looked at by pest.
    fn head_word(&mut self) -> Option<Word> {
        let start = self.at;
        if self.at_quote() {
            let (text, form) = match self.string()? {
                ValueKind::Template(parts) => (shown(&parts), WordForm::Template(parts)),
                ValueKind::Str(text) => (text, WordForm::Quoted),
                _ => return None,
            };
            return Some(Word { text, span: self.span(start), form });
        }
        let text = self.bare()?;
        let whole = !text.contains(':') && self.peek() != Some(b'"');
        whole.then(|| self.word(start, text))
    }

    pub(super) fn word(&self, start: usize, text: &str) -> Word {
        Word { text: Text::new(text), span: self.span(start), form: WordForm::Bare }
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
        let Some(rest) = self.bytes[self.at..].strip_prefix(b"with") else { return false };
        let name = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
        name.is_some_and(|at| at > 0 && is_name(rest[at]) && !rest[at..].starts_with(b"-="))
    }

    fn mixins(&mut self) -> Option<Modifier> {
        let start = self.at;
        self.at += "with".len();
        let span = self.span(start);
        let mut uses = Vec::new();
        self.blanks();
        loop {
            let start = self.at;
            let name = self.bare().filter(|name| !name.contains(':'))?;
            let word = self.word(start, name);
            let args = if self.peek() == Some(b'(') { Some(Box::new(self.args()?)) } else { None };
            uses.push(Use { word, args });
            let end = self.at;
            self.blanks();
            let more = self.eat(b',') && {
                self.gap();
                self.starts_word() && !self.at_field()
            };
            if !more {
                self.at = end;
                return Some(Modifier { kind: ModifierKind::With, span, uses });
            }
        }
    }

    /// Whether a name and an operator stand here: then a comma before them ends the mixins.
    fn at_field(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let ident = rest.iter().take_while(|&&byte| is_ident(byte)).count();
        let blanks = rest[ident..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        match rest.get(ident + blanks..).unwrap_or_default() {
            [b'=', next, ..] => *next != b'=',
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
        while self.peek() != Some(b')') {
            list.push(self.arg()?);
            self.gap();
            if !self.eat(b',') {
                break;
            }
            self.gap();
        }
        // `(,)` has a comma and nothing before it, which pest takes too, so pest reads it.
        self.eat(b')').then(|| Args { span: self.span(start), list })
    }

    fn arg(&mut self) -> Option<Arg> {
        let start = self.at;
        let ident = self.bytes[start..].iter().take_while(|&&byte| is_ident(byte)).count();
        self.at += ident;
        let word = self.word(start, &self.text[start..self.at]);
        self.blanks();
        match self.peek().filter(|_| ident > 0) {
            Some(b':') => {
                self.at += 1;
                self.blanks();
                let ty = self.value()?;
                let end = self.at;
                self.blanks();
                let default = if self.eat(b'=') {
                    self.gap();
                    Some(self.value()?)
                } else {
                    self.at = end;
                    None
                };
                Some(Arg::Param { name: word, ty, default })
            }
            Some(b'=') => {
                self.at += 1;
                self.gap();
                Some(Arg::Named { name: word, value: self.value()? })
            }
            _ => {
                self.at = start;
                Some(Arg::Plain(self.value()?))
            }
        }
    }
}

//! A second reading, by `serde_yaml`: a text is taken only if it says the same to both readers.
//!
//! Go's library and the one inside of `serde_yaml` are both ports of libyaml, which is stricter and elsewhere laxer than the standard
//! that our parser of events follows: on tabs, on the characters of anchors, on where a block begins. What means two things to
//! them is refused, instead of being listed here rule by rule. That reader knows few places, which is why it is only the second.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::Fault;
use crate::source::{FileId, Span};

/// What the parser saw, in order.
#[derive(Debug)]
pub(super) enum Seen {
    /// A scalar, by its text.
    Scalar(String),
    /// The begin of a list.
    Seq,
    /// The begin of a map; keys and values follow in turn.
    Map,
    /// The end of either.
    End,
    /// What was seen from that place on, once more.
    Alias(usize),
}

/// All that was seen of a text.
#[derive(Debug, Default)]
pub(super) struct Record {
    seen: Vec<Seen>,
    at: Vec<Span>,
}

impl Record {
    /// Adds what stands at a place. Returns its number, for aliases.
    pub(super) fn push(&mut self, seen: Seen, at: Span) -> usize {
        self.seen.push(seen);
        self.at.push(at);
        self.seen.len() - 1
    }

    /// Where the second reader sees something else, if it does.
    pub(super) fn compare(&self, text: &str, file: FileId) -> Option<Fault> {
        let mut next = 0;
        for document in serde_yaml::Deserializer::from_str(text) {
            // It makes one document of a text that has none.
            let empty = self.seen.is_empty() && next == 0;
            let mut wrong = None;
            let check = Check { record: self, next: &mut next, wrong: &mut wrong };
            let read =
                if empty { IgnoredAny::deserialize(document).map(drop) } else { check.deserialize(document) };
            if let Err(error) = read {
                // What is no text, list or map where one was seen never comes to the visitor.
                let other = || error.to_string().contains(EXPECTED).then(|| next.saturating_sub(1));
                return Some(self.fault(&error, wrong.or_else(other), text, file));
            }
        }
        let rest = self.at.get(next)?;
        Some(Fault { message: DISAGREE.to_owned(), at: *rest, other: None })
    }

    fn fault(&self, error: &serde_yaml::Error, wrong: Option<usize>, text: &str, file: FileId) -> Fault {
        if let Some(at) = wrong {
            let at = self.at.get(at).or(self.at.last()).copied();
            let at = at.unwrap_or(Span { file, start: 0, end: 0 });
            return Fault { message: DISAGREE.to_owned(), at, other: None };
        }
        let start = error.location().map_or(0, |place| place.index()).min(text.len());
        let start = (0..=start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let end = start + text[start..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        Fault { message, at: Span { file, start: start as u32, end: end as u32 }, other: None }
    }
}

const EXPECTED: &str = "what the other reader saw";
const DISAGREE: &str = "some readers of YAML see something else here";

/// The next node that must come out of the reader.
struct Check<'r, 'n> {
    record: &'r Record,
    next: &'n mut usize,
    wrong: &'n mut Option<usize>,
}

impl Check<'_, '_> {
    fn again(&mut self) -> Check<'_, '_> {
        Check { record: self.record, next: self.next, wrong: self.wrong }
    }

    fn differs<E: Error>(self, at: usize) -> E {
        self.wrong.get_or_insert(at);
        E::custom(DISAGREE)
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        let at = *self.next;
        *self.next += 1;
        match self.record.seen.get(at) {
            Some(Seen::Alias(of)) => {
                let mut from = *of;
                let inner = Check { record: self.record, next: &mut from, wrong: self.wrong };
                inner.deserialize(reader)
            }
            Some(Seen::Scalar(_)) => {
                *self.next = at;
                reader.deserialize_str(self)
            }
            Some(Seen::Seq) => reader.deserialize_seq(self),
            Some(Seen::Map) => reader.deserialize_map(self),
            Some(Seen::End) | None => Err(self.differs(at)),
        }
    }
}

impl<'de> Visitor<'de> for Check<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: Error>(self, read: &str) -> Result<(), E> {
        let at = *self.next;
        *self.next += 1;
        match self.record.seen.get(at) {
            Some(Seen::Scalar(text)) if text == read => Ok(()),
            _ => Err(self.differs(at)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut read: A) -> Result<(), A::Error> {
        while !matches!(self.record.seen.get(*self.next), Some(Seen::End) | None) {
            let at = *self.next;
            if read.next_element_seed(self.again())?.is_none() {
                return Err(self.differs(at));
            }
        }
        let at = *self.next;
        *self.next += 1;
        match read.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(self.differs(at)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut read: A) -> Result<(), A::Error> {
        while !matches!(self.record.seen.get(*self.next), Some(Seen::End) | None) {
            let at = *self.next;
            if read.next_key_seed(self.again())?.is_none() {
                return Err(self.differs(at));
            }
            read.next_value_seed(self.again())?;
        }
        let at = *self.next;
        *self.next += 1;
        match read.next_key::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(self.differs(at)),
        }
    }
}

//! The place of something in Talos's configuration, in one spelling: `machine.network.interfaces[eth0].vip.ip`,
//! `UserVolumeConfig/ceph: provisioning.diskSelector`.

use std::fmt;
use std::str::FromStr;

use super::{Row, Spot};
use crate::text::Text;

/// A document by its kind, and by its name if it is one of several.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Document {
    /// The kind.
    pub kind: Text,
    /// The name, where there is one.
    pub name: Option<Text>,
}

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A field of a block, or a key of a map: which of the two says the table.
    Name(Text),
    /// An element of a list by its position, from 0.
    Index(usize),
    /// An element of a list by the value of its key.
    Keyed(Text),
}

/// A place: the v1alpha1 document if no other is said, and the steps into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The document; none for the v1alpha1 one.
    pub document: Option<Document>,
    /// The steps, from the top.
    pub path: Vec<Step>,
}

impl Place {
    /// The row of the field that it is, or is an element of.
    pub fn row(&self) -> Option<Row> {
        self.spot().map(Spot::row)
    }

    /// The place in the table. Nothing is known of what is in no minor, or below what is free-form.
    pub fn spot(&self) -> Option<Spot> {
        let top = Spot::document(self.document.as_ref().map(|document| document.kind.as_str()))?;
        self.path.iter().try_fold(top, |spot, step| match step {
            Step::Name(name) => spot.child(name),
            Step::Index(_) | Step::Keyed(_) => spot.item(),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Document { kind, name }) = &self.document {
            f.write_str(kind)?;
            if let Some(name) = name {
                write!(f, "/{}", Quoted(name, is_name))?;
            }
            f.write_str(if self.path.is_empty() { ":" } else { ": " })?;
        }
        for (i, step) in self.path.iter().enumerate() {
            match step {
                Step::Name(name) => {
                    let dot = if i == 0 { "" } else { "." };
                    write!(f, "{dot}{}", Quoted(name, is_name))?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Keyed(key) => write!(f, "[{}]", Quoted(key, is_key))?,
            }
        }
        Ok(())
    }
}

/// A text that stands between quotes unless it is plain.
struct Quoted<'t>(&'t str, fn(&str) -> bool);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (self.1)(self.0) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// A key of digits alone would be a position.
fn is_key(text: &str) -> bool {
    is_name(text) && !text.bytes().all(|b| b.is_ascii_digit())
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let mut reader = Reader { text, at: 0 };
        let mut place = Place::default();
        let mut first = reader.word()?;
        if reader.eat("/") {
            let name = Some(reader.required()?);
            place.document =
                Some(Document { kind: first.take().ok_or("a kind is missing before `/`")?, name });
            if !reader.eat(":") {
                return Err(format!("`:` is missing in `{text}`"));
            }
        } else if reader.eat(":") {
            place.document =
                Some(Document { kind: first.take().ok_or("a kind is missing before `:`")?, name: None });
        }
        if place.document.is_some() {
            reader.eat(" ");
            first = reader.word()?;
        }
        place.path.extend(first.map(Step::Name));
        while !reader.rest().is_empty() {
            if reader.eat(".") {
                place.path.push(Step::Name(reader.required()?));
            } else if reader.eat("[") {
                place.path.push(reader.element()?);
            } else {
                return Err(format!("`{}` in `{text}` is no step", reader.rest()));
            }
        }
        Ok(place)
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len() } else { 0 };
        found
    }

    /// A name, or a text between quotes.
    fn word(&mut self) -> Result<Option<Text>, String> {
        if !self.eat("\"") {
            let rest = self.rest();
            let end = rest.find(|c: char| !is_name(c.encode_utf8(&mut [0; 4]))).unwrap_or(rest.len());
            self.at += end;
            return Ok((end > 0).then(|| Text::new(&rest[..end])));
        }
        let mut out = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(Some(out.into()));
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, c @ ('"' | '\\'))) => out.push(c),
                    _ => return Err(format!("`\\` in `{}` says nothing", self.text)),
                },
                c => out.push(c),
            }
        }
        Err(format!("a quote in `{}` is never closed", self.text))
    }

    fn required(&mut self) -> Result<Text, String> {
        self.word()?.ok_or_else(|| format!("a name is missing in `{}`", self.text))
    }

    fn element(&mut self) -> Result<Step, String> {
        let quoted = self.rest().starts_with('"');
        let word = self.required()?;
        if !self.eat("]") {
            return Err(format!("`]` is missing in `{}`", self.text));
        }
        Ok(match word.parse() {
            Ok(index) if !quoted => Step::Index(index),
            _ => Step::Keyed(word),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "",
            "machine",
            "machine.network.interfaces[eth0].vip.ip",
            "machine.network.interfaces[0].vlans[\"100\"]",
            "machine.nodeLabels.\"a.b/c\"",
            "machine.files[2].\"say \\\"so\\\"\"",
            "UserVolumeConfig/ceph: provisioning.diskSelector",
            "ResolverConfig: nameservers[1].address",
            "BondConfig/\"bond 0\":",
        ] {
            let place: Place = text.parse().unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["a..b", "a[", "a[]", "a[0", "a b", "/x: a", ": a", "K/n a", "a.\"b", "a.\"\\x\""] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}

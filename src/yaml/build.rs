//! Events become nodes: without recursion, within limits.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::scalar::{self, Odd};
use super::second::{Record, Seen};
use super::{Also, Doubtful, Fault, MAX_DEPTH, MAX_NODES, Stream, characters};
use crate::source::{FileId, Span};
use crate::text::Text;
use crate::tree::{Map, Node, Origin, Value};

pub(super) fn read(text: &str, file: FileId, place: &mut dyn FnMut(Span) -> Origin) -> Stream {
    let mut builder = Builder {
        text,
        file,
        offsets: offsets(text),
        place,
        frames: Vec::new(),
        anchors: FxHashMap::default(),
        nodes: 0,
        end: 0,
        record: Record::default(),
        out: Stream::default(),
    };
    if let Some((at, c)) = characters::odd(text) {
        let at = Span { file, start: at as u32, end: (at + c.len_utf8()) as u32 };
        builder.fault(at, characters::why(c));
        return builder.out;
    }
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, at)) => {
                let at = builder.span(at.start.index(), at.end.index());
                if builder.event(event, at).is_none() {
                    break;
                }
            }
            Err(error) => {
                builder.broken(&error);
                break;
            }
        }
    }
    if builder.out.faults.is_empty()
        && let Some(fault) = builder.record.compare(text, file)
    {
        builder.out.faults.push(fault);
    }
    builder.out
}

/// Byte offsets of characters, if they differ from the numbers of the characters.
fn offsets(text: &str) -> Option<Vec<u32>> {
    (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at as u32).collect())
}

/// The tag `!`, which Go reads over.
fn says_nothing(tag: &Tag) -> bool {
    tag.handle.is_empty() && tag.suffix == "!"
}

struct Builder<'t, 'p> {
    text: &'t str,
    file: FileId,
    offsets: Option<Vec<u32>>,
    place: &'p mut dyn FnMut(Span) -> Origin,
    frames: Vec<Frame>,
    anchors: FxHashMap<usize, Anchored>,
    nodes: usize,
    /// The end of the document before.
    end: u32,
    record: Record,
    out: Stream,
}

/// What an alias stands for.
#[derive(Clone)]
struct Anchored {
    node: Node,
    /// How many nodes it is.
    size: usize,
    /// Where it was seen.
    seen: usize,
}

/// A list or map under construction.
struct Frame {
    anchor: usize,
    origin: Origin,
    /// How many nodes there were before it.
    before: usize,
    /// Where it was seen.
    seen: usize,
    /// Inside of brackets.
    flow: bool,
    content: Content,
}

enum Content {
    Seq(Vec<Node>),
    Map { map: Map, key: Option<Key>, keys: FxHashMap<Text, Span>, merged: Vec<Node> },
}

/// A key whose value has not come yet.
struct Key {
    name: Text,
    at: Span,
    /// `<<` without quotes: the value is taken in.
    merges: bool,
}

impl Builder<'_, '_> {
    fn byte(&self, index: usize) -> u32 {
        match &self.offsets {
            Some(offsets) => offsets.get(index).copied().unwrap_or(self.text.len() as u32),
            None => index.min(self.text.len()) as u32,
        }
    }

    /// A place without the white space behind it.
    fn span(&self, start: usize, end: usize) -> Span {
        let (start, end) = (self.byte(start), self.byte(end.max(start)));
        let held = self.text[start as usize..end as usize].trim_end();
        Span { file: self.file, start, end: start + held.len() as u32 }
    }

    fn fault(&mut self, at: Span, message: impl Into<String>) {
        self.out.faults.push(Fault { message: message.into(), at, other: None });
    }

    fn broken(&mut self, error: &ScanError) {
        let at = self.byte(error.marker().index());
        let line = self.text[at as usize..].find('\n').unwrap_or(self.text.len() - at as usize);
        let at = Span { file: self.file, start: at, end: at + line.min(1) as u32 };
        let end = self.text[at.start as usize..]
            .chars()
            .next()
            .map_or(0, |c| if line == 0 { 0 } else { c.len_utf8() });
        self.fault(Span { end: at.start + end as u32, ..at }, error.info().to_string());
    }

    /// `None` ends the reading.
    fn event(&mut self, event: Event<'_>, at: Span) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => self.scalar(&text, style, anchor, tag.as_deref(), at),
            Event::SequenceStart(anchor, tag) => self.open(anchor, tag, at, Content::Seq(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                let (keys, merged) = (FxHashMap::default(), Vec::new());
                self.open(anchor, tag, at, Content::Map { map: Map::new(), key: None, keys, merged })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Alias(anchor) => {
                let Some(Anchored { node, size, seen }) = self.anchors.get(&anchor).cloned() else {
                    self.fault(at, "an alias inside of what it names");
                    return None;
                };
                self.record.push(Seen::Alias(seen), at);
                self.count(size, at)?;
                if self.merges() && node.as_map().is_none() {
                    return self.no_map(at);
                }
                self.put(node, at)
            }
            Event::DocumentStart(_) => self.no_directive(at),
            Event::DocumentEnd => {
                self.end = at.end;
                Some(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd => Some(()),
        }
    }

    /// Of directives, Go knows `%YAML 1.1` and tags of one's own, which mean nothing here.
    fn no_directive(&mut self, start: Span) -> Option<()> {
        let between = &self.text[self.end.min(start.start) as usize..start.start as usize];
        let Some(line) = between.lines().find(|line| line.starts_with('%')) else { return Some(()) };
        let at = start.start - (between.len() - between.find(line).unwrap_or_default()) as u32;
        let at = Span { start: at, end: at + line.trim_end().len() as u32, ..start };
        self.fault(at, "directives are not read alike everywhere, and nothing here needs one");
        None
    }

    fn count(&mut self, nodes: usize, at: Span) -> Option<()> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            self.fault(
                at,
                format!("more than {MAX_NODES} values, aliases counted as often as they are used"),
            );
            return None;
        }
        Some(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Span,
    ) -> Option<()> {
        self.count(1, at)?;
        let at = Span { end: at.start + self.written(style, at) as u32, ..at };
        if style == ScalarStyle::DoubleQuoted && self.escapes_a_slash(at) {
            self.fault(at, "the escape `\\/` is known to some readers of YAML only");
            return None;
        }
        if style == ScalarStyle::Plain && self.ends_at_a_question(text, at) {
            self.fault(
                at,
                "in brackets, `?` before a blank ends a word for some readers; put it into quotes",
            );
            return None;
        }
        let text = self.until_the_end(text, style, at);
        let value = self.value(text, style, tag, at)?;
        let seen = self.record.push(Seen::Scalar(text.to_owned()), at);
        if self.wants_key() {
            if anchor > 0 {
                let node = Node::new(value.clone(), (self.place)(at));
                self.anchors.insert(anchor, Anchored { node, size: 1, seen });
            }
            let merges = style == ScalarStyle::Plain && text == "<<" && tag.is_none_or(says_nothing);
            return self.key(text, &value, style, merges, at);
        }
        let whole = self.entry_place(at);
        let origin = (self.place)(whole);
        let node = Node::new(value, origin);
        if anchor > 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), size: 1, seen });
        }
        self.put(node, at)
    }

    /// A block whose last line has no line end: the parser puts one there, Go's does not.
    fn until_the_end<'s>(&self, text: &'s str, style: ScalarStyle, at: Span) -> &'s str {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if block && !self.text.ends_with('\n') && self.text[at.end as usize..].trim_end().is_empty() {
            return text.strip_suffix('\n').unwrap_or(text);
        }
        text
    }

    /// What a scalar means.
    fn value(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Span) -> Option<Value> {
        let tag = tag.filter(|tag| !says_nothing(tag));
        let string = Value::Str(Text::new(text));
        let Some(tag) = tag else {
            return if style == ScalarStyle::Plain { self.plain(text, at) } else { Some(string) };
        };
        let known = tag.is_yaml_core_schema().then_some(tag.suffix.as_str());
        if known == Some("str") {
            return Some(string);
        }
        let value = match (known, scalar::plain(text)) {
            (Some("null"), Ok(Value::Null)) => Value::Null,
            (Some("bool"), Ok(value @ Value::Bool(_))) => value,
            (Some("int"), Ok(value @ Value::Int(_))) => value,
            (Some("float"), Ok(value @ Value::Decimal(_))) => value,
            (Some("float"), Ok(Value::Int(int))) => Value::Decimal(format!("{int}.0").into()),
            (Some("null" | "bool" | "int" | "float"), _) => {
                self.fault(at, format!("`{text}` is not what the tag `!!{}` says", tag.suffix));
                return None;
            }
            _ => {
                self.unknown_tag(tag, at);
                return None;
            }
        };
        Some(value)
    }

    fn plain(&mut self, text: &str, at: Span) -> Option<Value> {
        let (value, also) = match scalar::plain(text) {
            Ok(value @ Value::Str(_)) if scalar::is_loose_boolean(text) => (value, Some(Also::Boolean)),
            Ok(value) => (value, None),
            Err(Odd::Date) => (Value::Str(Text::new(text)), Some(Also::Date)),
            Err(Odd::Number) => {
                self.fault(at, format!("`{text}` is not a number that can be carried"));
                return None;
            }
        };
        match also {
            // As a key it is text to Go.
            Some(Also::Boolean) if self.wants_key() => {}
            Some(also) => self.doubt(text, at, also),
            None => {}
        }
        Some(value)
    }

    fn doubt(&mut self, text: &str, at: Span, also: Also) {
        let also = if self.wants_key() { Also::Key } else { also };
        self.out.doubtful.push(Doubtful { text: Text::new(text), at, also });
    }

    fn unknown_tag(&mut self, tag: &Tag, at: Span) {
        let handle = if tag.is_yaml_core_schema() { "!!" } else { &tag.handle };
        self.fault(at, format!("the tag `{handle}{}` means nothing here", tag.suffix));
    }

    /// The length of a scalar: the parser's end of a quoted one lies behind the blanks and comments that follow it. Its place begins
    /// with an anchor or a tag if it has one.
    fn written(&self, style: ScalarStyle, at: Span) -> usize {
        let text = &self.text[at.start as usize..at.end as usize];
        let quote = match style {
            ScalarStyle::SingleQuoted => '\'',
            ScalarStyle::DoubleQuoted => '"',
            _ => return text.len(),
        };
        let Some(open) = text.find(quote) else { return text.len() };
        let mut chars = text[open + 1..].char_indices().map(|(at, c)| (open + 1 + at, c)).peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\\' && quote == '"' {
                chars.next();
            } else if c == quote {
                if quote == '\'' && chars.peek().is_some_and(|next| next.1 == quote) {
                    chars.next();
                } else {
                    return at + 1;
                }
            }
        }
        text.len()
    }

    /// Whether a plain word in brackets holds a `?` before a blank, where Go's library takes it for the sign of a key.
    fn ends_at_a_question(&self, text: &str, at: Span) -> bool {
        let flow = self.frames.last().is_some_and(|frame| frame.flow);
        let behind = text.ends_with('?') && self.text[at.end as usize..].starts_with(char::is_whitespace);
        flow && (behind || text.contains("? "))
    }

    /// Whether a text in double quotes holds `\/`, an escape of JSON that Go's library does not know.
    fn escapes_a_slash(&self, at: Span) -> bool {
        let text = &self.text[at.start as usize..at.end as usize];
        let mut chars = text[text.find('"').unwrap_or(0)..].chars();
        while let Some(c) = chars.next() {
            if c == '\\' && chars.next() == Some('/') {
                return true;
            }
        }
        false
    }

    /// The place of a value: with its key in a map.
    fn entry_place(&self, at: Span) -> Span {
        match self.frames.last().map(|frame| &frame.content) {
            Some(Content::Map { key: Some(key), .. }) if key.at.start <= at.start => key.at.to(at),
            _ => at,
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.frames.last().map(|frame| &frame.content), Some(Content::Map { key: None, .. }))
    }

    /// Whether the next value is taken in by a `<<`.
    fn merges(&self) -> bool {
        let content = self.frames.last().map(|frame| &frame.content);
        matches!(content, Some(Content::Map { key: Some(Key { merges: true, .. }), .. }))
    }

    fn no_map(&mut self, at: Span) -> Option<()> {
        self.fault(at, "`<<` takes a map, or a list of maps");
        None
    }

    fn key(&mut self, text: &str, value: &Value, style: ScalarStyle, merges: bool, at: Span) -> Option<()> {
        match value {
            Value::Str(_) => {}
            Value::Null | Value::Seq(_) | Value::Map(_) => {
                self.fault(at, "a key that is no text");
                return None;
            }
            Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => self.doubt(text, at, Also::Key),
        }
        let behind = &self.text[at.end as usize..];
        if style == ScalarStyle::Plain
            && behind.starts_with(':')
            && behind[1..].starts_with([',', '[', ']', '{', '}'])
        {
            self.fault(at, format!("`{text}:` is a word to some readers; a blank makes it a key"));
            return None;
        }
        let name = Text::new(text);
        if let Some(Frame { content: Content::Map { key, keys, .. }, .. }) = self.frames.last_mut() {
            if let Some(first) = keys.insert(name.clone(), at) {
                let message = format!("the key `{name}` stands here twice");
                self.out.faults.push(Fault { message, at, other: Some((first, "first here")) });
            }
            *key = Some(Key { name, at, merges });
        }
        Some(())
    }

    fn open(&mut self, anchor: usize, tag: Option<Cow<'_, Tag>>, at: Span, content: Content) -> Option<()> {
        self.count(1, at)?;
        let kind = if matches!(content, Content::Seq(_)) { "seq" } else { "map" };
        if self.wants_key() {
            self.fault(at, "a key that is no text");
            return None;
        }
        if let Some(tag) =
            tag.filter(|tag| !(tag.is_yaml_core_schema() && tag.suffix == kind || says_nothing(tag)))
        {
            self.unknown_tag(&tag, at);
            return None;
        }
        if self.frames.len() >= MAX_DEPTH {
            self.fault(at, format!("blocks nested deeper than {MAX_DEPTH}"));
            return None;
        }
        let place = match self.frames.last().map(|frame| &frame.content) {
            Some(Content::Map { key: Some(key), .. }) => key.at,
            _ => self.line_of(at),
        };
        let origin = (self.place)(place);
        let seen = self.record.push(if kind == "seq" { Seen::Seq } else { Seen::Map }, at);
        let opened = self.text[at.start as usize..at.end as usize].ends_with(['[', '{']);
        let flow = opened || self.frames.last().is_some_and(|frame| frame.flow);
        self.frames.push(Frame { anchor, origin, before: self.nodes - 1, seen, flow, content });
        Some(())
    }

    /// From a place to the end of its line.
    fn line_of(&self, at: Span) -> Span {
        let rest = &self.text[at.start as usize..];
        let line = rest.split('\n').next().unwrap_or(rest).trim_end();
        Span { end: at.start + line.len() as u32, ..at }
    }

    fn close(&mut self, at: Span) -> Option<()> {
        let frame = self.frames.pop()?;
        self.record.push(Seen::End, at);
        let node = match frame.content {
            Content::Seq(items) => Node::seq(items, frame.origin),
            Content::Map { mut map, merged, .. } => {
                for base in merged {
                    merge(&mut map, base);
                }
                Node::map(map, frame.origin)
            }
        };
        if frame.anchor > 0 {
            let size = self.nodes - frame.before;
            self.anchors.insert(frame.anchor, Anchored { node: node.clone(), size, seen: frame.seen });
        }
        self.put(node, at)
    }

    fn put(&mut self, node: Node, at: Span) -> Option<()> {
        let is_map = |node: &Node| node.as_map().is_some();
        if self.merges() && !is_map(&node) && !node.as_seq().is_some_and(|maps| maps.iter().all(is_map)) {
            return self.no_map(at);
        }
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.out.documents.push(node),
            Some(Content::Seq(items)) => items.push(node),
            Some(Content::Map { map, key, merged, .. }) => match key.take() {
                Some(Key { merges: true, .. }) => merged.push(node),
                Some(Key { name, .. }) => {
                    map.insert(name, node);
                }
                None => {
                    self.fault(at, "a key that is no text");
                    return None;
                }
            },
        }
        Some(())
    }
}

/// `<<: *base`: what the map does not say itself. To Go it says `<<`, so that a key of this name in quotes is not taken in.
fn merge(map: &mut Map, base: Node) {
    match base.value {
        Value::Map(fields) => {
            for (key, node) in fields {
                if key != "<<" && map.get(&key).is_none() {
                    map.insert(key, node);
                }
            }
        }
        Value::Seq(bases) => bases.into_iter().for_each(|base| merge(map, base)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => {}
    }
}

//! Events become nodes: without recursion, within limits.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::{Fault, MAX_DEPTH, MAX_NODES, Stream, scalar};
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
        out: Stream::default(),
    };
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
    builder.out
}

/// Byte offsets of characters, if they differ from the numbers of the characters.
fn offsets(text: &str) -> Option<Vec<u32>> {
    (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at as u32).collect())
}

struct Builder<'t, 'p> {
    text: &'t str,
    file: FileId,
    offsets: Option<Vec<u32>>,
    place: &'p mut dyn FnMut(Span) -> Origin,
    frames: Vec<Frame>,
    anchors: FxHashMap<usize, (Node, usize)>,
    nodes: usize,
    out: Stream,
}

/// A list or map under construction.
struct Frame {
    anchor: usize,
    origin: Origin,
    /// How many nodes there were before it.
    before: usize,
    content: Content,
}

enum Content {
    Seq(Vec<Node>),
    Map { map: Map, key: Option<(Text, Span)>, keys: FxHashMap<Text, Span>, merged: Vec<Node> },
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
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    self.fault(at, "an alias inside of what it names");
                    return None;
                };
                self.count(size, at)?;
                self.put(node, at)
            }
            Event::DocumentEnd
            | Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_) => Some(()),
        }
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
        if self.wants_key() {
            return self.key(text, style, at);
        }
        let textual = match tag {
            None => false,
            Some(tag) if tag.is_yaml_core_schema() => tag.suffix == "str",
            Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => true,
            Some(tag) => {
                self.fault(at, format!("the tag `{}{}` means nothing here", tag.handle, tag.suffix));
                return None;
            }
        };
        let value = if style == ScalarStyle::Plain && !textual {
            let Some(value) = scalar::plain(text) else {
                self.fault(at, format!("`{text}` is not a number that can be carried"));
                return None;
            };
            if scalar::is_doubtful(text) {
                self.out.doubtful.push((Text::new(text), at));
            }
            value
        } else {
            Value::Str(Text::new(text))
        };
        let whole = self.entry_place(at);
        let origin = (self.place)(whole);
        let node = Node::new(value, origin);
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), 1));
        }
        self.put(node, at)
    }

    /// The length of a scalar: the parser's end of a quoted one lies behind the blanks and comments that follow it.
    fn written(&self, style: ScalarStyle, at: Span) -> usize {
        let text = &self.text[at.start as usize..at.end as usize];
        let quote = match style {
            ScalarStyle::SingleQuoted => '\'',
            ScalarStyle::DoubleQuoted => '"',
            _ => return text.len(),
        };
        let mut chars = text.char_indices().skip(1).peekable();
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

    /// The place of a value: with its key in a map.
    fn entry_place(&self, at: Span) -> Span {
        match self.frames.last().map(|frame| &frame.content) {
            Some(Content::Map { key: Some((_, key)), .. }) if key.start <= at.start => key.to(at),
            _ => at,
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.frames.last().map(|frame| &frame.content), Some(Content::Map { key: None, .. }))
    }

    fn key(&mut self, text: &str, style: ScalarStyle, at: Span) -> Option<()> {
        if style == ScalarStyle::Plain && matches!(scalar::plain(text), Some(Value::Null) | None) {
            self.fault(at, "a key that is no text");
            return None;
        }
        let name = Text::new(text);
        if let Some(Frame { content: Content::Map { key, keys, .. }, .. }) = self.frames.last_mut() {
            if let Some(first) = keys.insert(name.clone(), at) {
                let message = format!("the key `{name}` stands here twice");
                self.out.faults.push(Fault { message, at, other: Some((first, "first here")) });
            }
            *key = Some((name, at));
        }
        Some(())
    }

    fn open(&mut self, anchor: usize, tag: Option<Cow<'_, Tag>>, at: Span, content: Content) -> Option<()> {
        self.count(1, at)?;
        if self.wants_key() {
            self.fault(at, "a key that is no text");
            return None;
        }
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            self.fault(at, format!("the tag `{}{}` means nothing here", tag.handle, tag.suffix));
            return None;
        }
        if self.frames.len() >= MAX_DEPTH {
            self.fault(at, format!("blocks nested deeper than {MAX_DEPTH}"));
            return None;
        }
        let place = match self.frames.last().map(|frame| &frame.content) {
            Some(Content::Map { key: Some((_, key)), .. }) => *key,
            _ => self.line_of(at),
        };
        let origin = (self.place)(place);
        self.frames.push(Frame { anchor, origin, before: self.nodes - 1, content });
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
            self.anchors.insert(frame.anchor, (node.clone(), self.nodes - frame.before));
        }
        self.put(node, at)
    }

    fn put(&mut self, node: Node, at: Span) -> Option<()> {
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.out.documents.push(node),
            Some(Content::Seq(items)) => items.push(node),
            Some(Content::Map { map, key, merged, .. }) => match key.take() {
                Some((name, _)) if name == "<<" => merged.push(node),
                Some((name, _)) => {
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

/// `<<: *base`: what the map does not say itself.
fn merge(map: &mut Map, base: Node) {
    match base.value {
        Value::Map(fields) => {
            for (key, node) in fields {
                if map.get(&key).is_none() {
                    map.insert(key, node);
                }
            }
        }
        Value::Seq(bases) => bases.into_iter().for_each(|base| merge(map, base)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Str(_) => {}
    }
}

//! Spans made safe and countable: every renderer asks here where a span is.

use std::borrow::Cow;

use crate::source::{FileId, Position, Provenance, SourceFile, SourceMap, Span};

/// What stands for a file that the map does not have; a renderer must survive even a wrong span.
const UNKNOWN: &str = "<unknown>";

/// A span with everything that the machine formats say of it.
pub(super) struct Region<'a> {
    /// Display name of the file.
    pub(super) name: &'a str,
    /// Whether it is a file of the project, which the user can open and edit.
    pub(super) editable: bool,
    /// Bytes in the text.
    pub(super) bytes: std::ops::Range<usize>,
    /// Line and column of the first byte.
    pub(super) start: Position,
    /// Line and column one past the last byte.
    pub(super) end: Position,
}

/// Where a span is.
pub(super) fn place(sources: &SourceMap, span: Span) -> Region<'_> {
    let (name, text, file) = file(sources, span.file);
    let bytes = clamp(text, span);
    let position = |offset| match file {
        Some(file) => file.lines().position(text, offset),
        None => Position { line: 0, column: 0 },
    };
    Region {
        name,
        editable: file.is_some_and(|file| file.provenance == Provenance::Project),
        start: position(bytes.start),
        end: position(bytes.end),
        bytes,
    }
}

/// Name and text of a file, and the file itself unless the number is wrong.
pub(super) fn file(sources: &SourceMap, id: FileId) -> (&str, &str, Option<&SourceFile>) {
    match sources.get(id) {
        Some(file) => (&file.name, file.text(), Some(file)),
        None => (UNKNOWN, "", None),
    }
}

/// The name of a file for people: from the directory that they are in.
pub(super) fn shown(sources: &SourceMap, id: FileId) -> Cow<'_, str> {
    sources.get(id).map_or(Cow::Borrowed(UNKNOWN), |file| sources.shown(file))
}

/// The part of a span that is in the text, on character boundaries.
pub(super) fn clamp(text: &str, span: Span) -> std::ops::Range<usize> {
    let floor = |offset: u32| {
        let offset = (offset as usize).min(text.len());
        (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

//! CEL expressions in values: findings at the character inside of the string.

use std::ops::Range;

use crate::cel::{self, Environment, Fault, Mistake};
use crate::diagnostics::{Applicability, Code, Diagnostic};
use crate::kinds;
use crate::schema::Type;
use crate::source::{SourceMap, Span};
use crate::syntax::{self, write};

/// What is wrong with a text if its type wants an expression. Of the versions the newest is asked: what it has that the target does
/// not is found where the target is known.
pub(super) fn mistakes(sources: &SourceMap, text: &str, span: Span, ty: &Type) -> Vec<Diagnostic> {
    let Type::Str(shape) = ty else { return Vec::new() };
    let Some(environment) = kinds::cel::environment(*shape) else { return Vec::new() };
    findings(sources, span, text, environment, None)
}

/// What is wrong with an expression that is written at a place.
pub fn findings(
    sources: &SourceMap,
    span: Span,
    text: &str,
    environment: &Environment,
    version: Option<(u16, u16)>,
) -> Vec<Diagnostic> {
    let mistakes = cel::check(text, environment, version);
    mistakes.into_iter().map(|mistake| finding(sources, span, text, mistake)).collect()
}

fn finding(sources: &SourceMap, span: Span, text: &str, mistake: Mistake) -> Diagnostic {
    let code = match mistake.fault {
        Fault::Syntax => Code::CelSyntax,
        Fault::Unknown => Code::CelUnknown,
        Fault::Type => Code::CelType,
    };
    let written = sources.text(span);
    let at = |piece: Range<usize>| {
        let range = place(written, text, piece)?;
        Some(Span {
            file: span.file,
            start: span.start + range.start as u32,
            end: span.start + range.end as u32,
        })
    };
    let mut out = Diagnostic::new(code, mistake.message);
    out = match at(mistake.at.clone()) {
        Some(place) => out.label(place, mistake.label),
        None => {
            let piece = text.get(mistake.at).filter(|piece| !piece.is_empty());
            let piece = piece.map(|piece| format!("`{piece}` of ")).unwrap_or_default();
            out.label(span, mistake.label).note(format!("in {piece}the text `{text}`"))
        }
    };
    if let Some(help) = mistake.help {
        out = out.help(help);
    }
    // Where `${…}` or the quotes of the string leave no place for one of them, none is made.
    let token = token(written);
    let edits: Option<Vec<(Span, String)>> = mistake
        .edits
        .into_iter()
        .map(|(piece, text)| {
            Some((at(piece)?, if token.is_empty() { text } else { write::inside(token, &text)? }))
        })
        .collect();
    let applicability = if mistake.guessed { Applicability::NeedsLook } else { Applicability::Safe };
    edits.into_iter().flatten().fold(out, |out, (span, text)| out.edit(applicability, span, text))
}

/// The string token in what is written: all of it, or the value of an item; empty if it is no string.
fn token(written: &str) -> &str {
    let value = written.find('=').map_or(written, |at| written[at + 1..].trim_start());
    let quoted = |token: &&str| token.starts_with(['"', '\'']);
    [written, value].into_iter().find(quoted).unwrap_or_default().trim_end()
}

/// Where a piece of a text is written: in a string, the string of an item, or as it is.
pub(crate) fn place(written: &str, text: &str, piece: Range<usize>) -> Option<Range<usize>> {
    let value = written.find('=').map_or(written, |at| written[at + 1..].trim_start());
    for token in [written.trim_end(), value.trim_end()] {
        let from = token.as_ptr() as usize - written.as_ptr() as usize;
        if let Some(place) = syntax::place_in_string(token, text.len(), piece.clone()) {
            let place = place.start + from..place.end + from;
            let found = &written[place.clone()];
            if found.contains('\\') || found.contains('\n') || Some(found) == text.get(piece.clone()) {
                return Some(place);
            }
        }
    }
    let mut found = written.match_indices(text);
    match (found.next(), found.next()) {
        (Some((from, _)), None) => Some(from + piece.start..from + piece.end),
        _ => None,
    }
}

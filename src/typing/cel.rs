//! CEL expressions in values: findings at the character inside of the string.

use std::ops::Range;

use crate::cel::{self, Environment, Fault, Mistake};
use crate::diagnostics::{Code, Diagnostic};
use crate::kinds;
use crate::schema::Type;
use crate::source::{SourceMap, Span};
use crate::syntax;

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
    let edits: Option<Vec<(Span, String)>> =
        mistake.edits.into_iter().map(|(piece, text)| Some((at(piece)?, text))).collect();
    edits.into_iter().flatten().fold(out, |out, (span, text)| {
        let quoted =
            sources.file(span.file).text()[..span.start as usize].ends_with('"') && text.contains('"');
        out.edit(span, if quoted { text.replace('"', "\\\"") } else { text })
    })
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

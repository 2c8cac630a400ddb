//! Workflow commands of GitHub Actions: one line on standard output becomes an annotation of a pull request.

use super::place::place;
use super::{clean, word};
use crate::diagnostics::Diagnostic;
use crate::source::SourceMap;
use crate::text::push_visible;

/// All findings, a command each.
pub(super) fn render(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    diagnostics.iter().map(|diagnostic| command(diagnostic, sources)).collect()
}

/// Why the run failed, as a command without a place.
#[cfg(feature = "cli")]
pub(super) fn failure(message: &str) -> String {
    format!("::error title=talosc::{}\n", data(message))
}

fn command(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let mut properties = vec![format!("title={}", property(diagnostic.code.name()))];
    let mut body = super::short::headline(diagnostic);
    if let Some(span) = diagnostic.primary() {
        let place = place(sources, span);
        let (start, end) = (place.start, place.end);
        if place.editable {
            properties.push(format!("file={}", property(place.name)));
            properties.push(format!("line={},endLine={}", start.line + 1, end.line + 1));
            // GitHub accepts columns only if the annotation is within one line.
            if start.line == end.line {
                properties.push(format!("col={},endColumn={}", start.column + 1, end.column + 1));
            }
        } else {
            // GitHub has no line to show for the standard library, so the place goes into the text.
            body.insert_str(0, &format!("{}:{}: ", place.name, start.line + 1));
        }
    }
    for other in diagnostic.labels.iter().skip(1) {
        let place = place(sources, other.span);
        let (line, column) = (place.start.line + 1, place.start.column + 1);
        body.push_str(&format!("\n{}:{line}:{column}: {}", place.name, other.text));
    }
    for note in &diagnostic.notes {
        body.push_str(&format!("\n{}", clean::block(note, 2)));
    }
    if let Some(clusters) = super::clusters(diagnostic) {
        body.push_str(&format!("\n{clusters}"));
    }
    if let Some(help) = &diagnostic.help {
        body.push_str(&format!("\nhelp: {}", clean::block(help, 6)));
    }
    format!("::{} {}::{}\n", word(diagnostic.severity), properties.join(","), data(&body))
}

/// The body of a command: a line end would end it, so it is escaped as GitHub asks.
fn data(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            '\n' => out.push_str("%0A"),
            '\r' => out.push_str("%0D"),
            c => push_visible(&mut out, c),
        }
    }
    out
}

/// A property of a command, where `:` and `,` mean something too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

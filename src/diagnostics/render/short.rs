//! One line per finding, for logs, `grep` and the problem matchers of editors.

use super::{clean, place, word};
use crate::diagnostics::Diagnostic;
use crate::source::SourceMap;

/// Writes `file:line:column: error[code]: message`, without the place if there is none.
pub(super) fn render(diagnostic: &Diagnostic, sources: &SourceMap, out: &mut String) {
    if let Some(span) = diagnostic.primary() {
        let name = place::shown(sources, span.file);
        let place = place::place(sources, span);
        out.push_str(&clean::inline(&name, clean::MAX_INLINE));
        out.push_str(&format!(":{}:{}: ", place.start.line + 1, place.start.column + 1));
    }
    let code = clean::inline(diagnostic.code.name(), clean::MAX_INLINE);
    out.push_str(&format!("{}[{code}]: {}\n", word(diagnostic.severity), headline(diagnostic)));
}

/// The headline, and the text of the primary label if that says more.
pub(super) fn headline(diagnostic: &Diagnostic) -> String {
    let mut line = clean::inline(&diagnostic.message, clean::MAX_INLINE);
    if let Some(label) = diagnostic.labels.first() {
        let text = clean::inline(&label.text, clean::MAX_INLINE);
        if !text.is_empty() && !line.contains(&text) {
            line.push_str("; ");
            line.push_str(&text);
        }
    }
    line
}

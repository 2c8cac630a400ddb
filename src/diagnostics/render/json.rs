//! The machine format of talosc's own; [`super::render`] documents it.

use serde_json::{Value, json};

use super::place::{Region, place};
use super::{totals, word};
use crate::diagnostics::Diagnostic;
use crate::source::{Position, SourceMap};
use crate::text::is_hidden;

/// The version of the format. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// All findings as one document.
pub(super) fn document(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    let (errors, warnings) = totals(diagnostics);
    let list: Vec<Value> = diagnostics.iter().map(|d| diagnostic(d, sources)).collect();
    json!({
        "version": VERSION,
        "errors": errors,
        "warnings": warnings,
        "diagnostics": list,
        "failure": null,
    })
}

/// Says in a document why the run failed.
#[cfg(feature = "cli")]
pub(super) fn fail(document: &mut Value, kind: &str, message: &str) {
    document["failure"] = json!({ "kind": kind, "message": message });
}

/// A place, as the documents of all commands say it.
#[cfg(feature = "cli")]
pub(crate) fn json_place(sources: &SourceMap, span: crate::source::Span) -> Value {
    range(&place(sources, span))
}

/// A document with a line end, in which every character that a terminal could act on is escaped.
pub(crate) fn json_document(value: &Value) -> String {
    // Outside of strings JSON is ASCII, so such a character stands in a string, where an escape means the same.
    let mut out = String::new();
    for c in format!("{value:#}\n").chars() {
        if c == '\u{7f}' || is_hidden(c) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

fn diagnostic(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .enumerate()
        .map(|(n, label)| {
            let mut value = range(&place(sources, label.span));
            value["text"] = json!(label.text);
            value["primary"] = json!(n == 0);
            value
        })
        .collect();
    let edits: Vec<Value> = diagnostic
        .edits
        .iter()
        .map(|edit| {
            let mut value = range(&place(sources, edit.span));
            value["replacement"] = json!(edit.text);
            value["applicability"] = json!(edit.applicability.word());
            value
        })
        .collect();
    json!({
        "code": diagnostic.code.name(),
        "severity": word(diagnostic.severity),
        "level": diagnostic.code.level().word(),
        "message": diagnostic.message,
        "labels": labels,
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "edits": edits,
        "clusters": diagnostic.clusters.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
    })
}

fn range(place: &Region<'_>) -> Value {
    json!({
        "file": place.name,
        "start": point(place.bytes.start, place.start),
        "end": point(place.bytes.end, place.end),
    })
}

fn point(byte: usize, position: Position) -> Value {
    json!({ "byte": byte, "line": position.line + 1, "column": position.column + 1 })
}

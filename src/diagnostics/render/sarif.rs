//! SARIF 2.1.0, for code scanning services.

use serde_json::{Value, json};

use super::place::{Region, place};
use super::word;
use crate::diagnostics::{Code, Diagnostic, Edit};
use crate::source::SourceMap;

/// Where relative file names start: the root of the repository, which is the root of the project.
const ROOT: &str = "%SRCROOT%";
/// The same for the embedded standard library, whose files are on no disk.
const STD: &str = "TALOSC_STD";

/// All findings as one log with one run.
pub(super) fn document(diagnostics: &[Diagnostic], sources: &SourceMap) -> Value {
    let mut rules: Vec<&Code> = Vec::new();
    let mut known = std::collections::HashMap::new();
    let mut results = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        let rule = *known.entry(&diagnostic.code).or_insert_with(|| {
            rules.push(&diagnostic.code);
            rules.len() - 1
        });
        results.push(result(diagnostic, rule, sources));
    }
    let rules: Vec<Value> = rules.into_iter().map(descriptor).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "talosc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "the root of the project" } },
                STD: { "description": { "text": "the standard library inside talosc" } },
            },
            "results": results,
            "invocations": [{ "executionSuccessful": true }],
        }],
    })
}

/// Says in a log why the run failed.
#[cfg(feature = "cli")]
pub(super) fn fail(document: &mut Value, message: &str) {
    document["runs"][0]["invocations"] = json!([{
        "executionSuccessful": false,
        "toolExecutionNotifications": [{ "level": "error", "message": { "text": message } }],
    }]);
}

fn descriptor(code: &Code) -> Value {
    let mut rule = json!({
        "id": code.name(),
        "shortDescription": { "text": code.summary() },
        "defaultConfiguration": { "level": word(code.level().severity()) },
    });
    if let Some(page) = code.page() {
        rule["help"] = json!({ "text": page, "markdown": page });
    }
    rule
}

fn result(diagnostic: &Diagnostic, rule: usize, sources: &SourceMap) -> Value {
    let mut message = headline(diagnostic);
    for note in &diagnostic.notes {
        message.push_str(&format!("\n{note}"));
    }
    if let Some(clusters) = super::clusters(diagnostic) {
        message.push_str(&format!("\n{clusters}"));
    }
    if let Some(help) = &diagnostic.help {
        message.push_str(&format!("\nhelp: {help}"));
    }
    let mut value = json!({
        "ruleId": diagnostic.code.name(),
        "ruleIndex": rule,
        "level": word(diagnostic.severity),
        "message": { "text": message },
    });
    if let Some(span) = diagnostic.primary() {
        value["locations"] = json!([location(&place(sources, span))]);
    }
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .enumerate()
        .skip(1)
        .map(|(id, label)| {
            let mut value = location(&place(sources, label.span));
            value["id"] = json!(id);
            value["message"] = json!({ "text": label.text });
            value
        })
        .collect();
    if !related.is_empty() {
        value["relatedLocations"] = json!(related);
    }
    if let Some(applicability) = diagnostic.applicability() {
        let mut fix = fix(diagnostic, sources);
        fix["properties"] = json!({ "applicability": applicability.word() });
        value["fixes"] = json!([fix]);
    }
    value
}

/// The headline, and the text of the primary label if that says more: word for word, since the document escapes it.
fn headline(diagnostic: &Diagnostic) -> String {
    let mut line = diagnostic.message.clone();
    if let Some(label) = diagnostic.labels.first().filter(|label| !line.contains(&label.text)) {
        line.push_str("; ");
        line.push_str(&label.text);
    }
    line
}

fn fix(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let change = |edit: &Edit| {
        let place = place(sources, edit.span);
        json!({
            "artifactLocation": artifact(&place),
            "replacements": [{ "deletedRegion": region(&place), "insertedContent": { "text": edit.text } }],
        })
    };
    json!({
        "description": { "text": diagnostic.help.as_deref().unwrap_or(&diagnostic.message) },
        "artifactChanges": diagnostic.edits.iter().map(change).collect::<Vec<_>>(),
    })
}

fn location(place: &Region<'_>) -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(place), "region": region(place) } })
}

fn artifact(place: &Region<'_>) -> Value {
    let (name, base) = match place.name.strip_prefix("<std>/") {
        Some(module) if !place.editable => (module, STD),
        _ => (place.name, ROOT),
    };
    json!({ "uri": uri(name), "uriBaseId": base })
}

fn region(place: &Region<'_>) -> Value {
    json!({
        "startLine": place.start.line + 1,
        "startColumn": place.start.column + 1,
        "endLine": place.end.line + 1,
        "endColumn": place.end.column + 1,
    })
}

/// A file name as a relative URI reference.
fn uri(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

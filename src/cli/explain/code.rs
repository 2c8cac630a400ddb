//! The page of a code, and what is known of an invariant of the standard library.

use serde_json::json;

use crate::cli::output::Said;
use crate::cli::reference;
use crate::diagnostics::{Code, CodeLevel};
use crate::text::did_you_mean;
use crate::world::stdlib::{self, Item};

/// What is known of a code or an invariant. For programs: `{"version": 1, "type": "code", "name": …, "level": "refusal", "summary": …,
/// "module": null, "page": "# …"}`; `level` is that of findings, the page Markdown, and the module of an invariant that of the standard
/// library.
pub(super) fn page(name: &str) -> Option<Said> {
    if let Some(code) = Code::ALL.iter().find(|code| code.name() == name) {
        let about = (code.level(), code.summary(), None);
        return Some(said(name, about, of_code(code)));
    }
    let item = stdlib::of_kind("invariant").iter().find(|item| item.name == name)?;
    let doc = item.docs().collect::<Vec<_>>().join(" ");
    let about = (reference::level_of(item), reference::first_sentence(&doc), Some(item.module));
    Some(said(name, about, of_invariant(item)))
}

fn said(name: &str, (level, summary, module): (CodeLevel, &str, Option<&str>), page: String) -> Said {
    let document = json!({
        "version": 1,
        "type": "code",
        "name": name,
        "level": level.word(),
        "summary": summary,
        "module": module,
        "page": page,
    });
    Said { text: page, document }
}

/// The name that was perhaps meant.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let invariants = stdlib::names("invariant");
    did_you_mean(name, Code::ALL.iter().map(Code::name).chain(invariants).collect::<Vec<_>>())
}

fn of_code(code: &Code) -> String {
    let page = code.page().unwrap_or_default();
    let title = format!("# {}\n", code.name());
    let body = page.strip_prefix(&title).unwrap_or(page);
    // A page that is still to be written has its line in the table.
    let body = if body.trim().is_empty() { format!("{}\n", code.summary()) } else { body.to_owned() };
    format!("{title}{}\n\n{}\n", level(code.level()), body.trim())
}

/// What may be done about a finding.
fn level(level: CodeLevel) -> &'static str {
    match level {
        CodeLevel::Refusal => "An error that nothing silences.",
        CodeLevel::Secret => "An error about a secret, that nothing silences.",
        CodeLevel::Defect => "An error that `allow(name, \"why\")` silences.",
        CodeLevel::Advice => "A warning that `allow(name, \"why\")` silences.",
    }
}

fn of_invariant(item: &Item) -> String {
    let docs: Vec<&str> = item.docs().collect();
    let source: Vec<&str> = item.text().lines().skip_while(|line| line.starts_with("##")).collect();
    let level = level(reference::level_of(item));
    format!(
        "# {}\n{level}\n\n{}\n\nDeclared in `std/{}`:\n\n{}\n",
        item.name,
        docs.join("\n"),
        item.module,
        source.join("\n")
    )
}

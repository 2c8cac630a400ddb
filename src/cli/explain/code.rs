//! The page of a code, and what is known of an invariant of the standard library.

use crate::diagnostics::{Code, CodeLevel};
use crate::text::did_you_mean;
use crate::world::stdlib::{self, Item};

/// The text about a code or an invariant.
pub(super) fn page(name: &str) -> Option<String> {
    if let Some(code) = Code::ALL.iter().find(|code| code.name() == name) {
        return Some(of_code(code));
    }
    stdlib::of_kind("invariant").iter().find(|item| item.name == name).map(of_invariant)
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
    let warns = source.iter().any(|line| {
        line.split_once('=').is_some_and(|(key, value)| key.trim() == "level" && value.trim() == "warning")
    });
    let level = level(if warns { CodeLevel::Advice } else { CodeLevel::Defect });
    format!(
        "# {}\n{level}\n\n{}\n\nDeclared in `std/{}`:\n\n{}\n",
        item.name,
        docs.join("\n"),
        item.module,
        source.join("\n")
    )
}

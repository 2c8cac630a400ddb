//! Findings for people and programs: the one way from [`Diagnostic`] to text.
//!
//! Every format reads the same struct and decides nothing about what is wrong. Text from sources, names and messages never
//! reaches a terminal raw, and no format gets to see a secret: the findings are masked before one is chosen, and excerpts when they
//! are cut out.

mod clean;
mod excerpt;
mod github;
mod json;
mod place;
mod report;
mod sarif;
mod short;
mod text;

#[cfg(test)]
mod tests;

#[cfg(feature = "cli")]
pub(crate) use json::{json_document, json_place};
pub(crate) use report::Report;

use super::{Diagnostic, Severity};
use crate::secret::Vault;
use crate::source::SourceMap;
use crate::text::count;

/// The formats of `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Excerpts with labels, for people.
    #[default]
    Text,
    /// One line per finding: `file:line:column: error[code]: message`.
    Short,
    /// One document in the format that [`json`](self#json) describes.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions, shown at the lines of a pull request.
    Github,
}

/// Whether escape codes for colour are written. Whoever knows the terminal decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// ANSI escape codes.
    Always,
}

/// How many findings [`Format::Text`] and [`Format::Short`] show; the formats for programs always have all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most this many, errors before warnings.
    First(usize),
    /// All of them (`--all`).
    All,
}

impl Default for Limit {
    fn default() -> Self {
        Limit::First(20)
    }
}

/// What is written and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// Colour; only [`Format::Text`] has any.
    pub color: Color,
    /// How many findings are shown.
    pub limit: Limit,
}

/// All findings in one format. [`Format::Text`] and [`Format::Short`] name files from the directory that people are in, the others
/// from the project root. In [`Format::Text`], [`Format::Short`] and [`Format::Github`] nothing found is an empty text;
/// the other two are documents also then.
///
/// # JSON
/// `{"version": 1, "errors": n, "warnings": n, "diagnostics": […], "failure": null}`, where a diagnostic is
///
/// ```json
/// {
///   "code": "unknown-field",
///   "severity": "error",
///   "level": "refusal",
///   "message": "the headline",
///   "labels": [{
///     "file": "roles.talos",
///     "start": {"byte": 17, "line": 2, "column": 3},
///     "end": {"byte": 20, "line": 2, "column": 6},
///     "text": "what is here",
///     "primary": true
///   }],
///   "notes": ["a fact"],
///   "help": "what to do, or null",
///   "edits": [{
///     "file": "roles.talos",
///     "start": {"byte": 17, "line": 2, "column": 3},
///     "end": {"byte": 20, "line": 2, "column": 6},
///     "replacement": "new text",
///     "applicability": "safe"
///   }],
///   "clusters": ["homelab"]
/// }
/// ```
///
/// `failure` is `{"kind": "io", "message": "…"}` (or `"bug"`) if the run could not be finished for another reason than a finding; in
/// SARIF it is a notification of the invocation, on GitHub an annotation without a place.
/// `severity` is `error` or `warning`; `level` is `refusal`, `defect`, `secret` or `advice` and says whether `allow` can
/// silence it (`defect` and `advice`). The first label is the primary one; there may be none. Files are named relative to the
/// project root, `<std>/…` is the standard library. Bytes count from 0, lines and columns from 1, columns in characters
/// (Unicode scalar values); `end` is exclusive. A byte order mark at the start of a file counts for nothing. The edits of a
/// diagnostic belong together and make its help true; they may be made without a look if each of them is `safe` (`check --fix` makes
/// those), and not if one is `needs-look`. SARIF has the same word in the properties of a fix. Fields may be added under the same version, so readers must skip the
/// ones they do not know.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, options: &Options) -> String {
    if let Some(report) = Report::new(diagnostics, sources, options.format) {
        return report.text();
    }
    let vault = vault(diagnostics, sources);
    let diagnostics = &*super::hidden::shown(diagnostics, &vault);
    let secrets = excerpt::Secrets::of(diagnostics, sources, vault);
    let shown = select(diagnostics, options.limit);
    let mut out = String::new();
    for diagnostic in &shown {
        if options.format == Format::Text {
            text::render(diagnostic, sources, &secrets, options.color, &mut out);
        } else {
            short::render(diagnostic, sources, &mut out);
        }
    }
    let more = diagnostics.len() - shown.len();
    if more > 0 {
        out.push_str(&format!("{} not shown; `--all` shows all\n", count(more, "more finding")));
    }
    if let Some(line) = summary(diagnostics) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// The secrets that no format may show.
fn vault(diagnostics: &[Diagnostic], sources: &SourceMap) -> Vault {
    if diagnostics.is_empty() { Vault::default() } else { super::vault(diagnostics, sources) }
}

/// The closing line, `2 errors, 1 warning`; `None` if nothing was found.
pub fn summary(diagnostics: &[Diagnostic]) -> Option<String> {
    let (errors, warnings) = totals(diagnostics);
    match (errors, warnings) {
        (0, 0) => None,
        (_, 0) => Some(count(errors, "error")),
        (0, _) => Some(count(warnings, "warning")),
        _ => Some(format!("{}, {}", count(errors, "error"), count(warnings, "warning"))),
    }
}

/// The numbers of errors and warnings.
fn totals(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    (errors, diagnostics.len() - errors)
}

/// The findings to show, in the order given. Advice gives way first: an error must not hide behind twenty warnings.
fn select(diagnostics: &[Diagnostic], limit: Limit) -> Vec<&Diagnostic> {
    let Limit::First(limit) = limit else { return diagnostics.iter().collect() };
    let mut errors = limit;
    let mut warnings = limit.saturating_sub(totals(diagnostics).0);
    let mut room = |severity| {
        let left = if severity == Severity::Error { &mut errors } else { &mut warnings };
        let shown = *left > 0;
        *left = left.saturating_sub(1);
        shown
    };
    diagnostics.iter().filter(|d| room(d.severity)).collect()
}

/// For which clusters a finding holds, if that depends on the target.
fn clusters(diagnostic: &Diagnostic) -> Option<String> {
    let names = &diagnostic.clusters;
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("in cluster `{one}`")),
        all if all.len() <= MAX_CLUSTERS => Some(format!("in clusters {}", crate::text::all_of(all))),
        all => {
            let named: Vec<String> = all.iter().take(MAX_CLUSTERS).map(|name| format!("`{name}`")).collect();
            Some(format!("in clusters {} and {} more", named.join(", "), all.len() - MAX_CLUSTERS))
        }
    }
}

/// How many clusters are named.
const MAX_CLUSTERS: usize = 8;

/// `error` or `warning`.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

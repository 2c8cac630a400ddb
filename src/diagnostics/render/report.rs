//! Findings for programs before they are text: why the run failed may be added at the end, when all else is known.

use serde_json::Value;

use super::{Format, github, json, sarif};
use crate::diagnostics::{Diagnostic, hidden};
use crate::source::SourceMap;

/// What a run has to say in a format for programs: one document.
#[derive(Debug)]
pub(crate) enum Report {
    /// [`Format::Json`].
    Json(Value),
    /// [`Format::Sarif`].
    Sarif(Value),
    /// [`Format::Github`].
    Github(String),
}

impl Report {
    /// The findings of a run; `None` if the format is one for people.
    pub(crate) fn new(findings: &[Diagnostic], sources: &SourceMap, format: Format) -> Option<Report> {
        if matches!(format, Format::Text | Format::Short) {
            return None;
        }
        let findings = &*hidden::shown(findings, &super::vault(findings, sources));
        Some(match format {
            Format::Json => Report::Json(json::document(findings, sources)),
            Format::Sarif => Report::Sarif(sarif::document(findings, sources)),
            _ => Report::Github(github::render(findings, sources)),
        })
    }

    /// Adds why the run failed: `kind` is the word of the JSON format for it.
    #[cfg(feature = "cli")]
    pub(crate) fn fail(&mut self, kind: &str, message: &str) {
        let message = crate::secret::Vault::default().mask(message);
        match self {
            Report::Json(document) => json::fail(document, kind, &message),
            Report::Sarif(document) => sarif::fail(document, &message),
            Report::Github(commands) => commands.push_str(&github::failure(&message)),
        }
    }

    /// The document.
    pub(crate) fn text(&self) -> String {
        match self {
            Report::Json(document) | Report::Sarif(document) => json::json_document(document),
            Report::Github(commands) => commands.clone(),
        }
    }
}

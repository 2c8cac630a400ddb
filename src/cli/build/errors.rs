//! What can be wrong with the output.

use std::path::Path;

use crate::cli::files::{below, said};
use crate::diagnostics::{Code, Diagnostic};
use crate::driver::output::from_elsewhere;
use crate::emit::plan::{Action, Refusal};

/// A file that the build may not touch; `directory` is the output directory as the user knows it.
pub(super) fn refused(refusal: &Refusal, directory: &Path, adopt: bool) -> Diagnostic {
    let shown = |path: &String| said(&below(directory, path));
    match refusal {
        Refusal::Foreign { path } => {
            let refusal = Refusal::Foreign { path: shown(path) };
            let finding = Diagnostic::new(Code::OutputNotOurs, refusal.to_string());
            finding.help(match adopt {
                true => "git does not have it as it is: commit it first, and `--adopt` takes it over",
                false => "move it away, or take it over with `talosc build --adopt` if git has it unchanged",
            })
        }
        Refusal::OtherEntry { path, entry } if from_elsewhere(entry).is_some() => {
            refused(&Refusal::OtherProject { path: path.clone(), source: entry.clone() }, directory, adopt)
        }
        Refusal::OtherEntry { path, entry } => {
            let refusal = Refusal::OtherEntry { path: shown(path), entry: entry.clone() };
            Diagnostic::new(Code::OutputNotOurs, refusal.to_string())
                .help("build both entries in one run: `talosc build` without a file takes all")
        }
        Refusal::OtherProject { path, source } => {
            let refusal = Refusal::OtherProject { path: shown(path), source: source.clone() };
            Diagnostic::new(Code::OutputNotOurs, refusal.to_string())
                .help("write to a directory of this project, or to one that no other project writes to")
        }
        Refusal::OneFile { .. } => Diagnostic::new(Code::OutputClash, refusal.to_string())
            .help("name one directory for both in `output { directory = \"…\" }`, without a link"),
        Refusal::Disagree { path, entries } => {
            let refusal = Refusal::Disagree { path: shown(path), entries: entries.clone() };
            Diagnostic::new(Code::OutputClash, refusal.to_string())
                .help("declare it once and import it, give one of them another name, or write one entry elsewhere with `output { directory = \"…\" }`")
        }
        Refusal::CaseClash { paths: [one, two] } => {
            let refusal = Refusal::CaseClash { paths: [shown(one), shown(two)] };
            Diagnostic::new(Code::OutputClash, refusal.to_string()).help("give one of them another name")
        }
    }
}

/// A file that is not as a build would leave it.
pub(super) fn outdated(path: &Path, action: Action) -> Diagnostic {
    let what = match action {
        Action::Create => "is missing",
        Action::Update => "is not what the sources say",
        Action::Stale => "is no longer written",
        Action::Same => "is current",
    };
    Diagnostic::new(Code::OutputOutdated, format!("`{}` {what}", said(path)))
        .note(format!("checked by talosc {}", env!("CARGO_PKG_VERSION")))
        .help("run `talosc build` and commit what it writes")
}

//! Where findings for programs go: to stdout, as the result of the command, or to the file of `--report`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use super::{Failure, Format, Global, files};

/// What a command itself writes to stdout.
#[derive(Clone, Copy)]
pub(super) enum Own {
    /// What it tells of files at most, which gives way to a document.
    Nothing,
    /// Something that has one form, by what asks for it.
    Text(&'static str),
    /// Something that is one document with `--format json`, by what asks for it.
    Json(&'static str),
}

/// Where the document of findings goes.
pub(super) enum Target {
    /// To stdout.
    Stdout,
    /// To the file of `--report`.
    File(Sink),
}

/// A file that is open from the start: that it cannot be written is known before anything is done.
pub(super) struct Sink {
    path: PathBuf,
    file: File,
}

impl Format {
    /// Whether people read it.
    fn is_for_people(self) -> bool {
        matches!(self, Format::Text | Format::Short)
    }
}

/// Refuses a command line that has no place for its findings.
pub(super) fn judge(global: &Global, own: Own) -> Result<(), Failure> {
    let format =
        global.format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    match (global.format.is_for_people(), &global.report, own) {
        (true, Some(_), _) => Err(Failure::Usage(format!(
            "`--report` is for findings in a format for programs, and those in `{format}` go to stderr; add `--format json`, `sarif` or `github`"
        ))),
        (false, None, Own::Text(what)) => Err(Failure::Usage(format!(
            "stdout has the result of {what}; write findings in `{format}` to a file with `--report FILE`"
        ))),
        (false, None, Own::Json(what)) if !matches!(global.format, Format::Json) => {
            Err(Failure::Usage(format!(
                "stdout has the result of {what}, which is text or `json`; write findings in `{format}` to a file with `--report FILE`"
            )))
        }
        _ => Ok(()),
    }
}

impl Target {
    /// Opens the file of `--report`, whose content goes away.
    pub(super) fn open(report: Option<&Path>) -> Result<Target, Failure> {
        let Some(path) = report else { return Ok(Target::Stdout) };
        // Links are followed.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if files::is_source(&real) {
            let message =
                format!("`--report {}` would be written over a source; name another file", files::said(path));
            return Err(Failure::Usage(message));
        }
        let file = File::create(path).map_err(|error| failed(path, &error))?;
        Ok(Target::File(Sink { path: path.to_owned(), file }))
    }

    /// Whether it leaves stdout free.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Target::File(_))
    }
}

impl Sink {
    pub(super) fn write(&self, document: &str) -> Result<(), Failure> {
        (&self.file).write_all(document.as_bytes()).map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::Io(format!("cannot write the report `{}`: {error}", files::said(path)))
}

//! The two streams of the process: the only place that writes to them.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};

use super::{Color, Exit, Failure, Format, Global, guard};
use crate::diagnostics::render::{self, Limit, Options};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::secret::Vault;
use crate::source::SourceMap;

/// A text that may be written: the only thing that [`Console`] takes, so that no way of making one forgets the secrets in it.
pub(super) struct Shown<'t>(Cow<'t, str>);

impl<'t> Shown<'t> {
    /// A text with something of a user's in it, without the secrets of the run.
    pub(super) fn without(vault: &Vault, text: &'t str) -> Self {
        Shown(vault.mask(text))
    }
    /// What talosc says of its own, with names of a user's at most.
    pub(super) fn told(text: &'t str) -> Self {
        Shown(Vault::default().mask(text))
    }
    /// Word for word: what talosc itself knows, output that was judged, a text that its owner sent to be given back.
    pub(super) fn whole(text: &'t str) -> Self {
        Shown(Cow::Borrowed(text))
    }
}

/// How much is written, and how.
pub(super) struct Console {
    options: Options,
    quiet: bool,
}

impl Console {
    pub(super) fn new(global: &Global) -> Console {
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stderr().is_terminal() && wants_color(),
        };
        let format = match global.format {
            Format::Text => render::Format::Text,
            Format::Short => render::Format::Short,
            Format::Json => render::Format::Json,
            Format::Sarif => render::Format::Sarif,
            Format::Github => render::Format::Github,
        };
        let options = Options {
            format,
            color: if color { render::Color::Always } else { render::Color::Never },
            limit: if global.all { Limit::All } else { Limit::default() },
        };
        Console { options, quiet: global.quiet }
    }

    /// Whether findings are read by people, who open paths from where they are.
    pub(super) fn is_for_people(&self) -> bool {
        matches!(self.options.format, render::Format::Text | render::Format::Short)
    }

    /// Whether results are one document for programs.
    pub(super) fn is_json(&self) -> bool {
        self.options.format == render::Format::Json
    }

    /// Writes what was asked for.
    pub(super) fn print(&self, text: Shown<'_>) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.0.as_bytes()).and_then(|()| out.flush()) {
            // The reader has seen enough (`| head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::Io(format!("cannot write to stdout: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Writes what was done, unless `--quiet`.
    pub(super) fn tell(&self, text: Shown<'_>) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { self.print(text) }
    }

    /// Writes findings with their count and gives the exit code that they mean.
    pub(super) fn findings(&self, findings: &[Diagnostic], sources: &SourceMap) -> Exit {
        let for_people = !matches!(self.options.format, render::Format::Json | render::Format::Sarif);
        let errors: Vec<Diagnostic>;
        let mut shown = findings;
        if self.quiet && for_people {
            errors = findings.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect();
            shown = &errors;
        }
        // Every format masks what it is made from; masked once more it would not be a document.
        self.complain(Shown::whole(&render::render(shown, sources, &self.options)));
        exit_code(findings)
    }

    /// Says why a command failed.
    pub(super) fn fail(&self, failure: &Failure) -> Exit {
        match failure {
            Failure::Usage(message) => {
                self.complain(Shown::told(&format!("error: {message}\n")));
                Exit::Usage
            }
            Failure::Io(message) => {
                self.complain(Shown::told(&format!("error: {message}\n")));
                Exit::Io
            }
            Failure::Bug(message) => {
                self.complain(Shown::told(&guard::message(message)));
                Exit::Bug
            }
        }
    }

    fn complain(&self, text: Shown<'_>) {
        // Nobody is left to tell if stderr is closed.
        let _ = io::stderr().lock().write_all(text.0.as_bytes());
    }
}

/// What the environment says: `NO_COLOR` (no-color.org), and a terminal that knows no escapes.
fn wants_color() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}

/// Files that cannot be had are input and output, whether the command line or a source asks for them; only a name that a
/// source spells wrong is a finding like others.
fn exit_code(findings: &[Diagnostic]) -> Exit {
    let cannot_be_had = |finding: &Diagnostic| match finding.code {
        Code::FileUnreadable => true,
        Code::FileNotFound | Code::FileNotAFile => finding.labels.is_empty(),
        _ => false,
    };
    let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
    match (errors().any(cannot_be_had), errors().next()) {
        (true, _) => Exit::Io,
        (false, Some(_)) => Exit::Findings,
        (false, None) => Exit::Fine,
    }
}

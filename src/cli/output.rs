//! The two streams of the process: the only place that writes to them.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

use super::report::Target;
use super::{Color, Exit, Failure, Format, Global, Outcome, guard};
use crate::diagnostics::render::{self, Limit, Options, Report};
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::secret::Vault;
use crate::source::SourceMap;
use crate::text::{visible, visible_name};

/// A text that may be written: the only thing that the streams take, so that no way of making one forgets the secrets in it, or what
/// a terminal would act on.
pub(super) struct Shown<'t>(Cow<'t, str>);

impl<'t> Shown<'t> {
    /// A text with something of a user's in it, without the secrets of the run.
    pub(super) fn without(vault: &Vault, text: &'t str) -> Self {
        Shown(harmless(vault.mask(text)))
    }
    /// What talosc says of its own, with names of a user's at most.
    pub(super) fn told(text: &'t str) -> Self {
        Shown(harmless(Vault::default().mask(text)))
    }
    /// What talosc itself knows.
    pub(super) fn known(text: &'t str) -> Self {
        Shown(visible(text))
    }
    /// Word for word, for a program that reads it: output that was judged, in which everything of the kind is escaped, or a script.
    pub(super) fn exact(text: &'t str) -> Self {
        Shown(Cow::Borrowed(text))
    }
    /// A text that its owner sent to be given back: word for word, unless a terminal is all that reads it.
    pub(super) fn given_back(text: &'t str) -> Self {
        if io::stdout().is_terminal() { Shown::known(text) } else { Shown::exact(text) }
    }
    /// Findings: every format masks and cleans what it is made from. Done once more it would not be a document, or without colour.
    fn rendered(text: &'t str) -> Self {
        Shown(Cow::Borrowed(text))
    }

    /// Writes it to the errors.
    pub(super) fn complain(&self) {
        // Nobody is left to tell if stderr is closed.
        let _ = io::stderr().lock().write_all(self.0.as_bytes());
    }
}

/// A text of several lines in which nothing acts on a terminal.
fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => Cow::Owned(visible(&text).into_owned()),
    }
}

/// What a command was asked for, in both of its forms.
pub(super) struct Said {
    /// For people.
    pub(super) text: String,
    /// For programs, with `--format json`.
    pub(super) document: Value,
}

/// How much is written, where, and how.
pub(super) struct Console {
    options: Options,
    quiet: bool,
    target: Target,
    /// What is to be written once, at the end.
    report: RefCell<Option<Report>>,
    /// A result has been written to stdout.
    printed: Cell<bool>,
}

impl Console {
    pub(super) fn new(global: &Global, target: Target) -> Console {
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
        Console { options, quiet: global.quiet, target, report: RefCell::default(), printed: Cell::default() }
    }

    /// Whether findings are read by people, who open paths from where they are.
    pub(super) fn is_for_people(&self) -> bool {
        matches!(self.options.format, render::Format::Text | render::Format::Short)
    }

    /// Writes what was asked for in the form that is wanted, without the secrets of the run; without a vault it is what talosc itself
    /// knows, word for word.
    pub(super) fn answer(&self, vault: Option<&Vault>, said: Said) -> Result<(), Failure> {
        let Said { text, mut document } = said;
        match (self.options.format == render::Format::Json, vault) {
            (true, vault) => {
                // In the document itself a secret has escapes in it.
                vault.into_iter().for_each(|vault| mask(vault, &mut document));
                self.print(Shown::rendered(&render::json_document(&document)))
            }
            (false, Some(vault)) => self.print(Shown::without(vault, &text)),
            (false, None) => self.print(Shown::known(&text)),
        }
    }

    /// Writes what was asked for.
    pub(super) fn print(&self, text: Shown<'_>) -> Result<(), Failure> {
        self.printed.set(true);
        let mut out = io::stdout().lock();
        match out.write_all(text.0.as_bytes()).and_then(|()| out.flush()) {
            // The reader has seen enough (`| head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::Io(format!("cannot write to stdout: {error}"))),
            Ok(()) => Ok(()),
        }
    }

    /// Writes what was done, unless `--quiet`: beside a document, to the errors.
    pub(super) fn tell(&self, text: Shown<'_>) -> Result<(), Failure> {
        if self.quiet {
            return Ok(());
        }
        match self.is_for_people() || self.target.is_file() {
            true => self.print(text),
            false => {
                text.complain();
                Ok(())
            }
        }
    }

    /// Writes findings with their count, or keeps them for the document of the run, and gives the exit code that they mean.
    pub(super) fn findings(&self, findings: &[Diagnostic], sources: &SourceMap) -> Exit {
        let for_people = !matches!(self.options.format, render::Format::Json | render::Format::Sarif);
        let errors: Vec<Diagnostic>;
        let mut shown = findings;
        if self.quiet && for_people {
            errors = findings.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect();
            shown = &errors;
        }
        match Report::new(shown, sources, self.options.format) {
            Some(report) => *self.report.borrow_mut() = Some(report),
            None => Shown::rendered(&render::render(shown, sources, &self.options)).complain(),
        }
        exit_code(findings)
    }

    /// Ends a command: says why it failed, and writes the document that programs read, which is whole however it ended.
    pub(super) fn finish(&self, outcome: Outcome) -> Exit {
        let mut report = self.report.take();
        let mut exit = match &outcome {
            Ok(exit) => *exit,
            Err(failure) => fail(failure),
        };
        let failed = outcome.err().and_then(|failure| failure.of_the_run());
        // A command with a result of its own has said all by it; nobody reads a document of a command line that means nothing.
        if exit != Exit::Usage && (failed.is_some() || self.target.is_file()) && !self.is_for_people() {
            let nothing = || Report::new(&[], &SourceMap::default(), self.options.format);
            report = report.or_else(nothing).filter(|_| self.target.is_file() || !self.printed.get());
        }
        if let (Some(report), Some((kind, message))) = (&mut report, failed) {
            report.fail(kind, &message);
        }
        if let Some(report) = report
            && let Err(failure) = self.deliver(&report.text())
        {
            exit = fail(&failure);
        }
        exit
    }

    fn deliver(&self, document: &str) -> Result<(), Failure> {
        match &self.target {
            Target::Stdout => self.print(Shown::rendered(document)),
            Target::File(file) => file.write(document),
        }
    }
}

/// Says what is wrong with a command line, or gives the help or the version that it asks for: in full, since its colours are ours.
pub(super) fn arguments(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        // It quotes what was typed, so it goes without colours through the same door.
        Shown::told(&error.render().to_string()).complain();
        return Exit::Usage;
    }
    // If stdout is closed there is nobody to tell.
    let _ = error.print();
    Exit::Fine
}

/// Says why a command failed.
pub(super) fn fail(failure: &Failure) -> Exit {
    let (text, exit) = match failure {
        // A sentence: a line end in it is one of a name.
        Failure::Usage(message) => (format!("error: {}\n", visible_name(message)), Exit::Usage),
        Failure::Io(message) => (format!("error: {}\n", visible_name(message)), Exit::Io),
        Failure::Bug(message) => (guard::message(message), Exit::Bug),
    };
    Shown::told(&text).complain();
    exit
}

/// Masks every text of a document.
fn mask(vault: &Vault, document: &mut Value) {
    match document {
        Value::String(text) => {
            if let Cow::Owned(masked) = vault.mask(text) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(vault, item)),
        Value::Object(fields) => {
            for (key, mut value) in std::mem::take(fields) {
                mask(vault, &mut value);
                fields.insert(vault.mask(&key).into_owned(), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
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

//! The command line: arguments, input and output, exit codes. It decides nothing about the language.
//!
//! Results go to stdout, findings for people to stderr, a count comes last. Findings for programs are a result: one document on stdout
//! or in the file of `--report`, however the command ends. The exit code is 0 if all is fine (warnings included), 1 for findings, 2
//! for wrong use, 3 for input and output, 101 for a bug of ours.

mod build;
mod check;
mod completions;
mod doc;
mod explain;
mod files;
mod fmt;
mod guard;
mod output;
mod quotes;
pub mod reference;
mod report;
mod stdlib;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use output::{Console, Shown};
use report::{Own, Target};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Nothing is wrong.
    Fine = 0,
    /// Errors in the sources, or output that is not current.
    Findings = 1,
    /// A command line that means nothing.
    Usage = 2,
    /// Something cannot be read or written.
    Io = 3,
    /// A mistake in talosc.
    Bug = 101,
}

/// Why a command ended before it was done, in a sentence for the user.
#[derive(Debug)]
enum Failure {
    /// See [`Exit::Usage`].
    Usage(String),
    /// See [`Exit::Io`].
    Io(String),
    /// See [`Exit::Bug`].
    Bug(String),
}

impl Failure {
    /// What a document says of it, by the kind of failure; nothing of wrong use, which is told to people alone.
    fn of_the_run(self) -> Option<(&'static str, String)> {
        match self {
            Failure::Usage(_) => None,
            Failure::Io(message) => Some(("io", message)),
            Failure::Bug(message) => Some(("bug", guard::message(&message))),
        }
    }
}

/// What every command gives.
type Outcome = Result<Exit, Failure>;

/// A typed language for Talos Linux clusters that Omni manages.
#[derive(Parser)]
#[command(name = "talosc", bin_name = "talosc", version, max_term_width = 100, arg_required_else_help = true)]
#[command(infer_long_args = false, after_help = EXITS)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

/// What `--help` says of how commands end.
const EXITS: &str = "\
Exit codes:
  0    fine, warnings included
  1    errors in the sources, or files that are not as they should be (`build --check`, `fmt --check`)
  2    wrong use
  3    something cannot be read or written
  101  a bug of talosc";

#[derive(Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// How findings are written: for people to stderr, for programs as one document to stdout, and what is told of files then to
    /// stderr; `json` is also a form of what `explain`, `doc` and `std` print
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write findings for programs to FILE and not to stdout
    #[arg(long, global = true, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Colour; `auto` asks the terminal and `NO_COLOR`
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Show all findings, not only the first 20
    #[arg(long, global = true)]
    all: bool,
    /// Errors only: no warnings, no list of what was done
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Work as if started in DIR
    #[arg(short = 'C', global = true, value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// The formats of findings.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Excerpts, for people
    Text,
    /// One line each
    Short,
    /// One document, for programs
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// When colour is written.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Check everything, then write the templates and classes
    #[command(after_help = EXITS)]
    Build(build::BuildArgs),
    /// Find all errors, write nothing
    #[command(after_help = EXITS)]
    Check(check::CheckArgs),
    /// Format sources
    #[command(after_help = EXITS)]
    Fmt(fmt::FmtArgs),
    /// Explain a code, a value, or a line of the output
    #[command(after_help = EXITS)]
    Explain(explain::ExplainArgs),
    /// The standard library
    #[command(after_help = EXITS)]
    Std(stdlib::StdArgs),
    /// The reference of kinds, their fields and providers
    #[command(after_help = EXITS)]
    Doc(doc::DocArgs),
    /// A completion script for a shell
    #[command(after_help = EXITS)]
    Completions(completions::CompletionsArgs),
    /// The version of talosc
    #[command(after_help = EXITS)]
    Version,
}

impl Command {
    /// What it writes to stdout of its own.
    fn own(&self) -> Own {
        match self {
            Command::Build(args) => args.own(),
            Command::Check(_) => Own::Nothing,
            Command::Fmt(args) => args.own(),
            Command::Explain(_) => Own::Json("`explain`"),
            Command::Std(_) => Own::Json("`std`"),
            Command::Doc(args) => args.own(),
            Command::Completions(_) => Own::Text("`completions`"),
            Command::Version => Own::Text("`version`"),
        }
    }

    fn run(&self, console: &Console) -> Outcome {
        match self {
            Command::Build(args) => build::run(args, console),
            Command::Check(args) => check::run(args, console),
            Command::Fmt(args) => fmt::run(args, console),
            Command::Explain(args) => explain::run(args, console),
            Command::Std(args) => stdlib::run(args, console),
            Command::Doc(args) => doc::run(args, console),
            Command::Completions(args) => completions::run(args, console),
            Command::Version => {
                console.print(Shown::known(concat!("talosc ", env!("CARGO_PKG_VERSION"), "\n")))?;
                Ok(Exit::Fine)
            }
        }
    }
}

/// Runs the command line of a process and gives its exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let exit = guard::run(|| dispatch(args));
    ExitCode::from(exit as u8)
}

fn dispatch(args: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        // Help and version are errors to clap.
        Err(error) => return output::arguments(&error),
    };
    if let Err(failure) = report::judge(&cli.global, cli.command.own()) {
        return output::fail(&failure);
    }
    let entered = cli.global.directory.as_ref().map_or(Ok(()), |directory| {
        std::env::set_current_dir(directory)
            .map_err(|error| Failure::Io(format!("cannot enter `{}`: {error}", files::said(directory))))
    });
    // A relative path is one from the directory that could not be entered.
    let report = cli.global.report.as_deref().filter(|path| entered.is_ok() || path.is_absolute());
    let target = match (Target::open(report), &entered) {
        (Ok(Target::Stdout), Err(failure)) if cli.global.report.is_some() => return output::fail(failure),
        (Ok(target), _) => target,
        (Err(failure), _) => return output::fail(&failure),
    };
    let console = Console::new(&cli.global, target);
    let outcome = entered.and_then(|()| {
        guard::caught(|| cli.command.run(&console)).unwrap_or_else(|what| Err(Failure::Bug(what)))
    });
    console.finish(outcome)
}

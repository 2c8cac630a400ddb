//! The command line: arguments, input and output, exit codes. It decides nothing about the language.
//!
//! Results go to stdout, findings to stderr, a count comes last. The exit code is 0 if all is fine (warnings included), 1 for
//! findings, 2 for wrong use, 3 for input and output, 101 for a bug of ours.

mod build;
mod check;
mod completions;
mod doc;
mod explain;
mod files;
mod fmt;
mod guard;
mod output;
pub mod reference;
mod stdlib;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use output::Console;

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

/// What every command gives.
type Outcome = Result<Exit, Failure>;

/// A typed language for Talos Linux clusters that Omni manages.
#[derive(Parser)]
#[command(name = "talosc", bin_name = "talosc", version, max_term_width = 100, arg_required_else_help = true)]
#[command(disable_help_subcommand = true, infer_long_args = false)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// How findings are written
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
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
    Build(build::BuildArgs),
    /// Find all errors, write nothing
    Check(check::CheckArgs),
    /// Format sources
    Fmt(fmt::FmtArgs),
    /// Explain a code, a value, or a line of the output
    Explain(explain::ExplainArgs),
    /// The standard library
    Std(stdlib::StdArgs),
    /// The reference of kinds, their fields and providers
    Doc(doc::DocArgs),
    /// A completion script for a shell
    Completions(completions::CompletionsArgs),
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
    let console = Console::new(&cli.global);
    let entered = cli.global.directory.as_ref().map_or(Ok(()), |directory| {
        std::env::set_current_dir(directory)
            .map_err(|error| Failure::Io(format!("cannot enter `{}`: {error}", files::said(directory))))
    });
    let outcome = entered.and_then(|()| match &cli.command {
        Command::Build(args) => build::run(args, &console),
        Command::Check(args) => check::run(args, &console),
        Command::Fmt(args) => fmt::run(args, &console),
        Command::Explain(args) => explain::run(args, &console),
        Command::Std(args) => stdlib::run(args, &console),
        Command::Doc(args) => doc::run(args, &console),
        Command::Completions(args) => completions::run(args, &console),
    });
    outcome.unwrap_or_else(|failure| console.fail(&failure))
}

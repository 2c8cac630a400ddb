//! `talosc fmt`

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::Args;
use similar::TextDiff;

use super::output::{Console, Shown};
use super::{Exit, Failure, Outcome, files};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::fmt;
use crate::resolve::file_errors::{self, Request};
use crate::secret::Vault;
use crate::source::disk;
use crate::source::loader::Loader as _;
use crate::source::{Provenance, SourceMap};
use crate::text::{count, visible_name};

#[derive(Args)]
pub(super) struct FmtArgs {
    /// Write nothing; print a diff and exit with 1 if something would change
    #[arg(long)]
    check: bool,
    /// Files, or directories with all sources below them; the current directory unless said, `-` for stdin to stdout
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &FmtArgs, console: &Console) -> Outcome {
    if args.files.iter().any(|file| file.as_os_str() == "-") {
        return stdin(args, console);
    }
    let selection = files::select(&args.files)?;
    let _locks = if args.check { Vec::new() } else { selection.begin_writing()? };
    let mut sources = SourceMap::default();
    let mut findings = selection.findings.clone();
    let (mut changed, mut total, mut vault, mut failed) = (0, 0, None, false);
    for path in &selection.files {
        let text = match selection.loader.read(path) {
            Ok(text) => text,
            Err(error) => {
                findings.push(file_errors::not_loaded(&Request { path, by: None }, &error));
                continue;
            }
        };
        total += 1;
        let Some(new) = formatted(path, &text, &mut sources, &mut findings) else { continue };
        if args.check {
            changed += 1;
            // What is secret, other files may say.
            let vault = vault.get_or_insert_with(|| selection.compile().vault());
            console.tell(Shown::without(vault, &diff(path, &text, &new)))?;
            continue;
        }
        // One that cannot be replaced, or that an editor saved just now, does not keep the others from it.
        match selection.replace(path, &text, &new) {
            Ok(()) => {
                changed += 1;
                let file = files::said(&files::shown(&selection.root().join(path)));
                console.tell(Shown::told(&format!("formatted {file}\n")))?;
            }
            Err(failure) => {
                failed = true;
                console.fail(&failure);
            }
        }
    }
    let exit = console.findings(&findings, &sources);
    let done = if args.check { "would change" } else { "changed" };
    console.tell(Shown::told(&format!("{changed} of {} {done}\n", count(total, "file"))))?;
    Ok(match exit {
        _ if failed => Exit::Io,
        Exit::Fine if args.check && changed > 0 => Exit::Findings,
        exit => exit,
    })
}

fn stdin(args: &FmtArgs, console: &Console) -> Outcome {
    if args.files.len() > 1 {
        return Err(Failure::Usage("`-` stands alone".into()));
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure::Io(format!("cannot read stdin: {error}")))?;
    // The mark that editors of Windows put before a text is none of it, here as in a file.
    let text = disk::decode(bytes).map_err(|_| Failure::Io("stdin is not UTF-8".into()))?;
    let (mut sources, mut findings) = (SourceMap::default(), Vec::new());
    let new = formatted("<stdin>", &text, &mut sources, &mut findings);
    if !findings.is_empty() {
        return Ok(console.findings(&findings, &sources));
    }
    match (args.check, new) {
        (true, Some(new)) => {
            console.tell(Shown::without(&secrets_of(&text), &diff("<stdin>", &text, &new)))?;
            Ok(Exit::Findings)
        }
        (true, None) => Ok(Exit::Fine),
        (false, new) => {
            console.print(Shown::given_back(new.as_deref().unwrap_or(&text)))?;
            Ok(Exit::Fine)
        }
    }
}

/// The new text of a file; `None` if it is formatted already, or has mistakes, which are added to the findings. Line ends that
/// a checkout made do not count.
fn formatted(
    name: &str,
    text: &str,
    sources: &mut SourceMap,
    findings: &mut Vec<Diagnostic>,
) -> Option<String> {
    let file = sources.add(name, text.to_owned(), Provenance::Project);
    match fmt::format(file, text) {
        Ok(new) if new == text || new == text.replace("\r\n", "\n") => None,
        Ok(new) => Some(new),
        Err(found) => {
            findings.extend(Diagnostics::finish(found));
            None
        }
    }
}

/// The secrets of a text, for its difference.
fn secrets_of(text: &str) -> Vault {
    let mut vault = Vault::default();
    vault.learn(&[text]);
    vault
}

fn diff(name: &str, old: &str, new: &str) -> String {
    let name = visible_name(name);
    let old = old.replace("\r\n", "\n");
    let diff = TextDiff::from_lines(old.as_str(), new);
    diff.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

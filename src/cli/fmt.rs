//! `talosc fmt`

use std::io::{self, Read as _};
use std::path::PathBuf;

use clap::Args;
use similar::TextDiff;

use super::output::{self, Console, Shown};
use super::report::Own;
use super::{Failure, Outcome, files, quotes};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::fmt;
use crate::resolve::file_errors::{self, Request};
use crate::secret::Vault;
use crate::source::disk;
use crate::source::loader::Loader as _;
use crate::source::{Provenance, SourceMap, Span};
use crate::text::{count, visible_name};

#[derive(Args)]
pub(super) struct FmtArgs {
    /// Write nothing; print a diff and exit with 1 if something would change
    #[arg(long)]
    check: bool,
    /// Files, or directories with all sources below them; the current directory unless said, `-` for stdin to stdout
    files: Vec<PathBuf>,
}

impl FmtArgs {
    /// What goes to stdout of its own.
    pub(super) fn own(&self) -> Own {
        if self.is_stdin() && !self.check { Own::Text("`fmt -`") } else { Own::Nothing }
    }

    fn is_stdin(&self) -> bool {
        self.files.iter().any(|file| file.as_os_str() == "-")
    }
}

pub(super) fn run(args: &FmtArgs, console: &Console) -> Outcome {
    if args.is_stdin() {
        return stdin(args, console);
    }
    let selection = files::select(&args.files)?;
    let _locks = if args.check { Vec::new() } else { selection.begin_writing()? };
    let bared = quotes::without(&selection);
    let mut sources = selection.sources();
    let mut findings = selection.findings.clone();
    let (mut changed, mut total, mut vault, mut failed) = (0, 0, None, None);
    for path in &selection.files {
        let text = match selection.loader.read(path) {
            Ok(text) => text,
            Err(error) => {
                findings.push(file_errors::not_loaded(&Request { path, by: None }, &error));
                continue;
            }
        };
        total += 1;
        // What was saved since the places were asked for has other ones.
        let bared = bared.get(path).filter(|bared| bared.read == text).map(|bared| &bared.text);
        let Some(new) = formatted(path, &text, bared, &mut sources, &mut findings) else { continue };
        if args.check {
            changed += 1;
            // What is secret, other files may say.
            let vault = vault.get_or_insert_with(|| selection.compile().vault());
            console.tell(Shown::without(vault, &diff(path, &text, &new)))?;
            findings.extend(not_formatted(path, &new, &sources));
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
                if let Some(before) = failed.replace(failure) {
                    output::fail(&before);
                }
            }
        }
    }
    let exit = console.findings(&findings, &sources);
    let done = if args.check { "would change" } else { "changed" };
    console.tell(Shown::told(&format!("{changed} of {} {done}\n", count(total, "file"))))?;
    failed.map_or(Ok(exit), Err)
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
    let new = formatted(STDIN, &text, None, &mut sources, &mut findings);
    match (args.check, new) {
        _ if !findings.is_empty() => {}
        (true, Some(new)) => {
            console.tell(Shown::without(&secrets_of(&text), &diff(STDIN, &text, &new)))?;
            findings.extend(not_formatted(STDIN, &new, &sources));
        }
        (true, None) => {}
        (false, new) => console.print(Shown::given_back(new.as_deref().unwrap_or(&text)))?,
    }
    Ok(console.findings(&findings, &sources))
}

/// How the text of stdin is called.
const STDIN: &str = "<stdin>";

/// Says of a file that its text would be another, at the first line that differs.
fn not_formatted(name: &str, new: &str, sources: &SourceMap) -> Option<Diagnostic> {
    let (file, source) = sources.iter().find(|(_, file)| file.name == name)?;
    let same = source.text().lines().zip(new.lines()).take_while(|(old, new)| old == new).count();
    let line = same.min(source.text().lines().count().saturating_sub(1));
    let range = source.lines().range(line, source.text());
    let end = range.start + source.text()[range.clone()].trim_end().len();
    let message = format!("`{}` is not as `talosc fmt` writes it", visible_name(&sources.shown(source)));
    let place = Span { file, start: range.start as u32, end: end as u32 };
    let finding =
        Diagnostic::new(Code::NotFormatted, message).label(place, "the first line that would change");
    Some(finding.help("run `talosc fmt`"))
}

/// The new text of a file, from one that says the same without needless quotes if there is one; `None` if it is formatted already, or has mistakes, which are added to the findings. Line ends that
/// a checkout made do not count.
fn formatted(
    name: &str,
    text: &str,
    bared: Option<&String>,
    sources: &mut SourceMap,
    findings: &mut Vec<Diagnostic>,
) -> Option<String> {
    let file = sources.add(name, text.to_owned(), Provenance::Project);
    match fmt::format(file, bared.map_or(text, String::as_str)) {
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

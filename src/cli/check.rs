//! `talosc check`

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::Args;

use super::files::Selection;
use super::output::{Console, Shown};
use super::{Exit, Failure, Outcome, files};
use crate::driver::Compilation;
use crate::text::count;

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Make the edits that are safe: those that say what was meant beyond doubt
    #[arg(long)]
    fix: bool,
    /// Files, or directories with all sources below them; the current directory unless said
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &CheckArgs, console: &Console) -> Outcome {
    let selection = files::select(&args.files)?;
    if selection.files.is_empty() && selection.findings.is_empty() {
        return Err(Failure::Usage("there is no `.talos` file here".into()));
    }
    // The process ends with this command, and the system frees the memory faster than we could.
    let compilation =
        ManuallyDrop::new(if args.fix { fixed(&selection, console)? } else { selection.judge() });
    let mut findings = selection.findings.clone();
    findings.extend(compilation.findings.iter().cloned());
    let exit = console.findings(&findings, &compilation.flattener.types.names.sources);
    if exit == Exit::Fine {
        let names = &compilation.flattener.types.names;
        let (files, clusters) = (names.project_files().len(), compilation.fleet.clusters.len());
        let done = format!("checked {}, {}\n", count(files, "file"), count(clusters, "cluster"));
        console.tell(Shown::told(&done))?;
    }
    Ok(exit)
}

/// Writes the files with their safe edits; what is found after them is left to people.
fn fixed(selection: &Selection, console: &Console) -> Result<Compilation, Failure> {
    let _locks = selection.begin_writing()?;
    let mended = selection.mend();
    for (path, new) in &mended.files {
        let read = mended.read.get(path).map_or("", String::as_str);
        selection.replace(path, read, new)?;
        let findings = count(mended.counts.get(path).copied().unwrap_or_default(), "finding");
        let file = files::said(&files::shown(&selection.root().join(path)));
        console.tell(Shown::told(&format!("fixed {findings} in {file}\n")))?;
    }
    Ok(mended.compilation)
}

//! `talosc check`

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::Args;

use super::output::Console;
use super::{Exit, Failure, Outcome, files};
use crate::text::count;

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Files, or directories with all sources below them; the current directory unless said
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &CheckArgs, console: &Console) -> Outcome {
    let selection = files::select(&args.files)?;
    if selection.files.is_empty() && selection.findings.is_empty() {
        return Err(Failure::Usage("there is no `.talos` file here".into()));
    }
    // The process ends with this command, and the system frees the memory faster than we could.
    let compilation = ManuallyDrop::new(selection.compile());
    let mut findings = selection.findings.clone();
    findings.extend(compilation.findings.iter().cloned());
    let exit = console.findings(&findings, &compilation.flattener.types.names.sources);
    if exit == Exit::Fine {
        let names = &compilation.flattener.types.names;
        let (files, clusters) = (names.project_files().len(), compilation.fleet.clusters.len());
        console.tell(&format!("checked {}, {}\n", count(files, "file"), count(clusters, "cluster")))?;
    }
    Ok(exit)
}

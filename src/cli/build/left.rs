//! What earlier builds wrote to directories that nothing is written to any more.
//!
//! A build removes what it no longer writes in the directories that it writes to. After a change of the layout the old files may
//! stand anywhere, and what `-o` wrote stands elsewhere too, so those are told and left alone.

use std::collections::BTreeSet;
use std::path::Path;

use super::group::Group;
use crate::cli::Failure;
use crate::cli::files::{self, Selection};
use crate::driver::Compilation;
use crate::driver::output::source_named;
use crate::emit::plan::{Action, Plan};
use crate::emit::{disk, header};

/// A line for each generated file of the project whose source is one of this build and writes elsewhere now.
///
/// All of the project is searched, so this is done only if a file is about to be created: a new layout creates some.
pub(super) fn told(
    compilation: &Compilation,
    selection: &Selection,
    groups: &[Group<'_>],
    plans: &[Plan<'_>],
) -> Result<String, Failure> {
    let creates = |plan: &Plan<'_>| plan.steps().iter().any(|step| step.action == Action::Create);
    if !selection.is_whole() || !plans.iter().any(creates) {
        return Ok(String::new());
    }
    let names = &compilation.flattener.types.names;
    let sources: BTreeSet<&str> = names.project_files().into_iter().map(|scope| names.path(scope)).collect();
    let root = selection.root();
    let known: BTreeSet<_> = (groups.iter().zip(plans))
        .flat_map(|(group, plan)| {
            plan.steps().iter().map(|step| root.join(&group.place.name).join(step.path))
        })
        .collect();
    let needed = names.needed_files();
    let disk = disk::scan(root, [], &|_| false, &selection.needed(&needed))
        .map_err(|error| Failure::Io(error.to_string()))?;
    let mut out = String::new();
    for (path, bytes) in &disk.existing.files {
        let full = root.join(path);
        let Some(owner) = header::owner(bytes).filter(|_| !known.contains(&full)) else { continue };
        let named = |directory: &Path| {
            let source = files::name_in(root, &source_named(directory, owner)?)?;
            Some((directory.to_owned(), source)).filter(|(_, source)| sources.contains(source.as_str()))
        };
        let mut above = full.ancestors().skip(1).take_while(|directory| directory.starts_with(root));
        let Some((directory, source)) = above.find_map(named) else { continue };
        if groups.iter().all(|group| root.join(&group.place.name) != directory) {
            let (path, source) = (files::shown(&full), files::shown(&root.join(source)));
            out.push_str(&format!(
                "left {}: {} writes elsewhere now\n",
                files::said(&path),
                files::said(&source)
            ));
        }
    }
    Ok(out)
}

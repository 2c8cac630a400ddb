//! Whose an output directory is: of this project, or of somebody else, where a build removes nothing.
//!
//! The first line of a file names its source relative to the output directory. So in the project that name is clear, unless a link
//! leads to the directory: then the same name may mean the source of another project, or of another directory of this one. Outside of
//! the project it may always do so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::group::Group;
use crate::cli::Failure;
use crate::cli::files::{self, Locks, Selection};
use crate::driver::output::source_named;
use crate::emit::disk::{self, Disk};
use crate::emit::error::{Reason, WriteError};
use crate::emit::lock::Want;
use crate::emit::plan::Refusal;
use crate::emit::{header, names};
use crate::source::project::Project;

/// Waits until no other build writes where this one looks or writes, outside of the project.
pub(super) fn lock_outside(
    selection: &Selection,
    directories: impl Iterator<Item = PathBuf>,
    want: Want,
) -> Result<Locks, Failure> {
    let mut places = BTreeSet::new();
    for directory in directories {
        let real = disk::real(&directory).map_err(|error| Failure::Io(error.to_string()))?;
        if !real.starts_with(selection.root()) {
            places.extend(holders(&real));
        }
    }
    places.remove(selection.root());
    files::lock(&places, want)
}

/// The directories that builds lock which may write to one: itself, or what holds it as long as it is not there, and the root of the
/// project that it lies in.
fn holders(real: &Path) -> Vec<PathBuf> {
    let Some(existing) = real.ancestors().find(|directory| directory.is_dir()) else { return Vec::new() };
    let mut out = vec![existing.to_owned()];
    out.extend(Project::of(existing).ok().map(|project| project.root().to_owned()));
    // Without `.git` a project is the directory of its entry, and its output lies beside that.
    let above = existing.parent().filter(|_| existing == real);
    out.extend(above.filter(|above| has_sources(above)).map(Path::to_owned));
    out
}

fn has_sources(directory: &Path) -> bool {
    let entries = directory.read_dir().into_iter().flatten().filter_map(Result::ok);
    entries.into_iter().any(|entry| entry.path().extension().is_some_and(|ending| ending == "talos"))
}

/// Whether git keeps its own files in a directory, or in one that holds it: of those in the project, since all of that may lie anywhere.
pub(super) fn is_of_git(real: &Path, root: &Path) -> bool {
    let inner = real.strip_prefix(root).unwrap_or(real);
    inner.iter().any(|name| names::is_of_git(&name.to_string_lossy()))
}

/// Refuses an output directory that is git's own.
pub(super) fn not_of_git(group: &Group<'_>, disk: &Disk, root: &Path) -> Result<(), Failure> {
    match is_of_git(disk.real_root(), root) {
        true => {
            let error = WriteError { path: group.directory.clone(), reason: Reason::OfGit };
            Err(Failure::Io(error.to_string()))
        }
        false => Ok(()),
    }
}

/// Whether a directory is where its sources say, in their project: what stands in another one may be of others.
pub(super) fn is_own(group: &Group<'_>, disk: &Disk, root: &Path) -> bool {
    // Name by name, since a path of Windows without links takes no `/` for the end of one.
    let said = group.place.name.split('/').filter(|name| !name.is_empty());
    group.place.inside && disk.real_root() == said.fold(root.to_owned(), |at, name| at.join(name))
}

/// Keeps the plan from everything that others may have written to a directory: what is not written here stays, and what another source
/// of the same name writes is not overwritten. Gives a line for each file that stays although a source of that name wrote it.
pub(super) fn leave_what_others_wrote(group: &mut Group<'_>, disk: &mut Disk, root: &Path) -> String {
    let mut left = String::new();
    disk.existing.gone = group.name_from_elsewhere(root);
    let real_root = disk.real_root().to_owned();
    disk.existing.files.retain(|path, bytes| {
        let stays = group.writes(path);
        if !stays && header::owner(bytes).is_some_and(|owner| group.owns(owner)) {
            let path = files::said(&files::below(&group.directory, path));
            left.push_str(&format!("left {path}: outside of the project nothing is removed\n"));
        }
        stays
    });
    let source = |(path, bytes): (&String, &Vec<u8>)| {
        let owner = header::owner(bytes)?;
        let theirs =
            source_named(&real_root, owner)?.canonicalize().ok().filter(|source| source.is_file())?;
        let ours = group.place.source(owner, root).canonicalize().ok();
        (ours.as_ref() != Some(&theirs)).then(|| (path.clone(), files::said(&files::shown(&theirs))))
    };
    disk.existing.others = disk.existing.files.iter().filter_map(source).collect();
    left
}

/// Files of the output that links make one.
pub(super) fn one_file(groups: &[Group<'_>], disks: &[Disk]) -> Vec<Refusal> {
    let mut seen: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut refusals = Vec::new();
    for (group, disk) in groups.iter().zip(disks) {
        for path in group.paths() {
            let shown = files::said(&files::below(&group.directory, path));
            if let Some(first) = seen.insert(disk.target(path), shown.clone()) {
                refusals.push(Refusal::OneFile { paths: [first, shown] });
            }
        }
    }
    refusals
}

//! The edge, writing: carries out plans.
//!
//! The output directories of a build are one transaction. All new files of all of them are staged first, each beside the place it
//! will take, then synced; only then they take their places, one by one, and stale files are removed last. Before the first one
//! nothing has changed and every error leaves it so; from then on each file is old or new and never half, and what was done is told.
//! Files that are current are not touched, and neither is what somebody else wrote since it was looked at.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::disk::Disk;
use super::error::{Interrupted, Reason, WriteError};
use super::plan::{Action, Plan, Step};
use super::staged::{MadeDirectories, Seen, Staged, unless_swapped};

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that were absent.
    pub created: usize,
    /// Files that were replaced.
    pub updated: usize,
    /// Files that were current and not touched.
    pub same: usize,
    /// Stale files that were removed.
    pub removed: usize,
    /// Staged files of an interrupted build that were removed.
    pub leftovers: usize,
}

/// One output directory as it was scanned, and the plan that was made from this scan.
pub type Part<'p> = (&'p Disk, &'p Plan<'p>);

/// Carries out the plans of all output directories of a build.
///
/// # Errors
/// Why it stopped, and what it had done by then.
pub fn apply(parts: &[Part<'_>]) -> Result<Report, Interrupted> {
    let mut done = Vec::new();
    carry_out(parts, &mut done).map_err(|error| Interrupted { error, done })
}

fn carry_out(parts: &[Part<'_>], done: &mut Vec<(PathBuf, Action)>) -> Result<Report, WriteError> {
    let mut report = Report::default();
    for (disk, _) in parts {
        report.leftovers += clear(&disk.leftovers);
    }
    for (disk, step) in steps(parts) {
        check_writable(disk, step)?;
    }
    let mut made = MadeDirectories::default();
    let mut staged = Vec::new();
    for (disk, step) in steps(parts) {
        match step.action {
            Action::Create | Action::Update => staged.push((disk, step, stage(disk, step, &mut made)?)),
            Action::Same => report.same += 1,
            Action::Stale => {}
        }
    }
    staged.iter().try_for_each(|(_, _, file)| file.sync())?;
    made.keep();
    let (renamed, stale): (Vec<_>, Vec<_>) = stale_files(parts).into_iter().partition(|stale| stale.2);
    // A file system that ignores case would take the old spelling of a name for the new file: there the old one goes
    // before.
    for (disk, path, _) in renamed {
        report.removed += usize::from(remove_stale(disk, path, done)?);
    }
    for (disk, step, file) in staged {
        take_place(disk, step, file)?;
        match step.action {
            Action::Create => report.created += 1,
            _ => report.updated += 1,
        }
        done.push((disk.shown(step.path), step.action));
    }
    for (disk, path, _) in stale {
        report.removed += usize::from(remove_stale(disk, path, done)?);
    }
    Ok(report)
}

/// Every step with its directory.
fn steps<'p>(parts: &[Part<'p>]) -> impl Iterator<Item = (&'p Disk, &'p Step<'p>)> {
    parts.iter().flat_map(|&(disk, plan)| plan.steps().iter().map(move |step| (disk, step)))
}

/// Stale paths, and whether one differs from a written path by case alone.
fn stale_files<'p>(parts: &[Part<'p>]) -> Vec<(&'p Disk, &'p str, bool)> {
    let mut out = Vec::new();
    for &(disk, plan) in parts {
        let written: BTreeSet<String> = plan.changed().map(|file| file.path.to_lowercase()).collect();
        let stale = plan.steps().iter().filter(|step| step.action == Action::Stale);
        out.extend(stale.map(|step| (disk, step.path, written.contains(&step.path.to_lowercase()))));
    }
    out
}

/// Replaces one file that was read, a source: what somebody else saved since then stays.
///
/// # Errors
/// Why it was not replaced: then it is as it was.
pub fn replace(
    file: &Path,
    shown: &Path,
    seen: &dyn Fn(&[u8]) -> bool,
    text: &str,
) -> Result<(), WriteError> {
    let target = fs::canonicalize(file).map_err(|error| WriteError::new(shown, Reason::Stage(error)))?;
    if is_read_only(&target) {
        return Err(WriteError::new(shown, Reason::ReadOnly));
    }
    let staged = Staged::new(target, shown.to_owned(), text, &mut MadeDirectories::default())?;
    staged.sync()?;
    staged.take_place(Seen::Text(seen))
}

/// Removes what interrupted runs left, and gives how many that were. One that may not be removed harms nobody: it is tried again.
pub fn clear(leftovers: &[PathBuf]) -> usize {
    leftovers.iter().filter(|leftover| fs::remove_file(leftover).is_ok()).count()
}

/// Refuses what is marked read-only. A rename would replace such a file, and an administrator could write to such a
/// directory, all the same; the mark is there because someone does not want that.
fn check_writable(disk: &Disk, step: &Step<'_>) -> Result<(), WriteError> {
    if step.action == Action::Same {
        return Ok(());
    }
    let target = disk.target(step.path);
    let shown = disk.shown(step.path);
    if step.action != Action::Create && is_read_only(&target) {
        return Err(WriteError::new(&shown, Reason::ReadOnly));
    }
    // On Windows the mark on a directory says nothing about the files in it.
    match (target.parent(), shown.parent()) {
        (Some(directory), Some(shown)) if cfg!(unix) && is_read_only(directory) => {
            Err(WriteError::new(shown, Reason::ReadOnly))
        }
        _ => Ok(()),
    }
}

/// Absent or unreadable is not read-only; what follows will meet that and say so.
fn is_read_only(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().readonly())
}

fn stage(disk: &Disk, step: &Step<'_>, made: &mut MadeDirectories) -> Result<Staged, WriteError> {
    let (target, shown) = (disk.target(step.path), disk.shown(step.path));
    let text = match step.file {
        // It takes a name that differs by case alone.
        Some(file) if file.standing => fs::read_to_string(&target).map(Cow::Owned),
        file => Ok(Cow::Borrowed(file.map_or("", |file| file.text.as_str()))),
    };
    match text {
        Ok(text) => Staged::new(target, shown, &text, made),
        Err(error) => Err(WriteError::new(&shown, Reason::Stage(error))),
    }
}

fn take_place(disk: &Disk, step: &Step<'_>, staged: Staged) -> Result<(), WriteError> {
    match disk.existing.files.get(step.path) {
        _ if step.action == Action::Create => staged.take_place(Seen::Nothing),
        // Of a file that is current the first line alone was read.
        Some(bytes) if !step.file.is_some_and(|file| file.standing) => {
            staged.take_place(Seen::Text(&|now| now == bytes))
        }
        _ => staged.take_place(Seen::Unread),
    }
}

/// Removes a stale file, and the directories inside the output directory that it leaves empty; `false` if it was gone already.
fn remove_stale(disk: &Disk, path: &str, done: &mut Vec<(PathBuf, Action)>) -> Result<bool, WriteError> {
    let (target, shown) = (disk.target(path), disk.shown(path));
    let failed = |error| WriteError::new(&shown, Reason::Remove(error));
    unless_swapped(&target, &shown)?;
    match fs::read(&target) {
        Ok(now) if disk.existing.files.get(path).is_some_and(|bytes| *bytes == now) => {}
        Ok(_) => return Err(WriteError::new(&shown, Reason::Changed)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(failed(error)),
    }
    fs::remove_file(&target).map_err(failed)?;
    done.push((shown, Action::Stale));
    for directory in
        target.ancestors().skip(1).take_while(|d| *d != disk.real_root && d.starts_with(&disk.real_root))
    {
        // The first one that is not empty, or that may not be removed, ends this: git does not see empty directories.
        if fs::remove_dir(directory).is_err() {
            break;
        }
    }
    Ok(true)
}

/// Whether git tracks a file and has its present content, so that nothing is lost if it is overwritten. Where git cannot
/// say so (no git, no repository, an error), the answer is no.
pub fn git_unchanged(path: &Path) -> bool {
    let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else { return false };
    let directory = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(["--no-optional-locks", "--literal-pathspecs", "-C"])
            .arg(directory)
            .args(arguments)
            .arg("--");
        command.arg(name).stdin(Stdio::null()).stderr(Stdio::null()).output()
    };
    let succeeded = |arguments: &[&str]| git(arguments).ok().filter(|output| output.status.success());
    // `H` is a tracked file; other letters mean that git was told not to look at it, so its `status` would say nothing.
    succeeded(&["ls-files", "--error-unmatch", "-v"]).is_some_and(|output| output.stdout.starts_with(b"H "))
        && succeeded(&["status", "--porcelain"]).is_some_and(|output| output.stdout.is_empty())
}

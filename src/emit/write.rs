//! The edge, writing: carries out a plan.
//!
//! All new files are staged first, each beside the place it will take, then synced; only then they are renamed, one by
//! one, and stale files are removed last. Before the first rename nothing has changed and every error leaves it so; from
//! then on each file is old or new and never half. Files that are current are not touched.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempPath;

use super::disk::{Disk, STAGED_PREFIX, STAGED_RANDOM, STAGED_SUFFIX};
use super::error::{Reason, WriteError};
use super::plan::{Action, Plan, Step};

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

/// Carries out a plan that was made from this scan.
pub fn apply(disk: &Disk, plan: &Plan<'_>) -> Result<Report, WriteError> {
    let mut report = Report::default();
    for leftover in &disk.leftovers {
        report.leftovers += usize::from(remove(leftover, leftover)?);
    }
    for step in plan.steps() {
        check_writable(disk, step)?;
    }
    let mut made = MadeDirectories::default();
    let mut staged = Vec::new();
    for step in plan.steps() {
        match step.action {
            Action::Create | Action::Update => staged.push(stage(disk, step, &mut made)?),
            Action::Same => report.same += 1,
            Action::Stale => {}
        }
    }
    sync(&staged)?;
    made.keep();
    let (renamed, stale) = stale_files(plan);
    // A file system that ignores case would take the old spelling of a name for the new file: there the old one goes
    // before.
    for path in renamed {
        report.removed += usize::from(remove_stale(disk, path)?);
    }
    for (replaced, file) in staged.into_iter().enumerate() {
        match file.action {
            Action::Create => report.created += 1,
            _ => report.updated += 1,
        }
        replace(file, replaced)?;
    }
    for path in stale {
        report.removed += usize::from(remove_stale(disk, path)?);
    }
    Ok(report)
}

/// Stale paths: those that differ from a written path by case alone, and all others.
fn stale_files<'a>(plan: &Plan<'a>) -> (Vec<&'a str>, Vec<&'a str>) {
    let written: BTreeSet<String> = plan.changed().map(|file| file.path.to_lowercase()).collect();
    let stale = plan.steps().iter().filter(|step| step.action == Action::Stale).map(|step| step.path);
    stale.partition(|path| written.contains(&path.to_lowercase()))
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

/// A complete new file that waits beside the place it will take. It is closed: a build may stage more files than a process
/// may have open.
struct Staged {
    file: TempPath,
    target: PathBuf,
    shown: PathBuf,
    action: Action,
}

fn stage(disk: &Disk, step: &Step<'_>, made: &mut MadeDirectories) -> Result<Staged, WriteError> {
    let target = disk.target(step.path);
    let shown = disk.shown(step.path);
    let text = match step.file {
        // It takes a name that differs by case alone.
        Some(file) if file.standing => fs::read_to_string(&target).map(Cow::Owned),
        file => Ok(Cow::Borrowed(file.map_or("", |file| file.text.as_str()))),
    };
    match text.and_then(|text| stage_text(&target, &text, made)) {
        Ok(file) => Ok(Staged { file, target, shown, action: step.action }),
        Err(error) => Err(WriteError::new(&shown, Reason::Stage(error))),
    }
}

fn stage_text(target: &Path, text: &str, made: &mut MadeDirectories) -> io::Result<TempPath> {
    let directory = target.parent().unwrap_or(Path::new("."));
    made.make(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(STAGED_PREFIX).suffix(STAGED_SUFFIX).rand_bytes(STAGED_RANDOM);
    // Temporary files are private unless told otherwise; output has the usual permissions, less the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    match fs::metadata(target) {
        Ok(old) => file.as_file().set_permissions(old.permissions())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(file.into_temp_path())
}

/// Brings staged files to the disk: without this a crash of the machine could leave a renamed file without content.
///
/// This is done when all of them are written, because most file systems bring everything that waits to the disk with the first.
fn sync(staged: &[Staged]) -> Result<(), WriteError> {
    for file in staged {
        let synced = fs::OpenOptions::new().write(true).open(&file.file).and_then(|open| open.sync_all());
        synced.map_err(|error| WriteError::new(&file.shown, Reason::Stage(error)))?;
    }
    Ok(())
}

fn replace(staged: Staged, replaced: usize) -> Result<(), WriteError> {
    // Planning saw nothing there; what came since is not ours to overwrite.
    if staged.action == Action::Create && fs::symlink_metadata(&staged.target).is_ok() {
        return Err(WriteError::new(&staged.shown, Reason::Appeared));
    }
    match staged.file.persist(&staged.target) {
        Ok(_) => Ok(()),
        Err(failed) => Err(WriteError::new(&staged.shown, Reason::Replace { error: failed.error, replaced })),
    }
}

/// Directories that staging made, outermost first. Unless kept they are removed again, innermost first.
#[derive(Default)]
struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    fn make(&mut self, directory: &Path) -> io::Result<()> {
        let missing: Vec<&Path> =
            directory.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.exists()).collect();
        for directory in missing.into_iter().rev() {
            fs::create_dir(directory)?;
            self.0.push(directory.to_owned());
        }
        Ok(())
    }

    fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for MadeDirectories {
    fn drop(&mut self) {
        for directory in self.0.iter().rev() {
            // One that something else has put a file into stays; an empty directory that stays does no harm either.
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Removes a stale file, and the directories inside the output directory that it leaves empty.
fn remove_stale(disk: &Disk, path: &str) -> Result<bool, WriteError> {
    let target = disk.target(path);
    let removed = remove(&target, &disk.shown(path))?;
    for directory in
        target.ancestors().skip(1).take_while(|d| *d != disk.real_root && d.starts_with(&disk.real_root))
    {
        // The first one that is not empty, or that may not be removed, ends this: git does not see empty directories.
        if fs::remove_dir(directory).is_err() {
            break;
        }
    }
    Ok(removed)
}

/// Removes a file; `false` if it was gone already.
fn remove(path: &Path, shown: &Path) -> Result<bool, WriteError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(WriteError::new(shown, Reason::Remove(error))),
    }
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

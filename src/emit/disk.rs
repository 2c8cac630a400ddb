//! The edge, reading: what stands in the output directory.
//!
//! Two kinds of files are read: those that a build is about to write, wherever they are, and all other YAML files whose
//! first line says that talosc generated them. The search for the latter follows no symbolic links, and leaves out hidden
//! directories and directories that are repositories of their own, unless a wanted file is in them: an output directory may well be the root
//! of a repository.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::error::{Reason, WriteError};
use super::header;
use super::names;
use super::plan::Existing;
use super::staged::is_staged;

/// The first line of a generated file is never longer: enough for the longest path of any system.
const LONGEST_FIRST_LINE: u64 = 64 * 1024;

/// What a scan found.
#[derive(Debug)]
pub struct Disk {
    /// What the plan is made from. `gone` is empty: only the caller knows where sources are.
    pub existing: Existing,
    /// The output directory as the caller named it.
    pub(super) root: PathBuf,
    /// The same without symbolic links.
    pub(super) real_root: PathBuf,
    /// Where each wanted path really is, behind links that stay inside the output directory.
    pub(super) targets: BTreeMap<String, PathBuf>,
    /// Staged files of a build that was interrupted.
    pub(super) leftovers: Vec<PathBuf>,
}

/// Reads what stands at the wanted paths (relative to the output directory, with `/`), and finds all generated files. Of those that
/// are known to be current, their first lines are read. What is `closed`, given without links, is not opened: it is known to be no
/// output, and may be a secret.
pub fn scan<'a>(
    root: &Path,
    wanted: impl IntoIterator<Item = &'a str>,
    current: &dyn Fn(&str) -> bool,
    closed: &BTreeSet<PathBuf>,
) -> Result<Disk, WriteError> {
    let real_root = real(root)?;
    let mut disk = Disk {
        existing: Existing::default(),
        root: root.to_owned(),
        real_root,
        targets: BTreeMap::new(),
        leftovers: Vec::new(),
    };
    for path in wanted {
        disk.find(path, current(path))?;
    }
    if disk.real_root.is_dir() {
        let known = disk.targets.values().cloned().collect();
        disk.walk(&disk.real_root.clone(), "", &Left { known, closed })?;
    }
    Ok(disk)
}

/// What the walk leaves alone.
struct Left<'l> {
    /// The files that were read already.
    known: BTreeSet<PathBuf>,
    /// The files that are not opened.
    closed: &'l BTreeSet<PathBuf>,
}

/// A directory without links, even if it, or some of those that hold it, is still to be made.
pub fn real(directory: &Path) -> Result<PathBuf, WriteError> {
    let failed = |error| WriteError::new(directory, Reason::Read(error));
    let full = std::path::absolute(directory).map_err(failed)?;
    for existing in full.ancestors() {
        match fs::symlink_metadata(existing) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        }
        let real = match fs::canonicalize(existing) {
            Ok(real) if real.is_dir() => real,
            Ok(_) => return Err(WriteError::new(directory, Reason::NotADirectory)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(WriteError::new(directory, Reason::LeadsNowhere));
            }
            Err(error) => return Err(failed(error)),
        };
        let rest = full.strip_prefix(existing).unwrap_or(Path::new(""));
        return Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
    }
    Ok(full)
}

/// What interrupted runs left in a directory itself.
pub fn leftovers(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let staged = |entry: &fs::DirEntry| {
        entry.file_name().to_str().is_some_and(is_staged)
            && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    entries.filter_map(Result::ok).filter(staged).map(|entry| entry.path()).collect()
}

impl Disk {
    /// A path as the user knows it.
    pub(super) fn shown(&self, path: &str) -> PathBuf {
        if self.root == Path::new(".") { PathBuf::from(path) } else { self.root.join(path) }
    }

    /// The output directory without links.
    pub fn real_root(&self) -> &Path {
        &self.real_root
    }

    /// Where a path really is: of a wanted one, or of one that the walk found.
    pub fn target(&self, path: &str) -> PathBuf {
        self.targets.get(path).cloned().unwrap_or_else(|| self.real_root.join(path))
    }

    /// The text that stands at a path of the output now; `None` if that cannot be read.
    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.target(path)).ok()
    }

    /// Finds and reads one wanted path.
    fn find(&mut self, path: &str, current: bool) -> Result<(), WriteError> {
        let (target, exists) = self.resolve(path)?;
        if exists {
            let bytes = if current { first_line(&target) } else { fs::read(&target) };
            let bytes = bytes.map_err(|e| WriteError::new(&self.shown(path), Reason::Read(e)))?;
            self.existing.files.insert(path.to_owned(), bytes);
        }
        self.targets.insert(path.to_owned(), target);
        Ok(())
    }

    /// Follows a path name by name, so that no link on the way leads out and each thing is what it must be.
    fn resolve(&self, path: &str) -> Result<(PathBuf, bool), WriteError> {
        if let Some((_, wrong)) = names::wrong_in(path) {
            return Err(WriteError::new(&self.shown(path), Reason::BadName(wrong)));
        }
        let mut at = self.real_root.clone();
        let mut shown = self.root.clone();
        let mut exists = true;
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            at.push(name);
            shown.push(name);
            if !exists {
                continue;
            }
            match fs::symlink_metadata(&at) {
                Ok(found) if found.is_symlink() => at = self.follow(&at, &shown)?,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    exists = false;
                    continue;
                }
                Err(error) => return Err(WriteError::new(&shown, Reason::Read(error))),
            }
            let last = names.peek().is_none();
            if !last && !at.is_dir() {
                return Err(WriteError::new(&shown, Reason::NotADirectory));
            }
            if last && !at.is_file() {
                return Err(WriteError::new(&shown, Reason::NotAFile));
            }
        }
        // A link may lead to where git is at home.
        let inner = at.strip_prefix(&self.real_root).unwrap_or(&at);
        match inner.iter().any(|name| names::is_of_git(&name.to_string_lossy())) {
            true => Err(WriteError::new(&shown, Reason::OfGit)),
            false => Ok((at, exists)),
        }
    }

    fn follow(&self, link: &Path, shown: &Path) -> Result<PathBuf, WriteError> {
        match fs::canonicalize(link) {
            Ok(target) if target.starts_with(&self.real_root) => Ok(target),
            Ok(target) => Err(WriteError::new(shown, Reason::LeadsOut { target })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(WriteError::new(shown, Reason::LeadsNowhere))
            }
            Err(error) => Err(WriteError::new(shown, Reason::Read(error))),
        }
    }

    /// Collects the generated files and the leftovers below a directory; `prefix` is its path with a `/`, or empty.
    fn walk(&mut self, directory: &Path, prefix: &str, left: &Left<'_>) -> Result<(), WriteError> {
        let unreadable = |path: &str, error| WriteError::new(&self.root.join(path), Reason::Read(error));
        let entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = match entries {
            // What is wanted was found before: what may not be looked at, or is gone by now, is somebody else's.
            Err(error) if is_closed(&error) => return Ok(()),
            entries => entries.map_err(|error| unreadable(prefix, error))?,
        };
        let mut directories = Vec::new();
        for entry in entries {
            // A name that is not Unicode is none of ours.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let (path, full) = (format!("{prefix}{name}"), entry.path());
            let kind = entry.file_type().map_err(|error| unreadable(&path, error))?;
            if kind.is_dir() {
                if holds_wanted(&full, &left.known) || !name.starts_with('.') && !full.join(".git").exists() {
                    directories.push((full, format!("{path}/")));
                }
            } else if kind.is_file() && is_staged(&name) {
                self.leftovers.push(full);
            } else if kind.is_file()
                && is_yaml(&name)
                && !left.known.contains(&full)
                && !left.closed.contains(&full)
            {
                let generated = match read_generated(&full) {
                    Err(error) if is_closed(&error) => None,
                    generated => generated.map_err(|error| unreadable(&path, error))?,
                };
                self.existing.files.extend(generated.map(|bytes| (path, bytes)));
            }
        }
        directories.into_iter().try_for_each(|(full, prefix)| self.walk(&full, &prefix, left))
    }
}

/// Whether something may not be looked at, or is no longer there.
fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound)
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Whether a wanted file is somewhere below a directory: paths are in order by their names, so what is below it comes next.
fn holds_wanted(directory: &Path, known: &BTreeSet<PathBuf>) -> bool {
    known.range(directory.to_owned()..).next().is_some_and(|path| path.starts_with(directory))
}

/// The content of a file if its first line is that of a generated file; of all others no more than that line is read.
fn read_generated(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = BufReader::new(fs::File::open(path)?);
    let mut bytes = Vec::new();
    (&mut file).take(LONGEST_FIRST_LINE).read_until(b'\n', &mut bytes)?;
    if header::owner(&bytes).is_none() {
        return Ok(None);
    }
    file.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The first line of a file.
fn first_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    BufReader::new(fs::File::open(path)?).take(LONGEST_FIRST_LINE).read_until(b'\n', &mut bytes)?;
    Ok(bytes)
}

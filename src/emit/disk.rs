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
use super::plan::Existing;

/// How the names of staged files start and end; between them stand `STAGED_RANDOM` letters and digits.
pub(super) const STAGED_PREFIX: &str = ".talosc-";
pub(super) const STAGED_SUFFIX: &str = ".tmp";
pub(super) const STAGED_RANDOM: usize = 6;

/// The first line of a generated file is never longer: enough for the longest path of any system.
const LONGEST_FIRST_LINE: u64 = 64 * 1024;

/// What a scan found.
#[derive(Debug)]
pub struct Disk {
    /// What the plan is made from. `gone` is empty: only the caller knows where sources are.
    pub existing: Existing,
    /// The output directory as the caller named it.
    pub(super) root: PathBuf,
    /// The same without symbolic links, if it exists.
    pub(super) real_root: PathBuf,
    /// Where each wanted path really is, behind links that stay inside the output directory.
    pub(super) targets: BTreeMap<String, PathBuf>,
    /// Staged files of a build that was interrupted.
    pub(super) leftovers: Vec<PathBuf>,
}

/// Reads what stands at the wanted paths (relative to the output directory, with `/`), and finds all generated files. Of those that
/// are known to be current, their first lines are read. What is `closed` is not opened: it is known to be no output, and may be a secret.
pub fn scan<'a>(
    root: &Path,
    wanted: impl IntoIterator<Item = &'a str>,
    current: &dyn Fn(&str) -> bool,
    closed: &dyn Fn(&str) -> bool,
) -> Result<Disk, WriteError> {
    let real_root = match fs::canonicalize(root) {
        Ok(real) if real.is_dir() => real,
        Ok(_) => return Err(WriteError::new(root, Reason::NotADirectory)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => root.to_owned(),
        Err(error) => return Err(WriteError::new(root, Reason::Read(error))),
    };
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
        let known: BTreeSet<PathBuf> = disk.targets.values().cloned().collect();
        disk.walk(&disk.real_root.clone(), "", &Left { known, closed })?;
    }
    Ok(disk)
}

/// What the walk leaves alone.
struct Left<'l> {
    /// The files that were read already.
    known: BTreeSet<PathBuf>,
    /// The paths that are not opened.
    closed: &'l dyn Fn(&str) -> bool,
}

impl Disk {
    /// A path as the user knows it.
    pub(super) fn shown(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Where a path really is: of a wanted one, or of one that the walk found.
    pub(super) fn target(&self, path: &str) -> PathBuf {
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
        if path.split('/').any(|name| matches!(name, "" | "." | "..") || name.contains(['\\', ':', '\0'])) {
            return Err(WriteError::new(&self.shown(path), Reason::BadName));
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
        Ok((at, exists))
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
        let mut directories = Vec::new();
        for entry in entries.map_err(|error| unreadable(prefix, error))? {
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
            } else if kind.is_file() && is_yaml(&name) && !left.known.contains(&full) && !(left.closed)(&path)
            {
                let generated = read_generated(&full).map_err(|error| unreadable(&path, error))?;
                self.existing.files.extend(generated.map(|bytes| (path, bytes)));
            }
        }
        directories.into_iter().try_for_each(|(full, prefix)| self.walk(&full, &prefix, left))
    }
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Whether a wanted file is somewhere below a directory: paths are in order by their names, so what is below it comes next.
fn holds_wanted(directory: &Path, known: &BTreeSet<PathBuf>) -> bool {
    known.range(directory.to_owned()..).next().is_some_and(|path| path.starts_with(directory))
}

/// Whether a name is one that only a staged file has.
fn is_staged(name: &str) -> bool {
    let random = name.strip_prefix(STAGED_PREFIX).and_then(|rest| rest.strip_suffix(STAGED_SUFFIX));
    random.is_some_and(|random| {
        random.len() == STAGED_RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric())
    })
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

//! The edge, one file: a complete new text that waits beside the place it will take, and takes it only if there still stands what
//! was seen there.
//!
//! Where a system can exchange two names at once, nobody who saves in between loses a word: what comes out of the exchange is looked
//! at, and goes back if it is not what was seen. Elsewhere the place is looked at right before it is taken.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::error::{Reason, WriteError};

/// How the names of staged files start and end; between them stand `RANDOM` letters and digits.
const PREFIX: &str = ".talosc-";
const SUFFIX: &str = ".tmp";
const RANDOM: usize = 6;

/// Whether a name is one that only a staged file has.
pub(super) fn is_staged(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// What was seen at a place, and must stand there when it is taken.
#[derive(Clone, Copy)]
pub(super) enum Seen<'s> {
    /// Nothing.
    Nothing,
    /// A text.
    Text(&'s dyn Fn(&[u8]) -> bool),
    /// Something that was not read.
    Unread,
}

/// A complete new file that waits beside the place it will take. It is closed: a build may stage more files than a process
/// may have open.
pub(super) struct Staged {
    file: TempPath,
    target: PathBuf,
    shown: PathBuf,
}

impl Staged {
    /// Writes a text beside the place that it will take: `target` without links, `shown` as the user knows it.
    pub(super) fn new(
        target: PathBuf,
        shown: PathBuf,
        text: &str,
        made: &mut MadeDirectories,
    ) -> Result<Staged, WriteError> {
        unless_swapped(&target, &shown)?;
        match write_beside(&target, text, made) {
            Ok(file) => {
                let staged = Staged { file, target, shown };
                // What was swapped while it was made would have it somewhere else.
                unless_swapped(&staged.target, &staged.shown)?;
                Ok(staged)
            }
            Err(error) => Err(WriteError::new(&shown, Reason::Stage(error))),
        }
    }

    /// Brings it to the disk: without this a crash of the machine could leave a renamed file without content.
    pub(super) fn sync(&self) -> Result<(), WriteError> {
        let synced = fs::OpenOptions::new().write(true).open(&self.file).and_then(|open| open.sync_all());
        synced.map_err(|error| WriteError::new(&self.shown, Reason::Stage(error)))
    }

    /// Takes its place if there stands what was seen.
    pub(super) fn take_place(self, seen: Seen<'_>) -> Result<(), WriteError> {
        unless_swapped(&self.target, &self.shown)?;
        match seen {
            Seen::Nothing => self.appear(),
            Seen::Unread => self.replace(),
            Seen::Text(is_seen) => {
                // Mostly it is another text already, if it is at all: then nothing has to be put back.
                match content(&self.target) {
                    Ok(now) if is_seen(&now) => self.exchange(is_seen),
                    Ok(_) => Err(WriteError::new(&self.shown, Reason::Changed)),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        Err(WriteError::new(&self.shown, Reason::Changed))
                    }
                    Err(error) => Err(WriteError::new(&self.shown, Reason::Replace(error))),
                }
            }
        }
    }

    /// Takes a place where nothing was; what came since is not ours to overwrite.
    fn appear(self) -> Result<(), WriteError> {
        let Staged { file, target, shown } = self;
        let failed = match file.persist_noclobber(&target) {
            Ok(()) => return Ok(()),
            Err(failed) => failed,
        };
        // A file system may know no way to do this at once.
        if failed.error.kind() == io::ErrorKind::AlreadyExists || fs::symlink_metadata(&target).is_ok() {
            return Err(WriteError::new(&shown, Reason::Appeared));
        }
        Staged { file: failed.path, target, shown }.replace()
    }

    fn replace(self) -> Result<(), WriteError> {
        let Staged { file, target, shown } = self;
        file.persist(&target).map_err(|failed| WriteError::new(&shown, Reason::Replace(failed.error)))
    }

    /// Changes places with what stands there, and back if that is not what was seen.
    fn exchange(self, is_seen: &dyn Fn(&[u8]) -> bool) -> Result<(), WriteError> {
        let failed = |error| WriteError::new(&self.shown, Reason::Replace(error));
        let mut inside = content(&self.file).map_err(failed)?;
        let mut out = match exchange(&self.file, &self.target) {
            Ok(()) => content(&self.file),
            Err(error) if cannot_exchange(&error) => return self.replace(),
            Err(error) => return Err(failed(error)),
        };
        if out.as_deref().is_ok_and(is_seen) {
            return Ok(());
        }
        // What came out is newer than what stands there. Who saves again while it goes back has the last word too.
        loop {
            let newer = out.unwrap_or_default();
            if let Err(error) = exchange(&self.file, &self.target) {
                return Err(self.give_back(error));
            }
            out = content(&self.file);
            if out.as_deref().is_ok_and(|out| out == inside) {
                return Err(WriteError::new(&self.shown, Reason::Changed));
            }
            inside = newer;
        }
    }

    /// The place went away while a newer text was to go back to it: the text must not go with the staged file.
    fn give_back(self, error: io::Error) -> WriteError {
        let failed = WriteError::new(&self.shown, Reason::Replace(error));
        if let Err(kept) = self.file.persist_noclobber(&self.target) {
            let _ = kept.path.keep();
        }
        failed
    }
}

/// What a file holds; a link is none.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    match fs::symlink_metadata(path)?.is_file() {
        true => fs::read(path),
        false => Err(io::Error::other("it is no longer a file")),
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Whether a system or a file system knows no exchange, or does not let it happen; it says so in several ways.
fn cannot_exchange(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, InvalidInput, PermissionDenied, Unsupported};
    matches!(error.kind(), CrossesDevices | InvalidInput | PermissionDenied | Unsupported)
}

/// Whether a directory above a place became a link: it had none when it was looked at, so what is there now is another directory.
pub(super) fn unless_swapped(target: &Path, shown: &Path) -> Result<(), WriteError> {
    let is_link = |directory: &&Path| fs::symlink_metadata(directory).is_ok_and(|found| found.is_symlink());
    match target.ancestors().skip(1).find(is_link) {
        Some(link) => Err(WriteError::new(shown, Reason::Swapped { link: link.to_owned() })),
        None => Ok(()),
    }
}

fn write_beside(target: &Path, text: &str, made: &mut MadeDirectories) -> io::Result<TempPath> {
    let directory = target.parent().unwrap_or(Path::new("."));
    made.make(directory)?;
    let old = match fs::metadata(target) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(RANDOM);
    // A new file has the usual permissions, less the umask. One that replaces another is private until it has those of that one.
    #[cfg(unix)]
    if old.is_none() {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    if let Some(old) = old {
        keep_owner(file.as_file(), &old);
        file.as_file().set_permissions(old.permissions())?;
    }
    Ok(file.into_temp_path())
}

/// Gives a file the owner and the group of the one that it replaces, where that is allowed: root may give everything away, and others
/// a file of theirs to a group that they are in.
#[cfg(unix)]
fn keep_owner(file: &fs::File, old: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata();
    if new.as_ref().is_ok_and(|new| (new.uid(), new.gid()) == (old.uid(), old.gid())) {
        return;
    }
    if fchown(file, Some(old.uid()), Some(old.gid())).is_err() {
        // Who may write to the directory may replace the file; that it has another owner then cannot be helped.
        let _ = fchown(file, None, Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &fs::File, _: &fs::Metadata) {}

/// Directories that staging made, outermost first. Unless kept they are removed again, innermost first.
#[derive(Default)]
pub(super) struct MadeDirectories(Vec<PathBuf>);

impl MadeDirectories {
    fn make(&mut self, directory: &Path) -> io::Result<()> {
        let missing: Vec<&Path> =
            directory.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.exists()).collect();
        for directory in missing.into_iter().rev() {
            match fs::create_dir(directory) {
                Ok(()) => self.0.push(directory.to_owned()),
                // Somebody else writes there too.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn keep(&mut self) {
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

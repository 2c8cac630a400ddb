//! What can go wrong at the edge, where output meets the file system.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::names::Wrong;
use super::plan::Action;
use crate::text::visible_name;

/// Why the output could not be read or written; every variant names the path as the user knows it.
#[derive(Debug)]
pub struct WriteError {
    /// The file or directory.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a path of the output.
#[derive(Debug)]
pub enum Reason {
    /// It leaves the output directory, or has a name that not every system takes.
    BadName(Wrong),
    /// Something other than a directory stands where a directory must be.
    NotADirectory,
    /// A directory, a device or the like stands where a file must be.
    NotAFile,
    /// A symbolic link that leads out of the output directory.
    LeadsOut {
        /// Where it leads.
        target: PathBuf,
    },
    /// A symbolic link that leads nowhere.
    LeadsNowhere,
    /// It is marked read-only.
    ReadOnly,
    /// It was absent when the build was planned and is there now.
    Appeared,
    /// It is not what it was when it was read.
    Changed,
    /// A directory on the way to it became a link.
    Swapped {
        /// The directory.
        link: PathBuf,
    },
    /// Git keeps its own files there.
    OfGit,
    /// It cannot be read.
    Read(io::Error),
    /// A new file or directory cannot be made for it.
    Stage(io::Error),
    /// The new file is complete but cannot take its place.
    Replace(io::Error),
    /// It cannot be removed.
    Remove(io::Error),
}

/// Why a build stopped, and what it had done by then.
#[derive(Debug)]
pub struct Interrupted {
    /// Why.
    pub error: WriteError,
    /// What was done before, in its order: files as the user knows them, of every output directory.
    pub done: Vec<(PathBuf, Action)>,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.done.len() {
            0 => write!(f, "{}; nothing was changed", self.error),
            n => {
                let files = crate::text::count(n, "file");
                let were = if n == 1 { "was" } else { "were" };
                write!(f, "{}; {files} {were} changed before it, the next build does the rest", self.error)
            }
        }
    }
}

impl std::error::Error for Interrupted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl WriteError {
    pub(super) fn new(path: &Path, reason: Reason) -> Self {
        WriteError { path: path.to_owned(), reason }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| visible_name(&path.to_string_lossy()).into_owned();
        let path = shown(&self.path);
        match &self.reason {
            Reason::BadName(wrong) => write!(f, "`{path}` cannot be written: a name in it {wrong}"),
            Reason::NotADirectory => write!(f, "`{path}` must be a directory and is none"),
            Reason::NotAFile => write!(f, "`{path}` must be a file and is none"),
            Reason::LeadsOut { target } => {
                let target = shown(target);
                write!(f, "`{path}` is a link that leads out of the output directory, to `{target}`")
            }
            Reason::LeadsNowhere => write!(f, "`{path}` is a link that leads nowhere"),
            Reason::ReadOnly => write!(f, "`{path}` is read-only"),
            Reason::Appeared => write!(f, "`{path}` was made by something else in the meantime"),
            Reason::Changed => write!(f, "`{path}` was changed by something else in the meantime"),
            Reason::Swapped { link } => {
                write!(
                    f,
                    "cannot write `{path}`: the directory `{}` became a link in the meantime",
                    shown(link)
                )
            }
            Reason::OfGit => write!(f, "`{path}` is in a directory where git keeps its own files"),
            Reason::Read(error) => write!(f, "cannot read `{path}`: {error}"),
            Reason::Stage(error) => write!(f, "cannot write `{path}`: {error}"),
            Reason::Replace(error) => write!(f, "cannot replace `{path}`: {error}"),
            Reason::Remove(error) => write!(f, "cannot remove `{path}`: {error}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Read(error) | Reason::Stage(error) | Reason::Replace(error) | Reason::Remove(error) => {
                Some(error)
            }
            _ => None,
        }
    }
}

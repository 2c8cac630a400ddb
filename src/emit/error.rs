//! What can go wrong at the edge, where output meets the file system.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

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
    /// It leaves the output directory, or is no name on every system: `..`, `\`, `:`, an empty name.
    BadName,
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
    /// It cannot be read.
    Read(io::Error),
    /// A new file or directory cannot be made for it; nothing was replaced.
    Stage(io::Error),
    /// The new file is complete but cannot take its place.
    Replace {
        /// What the system says.
        error: io::Error,
        /// How many files had taken their place before.
        replaced: usize,
    },
    /// It cannot be removed; all new files are in place.
    Remove(io::Error),
}

impl WriteError {
    pub(super) fn new(path: &Path, reason: Reason) -> Self {
        WriteError { path: path.to_owned(), reason }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            Reason::BadName => write!(f, "`{path}` is no path inside the output directory"),
            Reason::NotADirectory => write!(f, "`{path}` must be a directory and is none"),
            Reason::NotAFile => write!(f, "`{path}` must be a file and is none"),
            Reason::LeadsOut { target } => {
                write!(
                    f,
                    "`{path}` is a link that leads out of the output directory, to `{}`",
                    target.display()
                )
            }
            Reason::LeadsNowhere => write!(f, "`{path}` is a link that leads nowhere"),
            Reason::ReadOnly => write!(f, "`{path}` is read-only"),
            Reason::Appeared => write!(f, "`{path}` was made by something else while the build ran"),
            Reason::Read(error) => write!(f, "cannot read `{path}`: {error}"),
            Reason::Stage(error) => write!(f, "cannot write `{path}`: {error}; nothing was replaced"),
            Reason::Replace { error, replaced: 0 } => {
                write!(f, "cannot replace `{path}`: {error}; nothing was replaced")
            }
            Reason::Replace { error, replaced } => {
                let before = crate::text::count(*replaced, "file");
                write!(
                    f,
                    "cannot replace `{path}`: {error}; {before} replaced before it, the next build mends the rest"
                )
            }
            Reason::Remove(error) => write!(f, "cannot remove `{path}`: {error}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Read(error) | Reason::Stage(error) | Reason::Remove(error) => Some(error),
            Reason::Replace { error, .. } => Some(error),
            _ => None,
        }
    }
}

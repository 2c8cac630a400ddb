//! How source text is found: the only way from the core to files.

use std::collections::BTreeMap;

/// Why a file cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// There is none.
    NotFound {
        /// A file of the same name but for its case, or one that is spelled nearly so.
        near: Option<String>,
    },
    /// The path leaves the project.
    Outside,
    /// The name differs from the one on disk in case.
    WrongCase {
        /// The real name, as it would be written.
        real: String,
    },
    /// It is a directory or another thing that is not a file.
    NotAFile,
    /// It is larger than `limit` bytes.
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// It is not UTF-8.
    NotUtf8 {
        /// The offset of the first byte that is not.
        offset: usize,
        /// What it looks like (`UTF-16`), if that can be told.
        looks_like: Option<&'static str>,
    },
    /// The system refused to read it.
    Unreadable {
        /// What the system says.
        reason: String,
    },
}

/// The largest source file, in bytes.
pub const MAX_SOURCE_BYTES: u64 = 16 * 1024 * 1024;

/// Reads files of one project. Paths are relative to the project root, normalised, with `/` separators.
pub trait Loader {
    /// The text of a file.
    ///
    /// # Errors
    /// Whatever keeps it from being read; see [`LoadError`].
    fn read(&self, path: &str) -> Result<String, LoadError>;
    /// Whether something stands at a path (a file that is referenced, not read).
    fn exists(&self, path: &str) -> bool;
}

/// Joins a relative path as written in a file to the directory of that file and removes `.` and `..`.
/// `None` if it leaves the root or is absolute.
pub fn join(importing: &str, written: &str) -> Option<String> {
    if written.starts_with('/') || written.contains('\\') || written.get(1..2) == Some(":") {
        return None;
    }
    let mut parts: Vec<&str> = importing.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Files in memory: for tests and documentation blocks.
#[derive(Debug, Default, Clone)]
pub struct MemoryLoader {
    /// Path to text.
    pub files: BTreeMap<String, String>,
}

impl Loader for MemoryLoader {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        match self.files.get(path) {
            Some(text) => Ok(text.clone()),
            None => Err(LoadError::NotFound { near: None }),
        }
    }
    fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(join("a/b.talos", "./c.talos").as_deref(), Some("a/c.talos"));
        assert_eq!(join("a/b.talos", "../c.talos").as_deref(), Some("c.talos"));
        assert_eq!(join("b.talos", "../c.talos"), None);
        assert_eq!(join("b.talos", "/etc/passwd"), None);
    }
}

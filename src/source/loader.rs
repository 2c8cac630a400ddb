//! How source text is found: the only way from the core to files.

use std::collections::BTreeMap;

use crate::text::did_you_mean;

/// Why a file cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// There is none.
    NotFound {
        /// A file that is spelled nearly so, or the only one of that name elsewhere in the project; a path from the root.
        near: Option<String>,
    },
    /// The path leaves the project.
    Outside,
    /// The name differs from the one on disk in case. That is said on every system, also where the file would open.
    WrongCase {
        /// The real path from the root.
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
        /// The offset in the file of the first byte that is not.
        offset: usize,
        /// The line of that byte, from 1.
        line: usize,
        /// What it looks like (`UTF-16`), if that can be told.
        looks_like: Option<&'static str>,
    },
    /// The system refused to read it.
    Unreadable {
        /// What the system says.
        reason: String,
    },
}

/// A directory or a file that is not in a listing although it may belong there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unlisted {
    /// Path from the root; where a name is not UTF-8, with a replacement character.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// The largest source file, in bytes.
pub const MAX_SOURCE_BYTES: u64 = 16 * 1024 * 1024;

/// Reads files of one project, on several threads if need be. Paths are relative to the project root, normalised, with `/` separators.
pub trait Loader: Sync {
    /// The text of a file.
    ///
    /// # Errors
    /// Whatever keeps it from being read; see [`LoadError`].
    fn read(&self, path: &str) -> Result<String, LoadError>;
    /// Whether something stands at a path (a file that is referenced, not read).
    fn exists(&self, path: &str) -> bool;
}

/// A project without files: for what the standard library says by itself.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn read(&self, _: &str) -> Result<String, LoadError> {
        Err(LoadError::NotFound { near: None })
    }
    fn exists(&self, _: &str) -> bool {
        false
    }
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

/// A path below a directory; either may be empty.
pub fn below(directory: &str, path: &str) -> String {
    match (directory, path) {
        ("", path) => path.to_owned(),
        (directory, "") => directory.to_owned(),
        (directory, path) => format!("{directory}/{path}"),
    }
}

/// The inverse of [`below`]: what of a path is below a directory, if it is.
pub fn inside<'p>(directory: &str, path: &'p str) -> Option<&'p str> {
    match directory {
        "" => Some(path),
        directory => path.strip_prefix(directory)?.strip_prefix('/'),
    }
}

/// The inverse of [`join`]: how a path from the root is written in the file `importing`, `./` or `../` first.
pub fn relative(importing: &str, path: &str) -> String {
    let from = importing.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut from = from.split('/').filter(|part| !part.is_empty()).peekable();
    let mut to = path.split('/').peekable();
    while let (Some(a), Some(b)) = (from.peek(), to.peek()) {
        // The last part of `path` is the file, so it is never taken for a directory in common.
        if a != b || to.clone().count() == 1 {
            break;
        }
        from.next();
        to.next();
    }
    let up = from.count();
    let start = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    start + &to.collect::<Vec<_>>().join("/")
}

/// One name in a directory.
pub(super) struct Entry {
    /// The name as it is on disk.
    pub(super) name: String,
    /// Whether it is a directory; `None` for what only following a link would tell.
    pub(super) directory: Option<bool>,
}

/// What is wrong with a path that leads to no file of exactly this spelling: it differs in case, or there is none, with the
/// nearest name if one is near. `list` gives the names in a directory in a fixed order. `None` if every name is right.
pub(super) fn misspelt(path: &str, list: impl Fn(&str) -> Vec<Entry>) -> Option<LoadError> {
    let mut real = String::new();
    let (mut exact, mut only_case) = (true, true);
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let entries = list(&real);
        let last = parts.peek().is_none();
        let fitting: Vec<&str> = entries
            .iter()
            .filter(|entry| entry.directory.is_none_or(|directory| directory != last))
            .map(|entry| entry.name.as_str())
            .collect();
        let lower = part.to_lowercase();
        let name = if entries.iter().any(|entry| entry.name == part) {
            part
        } else if let Some(name) = fitting.iter().copied().find(|name| name.to_lowercase() == lower) {
            exact = false;
            name
        } else {
            (exact, only_case) = (false, false);
            let with_extension =
                fitting.iter().copied().find(|name| name.strip_suffix(".talos") == Some(part));
            let Some(name) = with_extension.or_else(|| did_you_mean(part, fitting.iter().copied())) else {
                return Some(LoadError::NotFound { near: None });
            };
            name
        };
        if !real.is_empty() {
            real.push('/');
        }
        real.push_str(name);
    }
    match (exact, only_case) {
        (true, _) => None,
        (false, true) => Some(LoadError::WrongCase { real }),
        (false, false) => Some(LoadError::NotFound { near: Some(real) }),
    }
}

/// The only one of `files` with the file name of `path`: a file is often looked for in the wrong directory.
pub(super) fn elsewhere<'a>(path: &str, files: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = |path: &'a str| path.rsplit('/').next();
    let wanted = path.rsplit('/').next();
    let mut found = files.filter(|file| name(file) == wanted);
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one.to_owned()),
        _ => None,
    }
}

/// Files in memory: for tests and documentation blocks. It finds fault with a path as the disk does.
#[derive(Debug, Default, Clone)]
pub struct MemoryLoader {
    /// Path to text.
    pub files: BTreeMap<String, String>,
}

impl MemoryLoader {
    /// The names in a directory.
    fn list(&self, directory: &str) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for path in self.files.keys() {
            let inside = if directory.is_empty() {
                Some(path.as_str())
            } else {
                path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'))
            };
            let Some(inside) = inside else { continue };
            let (name, directory) = inside.split_once('/').map_or((inside, false), |(name, _)| (name, true));
            // Paths are in order, but `a-b` sorts between `a` and `a/b`, so all names so far are compared.
            if !entries.iter().any(|entry| entry.name == name) {
                entries.push(Entry { name: name.to_owned(), directory: Some(directory) });
            }
        }
        entries
    }
}

impl Loader for MemoryLoader {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        if let Some(text) = self.files.get(path) {
            return Ok(text.clone());
        }
        match misspelt(path, |directory| self.list(directory)) {
            _ if path.is_empty() => Err(LoadError::NotAFile),
            None => Err(LoadError::NotAFile),
            Some(LoadError::NotFound { near: None }) => {
                Err(LoadError::NotFound { near: elsewhere(path, self.files.keys().map(String::as_str)) })
            }
            Some(error) => Err(error),
        }
    }
    fn exists(&self, path: &str) -> bool {
        misspelt(path, |directory| self.list(directory)).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside() {
        assert_eq!(join("a/b.talos", "./c.talos").as_deref(), Some("a/c.talos"));
        assert_eq!(join("a/b.talos", "../c.talos").as_deref(), Some("c.talos"));
        assert_eq!(join("b.talos", "../c.talos"), None);
        assert_eq!(join("b.talos", "/etc/passwd"), None);
    }

    #[test]
    fn relative_undoes_join() {
        for (importing, path, written) in [
            ("a.talos", "b.talos", "./b.talos"),
            ("x/a.talos", "b.talos", "../b.talos"),
            ("x/y/a.talos", "x/z/b.talos", "../z/b.talos"),
            ("x/y/a.talos", "x/y", "../y"),
            ("x/a.talos", "x/b.talos", "./b.talos"),
        ] {
            assert_eq!(relative(importing, path), written);
            assert_eq!(join(importing, written).as_deref(), Some(path));
        }
    }

    #[test]
    fn memory_finds_fault_as_the_disk_does() {
        let names = ["roles.talos", "env/prod.talos", "env/Base/a.talos", "env-2/other.talos"];
        let loader = MemoryLoader { files: names.map(|name| (name.to_owned(), String::new())).into() };
        let near = |path: &str| match loader.read(path) {
            Err(LoadError::NotFound { near }) => near,
            other => panic!("{other:?}"),
        };
        assert_eq!(loader.read("roles.talos").as_deref(), Ok(""));
        assert_eq!(near("rolse.talos").as_deref(), Some("roles.talos"));
        assert_eq!(near("roles").as_deref(), Some("roles.talos"));
        assert_eq!(near("evn/prod.talos").as_deref(), Some("env/prod.talos"));
        assert_eq!(near("prod.talos").as_deref(), Some("env/prod.talos"));
        assert_eq!(near("nothing-like-it.talos"), None);
        assert_eq!(loader.read("env"), Err(LoadError::NotAFile));
        let real = "env/Base/a.talos".to_owned();
        assert_eq!(loader.read("ENV/base/a.talos"), Err(LoadError::WrongCase { real }));
        assert!(loader.exists("env/Base") && !loader.exists("env/base"));
    }
}

//! Reading the files of a project from disk.
//!
//! Nothing outside of the project root is read, whichever way a path or a symbolic link points, and nothing that is not a
//! plain file of bounded size is opened, so a build can neither leak a file nor hang on a pipe.

use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::loader::{Entry, LoadError, Loader, MAX_SOURCE_BYTES, elsewhere, misspelt};
use super::project;

/// Names of a directory that are looked at for a suggestion; a directory with more is no place where people look.
const MAX_NAMES: usize = 10_000;

/// Reads the files under a directory.
#[derive(Debug, Clone)]
pub struct DiskLoader {
    /// Absolute and without links, so that it can be compared with where a path really leads.
    root: PathBuf,
}

impl DiskLoader {
    /// A loader for the tree under `root`.
    ///
    /// # Errors
    /// If there is no such directory, or the system does not let us see it.
    pub fn new(root: &Path) -> io::Result<Self> {
        Ok(DiskLoader { root: fs::canonicalize(root)? })
    }
    /// The directory, absolute and without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a path really leads.
    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        if !is_plain(path) {
            return Err(LoadError::Outside);
        }
        let full = self.root.join(path);
        let real = match fs::canonicalize(&full) {
            Ok(real) => real,
            Err(error) if is_missing(&error) => return Err(self.missing(path)),
            Err(error) => return Err(unreadable(&error)),
        };
        if !real.starts_with(&self.root) {
            return Err(LoadError::Outside);
        }
        // The real path differs if a link was followed, which is fine, or if the file system is lenient about case.
        match real == full {
            true => Ok(real),
            false => misspelt(path, |directory| self.list(directory)).map_or(Ok(real), Err),
        }
    }

    /// Why nothing stands at a path.
    fn missing(&self, path: &str) -> LoadError {
        match misspelt(path, |directory| self.list(directory)) {
            Some(LoadError::NotFound { near: None }) => {
                let files = project::list(&self.root).files;
                LoadError::NotFound { near: elsewhere(path, files.iter().map(String::as_str)) }
            }
            Some(error) => error,
            // A link that leads nowhere: the name is there and the file is not.
            None => LoadError::NotFound { near: None },
        }
    }

    /// The names in a directory, in order. One that cannot be listed has none: the path through it is refused anyway, and
    /// only the suggestion is lost.
    fn list(&self, directory: &str) -> Vec<Entry> {
        let Ok(entries) = fs::read_dir(self.root.join(directory)) else { return Vec::new() };
        let mut names: Vec<Entry> = entries
            .take(MAX_NAMES)
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let directory =
                    entry.file_type().ok().filter(|kind| !kind.is_symlink()).map(|kind| kind.is_dir());
                Some(Entry { name: entry.file_name().into_string().ok()?, directory })
            })
            .collect();
        names.sort_by(|a, b| a.name.cmp(&b.name));
        names
    }
}

impl Loader for DiskLoader {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        if path.is_empty() {
            // `./` and the like: the root itself.
            return Err(LoadError::NotAFile);
        }
        let real = self.locate(path)?;
        // Asked before opening: opening a pipe would wait for somebody to write to it.
        let metadata = fs::metadata(&real).map_err(|error| unreadable(&error))?;
        if !metadata.is_file() {
            return Err(LoadError::NotAFile);
        }
        let too_large = |size| LoadError::TooLarge { size, limit: MAX_SOURCE_BYTES };
        if metadata.len() > MAX_SOURCE_BYTES {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        let file = fs::File::open(&real).map_err(|error| unreadable(&error))?;
        // A file can grow while it is read, so the limit holds here too.
        file.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        if bytes.len() as u64 > MAX_SOURCE_BYTES {
            return Err(too_large(bytes.len() as u64));
        }
        decode(bytes)
    }
    fn exists(&self, path: &str) -> bool {
        let full = self.root.join(path);
        // A path that leads to itself is spelled as on disk: no directory has to be read for that.
        is_plain(path)
            && fs::symlink_metadata(&full).is_ok()
            && (fs::canonicalize(&full).is_ok_and(|real| real == full)
                || misspelt(path, |directory| self.list(directory)).is_none())
    }
}

/// Whether every part of a path is a plain name: no root, drive, `.`, `..` or empty part.
fn is_plain(path: &str) -> bool {
    // Windows would take a backslash for a separator, and a file would be found there that Linux does not find.
    !(cfg!(windows) && path.contains('\\'))
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Whether an error says that there is nothing, rather than that it may not be seen.
fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

fn unreadable(error: &io::Error) -> LoadError {
    // The kind and not the error: its text is the same on every system.
    LoadError::Unreadable { reason: error.kind().to_string() }
}

/// The text of a file.
///
/// A byte order mark of UTF-8 at the start is no part of the text: offsets, columns and edits count from after it, as
/// editors do, which do not show it either. A file that is written back has none.
///
/// # Errors
/// [`LoadError::NotUtf8`] with the first byte that is wrong.
pub fn decode(bytes: Vec<u8>) -> Result<String, LoadError> {
    if let Some(looks_like) = wide(&bytes) {
        return Err(LoadError::NotUtf8 { offset: 0, line: 1, looks_like: Some(looks_like) });
    }
    match String::from_utf8(bytes) {
        Ok(text) => match text.strip_prefix('\u{feff}') {
            Some(rest) => Ok(rest.to_owned()),
            None => Ok(text),
        },
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let line = bytes[..offset].iter().filter(|&&byte| byte == b'\n').count() + 1;
            Err(LoadError::NotUtf8 { offset, line, looks_like: narrow(bytes) })
        }
    }
}

/// An encoding with two or four bytes for each character, by its mark or by the zero bytes of its ASCII.
fn wide(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some("UTF-16"),
        _ => {}
    }
    // Without a mark such a text may even be valid UTF-8, full of zero bytes, which no source has a use for.
    let start = &bytes[..bytes.len().min(512)];
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = start.len() / 4;
    (start.len() >= 8 && ((even == 0 && odd > enough) || (odd == 0 && even > enough))).then_some("UTF-16")
}

/// An encoding with one byte for each character, if the bytes look like text in one.
fn narrow(bytes: &[u8]) -> Option<&'static str> {
    // Text has no control characters but white space; in Windows-1252 nearly all of the upper half is printable.
    let text =
        bytes.iter().all(|&byte| byte >= 0x20 && byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r'));
    let foreign = bytes.iter().filter(|&&byte| byte >= 0x80).count();
    (text && foreign <= bytes.len() / 3).then_some("Windows-1252 or ISO 8859")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> (tempfile::TempDir, DiskLoader) {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path().join("project");
        fs::create_dir_all(root.join("env")).expect("a directory");
        fs::write(directory.path().join("secret.talos"), "outside").expect("a file");
        fs::write(root.join("roles.talos"), "role a\n").expect("a file");
        fs::write(root.join("env/Prod.talos"), "\u{feff}cluster p\n").expect("a file");
        let loader = DiskLoader::new(&root).expect("a project");
        (directory, loader)
    }

    #[test]
    fn a_file_exists_in_a_directory_of_any_size() {
        let (_keep, loader) = project();
        for n in 0..=MAX_NAMES {
            fs::write(loader.root().join(format!("env/{n}.yaml")), "").expect("a file");
        }
        assert!((0..=MAX_NAMES).all(|n| loader.exists(&format!("env/{n}.yaml"))));
        assert!(!loader.exists("env/none.yaml"));
    }

    #[test]
    fn files_of_the_project_are_read() {
        let (_directory, loader) = project();
        assert_eq!(loader.read("roles.talos").as_deref(), Ok("role a\n"));
        assert_eq!(loader.read("env/Prod.talos").as_deref(), Ok("cluster p\n"));
        assert!(loader.exists("env") && loader.exists("env/Prod.talos"));
    }

    #[test]
    fn spelling_is_judged_the_same_everywhere() {
        let (_directory, loader) = project();
        let real = "env/Prod.talos".to_owned();
        assert_eq!(loader.read("env/prod.talos"), Err(LoadError::WrongCase { real: real.clone() }));
        assert_eq!(loader.read("env/Pord.talos"), Err(LoadError::NotFound { near: Some(real.clone()) }));
        assert_eq!(loader.read("Prod.talos"), Err(LoadError::NotFound { near: Some(real) }));
        assert_eq!(loader.read("roles.talos/x"), Err(LoadError::NotFound { near: None }));
        assert_eq!(loader.read("a\0b"), Err(LoadError::NotFound { near: None }));
        assert!(!loader.exists("env/prod.talos"));
    }

    #[test]
    fn nothing_outside_is_read() {
        let (directory, loader) = project();
        let outside = directory.path().join("secret.talos");
        for path in ["../secret.talos", "env/../../secret.talos", "/etc/passwd", "./roles.talos", "env//x"] {
            assert_eq!(loader.read(path), Err(LoadError::Outside), "{path}");
            assert!(!loader.exists(path));
        }
        #[cfg(unix)]
        {
            let link = |to: &Path, name: &str| {
                std::os::unix::fs::symlink(to, loader.root().join(name)).expect("a link")
            };
            link(&outside, "out.talos");
            link(directory.path(), "up");
            link(Path::new("roles.talos"), "in.talos");
            link(Path::new("nowhere"), "dangling.talos");
            link(Path::new("loop.talos"), "loop.talos");
            assert_eq!(loader.read("out.talos"), Err(LoadError::Outside));
            assert_eq!(loader.read("up/secret.talos"), Err(LoadError::Outside));
            assert_eq!(loader.read("in.talos").as_deref(), Ok("role a\n"));
            assert_eq!(loader.read("dangling.talos"), Err(LoadError::NotFound { near: None }));
            assert!(matches!(loader.read("loop.talos"), Err(LoadError::Unreadable { .. })));
            assert!(loader.exists("out.talos"));
        }
        assert!(outside.exists());
    }

    #[test]
    fn only_plain_files_of_bounded_size_are_opened() {
        let (_directory, loader) = project();
        assert_eq!(loader.read("env"), Err(LoadError::NotAFile));
        assert_eq!(loader.read(""), Err(LoadError::NotAFile));
        let size = MAX_SOURCE_BYTES + 1;
        fs::File::create(loader.root().join("big")).and_then(|file| file.set_len(size)).expect("a file");
        assert_eq!(loader.read("big"), Err(LoadError::TooLarge { size, limit: MAX_SOURCE_BYTES }));
        #[cfg(unix)]
        {
            let pipe = loader.root().join("pipe.talos");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
            assert!(made.success());
            assert_eq!(loader.read("pipe.talos"), Err(LoadError::NotAFile));
        }
    }

    #[test]
    fn encodings_are_told_apart() {
        let wrong = |bytes: &[u8]| match decode(bytes.to_vec()) {
            Err(LoadError::NotUtf8 { offset, line, looks_like }) => (offset, line, looks_like),
            other => panic!("{other:?}"),
        };
        let utf16: Vec<u8> = "role base {}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(wrong(&utf16), (0, 1, Some("UTF-16")));
        assert_eq!(wrong(&[&[0xff, 0xfe], &utf16[..]].concat()), (0, 1, Some("UTF-16")));
        assert_eq!(wrong(b"role a\n# Pr\xfcfung\n"), (11, 2, Some("Windows-1252 or ISO 8859")));
        assert_eq!(wrong(b"\x00\x01\xff\xfe\xfd"), (2, 1, None));
        assert_eq!(decode(b"\xef\xbb\xbf\xef\xbb\xbfa".to_vec()).as_deref(), Ok("\u{feff}a"));
        assert_eq!(decode(Vec::new()).as_deref(), Ok(""));
    }
}

//! The project: which tree it is, and which files of the language are in it.
//!
//! It is the tree under the nearest `.git`, upwards from the entry, or else the directory of the entry. Nothing but this tree
//! is looked at: no settings of the user, and no `.gitignore`, whose meaning depends on files elsewhere. Two people with the
//! same commit see the same project.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::loader::Unlisted;

/// The extension of the language.
const EXTENSION: &str = ".talos";
/// Directories of other tools with more files than sense in them.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

/// The tree that a command works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    root: PathBuf,
}

/// The files of the language in a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Paths from the root with `/` separators, in the order of their bytes.
    pub files: Vec<String>,
    /// What could not be looked at, in the same order; their finding is `resolve::file_errors::unlisted`.
    pub unlisted: Vec<Unlisted>,
}

impl Project {
    /// The project of an entry file, or of a directory that a command is started in.
    ///
    /// # Errors
    /// If the directory does not exist or cannot be seen.
    pub fn of(entry: &Path) -> io::Result<Self> {
        let start = if entry.is_dir() { entry } else { directory(entry) };
        let start = fs::canonicalize(start)?;
        // In a worktree or a submodule `.git` is a file.
        let root = start.ancestors().find(|directory| directory.join(".git").symlink_metadata().is_ok());
        Ok(Project { root: root.unwrap_or(&start).to_owned() })
    }
    /// The root, absolute and without links.
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// The name of a file as the loader and all messages have it: from the root, with `/`. Links in its directory are
    /// followed, the file itself need not exist. `None` if it is not in the project or its name is not UTF-8.
    pub fn name_of(&self, file: &Path) -> Option<String> {
        let full = fs::canonicalize(directory(file)).ok()?.join(file.file_name()?);
        let inside = full.strip_prefix(&self.root).ok()?;
        let parts = inside.components().map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }
    /// All files of the language in the project.
    pub fn list(&self) -> Listing {
        list(&self.root)
    }
}

/// The directory of a file; of a bare name it is the current one.
fn directory(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// All `.talos` files under a root.
///
/// Left out are hidden names, `target` and `node_modules`, and directories with a `.git` of their own (submodules, worktrees,
/// checked-out dependencies), since their files are of another project. Links to directories are not followed: a tree inside
/// the root is found by its own name, and one outside of it is not the project's. A link to a file counts only if what it
/// leads to is not in the list already, so nothing is declared twice.
pub fn list(root: &Path) -> Listing {
    let mut listing = Listing::default();
    let mut links = Vec::new();
    let mut open = vec![String::new()];
    while let Some(directory) = open.pop() {
        if let Err(error) = scan(root, &directory, &mut listing, &mut links, &mut open) {
            let path = if directory.is_empty() { ".".to_owned() } else { directory };
            listing.unlisted.push(Unlisted { path, reason: error.kind().to_string() });
        }
    }
    if !links.is_empty() {
        let known: HashSet<PathBuf> = listing.files.iter().map(|file| root.join(file)).collect();
        let new =
            |link: &String| fs::canonicalize(root.join(link)).map_or(true, |real| !known.contains(&real));
        listing.files.extend(links.into_iter().filter(new));
    }
    listing.files.sort_unstable();
    listing.unlisted.sort_unstable();
    listing
}

/// Looks at one directory: files go to the listing, directories to `open`, links to files to `links`.
fn scan(
    root: &Path,
    directory: &str,
    listing: &mut Listing,
    links: &mut Vec<String>,
    open: &mut Vec<String>,
) -> io::Result<()> {
    let entries = fs::read_dir(root.join(directory))?.collect::<io::Result<Vec<_>>>()?;
    if !directory.is_empty() && entries.iter().any(|entry| entry.file_name() == ".git") {
        return Ok(());
    }
    for entry in entries {
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        let kind = entry.file_type()?;
        let source = !kind.is_dir() && shown.ends_with(EXTENSION);
        let skipped = shown.starts_with('.') || SKIPPED.contains(&&*shown);
        if skipped || !(source || kind.is_dir()) {
            continue;
        }
        let path = if directory.is_empty() { shown.to_string() } else { format!("{directory}/{shown}") };
        if name.to_str().is_none() {
            listing.unlisted.push(Unlisted { path, reason: "its name is not UTF-8".into() });
        } else if kind.is_dir() {
            open.push(path);
        } else if kind.is_symlink() {
            links.push(path);
        } else {
            listing.files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for file in files {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
            fs::write(path, "").expect("a file");
        }
        directory
    }

    #[test]
    fn the_nearest_git_is_the_root() {
        let tree = tree(&[".git/HEAD", "a/b/x.talos", "sub/.git", "sub/y/z.talos"]);
        let root = fs::canonicalize(tree.path()).expect("it is there");
        let project = Project::of(&tree.path().join("a/b/x.talos")).expect("a project");
        assert_eq!(project.root(), root);
        assert_eq!(
            project.name_of(&tree.path().join("a/b/../b/new.talos")).as_deref(),
            Some("a/b/new.talos")
        );
        assert_eq!(project.name_of(Path::new("/x.talos")), None);
        assert_eq!(Project::of(&tree.path().join("sub/y")).expect("a project").root(), root.join("sub"));
        assert!(Project::of(&tree.path().join("nowhere/x.talos")).is_err());
    }

    #[test]
    fn without_git_it_is_the_directory_of_the_entry() {
        let tree = tree(&["a/x.talos"]);
        let root = fs::canonicalize(tree.path().join("a")).expect("it is there");
        // A temporary directory could lie in somebody's repository, so only the other case is certain.
        if root.ancestors().all(|directory| !directory.join(".git").exists()) {
            assert_eq!(Project::of(&tree.path().join("a/x.talos")).expect("a project").root(), root);
        }
    }

    #[test]
    fn the_files_of_the_project_are_listed() {
        let tree = tree(&[
            ".git/x.talos",
            ".hidden/x.talos",
            ".x.talos",
            "b.talos",
            "a/c.talos",
            "a-b.talos",
            "target/x.talos",
            "a/node_modules/x.talos",
            "a/readme.md",
            "a.talos/inner.talos",
            "vendored/.git/HEAD",
            "vendored/x.talos",
        ]);
        let mut expected = vec!["a-b.talos", "a.talos/inner.talos", "a/c.talos", "b.talos"];
        #[cfg(unix)]
        {
            let link = |to: &str, name: &str| {
                std::os::unix::fs::symlink(to, tree.path().join(name)).expect("a link");
            };
            link("b.talos", "same.talos");
            link("..", "a/loop");
            link(".hidden/x.talos", "shown.talos");
            link("nowhere", "broken.talos");
            expected.extend(["broken.talos", "shown.talos"]);
            expected.sort_unstable();
        }
        let listing = list(tree.path());
        assert_eq!(listing.files, expected.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(listing.unlisted, []);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_cannot_be_looked_at_is_said() {
        use std::os::unix::ffi::OsStrExt;
        let tree = tree(&["a.talos"]);
        let odd = std::ffi::OsStr::from_bytes(b"\xff.talos");
        fs::write(tree.path().join(odd), "").expect("a file");
        let listing = list(tree.path());
        let reason = "its name is not UTF-8".to_owned();
        assert_eq!(listing.unlisted, [Unlisted { path: "\u{fffd}.talos".into(), reason }]);
        let missing = list(&tree.path().join("nowhere"));
        assert_eq!(missing.unlisted, [Unlisted { path: ".".into(), reason: "entity not found".into() }]);
    }
}

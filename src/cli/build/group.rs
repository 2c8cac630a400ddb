//! One output directory on disk: what stands there, against what the compilation writes there.
//!
//! A build that leaves out entries does not know who uses a class, so it leaves alone what it does not use itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::cli::Failure;
use crate::cli::files::{self, Selection};
use crate::diagnostics::{Code, Diagnostic};
use crate::driver::Compilation;
use crate::driver::output::{Directory, Output, elsewhere, from_elsewhere, source_named};
use crate::emit::disk::{self, Disk};
use crate::emit::plan::{self, Build, Existing, Plan, Refusal};
use crate::emit::{File, header, write};
use crate::source::Span;
use crate::source::loader::below;
use crate::tree::Node;

/// One output directory.
pub(super) struct Group<'c> {
    /// As the user would write it.
    pub(super) directory: PathBuf,
    /// What the compilation writes to it.
    pub(super) place: Directory,
    /// The files of each source, by the name that the files give it.
    builds: BTreeMap<String, Vec<File>>,
    /// The trees of the files, by path, of those that are not verified yet.
    nodes: BTreeMap<&'c str, Option<&'c [Node]>>,
    /// The files that are known to be current, and that one source alone writes.
    current: BTreeSet<&'c str>,
}

/// The directories of an output, rendered; `named` is the one that the command line names, `texts` are those of the documents that
/// were written already.
pub(super) fn of<'c>(
    compilation: &'c Compilation,
    mut texts: Vec<Option<String>>,
    selection: &Selection,
    output: Output,
    named: Option<&Path>,
) -> Vec<Group<'c>> {
    let directory = |place: &Directory| match named {
        Some(directory) => directory.to_owned(),
        None => files::shown(&selection.root().join(&place.name)),
    };
    let group = |place| Group::new(compilation, &mut texts, directory(&place), place);
    output.directories.into_iter().map(group).collect()
}

impl<'c> Group<'c> {
    fn new(
        compilation: &'c Compilation,
        texts: &mut [Option<String>],
        directory: PathBuf,
        place: Directory,
    ) -> Group<'c> {
        let mut builds: BTreeMap<String, Vec<File>> =
            place.owners.iter().map(|owner| (owner.clone(), Vec::new())).collect();
        let (mut nodes, mut current) = (BTreeMap::new(), BTreeSet::new());
        for file in &place.files {
            let (at, path) = (file.documents[0], file.path.as_str());
            let document = &compilation.documents[at];
            let path_of = document.path.as_str();
            let written = document.written.is_some();
            let text = match written {
                true => File::of_text(path, texts[at].take()),
                false => File::new(path, &file.source, &document.nodes),
            };
            let alone = nodes.insert(path_of, (!written).then_some(document.nodes.as_slice())).is_none();
            match alone && text.standing {
                true => current.insert(path_of),
                false => current.remove(path_of),
            };
            builds.entry(file.source.clone()).or_default().push(text);
        }
        Group { directory, place, builds, nodes, current }
    }

    /// For a build that knows only some entries: what others may have written stays. That is what shared sources wrote where
    /// this build writes nothing of that kind, and classes that this build does not use, since its sets say what is in them.
    pub(super) fn keep_what_others_write(&mut self, disk: &mut Existing) {
        let shared = || self.place.files.iter().filter(|file| file.shared);
        let sources: BTreeSet<&str> = shared().map(|file| file.source.as_str()).collect();
        let directories: BTreeSet<&str> = shared().map(|file| parent(&file.path)).collect();
        let unused: BTreeSet<&str> =
            (self.place.files.iter().filter(|file| file.unused)).map(|file| file.path.as_str()).collect();
        disk.files.retain(|path, bytes| {
            let shared = header::owner(bytes).is_some_and(|owner| sources.contains(owner));
            !shared || self.nodes.contains_key(path.as_str()) || directories.contains(parent(path))
        });
        for (label, files) in &mut self.builds {
            for file in files.iter_mut().filter(|file| unused.contains(file.path.as_str())) {
                if let Some(text) =
                    disk.files.get(&file.path).and_then(|bytes| std::str::from_utf8(bytes).ok())
                    && header::owner(text.as_bytes()) == Some(label)
                {
                    file.text = text.replace("\r\n", "\n");
                }
            }
        }
    }

    /// Outputs whose place is a link to a file that the sources need: taking it over would replace that.
    pub(super) fn over_links(&self, needed: &FxHashMap<&str, Span>, root: &Path) -> Vec<Diagnostic> {
        let over = |path: &&str| {
            let shown = files::below(&self.directory, path);
            let (real, span) = needed.get_key_value(files::name_in(root, &shown)?.as_str())?;
            let message =
                format!("`{}` would be written over `{real}`, which is needed here", files::said(&shown));
            let finding =
                Diagnostic::new(Code::OutputOverSource, message).label(*span, "the file is named here");
            let note = "the place of the output is a link to it";
            Some(finding.note(note).help("remove the link, or write to another directory"))
        };
        self.nodes.keys().filter_map(over).collect()
    }

    /// Leaves out generated files that the sources read: who refers to what an earlier build wrote wants to keep it.
    pub(super) fn leave_what_is_needed(&self, existing: &mut Existing, needed: &FxHashMap<&str, Span>) {
        existing.files.retain(|path, _| {
            self.writes(path) || !needed.contains_key(below(&self.place.name, path).as_str())
        });
    }

    /// Leaves out the files of output directories inside of this one: their first lines name sources from there.
    pub(super) fn leave_inner_directories(&self, existing: &mut Existing, root: &Path) {
        let top = root.join(&self.place.name);
        existing.files.retain(|path, bytes| {
            let Some(owner) = header::owner(bytes).filter(|_| !self.writes(path)) else { return true };
            let full = top.join(path);
            let mut inner = full.ancestors().skip(1).take_while(|directory| **directory != top);
            !inner.any(|directory| source_named(directory, owner).is_some_and(|source| source.is_file()))
        });
    }

    /// For a build that knows every source: what one of them writes no longer is stale, even if it is no entry.
    pub(super) fn claim(&mut self, existing: &Existing, sources: &[&str]) {
        let known: FxHashSet<String> = self.builds.keys().map(|label| header::label(label)).collect();
        // Mostly there is nobody else: a project may have thousands of sources, and as many directories.
        if existing.owners().into_iter().any(|owner| !known.contains(owner)) {
            for source in sources {
                self.builds.entry(self.place.label(source)).or_default();
            }
        }
    }

    /// Notes the entries that files name and that are no longer there: what they wrote belongs to nobody. A name in quotes is
    /// one that no source is likely to have; it is left alone.
    pub(super) fn find_gone(&self, existing: &mut Existing, root: &Path) {
        let gone = |label: &&str| {
            if from_elsewhere(label).is_some() {
                return false;
            }
            let source = self.place.source(label, root);
            !label.starts_with('"') && source.symlink_metadata().is_err() && is_in_project(&source, root)
        };
        existing.gone = existing.owners().into_iter().filter(gone).map(str::to_owned).collect();
    }

    /// Names sources as files in a directory do that is not of their project, and gives the names that they had before. The directory of
    /// the command line has such names already; of one that a link leads to it shows only now.
    pub(super) fn name_from_elsewhere(&mut self, root: &Path) -> BTreeSet<String> {
        let mut before = BTreeSet::new();
        for (label, mut files) in std::mem::take(&mut self.builds) {
            let old = from_elsewhere(&label).unwrap_or(&label).to_owned();
            let new = match files::name_in(root, &self.place.source(&label, root)) {
                Some(source) if old == label => elsewhere(&source),
                _ => label,
            };
            for file in files.iter_mut().filter(|file| !file.standing) {
                file.text = format!("{}\n{}", header::line(&new), header::body(&file.text));
            }
            before.insert(header::label(&old));
            self.builds.insert(new, files);
        }
        before
    }

    /// Whether the directory has files of a source, by the name that they give it.
    pub(super) fn owns(&self, label: &str) -> bool {
        self.builds.keys().any(|known| header::label(known) == label)
    }

    /// The paths that are written.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().copied()
    }

    /// Whether an entry writes a path.
    pub(super) fn writes(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    /// The tree of a file, unless it is verified already.
    pub(super) fn nodes(&self, path: &str) -> Option<&[Node]> {
        self.nodes.get(path).copied().flatten()
    }

    /// Reads what stands in the directory, but for files that the sources refer to, given without links.
    pub(super) fn scan(&self, closed: &BTreeSet<PathBuf>) -> Result<Disk, Failure> {
        let current = |path: &str| self.current.contains(path);
        disk::scan(&self.directory, self.nodes.keys().copied(), &current, closed)
            .map_err(|error| Failure::Io(error.to_string()))
    }

    /// What a build does to the directory.
    pub(super) fn plan<'a>(&'a self, disk: &'a Disk, adopt: bool) -> Result<Plan<'a>, Vec<Refusal>> {
        let builds: Vec<Build<'a>> =
            self.builds.iter().map(|(entry, files)| Build { entry, files }).collect();
        let adopt = |path: &str| adopt && write::git_unchanged(&self.directory.join(path));
        plan::plan(&builds, &disk.existing, &adopt)
    }
}

/// Whether a path is in a project, and not in another one inside of that.
fn is_in_project(path: &Path, root: &Path) -> bool {
    let mut above = path.ancestors().skip(1).take_while(|directory| *directory != root);
    !above.any(|directory| directory.join(".git").symlink_metadata().is_ok())
}

/// The directory of a file, with `/`; empty if it has none.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// All files as one stream of documents, each once.
pub(super) fn stream(groups: &[Group<'_>]) -> String {
    let mut texts: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for group in groups {
        for file in group.builds.values().flatten() {
            texts.entry((&group.place.name, &file.path)).or_insert(&file.text);
        }
    }
    texts.into_values().collect::<Vec<_>>().join("---\n")
}

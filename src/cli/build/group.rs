//! What one output directory gets from all entries that write to it.
//!
//! A generated file names its entry relative to the directory that holds the output directory: `cluster.talos` for `omni`
//! beside it. That name is the same in every clone, with or without `.git`, and in whatever directory talosc is started. An
//! entry inside of the output directory is named from there, with `./` before it, so no two entries share a name. Where `-o`
//! leads out of the project, names are those from the project root.
//!
//! What several entries share (a class, the patches of a machine) names the file that declares it, whichever entries are built:
//! every entry that reaches it writes the same. A build that leaves out entries does not know who uses a class, so it leaves
//! alone what it does not use itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::cli::Failure;
use crate::cli::files::{self, Selection};
use crate::diagnostics::{Code, Diagnostic};
use crate::driver::Compilation;
use crate::emit::disk::{self, Disk};
use crate::emit::plan::{self, Build, Existing, Plan, Refusal};
use crate::emit::{File, header, write};
use crate::fleet::Fleet;
use crate::omni::Document;
use crate::resolve::ScopeId;
use crate::source::Span;
use crate::source::loader::{below, inside, relative};
use crate::tree::Node;

/// One output directory.
pub(in crate::cli) struct Group<'c> {
    /// As the user would write it.
    pub(in crate::cli) directory: PathBuf,
    /// From the project root with `/`; outside of the project as the user wrote it.
    pub(in crate::cli) name: String,
    /// Whether it is in the project.
    inside: bool,
    /// The files of each source, by the name that the files give it.
    pub(in crate::cli) builds: BTreeMap<String, Vec<File>>,
    /// The trees of the files, by path.
    nodes: BTreeMap<&'c str, &'c [Node]>,
    /// Sources that are no entries, as files name them, and the directories of what they write.
    sources: BTreeSet<String>,
    shared: BTreeSet<&'c str>,
    /// Classes that no cluster of the build uses.
    unused: BTreeSet<&'c str>,
}

/// Sorts the documents of a compilation by the directories they go to.
pub(in crate::cli) fn of<'c>(
    compilation: &'c Compilation,
    selection: &Selection,
    output: Option<&Path>,
    wanted: &dyn Fn(&Document) -> bool,
) -> Result<Vec<Group<'c>>, Failure> {
    let names = &compilation.flattener.types.names;
    let mut documents: FxHashMap<ScopeId, Vec<&Document>> = FxHashMap::default();
    for document in compilation.documents.iter().filter(|document| wanted(document)) {
        documents.entry(document.entry).or_default().push(document);
    }
    let mut groups: BTreeMap<String, Group<'c>> = BTreeMap::new();
    for place in &compilation.outputs {
        let mut homes = match output {
            Some(directory) => vec![given(directory, selection)],
            None => vec![named(&place.directory, selection)],
        };
        if output.is_none() && place.default != place.directory {
            // Where its files were before it said another directory: they are stale.
            homes.push(named(&place.default, selection));
        }
        for (at, home) in homes.into_iter().enumerate() {
            let group = groups.entry(home.name.clone()).or_insert(home);
            group.builds.entry(group.label(names.path(place.entry))).or_default();
            if at > 0 {
                continue;
            }
            for document in documents.get(&place.entry).into_iter().flatten() {
                group.add(document, names.path(document.source), &compilation.fleet);
            }
        }
    }
    Ok(groups.into_values().collect())
}

/// The group of a directory of the project.
fn named(name: &str, selection: &Selection) -> Group<'static> {
    let directory = files::shown(&selection.root().join(name));
    Group::new(directory, name.to_owned(), true)
}

/// The group of a directory on the command line.
fn given(directory: &Path, selection: &Selection) -> Group<'static> {
    let name = files::name_in(selection.root(), directory);
    let inside = name.is_some();
    Group::new(directory.to_owned(), name.unwrap_or_else(|| directory.display().to_string()), inside)
}

impl<'c> Group<'c> {
    fn new(directory: PathBuf, name: String, inside: bool) -> Group<'c> {
        let (builds, nodes) = (BTreeMap::new(), BTreeMap::new());
        let (sources, shared, unused) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Group { directory, name, inside, builds, nodes, sources, shared, unused }
    }

    /// Adds a file. What another entry of the build writes too is the same, or the compilation would have said so.
    fn add(&mut self, document: &'c Document, source: &str, fleet: &Fleet) {
        let (path, label) = (document.path.as_str(), self.label(source));
        if document.source != document.entry {
            if self.nodes.contains_key(path) {
                return;
            }
            self.shared.insert(parent(path));
            self.sources.insert(label.clone());
            if document.is_unused(fleet) {
                self.unused.insert(path);
            }
        }
        let file = File::new(path, &label, &document.nodes);
        self.builds.entry(label).or_default().push(file);
        self.nodes.insert(path, &document.nodes);
    }

    /// For a build that knows only some entries: what others may have written stays. That is what shared sources wrote where
    /// this build writes nothing of that kind, and classes that this build does not use, since its sets say what is in them.
    pub(in crate::cli) fn keep_what_others_write(&mut self, disk: &mut Existing) {
        disk.files.retain(|path, bytes| {
            let shared = header::owner(bytes).is_some_and(|owner| self.sources.contains(owner));
            !shared || self.nodes.contains_key(path.as_str()) || self.shared.contains(parent(path))
        });
        for (label, files) in &mut self.builds {
            for file in files.iter_mut().filter(|file| self.unused.contains(file.path.as_str())) {
                if let Some(text) =
                    disk.files.get(&file.path).and_then(|bytes| std::str::from_utf8(bytes).ok())
                    && header::owner(text.as_bytes()) == Some(label)
                {
                    file.text = text.replace("\r\n", "\n");
                }
            }
        }
    }

    /// How files name a source.
    fn label(&self, entry: &str) -> String {
        if !self.inside {
            return entry.to_owned();
        }
        match inside(&self.name, entry) {
            Some(below) => format!("./{below}"),
            None => {
                let name = relative(&self.name, entry);
                name.strip_prefix("./").map(str::to_owned).unwrap_or(name)
            }
        }
    }

    /// Where the source of a name would be.
    fn source(&self, label: &str, root: &Path) -> PathBuf {
        let from = if self.inside { named_from(&root.join(&self.name), label) } else { None };
        from.unwrap_or_else(|| root.join(label))
    }

    /// Outputs whose place is a link to a file that the sources need: taking it over would replace that.
    pub(in crate::cli) fn over_links(&self, needed: &FxHashMap<&str, Span>, root: &Path) -> Vec<Diagnostic> {
        let over = |path: &&str| {
            let shown = files::below(&self.directory, path);
            let (real, span) = needed.get_key_value(files::name_in(root, &shown)?.as_str())?;
            let message =
                format!("`{}` would be written over `{real}`, which is needed here", shown.display());
            let finding =
                Diagnostic::new(Code::OutputOverSource, message).label(*span, "the file is named here");
            let note = "the place of the output is a link to it";
            Some(finding.note(note).help("remove the link, or write to another directory"))
        };
        self.nodes.keys().filter_map(over).collect()
    }

    /// Leaves out generated files that the sources read: who refers to what an earlier build wrote wants to keep it.
    pub(in crate::cli) fn leave_what_is_needed(
        &self,
        existing: &mut Existing,
        needed: &FxHashMap<&str, Span>,
    ) {
        existing
            .files
            .retain(|path, _| self.writes(path) || !needed.contains_key(below(&self.name, path).as_str()));
    }

    /// Leaves out the files of output directories inside of this one: their first lines name sources from there.
    pub(in crate::cli) fn leave_inner_directories(&self, existing: &mut Existing, root: &Path) {
        let top = root.join(&self.name);
        existing.files.retain(|path, bytes| {
            let Some(owner) = header::owner(bytes).filter(|_| !self.writes(path)) else { return true };
            let full = top.join(path);
            let mut inner = full.ancestors().skip(1).take_while(|directory| **directory != top);
            !inner.any(|directory| named_from(directory, owner).is_some_and(|source| source.is_file()))
        });
    }

    /// For a build that knows every source: what one of them writes no longer is stale, even if it is no entry.
    pub(in crate::cli) fn claim(&mut self, existing: &Existing, sources: &[&str]) {
        let known: FxHashSet<String> = self.builds.keys().map(|label| header::label(label)).collect();
        // Mostly there is nobody else: a project may have thousands of sources, and as many directories.
        if existing.owners().into_iter().any(|owner| !known.contains(owner)) {
            for source in sources {
                self.builds.entry(self.label(source)).or_default();
            }
        }
    }

    /// Notes the entries that files name and that are no longer there: what they wrote belongs to nobody. A name in quotes is
    /// one that no source is likely to have; it is left alone.
    pub(in crate::cli) fn find_gone(&self, existing: &mut Existing, root: &Path) {
        let gone =
            |label: &&str| !label.starts_with('"') && self.source(label, root).symlink_metadata().is_err();
        existing.gone = existing.owners().into_iter().filter(gone).map(str::to_owned).collect();
    }

    /// The directory if it is there and not in the project.
    pub(in crate::cli) fn outside(&self) -> Option<&Path> {
        Some(self.directory.as_path()).filter(|directory| !self.inside && directory.is_dir())
    }

    /// Whether an entry writes a path.
    pub(in crate::cli) fn writes(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    /// The tree of a file.
    pub(in crate::cli) fn nodes(&self, path: &str) -> &[Node] {
        self.nodes.get(path).copied().unwrap_or_default()
    }

    /// Reads what stands in the directory.
    pub(in crate::cli) fn scan(&self) -> Result<Disk, Failure> {
        disk::scan(&self.directory, self.nodes.keys().copied())
            .map_err(|error| Failure::Io(error.to_string()))
    }

    /// What a build does to the directory.
    pub(in crate::cli) fn plan<'a>(&'a self, disk: &'a Disk, adopt: bool) -> Result<Plan<'a>, Vec<Refusal>> {
        let builds: Vec<Build<'a>> =
            self.builds.iter().map(|(entry, files)| Build { entry, files }).collect();
        let adopt = |path: &str| adopt && write::git_unchanged(&self.directory.join(path));
        plan::plan(&builds, &disk.existing, &adopt)
    }
}

/// The source that a first line names in an output directory: relative to the directory that holds it, or with `./` to itself.
pub(in crate::cli) fn named_from(directory: &Path, label: &str) -> Option<PathBuf> {
    Some(match label.strip_prefix("./") {
        Some(below) => directory.join(below),
        None => directory.parent()?.join(label),
    })
}

/// The directory of a file, with `/`; empty if it has none.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// All files as one stream of documents, each once.
pub(in crate::cli) fn stream(groups: &[Group<'_>]) -> String {
    let mut texts: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for group in groups {
        for file in group.builds.values().flatten() {
            texts.entry((&group.name, &file.path)).or_insert(&file.text);
        }
    }
    texts.into_values().collect::<Vec<_>>().join("---\n")
}

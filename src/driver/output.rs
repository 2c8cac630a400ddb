//! What is written, and where: which file, in which directory, for which entries and clusters, under which first line.
//!
//! Made once from the documents; what clashes, what a build writes and removes, and what a line of the output is, are read off it.
//!
//! A generated file names its source relative to the directory that holds the output directory: `cluster.talos` for `omni`
//! beside it. That name is the same in every clone, with or without `.git`, and in whatever directory talosc is started. A
//! source inside of the output directory is named from there, with `./` before it, so no two sources share a name. Where `-o` or a
//! link leads out of the project, names are those from the project root with a `/` before them: they are of no project that the
//! directory lies in, which leaves such files alone.
//!
//! What several entries share (a class, the patches of a machine) names the file that declares it, whichever entries are built:
//! every entry that reaches it writes the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use crate::fleet::Fleet;
use crate::omni::paths::{Layout, Layouts};
use crate::omni::{Document, Of};
use crate::resolve::{Names, ScopeId};
use crate::source::loader::{inside, relative};

/// Everything that a compilation writes.
#[derive(Debug, Default)]
pub struct Output {
    /// The directories, in the order of their names.
    pub directories: Vec<Directory>,
}

/// One output directory, with what all entries write to it.
#[derive(Debug)]
pub struct Directory {
    /// From the project root with `/`; outside of the project as the user wrote it.
    pub name: String,
    /// As messages call it.
    pub shown: String,
    /// Whether it is in the project.
    pub inside: bool,
    /// The sources that write to it or that may have written to it, as files name them: a file of theirs that is not written any
    /// more is stale.
    pub owners: BTreeSet<String>,
    /// What is written to it.
    pub files: Vec<OutputFile>,
}

/// A file of the output.
#[derive(Debug)]
pub struct OutputFile {
    /// Its path in the directory.
    pub path: String,
    /// The source that its first line names, as it is named there.
    pub source: String,
    /// The documents that are written to it, by index: of what several entries share one for each, which are equal.
    pub documents: Vec<usize>,
    /// It is of a source that is no entry of its own: entries of another build may write it too.
    pub shared: bool,
    /// It is of classes that no cluster uses.
    pub unused: bool,
}

/// Where a document is written.
#[derive(Debug)]
pub struct OutputPlace {
    /// The directory.
    pub directory: Directory,
    /// The source that its first line names, as it is named there.
    pub source: String,
}

impl OutputPlace {
    /// The place of a document of an entry with this layout.
    pub(super) fn of(names: &Names, layout: &Layout, document: &Document, home: &Home) -> OutputPlace {
        let directory = home.of(layout);
        let source = directory.label(names.path(document.source));
        OutputPlace { directory, source }
    }
}

/// Where everything goes.
#[derive(Debug, Clone)]
pub enum Home {
    /// Where each entry says.
    OfEntries,
    /// To one directory, whatever they say.
    One {
        /// As the user wrote it.
        shown: String,
        /// From the project root, if it is there.
        inside: Option<String>,
    },
}

impl Output {
    /// Sorts the documents that are wanted by the directories they go to.
    pub(super) fn new(
        names: &Names,
        layouts: &Layouts,
        documents: &[Document],
        home: &Home,
        wanted: &dyn Fn(&Document) -> bool,
    ) -> Output {
        let mut by_entry: FxHashMap<ScopeId, Vec<usize>> = FxHashMap::default();
        for (at, document) in documents.iter().enumerate().filter(|(_, document)| wanted(document)) {
            by_entry.entry(document.entry).or_default().push(at);
        }
        let mut directories: BTreeMap<String, Filling> = BTreeMap::new();
        for layout in layouts.iter() {
            for (at, home) in [Some(home.of(layout)), home.before(layout)].into_iter().flatten().enumerate() {
                let filling = directories.entry(home.name.clone()).or_insert_with(|| Filling::new(home));
                let owner = filling.directory.label(names.path(layout.entry));
                filling.directory.owners.insert(owner);
                for &document in by_entry.get(&layout.entry).filter(|_| at == 0).into_iter().flatten() {
                    filling.add(document, &documents[document], names);
                }
            }
        }
        Output { directories: directories.into_values().map(|filling| filling.directory).collect() }
    }

    /// Every document with its directory, in the order of the documents.
    pub(super) fn places<'o>(&'o self, documents: &'o [Document]) -> Vec<(&'o Document, &'o Directory)> {
        let files = |directory: &'o Directory| directory.files.iter().map(move |file| (file, directory));
        let each = |(file, directory): (&'o OutputFile, &'o Directory)| {
            file.documents.iter().map(move |&at| (at, directory))
        };
        let mut places: Vec<(usize, &Directory)> =
            self.directories.iter().flat_map(files).flat_map(each).collect();
        places.sort_by_key(|(at, _)| *at);
        places.into_iter().map(|(at, directory)| (&documents[at], directory)).collect()
    }

    /// The document at a path from the project root, and the source that its first line names.
    pub fn at<'o>(&'o self, path: &str, documents: &'o [Document]) -> Option<(&'o Document, &'o str)> {
        self.directories.iter().find_map(|directory| {
            let inside = inside(&directory.name, path)?;
            let file = directory.files.iter().find(|file| file.path == inside)?;
            Some((&documents[file.documents[0]], file.source.as_str()))
        })
    }
}

impl Home {
    /// The directory that an entry writes to.
    fn of(&self, layout: &Layout) -> Directory {
        match self {
            Home::One { shown, inside } => {
                let name = inside.as_ref().unwrap_or(shown).clone();
                Directory::new(name, shown.clone(), inside.is_some())
            }
            Home::OfEntries => Directory::named(&layout.directory),
        }
    }

    /// The directory where the files of an entry were before it said another one.
    fn before(&self, layout: &Layout) -> Option<Directory> {
        let moved = matches!(self, Home::OfEntries) && layout.default != layout.directory;
        moved.then(|| Directory::named(&layout.default))
    }
}

/// A directory, and which of its files has which path.
struct Filling {
    directory: Directory,
    shared: FxHashMap<String, usize>,
}

impl Filling {
    fn new(directory: Directory) -> Filling {
        Filling { directory, shared: FxHashMap::default() }
    }

    /// Adds a document. What another entry writes too is the same, or that it clashes is said.
    fn add(&mut self, at: usize, document: &Document, names: &Names) {
        let files = &mut self.directory.files;
        let shared = document.source != document.entry;
        if shared {
            let file = *self.shared.entry(document.path.clone()).or_insert(files.len());
            if let Some(file) = files.get_mut(file) {
                return file.documents.push(at);
            }
        }
        let unused = shared && matches!(document.of, Of::Classes(_)) && document.clusters.is_empty();
        let source = self.directory.label(names.path(document.source));
        self.directory.owners.insert(source.clone());
        let (path, documents) = (document.path.clone(), vec![at]);
        self.directory.files.push(OutputFile { path, source, documents, shared, unused });
    }
}

impl Directory {
    /// One of the project.
    fn named(name: &str) -> Directory {
        Directory::new(name.to_owned(), name.to_owned(), true)
    }

    fn new(name: String, shown: String, inside: bool) -> Directory {
        Directory { name, shown, inside, owners: BTreeSet::new(), files: Vec::new() }
    }

    /// How files name a source, given from the project root.
    pub fn label(&self, source: &str) -> String {
        if !self.inside {
            return elsewhere(source);
        }
        match inside(&self.name, source) {
            Some(below) => format!("./{below}"),
            None => {
                let name = relative(&self.name, source);
                name.strip_prefix("./").map(str::to_owned).unwrap_or(name)
            }
        }
    }

    /// Where the source of a name would be, in a project with this root.
    pub fn source(&self, label: &str, root: &Path) -> PathBuf {
        if let Some(from_root) = label.strip_prefix(ELSEWHERE) {
            return root.join(from_root);
        }
        let from = if self.inside { source_named(&root.join(&self.name), label) } else { None };
        from.unwrap_or_else(|| root.join(label))
    }
}

/// What stands before the name of a source in a directory that is not of its project.
const ELSEWHERE: char = '/';

/// How files in a directory that is not of its project name a source, given from the project root.
pub fn elsewhere(source: &str) -> String {
    format!("{ELSEWHERE}{source}")
}

/// The name from the root of its project of a source that wrote a file to a directory which is not of that project.
pub fn from_elsewhere(label: &str) -> Option<&str> {
    label.strip_prefix(ELSEWHERE)
}

/// The source that a first line names in an output directory: relative to the directory that holds it, or with `./` to itself. `None`
/// if it is of another project.
pub fn source_named(directory: &Path, label: &str) -> Option<PathBuf> {
    if from_elsewhere(label).is_some() {
        return None;
    }
    Some(match label.strip_prefix("./") {
        Some(below) => directory.join(below),
        None => directory.parent()?.join(label),
    })
}

/// Whether one of some clusters needs a document. Of what several entries write, it is that of the cluster's own; only the
/// patches of a machine may be written by another entry alone, which declares it.
pub(super) fn wanted_by(clusters: &[usize], document: &Document, all: &[Document], fleet: &Fleet) -> bool {
    let own = |cluster: usize, document: &Document| fleet.clusters[cluster].entry == document.entry;
    let needs = |&cluster: &usize| match &document.of {
        _ if own(cluster, document) => true,
        Of::Machines(machines) => !all.iter().any(|other| {
            let same = |all: &[usize]| all.iter().any(|machine| machines.contains(machine));
            own(cluster, other) && matches!(&other.of, Of::Machines(all) if same(all))
        }),
        Of::Cluster(_) | Of::Patch | Of::Manifest | Of::Classes(_) => false,
    };
    document.clusters.iter().filter(|cluster| clusters.contains(cluster)).any(needs)
}

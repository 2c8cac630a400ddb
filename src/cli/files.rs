//! Which files a command works on, and in which project.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::Failure;
use crate::diagnostics::Diagnostic;
use crate::driver::output::Home;
use crate::driver::{self, Compilation, Edited, Mended, Request, Writing};
use crate::emit::lock::{self, Lock, Want};
use crate::emit::{disk, write};
use crate::omni::paths::is_yaml;
use crate::resolve::file_errors;
use crate::source::disk::DiskLoader;
use crate::source::loader;
use crate::source::project::{self, Project};
use crate::source::{SeenFrom, SourceMap, Span};
use crate::text::visible_name;

/// The files of one run.
pub(super) struct Selection {
    /// Reads the files of the project.
    pub(super) loader: DiskLoader,
    /// Paths from the project root, in order, none twice.
    pub(super) files: Vec<String>,
    /// What could not be searched.
    pub(super) findings: Vec<Diagnostic>,
    /// They are all files of the project.
    whole: bool,
}

impl Selection {
    /// The root of the project, absolute and without links.
    pub(super) fn root(&self) -> &Path {
        self.loader.root()
    }

    /// Whether these are all files of the project.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// A map for the texts of files, whose names are shown from where people are.
    pub(super) fn sources(&self) -> SourceMap {
        let mut sources = SourceMap::default();
        sources.seen_from = seen_from(self.root());
        sources
    }

    /// Compiles the files.
    pub(super) fn compile(&self) -> Compilation {
        self.compile_as(Request::default())
    }

    /// Compiles the files, some with other texts.
    pub(super) fn compile_with(&self, edited: &Edited<'_>) -> Compilation {
        driver::compile_as(edited, &self.files, self.request(Request::default()))
    }

    /// Compiles the files, to show what would be written where each entry says, or elsewhere.
    pub(super) fn compile_for(&self, elsewhere: bool) -> Compilation {
        self.compile_as(Request { elsewhere, ..Request::default() })
    }

    /// Compiles the files to text, to write it where each entry says or all of it elsewhere.
    pub(super) fn compile_to(&self, elsewhere: bool, text: &Writing<'_>) -> Compilation {
        let request = self.request(Request { elsewhere, ..Request::default() });
        driver::compile_to(&self.loader, &self.files, request, text)
    }

    /// Compiles the files, to say what is wrong with them.
    pub(super) fn judge(&self) -> Compilation {
        let text = Writing { home: Home::OfEntries, standing: None };
        driver::compile_to(&self.loader, &self.files, self.request(Request::default()), &text)
    }

    /// Compiles the files, to ask about names.
    pub(super) fn compile_asked(&self, asked: Vec<String>) -> Compilation {
        self.compile_as(Request { asked, ..Request::default() })
    }

    /// Makes the safe edits in the files and in what they import, in memory.
    pub(super) fn mend(&self) -> Mended {
        driver::mend(&self.loader, &self.files, &self.request(Request::default()))
    }

    /// Compiles the files and keeps what each machine gets.
    pub(super) fn compile_resolved(&self) -> Compilation {
        self.compile_as(Request { resolved: true, ..Request::default() })
    }

    fn compile_as(&self, request: Request) -> Compilation {
        driver::compile_as(&self.loader, &self.files, self.request(request))
    }

    fn request(&self, request: Request) -> Request {
        Request { part: !self.whole, seen_from: seen_from(self.root()), ..request }
    }
}

/// Finds the files that arguments name: files, directories with all sources below them, or the current directory if there are
/// no arguments. Of a directory of a project without sources below it, all of the project is meant.
pub(super) fn select(arguments: &[PathBuf]) -> Result<Selection, Failure> {
    if !arguments.is_empty() {
        return named(arguments);
    }
    let here = named(&[PathBuf::from(".")])?;
    match here.whole || !here.files.is_empty() || !here.findings.is_empty() {
        true => Ok(here),
        false => named(&[here.root().to_owned()]),
    }
}

/// The files that arguments name, of which there is at least one.
fn named(arguments: &[PathBuf]) -> Result<Selection, Failure> {
    let project =
        Project::of(&common_directory(arguments)?).map_err(|error| io_failure(Path::new("."), &error))?;
    let loader = DiskLoader::new(project.root()).map_err(|error| io_failure(project.root(), &error))?;
    let (mut files, mut findings, mut whole) = (Vec::new(), Vec::new(), false);
    for argument in arguments {
        if argument.is_dir() {
            let prefix = name_in(project.root(), argument).ok_or_else(|| outside(argument))?;
            whole |= prefix.is_empty();
            let listing = project::list(argument);
            files.extend(listing.files.iter().map(|file| loader::below(&prefix, file)));
            findings.extend(listing.unlisted.into_iter().map(|mut unlisted| {
                unlisted.path = loader::below(&prefix, &unlisted.path);
                file_errors::unlisted(&unlisted)
            }));
        } else {
            files.push(project.name_of(argument).ok_or_else(|| outside(argument))?);
        }
    }
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(Selection { loader, files, findings, whole })
}

/// The deepest directory that holds all arguments: the project is looked for from there.
fn common_directory(arguments: &[PathBuf]) -> Result<PathBuf, Failure> {
    let mut common: Option<PathBuf> = None;
    for argument in arguments {
        let directory = if argument.is_dir() { argument.as_path() } else { parent(argument) };
        let directory = fs::canonicalize(directory).map_err(|error| io_failure(directory, &error))?;
        let mut shared = common.unwrap_or_else(|| directory.clone());
        while !directory.starts_with(&shared) && shared.pop() {}
        common = Some(shared);
    }
    Ok(common.unwrap_or_default())
}

/// The directory of a file; of a bare name it is the current one.
pub(super) fn parent(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The name of something from a root, with `/`; empty for the root itself. Of a path that does not exist the part that does is
/// looked up. `None` if it is elsewhere, or its name is not UTF-8.
pub(super) fn name_in(root: &Path, path: &Path) -> Option<String> {
    let full = std::path::absolute(path).ok()?;
    let existing = full.ancestors().find(|ancestor| ancestor.exists())?;
    let real = fs::canonicalize(existing).ok()?.join(full.strip_prefix(existing).ok()?);
    let parts = real.strip_prefix(root).ok()?.components().map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// Where the current directory is, seen from the root of the project.
fn seen_from(root: &Path) -> SeenFrom {
    let here = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    let named = |path: &Path| {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        parts.join("/")
    };
    match (here.strip_prefix(root), root.strip_prefix(&here)) {
        (Ok(inside), _) if inside.as_os_str().is_empty() => SeenFrom::Root,
        (Ok(inside), _) => SeenFrom::Inside(named(inside)),
        (_, Ok(below)) => SeenFrom::Outside(named(below)),
        _ => SeenFrom::Outside(root.display().to_string().trim_end_matches("/").to_owned()),
    }
}

/// A path as the user would write it: from the current directory if it is below that, else as it is.
pub(super) fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    match here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)) {
        Some(below) if below.as_os_str().is_empty() => PathBuf::from("."),
        Some(below) => below,
        None => path.to_owned(),
    }
}

/// Whether a path is that of a source.
pub(super) fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "talos")
}

/// A path below a directory, as the user would write it.
pub(super) fn below(directory: &Path, path: &str) -> PathBuf {
    if directory == Path::new(".") { PathBuf::from(path) } else { directory.join(path) }
}

/// A path in a message: on one line, with nothing in it that a terminal would act on.
pub(super) fn said(path: &Path) -> String {
    visible_name(&path.to_string_lossy()).into_owned()
}

/// How long a command that writes waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Holds directories until it is dropped.
pub(super) type Locks = Vec<Lock>;

/// Waits until nobody else writes to some directories, which exist.
pub(super) fn lock(places: &BTreeSet<PathBuf>, want: Want) -> Result<Locks, Failure> {
    let take = |place: &PathBuf| {
        lock::take(place, want, PATIENCE).ok_or_else(|| {
            let place = said(&shown(place));
            Failure::Io(format!("another build writes to `{place}`; try again when it is done"))
        })
    };
    places.iter().map(take).collect()
}

impl Selection {
    /// Waits until no other command writes in the project, and takes away what one that was interrupted left beside the sources.
    pub(super) fn begin_writing(&self) -> Result<Locks, Failure> {
        let locks = lock(&BTreeSet::from([self.root().to_owned()]), Want::Write)?;
        let real = |file: &String| fs::canonicalize(self.root().join(file)).ok();
        let directories: BTreeSet<PathBuf> =
            self.files.iter().filter_map(real).filter_map(|file| Some(file.parent()?.to_owned())).collect();
        for directory in directories.iter().filter(|directory| directory.starts_with(self.root())) {
            write::clear(&disk::leftovers(directory));
        }
        Ok(locks)
    }

    /// Files that sources need, which are no output and may be secrets: without links, and without opening one.
    pub(super) fn needed(&self, needed: &FxHashMap<&str, Span>) -> BTreeSet<PathBuf> {
        let others = needed.keys().filter(|path| !path.ends_with(".talos"));
        let mut paths: BTreeSet<String> = others.map(|path| (*path).to_owned()).collect();
        if !self.whole {
            paths.extend(self.named_elsewhere());
        }
        paths.iter().filter_map(|path| fs::canonicalize(self.root().join(path)).ok()).collect()
    }

    /// What the sources that are not part of this run may need: every text in them that is the path of a YAML file.
    fn named_elsewhere(&self) -> Vec<String> {
        let others = project::list(self.root()).files.into_iter().filter(|file| !self.files.contains(file));
        let named = |file: String| {
            let text = loader::Loader::read(&self.loader, &file).unwrap_or_default();
            let texts = text.split('"').filter(|text| is_yaml(text));
            texts.filter_map(|text| loader::join(&file, text)).collect::<Vec<_>>()
        };
        others.flat_map(named).collect()
    }

    /// Replaces a source whose text was read; an interruption leaves the old or the new one, and a save in the meantime stays. Links
    /// are followed.
    pub(super) fn replace(&self, path: &str, read: &str, new: &str) -> Result<(), Failure> {
        let file = self.root().join(path);
        // As it was read: without the mark that may stand before it.
        let seen = |now: &[u8]| now.strip_prefix(b"\xef\xbb\xbf").unwrap_or(now) == read.as_bytes();
        write::replace(&file, &shown(&file), &seen, new).map_err(|error| Failure::Io(error.to_string()))
    }
}

fn outside(argument: &Path) -> Failure {
    Failure::Usage(format!("`{}` is not in the same project as the other files", said(argument)))
}

fn io_failure(path: &Path, error: &io::Error) -> Failure {
    Failure::Io(format!("cannot read `{}`: {error}", said(path)))
}

//! Projects in memory and what the compiler says of them: what fixtures, pages, guides and mutants are judged through.
#![allow(dead_code, reason = "each test binary uses what it needs")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use talosc::diagnostics::render::{Color, Format, Limit, Options, render};
use talosc::diagnostics::{Applicability, Diagnostic, Edit, Severity, edit};
use talosc::driver;
use talosc::emit;
use talosc::omni;
use talosc::source::loader::{LoadError, Loader, MemoryLoader};
use talosc::source::{Provenance, Span};

/// Files by their path from the root of the project.
pub(crate) type Files = BTreeMap<String, String>;

/// Every format that findings can be rendered in.
pub(crate) const FORMATS: [Format; 5] =
    [Format::Text, Format::Short, Format::Json, Format::Sarif, Format::Github];

/// A finding, without the compilation that it came from.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// The name of its code.
    pub(crate) code: String,
    pub(crate) error: bool,
    pub(crate) message: String,
    /// File and byte range of the primary label.
    pub(crate) primary: Option<(String, std::ops::Range<usize>)>,
    /// Its edits, by file.
    pub(crate) edits: BTreeMap<String, Vec<Edit>>,
    /// A program may make them without a look.
    pub(crate) safe: bool,
}

/// What a compilation came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) findings: Vec<Finding>,
    /// The findings as people see them.
    pub(crate) text: String,
    /// The files of the output by their path in the output directory; none while an error stands.
    pub(crate) output: Files,
    /// The Talos version that the cluster of a template was created with, by the path of the template.
    pub(crate) born: BTreeMap<String, String>,
    /// Files of the project that templates refer to, by their path in the output directory.
    pub(crate) referred: Files,
    /// The paths of patches and manifests that stand beside templates.
    pub(crate) patches: BTreeSet<String>,
    /// The files of the project that were read or looked for.
    pub(crate) read: BTreeSet<String>,
}

/// Files in memory that remember who was asked for.
struct Recorder {
    files: MemoryLoader,
    read: Mutex<BTreeSet<String>>,
}

impl Loader for Recorder {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.read.lock().expect("no test panics in between").insert(path.to_owned());
        self.files.read(path)
    }
    fn exists(&self, path: &str) -> bool {
        self.read.lock().expect("no test panics in between").insert(path.to_owned());
        self.files.exists(path)
    }
}

/// The files of a project that a template refers to, by their path in the output directory.
fn referred_by(template: &emit::File, directory: &str, files: &Files) -> Files {
    let beside = template.path.rsplit_once('/').map_or(String::new(), |(up, _)| format!("{up}/"));
    let named = template.text.lines().filter_map(|line| line.trim().split_once("file: "));
    let found = named.filter_map(|(_, name)| {
        let path = format!("{beside}{name}");
        let from_root = if directory.is_empty() { path.clone() } else { format!("{directory}/{path}") };
        Some((path, files.get(&from_root)?.clone()))
    });
    found.collect()
}

/// Compiles entries of a project and renders what was found in every format.
pub(crate) fn compile(files: &Files, entries: &[&str]) -> Outcome {
    let loader = Recorder { files: MemoryLoader { files: files.clone() }, read: Mutex::default() };
    let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    let compilation = driver::compile(&loader, &entries);
    let names = &compilation.flattener.types.names;
    let show = |format| {
        let options = Options { format, color: Color::Never, limit: Limit::All };
        render(&compilation.findings, &names.sources, &options)
    };
    for format in FORMATS {
        let _ = show(format);
    }
    let (mut output, mut born, mut patches) = (Files::new(), BTreeMap::new(), BTreeSet::new());
    let mut referred = Files::new();
    let directory = |document: &omni::Document| {
        let place = compilation.layouts.get(document.entry);
        place.map(|place| place.directory.clone()).unwrap_or_default()
    };
    for document in &compilation.documents {
        let file = emit::File::new(document.path.clone(), names.path(document.entry), &document.nodes);
        emit::verify::verify(&file.text, &document.nodes)
            .unwrap_or_else(|error| panic!("{}: {error:?}", file.path));
        match document.of {
            omni::Of::Cluster(cluster) => {
                let version = &compilation.clusters[cluster].target.created_with;
                referred.extend(referred_by(&file, &directory(document), files));
                born.insert(file.path.clone(), version.to_string().trim_start_matches('v').to_owned());
            }
            omni::Of::Patch | omni::Of::Manifest => {
                patches.insert(file.path.clone());
            }
            omni::Of::Classes(_) | omni::Of::Machines(_) => {}
        }
        output.insert(file.path, file.text);
    }
    let place = |span: Span| {
        let file = names.sources.file(span.file);
        (file.provenance == Provenance::Project).then(|| file.name.clone())
    };
    let findings = compilation.findings.iter().map(|diagnostic| finding(diagnostic, &place)).collect();
    Outcome {
        findings,
        text: show(Format::Text),
        output,
        born,
        referred,
        patches,
        read: loader.read.into_inner().expect("no test panics in between"),
    }
}

fn finding(diagnostic: &Diagnostic, place: &impl Fn(Span) -> Option<String>) -> Finding {
    let mut edits: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
    for edit in &diagnostic.edits {
        let file =
            place(edit.span).unwrap_or_else(|| panic!("an edit outside of the project: {diagnostic:?}"));
        edits.entry(file).or_default().push(edit.clone());
    }
    Finding {
        code: diagnostic.code.name().to_owned(),
        error: diagnostic.severity == Severity::Error,
        message: diagnostic.message.clone(),
        primary: diagnostic
            .primary()
            .and_then(|span| Some((place(span)?, span.start as usize..span.end as usize))),
        edits,
        safe: diagnostic.applicability() == Some(Applicability::Safe),
    }
}

impl Outcome {
    /// The findings that keep the output from being written.
    pub(crate) fn errors(&self) -> Vec<&Finding> {
        self.findings.iter().filter(|finding| finding.error).collect()
    }
    /// The names of the codes that were found, each once.
    pub(crate) fn codes(&self) -> BTreeSet<&str> {
        self.findings.iter().map(|finding| finding.code.as_str()).collect()
    }
}

/// The project after the edits of some findings; `None` if one of them offers none.
pub(crate) fn mended(files: &Files, findings: &[&Finding]) -> Result<Option<Files>, String> {
    if findings.is_empty() || findings.iter().any(|finding| finding.edits.is_empty()) {
        return Ok(None);
    }
    let mut all: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
    for (file, edits) in findings.iter().flat_map(|finding| &finding.edits) {
        all.entry(file).or_default().extend(edits.iter().cloned());
    }
    let mut out = files.clone();
    for (file, edits) in all {
        let text = files.get(file).ok_or_else(|| format!("an edit of {file}, which is not there"))?;
        let text = edit::apply(text, &edits).map_err(|error| format!("{file}: {error}"))?;
        out.insert(file.to_owned(), text);
    }
    Ok(Some(out))
}

/// How many findings had edits that may be made without a look, and how many had some that need one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tried {
    pub(crate) safe: usize,
    pub(crate) look: usize,
}

/// Makes the edits of each finding by themselves, safe or not: the finding must be gone then, and no mistake in the syntax may come for it.
/// Gives how many findings had some, or what is wrong with one.
pub(crate) fn edits(files: &Files, entries: &[&str], outcome: &Outcome) -> Result<Tried, String> {
    let same = |a: &Finding, b: &Finding| a.code == b.code && a.message == b.message;
    let mut tried = Tried::default();
    for finding in outcome.findings.iter().filter(|finding| !finding.edits.is_empty()) {
        let said = format!("{}: {}", finding.code, finding.message);
        let edited = mended(files, &[finding]).map_err(|why| format!("{said}: {why}"))?;
        let mut edited = edited.expect("it has edits");
        let mut after = compile(&edited, entries);
        let count = |all: &[Finding]| all.iter().filter(|other| same(finding, other)).count();
        if count(&after.findings) >= count(&outcome.findings) {
            return Err(format!("{said}: it stands after its edits"));
        }
        let syntax = |finding: &&Finding| matches!(finding.code.as_str(), "syntax" | "unclosed" | "too-deep");
        let new = |finding: &&Finding| !outcome.findings.iter().any(|before| same(before, finding));
        // What stood behind it may come to light, if that is safe to mend too.
        let mut rounds = 0;
        while let Some(new) = after.findings.iter().filter(syntax).find(new) {
            rounds += 1;
            edited = match mended(&edited, &[new]) {
                Ok(Some(edited)) if new.safe && rounds < 9 => edited,
                _ => return Err(format!("{said}: its edits give `{}`", new.message)),
            };
            after = compile(&edited, entries);
        }
        match finding.safe {
            true => tried.safe += 1,
            false => tried.look += 1,
        }
    }
    Ok(tried)
}

/// The files under a directory by their path in it, without those that `skip` names; empty if there is no such directory.
pub(crate) fn read_tree(root: &Path, skip: &dyn Fn(&str) -> bool) -> Files {
    let mut files = Files::new();
    let mut open = vec![String::new()];
    while let Some(directory) = open.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&directory)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            if skip(&path) {
                continue;
            }
            if entry.path().is_dir() {
                open.push(path);
            } else {
                let text = std::fs::read_to_string(entry.path())
                    .unwrap_or_else(|error| panic!("{}: {error}", entry.path().display()));
                files.insert(path, text.replace("\r\n", "\n"));
            }
        }
    }
    files
}

/// Whether a file declares a cluster that is emitted, which makes it an entry.
pub(crate) fn is_entry(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("cluster ") || line.starts_with("extern cluster "))
}

/// The examples of the repository: a name, the sources, and the entries among them.
pub(crate) fn examples() -> Vec<(String, Files, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(&root)
        .expect("there are examples")
        .map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned())
        .filter(|name| root.join(name).is_dir())
        .collect();
    names.sort();
    let generated = |path: &str| path == "omni" || path.ends_with("/omni") || path.ends_with(".md");
    names
        .into_iter()
        .map(|name| {
            let files = read_tree(&root.join(&name), &generated);
            let sources = files.iter().filter(|(path, _)| path.ends_with(".talos"));
            let entries = sources.filter(|(_, text)| is_entry(text)).map(|(path, _)| path.clone()).collect();
            (name, files, entries)
        })
        .filter(|(_, _, entries): &(String, Files, Vec<String>)| !entries.is_empty())
        .collect()
}

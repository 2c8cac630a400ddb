//! Entries are worked out side by side, and only their text is kept: what is found and what is written is the same as if one were
//! worked out after the other and everything kept.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use talosc::driver::output::{Home, OutputPlace};
use talosc::driver::{self, Compilation, Request, Standing, Writing};
use talosc::emit::{header, yaml};
use talosc::omni::Of;
use talosc::source::loader::MemoryLoader;
use talosc::tree::Node;

use crate::command::Project;
use crate::project::{Files, examples, is_entry, read_tree};

/// Takes every text, and says that it stands there already if it does.
#[derive(Default)]
struct Taken {
    texts: Mutex<BTreeMap<String, String>>,
    before: BTreeMap<String, String>,
}

fn on_disk(place: &OutputPlace, path: &str) -> String {
    format!("{}/{path}", place.directory.name)
}

impl Standing for Taken {
    fn bytes(&self, place: &OutputPlace, path: &str) -> Option<Vec<u8>> {
        self.before.get(&on_disk(place, path)).map(|text| text.clone().into_bytes())
    }

    fn judge(&self, place: &OutputPlace, path: &str, text: &str, _: &[Node], _: Option<&[u8]>) {
        let mut texts = self.texts.lock().expect("no test panics in between");
        texts.insert(on_disk(place, path), text.to_owned());
    }
}

fn side_by_side(files: &Files, entries: &[String], standing: &Taken) -> Compilation {
    let loader = MemoryLoader { files: files.clone() };
    let text = Writing { home: Home::OfEntries, standing: Some(standing) };
    driver::compile_to(&loader, entries, Request::default(), &text)
}

fn one_by_one(files: &Files, entries: &[String]) -> Compilation {
    driver::compile_as(&MemoryLoader { files: files.clone() }, entries, Request::default())
}

fn same_findings(name: &str, one: &Compilation, other: &Compilation) {
    let differs = one.findings.iter().zip(&other.findings).find(|(one, other)| one != other);
    assert!(differs.is_none(), "{name}: {differs:#?}");
    assert_eq!(one.findings.len(), other.findings.len(), "{name}");
}

/// Compares both, and gives how many findings and files there are.
fn agree(name: &str, files: &Files, entries: &[String]) -> (usize, usize) {
    let (kept, taken) = (one_by_one(files, entries), Taken::default());
    let written = side_by_side(files, entries, &taken);
    same_findings(name, &kept, &written);
    assert_eq!(kept.documents.len(), written.documents.len(), "{name}");
    for (one, other) in kept.documents.iter().zip(&written.documents) {
        assert_eq!((&one.path, &one.of, &one.clusters), (&other.path, &other.of, &other.clusters), "{name}");
        let own = matches!(one.of, Of::Cluster(_) | Of::Patch | Of::Manifest);
        assert_eq!(own, other.written.is_some() && other.nodes.is_empty(), "{name}: {}", one.path);
        let text =
            other.written.as_ref().map(|written| written.text.as_deref().expect("nothing stands there"));
        let text = text.map_or_else(|| yaml::body(&other.nodes).0, |text| header::body(text).to_owned());
        assert_eq!(yaml::body(&one.nodes).0, text, "{name}: {}", one.path);
    }
    // What stands there already is not kept, and is found to be the same.
    let before = taken.texts.into_inner().expect("no test panics in between");
    let mut built = files.clone();
    built.extend(before.clone());
    let again = side_by_side(&built, entries, &Taken { before, ..Taken::default() });
    same_findings(name, &one_by_one(&built, entries), &again);
    let kept_text = again.documents.iter().filter_map(|document| document.written.as_ref()?.text.as_ref());
    assert_eq!(kept_text.count(), 0, "{name}");
    (kept.findings.len(), kept.documents.len())
}

fn fixtures(of: &str) -> Vec<(String, Files)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(of);
    let mut names: Vec<String> = std::fs::read_dir(&root)
        .expect("there are fixtures")
        .map(|entry| entry.expect("a directory").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    let tree = |name: String| {
        let files = read_tree(&root.join(&name), &|_| false);
        (name, files)
    };
    names.into_iter().map(tree).collect()
}

fn entries(files: &Files) -> Vec<String> {
    files
        .iter()
        .filter(|(path, text)| path.ends_with(".talos") && is_entry(text))
        .map(|(path, _)| path.clone())
        .collect()
}

#[test]
fn examples_and_fixtures_come_out_the_same_side_by_side() {
    let (mut findings, mut documents, mut projects) = (0, 0, 0);
    let all = fixtures("build")
        .into_iter()
        .chain(fixtures("ui"))
        .map(|(name, files)| (name, entries(&files), files));
    for (name, entries, files) in
        all.chain(examples().into_iter().map(|(name, files, entries)| (name, entries, files)))
    {
        let (found, written) = agree(&name, &files, &entries);
        (findings, documents, projects) = (findings + found, documents + written, projects + 1);
    }
    assert!(projects > 300 && findings > 300 && documents > 60, "{projects} {findings} {documents}");
}

/// All fixtures as one project: hundreds of entries that share names, addresses, UUIDs and ids of patches.
#[test]
fn a_project_of_all_fixtures_comes_out_the_same_side_by_side() {
    let mut project = Files::new();
    for (name, files) in fixtures("build").into_iter().chain(fixtures("ui")) {
        project.extend(files.into_iter().map(|(path, text)| (format!("{name}/{path}"), text)));
    }
    // A file that asks for another talosc would be the only finding.
    project.retain(|_, text| !text.contains("\ntalosc =") && !text.starts_with("talosc ="));
    let entries = entries(&project);
    let (findings, _) = agree("all", &project, &entries);
    assert!(entries.len() > 200 && findings > 300, "{} {findings}", entries.len());
    let again = side_by_side(&project, &entries, &Taken::default());
    same_findings("again", &again, &one_by_one(&project, &entries));
}

/// Two files that import a third, each with a finding.
const THREE: [(&str, &str); 3] = [
    ("b.talos", "import \"./shared.talos\"\nrole b extends base { x = 1 }\n"),
    ("a.talos", "import \"./shared.talos\"\nrole a extends base { x = 1 }\n"),
    ("shared.talos", "role base { x = 1 }\n"),
];

/// Findings stand in the order of the files: those that were asked for as they were given, then those that they import.
#[test]
fn findings_stand_in_the_order_of_files() {
    let files: Files = THREE.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
    let order = |entries: &[&str]| -> Vec<String> {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        let compilation = one_by_one(&files, &entries);
        let sources = &compilation.flattener.types.names.sources;
        let primary = compilation.findings.iter().filter(|finding| finding.code.name() == "unknown-field");
        primary.filter_map(|finding| Some(sources.file(finding.primary()?.file).name.to_string())).collect()
    };
    assert_eq!(order(&["b.talos", "a.talos"]), ["b.talos", "a.talos", "shared.talos"]);
    assert_eq!(order(&["a.talos", "b.talos"]), ["a.talos", "b.talos", "shared.talos"]);
    assert_eq!(order(&["a.talos", "shared.talos", "b.talos"]), ["a.talos", "shared.talos", "b.talos"]);
    assert_eq!(order(&["b.talos"]), ["b.talos", "shared.talos"]);
}

/// Whether files are read ahead depends on the processors, and nothing that is said does.
#[cfg(target_os = "linux")]
#[test]
fn findings_are_the_same_on_one_processor() {
    use std::process::Command;

    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells");
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
    let processor: String = allowed.trim().chars().take_while(char::is_ascii_digit).collect();
    let project = Project::new(&THREE);
    let talosc = env!("CARGO_BIN_EXE_talosc");
    for entries in [["b.talos", "a.talos"], ["a.talos", "b.talos"]] {
        let run = |command: &mut Command| {
            let ran = command
                .arg("check")
                .args(entries)
                .arg("--format=json")
                .current_dir(project.0.path())
                .output();
            ran.map(|ran| (ran.status.code(), String::from_utf8_lossy(&ran.stdout).into_owned()))
        };
        let many = run(&mut Command::new(talosc)).expect("it runs");
        assert!(many.0 == Some(1) && many.1.matches("unknown-field").count() == 3, "{many:?}");
        // Without a way to take processors away there is nothing to compare.
        if let Ok(one) = run(Command::new("taskset").args(["--cpu-list", &processor, talosc])) {
            assert_eq!(one, many);
        }
    }
}

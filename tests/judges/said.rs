//! Said is got: the effective configuration that talosc computes is what the judge of the minor prints once it has merged the patches
//! that were written, leaf by leaf.
//!
//! One normalisation stands between the two: the judge of the minor reads what talosc computed as a whole configuration and prints it.
//! So both sides are printed by the types of that minor, and what differs in spelling alone (`1h` and `1h0m0s`, a default that is
//! written or not, the order of keys) does not differ, type by type.

#[path = "said/corpus.rs"]
mod corpus;
#[path = "said/fields.rs"]
mod fields;
#[path = "said/leaves.rs"]
mod leaves;
#[path = "said/program.rs"]
mod program;
#[path = "said/random.rs"]
mod random;
#[path = "said/sweep.rs"]
mod sweep;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use libtest_mimic::Failed;
use serde_yaml::Value;
use talosc::diagnostics::Severity;
use talosc::driver::{self, Compilation, Request};
use talosc::emit;
use talosc::omni::Of;
use talosc::source::loader::MemoryLoader;
use talosc::talos::base::BY_OMNI;
use talosc::talos::overlay::Config;
use talosc::tree::{Node, Value as Tree};

pub(crate) use sweep::{every_field_has_a_row, of_fields};

use leaves::{difference, leaf, leaves};
use program::{Item, accepted, shrink};

use crate::judge::{Birth, Judges, MINORS, Machine, PREVIEW, Question, Source};
use crate::project::{Files, examples, read_tree};

/// What was compared.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    programs: usize,
    machines: usize,
    leaves: usize,
    refused: usize,
    /// By running minor and minor of birth.
    versions: BTreeSet<(String, String)>,
    /// Why a cluster was not compared, and how often.
    unjudged: BTreeMap<String, usize>,
}

impl Tally {
    /// Prints what was compared; a test that compared nothing has failed.
    #[expect(clippy::print_stdout, reason = "the numbers are what the property has to show")]
    fn print(&self, of: &str) -> Result<(), Failed> {
        println!(
            "said is got, {of}: {} programs, {} machines, {} leaves, {} refused by both, {} pairs of versions; not judged: {:?}",
            self.programs,
            self.machines,
            self.leaves,
            self.refused,
            self.versions.len(),
            self.unjudged
        );
        if self.leaves == 0 { Err("nothing was compared".into()) } else { Ok(()) }
    }
}

/// Every example.
pub(crate) fn of_examples(judges: &mut Judges) -> Result<(), Failed> {
    let mut tally = Tally::default();
    for (name, files, entries) in examples() {
        for entry in entries {
            let built = program_once(judges, &files, &entry, &mut tally)
                .map_err(|e| format!("{name}/{entry}: {e}"))?;
            assert!(built.is_none(), "{name}/{entry} does not build");
        }
    }
    tally.print("examples")
}

/// Fixtures of which a machine has something twice in a list, and why that is so.
const TWICE: [(&str, &str); 2] = [
    (
        "runtime-of-levels",
        "the default runtime is taken back by a second file of the same path, the last of which Talos writes",
    ),
    ("element-twice_patches", "the advice is about it"),
];

/// Every fixture that builds.
pub(crate) fn of_fixtures(judges: &mut Judges) -> Result<(), Failed> {
    let mut tally = Tally::default();
    let skip = |path: &str| matches!(path, "fixed" | "expected" | "stderr");
    for group in ["build", "ui"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(group);
        let mut all: Vec<_> = std::fs::read_dir(root)?.flatten().map(|entry| entry.path()).collect();
        all.sort();
        for directory in all.iter().filter(|path| path.is_dir()) {
            let files = read_tree(directory, &skip);
            let mut mended = files.clone();
            mended.extend(read_tree(&directory.join("fixed"), &|_| false));
            let changed = mended != files;
            for files in [Some(files), changed.then_some(mended)].into_iter().flatten() {
                let own = directory.file_name().unwrap_or_default();
                let once = !TWICE.iter().any(|(name, _)| own == *name);
                let built = match once {
                    true => program_once(judges, &files, "main.talos", &mut tally),
                    false => program(judges, &files, "main.talos", &mut tally),
                };
                let built = built.map_err(|e| format!("{}: {e}", directory.display()))?;
                assert!(built.is_none() || group == "ui", "{} does not build", directory.display());
            }
        }
    }
    tally.print("fixtures")
}

/// How many programs are made by chance in each run.
const RANDOM: u64 = 60;

/// Programs made by chance. `TALOSC_SAID` is the number of the first and `TALOSC_SAID_COUNT` how many, so that others can be tried.
pub(crate) fn of_random(judges: &mut Judges) -> Result<(), Failed> {
    let mut tally = Tally::default();
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (first, count) =
        (number("TALOSC_SAID").unwrap_or(0u64), number("TALOSC_SAID_COUNT").unwrap_or(RANDOM));
    for seed in first..first + count {
        let (made, items) = random::program(seed);
        let items: Vec<Item> = accepted(&made, &items).into_iter().map(|at| items[at].clone()).collect();
        let (files, _) = made.files(&items);
        if program(judges, &files, "main.talos", &mut tally).is_err() {
            let mut spare = Tally::default();
            let mut fails = |items: &[Item]| {
                let (files, _) = made.files(items);
                program(judges, &files, "main.talos", &mut spare).err().map(|why| (files, why))
            };
            let few = shrink(&items, &mut |items| fails(items).is_some());
            let (files, why) = fails(&few).unwrap_or_default();
            return Err(format!(
                "program {seed}: {why}\n{files:#?}\n{}",
                files.get("main.talos").map_or("", |text| text)
            )
            .into());
        }
    }
    tally.print("random")?;
    assert!(tally.programs as u64 == count, "only {} programs build", tally.programs);
    Ok(())
}

/// Every template of a directory that `TALOSC_CORPUS` names, with its patches read as files.
#[expect(clippy::print_stdout, reason = "what is refused is for a person to judge")]
pub(crate) fn of_corpus(judges: &mut Judges) -> Result<(), Failed> {
    let Some(root) = std::env::var_os("TALOSC_CORPUS") else { return Ok(()) };
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    let (mut all, mut refused, mut none, mut unknown, mut lost) = (0, 0, 0, 0, 0);
    for (name, births) in corpus::programs(Path::new(&root)) {
        all += 1;
        let mut first = None;
        for adopted in births {
            match program(judges, &adopted.files, "main.talos", &mut tally) {
                Ok(None) => lost += adopted.lost,
                Ok(Some(why)) => {
                    first.get_or_insert(why);
                    continue;
                }
                // Fields of patches are not checked by their types.
                Err(error) if error.contains("unknown keys found during decoding") => unknown += 1,
                Err(error) => wrong.push(format!("{name}: {error}")),
            }
            first = Some(String::new());
            break;
        }
        match first {
            Some(why) if why.is_empty() => {}
            Some(why) => {
                refused += 1;
                println!("{name}: {why}");
            }
            None => none += 1,
        }
    }
    println!("{all} templates, {lost} patches left out whose files are not there");
    *tally.unjudged.entry("has errors that talosc finds".into()).or_default() += refused;
    *tally.unjudged.entry("no template".into()).or_default() += none;
    *tally.unjudged.entry("Omni does not know a field of a patch".into()).or_default() += unknown;
    tally.print("corpus")?;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Every project of a directory that `TALOSC_CASES` names: a directory of it with a `main.talos`.
pub(crate) fn of_cases(judges: &mut Judges) -> Result<(), Failed> {
    let Some(root) = std::env::var_os("TALOSC_CASES") else { return Ok(()) };
    let (mut tally, mut wrong, mut refused) = (Tally::default(), Vec::new(), 0);
    let mut all: Vec<_> = std::fs::read_dir(root)?.flatten().map(|entry| entry.path()).collect();
    all.sort();
    for directory in all.iter().filter(|path| path.join("main.talos").is_file()) {
        let files = read_texts(directory);
        if compiled(&files, "main.talos").clusters.iter().any(|cluster| cluster.sets.len() > 100) {
            *tally.unjudged.entry("more sets than can be waited for".into()).or_default() += 1;
            continue;
        }
        match program(judges, &files, "main.talos", &mut tally) {
            Ok(None) => {}
            Ok(Some(_)) => refused += 1,
            Err(error) => wrong.push(format!("{}: {error}", directory.display())),
        }
    }
    *tally.unjudged.entry("has errors that talosc finds".into()).or_default() += refused;
    tally.print("cases")?;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The files of a directory that are texts and not very large, by their path in it.
fn read_texts(root: &Path) -> Files {
    let large = |path: &str| {
        let path = root.join(path);
        path.is_file()
            && (path.metadata().is_ok_and(|about| about.len() > 1 << 20)
                || std::fs::read_to_string(&path).is_err())
    };
    read_tree(root, &large)
}

/// A program, compiled with what each of its machines gets.
fn compiled(files: &Files, entry: &str) -> Compilation {
    let loader = MemoryLoader { files: files.clone() };
    let request = Request { resolved: true, ..Request::default() };
    driver::compile_as(&loader, &[entry.to_owned()], request)
}

/// Compares all machines of a program; if it does not build, says why.
pub(crate) fn program(
    judges: &mut Judges,
    files: &Files,
    entry: &str,
    tally: &mut Tally,
) -> Result<Option<String>, String> {
    looked_at(judges, files, entry, tally, &mut |_| Ok(()))
}

/// The same, and nothing stands twice in a list of a machine.
fn program_once(
    judges: &mut Judges,
    files: &Files,
    entry: &str,
    tally: &mut Tally,
) -> Result<Option<String>, String> {
    looked_at(judges, files, entry, tally, &mut |merged| sweep::doubled(merged.leaves).map_or(Ok(()), Err))
}

fn looked_at(
    judges: &mut Judges,
    files: &Files,
    entry: &str,
    tally: &mut Tally,
    look: Look<'_>,
) -> Result<Option<String>, String> {
    let compilation = compiled(files, entry);
    if compilation.has_errors() {
        let errors = compilation.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let errors = errors.map(|finding| format!("{}: {}", finding.code.name(), finding.message));
        return Ok(Some(errors.collect::<Vec<_>>().join("; ")));
    }
    compare(judges, &compilation, files, tally, look)?;
    Ok(None)
}

/// What the judge of its minor prints of a machine.
struct Merged<'m> {
    machine: &'m Machine,
    leaves: &'m BTreeMap<String, String>,
}

/// What else is asked of each machine that was compared.
type Look<'l> = &'l mut dyn FnMut(&Merged<'_>) -> Result<(), String>;

fn compare(
    judges: &mut Judges,
    compilation: &Compilation,
    files: &Files,
    tally: &mut Tally,
    look: Look<'_>,
) -> Result<(), String> {
    tally.programs += 1;
    for cluster in 0..compilation.clusters.len() {
        self::cluster(judges, compilation, cluster, files, tally, look)?;
    }
    Ok(())
}

fn cluster(
    judges: &mut Judges,
    compilation: &Compilation,
    index: usize,
    files: &Files,
    tally: &mut Tally,
    look: Look<'_>,
) -> Result<(), String> {
    let cluster = &compilation.clusters[index];
    let minor = format!("1.{}", cluster.target.talos.line().1);
    let born = cluster.target.created_with.bare();
    let mut skip = |why: String| *tally.unjudged.entry(why).or_default() += 1;
    if !MINORS.contains(&minor.as_str()) && minor != PREVIEW {
        skip(format!("Talos {minor} has no judge"));
        return Ok(());
    }
    let Some(question) = question(compilation, index, files) else { return Err("no template".into()) };
    let answer = judges.machines(&question.born(&oldest(&born)))?;
    if !answer.errors.is_empty() {
        return if minor == PREVIEW {
            skip("the Omni client does not know documents of the preview".into());
            Ok(())
        } else {
            Err(format!("{:?}", answer.errors))
        };
    }
    for machine in &answer.machines {
        let ours =
            config(compilation, index, machine).ok_or_else(|| format!("no configuration for {machine:?}"))?;
        let birth = Birth { role: &machine.role, born: &born, kubernetes: &answer.kubernetes };
        let patches: Vec<_> = machine.patches.iter().filter(|patch| patch.level != "omni").cloned().collect();
        let theirs = match judges.minor_of(&minor, &cluster.name, birth, &patches) {
            Err(error) if minor == PREVIEW && error.contains("cannot be judged") => {
                *tally.unjudged.entry("born with a later preview".into()).or_default() += 1;
                continue;
            }
            theirs => theirs?,
        };
        let who = format!("{} {} on {minor}, born {born}", machine.set, machine.id);
        let Some(wanted) = theirs.config else {
            if theirs.stage.as_deref() == Some("load") {
                *tally
                    .unjudged
                    .entry("a document or a field that this Talos does not know".into())
                    .or_default() += 1;
                continue;
            }
            if ours.faults().next().is_none() {
                return Err(format!("{who}: the judge refuses at {:?}: {:?}", theirs.stage, theirs.errors));
            }
            tally.refused += 1;
            continue;
        };
        if let Some(fault) = ours.faults().next() {
            return Err(format!("{who}: {fault:?}, and the judge merges it"));
        }
        let text = text(&ours, &born);
        let got = judges.read(&minor, &text)?;
        let Some(got) = got.config else { return Err(format!("{who}: {:?}\n{text}", got.errors)) };
        let (wanted, got) = (leaves(&wanted)?, leaves(&got)?);
        if wanted != got {
            return Err(format!("{who}:\n{}\n{text}", difference(&wanted, &got)));
        }
        look(&Merged { machine, leaves: &wanted }).map_err(|error| format!("{who}: {error}"))?;
        tally.machines += 1;
        tally.leaves += wanted.len();
        tally.versions.insert((minor.clone(), format!("1.{}", cluster.target.created_with.line().1)));
    }
    Ok(())
}

/// The Omni judge is linked with one minor, which cannot make the configuration of a later birth; of its answer only the patches
/// count here.
fn oldest(born: &str) -> String {
    if born.starts_with("1.14") { "1.13.0".to_owned() } else { born.to_owned() }
}

/// The template of a cluster with all that is applied beside it.
fn question(compilation: &Compilation, index: usize, files: &Files) -> Option<Question> {
    let names = &compilation.flattener.types.names;
    let cluster = &compilation.clusters[index];
    let written = |document: &talosc::omni::Document| {
        emit::File::new(document.path.clone(), names.path(document.entry), &document.nodes)
    };
    let template = compilation.documents.iter().find(|document| document.of == Of::Cluster(index))?;
    let file = written(template);
    let directory =
        file.path.rsplit_once('/').map_or(String::new(), |(directory, _)| format!("{directory}/"));
    let mut source = Source::from(file.text.as_str()).named(&file.path).stripped();
    let home = compilation.layouts.get(template.entry)?.directory.clone();
    let unread = unread(compilation, index);
    // A file that is not read says nothing here, whatever stands in it; a manifest must be an object of Kubernetes.
    for (_, name) in file.text.lines().filter_map(|line| line.trim().split_once("file: ")) {
        let path = format!("{directory}{name}");
        let from_root = if home.is_empty() { path.clone() } else { format!("{home}/{path}") };
        let read = files
            .get(&from_root)
            .filter(|_| !unread.iter().any(|written| from_root.ends_with(written.as_str())));
        // Before Omni 1.8 a name is relative to where the client is called.
        let mut ours = compilation.documents.iter().filter(|document| document.of == Of::Patch);
        let ours =
            ours.find(|document| path.ends_with(&document.path)).map(|document| written(document).text);
        let text = ours.or(read.cloned()).unwrap_or_else(|| "machine: {}\n".to_owned());
        source = source.beside(&path, &text);
    }
    for name in manifests(&file.text) {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n";
        source = source.beside(&format!("{directory}{name}"), text);
    }
    let mut extra = Vec::new();
    for document in compilation.documents.iter().filter(|document| matches!(document.of, Of::Machines(_))) {
        if document.clusters.contains(&index) {
            extra.push(written(document).text);
        }
    }
    let mut question = Question::new(source);
    for text in &extra {
        question = question.with(text.as_str());
    }
    for loose in &compilation.fleet.loose {
        // A machine is in one set at a time; the first that may take it stands for the others.
        if let Some(&(_, set)) = loose.users.iter().find(|(cluster, _)| *cluster == index) {
            let set = format!("{}-{}", cluster.name, cluster.sets[set].name);
            question = question.member(&set, &loose.machine.id);
        }
    }
    Some(question)
}

/// The files that are not read, as they are written.
fn unread(compilation: &Compilation, index: usize) -> Vec<String> {
    let (sources, overlay) = (&compilation.flattener.types.names.sources, &compilation.overlays[index]);
    let mut out = Vec::new();
    for (at, set) in compilation.clusters[index].sets.iter().enumerate() {
        let machines = (0..set.machines().len()).map(|machine| overlay.machine(at, machine));
        for span in std::iter::once(overlay.set(at))
            .chain(machines)
            .flat_map(|config| config.unread().collect::<Vec<_>>())
        {
            out.push(sources.text(span).trim_matches(['"', '\'']).trim_start_matches("./").to_owned());
        }
    }
    out
}

fn manifests(template: &str) -> Vec<String> {
    let cluster = serde_yaml::Deserializer::from_str(template).next();
    let cluster = cluster.and_then(|document| <Value as serde::Deserialize>::deserialize(document).ok());
    let all = cluster.as_ref().and_then(|cluster| cluster.get("kubernetes")?.get("manifests")?.as_sequence());
    let files = all.into_iter().flatten().filter_map(|manifest| manifest.get("file")?.as_str());
    files.map(str::to_owned).collect()
}

/// What talosc says a machine of an answer gets.
fn config<'c>(compilation: &'c Compilation, index: usize, machine: &Machine) -> Option<Config<'c>> {
    let (cluster, overlay) = (&compilation.clusters[index], &compilation.overlays[index]);
    let set = cluster.sets.iter().position(|set| format!("{}-{}", cluster.name, set.name) == machine.set)?;
    if machine.id.is_empty() {
        return Some(overlay.set(set));
    }
    if let Some(listed) = cluster.sets[set].machines().iter().position(|listed| listed.id == machine.id) {
        return Some(overlay.machine(set, listed));
    }
    let mut picked = cluster.sets[set].picked.iter().zip(overlay.picked(set));
    picked.find(|(picked, _)| picked.machine.id == machine.id).map(|(_, config)| config)
}

/// A configuration as one text, with what the judge fills in where Omni would.
fn text(config: &Config<'_>, born: &str) -> String {
    let [endpoint, installer, disk] = BY_OMNI;
    let holes = [
        (endpoint, "https://127.0.0.1:6443".to_owned()),
        (installer, format!("installer:v{born}")),
        (disk, "/dev/vda".to_owned()),
    ];
    let mut documents = config.to_nodes();
    documents.iter_mut().for_each(|document| fill(document, &holes));
    emit::yaml::body(&documents).0
}

fn fill(node: &mut Node, holes: &[(&str, String)]) {
    match &mut node.value {
        Tree::Str(text) => {
            if let Some((_, with)) = holes.iter().find(|(hole, _)| hole == text) {
                *text = with.as_str().into();
            }
        }
        Tree::Map(map) => map.iter_mut().for_each(|(_, node)| fill(node, holes)),
        Tree::Seq(items) => items.iter_mut().for_each(|node| fill(node, holes)),
        Tree::Null | Tree::Bool(_) | Tree::Int(_) | Tree::Decimal(_) => {}
    }
}

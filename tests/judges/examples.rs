//! Every example, as it is and with only its versions changed, before the Omni client and the machinery of each Talos minor.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Failed;
use talosc::driver;
use talosc::emit::File;
use talosc::omni;
use talosc::source::loader::MemoryLoader;

use crate::judge::{Judges, Question, Source};

/// The examples: a directory, and for a minor the words that are left out of its sources, because that Talos does not have them.
pub(crate) const ALL: [(&str, &[(&str, &str)]); 2] =
    [("homelab", &[("1.9", "nfsd, ")]), ("static-machines", &[])];

/// A Kubernetes version that a minor of Talos supports.
pub(crate) fn kubernetes(minor: &str) -> &'static str {
    match minor {
        "1.9" => "1.32.0",
        "1.10" => "1.33.0",
        "1.11" => "1.34.0",
        "1.12" => "1.35.0",
        _ => "1.36.0",
    }
}

/// Judges an example as it is committed.
pub(crate) fn judge_as_it_is(judges: &mut Judges, directory: &str) -> Result<(), Failed> {
    let sources = sources(directory)?;
    let main = sources.get("cluster.talos").ok_or("no cluster.talos")?;
    let minor = version(main, "talos").ok_or("no talos")?;
    let minor = minor.rsplit_once('.').map_or(minor, |(minor, _)| minor).to_owned();
    let born = version(main, "created-with").ok_or("no created-with")?.to_owned();
    accept(judges, &sources, &minor, &born)
}

/// Judges an example with the versions of a minor, created with it and with the one two before it.
pub(crate) fn judge(
    judges: &mut Judges,
    directory: &str,
    dropped: &[(&str, &str)],
    minor: &str,
) -> Result<(), Failed> {
    let number: u32 = minor.strip_prefix("1.").and_then(|n| n.parse().ok()).ok_or("not a minor")?;
    for born in [format!("1.{number}.0"), format!("1.{}.0", number - 2)] {
        let mut sources = sources(directory)?;
        for text in sources.values_mut() {
            for (_, word) in dropped.iter().filter(|(of, _)| *of == minor) {
                *text = text.replace(word, "");
            }
            // The first patch that Omni takes of every minor: it refuses 1.13.1.
            *text = with_version(text, "talos", &format!("{minor}.2"));
            *text = with_version(text, "created-with", &born);
            *text = with_version(text, "kubernetes", kubernetes(minor));
        }
        accept(judges, &sources, minor, &born)?;
    }
    Ok(())
}

fn sources(directory: &str) -> Result<BTreeMap<String, String>, Failed> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(directory);
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "talos") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            out.insert(name, std::fs::read_to_string(path)?);
        }
    }
    Ok(out)
}

/// The line `field = vX` of a text: its start, and where the version begins and ends.
fn line<'t>(text: &'t str, field: &str) -> Option<(&'t str, &'t str)> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let version = value.trim().strip_prefix('v')?;
        (key.trim() == field).then_some((line, version))
    })
}

fn version<'t>(text: &'t str, field: &str) -> Option<&'t str> {
    line(text, field).map(|(_, version)| version)
}

fn with_version(text: &str, field: &str, to: &str) -> String {
    match line(text, field) {
        Some((line, version)) => text.replace(line, &line.replace(version, to)),
        None => text.to_owned(),
    }
}

/// Compiles without a finding, and every judge says yes.
fn accept(
    judges: &mut Judges,
    sources: &BTreeMap<String, String>,
    minor: &str,
    born: &str,
) -> Result<(), Failed> {
    let loader = MemoryLoader { files: sources.clone() };
    let compilation = driver::compile(&loader, &["cluster.talos".to_owned()]);
    let findings: Vec<_> = compilation.findings.iter().map(|d| (d.code.name(), &d.message)).collect();
    assert!(!compilation.has_errors(), "{minor}, born {born}: {findings:?}");
    let files: Vec<File> = compilation
        .documents
        .iter()
        .map(|document| omni::render(document, "cluster.talos", "omni"))
        .collect();
    assert!(files.iter().any(|file| file.path.contains("cluster-template/")), "no template");
    for file in files {
        let text = file.text.as_str();
        if file.path.contains("machine-classes/") {
            let applied = judges.resources(text)?;
            assert!(applied.ok, "{}: {applied:?}", file.path);
            continue;
        }
        let source = || Source::from(text).stripped();
        let verdict = judges.validate(source())?;
        assert!(verdict.ok, "{}: {verdict:?}", file.path);
        let machines = judges.machines(&Question::new(source()).born(born))?;
        assert!(machines.ok, "{minor}, born {born}: {:?} {:?}", machines.errors, machines.machines);
        for machine in judges.machines_on(minor, &machines)? {
            assert!(machine.judgement.ok, "{minor}, born {born}: {machine:?}");
            assert!(machine.judgement.warnings.is_empty(), "{minor}, born {born}: {machine:?}");
        }
    }
    Ok(())
}

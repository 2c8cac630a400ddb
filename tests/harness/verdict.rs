//! What the judges say of every golden of `tests/build` and of every example: yes, on each minor of its target.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};

use super::golden::{repository, text};
use super::judge::{self, Question, Source};
use super::project::{Files, Outcome, compile, examples, read_tree};
use super::{MAIN, directories, sources};

/// One trial per golden and example; ignored without Go.
pub(super) fn trials() -> Vec<Trial> {
    let ignored = judge::ignored();
    let mut trials = Vec::new();
    for directory in directories(&repository("tests/build")) {
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let judged = move || {
            let outcome = compile(&sources(&directory)?, &[MAIN]);
            let name = directory.file_name().unwrap_or_default().to_string_lossy();
            let output = read_tree(&directory.join("expected"), &|_| false);
            accepted(&format!("build/{name}"), &output, &outcome)
        };
        trials.push(Trial::test(format!("judged::build::{name}"), move || judged().map_err(Failed::from)));
    }
    for (name, files, entries) in examples() {
        for entry in entries {
            let files = files.clone();
            let title = format!("judged::example::{name}::{entry}");
            let name = format!("example/{name}/{entry}");
            let judged = move || {
                let outcome = compile(&files, &[&entry]);
                if !outcome.errors().is_empty() {
                    return Err(outcome.text);
                }
                accepted(&name, &outcome.output, &outcome)
            };
            trials.push(Trial::test(title, move || judged().map_err(Failed::from)));
        }
    }
    trials.into_iter().map(|trial| trial.with_ignored_flag(ignored)).collect()
}

/// Every template validates and every machine of it accepts its configuration; every resource is read without loss.
fn accepted(of: &str, output: &Files, outcome: &Outcome) -> judge::Result<()> {
    let mut judges = judge::shared()?;
    let unjudged = unjudged(of)?;
    if let Some(path) = unjudged.keys().find(|path| !output.contains_key(*path)) {
        return Err(format!("{UNJUDGED}: {of} writes no {path}"));
    }
    for (path, text) in output.iter().filter(|(path, _)| !outcome.patches.contains(*path)) {
        let Some(born) = outcome.born.get(path) else {
            let applied = judges.resources(text.as_str())?;
            if !applied.ok {
                return Err(format!("{path}: {:?} {:?}", applied.errors, applied.lost));
            }
            continue;
        };
        let source = Source::from(text.as_str()).named(path).stripped();
        let source = beside(source, path, text, output, outcome);
        let verdict = judges.validate(source.clone())?;
        if !verdict.ok {
            return Err(format!("{path}: {:?}", verdict.errors));
        }
        let minor = talos_minor(text).ok_or_else(|| format!("{path} says no version of Talos"))?;
        match (judge::MINORS.contains(&minor.as_str()), unjudged.get(path)) {
            (true, None) => {}
            (true, Some(_)) => return Err(format!("{UNJUDGED}: {of} {path} has a judge now")),
            (false, Some(listed)) if *listed == minor => {
                let verdict = judges.render(source)?;
                if !verdict.ok {
                    return Err(format!("{path}: {:?}", verdict.errors));
                }
                continue;
            }
            (false, _) => {
                return Err(format!("{path}: Talos {minor} has no judge, and {UNJUDGED} does not say so"));
            }
        }
        let machines = judges.machines(&Question::new(source).born(born))?;
        if !machines.ok {
            let said: Vec<_> = machines.machines.iter().map(|m| (&m.set, &m.judgement.errors)).collect();
            return Err(format!("{path}: {:?} {said:?}", machines.errors));
        }
        for machine in judges.machines_on(&minor, &machines)? {
            if !machine.judgement.ok {
                return Err(format!("{path}, Talos {minor}: {} {:?}", machine.set, machine.judgement.errors));
            }
        }
    }
    Ok(())
}

/// The list of templates whose machines no judge can load.
const UNJUDGED: &str = "tests/judges/machines-unjudged.txt";

/// The templates of a golden or an example whose machines no judge can load, with the minor of their Talos.
fn unjudged(of: &str) -> judge::Result<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    for line in text(UNJUDGED).lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let [name, path, minor] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(format!("{UNJUDGED}: expected three words in {line:?}"));
        };
        if name == of {
            out.insert(path.to_owned(), minor.to_owned());
        }
    }
    Ok(out)
}

/// The minor of Talos that a template asks for.
fn talos_minor(template: &str) -> Option<String> {
    let cluster = serde_yaml::Deserializer::from_str(template).next()?;
    let cluster: serde_yaml::Value = serde::Deserialize::deserialize(cluster).ok()?;
    let version = cluster.get("talos")?.get("version")?.as_str()?.strip_prefix('v')?;
    let mut parts = version.split('.');
    Some(format!("{}.{}", parts.next()?, parts.next()?))
}

/// The files that a template names for manifests.
fn manifest_files(template: &str) -> Vec<String> {
    let cluster = serde_yaml::Deserializer::from_str(template).next();
    let cluster =
        cluster.and_then(|document| <serde_yaml::Value as serde::Deserialize>::deserialize(document).ok());
    let manifests =
        cluster.as_ref().and_then(|cluster| cluster.get("kubernetes")?.get("manifests")?.as_sequence());
    let files = manifests.into_iter().flatten().filter_map(|manifest| manifest.get("file")?.as_str());
    files.map(str::to_owned).collect()
}

/// The patch files of a template stand beside it.
fn beside(mut source: Source, path: &str, template: &str, output: &Files, outcome: &Outcome) -> Source {
    let directory = path.rsplit_once('/').map_or(String::new(), |(directory, _)| format!("{directory}/"));
    // A secret file is in nobody's repository.
    let manifests = manifest_files(template);
    let named = template.lines().filter_map(|line| line.trim().split_once("file: "));
    for (_, file) in named {
        let object = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n";
        let text = if manifests.iter().any(|path| path == file) { object } else { "machine: {env: {A: b}}" };
        source = source.beside(&format!("{directory}{file}"), text);
    }
    for (path, text) in &outcome.referred {
        source = source.beside(path, text);
    }
    for path in &outcome.patches {
        source = source.beside(path, output.get(path).map_or("", String::as_str));
    }
    source
}

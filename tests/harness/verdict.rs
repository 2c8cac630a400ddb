//! What the judges say of every golden of `tests/build` and of every example: yes, on each minor of its target.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};

use super::golden::repository;
use super::judge::{self, Question, Source};
use super::project::{Files, compile, examples, read_tree};
use super::{MAIN, directories, sources};

/// One trial per golden and example; ignored without Go.
pub(super) fn trials() -> Vec<Trial> {
    let ignored = judge::ignored();
    let mut trials = Vec::new();
    for directory in directories(&repository("tests/build")) {
        let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let judged = move || {
            let outcome = compile(&sources(&directory)?, &[MAIN]);
            accepted(&read_tree(&directory.join("expected"), &|_| false), &outcome.born)
        };
        trials.push(Trial::test(format!("judged::build::{name}"), move || judged().map_err(Failed::from)));
    }
    for (name, files, entries) in examples() {
        for entry in entries {
            let files = files.clone();
            let title = format!("judged::example::{name}::{entry}");
            let judged = move || {
                let outcome = compile(&files, &[&entry]);
                if !outcome.errors().is_empty() {
                    return Err(outcome.text);
                }
                accepted(&outcome.output, &outcome.born)
            };
            trials.push(Trial::test(title, move || judged().map_err(Failed::from)));
        }
    }
    trials.into_iter().map(|trial| trial.with_ignored_flag(ignored)).collect()
}

/// Every template validates and every machine of it accepts its configuration; every resource is read without loss.
fn accepted(output: &Files, born: &BTreeMap<String, String>) -> judge::Result<()> {
    let mut judges = judge::shared()?;
    for (path, text) in output {
        if !path.starts_with("cluster-template/") {
            let applied = judges.resources(text.as_str())?;
            if !applied.ok {
                return Err(format!("{path}: {:?} {:?}", applied.errors, applied.lost));
            }
            continue;
        }
        if path.starts_with("cluster-template/patches/") {
            continue;
        }
        let source = beside(Source::from(text.as_str()).named(path).stripped(), text, output);
        let verdict = judges.validate(source.clone())?;
        if !verdict.ok {
            return Err(format!("{path}: {:?}", verdict.errors));
        }
        let mut question = Question::new(source);
        if let Some(born) = born.get(path) {
            question = question.born(born);
        }
        let machines = judges.machines(&question)?;
        if !machines.ok {
            let said: Vec<_> = machines.machines.iter().map(|m| (&m.set, &m.judgement.errors)).collect();
            return Err(format!("{path}: {:?} {said:?}", machines.errors));
        }
        let minor = machines.talos.rsplit_once('.').map_or(machines.talos.as_str(), |(minor, _)| minor);
        let minor = minor.trim_start_matches('v').to_owned();
        for machine in judges.machines_on(&minor, &machines)? {
            if !machine.judgement.ok {
                return Err(format!("{path}, Talos {minor}: {} {:?}", machine.set, machine.judgement.errors));
            }
        }
    }
    Ok(())
}

/// The patch files of a template stand beside it.
fn beside(mut source: Source, template: &str, output: &Files) -> Source {
    // A secret file is in nobody's repository.
    let named: Vec<&str> =
        template.lines().filter_map(|line| line.trim().split_once("file: ")).map(|(_, file)| file).collect();
    for file in named {
        source = source.beside(&format!("cluster-template/{file}"), "machine: {env: {A: b}}");
    }
    for (path, text) in output.iter().filter(|(path, _)| path.starts_with("cluster-template/patches/")) {
        source = source.beside(path, text);
    }
    source
}

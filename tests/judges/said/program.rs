//! Programs as lists of what their levels say, so that one that fails can be made smaller until nothing can be left out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use talosc::diagnostics::Severity;

use super::compiled;
use crate::project::Files;

/// Who says something: a cluster, a role, a set, or a machine. Both sets of workers have the role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    Cluster,
    Role,
    /// The set of control planes.
    Control,
    /// A set of workers that are listed.
    Workers,
    /// A set of workers that a class picks.
    Picked,
    /// The control plane.
    One,
    /// The worker that is listed.
    Two,
    /// A machine that the class picks.
    Far,
}

impl Level {
    /// Every level, the higher ones first.
    pub(super) const ALL: [Level; 8] = [
        Level::Cluster,
        Level::Role,
        Level::Control,
        Level::Workers,
        Level::Picked,
        Level::One,
        Level::Two,
        Level::Far,
    ];

    /// Whether a machine gets what this level says, by its set and its id, which is empty for what the set alone says.
    pub(super) fn reaches(self, set: &str, id: &str) -> bool {
        match self {
            Level::Cluster => true,
            Level::Role => !set.ends_with("-control-planes"),
            Level::Control => set.ends_with("-control-planes"),
            Level::Workers => set.ends_with("-workers"),
            Level::Picked => set.ends_with("-picked"),
            Level::One => id.ends_with('1'),
            Level::Two => id.ends_with('2'),
            Level::Far => id.ends_with('3'),
        }
    }

    /// The levels below this one that reach a part of its machines.
    pub(super) fn below(self) -> &'static [Level] {
        match self {
            Level::Cluster => &Self::ALL[1..],
            Level::Role => &[Level::Workers, Level::Picked, Level::Two, Level::Far],
            Level::Control => &[Level::One],
            Level::Workers => &[Level::Two],
            Level::Picked => &[Level::Far],
            Level::One | Level::Two | Level::Far => &[],
        }
    }
}

/// The id of a machine.
fn id(n: usize) -> String {
    format!("4c4c4544-0039-3010-804a-b7c04f4d320{n}")
}

/// One thing that a level says.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) level: Level,
    /// What messages that do not point at its line may call it.
    pub(super) mark: String,
    /// What it needs at top level.
    pub(super) top: String,
    /// Its line in the body.
    pub(super) line: String,
    /// The file that the line names, if it does: path and text.
    pub(super) file: Option<(String, String)>,
}

/// Where all of it is said.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) name: String,
    /// The minor of Talos that runs.
    pub(super) target: u64,
    /// The minor of Talos that the cluster was born with.
    pub(super) born: u64,
    /// The minor of Omni.
    pub(super) omni: u64,
    pub(super) positional: bool,
}

/// What is said reaches the machine, though Kubernetes refuses some of it later.
const ALLOWED: &str = "allow(node-taints-on-workers, \"what is said is judged here\")";

impl Program {
    /// The files of a program that says some items, and the line of each in `main.talos`.
    pub(super) fn files(&self, items: &[Item]) -> (Files, Vec<usize>) {
        let mut files = Files::new();
        let mut out = String::from("class pick { match = [\"size = big\"] }\n");
        let mut lines = vec![0; items.len()];
        for item in items.iter().filter(|item| !item.top.is_empty()) {
            // Two levels may need the same.
            if !out.contains(&item.top) {
                let _ = writeln!(out, "{}", item.top);
            }
        }
        let mut say = |out: &mut String, level: Level, indent: &str| {
            for (item, line) in items.iter().zip(&mut lines).filter(|(item, _)| item.level == level) {
                *line = out.lines().count();
                let _ = writeln!(out, "{indent}{}", item.line);
                files.extend(item.file.clone());
            }
        };
        for (name, n, class, level) in [
            ("one", 1, "", Level::One),
            ("two", 2, "", Level::Two),
            ("far", 3, "  class = pick\n", Level::Far),
        ] {
            let _ = write!(out, "machine {name} {{\n  id = {}\n{class}  {ALLOWED}\n", id(n));
            say(&mut out, level, "  ");
            out.push_str("}\n");
        }
        let _ = writeln!(out, "role work {{\n  {ALLOWED}");
        say(&mut out, Level::Role, "  ");
        let Program { name, target, born, omni, positional } = self;
        // Omni takes the preview by the name of a pre-release only.
        let release = |minor: &u64, patch| match minor {
            14 => "1.14.0-alpha.2".to_owned(),
            _ => format!("1.{minor}.{patch}"),
        };
        let (release, born) = (release(target, 2), release(born, 0));
        let kubernetes = crate::examples::kubernetes(&format!("1.{target}"));
        let _ = writeln!(
            out,
            "}}\ncluster {name} {{\n  omni = v1.{omni}, talos = v{release}, created-with = v{born}, kubernetes = v{kubernetes}"
        );
        let _ = writeln!(out, "  {ALLOWED}");
        if *positional {
            out.push_str("  patch-ids = positional\n");
        }
        say(&mut out, Level::Cluster, "  ");
        for (head, level) in [
            ("controlplane {\n    machines = [one]", Level::Control),
            ("workers {\n    role = work, machines = [two]", Level::Workers),
            ("workers picked {\n    role = work, class = pick, size = 1", Level::Picked),
        ] {
            let _ = writeln!(out, "  {head}");
            say(&mut out, level, "    ");
            out.push_str("  }\n");
        }
        out.push_str("}\n");
        files.insert("main.talos".to_owned(), out);
        (files, lines)
    }
}

/// The items that are left when those are taken out that talosc refuses, by their place.
pub(super) fn accepted(program: &Program, items: &[Item]) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..items.len()).collect();
    while !kept.is_empty() {
        let own: Vec<Item> = kept.iter().map(|at| items[*at].clone()).collect();
        let (files, lines) = program.files(&own);
        let compilation = compiled(&files, "main.talos");
        if !compilation.has_errors() {
            break;
        }
        let sources = &compilation.flattener.types.names.sources;
        let mut blamed = BTreeSet::new();
        for finding in compilation.findings.iter().filter(|finding| finding.severity == Severity::Error) {
            // What is said again is blamed on the one that says it again.
            let at = finding.labels.iter().filter_map(|label| {
                let file = sources.file(label.span.file);
                match file.name.as_str() {
                    "main.talos" => {
                        let line = file.lines().line(label.span.start as usize);
                        lines.iter().position(|of| *of == line)
                    }
                    name => {
                        own.iter().position(|item| item.file.as_ref().is_some_and(|(path, _)| path == name))
                    }
                }
            });
            let named = || own.iter().rposition(|item| finding.message.contains(&item.mark));
            blamed.extend(at.max().or_else(named));
        }
        if blamed.is_empty() {
            blamed.insert(own.len() - 1);
        }
        for at in blamed.into_iter().rev() {
            kept.remove(at);
        }
    }
    kept
}

/// The fewest of some items that still fail, as `fails` says: none of them can be left out.
pub(super) fn shrink<T: Clone>(items: &[T], fails: &mut dyn FnMut(&[T]) -> bool) -> Vec<T> {
    let mut items = items.to_vec();
    let mut chunk = items.len().div_ceil(2);
    while chunk > 0 {
        let (mut at, before) = (0, items.len());
        while at < items.len() {
            let mut fewer = items.clone();
            fewer.drain(at..(at + chunk).min(items.len()));
            if fails(&fewer) {
                items = fewer;
            } else {
                at += chunk;
            }
        }
        if chunk == 1 && items.len() == before {
            break;
        }
        chunk = if chunk == 1 { 1 } else { chunk.div_ceil(2) };
    }
    items
}

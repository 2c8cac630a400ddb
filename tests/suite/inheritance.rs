//! Every operator at every level, on what is there and on what is not: each says something or does something.
//!
//! `tests/golden/inheritance.txt` has what: the codes of the findings, or the lines of the output that it changes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::golden;
use crate::project::{Files, Outcome, compile};

/// Where a line stands, and where what it is about stands.
#[derive(Clone, Copy, PartialEq)]
enum Level {
    /// In a role, and in its parent.
    Role,
    /// In a role, and in its mixin.
    Mixin,
    /// In a block of fields that a role takes in, and in the parent of the role.
    Let,
    /// In a set, and in its role.
    SetRole,
    /// In a set, and in its cluster.
    SetCluster,
    /// In a machine, and in its set.
    Machine,
    /// In a machine that a class picks up, and in a set that takes machines from the class.
    Picked,
    /// In a machine, and in a machine that it extends.
    Template,
    /// In a cluster, and in a cluster that it extends.
    Cluster,
    /// In a set of a cluster, and in the same set of a cluster that it extends.
    SetSet,
}
use Level::{Cluster, Let, Machine, Mixin, Picked, Role, SetCluster, SetRole, SetSet, Template};

const LEVELS: [(&str, Level); 10] = [
    ("role", Role),
    ("mixin", Mixin),
    ("let", Let),
    ("set-role", SetRole),
    ("set-cluster", SetCluster),
    ("machine", Machine),
    ("picked", Picked),
    ("template", Template),
    ("cluster", Cluster),
    ("set-set", SetSet),
];
/// Where fields of sets alone may stand.
const OF_SETS: &[Level] = &[SetRole, SetCluster, SetSet];
/// Where kernel arguments may stand: Omni has none for machines that exist already and come from a class.
const OF_LISTED: &[Level] = &[Role, Mixin, Let, SetRole, SetCluster, Machine, Template, Cluster, SetSet];
/// Fields of machines alone.
const OF_MACHINES: &[Level] = &[Machine, Picked, Template];

/// A field: what may be there already, and what is said of it.
struct Field {
    /// What its values need, on the cluster.
    with: &'static str,
    /// Only at some levels; at all if there are none.
    at: &'static [Level],
    /// Only where it is inherited from its own kind can it be there.
    apart: bool,
    there: &'static [&'static str],
    lines: &'static [&'static str],
}

#[rustfmt::skip]
const FIELDS: &[Field] = &[
    Field { with: "extensions = [crun, youki]", at: &[], apart: false, there: &["", "runtime = crun", "runtime = youki"], lines: &[
        "runtime = crun", "override runtime = crun", "final runtime = crun", "final override runtime = crun", "unset runtime",
        "remove runtime", "runtime += [crun]", "final unset runtime", "override unset runtime",
    ] },
    Field { with: "", at: &[], apart: false, there: &["", "timeservers = [\"a.example\"]", "timeservers = [\"b.example\"]"], lines: &[
        "timeservers = [\"a.example\"]", "override timeservers = [\"a.example\"]", "timeservers += [\"a.example\"]",
        "timeservers -= [\"a.example\"]", "override timeservers += [\"a.example\"]", "override timeservers -= [\"a.example\"]",
        "final timeservers += [\"a.example\"]", "unset timeservers", "timeservers = []", "override timeservers = []",
        "timeservers += []", "timeservers -= []",
    ] },
    Field { with: "", at: &[], apart: false, there: &["", "extensions = [nfsd]", "extensions = [gvisor]"], lines: &[
        "extensions = [nfsd]", "override extensions = [nfsd]", "extensions += [nfsd]", "extensions -= [nfsd]", "unset extensions",
        "extensions = []", "override extensions = []", "override extensions += [nfsd]",
    ] },
    Field { with: "", at: &[], apart: false, there: &["", "node-labels { k = \"1\" }", "node-labels { k = \"2\" }", "node-labels { j = \"1\" }"], lines: &[
        "node-labels { k = \"1\" }", "node-labels { override k = \"1\" }", "override node-labels { k = \"1\" }", "remove node-labels.k",
        "unset node-labels.k", "unset node-labels", "final node-labels.k = \"1\"", "node-labels {}", "override node-labels {}",
        "node-labels { unset k }", "node-labels { remove k }", "node-labels { final remove k }",
    ] },
    Field { with: "", at: &[], apart: false, there: &["", "kernel { modules = [nbd] }", "kernel { modules = [{ name = nbd, parameters = [\"a=1\"] }] }"], lines: &[
        "kernel.modules = [nbd]", "kernel.modules += [nbd]", "kernel.modules -= [nbd]", "override kernel.modules = [nbd]",
        "unset kernel.modules", "override kernel.modules += [nbd]", "kernel.modules += [{ name = nbd, override parameters = [\"a=2\"] }]",
        "kernel { modules += [{ name = nbd, parameters -= [\"a=1\"] }] }", "kernel {}", "override kernel {}", "unset kernel", "final kernel { modules += [nbd] }",
    ] },
    Field { with: "", at: &[], apart: false, there: &["", "patch p { machine.env.A = \"1\" }", "patch p { machine.env.B = \"1\" }"], lines: &[
        "patch p { machine.env.A = \"1\" }", "patch p { override machine.env.A = \"2\" }", "override patch p { machine.env.C = \"1\" }",
        "remove patch p", "unset patch p", "patch p { unset machine.env.A }", "patch p { remove machine.env.A }", "final patch p { machine.env.C = \"1\" }",
        "patch p { delete machine.env.A }", "secret remove patch p", "patch p {}",
    ] },
    Field { with: "link up { mac = bc:24:11:be:6c:08, dhcp = true }", at: &[], apart: false, there: &["", "link eth0 { mtu = 1400 }", "link eth0 { mtu = 1500 }"], lines: &[
        "link eth0 { mtu = 1400 }", "link eth0 { override mtu = 1400 }", "override link eth0 { mtu = 1400 }", "remove link eth0",
        "unset link eth0", "link eth0 { unset mtu }", "link eth0 { routes += [{ gateway = 10.0.0.1, override metric = 3 }] }",
        "link eth0 { routes += [{ gateway = 10.0.0.1, final metric = 3 }] }",
    ] },
    Field { with: "", at: &[], apart: false, there: &["", "patches = [p]", "patches = [q]"], lines: &[
        "patches = [p]", "patches += [p]", "patches -= [p]", "override patches = [p]", "unset patches", "remove patch p", "patch p { override machine.env.A = \"2\" }",
    ] },
    Field { with: "", at: OF_LISTED, apart: false, there: &["", "kernel { args = [\"quiet\"] }"], lines: &[
        "kernel.args += [\"quiet\"]", "kernel.args -= [\"quiet\"]", "unset kernel.args", "override kernel.args = []", "override kernel.args = [\"panic=1\"]",
    ] },
    Field { with: "extensions = [crun, youki]", at: &[], apart: false, there: &["", "runtimes = [crun]"], lines: &[
        "runtimes += [crun]", "runtimes -= [crun]", "unset runtimes", "override runtimes = []", "override runtimes = [youki]",
    ] },
    // The labels of the resource are those of a level alone.
    Field { with: "", at: &[], apart: true, there: &["", "labels { k = \"1\" }", "labels { k = \"2\" }"], lines: &[
        "labels { k = \"1\" }", "labels { override k = \"1\" }", "remove labels.k", "unset labels", "override labels { k = \"1\" }",
    ] },
    Field { with: "", at: OF_SETS, apart: true, there: &["", "upgrade-strategy = rolling(1)", "upgrade-strategy = rolling(2)"], lines: &[
        "upgrade-strategy = rolling(1)", "override upgrade-strategy = rolling(1)", "unset upgrade-strategy", "remove upgrade-strategy",
    ] },
    Field { with: "", at: OF_MACHINES, apart: true, there: &["", "locked = true", "locked = false"], lines: &[
        "locked = true", "override locked = true", "unset locked",
    ] },
];

const HEAD: &str =
    "omni = v1.10, talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\ncontrolplane {}\n";
const TOP: &str = "patch p { machine.env.A = \"1\" }\npatch q { machine.env.B = \"1\" }\n";
const ID: &str = "id = 4c4c4544-0039-3010-804a-b7c04f4d3231";

/// A program that says a line on top of what is there.
fn program(level: Level, with: &str, there: &str, line: &str) -> String {
    let plain = "machine m { id = 4c4c4544-0039-3010-804a-b7c04f4d3231 }\n";
    let lab = |common: &str, set: &str| {
        format!("cluster lab {{\n{HEAD}{with}\n{common}\nworkers {{ machines = [m]\n{set}\n}}\n}}\n")
    };
    let base = format!("abstract role base {{\n{there}\n}}\n");
    match level {
        Role => format!("{base}role w extends base {{\n{line}\n}}\n{plain}{}", lab("", "role = w")),
        Mixin => format!("{base}role w with base {{\n{line}\n}}\n{plain}{}", lab("", "role = w")),
        Let => format!(
            "{base}let l = {{\n{line}\n}}\nrole w extends base {{ with l }}\n{plain}{}",
            lab("", "role = w")
        ),
        SetRole => format!("role w {{\n{there}\n}}\n{plain}{}", lab("", &format!("role = w\n{line}"))),
        SetCluster => format!("{plain}{}", lab(there, line)),
        Machine => format!("machine m {{ {ID}\n{line}\n}}\n{}", lab("", there)),
        Picked => {
            let set = lab("", there).replace("machines = [m]", "class = c, size = 1");
            format!("class c {{ match = [\"a = b\"] }}\nmachine m {{ {ID}, class = c\n{line}\n}}\n{set}")
        }
        Template => {
            format!(
                "abstract machine t {{\n{there}\n}}\nmachine m extends t {{ {ID}\n{line}\n}}\n{}",
                lab("", "")
            )
        }
        Cluster => format!(
            "abstract cluster all {{\n{HEAD}{with}\n{there}\n}}\n{plain}cluster lab extends all {{\nworkers {{ machines = [m] }}\n{line}\n}}\n"
        ),
        SetSet => {
            let set = if line.is_empty() { String::new() } else { format!("workers {{\n{line}\n}}\n") };
            format!(
                "abstract cluster all {{\n{HEAD}{with}\nworkers {{ machines = [m]\n{there}\n}}\n}}\n{plain}\
                 cluster lab extends all {{\n{set}}}\n"
            )
        }
    }
}

fn run(text: &str) -> Outcome {
    let top = if text.contains("patches") { TOP } else { "" };
    compile(&Files::from([("x.talos".to_owned(), format!("{top}{text}"))]), &["x.talos"])
}

/// What a line comes to; `None` if nothing tells that it was there.
fn cell(level: Level, with: &str, there: &str, line: &str) -> Option<String> {
    let (before, after) = (run(&program(level, with, there, "")), run(&program(level, with, there, line)));
    let codes = |outcome: &Outcome| -> Vec<String> {
        let all = outcome
            .codes()
            .into_iter()
            .filter(|code| !matches!(*code, "unused-declaration" | "machine-labels"));
        all.map(str::to_owned).collect()
    };
    assert!(codes(&before).is_empty(), "{there}:\n{}", before.text);
    let said = codes(&after);
    if !said.is_empty() {
        return Some(said.join(" "));
    }
    let moved = before.output != after.output;
    let lines = |outcome: &Outcome| -> Vec<String> {
        outcome.output.values().flat_map(|text| text.lines()).map(|line| line.trim().to_owned()).collect()
    };
    let (before, after) = (lines(&before), lines(&after));
    let without = |all: &[String], others: &[String], sign: &str| -> Vec<String> {
        let mut others = others.to_vec();
        let mut out = Vec::new();
        for line in all {
            match others.iter().position(|other| other == line) {
                Some(at) => drop(others.remove(at)),
                None => out.push(format!("{sign}{line}")),
            }
        }
        out
    };
    let mut changes = without(&before, &after, "-");
    changes.extend(without(&after, &before, "+"));
    // Of what is about the values the first of each line, else whatever it is.
    let words: Vec<&str> =
        line.split(|c: char| !c.is_ascii_alphanumeric()).chain(there.split(['"', '[', ']', ' '])).collect();
    let about = |change: &&String| words.iter().any(|word| word.len() > 2 && change.contains(word));
    let mut told: Vec<&str> = changes.iter().filter(about).map(String::as_str).collect();
    if told.is_empty() {
        told = changes.iter().map(String::as_str).collect();
    }
    let mut seen = BTreeSet::new();
    told.retain(|change| seen.insert(*change));
    match (told.is_empty(), moved) {
        (false, _) => Some(told.join(" ")),
        (true, true) => Some("said by another level".to_owned()),
        (true, false) => None,
    }
}

/// What may come to nothing without a word, and why. What a block of fields
/// that is mixed in says may agree with what a base says.
#[rustfmt::skip]
const SILENT: &[(&str, &str)] = &[
    ("kernel.args += [\"quiet\"]", "a set ignores what it has"),
    ("timeservers += [\"a.example\"]", "a level writes what is lacking"),
    ("timeservers = []", "an empty list is written where it takes something away"),
    ("runtimes += [crun]", "a set ignores what it has"),
    ("patches += [p]", "a set ignores what it has"),
    ("extensions += [nfsd]", "a set ignores what it has"),
    ("kernel.modules += [nbd]", "a map by name ignores what it has"),
    ("final kernel { modules += [nbd] }", "descendants may not change it any more"),
    ("final override runtime = crun", "descendants may not change it any more"),
    ("final timeservers += [\"a.example\"]", "descendants may not change it any more"),
];

#[test]
fn no_operator_is_without_a_word_or_an_effect() {
    let (mut table, mut silent) = (String::new(), BTreeSet::new());
    for field in FIELDS {
        for line in field.lines {
            for there in field.there {
                let mut outcomes: Vec<(String, Vec<&str>)> = Vec::new();
                for &(name, level) in &LEVELS {
                    let own = matches!(level, SetSet | Template | Cluster | Role | Mixin | Let | SetRole);
                    let can_be_there =
                        there.is_empty() || !field.apart || own && !(level == SetRole && field.at == OF_SETS);
                    if !(field.at.is_empty() || field.at.contains(&level)) || !can_be_there {
                        continue;
                    }
                    let outcome = cell(level, field.with, there, line).unwrap_or_else(|| {
                        // The body of a set may decide between its role and its cluster.
                        let decides = level == SetRole && line.contains("override");
                        if level != Let && !decides && !SILENT.iter().any(|(known, _)| known == line) {
                            silent.insert(format!("{name}: `{line}` on `{there}`"));
                        }
                        "nothing".to_owned()
                    });
                    match outcomes.iter_mut().find(|(known, _)| *known == outcome) {
                        Some((_, levels)) => levels.push(name),
                        None => outcomes.push((outcome, vec![name])),
                    }
                }
                let _ = writeln!(table, "{line}   on   {}", if there.is_empty() { "nothing" } else { there });
                for (outcome, levels) in outcomes {
                    let _ = writeln!(table, "    {}: {outcome}", levels.join(", "));
                }
            }
        }
    }
    assert!(
        silent.is_empty(),
        "{} say nothing and do nothing:\n{}",
        silent.len(),
        Vec::from_iter(silent).join("\n")
    );
    let path = golden::repository("tests/golden/inheritance.txt");
    golden::compare(&path, &table, golden::blessing()).unwrap_or_else(|why| panic!("{why}"));
}

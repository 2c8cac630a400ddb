//! Said is got, for everything of a node that is a list or a map: each element that a level says is in the configuration of its
//! machines exactly once after the real Omni and Talos have merged the levels, whichever levels say it, and however many.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use libtest_mimic::Failed;
use talosc::kinds::{self, ROLE};
use talosc::schema::{Schema, Type};

use crate::judge::{Judges, Question};

/// How a level says one element of a field; `@` stands for a mark that is nowhere else.
const SAMPLES: &[(&str, &str)] = &[
    ("timeservers", "timeservers += [\"@.example.org\"]"),
    ("kernel.modules", "kernel { modules += [\"@\"] }"),
    ("kernel.sysctls", "kernel { sysctls { \"net.@\" = \"1\" } }"),
    ("kernel.sysfs", "kernel { sysfs { \"block.@\" = \"1\" } }"),
    ("kubelet.args", "kubelet { args { @ = \"v\" } }"),
    ("kubelet.config", "kubelet { config { allowedUnsafeSysctls += [\"net.@\"] } }"),
    ("node-labels", "node-labels { @ = \"a\" }"),
    ("node-annotations", "node-annotations { @ = \"a\" }"),
    ("node-taints", "node-taints { @ = \"a:NoSchedule\" }"),
    ("mounts", "mounts += [{ destination = \"/var/@\", source = \"/var/lib\" }]"),
    ("volume", "volume @ { disk = 'system_disk', min-size = 1GiB, max-size = 2GiB }"),
    ("mirrors", "mirrors { \"@.example.org\" { endpoints += [\"https://mirror.example.org\"] } }"),
    ("mirrors.endpoints", "mirrors { \"docker.io\" { endpoints += [\"https://@.example.org\"] } }"),
    ("patch", "patch @ { machine.env.@ = \"v\" }"),
    ("patches", "patches += [p-@]"),
];

/// Lists and maps that are proved elsewhere, or that no configuration holds.
const ELSEWHERE: &[(&str, &str)] = &[
    ("runtimes", "RuntimeClasses and node labels: `runtime_labels_reach_the_node`"),
    ("extensions", "Omni takes the nearest list, which talosc writes whole"),
    ("preinstalled", "written with the extensions"),
    ("kernel.args", "Omni takes the nearest list, which talosc writes whole"),
    ("kernel.modules.parameters", "of a module that a higher level loads: `tests/ui/emitted-above_module`"),
    ("mounts.options", "of a mount that a higher level has: `tests/ui/emitted-above_mount`"),
    ("labels", "of the resource in Omni"),
    ("annotations", "of the resource in Omni"),
    ("link", "links have judges of their own: `tests/suite/networks.rs`"),
    ("patch.labels", "of the patch in Omni"),
    ("patch.annotations", "of the patch in Omni"),
    ("patch.machine", "what a patch holds is the user's"),
    ("patch.cluster", "what a patch holds is the user's"),
    ("patch.document", "what a patch holds is the user's"),
];

/// The paths of lists and maps in a schema.
fn lists(schema: &Schema, before: &str, out: &mut BTreeSet<String>) {
    for (name, field) in &schema.fields {
        let path = format!("{before}{name}");
        let below = format!("{path}.");
        match &field.ty {
            Type::Block(inner) => lists(inner, &below, out),
            Type::Map(inner, _) => {
                out.insert(path);
                if let Type::Block(inner) = &**inner {
                    lists(inner, &below, out);
                }
            }
            Type::Keyed(keyed) => {
                out.insert(path);
                lists(&keyed.schema, &below, out);
            }
            // The parts of links are proved with them.
            Type::Entries(entries) => {
                out.insert(path.clone());
                if path != "link" {
                    lists(&entries.schema, &below, out);
                }
            }
            Type::Set(_) | Type::List(_) | Type::Config => drop(out.insert(path)),
            _ => {}
        }
    }
}

/// Every list and map of a node is in one of the two tables.
pub(crate) fn every_list_has_a_sample(_: &mut Judges) -> Result<(), Failed> {
    let mut known = BTreeSet::new();
    lists(&kinds::get(ROLE).schema, "", &mut known);
    let named: Vec<&str> = SAMPLES.iter().chain(ELSEWHERE).map(|(path, _)| *path).collect();
    let listed: BTreeSet<String> = named.iter().map(|path| path.to_string()).collect();
    assert_eq!(listed.len(), named.len(), "a path stands in both tables");
    assert_eq!(known, listed, "lists and maps of a node");
    Ok(())
}

/// Which levels say the element of a mark.
const LEVELS: [(char, &[Level]); 8] = [
    ('c', &[Level::Cluster]),
    ('r', &[Level::Role]),
    ('s', &[Level::Set]),
    ('m', &[Level::Machine]),
    ('a', &[Level::Cluster, Level::Role]),
    ('b', &[Level::Cluster, Level::Set]),
    ('d', &[Level::Role, Level::Machine]),
    ('e', &[Level::Cluster, Level::Role, Level::Set, Level::Machine]),
];

#[derive(Clone, Copy, PartialEq)]
enum Level {
    Cluster,
    Role,
    Set,
    Machine,
}

fn mark(field: usize, levels: char) -> String {
    format!("zq{field}{levels}")
}

/// What a level says of all fields.
fn body(level: Level) -> String {
    let mut out = String::new();
    for (i, (_, sample)) in SAMPLES.iter().enumerate() {
        for (letter, _) in LEVELS.iter().filter(|(_, levels)| levels.contains(&level)) {
            let _ = writeln!(out, "  {}", sample.replace('@', &mark(i, *letter)));
        }
    }
    out
}

/// A program in which every level says something of every field.
fn program(born: &str) -> String {
    let mut out = String::from("class picked { match = [\"zone = a\"] }\n");
    for (i, (path, _)) in SAMPLES.iter().enumerate().filter(|(_, (path, _))| *path == "patches") {
        for (letter, _) in LEVELS {
            let mark = mark(i, letter);
            let file = format!(
                "{{ path = \"/var/{mark}-file\", content = \"a\", permissions = 0o644, op = \"create\" }}"
            );
            let _ = writeln!(out, "patch p-{mark} {{ machine.files = [{file}] }} # {path}");
        }
    }
    let machine = body(Level::Machine);
    for (name, id, more) in [("one", 0, ""), ("two", 1, ""), ("far", 2, "class = picked")] {
        let _ = writeln!(out, "machine {name} {{\n  id = {}\n  {more}\n{machine}}}", uuid(id));
    }
    let _ = writeln!(out, "role node {{\n{}}}", body(Level::Role));
    let set = body(Level::Set);
    let _ = writeln!(
        out,
        "cluster home {{\n  omni = v1.10\n  talos = v1.13.7\n  created-with = {born}\n  kubernetes = v1.35.2\n  \
         allow(node-taints-on-workers, \"what is said is judged here\")\n{}\
         controlplane {{ role = node, machines = [one]\n{set}}}\nworkers {{ role = node, machines = [two]\n{set}}}\n\
         workers far {{ role = node, class = picked, size = 1\n{set}}}\n}}",
        body(Level::Cluster)
    );
    out
}

fn uuid(n: usize) -> String {
    format!("430d882a-51a8-48b3-ab00-d4b5b0b5b0c{n}")
}

#[allow(clippy::print_stdout, reason = "how much was proved belongs to the proof")]
pub(crate) fn each_element_is_there_once(judges: &mut Judges) -> Result<(), Failed> {
    let (mut programs, mut elements) = (0, 0);
    for born in ["v1.10.3", "v1.11.6", "v1.12.7", "v1.13.7"] {
        let output = crate::of(&program(born), &[]);
        let mut question =
            Question::new(output.templates[0].0.as_str()).born(&output.templates[0].1).printed();
        for patches in &output.patches {
            question = question.with(patches.as_str());
        }
        let machines = judges.machines(&question.member("home-far", &uuid(2)))?;
        assert!(machines.ok, "{machines:#?}");
        assert_eq!(machines.machines.len(), 3, "{machines:#?}");
        for machine in &machines.machines {
            let config = machine.judgement.config.as_deref().unwrap_or_default();
            for (i, (path, _)) in SAMPLES.iter().enumerate() {
                for (letter, _) in LEVELS {
                    let count = config.matches(&mark(i, letter)).count();
                    assert_eq!(count, 1, "{path} {letter} of {} born with {born}:\n{config}", machine.id);
                    elements += 1;
                }
            }
        }
        programs += 1;
    }
    println!("{programs} programs, {elements} elements, each there once");
    Ok(())
}

//! Texts on their way to a machine: what Go's library makes of them, and that none is lost that the compiler accepts.
//!
//! `TALOSC_TEXTS` says how many are tried; the numbers are printed.
#![allow(clippy::print_stdout, reason = "the numbers are the result")]

use std::collections::BTreeMap;

use libtest_mimic::Failed;
use serde_json::{Value as Json, json};
use talosc::diagnostics::Diagnostic;
use talosc::driver;
use talosc::emit::{self, File};
use talosc::omni::Of;
use talosc::source::loader::MemoryLoader;
use talosc::tree::{Map, Node, Origin};
use talosc::yaml::carry::{GoWriter, uncarried};

use crate::examples::kubernetes;
use crate::judge::{Birth, Judges, Patch, Question, Resource, Source, Verdict};
use crate::nasty::NASTY;
use crate::random::{Random, cases};

type Outcome = Result<(), Failed>;

/// What texts are put together from.
const PIECES: &[&str] = &[
    "a",
    "b",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\t",
    "#",
    "# c",
    "- ",
    "-",
    ": ",
    ":",
    "\"",
    "'",
    "\\",
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\u{feff}",
    "\u{7f}",
    "é",
    "\u{1f600}",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a",
    "*a",
    "!",
    "!!int",
    "%",
    "@",
    "`",
    "|",
    ">",
    "? ",
    "---",
    "...",
    "---\n",
    "\n---\n",
    "on",
    "null",
    "~",
    "0x1",
    "1e3",
    "2024-01-02",
    "<<",
    "=",
    "\u{a0}",
    "\u{200b}",
    "\u{e000}",
    "\u{ffff}",
    "word word word word word word word word word word word word word word word word word word ",
    "long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long-long",
];

fn text(random: &mut Random) -> String {
    if random.one_in(8) {
        return random.pick(NASTY).to_owned();
    }
    let most = random.pick(&[3, 6, 12]);
    let mut out: String = (0..=random.below(most)).map(|_| random.pick(PIECES)).collect();
    if random.one_in(3) {
        out.push('\n');
        out.push_str(random.pick(PIECES));
    }
    out
}

fn string(text: &str) -> Node {
    Node::str(text, Origin::NONE)
}

fn map(entries: Vec<(&str, Node)>) -> Node {
    Node::map(entries.into_iter().map(|(key, node)| (key.into(), node)).collect::<Map>(), Origin::NONE)
}

fn seq(items: Vec<Node>) -> Node {
    Node::seq(items, Origin::NONE)
}

/// A text somewhere in a document of maps and lists, as a value or a key.
fn somewhere(random: &mut Random, text: &str) -> Node {
    let mut node = match random.one_in(4) {
        true => map(vec![(text, string("v")), ("other", string("w"))]),
        false => string(text),
    };
    for _ in 0..random.below(5) {
        node = match random.one_in(2) {
            true => seq(vec![node, string("item")]),
            false => map(vec![("k", node), ("l", string("v"))]),
        };
    }
    map(vec![("root", node)])
}

/// What a document is, as the judge shows it.
fn shown(node: &Node) -> Json {
    match (node.as_map(), node.as_seq()) {
        (Some(map), _) => map
            .iter()
            .map(|(key, node)| (key.to_string(), shown(node)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        (_, Some(items)) => items.iter().map(shown).collect(),
        _ => json!(node.as_str()),
    }
}

/// The table of what is carried is that of the newest library, text for text.
pub(crate) fn are_carried_as_the_table_says(judges: &mut Judges) -> Outcome {
    let mut random = Random(1);
    let (tried, mut lost) = (cases("TALOSC_TEXTS", 3_000), 0);
    for _ in 0..tried {
        let text = text(&mut random);
        let document = somewhere(&mut random, &text);
        let yaml = emit::yaml::body(std::slice::from_ref(&document)).0;
        let values = judges.yaml(&yaml)?;
        let expected = [shown(&document)];
        if values.ok {
            assert_eq!(values.documents, expected, "what is written is read otherwise: {yaml}");
        }
        let arrives = values.ok && values.carried == expected;
        let found = uncarried(&document, &[GoWriter::V4Rc4]);
        assert_eq!(found.is_empty(), arrives, "{text:?} in\n{yaml}\n{:?}", values.errors);
        lost += usize::from(!arrives);
    }
    println!("{tried} texts in any position: {lost} are not carried, each is known");
    Ok(())
}

/// The same for each minor of Talos, whose machine writes and reads what it got: every short text, in a map and in a list.
pub(crate) fn reach_machines_of(judges: &mut Judges, minor: &str) -> Outcome {
    let writer = match minor {
        "1.9" | "1.10" | "1.11" => GoWriter::V3,
        "1.12" => GoWriter::V4Rc3,
        _ => GoWriter::V4Rc4,
    };
    let alphabet = ["a", " ", "\t", "\n", "\u{2028}"];
    let born = format!("{minor}.0");
    let birth = Birth { role: "worker", born: &born, kubernetes: kubernetes(minor) };
    let (mut tried, mut lost) = (0, 0);
    for number in 0..alphabet.len().pow(4) {
        let text: String =
            (0..4).map(|place| alphabet[number / alphabet.len().pow(place) % alphabet.len()]).collect();
        for (path, document) in [
            (
                vec!["machine", "sysctls", "a.b"],
                map(vec![("machine", map(vec![("sysctls", map(vec![("a.b", string(&text))]))]))]),
            ),
            (
                vec!["machine", "udev", "rules", "0"],
                map(vec![("machine", map(vec![("udev", map(vec![("rules", seq(vec![string(&text)]))]))]))]),
            ),
        ] {
            let patch = Patch::new("p", &emit::yaml::body(std::slice::from_ref(&document)).0);
            let judgement = judges.minor(minor, birth, &[patch])?;
            let arrived =
                judgement.config.as_deref().and_then(|config| find(&documents(config), None, &path));
            let arrives = arrived.as_deref() == Some(text.as_str());
            assert_eq!(
                uncarried(&document, &[writer]).is_empty(),
                arrives,
                "{text:?} at {path:?}: {judgement:#?}"
            );
            tried += 1;
            lost += usize::from(!arrives);
        }
    }
    println!("{tried} texts on Talos {minor}: {lost} do not arrive, each is known");
    Ok(())
}

/// The documents of a text, until one cannot be read.
fn documents(config: &str) -> Vec<serde_yaml::Value> {
    use serde::Deserialize;
    serde_yaml::Deserializer::from_str(config)
        .map_while(|document| serde_yaml::Value::deserialize(document).ok())
        .collect()
}

/// The text at a path, in the document of a name or in the one without.
fn find(documents: &[serde_yaml::Value], name: Option<&str>, path: &[&str]) -> Option<String> {
    let wanted = |document: &&serde_yaml::Value| document.get("name").and_then(|name| name.as_str()) == name;
    let root = documents.iter().find(wanted)?;
    let found = path.iter().try_fold(root, |at, step| match step.parse::<usize>() {
        Ok(index) if at.is_sequence() => at.get(index),
        _ => at.get(step),
    });
    found.and_then(|value| value.as_str()).map(str::to_owned)
}

/// Where a text stands in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Position {
    FileContent,
    Sysctl,
    UdevRule,
    ServiceFile,
    InPatchFile,
    Object,
    ManifestText,
}

const POSITIONS: [Position; 7] = [
    Position::FileContent,
    Position::Sysctl,
    Position::UdevRule,
    Position::ServiceFile,
    Position::InPatchFile,
    Position::Object,
    Position::ManifestText,
];

impl Position {
    /// Whether a text in it arrives, by the table.
    fn carries(self, text: &str) -> bool {
        let value = string(text);
        let document = match self {
            Position::FileContent => map(vec![("a", map(vec![("b", seq(vec![map(vec![("c", value)])]))]))]),
            Position::UdevRule => map(vec![("a", seq(vec![value]))]),
            Position::ServiceFile => map(vec![("a", seq(vec![map(vec![("b", value)])]))]),
            Position::Sysctl | Position::InPatchFile | Position::Object | Position::ManifestText => {
                map(vec![("a", value)])
            }
        };
        uncarried(&document, &[GoWriter::V4Rc4]).is_empty()
    }
}

/// A project with texts in their positions.
fn project(texts: &[(Position, String)]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut parts: BTreeMap<Position, String> = BTreeMap::new();
    let mut in_file = Vec::new();
    for (n, (position, text)) in texts.iter().enumerate() {
        let part = match position {
            Position::FileContent => {
                format!(
                    "{{ path = \"/var/t{n}\", op = create, permissions = 0o644, content = file \"t/{n}\" }}\n"
                )
            }
            Position::Sysctl => format!("machine.sysctls.\"t.{n}\" = file \"t/{n}\"\n"),
            Position::UdevRule => format!("file \"t/{n}\"\n"),
            Position::ServiceFile => {
                format!(
                    "document ExtensionServiceConfig t{n} {{ configFiles = [{{ content = file \"t/{n}\", mountPath = \"/t\" }}] }}\n"
                )
            }
            Position::InPatchFile => {
                in_file.push((format!("t{n}"), string(text)));
                continue;
            }
            Position::Object => format!(
                "manifest t{n} {{ mode = full, objects = [{{ apiVersion = \"v1\", kind = \"ConfigMap\", metadata {{ name = \"t{n}\", namespace = \"default\" }}, data {{ a = file \"t/{n}\" }} }}] }}\n"
            ),
            Position::ManifestText => format!("manifest t{n} file \"t/{n}\" {{ mode = full }}\n"),
        };
        files.insert(format!("t/{n}"), text.clone());
        parts.entry(*position).or_default().push_str(&part);
    }
    let part = |position: Position| parts.get(&position).map_or("", String::as_str);
    let mut program = String::from(
        "machine one { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0 }\n\
         cluster home {\n omni = v1.8\n talos = v1.13.7\n kubernetes = v1.35.2\n controlplane { machines = [one] }\n",
    );
    for (name, head, position, tail) in [
        ("files", "machine.files = [\n", Position::FileContent, "]\n"),
        ("sysctls", "", Position::Sysctl, ""),
        ("udev", "machine.udev.rules = [\n", Position::UdevRule, "]\n"),
        ("services", "", Position::ServiceFile, ""),
    ] {
        if parts.contains_key(&position) {
            program.push_str(&format!("patch {name} {{\n{head}{}{tail}}}\n", part(position)));
        }
    }
    program.push_str(part(Position::Object));
    program.push_str(part(Position::ManifestText));
    if !in_file.is_empty() {
        let values = in_file.iter().map(|(key, node)| (key.as_str(), node.clone())).collect();
        let patch = map(vec![("machine", map(vec![("sysfs", map(values))]))]);
        files.insert("p.yaml".into(), emit::yaml::body(&[patch]).0);
        program.push_str("patch read file \"p.yaml\"\n");
    }
    files.insert("main.talos".into(), program + "}\n");
    files
}

/// The template of a project, or what is wrong with it.
fn build(files: BTreeMap<String, String>) -> Result<String, Vec<String>> {
    let loader = MemoryLoader { files: files.into_iter().collect() };
    let compilation = driver::compile(&loader, &["main.talos".into()]);
    if compilation.has_errors() {
        let shown = |finding: &Diagnostic| format!("{}: {}", finding.code.name(), finding.message);
        return Err(compilation.findings.iter().map(shown).collect());
    }
    let template = compilation.documents.iter().find(|document| matches!(document.of, Of::Cluster(_)));
    template
        .map(|document| File::new(&document.path, "main.talos", &document.nodes).text)
        .ok_or_else(Vec::new)
}

/// The text of a manifest, as Omni has it.
fn manifest<'v>(rendered: &'v Verdict, name: &str) -> Option<&'v str> {
    let wanted = |resource: &&Resource| resource.id.ends_with(&format!("-{name}"));
    rendered.resources.iter().find(wanted)?.spec["data"].as_str()
}

/// What `build` accepts is accepted by the client and arrives on the machine; what would not is refused, by name.
pub(crate) fn that_are_accepted_arrive(judges: &mut Judges) -> Outcome {
    let mut random = Random(2);
    let (tried, mut refused, mut accepted) = (cases("TALOSC_TEXTS", 600), 0, Vec::new());
    for _ in 0..tried {
        let text = text(&mut random);
        let position = random.pick(&POSITIONS);
        // A manifest may be anything only before it begins.
        let text = match position {
            Position::ManifestText => {
                let before: String = text.chars().filter(|c| matches!(c, ' ' | '\n')).collect();
                format!("{before}# c\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n")
            }
            _ if text.is_empty() => "a".to_owned(),
            // Line ends in values are `\n`, whatever the file has.
            _ => text.replace("\r\n", "\n"),
        };
        if position.carries(&text) {
            accepted.push((position, text));
            continue;
        }
        refused += 1;
        let findings = build(project(&[(position, text.clone())])).err().unwrap_or_default();
        let [finding] = findings.as_slice() else { panic!("{text:?} as {position:?}: {findings:#?}") };
        assert!(finding.starts_with("text-not-carried: "), "{text:?} as {position:?}: {finding}");
    }
    for texts in accepted.chunks(25) {
        arrive(judges, texts)?;
    }
    println!("{tried} texts built: {refused} refused, {} accepted, which all arrive", accepted.len());
    Ok(())
}

fn arrive(judges: &mut Judges, texts: &[(Position, String)]) -> Outcome {
    let template = build(project(texts)).unwrap_or_else(|findings| panic!("{findings:#?}: {texts:#?}"));
    let source = || Source::from(template.as_str()).stripped();
    let verdict = judges.validate(source())?;
    assert!(verdict.ok, "{verdict:#?}\n{template}");
    let rendered = judges.render(source())?;
    assert!(rendered.ok, "{rendered:#?}\n{template}");
    let machines = judges.machines(&Question::new(source()).born("1.13.7").printed())?;
    assert!(machines.ok, "{machines:#?}\n{template}");
    let config = documents(machines.machines[0].judgement.config.as_deref().unwrap_or_default());
    let (mut rule, mut file) = (0, 0);
    for (n, (position, text)) in texts.iter().enumerate() {
        let name = format!("t{n}");
        let found = match position {
            Position::FileContent => {
                file += 1;
                find(&config, None, &["machine", "files", &(file - 1).to_string(), "content"])
            }
            Position::UdevRule => {
                rule += 1;
                find(&config, None, &["machine", "udev", "rules", &(rule - 1).to_string()])
            }
            Position::Sysctl => find(&config, None, &["machine", "sysctls", &format!("t.{n}")]),
            Position::InPatchFile => find(&config, None, &["machine", "sysfs", &name]),
            Position::ServiceFile => find(&config, Some(&name), &["configFiles", "0", "content"]),
            Position::Object => {
                manifest(&rendered, &name).and_then(|data| find(&documents(data), None, &["data", "a"]))
            }
            Position::ManifestText => manifest(&rendered, &name).map(str::to_owned),
        };
        assert_eq!(found.as_ref(), Some(text), "{position:?}\n{template}");
    }
    Ok(())
}

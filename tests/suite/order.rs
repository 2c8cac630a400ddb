//! What order does not mean: declarations, items of a body and names of files may be moved without changing what machines get,
//! and no change renames the id of a patch that it does not concern.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_yaml::Value;
use talosc::diagnostics::Diagnostics;
use talosc::source::FileId;
use talosc::syntax::ast::{Ast, Item, Rest};
use talosc::syntax::parse;

use crate::project::{Files, Outcome, compile, examples};

#[test]
fn declarations_in_any_order_give_the_same_bytes() {
    for (name, files, entries) in examples() {
        for entry in entries {
            let before = compile(&files, &[&entry]);
            for turn in 0..4 {
                let moved: Files = files
                    .iter()
                    .map(|(path, text)| {
                        (
                            path.clone(),
                            if path.ends_with(".talos") { shuffle(text, turn) } else { text.clone() },
                        )
                    })
                    .collect();
                let after = compile(&moved, &[&entry]);
                assert_eq!(sorted(&before), sorted(&after), "{name}/{entry}, turn {turn}:\n{}", after.text);
            }
        }
    }
}

#[test]
fn items_of_a_body_in_any_order_mean_the_same() {
    for (name, files, entries) in examples() {
        for entry in entries {
            let before = meaning(&compile(&files, &[&entry]));
            for turn in 0..4 {
                let moved: Files = files
                    .iter()
                    .map(|(path, text)| {
                        (
                            path.clone(),
                            if path.ends_with(".talos") { shuffle_bodies(text, turn) } else { text.clone() },
                        )
                    })
                    .collect();
                let outcome = compile(&moved, &[&entry]);
                assert!(outcome.errors().is_empty(), "{name}/{entry}, turn {turn}:\n{}", outcome.text);
                assert_eq!(before, meaning(&outcome), "{name}/{entry}, turn {turn}");
            }
        }
    }
}

#[test]
fn no_change_renames_the_id_of_another_patch() {
    let (_, files, _) =
        examples().into_iter().find(|(name, ..)| name == "homelab").expect("the example is there");
    let source = files["cluster.talos"].clone();
    let ids = ids(&compile(&files, &["cluster.talos"]));
    assert!(ids.contains("homelab:control-planes:etcd-metrics"), "{ids:?}");
    let patch = "patch etcd-metrics { cluster.etcd.extraArgs.listen-metrics-urls = \"http://0.0.0.0:2381\" }";
    assert!(source.contains(patch));
    let changes = [
        (
            "a patch before it",
            source.replace(patch, &format!("patch a {{ machine.sysctls {{ a.b = \"1\" }} }}\n  {patch}")),
        ),
        (
            "a patch after it",
            source.replace(patch, &format!("{patch}\n  patch z {{ machine.sysctls {{ a.b = \"1\" }} }}")),
        ),
        (
            "another name of the role",
            source.replace("role control-plane", "role cp").replace("role = control-plane", "role = cp"),
        ),
        (
            "the patch in a mixin",
            source.replace(patch, "").replace(
                "role control-plane extends base {",
                &format!("role metrics {{ {patch} }}\nrole control-plane extends base with metrics {{"),
            ),
        ),
        (
            "the patch in the base",
            source
                .replace(patch, "")
                .replace("controlplane        {", &format!("controlplane        {{ {patch}, ")),
        ),
        ("a field more", source.replace("role base {", "role base {\n  node-annotations { a = \"b\" }")),
    ];
    for (what, text) in changes {
        let changed = Files::from([("cluster.talos".to_owned(), text)]);
        let outcome = compile(&changed, &["cluster.talos"]);
        assert!(outcome.errors().is_empty(), "{what}:\n{}", outcome.text);
        let after = self::ids(&outcome);
        assert!(ids.is_subset(&after), "{what}: lost {:?}", ids.difference(&after).collect::<Vec<_>>());
    }
    let renamed = Files::from([("main.talos".to_owned(), source)]);
    assert_eq!(ids, self::ids(&compile(&renamed, &["main.talos"])), "another name of the file");
}

/// Another name of an imported file changes no byte: what is declared does not know where it stands.
#[test]
fn names_of_imported_files_mean_nothing() {
    let (_, files, entries) =
        examples().into_iter().find(|(name, ..)| name == "fleet").expect("the example is there");
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    let before = compile(&files, &entries);
    let imported: Vec<&String> = files.keys().filter(|path| path.starts_with("shared/")).collect();
    assert!(imported.len() > 2, "{imported:?}");
    for path in imported {
        let (directory, name) = path.rsplit_once('/').expect("it is in a directory");
        for other in ["aaa.talos", "zzz.talos"] {
            let renamed: Files = files
                .iter()
                .map(|(file, text)| {
                    let file = if file == path { format!("{directory}/{other}") } else { file.clone() };
                    (file, text.replace(&format!("/{name}\""), &format!("/{other}\"")))
                })
                .collect();
            assert_ne!(renamed, files);
            let after = compile(&renamed, &entries);
            assert!(after.errors().is_empty(), "{}", after.text);
            let declares_class = files[path].contains("\nclass ") || files[path].starts_with("class ");
            let header = |output: &Files| -> Files {
                let without = |text: &String| text.replace(&format!("{directory}/{other}"), path);
                output.iter().map(|(file, text)| (file.clone(), without(text))).collect()
            };
            let after = if declares_class { header(&after.output) } else { after.output };
            assert_eq!(before.output, after, "{path} as {other}");
        }
    }
}

/// A state of a list of extensions in a chain of roles: not set, or set to some, perhaps none.
type State = Option<Vec<&'static str>>;

const NAMES: [&str; 4] = ["nfsd", "iscsi-tools", "gvisor", "util-linux-tools"];

/// One step of the chain as it is written and the state after it, by two numbers that were rolled.
fn step(state: &State, what: u8, which: u8) -> (String, State) {
    let name = NAMES[usize::from(which) % NAMES.len()];
    let set = |list: Vec<&'static str>, mark: &str| {
        (format!("{mark}extensions = [{}]", list.join(", ")), Some(list))
    };
    match (state, what % 6) {
        (_, 0) => (String::new(), state.clone()),
        (None, 1) => set(Vec::new(), ""),
        (None, _) => set(vec![name], ""),
        (Some(_), 1) => set(Vec::new(), "override "),
        (Some(_), 2) => set(vec![name], "override "),
        (Some(_), 3) => ("unset extensions".into(), None),
        (Some(list), 4) if list.contains(&name) => {
            let rest = list.iter().copied().filter(|have| *have != name).collect();
            (format!("extensions -= [{name}]"), Some(rest))
        }
        (Some(list), _) => {
            let mut list = list.clone();
            if !list.contains(&name) {
                list.push(name);
            }
            (format!("extensions += [{name}]"), Some(list))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Not set, empty and full stay apart through any chain of operators, whichever of the levels of a set each stands at.
    #[test]
    fn three_states_are_never_lost(rolls in prop::collection::vec((0..6u8, 0..4u8), 1..7)) {
        let mut state: State = None;
        let (mut text, mut parent) = (String::new(), String::new());
        for (number, (what, which)) in rolls.iter().enumerate() {
            let (line, after) = step(&state, *what, *which);
            state = after;
            if number + 1 < rolls.len() {
                text.push_str(&format!("role r{number}{parent} {{ {line} }}\n"));
                parent = format!(" extends r{number}");
                continue;
            }
            let role = if number == 0 { String::new() } else { format!("role = r{}\n", number - 1) };
            text.push_str(&format!(
                "cluster x {{\n omni = v1.10, talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\n \
                 controlplane {{ {role} {line} }}\n}}\n"
            ));
        }
        let files = Files::from([("x.talos".to_owned(), text.clone())]);
        let outcome = compile(&files, &["x.talos"]);
        prop_assert!(outcome.errors().is_empty(), "{text}{}", outcome.text);
        let template = outcome.output.values().next().expect("a template");
        let documents = serde_yaml::Deserializer::from_str(template);
        let documents: Vec<Value> =
            documents.map(|document| <Value as serde::Deserialize>::deserialize(document).expect("YAML")).collect();
        let found = documents.iter().find(|document| document["kind"] == "ControlPlane").expect("control planes");
        let listed = found.get("systemExtensions").map(|list| {
            let list = list.as_sequence().cloned().unwrap_or_default();
            list.iter().filter_map(|item| item.as_str()?.strip_prefix("siderolabs/").map(str::to_owned)).collect::<Vec<_>>()
        });
        let expected = state.map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>());
        prop_assert_eq!(listed, expected, "{}{}", text, template);
    }
}

fn sorted(outcome: &Outcome) -> Files {
    outcome.output.clone()
}

/// The documents of the output as values: maps without order, documents and patches by their names.
fn meaning(outcome: &Outcome) -> Vec<(String, Vec<String>)> {
    let mut out = Vec::new();
    for (path, text) in &outcome.output {
        let mut documents: Vec<String> = serde_yaml::Deserializer::from_str(text)
            .map(|document| {
                format!(
                    "{:?}",
                    plain(<Value as serde::Deserialize>::deserialize(document).expect("it is YAML"))
                )
            })
            .collect();
        documents.sort();
        out.push((path.clone(), documents));
    }
    out
}

/// A value with its maps in the order of their keys, and lists of named things in the order of their names.
fn plain(value: Value) -> Value {
    match value {
        Value::Mapping(map) => {
            let mut entries: Vec<(Value, Value)> = map.into_iter().map(|(k, v)| (k, plain(v))).collect();
            entries.sort_by_key(|(key, _)| format!("{key:?}"));
            Value::Mapping(entries.into_iter().collect())
        }
        Value::Sequence(items) => {
            let mut items: Vec<Value> = items.into_iter().map(plain).collect();
            if items.iter().all(|item| item.get("name").is_some()) {
                items.sort_by_key(|item| format!("{:?}", item.get("name")));
            }
            Value::Sequence(items)
        }
        // Provider data is YAML in a string.
        Value::String(text) if text.contains(": ") && text.ends_with('\n') => {
            serde_yaml::from_str::<Value>(&text).map_or(Value::String(text), plain)
        }
        other => other,
    }
}

fn ids(outcome: &Outcome) -> BTreeSet<String> {
    let lines = outcome.output.values().flat_map(|text| text.lines());
    lines.filter_map(|line| line.trim().strip_prefix("idOverride: ")).map(str::to_owned).collect()
}

fn tree(text: &str) -> Ast {
    let mut found = Diagnostics::new();
    let ast = parse(FileId(0), text, &mut found);
    assert!(found.is_empty(), "examples parse");
    ast
}

/// The top-level items in another order.
fn shuffle(text: &str, turn: usize) -> String {
    let items: Vec<&str> = tree(text).items.iter().map(|item| slice(text, item)).collect();
    turned(items, turn).join("\n") + "\n"
}

/// The items of every top-level body in another order.
fn shuffle_bodies(text: &str, turn: usize) -> String {
    let mut out = String::new();
    for item in &tree(text).items {
        match &item.rest {
            Rest::Block(block) if item.words[0].text != "invariant" => {
                out.push_str(&text[item.span.start as usize..block.span.start as usize]);
                let inner = block.items.iter().map(|item| slice(text, item)).collect();
                out.push_str(&format!("{{\n{}\n}}\n", turned(inner, turn).join("\n")));
            }
            _ => out.push_str(&format!("{}\n", slice(text, item))),
        }
    }
    out
}

fn slice<'t>(text: &'t str, item: &Item) -> &'t str {
    &text[item.span.start as usize..item.span.end as usize]
}

/// Reversed, or begun at another item.
fn turned(mut items: Vec<&str>, turn: usize) -> Vec<&str> {
    if turn == 0 {
        items.reverse();
    } else if !items.is_empty() {
        let by = turn % items.len();
        items.rotate_left(by);
    }
    items
}

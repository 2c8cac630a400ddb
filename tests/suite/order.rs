//! What order does not mean: declarations, items of a body and names of files may be moved without changing what machines get,
//! and no change renames the id of a patch that it does not concern.

use std::collections::BTreeSet;

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

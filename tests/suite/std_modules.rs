//! The standard library as a whole: it parses, and the index made at compile time says where everything stands.

use std::collections::BTreeSet;

use talosc::diagnostics::Diagnostics;
use talosc::kinds;
use talosc::source::FileId;
use talosc::syntax::ast::{Ast, Item, ModifierKind, Rest, Value, ValueKind};
use talosc::syntax::parse;
use talosc::typing::Types;
use talosc::version::Version;
use talosc::world::stdlib;

#[path = "../../stdlib/scan.rs"]
mod scan;

fn parsed(text: &str) -> Ast {
    let mut findings = Diagnostics::new();
    let ast = parse(FileId(0), text, &mut findings);
    let messages: Vec<String> = findings.finish().iter().map(|d| d.message.clone()).collect();
    assert_eq!(messages, [""; 0]);
    ast
}

fn body(item: &Item) -> &[Item] {
    match &item.rest {
        Rest::Block(block) => &block.items,
        _ => &[],
    }
}

/// The bare names of a value, lists opened.
fn names(value: &Value) -> Vec<&str> {
    match &value.kind {
        ValueKind::Bare(name) => vec![name.as_str()],
        ValueKind::List(values) => values.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// The names assigned to a field of an item, at any depth.
fn assigned<'a>(item: &'a Item, field: &str) -> Vec<&'a str> {
    let mut out = Vec::new();
    for inner in body(item) {
        match &inner.rest {
            Rest::Assign(_, _, value) if inner.words[0].text == field => out.extend(names(value)),
            _ => out.extend(assigned(inner, field)),
        }
    }
    out
}

#[test]
fn every_module_parses_and_the_index_is_right() {
    for module in stdlib::modules() {
        let ast = parsed(module.text);
        let mut expected = Vec::new();
        for item in &ast.items {
            let (kind, name) = (item.words[0].text.as_str(), item.words[1].text.as_str());
            let row = stdlib::item_in(module.name, kind, name);
            let row = row.unwrap_or_else(|| panic!("{kind} {name} is in the index"));
            let text = row.text();
            assert!(text.starts_with("##"), "{kind} {name} of {} has a doc comment", module.name);
            assert!(row.docs().all(|line| line.is_empty() || line.len() < 130));
            let span = &module.text[item.span.start as usize..item.span.end as usize];
            assert!(text.ends_with(span) && text.len() > span.len(), "{kind} {name} of {}", module.name);
            let judged = item.modifiers.iter().find(|modifier| modifier.kind == ModifierKind::For);
            assert_eq!(row.judges, judged.map_or("", |modifier| modifier.uses[0].word.text.as_str()));
            expected.push((kind.to_owned(), name.to_owned()));
        }
        expected.sort();
        let mut indexed: Vec<_> =
            stdlib::items_of(module.name).map(|row| (row.kind.to_owned(), row.name.to_owned())).collect();
        indexed.sort();
        assert_eq!(indexed, expected, "{}", module.name);
    }
}

#[test]
fn every_item_fits_the_table_of_kinds() {
    let mut types = Types::of_std();
    let mut findings = Vec::new();
    for row in stdlib::items() {
        let kind = kinds::by_name(row.kind).unwrap_or_else(|| panic!("{} is a kind", row.kind));
        let id = types.names.std_item(row.module, kind.id, row.name);
        let id = id.unwrap_or_else(|| panic!("{} {} is found", row.kind, row.name));
        let typed = types.typed(id);
        for field in typed.declares.iter().flat_map(|schema| schema.fields.values()) {
            assert!(!field.doc.is_empty(), "{} {}: {} has a doc comment", row.kind, row.name, field.name);
        }
        if kind.clauses {
            assert!(talosc::check::compile_invariant(&mut types, id), "{} says something", row.name);
        }
        let new = std::mem::take(&mut types.findings).finish();
        findings
            .extend(new.iter().map(|d| format!("{}: {} {}: {}", row.module, row.kind, row.name, d.message)));
    }
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn look_ups() {
    assert_eq!(stdlib::item("extension", "zfs").map(|item| item.module), Some("extensions"));
    assert_eq!(stdlib::item("runtime", "nvidia").map(|item| item.module), Some("runtimes"));
    assert_eq!(stdlib::item("provider", "proxmox"), None);
    assert_eq!(stdlib::item("extension", "zf"), None);
    assert_eq!(stdlib::item_in("nvidia", "role", "lts-open").map(|item| item.name), Some("lts-open"));
    assert_eq!(stdlib::item_in("longhorn", "role", "lts-open"), None);
    assert_eq!(stdlib::named("role", "zfs").len(), 1);
    assert_eq!(stdlib::module("std"), None);
    let gpu: Vec<_> = stdlib::invariants_for("role").map(|item| (item.name, item.trigger)).collect();
    assert_eq!(gpu, [("gpu-needs-runtime", "gpu")]);
    assert!(stdlib::invariants_for("set").any(|item| item.trigger == "class.via.guest-agent"));
    assert!(stdlib::names("runtime").eq([
        "crun",
        "gvisor",
        "gvisor-kvm",
        "kata",
        "kata-qemu",
        "kata-qemu-coco-dev",
        "kata-qemu-snp",
        "nvidia",
        "runc",
        "spin",
        "wasmedge",
        "youki",
    ]));
}

#[test]
fn ambient_names_are_declared_once() {
    for kind in ["extension", "runtime", "invariant"] {
        let names: Vec<_> = stdlib::names(kind).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{kind}");
    }
}

#[test]
fn what_modules_name_exists() {
    for module in stdlib::modules() {
        for item in &parsed(module.text).items {
            for field in ["extensions", "adds", "guest-agent"] {
                for name in assigned(item, field) {
                    let row =
                        stdlib::item("extension", name).unwrap_or_else(|| panic!("{}: {name}", module.name));
                    assert!(!row.text().contains("became ="), "{}: {name}", module.name);
                }
            }
            for name in assigned(item, "runtimes") {
                assert!(stdlib::item("runtime", name).is_some(), "{}: {name}", module.name);
            }
        }
    }
}

#[test]
fn every_handler_has_a_runtime_and_an_extension() {
    let extensions = parsed(stdlib::module("extensions").map_or("", |module| module.text));
    let runtimes = parsed(stdlib::module("runtimes").map_or("", |module| module.text));
    let provided: BTreeSet<&str> =
        extensions.items.iter().flat_map(|item| assigned(item, "handlers")).collect();
    let mut wanted: BTreeSet<&str> =
        runtimes.items.iter().flat_map(|item| assigned(item, "handler")).collect();
    assert!(wanted.remove("runc"), "runc is built in");
    assert_eq!(provided, wanted);
}

/// The versions of a role are not wider than those of the extensions it brings.
#[test]
fn roles_fit_the_catalogue() {
    let extensions = parsed(stdlib::module("extensions").map_or("", |module| module.text));
    let since = |item: &Item| {
        let modifier = item.modifiers.iter().find(|modifier| modifier.kind == ModifierKind::Since)?;
        Version::parse(&modifier.uses[0].word.text)
    };
    let oldest = Version::minor(1, 9);
    for module in stdlib::modules() {
        for role in parsed(module.text).items.iter().filter(|item| item.words[0].text == "role") {
            for name in assigned(role, "extensions") {
                let extension = extensions.items.iter().find(|item| item.words[1].text == name);
                let first = extension.and_then(since).filter(|first| *first > oldest);
                let role_first = since(role);
                assert!(first <= role_first, "{}.{}: {name}", module.name, role.words[1].text);
            }
        }
    }
}

#[test]
fn the_scan_explains_what_it_refuses() {
    let broken = [
        ("role a {\n  x = [1\n}\n", "line 3: `}` closes nothing"),
        ("role a {\n", "line 1: `{` is never closed"),
        ("role a { x = \"b\n }\n", "line 1: this string is never closed"),
        ("  role a\n", "line 1: an item starts in column 0 with a word"),
        ("role\n", "line 1: an item has a kind and a name"),
        ("invariant x { require y }\n", "line 1: an invariant is `for KIND NAME`"),
    ];
    for (text, message) in broken {
        assert_eq!(scan::scan(text), Err(message.to_owned()), "{text}");
    }
    let text = "## a\n\n## b\n## c\nabstract role x(y: Int = 1) { s = '}', t = \"\"\"{\"\"\" } # tail {\nrole z # {\n";
    let found = scan::scan(text).unwrap_or_default();
    let shown: Vec<_> = found.iter().map(|item| (item.name.as_str(), &text[item.range.clone()])).collect();
    let first = "## b\n## c\nabstract role x(y: Int = 1) { s = '}', t = \"\"\"{\"\"\" }";
    assert_eq!(shown, [("x", first), ("z", "role z")]);
}

//! The history of every field of the homelab: its value, and who did what to it, where.

use std::fmt::Write as _;

use talosc::driver;
use talosc::flatten::{Fields, Slot, Slotted, Verb};
use talosc::fleet::Chain;
use talosc::kinds;
use talosc::resolve::Names;
use talosc::source::loader::MemoryLoader;

use crate::golden;
use crate::project;

#[test]
fn every_field_of_the_homelab_knows_who_made_it() {
    let (_, files, entries) =
        project::examples().into_iter().find(|(name, _, _)| name == "homelab").expect("there is a homelab");
    let loader = MemoryLoader { files };
    let mut compilation = driver::compile(&loader, &entries);
    let mut out = String::from("# Every field of examples/homelab: its value, and its history.\n");
    for id in compilation.flattener.types.names.project_decls() {
        let decl = compilation.flattener.types.names.decl(id).clone();
        if decl.kind == kinds::LET {
            continue;
        }
        let flat = compilation.flattener.flat(id, &Default::default(), None);
        let _ = writeln!(out, "\n{} {}", kinds::get(decl.kind).name, decl.name);
        fields(&compilation.flattener.types.names, &flat.fields, "  ", &mut out);
    }
    for cluster in &compilation.clusters {
        for set in &cluster.sets {
            let _ = writeln!(out, "\ncluster {}, {}, all levels together", cluster.name, set.shown());
            fields(&compilation.flattener.types.names, &Chain::of_set(cluster, set).fields(), "  ", &mut out);
        }
    }
    let path = golden::repository("tests/golden/homelab.history");
    if let Err(difference) = golden::compare(&path, &out, golden::blessing()) {
        panic!("{difference}");
    }
}

fn fields(names: &Names, fields: &Fields, indent: &str, out: &mut String) {
    for (name, slot) in fields.iter_raw() {
        let _ = writeln!(out, "{indent}{name}{}", value(names, slot));
        for step in &slot.steps {
            if step.verb != Verb::Merge {
                let (owner, place) = (names.decl(step.owner).shown(), names.sources.place(step.span));
                let _ = writeln!(out, "{indent}  {} by {owner} at {place}", step.verb.past());
            }
        }
        if let Slotted::List(list) = &slot.value {
            for item in &list.items {
                let (owner, place) = (names.decl(item.owner).shown(), names.sources.place(item.span));
                let _ =
                    writeln!(out, "{indent}  - {} from {owner} at {place}", names.sources.text(item.span));
            }
        }
        if let Slotted::Map(inner) = &slot.value {
            self::fields(names, inner, &format!("{indent}  "), out);
        }
    }
}

/// A value as it is written in the source that decided it; a computed one is shown by that place too.
fn value(names: &Names, slot: &Slot) -> String {
    match &slot.value {
        Slotted::Leaf(_) => {
            let text = slot.last().map_or("", |step| names.sources.text(step.span));
            let text = text.split_once('=').map_or(text, |(_, value)| value).trim();
            format!(" = {}", text.lines().next().unwrap_or_default())
        }
        Slotted::List(list) => format!(" = {} elements", list.items.len()),
        Slotted::Map(_) => String::new(),
        Slotted::Unset => " is unset".into(),
        Slotted::Removed => " is removed".into(),
        Slotted::Deleted => " is deleted".into(),
    }
}

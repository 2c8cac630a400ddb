//! The reference of kinds, providers and codes: text, documents and Markdown from the tables that the compiler itself reads.
//!
//! For programs each is `{"version": 1, "type": …}` with
//! - `kinds`: `{"kinds": [{"name", "doc"}]}`
//! - `kind`: `{"name", "doc", "role-fields": true, "fields": […]}`; with `role-fields` those of a role may stand there too
//! - `field`: `{"kind", "path": ["backup"], "fields": […]}`: the field and those inside of it
//! - `provider`: `{"name", "module", "doc", "fields": […]}`
//! - `codes`: `{"codes": [{"name", "level", "summary", "module"}]}`; `module` is that of an invariant, or null
//! - `modules`: `{"modules": [{"name", "declarations": [{"kind", "name", "doc"}]}]}`
//!
//! and a field `{"path": "backup.interval", "takes": "a duration", "required": false, "doc": …}`, where the path has `NAME`, `KEY` and `[]`
//! for names, keys and elements.

use serde_json::{Value, json};

use super::output::Said;
use crate::diagnostics::{Code, CodeLevel};
use crate::kinds::{self, KindDef};
use crate::schema::{self, Effect, Entries, Field, Merge, Schema, Type};
use crate::source::SourceMap;
use crate::text::one_of;
use crate::typing::{ATTRIBUTES, Types, types};
use crate::world::stdlib;

/// One field as a row of the reference.
struct FieldDoc {
    /// Its path in the body: `backup.interval`.
    path: String,
    /// What it takes.
    takes: String,
    /// It must be there.
    required: bool,
    /// What it is.
    doc: String,
}

/// A list of the kinds.
pub(super) fn kinds() -> Said {
    let width = kinds::all().iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for kind in kinds::all() {
        out.push_str(&format!("{:width$}  {}\n", kind.name, kind.doc));
    }
    out.push_str(
        "\n`talosc doc KIND` shows the fields of one; `talosc doc PROVIDER` those of a provider, `talosc doc \
                  NAME` what your own sources declare.\n",
    );
    let list: Value = kinds::all().iter().map(|kind| json!({ "name": kind.name, "doc": kind.doc })).collect();
    Said { text: out, document: json!({ "version": VERSION, "type": "kinds", "kinds": list }) }
}

/// The version of the documents. It changes when a field changes its meaning or goes away.
const VERSION: u32 = 1;

/// A kind with its fields.
pub(super) fn kind(kind: &KindDef) -> Said {
    let (rows, node) = rows_of(kind);
    let mut out = format!("{}: {}\n", kind.name, kind.doc);
    if node {
        out.push_str("All fields of a role may stand here too: `talosc doc role`.\n");
    }
    let document = json!({
        "version": VERSION,
        "type": "kind",
        "name": kind.name,
        "doc": kind.doc,
        "role-fields": node,
        "fields": json_rows(&rows),
    });
    Said { text: out + &plain(&rows), document }
}

/// A field of a kind, with those inside of it; names of blocks and keys of maps are left out of the path.
pub(super) fn field(kind: &KindDef, path: &[String]) -> Option<Said> {
    let wanted = path.join(".");
    let inside = format!("{wanted}.");
    let (mut rows, node) = rows_of(kind);
    if node {
        rows.extend(rows_of(kinds::get(kinds::ROLE)).0);
    }
    rows.retain(|row| {
        let path = bare(&row.path);
        path == wanted || path.starts_with(&inside)
    });
    let document = json!({
        "version": VERSION,
        "type": "field",
        "kind": kind.name,
        "path": path,
        "fields": json_rows(&rows),
    });
    let text = format!("{}: {}\n{}", kind.name, kind.doc, plain(&rows));
    (!rows.is_empty()).then_some(Said { text, document })
}

/// A path of the reference without what stands for names and keys.
fn bare(path: &str) -> String {
    path.replace(" NAME", "").replace(".KEY", "").replace("[]", "").replace(" …", "")
}

/// A provider of the standard library with the fields of its machine classes.
pub(super) fn provider(name: &str) -> Option<Said> {
    let item = stdlib::of_kind("provider").iter().find(|item| item.name == name)?;
    let mut out = format!("provider {name}: import \"std/{}\"\n", item.module);
    item.docs().for_each(|line| out.push_str(&format!("{line}\n")));
    let rows = provider_rows(item);
    let document = json!({
        "version": VERSION,
        "type": "provider",
        "name": name,
        "module": item.module,
        "doc": item.docs().collect::<Vec<_>>().join("\n"),
        "fields": json_rows(&rows),
    });
    Some(Said { text: out + &plain(&rows), document })
}

/// The modules of the standard library and what each declares.
pub(super) fn modules() -> Said {
    let mut out = String::new();
    let mut list = Vec::new();
    for module in stdlib::modules() {
        list.push(json!({ "name": module.name, "declarations": declarations(module.name) }));
        let kinds = declared(module.name);
        out.push_str(&format!("{}\n", module.name));
        for (kind, names) in kinds {
            out.push_str(&format!("  {kind:10} {}\n", names.join(", ")));
        }
    }
    out.push_str("\n`talosc std show MODULE` prints the source of one.\n");
    Said { text: out, document: json!({ "version": VERSION, "type": "modules", "modules": list }) }
}

/// The source of a module. For programs: `{"version": 1, "type": "module", "name": …, "declarations": […], "text": …}`.
pub(super) fn module(name: &str) -> Option<Said> {
    let module = stdlib::module(name)?;
    let document = json!({
        "version": VERSION,
        "type": "module",
        "name": module.name,
        "declarations": declarations(module.name),
        "text": module.text,
    });
    Some(Said { text: module.text.to_owned(), document })
}

/// All that a module declares, for programs.
fn declarations(module: &str) -> Value {
    let item = |item: &stdlib::Item| json!({ "kind": item.kind, "name": item.name, "doc": item.docs().collect::<Vec<_>>().join("\n") });
    stdlib::items_of(module).map(item).collect()
}

/// The names that a module declares, by kind. Of the many extensions and rules their number is enough.
fn declared(module: &str) -> Vec<(&'static str, Vec<String>)> {
    const MANY: usize = 40;
    let mut out: Vec<(&'static str, Vec<String>)> = Vec::new();
    for item in stdlib::items_of(module) {
        match out.last_mut() {
            Some((kind, names)) if *kind == item.kind => names.push(item.name.to_owned()),
            _ => out.push((item.kind, vec![item.name.to_owned()])),
        }
    }
    for (_, names) in &mut out {
        if names.len() > MANY {
            *names = vec![format!("{} of them", names.len())];
        }
    }
    out
}

/// The whole reference: `stdlib/README.md`.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Reference\n\nGenerated by `talosc doc --markdown`. Kinds and fields are what the compiler gives meaning to; what \
         exists in the world is declared in the modules of the standard library, which `talosc std show MODULE` prints. The \
         findings of the compiler are in [CODES.md](../grammar/CODES.md).\n\n\
         A set ignores an element that it has, a list keeps it; both grow with `+=` and shrink with `-=`. Blocks, maps and \
         lists with a key merge by key. Everything else is replaced with `override`.\n",
    );
    out.push_str(&contents());
    out.push_str("\n## Kinds\n");
    let mut links = Vec::new();
    for kind in kinds::all() {
        let (mut rows, node) = rows_of(kind);
        out.push_str(&format!("\n### {}\n\n{}\n", kind.name, kind.doc));
        if node {
            out.push_str("\nAll fields of a [role](#role) may stand here too.\n");
        }
        if rows.iter().any(|row| row.path.starts_with(LINK)) {
            out.push_str("\nWhat stands in a `link` is listed [by itself](#links).\n");
            links = rows.extract_if(.., |row| row.path.starts_with(LINK)).collect();
        }
        out.push_str(&table(&rows));
    }
    out.push_str("\n## Links\n\nThe fields of `link NAME { … }`, of a network and of nodes.\n");
    out.push_str(&table(&links));
    out.push_str(&declaring());
    out.push_str("\n## Providers\n\nThe fields of a `class … via PROVIDER`.\n");
    for item in stdlib::of_kind("provider") {
        let docs: Vec<&str> = item.docs().collect();
        out.push_str(&format!(
            "\n### {}\n\n`import \"std/{}\"`\n\n{}\n",
            item.name,
            item.module,
            docs.join("\n")
        ));
        out.push_str(&table(&provider_rows(item)));
    }
    out.push_str("\n## Modules\n");
    for module in stdlib::modules().iter().filter(|module| module.name != EXTENSIONS) {
        out.push_str(&format!("\n### std/{}\n\n", module.name));
        for item in stdlib::items_of(module.name) {
            let doc = item.docs().collect::<Vec<_>>().join(" ");
            out.push_str(&format!("- {} `{}`: {}\n", item.kind, item.name, first_sentence(&doc)));
        }
    }
    out.push_str("\n## Extensions\n\nThey are known without an import.\n\n| extension | |\n|---|---|\n");
    for item in stdlib::items_of(EXTENSIONS) {
        let doc = item.docs().collect::<Vec<_>>().join(" ");
        out.push_str(&format!("| `{}` | {} |\n", item.name, cell(first_sentence(&doc))));
    }
    out
}

/// How paths of fields inside of a link begin.
const LINK: &str = "link NAME.";

/// The module of the standard library that holds the extensions.
const EXTENSIONS: &str = "extensions";

/// The table of contents.
fn contents() -> String {
    let list = |names: Vec<&str>| {
        let links: Vec<String> = names.iter().map(|name| format!("[{name}](#{name})")).collect();
        links.join(", ")
    };
    let kinds = list(kinds::all().iter().map(|kind| kind.name).collect());
    let providers = list(stdlib::of_kind("provider").iter().map(|item| item.name).collect());
    format!(
        "\n- [Kinds](#kinds): {kinds}\n- [Links](#links)\n- [Declaring fields](#declaring-fields)\n- [Providers](#providers): \
         {providers}\n- [Modules](#modules) of the standard library\n- [Extensions](#extensions)\n"
    )
}

/// What the declaration of a field says.
fn declaring() -> String {
    let mut out = String::from(
        "\n## Declaring fields\n\nA `provider` declares the fields of its classes: `field NAME { … }`, one inside of another for \
         blocks.\n\n| attribute | says |\n|---|---|\n",
    );
    for (name, doc) in ATTRIBUTES {
        let words = match *name {
            "merge" => format!(" {}.", one_of(&schema::names(Merge::ALL))),
            "effect" => format!(" {}.", one_of(&schema::names(Effect::ALL))),
            _ => String::new(),
        };
        out.push_str(&format!("| `{name}` | {}{words} |\n", cell(doc)));
    }
    out.push_str("\n| type | takes |\n|---|---|\n");
    for (name, ty) in types::named() {
        out.push_str(&format!("| `{name}` | {} |\n", cell(&types::describe(&ty))));
    }
    out.push_str(
        "| `enum [a, b]`, `open enum [a, b]` | one of some words; of an open one other words too |\n\
         | `list T`, `set T`, `map T` | several of a type: in order, none twice, by a key |\n\
         | `Network`, `Role`, … | the name of a declaration of that kind |\n",
    );
    out
}

/// The codes and the invariants of the standard library, a line each.
pub(super) fn codes_plain() -> Said {
    let mut list = Vec::new();
    let mut rows: Vec<(&str, String)> = Vec::new();
    let mut row = |name: &'static str, level: CodeLevel, summary: &str, module: Option<&str>| {
        rows.push((name, summary.to_owned()));
        list.push(json!({ "name": name, "level": level.word(), "summary": summary, "module": module }));
    };
    for code in Code::ALL {
        row(code.name(), code.level(), code.summary(), None);
    }
    for item in stdlib::of_kind("invariant") {
        let doc = item.docs().collect::<Vec<_>>().join(" ");
        row(item.name, level_of(item), first_sentence(&doc), Some(item.module));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut out: String = rows.iter().map(|(name, text)| format!("{name:width$}  {text}\n")).collect();
    out.push_str("\n`talosc explain CODE` prints the page of one.\n");
    Said { text: out, document: json!({ "version": VERSION, "type": "codes", "codes": list }) }
}

/// The level of an invariant of the standard library.
pub(super) fn level_of(item: &stdlib::Item) -> CodeLevel {
    let warns = item.text().lines().any(|line| {
        line.split_once('=').is_some_and(|(key, value)| key.trim() == "level" && value.trim() == "warning")
    });
    if warns { CodeLevel::Advice } else { CodeLevel::Defect }
}

/// The index of codes: `grammar/CODES.md`.
pub fn codes() -> String {
    let mut out = String::from(
        "# Codes\n\nGenerated. Every finding has a name; `talosc explain NAME` prints its page. A *refusal* is what omnictl, \
         Omni, Talos, the provider or the language cannot accept; a *defect* is accepted and cannot work as declared; *advice* is \
         a warning. Defects and advice are silenced where they arise, with `allow(name, \"why\")`; secrets and refusals never \
         are.\n\n## Of the compiler\n\n| code | level | |\n|---|---|---|\n",
    );
    let mut all: Vec<&Code> = Code::ALL.iter().collect();
    all.sort_by_key(|code| code.name());
    for code in all {
        let level = code.level().word();
        let link = format!("[{0}](../src/diagnostics/pages/{0}.md)", code.name());
        out.push_str(&format!("| {link} | {level} | {} |\n", cell(code.summary())));
    }
    out.push_str("\n## Invariants of the standard library\n\n| name | module | |\n|---|---|---|\n");
    for item in stdlib::of_kind("invariant") {
        let doc = item.docs().collect::<Vec<_>>().join(" ");
        out.push_str(&format!("| {} | std/{} | {} |\n", item.name, item.module, cell(first_sentence(&doc))));
    }
    out
}

/// The doc comment above a place in a source: the lines without `##`.
pub(super) fn doc_above(source: &str, at: usize) -> Vec<&str> {
    let before = source.get(..at).unwrap_or_default();
    let before = &before[..before.rfind('\n').map_or(0, |end| end + 1)];
    let lines = before.lines().rev().map_while(|line| line.trim_start().strip_prefix("##"));
    let mut lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.reverse();
    lines
}

/// The fields of a kind; without those of a role, and `true`, if it has all of them.
fn rows_of(kind: &KindDef) -> (Vec<FieldDoc>, bool) {
    let mut rows = Vec::new();
    let node = kind.id != kinds::ROLE && has_node_fields(&kind.schema);
    schema_rows(&kind.schema, "", &mut rows, &|field| field.doc.to_string());
    (rows, node)
}

fn has_node_fields(schema: &Schema) -> bool {
    kinds::get(kinds::ROLE).schema.fields.keys().all(|name| schema.fields.contains_key(name))
}

fn schema_rows(schema: &Schema, prefix: &str, rows: &mut Vec<FieldDoc>, doc: &dyn Fn(&Field) -> String) {
    let role = &kinds::get(kinds::ROLE).schema;
    let skip = !std::ptr::eq(schema, &**role) && has_node_fields(schema);
    for field in schema.fields.values() {
        if skip && role.fields.contains_key(&field.name) {
            continue;
        }
        field_rows(field, prefix, rows, doc);
    }
}

fn field_rows(field: &Field, prefix: &str, rows: &mut Vec<FieldDoc>, doc: &dyn Fn(&Field) -> String) {
    let path = format!("{prefix}{}", field.name);
    let mut takes = match &field.ty {
        Type::Entries(entries) => named_blocks(entries),
        Type::Set(inner) => format!("a set, each element {}", types::describe(inner)),
        other => types::describe(other),
    };
    if field.required {
        takes.push_str("; required");
    }
    for (word, version) in [("since", &field.since), ("until", &field.until)] {
        if let Some(version) = version {
            takes.push_str(&format!("; {word} {version}"));
        }
    }
    if let Some(text) = field.default.as_ref().or(field.emit.as_ref()) {
        takes.push_str(&format!("; `{text}` unless set"));
    }
    takes.extend(field.more.as_ref().map(|more| more.shown()));
    rows.push(FieldDoc { path: path.clone(), takes, required: field.required, doc: doc(field) });
    nested(&field.ty, &path, rows, doc);
}

/// The fields inside of a field.
fn nested(ty: &Type, path: &str, rows: &mut Vec<FieldDoc>, doc: &dyn Fn(&Field) -> String) {
    match ty {
        Type::Block(schema) => schema_rows(schema, &format!("{path}."), rows, doc),
        Type::List(inner) | Type::Set(inner) => nested(inner, &format!("{path}[]"), rows, doc),
        Type::Map(inner, _) => nested(inner, &format!("{path}.KEY"), rows, doc),
        Type::Keyed(keyed) => schema_rows(&keyed.schema, &format!("{path}[]."), rows, doc),
        // The fields of a patch are in its own section.
        Type::Entries(entries) if entries.kind.is_none() => {
            if has_node_fields(&entries.schema) {
                let row = FieldDoc {
                    path: format!("{path} …"),
                    takes: "all fields of a role".into(),
                    required: false,
                    doc: String::new(),
                };
                rows.push(row);
            }
            let name = if entries.single { String::new() } else { " NAME".to_owned() };
            schema_rows(&entries.schema, &format!("{path}{name}."), rows, doc);
        }
        _ => {}
    }
}

fn named_blocks(entries: &Entries) -> String {
    match (&entries.default_name, entries.single) {
        (Some(_), true) => "a block `{ … }`".into(),
        (Some(_), false) => "blocks, with a name or without".into(),
        (None, _) => "named blocks `NAME { … }`".into(),
    }
}

fn provider_rows(item: &stdlib::Item) -> Vec<FieldDoc> {
    let mut types = Types::of_std();
    let mut rows = Vec::new();
    let Some(id) = types.names.std_item(item.module, kinds::PROVIDER, item.name) else { return rows };
    let Some(schema) = types.typed(id).declares.clone() else { return rows };
    declared_rows(&types.names.sources, &schema, &mut rows);
    rows
}

/// The fields that a declaration of the sources declares.
pub(super) fn declared_fields(sources: &SourceMap, schema: &Schema) -> (String, Value) {
    let mut rows = Vec::new();
    declared_rows(sources, schema, &mut rows);
    (plain(&rows), json_rows(&rows))
}

fn json_rows(rows: &[FieldDoc]) -> Value {
    let row = |row: &FieldDoc| json!({ "path": row.path, "takes": row.takes, "required": row.required, "doc": row.doc });
    rows.iter().map(row).collect()
}

fn declared_rows(sources: &SourceMap, schema: &Schema, rows: &mut Vec<FieldDoc>) {
    let doc = |field: &Field| match field.declared {
        Some(span) if field.doc.is_empty() => {
            doc_above(sources.file(span.file).text(), span.start as usize).join(" ")
        }
        _ => field.doc.to_string(),
    };
    schema_rows(schema, "", rows, &doc);
}

fn plain(rows: &[FieldDoc]) -> String {
    let mut out = String::new();
    for row in rows {
        out.push_str(&format!("\n  {}: {}\n", row.path, row.takes));
        if !row.doc.is_empty() {
            out.push_str(&format!("    {}\n", row.doc));
        }
    }
    out
}

fn table(rows: &[FieldDoc]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n| field | takes | |\n|---|---|---|\n");
    for row in rows {
        out.push_str(&format!("| `{}` | {} | {} |\n", row.path, cell(&row.takes), cell(&row.doc)));
    }
    out
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

pub(super) fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end]).trim_end()
}

#[cfg(test)]
mod tests {
    use super::doc_above;

    #[test]
    fn doc_comments() {
        let text = "# no\n## One.\n  ## Two.\nrole a {\n";
        assert_eq!(doc_above(text, text.find("role").unwrap_or_default()), ["One.", "Two."]);
        assert_eq!(doc_above("role a", 0), [""; 0]);
    }
}

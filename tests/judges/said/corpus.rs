//! Templates that others wrote: each becomes a program that reads its patches as files, `patch NAME file "…"`.

use std::fmt::Write as _;
use std::path::Path;

use serde_yaml::Value;

use crate::project::Files;

/// A template that became a program.
pub(super) struct Adopted {
    pub(super) files: Files,
    /// How many of its patches were left out, because their file is not there.
    pub(super) lost: usize,
}

/// The templates below a directory, each with the programs that it may have become: a template does not say with which Talos its cluster
/// was created, so first it is its own. What is older than any judge is raised to the oldest. None for what is no template.
pub(super) fn programs(root: &Path) -> Vec<(String, Vec<Adopted>)> {
    let mut open = vec![root.to_owned()];
    let mut out = Vec::new();
    while let Some(directory) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            if text.lines().any(|line| line.trim_end() == "kind: Cluster") {
                let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                let born = [None, Some("v1.11.0"), Some("v1.9.0")];
                out.push((name, born.into_iter().filter_map(|born| program(&text, &path, born)).collect()));
            }
        }
    }
    out
}

fn program(text: &str, path: &Path, born: Option<&str>) -> Option<Adopted> {
    let documents: Vec<Value> = serde_yaml::Deserializer::from_str(text)
        .map(|document| <Value as serde::Deserialize>::deserialize(document).ok())
        .collect::<Option<_>>()?;
    let of = |kind: &'static str| documents.iter().filter(move |document| word(document, "kind") == kind);
    let cluster = of("Cluster").next()?;
    let versions = |of: &str| Some(format!("v{}", word(cluster.get(of)?, "version").trim_start_matches('v')));
    let (mut version, mut kubernetes) = (versions("talos")?, versions("kubernetes")?);
    if ["v1.5.", "v1.6.", "v1.7.", "v1.8."].iter().any(|old| version.starts_with(old)) {
        (version, kubernetes) = ("v1.9.6".to_owned(), "v1.32.0".to_owned());
    }
    let born = born.unwrap_or(&version);
    let mut adopted = Adopted { files: Files::new(), lost: 0 };
    let (mut machines, mut sets) =
        (String::from("class picked { match = [\"size = big\"] }\n"), String::new());
    let mut listed: Vec<String> = Vec::new();
    for (kind, head) in [("ControlPlane", "controlplane"), ("Workers", "workers")] {
        for (at, set) in of(kind).enumerate() {
            let name = if kind == "Workers" { format!(" set-{at}") } else { String::new() };
            let _ = writeln!(sets, "  {head}{name} {{");
            let ids: Vec<String> = texts(set, "machines").map(str::to_owned).collect();
            let names: Vec<String> =
                (listed.len()..listed.len() + ids.len()).map(|n| format!("m-{n}")).collect();
            listed.extend(ids);
            if !names.is_empty() {
                let _ = writeln!(sets, "    machines = [{}]", names.join(", "));
            } else if set.get("machineClass").is_some() {
                sets.push_str("    class = picked, size = 1\n");
            }
            level(set, path, &format!("{head}-{at}"), &mut sets, &mut adopted)?;
            sets.push_str("  }\n");
        }
    }
    for (at, id) in listed.iter().enumerate() {
        // Of a machine that is not filled in, anyone will do.
        let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
        let filled = id.len() == 36 && id.chars().all(hex);
        let id_written = if filled { id.clone() } else { format!("4c4c4544-0039-3010-804a-{at:012}") };
        let _ = writeln!(machines, "machine m-{at} {{\n  id = {id_written}");
        if let Some(machine) = of("Machine").find(|machine| word(machine, "name") == id) {
            if let Some(disk) =
                machine.get("install").map(|install| word(install, "disk")).filter(|disk| !disk.is_empty())
            {
                let _ = writeln!(machines, "  install {{ disk = \"{disk}\" }}");
            }
            level(machine, path, &format!("m-{at}"), &mut machines, &mut adopted)?;
        }
        machines.push_str("}\n");
    }
    let mut main = format!(
        "{machines}cluster corpus {{\n  talos = {version}, created-with = {born}, kubernetes = {kubernetes}\n"
    );
    level(cluster, path, "cluster", &mut main, &mut adopted)?;
    main.push_str(&sets);
    main.push_str("}\n");
    adopted.files.insert("main.talos".to_owned(), main);
    Some(adopted)
}

fn word<'v>(document: &'v Value, key: &str) -> &'v str {
    document.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn texts<'v>(document: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    document.get(key).and_then(Value::as_sequence).into_iter().flatten().filter_map(Value::as_str)
}

/// The extensions of a document, and its patches as files of the program.
fn level(document: &Value, path: &Path, owner: &str, out: &mut String, adopted: &mut Adopted) -> Option<()> {
    let extensions: Vec<&str> =
        texts(document, "systemExtensions").map(|name| name.trim_start_matches("siderolabs/")).collect();
    if !extensions.is_empty() {
        let _ = writeln!(out, "    extensions += [{}]", extensions.join(", "));
    }
    let all = document.get("patches").and_then(Value::as_sequence);
    for (at, patch) in all.into_iter().flatten().enumerate() {
        let text = match (patch.get("inline"), patch.get("file").and_then(Value::as_str)) {
            (Some(Value::String(text)), _) => Some(text.clone()),
            (Some(Value::Sequence(documents)), _) => {
                let texts: Vec<String> =
                    documents.iter().filter_map(|one| serde_yaml::to_string(one).ok()).collect();
                Some(texts.join("---\n"))
            }
            (Some(inline), _) => Some(serde_yaml::to_string(inline).ok()?),
            (None, Some(file)) => {
                path.ancestors().skip(1).find_map(|up| std::fs::read_to_string(up.join(file)).ok())
            }
            (None, None) => return None,
        };
        let Some(text) = text else {
            adopted.lost += 1;
            continue;
        };
        let name = format!("patches/{owner}-{at}.yaml");
        let _ = writeln!(out, "    patch {owner}-{at} file \"{name}\"");
        adopted.files.insert(name, text);
    }
    Some(())
}

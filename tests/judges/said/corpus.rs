//! Templates that others wrote: each becomes a program that reads its patches as files, `patch NAME file "…"`.

use std::fmt::Write as _;
use std::path::Path;

use serde_yaml::Value;

use crate::project::Files;

/// The templates below a directory, each with the program that it becomes; `None` for what is no template of a version that has a judge.
pub(super) fn programs(root: &Path) -> Vec<(String, Option<Files>)> {
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
                out.push((name, program(&text, &path)));
            }
        }
    }
    out
}

fn program(text: &str, path: &Path) -> Option<Files> {
    let documents: Vec<Value> = serde_yaml::Deserializer::from_str(text)
        .map(|document| <Value as serde::Deserialize>::deserialize(document).ok())
        .collect::<Option<_>>()?;
    let of = |kind: &'static str| documents.iter().filter(move |document| word(document, "kind") == kind);
    let cluster = of("Cluster").next()?;
    let version = cluster.get("talos")?.get("version")?.as_str()?;
    let kubernetes = cluster.get("kubernetes")?.get("version")?.as_str()?;
    let (mut files, mut machines, mut sets) = (Files::new(), String::new(), String::new());
    let mut listed = Vec::new();
    for (kind, head) in [("ControlPlane", "controlplane"), ("Workers", "workers")] {
        for (at, set) in of(kind).enumerate() {
            let name = if kind == "Workers" { format!(" set-{at}") } else { String::new() };
            let _ = writeln!(sets, "  {head}{name} {{");
            let ids: Vec<&str> = set
                .get("machines")
                .and_then(Value::as_sequence)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let names: Vec<String> =
                (listed.len()..listed.len() + ids.len()).map(|n| format!("m-{n}")).collect();
            listed.extend(ids.iter().map(|id| (*id).to_owned()));
            if !names.is_empty() {
                let _ = writeln!(sets, "    machines = [{}]", names.join(", "));
            }
            patches(set, path, &format!("{head}-{at}"), &mut sets, &mut files)?;
            sets.push_str("  }\n");
        }
    }
    for (at, id) in listed.iter().enumerate() {
        let _ = writeln!(machines, "machine m-{at} {{\n  id = {id}");
        if let Some(machine) = of("Machine").find(|machine| word(machine, "name") == id) {
            if let Some(disk) =
                machine.get("install").and_then(|install| install.get("disk")).and_then(Value::as_str)
            {
                let _ = writeln!(machines, "  install {{ disk = \"{disk}\" }}");
            }
            patches(machine, path, &format!("m-{at}"), &mut machines, &mut files)?;
        }
        machines.push_str("}\n");
    }
    let mut main = format!(
        "{machines}cluster corpus {{\n  talos = {version}, created-with = {version}, kubernetes = {kubernetes}\n"
    );
    patches(cluster, path, "cluster", &mut main, &mut files)?;
    main.push_str(&sets);
    main.push_str("}\n");
    files.insert("main.talos".to_owned(), main);
    Some(files)
}

fn word<'v>(document: &'v Value, key: &str) -> &'v str {
    document.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The patches of a document as files of the program. `None` if one is not there.
fn patches(document: &Value, path: &Path, owner: &str, out: &mut String, files: &mut Files) -> Option<()> {
    let all = document.get("patches").and_then(Value::as_sequence);
    for (at, patch) in all.into_iter().flatten().enumerate() {
        let text = match (patch.get("inline"), patch.get("file").and_then(Value::as_str)) {
            (Some(Value::String(text)), _) => text.clone(),
            (Some(Value::Sequence(documents)), _) => {
                let texts: Vec<String> =
                    documents.iter().filter_map(|one| serde_yaml::to_string(one).ok()).collect();
                texts.join("---\n")
            }
            (Some(inline), _) => serde_yaml::to_string(inline).ok()?,
            (None, Some(file)) => {
                path.ancestors().skip(1).find_map(|up| std::fs::read_to_string(up.join(file)).ok())?
            }
            (None, None) => return None,
        };
        let name = format!("patches/{owner}-{at}.yaml");
        let _ = writeln!(out, "    patch {owner}-{at} file \"{name}\"");
        files.insert(name, text);
    }
    Some(())
}

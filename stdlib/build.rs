//! Writes the index of the standard library: where each item stands, so that a compilation parses only what its sources
//! name; the table of kernel modules; the table of Talos's fields; and what Talos generates for a machine. The output depends on the files beside this one and on nothing else.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

mod bases;
mod scan;
mod table;

/// First Talos minor of the table of kernel modules: bit 0 of its masks.
const FIRST_MINOR: u32 = 9;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=stdlib");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(|e| e.to_string())?;
    let out = env::var("OUT_DIR").map_err(|e| e.to_string())?;
    let stdlib = Path::new(&root).join("stdlib");
    let mut index = modules(&stdlib)?;
    index.push_str(&kernel_modules(&stdlib.join("data").join("kernel-modules.csv"))?);
    fs::write(Path::new(&out).join("stdlib_index.rs"), index).map_err(|e| e.to_string())?;
    let bases = bases::bases(&stdlib.join("data").join("base"), table::FIRST_MINOR..=table::LAST_MINOR)?;
    fs::write(Path::new(&out).join("talos_bases.rs"), bases).map_err(|e| e.to_string())?;
    let table = table::table(&stdlib.join("data").join("talos"))?;
    fs::write(Path::new(&out).join("talos_table.rs"), table).map_err(|e| e.to_string())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// `MODULES` and `ITEMS`.
fn modules(dir: &Path) -> Result<String, String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))? {
        let name = entry.map_err(|e| e.to_string())?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".talos").map(str::to_owned));
    }
    let mut modules = String::from("/// Every module, by name.\npub(crate) static MODULES: &[Module] = &[\n");
    let mut items = Vec::new();
    for name in &names {
        let text = read(&dir.join(format!("{name}.talos")))?;
        let _ = writeln!(
            modules,
            "    Module {{ name: {name:?}, file: \"<std>/{name}.talos\", \
             text: include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/stdlib/{name}.talos\")) }},"
        );
        let found = scan::scan(&text).map_err(|e| format!("stdlib/{name}.talos: {e}"))?;
        items.extend(found.into_iter().map(|item| (item.kind.clone(), item.name.clone(), name, item)));
    }
    modules.push_str("];\n\n");
    items.sort_by(|a, b| (&a.0, &a.1, a.2).cmp(&(&b.0, &b.1, b.2)));
    if let Some([(kind, name, module, _), _]) = items
        .windows(2)
        .find(|pair| (&pair[0].0, &pair[0].1, pair[0].2) == (&pair[1].0, &pair[1].1, pair[1].2))
    {
        return Err(format!("stdlib/{module}.talos: {kind} `{name}` is declared twice"));
    }
    modules.push_str("/// Every item, by kind, name and module.\npub(crate) static ITEMS: &[Item] = &[\n");
    for (kind, name, module, item) in &items {
        let (start, end) = (item.range.start, item.range.end);
        let _ = writeln!(
            modules,
            "    Item {{ kind: {kind:?}, name: {name:?}, module: {module:?}, start: {start}, end: {end}, \
             judges: {:?}, trigger: {:?} }},",
            item.judges, item.trigger
        );
    }
    modules.push_str("];\n\n");
    Ok(modules)
}

/// `KERNEL_MODULES`: name and one mask of minors for each architecture.
fn kernel_modules(path: &Path) -> Result<String, String> {
    let text = read(path)?;
    let mut rows = BTreeSet::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let fail = || format!("stdlib/data/kernel-modules.csv: line {}: `{line}`", number + 1);
        let [name, amd64, arm64] = line.split(',').collect::<Vec<_>>()[..] else { return Err(fail()) };
        let masks = (mask(amd64).ok_or_else(fail)?, mask(arm64).ok_or_else(fail)?);
        if name.contains('-') || !rows.insert((name, masks)) {
            return Err(fail());
        }
    }
    let mut out = String::from(
        "/// Kernel modules of the base image by name; bit 0 is Talos 1.9: amd64, arm64.\n\
         pub(crate) static KERNEL_MODULES: &[(&str, u16, u16)] = &[\n",
    );
    for (name, (amd64, arm64)) in &rows {
        let _ = writeln!(out, "    ({name:?}, {amd64:#b}, {arm64:#b}),");
    }
    out.push_str("];\n");
    Ok(out)
}

/// `1.9..1.11 1.14` to bits; `-` is none.
fn mask(cell: &str) -> Option<u16> {
    let minor = |text: &str| text.strip_prefix("1.")?.parse::<u32>().ok()?.checked_sub(FIRST_MINOR);
    let mut mask = 0;
    for part in cell.split(' ').filter(|&part| part != "-") {
        let (from, to) = part.split_once("..").unwrap_or((part, part));
        for bit in minor(from)?..=minor(to)? {
            mask |= 1u16.checked_shl(bit)?;
        }
    }
    Some(mask)
}

//! `talosc explain CLUSTER.MACHINE --resolved`: what a machine gets once all patches are merged, as YAML or JSON.

mod json;

use super::history;
use crate::cli::output::Said;
use crate::cli::{Failure, files};
use crate::driver::Compilation;
use crate::emit::yaml;
use crate::fleet::{Cluster, Member, Set};
use crate::omni::rules::is_secret;
use crate::secret::Vault;
use crate::source::Span;
use crate::talos::base::BY_OMNI;
use crate::talos::overlay::Config;
use crate::text::did_you_mean;
use crate::tree::{Node, Value};
use crate::world::config::Spot;

/// What stands where only Omni's server knows the value.
const UNKNOWN: &str = "<set by Omni>";
/// What stands in place of a secret: what Talos generates, and what the sources should not hold.
const HIDDEN: &str = "<hidden>";
/// Secrets of generated configurations, as text and in base64.
const GENERATED: [&str; 2] = ["REDACTED", "UkVEQUNURUQ="];

/// The effective configuration of a machine, or of the machines of a set that say nothing of their own.
struct Effective<'c> {
    cluster: &'c Cluster,
    set: &'c Set,
    machine: Option<&'c Member>,
    /// A class picks the machine up.
    picked: bool,
    config: Config<'c>,
}

/// `CLUSTER.MACHINE`, `CLUSTER.SET` or `CLUSTER.SET.MACHINE`, perhaps with the place of each value.
pub(super) fn find(what: &str, origins: bool) -> Result<(Said, Vault), Failure> {
    let path = super::value::segments(what)?;
    let compilation = files::select(&[])?.compile_resolved();
    let clusters = &compilation.clusters;
    let cluster = (1..=path.len()).rev().find_map(|end| {
        let name = path[..end].join(".");
        let at = clusters.iter().position(|cluster| cluster.name == name)?;
        Some((at, &path[end..]))
    });
    let Some((cluster, rest)) = cluster else {
        let known: Vec<&str> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
        let first = path.first().map(String::as_str).unwrap_or_default();
        let hint = did_you_mean(first, known).map_or_else(
            || "write `CLUSTER.SET` or `CLUSTER.MACHINE`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(Failure::Usage(format!("no cluster is called `{first}`; {hint}")));
    };
    match resolved(&compilation, cluster, rest) {
        Some(resolved) => {
            let documents = documents(&compilation, &resolved);
            let said = Said {
                text: show(&compilation, &resolved, &documents, origins),
                document: json::show(&compilation, &resolved, &documents, origins),
            };
            Ok((said, compilation.vault()))
        }
        None => Err(Failure::Usage(nothing(&compilation, cluster, rest))),
    }
}

/// The sets and machines of a cluster that a path may name.
fn resolved<'c>(compilation: &'c Compilation, index: usize, rest: &[String]) -> Option<Effective<'c>> {
    let (cluster, overlay) = (&compilation.clusters[index], compilation.overlays.get(index)?);
    let named = |set: &Set, rest: &[String]| match rest {
        [word, rest @ ..] if set.control && word == "controlplane" => Some(rest.to_vec()),
        [word, name, rest @ ..] if !set.control && word == "workers" && set.name == *name => {
            Some(rest.to_vec())
        }
        [name, rest @ ..] if set.name == *name => Some(rest.to_vec()),
        _ => None,
    };
    for (s, set) in cluster.sets.iter().enumerate() {
        match named(set, rest).as_deref() {
            Some([]) => {
                let config = overlay.set(s);
                return Some(Effective { cluster, set, machine: None, picked: false, config });
            }
            Some([machine]) => return self::machine(compilation, index, Some(s), machine),
            _ => {}
        }
    }
    match rest {
        [machine] => self::machine(compilation, index, None, machine),
        _ => None,
    }
}

/// A machine by its name or UUID, in one set or in any.
fn machine<'c>(
    compilation: &'c Compilation,
    index: usize,
    set: Option<usize>,
    name: &str,
) -> Option<Effective<'c>> {
    let (cluster, overlay) = (&compilation.clusters[index], compilation.overlays.get(index)?);
    let names = &compilation.flattener.types.names;
    let is = |member: &Member| names.decl(member.decl).name == *name || member.id == *name;
    let here = |s: usize| set.is_none_or(|set| set == s);
    for (s, set) in cluster.sets.iter().enumerate().filter(|(s, _)| here(*s)) {
        if let Some(at) = set.machines().iter().position(is) {
            let (machine, config) = (set.machines().get(at), overlay.machine(s, at));
            return Some(Effective { cluster, set, machine, picked: false, config });
        }
    }
    let sets = cluster.sets.iter().enumerate().filter(|(s, _)| here(*s));
    let mut picked =
        sets.flat_map(|(s, set)| set.picked.iter().zip(overlay.picked(s)).map(move |of| (set, of)));
    let (set, (found, config)) = picked.find(|(_, (picked, _))| is(&picked.machine))?;
    Some(Effective { cluster, set, machine: Some(&found.machine), picked: true, config })
}

/// What is said when a path names neither a set nor a machine.
fn nothing(compilation: &Compilation, index: usize, rest: &[String]) -> String {
    let cluster = &compilation.clusters[index];
    let names = &compilation.flattener.types.names;
    let mut known: Vec<&str> = cluster.sets.iter().map(|set| set.name.as_str()).collect();
    known.extend(
        cluster.sets.iter().flat_map(Set::machines).map(|machine| names.decl(machine.decl).name.as_str()),
    );
    let Some(last) = rest.last() else {
        return format!(
            "the cluster `{}` is not one machine: write `{0}.SET` or `{0}.MACHINE`",
            cluster.name
        );
    };
    let hint = match did_you_mean(last, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", crate::text::some_of(&known, 8)),
    };
    format!("the cluster `{}` has no set and no machine `{}`; {hint}", cluster.name, rest.join("."))
}

/// The documents, with nothing in them that must not be shown.
fn documents(compilation: &Compilation, resolved: &Effective<'_>) -> Vec<Node> {
    let mut documents = resolved.config.to_nodes();
    for document in &mut documents {
        let kind = document.at(&["kind"]).and_then(Node::as_str).map(str::to_owned);
        hide(compilation, Spot::document(kind.as_deref()), document);
    }
    documents
}

/// The head, and the documents as YAML.
fn show(compilation: &Compilation, resolved: &Effective<'_>, documents: &[Node], origins: bool) -> String {
    let names = &compilation.flattener.types.names;
    let sources = &names.sources;
    let Effective { cluster, set, machine, picked, config } = resolved;
    let machine = machine.map(|machine| format!("machine `{}` in ", names.decl(machine.decl).name));
    let perhaps = if *picked { ", if it is one of them" } else { "" };
    let title = format!("{}{}{perhaps}", machine.unwrap_or_default(), set.shown());
    let target = &cluster.target;
    let mut out = format!(
        "# {title} of cluster `{}`: Talos {}, created with {}\n",
        cluster.name, target.talos, target.created_with
    );
    for span in config.unread() {
        out.push_str(&format!(
            "# not read, so what it says is not in here: {} ({})\n",
            sources.text(span),
            sources.place(span)
        ));
    }
    if compilation.has_errors() {
        out.push_str("# the sources have errors, `talosc check` shows them\n");
    }
    let (text, lines) = yaml::body(documents);
    let mut block: Option<usize> = None;
    for (line, origin) in text.lines().zip(lines) {
        out.push_str(line);
        let indent = line.len() - line.trim_start().len();
        block = block.filter(|start| indent > *start || line.is_empty());
        // In a text of several lines a comment would be text.
        if block.is_none()
            && origins
            && let Some(span) = compilation.origins.span(origin)
        {
            out.push_str(&format!("  # {}", sources.place(span)));
        }
        if block.is_none() && opens_text(line) {
            block = Some(indent);
        }
        out.push('\n');
    }
    out
}

/// Whether the lines after one are the text of a value.
fn opens_text(line: &str) -> bool {
    let head = line.trim_end_matches(|c: char| matches!(c, '-' | '+') || c.is_ascii_digit());
    head.ends_with(": |") || head.ends_with("- |")
}

/// Takes secrets away, and says what Omni fills in.
fn hide(compilation: &Compilation, spot: Option<Spot>, node: &mut Node) {
    let origin = node.origin;
    let secret = spot.is_some_and(|spot| spot.row().secret());
    match &mut node.value {
        Value::Map(map) => {
            let whole = spot.is_some_and(|spot| spot.is_whole() && spot.row().parent().is_none());
            for (key, inner) in map.iter_mut() {
                // Their place is that of the whole document, which may hold a secret.
                if whole && matches!(key.as_str(), "kind" | "name") {
                    continue;
                }
                // What is in a secret without a type is secret.
                hide(compilation, spot.and_then(|spot| spot.child(key).or(secret.then_some(spot))), inner);
            }
        }
        Value::Seq(items) => {
            for item in items {
                hide(compilation, spot.and_then(|spot| spot.item().or(secret.then_some(spot))), item);
            }
        }
        Value::Str(text) if BY_OMNI.contains(&text.as_str()) => *text = UNKNOWN.into(),
        Value::Str(text) => {
            let found = |span: Span| history::is_secret(&compilation.findings, span);
            let generated = GENERATED.contains(&text.as_str());
            if !text.is_empty()
                && (generated || is_secret(spot, text) || compilation.origins.span(origin).is_some_and(found))
            {
                *text = HIDDEN.into();
            }
        }
        Value::Int(_) | Value::Decimal(_) if secret => node.value = Value::Str(HIDDEN.into()),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Decimal(_) => {}
    }
}

//! What a template that stands on disk says of its cluster, and what a change of versions means for it: only the template that an
//! earlier build has written knows which versions the cluster runs.

use serde::Deserialize as _;
use serde_yaml::Value;

use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Flattener;
use crate::fleet::{Cluster, Fleet};
use crate::omni::paths::Layouts;
use crate::source::loader::Loader;
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Item, Rest};
use crate::version::Version;
use crate::world::versions as known;

/// Compares clusters with what stands at the paths of their templates.
pub fn check(flattener: &mut Flattener, loader: &dyn Loader, fleet: &Fleet, layouts: &Layouts) {
    for cluster in &fleet.clusters {
        let path = &layouts.of(cluster).committed(&cluster.name);
        if !loader.exists(path) {
            continue;
        }
        // What cannot be read is met again, and reported, when it is about to be replaced.
        let Ok(text) = loader.read(path) else { continue };
        let Some(before) = versions(&text, &cluster.name) else { continue };
        compare(flattener, cluster, &before, path);
    }
}

/// The versions of a cluster in a template; absent where the template has none that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// Of Talos.
    pub talos: Option<Version>,
    /// Of Kubernetes.
    pub kubernetes: Option<Version>,
}

/// The versions that a template says for a cluster; `None` if it has no such cluster, or is no YAML up to it.
pub fn versions(template: &str, cluster: &str) -> Option<Versions> {
    // The wanted document is mostly the first of very many, and the reader looks far ahead of the one that is asked for. No
    // document goes on behind such a line, even in a text of several lines.
    for document in template.split("\n---\n").flat_map(serde_yaml::Deserializer::from_str) {
        let document = Value::deserialize(document).ok()?;
        let text = |key: &str| document.get(key).and_then(Value::as_str);
        if text("kind") == Some("Cluster") && text("name") == Some(cluster) {
            let version = |key: &str| Version::parse(document.get(key)?.get("version")?.as_str()?);
            return Some(Versions { talos: version("talos"), kubernetes: version("kubernetes") });
        }
    }
    None
}

fn compare(flattener: &mut Flattener, cluster: &Cluster, before: &Versions, path: &str) {
    let target = &cluster.target;
    if let Some(old) = &before.talos {
        if cluster.target_spans.created_with.is_none() && old.line() != target.talos.line() {
            let names = &flattener.types.names;
            let item = names.decl(cluster.decl).item.clone();
            let finding = created_with_missing(&names.sources, cluster, &item, old, path);
            flattener.report(finding);
        }
        if skips(old, &target.talos) {
            let reached = known::talos(&target.talos).is_none_or(|row| row.reached_from(old.minor));
            let up = old.minor < target.talos.minor;
            let finding = skips_minor("Talos", cluster, cluster.target_spans.talos, old, &target.talos, path);
            flattener.report(match reached {
                true => finding,
                false if up => finding.note("Talos refuses this upgrade"),
                false => finding.note("Talos refuses this downgrade"),
            });
        }
    }
    if let Some(old) = &before.kubernetes
        && skips(old, &target.kubernetes)
    {
        let at = cluster.target_spans.kubernetes;
        let finding = skips_minor("Kubernetes", cluster, at, old, &target.kubernetes, path);
        flattener.report(finding);
    }
}

/// Whether a minor lies between two versions, whichever is the newer: Omni changes Kubernetes one minor at a time.
fn skips(old: &Version, new: &Version) -> bool {
    old.major == new.major && new.minor.abs_diff(old.minor) > 1
}

fn skips_minor(
    what: &str,
    cluster: &Cluster,
    at: Option<Span>,
    old: &Version,
    new: &Version,
    path: &str,
) -> Diagnostic {
    let up = old.minor < new.minor;
    let next = Version::minor(old.major, if up { old.minor + 1 } else { old.minor - 1 });
    let message = format!("cluster `{}` goes from {what} {old} to {new}, past {next}", cluster.name);
    Diagnostic::new(Code::UpgradeSkipsMinor, message)
        .label(at.unwrap_or(cluster.span), "skips a minor")
        .note(format!("`{path}` says {old}"))
        .help(match up {
            true => format!("upgrade to the last release of {next} first, and from there to the next minor"),
            false => format!("go to {next} first, and from there to the minor below, or stay with {old}"),
        })
}

fn created_with_missing(
    sources: &SourceMap,
    cluster: &Cluster,
    item: &Item,
    old: &Version,
    path: &str,
) -> Diagnostic {
    let message =
        format!("cluster `{}` changes its minor of Talos and does not say `created-with`", cluster.name);
    let (at, text) = insertion(sources, cluster, item, old);
    Diagnostic::new(Code::CreatedWithMissing, message)
        .label(cluster.target_spans.talos.unwrap_or(cluster.span), format!("was {old} before"))
        .note(format!("`{path}` says {old}"))
        .note("the version a cluster was created with decides what its generated configuration holds")
        .help(format!("write `created-with = {old}`, or the version it was created with if that is older"))
        .offer(at, text)
}

/// Where the line goes and what it is: after `talos = …` if that stands in the body of the cluster itself, else first in its
/// body.
fn insertion(sources: &SourceMap, cluster: &Cluster, item: &Item, old: &Version) -> (Span, String) {
    let line = format!("created-with = {old}");
    let Rest::Block(block) = &item.rest else { return (item.span.at_end(), format!(" {{ {line} }}")) };
    let inside = |span: &Span| {
        span.file == block.span.file && span.start > block.span.start && span.end < block.span.end
    };
    let Some(talos) = cluster.target_spans.talos.filter(inside) else {
        return (
            Span { start: block.span.start + 1, end: block.span.start + 1, ..block.span },
            format!(" {line}\n"),
        );
    };
    let text = sources.file(talos.file).text();
    let (start, end) = (talos.start as usize, talos.end as usize);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let (before, after) = (&text[line_start..start], text[end..line_end].trim());
    if !before.trim().is_empty() || !(after.is_empty() || after.starts_with('#')) {
        return (talos.at_end(), format!(", {line}"));
    }
    // The column of `=` is kept where the body has its values in a column.
    let width = text[start..end].find('=').unwrap_or(0).max("created-with ".len());
    let at = u32::try_from(line_end).unwrap_or(talos.end);
    let line_break = if text[..line_end].ends_with('\r') { at - 1 } else { at };
    let span = Span { start: line_break, end: line_break, ..talos };
    (span, format!("\n{before}{:width$}= {old}", "created-with"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_a_template() {
        let template =
            "# head\nkind: Workers\n---\nkind: Cluster\nname: a\ntalos:\n  version: v1.12.3\n---\n{";
        let talos = Version::parse("1.12.3");
        assert_eq!(versions(template, "a"), Some(Versions { talos, kubernetes: None }));
        assert_eq!(versions(template, "b"), None);
        assert_eq!(versions("{", "a"), None);
    }
}

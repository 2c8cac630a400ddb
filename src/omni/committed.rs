//! What a template that stands on disk says of its cluster, and what a change means for it: only the template that an earlier build
//! has written knows what Omni has. That it has been synced is taken for granted.

pub(super) mod before;
mod sets;

use self::before::{Before, SetBefore};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::{Flattener, Slot};
use crate::fleet::Cluster;
use crate::omni::paths::Layouts;
use crate::source::loader::Loader;
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Item, Rest};
use crate::typing::Val;
use crate::version::Version;
use crate::world::versions as known;

/// What stands at the path of the template of a cluster. What cannot be read is met again, and reported, when it is about to be
/// replaced.
pub fn template(loader: &dyn Loader, cluster: &Cluster, layouts: &Layouts) -> Option<String> {
    let path = &layouts.of(cluster).committed(&cluster.name);
    loader.exists(path).then(|| loader.read(path).ok()).flatten()
}

/// Compares a cluster with what stands at the path of its template.
pub fn check(flattener: &mut Flattener, cluster: &Cluster, layouts: &Layouts, text: &str) {
    let path = &layouts.of(cluster).committed(&cluster.name);
    let Some(before) = before::read(text, &cluster.name) else { return };
    talos(flattener, cluster, &before, path);
    let mut findings = Vec::new();
    findings.extend(kubernetes(cluster, &before, path));
    if cluster.poison.is_clean() {
        findings.extend(encryption(cluster, &before, path));
        findings.extend(sets::check(flattener, cluster, &before, path));
    }
    findings.into_iter().for_each(|finding| flattener.report(finding));
}

/// Adds what the committed template says, and the way out if Omni never got it.
fn standing(finding: Diagnostic, path: &str, says: &str) -> Diagnostic {
    finding.note(format!(
        "`{path}` {says}; if that was never synced, restore it first: `git checkout -- {path}`"
    ))
}

fn talos(flattener: &mut Flattener, cluster: &Cluster, before: &Before, path: &str) {
    let target = &cluster.target;
    let Some(old) = &before.talos else { return };
    if cluster.target_spans.created_with.is_none() && old.line() != target.talos.line() {
        let names = &flattener.types.names;
        let item = names.decl(cluster.decl).item.clone();
        let finding = created_with_missing(&names.sources, cluster, &item, old, path);
        flattener.report(finding);
    }
    // One that is newer than what the cluster is to run is said without a look at the template.
    let born = target.created_with.line();
    let later = born > old.line() && born <= target.talos.line();
    if let Some(at) = cluster.target_spans.created_with.filter(|_| later) {
        flattener.report(born_later(cluster, at, old, path));
    }
    if skips(old, &target.talos) {
        let reached = known::talos(&target.talos).is_none_or(|row| row.reached_from(old.minor));
        let up = old.minor < target.talos.minor;
        let finding = skips_minor(cluster, old, path);
        flattener.report(match reached {
            true => finding,
            false if up => finding.note("Talos refuses this upgrade"),
            false => finding.note("Talos refuses this downgrade"),
        });
    }
}

/// Whether a minor lies between two versions, whichever is the newer.
fn skips(old: &Version, new: &Version) -> bool {
    old.major == new.major && new.minor.abs_diff(old.minor) > 1
}

fn skips_minor(cluster: &Cluster, old: &Version, path: &str) -> Diagnostic {
    let new = &cluster.target.talos;
    let up = old.minor < new.minor;
    let next = Version::minor(old.major, if up { old.minor + 1 } else { old.minor - 1 });
    let message = format!("cluster `{}` goes from Talos {old} to {new}, past {next}", cluster.name);
    Diagnostic::new(Code::UpgradeSkipsMinor, message)
        .label(cluster.target_spans.talos.unwrap_or(cluster.span), "skips a minor")
        .note(format!("`{path}` says {old}"))
        .help(match up {
            true => format!("upgrade to the last release of {next} first, and from there to the next minor"),
            false => format!("go to {next} first, and from there to the minor below, or stay with {old}"),
        })
}

/// A change of Kubernetes that Omni does not make: `validateKubernetesVersion` takes the same minor and the next one
/// (`kubernetes/upgrade/path.go` of go-kubernetes), and a way back only while an upgrade is running.
fn kubernetes(cluster: &Cluster, before: &Before, path: &str) -> Option<Diagnostic> {
    let (old, new) = (before.kubernetes.as_ref()?, &cluster.target.kubernetes);
    let down = new.line() < old.line();
    if !down && !skips(old, new) {
        return None;
    }
    let next = Version::minor(old.major, old.minor + 1);
    let (way, label, help) = match down {
        true => (
            format!("back to {new}"),
            "an older minor".to_owned(),
            format!(
                "write `kubernetes = {old}`; to abort an upgrade that is still running, revert its commit, output and all"
            ),
        ),
        false => (
            format!("to {new}, past {next}"),
            "skips a minor".to_owned(),
            format!("upgrade to the last release of {next} first, and from there to the next minor"),
        ),
    };
    let message = format!("cluster `{}` goes from Kubernetes {old} {way}", cluster.name);
    let finding = Diagnostic::new(Code::KubernetesStep, message)
        .label(cluster.target_spans.kubernetes.unwrap_or(cluster.span), label)
        .note("Omni upgrades Kubernetes one minor at a time, and does not go back");
    Some(standing(finding, path, &format!("says {old}")).help(help))
}

/// `validations/cluster.go`: "updating disk encryption settings is not allowed".
fn encryption(cluster: &Cluster, before: &Before, path: &str) -> Option<Diagnostic> {
    let slot = cluster.flat.fields.at(&["features", "disk-encryption"]).filter(|slot| slot.is_set());
    let now = matches!(slot.and_then(Slot::leaf), Some(Val::Bool(true)));
    if now == before.encrypted {
        return None;
    }
    let shown = |on: bool| if on { "encrypted" } else { "not encrypted" };
    let message = format!(
        "the disks of `{}` are {}, and would be {}",
        cluster.name,
        shown(before.encrypted),
        shown(now)
    );
    let finding = Diagnostic::new(Code::EncryptionChanged, message)
        .label(slot.and_then(Slot::span).unwrap_or(cluster.span), format!("was {}", before.encrypted))
        .note("Omni refuses to change the encryption of a cluster that exists");
    let help = format!(
        "write `features {{ disk-encryption = {} }}`; another setting needs a new cluster",
        before.encrypted
    );
    let finding =
        standing(finding, path, &format!("has disks that are {}", shown(before.encrypted))).help(help);
    Some(match slot.and_then(Slot::span).filter(|_| before.encrypted) {
        Some(span) => finding.offer(span, "disk-encryption = true"),
        None => finding,
    })
}

/// A cluster that ran an older minor than the one that it is said to begin with: Omni goes back below no such minor.
fn born_later(cluster: &Cluster, at: Span, old: &Version, path: &str) -> Diagnostic {
    let born = &cluster.target.created_with;
    let message =
        format!("`{}` cannot have been created with Talos {born}: it ran {old} before", cluster.name);
    let finding = Diagnostic::new(Code::BornLater, message)
        .label(at, "newer than what it ran")
        .note("the version a cluster was created with decides what its generated configuration holds");
    standing(finding, path, &format!("says {old}"))
        .help(format!("write `created-with = {old}`, or the version it was created with if that is older; for a cluster that is made anew, remove `{path}` first"))
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

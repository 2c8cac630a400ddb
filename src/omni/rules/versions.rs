//! Whether the versions of a cluster fit together.
//!
//! Mirrors `validations/cluster.go` and `version.go` of Omni, and the compatibility tables of Talos.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::version::Version;
use crate::world::versions::{self, Refusal, Support, Talos};

/// The newest release whose template fields are known, released or not.
const NEWEST_KNOWN_OMNI: (u16, u16) = (1, 11);

/// Every rule on the versions of a cluster.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
    let spans = &cluster.target_spans;
    let talos_at = spans.talos.unwrap_or(cluster.span);
    let mut findings = Vec::new();
    findings.extend(inexact(&cluster.target.talos, talos_at, "Talos"));
    findings.extend(inexact(
        &cluster.target.kubernetes,
        spans.kubernetes.unwrap_or(cluster.span),
        "Kubernetes",
    ));
    findings.extend(born(cluster));
    let talos = &cluster.target.talos;
    let newest = &versions::TALOS[versions::TALOS.len() - 1];
    match versions::talos(talos).filter(|row| row.support != Support::Past) {
        Some(row) => {
            findings.extend(kubernetes(cluster, row));
            findings.extend(omni(cluster, talos_at));
        }
        None if talos.line() > (1, newest.minor) => {
            findings.push(unknown(talos_at, "Talos", talos, &format!("v1.{}", newest.minor)));
        }
        None => findings.push(too_old(talos_at, talos)),
    }
    let omni = &cluster.target.omni;
    let omni_at = spans.omni.unwrap_or(cluster.span);
    if omni.line() > NEWEST_KNOWN_OMNI {
        let (major, minor) = NEWEST_KNOWN_OMNI;
        findings.push(unknown(omni_at, "Omni", omni, &format!("v{major}.{minor}")));
    } else if versions::omni(omni).is_none() {
        let below = versions::OMNI.iter().rfind(|row| row.line < omni.line());
        findings.push(below.map_or_else(
            || before(omni_at, omni),
            |row| unknown(omni_at, "Omni", omni, &format!("v{}.{}", row.line.0, row.line.1)),
        ));
    }
    for finding in findings {
        lowering.report(finding.in_cluster(&cluster.name));
    }
}

/// Omni needs the whole number of a release: it creates machines of exactly that one.
fn inexact(version: &Version, at: Span, what: &str) -> Option<Diagnostic> {
    if version.patch.is_some() {
        return None;
    }
    let latest = match what {
        "Talos" => versions::talos(version).map(|row| row.latest.to_string()),
        _ => None,
    };
    let whole = latest.unwrap_or_else(|| format!("{}.0", version.bare()));
    Some(
        Diagnostic::new(
            Code::InexactVersion,
            format!("{version} names no release of {what}, only a line of them"),
        )
        .label(at, "the last number is missing")
        .help(format!("write the whole version, such as `v{whole}`")),
    )
}

fn born(cluster: &Cluster) -> Option<Diagnostic> {
    let target = &cluster.target;
    if target.created_with.line() <= target.talos.line() {
        return None;
    }
    let finding = Diagnostic::new(
        Code::BornLater,
        format!(
            "`{}` was created with Talos {}, but is to run {}",
            cluster.name, target.created_with, target.talos
        ),
    )
    .label(cluster.target_spans.talos.unwrap_or(cluster.span), "older than the cluster")
    .label_if(cluster.target_spans.created_with, "created with this version")
    .note("Omni refuses to take a cluster below the minor it was created with")
    .help(format!("write `talos = {}` or newer", target.created_with));
    Some(finding)
}

fn kubernetes(cluster: &Cluster, row: &Talos) -> Option<Diagnostic> {
    let target = &cluster.target;
    if row.runs(&target.kubernetes) {
        return None;
    }
    let (min, max) = (row.kubernetes_min, row.kubernetes_max);
    let other = versions::talos_supported().filter(|row| row.runs(&target.kubernetes)).last();
    let or = match other {
        Some(row) => format!(", or a Talos v1.{} that runs it", row.minor),
        None => String::new(),
    };
    let finding = Diagnostic::new(
        Code::KubernetesNotOnTalos,
        format!("Talos v1.{} does not run Kubernetes {}", row.minor, target.kubernetes),
    )
    .label(cluster.target_spans.kubernetes.unwrap_or(cluster.span), "not one of those that it runs")
    .label_if(cluster.target_spans.talos, format!("runs Kubernetes v1.{min} to v1.{max}"))
    .help(format!("choose a Kubernetes from v1.{min} to v1.{max}{or}"));
    Some(finding)
}

fn omni(cluster: &Cluster, at: Span) -> Option<Diagnostic> {
    let target = &cluster.target;
    let row = versions::omni(&target.omni)?;
    let (talos, omni) = (&target.talos, &target.omni);
    let (label, help) = match row.refuses(talos)? {
        Refusal::TooOld => {
            let min = row.talos_min;
            (format!("older than v1.{min}"), format!("choose Talos v1.{min} or newer"))
        }
        Refusal::TooNew => {
            let max = row.talos_max.unwrap_or_default();
            (format!("newer than v1.{max}"), format!("stay on Talos v1.{max}, or upgrade Omni first"))
        }
        Refusal::Denied => (
            "this very release is refused".to_string(),
            format!(
                "choose another release of v{}.{}, such as `{}`",
                talos.major,
                talos.minor,
                latest(talos)
            ),
        ),
    };
    let finding = Diagnostic::new(Code::TalosNotOnOmni, format!("Omni {omni} does not take Talos {talos}"))
        .label(at, label)
        .label_if(cluster.target_spans.omni, "the release of Omni")
        .help(help);
    Some(finding)
}

fn latest(talos: &Version) -> String {
    versions::talos(talos).map_or_else(|| talos.to_string(), |row| format!("v{}", row.latest))
}

fn too_old(at: Span, talos: &Version) -> Diagnostic {
    let oldest = versions::talos_supported().next().map_or(0, |row| row.minor);
    Diagnostic::new(Code::TalosTooOld, format!("Talos {talos} is older than what talosc writes for"))
        .label(at, format!("older than v1.{oldest}"))
        .note("a current Omni does not take it either")
        .help(format!("upgrade the machines to Talos v1.{oldest} or newer"))
}

fn unknown(at: Span, what: &str, version: &Version, newest: &str) -> Diagnostic {
    Diagnostic::new(Code::UnknownRelease, format!("this talosc does not know {what} {version}"))
        .label(at, format!("judged by what is known of {newest}"))
        .help("check the result, or get a newer talosc")
}

/// An Omni from before the table begins.
fn before(at: Span, omni: &Version) -> Diagnostic {
    let (major, minor) = versions::OMNI[0].line;
    Diagnostic::new(Code::UnknownRelease, format!("this talosc does not know Omni {omni}"))
        .label(at, format!("the oldest that is known is v{major}.{minor}"))
        .note(format!("the template is written as for v{major}.{minor}, without fields that came later"))
        .help(format!("write `omni = v{major}.{minor}` and check the result, or upgrade Omni"))
}

//! Whether the versions of a cluster fit together.
//!
//! Mirrors `validations/cluster.go` and `version.go` of Omni, and the compatibility tables of Talos.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Cluster, Target, TargetSpans};
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
    let omni = &cluster.target.omni;
    match versions::talos(talos) {
        _ if is_swapped(&cluster.target) => findings.push(swapped(lowering, cluster, talos_at)),
        Some(row) if row.support != Support::Past => {
            findings.extend(out_of_reach(&cluster.target, spans, cluster.span));
            findings.extend(kubernetes(cluster, row));
            findings.extend(self::omni(cluster, talos_at));
            findings.extend(stuck(cluster, talos_at));
        }
        None if talos.line() == (1, newest.minor + 1) && !is_known(cluster) => {
            findings.push(unknown(talos_at, "Talos", talos, &format!("v1.{}", newest.minor)));
        }
        None if talos.line() > (1, newest.minor) => findings.push(too_new(cluster, talos_at, newest)),
        _ => findings.push(too_old(talos_at, talos)),
    }
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

/// Whether the cluster says an Omni that is known, so that it is known which Talos that takes.
fn is_known(cluster: &Cluster) -> bool {
    cluster.target_spans.omni.is_some() && cluster.target.omni.line() <= NEWEST_KNOWN_OMNI
}

/// Whether the version of Talos is one of Kubernetes, and the other way round.
fn is_swapped(target: &Target) -> bool {
    let is_talos = |version: &Version| versions::talos(version).is_some();
    let runs = |version: &Version| versions::TALOS.iter().any(|row| row.runs(version));
    !is_talos(&target.talos) && runs(&target.talos) && is_talos(&target.kubernetes)
}

fn swapped(lowering: &Lowering<'_, '_>, cluster: &Cluster, at: Span) -> Diagnostic {
    let Target { talos, kubernetes, .. } = &cluster.target;
    let other = cluster.target_spans.kubernetes;
    let finding = Diagnostic::new(Code::TalosNotOnOmni, format!("no Omni takes Talos {talos}"))
        .label(at, "a version of Kubernetes")
        .label_if(other, "a version of Talos")
        .help(format!(
            "`talos` and `kubernetes` are swapped: write `talos = {kubernetes}` and `kubernetes = {talos}`"
        ));
    // Each stands behind its field: only what is written there, and no parameter, can change places.
    let sources = &lowering.flattener.types.names.sources;
    let is = |span: Span, version: &Version| sources.text(span).trim_start_matches('v') == version.bare();
    match other.map(|other| (value_in(lowering, at, talos), value_in(lowering, other, kubernetes))) {
        Some((Some(one), Some(two))) if is(one, talos) && is(two, kubernetes) => {
            finding.mend(one, kubernetes.to_string()).mend(two, talos.to_string())
        }
        _ => finding,
    }
}

/// Where a version is written in the line of its field.
fn value_in(lowering: &Lowering<'_, '_>, field: Span, version: &Version) -> Option<Span> {
    let text = lowering.flattener.types.names.sources.text(field);
    let shown = version.to_string();
    let at = text.rfind(&shown)? as u32;
    Some(Span { start: field.start + at, end: field.start + at + shown.len() as u32, ..field })
}

/// A Talos that no Omni can know which is known here, or that of the cluster cannot.
fn too_new(cluster: &Cluster, at: Span, newest: &Talos) -> Diagnostic {
    let (talos, omni) = (&cluster.target.talos, &cluster.target.omni);
    let (who, newest, help) = match versions::omni(omni).filter(|_| is_known(cluster)) {
        Some(row) => {
            let max = row.talos_max;
            (
                format!("Omni {omni} does not take"),
                max,
                format!("stay on Talos v1.{max}, or upgrade Omni first"),
            )
        }
        None => {
            let max = newest.minor;
            let help =
                format!("write a release of Talos up to v1.{max}, or get a newer talosc if there is one");
            ("no Omni that this talosc knows takes".to_owned(), max, help)
        }
    };
    Diagnostic::new(Code::TalosNotOnOmni, format!("{who} Talos {talos}"))
        .label(at, format!("newer than v1.{newest}"))
        .label_if(cluster.target_spans.omni, "the release of Omni")
        .help(help)
}

/// Releases with a last number that no line of releases ever has: most likely a typing mistake.
fn out_of_reach(target: &Target, spans: &TargetSpans, cluster: Span) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if let Some(latest) = versions::talos_out_of_reach(&target.talos) {
        out.push(
            unknown(spans.talos.unwrap_or(cluster), "Talos", &target.talos, &format!("v{latest}"))
                .help(format!("the newest release that is known is v{latest}: is a digit too many?")),
        );
    }
    if versions::kubernetes_out_of_reach(&target.kubernetes) {
        let line = format!("v{}.{}", target.kubernetes.major, target.kubernetes.minor);
        out.push(unknown(spans.kubernetes.unwrap_or(cluster), "Kubernetes", &target.kubernetes, &line).help(
            format!(
                "no line of Kubernetes has had so many releases as {line} would need: is a digit too many?"
            ),
        ));
    }
    out
}

/// A release of Talos that machines get stuck on under this Omni.
fn stuck(cluster: &Cluster, at: Span) -> Option<Diagnostic> {
    let (talos, omni) = (&cluster.target.talos, &cluster.target.omni);
    let row = versions::STUCK.iter().find(|row| row.concerns(talos, omni))?;
    let (major, minor, patch) = row.omni;
    let (_, line, first) = row.talos;
    let finding =
        Diagnostic::new(Code::StuckOnOmni, format!("with Omni {omni} and Talos {talos} {}", row.what))
            .label(at, format!("from v1.{line}.{first} on"))
            .label_if(cluster.target_spans.omni, format!("mended in v{major}.{minor}.{patch}"))
            .note(format!("reported at {}", row.source))
            .help(format!(
                "upgrade Omni to v{major}.{minor}.{patch} first and say so, or stay below v1.{line}.{first}"
            ));
    Some(finding)
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
    // The nearest that everything else takes.
    let takes = |other: &Talos| {
        let latest = Version::parse(other.latest);
        let refused =
            latest.zip(versions::omni(&target.omni)).and_then(|(latest, omni)| omni.refuses(&latest));
        other.support == Support::Current && other.runs(&target.kubernetes) && refused.is_none()
    };
    let other = versions::talos_supported()
        .filter(|other| takes(other))
        .min_by_key(|other| other.minor.abs_diff(row.minor));
    let or = match other {
        Some(row) => format!(", or Talos v{}, which runs it", row.latest),
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
        // What a newer Omni takes is not known.
        Refusal::TooNew if omni.line() > NEWEST_KNOWN_OMNI => return None,
        Refusal::TooOld => {
            let min = row.talos_min;
            (format!("older than v1.{min}"), format!("choose Talos v1.{min} or newer"))
        }
        Refusal::TooNew => {
            let max = row.talos_max;
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
        .note_if(cluster.omni_assumed())
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

//! Template fields by the release of Omni that brought them.
//!
//! Source: the struct tags in `client/pkg/template/internal/models` of each tag, which know more than the documentation.

use super::{LevelOf, LevelOwner, place_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Slotted;
use crate::fleet::{Chain, Cluster};
use crate::source::Span;
use crate::talos::lower::Lowering;

/// A field of a level, and the first release whose template has it.
struct SinceRule {
    at: LevelOwner,
    path: &'static [&'static str],
    wire: &'static str,
    since: (u16, u16),
}

const fn row(
    at: LevelOwner,
    path: &'static [&'static str],
    wire: &'static str,
    since: (u16, u16),
) -> SinceRule {
    SinceRule { at, path, wire, since }
}

const ROWS: &[SinceRule] = &[
    row(LevelOwner::Cluster, &["kernel", "args"], "kernelArgs", (1, 5)),
    row(LevelOwner::Set, &["kernel", "args"], "kernelArgs", (1, 5)),
    row(LevelOwner::Machine, &["kernel", "args"], "kernelArgs", (1, 5)),
    row(LevelOwner::Set, &["upgrade-strategy"], "upgradeStrategy", (1, 6)),
    row(LevelOwner::Cluster, &["manifest"], "kubernetes.manifests", (1, 7)),
    row(LevelOwner::Cluster, &["healthcheck"], "kubernetes.healthchecks", (1, 9)),
    row(
        LevelOwner::Cluster,
        &["features", "public-discovery"],
        "features.disablePublicDiscoveryService",
        (1, 10),
    ),
    row(LevelOwner::Cluster, &["features", "node-audit-skip"], "features.enableNodeAuditSkip", (1, 10)),
    row(LevelOwner::Machine, &["install", "selector"], "install.diskSelector", (1, 11)),
];

/// The first release in which an empty list of extensions means that there are none.
const CLEARS: (u16, u16) = (1, 9);

/// Reports fields of a level that the Omni of its cluster does not have.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    // The line that says the release may be the one that was not understood.
    if !level.cluster.poison.is_clean() && level.cluster.target_spans.omni.is_none() {
        return;
    }
    for row in ROWS.iter().filter(|row| row.at == level.at) {
        let (major, minor) = row.since;
        if level.cluster.target.omni_at_least(major, minor) {
            continue;
        }
        if let Some(slot) = level.fields.at(row.path) {
            let at = place_of(slot).unwrap_or(level.cluster.span);
            let what = format!("`{}` becomes `{}` of the template", row.path.join("."), row.wire);
            let field = row.path.join(".");
            lowering.report(missing(level.cluster, at, &format!("`{field}`"), &what, row.since));
        }
    }
    empty_extensions(lowering, level);
}

fn empty_extensions(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    let (major, minor) = CLEARS;
    if level.cluster.target.omni_at_least(major, minor) || level.at == LevelOwner::Loose {
        return;
    }
    let Some(slot) = level.fields.get("extensions") else { return };
    let Slotted::List(list) = &slot.value else { return };
    let chain = match (level.at, level.set) {
        (LevelOwner::Machine, Some(set)) => Chain::of_set(level.cluster, set),
        _ => Chain::of_cluster(level.cluster),
    };
    let takes_all = list.items.is_empty()
        && (list.based || chain.list("extensions").is_none_or(|above| above.items.len() == list.taken.len()));
    let carried = level.fields.list("preinstalled").or(chain.list("preinstalled"));
    if takes_all && carried.is_none_or(|list| list.items.is_empty()) {
        let at = place_of(slot).unwrap_or(level.cluster.span);
        let what = "an older Omni reads an empty list as if there were none and keeps what the machines have";
        lowering.report(missing(level.cluster, at, "an empty list of extensions", what, CLEARS));
    }
}

/// Something that the Omni of a cluster does not have.
pub(super) fn missing(cluster: &Cluster, at: Span, what: &str, note: &str, since: (u16, u16)) -> Diagnostic {
    let (major, minor) = since;
    let omni = &cluster.target.omni;
    let finding = Diagnostic::new(
        Code::NotInThisOmni,
        format!("{what} needs Omni v{major}.{minor}, but `{}` is for {omni}", cluster.name),
    )
    .label(at, format!("known since Omni v{major}.{minor}"))
    .label_if(cluster.target_spans.omni, "the release that reads the template")
    .note(note.to_string())
    .note_if(cluster.omni_assumed())
    .help(format!("remove it; or write `omni = v{major}.{minor}` if your Omni is that new"));
    finding.in_cluster(&cluster.name)
}

//! Labels and annotations of Omni's resources.
//!
//! Mirrors `Descriptors.Validate` in `models/models.go`, and the limits of `validations/metadata.go`.

use super::{At, LevelOf, place_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::flatten::Fields;
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::lower::{Lowering, show};

/// What Omni keeps for itself.
const OWN: &str = "omni.sidero.dev/";
const MAX_ENTRIES: usize = 256;
const MAX_KEY: usize = 1024;
const MAX_VALUE: usize = 16 * 1024;

/// The labels and annotations of a level, of its patches, and of what else a cluster says.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>) {
    if level.at != At::Loose {
        maps(lowering, level.cluster, level.fields);
    }
    for field in ["patch", "manifest", "healthcheck"] {
        for (_, slot) in level.fields.block(field).into_iter().flat_map(Fields::iter) {
            if let Some(fields) = slot.map() {
                maps(lowering, level.cluster, fields);
            }
        }
    }
    for patch in level.patches {
        // A patch at top level is not among the fields of the level.
        for node in patch.labels.iter().chain(&patch.annotations) {
            for (key, value) in node.as_map().into_iter().flat_map(crate::tree::Map::iter) {
                if key.starts_with(OWN)
                    && let Some(at) = lowering.origins.span(value.origin)
                {
                    lowering.report(reserved(lowering, at, key).in_cluster(&level.cluster.name));
                }
            }
        }
    }
}

fn maps(lowering: &mut Lowering<'_, '_>, cluster: &Cluster, fields: &Fields) {
    for field in ["labels", "annotations"] {
        let Some(slot) = fields.get(field) else { continue };
        let Some(map) = slot.map() else { continue };
        let mut findings = limits(map, field, place_of(slot).unwrap_or(cluster.span));
        for (key, slot) in map.iter().filter(|(key, _)| key.starts_with(OWN)) {
            let at = place_of(slot).unwrap_or(cluster.span);
            findings.push(reserved(lowering, at, key));
        }
        for finding in findings {
            lowering.report(finding.in_cluster(&cluster.name));
        }
    }
}

/// What exceeds the limits of the server, of labels or annotations.
pub(super) fn limits(map: &Fields, field: &str, at: Span) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    if map.len() > MAX_ENTRIES {
        out.push(limit(at, format!("{} {field}", map.len()), format!("Omni takes {MAX_ENTRIES}")));
    }
    for (key, slot) in map.iter() {
        let at = place_of(slot).unwrap_or(at);
        let value = slot.leaf().and_then(show).unwrap_or_default();
        if key.len() > MAX_KEY || value.len() > MAX_VALUE {
            let takes = format!("Omni takes {MAX_KEY} bytes for a key and {MAX_VALUE} for a value");
            out.push(limit(at, format!("one of the {field} is too long"), takes));
        } else if value.chars().chain(key.chars()).any(char::is_control) {
            let what = format!("one of the {field} has a control character in it");
            out.push(limit(at, what, "Omni takes none, line ends included".into()));
        }
    }
    out
}

fn limit(at: Span, what: String, takes: String) -> Diagnostic {
    Diagnostic::new(Code::OmniLimit, what)
        .label(at, takes)
        .help("shorten it: annotations are no place for files")
}

/// A key under Omni's own prefix.
pub(super) fn reserved(lowering: &Lowering<'_, '_>, at: Span, key: &str) -> Diagnostic {
    let finding = Diagnostic::new(Code::ReservedLabel, format!("`{key}` is a key that only Omni may set"))
        .label(at, format!("under `{OWN}`"))
        .note("Omni refuses a template that sets one")
        .help(format!("use a key of your own, such as `{}`", &key[OWN.len()..]));
    let text = lowering.flattener.types.names.sources.text(at);
    match text.find(OWN) {
        Some(offset) => {
            let start = at.start + offset as u32;
            finding.offer(Span { start, end: start + OWN.len() as u32, ..at }, "")
        }
        None => finding,
    }
}

//! Names of clusters and sets, and the ids that Omni makes of them.
//!
//! Mirrors `ClusterValidator` and `models/list.go` of Omni.

use rustc_hash::FxHashMap;

use super::place_of;
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::{Cluster, Fleet, Head};
use crate::schema::Shape;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::typing::misfit;

/// The longest id that Omni stores, in bytes (`validations`, v1.9).
const MAX_ID: usize = 1024;

/// Every rule on names.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet) {
    let mut clusters: FxHashMap<&str, Span> = FxHashMap::default();
    let mut sets: FxHashMap<String, Span> = FxHashMap::default();
    for (_, cluster, outline) in fleet.placed() {
        if let Some(why) = misfit(Shape::ClusterName, &cluster.name) {
            lowering.report(bad_name(cluster.span, &cluster.name, &why));
        }
        if let Some(first) = clusters.insert(&cluster.name, cluster.span) {
            lowering.report(twice(cluster.span, first, &format!("the cluster `{}`", cluster.name)));
            continue;
        }
        for set in &outline.sets {
            if !set.control && set.name == "control-planes" {
                let at = lowering.head(set.span);
                lowering.report(reserved(at).in_cluster(&cluster.name));
                continue;
            }
            let id = format!("{}-{}", cluster.name, set.name);
            if id.len() > MAX_ID {
                lowering.report(too_long(cluster, set.span));
            }
            if let Some(first) = sets.insert(id.clone(), set.span) {
                lowering.report(twice(set.span, first, &format!("the machine set `{id}`")));
            }
        }
    }
}

fn bad_name(at: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::BadName, format!("a cluster cannot be called `{name}`"))
        .label(at, why.to_string())
        .help("choose a name of letters, digits, `-` and `_`")
}

fn reserved(at: Span) -> Diagnostic {
    Diagnostic::new(Code::BadName, "a set of workers cannot be called `control-planes`")
        .label(at, "the name of the control planes")
        .help("choose another name")
}

fn too_long(cluster: &Head, at: Span) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::OmniLimit, "the name of this set and its cluster are too long together")
            .label(at, format!("Omni's ids have at most {MAX_ID} bytes"))
            .help("choose shorter names");
    finding.in_cluster(&cluster.name)
}

pub(super) fn twice(at: Span, first: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::IdTwice, format!("{what} is declared twice"))
        .label(at, "again here")
        .label(first, "first here")
        .note("Omni knows both by the same id: one would replace the other")
        .help("rename one of the two")
}

/// The place of a field of a cluster, or of its name.
pub(super) fn field_place(cluster: &Cluster, path: &[&str]) -> Span {
    cluster.flat.fields.at(path).and_then(place_of).unwrap_or(cluster.span)
}

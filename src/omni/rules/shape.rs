//! What a patch must be before its content is looked at.
//!
//! Mirrors the configuration loader that `ValidateConfigPatch` of Omni runs: `pkg/machinery/config/configloader` and
//! `container.go` of Talos.

use rustc_hash::FxHashMap;

use super::{document_shown, kind_of};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::world::config::{self, Row};

/// Every rule on the shape of a patch.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, patch: &Patch) {
    if patch.lowered {
        return;
    }
    let Content::Documents(documents) = &patch.content else { return };
    if documents.is_empty() {
        if let Some(at) = patch.span {
            lowering.report(empty(at, &patch.name));
        }
        return;
    }
    let mut seen: FxHashMap<(&str, &str), (&str, Option<Span>)> = FxHashMap::default();
    for document in documents {
        let key = kind_of(document);
        let (kind, name) = key.unwrap_or_default();
        let group = config::document(Some(kind)).and_then(Row::group).unwrap_or(kind);
        let at = document
            .as_map()
            .and_then(|map| map.get("kind"))
            .and_then(|kind| lowering.origins.span(kind.origin))
            .or_else(|| lowering.origins.place(document))
            .or(patch.span);
        if let Some((other, first)) = seen.insert((group, name), (kind, at))
            && let Some(at) = at
        {
            lowering.report(match other == kind {
                true => twice(at, first, &document_shown(key)),
                false => of_one(at, first, (other, kind), group, name),
            });
        }
    }
}

fn empty(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::EmptyPatch, format!("the patch `{name}` says nothing"))
        .if_understood()
        .label(at, "no configuration in it")
        .note("Omni refuses an empty patch: \"config not found\"")
        .help("remove it, or give it a body: `machine { … }`")
}

fn twice(at: Span, first: Option<Span>, what: &str) -> Diagnostic {
    Diagnostic::new(Code::DocumentTwice, format!("{what} stands twice in one patch"))
        .label(at, "again here")
        .label_if(first, "first here")
        .note("Talos takes each document of a configuration once, by kind and name")
        .help("join the two")
}

fn of_one(at: Span, first: Option<Span>, kinds: (&str, &str), group: &str, name: &str) -> Diagnostic {
    let (one, other) = kinds;
    let message = format!("`{one}` and `{other}` both describe the {group} `{name}`");
    Diagnostic::new(Code::DocumentTwice, message)
        .label(at, "again here")
        .label_if(first, "first here")
        .note("Talos takes one document for each interface, user volume and shared address")
        .help("keep one of the two, or give one another name")
}

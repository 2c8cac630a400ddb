//! What Omni sets in the configuration of every machine, so that no patch may.
//!
//! The table of Talos's fields says what that is, and since which release. Up to 1.9 only the first document of a patch was looked at;
//! here all are, as the machine would still refuse the rest.

use super::{LevelOf, kind_of, secrets};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch};
use crate::tree::Node;
use crate::world::config::{self, Owned, Row};
use crate::world::versions;

/// Every rule on what a patch may set.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, level: &LevelOf<'_>, patch: &Patch) {
    let Content::Documents(documents) = &patch.content else { return };
    // What is lowered from fields is nothing that Omni owns in the release that it is lowered for.
    if patch.lowered {
        return;
    }
    let omni = level.cluster.target.omni.line();
    for document in documents {
        let Some(top) = config::document(kind_of(document).map(|(kind, _)| kind)) else { continue };
        if let Some(owned) = top.owner(omni) {
            let at = secrets::place_in(lowering, document, top);
            let place = at.or_else(|| lowering.origins.place(document)).or(patch.span);
            report(lowering, level, place, owned, at.map(|_| document));
            continue;
        }
        for owned in config::owned().iter().filter(|owned| owned.row.root() == top && owned.since <= omni) {
            let Some(node) = document.field(owned.row) else { continue };
            match owned.element {
                Some(element) => {
                    let items = node.as_seq().unwrap_or_default().iter();
                    for item in items.filter(|item| item.as_str() == Some(element)) {
                        let at = lowering.origins.place(item).or(patch.span);
                        report(lowering, level, at, owned, None);
                    }
                }
                None => {
                    let secret = secrets::place_in(lowering, document, owned.row);
                    let at = secret.or_else(|| lowering.origins.place(node)).or(patch.span);
                    report(lowering, level, at, owned, owned.row.holds_secret().then_some(document));
                }
            }
        }
    }
}

/// Whether a rule of this module speaks of a value, so that no other need to.
pub(super) fn is_owned(row: Row, level: &LevelOf<'_>) -> bool {
    row.owner(level.cluster.target.omni.line()).is_some()
}

fn report(
    lowering: &mut Lowering<'_, '_>,
    level: &LevelOf<'_>,
    at: Option<Span>,
    owned: &Owned,
    secret: Option<&Node>,
) {
    let Some(at) = at else { return };
    let code = if secret.is_some() { Code::OmniOwnedSecret } else { Code::OmniOwned };
    let place = owned.row;
    let message = match (owned.element, owned.row.parent()) {
        (Some(element), _) => format!("Omni does not let `{place}` hold `{element}`"),
        (None, None) => format!("Omni owns the document `{}`: a patch may not set it", owned.row.name()),
        (None, Some(_)) => format!("Omni owns `{place}`: a patch may not set it"),
    };
    let finding = Diagnostic::new(code, message)
        .label(at, "refused by Omni when the template is synced")
        .note_if(level.cluster.omni_assumed().filter(|_| owned.since > versions::OMNI[0].line))
        .help(owned.instead);
    let finding = match secret {
        Some(document) => secrets::hide(finding, document, owned.row),
        None => finding,
    };
    lowering.report(finding.in_cluster(&level.cluster.name));
}

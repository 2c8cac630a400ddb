//! What Talos refuses to merge: a patch that takes away what is not there, and two values that it cannot make one of.
//!
//! The overlay merges as Talos does and keeps what that refuses; here it is said where it is written.

use rustc_hash::FxHashSet;

use super::got::{Got, unchecked};
use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::base::{self, Base};
use crate::talos::lower::Lowering;
use crate::talos::overlay::{Fault, Refusal};
use crate::text;
use crate::tree::Origin;
use crate::world::versions::{self, Support};

/// Judges what the machines of a cluster get; what several refuse is said once.
#[derive(Default)]
pub(super) struct Refusals {
    said: FxHashSet<Origin>,
}

impl Refusals {
    /// What some machines get.
    pub(super) fn judge(&mut self, lowering: &mut Lowering<'_, '_>, of: Resolved<'_>, got: &Got<'_>) {
        // An empty set takes no machine that could refuse anything.
        if got.set.count() == Some(0) {
            return;
        }
        for fault in got.config.faults() {
            let absent = matches!(fault.why, Refusal::NothingToDelete | Refusal::NoDocument);
            // What is not read may say it.
            if absent && !(born_with_a_release(of.cluster) && got.config.is_whole())
                || unchecked(of.lowered, fault.origin)
            {
                continue;
            }
            if self.said.insert(fault.origin) {
                report(lowering, Whose { cluster: of.cluster, got }, fault);
            }
        }
    }
}

/// Whose configuration is refused.
#[derive(Clone, Copy)]
struct Whose<'g> {
    cluster: &'g Cluster,
    got: &'g Got<'g>,
}

/// Whether what Talos generated for a cluster is known for sure: of a preview the release may generate more.
fn born_with_a_release(cluster: &Cluster) -> bool {
    let born = cluster.target.created_with.line();
    versions::talos_supported().any(|row| (1, row.minor) == born && row.support == Support::Current)
}

fn report(lowering: &mut Lowering<'_, '_>, whose: Whose<'_>, fault: &Fault) {
    let Some(at) = whose.got.blame(lowering, whose.cluster, fault.origin) else { return };
    let there = whose.got.blame(lowering, whose.cluster, fault.there).filter(|there| *there != at);
    let generated =
        matches!(fault.why, Refusal::OtherType(..) | Refusal::Twice) && fault.there == Origin::NONE;
    let finding = match fault.why {
        Refusal::NoDocument => no_document(at, whose, fault),
        Refusal::NothingToDelete => nothing_to_delete(at, whose, fault),
        Refusal::NamelessElement => nameless(at, fault),
        Refusal::OtherType(is, says) => other_type((at, there), fault, (is, says)),
        Refusal::Twice => twice((at, there), whose, fault),
    };
    let finding = match generated {
        true => finding.note("the other value stands in the configuration that Talos generates"),
        false => finding,
    };
    lowering.report(finding.in_cluster(&whose.cluster.name));
}

fn no_document(at: Span, whose: Whose<'_>, fault: &Fault) -> Diagnostic {
    let document = fault.place.document.as_ref();
    let shown = document.map_or_else(String::new, |document| match &document.name {
        Some(name) => format!("{} {name}", document.kind),
        None => document.kind.to_string(),
    });
    let (born, spans) = (&whose.cluster.target.created_with, &whose.cluster.target_spans);
    let finding = Diagnostic::new(Code::DeletesNothing, format!("there is no document `{shown}` to delete"))
        // Where nothing says what the cluster was born with, an error that asks for it has the same cause.
        .if_blocks_understood(vec![spans.created_with.or(spans.talos).unwrap_or(whose.cluster.span)])
        .label(at, format!("Talos {born} generates none"))
        .label_if(spans.created_with, format!("`{}` was created with it", whose.cluster.name))
        .note("Talos refuses to delete what is not there");
    let base = base::of(whose.cluster.target.created_with.line(), whose.got.set.control);
    let kinds: Vec<&str> = base.into_iter().flat_map(Base::kinds).collect();
    match kinds.is_empty() {
        true => finding.help("remove the line"),
        false => finding.help(format!("remove the line; generated are {}", text::all_of(&kinds))),
    }
}

fn nothing_to_delete(at: Span, whose: Whose<'_>, fault: &Fault) -> Diagnostic {
    Diagnostic::new(Code::DeletesNothing, format!("there is no `{}` to delete", fault.place))
        .if_understood()
        .label(at, "nothing says it before this is merged")
        .label(whose.got.set.span, format!("{} would refuse the patch", whose.got.set.shown()))
        .note("Talos refuses to delete a key or an element that is not there; a field of a block may always be deleted")
        .help("remove the line, or move it below the level that says what it deletes")
}

fn nameless(at: Span, fault: &Fault) -> Diagnostic {
    Diagnostic::new(
        Code::DeletesNothing,
        format!("nothing says which element of `{}` is to be deleted", fault.place),
    )
    .label(at, "no field that names it")
    .help("write a field that only this element has beside `$patch: delete`, as in `interface: eth0`")
}

fn other_type(
    (at, there): (Span, Option<Span>),
    fault: &Fault,
    (is, says): (&'static str, &'static str),
) -> Diagnostic {
    Diagnostic::new(Code::MergeRefused, format!("Talos cannot merge {says} with {is}: `{}`", fault.place))
        .label(at, format!("{says} here"))
        .label_if(there, format!("{is} here"))
        .note(
            "Talos merges the patches of all levels one after the other, and refuses a value of another type",
        )
        .help("write both in one type, or say it in one place")
}

fn twice((at, there): (Span, Option<Span>), whose: Whose<'_>, fault: &Fault) -> Diagnostic {
    let (_, minor) = whose.cluster.target.talos.line();
    Diagnostic::new(
        Code::MergeRefused,
        format!("Talos 1.{minor} cannot merge two values of `{}`", fault.place),
    )
    .label(at, "said again")
    .label_if(there, "said here")
    .note("a value of this field cannot take the place of another, not even of an equal one")
    .help("say it in one place")
}

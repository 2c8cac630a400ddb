//! Texts that no patch brings to a machine: what writes the configuration on its way breaks them.

use crate::diagnostics::{Code, Diagnostic};
use crate::fleet::Target;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::{Content, Resolved};
use crate::yaml::carry::{Beginning, GoWriter, uncarried};

/// The patches of every level. One that is kept in a file of its own is no way out: it is merged and written all the same.
///
/// This is about what is written and not about what machines get of it: each patch is written again on its way, by itself, before
/// anything is merged, and a text that a lower level replaces breaks its patch as well.
pub(super) fn check(lowering: &mut Lowering<'_, '_>, Resolved { cluster, lowered, .. }: Resolved<'_>) {
    let mut writers = vec![of_talos(&cluster.target)];
    writers.extend(of_omni(&cluster.target));
    for patch in lowered.patches() {
        let Content::Documents(documents) = &patch.content else { continue };
        for text in documents.iter().flat_map(|document| uncarried(document, &writers)) {
            if let Some(at) = lowering.origins.place(text.node).or(patch.span) {
                let finding = broken(at, &format!("`{}`", text.path), text.beginning);
                lowering.report(finding.in_cluster(&cluster.name));
            }
        }
    }
}

/// The library of each minor stands in `pkg/machinery/go.mod` of Talos.
fn of_talos(target: &Target) -> GoWriter {
    match (target.talos_at_least(1, 12), target.talos_at_least(1, 13)) {
        (_, true) => GoWriter::V4Rc4,
        (true, false) => GoWriter::V4Rc3,
        (false, false) => GoWriter::V3,
    }
}

/// The library of client and server stands in `client/go.mod` of Omni: rc.3 in 1.5, rc.4 since 1.7. What is between and before is
/// taken for either.
pub(crate) fn of_omni(target: &Target) -> &'static [GoWriter] {
    if target.omni_at_least(1, 7) { &[GoWriter::V4Rc4] } else { &[GoWriter::V4Rc3, GoWriter::V4Rc4] }
}

/// The finding, for patches and for objects of Kubernetes.
pub(crate) fn broken(at: Span, which: &str, beginning: Beginning) -> Diagnostic {
    let (what, help) = match beginning {
        Beginning::Tab => ("a tab", "begin it with a line that does not start with a tab, such as a comment"),
        Beginning::Blank => ("a blank", "begin it with a line that is not indented, such as a comment"),
        Beginning::EmptyLine => ("an empty line", "begin it with a line that is neither empty nor indented"),
    };
    Diagnostic::new(
        Code::TextNotCarried,
        format!("a text of several lines that begins with {what} does not arrive: {which}"),
    )
    .label(at, format!("begins with {what}"))
    .note("omnictl, Omni and Talos write a configuration again with Go's YAML library, which cannot read what it makes of such a text, or reads another one")
    .help(help)
}

//! Both forms of a thing on one machine.

use super::errors;
use crate::fleet::Cluster;
use crate::source::Span;
use crate::talos::base::{self, Base};
use crate::talos::lower::Lowering;
use crate::talos::{Content, Patch, Resolved};
use crate::text::{Text, format_text};
use crate::tree::Node;
use crate::world::config::{TWO_FORMS, TwoForms};

pub(super) fn check(lowering: &mut Lowering<'_, '_>, of: Resolved<'_>) {
    let Resolved { cluster, lowered, .. } = of;
    let born = cluster.target.created_with.line();
    let above = by_user(&lowered.common);
    for (set, patches) in of.sets() {
        let above = above || by_user(&patches.own);
        let mut machines = patches.machines.iter().filter(|machine| above || by_user(machine)).peekable();
        if !above && machines.peek().is_none() {
            continue;
        }
        let mut chain = Chain::new(base::of(born, set.control));
        chain.add(lowering, cluster, &lowered.common);
        chain.add(lowering, cluster, &patches.own);
        for machine in machines {
            chain.clone().add(lowering, cluster, machine);
        }
    }
}

/// Whether a level has patches of the user: what is lowered has the form that fits by itself.
fn by_user(patches: &[Patch]) -> bool {
    patches.iter().any(|patch| !patch.lowered)
}

/// Where a form of a thing stands.
#[derive(Clone)]
struct FormPlace {
    what: Text,
    span: Option<Span>,
}

/// What the patches of a machine say, from the generated configuration down.
#[derive(Clone)]
struct Chain {
    forms: Vec<(Option<FormPlace>, Option<FormPlace>)>,
}

impl Chain {
    fn new(base: Option<&'static Base>) -> Chain {
        let forms =
            TWO_FORMS.iter().map(|row| base.map_or((None, None), |base| generated(row, base))).collect();
        Chain { forms }
    }

    fn add(&mut self, lowering: &mut Lowering<'_, '_>, cluster: &Cluster, patches: &[Patch]) {
        for patch in patches {
            let Content::Documents(documents) = &patch.content else { continue };
            for document in documents {
                match document.at(&["kind"]).and_then(Node::as_str) {
                    Some(kind) => self.document(lowering, patch, document, kind),
                    None => self.v1alpha1(lowering, patch, document),
                }
            }
        }
        self.judge(lowering, cluster);
    }

    fn document(&mut self, lowering: &Lowering<'_, '_>, patch: &Patch, document: &Node, kind: &str) {
        let row = TWO_FORMS.iter().position(|row| row.documents.iter().any(|row| row.name() == kind));
        let Some(i) = row else { return };
        if document.at(&["$patch"]).and_then(Node::as_str) == Some("delete") {
            self.forms[i].1 = None;
        } else if self.forms[i].1.as_ref().is_none_or(|place| place.span.is_none()) {
            let span = lowering.origins.span(document.origin).or(patch.span);
            self.forms[i].1 = Some(FormPlace { what: kind.into(), span });
        }
    }

    fn v1alpha1(&mut self, lowering: &Lowering<'_, '_>, patch: &Patch, document: &Node) {
        for (row, (legacy, _)) in TWO_FORMS.iter().zip(&mut self.forms) {
            for field in row.legacy {
                let Some(node) = document.field(*field) else { continue };
                if legacy.as_ref().is_none_or(|place| place.span.is_none()) {
                    let span = lowering.origins.span(node.origin).or(patch.span);
                    *legacy = Some(FormPlace { what: format_text!("{field}"), span });
                }
            }
        }
    }

    /// Reports what stands in both forms, once: afterwards the thing counts as settled.
    fn judge(&mut self, lowering: &mut Lowering<'_, '_>, cluster: &Cluster) {
        for (row, (legacy, document)) in TWO_FORMS.iter().zip(&mut self.forms) {
            let (Some(old), Some(new)) = (&legacy, &document) else { continue };
            if !row.exclusive || old.span.is_none() && new.span.is_none() {
                continue;
            }
            let finding = errors::two_forms((&old.what, old.span), (&new.what, new.span), row.thing, cluster);
            lowering.report(finding);
            (*legacy, *document) = (None, None);
        }
    }
}

/// What the generated configuration says of a thing; it has no place.
fn generated(row: &TwoForms, base: &Base) -> (Option<FormPlace>, Option<FormPlace>) {
    let field = row.legacy.iter().find(|field| base.has(**field));
    let document = row.documents.iter().find(|document| base.has_document(document.name(), ""));
    (
        field.map(|field| FormPlace { what: format_text!("{field}"), span: None }),
        document.map(|document| FormPlace { what: Text::new_static(document.name()), span: None }),
    )
}

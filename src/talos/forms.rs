//! The form of each lowered thing: in the v1alpha1 document, or a document of its own.
//!
//! The table of Talos's fields has the things that have two forms, and says from which version a cluster must have been *created with*
//! for the document to be the right one, because what Talos generated then decides which of the two it accepts. Code that lowers a
//! field builds what is to be said, and hands it over with one writer for each form: it never asks which form it is.

use super::base::Base;
use super::lower::Draft;
use crate::fleet::Target;
use crate::source::Span;
use crate::world::config::{Machines, TWO_FORMS, TwoForms};

pub use crate::world::config::Thing;

/// Which form is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the v1alpha1 document.
    Legacy,
    /// A document of its own.
    Document,
}

/// How one thing is written in each form; `M` is what is to be said.
#[derive(Clone, Copy)]
pub struct Writers<M> {
    /// Into the v1alpha1 document.
    pub legacy: fn(M, &mut Draft),
    /// As documents.
    pub document: fn(M, &mut Draft),
}

impl TwoForms {
    /// Whether a generated configuration says the thing, in either form.
    pub fn in_base(&self, base: &Base) -> bool {
        self.documents.iter().any(|document| base.has_document(document.name(), ""))
            || self.legacy.iter().any(|row| base.has(*row))
    }
}

/// The forms of a cluster.
#[derive(Debug, Clone)]
pub struct Forms {
    forms: [Form; TWO_FORMS.len()],
}

/// Where the patches of a user use a form of a thing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// In the v1alpha1 document.
    pub legacy: Option<Span>,
    /// As a document.
    pub document: Option<Span>,
}

impl Forms {
    /// The forms for a target: the document if the cluster was created with a version that generates it and runs one that knows it.
    /// Where the user's patches use one form only, that form is used: Talos takes what a machine has in both for a conflict.
    pub fn new(target: &Target, used: &[Used; TWO_FORMS.len()]) -> Forms {
        let mut forms = [Form::Legacy; TWO_FORMS.len()];
        for ((form, row), used) in forms.iter_mut().zip(&TWO_FORMS).zip(used) {
            let knows = target.talos_at_least(1, row.since);
            *form = match (used.legacy, used.document) {
                (Some(_), None) => Form::Legacy,
                (None, Some(_)) if knows => Form::Document,
                _ if knows && target.born_at_least(1, row.since) => Form::Document,
                _ => Form::Legacy,
            };
        }
        Forms { forms }
    }

    /// The form of a thing.
    pub fn of(&self, thing: Thing) -> Form {
        self.forms[thing as usize]
    }

    /// Whether a thing that a cluster says is written for its control planes instead.
    pub fn on_control_planes(&self, thing: Thing) -> bool {
        match TWO_FORMS[thing as usize].machines {
            Machines::All => false,
            Machines::ControlAsDocument => self.of(thing) == Form::Document,
            Machines::Control => true,
        }
    }

    /// Writes what is to be said of a thing in its form.
    pub fn write<M>(&self, thing: Thing, said: M, writers: Writers<M>, draft: &mut Draft) {
        match self.of(thing) {
            Form::Legacy => (writers.legacy)(said, draft),
            Form::Document => (writers.document)(said, draft),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Version;

    #[test]
    fn birth_and_target_choose_the_form() {
        let form = |born: (u16, u16), talos: (u16, u16)| {
            let target = Target {
                talos: Version::minor(talos.0, talos.1),
                created_with: Version::minor(born.0, born.1),
                kubernetes: Version::minor(1, 34),
                omni: Target::NEWEST_OMNI,
            };
            Forms::new(&target, &Default::default()).of(Thing::Hostname)
        };
        assert_eq!(form((1, 11), (1, 13)), Form::Legacy);
        assert_eq!(form((1, 12), (1, 12)), Form::Document);
        assert_eq!(form((1, 9), (1, 9)), Form::Legacy);
    }
}

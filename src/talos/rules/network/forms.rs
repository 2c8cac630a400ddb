//! Both forms of a thing on one machine.
//!
//! What a machine gets counts, whatever said it; what is lowered takes the form that fits by itself, so that a level with patches of the
//! user is where the two can meet.

use rustc_hash::FxHashSet;

use super::errors;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::talos::rules::got::{Asked, Got, Path};
use crate::talos::{Patch, Resolved};
use crate::text::{Text, format_text};
use crate::tree::{Origin, Value};
use crate::world::config::{Row, TWO_FORMS, TwoForms};

/// Judges what the machines of a cluster get; what several get is said once.
pub(in crate::talos::rules) struct Forms {
    things: Vec<Places>,
    asked: Asked,
    said: FxHashSet<(Origin, Origin)>,
}

/// The places of a thing of which Talos takes one form.
struct Places {
    forms: &'static TwoForms,
    legacy: Vec<Path>,
    documents: Vec<Path>,
}

/// Where a form of a thing stands.
struct FormPlace {
    what: Text,
    origin: Origin,
}

impl Forms {
    /// Every such thing.
    pub(in crate::talos::rules) fn new() -> Forms {
        let exclusive = TWO_FORMS.iter().filter(|forms| forms.exclusive);
        let things = exclusive.map(|forms| Places {
            forms,
            legacy: Path::all(forms.legacy),
            documents: Path::all(forms.documents),
        });
        Forms { things: things.collect(), asked: Asked::default(), said: FxHashSet::default() }
    }

    /// What some machines get.
    pub(in crate::talos::rules) fn judge(
        &mut self,
        lowering: &mut Lowering<'_, '_>,
        of: Resolved<'_>,
        got: &Got<'_>,
    ) {
        let above = by_user(&of.lowered.common) || by_user(&of.lowered.sets[got.at].own);
        if !above && !by_user(got.own) {
            return;
        }
        for thing in &self.things {
            let mut places = thing.legacy.iter().chain(&thing.documents);
            if !places.any(|path| self.asked.is_new(got, path)) {
                continue;
            }
            let legacy = stands(got, &thing.legacy, &|row| format_text!("{row}"));
            let document = stands(got, &thing.documents, &|row| Text::new_static(row.name()));
            let (Some(old), Some(new)) = (legacy, document) else { continue };
            // What is generated is nobody's mistake.
            let places = (old.origin, new.origin);
            if places == (Origin::NONE, Origin::NONE) || !self.said.insert(places) {
                continue;
            }
            let mut blame = |origin| -> Option<Span> { got.blame(lowering, of.cluster, origin) };
            let (old_at, new_at) = (blame(old.origin), blame(new.origin));
            let thing = thing.forms.thing;
            lowering.report(errors::two_forms((&old.what, old_at), (&new.what, new_at), thing, of.cluster));
        }
    }
}

/// Whether a level has patches of the user.
fn by_user(patches: &[Patch]) -> bool {
    patches.iter().any(|patch| !patch.lowered)
}

/// The first place of a form that somebody wrote; if nobody did, one that is generated.
fn stands(got: &Got<'_>, places: &[Path], shown: &dyn Fn(Row) -> Text) -> Option<FormPlace> {
    let mut first: Option<FormPlace> = None;
    for path in places {
        path.find(got.config, &mut |view| {
            let there = view.leaf().is_none_or(|node| node.value != Value::Null);
            let origin = view.origin();
            let better =
                first.as_ref().is_none_or(|first| first.origin == Origin::NONE && origin != Origin::NONE);
            if there && better {
                first = Some(FormPlace { what: shown(path.row), origin });
            }
        });
    }
    first
}

//! The architecture of the nodes of a set, where its class says it.

use crate::flatten::{Fields, Flattener};
use crate::fleet::{Set, Source};
use crate::source::Span;
use crate::text::Text;
use crate::typing::Val;

/// The label that Omni puts on machines. Source: `client/pkg/omni/resources/omni/labels.go` of Omni.
const LABEL: &str = "omni.sidero.dev/arch";

/// The architecture, and where it is said; `None` if it is not known of all machines of the class.
pub(super) fn of(flattener: &mut Flattener, set: &Set) -> Option<(Text, Span)> {
    let Source::Class { class, .. } = &set.source else { return None };
    let flat = flattener.flat(*class, &Default::default(), None);
    match flat.via {
        Some((provider, _)) => {
            match flattener.flat(provider, &Default::default(), None).fields.leaf("arch-field") {
                Some(Val::Str(field)) => provided(&flat.fields, field),
                _ => None,
            }
        }
        None => matched(&flat.fields),
    }
}

fn provided(fields: &Fields, field: &str) -> Option<(Text, Span)> {
    let slot = fields.get(field)?;
    match slot.leaf()? {
        Val::Word(word) | Val::Str(word) => Some((word.clone(), slot.span()?)),
        _ => None,
    }
}

/// The elements of `match` are alternatives: all must ask for the same.
fn matched(fields: &Fields) -> Option<(Text, Span)> {
    let list = fields.list("match")?;
    let mut found: Option<(Text, Span)> = None;
    for elem in &list.items {
        let Val::Str(selector) = &elem.val else { return None };
        let arch = asked(selector)?;
        if found.as_ref().is_some_and(|(known, _)| known != arch) {
            return None;
        }
        found.get_or_insert_with(|| (arch.into(), elem.span));
    }
    found
}

/// `omni.sidero.dev/arch = arm64` among the terms of a selector.
fn asked(selector: &str) -> Option<&str> {
    selector.split(',').find_map(|term| {
        let value = term.trim().strip_prefix(LABEL)?.trim_start().strip_prefix('=')?;
        Some(value.strip_prefix('=').unwrap_or(value).trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn a_selector_asks_for_an_architecture() {
        for (selector, expected) in [
            ("omni.sidero.dev/arch = arm64", Some("arm64")),
            ("site = home, omni.sidero.dev/arch==amd64 ", Some("amd64")),
            ("omni.sidero.dev/arch = \"arm64\"", Some("arm64")),
            ("omni.sidero.dev/arch != arm64", None),
            ("omni.sidero.dev/arch in (arm64)", None),
            ("omni.sidero.dev/architecture = arm64", None),
            ("site = home", None),
        ] {
            assert_eq!(asked(selector), expected, "{selector}");
        }
    }
}

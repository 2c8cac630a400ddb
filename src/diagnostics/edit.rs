//! Applying edits: what `fix`, the code actions of an editor and the tests do with the repairs that findings carry.

use super::Edit;

/// Why a set of edits cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// Two edits change the same text, so the result would depend on their order.
    Overlap {
        /// The one that starts first.
        first: Edit,
        /// The one that starts before `first` ends.
        second: Edit,
    },
    /// An edit reaches past the end of the text or into the middle of a character: it was made for another text.
    NotInText(Edit),
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EditError::Overlap { first, second } => write!(
                f,
                "the edits of bytes {}..{} and {}..{} overlap",
                first.span.start, first.span.end, second.span.start, second.span.end
            ),
            EditError::NotInText(edit) => {
                write!(f, "the edit of bytes {}..{} does not fit the text", edit.span.start, edit.span.end)
            }
        }
    }
}

impl std::error::Error for EditError {}

/// The text after all edits; every one of them must be of this one file.
///
/// Offsets are those of the text before any edit. Edits may be given in any order. Equal edits are made once, because two
/// findings often propose the same repair. Insertions at one place keep the order in which they were given, and come before a
/// replacement that starts there.
///
/// # Errors
/// If two edits overlap, or one does not fit the text. Nothing is applied then.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in in_order(text, edits)? {
        out.push_str(&text[done..edit.span.start as usize]);
        out.push_str(&edit.text);
        done = edit.span.end as usize;
    }
    out.push_str(&text[done..]);
    Ok(out)
}

/// The edits in the order in which they are made, each once.
///
/// # Errors
/// If two edits overlap, or one does not fit the text.
pub fn in_order<'e>(text: &str, edits: &'e [Edit]) -> Result<Vec<&'e Edit>, EditError> {
    let mut sorted: Vec<&Edit> = Vec::with_capacity(edits.len());
    let mut seen = std::collections::HashSet::new();
    sorted.extend(edits.iter().filter(|edit| seen.insert((edit.span, &edit.text))));
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut previous: Option<&Edit> = None;
    for &edit in &sorted {
        if text.get(edit.span.start as usize..edit.span.end as usize).is_none() {
            return Err(EditError::NotInText(edit.clone()));
        }
        if let Some(first) = previous
            && edit.span.start < first.span.end
        {
            return Err(EditError::Overlap { first: first.clone(), second: edit.clone() });
        }
        previous = Some(edit);
    }
    Ok(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Applicability;
    use crate::source::{FileId, Span};

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit {
            span: Span { file: FileId(0), start, end },
            text: text.into(),
            applicability: Applicability::Safe,
        }
    }

    #[test]
    fn edits_apply_in_any_order() {
        let edits = [edit(6, 9, "two"), edit(0, 0, "> "), edit(0, 3, "one"), edit(9, 9, "!")];
        assert_eq!(apply("eins, zw!", &edits).as_deref(), Ok("> ones, two!"));
    }

    #[test]
    fn the_same_repair_twice_is_made_once() {
        assert_eq!(apply("ab", &[edit(1, 1, "-"), edit(1, 1, "-")]).as_deref(), Ok("a-b"));
        assert_eq!(apply("ab", &[edit(1, 1, "-"), edit(1, 1, "+")]).as_deref(), Ok("a-+b"));
    }

    #[test]
    fn conflicting_repairs_are_refused() {
        let (first, second) = (edit(0, 3, "x"), edit(2, 4, "y"));
        let error = apply("abcd", &[second.clone(), first.clone()]);
        assert_eq!(error, Err(EditError::Overlap { first, second }));
        let inside = apply("abcd", &[edit(0, 4, "x"), edit(2, 2, "y")]);
        assert!(matches!(inside, Err(EditError::Overlap { .. })));
    }

    #[test]
    fn an_edit_for_another_text_is_refused() {
        assert_eq!(apply("ä", &[edit(1, 2, "")]), Err(EditError::NotInText(edit(1, 2, ""))));
        assert_eq!(apply("ab", &[edit(1, 3, "")]), Err(EditError::NotInText(edit(1, 3, ""))));
        assert_eq!(apply("ab", &[edit(2, 1, "")]), Err(EditError::NotInText(edit(2, 1, ""))));
    }
}

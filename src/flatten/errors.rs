//! What can be wrong with inheritance and placement.

use super::{Conflict, Step, Verb, eval};
use crate::diagnostics::{Code, Diagnostic};
use crate::resolve::{Decl, Names};
use crate::schema::{Schema, Type};
use crate::source::Span;
use crate::text::{Text, all_of, did_you_mean};

pub(crate) fn inherited(
    at: Span,
    key: &str,
    from: Option<Step>,
    owner: Option<&str>,
    list: bool,
) -> Diagnostic {
    let owner = owner.map(|owner| format!(" from `{owner}`")).unwrap_or_default();
    let finding = Diagnostic::new(
        Code::InheritedValue,
        format!("`{key}` is inherited{owner}; replacing it needs `override`"),
    )
    .label(at, "would replace the inherited value")
    .label_if(from.map(|step| step.span), "set here");
    let finding = if list {
        finding.help(format!("write `{key} += …` to add to it, or `override {key} = …` to replace it"))
    } else {
        finding.help(format!("if you mean to replace it, write `override {key} = …`"))
    };
    finding.edit(at.at_start(), "override ")
}

pub(crate) fn overrides_nothing(mark: Span, at: Span, key: &str) -> Diagnostic {
    let cut = Span { end: at.start, ..mark };
    Diagnostic::new(Code::OverridesNothing, format!("`override` replaces nothing: no ancestor sets `{key}`"))
        .label(mark, "nothing to replace")
        .help("remove `override`")
        .edit(cut, "")
}

pub(crate) fn final_replaced(at: Span, key: &str, sealed: Span) -> Diagnostic {
    Diagnostic::new(Code::FinalReplaced, format!("`{key}` is final: descendants may not change it"))
        .label(at, "changed here")
        .label(sealed, "made final here")
        .help("remove this line, or the `final` if a descendant may differ")
}

pub(crate) fn set_twice(at: Span, key: &str, first: Span) -> Diagnostic {
    let name = key.rsplit('/').next().filter(|_| key.contains('/')).unwrap_or(key);
    Diagnostic::new(Code::SetTwice, format!("`{name}` stands twice in one body"))
        .label(at, "again here")
        .label(first, "first here")
        .help("keep one of the two")
}

pub(crate) fn element_twice(at: Span, text: &str, first: Span) -> Diagnostic {
    Diagnostic::new(Code::ElementTwice, format!("`{text}` stands twice in this list"))
        .label(at, "again here")
        .label(first, "first here")
        .help("remove one of them")
}

pub(crate) fn not_a_list_here(at: Span, key: &str, from: Option<Span>) -> Diagnostic {
    Diagnostic::new(
        Code::WrongType,
        format!("`{key}` is not a list, so nothing can be added to it or taken from it"),
    )
    .label(at, "changed as a list here")
    .label_if(from, "set here")
    .help(format!("write `override {key} = …`"))
}

pub(crate) fn takes_from_nothing(at: Span, key: &str) -> Diagnostic {
    Diagnostic::new(Code::TakesNothing, format!("nothing can be taken from `{key}`: no ancestor sets it"))
        .label(at, "inherits nothing")
        .help("remove this line")
}

pub(crate) fn takes_what_is_not_there(at: Span, text: &str, key: &str, known: &[String]) -> Diagnostic {
    let finding = Diagnostic::new(Code::TakesNothing, format!("`{text}` is not in `{key}`"))
        .label(at, "cannot be taken away");
    match did_you_mean(text, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None if known.is_empty() => finding.help("the list is empty: remove this line"),
        None => finding.help(format!("in it are {}", all_of(known))),
    }
}

pub(crate) fn unsets_nothing(at: Span, key: &str) -> Diagnostic {
    Diagnostic::new(Code::TakesNothing, format!("`unset` changes nothing: no ancestor sets `{key}`"))
        .label(at, "not set")
        .help("remove this line")
}

pub(crate) fn removes_nothing(at: Span, key: &str, known: &[String]) -> Diagnostic {
    let finding = Diagnostic::new(Code::TakesNothing, format!("there is no `{key}` to remove"))
        .label(at, "not inherited");
    match did_you_mean(key, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help("remove this line"),
    }
}

pub(crate) fn mixins_disagree(
    names: &Names<'_>,
    decl: &Decl,
    schema: &Schema,
    path: &[Text],
    conflict: &Conflict,
) -> Diagnostic {
    let field = path.join(".");
    let (one, two) = (names.decl(conflict.first.owner).shown(), names.decl(conflict.second.owner).shown());
    let second = match eval::show(&conflict.other) {
        Some(text) => format!("`{two}` says `{text}`"),
        None => format!("`{two}` says this"),
    };
    Diagnostic::new(
        Code::MixinsDisagree,
        format!("`{one}` and `{two}` set `{field}` differently, and `{}` does not decide", decl.shown()),
    )
    .label(decl.span, "inherits both")
    .label(conflict.first.span, format!("`{one}` says this"))
    .label(conflict.second.span, second)
    .help(format!("decide in the body: `override {} = …`", written(schema, path)))
}

/// A path as it is written in a body: a key of a map is quoted, since a path cannot tell where it ends.
pub(crate) fn written(schema: &Schema, path: &[Text]) -> String {
    let Some((first, rest)) = path.split_first() else { return String::new() };
    match schema.field(first).map(|field| &field.ty) {
        _ if rest.is_empty() => first.to_string(),
        Some(Type::Block(inner)) => format!("{first}.{}", written(inner, rest)),
        Some(Type::Map(..) | Type::Keyed(_)) => format!("{first}.\"{}\"", rest.join(".")),
        _ => path.join("."),
    }
}

/// A history as notes: who set, added, took away.
pub fn history(names: &Names<'_>, steps: &[Step]) -> Vec<String> {
    steps
        .iter()
        .filter(|step| step.verb != Verb::Merge)
        .map(|step| {
            format!(
                "{} by `{}` at {}",
                step.verb.past(),
                names.decl(step.owner).shown(),
                names.sources.place(step.span)
            )
        })
        .collect()
}

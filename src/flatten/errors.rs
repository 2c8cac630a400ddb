//! What can be wrong with inheritance and placement.

use super::statement::deciding;
use super::{Conflict, Step, Verb, eval};
use crate::diagnostics::{Code, Diagnostic};
use crate::resolve::{Decl, Names};
use crate::schema::Schema;
use crate::source::Span;
use crate::text::{Text, all_of, did_you_mean, some_of};
use crate::typing::Base;

/// How many names a note lists.
const NAMED: usize = 12;

/// What a plain `=` on something inherited was most probably meant to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant {
    /// The new value alone.
    Replace,
    /// A list with more in it.
    Add,
    /// A list, of which both hold a part.
    AddOrReplace,
    /// A block with more in it.
    Merge,
    /// Nothing: it is all there already.
    Nothing,
}

/// `whole` is the operation, from the name of the field to the end of its value.
pub(crate) fn inherited(
    names: &Names,
    whole: Span,
    key: &str,
    from: Option<Step>,
    meant: Meant,
) -> Diagnostic {
    let item = names.sources.item_around(whole);
    let text = names.sources.text(item);
    let equals = text.find('=').map(|at| item.start + at as u32).filter(|&at| at > whole.start);
    let place = Span { end: equals.unwrap_or(whole.end), ..whole };
    let width = names.sources.text(place).trim_end().len() as u32;
    let written = text[..(whole.start - item.start + width) as usize].trim_start_matches("final ");
    let owner = from.map(|step| format!(" from `{}`", names.decl(step.owner).shown())).unwrap_or_default();
    let finding = Diagnostic::new(
        Code::InheritedValue,
        format!("`{key}` is inherited{owner}; replacing it needs `override`"),
    )
    .label(Span { end: whole.start + width, ..whole }, "would replace the inherited value")
    .label_if(from.map(|step| step.span), "set here");
    let finding = finding.help(match meant {
        Meant::Replace => format!("if you mean to replace it, write `override {written} = …`"),
        Meant::Add | Meant::AddOrReplace => {
            format!("write `{written} += …` to add to it, or `override {written} = …` to replace it")
        }
        Meant::Nothing => "remove it: what is inherited says the same".to_string(),
        Meant::Merge => {
            format!("write `{written} {{ … }}` to add to it, or `override {written} = …` to replace it")
        }
    });
    match (meant, equals) {
        (Meant::Add, Some(at)) => finding.offer(Span { start: at, end: at, ..whole }, "+"),
        (Meant::Merge, Some(at)) => {
            let cut = names.sources.text(Span { start: at + 1, ..whole });
            let blanks = cut.len() - cut.trim_start().len();
            finding.offer(Span { start: at, end: at + 1 + blanks as u32, ..whole }, "")
        }
        (Meant::Nothing, _) => finding.mend(names.sources.removal(item), ""),
        _ => finding.offer(item.at_start(), "override "),
    }
}

/// A plain `=` that says again what is inherited.
pub(crate) fn repeated(names: &Names, whole: Span, key: &str, from: Step) -> Diagnostic {
    let owner = names.decl(from.owner).shown();
    Diagnostic::new(
        Code::RepeatedValue,
        format!("`{key}` has this value already: it is inherited from `{owner}`"),
    )
    .label(whole, "says it again")
    .label(from.span, "set here")
    .help("remove it, so that what the base says next counts here too")
    .mend(names.sources.removal(names.sources.item_around(whole)), "")
}

/// A named block without anything in it, of a name that is there already.
pub(crate) fn says_nothing(names: &Names, whole: Span, key: &str) -> Diagnostic {
    Diagnostic::new(Code::SaysNothing, format!("this block says nothing: `{key}` is there already"))
        .label(names.sources.head(whole), "nothing in it")
        .help("remove it; `override` in front of it would empty what is inherited")
        .offer(names.sources.removal(whole), "")
}

pub(crate) fn overrides_nothing(mark: Span, at: Span, key: &str) -> Diagnostic {
    let cut = Span { end: at.start, ..mark };
    Diagnostic::new(Code::OverridesNothing, format!("`override` replaces nothing: no ancestor sets `{key}`"))
        .label(mark, "nothing to replace")
        .help("remove `override`")
        .mend(cut, "")
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

/// Two blocks of one name in a body; one without a name is called like its field.
pub(crate) fn block_twice(at: Span, field: &str, key: &str, first: Span) -> Diagnostic {
    let finding = set_twice(at, key, first);
    let name = key.rsplit('/').next().unwrap_or(key);
    match name == field && field.ends_with('s') {
        true => finding.help(format!("give one of the two a name: `{field} NAME {{ … }}`")),
        false => finding.help("write what both say into one, or give one of the two another name"),
    }
}

pub(crate) fn element_twice(at: Span, text: &str, first: Span) -> Diagnostic {
    Diagnostic::new(Code::ElementTwice, format!("`{text}` stands twice in this list"))
        .label(at, "again here")
        .label(first, "first here")
        .help("remove one of them")
}

/// A mixin that one body names twice.
pub(crate) fn mixin_twice(names: &Names, again: &Base, first: Span, name: &str) -> Diagnostic {
    let finding = Diagnostic::new(Code::ElementTwice, format!("`{name}` is taken in twice: it counts once"))
        .label(again.span, "again here")
        .label(first, "first here")
        .help("remove one of them; other arguments would make it another mixin");
    without_use(finding, names, again)
}

/// A mixin that a body names, and that its parent has.
pub(crate) fn mixin_inherited(names: &Names, base: &Base, parent: Span, name: &str, of: &str) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::ElementTwice,
        format!("`{name}` is in already: `{of}` takes it in, and it counts once"),
    )
    .label(base.span, "brings nothing")
    .label(parent, format!("has `{name}`"))
    .help("remove it here, or there");
    without_use(finding, names, base)
}

/// The edit that takes out a name behind `with`; one with a condition stands in an item with others that have it too.
fn without_use(finding: Diagnostic, names: &Names, base: &Base) -> Diagnostic {
    match base.cond {
        Some(_) => finding,
        None => finding.offer(removal_of_use(names, base.span), ""),
    }
}

/// What has to go so that a name behind `with` is gone.
fn removal_of_use(names: &Names, at: Span) -> Span {
    let text = names.sources.file(at.file).text();
    let before = text[..at.start as usize].trim_end();
    let alone = !before.ends_with(',') && !text[at.end as usize..].trim_start().starts_with(',');
    match before.strip_suffix("with").filter(|_| alone) {
        Some(before) => names.sources.removal(Span { start: before.len() as u32, ..at }),
        None => names.sources.removal(at),
    }
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

/// The finding with the edit that removes an operation, given from the name of its field to its end.
fn without(finding: Diagnostic, names: &Names, whole: Span) -> Diagnostic {
    let item = names.sources.item_around(whole);
    let text = names.sources.text(item);
    let short = !text.contains(['\n', '`']) && text.len() <= 72;
    let finding = if short { finding.help(format!("delete `{text}`")) } else { finding.help("delete it") };
    finding.offer(names.sources.removal(item), "")
}

pub(crate) fn takes_from_nothing(names: &Names, whole: Span, at: Span, key: &str) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::TakesNothing,
        format!("nothing can be taken from `{key}`: no ancestor sets it"),
    )
    .label(at, "inherits nothing");
    without(finding, names, whole)
}

/// `whole` is the operation if the element is all that it takes.
pub(crate) fn takes_what_is_not_there(
    names: &Names,
    at: Span,
    whole: Option<Span>,
    key: &str,
    known: &[String],
) -> Diagnostic {
    let text = names.sources.text(at);
    let finding = Diagnostic::new(Code::TakesNothing, format!("`{text}` is not in `{key}`"))
        .label(at, "cannot be taken away");
    let finding = match did_you_mean(text, known) {
        Some(near) => return finding.suggest(at, Some(near)),
        None if known.is_empty() => finding,
        None => finding.note(format!("in it are {}", some_of(known, NAMED))),
    };
    match whole {
        Some(whole) => without(finding, names, whole),
        None => finding.help(format!("remove `{text}` here")).offer(names.sources.removal(at), ""),
    }
}

pub(crate) fn unsets_nothing(names: &Names, at: Span, key: &str) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::TakesNothing, format!("`unset` changes nothing: no ancestor sets `{key}`"))
            .label(at, "not set");
    without(finding, names, at)
}

pub(crate) fn removes_nothing(names: &Names, at: Span, key: &str, known: &[String]) -> Diagnostic {
    let finding = Diagnostic::new(Code::TakesNothing, format!("there is no `{key}` to remove"))
        .label(at, "not inherited");
    let finding = match did_you_mean(key, known) {
        Some(near) => return finding.suggest(at, Some(near)),
        None if known.is_empty() || known.len() > NAMED => finding,
        None => finding.note(format!("inherited are {}", all_of(known))),
    };
    without(finding, names, at)
}

pub(crate) fn mixins_disagree(
    names: &Names,
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
    .help(format!("decide in the body: `{}`", deciding(schema, path)))
}

/// A history as notes: who set, added, took away.
pub fn history(names: &Names, steps: &[Step]) -> Vec<String> {
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

/// `network lan { vip = lan.gateway }`, or two networks that take values from each other.
pub(crate) fn network_of_itself(at: Span, decl: &Decl) -> Diagnostic {
    Diagnostic::new(Code::LetCycle, format!("the network `{}` takes a value from itself", decl.name))
        .label(at, "needed to know what it stands in")
        .label(decl.span, "the network")
        .help("write the value out")
}

/// `lan.gateway` of a network without one.
pub(crate) fn network_does_not_say(at: Span, decl: &Decl, field: &str) -> Diagnostic {
    Diagnostic::new(Code::RequiredField, format!("the network `{}` does not say its `{field}`", decl.name))
        .if_understood()
        .label(at, "taken here")
        .label(decl.span, format!("`{field}` is missing"))
        .help(format!("add `{field} = …` to the network, or write the value out"))
}

//! What can be wrong with an invariant, with an `allow`, and with what nothing uses.

use super::unmet::Named;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::write;
use crate::text::{Text, a, all_of, did_you_mean, one_of};
use crate::typing::Cond;
use crate::version::Version;

// ---- invariants -----------------------------------------------------------------------------------------------------------

pub(super) fn no_subject(at: Span, name: &str, kinds: &[&str]) -> Diagnostic {
    Diagnostic::new(Code::BadInvariant, format!("the invariant `{name}` does not say what it judges"))
        .label(at, "judges nothing")
        .help(format!("write `invariant {name} for role r {{ … }}`; it can judge {}", one_of(kinds)))
}

pub(super) fn unknown_subject(at: Span, word: &str, kinds: &[&str]) -> Diagnostic {
    let finding = Diagnostic::new(Code::BadInvariant, format!("an invariant cannot judge `{word}`"))
        .label(at, "not a kind that can be judged");
    match did_you_mean(word, kinds) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help(format!("it can judge {}", one_of(kinds))),
    }
}

pub(super) fn unknown_document(at: Span, kind: &str, known: &[&str]) -> Diagnostic {
    let finding = Diagnostic::new(Code::BadInvariant, format!("Talos has no document `{kind}`"))
        .label(at, "not a kind of document");
    match did_you_mean(kind, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help("write `for document UserVolumeConfig d`, with a kind that Talos has"),
    }
}

pub(super) fn requires_nothing(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::BadInvariant, format!("the invariant `{name}` requires nothing"))
        .label(at, "no `require` in it")
        .help("add `require …`: what must hold")
}

pub(super) fn message_missing(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::RequiredField, format!("the invariant `{name}` does not say its `message`"))
        .if_understood()
        .label(at, "`message` is missing")
        .help("add `message \"…\"`: one sentence on what is wrong")
}

pub(super) fn unknown_variable(at: Span, name: &str, known: &[Text]) -> Diagnostic {
    let finding = Diagnostic::new(Code::UnknownName, format!("nothing is called `{name}` in this rule"))
        .label(at, "unknown variable");
    match did_you_mean(name, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help(format!("known here: {}", all_of(known))),
    }
}

pub(super) fn unknown_field(at: Span, of: &str, name: &str, known: &[Text]) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::UnknownField, format!("{of} has no field `{name}`")).label(at, "unknown field");
    match did_you_mean(name, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help("`talosc doc` lists its fields"),
    }
}

pub(super) fn no_provider(at: Span, name: &str, class: &str) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, format!("a class has no field `{name}` of its own"))
        .label(at, "a field of which provider?")
        .help(format!("say it in the rule: `when {class}.via == proxmox and …`"))
}

pub(super) fn no_fields(at: Span, before: &str) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, format!("`{before}` has no fields of its own"))
        .label(at, "goes on after it")
        .help(format!("write `{before}` alone; `any x in {before}: …` looks at elements"))
}

pub(super) fn key_as_field(at: Span, before: &str, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::PathThroughMap,
        format!("`{before}` is a map: `{name}` is a key of it, not a field"),
    )
    .label(at, "passes through a map")
    .help(format!("ask for the key: `{} in {before}`", write::string(name)))
}

pub(super) fn incomparable(at: Span, left: &str, right: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("{left} and {right} cannot be compared"))
        .label(at, "never true")
        .help(
            "compare values of one type; `x in xs` looks for an element, `count xs` says how many there are",
        )
}

pub(super) fn no_order(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("{what} is neither more nor less than another"))
        .label(at, "has no order")
        .help("numbers, sizes, durations and versions have an order; use `==` or `!=` here")
}

pub(super) fn not_a_collection(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("expected a list or a map, found {what}"))
        .label(at, "has no elements")
        .help("use `==` to compare one value")
}

pub(super) fn not_a_condition(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("expected something that is true or false, found {what}"))
        .label(at, "neither true nor false")
        .help("compare it: `… == …`")
}

pub(super) fn not_located(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("`within` takes addresses and networks, found {what}"))
        .label(at, "no address")
        .help("write `n.gateway within n.subnet`")
}

pub(super) fn wrong_word(at: Span, word: &str, takes: &str, known: &[Text]) -> Diagnostic {
    let finding = Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{word}`"))
        .label(at, "not one of them");
    match did_you_mean(word, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help(format!("write {takes}")),
    }
}

pub(super) fn unknown_name(at: Span, kind: &str, name: &str, known: &[String]) -> Diagnostic {
    let finding = Diagnostic::new(Code::UnknownName, format!("no {kind} is called `{name}`"))
        .label(at, format!("unknown {kind}"));
    match did_you_mean(name, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help(format!("name {} that is declared here or imported", a(kind))),
    }
}

// ---- allow ----------------------------------------------------------------------------------------------------------------

pub(super) fn allow_unknown(at: Span, code: &str, known: &[Text]) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::BadAllow, format!("no finding is called `{code}`")).label(at, "unknown name");
    match did_you_mean(code, known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help("the name of a finding stands in brackets in its first line"),
    }
}

pub(super) fn allow_refusal(at: Span, code: &str, secret: bool) -> Diagnostic {
    let why = if secret {
        "a secret in a repository is a secret no more, whatever the reason"
    } else {
        "what is refused by the language, by Omni or by Talos does not begin to work when nobody speaks of it"
    };
    Diagnostic::new(Code::BadAllow, format!("`{code}` cannot be silenced"))
        .label(at, "silences nothing")
        .note(why)
        .help("remove this line and mend what the finding shows")
}

/// What was not looked at because of a mistake elsewhere may still be found.
pub(super) fn allow_unused(at: Span, code: &str) -> Diagnostic {
    Diagnostic::new(Code::AllowUnused, format!("this `allow` silences nothing: `{code}` is not found here"))
        .if_nothing_is_wrong()
        .label(at, "unused")
        .help("remove it")
}

// ---- conditions -----------------------------------------------------------------------------------------------------------

/// `what` is named and does not hold for the Talos of a cluster.
pub(super) fn brings_nothing(
    at: Span,
    (how, name): (Named, &str),
    what: &str,
    cond: &Cond,
    declared: Option<Span>,
    talos: &Version,
) -> Diagnostic {
    let (holds, only) = match (&cond.since, &cond.until) {
        (Some(since), Some(until)) if since == until => {
            (since.to_string(), format!("since {since} until {until}"))
        }
        (Some(since), Some(until)) => (format!("{since} to {until}"), format!("since {since} until {until}")),
        (Some(since), None) => (format!("{since} and later"), format!("since {since}")),
        (None, Some(until)) => (format!("{until} and older"), format!("until {until}")),
        (None, None) => ("every version".to_owned(), String::new()),
    };
    let help = match how {
        Named::Parent => format!(
            "extend something that holds for {talos} too, and take it in with `with {name} {only}` in the body"
        ),
        Named::Mixin => {
            format!("take it in only where it holds, on a line of its own in the body: `with {name} {only}`")
        }
        Named::Value => format!("name it only where it holds: `role {only} = {name}`"),
        Named::Element => format!("take it in only where it holds: `patches {only} += [{name}]`"),
    };
    Diagnostic::new(
        Code::BringsNothing,
        format!("the {what} is for Talos {holds}: it brings nothing to {talos}"),
    )
    .label(at, "brings nothing here")
    .label_if(declared, "where it holds")
    .help(help)
}

// ---- unused ---------------------------------------------------------------------------------------------------------------

/// A misspelt name makes what it means unused too.
pub(super) fn unused(at: Span, kind: &str, name: &str) -> Diagnostic {
    let help = match kind {
        "role" => "name it in a set (`role = …`), extend it, or mark it `abstract` if it is only a base",
        "class" => "name it in a set (`class = …`), extend it, or mark it `abstract` if it is only a base",
        "machine" => "list it in a set (`machines = […]`), or give it the class that picks it up",
        "network" => "name it where nodes are described (`network = …`), or remove it",
        "patch" => "take it in with `patches += […]`, or remove it",
        _ => "use it, or remove it",
    };
    Diagnostic::new(Code::UnusedDeclaration, format!("nothing uses the {kind} `{name}`"))
        .if_nothing_is_wrong()
        .label(at, "unused")
        .help(help)
}

//! Names that stand for nothing, or for something else than is wanted.

use super::literal::{self, Literal};
use crate::diagnostics::{Code, Diagnostic};
use crate::kinds;
use crate::resolve::Decl;
use crate::source::Span;
use crate::syntax::write;
use crate::text::{all_of, did_you_mean, one_of};

pub(super) fn unknown_name(kind: &str, name: &str, at: Span, known: &[String]) -> Diagnostic {
    let last = name.rsplit('.').next().unwrap_or(name);
    let short = image_name(name).and_then(|tail| known.iter().find(|candidate| candidate.as_str() == tail));
    let near = short.map(String::as_str).or(did_you_mean(name, known)).or_else(|| longer(name, known));
    let qualified =
        known.iter().find(|candidate| candidate.rsplit_once('.').is_some_and(|(_, tail)| tail == last));
    let finding = Diagnostic::new(Code::UnknownName, format!("no {kind} is called `{name}`"))
        .label(at, format!("unknown {kind}"));
    match near.or(qualified.map(String::as_str)) {
        Some(word) => finding.help(format!("did you mean `{word}`?")).offer(at, write::name(word)),
        None => {
            let below: Vec<&String> =
                known.iter().filter(|known| known.split('.').next() == Some(name)).collect();
            match known {
                _ if !below.is_empty() => finding.help(format!("write {}", one_of(&below))),
                [] if kind.starts_with("parameter") => finding
                    .help(format!(
                        "declare it: `let {last} = …` at the top of the file, or `({last}: String)` behind the name of what others take in"
                    )),
                few if !few.is_empty() && few.len() <= 8 => {
                    finding.help(format!("known here: {}", all_of(few)))
                }
                _ if matches!(literal::classify(name), Literal::Uuid(_)) => finding
                    .help(format!("give it a name, `{kind} NAME {{ id = {name} }}`, and write that here")),
                _ if kind.contains(' ') || kind.contains('`') => {
                    finding.help("declare it, or import the file or std module that declares it")
                }
                _ if name.contains("{{") || name.contains("<%") => finding.help(
                    "nothing is put in here before the file is read: write the name itself, or that of a parameter",
                ),
                _ if is_path(name) => finding.help(match kind {
                    "patch" => {
                        format!("a file is read by a patch: `patch NAME file {}`", write::string(name))
                    }
                    _ => format!(
                        "a path is no name: import the file that declares the {kind}, and write its name here"
                    ),
                }),
                _ => finding.help(format!(
                    "declare it, `{kind} {} {{ … }}`, or import the file or std module that does",
                    write::name(name)
                )),
            }
        }
    }
}

/// `nvidia.prod` for `nvidia.production`: the shortest name that goes on behind it.
fn longer<'k>(name: &str, known: &'k [String]) -> Option<&'k str> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let goes_on = |known: &&String| {
        known.strip_prefix(name).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('.'))
    };
    let found = known.iter().filter(goes_on).min_by_key(|known| known.len());
    found.filter(|_| last.len() > 2).map(String::as_str)
}

/// `registry/name:tag@digest` where the name alone is meant.
fn image_name(name: &str) -> Option<&str> {
    let untagged = name.split('@').next().unwrap_or(name);
    let (_, tail) = untagged.rsplit_once('/').unwrap_or(("", untagged));
    let tail = tail.split(':').next().unwrap_or(tail);
    (tail != name && !tail.is_empty()).then_some(tail)
}

/// Whether a name is that of a file.
pub(super) fn is_path(name: &str) -> bool {
    let ends = [".yaml", ".yml", ".json", ".talos", ".toml"];
    name.starts_with("./") || name.starts_with("../") || ends.iter().any(|end| name.ends_with(end))
}

/// A name in a text, `${NAME}`, that is neither a parameter nor a `let`: the text may be meant as it stands.
pub(super) fn unknown_in_text(name: &str, at: Span, known: &[String]) -> Diagnostic {
    let finding = unknown_name("parameter or `let`", name, at, known);
    let literally = format!("`\\${{{name}}}` writes it as it stands, and so does text between `'`");
    if !finding.edits.is_empty() {
        return finding.note(literally);
    }
    let dollar = Span { start: at.start - 2, end: at.start - 2, ..at };
    let declared = match known {
        [] if !name.contains('.') => format!(
            "; a parameter is declared behind the name, `({name}: String)`, and a value by `let {name} = …`"
        ),
        few if !few.is_empty() && few.len() <= 8 => format!("; known here: {}", all_of(few)),
        _ => String::new(),
    };
    finding.help(format!("{literally}{declared}")).offer(dollar, "\\")
}

/// The name of something else.
pub(super) fn other_kind(
    kind: &str,
    name: &str,
    at: Span,
    other: &str,
    declared: Option<Span>,
) -> Diagnostic {
    let finding = Diagnostic::new(Code::UnknownName, format!("no {kind} is called `{name}`"))
        .label(at, format!("this is {}, not {}", crate::text::a(other), crate::text::a(kind)))
        .label_if(declared, format!("the {other} is declared here"));
    finding.help(match (kinds::field_of(other), kind) {
        (Some(field), "role") => {
            format!("{} is taken with `{field} += [{name}]` in the body", crate::text::a(other))
        }
        _ => format!("name {} here", crate::text::a(kind)),
    })
}

pub(super) fn not_imported(
    kind: &str,
    name: &str,
    at: Span,
    module: &str,
    start: Option<Span>,
) -> Diagnostic {
    let line = format!("import {}", write::string(&format!("std/{module}")));
    let finding = Diagnostic::new(Code::UnknownName, format!("no {kind} is called `{name}` here"))
        .label(at, format!("declared in `std/{module}`, which is not imported"))
        .help(format!("write `{line}` at the top of the file"));
    match start {
        Some(start) => finding.mend(start, line + "\n"),
        None => finding,
    }
}

pub(super) fn abstract_used(at: Span, decl: &Decl, kind: &str) -> Diagnostic {
    Diagnostic::new(
        Code::AbstractUsed,
        format!("the {kind} `{}` is abstract: only others can extend it", decl.shown()),
    )
    .label(at, "used here")
    .label(decl.span, "declared abstract here")
    .help(format!("declare {} that extends it, and name that one", crate::text::a(kind)))
}

pub(super) fn ambiguous_name(
    at: Span,
    name: &str,
    declared: Option<Span>,
    param: bool,
    takes: &str,
) -> Diagnostic {
    let (what, it) = if param { ("a parameter", "the parameter") } else { ("a `let`", "the `let`") };
    Diagnostic::new(Code::AmbiguousName, format!("`{name}` could be {what} or a value of the field"))
        .label(at, format!("the field takes {takes}"))
        .label_if(declared, format!("{what} of that name"))
        .help(format!("give {it} another name"))
}

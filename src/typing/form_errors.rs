//! What is said of values in another form than the field takes: several where there is one, a word with arguments or without.

use super::types;
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Form, Type};
use crate::source::Span;
use crate::syntax::ast::{Arg, Args, Atom, Value, ValueKind};

/// Several roles where one is named: the others are taken in.
pub(super) fn one_role(finding: Diagnostic, at: Span, first: &str, others: &[&str]) -> Diagnostic {
    let with = format!("with {}", others.join(", "));
    finding
        .help(format!(
            "name one, and take the others in: `role = {first}`, and `{with}` as an item of its own"
        ))
        .offer(at, format!("{first}, {with}"))
}

/// `role = a, b`: `others` follow on the line, and are no fields.
pub(super) fn one_for_several(
    values: Span,
    takes: &str,
    first: &str,
    others: &[&str],
    role: bool,
) -> Diagnostic {
    let finding = Diagnostic::new(Code::WrongType, format!("expected {takes}, found several"))
        .label(values, "there is one of it");
    match role {
        true => one_role(finding, values, first, others),
        false => finding.help("keep one of them"),
    }
}

/// The names in `a and b`, `a with b`.
pub(super) fn bare_names(atoms: &[Atom]) -> Option<Vec<&str>> {
    let word = |atom: &'_ Atom| match &atom.value.kind {
        ValueKind::Bare(_) => atom.args.is_none(),
        _ => false,
    };
    if !atoms.iter().all(word) {
        return None;
    }
    let names = atoms.iter().filter_map(|atom| match &atom.value.kind {
        ValueKind::Bare(name) => Some(name.as_str()),
        _ => None,
    });
    Some(names.filter(|name| !matches!(*name, "and" | "with" | "plus" | "or")).collect())
}

pub(super) fn is_file(atoms: &[Atom]) -> bool {
    matches!(&atoms[0].value.kind, ValueKind::Bare(word) if word == "file")
}

/// `none(["https://…"])`: a word that takes nothing, where another form takes what is written.
pub(super) fn word_with_arguments(name: &Value, args: &Args, forms: &[Form]) -> Diagnostic {
    let word = match &name.kind {
        ValueKind::Bare(word) => word.as_str(),
        _ => "",
    };
    let takes = |ty: &Type| match args.list.as_slice() {
        [Arg::Plain(Value { kind: ValueKind::List(_), .. })] => matches!(ty, Type::List(_) | Type::Set(_)),
        _ => false,
    };
    let other = forms.iter().find_map(|form| match form {
        Form::Tagged(other, ty) if takes(ty) => Some(other.as_str()),
        _ => None,
    });
    let finding = Diagnostic::new(Code::WrongType, format!("`{word}` takes nothing in parentheses"))
        .label(name.span.to(args.span), "has something in them");
    match other {
        Some(other) => {
            finding.help(format!("write `{word}`, or `{other}(…)`, which takes it")).offer(name.span, other)
        }
        None => finding.help(format!("write `{word}`")).offer(args.span, ""),
    }
}

/// `"none"`, `false` and `external`: a word of the forms between quotes, by another word, or without what belongs to it.
pub(super) fn form_meant(at: Span, text: &str, forms: &[Form], takes: &str) -> Option<Diagnostic> {
    let word = |wanted: &str| forms.iter().any(|form| matches!(form, Form::Word(word) if word == wanted));
    let finding = Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
        .label(at, "not one of them");
    if word(text) {
        return Some(finding.help(format!("write `{text}` without quotes")).mend(at, text));
    }
    if is_off(text) && word("none") {
        return Some(finding.help("write `none`").offer(at, "none"));
    }
    let form = forms.iter().find(|form| matches!(form, Form::Tagged(tag, _) if tag == text))?;
    Some(finding.help(format!("write {}", types::describe_form(form))))
}

/// Words for "not this".
pub(super) fn is_off(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "false" | "off" | "no" | "none" | "disabled" | "0")
}

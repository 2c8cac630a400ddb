//! What is wrong with declared fields, and with the file that declares them.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Word;
use crate::text::{did_you_mean, one_of};

pub(super) fn provider_schema(at: Span, why: &str) -> Diagnostic {
    Diagnostic::new(Code::ProviderSchema, "this file is no schema of a provider")
        .label(at, why.to_owned())
        .note("a provider publishes a JSON schema: an object with `properties`")
        .help("save what the provider publishes: `talosc explain provider-schema` shows how")
}

pub(super) fn field_needs_block(name: &Word) -> Diagnostic {
    Diagnostic::new(Code::BadSchema, format!("the field `{}` has no type", name.text))
        .label(name.span, "declared here")
        .help(format!("write `field {} {{ type = String }}`", name.text))
}

pub(super) fn field_taken(name: &Word, kind: &str) -> Diagnostic {
    let name_text = &name.text;
    Diagnostic::new(Code::BadSchema, format!("every {kind} has a field `{name_text}` of its own"))
        .label(name.span, "declared a second time")
        .help(format!("call it otherwise and say what the provider calls it: `field provider-{name_text} {{ wire = \"{name_text}\", … }}`"))
}

pub(super) fn field_attribute_shape(at: Span) -> Diagnostic {
    Diagnostic::new(Code::BadSchema, "attributes of a field are written `name = value`")
        .label(at, "not an attribute")
        .help("for example `type = Int(1..), required = true`")
}

pub(super) fn bad_attribute(at: Span, name: &str, takes: &str) -> Diagnostic {
    Diagnostic::new(Code::BadSchema, format!("`{name}` takes {takes}"))
        .label(at, "not that")
        .help(format!("write {takes}"))
}

/// What a `field` of a schema may say of itself, and what that means.
pub const ATTRIBUTES: &[(&str, &str)] = &[
    ("type", "What it holds; text unless said. See the types below."),
    ("required", "Every class that is not abstract must say it."),
    ("unit", "The unit in which a `Size` is written: `MiB`, `GB` …"),
    ("min", "The least size."),
    ("max", "The largest size."),
    ("values", "The words that a text may be."),
    ("default", "What the provider takes if it is not said, for the documentation."),
    ("emit", "What is written if it is not said."),
    ("wire", "Its name in the output, if that is another one."),
    ("doc", "What it is; a comment `##` above it says the same."),
    ("merge", "What becomes of what a higher level says:"),
    ("secret", "Its value must not be written down."),
    ("owner", "Who sets it instead of the user."),
    ("effect", "What a change of it does to a machine:"),
    ("pattern", "What its text must look like: characters and classes between `^` and `$`."),
    ("deprecated-since", "The version since which it should not be used."),
    ("replaced-by", "The field that took its place."),
];

pub(super) fn unknown_attribute(at: Span, name: &str) -> Diagnostic {
    let known: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).collect();
    let finding = Diagnostic::new(Code::BadSchema, format!("a field has no attribute `{name}`"))
        .label(at, "unknown attribute");
    match did_you_mean(name, &known) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help(format!("attributes are {}", one_of(&known))),
    }
}

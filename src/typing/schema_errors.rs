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

pub(super) fn unknown_attribute(at: Span, name: &str) -> Diagnostic {
    const KNOWN: &[&str] = &[
        "type",
        "required",
        "unit",
        "min",
        "max",
        "values",
        "default",
        "emit",
        "wire",
        "doc",
        "merge",
        "secret",
        "owner",
        "effect",
        "pattern",
        "deprecated-since",
        "replaced-by",
    ];
    let finding = Diagnostic::new(Code::BadSchema, format!("a field has no attribute `{name}`"))
        .label(at, "unknown attribute");
    match did_you_mean(name, KNOWN) {
        Some(near) => finding.suggest(at, Some(near)),
        None => finding.help(format!("attributes are {}", one_of(KNOWN))),
    }
}

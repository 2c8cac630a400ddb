//! Bare words that stand for nothing, for two things, or where they mean nothing.

use crate::diagnostics::{Code, Diagnostic};
use crate::resolve::Decl;
use crate::schema::{Schema, Type};
use crate::source::Span;
use crate::syntax::write;
use crate::text::{did_you_mean, one_of};
use crate::world::config;

use super::value_errors::{wrong_type, wrong_word};

/// More words than these are not listed.
const MAX_LISTED: usize = 12;

/// What a field takes by its words.
pub(super) fn listed(words: &[&str]) -> String {
    if words.len() <= MAX_LISTED { one_of(words) } else { "one of its words".into() }
}

/// A bare name in configuration that is typed elsewhere, where nothing of that name is known.
pub(super) fn free(
    at: Span,
    text: &str,
    ty: Option<&'static config::Type>,
    near: Option<&str>,
) -> Diagnostic {
    let name = || format!("the name `{text}`");
    match ty {
        Some(config::Type::Enum(words)) => wrong_word(at, text, &listed(words), near),
        Some(config::Type::Bool) => {
            let meant = match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "enabled" | "true" => Some("true".to_owned()),
                "no" | "off" | "n" | "disabled" | "false" => Some("false".to_owned()),
                _ => None,
            };
            let fixed = meant.is_some();
            let finding = wrong_type(at, "`true` or `false`", &name(), meant);
            finding.suggest(at, near.filter(|_| !fixed))
        }
        Some(config::Type::Int { .. } | config::Type::Float) => {
            wrong_type(at, "a number", &name(), None).suggest(at, near)
        }
        _ => {
            let words = match ty {
                Some(config::Type::Word(words)) => format!(" or {}", listed(words)),
                _ => String::new(),
            };
            let message = format!("expected text in quotes{words}, found the name `{text}`");
            let finding = Diagnostic::new(Code::UnquotedText, message)
                .label(at, "a bare name is not text")
                .help(format!("write `{}`", write::string(text)))
                .mend(at, write::string(text));
            match near {
                Some(near) => or_name(finding, near),
                None => finding,
            }
        }
    }
}

/// Text without quotes that may be a name which is misspelt: no quotes are put around it unasked.
pub(super) fn or_name(mut finding: Diagnostic, near: &str) -> Diagnostic {
    let help = finding.help.take().unwrap_or_default();
    finding.help(format!("did you mean `{near}`? If it is text, {help}")).doubtful()
}

/// A name for two things of which one is a word of the field: between quotes it is that.
pub(super) fn meant_as_word(finding: Diagnostic, at: Span, text: &str) -> Diagnostic {
    let help = finding.help.clone().unwrap_or_default();
    let quoted = write::string(text);
    finding.help(format!("write `{quoted}` for the word of the field, or {help}")).offer(at, quoted)
}

/// `lan.mask`
pub(super) fn not_of_network(at: Span, network: &str, field: &str, schema: &Schema) -> Diagnostic {
    let fields = schema.fields.values().filter(|field| !matches!(field.ty, Type::Entries(_)));
    let known: Vec<&str> = fields.map(|field| field.name.as_str()).collect();
    let finding = Diagnostic::new(Code::UnknownName, format!("a network has no value `{field}`"))
        .label(at, format!("`{network}` is a network"));
    match did_you_mean(field, &known) {
        Some(near) => {
            let meant = format!("{network}.{near}");
            finding.help(format!("did you mean `{meant}`?")).offer(at, meant)
        }
        None => finding.help(format!("it has {}; text stands in quotes", one_of(&known))),
    }
}

/// A value of a network that is none without arguments.
pub(super) fn network_with_parameters(at: Span, decl: &Decl) -> Diagnostic {
    Diagnostic::new(
        Code::BadArgument,
        format!("the network `{}` has parameters: by its name alone it has no values", decl.name),
    )
    .label(at, "a value of it")
    .label(decl.span, "declared with parameters")
    .help("declare a network that extends it with arguments, and name that one")
}

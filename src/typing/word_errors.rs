//! Bare words that stand for nothing, for two things, or where they mean nothing.

use crate::diagnostics::{Code, Diagnostic};
use crate::resolve::Decl;
use crate::schema::{Schema, Type};
use crate::source::Span;
use crate::syntax::ast::StrPart;
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
            let finding = if_environment(finding, text);
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

/// `role = "${name}"`
pub(super) fn name_in_quotes(at: Span, kind: &str, parts: &[StrPart]) -> Diagnostic {
    let kind = crate::text::a(kind);
    let finding = Diagnostic::new(Code::WrongType, format!("the name of {kind} is not put together"))
        .label(at, "a text, and no name")
        .note("what is inherited, and from where, stands in the source");
    match parts {
        [StrPart::Name(name, _)] => finding
            .help(format!("write `{name}`, a parameter or a `let` that is {kind}"))
            .offer(at, name.as_str()),
        _ => finding.help("write the name out, or take a parameter that is one"),
    }
}

/// `${name}` between `'`, where nothing is put in.
/// `broken` if the text cannot be a value of its field.
pub(super) fn verbatim(at: Span, whole: Span, name: &str, fixed: &str, broken: bool) -> Diagnostic {
    let code = if broken { Code::BadText } else { Code::NotPutIn };
    let shown = if fixed.contains('\n') { "between `\"\"\"`".into() } else { format!("`{fixed}`") };
    Diagnostic::new(code, format!("`${{{name}}}` is not put in: text between `'` stays as it is"))
        .label(at, "stays these very characters")
        .help(format!("write {shown} to put it in"))
        .mend(whole, fixed)
}

/// Whether a name is spelled as those of environment variables are.
pub(super) fn is_environment(name: &str) -> bool {
    // One long word of capitals is a key or an id.
    name.len() > 1
        && (name.contains('_') || name.len() <= 12)
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && name.bytes().any(|b| b.is_ascii_uppercase())
        || ["env.", "ENV.", "environ."].iter().any(|before| name.starts_with(before))
}

const NO_ENVIRONMENT: &str = "there is no environment: a build reads nothing but its sources";

/// Says that there is no environment if an unknown name is spelled like one of its variables.
pub(super) fn if_environment(finding: Diagnostic, name: &str) -> Diagnostic {
    if !is_environment(name) {
        return finding;
    }
    let finding = finding.note(NO_ENVIRONMENT);
    match finding.edits.is_empty() {
        true => finding.help(instead(name, &format!("\"${{{}}}\"", plain(name)))),
        false => finding,
    }
}

/// A value that would be read from the environment: `$VERSION`, `$(command)`, `env("VERSION")`.
pub(super) fn environment(at: Span, text: &str, takes: &str) -> Diagnostic {
    let name = plain(text);
    Diagnostic::new(Code::WrongType, format!("expected {takes}, found `{text}`"))
        .label(at, "read from nowhere")
        .note(NO_ENVIRONMENT)
        .help(instead(text, &name))
}

fn instead(text: &str, used: &str) -> String {
    format!("write the value itself, or `let {} = …` at the top of the file and `{used}` here", plain(text))
}

/// The name of the variable in `${NAME}`, `env("NAME")`, `env.NAME`.
fn plain(text: &str) -> String {
    let mut words =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.next_back().map_or_else(|| "NAME".into(), str::to_owned)
}

/// Whether a text asks for something that is not in the sources.
pub(super) fn asks_for_environment(text: &str) -> bool {
    let calls = ["env", "getenv", "environ", "os.getenv", "os.environ", "process.env", "get_env"];
    let word = text.split(['(', ' ', '[', '.', '"']).next().unwrap_or_default();
    text.len() > 1 && text.starts_with('$')
        || calls.iter().any(|call| {
            text.strip_prefix(call).is_some_and(|rest| rest.starts_with(['(', ' ', '[', '.', '"']))
        })
        || is_environment(word) && word == text
}

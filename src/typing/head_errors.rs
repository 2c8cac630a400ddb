//! What can be wrong with heads: parameters, parents, modifiers, `let`s.

use super::{Param, Val, types};
use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Attributes, Pattern};
use crate::source::Span;
use crate::syntax::ast::{Modifier, Word};
use crate::text::{all_of, did_you_mean};

pub(super) fn no_parameters(at: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(Code::BadParameter, format!("{} takes no parameters", crate::text::a(kind)))
        .label(at, "not here")
        .help("remove them")
}

pub(super) fn parameter_shape(at: Span) -> Diagnostic {
    Diagnostic::new(Code::BadParameter, "a parameter is `name: Type`, perhaps with `= default`")
        .label(at, "not a parameter")
        .help("write, for example, `role disks(min: Size = 100GB) { … }`")
}

/// A parameter without a default of something that is written as it stands.
pub(crate) fn never_given(param: &Param, kind: &str, name: &str) -> Diagnostic {
    let given = match kind {
        "machine" => "a machine with a class is in no list that could give it",
        _ => "it is written as it stands, and nothing gives it",
    };
    Diagnostic::new(Code::BadParameter, format!("the {kind} `{name}` has a parameter that is never given"))
        .label(param.span, given)
        .help(format!(
            "write a default, `{}: … = …`, or mark the {kind} `abstract` and extend it with the argument",
            param.name
        ))
}

/// Arguments behind the name of a class.
pub(super) fn class_with_arguments(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::BadArgument, "a class is written once, so a use of it takes no arguments")
        .label(at, "not here")
        .help(format!("declare a class that extends `{name}` with them, and name that one"))
}

pub(super) fn parameter_twice(name: &Word) -> Diagnostic {
    Diagnostic::new(Code::BadParameter, format!("the parameter `{}` stands twice", name.text))
        .label(name.span, "again here")
        .help("give it another name")
}

pub(super) fn parameter_type(at: Span, param: &Param, takes: &str) -> Diagnostic {
    Diagnostic::new(
        Code::WrongType,
        format!(
            "expected {takes}, found the parameter `{}`, which is {}",
            param.name,
            types::describe(&param.ty)
        ),
    )
    .label(at, "used here")
    .label(param.span, "declared here")
    .help("give the parameter the type of the field")
}

pub(super) fn unnamed_argument(at: Span, only: Option<Span>, name: &str, params: &[Param]) -> Diagnostic {
    let finding = Diagnostic::new(Code::BadArgument, "arguments are always named")
        .label(at, "an argument without a name");
    match params.first() {
        Some(param) => {
            let finding = finding.help(format!("write `{name}({} = …)`", param.name));
            // With one of each there is no doubt which is meant.
            match only.filter(|_| params.len() == 1) {
                Some(value) => finding.mend(value.at_start(), format!("{} = ", param.name)),
                None => finding,
            }
        }
        None => finding.help(format!("`{name}` takes none: remove the parentheses")),
    }
}

pub(super) fn unknown_argument(name: &Word, shown: &str, known: &[&str]) -> Diagnostic {
    let finding = Diagnostic::new(Code::BadArgument, format!("`{shown}` has no parameter `{}`", name.text))
        .label(name.span, "unknown parameter");
    match did_you_mean(&name.text, known) {
        Some(near) => finding.suggest(name.span, Some(near)),
        None if known.is_empty() => finding.help("it takes no arguments"),
        None => finding.help(format!("its parameters are {}", all_of(known))),
    }
}

pub(super) fn argument_twice(name: &Word) -> Diagnostic {
    Diagnostic::new(Code::BadArgument, format!("the argument `{}` stands twice", name.text))
        .label(name.span, "again here")
        .help("remove one of them")
}

pub(super) fn argument_missing(at: Span, shown: &str, param: &Param) -> Diagnostic {
    Diagnostic::new(Code::BadArgument, format!("`{shown}` needs the argument `{}`", param.name))
        .label(at, "used without it")
        .label(param.span, format!("takes {}", types::describe(&param.ty)))
        .help(format!("write `{shown}({} = …)`", param.name))
}

pub(super) fn unknown_type(at: Span, text: &str) -> Diagnostic {
    const KNOWN: &[&str] = &[
        "Bool",
        "Int",
        "Decimal",
        "String",
        "Size",
        "Duration",
        "Version",
        "Uuid",
        "Mac",
        "Ip",
        "Cidr",
        "Address",
        "Hostname",
        "LabelKey",
        "LabelValue",
        "LinkName",
        "Path",
        "Url",
        "DnsLabel",
        "Any",
    ];
    let finding =
        Diagnostic::new(Code::UnknownType, format!("`{text}` is not a type")).label(at, "unknown type");
    let other = match text.to_ascii_lowercase().as_str() {
        "boolean" => Some("Bool"),
        "number" | "integer" | "int64" | "uint" => Some("Int"),
        "float" | "double" => Some("Decimal"),
        "str" | "text" => Some("String"),
        "object" | "any" => Some("Any"),
        _ => None,
    };
    match other.or(did_you_mean(text, KNOWN)) {
        Some(near) => finding.suggest(at, Some(near)),
        None => {
            finding.help(format!("types are {}, `enum [a, b]`, `list T`, `set T` and `map T`", all_of(KNOWN)))
        }
    }
}

pub(super) fn unused_parameter(param: &Param, name: &str) -> Diagnostic {
    Diagnostic::new(Code::UnusedParameter, format!("`{name}` never uses its parameter `{}`", param.name))
        .if_all_understood()
        .label(param.span, "unused")
        .help("remove it, or write it where a value stands; in text as `${name}`")
}

pub(super) fn second_parent(at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::SecondParent, "only one parent may follow `extends`")
        .label(at, "a second one")
        .label(first, "the first one")
        .help("take the others in with `with`")
}

pub(super) fn modifier_does_not_fit(modifier: &Modifier, kind: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MisplacedMark,
        format!("`{}` means nothing on {}", modifier.kind.word(), crate::text::a(kind)),
    )
    .label(modifier.span, "not here")
    .help(format!("remove `{}` and what follows it", modifier.kind.word()))
}

pub(super) fn let_is_no_parent(at: Span) -> Diagnostic {
    Diagnostic::new(Code::UnknownName, "a `let` cannot be a parent")
        .label(at, "this is a `let`")
        .help("take it in with `with`")
}

pub(super) fn let_is_no_block(at: Span, declared: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("`{name}` is not a block of fields"))
        .label(at, "mixed in here")
        .label(declared, "declared here")
        .help(format!("write `let {name} = {{ … }}`"))
}

pub(super) fn let_cycle(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::LetCycle, format!("the value of `{name}` needs itself"))
        .label(at, "declared here")
        .help("break the circle: write one of the values out")
}

pub(super) fn chain_too_long(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, format!("declarations inherit from each other more than {limit} deep"))
        .label(at, "one level too many")
        .help("take something in with `with` instead of extending it once more")
}

pub(super) fn let_without_value(at: Span, declared: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("`{name}` has no single value"))
        .label(at, "used as a value here")
        .label(declared, "declared here")
        .help(format!("write `let {name} = …`"))
}

pub(super) fn inheritance_cycle(at: Span, hops: &[(String, Span)]) -> Diagnostic {
    let mut route: Vec<String> = hops.iter().map(|(name, _)| format!("`{name}`")).collect();
    route.push(route[0].clone());
    let message = if hops.len() == 1 {
        format!("{} inherits from itself", route[0])
    } else {
        format!("inheritance goes in a circle: {}", route.join(" → "))
    };
    let mut finding = Diagnostic::new(Code::InheritanceCycle, message).label(at, "closes the circle");
    for (name, span) in hops {
        finding = finding.label(*span, format!("`{name}` is declared here"));
    }
    finding.help("move what they share to another declaration that extends neither")
}

pub(super) fn not_a_version(at: Span, text: &str) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::WrongType, format!("expected a version such as `v1.13`, found `{text}`"))
            .label(at, "not a version");
    match crate::version::Version::parse(text) {
        Some(_) => finding.help(format!("write `v{text}`")).mend(at, format!("v{text}")),
        None => finding.help("write `v`, the major and the minor number: `v1.13`"),
    }
}

// ---- what the declaration of a field says ---------------------------------------------------------------------------------------

pub(super) fn owned_field(at: Span, name: &str, owner: &str, cut: Span) -> Diagnostic {
    Diagnostic::new(Code::OwnedField, format!("`{name}` is set by {owner}, and by nobody else"))
        .label(at, "set here")
        .help("remove it")
        .offer(cut, "")
}

pub(super) fn deprecated_field(at: Span, name: &str, more: &Attributes) -> Diagnostic {
    let since = more.deprecated_since.as_ref().map(|since| format!(" since {since}")).unwrap_or_default();
    let finding = Diagnostic::new(Code::DeprecatedField, format!("`{name}` is deprecated{since}"))
        .label(at, "the old field");
    match &more.replaced_by {
        Some(other) => finding.help(format!("write `{other}` instead")),
        None => finding.help("remove it: it will go away"),
    }
}

pub(super) fn secret_field(at: Span, name: &str, value: &Val) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::SecretInOutput, format!("`{name}` is a secret, and would be written to git"))
            .label(at, "secret")
            .help("give it to the provider itself, outside of the repository");
    match value {
        Val::Str(text) => finding.hide(text),
        _ => finding,
    }
}

pub(super) fn no_fit(at: Span, name: &str, text: &str, pattern: &Pattern) -> Diagnostic {
    Diagnostic::new(Code::BadText, format!("`{name}` cannot be `{text}`"))
        .label(at, "another form is needed")
        .note(format!("it must be like `{}`", pattern.text))
        .help("write a text of that form")
}

//! What is said of habits from other languages in bodies: names, operators and declarations that stand where they do not belong.

use crate::diagnostics::{Code, Diagnostic};
use crate::kinds::{self, KindDef};
use crate::schema::{Schema, Type};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Atom, Item, Rest, Value, ValueKind, Word};
use crate::text::Text;

/// A declaration or named block with `=` in front of its body, or with a value instead; `named` if it has a name, `extends` if a parent
/// may follow that.
pub(super) fn with_value(at: Span, value: &Value, name: &str, named: bool, extends: bool) -> Diagnostic {
    let finding = Diagnostic::new(Code::Syntax, format!("{} has a body, not a value", crate::text::a(name)))
        .label(at, "unexpected `=`");
    let equals = Span { end: value.span.start, ..at };
    let removed = |finding: Diagnostic| finding.help("remove the `=`").mend(equals, "");
    let bare = |atom: &Atom| matches!(&atom.value.kind, ValueKind::Bare(_)) && atom.args.is_none();
    match &value.kind {
        ValueKind::Block(_) => removed(finding),
        // `patch x = file "./x.yaml"`
        ValueKind::Apply(atoms)
            if named && matches!(&atoms[0].value.kind, ValueKind::Bare(word) if word == "file") =>
        {
            removed(finding)
        }
        ValueKind::Apply(atoms) => match atoms.as_slice() {
            [first, Atom { value: Value { kind: ValueKind::Block(_), .. }, args: None }] if bare(first) => {
                match (named, extends) {
                    // `workers = gpu { … }`
                    (false, _) => removed(finding),
                    // `role gpu = worker { … }`
                    (true, true) => finding
                        .help("what is inherited follows `extends`, in front of the body")
                        .offer(equals, "extends "),
                    (true, false) => finding.help("write its fields between `{` and `}`"),
                }
            }
            _ => finding.help("write its fields between `{` and `}`"),
        },
        // `patch = p`
        ValueKind::Bare(text) if !named => finding.help(match kinds::field_of(name) {
            Some(list) => {
                format!("write `{name} {text} {{ … }}`; a declared one is taken in with `{list} += [{text}]`")
            }
            None => format!("write `{name} {text} {{ … }}`"),
        }),
        ValueKind::Bare(_) if named && extends => finding
            .help("what is inherited follows `extends`: `NAME extends PARENT`")
            .offer(equals, "extends "),
        _ => finding.help("write its fields between `{` and `}`"),
    }
}

/// `role worker { … }` in a cluster; `use_here` takes it in at this place.
pub(super) fn declared_here(
    item: &Item,
    kind: &KindDef,
    schema: &Schema,
    use_here: Option<&str>,
) -> Diagnostic {
    let body = kinds::called(schema);
    let what = crate::text::a(&if kind.id == kinds::LET { "`let`".to_owned() } else { kind.name.to_owned() });
    let finding = Diagnostic::new(Code::Syntax, format!("{what} is declared at top level, not in {body}"))
        .label(item.words[0].span.to(item.words[1].span), "not here");
    match use_here {
        Some(text) => finding.help(format!("move it out of all bodies, and write `{text}` here")),
        None => finding.help("move it out of all bodies, to the beginning of a line of its own"),
    }
}

/// `import` and `output` in a body.
pub(super) fn of_the_file(word: &Word, schema: &Schema) -> Diagnostic {
    let message = format!("`{}` stands at top level, not in {}", word.text, kinds::called(schema));
    Diagnostic::new(Code::Syntax, message)
        .label(word.span, "not here")
        .help("move it out of all bodies, to the beginning of a line of its own")
}

pub(super) fn misspelt_mark(word: &Word, near: &str) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, format!("`{}` is neither a field nor a word before one", word.text))
        .label(word.span, "unknown word")
        .suggest(word.span, Some(near))
}

/// `extensions.append(zfs)`
pub(super) fn method(
    item: &Item,
    list: &str,
    rest: &[Text],
    ty: &Type,
    sources: &SourceMap,
) -> Option<Diagnostic> {
    let operator = match rest {
        [one] => match one.as_str() {
            "append" | "push" | "add" | "insert" | "extend" | "concat" => "+=",
            "remove" | "delete" | "without" | "pop" | "discard" => "-=",
            _ => return None,
        },
        _ => return None,
    };
    let args = item.args.as_deref()?;
    if !matches!(ty, Type::Set(_) | Type::List(_)) || !matches!(item.rest, Rest::Nothing) {
        return None;
    }
    let inner = sources.text(args.span).trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    let text = format!("{list} {operator} [{}]", inner.trim());
    Some(
        Diagnostic::new(Code::UnknownField, format!("`{list}` has no fields of its own"))
            .label(item.words[0].span.to(args.span), "not a call")
            .help(format!("write `{text}`"))
            .mend(item.span, text),
    )
}

/// `extensions override = [zfs]`
pub(super) fn mark_behind_field(word: &Word, field: &Word, item: Span) -> Diagnostic {
    Diagnostic::new(
        Code::MisplacedMark,
        format!("`{}` stands in front of `{}`, not behind it", word.text, field.text),
    )
    .label(word.span, "behind the word it belongs to")
    .help(format!("write `{} {} …`", word.text, field.text))
    .mend(item.at_start(), format!("{} ", word.text))
    .mend(Span { start: field.span.end, ..word.span }, "")
}

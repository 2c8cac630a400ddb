//! What can be wrong with names and bodies. Wording stands here; the phases call it with typed arguments.

use super::path::{rest_span, segment_span};
use super::{shape, types};
use crate::diagnostics::{Code, Diagnostic};
use crate::kinds::{self, Meant, Page};
use crate::schema::{Schema, Shape};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Item, Mark, MarkKind, Modifier, ModifierKind, Op, Rest, Word};
use crate::syntax::write;
use crate::text::{Text, all_of};
use crate::world::{config, stdlib};

pub(super) use super::habit_errors::*;
pub(crate) use super::head_errors::*;
pub(super) use super::name_errors::*;

pub(crate) fn condition_without_target(at: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MisplacedMark,
        format!("{} has no Talos version that `since` and `until` could ask for", crate::text::a(kind)),
    )
    .label(at, "a condition without a target")
    .help("remove it, or declare two and let each cluster name the one it wants")
}

/// A condition on something that must be known before there is a version to ask for.
pub(crate) fn condition_too_early(at: Span, field: &str) -> Diagnostic {
    Diagnostic::new(
        Code::ConditionTooEarly,
        format!("`{field}` must be known before `since` and `until` can ask for a version of Talos"),
    )
    .label(at, "asks for a version that is not known yet")
    .help(format!(
        "say `{field}` once and without a condition: what else is read for which version hangs on it"
    ))
}

pub(super) fn never_holds(at: Span) -> Diagnostic {
    Diagnostic::new(Code::MisplacedMark, "no version is both: `since` is above `until`")
        .label(at, "counts for nothing")
        .help("swap the two versions, or remove one of the conditions")
}

pub(super) fn condition_on_whole(at: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(Code::MisplacedMark, format!("a {kind} is there for every version of Talos, or for none"))
        .label(at, "a condition on the whole of it")
        .help("put `since` and `until` behind the fields in its body that differ")
}

// ---- bodies ---------------------------------------------------------------------------------------------------------------

/// A field that only a provider can have, on a class without one.
pub(super) fn no_provider(word: &Word, kind: &str, schema: &Schema) -> Diagnostic {
    let known: Vec<&str> = schema.fields.keys().map(Text::as_str).collect();
    Diagnostic::new(Code::UnknownField, format!("a {kind} without a provider has no field `{}`", word.text))
        .label(word.span, "the field of which provider?")
        .note(format!("without a provider its fields are {}", all_of(&known)))
        .help(format!("name the provider in front of the body, such as `{kind} NAME via proxmox {{ … }}`"))
}

pub(super) fn expression_here(at: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "only the body of an `invariant` holds expressions")
        .label(at, "an expression")
        .help("declare an `invariant NAME for KIND x { … }`")
}

pub(super) fn allow_shape(at: Span) -> Diagnostic {
    Diagnostic::new(Code::BadAllow, "`allow` takes the name of a finding and a reason")
        .label(at, "not understood")
        .help("write `allow(even-control-planes, \"two sites only\")`")
}

pub(super) fn field_name_is_template(at: Span) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, "the name of a field cannot hold parameters")
        .label(at, "a field name")
        .help("parameters may stand in keys of maps and in names of patches, links and volumes")
}

/// A field that `schema` does not have: `path[at]` of a word, which is all of `item`'s head.
pub(super) fn unknown_field(
    (word, rest): (&Word, &Rest),
    path: &[Text],
    at: usize,
    schema: &Schema,
    cut: Span,
) -> Diagnostic {
    let here = segment_span(word, path, at);
    let finding = no_field(here, &path[at], schema);
    match super::mistakes::meant(schema, &path[at..]) {
        Some(Meant::Field(name, 1)) => finding.suggest(here, Some(&name)),
        Some(Meant::Field(name, _)) => finding.suggest(rest_span(word, path, at), Some(&name)),
        Some(Meant::Say(text)) => finding.help(text),
        Some(Meant::Drop(text)) => finding.help(text).offer(cut, ""),
        None => match kinds::page(schema) {
            Page::Provider(name) if schema.fields.len() > FEW => finding.note(fields_of(schema)).help(format!(
                "a field that a fork of it has is declared: `provider my-{name} extends {name} {{ id = \"{name}\", field {} {{ \
                 {} }} }}`",
                path[at],
                types::declaration(rest)
            )),
            _ => finding.help(fields_of(schema)),
        },
    }
}

/// A field that the list which it is set to tells apart from other words for the same.
pub(super) fn misspelt_field(word: &Word, path: &[Text], schema: &Schema, meant: &str) -> Diagnostic {
    let here = segment_span(word, path, 0);
    no_field(here, &path[0], schema).suggest(here, Some(meant))
}

fn no_field(here: Span, name: &str, schema: &Schema) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, format!("{} has no field `{name}`", kinds::called(schema)))
        .label(here, "unknown field")
        .label_if(schema.declared, "its fields are declared here")
}

/// How many fields are listed in a finding.
const FEW: usize = 14;

/// The fields of a body if they are few, else where they are listed.
fn fields_of(schema: &Schema) -> String {
    let known: Vec<&str> = schema.fields.keys().map(Text::as_str).collect();
    if known.len() <= FEW {
        return format!("its fields are {}", all_of(&known));
    }
    match kinds::page(schema) {
        Page::Kind(name) => format!("`talosc doc {name}` lists its fields"),
        Page::Provider(name) if stdlib::names("provider").any(|known| known == name) => {
            format!("`talosc doc {name}` lists its fields")
        }
        Page::Provider(_) => "`talosc doc class` lists the fields of every class".to_string(),
    }
}

pub(super) fn path_through_map(word: &Word, map: &str, rest: &str) -> Diagnostic {
    let (before, name) = map.rsplit_once('.').unwrap_or(("", map));
    let blocks = config::map_named(before.rsplit('.').next().unwrap_or(before), name) == Some(true);
    let key = if blocks { format!("a key in `{rest}`") } else { format!("its key `{rest}`") };
    let finding = Diagnostic::new(
        Code::PathThroughMap,
        format!("`{map}` is a map: a path cannot tell where {key} ends"),
    )
    .label(word.span, "passes through a map");
    if blocks {
        return finding.help(format!("quote the key, `{map}.\"KEY\".…`, or write `{map} {{ KEY {{ … }} }}`"));
    }
    let Some(key) = write::segment(rest) else {
        return finding.help(format!("write `{map} {{ {} = … }}`", write::key(rest)));
    };
    let fixed = format!("{map}.{key}");
    finding
        .help(format!("quote the key, `{fixed}`, or write `{map} {{ {} = … }}`", write::key(rest)))
        .mend(word.span, fixed)
}

/// A key with a `/` where no map is known: `before` is the path that is known, `rest` what may hold the key.
pub(super) fn slash_in_path(word: &Word, before: &str, rest: &[Text]) -> Diagnostic {
    let whole = rest.join(".");
    let fixed = match (before, rest) {
        ("", _) => write::string(&whole),
        (_, [first, more @ ..]) => match write::segment(&more.join(".")) {
            Some(key) => format!("{before}.{first}.{key}"),
            None => format!("{before}.{first}"),
        },
        _ => whole.clone(),
    };
    Diagnostic::new(
        Code::PathThroughMap,
        format!("no field has a `/` in its name: a path cannot tell where a key in `{whole}` begins"),
    )
    .label(word.span, "holds a key")
    .help(format!("quote the key, such as `{fixed} = …`"))
}

pub(super) fn path_into_scalar(word: &Word, field: &str) -> Diagnostic {
    Diagnostic::new(Code::UnknownField, format!("`{field}` has no fields of its own"))
        .label(word.span, "goes on after it")
        .help(format!("write `{field}` alone"))
}

pub(super) fn extra_word(word: &Word, first: &Word) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("unexpected `{}` after `{}`", word.text, first.text))
        .label(word.span, "one word too many")
        .help("a field is written `name = value` or `name { … }`")
}

pub(super) fn verb_with_value(at: Span, verb: MarkKind) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`{}` takes a name and no value", verb.word()))
        .label(at, "has a value")
        .help(format!("write `{} NAME`", verb.word()))
}

pub(super) fn no_arguments(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::BadArgument, format!("`{name}` takes no arguments"))
        .label(at, "not here")
        .help("remove the parentheses; what takes arguments is a role or patch that is used by its name")
        .offer(at, "")
}

/// `workers a extends b`, `kernel with fast { … }`: modifiers of declarations on what stands in a body.
pub(super) fn modifier_in_body(modifier: &Modifier, word: &Word, kind: &str) -> Diagnostic {
    let keyword = modifier.kind.word();
    let finding = Diagnostic::new(
        Code::MisplacedMark,
        format!("`{keyword}` means nothing behind `{}` in a body", word.text),
    )
    .label(modifier.span, "not here");
    finding.help(match modifier.kind {
        ModifierKind::Extends if kind == "control plane" || kind == "set of workers" => {
            "a set inherits from the cluster and its role: put what sets share into a role, and name it with `role = …`"
                .into()
        }
        ModifierKind::Extends | ModifierKind::With => {
            format!("only declarations and sets inherit: remove `{keyword}` and what follows it")
        }
        ModifierKind::File => "write `file \"…\"` as the value: `name = file \"…\"`".into(),
        _ => format!("remove `{keyword}` and what follows it"),
    })
}

pub(super) fn mixin_with_value(at: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "`with` takes names of mixins and nothing behind them")
        .label(at, "belongs to nothing")
        .help("write `with a, b` on a line of its own, and fields on lines of theirs")
}

pub(super) fn marks_clash(mark: &Mark, other: &Mark) -> Diagnostic {
    let (word, first) = (mark.kind.word(), other.kind.word());
    let message = match mark.kind == other.kind {
        true => format!("`{word}` stands twice"),
        false => format!("`{first}` and `{word}` cannot stand together"),
    };
    Diagnostic::new(Code::MisplacedMark, message)
        .label(mark.span, "one word too many")
        .label(other.span, "after this one")
        .help("keep one of the two")
}

pub(crate) fn reason_missing(mark: &Mark) -> Diagnostic {
    let at = mark.args.as_deref().map_or(mark.span, |args| mark.span.to(args.span));
    Diagnostic::new(Code::MisplacedMark, "`unchecked` takes a reason: one text that is not empty")
        .label(at, "why is it not checked?")
        .help("write `unchecked(\"newer than the tables\")`")
}

pub(super) fn value_missing(word: &Word, takes: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`{}` has no value", word.text))
        .label(word.span, format!("takes {takes}"))
        .help(format!("write `{} = …`", word.text))
}

pub(super) fn block_for_value(at: Span, name: &str, takes: &str, meant: Option<String>) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::WrongType, format!("`{name}` takes {takes}, not a block")).label(at, "a block");
    match meant {
        Some(text) => finding.help(format!("write `{name} = {text}`")).mend(at, format!("= {text}")),
        None => finding.help(format!("write `{name} = …` with {takes}")),
    }
}

pub(super) fn delete_outside_patch(mark: &Mark, word: &Word) -> Diagnostic {
    Diagnostic::new(Code::MisplacedMark, "`delete` drops a part of the generated configuration, in a patch")
        .label(mark.span, "not in a patch")
        .help(format!("write `unset {}` to drop what is inherited", word.text))
        .offer(mark.span, "unset")
}

/// `remove extensions.nfsd`
pub(super) fn removes_element(item: Span, at: Span, list: &str, element: &str) -> Diagnostic {
    let text = format!("{list} -= [{element}]");
    Diagnostic::new(Code::UnknownField, format!("`{list}` is a list: an element is taken from it with `-=`"))
        .label(at, "goes on after it")
        .help(format!("write `{text}`"))
        .mend(item, text)
}

pub(super) fn not_a_list(at: Span, op: Op, shown: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("`{}` takes a list", op.symbol()))
        .label(at, "not a list")
        .help(format!("write `{} [{shown}]`", op.symbol()))
        .mend(at, format!("[{shown}]"))
}

/// `runtime += runc`, and `kubelet += { … }`
pub(super) fn operator_needs_list(at: Span, op: Op, takes: &str) -> Diagnostic {
    Diagnostic::new(Code::WrongType, format!("`{}` works on lists; this field takes {takes}", op.symbol()))
        .label(at, "not a list")
}

pub(super) fn entry_name_missing(word: &Word, what: &str) -> Diagnostic {
    Diagnostic::new(Code::NameMissing, format!("`{}` needs {what}", word.text))
        .label(word.span, format!("{what} must follow"))
        .help(format!("write `{} my-name {{ … }}`", word.text))
}

pub(super) fn single_entry(word: &Word, first: &Word) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`{}` has no name: there is one of it", first.text))
        .label(word.span, "one word too many")
        .help("remove the name")
        .offer(word.span, "")
}

pub(crate) fn bad_key(at: Span, key: &str, shape: Shape, why: &str) -> Diagnostic {
    let finding = Diagnostic::new(Code::BadName, format!("`{key}` cannot be a name here"))
        .label(at, "this name")
        .note(why);
    match shape::nearest(shape, key) {
        Some(name) => {
            finding.help(format!("write `{name}`, or choose another name")).offer(at, write::key(&name))
        }
        None => finding.help("choose another name"),
    }
}

pub(super) fn mark_in_body(mark: &Mark, word: &Word) -> Diagnostic {
    let said = mark.args.as_deref().map_or(mark.span, |args| mark.span.to(args.span));
    let place = match mark.kind {
        MarkKind::Abstract | MarkKind::Extern => "a declaration at top level",
        MarkKind::Unchecked => "a `patch`",
        _ => "a `patch`, `manifest` or `healthcheck`",
    };
    Diagnostic::new(
        Code::MisplacedMark,
        format!("`{}` means nothing before `{}`", mark.kind.word(), word.text),
    )
    .label(mark.span, format!("stands before {place}"))
    .help(format!("remove `{}`", mark.kind.word()))
    .offer(Span { end: word.span.start.max(said.end), ..mark.span }, "")
}

/// `kernel {}`, `extensions += []`
pub(super) fn says_nothing(sources: &SourceMap, item: &Item) -> Diagnostic {
    let text = sources.text(item.span);
    let what = if matches!(item.rest, Rest::Block(_)) { "block" } else { "list" };
    Diagnostic::new(
        Code::SaysNothing,
        format!("`{}` says nothing: the {what} is empty", text.replace('\n', " ")),
    )
    .label(item.span, "nothing in it")
    .help(match what {
        "block" => "remove it; `override` in front of it would empty what is inherited".to_owned(),
        _ => format!("remove it; `override {} = []` would empty what is inherited", item.words[0].text),
    })
    .offer(sources.removal(item.span), "")
}

/// `override extensions += [nfsd]`
pub(super) fn override_with_operator(mark: &Mark, word: &Word, op: Op) -> Diagnostic {
    let (symbol, does) = match op {
        Op::Take => ("-=", "takes from"),
        Op::Add | Op::Set => ("+=", "adds to"),
    };
    Diagnostic::new(Code::MisplacedMark, format!("`override` means nothing before `{symbol}`"))
        .label(mark.span, format!("`{symbol}` {does} what is inherited"))
        .help(format!("remove `override`; `override {} = […]` replaces what is inherited", word.text))
        .offer(Span { end: word.span.start, ..mark.span }, "")
}

/// `routes = [{ final gateway = 10.0.0.1 }]`
pub(super) fn mark_in_element(mark: &Mark, word: &Word) -> Diagnostic {
    let keyword = mark.kind.word();
    Diagnostic::new(Code::MisplacedMark, format!("`{keyword}` means nothing in an element of a list"))
        .label(mark.span, "an element is inherited as a whole")
        .help(format!("remove `{keyword}`"))
        .offer(Span { end: word.span.start, ..mark.span }, "")
}

/// `output { final directory = "out" }`
pub(super) fn final_without_descendants(mark: &Mark, word: &Word, kind: &str) -> Diagnostic {
    Diagnostic::new(
        Code::MisplacedMark,
        format!("`final` means nothing in {}: nothing inherits from it", crate::text::a(kind)),
    )
    .label(mark.span, "there is nobody who could change it")
    .help("remove `final`")
    .offer(Span { end: word.span.start, ..mark.span }, "")
}

// ---- declared schemas -----------------------------------------------------------------------------------------------------

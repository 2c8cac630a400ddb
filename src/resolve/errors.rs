//! What can be wrong with names, imports and the shape of top-level items.

use super::Decl;
use crate::diagnostics::{Code, Diagnostic};
use crate::kinds::{self, KindDef};
use crate::source::Span;
use crate::syntax::ast::{Item, Mark, MarkKind, Rest, ValueKind, Word, WordForm};
use crate::syntax::write;
use crate::text::{did_you_mean, one_of};
use crate::world::stdlib;

pub(super) fn unknown_kind(item: &Item) -> Diagnostic {
    let word = &item.words[0];
    let known: Vec<&str> = kinds::all().iter().map(|kind| kind.name).chain(["import"]).collect();
    let finding = Diagnostic::new(Code::UnknownKind, format!("`{}` is not a kind of declaration", word.text))
        .label(word.span, "unknown kind");
    match kinds::kind_meant(&word.text) {
        // `locals { a = 1 }`, `variable "a" { default = 1 }`
        Some("let") if matches!(item.rest, Rest::Block(_)) => {
            return finding.help("write `let NAME = VALUE` for each value, and `NAME` where it is used");
        }
        Some(kind) => return finding.suggest(word.span, Some(kind)),
        None => {}
    }
    // `resource network lan`, `overide role base`: what follows is a declaration.
    if let [_, next, _, ..] = item.words.as_slice()
        && kinds::by_name(&next.text).is_some()
    {
        let marks: Vec<&str> = MarkKind::ALL.iter().map(|(name, _)| *name).collect();
        return match did_you_mean(&word.text, &marks) {
            near @ Some(_) => finding.suggest(word.span, near),
            None => finding
                .help(format!("remove it: the declaration starts with `{}`", next.text))
                .offer(Span { end: next.span.start, ..word.span }, ""),
        };
    }
    if kinds::is_control(&word.text) {
        return finding.help(kinds::CONTROL);
    }
    // `import "./a.talos", "./b.talos"`
    if matches!(word.form, WordForm::Quoted) && item.words.len() == 1 && word.text.ends_with(".talos") {
        let text = format!("import {}", write::string(&relative(&word.text)));
        return finding
            .help(format!("write `{text}` on a line of its own"))
            .offer(word.span.at_start(), "import ");
    }
    // `from roles import worker`
    if let [from, file, import, ..] = item.words.as_slice()
        && from.text == "from"
        && import.text == "import"
        && matches!(file.form, WordForm::Bare)
    {
        let text = format!("import {}", write::string(&relative(&file.text)));
        return finding
            .help(format!("write `{text}`: all that the file declares is known then"))
            .offer(item.span, text);
    }
    // `from "./roles.talos" import worker`: all of a file comes in.
    let path = item.words.iter().skip(1).find(|word| {
        matches!(word.form, WordForm::Quoted) && (word.text.contains('/') || word.text.ends_with(".talos"))
    });
    if let Some(path) = path.filter(|_| matches!(item.rest, Rest::Nothing)) {
        let text = format!("import {}", write::string(&relative(&path.text)));
        return finding
            .help(format!("write `{text}`: all that the file declares is known then"))
            .offer(item.span, text);
    }
    let name = word.segments();
    match did_you_mean(&word.text, &known) {
        near @ Some(_) => finding.suggest(word.span, near),
        None => finding.help(match kinds::owners(&name[0]) {
            Some(owners) => format!("`{}` is a field of {owners}: write it in the body of one", name[0]),
            None if matches!(item.rest, Rest::Assign(..)) => {
                format!("give a value a name with `let {} = …`", word.text)
            }
            None => format!("a declaration starts with {}", one_of(&known)),
        }),
    }
}

/// `extends a, b`, and `extends a, with b`.
pub(super) fn parent_after_comma(at: Span, first: Span, comma: Span, with: bool) -> Diagnostic {
    if with {
        return Diagnostic::new(Code::Syntax, "no `,` stands in front of `with`")
            .label(comma, "ends the declaration")
            .help("write `extends NAME with NAME`")
            .mend(comma, " ");
    }
    Diagnostic::new(Code::SecondParent, "only one parent may follow `extends`")
        .label(at, "a second one")
        .label(first, "the first one")
        .help("take the others in with `with`")
        .offer(comma, " with ")
}

pub(super) fn mark_does_not_fit(mark: &Mark, kind: &KindDef, next: Span) -> Diagnostic {
    let others: Vec<&str> =
        kinds::all().iter().filter(|kind| kind.marks.contains(&mark.kind)).map(|kind| kind.name).collect();
    let label = match others.as_slice() {
        [] => "stands in a body, before a field".to_string(),
        others => format!("stands only before {}", one_of(others)),
    };
    Diagnostic::new(
        Code::MisplacedMark,
        format!("`{}` does not fit {} at top level", mark.kind.word(), crate::text::a(kind.name)),
    )
    .label(mark.span, label)
    .help(format!("remove `{}`", mark.kind.word()))
    .offer(Span { end: next.start, ..mark.span }, "")
}

/// `patch secret join`: the mark stands in front of `patch`.
pub(crate) fn mark_behind(word: &Word, next: &Word, first: &Word) -> Diagnostic {
    Diagnostic::new(
        Code::MisplacedMark,
        format!("`{}` stands in front of `{}`, not behind it", word.text, first.text),
    )
    .label(word.span, "behind the word it belongs to")
    .help(format!("write `{} {} {}`", word.text, first.text, next.text))
    .mend(first.span.at_start(), format!("{} ", word.text))
    .mend(Span { end: next.span.start, ..word.span }, "")
}

pub(super) fn name_missing(item: &Item, kind: &KindDef) -> Diagnostic {
    let finding = Diagnostic::new(Code::NameMissing, format!("this {} has no name", kind.name))
        .label(item.words[0].span, "a name must follow");
    // `role = gpu { … }`
    if let Rest::Assign(_, at, value) = &item.rest
        && let ValueKind::Apply(atoms) = &value.kind
        && matches!(&atoms[0].value.kind, ValueKind::Bare(_))
    {
        return finding.help("remove the `=`").mend(Span { end: value.span.start, ..*at }, "");
    }
    finding.help(format!("write `{} my-{} {{ … }}`", kind.name, kind.name))
}

pub(super) fn extra_word(word: &Word, name: &Word, kind: &KindDef, rest: &Rest) -> Diagnostic {
    // `let mut x = 3`
    if kind.id == kinds::LET && matches!(rest, Rest::Assign(..)) {
        return Diagnostic::new(
            Code::Syntax,
            format!("a `let` has one name: `{}` is one word too many", name.text),
        )
        .label(name.span, "one word too many")
        .help(format!("write `let {} = …`", word.text))
        .offer(Span { end: word.span.start, ..name.span }, "");
    }
    if kind.id == kinds::LET {
        return equals_missing(name, word, &write::word(word), "let ");
    }
    let finding = Diagnostic::new(
        Code::Syntax,
        format!("unexpected `{}` after the name of {}", word.text, crate::text::a(kind.name)),
    )
    .label(word.span, "one word too many");
    let keyword = match word.text.to_ascii_lowercase().as_str() {
        "inherits" | "inherit" | "from" | "is" | "isa" | "of" | "like" | "extend" | "derives" | "based" => {
            "extends"
        }
        "includes" | "include" | "uses" | "use" | "mixes" | "mixin" | "implements" | "and" | "plus" => "with",
        _ => {
            return finding
                .help("a parent follows `extends`, mixins follow `with`; a name with blanks is quoted");
        }
    };
    if !kind.inherits {
        return finding
            .help("a parent follows `extends`, mixins follow `with`; a name with blanks is quoted");
    }
    finding.help(format!("write `{keyword}` instead")).offer(word.span, keyword)
}

pub(super) fn declared_twice(decl: &Decl, kind: &KindDef, first: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateDeclaration, format!("{} `{}` is declared twice", kind.name, decl.name))
        .label(decl.span, "declared again here")
        .label(first, "first declared here")
        .help("give one of them another name, or remove it")
}

pub(super) fn imported_name_clash(decl: &Decl, kind: &KindDef, first: &Decl) -> Diagnostic {
    Diagnostic::new(
        Code::DuplicateDeclaration,
        format!("{} `{}` comes in twice: two files declare it", kind.name, decl.name),
    )
    .label(decl.span, "declared here")
    .label(first.span, "and here")
    .help("rename one of them, or import one of the files with `as name`")
}

pub(super) fn unknown_module(word: &Word, module: &str) -> Diagnostic {
    let known: Vec<&str> = stdlib::modules().iter().map(|module| module.name).collect();
    let quoted = u32::from(word.span.len() > word.text.len());
    let span = Span { start: word.span.start + 4 + quoted, end: word.span.end - quoted, ..word.span };
    let finding =
        Diagnostic::new(Code::UnknownModule, format!("the standard library has no module `{module}`"))
            .label(span, "unknown module");
    match did_you_mean(module, &known) {
        Some(near) => finding.suggest(span, Some(near)),
        // `std/nvidia.production`: all of a module comes in.
        None => match module.split(['.', '/']).next().filter(|first| stdlib::module(first).is_some()) {
            Some(first) => finding.suggest(span, Some(first)),
            None => finding.help("`talosc std` lists the modules"),
        },
    }
}

/// `disk "/dev/sda"`
pub(crate) fn equals_missing(name: &Word, value: &Word, text: &str, before: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`=` is missing between `{}` and its value", name.text))
        .label(value.span, "the value")
        .help(format!("write `{before}{} = {text}`", name.text))
        .mend(value.span.at_start(), "= ")
}

/// `path` is the one among the words that is a path.
pub(super) fn import_shape(item: &Item, path: Option<&Word>) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::Syntax, "an import is `import \"./file.talos\"`, perhaps with `as name`")
            .label(item.span, "not an import");
    match path {
        Some(path) => {
            let text = format!("import {}", write::string(&path.text));
            finding.help(format!("write `{text}`")).offer(item.span, text)
        }
        None => finding.help("put the path between quotes and nothing after it but `as name`"),
    }
}

/// `import("./a.talos")`, `import = "./a.talos"`, `import { "./a.talos" }`
pub(super) fn imports_shape(item: &Item, paths: &[String]) -> Diagnostic {
    let finding =
        Diagnostic::new(Code::Syntax, "an import is `import \"./file.talos\"`, perhaps with `as name`")
            .label(item.words[0].span, "not an import");
    let lines: Vec<String> = paths.iter().map(|path| format!("import {}", write::string(path))).collect();
    match lines.as_slice() {
        [] => finding.help("put the path between quotes and nothing after it but `as name`"),
        [one, ..] => finding
            .help(format!("write `{one}`, each import on a line of its own"))
            .offer(item.span, lines.join("\n")),
    }
}

/// A body whose `{` is not there; `close` is the `}` that closes nothing.
pub(super) fn body_unopened(kind: &str, name: &str, head: Span, close: Span) -> Diagnostic {
    Diagnostic::new(Code::Unclosed, format!("the body of the {kind} `{name}` is not opened"))
        .label(head.at_end(), "expected `{` here")
        .label(close, "closes nothing")
        .help("write `{` at the end of this line")
        .mend(head.at_end(), " {")
}

/// A body that ends before the items that are meant to stand in it.
pub(super) fn body_closed(kind: &str, name: &str, early: Span, close: Span) -> Diagnostic {
    Diagnostic::new(Code::Unclosed, format!("the body of the {kind} `{name}` ends too early"))
        .label(early, "ends here")
        .label(close, "closes nothing")
        .help("remove the first of the two `}`")
        .offer(early, "")
}

pub(super) fn import_not_relative(span: Span, written: &str) -> Diagnostic {
    let quoted = span.len() > written.len();
    let inner = if quoted { Span { start: span.start + 1, end: span.end - 1, ..span } } else { span };
    if written.contains("://") {
        return Diagnostic::new(
            Code::ImportNotRelative,
            format!("`{written}` is neither a file beside this one nor a std module"),
        )
        .label(span, "nothing is fetched")
        .help("put the file into the project, and import it from there: `import \"./file.talos\"`");
    }
    if stdlib::module(written).is_some() {
        return Diagnostic::new(
            Code::ImportNotRelative,
            format!("`{written}` is neither a file beside this one nor a std module"),
        )
        .label(span, "modules of the standard library start with `std/`")
        .help(format!("write `import \"std/{written}\"`"))
        .mend(inner, format!("std/{written}"));
    }
    Diagnostic::new(
        Code::ImportNotRelative,
        format!("`{written}` is neither a file beside this one nor a std module"),
    )
    .label(span, "must start with `./`, `../` or `std/`")
    .help(format!("write `import \"{}\"`", relative(written)))
    .offer(inner, if quoted { relative(written) } else { write::string(&relative(written)) })
}

/// A path as an import takes it: from the file on, and with its ending.
fn relative(written: &str) -> String {
    let start = if ["/", "./", "../"].iter().any(|start| written.starts_with(start)) { "" } else { "./" };
    let name = written.rsplit('/').next().unwrap_or(written);
    let end = if name.contains('.') { "" } else { ".talos" };
    format!("{start}{written}{end}")
}

pub(super) fn import_cycle(closing: Span, hops: &[Span], files: &[String]) -> Diagnostic {
    let mut route: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    route.push(route[0].clone());
    let mut finding =
        Diagnostic::new(Code::ImportCycle, format!("imports go in a circle: {}", route.join(" → ")))
            .label(closing, format!("closes the circle: imports `{}`", files[0]));
    for (hop, file) in hops.iter().zip(files.iter().skip(1)) {
        finding = finding.label(*hop, format!("imports `{file}`"));
    }
    finding.help("move what both files need to a third one that imports neither")
}

pub(super) fn imports_too_deep(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, format!("files import each other more than {limit} deep"))
        .label(at, "one file too many")
        .help("import what is needed directly: imports are not passed on anyway")
}

pub(super) fn imported_twice(span: Span, first: Span, cut: Span) -> Diagnostic {
    Diagnostic::new(Code::UnusedImport, "this import stands twice")
        .if_nothing_is_wrong()
        .label(span, "again here")
        .label(first, "first here")
        .help("remove one of them")
        .offer(cut, "")
}

pub(super) fn unused_import(span: Span, cut: Span) -> Diagnostic {
    Diagnostic::new(Code::UnusedImport, "nothing is used from this import")
        .if_nothing_is_wrong()
        .label(span, "unused")
        .help("remove it")
        .mend(cut, "")
}

pub(super) fn requirement_not_text(span: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "the version that an entry asks for is text")
        .label(span, "not a string")
        .help("write `talosc = \">= 0.1\"`")
}

/// `import "./${name}.talos"`
pub(super) fn import_put_together(word: &Word) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "an import names its file as it is: nothing is put into its path")
        .label(word.span, "`${…}` means nothing here")
        .note("there is no environment, and parameters are known only when all files are read")
        .help("write the path out; what differs between clusters is a file for each, which imports what they share")
}

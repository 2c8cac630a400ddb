//! What can be wrong with the text itself.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

pub(super) fn unclosed(opener: Span, bracket: char, before: Span) -> Diagnostic {
    let close = match bracket {
        '{' => '}',
        '[' => ']',
        _ => ')',
    };
    Diagnostic::new(Code::Unclosed, format!("this `{bracket}` is never closed"))
        .label(opener, "opened here")
        .label(before, format!("expected `{close}` before this"))
        .help(format!("close it with `{close}`"))
}

pub(super) fn unopened(at: Span, bracket: char) -> Diagnostic {
    Diagnostic::new(Code::Unclosed, format!("this `{bracket}` closes nothing"))
        .label(at, "nothing is open here")
        .help(format!("remove the `{bracket}`, or add what it should close"))
}

pub(super) fn unclosed_string(opener: Span, end: Span) -> Diagnostic {
    Diagnostic::new(Code::Unclosed, "this string is never closed")
        .label(opener, "opened here")
        .label(end, "still open at this end of line")
        .help("close it on the same line, or write text of several lines between `\"\"\"` and `\"\"\"`")
}

pub(super) fn too_deep(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, format!("this nests more than {limit} levels deep"))
        .label(at, "one level too many")
        .help("give the inner part a name with `let`, or make it a declaration of its own")
}

pub(super) fn unexpected(at: Span, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Code::Syntax, message).label(at, label)
}

pub(super) fn unknown_escape(at: Span, found: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`{found}` is not an escape of the language"))
        .label(at, "in this string")
        .help("`\\n`, `\\t`, `\\\"`, `\\\\` and `\\$` are; between '…' nothing is an escape")
}

pub(super) fn bad_interpolation(at: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "`${…}` takes the name of a parameter or of a `let`")
        .label(at, "not a name")
        .help("write `\\${` for the text itself, or use '…', where nothing is replaced")
}

pub(super) fn slashes(at: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "a comment starts with `#`, not with `//`")
        .label(at, "not a comment")
        .help("write `#`, or put text that starts with `//` between quotes")
        .mend(at, "#")
}

pub(super) fn long_expression(at: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, format!("this expression has more than {limit} operators"))
        .label(at, "in this clause")
        .help("split it into several `require` lines, or into several invariants")
}

pub(super) fn misplaced(at: Span) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "the head of this item ends before this word")
        .label(at, "belongs to nothing")
        .help("separate names with `,` after `with`; put a second item on a line of its own")
}

pub(super) fn modifier_twice(at: Span, keyword: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("`{keyword}` stands twice in one head"))
        .label(at, "again here")
        .help("keep one of the two")
}

pub(super) fn nameless(at: Span, keyword: &str) -> Diagnostic {
    Diagnostic::new(Code::Syntax, format!("a name is missing after `{keyword}`"))
        .label(at, "expected a name behind this")
        .help(format!("write `{keyword} NAME`, or remove the word"))
}

/// `<<<<<<<`, `=======` and `>>>>>>>`
pub(super) fn conflict(open: Span, middle: Option<Span>, end: Option<Span>) -> Diagnostic {
    Diagnostic::new(Code::Syntax, "a merge conflict is not resolved")
        .label(open, "one side begins here")
        .label_if(middle, "the other begins here")
        .label_if(end, "and ends here")
        .help("keep one of the two sides, or what is right of both, and remove the lines of signs")
}

/// `{` on the line behind its head.
pub(super) fn brace_alone(at: Span, between: Span, head: &str, comment: bool) -> Diagnostic {
    let finding = Diagnostic::new(Code::Syntax, "the `{` of a body stands on the line of its head")
        .label(at, "on a line of its own")
        .help(format!("write `{head} {{`"));
    // A comment between them stays where it is.
    match comment {
        true => finding.mend(between.at_start(), " {").mend(at, ""),
        false => finding.mend(between, " "),
    }
}

/// `<<EOF`; `last` is the line that ends it.
pub(super) fn heredoc(at: Span, word: &str, last: Option<Span>) -> Diagnostic {
    let finding =
        unexpected(at, "text of several lines stands between `\"\"\"` and `\"\"\"`", "not part of a value")
            .help(format!("write `\"\"\"` here, and `\"\"\"` instead of `{word}` at its end"));
    match last {
        Some(last) => finding.mend(at, "\"\"\"").mend(last, "\"\"\""),
        None => finding,
    }
}

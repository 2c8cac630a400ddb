//! What holds of every text: the parser neither panics nor points outside of it, and keeps every token.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use talosc::diagnostics::{Diagnostic, Diagnostics};
use talosc::source::{FileId, Span};
use talosc::syntax::ast::Ast;
use talosc::syntax::{self, tokens::tokens};

use crate::generate;

/// Parses a text that stands alone.
pub(crate) fn parse(text: &str) -> (Ast, Vec<Diagnostic>) {
    let mut out = Diagnostics::new();
    let ast = syntax::parse(FileId(0), text, &mut out);
    (ast, out.finish())
}

/// Every `.talos` file of the repository with its text.
pub(crate) fn talos_files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for top in ["examples", "stdlib", "tests"] {
        collect(&root.join(top), &mut out);
    }
    out.sort();
    assert!(!out.is_empty(), "no `.talos` file below {}", root.display());
    out
}

fn collect(directory: &Path, out: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "talos")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            out.push((path, text));
        }
    }
}

fn assert_inside(text: &str, span: Span, what: &str) {
    let (start, end) = (span.start as usize, span.end as usize);
    assert!(text.get(start..end).is_some(), "{what} {start}..{end} is not a piece of {text:?}");
}

/// Parses, and looks at every place that the parser names.
fn assert_places(text: &str) {
    let (ast, findings) = parse(text);
    for finding in &findings {
        assert!(finding.primary().is_some(), "`{}` has no place", finding.message);
        assert!(finding.help.is_some(), "`{}` has no help", finding.message);
        finding.labels.iter().for_each(|label| assert_inside(text, label.span, "label"));
        finding.edits.iter().for_each(|edit| assert_inside(text, edit.span, "edit"));
    }
    ast.comments.iter().for_each(|comment| assert_inside(text, comment.span, "comment"));
    tokens(&ast).into_iter().for_each(|token| assert_inside(text, token, "token"));
}

/// Tokens, comments and layout are the whole text.
fn assert_rebuilt(text: &str) {
    let (ast, findings) = parse(text);
    if !findings.is_empty() {
        return;
    }
    let mut pieces = tokens(&ast);
    pieces.extend(ast.comments.iter().map(|comment| comment.span));
    pieces.sort();
    let mut rebuilt = String::new();
    for piece in pieces {
        let (start, end) = (piece.start as usize, piece.end as usize);
        assert!(start >= rebuilt.len(), "two tokens overlap at {start} in {text:?}");
        push_layout(text, start, &mut rebuilt);
        rebuilt.push_str(&text[start..end]);
    }
    push_layout(text, text.len(), &mut rebuilt);
    assert_eq!(rebuilt, text);
}

/// Between tokens stand blanks, separators and brackets; the `:` and `=` of parameters and arguments belong to their `( )`.
fn push_layout(text: &str, upto: usize, rebuilt: &mut String) {
    let layout = &text[rebuilt.len()..upto];
    let foreign = layout.find(|c| !" \t\r\n,{}[]():=".contains(c));
    assert_eq!(foreign, None, "{layout:?} is no layout in {text:?}");
    if layout.contains('=') {
        let depth = |c| text[..rebuilt.len()].matches(c).count();
        assert!(depth('(') > depth(')'), "an operator is lost in {layout:?} in {text:?}");
    }
    rebuilt.push_str(layout);
}

#[test]
fn files_are_rebuilt_from_their_tokens() {
    for (_, text) in talos_files() {
        assert_rebuilt(&text);
    }
}

/// Cuts a text short, or one character out of it, at every `step`th place.
fn assert_cuts(text: &str, step: usize) {
    for (at, c) in text.char_indices().step_by(step) {
        assert_places(&text[..at]);
        assert_places(&format!("{}{}", &text[..at], &text[at + c.len_utf8()..]));
    }
}

/// Items are cut at thousands of places; whole files, which take longer to parse the larger they are, at a few hundred places in all.
#[test]
fn every_prefix_and_every_deletion_has_places_inside_the_text() {
    let files = talos_files();
    let total: usize = files.iter().map(|(_, text)| text.len()).sum();
    for (_, text) in files {
        assert_cuts(&text, if text.len() < 700 { 1 } else { total / 300 + 1 });
        for item in parse(&text).0.items {
            assert_cuts(&text[item.span.start as usize..item.span.end as usize], total / 6_000 + 1);
        }
    }
}

#[test]
fn unrelated_mistakes_give_one_finding_each() {
    let mistakes = [
        "role a { x: 3 }",
        "role a { x = }",
        "role a {\n x = \"abc\n}",
        "role a { x = 1 y = 2 }",
        "let a = = 3",
        "role a { x = 1; y = 2 }",
        "role a {\n - b\n - c\n}",
        "role a // b",
        "role a { b { c { d ! } } }",
        "role a {\n  x =\n  y = 3\n}",
    ];
    for first in mistakes {
        for second in mistakes {
            let text = format!("let one = 1\n{first}\nlet two = 2\n{second}\nlet three = 3\n");
            let (ast, findings) = parse(&text);
            assert_eq!(findings.len(), 2, "{text}{findings:#?}");
            let read = ast.items.iter().filter(|item| !item.broken && item.words[0].text == "let").count();
            assert!(read >= 3, "{text}");
        }
    }
}

#[test]
fn what_is_large_or_deep_is_read_or_refused() {
    let nested = format!("{}x = 1{}", "a { ".repeat(10_000), " }".repeat(10_000));
    let quantified = format!("invariant a for role r {{ require {}b }}", "all x in xs: ".repeat(10_000));
    let chained = format!("invariant a for role r {{ require {}b }}", "a and not ".repeat(10_000));
    let bracketed = format!("x = {}", "[(".repeat(10_000));
    for text in [nested, quantified, chained, bracketed] {
        let (ast, findings) = parse(&text);
        assert!((1..=2).contains(&findings.len()), "{} findings", findings.len());
        assert!(ast.items.len() <= 1);
    }
    let line = format!("a {{ x = \"{}\" }}", "b".repeat(5 << 20));
    let items = "role a { x = 1 } # c\n".repeat(100_000);
    assert_eq!(parse(&line).0.items.len(), 1);
    assert_eq!(parse(&items).0.items.len(), 100_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_text_has_places_inside_it(text in any::<String>()) {
        assert_places(&text);
        assert_rebuilt(&text);
    }

    #[test]
    fn fragments_have_places_inside_them(text in generate::fragments()) {
        assert_places(&text);
        assert_rebuilt(&text);
    }

    #[test]
    fn well_formed_text_is_read_and_rebuilt(text in generate::file()) {
        let (_, findings) = parse(&text);
        prop_assert!(findings.is_empty(), "{text}\n{findings:#?}");
        assert_places(&text);
        assert_rebuilt(&text);
    }
}

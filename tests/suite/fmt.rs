//! The formatter: what it must keep, and what its style looks like.

use std::path::Path;

use proptest::prelude::*;
use talosc::fmt::{WIDTH, format};
use talosc::source::FileId;
use talosc::syntax::ast::Ast;

use crate::generate;
use crate::syntax::{parse, talos_files};

/// The tree without places.
fn shape(ast: &Ast) -> String {
    let mut out = String::new();
    let text = format!("{:?}", ast.items);
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("Span { file: FileId(0), ") {
        out.push_str(before);
        rest = after.split_once(" }").map_or("", |(_, rest)| rest);
    }
    out + rest
}

fn comments(ast: &Ast, text: &str) -> Vec<String> {
    let spans = ast.comments.iter().map(|comment| comment.span);
    spans.map(|span| text[span.start as usize..span.end as usize].trim_end().to_string()).collect()
}

/// Formats twice and compares what must stay.
fn assert_kept(text: &str) {
    let (before, findings) = parse(text);
    let Ok(once) = format(FileId(0), text) else {
        assert!(!findings.is_empty(), "refused without a reason: {text}");
        return;
    };
    let (after, findings) = parse(&once);
    assert!(findings.is_empty(), "{text}\n=>\n{once}\n{findings:#?}");
    assert_eq!(shape(&before), shape(&after), "{text}\n=>\n{once}");
    assert_eq!(comments(&before, text), comments(&after, &once), "{text}\n=>\n{once}");
    let twice = format(FileId(0), &once).expect("it was read a moment ago");
    assert_eq!(once, twice, "{text}");
    assert!(once.is_empty() || once.ends_with('\n') && !once.ends_with("\n\n"), "{once:?}");
}

#[test]
fn fixtures() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fmt");
    let bless = std::env::var_os("BLESS").is_some();
    let mut seen = 0;
    for (path, text) in talos_files() {
        if path.parent() != Some(directory.as_path()) {
            continue;
        }
        seen += 1;
        let found = match format(FileId(0), &text) {
            Ok(found) => found,
            Err(findings) => panic!("{}: {findings:#?}", path.display()),
        };
        let carried = format(FileId(0), &text.replace('\n', "\r\n")).expect("line ends do not matter");
        assert_eq!(carried, found, "{}: line ends make a difference", path.display());
        let expected = path.with_extension("expected");
        if bless {
            std::fs::write(&expected, &found).expect("the fixture can be written");
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, wanted, "{} differs: BLESS=1 rewrites it", expected.display());
    }
    assert!(seen > 0, "no fixture in {}", directory.display());
}

#[test]
fn files_are_kept() {
    for (_, text) in talos_files() {
        assert_kept(&text);
    }
}

#[test]
fn files_that_people_read_are_formatted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, text) in talos_files() {
        if ["examples", "stdlib"].iter().any(|top| path.starts_with(root.join(top)))
            && let Ok(found) = format(FileId(0), &text)
        {
            assert_eq!(found, text, "{}: run `talosc fmt` on it", path.display());
        }
    }
}

#[test]
fn a_file_with_a_mistake_is_refused() {
    assert!(format(FileId(0), "role   a { x: 3 }\n").is_err());
    assert_eq!(format(FileId(0), " \n\n").ok().as_deref(), Some(""));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn well_formed_text_is_kept(text in generate::file()) {
        assert_kept(&text);
    }

    #[test]
    fn fragments_are_kept_or_refused(text in generate::fragments()) {
        assert_kept(&text);
    }

    #[test]
    fn short_items_stay_within_the_width(names in proptest::collection::vec("[a-z]{1,12}", 1..12)) {
        let fields: Vec<String> = names.iter().map(|name| format!("{name} = [{name}, {name}]")).collect();
        let text = format!("role a {{ {} }}\nrole b {{\n{}\n}}\n", fields.join(", "), fields.join(", "));
        let found = format(FileId(0), &text).expect("well formed");
        prop_assert!(found.lines().all(|line| line.len() <= WIDTH), "{found}");
    }
}

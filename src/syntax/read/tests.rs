//! The reader against pest: they accept the same texts, and read them to the same tree with the same findings.
//!
//! `PROPTEST_CASES=200000 cargo test --lib syntax::read` tries more than the short run here.

use std::path::Path;

use pest::Parser as _;
use proptest::prelude::*;

use super::super::parser::{Grammar, Rule};
use super::super::split::split;
use super::*;

/// Whether the grammar accepts a text; the reader must say the same of it.
fn agree(text: &str) -> bool {
    let mut found = Diagnostics::new();
    let read = Reader::new(FileId(0), text).entry(0, text.len(), &mut found);
    let Ok(pairs) = Grammar::parse(Rule::entry, text) else {
        assert!(read.is_none(), "pest refuses {text:?}, which is read as {read:?}");
        assert!(found.is_empty(), "findings in what is refused: {text:?}");
        return false;
    };
    let Some(read) = read else { panic!("pest accepts {text:?}") };
    let mut wanted = Vec::new();
    let judge = lower::entry(FileId(0), 0, pairs, &mut wanted);
    assert_eq!(format!("{read:?}"), format!("{judge:?}"), "{text:?}");
    assert_eq!(found.take(), wanted, "{text:?}");
    true
}

#[test]
fn all_of_the_language_is_read() {
    for text in [
        "x = 3",
        "machine a {\n  id = 1-2\n  address = 10.0.0.1/8 on lan # why\n  labels { rack = \"r${n}\" }\n}",
        "workers { role = base, machines = [a, b,\n c], }",
        "role a extends b since v1.9 {\r\n  x += [\"a\\n\", 'b']\r\n}\r\n",
        "x -= { a, b = 1 }",
        "mac = aa:bb::1",
        "x = a(b) c",
        "role a(zone: String = \"a\", n: Int(1..)) extends b(zone = zone) with c, d(n = n) { with e, f\n x = 1 }",
        "with a, b",
        "\"b c\" = 1",
        "message 'a' \"${n}\"",
        "invariant g for role r {\n when not (count r.x > 3) and a in [b] or\n c\n require all x in r.xs: any y in x: y implies z }",
        "x = \"\"\"\n  a ${b} \\n\n  \"\"\"",
        "x = '''a''b\n c''' '''''' \"\"\"\"\"\"",
        "a.\"b c\" = 1",
        "a\"b\"\"c d\".e.\"f\" { x = 1 }",
        "aa:bb c :d",
        "x = [,]",
        "x {,}",
        "x = a(,)",
        "x = a(b:: c)",
        "x = a(b::c)",
        "when a b { x = 1 }",
        "require = 3",
        "when all x in y",
        "require all x in y z",
        "when all == any",
        "when all in-b",
        "when x and all x in b:c: d",
        "role a extends since v1 {}",
        "role a extends b extends c",
        "x = \"\\q ${} ${a b}\"",
        "role a with b,",
    ] {
        assert!(agree(text), "{text}");
    }
    assert!(agree(&format!("when {}a", "not ".repeat(300))));
    assert!(agree(&format!("when a{}", " and \"\\q\"".repeat(300))));
}

#[test]
fn nothing_else_is_read() {
    for text in [
        "",
        "x = [a,,b]",
        "x = 1 2 =",
        "x == 1",
        "role a with b, {}",
        "when a =",
        "x = a(",
        "x = a (b)",
        "x = \"a",
        "x = '''a''",
        "x = \"\"\"\"",
        "x = \"\"\"\n\\\n\"\"\"",
        "a.\"b\\\"c\" = 1",
        "a.\"\" = 1",
        "a.\"${b}\" = 1",
        "\"a\".b = 1",
        "x = a : b",
        "role a(b)(c)",
        "x = ä",
        "x { a\n,}",
        "x = 1\ry = 2",
    ] {
        assert!(!agree(text), "{text}");
    }
}

/// Every item of every source of the project, those of fixtures with mistakes included.
fn items_of_the_project() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut directories = ["stdlib", "examples", "tests"].map(|name| root.join(name)).to_vec();
    let mut out = Vec::new();
    while let Some(directory) = directories.pop() {
        let mut paths: Vec<_> =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                directories.push(path);
            } else if let (true, Ok(text)) =
                (path.extension().is_some_and(|e| e == "talos"), std::fs::read_to_string(&path))
            {
                let cut = split(FileId(0), &text, 0..text.len(), &mut Diagnostics::new());
                let whole = cut.slices.iter().filter(|slice| !slice.reported);
                out.extend(whole.map(|slice| text[slice.start..slice.end].to_owned()));
            }
        }
    }
    out
}

#[test]
fn the_files_of_the_project_are_read_as_pest_reads_them() {
    let items = items_of_the_project();
    let read = items.iter().filter(|item| agree(item)).count();
    assert!(read > 1_000, "{read} of {} items are read", items.len());
}

/// Tokens, each written between blanks or nothing.
const TOKENS: &str = r#"a b-c with with|a when extends since override for 1.2 x/y ::1 a:b : :: - = += -= == != <= < { } [ ] ( ) , all|x|in any not
count unique and or implies in within "s" " 'r' ' ' "${n}" "\n" "\q" """t""" """ ''' '''r''' \ ä $ ${ # a(b) a(b=c) a(b:C=d) require x|==|y
a."b|c" "b" ."d" a"b"c "" '' "ä" "\ä" .a a. , {} [] (,) {,} !"#;

const LAYOUT: [&str; 8] = ["", "", " ", " ", "\n", "\t", "\r\n", "# c\n"];

fn text_of_tokens() -> impl Strategy<Value = String> {
    let words: Vec<String> = TOKENS.split_whitespace().map(|token| token.replace('|', " ")).collect();
    let token = (prop::sample::select(words), prop::sample::select(LAYOUT.to_vec()));
    let start = prop::sample::select(vec![
        "",
        "when ",
        "require ",
        "role a ",
        "x = ",
        "x { ",
        "x = \"\"\"\n",
        "a.\"b",
    ]);
    (start, prop::collection::vec(token, 0..14)).prop_map(|(start, tokens)| {
        tokens.into_iter().fold(start.to_owned(), |text, (token, layout)| text + &token + layout)
    })
}

/// Text of the right shape, mostly.
fn shaped() -> impl Strategy<Value = String> {
    let gap = || prop::sample::select(vec!["", " ", "\n", " # c\n", "\r\n", "  "]);
    let sep = || prop::sample::select(vec![",", "\n", " , ", "\n,", "# c\n", " ", ",,", ",\n"]);
    let leaf = "a|a(b)|a(b = c, d)|a(b: C = d)|a(b = [c]) d|1.2/3 on lan|\"s\"|'r'|[]|{}|\"${n}\"|::1|-1|\
                \"\"\"\n  s ${n}\n  \"\"\"|'''r''s'''|[,]|a(b:: c)|\"\\q\"|\"\\\"\"";
    let head = "x|a b|role a extends b|override z|a since v1|unset|a for b c|a(x = 1)|role a with b|a with b, c(d)|with a|\
                a(b: C) with d extends e|allow(a, \"b\")|message \"m\"|\"k\"|'k' x|a.\"b c\"|a.\"b\".c d|a:b|when a|'''k'''|\
                extends|a extends extends b|a since v1 since v2|a(b) c";
    let clause = "when a|require a == b|when not (a in [b]) and\n c|require all x in y.z: count x > 3|\
                  when any a in b: all c in d: c within a|require unique x or y implies z|when all == b|when a b|\
                  require any x in y|when \"\"\"a\"\"\" == 'b'";
    let choose =
        |all: &'static str| prop::sample::select(all.split('|').collect::<Vec<_>>()).prop_map(str::to_owned);
    let value = choose(leaf).prop_recursive(4, 24, 4, move |inner| {
        let op = prop::sample::select(vec!["=", "+=", "-=", ""]);
        let item = (choose(head), gap(), op, gap(), inner.clone())
            .prop_map(|(head, before, op, after, value)| format!("{head}{before}{op}{after}{value}"));
        let elements = |one: BoxedStrategy<String>| {
            (gap(), prop::collection::vec((one, sep()), 0..4), gap()).prop_map(|(open, all, close)| {
                let inner: String = all.into_iter().map(|(one, sep)| one + sep).collect();
                format!("{open}{inner}{close}")
            })
        };
        prop_oneof![
            elements(inner.boxed()).prop_map(|inner| format!("[{inner}]")),
            elements(prop_oneof![item, choose(clause)].boxed()).prop_map(|inner| format!("{{{inner}}}")),
        ]
    });
    let start = prop::sample::select(vec![
        "x = ",
        "x ",
        "role a extends b ",
        "x += a ",
        "role a(b: C) with d ",
        "when x in ",
    ]);
    (start, value, prop::sample::select(vec!["", ",", "\n", " # e"]))
        .prop_map(|(head, value, end)| format!("{head}{value}{end}"))
}

/// An item of the project with a few pieces put in, taken out, or written twice.
fn damaged() -> impl Strategy<Value = String> {
    let short = |item: &String| item.len() < 600;
    let items: Vec<String> = items_of_the_project().into_iter().filter(short).collect();
    let pieces: Vec<String> = TOKENS.split_whitespace().map(|token| token.replace('|', " ")).collect();
    let change = (any::<prop::sample::Index>(), 0..4usize, prop::sample::select(pieces));
    (prop::sample::select(items), prop::collection::vec(change, 1..4)).prop_map(|(mut text, changes)| {
        for (at, cut, piece) in changes {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let Some(at) = (!places.is_empty()).then(|| at.index(places.len())) else { continue };
            let end = places.get(at + cut).copied().unwrap_or(text.len());
            text.replace_range(places[at]..end, if cut == 3 { "" } else { &piece });
        }
        text
    })
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases.unwrap_or(2_000)) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_tokens_are_read_as_pest_reads_them(text in text_of_tokens()) {
        agree(&text);
    }

    #[test]
    fn any_shape_is_read_as_pest_reads_it(text in shaped()) {
        agree(&text);
    }

    #[test]
    fn what_is_damaged_is_read_as_pest_reads_it(text in damaged()) {
        agree(&text);
    }
}

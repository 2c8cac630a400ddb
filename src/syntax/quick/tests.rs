//! The quick reader against pest.

use pest::Parser as _;
use proptest::prelude::*;

use super::super::lower;
use super::super::parser::{Grammar, Rule};
use super::super::split::split;
use super::*;

/// What the quick reader accepts, it reads as pest does; whether it has accepted.
fn agree(text: &str) -> bool {
    let Some(quick) = Quick::new(FileId(0), text).entry(0, text.len()) else { return false };
    let pairs = Grammar::parse(Rule::entry, text).unwrap_or_else(|_| panic!("pest refuses {text:?}"));
    let mut found = Diagnostics::new();
    let slow = lower::entry(FileId(0), 0, pairs, &mut found);
    assert!(found.is_empty(), "pest has findings in {text:?}");
    assert_eq!(format!("{quick:?}"), format!("{slow:?}"), "{text:?}");
    true
}

#[test]
fn common_shapes_are_quick() {
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
    ] {
        assert!(agree(text), "{text}");
    }
}

#[test]
fn what_is_not_common_is_for_pest() {
    for text in [
        "x = \"\"\"a\"\"\"",
        "a.\"b c\" = 1",
        "x = [a,,b]",
        "x = \"\\q\"",
        "role a extends since v1 {}",
        "x = 1 2 =",
        "role a with b, {}",
        "when a =",
        "require all x in y z",
        "x = a(",
        "x = a(,)",
    ] {
        assert!(!agree(text), "{text}");
    }
}

#[test]
fn the_files_of_the_project_are_read_as_pest_reads_them() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut directories = ["stdlib", "examples", "tests"].map(|name| root.join(name)).to_vec();
    let (mut all, mut quick) = (0, 0);
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if let (true, Ok(text)) =
                (path.extension().is_some_and(|e| e == "talos"), std::fs::read_to_string(&path))
            {
                for slice in split(FileId(0), &text, 0..text.len(), &mut Diagnostics::new()).slices {
                    let item = &text[slice.start..slice.end];
                    all += item.len();
                    if !slice.reported && agree(item) {
                        quick += item.len();
                    }
                }
            }
        }
    }
    assert!(quick * 10 > all * 9, "{quick} of {all} bytes are read without pest");
}

/// Tokens, each written between blanks or nothing.
const TOKENS: &str = r#"a b-c with with|a when extends since override for 1.2 x/y ::1 a:b : - = += -= == != <= < { } [ ] ( ) , all|x|in any not
count unique and or implies in within "s" " 'r' ' "${n}" "\n" "\q" """t""" \ ä $ # a(b) a(b=c) a(b:C=d) require x|==|y"#;

const LAYOUT: [&str; 6] = ["", " ", "\n", "\t", "\r\n", "# c\n"];

fn text_of_tokens() -> impl Strategy<Value = String> {
    let words: Vec<String> = TOKENS.split_whitespace().map(|token| token.replace('|', " ")).collect();
    let token = (prop::sample::select(words), prop::sample::select(LAYOUT.to_vec()));
    let start = prop::sample::select(vec!["", "when ", "require ", "role a ", "x = ", "x { "]);
    (start, prop::collection::vec(token, 0..14)).prop_map(|(start, tokens)| {
        tokens.into_iter().fold(start.to_owned(), |text, (token, layout)| text + &token + layout)
    })
}

/// Text of the right shape, mostly.
fn shaped() -> impl Strategy<Value = String> {
    let gap = || prop::sample::select(vec!["", " ", "\n", " # c\n", "\r\n", "  "]);
    let sep = || prop::sample::select(vec![",", "\n", " , ", "\n,", "# c\n", " ", ",,", ",\n"]);
    let leaf = "a|a(b)|a(b = c, d)|a(b: C = d)|a(b = [c]) d|1.2/3 on lan|\"s\"|'r'|[]|{}|\"${n}\"|::1|-1";
    let head = "x|a b|role a extends b|override z|a since v1|unset|a for b c|a(x = 1)|role a with b|a with b, c(d)|with a|\
                a(b: C) with d extends e|allow(a, \"b\")|message \"m\"|\"k\"|'k' x";
    let clause = "when a|require a == b|when not (a in [b]) and\n c|require all x in y.z: count x > 3|\
                  when any a in b: all c in d: c within a|require unique x or y implies z";
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
    let start =
        prop::sample::select(vec!["x = ", "x ", "role a extends b ", "x += a ", "role a(b: C) with d "]);
    (start, value, prop::sample::select(vec!["", ",", "\n", " # e"]))
        .prop_map(|(head, value, end)| format!("{head}{value}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_tokens_are_read_as_pest_reads_them(text in text_of_tokens()) {
        agree(&text);
    }

    #[test]
    fn any_shape_is_read_as_pest_reads_it(text in shaped()) {
        agree(&text);
    }
}

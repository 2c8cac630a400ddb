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
    ] {
        assert!(agree(text), "{text}");
    }
}

#[test]
fn what_is_not_common_is_for_pest() {
    for text in [
        "x = a(b)",
        "x = \"\"\"a\"\"\"",
        "role a with b {}",
        "when a == b",
        "a.\"b c\" = 1",
        "x = [a,,b]",
        "x = \"\\q\"",
        "role a extends since v1 {}",
        "x = 1 2 =",
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
    assert!(quick > all / 2, "{quick} of {all} bytes have a common shape");
}

fn token() -> impl Strategy<Value = String> {
    let common = prop::sample::select(vec![
        "a",
        "b-c",
        "with",
        "when",
        "extends",
        "since",
        "override",
        "for",
        "1.2",
        "x/y",
        "::1",
        "a:b",
        ":",
        "-",
        "=",
        "+=",
        "-=",
        "==",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        "\n",
        "\r\n",
        "\r",
        " ",
        "\t",
        "# c\n",
        "#",
        "\"s\"",
        "\"",
        "'r'",
        "'",
        "\"${n}\"",
        "\"\\n\"",
        "\"\\q\"",
        "\"\"\"t\"\"\"",
        "\\",
        "ä",
        "$",
    ]);
    common.prop_map(str::to_owned)
}

fn shaped() -> impl Strategy<Value = String> {
    let gap = || prop::sample::select(vec!["", " ", "\n", " # c\n", "\r\n", "  "]);
    let sep = || prop::sample::select(vec![",", "\n", " , ", "\n,", "# c\n", " ", ",,", ",\n"]);
    let leaf = prop::sample::select(vec![
        "a",
        "1.2/3 on lan",
        "\"s\"",
        "'r'",
        "[]",
        "{}",
        "\"${n}\"",
        "::1",
        "a(b)",
        "-1",
    ]);
    let head = prop::sample::select(vec![
        "x",
        "a b",
        "role a extends b",
        "override z",
        "a since v1",
        "unset",
        "a for b c",
    ]);
    let value = leaf.prop_map(str::to_owned).prop_recursive(4, 24, 4, move |inner| {
        let item =
            (head.clone(), gap(), prop::sample::select(vec!["=", "+=", "-=", ""]), gap(), inner.clone())
                .prop_map(|(head, before, op, after, value)| format!("{head}{before}{op}{after}{value}"));
        let elements = |one: BoxedStrategy<String>| {
            (gap(), prop::collection::vec((one, sep()), 0..4), gap()).prop_map(|(open, all, close)| {
                let inner: String = all.into_iter().map(|(one, sep)| one + sep).collect();
                format!("{open}{inner}{close}")
            })
        };
        prop_oneof![
            elements(inner.boxed()).prop_map(|inner| format!("[{inner}]")),
            elements(item.boxed()).prop_map(|inner| format!("{{{inner}}}")),
        ]
    });
    (
        prop::sample::select(vec!["x = ", "x ", "role a extends b ", "x += a "]),
        value,
        prop::sample::select(vec!["", ",", "\n", " # e"]),
    )
        .prop_map(|(head, value, end)| format!("{head}{value}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_tokens_are_read_as_pest_reads_them(tokens in prop::collection::vec(token(), 0..16)) {
        agree(&tokens.concat());
    }

    #[test]
    fn any_shape_is_read_as_pest_reads_it(text in shaped()) {
        agree(&text);
    }
}

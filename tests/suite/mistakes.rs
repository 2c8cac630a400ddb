//! What people write who come from YAML, HCL or a shell, and what they are told.

use talosc::diagnostics::{Code, Edit};
use talosc::fmt::format;
use talosc::source::FileId;

use crate::syntax::parse;

/// Text, headline, and the text after the edits; empty where no program can know it.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("role a { x: 3 }", "a field is set with `=`, not with `:`", "role a { x = 3 }"),
    ("role a { \"x\": 3 }", "a field is set with `=`, not with `:`", "role a { \"x\" = 3 }"),
    ("role a { x := 3 }", "a field is set with `=`, not with `:=`", "role a { x = 3 }"),
    ("role a {\n install:\n}", "a block is written with `{ … }`, not with `:`", ""),
    ("role a: { x = 3 }", "a block follows its name without `:`", "role a { x = 3 }"),
    ("x = https://a.b/c", "text with `:` in it needs quotes", "x = \"https://a.b/c\""),
    ("x => 3", "an arrow is not an operator: a field is set with `=`", "x = 3"),
    ("x -> 3", "an arrow is not an operator: a field is set with `=`", "x = 3"),
    ("role a { x == 3 }", "`==` compares: a field is set with `=`", "role a { x = 3 }"),
    ("x = = 3", "`=` stands twice", "x = 3"),
    ("role a { = 3 }", "the name of a field is missing before `=`", ""),
    ("role a { x = 1; y = 2 }", "`;` is not part of the language", "role a { x = 1, y = 2 }"),
    ("x = 1;", "`;` is not part of the language", "x = 1"),
    ("role a { x = [b,, c] }", "nothing stands before this `,`", "role a { x = [b, c] }"),
    (
        "role a { x = 1 y = 2 }",
        "unexpected `=`: two fields on one line need a `,` between them",
        "role a { x = 1, y = 2 }",
    ),
    (
        "x = f(a = 1 b = 2)",
        "unexpected `=`: two fields on one line need a `,` between them",
        "x = f(a = 1, b = 2)",
    ),
    ("role a { b {} c = 1 }", "unexpected `c`: what stands before it has ended", "role a { b {}, c = 1 }"),
    ("role a { x = b{ c = 1 } }", "a blank is missing before `{`", "role a { x = b { c = 1 } }"),
    ("role a (x: Int) {}", "`(` follows its name without a blank", "role a(x: Int) {}"),
    ("x = [a = 1]", "an element of a list has no name", ""),
    ("role a {\n x =\n y = 3\n}", "a value is missing after `=`", ""),
    ("role a {\n x +=\n}", "a value is missing after `+=`", ""),
    ("x = 3 // why", "a comment starts with `#`, not with `//`", "x = 3 # why"),
    ("// don't\nx = 3", "a comment starts with `#`, not with `//`", "# don't\nx = 3"),
    ("x = 3 /* why */", "`/*` starts no comment", "x = 3 # why"),
    ("message “hello there”", "`“` is not a quote of the language", "message \"hello there\""),
    ("x = `a`", "``` is not a quote of the language", "x = 'a'"),
    ("x = wow!", "`!` stands only in a `when` or `require`, or between quotes", "x = \"wow!\""),
    ("x = 50%", "`%` cannot stand here without quotes", "x = \"50%\""),
    ("x = größe", "`ö` cannot stand here without quotes", "x = \"größe\""),
    ("x =\u{a0}3", "an invisible character (U+00A0) cannot stand outside of a string", "x = 3"),
    ("\u{feff}x = 3", "an invisible character (U+FEFF) cannot stand outside of a string", "x = 3"),
    ("x = &anchor", "`&` is YAML's way to share a value: here it gets a name with `let`", ""),
    ("x = *alias", "`*` is YAML's way to share a value: here it gets a name with `let`", ""),
    ("x = |\n  text", "text of several lines stands between `\"\"\"` and `\"\"\"`", ""),
    (
        "role a {\n x =\n  - b\n  - c\n}",
        "a list is written with `[ ]`, not with `-`",
        "role a {\n x =\n  [b\n  c]\n}",
    ),
    (
        "role a {\n x:\n  - b\n  - \"c\" # why\n}",
        "a list is written with `[ ]`, not with `-`",
        "role a {\n x = [\n  b\n  \"c\"] # why\n}",
    ),
    (
        "role a {\n x:\n  - y: 1\n    z: no way\n}",
        "a list is written with `[ ]`, not with `-`",
        "role a {\n x = [\n  { y = 1\n    z = \"no way\" }]\n}",
    ),
    (
        "role a {\n x:\n  y:\n    z: /dev/sda\n}",
        "a block is written with `{ … }`, not with `:`",
        "role a {\n x {\n  y {\n    z = \"/dev/sda\"\n  }\n }\n}",
    ),
    (
        "role a {\n x:\n  y: |\n    b\n    c\n}",
        "a block is written with `{ … }`, not with `:`",
        "role a {\n x {\n  y = '''\n    b\n    c\n    '''\n }\n}",
    ),
    ("role a {\n x:\n  y: &b 3\n}", "a block is written with `{ … }`, not with `:`", ""),
    ("role a:\n  x = 3\n  y = 4\n", "a block is written with `{ … }`, not with `:`", ""),
    ("role a {} with b", "`with` stands in front of the body, not behind it", "role a with b {}"),
    ("x [b, c]", "`=` is missing before this list", "x = [b, c]"),
    ("x = (b, c)", "a list is written with `[ ]`, not with `( )`", "x = [b, c]"),
    ("x = [b, c=d]", "text with `=` in it needs quotes", "x = [b, \"c=d\"]"),
    ("x = y + [a]", "lists are not joined in a value: a field is added to with `+=`", "x += [a]"),
    ("for x in [1, 2] { role a {} }", "there is no `for`", ""),
    ("; why\nx = 3", "a comment starts with `#`, not with `;`", "# why\nx = 3"),
    ("x = [- a]", "an element of a list stands without `-`", "x = [a]"),
    ("x = a–b", "`–` is not the `-` of the keyboard", "x = a-b"),
    (
        "kind: Cluster\nname: a\ntalos:\n  version: v1",
        "this is YAML: the language has declarations with bodies in `{ }`",
        "",
    ),
    ("role a {\n - b\n - c\n}", "a list is written with `[ ]`, not with `-`", ""),
    ("role a {\n - name: b\n}", "a list is written with `[ ]`, not with `-`", ""),
    ("---\nx = 3", "dashes separate nothing here", "#\nx = 3"),
    ("x = ${name}", "`${…}` stands only inside of a string", "x = name"),
    ("x = $name", "`$` cannot stand outside of a string", ""),
    ("x = 3 + 4", "there is no arithmetic", ""),
    ("role a { x > 3 }", "`>` stands only in a `when` or `require`, or between quotes", ""),
    (
        "invariant a for role r { when r.a && r.b }",
        "`&&` is written `and`",
        "invariant a for role r { when r.a and r.b }",
    ),
    (
        "invariant a for role r { when !r.a }",
        "`!` is written `not`",
        "invariant a for role r { when not r.a }",
    ),
    (
        "invariant a for role r { when r.a = 3 }",
        "`=` sets a field: a comparison is written `==`",
        "invariant a for role r { when r.a == 3 }",
    ),
    ("invariant a for role r { when r.a == }", "the right side of `==` is missing", ""),
    ("invariant a for role r { when all x: y }", "`:` stands only behind `all x in xs`", ""),
    ("class a extends b c", "the head of this item ends before this word", ""),
    ("class a extends via b", "a name is missing after `extends`", ""),
    ("role a { x = [1, 2 }", "this `[` is never closed", ""),
    ("role a { x = \"b }", "this string is never closed", ""),
    ("role a }", "this `}` closes nothing", ""),
];

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::new();
    let mut from = 0;
    for edit in edits {
        out.push_str(&text[from..edit.span.start as usize]);
        out.push_str(&edit.text);
        from = edit.span.end as usize;
    }
    out + &text[from..]
}

/// Every text with a mistake, named by what is said of it.
pub(crate) fn texts() -> impl Iterator<Item = (String, String)> {
    MISTAKES.iter().map(|(text, said, _)| (said.to_string(), text.to_string()))
}

#[test]
fn each_mistake_is_one_finding_with_a_way_out() {
    for &(text, message, fixed) in MISTAKES {
        let (_, findings) = parse(text);
        let [finding] = findings.as_slice() else { panic!("{text}\n{findings:#?}") };
        assert_eq!(finding.message, message, "{text}");
        assert!(finding.help.is_some(), "{text}: no help");
        let after = apply(text, &finding.edits);
        assert_eq!(if finding.edits.is_empty() { "" } else { &after }, fixed, "{text}");
        if !fixed.is_empty() {
            let (_, rest) = parse(fixed);
            assert!(rest.is_empty(), "{fixed}\n{rest:#?}");
        }
    }
}

#[test]
fn what_looks_like_a_mistake_but_is_none() {
    for text in [
        "x =\n  [1,\n 2,]\n",
        "role a with b, c = 3",
        "role a with b,\n  c {\n}",
        "when = 3\nwith = 4\nextends = 5",
        "role a { all = any, in = 3 }",
        "x = all any all",
        "x = \"größe\"",
        "x = \"ß\"",
        "x = -1\ny = [-1, a-b]",
        "cidr fd00::/8\nx = ::1",
        "machine.nodeLabels.\"a//b\" = \"//\"",
    ] {
        let (_, findings) = parse(text);
        assert!(findings.is_empty(), "{text}\n{findings:#?}");
    }
}

/// The blocks of a page that are opened with a given fence.
fn blocks<'a>(page: &'a str, fence: &str) -> Vec<&'a str> {
    page.split(fence).skip(1).filter_map(|rest| rest.split("```").next()).map(|text| &text[1..]).collect()
}

#[test]
fn the_pages_of_syntax_say_what_happens() {
    for code in [Code::Syntax, Code::Unclosed, Code::TooDeep] {
        let page = code.page().expect("every code has a page");
        assert_eq!(page.lines().next(), Some(format!("# {}", code.name()).as_str()));
        let (fails, fine) = (blocks(page, "```talos fails"), blocks(page, "```talos ok"));
        assert!(!fails.is_empty() && !fine.is_empty(), "{page}");
        for text in fails {
            let (_, findings) = parse(text);
            assert!(!findings.is_empty() && findings.iter().all(|finding| finding.code == code), "{text}");
        }
        for text in fine {
            assert_eq!(format(FileId(0), text).ok().as_deref(), Some(text));
        }
    }
}

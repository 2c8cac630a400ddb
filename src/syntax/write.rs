//! How names, keys, paths and texts are written in a source: what fixes, helps, `explain` and the formatter put into a file or show.
//!
//! Each function is the inverse of the reader at its place: what it writes reads back as the same name, key, path or text there. Bare
//! where that is possible, quoted where it is not; a caller never asks which.

use std::borrow::Cow;

use super::ast::{MarkKind, ModifierKind, StrPart, Word, WordForm};
use super::{habits, lex};

/// A text as a value or as a word in quotes: between `"`, or between `'` where that spares escapes.
pub fn string(text: &str) -> String {
    let means = text.contains(['"', '\\']) || text.contains("${");
    if means && !text.contains(['\'', '\n']) {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape(text, &mut out);
    out.push('"');
    out
}

/// A text with `${name}` in it.
pub fn template(parts: &[StrPart]) -> String {
    let mut out = String::from("\"");
    for part in parts {
        match part {
            StrPart::Text(text) => escape(text, &mut out),
            StrPart::Name(name, _) => out.extend(["${", name, "}"]),
        }
    }
    out.push('"');
    out
}

/// A piece of text as it stands between the quotes of a string token; nothing if those quotes cannot hold it.
pub fn inside(token: &str, text: &str) -> Option<String> {
    if token.starts_with('\'') {
        let fits = !text.contains(['\'', '\n']);
        return fits.then(|| text.to_owned());
    }
    let mut out = String::new();
    escape(text, &mut out);
    Some(out)
}

fn escape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\', '$', '\n', '\t']) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'$' if !rest[at..].starts_with("${") => out.push('$'),
            _ => out.extend(["\\", &rest[at..=at]]),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}

/// A literal again: between quotes if it was written so, as anything may be that is no name.
pub fn literal(text: &str, quoted: bool) -> String {
    if quoted { string(text) } else { text.to_owned() }
}

/// A name of its own among other words: what is declared, extended, or named as a value. Dots and slashes may stand in it.
pub fn name(name: &str) -> Cow<'_, str> {
    let keyword = MarkKind::of(name).is_some()
        || ModifierKind::of(name).is_some()
        || matches!(name, "when" | "require");
    if keyword { Cow::Owned(string(name)) } else { key(name) }
}

/// A key of a map, or a field, alone in front of its `=` or `{`: no dot in it parts anything where keys stand.
pub fn key(name: &str) -> Cow<'_, str> {
    let bare = lex::name(name.as_bytes(), 0) == name.len() && !name.is_empty();
    // `//` is taken for a comment of another language, and dashes for a list or a line of one.
    if bare && !name.starts_with("//") && !habits::is_dash(name) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(string(name))
    }
}

/// A word as it was written, its quotes perhaps other ones.
pub fn word(word: &Word) -> Cow<'_, str> {
    match &word.form {
        WordForm::Bare | WordForm::Path(_) => Cow::Borrowed(&word.text),
        WordForm::Quoted => Cow::Owned(string(&word.text)),
        WordForm::Template(parts) => Cow::Owned(template(parts)),
    }
}

/// A segment of a path between quotes, as the key of a map must stand behind its dot; nothing if no path can hold it.
pub fn segment(name: &str) -> Option<String> {
    let quoted = format!("\"{name}\"");
    (lex::segment(quoted.as_bytes(), 0) == Some(quoted.len())).then_some(quoted)
}

/// A path as the heads of blocks, from the outermost on: one head, `a.b`, unless a segment is such that no path can hold it. A segment is
/// quoted if it needs it, or is a key: where the keys of a map begin a path is told by quotes alone.
pub fn heads<'s>(path: impl IntoIterator<Item = (&'s str, Keyed)>) -> Vec<String> {
    let mut heads: Vec<String> = Vec::new();
    let mut open = false;
    for (name, keyed) in path {
        let plain = !name.is_empty() && name.bytes().all(lex::is_ident);
        let next = match keyed {
            Keyed::Field if plain => Some(name.to_owned()),
            _ => segment(name),
        };
        match (heads.last_mut().filter(|_| open), next) {
            (Some(head), Some(next)) => {
                head.push('.');
                head.push_str(&next);
            }
            _ => {
                heads.push(if plain { key(name).into_owned() } else { string(name) });
                open = plain && !habits::is_dash(name);
            }
        }
    }
    heads
}

/// Blocks in one another, the innermost around `inner`.
pub fn nested(heads: &[String], inner: String) -> String {
    heads.iter().rev().fold(inner, |inner, head| format!("{head} {{ {inner} }}"))
}

/// What a segment of a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyed {
    /// A field.
    Field,
    /// A key of a map.
    Key,
}

/// A string token so that its closing quotes stand at `indent`: the indentation moves, the text stays.
///
/// The language strips the indentation of the closing quotes from every line, so each line is written as that indentation
/// and what is left of it. Where the quotes share a line with text, indentation is part of the value and nothing moves.
pub fn moved(token: &str, indent: usize) -> String {
    let width = lex::quotes(token.as_bytes());
    let lines: Vec<&str> = token.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if lines.iter().any(|line| line.ends_with('\r')) {
        return token.to_string();
    }
    let [first, middle @ .., last] = lines.as_slice() else { return token.to_string() };
    let (quotes, beside) = first.split_at(width);
    let old = last.strip_suffix(quotes).unwrap_or(last);
    if !beside.trim().is_empty() || !old.bytes().all(|b| matches!(b, b' ' | b'\t')) {
        return lines.join("\n");
    }
    let new = " ".repeat(indent);
    let mut out = String::from(quotes);
    for line in middle {
        let common = line.bytes().zip(old.bytes()).take_while(|(a, b)| a == b).count();
        out.push('\n');
        if common < line.len() {
            out.push_str(&new);
            out.push_str(&line[common..]);
        }
    }
    out.push('\n');
    out.push_str(&new);
    out.push_str(quotes);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostics::Diagnostics;
    use crate::source::FileId;
    use crate::syntax::ast::{Arg, ExprKind, Item, Rest, Value, ValueKind};
    use crate::syntax::parse;
    use crate::text::Text;

    /// The one item of a text without a finding.
    fn item(text: &str) -> Item {
        let mut found = Diagnostics::new();
        let mut ast = parse(FileId(0), text, &mut found);
        assert!(found.is_empty(), "{text:?}: {found:?}");
        assert_eq!(ast.items.len(), 1, "{text:?}");
        ast.items.remove(0)
    }

    fn block(item: Item) -> Vec<Item> {
        let Rest::Block(block) = item.rest else { panic!("{item:?}") };
        block.items
    }

    /// The text of a string value.
    fn text(value: &Value) -> &str {
        let ValueKind::Str(text) = &value.kind else { panic!("{value:?}") };
        text
    }

    /// The path of an item, through the blocks in it.
    fn path(mut item: Item) -> Vec<Text> {
        let mut out = Vec::new();
        loop {
            assert_eq!(item.words.len(), 1, "{item:?}");
            out.extend(item.words[0].segments());
            match item.rest {
                Rest::Block(mut block) if !block.items.is_empty() => item = block.items.remove(0),
                _ => return out,
            }
        }
    }

    fn strings(meant: &str) {
        let written = string(meant);
        let Rest::Assign(_, _, value) = item(&format!("x = {written}")).rest else { panic!("{written}") };
        assert_eq!(text(&value), meant);
        let Rest::Assign(_, _, value) = item(&format!("x = [{written}, {written}]")).rest else { panic!() };
        let ValueKind::List(values) = &value.kind else { panic!("{value:?}") };
        assert_eq!([text(&values[0]), text(&values[1])], [meant, meant]);
        let used = item(&format!("role a extends b(c = {written}, {written})"));
        let args = used.modifiers[0].uses[0].args.as_ref().expect("there are arguments");
        let [Arg::Named { value: named, .. }, Arg::Plain(plain)] = args.list.as_slice() else {
            panic!("{args:?}")
        };
        assert_eq!([text(named), text(plain)], [meant, meant]);
        assert_eq!(item(&format!("message {written}")).words[1].text, meant);
        let Rest::Expr(expr) = item(&format!("when {written}")).rest else { panic!("{written}") };
        assert!(matches!(&expr.kind, ExprKind::Str(text) if text == meant), "{expr:?}");
        for token in ["\"\"", "''"] {
            let Some(piece) = inside(token, meant) else { continue };
            let quote = &token[..1];
            let Rest::Assign(_, _, value) = item(&format!("x = {quote}{piece}{quote}")).rest else {
                panic!()
            };
            assert_eq!(text(&value), meant);
        }
    }

    fn names(meant: &str) {
        let written = key(meant);
        for form in ["= 1", "{ }", "+= [a]", "{ x = 1 }"] {
            assert_eq!(item(&format!("{written} {form}")).words[0].text, meant, "{written} {form}");
            let inner = block(item(&format!("m {{ {written} {form}, n = 1 }}")));
            assert_eq!(inner[0].words[0].text, meant);
            assert!(inner[0].words.len() == 1 && inner[0].marks.is_empty() && inner[0].modifiers.is_empty());
        }
        let written = name(meant);
        for form in ["", " {}", " extends b", " with b", " since v1.13 {}", " = 1", "(a: String)"] {
            let item = item(&format!("role {written}{form}"));
            assert_eq!(item.words[1].text, meant, "role {written}{form}");
            assert!(item.words.len() == 2 && item.marks.is_empty());
        }
        assert_eq!(item(&format!("role a extends {written} {{}}")).modifiers[0].uses[0].word.text, meant);
        assert_eq!(item(&format!("override document a {written} {{}}")).words[2].text, meant);
    }

    fn paths(segments: &[(String, Keyed)]) {
        let meant: Vec<&str> = segments.iter().map(|(name, _)| name.as_str()).collect();
        let written = |rest| {
            let mut heads = heads(segments.iter().map(|(name, keyed)| (name.as_str(), *keyed)));
            let last = heads.pop().expect("a head");
            nested(&heads, format!("{last} {rest}"))
        };
        for rest in ["= 1", "{}"] {
            assert_eq!(path(item(&written(rest))), meant, "{}", written(rest));
        }
        let inner = block(item(&format!("a {{\n  {}\n}}", written("= 1"))));
        assert_eq!(path(inner.into_iter().next().expect("an item")), meant);
    }

    const ODD: [&str; 40] = [
        "", "-", "--", "---", "//", "//a", "a//b", "/", ".", "a.b", "a.", ".a", "a b", " ", "with", "when",
        "require", "extends", "override", "unset", "file", "allow", "true", "all", "not", "a=b", "a-", "-=",
        "a:b", "\"", "'", "\\", "${a}", "$", "$$", "a\"b'c", "\r\n", "\t", "#", "ä",
    ];

    #[test]
    fn odd_names_and_texts_read_back() {
        for text in ODD {
            strings(text);
            names(text);
            for other in ODD {
                for keyed in [Keyed::Field, Keyed::Key] {
                    paths(&[
                        (text.into(), Keyed::Field),
                        (other.into(), keyed),
                        ("end".into(), Keyed::Field),
                    ]);
                }
            }
        }
    }

    #[test]
    fn the_shortest_form_is_written() {
        assert_eq!(string("a$b"), "\"a$b\"");
        assert_eq!(string("a \"b\""), "'a \"b\"'");
        assert_eq!(string("it's \"b\"\n"), "\"it's \\\"b\\\"\\n\"");
        assert_eq!(name("gpu-1.a/b"), "gpu-1.a/b");
        assert_eq!(key("vm.max_map_count"), "vm.max_map_count");
        let path = [("kernel", Keyed::Field), ("sysctls", Keyed::Field), ("vm.x", Keyed::Key)];
        assert_eq!(heads(path), ["kernel.sysctls.\"vm.x\""]);
        assert_eq!(heads([("a", Keyed::Field), ("\\", Keyed::Key), ("b", Keyed::Field)]), ["a", "'\\'", "b"]);
    }

    #[test]
    fn lines_move_with_the_closing_quotes() {
        let token = "'''\r\n      a\n        b\n\n   c\n      '''";
        assert_eq!(moved(token, 2), "'''\n  a\n    b\n\n  c\n  '''");
        assert_eq!(moved("'''a\n    b\n    '''", 2), "'''a\n    b\n    '''");
    }

    /// Pieces that mean something somewhere, and any character.
    fn odd() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(ODD.to_vec()).prop_map(str::to_owned),
            any::<char>().prop_map(String::from),
            "[a-z0-9._/-]{1,6}"
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

        #[test]
        fn any_text_reads_back(text in odd()) {
            strings(&text);
            names(&text);
        }

        #[test]
        fn any_path_reads_back(segments in prop::collection::vec((odd(), prop_oneof![Just(Keyed::Field), Just(Keyed::Key)]), 1..5)) {
            paths(&segments);
        }

        #[test]
        fn templates_read_back(pieces in prop::collection::vec((odd(), "[a-z][a-z0-9.-]{0,4}"), 1..4)) {
            let parts: Vec<StrPart> = pieces
                .iter()
                .flat_map(|(text, name)| [StrPart::Text(text.into()), StrPart::Name(name.into(), item("x = 1").span)])
                .filter(|part| !matches!(part, StrPart::Text(text) if text.is_empty()))
                .collect();
            let written = template(&parts);
            let Rest::Assign(_, _, value) = item(&format!("x = {written}")).rest else { panic!("{written}") };
            let ValueKind::Template(read) = &value.kind else { panic!("{value:?}") };
            let shown = |parts: &[StrPart]| format!("{:?}", parts.iter().map(|part| match part {
                StrPart::Text(text) => ("text", text.clone()),
                StrPart::Name(name, _) => ("name", name.clone()),
            }).collect::<Vec<_>>());
            prop_assert_eq!(shown(read), shown(&parts));
        }
    }
}

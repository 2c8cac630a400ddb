//! The grammars of editors, kept in step with the tables of the compiler. `BLESS=1` writes them.

use serde_json::{Value, json};

use talosc::kinds;
use talosc::syntax::ast::{BinaryOp, MarkKind, ModifierKind, UnaryOp};

use crate::golden;

/// `(?:a|b)` of words, the longest first, so that none hides another.
fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let is_word = |word: &&str| word.bytes().all(|b| b.is_ascii_alphabetic());
    let mut all: Vec<&str> = words.into_iter().filter(is_word).collect();
    all.sort_by_key(|word| (std::cmp::Reverse(word.len()), *word));
    format!("(?<![\\w.-])(?:{})(?![\\w.-])", all.join("|"))
}

fn rule(name: &str, regex: impl Into<String>) -> Value {
    json!({ "name": format!("{name}.talos"), "match": regex.into() })
}

fn string(name: &str, quote: &str, inner: &[&str]) -> Value {
    let inner: Vec<Value> = inner.iter().map(|name| json!({ "include": format!("#{name}") })).collect();
    json!({ "name": format!("string.quoted.{name}.talos"), "begin": quote, "end": quote, "patterns": inner })
}

fn kinds_and_import() -> impl Iterator<Item = &'static str> {
    kinds::all().iter().map(|kind| kind.name).chain(["import"])
}

/// The TextMate grammar: comments, strings, literals, keywords and declared names, and nothing that needs a compiler.
fn text_mate() -> Value {
    let operators = UnaryOp::ALL.iter().map(|op| op.0).chain(BinaryOp::ALL.iter().map(|op| op.0));
    let kinds: Vec<&str> = kinds_and_import().collect();
    let mut longest = kinds.clone();
    longest.sort_by_key(|kind| (std::cmp::Reverse(kind.len()), *kind));
    let declared = format!("(?<![\\w.-])({})\\s+([\\w][\\w-]*)(?=\\s*(?:[({{]|\\w|$))", longest.join("|"));
    let include = |name: &str| json!({ "include": format!("#{name}") });
    let order =
        ["comments", "strings", "declarations", "keywords", "literals", "fields", "operators"].map(include);
    json!({
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "talos",
        "scopeName": "source.talos",
        "fileTypes": ["talos"],
        "patterns": order,
        "repository": {
            "comments": { "patterns": [
                rule("comment.line.documentation", "##.*$"),
                rule("comment.line.number-sign", "#.*$"),
            ]},
            "strings": { "patterns": [
                string("triple.double", "\"\"\"", &["escapes", "interpolation"]),
                string("triple.single", "'''", &[]),
                string("double", "\"", &["escapes", "interpolation"]),
                string("single", "'", &[]),
            ]},
            "escapes": { "patterns": [
                rule("constant.character.escape", "\\\\[nt\"\\\\$]"),
                rule("invalid.illegal.escape", "\\\\."),
            ]},
            "interpolation": { "patterns": [rule("variable.other.interpolated", "\\$\\{[^}\\s]*\\}")] },
            "declarations": { "patterns": [{
                "match": declared,
                "captures": {
                    "1": { "name": "storage.type.kind.talos" },
                    "2": { "name": "entity.name.type.talos" },
                },
            }]},
            "keywords": { "patterns": [
                rule("storage.modifier", words(MarkKind::ALL.iter().map(|mark| mark.0))),
                rule("keyword.control", words(ModifierKind::ALL.iter().map(|modifier| modifier.0))),
                rule("storage.type.kind", words(kinds)),
                rule("keyword.operator.word", words(operators.chain(["when", "require", "all", "any"]))),
                rule("support.function", words(["allow"])),
            ]},
            "literals": { "patterns": [
                rule("constant.language.boolean", words(["true", "false"])),
                rule("constant.other.uuid", "\\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\b"),
                rule("constant.other.mac", "\\b[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}\\b"),
                rule("constant.other.address", "(?<![\\w.])\\d{1,3}(?:\\.\\d{1,3}){3}(?:/\\d{1,2})?(?![\\w.])"),
                rule("constant.other.version", "(?<![\\w.-])v\\d+(?:\\.\\d+)+[\\w.+-]*"),
                rule("constant.numeric", "(?<![\\w.-])-?\\d[\\d.]*(?:[kKMGT]i?B|B|[hms]+[\\dhms]*)?(?![\\w-])"),
                rule("constant.numeric.octal", "(?<![\\w.-])0o[0-7]+\\b"),
            ]},
            "fields": { "patterns": [
                rule("variable.other.member", "[\\w][\\w./-]*(?=\\s*(?:\\+=|-=|=(?!=)|\\{))"),
            ]},
            "operators": { "patterns": [rule("keyword.operator", "\\+=|-=|==|!=|<=|>=|=|<|>")] },
        },
    })
}

#[test]
fn the_text_mate_grammar_is_current() {
    let path = golden::repository("editors/vscode/syntaxes/talos.tmLanguage.json");
    let text = serde_json::to_string_pretty(&text_mate()).expect("it is a value") + "\n";
    if let Err(difference) = golden::compare(&path, &text, golden::blessing()) {
        panic!("{difference}");
    }
}

#[test]
fn the_extension_is_whole() {
    for path in ["package.json", "language-configuration.json"] {
        let text = golden::text(&format!("editors/vscode/{path}"));
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(value.is_object());
    }
    let package: Value =
        serde_json::from_str(&golden::text("editors/vscode/package.json")).expect("it was read");
    for pointer in ["/contributes/languages/0/configuration", "/contributes/grammars/0/path"] {
        let file = package.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        assert!(golden::repository("editors/vscode").join(file).exists(), "{file}");
    }
}

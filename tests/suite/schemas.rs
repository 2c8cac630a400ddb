//! Schemas that are declared in the language: what they say about a field holds.

use talosc::diagnostics::Severity;

use crate::edits::compile;

fn found(fields: &str, class: &str) -> Vec<String> {
    let text = format!("provider rack {{\n{fields}\n}}\nclass worker via rack {{\n{class}\n}}\n");
    let (findings, places) = compile(&text, &[]);
    let shown = findings.iter().zip(places).map(|(finding, place)| {
        let level = if finding.severity == Severity::Error { "" } else { "W " };
        format!("{level}{} {place}", finding.code.name())
    });
    shown.filter(|finding| !finding.contains("unused")).collect()
}

#[test]
fn attributes_of_fields_hold() {
    for (field, class, expected) in [
        ("field a { type = String, pattern = '^[a-z]+$' }", "a = \"b c\"", "bad-text \"b c\""),
        ("field a { type = String, pattern = '^[a-z]+$' }", "a = \"bc\"", ""),
        ("field a { type = String, owner = rack }", "a = \"b\"", "owned-field a"),
        ("field a { type = String, secret = true }", "a = \"b\"", "secret-in-output \"b\""),
        (
            "field a { type = String, deprecated-since = v1.12, replaced-by = b }",
            "a = \"b\"",
            "W deprecated-field a",
        ),
        ("field a { type = String, merge = replace, effect = reboot }", "a = \"b\"", ""),
        ("field a {\n field b { type = String, owner = rack }\n}", "a.b = \"c\"", "owned-field b"),
        ("field a {\n field b { type = String, owner = rack }\n}", "a { b = \"c\" }", "owned-field b"),
        (
            "field a {\n type = list\n field b { type = String, pattern = '^x$' }\n}",
            "a = [{ b = \"c\" }]",
            "bad-text \"c\"",
        ),
    ] {
        let expected: Vec<&str> = if expected.is_empty() { Vec::new() } else { vec![expected] };
        assert_eq!(found(field, class), expected, "{field} {class}");
    }
}

#[test]
fn attributes_are_understood_or_refused() {
    for attribute in [
        "pattern = '(a|b)'",
        "merge = add",
        "effect = restart",
        "secret = yes",
        "required = 1",
        "deprecated-since = soon",
        "values += [a]",
        "final default = 3",
        "default since v1.12 = 3",
        "colour = red",
    ] {
        let found = found(&format!("field a {{ type = String, {attribute} }}"), "");
        let codes: Vec<&str> = found.iter().filter_map(|finding| finding.split(' ').next()).collect();
        assert_eq!(codes, ["bad-schema"], "{attribute}");
    }
    assert_eq!(found("field a extends b { type = String }", ""), ["misplaced-mark extends"]);
    assert_eq!(found("override field a { type = String }", ""), ["misplaced-mark override"]);
}

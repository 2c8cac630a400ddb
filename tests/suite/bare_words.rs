//! A bare word never becomes text in silence, wherever a free value may stand.
//!
//! Every place is tried with every shape of word: nothing declares it, a `let` or a parameter is called so, it is a word that the
//! table of Talos's fields knows there. What the table knows is tried row by row.

use talosc::diagnostics::edit::apply;
use talosc::world::config::{self, Row, Type};

use crate::project::{Files, Finding, compile};

/// Where a free value may stand: `@` is the value.
const PLACES: &[&str] = &[
    "controlplane { patch p { machine.kubelet.image = @ } }",
    "controlplane { patch p { machine { kubelet { image = @ } } } }",
    "controlplane { patch p { machine.certSANs = [\"a\", @] } }",
    "controlplane { patch p { machine.certSANs += [@] } }",
    "controlplane { patch p { machine.sysctls { kernel.x = @ } } }",
    "controlplane { patch p { machine.nodeLabels.\"a/b\" = @ } }",
    "controlplane { patch p { machine.files = [{ path = @, content = \"a\", op = \"create\", permissions = 0o600 }] } }",
    "controlplane { patch p { cluster.apiServer.extraArgs { oidc-issuer-url = @ } } }",
    "controlplane { patch p { cluster.apiServer.extraArgs.audience = @ } }",
    "controlplane { patch p { cluster.apiServer.admissionControl = [{ name = \"X\", configuration { kind = @ } }] } }",
    "controlplane { patch p { document NetworkRuleConfig n { ingress = [{ subnet = @ }] } } }",
    "controlplane { patch p { document HostnameConfig { hostname = @ } } }",
    "controlplane { patch p { document NoSuchConfig { field = @ } } }",
    "controlplane { patch p { document NoSuchConfig { machine { field = @ } } } }",
    "controlplane { patch p { with piece } }",
    "controlplane { patch p { machine.kubelet.extraConfig.text = free } }",
    "controlplane { patches += [given(value = @)] }",
    "controlplane { patches += [preset] }",
    "workers { role = mixed(value = @) }",
    "kubelet.config.cgroupDriver = @\n controlplane {}",
    "kubelet.config { systemReserved { memory = @ } }\n controlplane {}",
    "kubelet.config { a.b = { c = [@] } }\n controlplane {}",
    "kubelet { config { tlsCipherSuites = [@] } }\n controlplane {}",
    "controlplane {}\n manifest m { mode = full, objects = [{ kind = @ }] }",
    "controlplane {}\n manifest m { mode = full, objects = [{ kind = \"A\", metadata.name = @ }] }",
    "controlplane {}\n manifest m { mode = full, objects = [{ kind = \"A\", data { k = @ } }] }",
    "controlplane {}\n manifest m { mode = full, objects = [{ kind = \"A\", list = [[@]] }] }",
    "controlplane { class = c, size = 1 }",
    "controlplane { class = d, size = 1 }",
];

/// Words that nothing declares, in the shapes that people write.
const WORDS: &[&str] = &[
    "nett",
    "systemd",
    "Namespace",
    "v1",
    "8Gi",
    "1password",
    "a/b",
    "ghcr.io/a/b",
    "lann.subnet",
    "x.y",
    "yes",
    "off",
    "10.0.0.256",
    "TALOS_VERSION",
    "Deployment",
    "kube-system",
    "_x",
    "tcp",
];

/// The declarations beside the cluster, some with a place of their own.
fn project(place: &str, value: &str, declared: &str) -> Files {
    let own = |uses: &str, text: &str| {
        let value = if place.contains(uses) { value } else { "\"x\"" };
        text.replace('@', value)
    };
    let text = [
        declared.to_owned(),
        "let net = \"10.0.0.0/24\"\nnetwork lan { subnet = 10.1.0.0/24 }".to_owned(),
        own("with piece", "let piece = { machine.kubelet.image = @ }"),
        own("= free", "let free = @"),
        "patch given(value: Any) { machine.kubelet.image = value }".to_owned(),
        own("[preset]", "patch preset(value: Any = @) { machine.kubelet.image = value }"),
        "role mixed(value: Any) { patch p { machine.kubelet.image = value } }".to_owned(),
        "provider mine { field free { type = Any } }".to_owned(),
        own("class = c", "class c via mine { free = @ }"),
        own("class = d", "class d via mine { free = { a = [@] } }"),
        format!(
            "cluster x {{\n talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\n {}\n}}",
            place.replace('@', value)
        ),
    ];
    Files::from([("main.talos".to_owned(), text.join("\n") + "\n")])
}

/// What is said of bare words.
fn said(files: &Files) -> Vec<Finding> {
    let about = ["unquoted-text", "wrong-type", "ambiguous-name", "unknown-name"];
    let findings = compile(files, &["main.talos"]).findings;
    findings.into_iter().filter(|finding| about.contains(&finding.code.as_str())).collect()
}

fn mended(files: &Files, findings: &[Finding]) -> Files {
    let edits: Vec<_> =
        findings.iter().flat_map(|finding| finding.edits["main.talos"].iter().cloned()).collect();
    let text = apply(&files["main.talos"], &edits).expect("the edits fit");
    Files::from([("main.talos".to_owned(), text)])
}

#[test]
fn a_word_that_nothing_declares_is_refused_with_the_edit_that_quotes_it() {
    let mut tried = 0;
    for place in PLACES {
        for word in WORDS {
            let files = project(place, word, "");
            let findings = said(&files);
            assert_eq!(findings.len(), 1, "{place}: {word}: {findings:#?}\n{}", files["main.talos"]);
            let [edit] = findings[0].edits["main.talos"].as_slice() else {
                panic!("{place}: {word}: {findings:#?}")
            };
            assert_eq!(edit.text, format!("\"{word}\""), "{place}");
            let near = matches!(*word, "nett" | "lann.subnet");
            assert_eq!(!findings[0].safe, near, "{place}: {word}");
            let again = mended(&files, &findings);
            assert!(said(&again).is_empty(), "{place}: {word}: {:#?}", said(&again));
            tried += 1;
        }
    }
    assert!(tried > 500, "{tried}");
}

#[test]
fn a_declared_name_is_what_it_stands_for_and_literals_stay() {
    for place in PLACES {
        for (value, declared) in [
            ("net", ""),
            ("lan.subnet", ""),
            ("\"${lan.subnet}\"", ""),
            ("mine", "let mine = 12"),
            ("true", ""),
            ("150", ""),
            ("0.5", ""),
            ("12h", ""),
            ("8GiB", ""),
            ("v1.13.7", ""),
            ("10.0.0.1", ""),
            ("fd00::/64", ""),
            ("0o644", ""),
        ] {
            let found = said(&project(place, value, declared));
            assert!(found.is_empty(), "{place}: {value}: {found:#?}");
        }
    }
}

/// The text of a field of Talos with a value, from the top of its document.
fn nested(row: Row, value: &str) -> String {
    let Some(parent) = row.parent() else {
        return if row.name().is_empty() {
            value.to_owned()
        } else {
            format!("document {} n {{ {value} }}", row.name())
        };
    };
    let item = format!("\"{}\" = {}", row.name(), wrapped(row.ty(), value));
    if parent.parent().is_none() { nested(parent, &item) } else { nested(parent, &format!("{{ {item} }}")) }
}

/// A value within the lists and maps of a type.
fn wrapped(ty: &Type, value: &str) -> String {
    match ty {
        Type::List(inner) => format!("[{}]", wrapped(inner, value)),
        Type::Map(inner) => format!("{{ k = {} }}", wrapped(inner, value)),
        _ => value.to_owned(),
    }
}

/// What is in the lists and maps of a type.
fn innermost(ty: &'static Type) -> &'static Type {
    match ty {
        Type::List(inner) | Type::Map(inner) => innermost(inner),
        ty => ty,
    }
}

/// How many findings each of some rows has, each in a patch of its own.
fn by_row(rows: &[(Row, &str)], declared: &str) -> Vec<Vec<String>> {
    let patches =
        rows.iter().enumerate().map(|(at, (row, word))| format!("patch p{at} {{ {} }}", nested(*row, word)));
    let text = declared.to_owned() + &patches.collect::<Vec<_>>().join("\n") + "\n";
    let files = Files::from([("main.talos".to_owned(), text.clone())]);
    let mut out = vec![Vec::new(); rows.len()];
    for finding in said(&files) {
        let at = finding.primary.as_ref().expect("it has a place").1.start;
        let line = text[..at].matches('\n').count() - declared.matches('\n').count();
        out[line].push(format!("{}: {}", finding.code, finding.message));
    }
    out
}

#[test]
fn words_of_the_table_are_words_and_nothing_else_is() {
    let leaves: Vec<Row> = config::rows()
        .filter(|row| row.fields().next().is_none() && row.parent().is_some())
        .filter(|row| !matches!(innermost(row.ty()), Type::Block) && may_be_patched(*row))
        .collect();
    assert!(leaves.len() > 800, "{}", leaves.len());
    let of = |row: &Row| match innermost(row.ty()) {
        Type::Enum(words) | Type::Word(words) => words.iter().copied().filter(|word| is_name(word)).collect(),
        _ => Vec::new(),
    };
    let known: Vec<(Row, &str)> =
        leaves.iter().flat_map(|row| of(row).into_iter().map(move |word| (*row, word))).collect();
    assert!(known.len() > 150, "{}", known.len());
    let unknown: Vec<(Row, &str)> = leaves.iter().map(|row| (*row, "zzzzzz")).collect();
    for rows in known.chunks(100) {
        for ((row, word), found) in rows.iter().zip(by_row(rows, "")) {
            assert!(found.is_empty(), "{row} = {word}: {found:?}");
        }
        for ((row, word), found) in rows.iter().zip(by_row(rows, &lets(rows))) {
            assert_eq!(found.len(), 1, "{row} = {word}: {found:?}");
            assert!(found[0].starts_with("ambiguous-name"), "{row} = {word}: {found:?}");
        }
    }
    for rows in unknown.chunks(100) {
        for ((row, word), found) in rows.iter().zip(by_row(rows, "")) {
            assert_eq!(found.len(), 1, "{row} = {word}: {found:?}");
        }
    }
}

/// Of the v1alpha1 document a patch says the two halves.
fn may_be_patched(row: Row) -> bool {
    match row.parent() {
        Some(parent) if parent.parent().is_none() && parent.name().is_empty() => {
            matches!(row.name(), "machine" | "cluster")
        }
        Some(parent) => may_be_patched(parent),
        None => true,
    }
}

fn lets(rows: &[(Row, &str)]) -> String {
    let words: std::collections::BTreeSet<&str> = rows.iter().map(|(_, word)| *word).collect();
    words.iter().map(|word| format!("let \"{word}\" = \"other\"\n")).collect()
}

/// Whether a word is read as a name, and may stand bare.
fn is_name(word: &str) -> bool {
    talosc::typing::literal::is_name(word)
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

//! What a declaration adds is added once for each use of it, along however many ways it is taken in.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde::Deserialize as _;
use serde_yaml::Value;

use crate::project::{Files, compile};

/// One declaration: which earlier ones it takes in, and how.
#[derive(Debug, Clone)]
struct Decl {
    /// A block of fields with a name rather than a role.
    is_let: bool,
    /// Takes an argument that its addition names.
    takes: bool,
    /// The role it extends, if there is one.
    parent: usize,
    /// What stands behind `with` in its head, and in its body.
    head: Vec<usize>,
    body: Vec<usize>,
}

fn decl() -> impl Strategy<Value = Decl> {
    let uses = || prop::collection::vec(0..8usize, 0..3);
    (any::<bool>(), any::<bool>(), 0..8usize, uses(), uses())
        .prop_map(|(is_let, takes, parent, head, body)| Decl { is_let, takes, parent, head, body })
}

/// The declarations as text, and for each what it adds, itself included, in any order and perhaps several times.
struct Program {
    text: String,
    decls: Vec<Decl>,
    adds: Vec<Vec<String>>,
}

impl Program {
    fn of(decls: Vec<Decl>) -> Program {
        let mut program = Program { text: String::new(), decls: Vec::new(), adds: Vec::new() };
        decls.into_iter().for_each(|decl| program.push(decl));
        program
    }

    fn name(&self, at: usize) -> String {
        format!("{}{at}", if self.decls[at].is_let { "l" } else { "r" })
    }

    /// A use of an earlier declaration, and what comes with it.
    fn taken(&self, at: usize, by: usize, adds: &mut Vec<String>) -> String {
        adds.extend(self.adds[at].iter().map(|name| name.replace("${z}", &format!("by{by}"))));
        let args = if self.decls[at].takes { format!("(z = \"by{by}\")") } else { String::new() };
        format!("{}{args}", self.name(at))
    }

    /// Several uses behind `with`, each of another declaration.
    fn mixins(&self, uses: &[usize], by: usize, adds: &mut Vec<String>) -> String {
        let known = self.decls.len();
        let mut all: Vec<usize> = uses.iter().filter(|_| known > 0).map(|at| at % known.max(1)).collect();
        all.sort_unstable();
        all.dedup();
        let names: Vec<String> = all.into_iter().map(|at| self.taken(at, by, adds)).collect();
        if names.is_empty() { String::new() } else { format!(" with {}", names.join(", ")) }
    }

    fn push(&mut self, mut decl: Decl) {
        let at = self.decls.len();
        decl.takes &= !decl.is_let;
        let mut adds = Vec::new();
        let own = format!("t{at}{}.example", if decl.takes { "-${z}" } else { "" });
        let mut head = String::new();
        if !decl.is_let {
            let roles: Vec<usize> = (0..at).filter(|&other| !self.decls[other].is_let).collect();
            if let Some(&parent) = roles.get(decl.parent) {
                let _ = write!(head, " extends {}", self.taken(parent, at, &mut adds));
            }
            head.push_str(&self.mixins(&decl.head, at, &mut adds));
        }
        // A block of fields takes in nothing by itself.
        let body = if decl.is_let { String::new() } else { self.mixins(&decl.body, at, &mut adds) };
        let (word, name) = if decl.is_let { ("let", "l") } else { ("role", "r") };
        let params = if decl.takes { "(z: String)" } else { "" };
        let is = if decl.is_let { " =" } else { "" };
        let _ = writeln!(
            self.text,
            "{word} {name}{at}{params}{head}{is} {{\n {body}\n timeservers += [\"{own}\"]\n}}"
        );
        adds.push(own);
        self.decls.push(decl);
        self.adds.push(adds);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_addition_counts_once(decls in prop::collection::vec(decl(), 1..8), uses in prop::collection::vec(0..8usize, 1..4)) {
        let mut program = Program::of(decls);
        let mut expected = Vec::new();
        let at = program.decls.len();
        let role = (0..at).rev().find(|&role| !program.decls[role].is_let);
        let role = role.map(|role| format!("role = {}\n", program.taken(role, at, &mut expected)));
        let mixins = program.mixins(&uses, at, &mut expected);
        let _ = writeln!(
            program.text,
            "cluster x {{\n talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\n controlplane {{}}\n \
             workers {{\n {}{mixins}\n timeservers += [\"set.example\"]\n }}\n}}",
            role.unwrap_or_default()
        );
        expected.push("set.example".to_owned());
        expected.sort();
        expected.dedup();
        let files = Files::from([("x.talos".to_owned(), program.text.clone())]);
        let outcome = compile(&files, &["x.talos"]);
        prop_assert!(outcome.errors().is_empty(), "{}{}", program.text, outcome.text);
        let template = outcome.output.values().next().expect("a template");
        let mut found = Vec::new();
        for document in serde_yaml::Deserializer::from_str(template) {
            let document = Value::deserialize(document).expect("YAML");
            if document["kind"] == "Workers" {
                texts(&document, &mut found);
            }
        }
        found.sort();
        prop_assert_eq!(found, expected, "{}{}", program.text, template);
    }
}

/// Every text of the program in a document, as often as it stands there.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) if text.ends_with(".example") => out.push(text.clone()),
        Value::Sequence(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Mapping(map) => map.values().for_each(|value| texts(value, out)),
        _ => {}
    }
}

/// Two mixins of one base, of which one takes away what the other still has: what either says is not dropped without a word.
#[test]
fn what_one_mixin_takes_away_another_does_not_bring_back() {
    const BASE: &str = "role base { timeservers = [\"a.example\", \"b.example\"], node-labels { k = \"1\" }, runtime = crun\n\
        extensions = [nfsd, crun, youki] }\n";
    const CASES: [(&str, &str); 7] = [
        ("timeservers -= [\"a.example\"]", "timeservers"),
        ("override timeservers = [\"c.example\"]", "timeservers"),
        ("extensions -= [nfsd]", "extensions"),
        ("unset timeservers", "timeservers"),
        ("remove node-labels.k", "node-labels.k"),
        ("override node-labels { j = \"2\" }", "node-labels.k"),
        ("override runtime = youki", "runtime"),
    ];
    for (line, field) in CASES {
        let both =
            ["extends base with less", "extends less with other", "with less, base", "with base, less"];
        for bases in both {
            let text = format!(
                "{BASE}role less extends base {{ {line} }}\nrole other extends base {{ node-labels {{ o = \"1\" }} }}\n\
                 role w {bases} {{}}\ncluster x {{\n talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0\n \
                 controlplane {{}}\n workers {{ role = w }}\n}}\n"
            );
            let outcome = compile(&Files::from([("x.talos".to_owned(), text)]), &["x.talos"]);
            let errors = outcome.errors();
            let named = format!("set `{field}` differently");
            let said = matches!(errors.as_slice(), [one] if one.code == "mixins-disagree" && one.message.contains(&named));
            assert!(said, "{line}, {bases}:\n{}", outcome.text);
        }
    }
}

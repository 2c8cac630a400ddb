//! The limits on what a source may come to: each is met by a few lines, says its number and what to do, and lets through what is below it.

use talosc::diagnostics::limits::{self, FIELDS, LET_VALUES, Limit, PARTS, STEPS, TEXT, TEXTS, WORDS};

use crate::command::Project;
use crate::floods::numbered;
use crate::project::{Files, Outcome, compile};

const HEAD: &str = "talos = v1.13.7\n kubernetes = v1.35.0\n created-with = v1.13.7\n";

/// A limit, a program of some size, a size that is fine, and one that is too much.
type Row = (&'static Limit, fn(usize) -> String, usize, usize);

const ROWS: [Row; 7] = [
    (&WORDS, words, 1_000, 4_000_001),
    (&PARTS, mixins, 499, 500),
    (&FIELDS, sets_with_patches, 100, 400),
    (&LET_VALUES, doubling_lets, 12, 20),
    (&TEXTS, long_texts, 20, 80),
    (&TEXT, doubling_texts, 17, 21),
    (&STEPS, quantifiers, 3, 6),
];

fn lab(role: &str) -> String {
    format!("cluster lab {{\n {HEAD} controlplane {{ role = {role} }}\n}}\n")
}

fn words(n: usize) -> String {
    format!("let a = [\n{}]\n", "1\n".repeat(n))
}

fn mixins(n: usize) -> String {
    let all = numbered("s(t = \"#\"), ", n);
    let all = all.trim_end_matches([',', ' ']);
    format!(
        "role s(t: String) {{ node-annotations {{ \"a${{t}}\" = \"b\" }} }}\nrole q with {all}\n{}",
        lab("q")
    )
}

fn sets_with_patches(n: usize) -> String {
    let patches = numbered(" patch p# { machine.env.A# = \"x\" }\n", n);
    let sets = numbered(" workers w# { role = r }\n", n);
    format!("role r {{\n{patches}}}\ncluster lab {{\n {HEAD} controlplane {{}}\n{sets}}}\n")
}

fn doubling_lets(n: usize) -> String {
    let lets = numbered("let a# = [a%, a%]\n", n);
    format!(
        "let a0 = [\"x\"]\n{lets}cluster lab {{\n {HEAD} controlplane {{}}\n patch p {{ machine.sysctls {{ x = a{n} }} }}\n}}\n"
    )
}

/// Texts of 128 kB.
fn long_texts(n: usize) -> String {
    let grow = numbered("role r#(s: String) extends r%(s = \"${s}${s}\")\n", 16);
    let fields = numbered("a# = \"${s}\"\n", n);
    format!(
        "role r0(s: String) {{ node-annotations {{\n{fields}}} }}\n{grow}role q extends r16(s = \"ab\")\n{}",
        lab("q")
    )
}

fn doubling_texts(n: usize) -> String {
    let grow = numbered("role r#(s: String) extends r%(s = \"${s}${s}\")\n", n);
    format!(
        "role r0(s: String) {{ node-annotations {{ a = \"${{s}}\" }} }}\n{grow}role q extends r{n}(s = \"ab\")\n{}",
        lab("q")
    )
}

fn quantifiers(n: usize) -> String {
    let all: String = (0..n).map(|at| format!("all x{at} in r.extensions: ")).collect();
    let named = numbered("e#, ", 20);
    format!(
        "{}invariant i for role r {{\n require {all}x0 == x0\n message \"m\"\n}}\nrole z {{ extensions = [{named}] }}\n{}",
        numbered("extension e# {}\n", 20),
        lab("z")
    )
}

fn of(text: &str) -> Outcome {
    compile(&Files::from([("main.talos".to_owned(), text.to_owned())]), &["main.talos"])
}

#[test]
fn each_limit_is_said_and_lets_through_what_is_below() {
    for limit in limits::ALL {
        let row = ROWS.iter().find(|row| std::ptr::eq(row.0, limit));
        let (_, program, fine, much) = row.unwrap_or_else(|| panic!("no program for {limit:?}"));
        let below = of(&program(*fine));
        assert!(!below.codes().contains("too-much"), "{limit:?}: {}", below.text);
        let text = program(*much);
        let above = of(&text);
        let said = limit.of(text.len()).to_string();
        let found: Vec<_> = above.findings.iter().filter(|finding| finding.code == "too-much").collect();
        assert!(!found.is_empty(), "{limit:?} {}", above.text);
        assert!(
            found.iter().all(|finding| finding.error && finding.message.contains(&said)),
            "{limit:?}: {}",
            above.text
        );
        // Nothing else is blamed for what was not worked out.
        assert_eq!(above.errors().len(), found.len(), "{limit:?}: {}", above.text);
        assert!(found.len() <= 2, "{limit:?}: {}", above.text);
    }
}

#[test]
fn of_many_findings_some_are_kept() {
    let outcome = of(&numbered("x#\n", limits::FINDINGS + 500));
    assert_eq!(outcome.findings.len(), limits::FINDINGS + 1);
    assert!(outcome.codes().contains("findings-left-out"));
    // Warnings do not leave errors out.
    let roles = numbered("role r# {}\n", limits::FINDINGS + 500);
    let outcome = of(&format!("{roles}{}", lab("nothing")));
    assert!(!outcome.errors().is_empty());
}

/// What is no file, or no name of anything, is said at once.
#[cfg(unix)]
#[test]
fn explain_reads_files_alone() {
    let project = Project::home();
    let pipe = std::process::Command::new("mkfifo").arg(project.path("pipe")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    for (what, says) in [
        ("/dev/zero:5", "it is a device or a pipe, not a file"),
        ("/dev/null:1:1", "it is a device or a pipe, not a file"),
        ("pipe:1", "it is a device or a pipe, not a file"),
        ("/dev/stdin:2", "not a file"),
        (".:1", "it is a directory, not a file"),
        ("nothing.yaml:1", "cannot read `nothing.yaml`"),
    ] {
        let said = project.fails(3, &["explain", what]);
        assert!(said.contains(says), "{what}: {said}");
    }
    let long = vec!["a"; 40_000].join(".");
    for args in [vec!["explain", &long], vec!["explain", "--resolved", &long]] {
        let said = project.fails(2, &args);
        assert!(said.contains("a path of 40000 parts leads nowhere"), "{said}");
    }
}

//! Invariants, `allow`, what is unused, and the rules about extensions: small projects, and edits of the homelab.

mod allow;
mod extensions;
mod homelab;
mod invariants;
mod rules;
mod volumes;

use talosc::diagnostics::{Code, Diagnostic, Severity, edit, page};
use talosc::driver::{Compilation, compile};
use talosc::source::SourceMap;
use talosc::source::loader::MemoryLoader;

const HOMELAB: &str = include_str!("../../../examples/homelab/cluster.talos");

/// The smallest cluster that has nothing wrong with it; `more` stands before it, `workers` in its body.
fn project(more: &str, workers: &str) -> String {
    format!(
        "{more}\nclass cp {{ match = [\"a = b\"] }}\nclass w {{ match = [\"c = d\"] }}\ncluster test {{\n  \
         talos = v1.13.7\n  kubernetes = v1.35.0\n  controlplane {{ class = cp, size = 3 }}\n  {workers}\n}}\n"
    )
}

/// A finding as a test reads it: severity and code, message, the text under the first label.
#[derive(Debug, PartialEq)]
struct Seen {
    code: String,
    message: String,
    primary: String,
    help: String,
}

fn with<T>(text: &str, look: impl FnOnce(&Compilation, &SourceMap) -> T) -> T {
    let loader = MemoryLoader { files: [("main.talos".to_owned(), text.to_owned())].into() };
    let compilation = compile(&loader, &["main.talos".to_owned()]);
    look(&compilation, &compilation.flattener.types.names.sources)
}

fn seen(finding: &Diagnostic, sources: &SourceMap) -> Seen {
    let mark = if finding.severity == Severity::Error { "E" } else { "W" };
    Seen {
        code: format!("{mark} {}", finding.code.name()),
        message: finding.message.clone(),
        primary: finding.primary().map(|span| sources.text(span).to_owned()).unwrap_or_default(),
        help: finding.help.clone().unwrap_or_default(),
    }
}

fn all(text: &str) -> Vec<Seen> {
    with(text, |compilation, sources| {
        for finding in &compilation.findings {
            let file = finding.primary().map(|span| sources.file(span.file).name.as_str());
            assert_eq!(file, Some("main.talos"), "a place in std is never the first: {}", finding.message);
            assert!(finding.labels.len() <= 5, "{}", finding.message);
        }
        compilation.findings.iter().map(|finding| seen(finding, sources)).collect()
    })
}

#[track_caller]
fn codes(text: &str, expected: &[&str]) {
    let found = all(text);
    let codes: Vec<&str> = found.iter().map(|seen| seen.code.as_str()).collect();
    assert_eq!(codes, expected, "{found:#?}");
}

/// The one finding of a project.
#[track_caller]
fn one(text: &str) -> Seen {
    let mut found = all(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[track_caller]
fn replaced(from: &str, to: &str) -> String {
    assert_eq!(HOMELAB.matches(from).count(), 1, "{from}");
    HOMELAB.replace(from, to)
}

/// The text after the edits of its findings.
#[track_caller]
fn mended(text: &str) -> String {
    with(text, |compilation, _| {
        let edits: Vec<_> = compilation.findings.iter().flat_map(|finding| finding.edits.clone()).collect();
        assert!(!edits.is_empty(), "nothing offers an edit");
        edit::apply(text, &edits).expect("edits fit the text")
    })
}

#[test]
fn the_pages_say_what_happens() {
    let codes = [
        Code::BadInvariant,
        Code::AllowUnused,
        Code::UnusedDeclaration,
        Code::ExtensionUnavailable,
        Code::ExtensionRequires,
        Code::ExtensionConflicts,
        Code::DriverNotLoaded,
        Code::ModuleNotLoaded,
        Code::KernelModuleMissing,
        Code::ServiceUnconfigured,
        Code::ExtensionNote,
        Code::RuntimeUnavailable,
    ];
    for code in codes {
        let page =
            page::parse(code.page().unwrap_or_default()).unwrap_or_else(|e| panic!("{}: {e}", code.name()));
        let programs = page.programs();
        assert!(programs.len() >= 2, "{}", code.name());
        for program in programs {
            let loader = MemoryLoader { files: program.files };
            let compilation = compile(&loader, &[program.main]);
            let found: Vec<&str> = compilation.findings.iter().map(|finding| finding.code.name()).collect();
            let expected = if program.expect == page::Expect::Fails { vec![code.name()] } else { Vec::new() };
            assert_eq!(found, expected, "{}, line {}", code.name(), program.line);
        }
    }
}

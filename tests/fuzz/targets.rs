//! What is tried on texts that nobody wrote: the fuzzer hands over bytes, and the ordinary tests their seeds and floods. Each of these
//! panics if something is wrong.

#![allow(dead_code, reason = "each fuzz target is a binary of its own and uses what it needs")]

use std::collections::BTreeMap;

use talosc::cel;
use talosc::diagnostics::render::{Color, Format, Limit, Options, render};
use talosc::driver;
use talosc::emit;
use talosc::fmt;
use talosc::kinds::cel::{DISKS, VOLUMES};
use talosc::source::FileId;
use talosc::source::loader::MemoryLoader;
use talosc::tree::{Node, Origin};
use talosc::yaml;

/// Every format that findings can be rendered in.
const FORMATS: [Format; 5] = [Format::Text, Format::Short, Format::Json, Format::Sarif, Format::Github];

/// The file that is compiled.
const MAIN: &str = "main.talos";

/// A target: its name, and what it tries.
pub(crate) type Target = (&'static str, fn(&str));

/// Every target.
pub(crate) const TARGETS: [Target; 4] =
    [("compile", compile), ("fmt", format), ("yaml", yaml_text), ("cel", selector)];

/// A file of the language, down to the text of its output and of its findings.
pub(crate) fn compile(text: &str) {
    project(&BTreeMap::from([(MAIN.to_owned(), text.to_owned())]));
}

/// As [`compile`], of several files.
pub(crate) fn project(files: &BTreeMap<String, String>) {
    let loader = MemoryLoader { files: files.clone() };
    let compilation = driver::compile(&loader, &[MAIN.to_owned()]);
    let names = &compilation.flattener.types.names;
    for format in FORMATS {
        let options = Options { format, color: Color::Always, limit: Limit::All };
        render(&compilation.findings, &names.sources, &options);
    }
    assert!(
        !compilation.has_errors() || compilation.documents.is_empty(),
        "nothing is written while an error stands"
    );
    for document in &compilation.documents {
        written(document.path.clone(), names.path(document.entry), &document.nodes);
    }
    files.get(MAIN).into_iter().for_each(|text| format(text));
}

/// Documents say as text what they say as trees.
fn written(path: String, entry: &str, nodes: &[Node]) {
    let file = emit::File::new(path, entry, nodes);
    if let Err(error) = emit::verify::verify(&file.text, nodes) {
        panic!("{}: {error:?}", file.path);
    }
}

/// A file of the language that is formatted: what comes of it stays as it is.
pub(crate) fn format(text: &str) {
    if let Ok(once) = fmt::format(FileId(0), text) {
        let twice = fmt::format(FileId(0), &once).unwrap_or_else(|found| panic!("{once}\n{found:?}"));
        assert_eq!(once, twice);
    }
}

/// YAML, as a file of patches has it: what can be read can be written, and a project that takes it in is judged.
pub(crate) fn yaml_text(text: &str) {
    let stream = yaml::read(text, FileId(0), &mut |_| Origin(0));
    if stream.faults.is_empty() {
        stream.documents.iter().for_each(|document| drop(format!("{document:?}")));
    }
    let main = "cluster lab {\n talos = v1.13.7\n kubernetes = v1.35.0\n patch p file \"./p.yaml\"\n controlplane {}\n}\n";
    project(&BTreeMap::from([(MAIN.to_owned(), main.to_owned()), ("p.yaml".to_owned(), text.to_owned())]));
}

/// An expression of CEL, over disks and over volumes.
pub(crate) fn selector(text: &str) {
    for environment in [&DISKS, &VOLUMES] {
        let mistakes = cel::check(text, environment, None);
        for mistake in mistakes {
            assert!(text.get(mistake.at.clone()).is_some(), "{:?} is no part of the text", mistake.at);
            for (at, _) in &mistake.edits {
                assert!(text.get(at.clone()).is_some(), "{at:?} is no part of the text");
            }
        }
    }
    if let Ok(tree) = cel::parse(text) {
        let _ = cel::implies(&tree, &tree, &DISKS);
    }
}

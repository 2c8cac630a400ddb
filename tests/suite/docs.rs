//! The programs in the documentation: every block of the README and of the guide does what the text around it says.
//!
//! | block | must |
//! |---|---|
//! | `talos` | compile without an error, together with the `file="…"` blocks of its section |
//! | `talos file="x.talos"` | be a file that the next program imports |
//! | `talos fails="code"` | give exactly one error, of this code |
//! | `talos excerpt="path"` | stand in that file of the repository |
//! | `text message` | be the findings of the program before it; `BLESS=1` writes them |
//! | `yaml emits` | stand in the output of the program before it |
//! | `yaml output="examples/x"` | stand in the output of that example |

use std::fs;

use crate::golden::{blessing, diff, repository, text};
use crate::project::{self, Files, Outcome};

const MAIN: &str = "cluster.talos";

/// A fenced block of a document.
struct Block {
    /// The words after the fence.
    info: Vec<String>,
    text: String,
    /// The line of the fence, from 1.
    line: usize,
    /// Whether a heading stands between it and the block before.
    first: bool,
}

impl Block {
    fn language(&self) -> &str {
        self.info.first().map_or("", String::as_str)
    }
    /// The value of `name="…"`.
    fn value(&self, name: &str) -> Option<&str> {
        self.info.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"'))
    }
    fn has(&self, word: &str) -> bool {
        self.info.iter().any(|known| known == word)
    }
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut first = true;
    for (line, number) in document.lines().zip(1..) {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(info), None) => {
                let info = info.split_whitespace().map(str::to_owned).collect();
                open = Some(Block { info, text: String::new(), line: number, first });
                first = false;
            }
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => first |= line.starts_with('#'),
        }
    }
    assert!(open.is_none(), "a block is never closed");
    blocks
}

/// Every program of a document is tried. Returns what is wrong, and the document with its messages as they are.
fn judge(path: &str) -> (Vec<String>, String) {
    let document = text(path);
    let mut wrong = Vec::new();
    let mut blessed = document.clone();
    let mut files = Files::new();
    let mut last: Option<Outcome> = None;
    let mut programs = 0;
    for block in blocks(&document) {
        let mut fail = |why: String| wrong.push(format!("{path}, line {}: {why}", block.line));
        if block.first {
            files.clear();
            last = None;
        }
        match block.language() {
            "talos" => {
                if let Some(excerpt) = block.value("excerpt") {
                    if !text(excerpt).contains(&block.text) {
                        fail(format!("{excerpt} does not hold this"));
                    }
                    continue;
                }
                if let Some(name) = block.value("file") {
                    files.insert(name.to_owned(), block.text.clone());
                    continue;
                }
                programs += 1;
                let mut project = files.clone();
                project.insert(MAIN.to_owned(), block.text.clone());
                let outcome = project::compile(&project, &[MAIN]);
                if let Some(why) = refused(&block, &outcome) {
                    fail(format!("{why}\n{}", outcome.text));
                }
                last = Some(outcome);
            }
            "text" if block.has("message") => {
                let actual = last.as_ref().map_or("", |outcome| outcome.text.as_str());
                if actual != block.text {
                    fail(format!("BLESS=1 accepts this\n{}", diff(&block.text, actual)));
                    let old = format!("```text message\n{}```", block.text);
                    blessed = blessed.replacen(&old, &format!("```text message\n{actual}```"), 1);
                }
            }
            "yaml" => {
                let example = block.value("output");
                let output = match (example, &last) {
                    (Some(example), _) => output_of(example),
                    (None, Some(outcome)) => outcome.output.clone(),
                    (None, None) => Files::new(),
                };
                if !output.values().any(|text| text.contains(&block.text)) {
                    fail("no file of the output holds this".into());
                }
            }
            "sh" => {}
            other => fail(format!("a block of `{other}` that no test tries")),
        }
    }
    assert!(programs > 0, "{path} has no program");
    (wrong, blessed)
}

/// Why a program does not do what its block says.
fn refused(block: &Block, outcome: &Outcome) -> Option<String> {
    let errors = outcome.errors();
    match block.value("fails") {
        Some(code) if errors.len() == 1 && errors[0].code == code => None,
        Some(code) => Some(format!("expected one error, of the code `{code}`")),
        None if !errors.is_empty() => Some("it has errors".into()),
        // A snippet shows one thing, so that something in it goes unused.
        None if outcome.findings.iter().any(|finding| !finding.code.starts_with("unused")) => {
            Some("it has warnings".into())
        }
        None => None,
    }
}

fn output_of(example: &str) -> Files {
    let name = example.strip_prefix("examples/").unwrap_or(example);
    let (_, files, entries) = project::examples()
        .into_iter()
        .find(|(known, _, _)| known == name)
        .unwrap_or_else(|| panic!("there is no {example}"));
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    project::compile(&files, &entries).output
}

fn document(path: &str) {
    let (wrong, blessed) = judge(path);
    if blessing() && blessed != text(path) {
        fs::write(repository(path), blessed).expect("it can be written");
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_is_true() {
    document("README.md");
}

#[test]
fn the_language_guide_is_true() {
    document("grammar/README.md");
}

/// A link to a file that is not there is found before a reader finds it.
#[test]
fn links_lead_somewhere() {
    let waiting = text("tests/ledger/waiting-files.txt");
    for path in ["README.md", "grammar/README.md", ".github/CONTRIBUTING.md"] {
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let document = text(path);
        let targets =
            document.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        for target in targets.filter(|target| !target.contains("://")) {
            let target = target.split('#').next().unwrap_or_default();
            let full = repository(directory).join(target);
            let expected =
                waiting.lines().any(|line| line.split(':').next() == full_name(directory, target).as_deref());
            assert!(
                full.exists() != expected,
                "{path} links to {target}; see tests/ledger/waiting-files.txt"
            );
        }
    }
}

/// A link as a path from the root.
fn full_name(directory: &str, target: &str) -> Option<String> {
    let beside = if directory.is_empty() { "x".to_owned() } else { format!("{directory}/x") };
    talosc::source::loader::join(&beside, target)
}

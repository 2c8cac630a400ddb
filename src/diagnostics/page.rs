//! The pages of the codes: what `talosc explain` prints, taken apart so that a test can try every program on them.
//!
//! A page is Markdown of one fixed shape:
//!
//! ````text
//! # <code>
//! One or two sentences: what it is and what refuses it.
//!
//! ## Why
//! Why it matters, and where the rule comes from.
//!
//! ## Example
//! ```talos fails
//! …
//! ```
//!
//! ## Fixed
//! ```talos ok
//! …
//! ```
//! ````
//!
//! The program of a block marked `fails` must give a finding of the code of the page, and that of a block marked `ok` none of
//! it and no error. Such a block is the file [`MAIN`], unless it says `file="name"` too. A block that is only marked
//! `file="name"` is a further file, in any language: of the program before it, or of all programs of the section if none is
//! before it. The files of the section `Example` are there in `Fixed` as well, unless a file of the same name is given. A block
//! in another language, such as `text`, is for reading only; where no program can show the failure both sections have just
//! that. This module knows nothing of the compiler: it does not run the programs.

use std::collections::BTreeMap;

/// The name of a program's main file if its block gives none.
pub const MAIN: &str = "cluster.talos";

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code, as in the heading.
    pub code: String,
    /// The text under the heading.
    pub summary: String,
    /// The section `Why`.
    pub why: String,
    /// The blocks of the section `Example`.
    pub example: Vec<Block>,
    /// The blocks of the section `Fixed`.
    pub fixed: Vec<Block>,
}

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The language, the first word after the fence.
    pub language: String,
    /// What it is there for.
    pub role: Role,
    /// What is between the fences, with its last line end.
    pub text: String,
    /// The line of the opening fence in the page, from 1.
    pub line: usize,
}

/// What a block is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The main file of a program, by its name.
    Program(Expect, String),
    /// A further file, by its name.
    File(String),
    /// For reading only.
    Prose,
}

/// What a program must give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// A finding of the code of the page.
    Fails,
    /// No finding of the code, and no error.
    Ok,
}

/// A program that a test can compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What it must give.
    pub expect: Expect,
    /// The name of its main file.
    pub main: String,
    /// All files by name, the main one included.
    pub files: BTreeMap<String, String>,
    /// The line of its block in the page, from 1.
    pub line: usize,
}

/// What is wrong with the shape of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for PageError {}

/// One part of a page: the text after a heading, and the blocks in it.
struct Part {
    heading: String,
    line: usize,
    text: String,
    blocks: Vec<Block>,
}

/// Takes a page apart.
///
/// # Errors
/// The first thing that is not as the module documentation says.
pub fn parse(text: &str) -> Result<Page, PageError> {
    let mut parts = parts(text)?.into_iter();
    let error = |line, message: &str| Err(PageError { line, message: message.into() });
    let Some(title) = parts.next() else { return error(1, "a page starts with `# <code>`") };
    if title.text.is_empty() {
        return error(title.line, "a sentence on what it is follows the heading");
    }
    let end = text.lines().count();
    let mut section = |name: &str| match parts.next() {
        Some(part) if part.heading == name && !part.text.is_empty() => Ok(part),
        Some(part) => Err((part.line, format!("the section `## {name}` with its text belongs here"))),
        None => Err((end, format!("the section `## {name}` is missing"))),
    };
    let mut section = |name| section(name).map_err(|(line, message)| PageError { line, message });
    let (why, example, fixed) = (section("Why")?, section("Example")?, section("Fixed")?);
    if let Some(part) = parts.next() {
        return error(part.line, "no section comes after `## Fixed`");
    }
    check(&example, Expect::Fails)?;
    check(&fixed, Expect::Ok)?;
    let programs = |part: &Part| part.blocks.iter().any(|block| matches!(block.role, Role::Program(..)));
    if programs(&example) != programs(&fixed) {
        return error(fixed.line, "either both sections have a program or neither has");
    }
    Ok(Page {
        code: title.heading,
        summary: title.text,
        why: why.text,
        example: example.blocks,
        fixed: fixed.blocks,
    })
}

/// Whether a section has blocks, and its programs are of the right kind.
fn check(part: &Part, expect: Expect) -> Result<(), PageError> {
    if part.blocks.is_empty() {
        return Err(PageError { line: part.line, message: "the section shows nothing".into() });
    }
    for block in &part.blocks {
        if let Role::Program(found, _) = &block.role
            && *found != expect
        {
            let message = format!("a block of `## {}` has the wrong mark", part.heading);
            return Err(PageError { line: block.line, message });
        }
    }
    Ok(())
}

/// Splits a page at its headings; the first part is that of the title.
fn parts(text: &str) -> Result<Vec<Part>, PageError> {
    let mut parts: Vec<Part> = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let error = |message: String| PageError { line: number, message };
        let heading = if parts.is_empty() { line.strip_prefix("# ") } else { line.strip_prefix("## ") };
        if let Some(heading) = heading {
            let heading = heading.trim().to_owned();
            parts.push(Part { heading, line: number, text: String::new(), blocks: Vec::new() });
            continue;
        }
        let Some(part) = parts.last_mut() else { return Err(error("a page starts with `# <code>`".into())) };
        let fence = line.chars().take_while(|&c| c == '`').count();
        part.text.push_str(line);
        part.text.push('\n');
        if fence < 3 {
            continue;
        }
        let (language, role) = info(&line[fence..]).map_err(error)?;
        let mut content = String::new();
        let close = &line[..fence];
        loop {
            let Some((line, _)) = lines.next() else {
                return Err(error("this block is never closed".into()));
            };
            part.text.push_str(line);
            part.text.push('\n');
            if line.trim_end() == close {
                break;
            }
            content.push_str(line);
            content.push('\n');
        }
        part.blocks.push(Block { language, role, text: content, line: number });
    }
    for part in &mut parts {
        part.text = part.text.trim().to_owned();
    }
    Ok(parts)
}

/// Reads what stands after the fence: a language, and marks.
fn info(text: &str) -> Result<(String, Role), String> {
    let mut words = text.split_whitespace();
    let language = words.next().unwrap_or_default().to_owned();
    let (mut expect, mut file) = (None, None);
    for word in words {
        let name = word.strip_prefix("file=\"").and_then(|word| word.strip_suffix('"'));
        match (word, name) {
            ("fails", _) if expect.is_none() => expect = Some(Expect::Fails),
            ("ok", _) if expect.is_none() => expect = Some(Expect::Ok),
            (_, Some(name)) if file.is_none() && !name.is_empty() => file = Some(name.to_owned()),
            _ => return Err(format!("`{word}` is no mark here; `fails`, `ok` and `file=\"name\"` are")),
        }
    }
    let role = match (expect, file) {
        (Some(expect), file) => Role::Program(expect, file.unwrap_or_else(|| MAIN.to_owned())),
        (None, Some(file)) => Role::File(file),
        // An unmarked program would be one that no test tries.
        (None, None) if language == "talos" => {
            return Err("a block of talos is marked `fails`, `ok` or `file=\"name\"`".into());
        }
        (None, None) => Role::Prose,
    };
    Ok((language, role))
}

impl Page {
    /// Every program on the page with all its files.
    pub fn programs(&self) -> Vec<Program> {
        let mut all = section(&self.example, &BTreeMap::new());
        let files = |block: &Block| match &block.role {
            Role::File(name) => Some((name.clone(), block.text.clone())),
            _ => None,
        };
        all.extend(section(&self.fixed, &self.example.iter().filter_map(files).collect()));
        all
    }
}

/// The programs of one section, with the files that are there anyhow.
fn section(blocks: &[Block], inherited: &BTreeMap<String, String>) -> Vec<Program> {
    let mut shared = inherited.clone();
    let mut programs: Vec<Program> = Vec::new();
    for block in blocks {
        match &block.role {
            Role::Program(expect, main) => {
                let mut files = shared.clone();
                files.insert(main.clone(), block.text.clone());
                programs.push(Program { expect: *expect, main: main.clone(), files, line: block.line });
            }
            Role::File(name) => {
                let files = programs.last_mut().map_or(&mut shared, |program| &mut program.files);
                files.insert(name.clone(), block.text.clone());
            }
            Role::Prose => {}
        }
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Code;

    const PAGE: &str = "# some-code\nWhat it is.\n\n## Why\nBecause.\n\n## Example\nLike this:\n\
        ```talos fails\nimport \"./a.talos\"\n```\n```talos file=\"a.talos\"\nrole a\n```\n\n\
        ## Fixed\n```yaml file=\"p.yaml\"\nx: 1\n```\n````talos ok\n'''\n```\n'''\n````\n\
        ```talos ok file=\"b.talos\"\nrole b\n```\n```talos file=\"a.talos\"\nrole c\n```\n";

    #[test]
    fn a_page_has_its_parts() {
        let page = parse(PAGE).expect("it is a page");
        assert_eq!(
            (page.code.as_str(), page.summary.as_str(), page.why.as_str()),
            ("some-code", "What it is.", "Because.")
        );
        assert_eq!(page.example[0].line, 9);
        assert_eq!(page.fixed[0].role, Role::File("p.yaml".into()));
    }

    #[test]
    fn programs_have_all_their_files() {
        let programs = parse(PAGE).expect("it is a page").programs();
        let files = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
            files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
        };
        let [fails, first, second] = programs.as_slice() else { panic!("three programs") };
        assert_eq!((fails.expect, fails.main.as_str()), (Expect::Fails, MAIN));
        assert_eq!(fails.files, files(&[(MAIN, "import \"./a.talos\"\n"), ("a.talos", "role a\n")]));
        let expected = [(MAIN, "'''\n```\n'''\n"), ("a.talos", "role a\n"), ("p.yaml", "x: 1\n")];
        assert_eq!(first.files, files(&expected));
        assert_eq!((second.expect, second.main.as_str()), (Expect::Ok, "b.talos"));
        let expected = [("b.talos", "role b\n"), ("a.talos", "role c\n"), ("p.yaml", "x: 1\n")];
        assert_eq!(second.files, files(&expected));
    }

    #[test]
    fn what_is_not_a_page_is_refused() {
        let refused = |from: &str, to: &str| {
            assert!(PAGE.contains(from));
            let error = parse(&PAGE.replacen(from, to, 1)).expect_err("it is no page");
            (error.line, error.message)
        };
        assert_eq!(refused("# some-code\n", "").0, 1);
        assert_eq!(refused("What it is.", "").0, 1);
        assert_eq!(refused("## Why\nBecause.\n", "").1, "the section `## Why` with its text belongs here");
        assert_eq!(refused("talos fails", "talos").0, 9);
        assert_eq!(refused("talos fails", "talos ok").0, 9);
        assert_eq!(refused("talos fails", "talos maybe").0, 9);
        assert_eq!(refused("talos fails", "text").1, "either both sections have a program or neither has");
        assert_eq!(refused("````\n", "```\n").1, "this block is never closed");
        assert_eq!(parse("").expect_err("it is no page").line, 1);
    }

    #[test]
    fn every_written_page_has_the_shape() {
        for code in Code::ALL {
            let text = code.page().unwrap_or_default();
            // A page that is only its heading is still to be written.
            if text.trim() == format!("# {}", code.name()) {
                continue;
            }
            let page = parse(text).unwrap_or_else(|error| panic!("{}.md, {error}", code.name()));
            assert_eq!(page.code, code.name());
        }
    }
}

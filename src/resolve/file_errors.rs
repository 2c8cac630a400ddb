//! The findings about files that cannot be had.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::loader::{LoadError, Unlisted, join, relative};
use crate::source::{SourceMap, Span};
use crate::syntax::write;

/// A file that somebody asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its path from the project root; as it was written if it leads out of the project.
    pub path: &'a str,
    /// Which source asks for it; nobody if it was named on the command line.
    pub by: Option<Reference<'a>>,
}

/// The place in a source where a file is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The path from the project root of the file that asks.
    pub importing: &'a str,
    /// What is written between the quotes.
    pub written: &'a str,
    /// The string with its quotes.
    pub span: Span,
}

impl<'a> Reference<'a> {
    /// The reference that a string or a bare word of the file `importing` makes, as its author wrote it.
    pub fn at(sources: &'a SourceMap, importing: &'a str, span: Span) -> Self {
        Reference { importing, written: sources.text(span).trim_matches(['"', '\'']), span }
    }
}

impl<'a> Request<'a> {
    /// The file as the author knows it.
    fn name(&self) -> &'a str {
        self.by.map_or(self.path, |by| by.written)
    }
    /// How `path` would be written in the place of the request.
    fn spelled(&self, path: &str) -> String {
        let Some(by) = self.by else { return path.to_owned() };
        let spelled = relative(by.importing, path);
        // `./` is kept if the author writes it: an import needs it, a `file` does not.
        match spelled.strip_prefix("./") {
            Some(bare) if !by.written.starts_with("./") && !by.written.starts_with("../") => bare.to_owned(),
            _ => spelled,
        }
    }
    fn finding(&self, code: Code, message: String, label: &str) -> Diagnostic {
        Diagnostic::new(code, message).label_if(self.by.map(|by| by.span), label)
    }
    /// Adds a help and the edit that writes another path in the place of the request.
    fn instead(&self, finding: Diagnostic, help: String, spelled: &str) -> Diagnostic {
        let finding = finding.help(help);
        match self.by {
            Some(by) => finding.offer(by.span, write::string(spelled)),
            None => finding,
        }
    }
}

/// The finding for a file that could not be loaded.
pub fn not_loaded(request: &Request<'_>, error: &LoadError) -> Diagnostic {
    match error {
        LoadError::NotFound { near } => not_found(request, near.as_deref()),
        LoadError::Outside => outside(request),
        LoadError::WrongCase { real } => wrong_case(request, real),
        LoadError::NotAFile => not_a_file(request),
        LoadError::TooLarge { size, limit } => too_large(request, *size, *limit),
        LoadError::NotUtf8 { offset, line, looks_like } => not_utf8(request, *offset, *line, *looks_like),
        LoadError::Unreadable { reason } => unreadable(request, reason),
    }
}

/// The finding for a part of the project that could not be searched for files of the language.
pub fn unlisted(unlisted: &Unlisted) -> Diagnostic {
    Diagnostic::new(
        Code::FileUnreadable,
        format!("`{}` cannot be searched: {}", unlisted.path, unlisted.reason),
    )
    .note("names that are declared twice or never used are looked for in the whole project")
}

fn not_found(request: &Request<'_>, near: Option<&str>) -> Diagnostic {
    let finding =
        request.finding(Code::FileNotFound, format!("there is no file `{}`", request.name()), "not found");
    // With a suggestion the place is clear; without one the author wants to know where was looked.
    let finding = match request.by {
        Some(by) if near.is_none() && !by.written.rsplit('/').next().unwrap_or_default().contains('.') => {
            let spelled = format!("{}.talos", by.written.trim_end_matches('/'));
            let finding = finding.note("a path is relative to the file that names it, and has its ending");
            request.instead(finding, format!("write `{spelled}`, or make the file"), &spelled)
        }
        Some(_) if near.is_none() => finding
            .note("a path is relative to the file that names it")
            .help(format!("make the file `{}`, or correct the path", request.path)),
        _ => finding,
    };
    match near.map(|near| request.spelled(near)) {
        Some(near) => request.instead(finding, format!("did you mean `{near}`?"), &near),
        None => finding,
    }
}

fn outside(request: &Request<'_>) -> Diagnostic {
    let name = request.name();
    let message = format!("`{name}` is not in the project");
    if name.contains('\\') {
        let spelled = name.replace('\\', "/");
        let finding = request.finding(Code::FileOutsideProject, message, "`\\` separates nothing here");
        return request.instead(finding, format!("write `/` between names: `{spelled}`"), &spelled);
    }
    let linked = request.by.is_none_or(|by| join(by.importing, by.written).is_some());
    let label = if linked { "a link leads out of the project" } else { "this leads out of the project" };
    request
        .finding(Code::FileOutsideProject, message, label)
        .note("the project is the tree under the nearest `.git`, or else the directory of the file that is built")
        .help("move the file into the project, so that every clone of it has the file")
}

fn wrong_case(request: &Request<'_>, real: &str) -> Diagnostic {
    let real = request.spelled(real);
    let finding = request
        .finding(
            Code::FileWrongCase,
            format!("the file `{}` is called `{real}`", request.name()),
            "upper and lower case differ from the name of the file",
        )
        .note("some systems would find it all the same and others would not, so it is an error on all");
    request.instead(finding, format!("write `{real}`"), &real)
}

fn not_a_file(request: &Request<'_>) -> Diagnostic {
    request
        .finding(
            Code::FileNotAFile,
            format!("`{}` is not a file", request.name()),
            "a directory, or something else without text",
        )
        .help("name one file; a directory is never read as a whole")
}

fn too_large(request: &Request<'_>, size: u64, limit: u64) -> Diagnostic {
    request.finding(
        Code::FileTooLarge,
        format!("`{}` has {size} bytes; the limit is {limit}", request.name()),
        "too large",
    )
}

fn not_utf8(
    request: &Request<'_>,
    offset: usize,
    line: usize,
    looks_like: Option<&'static str>,
) -> Diagnostic {
    let finding = request.finding(
        Code::FileNotUtf8,
        format!("`{}` is not UTF-8", request.name()),
        "not readable as text",
    );
    let finding = match looks_like {
        Some(encoding) => finding.note(format!("it looks like {encoding}")),
        None => finding,
    };
    let finding = match looks_like {
        // In an encoding of two bytes for a character every byte is wrong.
        Some(encoding) if encoding.starts_with("UTF") => finding,
        _ => finding.note(format!("byte {offset}, in line {line}, belongs to no character")),
    };
    finding.help("save the file as UTF-8; every editor can")
}

fn unreadable(request: &Request<'_>, reason: &str) -> Diagnostic {
    request.finding(
        Code::FileUnreadable,
        format!("`{}` cannot be read: {reason}", request.name()),
        "the system refuses to read it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::edit::apply;
    use crate::diagnostics::render::{Options, render};
    use crate::source::Provenance;
    use crate::source::loader::{Loader, MemoryLoader};

    const FILES: [&str; 2] = ["roles.talos", "env/Base.talos"];

    /// What is printed for an import in `env/prod.talos`, and the import after the edits.
    fn import(written: &str, error: Option<LoadError>) -> (String, String) {
        let text = format!("import \"{written}\"\n");
        let mut sources = SourceMap::default();
        let file = sources.add("env/prod.talos", text.clone(), Provenance::Project);
        let span = Span { file, start: 7, end: text.len() as u32 - 1 };
        let loader = MemoryLoader { files: FILES.map(|name| (name.to_owned(), String::new())).into() };
        let path = join("env/prod.talos", written);
        let found = path.as_ref().map_or(Err(LoadError::Outside), |path| loader.read(path));
        let error = error.or(found.err()).expect("it fails");
        let by = Some(Reference::at(&sources, "env/prod.talos", span));
        let finding = not_loaded(&Request { path: path.as_deref().unwrap_or(written), by }, &error);
        let fixed = apply(&text, &finding.edits).expect("the edits fit");
        (render(&[finding], &sources, &Options::default()), fixed)
    }

    #[test]
    fn a_misspelt_file_is_repaired() {
        let (text, fixed) = import("../rolse.talos", None);
        let expected = "\
error[file-not-found]: there is no file `../rolse.talos`
  ┌─ env/prod.talos:1:8
  │
1 │ import \"../rolse.talos\"
  │        ^^^^^^^^^^^^^^^^ not found
  │
  = help: did you mean `../roles.talos`?

1 error
";
        assert_eq!(text, expected);
        assert_eq!(fixed, "import \"../roles.talos\"\n");
        assert_eq!(import("./roles.talos", None).1, "import \"../roles.talos\"\n");
        assert_eq!(import("Bose.talos", None).1, "import \"Base.talos\"\n");
        let (text, _) = import("./nothing-like-it.talos", None);
        assert!(text.contains("make the file `env/nothing-like-it.talos`, or correct the path\n"), "{text}");
    }

    #[test]
    fn case_counts() {
        let (text, fixed) = import("./base.talos", None);
        assert!(
            text.starts_with("error[file-wrong-case]: the file `./base.talos` is called `./Base.talos`\n")
        );
        assert_eq!(fixed, "import \"./Base.talos\"\n");
    }

    #[test]
    fn ways_out_are_closed() {
        let (text, fixed) = import("../../x.talos", None);
        assert!(text.contains("^ this leads out of the project\n"), "{text}");
        assert_eq!(fixed, "import \"../../x.talos\"\n");
        assert!(import("./x.talos", Some(LoadError::Outside)).0.contains("^ a link leads out"));
        assert_eq!(import(".\\x.talos", None).1, "import \"./x.talos\"\n");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(import("../env", None).0.starts_with("error[file-not-a-file]: `../env` is not a file\n"));
        let (text, _) = import("./x", Some(LoadError::TooLarge { size: 9, limit: 8 }));
        assert!(text.starts_with("error[file-too-large]: `./x` has 9 bytes; the limit is 8\n"));
        let latin = LoadError::NotUtf8 { offset: 11, line: 2, looks_like: Some("Windows-1252") };
        let (text, _) = import("./x", Some(latin));
        assert!(text.contains("= it looks like Windows-1252\n  = byte 11, in line 2, belongs"), "{text}");
        let denied = LoadError::Unreadable { reason: "permission denied".into() };
        let finding = not_loaded(&Request { path: "a.talos", by: None }, &denied);
        assert_eq!(finding.message, "`a.talos` cannot be read: permission denied");
        assert!(finding.labels.is_empty());
    }
}

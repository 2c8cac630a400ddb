//! A file of the output, or a line of it: the same history, found from the other end.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::history;
use crate::cli::files::{self, Selection};
use crate::cli::output::{Console, Said};
use crate::cli::{Exit, Failure, Outcome};
use crate::diagnostics::render;
use crate::driver::Compilation;
use crate::driver::output::{Home, source_named};
use crate::emit::{self, File};
use crate::flatten::{Step, Verb};
use crate::origin::Lines;
use crate::source::Span;
use crate::tree::Node;

/// `FILE:LINE` or `FILE:LINE:COLUMN`.
pub(super) fn parse(what: &str) -> Option<(&Path, usize)> {
    let (head, last) = what.rsplit_once(':')?;
    let last: usize = last.parse().ok()?;
    match head.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) => Some((Path::new(file), line)),
        None => Some((Path::new(head), last)),
    }
}

/// What is said of a file of the output and its documents.
type Say<'s> = dyn Fn(&Compilation, &File, &[Node]) -> Result<Said, Failure> + 's;

/// A file of the output.
pub(super) struct Written<'a> {
    /// As the user wrote it.
    pub(super) path: &'a Path,
    /// Without links.
    pub(super) real: &'a Path,
    /// The source that its first line names.
    pub(super) owner: &'a str,
    /// What stands in it.
    pub(super) now: &'a [u8],
}

impl Written<'_> {
    /// Compiles its sources and says something of it.
    pub(super) fn explain(&self, console: &Console, say: &Say<'_>) -> Outcome {
        let Written { path, owner, .. } = self;
        let entry = entry_of(self.real, owner).ok_or_else(|| {
            Failure::Io(format!("`{owner}`, which wrote `{}`, is not there", files::said(path)))
        })?;
        // What several entries may write names the file that declares it, which is perhaps no entry: then all are asked.
        let selection = files::select(&[entry])?;
        if let Some(exit) = self.try_explain(&selection, console, say)? {
            return Ok(exit);
        }
        let selection = files::select(&[selection.root().to_owned()])?;
        let gone = || Failure::Usage(format!("`{owner}` no longer writes `{}`", files::said(path)));
        self.try_explain(&selection, console, say)?.ok_or_else(gone)
    }

    /// As [`Written::explain`], if these sources write the file.
    fn try_explain(
        &self,
        selection: &Selection,
        console: &Console,
        say: &Say<'_>,
    ) -> Result<Option<Exit>, Failure> {
        let compilation = selection.compile();
        if compilation.has_errors() {
            let sources = &compilation.flattener.types.names.sources;
            return Ok(Some(console.findings(&compilation.findings, sources)));
        }
        let output = compilation.output(&Home::OfEntries, &[]);
        let path = files::name_in(selection.root(), self.real);
        let Some((document, source)) = path.and_then(|path| output.at(&path, &compilation.documents)) else {
            return Ok(None);
        };
        let file = File::new(document.path.as_str(), source, &document.nodes);
        let said = say(&compilation, &file, &document.nodes)?;
        let mut vault = compilation.vault();
        vault.learn(&[&*String::from_utf8_lossy(self.now)]);
        console.answer(Some(&vault), said).map(|()| Some(Exit::Fine))
    }

    /// A line of it: what stands there, and who made it. For programs: `{"version": 1, "type": "line", "file": …, "line": 12, "text": …,
    /// "current": true, "inside": false, "history": […]}`; `inside` says that talosc wrote the line itself and that the history is that
    /// of what is in it. Without a history no source says it.
    pub(super) fn line(
        &self,
        compilation: &Compilation,
        file: &File,
        nodes: &[Node],
        number: usize,
    ) -> Result<Said, Failure> {
        let path = files::said(self.path);
        let line = file.text.lines().nth(number.wrapping_sub(1));
        let line = line.ok_or_else(|| Failure::Usage(format!("`{path}` has no line {number}")))?;
        let origin = origin(compilation, file, nodes, number);
        let mut out = format!("{path}:{number}\n{line}\n\n");
        let current = String::from_utf8_lossy(self.now).lines().nth(number - 1) == Some(line);
        if !current {
            out.push_str("  the file is not current: this is the line that a build would write\n");
        }
        let inside = origin.as_ref().is_some_and(|(_, below)| *below);
        let steps = origin.map(|(steps, _)| history::told(compilation, &steps, None)).unwrap_or_default();
        if steps.is_empty() {
            out.push_str("  written by talosc itself: no source says it\n");
        } else if inside {
            out.push_str("  written by talosc itself, for what is in it:\n");
        }
        out.push_str(&history::text(compilation, &steps));
        let document = json!({
            "version": 1,
            "type": "line",
            "file": path.to_string(),
            "line": number,
            "text": line,
            "current": current,
            "inside": inside,
            "history": history::json(compilation, &steps),
        });
        Ok(Said { text: out, document })
    }

    /// All of it: its documents, each with the line it begins at and the place that says it. For programs: `{"version": 1, "type":
    /// "output", "file": …, "source": …, "current": true, "documents": [{"line", "title", "place"}]}`.
    pub(super) fn documents(&self, compilation: &Compilation, file: &File, nodes: &[Node]) -> Said {
        let sources = &compilation.flattener.types.names.sources;
        let mut list = Vec::new();
        let rows = file.starts.iter().zip(nodes).map(|(start, node)| {
            let place = compilation.origins.place(node);
            let at = place.map(|span| render::json_place(sources, span));
            list.push(json!({ "line": start, "title": title(node), "place": at }));
            (start, title(node), place.map(|span| sources.place(span)).unwrap_or_default())
        });
        let rows: Vec<(&usize, String, String)> = rows.collect();
        let width = rows.iter().map(|(_, title, _)| title.chars().count()).max().unwrap_or(0);
        let path = files::said(self.path);
        let mut out = format!("{path}\nwritten from {}\n\n", self.owner);
        let current = self.now == file.text.as_bytes();
        if !current {
            out.push_str("  the file is not current: this is what a build would write\n");
        }
        for (number, title, place) in rows {
            let row = format!("  line {number:<5} {title:width$}  {place}");
            out.push_str(row.trim_end());
            out.push('\n');
        }
        out.push_str(&format!("\n`talosc explain {path}:LINE` tells who made a line\n"));
        let document = json!({
            "version": 1,
            "type": "output",
            "file": path,
            "source": self.owner,
            "current": current,
            "documents": list,
        });
        Said { text: out, document }
    }
}

/// How a document is called: by its kind and name, by the type and id of a resource, or by its first field.
fn title(node: &Node) -> String {
    let text = |path: &[&str]| node.at(path).and_then(Node::as_str);
    let first = || node.as_map().and_then(|map| map.iter().next()).map(|(key, _)| key.as_str());
    let kind = text(&["kind"]).map(|kind| (kind, text(&["name"])));
    match kind.or_else(|| Some((text(&["metadata", "type"])?, text(&["metadata", "id"])))) {
        Some((kind, Some(name))) => format!("{kind} {name}"),
        Some((kind, None)) => kind.to_owned(),
        None => first().unwrap_or_default().to_owned(),
    }
}

/// Who made a line, or, of one that talosc wrote around something, the first line in it, and whether it is that.
fn origin(
    compilation: &Compilation,
    file: &File,
    nodes: &[Node],
    number: usize,
) -> Option<(Vec<Step>, bool)> {
    let known = |number| Some(steps(compilation, file, number)).filter(|steps| !steps.is_empty());
    let below = || emit::below(nodes, number).find_map(known);
    known(number).map(|steps| (steps, false)).or_else(|| below().map(|steps| (steps, true)))
}

/// The steps that made a line. A line in a text that is YAML itself, or a file as it stands, has an origin of its own.
fn steps(compilation: &Compilation, file: &File, number: usize) -> Vec<Step> {
    let Some(origin) = file.origin_of_line(number) else { return Vec::new() };
    let origins = &compilation.origins;
    let head = (1..number).rev().take_while(|before| file.origin_of_line(*before) == Some(origin)).count();
    match (head.checked_sub(1), origins.lines(origin)) {
        (Some(at), Some(Lines::Each(lines))) => {
            lines.get(at).map(|inner| origins.steps(*inner)).unwrap_or_default()
        }
        (Some(at), Some(Lines::File(id))) => {
            let source = compilation.flattener.types.names.sources.file(*id);
            let range = source.lines().range(at, source.text());
            let span = Span { file: *id, start: range.start as u32, end: range.end as u32 };
            let owner = origins.steps(origin).last().map(|step| step.owner);
            owner.map(|owner| Step { verb: Verb::Merge, span, owner }).into_iter().collect()
        }
        _ => origins.steps(origin),
    }
}

/// The source that a first line names: relative to the directory that holds the output directory, or with `./` to the output
/// directory itself. Which of the directories above the file that is, shows by the source being there.
fn entry_of(file: &Path, owner: &str) -> Option<PathBuf> {
    let sources = file.ancestors().skip(1).filter_map(|directory| source_named(directory, owner));
    sources.into_iter().find(|source| source.is_file())
}

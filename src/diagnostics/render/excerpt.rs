//! The few lines of source that one finding shows, cut to size and made safe.
//!
//! The excerpt of a finding is a small text of its own: only the lines that labels touch, each without control characters,
//! with secrets masked, and with what is far from any label cut out of overlong lines. So the cost of a rendering depends on
//! the number of labels and not on the size of the files. This module knows nothing of how an excerpt is drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::clean;
use super::place::{self, clamp, file};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::hidden::is_of_secret;
use crate::secret::{Vault, scan};
use crate::source::{FileId, Position, Provenance, SourceFile, SourceMap};
use crate::text::push_visible;

/// Labels beyond this are counted, not drawn; the formats for programs have them all.
const MAX_LABELS: usize = 12;
/// The longest line that is shown whole, in characters.
const MAX_LINE: usize = 160;
/// What is kept of a longer line inside of a label, at either end.
const INSIDE: usize = 40;
/// What is kept of a longer line before and after a label.
const OUTSIDE: usize = 50;
/// Lines shown after the first one of a label of several lines; its last line is always shown.
pub(super) const START_CONTEXT: usize = 1;

/// Where the secrets of a run are: disjoint byte ranges of each file, in order, and the values of all.
#[derive(Default)]
pub(super) struct Secrets(BTreeMap<FileId, Vec<Range<usize>>>, Vault);

impl Secrets {
    /// What any finding calls a secret is one in the excerpts of all, and so is what the files show to be one.
    pub(super) fn of(diagnostics: &[Diagnostic], sources: &SourceMap, vault: Vault) -> Self {
        let mut secrets = Secrets(BTreeMap::new(), vault);
        for diagnostic in diagnostics.iter().filter(|finding| is_of_secret(finding)) {
            let Some(span) = diagnostic.primary() else { continue };
            let text = file(sources, span.file).1;
            let range = clamp(text, span);
            // A name says nothing, if the value is known: it stands elsewhere.
            let name = |c: char| c.is_ascii_alphabetic() || matches!(c, ' ' | '-' | '_' | '.');
            if diagnostic.hides.is_empty() || !text[range.clone()].chars().all(name) {
                secrets.add(span.file, range);
            }
        }
        // Only what a label touches is shown.
        let shown: BTreeSet<FileId> =
            diagnostics.iter().flat_map(|finding| &finding.labels).map(|label| label.span.file).collect();
        let of_project =
            |(id, file): &(FileId, &SourceFile)| file.provenance == Provenance::Project && shown.contains(id);
        for (id, file) in sources.iter().filter(of_project) {
            scan(file.text(), &mut |range| secrets.add(id, range));
        }
        secrets.join();
        secrets
    }
    pub(super) fn add(&mut self, file: FileId, range: Range<usize>) {
        self.0.entry(file).or_default().push(range);
    }
    pub(super) fn join(&mut self) {
        self.0.values_mut().for_each(join);
    }
    /// The secrets that touch a line of a file: those that are known to stand there, and known ones that stand there too.
    fn within(&self, file: FileId, range: &Range<usize>, text: &str) -> Vec<Range<usize>> {
        let all = self.0.get(&file).map_or(&[][..], Vec::as_slice);
        let from = all.partition_point(|secret| secret.end <= range.start);
        let to = all.partition_point(|secret| secret.start < range.end).max(from);
        let mut out = all[from..to].to_vec();
        for known in self.1.known_in(&text[range.clone()]) {
            let known = range.start + known.start..range.start + known.end;
            if !out.iter().any(|secret| secret.start <= known.start && known.end <= secret.end) {
                out.push(known);
            }
        }
        join(&mut out);
        out
    }
}

/// Puts ranges in order and makes one of those that overlap.
fn join(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_by_key(|range| (range.start, range.end));
    ranges.dedup_by(|next, range| {
        let overlap = next.start < range.end;
        if overlap {
            range.end = range.end.max(next.end);
        }
        overlap
    });
}

/// One line of a [`FileExcerpt`].
pub(super) struct Line {
    /// 1-based number in the file.
    pub(super) number: usize,
    /// The line in the text of the view, without line end.
    pub(super) range: Range<usize>,
}

/// What is shown of one file. Lines that do not follow each other in the file are kept apart by two empty ones, which are
/// never drawn: so whoever draws the view sees a gap, and each place in it has one line.
pub(super) struct FileExcerpt {
    /// The display name.
    pub(super) name: String,
    /// The lines, each with a line end.
    pub(super) text: String,
    /// Every line of `text`.
    pub(super) lines: Vec<Line>,
    /// Line and column in the file, both from 1, of each byte of `text` at which a label starts.
    pub(super) positions: Vec<(usize, Position)>,
}

/// A label of an excerpt.
pub(super) struct Mark {
    /// The index of the view.
    pub(super) view: usize,
    /// Bytes in the text of the view.
    pub(super) range: Range<usize>,
    /// What is said of it.
    pub(super) text: String,
}

/// All that is drawn of the source of one finding.
pub(super) struct Excerpt {
    /// A view of each file with a label, in the order of the labels.
    pub(super) views: Vec<FileExcerpt>,
    /// The labels that are drawn, in their order; the first is the primary one.
    pub(super) marks: Vec<Mark>,
    /// How many labels are not drawn.
    pub(super) omitted: usize,
}

/// A label while its view is made: bytes of the file, and the lines of the first and the last of them.
struct Target {
    file: FileId,
    range: Range<usize>,
    first: usize,
    last: usize,
}

/// The excerpt of a finding.
pub(super) fn excerpt(diagnostic: &Diagnostic, sources: &SourceMap, secrets: &Secrets) -> Excerpt {
    let labels = &diagnostic.labels[..diagnostic.labels.len().min(MAX_LABELS)];
    let targets: Vec<Target> = labels.iter().map(|label| target(label.span, sources)).collect();
    let mut files: Vec<FileId> = Vec::new();
    for target in &targets {
        if !files.contains(&target.file) {
            files.push(target.file);
        }
    }
    let mut views = Vec::with_capacity(files.len());
    let mut marks: Vec<Option<Range<usize>>> = vec![None; targets.len()];
    for &id in &files {
        let (view, offsets) = view(id, &targets, sources, secrets);
        for (target, mark) in targets.iter().zip(&mut marks) {
            if target.file == id {
                let at = |offset| offsets.get(&offset).copied().unwrap_or(0);
                *mark = Some(at(target.range.start)..at(target.range.end));
            }
        }
        views.push(view);
    }
    let marks = targets.iter().zip(marks).zip(labels).map(|((target, range), label)| Mark {
        view: files.iter().position(|&id| id == target.file).unwrap_or(0),
        range: range.unwrap_or(0..0),
        text: clean::inline(&label.text, clean::MAX_INLINE),
    });
    Excerpt { marks: marks.collect(), views, omitted: diagnostic.labels.len() - labels.len() }
}

fn target(span: crate::source::Span, sources: &SourceMap) -> Target {
    let (_, text, source) = file(sources, span.file);
    let mut range = clamp(text, span);
    // Between the two bytes of a CRLF there is nothing to point at; the end of the visible line is meant.
    if text[range.start..].starts_with('\n') && text[..range.start].ends_with('\r') {
        range.start -= 1;
    }
    // A label does not reach over the line end that it ends with: it would be drawn as one of two lines. Only one is taken
    // off, since to skip a megabyte of empty lines once for every label would cost more than the finding is worth.
    let inside = &text[range.clone()];
    let inside = inside.strip_suffix('\n').unwrap_or(inside);
    range.end = range.start + inside.strip_suffix('\r').unwrap_or(inside).len();
    let line = |offset| source.map_or(0, |file| file.lines().line(offset));
    Target { file: span.file, first: line(range.start), last: line(range.end), range }
}

/// The view of a file, and where the ends of its labels are in it.
fn view(
    id: FileId,
    targets: &[Target],
    sources: &SourceMap,
    secrets: &Secrets,
) -> (FileExcerpt, BTreeMap<usize, usize>) {
    let (_, text, source) = file(sources, id);
    let mut view = FileExcerpt {
        name: clean::inline(&place::shown(sources, id), clean::MAX_INLINE),
        text: String::new(),
        lines: Vec::new(),
        positions: Vec::new(),
    };
    let mine: Vec<&Target> = targets.iter().filter(|target| target.file == id).collect();
    let mut offsets = BTreeMap::new();
    let mut previous: Option<usize> = None;
    for line in shown(&mine) {
        if previous.is_some_and(|previous| line > previous + 1) {
            for _ in 0..2 {
                view.lines.push(Line { number: line, range: view.text.len()..view.text.len() });
                view.text.push('\n');
            }
        }
        previous = Some(line);
        let whole = source.map_or(0..0, |file| file.lines().range(line, text));
        let content = &text[whole.clone()];
        let content =
            content.strip_suffix('\n').map_or(content, |line| line.strip_suffix('\r').unwrap_or(line));
        let range = whole.start..whole.start + content.len();
        let start = view.text.len();
        let ends = mine.iter().flat_map(|target| [target.range.start, target.range.end]);
        let ends = ends.filter(|end| range.contains(end) || *end == range.end).collect();
        let hidden = secrets.within(id, &range, text);
        let hidden = Hidden { ranges: &hidden, vault: &secrets.1 };
        draw(text, &range, &ends, hidden, &mut view.text, &mut offsets);
        view.lines.push(Line { number: line + 1, range: start..view.text.len() });
        view.text.push('\n');
    }
    for target in mine {
        let at =
            source.map_or(Position { line: 0, column: 0 }, |f| f.lines().position(text, target.range.start));
        let shown = Position { line: at.line + 1, column: at.column + 1 };
        view.positions.push((offsets.get(&target.range.start).copied().unwrap_or(0), shown));
    }
    (view, offsets)
}

/// The lines to show: those where a label starts or ends, a little of the inside of a long one, and what lies alone between
/// two shown lines, since a mark for a gap would take as much room.
fn shown(targets: &[&Target]) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for target in targets {
        lines.extend(target.first..=target.last.min(target.first + START_CONTEXT));
        lines.insert(target.last);
    }
    let alone: Vec<usize> =
        lines.iter().map(|line| line + 1).filter(|line| lines.contains(&(line + 1))).collect();
    lines.extend(alone);
    lines
}

/// The secrets of one line.
struct Hidden<'s> {
    ranges: &'s [Range<usize>],
    vault: &'s Vault,
}

/// Writes one line. `ends` are the places in it where a label starts or ends; where they come to lie is noted in `offsets`.
fn draw(
    text: &str,
    line: &Range<usize>,
    ends: &BTreeSet<usize>,
    Hidden { ranges: secrets, vault }: Hidden<'_>,
    out: &mut String,
    offsets: &mut BTreeMap<usize, usize>,
) {
    let long = text[line.clone()].chars().nth(MAX_LINE).is_some();
    let mut cuts = ends.clone();
    cuts.extend([line.start, line.end]);
    // Only the outermost secrets matter for a line with thousands of them: the middle of it is cut out below.
    cuts.extend(secrets.iter().flat_map(|secret| [secret.start.max(line.start), secret.end.min(line.end)]));
    let mut secrets = secrets.iter().peekable();
    let mut cuts = cuts.into_iter().peekable();
    let mut cut_out = false;
    while let Some(start) = cuts.next() {
        offsets.insert(start, out.len());
        let Some(&end) = cuts.peek() else { break };
        while secrets.peek().is_some_and(|secret| secret.end <= start) {
            secrets.next();
        }
        let near = (ends.contains(&start), ends.contains(&end));
        match secrets.peek() {
            // Far from every label nothing is shown of a long line, and of a secret least of all.
            _ if long && near == (false, false) && !(ends.is_empty() && start == line.start) => {
                if !cut_out {
                    out.push('…');
                }
                cut_out = true;
                continue;
            }
            Some(secret) if secret.start <= start => {
                let shown = if secret.start == start { vault.shown(&text[(*secret).clone()]) } else { 0 };
                text[start..end].chars().take(shown).for_each(|c| push(out, c));
                out.push('…');
            }
            _ if long => piece(&text[start..end], near, ends, out),
            _ => text[start..end].chars().for_each(|c| push(out, c)),
        }
        cut_out = false;
    }
}

/// Writes a piece of an overlong line: what is near to the end of a label, and `…` for the rest.
fn piece(text: &str, near: (bool, bool), ends: &BTreeSet<usize>, out: &mut String) {
    let (head, tail) = match near {
        (true, true) => (INSIDE, INSIDE),
        (true, false) => (OUTSIDE, 0),
        (false, true) => (0, OUTSIDE),
        (false, false) if ends.is_empty() => (MAX_LINE, 0),
        (false, false) => (0, 0),
    };
    let head = text.char_indices().nth(head).map_or(text.len(), |(at, _)| at);
    let tail = match tail {
        0 => text.len(),
        tail => text.char_indices().rev().nth(tail - 1).map_or(0, |(at, _)| at),
    };
    if tail <= head {
        text.chars().for_each(|c| push(out, c));
    } else {
        text[..head].chars().for_each(|c| push(out, c));
        out.push('…');
        text[tail..].chars().for_each(|c| push(out, c));
    }
}

/// One character of source. A tab stays, since whoever draws the line knows its width.
fn push(out: &mut String, c: char) {
    if c == '\t' { out.push(c) } else { push_visible(out, c) }
}

//! Rows on lines, and neighbouring lines in columns.
//!
//! A run is a sequence of lines without a blank line, a comment or a broken element between them. Columns are given up where
//! they would push a line over the width that fits without them. In a table, where all elements begin with one word, a few do not
//! take the columns from the others: those that columns would push over the width, or that make them so wide, stay out of them as
//! they are, and broken ones do not end the run.

use std::collections::BTreeSet;

use super::WIDTH;
use super::print::Stops;
use super::rows::{BodyRow, Shape};

struct Line<'a> {
    text: String,
    comment: Option<&'a str>,
    blank: bool,
    /// None for what is shared or a comment.
    shape: Option<Shape>,
    /// It takes more than one line.
    broken: bool,
    stops: Stops,
    width: usize,
}

/// The text of a body: every line with its indentation and its line end.
pub(super) fn lines(rows: Vec<BodyRow<'_>>, indent: usize) -> String {
    let mut lines = join(rows, indent);
    if let Some(first) = lines.first_mut() {
        first.blank = false;
    }
    let mut all: Vec<&mut Line<'_>> = lines.iter_mut().collect();
    runs(&mut all, |a, b| a.shape.is_some() && a.shape == b.shape, |run| table(run, indent));
    let comments = comment_columns(&lines, indent);
    let mut out = String::with_capacity(lines.iter().map(|line| line.text.len() + indent + 1).sum());
    for (line, column) in lines.iter().zip(comments) {
        if line.blank {
            out.push('\n');
        }
        pad(&mut out, indent);
        out.push_str(&line.text);
        if let Some(comment) = line.comment {
            pad(&mut out, column);
            out.push_str(comment);
        }
        out.push('\n');
    }
    out
}

fn pad(out: &mut String, blanks: usize) {
    out.extend(std::iter::repeat_n(' ', blanks));
}

/// Puts rows that were written on one line on one line again, if they fit.
fn join(rows: Vec<BodyRow<'_>>, indent: usize) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::with_capacity(rows.len());
    let mut rows = rows.into_iter().peekable();
    while let Some(first) = rows.next() {
        let mut shared = vec![Line::new(first)];
        while let Some(row) = rows.next_if(|row| row.joins) {
            shared.push(Line::new(row));
        }
        let width: usize = shared.iter().map(|line| line.width + ", ".len()).sum();
        let fits =
            indent + width <= WIDTH + ", ".len() && shared.iter().all(|line| !line.text.contains('\n'));
        if shared.len() == 1 || !fits {
            lines.append(&mut shared);
            continue;
        }
        let texts: Vec<&str> = shared.iter().map(|line| line.text.as_str()).collect();
        lines.push(Line {
            text: texts.join(", "),
            comment: shared.last().and_then(|line| line.comment),
            blank: shared[0].blank,
            shape: None,
            broken: false,
            stops: Stops::default(),
            width: width - ", ".len(),
        });
    }
    lines
}

impl<'a> Line<'a> {
    fn new(row: BodyRow<'a>) -> Self {
        let broken = row.text.contains('\n');
        Line {
            width: width(&row.text),
            text: row.text,
            comment: row.comment,
            blank: row.blank && !row.joins,
            shape: row.shape,
            broken,
            stops: row.stops,
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Calls `each` for every longest run of neighbours that belong together.
fn runs<'a>(
    lines: &mut [&mut Line<'a>],
    together: impl Fn(&Line<'a>, &Line<'a>) -> bool,
    mut each: impl FnMut(&mut [&mut Line<'a>]),
) {
    let mut start = 0;
    while start < lines.len() {
        let mut end = start + 1;
        while end < lines.len() && !lines[end].blank && together(lines[end - 1], lines[end]) {
            end += 1;
        }
        if end - start > 1 {
            each(&mut lines[start..end]);
        }
        start = end;
    }
}

/// Aligns a run: as one if it is a table with only a few broken elements, and between these otherwise.
fn table(run: &mut [&mut Line<'_>], indent: usize) {
    let broken = run.iter().filter(|line| line.broken).count();
    if broken <= few(run) {
        let mut whole: Vec<&mut Line<'_>> =
            run.iter_mut().filter(|line| !line.broken).map(|line| &mut **line).collect();
        return columns(&mut whole, indent);
    }
    for run in run.chunk_by_mut(|a, b| !a.broken && !b.broken) {
        if !run[0].broken {
            columns(run, indent);
        }
    }
}

/// How many lines of a run are a few: one in four of a table, and none of what is no table.
fn few(run: &[&mut Line<'_>]) -> usize {
    fn first<'l>(line: &'l Line<'_>) -> Option<&'l str> {
        line.text.split([' ', '\n']).next()
    }
    let word = run.first().and_then(|line| first(line));
    if run.iter().all(|line| first(line) == word) { run.len() / 4 } else { 0 }
}

/// Aligns the heads of a run, then the fields of neighbours with the same field names.
fn columns(run: &mut [&mut Line<'_>], indent: usize) {
    let stops: Vec<Vec<(usize, usize)>> = run.iter().map(|line| line.stops.head.clone()).collect();
    apply(run, &stops, indent);
    runs(
        run,
        |a, b| a.stops.key == b.stops.key,
        |same| {
            let stops: Vec<Vec<(usize, usize)>> =
                same.iter().map(|line| line.stops.fields.iter().map(|&at| (at, 0)).collect()).collect();
            apply(same, &stops, indent);
        },
    );
}

/// Puts blanks before the stops so that equal ones stand in one column.
fn apply(run: &mut [&mut Line<'_>], stops: &[Vec<(usize, usize)>], indent: usize) {
    let widths = widths(run, stops);
    let Some(out) = left_out(run, &widths, indent) else { return };
    let widest = widest(&widths, &out);
    for (at, (line, stops)) in run.iter_mut().zip(stops).enumerate() {
        if !out.contains(&at) {
            insert(line, stops, &pads(&widths[at], &widest));
        }
    }
}

/// The lines of a run that columns must leave out so that each of the others fits as it does alone: those that would be too wide, or
/// those that make them so, whichever are fewer. `None` if these are more than a few.
fn left_out(run: &[&mut Line<'_>], widths: &[Vec<usize>], indent: usize) -> Option<BTreeSet<usize>> {
    let few = few(run);
    let too_wide = |out: &BTreeSet<usize>| -> BTreeSet<usize> {
        let widest = widest(widths, out);
        let over = |&at: &usize| {
            let width = indent + run[at].width;
            let padded = width + pads(&widths[at], &widest).iter().sum::<usize>();
            !out.contains(&at) && padded > WIDTH && width <= WIDTH
        };
        (0..run.len()).filter(over).collect()
    };
    let pushed = too_wide(&BTreeSet::new());
    let mut pushing = BTreeSet::new();
    while pushing.len() < pushed.len().min(few + 1) && !too_wide(&pushing).is_empty() {
        pushing.insert(most_pushing(widths, &pushing)?);
    }
    let fewest = if too_wide(&pushing).is_empty() { pushing } else { pushed };
    (fewest.len() <= few).then_some(fewest)
}

/// The line without which a column would shrink the most.
fn most_pushing(widths: &[Vec<usize>], out: &BTreeSet<usize>) -> Option<usize> {
    let count = widths.iter().map(Vec::len).max().unwrap_or(0);
    let gain = |column: usize| {
        let mut cells: Vec<(usize, usize)> = (widths.iter().enumerate())
            .filter(|(at, _)| !out.contains(at))
            .filter_map(|(at, widths)| Some((*widths.get(column)?, at)))
            .collect();
        cells.sort_unstable();
        let (most, at) = cells.pop()?;
        Some((most - cells.last().map_or(0, |next| next.0), at))
    };
    (0..count).filter_map(gain).max().map(|(_, at)| at)
}

/// How wide the cells before the stops of each line are.
fn widths(run: &[&mut Line<'_>], stops: &[Vec<(usize, usize)>]) -> Vec<Vec<usize>> {
    run.iter()
        .zip(stops)
        .map(|(line, stops)| {
            let starts = std::iter::once(0).chain(stops.iter().map(|stop| stop.0));
            starts.zip(stops).map(|(start, &(at, lead))| width(&line.text[start..at]) + lead).collect()
        })
        .collect()
}

/// The widest cell of each column.
fn widest(widths: &[Vec<usize>], out: &BTreeSet<usize>) -> Vec<usize> {
    let mut widest = Vec::new();
    for (_, widths) in widths.iter().enumerate().filter(|(at, _)| !out.contains(at)) {
        widest.resize(widest.len().max(widths.len()), 0);
        widest.iter_mut().zip(widths).for_each(|(most, own)| *most = (*most).max(*own));
    }
    widest
}

/// The blanks before each stop of a line.
fn pads(widths: &[usize], widest: &[usize]) -> Vec<usize> {
    widths.iter().zip(widest).map(|(own, most)| most.saturating_sub(*own)).collect()
}

fn insert(line: &mut Line<'_>, stops: &[(usize, usize)], pads: &[usize]) {
    let total: usize = pads.iter().sum();
    if total == 0 {
        return;
    }
    let mut text = String::with_capacity(line.text.len() + total);
    let mut from = 0;
    for (&(at, _), &blanks) in stops.iter().zip(pads) {
        text.push_str(&line.text[from..at]);
        pad(&mut text, blanks);
        from = at;
    }
    text.push_str(&line.text[from..]);
    // Fields stand behind the head: they move with it.
    line.stops.fields.iter_mut().for_each(|field| *field += total);
    line.text = text;
    line.width += total;
}

/// The blanks before each comment at the end of a line: two, or more where comments of neighbours line up.
fn comment_columns(lines: &[Line<'_>], indent: usize) -> Vec<usize> {
    let mut out = vec![2; lines.len()];
    let lines_up = |line: &Line<'_>| line.comment.is_some() && !line.text.contains('\n');
    let mut start = 0;
    while start < lines.len() {
        let mut end = start + 1;
        while end < lines.len() && lines_up(&lines[start]) && lines_up(&lines[end]) && !lines[end].blank {
            end += 1;
        }
        let widest = lines[start..end].iter().map(|line| line.width).max().unwrap_or(0);
        if end - start > 1 && indent + widest <= WIDTH {
            for (blanks, line) in out[start..end].iter_mut().zip(&lines[start..end]) {
                *blanks += widest - line.width;
            }
        }
        start = end;
    }
    out
}

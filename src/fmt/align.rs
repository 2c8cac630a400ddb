//! Rows on lines, and neighbouring lines in columns.
//!
//! A run is a sequence of lines without a blank line, a comment or a broken element between them. Columns are given up where
//! they would push a line over the width that fits without them.

use super::WIDTH;
use super::print::Stops;
use super::rows::{BodyRow, Shape};

struct Line<'a> {
    text: String,
    comment: Option<&'a str>,
    blank: bool,
    /// None for what is broken, shared or a comment.
    shape: Option<Shape>,
    stops: Stops,
    width: usize,
}

/// The text of a body: every line with its indentation and its line end.
pub(super) fn lines(rows: Vec<BodyRow<'_>>, indent: usize) -> String {
    let mut lines = join(rows, indent);
    if let Some(first) = lines.first_mut() {
        first.blank = false;
    }
    runs(&mut lines, |a, b| a.shape.is_some() && a.shape == b.shape, |run| columns(run, indent));
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
            shape: if broken { None } else { row.shape },
            stops: row.stops,
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Calls `each` for every longest run of neighbours that belong together.
fn runs<'a>(
    lines: &mut [Line<'a>],
    together: impl Fn(&Line<'a>, &Line<'a>) -> bool,
    mut each: impl FnMut(&mut [Line<'a>]),
) {
    let mut start = 0;
    while start < lines.len() {
        let mut end = start + 1;
        while end < lines.len() && !lines[end].blank && together(&lines[end - 1], &lines[end]) {
            end += 1;
        }
        if end - start > 1 {
            each(&mut lines[start..end]);
        }
        start = end;
    }
}

/// Aligns the heads of a run, then the fields of neighbours with the same field names.
fn columns(run: &mut [Line<'_>], indent: usize) {
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
fn apply(run: &mut [Line<'_>], stops: &[Vec<(usize, usize)>], indent: usize) {
    let pads = pads(run, stops);
    let too_wide = |(line, pads): (&Line<'_>, &Vec<usize>)| {
        let padded = indent + line.width + pads.iter().sum::<usize>();
        padded > WIDTH && indent + line.width <= WIDTH
    };
    if run.iter().zip(&pads).any(too_wide) {
        return;
    }
    for ((line, stops), pads) in run.iter_mut().zip(stops).zip(&pads) {
        insert(line, stops, pads);
    }
}

fn pads(run: &[Line<'_>], stops: &[Vec<(usize, usize)>]) -> Vec<Vec<usize>> {
    let widths: Vec<Vec<usize>> = run
        .iter()
        .zip(stops)
        .map(|(line, stops)| {
            let starts = std::iter::once(0).chain(stops.iter().map(|stop| stop.0));
            starts.zip(stops).map(|(start, &(at, lead))| width(&line.text[start..at]) + lead).collect()
        })
        .collect();
    let count = widths.iter().map(Vec::len).max().unwrap_or(0);
    let widest: Vec<usize> = (0..count)
        .map(|k| widths.iter().filter_map(|widths| widths.get(k)).max().copied().unwrap_or(0))
        .collect();
    let missing = |widths: &Vec<usize>| widths.iter().zip(&widest).map(|(own, most)| most - own).collect();
    widths.iter().map(missing).collect()
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

//! Findings for people. The only module that knows the crate which draws them.

use std::ops::Range;

use codespan_reporting::diagnostic as draw;
use codespan_reporting::files::{Error, Files, Location};
use codespan_reporting::term::{self, termcolor};

use super::excerpt::{Excerpt, FileExcerpt, START_CONTEXT, Secrets, excerpt};
use super::{Color, clean, clusters};
use crate::diagnostics::{Diagnostic, Severity};
use crate::source::SourceMap;

/// How far `help: ` sets off the lines that follow.
const HELP: &str = "help: ";

/// Writes a finding with its excerpts, notes and help, and an empty line.
pub(super) fn render(
    diagnostic: &Diagnostic,
    sources: &SourceMap,
    secrets: &Secrets,
    color: Color,
    out: &mut String,
) {
    let excerpt = excerpt(diagnostic, sources, secrets);
    let drawing = drawing(diagnostic, &excerpt);
    let views = Views(&excerpt.views);
    let config =
        term::Config { start_context_lines: START_CONTEXT, end_context_lines: 0, ..term::Config::default() };
    let styles = term::Styles::default();
    let mut bytes = Vec::new();
    let drawn = match color {
        Color::Never => term::emit_to_io_write(&mut bytes, &config, &views, &drawing),
        Color::Always => {
            let mut writer = term::StylesWriter::new(termcolor::Ansi::new(&mut bytes), &styles);
            term::emit_to_write_style(&mut writer, &config, &views, &drawing)
        }
    };
    match drawn {
        Ok(()) => {
            for line in String::from_utf8_lossy(&bytes).lines() {
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
        // An excerpt that contradicts itself would be a mistake of ours; the finding is still said.
        Err(_) => super::short::render(diagnostic, sources, out),
    }
}

fn drawing(diagnostic: &Diagnostic, excerpt: &Excerpt) -> draw::Diagnostic<usize> {
    let labels = excerpt.marks.iter().enumerate().map(|(n, mark)| {
        let style = if n == 0 { draw::LabelStyle::Primary } else { draw::LabelStyle::Secondary };
        draw::Label::new(style, mark.view, mark.range.clone()).with_message(mark.text.as_str())
    });
    let severity = match diagnostic.severity {
        Severity::Error => draw::Severity::Error,
        Severity::Warning => draw::Severity::Warning,
    };
    draw::Diagnostic::new(severity)
        .with_code(clean::inline(diagnostic.code.name(), clean::MAX_INLINE))
        .with_message(clean::inline(&diagnostic.message, clean::MAX_INLINE))
        .with_labels(labels.collect())
        .with_notes(notes(diagnostic, excerpt))
}

/// Facts first, then where it holds, then what to do.
fn notes(diagnostic: &Diagnostic, excerpt: &Excerpt) -> Vec<String> {
    let mut notes: Vec<String> = diagnostic.notes.iter().map(|note| clean::block(note, 0)).collect();
    if excerpt.omitted > 0 {
        notes.push(format!("{} not shown", crate::text::count(excerpt.omitted, "more place")));
    }
    notes.extend(clusters(diagnostic).map(|note| clean::block(&note, 0)));
    notes.extend(diagnostic.help.iter().map(|help| format!("{HELP}{}", clean::block(help, HELP.len()))));
    notes
}

/// The views of an excerpt, as the drawing crate wants files: known by index, their lines numbered as in the real file.
struct Views<'a>(&'a [FileExcerpt]);

impl Views<'_> {
    fn view(&self, id: usize) -> Result<&FileExcerpt, Error> {
        self.0.get(id).ok_or(Error::FileMissing)
    }
}

impl<'a> Files<'a> for Views<'_> {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.view(id)?.name)
    }
    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.view(id)?.text)
    }
    fn line_index(&'a self, id: usize, byte_index: usize) -> Result<usize, Error> {
        let lines = &self.view(id)?.lines;
        Ok(lines.partition_point(|line| line.range.start <= byte_index).saturating_sub(1))
    }
    fn line_number(&'a self, id: usize, line_index: usize) -> Result<usize, Error> {
        let lines = &self.view(id)?.lines;
        let max = lines.len().saturating_sub(1);
        lines.get(line_index).map(|line| line.number).ok_or(Error::LineTooLarge { given: line_index, max })
    }
    fn line_range(&'a self, id: usize, line_index: usize) -> Result<Range<usize>, Error> {
        let lines = &self.view(id)?.lines;
        let max = lines.len().saturating_sub(1);
        lines
            .get(line_index)
            .map(|line| line.range.clone())
            .ok_or(Error::LineTooLarge { given: line_index, max })
    }
    fn location(&'a self, id: usize, byte_index: usize) -> Result<Location, Error> {
        let known = self.view(id)?.positions.iter().find(|(at, _)| *at == byte_index);
        match known {
            Some((_, at)) => Ok(Location { line_number: at.line, column_number: at.column }),
            None => Err(Error::InvalidCharBoundary { given: byte_index }),
        }
    }
}

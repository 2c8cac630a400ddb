//! What has to go so that an item is gone: its line, or the comma that parts it from the next.

use super::{SourceMap, Span};

impl SourceMap {
    /// The item around one of its words: from the first mark or name of its head, on the same line, to the end of the span.
    pub fn item_around(&self, at: Span) -> Span {
        let before = &self.file(at.file).text()[..at.start as usize];
        let head = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '"' | ' ' | '\t')
        };
        let kept = before.trim_end_matches(head).len();
        let start = kept + before[kept..].len() - before[kept..].trim_start().len();
        Span { start: start as u32, ..at }
    }

    /// The text that an edit takes out to remove an item, or an element of a list: with its line if nothing else stands there,
    /// else with one comma.
    pub fn removal(&self, item: Span) -> Span {
        let text = self.file(item.file).text();
        let (before, after) = (&text[..item.start as usize], &text[item.end as usize..]);
        let blank: &[char] = &[' ', '\t'];
        let line = before.trim_end_matches(blank);
        let first = line.is_empty() || line.ends_with('\n');
        let rest = after.trim_start_matches(blank);
        let comma = rest.strip_prefix(',').map(|rest| rest.trim_start_matches(blank));
        let end = |rest: &str| (text.len() - rest.len()) as u32;
        if first {
            let rest = comma.unwrap_or(rest);
            let next = rest.strip_prefix("\r\n").or(rest.strip_prefix('\n'));
            if let Some(next) = next.or(rest.is_empty().then_some(rest)) {
                return Span { start: line.len() as u32, end: end(next), ..item };
            }
            return Span { end: end(rest), ..item };
        }
        match (comma, line.strip_suffix(',')) {
            (Some(rest), _) if !rest.starts_with(['\n', '\r']) => Span { end: end(rest), ..item },
            (_, Some(line)) => Span { start: line.len() as u32, ..item },
            _ => Span { end: end(rest), ..item },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Provenance;

    fn without(text: &str, item: &str) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("a.talos", text.to_string(), Provenance::Project);
        let start = text.find(item).expect("the item stands in the text") as u32;
        let cut = sources.removal(Span { file, start, end: start + item.len() as u32 });
        format!("{}{}", &text[..cut.start as usize], &text[cut.end as usize..])
    }

    #[test]
    fn an_item_goes_with_its_line_or_with_its_comma() {
        assert_eq!(without("a {\n  x = 1\n  y = 2\n}", "x = 1"), "a {\n  y = 2\n}");
        assert_eq!(without("a {\n  x = 1,\n  y = 2\n}", "x = 1"), "a {\n  y = 2\n}");
        assert_eq!(without("a {\n  x = 1 # why\n}", "x = 1"), "a {\n  # why\n}");
        assert_eq!(without("a { x = 1, y = 2 }", "x = 1"), "a { y = 2 }");
        assert_eq!(without("a { x = 1, y = 2 }", "y = 2"), "a { x = 1 }");
        assert_eq!(without("a { x = 1 }", "x = 1"), "a { }");
        assert_eq!(without("x = 1", "x = 1"), "");
        assert_eq!(without("a = [b, c, d]", "c"), "a = [b, d]");
    }

    #[test]
    fn an_item_starts_with_its_marks() {
        let text = "a { x = 1, unset kernel.args }";
        let mut sources = SourceMap::default();
        let file = sources.add("a.talos", text, Provenance::Project);
        let start = text.find("args").expect("it stands there") as u32;
        let item = sources.item_around(Span { file, start, end: start + 4 });
        assert_eq!(sources.text(item), "unset kernel.args");
    }
}

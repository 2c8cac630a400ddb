//! Doc comments: the `##` lines directly above an item.

/// The doc comment of the item that starts at `start`: the lines of `##` right above it, without their marks, in order.
pub fn above(text: &str, start: usize) -> Vec<&str> {
    let before = text.get(..start).unwrap_or_default();
    let Some(line) = before.rfind('\n') else { return Vec::new() };
    // Something else on the line of the item: the lines above belong to that.
    if !before[line..].trim().is_empty() {
        return Vec::new();
    }
    let mut lines: Vec<&str> = before[..line].split('\n').rev().map_while(doc_line).collect();
    lines.reverse();
    lines
}

/// The text of a line that is a doc comment and nothing else.
fn doc_line(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix("##")?;
    Some(text.strip_prefix(' ').unwrap_or(text).trim_end())
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn lines_right_above_an_item() {
        let text = "# a\n## one\n##\n## two \n  role a { x = 1 }\n\n## far\n\nrole b\n## c\nrole c, role d\n";
        let at = |word: &str| above(text, text.find(word).unwrap_or(0));
        assert_eq!(at("role a"), ["one", "", "two"]);
        assert_eq!(at("x ="), [""; 0]);
        assert_eq!(at("role b"), [""; 0]);
        assert_eq!(at("role c"), ["c"]);
        assert_eq!(at("role d"), [""; 0]);
        assert_eq!(above("role a", 0), [""; 0]);
        assert_eq!(above(text, text.len() + 5), [""; 0]);
        // `a` after `#` alone is no doc comment.
        assert_eq!(above("# no\nrole a", 5), [""; 0]);
    }
}

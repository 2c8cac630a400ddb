//! Strings of several lines: the indentation moves, the value stays.

/// Writes a string token so that its closing quotes stand at `indent`.
///
/// The language strips the indentation of the closing quotes from every line, so each line is written as that indentation
/// and what is left of it. Where the quotes share a line with text, indentation is part of the value and nothing moves.
pub(super) fn reindent(token: &str, indent: usize) -> String {
    let lines: Vec<&str> = token.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if lines.iter().any(|line| line.ends_with('\r')) {
        return token.to_string();
    }
    let [first, middle @ .., last] = lines.as_slice() else { return token.to_string() };
    let quotes = &first[..3];
    let old = last.strip_suffix(quotes).unwrap_or(last);
    if !first[3..].trim().is_empty() || !is_blank(old) {
        return lines.join("\n");
    }
    let new = " ".repeat(indent);
    let mut out = String::from(quotes);
    for line in middle {
        let common = line.bytes().zip(old.bytes()).take_while(|(a, b)| a == b).count();
        out.push('\n');
        if common < line.len() {
            out.push_str(&new);
            out.push_str(&line[common..]);
        }
    }
    out.push('\n');
    out.push_str(&new);
    out.push_str(quotes);
    out
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::reindent;

    #[test]
    fn lines_move_with_the_closing_quotes() {
        let token = "'''\r\n      a\n        b\n\n   c\n      '''";
        assert_eq!(reindent(token, 2), "'''\n  a\n    b\n\n  c\n  '''");
        assert_eq!(reindent("'''a\n    b\n    '''", 2), "'''a\n    b\n    '''");
    }
}

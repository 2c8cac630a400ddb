//! Patterns of text: a row of characters and classes, each once or repeated. It is what the JSON schemas of providers use; a pattern
//! that says more is refused where it is declared.

/// A pattern that a whole text must have.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As written.
    pub text: String,
    steps: Vec<Step>,
}

/// Some characters, one or several of them.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    /// From and to, both included.
    ranges: Vec<(char, char)>,
    /// None may be enough.
    optional: bool,
    /// More may follow.
    repeated: bool,
}

impl Pattern {
    /// `^[a-z][a-z0-9-]*$`: classes, characters, `*`, `+` and `?` between `^` and `$`.
    pub fn parse(text: &str) -> Option<Pattern> {
        let mut rest = text.strip_prefix('^')?.strip_suffix('$')?.chars().peekable();
        let mut steps: Vec<Step> = Vec::new();
        while let Some(c) = rest.next() {
            let ranges = match c {
                '[' => class(&mut rest)?,
                '\\' => rest.next().filter(|c| c.is_ascii_punctuation()).map(|c| vec![(c, c)])?,
                '.' | '(' | ')' | '|' | '{' | '}' | '^' | '$' | '*' | '+' | '?' | ']' => return None,
                c => vec![(c, c)],
            };
            let (optional, repeated) = match rest.peek() {
                Some('*') => (true, true),
                Some('+') => (false, true),
                Some('?') => (true, false),
                _ => (false, false),
            };
            if optional || repeated {
                rest.next();
            }
            steps.push(Step { ranges, optional, repeated });
        }
        Some(Pattern { text: text.to_owned(), steps })
    }

    /// Whether a whole text has the pattern. All ways through it are followed at once, so that it takes one pass.
    pub fn fits(&self, text: &str) -> bool {
        let mut at = vec![false; self.steps.len() + 1];
        at[0] = true;
        self.skip(&mut at);
        for c in text.chars() {
            let mut next = vec![false; at.len()];
            for (i, step) in self.steps.iter().enumerate().filter(|(i, _)| at[*i]) {
                if step.ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) {
                    next[i + 1] = true;
                    next[i] |= step.repeated;
                }
            }
            // A repeated step that has been met once may end.
            self.skip(&mut next);
            at = next;
        }
        at[self.steps.len()]
    }

    /// Goes past steps that need nothing.
    fn skip(&self, at: &mut [bool]) {
        for (i, step) in self.steps.iter().enumerate() {
            at[i + 1] |= at[i] && step.optional;
        }
    }
}

/// What follows `[`, to its `]`.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Vec<(char, char)>> {
    let mut ranges = Vec::new();
    loop {
        let from = match rest.next()? {
            ']' if !ranges.is_empty() => return Some(ranges),
            ']' | '[' | '^' => return None,
            '\\' => rest.next().filter(|c| c.is_ascii_punctuation())?,
            c => c,
        };
        let mut ahead = rest.clone();
        let range = ahead.next() == Some('-') && ahead.next().is_some_and(|to| to != ']');
        let to = if range {
            rest.next();
            rest.next().filter(|to| *to >= from && *to != '\\')?
        } else {
            from
        };
        ranges.push((from, to));
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn texts_that_fit() {
        for (pattern, fits, not) in [
            ("^[a-zA-Z0-9][a-zA-Z0-9._-]*$", &["a", "tank.a-b_c", "0"][..], &["", "-a", "a b", "ä"][..]),
            ("^[a-z]+[0-9]?$", &["a", "abc1"], &["1", "a12", ""]),
            ("^a[b/-]*c$", &["ac", "ab-/c", "abbc"], &["a", "abcd"]),
            ("^[a-z0-9]*[a-z]$", &["a", "9a", "ab9z"], &["9", ""]),
            ("^x\\.y$", &["x.y"], &["xzy"]),
        ] {
            let read = Pattern::parse(pattern).unwrap_or_else(|| panic!("{pattern}"));
            fits.iter().for_each(|text| assert!(read.fits(text), "{pattern} {text}"));
            not.iter().for_each(|text| assert!(!read.fits(text), "{pattern} {text}"));
        }
    }

    #[test]
    fn more_than_classes_is_refused() {
        for text in [
            "a", "^a", "a$", "^(a|b)$", "^a{2}$", "^.*$", "^[^a]$", "^[a$", "^*$", "^[]$", "^\\d$", "^[z-a]$",
        ] {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}

//! Names of files that not every system takes, or that belong to somebody else: found before anything is written.

use std::fmt;

/// What is wrong with a name in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It names no file: an empty one, `.` or `..`.
    NoName,
    /// Git keeps its own files there.
    OfGit,
    /// Windows takes it for a device.
    Device,
    /// Windows drops its last character.
    End,
    /// It has a character that Windows has another use for, or that cannot be seen.
    Character(char),
    /// No file system takes as many bytes.
    TooLong(usize),
}

/// The most bytes of a name on the file systems that are in use.
const LONGEST: usize = 255;

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::NoName => write!(f, "is no name of a file"),
            Wrong::OfGit => write!(f, "is where git keeps its own files"),
            Wrong::Device => write!(f, "is the name of a device on Windows"),
            Wrong::End => write!(f, "ends with a dot or a blank, which Windows drops"),
            Wrong::Character(c) if c.is_control() || crate::text::is_hidden(*c) => {
                write!(f, "has a character that cannot be seen")
            }
            Wrong::Character(c) => write!(f, "has a `{c}`, which names of files on Windows cannot have"),
            Wrong::TooLong(bytes) => {
                write!(f, "has {bytes} bytes, and file systems take {LONGEST} at most")
            }
        }
    }
}

/// What is wrong with the first name of a path, given with `/`, that is wrong; with that name.
pub fn wrong_in(path: &str) -> Option<(&str, Wrong)> {
    path.split('/').find_map(|name| Some((name, wrong(name)?)))
}

/// What is wrong with one name.
pub fn wrong(name: &str) -> Option<Wrong> {
    let odd = |c: char| {
        matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\')
            || c.is_control()
            || crate::text::is_hidden(c)
    };
    if matches!(name, "" | "." | "..") {
        Some(Wrong::NoName)
    } else if is_of_git(name) {
        Some(Wrong::OfGit)
    } else if let Some(c) = name.chars().find(|&c| odd(c)) {
        Some(Wrong::Character(c))
    } else if name.ends_with(['.', ' ']) {
        Some(Wrong::End)
    } else if is_device(name) {
        Some(Wrong::Device)
    } else if name.len() > LONGEST {
        Some(Wrong::TooLong(name.len()))
    } else {
        None
    }
}

/// Whether some system takes a name for that of the directory of git, as git itself judges it: without regard to case, to what
/// Windows drops at its end or puts behind a colon, to the short name of Windows, and to what macOS does not see.
pub fn is_of_git(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|&c| !crate::text::is_hidden(c) && !matches!(c, '\u{200c}' | '\u{200d}'))
        .collect();
    let name = name.split([':', '\\']).next().unwrap_or_default().trim_end_matches(['.', ' ']);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

/// Whether Windows takes a name for that of a device, whatever comes behind a dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_ascii_uppercase();
    let numbered = |word: &str| {
        let number = stem.strip_prefix(word).map(|rest| rest.chars().collect::<Vec<char>>());
        matches!(number.as_deref(), Some(['1'..='9' | '¹' | '²' | '³']))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_system_refuses() {
        let long = "a".repeat(256);
        for (name, expected) in [
            ("", Wrong::NoName),
            (".", Wrong::NoName),
            ("..", Wrong::NoName),
            (".git", Wrong::OfGit),
            (".GIT", Wrong::OfGit),
            (".gIt. .", Wrong::OfGit),
            (".git::$INDEX_ALLOCATION", Wrong::OfGit),
            (".g\u{200c}it", Wrong::OfGit),
            (".gi\u{feff}t", Wrong::OfGit),
            ("GIT~1", Wrong::OfGit),
            ("con", Wrong::Device),
            ("CON.yaml", Wrong::Device),
            ("Nul .tar.gz", Wrong::Device),
            ("prn", Wrong::Device),
            ("aux.", Wrong::End),
            ("com1.yaml", Wrong::Device),
            ("LPT9", Wrong::Device),
            ("com¹.x", Wrong::Device),
            ("CONIN$", Wrong::Device),
            ("a ", Wrong::End),
            ("a.", Wrong::End),
            ("a:b", Wrong::Character(':')),
            ("a\\b", Wrong::Character('\\')),
            ("a?", Wrong::Character('?')),
            ("a\u{1b}b", Wrong::Character('\u{1b}')),
            ("a\u{202e}b", Wrong::Character('\u{202e}')),
            (&long, Wrong::TooLong(256)),
        ] {
            assert_eq!(wrong(name), Some(expected), "{name:?}");
            assert_eq!(wrong_in(&format!("ok/{name}/ok")).map(|found| found.1), Some(expected), "{name:?}");
        }
        for name in [
            "a",
            "console",
            "com",
            "com0",
            "com10",
            "comx",
            "lpt",
            "nully.yaml",
            ".github",
            ".gitignore",
            "git",
        ] {
            assert_eq!(wrong(name), None, "{name}");
        }
        for name in [" a", "a b", "ü", ".hidden", "a..b", "gpu%2Fworker.yaml", &"a".repeat(255)] {
            assert_eq!(wrong(name), None, "{name}");
        }
    }
}

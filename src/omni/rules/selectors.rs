//! Label selectors of classes.
//!
//! Mirrors `client/pkg/cosi/labels` of Omni: an entry of the list is a number of terms between commas, all of which must hold.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::text::Text;

/// The key by which Omni itself keeps a machine out of lists.
const FORBIDDEN: &str = "omni.sidero.dev/no-manual-allocation";

/// What is wrong with an entry, or pointless.
pub(super) fn check(text: &str, at: Span) -> Option<Diagnostic> {
    let terms = match parse(text) {
        Ok(terms) => terms,
        Err(why) => {
            let finding = Diagnostic::new(Code::BadSelector, format!("the selector `{text}` cannot be read"))
                .label(at, why)
                .help("a term is `key`, `!key`, `key = value`, `key != value`, `key in (a, b)`, `key notin (a, b)` or `key > 4`; \
                       commas mean \"and\"");
            return Some(finding);
        }
    };
    if terms.iter().any(|term| term.key == FORBIDDEN) {
        let finding = Diagnostic::new(Code::BadSelector, format!("a class may not select by `{FORBIDDEN}`"))
            .label(at, "Omni refuses it")
            .help("remove the term");
        return Some(finding);
    }
    let why = pointless(&terms)?;
    let finding = Diagnostic::new(Code::PointlessSelector, format!("the selector `{text}` {why}"))
        .label(at, "accepted, but pointless")
        .help("say the label and the value that are meant, or remove the entry");
    Some(finding)
}

fn pointless(terms: &[Term]) -> Option<String> {
    if terms.is_empty() {
        return Some("says nothing: it matches every machine".into());
    }
    for (i, term) in terms.iter().enumerate() {
        match &term.test {
            Test::Is(value) if value.is_empty() => {
                return Some(format!("never matches: `{}` has no value", term.key));
            }
            Test::In(values) if values.is_empty() => {
                return Some(format!("never matches: `{}` in nothing", term.key));
            }
            Test::Compared(value) if !is_number(value) => {
                return Some(format!("never matches: `{value}` is not a number"));
            }
            Test::Is(value) => {
                let other = terms[..i].iter().find(|other| {
                    other.key == term.key && matches!(&other.test, Test::Is(first) if first != value)
                });
                if other.is_some() {
                    return Some(format!("never matches: `{}` cannot have two values", term.key));
                }
            }
            Test::In(_) | Test::Compared(_) | Test::Other => {}
        }
    }
    None
}

/// A number, perhaps with a unit behind it.
fn is_number(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
}

struct Term {
    key: Text,
    test: Test,
}

enum Test {
    Is(Text),
    In(Vec<Text>),
    Compared(Text),
    Other,
}

#[derive(Debug, PartialEq, Clone)]
enum Token {
    Word(Text),
    Quoted(Text),
    Sign(&'static str),
}

const SIGNS: &[&str] = &["==", "!=", "<=", ">=", "=", "<", ">", "!", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return Ok(out) };
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if first == '"' || first == '\'' {
            let (value, length) = quoted(rest, first).ok_or("a quote that is not closed")?;
            out.push(Token::Quoted(value));
            rest = &rest[length..];
        } else {
            let stop = |c: char| c.is_whitespace() || "=!<>(),\"'".contains(c);
            let end = rest.find(stop).unwrap_or(rest.len());
            out.push(Token::Word(Text::new(&rest[..end])));
            rest = &rest[end..];
        }
    }
}

fn quoted(text: &str, quote: char) -> Option<(Text, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => out.push(chars.next()?.1),
            c if c == quote => return Some((out.into(), at + c.len_utf8())),
            c => out.push(c),
        }
    }
    None
}

fn parse(text: &str) -> Result<Vec<Term>, String> {
    let tokens = tokens(text)?;
    let mut at = 0;
    let mut out = Vec::new();
    if tokens.is_empty() {
        return Ok(out);
    }
    loop {
        out.push(term(&tokens, &mut at)?);
        match tokens.get(at) {
            None => return Ok(out),
            Some(Token::Sign(",")) => at += 1,
            Some(other) => {
                return Err(format!("unexpected {} after `{}`", shown(other), out[out.len() - 1].key));
            }
        }
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Quoted(text) => format!("`{text}`"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}

fn term(tokens: &[Token], at: &mut usize) -> Result<Term, String> {
    let negated = tokens.get(*at) == Some(&Token::Sign("!"));
    *at += usize::from(negated);
    let key = match tokens.get(*at) {
        Some(Token::Word(key)) => key.clone(),
        Some(other) => return Err(format!("{} is not a key", shown(other))),
        None => return Err("a term is missing at the end".into()),
    };
    *at += 1;
    if negated {
        return Ok(Term { key, test: Test::Other });
    }
    let test = match tokens.get(*at).cloned() {
        Some(Token::Sign(sign @ ("=" | "==" | "!=" | "<" | ">" | "<=" | ">="))) => {
            *at += 1;
            let value = value(tokens, at);
            match sign {
                "=" | "==" => Test::Is(value),
                "!=" => Test::Other,
                _ if value.is_empty() => return Err(format!("nothing to compare `{key}` with")),
                _ => Test::Compared(value),
            }
        }
        Some(Token::Word(word)) if word == "in" || word == "notin" => {
            *at += 1;
            let values = values(tokens, at, &word)?;
            if word == "in" { Test::In(values) } else { Test::Other }
        }
        _ => Test::Other,
    };
    Ok(Term { key, test })
}

fn value(tokens: &[Token], at: &mut usize) -> Text {
    match tokens.get(*at) {
        Some(Token::Word(text) | Token::Quoted(text)) => {
            *at += 1;
            text.clone()
        }
        _ => Text::default(),
    }
}

fn values(tokens: &[Token], at: &mut usize, word: &str) -> Result<Vec<Text>, String> {
    if tokens.get(*at) != Some(&Token::Sign("(")) {
        return Err(format!("`{word}` needs values in parentheses"));
    }
    *at += 1;
    let mut out = Vec::new();
    loop {
        match tokens.get(*at) {
            Some(Token::Sign(")")) => {
                *at += 1;
                return Ok(out);
            }
            Some(Token::Word(text) | Token::Quoted(text)) => out.push(text.clone()),
            Some(Token::Sign(",")) => {}
            Some(other) => return Err(format!("{} inside of parentheses", shown(other))),
            None => return Err("a parenthesis that is not closed".into()),
        }
        *at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn ask(text: &str) -> Option<Code> {
        check(text, Span { file: FileId(0), start: 0, end: 0 }).map(|finding| finding.code)
    }

    #[test]
    fn what_omni_takes_and_refuses() {
        for fine in [
            "omni.sidero.dev/arch = amd64, omni.sidero.dev/cores > 2",
            "a",
            "!a",
            "a == b",
            "a != b",
            "a in (b, c)",
            "a notin (b,c)",
            "zone = \"x y\"",
            "omni.sidero.dev/mem >= 16GiB",
        ] {
            assert_eq!(ask(fine), None, "{fine}");
        }
        for bad in
            ["a in b", "a b", "a,", "a=b=c", "(a)", "a > ", "a = \"x", "omni.sidero.dev/no-manual-allocation"]
        {
            assert_eq!(ask(bad), Some(Code::BadSelector), "{bad}");
        }
        for pointless in ["a =", "a in ()", "", "a = b, a = c", "a > many"] {
            assert_eq!(ask(pointless), Some(Code::PointlessSelector), "{pointless}");
        }
    }
}

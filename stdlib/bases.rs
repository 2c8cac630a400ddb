//! Makes static values of what Talos generates for a new machine: `stdlib/data/base/`, a file for each minor and role.
//!
//! The judges write these files, and only in the little of YAML that is read here: block maps and lists, plain scalars, `""`, `[]`
//! and `{}`. Whatever else stands in one ends the build. A test reads them with the reader of the compiler and compares.

use std::fmt::Write as _;
use std::path::Path;

use super::read;

/// `GENERATED`: minor, whether it is for control planes, documents.
pub(crate) fn bases(dir: &Path, minors: std::ops::RangeInclusive<u16>) -> Result<String, String> {
    let mut out = String::from(
        "/// What Talos generates: minor of Talos 1, for control planes, documents.\n\
         static GENERATED: &[(u16, bool, &[Fixed])] = &[\n",
    );
    for minor in minors {
        for (role, control) in [("controlplane", true), ("worker", false)] {
            let name = format!("v1.{minor}-{role}.yaml");
            let text = read(&dir.join(&name))?;
            let documents = documents(&text).map_err(|why| format!("stdlib/data/base/{name}: {why}"))?;
            let _ = writeln!(out, "    ({minor}, {control}, &[{documents}]),");
        }
    }
    out.push_str("];\n");
    Ok(out)
}

fn documents(text: &str) -> Result<String, String> {
    let mut out = String::new();
    for document in text.split("---\n") {
        let mut lines: Vec<(usize, String)> = Vec::new();
        for line in document.lines() {
            let content = line.trim_start_matches(' ');
            lines.push((line.len() - content.len(), content.to_owned()));
        }
        let mut at = 0;
        let _ = write!(out, "{}, ", block(&mut lines, &mut at, 0)?);
        if at < lines.len() {
            return Err(format!("`{}` stands at no level", lines[at].1));
        }
    }
    Ok(out)
}

/// The map or list whose lines stand at an indentation.
fn block(lines: &mut [(usize, String)], at: &mut usize, indent: usize) -> Result<String, String> {
    let is_list = |content: &str| content.starts_with("- ");
    let list = lines.get(*at).is_some_and(|(_, content)| is_list(content));
    let mut out = String::from(if list { "Fixed::List(&[" } else { "Fixed::Map(&[" });
    while let Some((_, content)) =
        lines.get(*at).filter(|(own, content)| *own == indent && is_list(content) == list)
    {
        if list {
            // An element is what stands behind the dash, with the lines below it at the column of that.
            let inner = content[2..].to_owned();
            if inner.contains(": ") || inner.ends_with(':') {
                lines[*at] = (indent + 2, inner);
                let _ = write!(out, "{}, ", block(lines, at, indent + 2)?);
            } else {
                *at += 1;
                let _ = write!(out, "{}, ", scalar(&inner)?);
            }
            continue;
        }
        let (key, value) = content.split_once(':').ok_or_else(|| format!("`{content}` has no key"))?;
        let (key, value) = (plain(key)?.to_owned(), value.trim_start().to_owned());
        *at += 1;
        let value = match (value.as_str(), lines.get(*at)) {
            ("", Some((deeper, _))) if *deeper > indent => block(lines, at, *deeper)?,
            ("", _) => return Err(format!("`{key}:` holds nothing")),
            (value, _) => scalar(value)?,
        };
        let _ = write!(out, "({key:?}, {value}), ");
    }
    out.push_str("])");
    Ok(out)
}

fn scalar(text: &str) -> Result<String, String> {
    Ok(match text {
        "[]" => "Fixed::List(&[])".to_owned(),
        "{}" => "Fixed::Map(&[])".to_owned(),
        "\"\"" => "Fixed::Text(\"\")".to_owned(),
        "true" | "false" => format!("Fixed::Bool({text})"),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => format!("Fixed::Int({digits})"),
        text => format!("Fixed::Text({:?})", plain(text)?),
    })
}

/// A scalar that no reader of YAML takes for anything but its text.
fn plain(text: &str) -> Result<&str, String> {
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"./-_:${}=".contains(&byte);
    let word = !matches!(text, "" | "null" | "yes" | "no" | "on" | "off");
    if word && text.bytes().all(sound) && !text.starts_with(['-', '{', ':']) && !text.ends_with(':') {
        return Ok(text);
    }
    Err(format!("`{text}` is more YAML than is read here"))
}

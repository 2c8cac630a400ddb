//! A value: what it is, and its history.

use super::subject::{self, Subject};
use super::{history, show};
use crate::cli::{Failure, files, reference};
use crate::driver::Compilation;
use crate::flatten::{Slot, Slotted};
use crate::kinds::{self, KindDef};
use crate::schema::{Field, Schema, Type};
use crate::secret::Vault;
use crate::syntax::write;
use crate::text::did_you_mean;

/// What was found.
pub(super) enum Answer {
    /// The explanation, and the secrets that it may not show.
    Text(String, Vault),
    /// What is known without the sources.
    Known(String),
    /// Nothing of this name, perhaps with a suggestion.
    Nothing {
        /// What to try.
        hint: Option<String>,
    },
}

/// Explains `[KIND] NAME[.FIELD…]` in the sources at or below the current directory.
pub(super) fn find(what: &str) -> Result<Answer, Failure> {
    let (kind, path) = match what.split_once(' ') {
        Some((kind, rest)) if kinds::by_name(kind).is_some() => (Some(kind), rest.trim()),
        _ => (None, what),
    };
    let path = segments(path);
    let selection = files::select(&[])?;
    // A name may hold dots, so any beginning of the path may be one.
    let asked = (1..=path.len()).map(|end| path[..end].join(".")).collect();
    let mut compilation = selection.compile_asked(asked);
    let mut subjects = subject::of(&mut compilation, kind, &path);
    // `cluster.backup`: a declaration by its kind too, or else what the field is.
    let of_kind = path.first().filter(|_| kind.is_none()).and_then(|first| kinds::by_name(first));
    if let (true, Some(named)) = (subjects.is_empty(), of_kind) {
        subjects = subject::of(&mut compilation, Some(named.name), &path[1..]);
        if subjects.is_empty() {
            return Ok(of_the_kind(named, &path[1..]));
        }
    }
    let mut texts: Vec<String> = Vec::new();
    for (subject, rest) in &subjects {
        let text = match rest {
            [] => Some(whole(&compilation, subject)),
            _ => subject::field(&subject.fields, rest).map(|slot| value(&compilation, subject, rest, slot)),
        };
        texts.extend(text.filter(|text| !texts.contains(text)));
    }
    if texts.is_empty() {
        texts.extend(subjects.iter().filter_map(|(subject, rest)| not_set(subject, rest)));
        texts.dedup();
    }
    if !texts.is_empty() {
        texts.extend(several(&compilation, kind, &path, &subjects));
        return Ok(Answer::Text(texts.join("\n"), compilation.vault()));
    }
    // What takes most of the path is what was meant.
    let left = |(subject, rest): &&(Subject, &[String])| {
        let known = rest.first().is_some_and(|first| subject.schema.fields.contains_key(first.as_str()));
        (rest.len(), !known)
    };
    let nearest_subject = subjects.iter().min_by_key(left);
    let mut hint = nearest_subject.and_then(|(subject, rest)| misspelt(subject, rest));
    if hint.is_none() {
        hint = path.first().and_then(|first| nearest(&compilation, first));
    }
    if hint.is_none() && compilation.has_errors() {
        hint = Some("the sources have errors, `talosc check` shows them".into());
    }
    Ok(Answer::Nothing { hint })
}

/// Says of a name that declarations of several kinds have how to ask for one of them.
fn several(
    compilation: &Compilation,
    kind: Option<&str>,
    path: &[String],
    subjects: &[(Subject, &[String])],
) -> Option<String> {
    let names = &compilation.flattener.types.names;
    let mut found: Vec<&str> = Vec::new();
    for (subject, rest) in subjects {
        let name = kinds::get(names.decl(subject.decl).kind).name;
        let answers = rest.is_empty() || subject::field(&subject.fields, rest).is_some();
        if answers && !found.contains(&name) {
            found.push(name);
        }
    }
    let (None, [first, _, ..]) = (kind, found.as_slice()) else { return None };
    let path = path.join(".");
    let list = found.join(" and a ");
    Some(format!("several are called so, a {list}: `talosc explain {first} {path}` asks for one\n"))
}

/// A kind, or a field of it, as the reference has it.
fn of_the_kind(kind: &KindDef, path: &[String]) -> Answer {
    if path.is_empty() {
        return Answer::Known(reference::kind(kind));
    }
    if let Some(text) = reference::field(kind, path) {
        return Answer::Known(text);
    }
    let known = kind.schema.fields.keys().map(|name| name.as_str());
    let near = path.first().and_then(|first| did_you_mean(first, known.collect::<Vec<_>>()));
    let hint = near.map_or_else(
        || format!("`talosc doc {}` lists its fields", kind.name),
        |near| format!("did you mean `{}.{near}`?", kind.name),
    );
    Answer::Nothing { hint: Some(hint) }
}

/// The declaration that was perhaps meant.
fn nearest(compilation: &Compilation, name: &str) -> Option<String> {
    let names = &compilation.flattener.types.names;
    let known: Vec<&str> = names.project_decls().into_iter().map(|id| names.decl(id).name.as_str()).collect();
    did_you_mean(name, known).map(|near| format!("did you mean `{near}`?"))
}

/// A path in its parts; a part in quotes may hold dots.
pub(super) fn segments(path: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quote = None;
    for c in path.chars() {
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('.', None) => out.push(String::new()),
            (c, _) => out.last_mut().into_iter().for_each(|last: &mut String| last.push(c)),
        }
    }
    out.retain(|part| !part.is_empty());
    out
}

/// A value with its history.
pub(super) fn value(compilation: &Compilation, subject: &Subject, path: &[String], slot: &Slot) -> String {
    let names = &compilation.flattener.types.names;
    let content = show::content(compilation, slot);
    let mut out = format!("{}\n{} {content}\n\n", subject.title, path.join("."));
    out.push_str(&history::steps(compilation, &slot.steps));
    if let Some(span) = slot.sealed() {
        out.push_str(&format!("  made final at {}\n", names.sources.place(span)));
    }
    inner(compilation, &path.join("."), slot, &mut out);
    out
}

/// The histories of what is in a block.
fn inner(compilation: &Compilation, path: &str, slot: &Slot, out: &mut String) {
    let Slotted::Map(fields) = &slot.value else { return };
    for (name, slot) in fields.iter_raw() {
        let path = format!("{path}.{}", write::key(name));
        if !slot.steps.is_empty() {
            let content = show::content(compilation, slot);
            let blank = if out.ends_with("\n\n") { "" } else { "\n" };
            out.push_str(&format!("{blank}{path} {content}\n\n"));
            out.push_str(&history::steps(compilation, &slot.steps));
        }
        inner(compilation, &path, slot, out);
    }
}

/// All fields of a declaration, each with the place that was the last to change it.
pub(in crate::cli) fn whole(compilation: &Compilation, subject: &Subject) -> String {
    let names = &compilation.flattener.types.names;
    let decl = names.decl(subject.decl);
    let source = names.sources.file(decl.span.file).text();
    let mut out = format!("{}  {}\n", subject.title, names.sources.place(decl.span));
    for line in reference::doc_above(source, decl.item.span.start as usize) {
        out.push_str(&format!("  {line}\n"));
    }
    for (name, slot) in subject.fields.iter_raw() {
        let content = show::content(compilation, slot);
        out.push_str(&format!("\n  {} {content}\n", write::key(name)));
        if let Some(span) = slot.span() {
            out.push_str(&format!("    {}\n", names.sources.place(span)));
        }
    }
    out
}

/// A field that exists and that nothing sets.
fn not_set(subject: &Subject, path: &[String]) -> Option<String> {
    let field = schema_field(&subject.schema, path)?;
    if let ([block, name, _, ..], Some(Type::Entries(entries))) =
        (path, subject.schema.field(path.first()?).map(|field| &field.ty))
        && !entries.single
        && subject::field(&subject.fields, &[block.clone(), name.clone()]).is_none()
    {
        return None;
    }
    let default = field.default.as_ref().map(|text| format!(", which means `{text}`")).unwrap_or_default();
    Some(format!("{}\n{} is not set{default}\n\n  {}\n", subject.title, path.join("."), field.doc))
}

fn schema_field<'s>(schema: &'s Schema, path: &[String]) -> Option<&'s Field> {
    let (first, rest) = path.split_first()?;
    let field = schema.field(first)?;
    match (&field.ty, rest) {
        (_, []) => Some(field),
        (Type::Block(inner), rest) => schema_field(inner, rest),
        (Type::Entries(entries), [_, rest @ ..]) if !rest.is_empty() => schema_field(&entries.schema, rest),
        _ => None,
    }
}

/// What is wrong with the rest of a path that names no field.
fn misspelt(subject: &Subject, path: &[String]) -> Option<String> {
    let first = path.first()?;
    if subject.schema.fields.contains_key(first.as_str()) {
        let name = path.get(1).map(|name| format!("nothing called `{name}` in it"));
        let what = name.unwrap_or_else(|| "nothing of that name in it".into());
        return Some(format!("{} has a field `{first}`, and {what}", subject.title));
    }
    let fields = subject.schema.fields.keys().map(|name| name.as_str());
    Some(match did_you_mean(first, fields.collect::<Vec<_>>()) {
        Some(near) => format!("{} has no field `{first}`; did you mean `{near}`?", subject.title),
        None => format!("{} has no field `{first}`; `talosc doc` lists what each kind has", subject.title),
    })
}

#[cfg(test)]
mod tests {
    use super::segments;

    #[test]
    fn quoted_parts_hold_dots() {
        assert_eq!(segments("a.b"), ["a", "b"]);
        assert_eq!(segments("a.kernel.sysctls.\"vm.x\".y"), ["a", "kernel", "sysctls", "vm.x", "y"]);
    }
}

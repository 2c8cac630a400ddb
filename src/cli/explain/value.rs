//! A value: what it is, and its history.

use serde_json::json;

use super::subject::{self, Subject};
use super::told::{self, NotSet, Told};
use crate::cli::output::Said;
use crate::cli::{Failure, files, reference};
use crate::driver::Compilation;
use crate::kinds::{self, KindDef};
use crate::schema::{Field, Schema, Type};
use crate::secret::Vault;
use crate::syntax::MAX_DEPTH;
use crate::text::did_you_mean;

/// What was found.
pub(super) enum Answer {
    /// The explanation, and the secrets that it may not show.
    Own(Said, Vault),
    /// What is known without the sources.
    Known(Said),
    /// Nothing of this name, perhaps with a suggestion.
    Nothing {
        /// What to try.
        hint: Option<String>,
    },
}

/// Explains `[KIND] NAME[.FIELD…]` in the sources at or below the current directory. For programs all that is so called is
/// `{"version": 1, "type": "answers", "answers": […]}`; [`told`] has what stands in it.
pub(super) fn find(what: &str) -> Result<Answer, Failure> {
    let (kind, path) = match what.split_once(' ') {
        Some((kind, rest)) if kinds::by_name(kind).is_some() => (Some(kind), rest.trim()),
        _ => (None, what),
    };
    let path = segments(path)?;
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
    let mut found: Vec<Told> = Vec::new();
    for (subject, rest) in &subjects {
        found.extend(match rest {
            [] => Some(told::whole(&compilation, subject)),
            _ => subject::field(&subject.fields, rest)
                .map(|slot| told::field(&compilation, subject, rest, slot)),
        });
    }
    if found.is_empty() {
        found.extend(subjects.iter().filter_map(|(subject, rest)| not_set(subject, rest)));
    }
    if !found.is_empty() {
        let note = several(&compilation, kind, &path, &subjects);
        return Ok(Answer::Own(said(&compilation, &found, note), compilation.vault()));
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

/// All that was found, each once.
pub(super) fn said(compilation: &Compilation, found: &[Told], note: Option<String>) -> Said {
    let mut texts: Vec<String> = Vec::new();
    let mut answers = Vec::new();
    for told in found {
        let text = told.text(compilation);
        if !texts.contains(&text) {
            texts.push(text);
            answers.push(told.json(compilation));
        }
    }
    texts.extend(note);
    Said { text: texts.join("\n"), document: json!({ "version": 1, "type": "answers", "answers": answers }) }
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
    if let Some(said) = reference::field(kind, path) {
        return Answer::Known(said);
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

/// A path in its parts; a part in quotes may hold dots. Any beginning of it may be the name of something, so it may not be long.
pub(super) fn segments(path: &str) -> Result<Vec<String>, Failure> {
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
    let parts = out.len();
    if parts > MAX_DEPTH {
        let why = format!("a path of {parts} parts leads nowhere: nothing nests more than {MAX_DEPTH} deep");
        return Err(Failure::Usage(why));
    }
    Ok(out)
}

/// A field that exists and that nothing sets.
fn not_set(subject: &Subject, path: &[String]) -> Option<Told> {
    let field = schema_field(&subject.schema, path)?;
    if let ([block, name, _, ..], Some(Type::Entries(entries))) =
        (path, subject.schema.field(path.first()?).map(|field| &field.ty))
        && !entries.single
        && subject::field(&subject.fields, &[block.clone(), name.clone()]).is_none()
    {
        return None;
    }
    Some(Told::NotSet(NotSet {
        of: subject.title.clone(),
        path: path.to_vec(),
        default: field.default.as_ref().map(ToString::to_string),
        doc: field.doc.to_string(),
    }))
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
        let parts = |path: &str| segments(path).unwrap_or_default();
        assert_eq!(parts("a.b"), ["a", "b"]);
        assert_eq!(parts("a.kernel.sysctls.\"vm.x\".y"), ["a", "kernel", "sysctls", "vm.x", "y"]);
        assert!(segments(&"a.".repeat(64)).is_ok());
        assert!(segments(&"a.".repeat(65)).is_err());
    }
}

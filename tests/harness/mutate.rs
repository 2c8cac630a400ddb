//! Mutants of a project: small mistakes, made everywhere in turn. Deterministic; knows the sources only through the compiler's own
//! tree and schemas.

use std::ops::Range;

use talosc::driver;
use talosc::resolve::Names;
use talosc::schema::{Form, Schema, Type};
use talosc::source::loader::MemoryLoader;
use talosc::source::{Provenance, Span};
use talosc::syntax::ast::{Item, ModifierKind, Rest, Value, ValueKind, WordForm};

use super::project::Files;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) range: Range<usize>,
}

/// A project with one mistake.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    pub(crate) files: Files,
    /// Where the mistake is, in the text of the mutant.
    pub(crate) place: Place,
    /// What was done and to what, for the list of exceptions: stable while the line is.
    pub(crate) key: String,
}

/// Every name of a project that something else must know: kinds, fields, references and words of an enum.
pub(crate) fn names(files: &Files, entries: &[&str]) -> Vec<Place> {
    let loader = MemoryLoader { files: files.clone() };
    let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    let compilation = driver::compile(&loader, &entries);
    let mut found = Found::default();
    for id in compilation.flattener.types.names.project_decls() {
        let schema = compilation.flattener.types.typed(id).schema.clone();
        let item = compilation.flattener.types.names.decl(id).item.clone();
        found.spans.push(item.words[0].span);
        found.modifiers(&item, &[ModifierKind::Extends, ModifierKind::With, ModifierKind::Via]);
        if let Rest::Block(block) = &item.rest {
            found.items(&block.items, &schema);
        }
    }
    let sources = &compilation.flattener.types.names;
    let mut places: Vec<Place> = found.spans.iter().filter_map(|span| place(sources, *span)).collect();
    places.sort_by(|a, b| (&a.file, a.range.start, a.range.end).cmp(&(&b.file, b.range.start, b.range.end)));
    places.dedup();
    places
}

fn place(names: &Names, span: Span) -> Option<Place> {
    let file = names.sources.file(span.file);
    let range = span.start as usize..span.end as usize;
    (file.provenance == Provenance::Project).then(|| Place { file: file.name.clone(), range })
}

/// The items of every file of a project, with those inside of others.
pub(crate) fn items(files: &Files, entries: &[&str]) -> Vec<Place> {
    let loader = MemoryLoader { files: files.clone() };
    let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
    let compilation = driver::compile(&loader, &entries);
    let names = &compilation.flattener.types.names;
    let mut spans = Vec::new();
    for id in names.project_decls() {
        item_spans(&names.decl(id).item, &mut spans);
    }
    spans.iter().filter_map(|span| place(names, *span)).collect()
}

fn item_spans(item: &Item, out: &mut Vec<Span>) {
    out.push(item.span);
    if let Rest::Block(block) = &item.rest {
        block.items.iter().for_each(|inner| item_spans(inner, out));
    }
}

/// The names that were found.
#[derive(Default)]
struct Found {
    spans: Vec<Span>,
}

impl Found {
    fn modifiers(&mut self, item: &Item, kinds: &[ModifierKind]) {
        for modifier in item.modifiers.iter().filter(|modifier| kinds.contains(&modifier.kind)) {
            self.spans.extend(modifier.uses.iter().map(|used| used.word.span));
        }
    }

    /// The items of a body whose fields are those of a schema.
    fn items(&mut self, items: &[Item], schema: &Schema) {
        for item in items {
            self.modifiers(item, &[ModifierKind::With]);
            let word = &item.words[0];
            if !matches!(word.form, WordForm::Bare) {
                continue;
            }
            let mut start = word.span.start;
            let mut schema = schema;
            let mut segments = word.text.split('.').peekable();
            while let Some(segment) = segments.next() {
                let Some(field) = schema.field(segment) else { break };
                let end = start + segment.len() as u32;
                self.spans.push(Span { start, end, ..word.span });
                start = end + 1;
                match (&field.ty, segments.peek()) {
                    (ty, None) => self.rest(&item.rest, ty),
                    (Type::Block(inner), Some(_)) => schema = inner,
                    _ => break,
                }
            }
        }
    }

    fn rest(&mut self, rest: &Rest, ty: &Type) {
        match (rest, ty) {
            (Rest::Assign(_, _, value), _) => self.value(value, ty),
            (Rest::Block(block), Type::Block(schema)) => self.items(&block.items, schema),
            (Rest::Block(block), Type::Entries(entries)) if !entries.config => {
                self.items(&block.items, &entries.schema);
            }
            (Rest::Block(block), Type::Map(inner, _)) => {
                block.items.iter().for_each(|item| self.rest(&item.rest, inner));
            }
            _ => {}
        }
    }

    fn value(&mut self, value: &Value, ty: &Type) {
        let known = |text: &str| match ty {
            Type::Ref(_) => true,
            Type::Enum(choices) => !choices.open && choices.values.iter().any(|known| known == text),
            Type::OneOf(forms) => forms.iter().any(|form| matches!(form, Form::Word(word) if word == text)),
            _ => false,
        };
        match (&value.kind, ty) {
            (ValueKind::Bare(text), _) if known(text) => self.spans.push(value.span),
            (ValueKind::List(items), Type::Set(inner) | Type::List(inner)) => {
                items.iter().for_each(|item| self.value(item, inner));
            }
            (ValueKind::List(items), Type::Keyed(keyed)) => {
                for item in items {
                    if let ValueKind::Block(block) = &item.kind {
                        self.items(&block.items, &keyed.schema);
                    }
                }
            }
            (ValueKind::Block(block), Type::Block(schema)) => self.items(&block.items, schema),
            (ValueKind::Apply(atoms), Type::Ref(_)) => {
                self.spans.extend(atoms.first().map(|atom| atom.value.span));
            }
            _ => {}
        }
    }
}

/// A name misspelt: a letter lost, and two letters swapped.
pub(crate) fn misspelt(word: &str) -> Vec<String> {
    let middle = word.len() / 2;
    let at = (0..word.len())
        .filter(|&i| word.as_bytes()[i].is_ascii_alphabetic())
        .min_by_key(|&i| i.abs_diff(middle))
        .unwrap_or(0);
    let lost = format!("{}{}", &word[..at], &word[at + 1..]);
    let mut swapped = word.as_bytes().to_vec();
    let pair = (1..swapped.len()).filter(|&i| {
        let (a, b) = (swapped[i - 1], swapped[i]);
        a != b && a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
    });
    if let Some(i) = pair.min_by_key(|&i| i.abs_diff(middle)) {
        swapped.swap(i - 1, i);
    }
    let swapped = String::from_utf8(swapped).expect("only letters of one byte were swapped");
    let mut all = vec![lost, swapped];
    all.retain(|wrong| wrong != word && wrong.len() > 1);
    all
}

/// One mutant for each name and each way to misspell it.
pub(crate) fn misspellings(files: &Files, entries: &[&str]) -> Vec<Mutant> {
    let mut all = Vec::new();
    for place in names(files, entries) {
        let word = &files[&place.file][place.range.clone()];
        for wrong in misspelt(word) {
            all.push(replaced(files, &place, &wrong, &format!("write `{wrong}`")));
        }
    }
    all
}

/// One mutant for each line, without it.
pub(crate) fn deletions(files: &Files) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (file, text) in sources(files) {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let range = start..start + line.len();
            start = range.end;
            let code = line.split('#').next().unwrap_or_default().trim();
            if !code.is_empty() {
                all.push(replaced(files, &Place { file: file.clone(), range }, "", "delete"));
            }
        }
    }
    all
}

/// One mutant for each item, with the item twice.
pub(crate) fn duplicates(files: &Files, entries: &[&str]) -> Vec<Mutant> {
    let twice = |place: Place| {
        let text = &files[&place.file][place.range.clone()];
        let twice = format!("{text}\n{text}");
        replaced(files, &place, &twice, "twice")
    };
    items(files, entries).into_iter().map(twice).collect()
}

/// Mutants for each number and version: larger by one, and ten times as large.
pub(crate) fn numbers(files: &Files) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (file, text) in sources(files) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'#' {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
                continue;
            }
            let start = at;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                at += 1;
            }
            if at == start {
                at += 1;
                continue;
            }
            let digits = &text[start..at];
            let place = Place { file: file.clone(), range: start..at };
            let number: u64 = digits.parse().unwrap_or(0);
            for other in [format!("{}", number.saturating_add(1)), format!("{digits}0")] {
                all.push(replaced(
                    files,
                    &place,
                    &other,
                    &format!("column {} is {other}", column(text, start)),
                ));
            }
        }
    }
    all
}

fn column(text: &str, at: usize) -> usize {
    at - text[..at].rfind('\n').map_or(0, |line| line + 1)
}

fn sources(files: &Files) -> impl Iterator<Item = (&String, &String)> {
    files.iter().filter(|(path, _)| path.ends_with(".talos"))
}

/// The project with a piece of text replaced.
fn replaced(files: &Files, place: &Place, by: &str, what: &str) -> Mutant {
    let text = &files[&place.file];
    let Range { start, end } = place.range;
    let first = text[..start].rfind('\n').map_or(0, |line| line + 1);
    let line = text[first..].lines().next().unwrap_or_default().trim();
    let mut mutant = files.clone();
    mutant.insert(place.file.clone(), format!("{}{by}{}", &text[..start], &text[end..]));
    Mutant {
        files: mutant,
        place: Place { file: place.file.clone(), range: start..start + by.len() },
        key: format!("{} | {what} | {line}", place.file),
    }
}

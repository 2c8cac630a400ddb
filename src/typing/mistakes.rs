//! Mistakes in a body that more than one item shows: each is said once.

use super::heads::OpMarks;
use super::{BaseTarget, Key, Types, errors, into_entry, value_errors};
use crate::kinds;
use crate::resolve::declares;
use crate::schema::{Entries, Schema, Type};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Item, MarkKind, ModifierKind, Op, Rest, Value, ValueKind, Word, WordForm};
use crate::syntax::write;
use crate::text::Text;
use crate::world::config::{Place, Row, Spot, Step};

impl Types<'_> {
    /// `nameservers = 1.1.1.1, 1.0.0.1`: what follows on the line are elements. Gives the items behind them.
    pub(super) fn without_brackets<'i>(
        &mut self,
        item: &Item,
        following: &'i [Item],
        schema: &Schema,
    ) -> Option<&'i [Item]> {
        let Rest::Assign(_, _, value) = &item.rest else { return None };
        let ty = &schema.field(&item.words[0].text)?.ty;
        let list = matches!(ty, Type::Set(_) | Type::List(_) | Type::Keyed(_));
        if !list || matches!(value.kind, ValueKind::List(_) | ValueKind::Block(_)) {
            return None;
        }
        let count = following.iter().take_while(|item| item.is_word()).count();
        let last = following[..count].last()?;
        let values = value.span.to(last.span);
        let text = self.names.sources.text(values).to_string();
        if text.contains('\n') {
            return None;
        }
        self.report(value_errors::unbracketed(values, &super::types::describe(ty), &text));
        Some(&following[count..])
    }

    /// `role = a, b`: what follows on the line are values where there is one. Gives the items behind them.
    pub(super) fn one_too_many<'i>(
        &mut self,
        item: &Item,
        following: &'i [Item],
        schema: &Schema,
    ) -> Option<&'i [Item]> {
        let Rest::Assign(Op::Set, _, Value { kind: ValueKind::Bare(first), span }) = &item.rest else {
            return None;
        };
        let ty = &schema.field(&item.words[0].text)?.ty;
        let extra = |other: &&Item| other.is_word() && schema.field(&other.words[0].segments()[0]).is_none();
        let others: Vec<&Item> = following.iter().take_while(extra).collect();
        let values = span.to(others.last()?.span);
        if item.words.len() > 1 || self.names.sources.text(values).contains('\n') {
            return None;
        }
        let role = matches!(ty, Type::Ref(kind) if *kind == kinds::ROLE);
        let words: Vec<&str> = others.iter().map(|other| other.words[0].text.as_str()).collect();
        let takes = super::types::describe(ty);
        self.report(value_errors::one_for_several(values, &takes, first, &words, role));
        Some(&following[others.len()..])
    }

    /// `link = eth0 { … }`, `patch file "./p.yaml"`, `patch "./p.yaml"`: whether the name of a block was reported, which is not where it
    /// belongs.
    pub(super) fn name_elsewhere(&mut self, item: &Item, entries: &Entries, name: Option<&Word>) -> bool {
        let word = &item.words[0];
        if let Rest::Assign(_, at, value) = &item.rest
            && name.is_none()
            && entries.default_name.is_none()
            && !item.broken
        {
            self.report(errors::with_value(*at, value, &entries.schema.name, false, false));
            return true;
        }
        if !entries.from_file || item.broken {
            return false;
        }
        let file = item.modifiers.iter().find(|modifier| modifier.kind == ModifierKind::File);
        let path = match (file.and_then(|file| file.uses.first()), name) {
            (Some(used), None) => used.word.text.clone(),
            (None, Some(name)) if matches!(name.form, WordForm::Quoted) && errors::is_path(&name.text) => {
                name.text.clone()
            }
            _ => return false,
        };
        let stem = write::name(stem(&path)).into_owned();
        let finding = errors::entry_name_missing(word, "a name").help(format!(
            "write `{} {stem} file {}`",
            word.text,
            write::string(&path)
        ));
        self.report(match name {
            None => finding.offer(word.span.at_end(), format!(" {stem}")),
            Some(name) => finding.offer(name.span.at_start(), format!("{stem} file ")),
        });
        true
    }

    /// The items behind what follows the value of an unknown field on its line: words that are no fields either.
    pub(super) fn past_value<'i>(&self, item: &Item, following: &'i [Item], schema: &Schema) -> &'i [Item] {
        let unknown = |item: &Item| schema.field(&item.words[0].segments()[0]).is_none();
        let Rest::Assign(_, _, value) = &item.rest else { return following };
        let same_line = |other: &Item| !self.names.sources.text(value.span.to(other.span)).contains('\n');
        if !unknown(item) {
            return following;
        }
        let count = following
            .iter()
            .take_while(|other| other.is_word() && unknown(other) && same_line(other))
            .count();
        &following[count..]
    }

    /// `controlplane.size = 3`: whether a path into a named block was reported.
    pub(super) fn enters_named_block(&mut self, item: &Item, siblings: &[Item], schema: &Schema) -> bool {
        let word = &item.words[0];
        if !word.text.contains('.') {
            return false;
        }
        let segments = word.segments();
        let [first, _, ..] = segments.as_slice() else { return false };
        let Some(Type::Entries(entries)) = schema.field(first).map(|field| &field.ty) else { return false };
        self.report(into_entry::finding(item, siblings, &segments, 1, entries, &self.names.sources));
        true
    }

    /// `role worker { … }` in a cluster, `machine a { … }` in a set: whether a declaration in a body was reported.
    pub(super) fn declared_here(&mut self, item: &Item, siblings: &[Item], schema: &Schema) -> bool {
        if self.of_the_file(item, schema) {
            return true;
        }
        let Some(kind) = declares(item) else { return false };
        if let Some(field) = schema.field(&item.words[0].text)
            && matches!(field.ty, Type::Entries(_) | Type::Map(..))
        {
            return false;
        }
        let sources = &self.names.sources;
        // What takes it in, in its place: a set lists its machines, and has a role and a class.
        let name = write::word(&item.words[1]);
        let list = format!("{}s", kind.name);
        let said =
            |field: &str| siblings.iter().any(|other| other.words.len() == 1 && other.words[0].text == field);
        let use_here = match (schema.field(kind.name), schema.field(&list)) {
            _ if kind.id == kinds::LET => None,
            (_, Some(field)) if matches!(field.ty, Type::List(_) | Type::Set(_)) => {
                (!said(&list)).then(|| format!("{list} = [{name}]"))
            }
            (Some(field), _) if matches!(field.ty, Type::Ref(id) if id == kind.id) => {
                (!said(kind.name)).then(|| format!("{} = {name}", kind.name))
            }
            _ => None,
        };
        let text = dedented(sources.text(item.span), indent(sources, item.span));
        let front = self.names.in_front_of(item.span);
        let cut = match use_here {
            Some(_) => item.span,
            None => sources.removal(item.span),
        };
        let finding = errors::declared_here(item, kind, schema, use_here.as_deref());
        self.report(match front {
            Some(front) => finding.offer(front, text + "\n").offer(cut, use_here.unwrap_or_default()),
            None => finding,
        });
        true
    }

    /// `import "…"` and `output { … }` in a body: whether that was reported.
    fn of_the_file(&mut self, item: &Item, schema: &Schema) -> bool {
        let word = &item.words[0];
        let import = word.text == "import" && item.words.len() > 1 && matches!(item.rest, Rest::Nothing);
        let nameless = matches!(item.rest, Rest::Block(_))
            && item.words.len() == 1
            && kinds::by_name(&word.text).is_some_and(|kind| kind.nameless);
        if !matches!(word.form, WordForm::Bare) || !(import || nameless) || schema.field(&word.text).is_some()
        {
            return false;
        }
        let sources = &self.names.sources;
        let text = dedented(sources.text(item.span), indent(sources, item.span));
        let cut = sources.removal(item.span);
        let finding = errors::of_the_file(word, schema);
        self.report(match self.names.in_front_of(item.span) {
            Some(front) => finding.offer(front, text + "\n").offer(cut, ""),
            None => finding,
        });
        true
    }

    /// `overide runtime = nvidia`: the first word was meant to be a mark.
    pub(super) fn misspelt_mark(&mut self, item: &Item, schema: &Schema) -> bool {
        let [word, field, ..] = item.words.as_slice() else { return false };
        let marks: Vec<&str> = MarkKind::ALL.iter().map(|(name, _)| *name).collect();
        let other = match word.text.to_ascii_lowercase().as_str() {
            "force" | "replace" | "overwrite" | "overrides" | "redefine" | "mkforce" => Some("override"),
            "clear" | "reset" | "undef" | "undefine" => Some("unset"),
            "del" | "drop" => Some("remove"),
            "const" | "sealed" | "readonly" => Some("final"),
            _ => None,
        };
        let near = other.or(crate::text::did_you_mean(&word.text, &marks));
        let Some(near) = near.filter(|_| schema.field(&field.segments()[0]).is_some()) else { return false };
        self.report(errors::misspelt_mark(word, near));
        true
    }

    /// Whether something is inherited where a field stands; `None` where a level above may say it.
    fn is_inherited(&mut self, item: &Item) -> Option<bool> {
        let segments = item.words[0].segments();
        let [key] = segments.as_slice() else { return None };
        if self.depth != 1 {
            return None;
        }
        let mut open = self.bases.clone()?;
        let mut seen = open.clone();
        while let Some(id) = open.pop() {
            let typed = self.typed(id);
            if typed.body.ops.iter().any(|op| matches!(&op.key, Key::Text(text) if text == key)) {
                return Some(true);
            }
            let bases = typed.parent.iter().chain(&typed.mixins).chain(&typed.body.mixins);
            for base in bases {
                let BaseTarget::Decl(base) = base.target else { return None };
                if !seen.contains(&base) {
                    seen.push(base);
                    open.push(base);
                }
            }
        }
        Some(false)
    }

    /// Reports `x = null`: what takes a value away, or that there is nothing to take away.
    pub(super) fn nothing(&mut self, item: &Item, at: Span, text: &str, ty: &Type) {
        let head = self.names.sources.text(item.words[0].span).to_owned();
        let verb = match ty {
            Type::Config if self.elements > 0 => {
                return self.report(
                    value_errors::null(at, text)
                        .help(format!("leave it out, or write `{}` if it is text", write::string(text))),
                );
            }
            Type::Config if self.patches > 0 => {
                let fixed = format!("delete {head}");
                return self.report(
                    value_errors::null(at, text)
                        .help(format!("write `{fixed}` to take away what is generated"))
                        .offer(item.span, fixed),
                );
            }
            _ => format!("unset {head}"),
        };
        let finding = value_errors::null(at, text);
        let inherited = self.is_inherited(item);
        if inherited == Some(true) {
            let help = format!("write `{verb}` to go back to \"not set\"");
            return self.report(finding.help(help).offer(item.span, verb));
        }
        let sources = &self.names.sources;
        let file = sources.file(item.span.file).text();
        let alone = file[..item.span.start as usize].trim_end().ends_with('{')
            && file[item.span.end as usize..].trim_start().starts_with('}');
        let cut = sources.removal(item.span);
        let finding = finding.help(match inherited {
            Some(_) => "remove the line: nothing is inherited here".to_owned(),
            None => format!("remove the line; `{verb}` takes back what is inherited"),
        });
        // A block with nothing in it is a mistake of its own.
        self.report(if alone { finding } else { finding.offer(cut, "") });
    }

    /// Reports `+=` and `-=` on a field that is no list.
    pub(super) fn operator(&mut self, item: &Item, (op, at): (Op, Span), value: &Value, ty: &Type) {
        let inherited = self.is_inherited(item);
        let head = self.names.sources.text(item.words[0].span);
        let finding = errors::operator_needs_list(at, op, &super::types::describe(ty));
        let map = matches!(ty, Type::Block(_) | Type::Map(..));
        self.report(match (op, &value.kind) {
            (Op::Take, ValueKind::List(items)) if map && !items.is_empty() => {
                let key = |item: &Value| match &item.kind {
                    ValueKind::Bare(key) | ValueKind::Str(key) if !key.contains(['.', '/']) => {
                        Some(write::name(key).into_owned())
                    }
                    ValueKind::Bare(key) | ValueKind::Str(key) => write::segment(key),
                    _ => None,
                };
                let each: Option<Vec<String>> =
                    items.iter().map(|item| Some(format!("remove {head}.{}", key(item)?))).collect();
                match each.map(|each| each.join(", ")) {
                    Some(text) => finding.help(format!("write `{text}`")).offer(item.span, text),
                    None => finding.help(format!("write `remove {head}.KEY` for each that is to go")),
                }
            }
            (Op::Take, _) if map => finding.help(format!("write `remove {head}.KEY` for each that is to go")),
            (Op::Take, _) => {
                let fixed = format!("unset {head}");
                let finding = finding.help(format!("write `{fixed}` to take back what is inherited"));
                if inherited == Some(true) { finding.offer(item.span, fixed) } else { finding }
            }
            (_, ValueKind::Block(_)) if map => finding
                .help("remove `+=`: a block is added to what is inherited by itself")
                .mend(Span { end: value.span.start, ..at }, ""),
            _ => match inherited {
                Some(true) => finding
                    .help(format!("write `override {head} = …` to replace what is inherited"))
                    .offer(item.words[0].span.at_start(), "override ")
                    .offer(at, "="),
                Some(false) => finding.help(format!("write `{head} = …`")).offer(at, "="),
                None => finding
                    .help("use `=`, or `override` in front to replace what is inherited")
                    .offer(at, "="),
            },
        });
    }

    /// A field of some provider on a class that names none: said once for a class and those that extend it.
    pub(super) fn of_no_provider(&mut self, word: &Word, schema: &Schema) -> bool {
        let Some(kind) = kinds::by_name(&schema.name).filter(|kind| kind.via.is_some()) else { return false };
        if matches!(meant(schema, &word.segments()), Some(kinds::Meant::Field(..) | kinds::Meant::Drop(_))) {
            return false;
        }
        if !std::mem::replace(&mut self.without_provider, true) {
            self.report(errors::no_provider(word, kind.name, schema));
        }
        true
    }

    /// Reports a block without fields and a list without elements that changes nothing: `kernel {}`, `extensions += []`. A map or a
    /// list that is empty is something in configuration that is typed elsewhere, and as a value of a map.
    pub(super) fn says_nothing(&mut self, item: &Item, ty: &Type, key: &Key, marks: &OpMarks) -> bool {
        let is_key = matches!(key, Key::Text(name) if name.is_empty());
        if item.broken || is_key || marks.overrides.is_some() || marks.seals {
            return false;
        }
        let empty = match &item.rest {
            Rest::Block(block) => {
                block.items.is_empty() && matches!(ty, Type::Block(_) | Type::Map(..) | Type::Keyed(_))
            }
            Rest::Assign(Op::Add | Op::Take, _, Value { kind: ValueKind::List(items), .. }) => {
                items.is_empty()
            }
            _ => false,
        };
        if empty {
            self.report(errors::says_nothing(&self.names.sources, item));
        }
        empty
    }
}

/// The name of a file without what stands around it.
fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    if stem.is_empty() { "my-name" } else { stem }
}

/// How deep the line stands in which an item begins.
fn indent(sources: &SourceMap, at: Span) -> usize {
    let before = &sources.file(at.file).text()[..at.start as usize];
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.len() - line.trim_start_matches(' ').len()
}

/// The text of an item that stands `column` bytes deep, as it would stand in the first column.
fn dedented(text: &str, column: usize) -> String {
    let mut lines = text.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |out, line| {
        let blank = line.len() - line.trim_start_matches(' ').len();
        out + "\n" + &line[blank.min(column)..]
    })
}

/// What the path of a field that a body does not have was meant to be: perhaps a field of Talos that has a field of its own here.
pub(super) fn meant(schema: &Schema, path: &[Text]) -> Option<kinds::Meant> {
    let place = Place { document: None, path: path.iter().cloned().map(Step::Name).collect() };
    let row = place.spot().filter(|spot| path.len() > 1 && spot.is_whole()).map(Spot::row);
    let here = row.and_then(Row::field_here).filter(|here| kinds::has(schema, here));
    here.map(|here| kinds::Meant::Field(here.to_owned(), path.len())).or_else(|| kinds::meant(schema, path))
}

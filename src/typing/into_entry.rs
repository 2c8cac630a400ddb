//! A path that leads into a named block: `controlplane.size = 3`, `patch.a.machine.type = …`.

use crate::diagnostics::{Code, Diagnostic};
use crate::schema::{Entries, Type};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{Block, Item, Rest, WordForm};
use crate::text::Text;

/// The finding for an item whose path goes on behind `path[at - 1]`; `siblings` are the items of the same body.
pub(super) fn finding(
    item: &Item,
    siblings: &[Item],
    path: &[Text],
    at: usize,
    entries: &Entries,
    sources: &SourceMap,
) -> Diagnostic {
    let word = &item.words[0];
    let kind = path[at - 1].as_str();
    let names = names(item, path, at, entries);
    let head: Vec<&str> = path[at - 1..].iter().take(names + 1).map(Text::as_str).collect();
    let finding = Diagnostic::new(
        Code::UnknownField,
        format!("`{kind}` opens a block of its own: no path leads into it"),
    )
    .label(word.span, format!("goes on after `{kind}`"));
    let rest = path.get(at + names..).unwrap_or_default();
    if !matches!(word.form, WordForm::Bare) {
        let inner = rest.join(".");
        return finding.help(format!("write it as a block: `{} {{ {inner} … }}`", head.join(" ")));
    }
    let marks = sources.text(Span { end: word.span.start, ..item.span });
    let value = sources.text(Span { start: word.span.end, ..item.span }).trim_start();
    if rest.is_empty() {
        // `remove patch.a`, `workers.gpu { … }`
        let start = format!("{marks}{}", head.join(" "));
        let end = Span { end: word.span.end, ..item.span };
        return finding
            .help(format!("write `{start}{}`", if value.is_empty() { "" } else { " …" }))
            .mend(end, start);
    }
    let line = format!("{marks}{} {value}", rest.join("."));
    let line = line.trim_end();
    let short = !line.contains('\n');
    if let Some(block) = block_of(siblings, &head).filter(|_| at == 1) {
        let text = sources.text(block.span);
        let inner = text.trim_start_matches('{').trim_end_matches('}');
        let comma = if inner.contains('\n') || inner.trim().is_empty() { "" } else { "," };
        let start = block.span.start + 1;
        let help = match short {
            true => format!("write `{line}` in its block"),
            false => format!("write `{}` in its block", rest.join(".")),
        };
        return finding
            .help(help)
            .mend(Span { start, end: start, ..block.span }, format!(" {line}{comma}"))
            .mend(sources.removal(item.span), "");
    }
    let before: String = path[..at - 1].iter().map(|name| format!("{name} {{ ")).collect();
    let text = format!("{before}{} {{ {line}{}", head.join(" "), " }".repeat(at));
    let finding = match short {
        true => finding.help(format!("write `{text}`")),
        false => {
            finding.help(format!("write it as a block: `{} {{ {} … }}`", head.join(" "), rest.join(".")))
        }
    };
    finding.mend(item.span, text)
}

/// How many segments from `path[at]` on name the block: none where what follows is a field of the one without a name.
fn names(item: &Item, path: &[Text], at: usize, entries: &Entries) -> usize {
    let leads_on = |ty: &Type| matches!(ty, Type::Block(_) | Type::Map(..) | Type::Config | Type::Entries(_));
    let field = entries.schema.field(&path[at]);
    let ends = path.len() == at + 1 && !matches!(item.rest, Rest::Block(_));
    let own = field.is_some_and(|field| ends || leads_on(&field.ty));
    let unnamed = entries.default_name.is_some() && (entries.single || own);
    if unnamed { 0 } else { 1 + usize::from(entries.qualified) }
}

/// The block that has the head already.
fn block_of<'i>(siblings: &'i [Item], head: &[&str]) -> Option<&'i Block> {
    siblings.iter().find_map(|item| match &item.rest {
        Rest::Block(block) if item.words.iter().map(|word| word.text.as_str()).eq(head.iter().copied()) => {
            Some(block)
        }
        _ => None,
    })
}

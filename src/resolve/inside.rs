//! Declarations in the body of another, where none can stand: each is said once, and a name that one of them would have declared is not
//! said to be unknown as well.

use super::{Names, ScopeId};
use crate::kinds::{self, KindDef};
use crate::schema::KindId;
use crate::source::Span;
use crate::syntax::ast::{Item, Rest, WordForm};
use crate::text::Text;

/// How deep in a body declarations are looked for.
const DEEP: usize = 4;

impl Names {
    /// Whether a declaration in the body of another one of the file was meant to bring a name.
    pub(crate) fn declared_inside(&mut self, scope: ScopeId, kind: KindId, name: &str) -> bool {
        if !self.inside.contains_key(&scope) {
            let mut found = Vec::new();
            for id in &self.scopes[scope.0 as usize].order {
                if let Rest::Block(block) = &self.decls[id.0 as usize].item.rest {
                    gather(&block.items, DEEP, &mut found);
                }
            }
            self.inside.insert(scope, found);
        }
        self.inside[&scope].iter().any(|(known, text)| *known == kind && text == name)
    }

    /// Where a declaration may be put in that stands in the one around `at`: in front of that and of the comments above it.
    pub(crate) fn in_front_of(&self, at: Span) -> Option<Span> {
        let start = self.decl(self.declaration_at(at)?).item.span.start as usize;
        let text = self.sources.file(at.file).text();
        let mut line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        while line > 0 {
            let above = text[..line - 1].rfind('\n').map_or(0, |newline| newline + 1);
            if !text[above..line].trim_start().starts_with('#') {
                break;
            }
            line = above;
        }
        Some(Span { file: at.file, start: line as u32, end: line as u32 })
    }
}

fn gather(items: &[Item], deep: usize, out: &mut Vec<(KindId, Text)>) {
    for item in items {
        if let Some(kind) = declares(item) {
            out.push((kind.id, item.words[1].text.clone()));
        }
        if let Rest::Block(block) = &item.rest
            && deep > 0
        {
            gather(&block.items, deep - 1, out);
        }
    }
}

/// The kind that an item of a body would declare at top level: `let x = …`, `role worker { … }`.
pub(crate) fn declares(item: &Item) -> Option<&'static KindDef> {
    let [word, name, ..] = item.words.as_slice() else { return None };
    if !matches!(word.form, WordForm::Bare) || matches!(name.form, WordForm::Template(_)) {
        return None;
    }
    let kind = kinds::by_name(&word.text)
        .or_else(|| kinds::kind_meant(&word.text).filter(|kind| *kind == "let").and_then(kinds::by_name))?;
    let body = match &item.rest {
        Rest::Block(_) => true,
        Rest::Assign(..) => kind.id == kinds::LET,
        Rest::Nothing => !item.modifiers.is_empty(),
        Rest::Expr(_) => false,
    };
    (body && !kind.nameless && item.words.len() == 2 && !item.broken).then_some(kind)
}

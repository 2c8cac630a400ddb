//! The pieces of a head in their places: marks, words, modifiers. The reader and its judge share this.

use super::super::ast::{
    Args, Item, Mark, MarkKind, Modifier, ModifierKind, Rest, StrPart, Use, Word, WordForm, Words,
};
use super::super::errors;
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::text::Text;

/// How many operators one expression may hold: its tree is as deep as they are many.
pub(super) const MAX_OPERATORS: usize = 256;

/// A piece of a head before it is sorted into marks, words and modifiers.
pub(super) enum Piece {
    Word(Word),
    Args(Box<Args>),
    Mixins(Modifier),
}

/// The item of a head and of what follows it, and what is wrong with the head.
pub(super) fn item(span: Span, pieces: Vec<Piece>, rest: Rest) -> (Item, Option<Diagnostic>) {
    let (mut item, misplaced) = sort_head(span, pieces, rest);
    let nameless = item.modifiers.iter().find(|modifier| modifier.uses.is_empty());
    let finding = match (nameless, misplaced) {
        (Some(modifier), _) => errors::nameless(modifier.span, modifier.kind.word()),
        (None, Some(at)) => match item.modifiers.iter().find(|modifier| modifier.span == at) {
            Some(again) => errors::modifier_twice(at, again.kind.word()),
            None => errors::misplaced(at),
        },
        (None, None) => return (item, None),
    };
    item.modifiers.retain(|modifier| !modifier.uses.is_empty());
    item.broken = true;
    (item, Some(finding))
}

/// A word that was written without quotes around it; it may have quoted segments.
pub(super) fn word(text: &str, span: Span) -> Word {
    let form = if text.contains('"') { WordForm::Path(path_segments(text)) } else { WordForm::Bare };
    Word { text: Text::new(text), span, form }
}

/// A string with its `${name}`s as written, whatever its quotes and its indentation.
pub(super) fn shown(parts: &[StrPart]) -> Text {
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Text(piece) => text.push_str(piece),
            StrPart::Name(name, _) => text.extend(["${", name, "}"]),
        }
    }
    Text::new(text)
}

/// `machine.nodeLabels."a/b"` to its segments.
fn path_segments(text: &str) -> Box<[Text]> {
    let mut segments = Vec::new();
    let mut current = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => segments.push(Text::new(std::mem::take(&mut current))),
            c => current.push(c),
        }
    }
    segments.push(Text::new(current));
    segments.into_boxed_slice()
}

/// Sorts the pieces of a head: marks in front, then words, then modifiers. A keyword that is the last word is a name.
/// Also gives the first piece that has no place: a name behind `(…)` or behind a modifier that has what it takes.
fn sort_head(span: Span, pieces: Vec<Piece>, rest: Rest) -> (Item, Option<Span>) {
    let mut item = Item {
        span,
        marks: Vec::new(),
        words: Words::new(),
        args: None,
        modifiers: Vec::new(),
        rest,
        broken: false,
    };
    let mut misplaced = None;
    let mut pieces = pieces.into_iter().peekable();
    while let Some(piece) = pieces.next() {
        let at = match piece {
            Piece::Mixins(modifier) => {
                item.modifiers.push(modifier);
                None
            }
            Piece::Args(args) => attach(&mut item, args),
            Piece::Word(word) => place(&mut item, word, pieces.peek()),
        };
        misplaced = misplaced.or(at);
    }
    if item.words.is_empty() {
        // `with a, b` as an item of a body: the keyword is its only word.
        if let Some(modifier) = item.modifiers.first() {
            item.words.push(Word {
                text: Text::new(modifier.kind.word()),
                span: modifier.span,
                form: WordForm::Bare,
            });
        } else if let Some(mark) = item.marks.pop() {
            item.words.push(Word {
                text: Text::new(mark.kind.word()),
                span: mark.span,
                form: WordForm::Bare,
            });
            item.args = mark.args;
        }
    }
    // Trees of large files are mostly heads: what a vector holds in reserve would be half of them.
    item.words.shrink_to_fit();
    (item, misplaced)
}

/// Puts a word where it belongs; gives its place if it belongs nowhere.
fn place(item: &mut Item, word: Word, next: Option<&Piece>) -> Option<Span> {
    let bare = matches!(word.form, WordForm::Bare);
    let modifier = ModifierKind::of(&word.text).filter(|_| bare && next.is_some());
    let mark = MarkKind::of(&word.text).filter(|&kind| bare && mark_fits(kind, next));
    match (mark, modifier) {
        (Some(kind), _) if item.words.is_empty() => {
            item.marks.push(Mark { kind, span: word.span, args: None });
        }
        (_, Some(kind)) if !item.words.is_empty() || !item.modifiers.is_empty() => {
            let twice =
                kind != ModifierKind::Extends && item.modifiers.iter().any(|modifier| modifier.kind == kind);
            let at = word.span;
            item.modifiers.push(Modifier { kind, span: at, uses: Vec::new() });
            return twice.then_some(at);
        }
        _ => match item.modifiers.last_mut() {
            Some(modifier) if wants_more(modifier) => modifier.uses.push(Use { word, args: None }),
            behind => {
                let at = (behind.is_some() || item.args.is_some()).then_some(word.span);
                item.words.push(word);
                return at;
            }
        },
    }
    None
}

/// A mark stands before another word; `unchecked` takes a reason first.
fn mark_fits(kind: MarkKind, next: Option<&Piece>) -> bool {
    match next {
        Some(Piece::Word(_)) => true,
        Some(Piece::Args(_)) => kind == MarkKind::Unchecked,
        _ => false,
    }
}

fn wants_more(modifier: &Modifier) -> bool {
    match modifier.kind {
        // `for set s`, `for document KIND d`.
        ModifierKind::For => {
            let kind = modifier.uses.first().is_some_and(|first| first.word.text == "document");
            modifier.uses.len() < 2 + usize::from(kind)
        }
        ModifierKind::With => false,
        _ => modifier.uses.is_empty(),
    }
}

/// Gives arguments to the last name; gives their place if it has some, or takes none: only parents and mixins are used with arguments.
fn attach(item: &mut Item, args: Box<Args>) -> Option<Span> {
    let at = args.span;
    let slot = if let Some(modifier) = item.modifiers.last_mut() {
        let takes = matches!(modifier.kind, ModifierKind::Extends | ModifierKind::With);
        match modifier.uses.last_mut() {
            Some(used) if takes => &mut used.args,
            Some(_) => return Some(at),
            None => &mut item.args,
        }
    } else if let (true, Some(mark)) = (item.words.is_empty(), item.marks.last_mut()) {
        &mut mark.args
    } else {
        &mut item.args
    };
    slot.replace(args).map(|_| at)
}

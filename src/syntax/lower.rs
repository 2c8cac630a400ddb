//! pest's pairs to the tree. Shapes are the grammar's promise; each `expect` names the rule that gives it.

use pest::iterators::{Pair, Pairs};
use smallvec::smallvec;

use super::ast::{
    Arg, Args, Atom, BinaryOp, Block, Expr, ExprKind, Item, Mark, MarkKind, Modifier, ModifierKind, Op, Rest,
    StrPart, UnaryOp, Use, Value, ValueKind, Word, WordForm, Words,
};
use super::climb::climb;
use super::errors;
use super::parser::Rule;
use super::strings::{self, Str};
use crate::diagnostics::Diagnostics;
use crate::source::{FileId, Span};
use crate::text::Text;

/// Lowers the pairs of one `entry`; `base` is where its text starts in the file.
pub(super) fn entry(file: FileId, base: usize, mut pairs: Pairs<'_, Rule>, out: &mut Diagnostics) -> Item {
    let entry = pairs.next().expect("grammar: a parse gives one entry");
    let item = entry.into_inner().next().expect("grammar: an entry holds an item");
    Lower { file, base, out }.item(item)
}

struct Lower<'a> {
    file: FileId,
    base: usize,
    out: &'a mut Diagnostics,
}

/// A piece of a head before it is sorted into marks, words and modifiers.
pub(super) enum Piece {
    Word(Word),
    Args(Box<Args>),
    Mixins(Modifier),
}

impl Lower<'_> {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span {
            file: self.file,
            start: (self.base + span.start()) as u32,
            end: (self.base + span.end()) as u32,
        }
    }

    fn item(&mut self, pair: Pair<'_, Rule>) -> Item {
        let span = self.span(&pair);
        let inner = pair.into_inner().next().expect("grammar: an item is a clause or plain");
        match inner.as_rule() {
            Rule::clause => self.clause(inner, span),
            _ => self.plain(inner, span),
        }
    }

    fn string_kind(&mut self, token: &str, span: Span) -> ValueKind {
        match strings::read(token, span, self.out) {
            Str::Plain(text) => ValueKind::Str(text),
            Str::Template(parts) => ValueKind::Template(parts),
        }
    }

    fn clause(&mut self, pair: Pair<'_, Rule>, span: Span) -> Item {
        let mut inner = pair.into_inner();
        let keyword = inner.next().expect("grammar: a clause starts with a keyword");
        let words = smallvec![self.bare_word(keyword.as_str(), self.span(&keyword))];
        let body = inner.next().expect("grammar: a clause holds an expression");
        let fits = operators(&body) <= MAX_OPERATORS;
        let rest = if fits {
            Rest::Expr(Box::new(self.expr(body)))
        } else {
            self.out.push(errors::long_expression(self.span(&keyword), MAX_OPERATORS));
            Rest::Nothing
        };
        let (marks, modifiers) = (Vec::new(), Vec::new());
        Item { span, marks, words, args: None, modifiers, rest, broken: !fits }
    }

    fn plain(&mut self, pair: Pair<'_, Rule>, span: Span) -> Item {
        let mut inner = pair.into_inner();
        let head = inner.next().expect("grammar: a plain item starts with a head");
        let mut pieces = Vec::with_capacity(4);
        for part in head.into_inner() {
            match part.as_rule() {
                Rule::run => self.run(&part, &mut pieces),
                Rule::string => {
                    let word = self.string_word(&part);
                    pieces.push(Piece::Word(word));
                }
                Rule::args => pieces.push(Piece::Args(Box::new(self.args(part)))),
                _ => pieces.push(Piece::Mixins(self.mixins(part))),
            }
        }
        let rest = match inner.next() {
            None => Rest::Nothing,
            Some(next) if next.as_rule() == Rule::block => Rest::Block(self.block(next)),
            Some(op) => {
                let symbol = match op.as_str() {
                    "+=" => Op::Add,
                    "-=" => Op::Take,
                    _ => Op::Set,
                };
                let at = self.span(&op);
                Rest::Assign(
                    symbol,
                    at,
                    self.value(inner.next().expect("grammar: a value follows the operator")),
                )
            }
        };
        let (mut item, misplaced) = sort_head(span, pieces, rest);
        let nameless = item.modifiers.iter().find(|modifier| modifier.uses.is_empty());
        let finding = match (nameless, misplaced) {
            (Some(modifier), _) => errors::nameless(modifier.span, modifier.kind.word()),
            (None, Some(at)) => match item.modifiers.iter().find(|modifier| modifier.span == at) {
                Some(again) => errors::modifier_twice(at, again.kind.word()),
                None => errors::misplaced(at),
            },
            (None, None) => return item,
        };
        self.out.push(finding);
        item.modifiers.retain(|modifier| !modifier.uses.is_empty());
        item.broken = true;
        item
    }

    /// Splits a run of plain words; quoted segments of a path may hold blanks.
    fn run(&mut self, pair: &Pair<'_, Rule>, pieces: &mut Vec<Piece>) {
        let base = self.span(pair).start as usize;
        self.words(pair.as_str(), base, pieces);
    }

    fn words(&mut self, text: &str, base: usize, pieces: &mut Vec<Piece>) {
        let bytes = text.as_bytes();
        let (mut at, mut start, mut quoted) = (0, 0, false);
        while at <= bytes.len() {
            let ends = at == bytes.len() || (!quoted && matches!(bytes[at], b' ' | b'\t'));
            if ends {
                if at > start {
                    let span =
                        Span { file: self.file, start: (base + start) as u32, end: (base + at) as u32 };
                    pieces.push(Piece::Word(self.bare_word(&text[start..at], span)));
                }
                start = at + 1;
            } else if bytes[at] == b'"' {
                quoted = !quoted;
            }
            at += 1;
        }
    }

    fn bare_word(&self, text: &str, span: Span) -> Word {
        let form = if text.contains('"') { WordForm::Path(path_segments(text)) } else { WordForm::Bare };
        Word { text: Text::new(text), span, form }
    }

    fn string_word(&mut self, pair: &Pair<'_, Rule>) -> Word {
        let span = self.span(pair);
        match strings::read(pair.as_str(), span, self.out) {
            Str::Plain(text) => Word { text, span, form: WordForm::Quoted },
            Str::Template(parts) => Word { text: shown(&parts), span, form: WordForm::Template(parts) },
        }
    }

    fn mixins(&mut self, pair: Pair<'_, Rule>) -> Modifier {
        let mut inner = pair.into_inner();
        let keyword = inner.next().expect("grammar: mixins start with `with`");
        let span = self.span(&keyword);
        let uses = inner
            .map(|mixin| {
                let mut inner = mixin.into_inner();
                let name = inner.next().expect("grammar: a mixin has a name");
                let word = self.bare_word(name.as_str(), self.span(&name));
                Use { word, args: inner.next().map(|args| Box::new(self.args(args))) }
            })
            .collect();
        Modifier { kind: ModifierKind::With, span, uses }
    }

    fn block(&mut self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        let mut items: Vec<Item> = pair.into_inner().map(|item| self.item(item)).collect();
        items.shrink_to_fit();
        Block { span, items }
    }

    fn value(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.span(&pair);
        let mut atoms: Vec<Atom> = Vec::new();
        for atom in pair.into_inner() {
            if atom.as_rule() == Rule::args {
                let args = self.args(atom);
                atoms.last_mut().expect("grammar: arguments follow a literal").args = Some(Box::new(args));
            } else {
                let value = self.atom(atom);
                atoms.push(Atom { value, args: None });
            }
        }
        match atoms.as_slice() {
            [Atom { args: None, .. }] => atoms.pop().expect("one atom").value,
            _ => Value { span, kind: ValueKind::Apply(atoms) },
        }
    }

    fn atom(&mut self, pair: Pair<'_, Rule>) -> Value {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::literal => ValueKind::Bare(Text::new(pair.as_str())),
            Rule::string => self.string_kind(pair.as_str(), span),
            Rule::list => ValueKind::List(pair.into_inner().map(|value| self.value(value)).collect()),
            _ => ValueKind::Block(self.block(pair)),
        };
        Value { span, kind }
    }

    fn args(&mut self, pair: Pair<'_, Rule>) -> Args {
        let span = self.span(&pair);
        let list = pair.into_inner().map(|arg| self.arg(arg)).collect();
        Args { span, list }
    }

    fn arg(&mut self, pair: Pair<'_, Rule>) -> Arg {
        let inner = pair.into_inner().next().expect("grammar: an argument has one form");
        let rule = inner.as_rule();
        if rule == Rule::value {
            return Arg::Plain(self.value(inner));
        }
        let mut parts = inner.into_inner();
        let ident = parts.next().expect("grammar: starts with a name");
        let name = self.bare_word(ident.as_str(), self.span(&ident));
        let first = self.value(parts.next().expect("grammar: a type or value follows"));
        if rule == Rule::named {
            return Arg::Named { name, value: first };
        }
        let default = parts.next().map(|value| self.value(value));
        Arg::Param { name, ty: first, default }
    }

    fn expr(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let mut operands = Vec::new();
        let mut operators = Vec::new();
        for part in pair.into_inner() {
            if part.as_rule() == Rule::binary {
                let op = BinaryOp::of(part.as_str()).expect("grammar: a binary operator");
                operators.push((op, self.span(&part)));
            } else {
                operands.push(self.operand(part));
            }
        }
        climb(operands, operators)
    }

    fn operand(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let mut prefixes = Vec::new();
        let mut primary = None;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::prefix {
                let op = UnaryOp::of(part.as_str()).expect("grammar: a prefix operator");
                prefixes.push((op, self.span(&part)));
            } else {
                primary = Some(self.primary(part));
            }
        }
        let mut expr = primary.expect("grammar: an operand has a primary");
        for (op, at) in prefixes.into_iter().rev() {
            let span = Span { start: at.start, ..span };
            expr = Expr { span, kind: ExprKind::Unary(op, Box::new(expr)) };
        }
        expr
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::expr => return self.expr(pair),
            Rule::quantifier => self.quantifier(pair),
            Rule::literal => ExprKind::Bare(Text::new(pair.as_str())),
            Rule::string => match strings::read(pair.as_str(), span, self.out) {
                Str::Plain(text) => ExprKind::Str(text),
                Str::Template(parts) => ExprKind::Str(shown(&parts)),
            },
            _ => ExprKind::List(pair.into_inner().map(|value| self.value(value)).collect()),
        };
        Expr { span, kind }
    }

    fn quantifier(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut inner = pair.into_inner();
        let all = inner.next().expect("grammar: all or any").as_str() == "all";
        let ident = inner.next().expect("grammar: a variable");
        let name = self.bare_word(ident.as_str(), self.span(&ident));
        let in_span = self.span(&inner.next().expect("grammar: the word in"));
        let over = Box::new(self.operand(inner.next().expect("grammar: what it runs over")));
        let body = Box::new(self.expr(inner.next().expect("grammar: what must hold")));
        ExprKind::Quantified { all, name, in_span, over, body }
    }
}

/// How many operators one expression may hold: its tree is as deep as they are many.
pub(super) const MAX_OPERATORS: usize = 256;

fn operators(body: &Pair<'_, Rule>) -> usize {
    let counts = |rule| matches!(rule, Rule::binary | Rule::prefix | Rule::quantifier);
    body.clone().into_inner().flatten().filter(|pair| counts(pair.as_rule())).count()
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
pub(super) fn sort_head(span: Span, pieces: Vec<Piece>, rest: Rest) -> (Item, Option<Span>) {
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
        ModifierKind::For => modifier.uses.len() < 2,
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

//! The parser: the grammar of the language definition of CEL, as Google's `cel-go` reads it.
//!
//! Its own instead of a library's: the crates that parse CEL bring a runtime of ANTLR, put macros into other calls while they
//! parse, and check no types, so that neither their places nor their verdicts would do here.

use std::ops::Range;

use super::Mistake;
use super::ast::{BINARY, Expr, Kind, Lit, Name};
use super::lex::{Token, tokens};
use crate::text::Text;

/// How deep brackets may nest, and how high a tree may become. `cel-go` stops at 250 of its own rules.
const MAX_DEPTH: usize = 64;
const MAX_HEIGHT: usize = 200;
/// The longest text that is read. `cel-go` stops at 100,000 characters.
const MAX_LENGTH: usize = 100_000;

/// Names that cannot be those of a variable.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

type Parsed<T> = Result<T, Box<Mistake>>;

/// Parses an expression.
///
/// # Errors
/// If the text is none; the mistake is the first.
pub fn parse(text: &str) -> Result<Expr, Box<Mistake>> {
    if text.len() > MAX_LENGTH {
        return Err(Mistake::syntax(0..text.len(), format!("it is longer than {MAX_LENGTH} bytes")));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, height: 0 };
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("the expression is complete before this", Some(&expr))),
    }
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    /// How many brackets are open.
    depth: usize,
    /// The height of the tree that was read last.
    height: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn place(&self) -> Range<usize> {
        self.tokens[self.at].1.clone()
    }

    fn next(&mut self) -> Range<usize> {
        let place = self.place();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        place
    }

    fn sign(&mut self, sign: &'static str) -> Option<Range<usize>> {
        (*self.peek() == Token::Sign(sign)).then(|| self.next())
    }

    fn expect(&mut self, sign: &'static str, open: Option<&Range<usize>>) -> Parsed<Range<usize>> {
        if let Some(place) = self.sign(sign) {
            return Ok(place);
        }
        let mistake = self.unexpected(&format!("`{sign}` is missing before this"), None);
        Err(match open {
            Some(open) if *self.peek() == Token::End => {
                Mistake::syntax(open.clone(), format!("nothing closes this; `{sign}` is missing"))
            }
            _ => mistake,
        })
    }

    /// What stands here cannot stand here; `before` is what was complete.
    fn unexpected(&self, label: &str, before: Option<&Expr>) -> Box<Mistake> {
        let at = self.place();
        match self.peek() {
            Token::End => Mistake::syntax(at, "the expression is not complete".into()),
            Token::Name(name) => {
                let mistake = Mistake::syntax(at.clone(), format!("{label}, `{name}`"));
                match name.to_ascii_lowercase().as_str() {
                    "and" => mistake.instead("&&"),
                    "or" => mistake.instead("||"),
                    "not" => mistake.instead("!"),
                    _ => self.after_number(mistake, name, before),
                }
            }
            Token::Sign(sign) => Mistake::syntax(at, format!("{label}, `{sign}`")),
            Token::Lit(_) => Mistake::syntax(at, label.to_owned()),
        }
    }

    /// `100GB`: a number and its unit are multiplied.
    fn after_number(&self, mistake: Box<Mistake>, name: &Text, before: Option<&Expr>) -> Box<Mistake> {
        let before = self.at.checked_sub(1).map(|at| &self.tokens[at]).filter(|_| before.is_some());
        let Some((Token::Lit(lit), place)) = before else { return mistake };
        let (number, sign) = match lit {
            Lit::Int(number) => (number, "u * "),
            Lit::Uint(number) => (number, " * "),
            _ => return mistake,
        };
        let at = mistake.at.start;
        if place.end != at {
            return mistake;
        }
        mistake.help(format!("multiply with the unit: `{number}u * {name}`")).edit(at..at, sign)
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(Mistake::syntax(self.place(), format!("it nests more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    /// Notes the height of a tree that was put together from others.
    fn grown(&mut self, highest: usize, at: &Range<usize>) -> Parsed<()> {
        self.height = highest + 1;
        if self.height > MAX_HEIGHT {
            let message = format!("more than {MAX_HEIGHT} operators and selections build on each other");
            return Err(Mistake::syntax(at.clone(), message));
        }
        Ok(())
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| {
            let test = parser.binary(0)?;
            if parser.sign("?").is_none() {
                return Ok(test);
            }
            let mut highest = parser.height;
            let yes = parser.binary(0)?;
            highest = highest.max(parser.height);
            parser.expect(":", None)?;
            let no = parser.expr()?;
            let at = test.at.start..no.at.end;
            parser.grown(highest.max(parser.height), &at)?;
            Ok(Expr { kind: Kind::Ternary(Box::new([test, yes, no])), at })
        })
    }

    /// The operators of a level and of those that bind tighter; they group to the left.
    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        let Some(signs) = BINARY.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some((sign, place)) = signs.iter().find_map(|sign| Some((*sign, self.sign(sign)?))) {
            let highest = self.height;
            let right = self.binary(level + 1)?;
            self.grown(highest.max(self.height), &place)?;
            let at = left.at.start..right.at.end;
            left = Expr { kind: Kind::Binary(sign, place, Box::new(left), Box::new(right)), at };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        for sign in ["!", "-"] {
            let start = self.place().start;
            let mut times = 0;
            while self.sign(sign).is_some() {
                times += 1;
            }
            if times > 0 {
                let of = self.member()?;
                let at = start..of.at.end;
                return Ok(Expr { kind: Kind::Unary(sign, times, Box::new(of)), at });
            }
        }
        self.member()
    }

    fn member(&mut self) -> Parsed<Expr> {
        let mut of = self.primary()?;
        loop {
            let highest = self.height;
            let place = self.place();
            if self.sign(".").is_some() {
                let name = self.name("the name of a field or function")?;
                of = match self.arguments()? {
                    Some((args, end)) => {
                        let at = of.at.start..end;
                        Expr { kind: Kind::Call(Some(Box::new(of)), name, args), at }
                    }
                    None => {
                        let at = of.at.start..name.at.end;
                        Expr { kind: Kind::Select(Box::new(of), name), at }
                    }
                };
            } else if let Some(open) = self.sign("[") {
                let index = self.expr()?;
                let close = self.expect("]", Some(&open))?;
                let at = of.at.start..close.end;
                of = Expr { kind: Kind::Index(Box::new(of), Box::new(index), open), at };
            } else if *self.peek() == Token::Sign("{") && is_path(&of) {
                let (fields, end) = self.fields()?;
                let at = of.at.start..end;
                of = Expr { kind: Kind::Message(Box::new(of), fields), at };
            } else {
                return Ok(of);
            }
            self.grown(highest.max(self.height), &place)?;
        }
    }

    fn name(&mut self, what: &str) -> Parsed<Name> {
        let Token::Name(text) = self.peek() else {
            return Err(self.unexpected(&format!("{what} is missing before this"), None));
        };
        let text = text.clone();
        Ok(Name { text, at: self.next() })
    }

    /// `(a, b)`, if that comes next, and where it ends.
    fn arguments(&mut self) -> Parsed<Option<(Vec<Expr>, usize)>> {
        let Some(open) = self.sign("(") else { return Ok(None) };
        let mut args = Vec::new();
        let mut highest = self.height;
        if let Some(close) = self.sign(")") {
            return Ok(Some((args, close.end)));
        }
        loop {
            args.push(self.expr()?);
            highest = highest.max(self.height);
            if self.sign(",").is_none() {
                self.grown(highest, &open)?;
                return Ok(Some((args, self.expect(")", Some(&open))?.end)));
            }
        }
    }

    fn fields(&mut self) -> Parsed<(Vec<(Name, Expr)>, usize)> {
        let open = self.next();
        let mut fields = Vec::new();
        let mut highest = self.height;
        while *self.peek() != Token::Sign("}") {
            let name = self.name("the name of a field")?;
            self.expect(":", None)?;
            fields.push((name, self.expr()?));
            highest = highest.max(self.height);
            if self.sign(",").is_none() {
                break;
            }
        }
        self.grown(highest, &open)?;
        Ok((fields, self.expect("}", Some(&open))?.end))
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.place();
        self.height = 1;
        match self.peek().clone() {
            Token::Lit(lit) => {
                self.next();
                if lit == Lit::Int(1 << 63) && !self.signed() {
                    return Err(Mistake::syntax(start, "this number is too large for its type".into()));
                }
                Ok(Expr { kind: Kind::Lit(lit), at: start })
            }
            Token::Sign("(") => {
                self.next();
                let inner = self.expr()?;
                let close = self.expect(")", Some(&start))?;
                // A number keeps its place: what is written behind it belongs inside of the brackets.
                let at = if matches!(inner.kind, Kind::Lit(_)) { inner.at } else { start.start..close.end };
                Ok(Expr { kind: inner.kind, at })
            }
            Token::Sign("[") => {
                self.next();
                let mut items = Vec::new();
                let mut highest = 0;
                while *self.peek() != Token::Sign("]") {
                    items.push(self.expr()?);
                    highest = highest.max(self.height);
                    if self.sign(",").is_none() {
                        break;
                    }
                }
                let close = self.expect("]", Some(&start))?;
                self.grown(highest, &start)?;
                Ok(Expr { kind: Kind::List(items), at: start.start..close.end })
            }
            Token::Sign("{") => self.map(start),
            Token::Sign("-") => {
                // `!-1`: a sign of its own, which belongs to the literal.
                self.next();
                let Token::Lit(lit @ (Lit::Int(_) | Lit::Double)) = self.peek().clone() else {
                    return Err(self.unexpected("a number is missing before this", None));
                };
                let at = self.next();
                let number = Expr { kind: Kind::Lit(lit), at: at.clone() };
                Ok(Expr { kind: Kind::Unary("-", 1, Box::new(number)), at: start.start..at.end })
            }
            Token::Sign(".") => {
                self.next();
                let mut named = self.named(start.start)?;
                if let Kind::Name(name) = &mut named.kind {
                    *name = format!(".{name}").into();
                }
                Ok(named)
            }
            Token::Name(name) if RESERVED.contains(&name.as_str()) => {
                Err(Mistake::syntax(start, format!("`{name}` is a reserved word")))
            }
            Token::Name(_) => self.named(start.start),
            _ => Err(self.unexpected("a value is missing before this", None)),
        }
    }

    /// Whether the literal that was just read stands behind a minus.
    fn signed(&self) -> bool {
        self.at.checked_sub(2).is_some_and(|at| self.tokens[at].0 == Token::Sign("-"))
    }

    /// A variable, or a call of a function.
    fn named(&mut self, start: usize) -> Parsed<Expr> {
        let name = self.name("a name")?;
        Ok(match self.arguments()? {
            Some((args, end)) => Expr { kind: Kind::Call(None, name, args), at: start..end },
            None => Expr { at: start..name.at.end, kind: Kind::Name(name.text) },
        })
    }

    fn map(&mut self, open: Range<usize>) -> Parsed<Expr> {
        self.next();
        let mut entries = Vec::new();
        let mut highest = 0;
        while *self.peek() != Token::Sign("}") {
            let key = self.expr()?;
            highest = highest.max(self.height);
            self.expect(":", None)?;
            entries.push((key, self.expr()?));
            highest = highest.max(self.height);
            if self.sign(",").is_none() {
                break;
            }
        }
        let close = self.expect("}", Some(&open))?;
        self.grown(highest, &open)?;
        Ok(Expr { kind: Kind::Map(entries), at: open.start..close.end })
    }
}

/// Whether an expression could be the name of a message type.
fn is_path(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Name(_) => true,
        Kind::Select(of, _) => is_path(of),
        _ => false,
    }
}

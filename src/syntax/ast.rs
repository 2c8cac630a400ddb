//! The syntax tree: the uniform item, values and expressions, each part with its place. It knows no kind and no field.

use crate::source::{FileId, Span};
use crate::text::Text;

/// One parsed file. Items that were broken are kept as far as they could be read.
#[derive(Debug)]
pub struct Ast {
    /// The file.
    pub file: FileId,
    /// Items in source order.
    pub items: Vec<Item>,
    /// Comments in source order.
    pub comments: Vec<Comment>,
}

/// A comment, without its line end.
#[derive(Clone, Copy, Debug)]
pub struct Comment {
    /// From `#` to the end of the line.
    pub span: Span,
    /// Whether it starts with `##`.
    pub doc: bool,
    /// Whether nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// `mark* word+ (params)? modifier* (op value | body)?`
#[derive(Debug)]
pub struct Item {
    /// All of it.
    pub span: Span,
    /// `abstract`, `override`, …
    pub marks: Vec<Mark>,
    /// Kind, names, or a field: never empty.
    pub words: Words,
    /// `(…)` after the last word: parameters of a declaration, arguments of `allow`.
    pub args: Option<Box<Args>>,
    /// `extends …`, `with …`, …
    pub modifiers: Vec<Modifier>,
    /// What follows the head.
    pub rest: Rest,
    /// A part of its text could not be read. This is of the tree alone: what it means for a declaration, and for what is made of
    /// that, says [`crate::diagnostics::Poison`], into which typing takes it.
    pub broken: bool,
}

impl Item {
    /// Whether it is one word and nothing else.
    pub fn is_word(&self) -> bool {
        let bare = self.marks.is_empty() && self.modifiers.is_empty() && self.args.is_none();
        matches!(self.rest, Rest::Nothing) && self.words.len() == 1 && bare && !self.broken
    }
}

/// The words of an item; most have one, and there are very many.
pub type Words = smallvec::SmallVec<[Word; 1]>;

/// What follows the head of an item.
#[derive(Debug)]
pub enum Rest {
    /// Nothing.
    Nothing,
    /// `op value`
    Assign(Op, Span, Value),
    /// `{ … }`
    Block(Block),
    /// The expression of `when` and `require`.
    Expr(Box<Expr>),
}

/// An assignment operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Set,
    /// `+=`
    Add,
    /// `-=`
    Take,
}

impl Op {
    /// As written.
    pub fn symbol(self) -> &'static str {
        match self {
            Op::Set => "=",
            Op::Add => "+=",
            Op::Take => "-=",
        }
    }
}

/// `{ item… }`
#[derive(Debug)]
pub struct Block {
    /// With its braces.
    pub span: Span,
    /// Items in source order.
    pub items: Vec<Item>,
}

/// A word in front of an item that says how it acts.
#[derive(Debug)]
pub struct Mark {
    /// Which.
    pub kind: MarkKind,
    /// The word.
    pub span: Span,
    /// `("why")` after `unchecked`.
    pub args: Option<Box<Args>>,
}

macro_rules! words {
    ($(#[doc = $all:literal])+ $name:ident: $($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        $(#[doc = $all])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[doc = $doc])+ $variant,)+ }
        impl $name {
            /// Every word, for editors and suggestions.
            pub const ALL: &[(&str, $name)] = &[$(($text, $name::$variant),)+];
            /// The word as written.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
            /// The meaning of a word.
            pub fn of(word: &str) -> Option<$name> {
                match word { $($text => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// The words that may stand before an item.
    MarkKind:
    /// Only a base: may be incomplete, is never emitted.
    Abstract = "abstract",
    /// Declared elsewhere: known by name only.
    Extern = "extern",
    /// Descendants may not replace it.
    Final = "final",
    /// Replaces what was inherited.
    Override = "override",
    /// A file that is not in git; never read.
    Secret = "secret",
    /// A file that something else makes; never read.
    External = "external",
    /// Not checked, for a reason.
    Unchecked = "unchecked",
    /// Back to "not set".
    Unset = "unset",
    /// Drops an inherited entry.
    Remove = "remove",
    /// Drops a part of the generated Talos configuration.
    Delete = "delete",
}

words! {
    /// The words that may stand behind the names of an item.
    ModifierKind:
    /// The parent.
    Extends = "extends",
    /// Mixins, left to right.
    With = "with",
    /// The provider of a class.
    Via = "via",
    /// The first Talos version of the target for which the item counts.
    Since = "since",
    /// The last Talos version of the target for which the item counts.
    Until = "until",
    /// The kind that an invariant judges, and its name there.
    For = "for",
    /// A file that holds the body.
    File = "file",
    /// A file that holds the fields of a provider.
    Schema = "schema",
    /// Another name for an import.
    As = "as",
}

/// A word behind the names of an item with what belongs to it.
#[derive(Debug)]
pub struct Modifier {
    /// Which.
    pub kind: ModifierKind,
    /// The keyword.
    pub span: Span,
    /// What follows; never empty.
    pub uses: Vec<Use>,
}

/// A name with arguments: `longhorn.v1(mount = "/var/mnt/longhorn")`.
#[derive(Debug)]
pub struct Use {
    /// The name.
    pub word: Word,
    /// Its arguments.
    pub args: Option<Box<Args>>,
}

impl Use {
    /// Name and arguments.
    pub fn span(&self) -> Span {
        self.args.as_ref().map_or(self.word.span, |args| self.word.span.to(args.span))
    }
}

/// A name, key or path.
#[derive(Clone, Debug)]
pub struct Word {
    /// The text; without quotes if it was wholly quoted, escapes resolved.
    pub text: Text,
    /// The place, with quotes.
    pub span: Span,
    /// How it was written.
    pub form: WordForm,
}

/// How a word was written.
#[derive(Clone, Debug)]
pub enum WordForm {
    /// Plain: dots separate path segments where a path may stand.
    Bare,
    /// A path with quoted segments, already split.
    Path(Box<[Text]>),
    /// Quoted: one name, whatever it holds.
    Quoted,
    /// Quoted, with `${…}` in it.
    Template(Box<[StrPart]>),
}

impl Word {
    /// The segments of a path.
    pub fn segments(&self) -> smallvec::SmallVec<[Text; 2]> {
        match &self.form {
            WordForm::Bare => self.text.split('.').map(Text::new).collect(),
            WordForm::Path(segments) => segments.iter().cloned().collect(),
            WordForm::Quoted | WordForm::Template(_) => smallvec::smallvec![self.text.clone()],
        }
    }
}

/// `( … )`
#[derive(Debug)]
pub struct Args {
    /// With its parentheses.
    pub span: Span,
    /// In source order.
    pub list: Vec<Arg>,
}

/// One element of `( … )`.
#[derive(Debug)]
pub enum Arg {
    /// `name: Type` or `name: Type = default`
    Param {
        /// The name.
        name: Word,
        /// The type.
        ty: Value,
        /// The default.
        default: Option<Value>,
    },
    /// `name = value`
    Named {
        /// The name.
        name: Word,
        /// The value.
        value: Value,
    },
    /// A value without a name.
    Plain(Value),
}

/// A value and its place.
#[derive(Debug)]
pub struct Value {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// What a value is, before its type is known.
#[derive(Debug)]
pub enum ValueKind {
    /// A bare literal or name: one token, classified by the type that is expected.
    Bare(Text),
    /// A string without `${…}`.
    Str(Text),
    /// A string with `${…}`.
    Template(Box<[StrPart]>),
    /// `[ … ]`
    List(Vec<Value>),
    /// `{ … }`
    Block(Block),
    /// Two or more atoms, or one with arguments: `worker(zone = "hp")`, `file "x"`, `10.0.0.1/24 on lan`, `base { … }`.
    Apply(Vec<Atom>),
}

/// One atom of [`ValueKind::Apply`].
#[derive(Debug)]
pub struct Atom {
    /// The atom itself.
    pub value: Value,
    /// Its arguments.
    pub args: Option<Box<Args>>,
}

/// A piece of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum StrPart {
    /// Text.
    Text(Text),
    /// `${name}`
    Name(Text, Span),
}

/// An expression of an invariant.
#[derive(Debug)]
pub struct Expr {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug)]
pub enum ExprKind {
    /// A name, a path such as `r.gpu`, or a bare literal.
    Bare(Text),
    /// A string.
    Str(Text),
    /// `[ … ]`
    List(Vec<Value>),
    /// `not x`, `count x`, `unique x`
    Unary(UnaryOp, Box<Expr>),
    /// `a op b`
    Binary(BinaryOp, Span, Box<Expr>, Box<Expr>),
    /// `all x in xs: …`, `any x in xs: …`
    Quantified {
        /// `all` rather than `any`.
        all: bool,
        /// The variable.
        name: Word,
        /// The `in` behind it.
        in_span: Span,
        /// What it runs over.
        over: Box<Expr>,
        /// What must hold of it.
        body: Box<Expr>,
    },
}

words! {
    /// Operators before an operand.
    UnaryOp:
    /// The opposite.
    Not = "not",
    /// How many elements.
    Count = "count",
    /// Whether no element stands twice.
    Unique = "unique",
}

words! {
    /// Operators between operands.
    BinaryOp:
    /// Same value.
    Eq = "==",
    /// Not the same value.
    Ne = "!=",
    /// Less.
    Lt = "<",
    /// Less or the same.
    Le = "<=",
    /// Greater.
    Gt = ">",
    /// Greater or the same.
    Ge = ">=",
    /// Both.
    And = "and",
    /// One of them or both.
    Or = "or",
    /// The second if the first.
    Implies = "implies",
    /// Element of.
    In = "in",
    /// An address in a network.
    Within = "within",
}

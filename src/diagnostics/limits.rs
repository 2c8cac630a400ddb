//! How much is too much: every limit on what a source may come to, and what is said when it does.
//!
//! A few lines can come to more than any machine holds: names that double at each step, sets times patches, quantifiers in one
//! another. Each phase counts what it works out and stops where the limit is; the work that is allowed grows with the size of the sources, so
//! that no fleet that somebody writes meets a limit. How deep things may nest stands where they are read (`syntax::split`).

use super::{Code, Diagnostic};
use crate::source::Span;

/// A limit.
#[derive(Debug)]
pub struct Limit {
    /// What may be there at most, whatever the size of the sources.
    pub most: usize,
    /// How much more may be there for each byte of the sources.
    pub for_each_byte: usize,
    /// The headline, with `{}` for the number.
    says: &'static str,
    /// What to do.
    help: &'static str,
}

/// The words and texts of one file.
pub static WORDS: Limit = Limit {
    most: 4_000_000,
    for_each_byte: 0,
    says: "this file has more than {} words, so it is not read",
    help: "spread it over several files, or leave it out if it is no source",
};

/// The declarations that one is made of: its parents and mixins, theirs, and each as often as its arguments differ.
pub static PARTS: Limit = Limit {
    most: 500,
    for_each_byte: 0,
    says: "this is made of more than {} declarations, each counted as often as its arguments differ",
    help: "take in fewer: a base that is taken in twice at each step comes to twice as many there",
};

/// The fields and elements that all declarations come to together, with all that they inherit and name.
pub static FIELDS: Limit = Limit {
    most: 250_000,
    for_each_byte: 2,
    says: "up to this, the declarations come to more than {} fields and elements, with all that they inherit and name",
    help: "say what many share on a higher level (the cluster, or one patch), instead of taking it into each of them",
};

/// The values that `let`s put in.
pub static LET_VALUES: Limit = Limit {
    most: 100_000,
    for_each_byte: 1,
    says: "the `let`s put more than {} values in",
    help: "let them name fewer of the others: what doubles at each step is absurdly large after a few",
};

/// The bytes of texts that parameters and `let`s are put into.
pub static TEXTS: Limit = Limit {
    most: 8 << 20,
    for_each_byte: 64,
    says: "parameters and `let`s are put in until the texts have more than {} bytes",
    help: "put fewer of them in, or put the text into a file that each place names",
};

/// The bytes of one text.
pub static TEXT: Limit = Limit {
    most: 1 << 20,
    for_each_byte: 0,
    says: "the parameters in this text make it longer than {} bytes",
    help: "put fewer of them in: what doubles at each step is absurdly long after a few",
};

/// What one rule may look at for all that it judges in a cluster.
pub static STEPS: Limit = Limit {
    most: 100_000,
    for_each_byte: 0,
    says: "this rule looks at more than {} values",
    help: "split it, or let it quantify over fewer lists: each `all` or `any` inside of another one multiplies what is looked at",
};

/// Every limit, for the tests.
pub static ALL: [&Limit; 7] = [&WORDS, &PARTS, &FIELDS, &LET_VALUES, &TEXTS, &TEXT, &STEPS];

/// How many errors, and how many warnings, are kept of a run.
pub const FINDINGS: usize = 10_000;

impl Limit {
    /// How much is allowed to sources of some size.
    pub fn of(&self, bytes: usize) -> usize {
        self.most.saturating_add(self.for_each_byte.saturating_mul(bytes))
    }

    /// Says that more than `most` is there.
    pub fn exceeded(&self, at: Span, most: usize) -> Diagnostic {
        Diagnostic::new(Code::TooMuch, self.says.replace("{}", &most.to_string()))
            .label(at, "more than that with this")
            .help(self.help)
    }
}

/// Says that there are more findings than are kept.
pub(super) fn left_out() -> Diagnostic {
    Diagnostic::new(
        Code::FindingsLeftOut,
        format!("more than {FINDINGS} findings; those behind them are left out"),
    )
    .help("mend these first, then run it again")
}

//! Well-formed text in ugly layout, made from a string of choices, so that proptest can shrink it.

use std::fmt::Write as _;

use proptest::prelude::*;

/// Choices in, text out.
struct Writer<'a> {
    choices: &'a [u8],
    out: String,
    depth: usize,
    names: usize,
    /// The last item ended with mixins: a `,` would go on with them.
    mixins: bool,
}

const VALUES: &[&str] = &[
    "3",
    "v1.13.7",
    "192.168.10.0/24",
    "8GiB",
    "true",
    "0o644",
    "host",
    "430d882a-51a8-48b3-ab00-d4b5b0b5b0b0",
    "bc:24:11:be:6c:08",
    "fd00::1/64",
    "12h",
    "\"text\"",
    "'name == \"x\"'",
    "\"${gh}/a\\n\"",
    "\"\"",
    "\"größe # {\"",
    "\"\"\"\n      a\n        b ${c}\n\n      \"\"\"",
    "'''one\n  two'''",
    "\"\"\"\n x\n\ty\n   \"\"\"",
    "'''\n'''",
];
const COMMENTS: &[&str] = &["# c", "#", "## doc", "# \"{[(", "#   x  ", "# ä, = }"];

impl Writer<'_> {
    fn pick(&mut self, n: usize) -> usize {
        let Some((&first, rest)) = self.choices.split_first() else { return 0 };
        self.choices = rest;
        first as usize % n
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn one(&mut self, list: &[&str]) {
        let at = self.pick(list.len());
        self.push(list[at]);
    }

    fn ws(&mut self) {
        self.one(&[" ", " ", "  ", "\t", "    "]);
    }

    fn maybe_ws(&mut self) {
        self.one(&["", " ", " ", "\t "]);
    }

    fn comment(&mut self) {
        self.maybe_ws();
        self.one(COMMENTS);
        self.push("\n");
    }

    fn gap(&mut self) {
        for _ in 0..self.pick(4).saturating_sub(1) {
            match self.pick(4) {
                0 => self.push(" "),
                1 => self.push("\n"),
                2 => self.push("\n  \n\n   "),
                _ => self.comment(),
            }
        }
    }

    /// Between items and elements.
    fn sep(&mut self) {
        self.maybe_ws();
        match self.pick(4) {
            0 => self.push("\n"),
            1 if !self.mixins => self.push(","),
            2 => self.comment(),
            _ => self.push("\n\n"),
        }
        self.gap();
    }

    fn name(&mut self) {
        self.names += 1;
        let stem = ["a", "role", "x_y", "long-name", "key", "n/1"][self.pick(6)];
        let _ = write!(self.out, "{stem}{}", self.names);
    }

    fn value(&mut self) {
        self.depth += 1;
        let kinds = if self.depth > 6 { 5 } else { 11 };
        match self.pick(kinds) {
            0..=4 => self.one(VALUES),
            5 | 6 => self.list(),
            7 => self.block(),
            8 => {
                self.push("file ");
                self.one(&["\"x.yaml\"", "'y'"]);
            }
            9 => {
                self.name();
                self.args();
            }
            _ => {
                self.push("10.0.0.1/24");
                self.ws();
                self.push("on lan");
            }
        }
        self.depth -= 1;
    }

    fn list(&mut self) {
        self.push("[");
        self.gap();
        for i in 0..self.pick(4) {
            if i > 0 {
                self.sep();
            }
            self.value();
        }
        self.gap();
        self.push("]");
    }

    fn args(&mut self) {
        self.push("(");
        self.gap();
        for i in 0..self.pick(4) {
            if i > 0 {
                self.gap();
                self.push(",");
                self.gap();
            }
            match self.pick(3) {
                0 => self.value(),
                kind => {
                    self.push(["b1", "c2", "d-3"][i % 3]);
                    self.maybe_ws();
                    self.push(if kind == 1 { "=" } else { ":" });
                    if kind == 1 {
                        self.gap();
                    } else {
                        self.push(" ");
                    }
                    self.value();
                }
            }
        }
        self.gap();
        self.push(")");
    }

    fn block(&mut self) {
        self.push("{");
        self.mixins = false;
        self.gap();
        self.depth += 1;
        let most = if self.depth > 6 { 2 } else { 5 };
        for i in 0..self.pick(most) {
            if i > 0 {
                self.sep();
            }
            self.item();
        }
        self.depth -= 1;
        self.gap();
        self.push("}");
    }

    fn item(&mut self) {
        self.mixins = false;
        match self.pick(8) {
            0..=2 => self.assignment(),
            3 | 4 => {
                self.head();
                self.maybe_ws();
                self.block();
                self.mixins = false;
            }
            5 => self.clause(),
            6 => {
                self.push("message");
                self.ws();
                self.one(&VALUES[11..]);
            }
            _ => self.head(),
        }
    }

    fn assignment(&mut self) {
        if self.pick(4) == 3 {
            self.one(&["override", "final"]);
            self.ws();
        }
        self.name();
        self.one(&[" ", "  ", "\t"]);
        self.one(&["=", "=", "+=", "-="]);
        self.gap();
        self.value();
    }

    fn head(&mut self) {
        if self.pick(5) == 4 {
            self.one(&["abstract ", "unchecked(\"why\")  ", "remove\t"]);
        }
        self.name();
        for _ in 0..self.pick(3) {
            self.ws();
            self.one(&["web", "m.\"a b\".c", "\"q r\"", "\"${n}-x\""]);
        }
        if self.pick(4) == 3 && self.out.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            self.args();
        }
        if self.pick(3) == 2 {
            self.ws();
            self.push("extends");
            self.ws();
            self.name();
            if self.pick(3) == 2 {
                self.args();
            }
        }
        if self.pick(4) == 3 {
            self.ws();
            self.push("with p.q");
            self.mixins = true;
            for _ in 0..self.pick(3) {
                self.push(",");
                self.gap();
                self.push("m(a = 1)");
            }
        }
    }

    fn clause(&mut self) {
        self.one(&["when", "require"]);
        self.ws();
        self.expr();
        // A comma behind an expression, or nothing at all, must stay on its line.
        if self.out.ends_with(' ') {
            self.push("x");
        }
    }

    fn expr(&mut self) {
        self.depth += 1;
        self.operand();
        for _ in 0..self.pick(3) {
            self.ws();
            self.one(&["==", "and", "or", "implies", "in", "<=", "within", "!="]);
            self.push(" ");
            self.gap();
            self.operand();
        }
        self.depth -= 1;
    }

    fn operand(&mut self) {
        if self.pick(4) == 3 {
            self.one(&["not ", "count  ", "unique "]);
        }
        match self.pick(if self.depth > 4 { 3 } else { 6 }) {
            0 | 1 => self.one(&["r.gpu", "nvidia", "3", "v1.13"]),
            2 => self.push("\"s\""),
            3 => {
                self.push("(");
                self.gap();
                self.expr();
                self.gap();
                self.push(")");
            }
            4 => self.list(),
            _ => {
                self.one(&["all x in r.xs", "any y  in  (a)"]);
                self.maybe_ws();
                self.push(":");
                self.push(" ");
                self.gap();
                self.expr();
            }
        }
    }

    fn file(&mut self) {
        self.gap();
        for i in 0..1 + self.pick(5) {
            if i > 0 {
                self.sep();
            }
            self.mixins = false;
            // At top level an expression of several lines is several items.
            match self.pick(4) {
                0 => self.assignment(),
                1 => self.head(),
                _ => {
                    self.head();
                    self.maybe_ws();
                    self.block();
                    self.mixins = false;
                }
            }
        }
        self.gap();
    }
}

/// A well-formed file.
pub(crate) fn file() -> impl Strategy<Value = String> {
    (proptest::collection::vec(any::<u8>(), 0..600), any::<bool>()).prop_map(|(choices, crlf)| {
        let mut writer = Writer { choices: &choices, out: String::new(), depth: 0, names: 0, mixins: false };
        writer.file();
        if crlf { writer.out.replace('\n', "\r\n") } else { writer.out }
    })
}

/// Text made of pieces of the language in any order.
pub(crate) fn fragments() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "role",
        " ",
        " a ",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "=",
        "+=",
        ",",
        "\n",
        "#c",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "\\",
        "${",
        "when ",
        "require ",
        "all x in xs: ",
        " and ",
        "not ",
        "==",
        "<",
        ":",
        "::",
        ";",
        "-",
        "- a",
        "//",
        "/*",
        "with ",
        "extends ",
        "x = 1",
        "x = ",
        "é",
        "“",
        "\u{feff}",
        "\r\n",
        "\r",
        "\t",
        "1.2.3.4/5",
        "!",
        "&",
        "*",
        "|",
        "unchecked",
        "for role r",
        "override ",
        "🦀",
        "=>",
        "$",
        "@",
        "%",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

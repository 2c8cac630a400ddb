//! Floods for each rule of the grammar: what it reads, side by side, one in another and as wide as can be.

use super::Flood;

/// One way to have much of what a rule reads: `@` of the frame is where the pieces stand, `#` of a piece is its number and `%` the number
/// before it.
struct Row {
    rule: &'static str,
    frame: &'static str,
    piece: &'static str,
}

/// A cluster to use what stands before it.
const LAB: &str = "\ncluster lab {\n talos = v1.13.7\n kubernetes = v1.35.0\n controlplane { role = r }\n}\n";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { rule: "entry", frame: "@", piece: "role r#\n" },
    Row { rule: "entry", frame: "@", piece: "x\n" },
    Row { rule: "entry", frame: "@", piece: "}\n" },
    Row { rule: "entry", frame: "@", piece: "role r {}\n" },
    Row { rule: "blank", frame: "role r {@}\n", piece: "    " },
    Row { rule: "blank", frame: "@", piece: "\u{a0}\n" },
    Row { rule: "newline", frame: "role r {@}\n", piece: "\r\n" },
    Row { rule: "comment", frame: "role r {\n@}\n", piece: "# comment #\n" },
    Row { rule: "comment", frame: "role r {\n@}\n", piece: "// comment #\n" },
    Row { rule: "comment", frame: "@role r {}\n", piece: "## comment #\n" },
    Row { rule: "gap", frame: "role r {\n@}\n", piece: " \n# x\n\t\n" },
    Row { rule: "ws", frame: "role@r {}\n", piece: " \t" },
    Row { rule: "sep", frame: "role r { @ }\n", piece: "," },
    Row { rule: "sep", frame: "role r { kernel.args = [@] }\n", piece: "\"a#\",\n" },
    Row { rule: "name_char", frame: "role @\n", piece: "a" },
    Row { rule: "bare", frame: "role r { hostname = @ }\n", piece: "a:" },
    Row { rule: "bare", frame: "patch p { machine.a = @ }\n", piece: "b#." },
    Row { rule: "quoted_key", frame: "patch p {\n@}\n", piece: "machine.nodeLabels.\"a b #\" = \"c\"\n" },
    Row { rule: "quoted_key", frame: "patch p { machine@ = 1 }\n", piece: ".\"a b\"" },
    Row { rule: "ident", frame: "role r(@)\n", piece: "a#: String," },
    Row { rule: "ident", frame: "role r(s: String) { node-labels { a = \"@\" } }\nrole q with r(s = \"b\")\n", piece: "${s}" },
    Row { rule: "kw_end", frame: "invariant i for role r {\n@ message \"m\"\n}\n", piece: "require notr\n" },
    Row { rule: "item", frame: "@", piece: "role\n" },
    Row { rule: "clause", frame: "invariant i for role r {\n@ message \"m\"\n}\n", piece: "when r.gpu == nvidia\n require r.hostname == \"#\"\n" },
    Row { rule: "clause", frame: "@", piece: "invariant i# for role r { require count r.extensions < #\n message \"m\" }\n" },
    Row { rule: "kw_clause", frame: "role r {\n@}\n", piece: "when a == b\n" },
    Row { rule: "plain", frame: "role r {\n@}\n", piece: "field# = value#\n" },
    Row { rule: "plain", frame: "role r {\n@}\n", piece: "hostname = \"h#\"\n" },
    Row { rule: "head", frame: "role r {\n@}\n", piece: "a b c #\n" },
    Row { rule: "head", frame: "@\n", piece: "word# " },
    Row { rule: "part", frame: "@\n", piece: "x(a = #) " },
    Row { rule: "part", frame: "@\n", piece: "\"text #\" " },
    Row { rule: "run", frame: "role r { @ }\n", piece: "override " },
    Row { rule: "run_word", frame: "role r {\n@}\n", piece: "node-labels.a# = \"b\"\n" },
    Row { rule: "mixins", frame: "@", piece: "role r# with r%, r%\n" },
    Row { rule: "mixins", frame: "role s {}\nrole r with @\n", piece: "s, " },
    Row { rule: "mixins", frame: "role s {}\nrole r {\n@}\n", piece: "with s\n" },
    Row { rule: "kw_with", frame: "role r @\n", piece: "with " },
    Row { rule: "mixin", frame: "role s(t: String) { node-annotations { \"a${t}\" = \"b\" } }\nrole r with @ s(t = \"z\")\nL", piece: "s(t = \"#\"), " },
    Row { rule: "mixin", frame: "role s(t: String) {}\nrole r with @ s(t = \"z\")\nL", piece: "s(t = \"x\"), " },
    Row { rule: "ident_path", frame: "role r with @\n", piece: "a#.b, " },
    Row { rule: "op", frame: "role r {\n kernel.args = [\"x\"]\n}\nrole q extends r {\n@}\n", piece: "kernel.args += [\"b#\"]\n" },
    Row { rule: "op", frame: "role r {\n kernel.args = [\"x\"]\n}\nrole q extends r {\n@}\n", piece: "kernel.args -= [\"b#\"]\n" },
    Row { rule: "op", frame: "role r {\n kernel.args = [\"x\"]\n}\nrole q extends r {\n@}\n", piece: "kernel.args += [\"b\"]\n" },
    Row { rule: "op", frame: "role r {\n@}\n", piece: "a == b\n" },
    Row { rule: "block", frame: "patch p {\n@}\n", piece: "machine { env { A# = \"b\" } }\n" },
    Row { rule: "block", frame: "@", piece: "{\n}\n" },
    Row { rule: "value", frame: "patch p { machine.a = @ }\n", piece: "a # " },
    Row { rule: "atom", frame: "patch p { machine.a = @ }\n", piece: "[] {} " },
    Row { rule: "literal", frame: "patch p { machine.a = [@] }\n", piece: "#, " },
    Row { rule: "literal", frame: "let a = 1\npatch p { machine.a = [@] }\n", piece: "a, " },
    Row { rule: "literal", frame: "patch p { machine.a = [@] }\n", piece: "name#, " },
    Row { rule: "colon", frame: "role r {\n@}\n", piece: "key#: value\n" },
    Row { rule: "colon", frame: "@", piece: "role r#:\n" },
    Row { rule: "list", frame: "role r { extensions = [@] }\n", piece: "name#, " },
    Row { rule: "list", frame: "@", piece: "role r# { extensions = [nfsd] }\n" },
    Row { rule: "args", frame: "role r with s(@)\n", piece: "a# = 1, " },
    Row { rule: "args", frame: "role s(a: Int) {}\nrole r with s(@)\n", piece: "a = #, " },
    Row { rule: "arg", frame: "role r with s(@)\n", piece: "#, " },
    Row { rule: "param", frame: "role r(@) {}\n", piece: "a#: Int = #, " },
    Row { rule: "param", frame: "role r(a0: Int, @) {}\n", piece: "a#: Int = a0, " },
    Row { rule: "param", frame: "role r(@) {}\nrole s with r(@@)\n", piece: "a#: String = \"x\", " },
    Row { rule: "named", frame: "role r with s(a = @)\n", piece: "[#] " },
    Row { rule: "string", frame: "patch p { machine.a = [@] }\n", piece: "\"a\", 'b', \"\"\"c\"\"\", '''d''',\n" },
    Row { rule: "text3", frame: "patch p { machine.a = \"\"\"\n@\n\"\"\" }\n", piece: "  line # \\n\n" },
    Row { rule: "until3", frame: "patch p { machine.a = \"\"\"@\"\"\" }\n", piece: "\"a" },
    Row { rule: "text1", frame: "role r { hostname = \"@\" }\n", piece: "a" },
    Row { rule: "text1", frame: "role r {\n@}\n", piece: "hostname = \"a\n" },
    Row { rule: "until1", frame: "role r { hostname = \"@\" }\n", piece: "${" },
    Row { rule: "raw3", frame: "patch p { machine.a = '''\n@\n''' }\n", piece: "   \t'x'\n" },
    Row { rule: "raw1", frame: "patch p { machine.a = '@' }\n", piece: "\\x" },
    Row { rule: "escape", frame: "role r { hostname = \"@\" }\n", piece: "\\q" },
    Row { rule: "escape", frame: "role r { hostname = \"@\" }\n", piece: "\\n" },
    Row { rule: "expr", frame: "invariant i for role r { require r.gpu == nvidia @\n message \"m\" }\n", piece: " or r.gpu == amd" },
    Row { rule: "operand", frame: "invariant i for role r { require @ r.gpu\n message \"m\" }\n", piece: "not " },
    Row { rule: "prefix", frame: "invariant i for role r { require @ r.extensions\n message \"m\" }\n", piece: "count " },
    Row { rule: "primary", frame: "invariant i for role r { require r.gpu in [@]\n message \"m\" }\n", piece: "word#, " },
    Row { rule: "quantifier", frame: "invariant i for role r {\n@ message \"m\"\n}\nrole s { extensions = [nfsd, gvisor, crun] }\n",
        piece: "require all x in r.extensions: any y in r.extensions: x == y\n" },
    Row { rule: "kw_quant", frame: "invariant i for role r { require @ x\n message \"m\" }\n", piece: "all " },
    Row { rule: "kw_in", frame: "invariant i for role r { require r.gpu @\n message \"m\" }\n", piece: " in r.gpu" },
    Row { rule: "binary", frame: "invariant i for role r { require r.gpu @ nvidia\n message \"m\" }\n", piece: " == < " },
];

/// What may stand in itself: the text before, in the middle and behind, and what is around all.
#[rustfmt::skip]
const NESTS: &[(&str, [&str; 4])] = &[
    ("block", ["role r {\n@}\n", "a { ", "", "} "]),
    ("block", ["patch p {\n@}\n", "machine.a { ", "b = 1", "} "]),
    ("list", ["patch p { machine.a = @ }\n", "[", "1", "]"]),
    ("args", ["role r with @\n", "s(a = ", "1", ")"]),
    ("named", ["role r with @\n", "s(a = [ ", "1", "])"]),
    ("expr", ["invariant i for role r { require @\n message \"m\" }\n", "(", "r.gpu == amd", ")"]),
    ("quantifier", ["invariant i for role r { require @\n message \"m\" }\nrole s { extensions = [nfsd, crun, gvisor] }\n", "all x in r.extensions: ", "x == x", ""]),
    ("quantifier", ["invariant i for role r { require @\n message \"m\" }\nrole s { extensions = [nfsd, crun, gvisor] }\n", "any x in r.extensions: not ", "x == x", ""]),
    ("run_word", ["patch p { @ = 1 }\n", "a.", "a", ""]),
    ("until1", ["role r { hostname = \"@\" }\n", "${\"", "x", "\"}"]),
    ("string", ["role r { hostname = @ }\n", "\"\"\"", "x", ""]),
    ("entry", ["@", "( ", "", ""]),
    ("entry", ["@", "{ [", "", ""]),
    ("entry", ["@", "", "", ") "]),
];

/// How deep what nests without end is allowed: all that is deeper is refused at once.
const DEEP: usize = 50;

/// Every rule that has floods.
pub(super) fn rules() -> std::collections::BTreeSet<&'static str> {
    ROWS.iter().map(|row| row.rule).chain(NESTS.iter().map(|nest| nest.0)).collect()
}

pub(super) fn floods() -> Vec<Flood> {
    let rows = ROWS
        .iter()
        .map(|row| Flood::new(format!("{}: {}", row.rule, row.piece.trim()), |pieces| wide(row, pieces)));
    let deep = NESTS.iter().map(|(rule, nest)| {
        Flood::new(format!("{rule} without end: {}", nest[1].trim()), |pieces| nested(nest, pieces, 1))
    });
    let many = NESTS.iter().map(|(rule, nest)| {
        Flood::new(format!("{rule} many times {DEEP}: {}", nest[1].trim()), |pieces| {
            nested(nest, DEEP, pieces.div_ceil(DEEP))
        })
    });
    rows.chain(deep).chain(many).collect()
}

fn wide(row: &Row, pieces: usize) -> String {
    let all = |piece: &str| super::numbered(piece, pieces);
    let frame = match row.frame.strip_suffix('L') {
        Some(frame) => format!("{frame}{LAB}"),
        None => row.frame.to_owned(),
    };
    let frame = frame.replace("@@", &all("a# = \"x\", "));
    frame.replacen('@', &all(row.piece), 1)
}

fn nested([frame, open, middle, close]: &[&str; 4], depth: usize, times: usize) -> String {
    let one = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
    let one = frame.replacen('@', &one, 1);
    // Names are told apart, so that each of them counts.
    (0..times).map(|at| one.replacen(" i ", &format!(" i{at} "), 1)).collect()
}

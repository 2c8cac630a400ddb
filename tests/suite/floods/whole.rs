//! Floods that no single rule and no single kind makes: what names, values, declarations and rules come to together.

use super::{Flood, numbered};

pub(super) const HEAD: &str = " talos = v1.13.7\n kubernetes = v1.35.0\n created-with = v1.13.7\n";

/// A cluster whose nodes take a role.
fn lab(role: &str) -> String {
    format!("cluster lab {{\n{HEAD} controlplane {{ role = {role} }}\n}}\n")
}

pub(super) fn floods() -> Vec<Flood> {
    let mut out = values();
    out.extend(declarations());
    out.extend(invariants());
    out
}

pub(super) fn flood(name: &str, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Flood {
    Flood::new(name.to_owned(), text)
}

/// Texts, names and `let`s that come to much more than is written.
fn values() -> Vec<Flood> {
    let doubling = |what: &'static str, use_it: &'static str| {
        move |pieces: usize| {
            format!("let a0 = [1, 2]\n{}{}", numbered(what, pieces), use_it.replace('#', &pieces.to_string()))
        }
    };
    vec![
        flood("lets that double", doubling("let a# = [a%, a%]\n", "patch p { machine.x = a# }\n")),
        flood(
            "lets that double in blocks",
            doubling("let a# = { x = a%, y = a% }\n", "patch p { machine.x = a# }\n"),
        ),
        flood(
            "lets that double, each used",
            doubling("let a# = [a%, a%]\npatch p# { machine.x = a# }\n", ""),
        ),
        flood("lets with what they take in", |n| {
            format!(
                "let a0 {{ x = 1 }}\n{}role r {{ with a{n} }}\n",
                numbered("let a# { with a%, with a% }\n", n)
            )
        }),
        flood("a large let in many places", |n| {
            format!("let a = [{}]\n{}", numbered("\"x#\", ", n), numbered("patch p# { machine.x = a }\n", n))
        }),
        flood("a large let in many blocks of one cluster", |n| {
            let list = numbered("\"x#\", ", n);
            let patches = numbered(" patch p# { machine.x = a }\n", n);
            format!("let a = [{list}]\ncluster lab {{\n{HEAD}{patches} controlplane {{}}\n}}\n")
        }),
        flood("a large text in many places", |n| {
            format!(
                "role r(s: String) {{ node-annotations {{ {} }} }}\nrole q extends r(s = \"{}\")\n{}",
                numbered("a# = \"${s}\"\n", n),
                "x".repeat(10 * n),
                lab("q")
            )
        }),
        flood("texts that double", |n| {
            format!(
                "role r0(s: String) {{ node-annotations {{ a = \"${{s}}\" }} }}\n{}role q extends r{n}(s = \"ab\")\n{}",
                numbered("role r#(s: String) extends r%(s = \"${s}${s}\")\n", n),
                lab("q")
            )
        }),
        flood("texts that double and stay below the limit", |n| {
            let grow = numbered("role r#(s: String) extends r%(s = \"${s}${s}\")\n", 17);
            format!(
                "role r0(s: String) {{ node-annotations {{ {} }} }}\n{grow}role q extends r17(s = \"ab\")\n{}",
                numbered("a# = \"${s}\"\n", n),
                lab("q")
            )
        }),
        flood("arguments of one use", |n| {
            format!(
                "role r({}) {{ node-labels {{ {} }} }}\nrole q extends r({})\n",
                numbered("a#: String, ", n),
                numbered("k# = \"${a#}\"\n", n),
                numbered("a# = \"x\", ", n)
            )
        }),
        flood("defaults that double", |n| {
            format!(
                "role r(a0: String = \"ab\", {}) {{ node-annotations {{ a = a{n} }} }}\n{}",
                numbered("a#: String = \"${a%}${a%}\", ", n),
                lab("r")
            )
        }),
        flood("names that nearly are", |n| {
            format!(
                "{}{}",
                numbered("network network-name-# {}\n", n),
                numbered("role a# { network = netwrok-nam-# }\n", n)
            )
        }),
        flood("names that nearly are, in one list", |n| {
            format!(
                "{}role a {{ extensions = [{}] }}\n",
                numbered("extension extension-name-# {}\n", n),
                numbered("extensoin-nam-#, ", n)
            )
        }),
        flood("lets that nearly are", |n| {
            format!(
                "{}patch p {{ machine.x = [{}] }}\n",
                numbered("let long-let-name-# = 1\n", n),
                numbered("lnog-let-nam-#, ", n)
            )
        }),
        flood("long names that nearly are", |n| {
            let (a, b) = ("x".repeat(n), "y".repeat(n / 4) + &"x".repeat(n - n / 4));
            format!(
                "{}{}",
                (0..20).map(|at| format!("role {a}{at}\n")).collect::<String>(),
                (0..20).map(|at| format!("role q{at} with {b}{at}\n")).collect::<String>()
            )
        }),
        flood("parameters that nearly are", |n| {
            format!(
                "role r({}) {{ node-labels {{ {} }} }}\n",
                numbered("long-name-#: String, ", n),
                numbered("k# = \"${lnog-nam-#}\"\n", n)
            )
        }),
        flood("patches that nearly are", |n| {
            format!(
                "{}cluster lab {{\n{HEAD} patches = [{}]\n controlplane {{}}\n}}\n",
                numbered("patch patch-name-# { machine.a = 1 }\n", n),
                numbered("ptach-nam-#, ", n)
            )
        }),
        flood("fields of configuration that nearly are", |n| {
            format!("patch p {{\n{}}}\n", numbered("machine.kubelte.extraArg# = 1\n", n))
        }),
    ]
}

/// Declarations that take in one another.
fn declarations() -> Vec<Flood> {
    let tree = |n: usize, depth: usize| {
        let one = |at: usize| {
            let roles = numbered(
                &format!("role r{at}-#(s: String) with r{at}-%(s = \"${{s}}a\"), r{at}-%(s = \"${{s}}b\")\n"),
                depth,
            );
            format!(
                "role r{at}-0(s: String) {{ node-annotations {{ \"a${{s}}\" = \"b\" }} }}\n{roles}role q{at} with r{at}-{depth}(s = \"x\")\n"
            )
        };
        (0..n.div_ceil(depth)).map(one).collect::<String>()
    };
    vec![
        flood("a tree of mixins with arguments", move |n| tree(n, n)),
        flood("trees of mixins with arguments, 10 deep", move |n| tree(n, 10)),
        flood("a tree of parents and mixins", |n| {
            format!(
                "role r0(s: String) {{}}\n{}{}",
                numbered("role r#(s: String) extends r%(s = \"${s}a\") with r%(s = \"${s}b\")\n", n),
                lab(&format!("r{n}(s = \"x\")"))
            )
        }),
        flood("a lattice of mixins", |n| {
            format!(
                "role a0 {{}}\nrole b0 {{}}\n{}{}",
                numbered("role a# with a%, b%\nrole b# with a%, b%\n", n),
                lab(&format!("a{n}"))
            )
        }),
        flood("a lattice of parents and mixins", |n| {
            format!(
                "role a0 {{}}\nrole b0 {{}}\n{}{}",
                numbered("role a# extends a% with b%\nrole b# extends a% with b%\n", n),
                lab(&format!("a{n}"))
            )
        }),
        flood("lattices of mixins, 50 high", |n| {
            let one = |at: usize| {
                let rows = numbered(
                    &format!("role a{at}-# with a{at}-%, b{at}-%\nrole b{at}-# with a{at}-%, b{at}-%\n"),
                    50,
                );
                format!("role a{at}-0 {{}}\nrole b{at}-0 {{}}\n{rows}")
            };
            (0..n.div_ceil(50)).map(one).collect()
        }),
        flood("a chain with a field each", |n| {
            let chain = |at: usize| {
                format!(
                    "role r{at}-0 {{}}\n{}",
                    numbered(&format!("role r{at}-# extends r{at}-% {{ node-labels.a# = \"b\" }}\n"), 60)
                )
            };
            (0..n.div_ceil(60)).map(chain).collect()
        }),
        flood("mixins with much each", |n| {
            let side = (n as f64).sqrt() as usize + 1;
            let role = |at: usize| {
                format!(
                    "role m{at} {{ node-labels {{ {} }} }}\n",
                    numbered(&format!("k{at}-# = \"v\"\n"), side)
                )
            };
            let all: Vec<String> = (0..side).map(|at| format!("m{at}")).collect();
            format!(
                "{}role q with {} {{}}\n{}",
                (0..side).map(role).collect::<String>(),
                all.join(", "),
                lab("q")
            )
        }),
        flood("a large role that many take in", |n| {
            format!(
                "role big {{ node-labels {{ {} }} }}\n{}",
                numbered("k# = \"v\"\n", n),
                numbered("role r# extends big {}\n", n)
            )
        }),
        flood("a large role that many mix in", |n| {
            format!(
                "role big {{ kernel.args = [{}] }}\n{}",
                numbered("\"k#\", ", n),
                numbered("role r# with big {}\n", n)
            )
        }),
        flood("a large role with many arguments", |n| {
            format!(
                "role big(s: String) {{ node-labels {{ {} }} }}\n{}",
                numbered("k# = \"v\"\n", n),
                numbered("role r# extends big(s = \"#\") {}\n", n)
            )
        }),
        flood("mixins that disagree", |n| {
            format!(
                "role a {{ node-labels {{ {} }} }}\nrole b {{ node-labels {{ {} }} }}\nrole c with a, b\n{}",
                numbered("k# = \"a\"\n", n),
                numbered("k# = \"b\"\n", n),
                lab("c")
            )
        }),
        flood("many mixins that disagree", |n| {
            format!(
                "{}role c with {}\n{}",
                numbered("role a# { hostname = \"a#\" }\n", n),
                numbered("a#, ", n).trim_end_matches([',', ' ']),
                lab("c")
            )
        }),
        flood("lists of mixins that take from one another", |n| {
            format!(
                "role base {{ kernel.args = [{}] }}\nrole a extends base {{ kernel.args -= [{}] }}\nrole b extends base {{ kernel.args += [{}] }}\nrole c with a, b\n{}",
                numbered("\"k#\", ", n),
                numbered("\"k#\", ", n / 2),
                numbered("\"l#\", ", n),
                lab("c")
            )
        }),
        flood("conditions", |n| {
            format!(
                "role r {{\n{}}}\n{}",
                numbered("when talos >= v1.12 { node-labels.a# = \"b\" }\n", n),
                lab("r")
            )
        }),
        flood("allowed without need", |n| {
            format!("role r {{\n{}}}\n{}", numbered("allow(unused-declaration, \"#\")\n", n), lab("r"))
        }),
        flood("allowed on every level", |n| {
            format!(
                "role r {{}}\ncluster lab {{\n{HEAD}{} controlplane {{}}\n workers {{ {} }}\n}}\n",
                numbered("allow(no-dhcp, \"#\")\n", n),
                numbered("allow(no-dhcp, \"#\")\n", n)
            )
        }),
        flood("fields of a provider", |n| {
            format!(
                "provider p {{\n{}}}\nclass c via p {{\n{}}}\n",
                numbered("field f# { type = String }\n", n),
                numbered("f# = \"x\"\n", n)
            )
        }),
        flood("classes of a provider with many fields", |n| {
            format!(
                "provider p {{\n{}}}\n{}",
                numbered("field f# { type = String }\n", n),
                numbered("class c# via p { f0 = \"x\" }\n", n)
            )
        }),
    ]
}

/// Rules that look at much.
fn invariants() -> Vec<Flood> {
    let nested = |elements: usize, depth: usize| {
        let names: Vec<String> = (0..elements).map(|at| format!("e{at}")).collect();
        let extensions: String = names.iter().map(|name| format!("extension {name} {{ }}\n")).collect();
        let each: String = (0..depth).map(|at| format!("all x{at} in r.extensions: ")).collect();
        format!(
            "{extensions}invariant i for role r {{\n require {each}x0 == x0\n message \"m\"\n}}\nrole z {{ extensions = [{}] }}\n{}",
            names.join(", "),
            lab("z")
        )
    };
    vec![
        flood("quantifiers in one another", move |n| nested(20, n.min(60))),
        flood("two quantifiers over much", move |n| nested(n, 2)),
        flood("three quantifiers over much", move |n| nested(n, 3)),
        flood("unique elements of much", |n| {
            format!(
                "invariant i for role r {{\n require unique r.kernel.args\n message \"m\"\n}}\nrole z {{ kernel.args = [{}] }}\n{}",
                numbered("\"k#\", ", n),
                lab("z")
            )
        }),
        flood("much within much", |n| {
            format!(
                "invariant i for role r {{\n require all a in r.kernel.args: a in r.kernel.args\n message \"m\"\n}}\nrole z {{ kernel.args = [{}] }}\n{}",
                numbered("\"k#\", ", n),
                lab("z")
            )
        }),
        flood("many rules on many roles", |n| {
            format!(
                "{}{}",
                numbered("invariant i# for role r { require count r.extensions < 3\n message \"m #\" }\n", n),
                numbered("role r# { extensions = [nfsd] }\n", n)
            )
        }),
        flood("many rules on many machines", |n| {
            let machines = super::fleets::machines(n);
            format!(
                "{}{machines}cluster lab {{\n{HEAD} controlplane {{}}\n workers {{ machines = [{}] }}\n}}\n",
                numbered("invariant i# for machine r { require r.hostname == \"x\"\n message \"m #\" }\n", n),
                numbered("m#, ", n)
            )
        }),
        flood("rules that all fail", |n| {
            format!(
                "{}{}",
                numbered("invariant i# for role r { require r.gpu == amd\n message \"m #\" }\n", n),
                lab("z").replace("cluster", "role z { gpu = nvidia }\ncluster")
            )
        }),
        flood("rules on documents", |n| {
            format!(
                "{}cluster lab {{\n{HEAD} controlplane {{}}\n{}}}\n",
                numbered(
                    "invariant i# for document LinkConfig d { require d.mtu == 1\n message \"m #\" }\n",
                    n
                ),
                numbered("workers w# { link eth0 { mtu = 1500 } }\n", n)
            )
        }),
        flood("a message with many paths", |n| {
            format!(
                "invariant i for role r {{ require r.gpu == amd\n message \"{}\" }}\nrole z {{ gpu = nvidia }}\n{}",
                numbered("${r.gpu} ", n),
                lab("z")
            )
        }),
    ]
}

//! Floods of fleets, of files, and of the languages inside of this one.

use super::whole::{HEAD, flood};
use super::{Flood, MAIN, numbered};
use crate::project::Files;

pub(super) fn floods() -> Vec<Flood> {
    let mut out = fleets();
    out.extend(files());
    out.extend(yaml());
    out.extend(selectors());
    out
}

fn uuid(at: usize) -> String {
    format!("4c4c4544-0039-3010-804a-{at:012x}")
}

pub(super) fn machines(n: usize) -> String {
    (0..n).map(|at| format!("machine m{at} {{ id = {} }}\n", uuid(at))).collect()
}

/// Clusters, sets and machines.
fn fleets() -> Vec<Flood> {
    let cluster = |before: String, inside: String| format!("{before}cluster lab {{\n{HEAD}{inside}}}\n");
    vec![
        flood("machines of one set", move |n| {
            cluster(
                machines(n),
                format!("controlplane {{}}\nworkers {{ machines = [{}] }}\n", numbered("m#, ", n)),
            )
        }),
        flood("machines of one set with a rule on configuration", move |n| {
            let before = format!(
                "invariant i for document HostnameConfig d {{ require d.hostname == \"x\"\n message \"m\" }}\n{}",
                (0..n)
                    .map(|at| format!("machine m{at} {{ id = {}, hostname = \"h{at}\" }}\n", uuid(at)))
                    .collect::<String>()
            );
            cluster(
                before,
                format!("controlplane {{}}\nworkers {{ machines = [{}] }}\n", numbered("m#, ", n)),
            )
        }),
        flood("machines with addresses and labels", move |n| {
            let one = |at: usize| {
                format!(
                    "machine m{at} {{ id = {}, hostname = \"h{at}\", address = 10.{}.{}.5/8 on lan, node-labels {{ a = \"{at}\" }} }}\n",
                    uuid(at),
                    at / 200,
                    at % 200
                )
            };
            let before = format!(
                "network lan {{ subnet = 10.0.0.0/8, gateway = 10.0.0.1 }}\n{}",
                (0..n).map(one).collect::<String>()
            );
            cluster(
                before,
                format!("controlplane {{}}\nworkers {{ machines = [{}] }}\n", numbered("m#, ", n)),
            )
        }),
        flood("machines of one address", move |n| {
            let one = |at: usize| {
                format!(
                    "machine m{at} {{ id = {}, hostname = \"h\", address = 10.0.0.5/8 on lan }}\n",
                    uuid(at)
                )
            };
            let before =
                format!("network lan {{ subnet = 10.0.0.0/8 }}\n{}", (0..n).map(one).collect::<String>());
            cluster(
                before,
                format!("controlplane {{}}\nworkers {{ machines = [{}] }}\n", numbered("m#, ", n)),
            )
        }),
        flood("machines of one id", move |n| {
            cluster(
                numbered(&format!("machine m# {{ id = {} }}\n", uuid(7)), n),
                format!("controlplane {{}}\nworkers {{ machines = [{}] }}\n", numbered("m#, ", n)),
            )
        }),
        flood("a machine many times", move |n| {
            cluster(
                machines(1),
                format!("controlplane {{}}\nworkers {{ machines = [{}] }}\n", "m0, ".repeat(n)),
            )
        }),
        flood("machines that none knows", move |n| {
            cluster(
                machines(n),
                format!("controlplane {{}}\nworkers {{ machines = [{}] }}\n", numbered("mm#, ", n)),
            )
        }),
        flood("a set for each machine", move |n| {
            cluster(
                machines(n),
                format!("controlplane {{}}\n{}", numbered("workers w# { machines = [m#] }\n", n)),
            )
        }),
        flood("a set for each class", move |n| {
            cluster(
                numbered("class c# { match = [\"a = b#\"] }\n", n),
                format!("controlplane {{}}\n{}", numbered("workers w# { class = c#, size = 1 }\n", n)),
            )
        }),
        flood("machines that classes pick up", move |n| {
            let one = |at: usize| format!("machine m{at} {{ class = c, hostname = \"h{at}\" }}\n");
            cluster(
                format!("class c {{ match = [\"a = b\"] }}\n{}", (0..n).map(one).collect::<String>()),
                "controlplane {}\nworkers { class = c, size = 3 }\n".into(),
            )
        }),
        flood("clusters", |n| {
            numbered("cluster c# { talos = v1.13.7\n kubernetes = v1.35.0\n controlplane {} }\n", n)
        }),
        flood("clusters without versions", |n| numbered("cluster c# { controlplane {} }\n", n)),
        flood("clusters of one base", |n| {
            format!(
                "abstract cluster base {{\n{HEAD} {} controlplane {{}}\n}}\n{}",
                numbered("patch p# { machine.env.A = \"b\" }\n", n),
                numbered("cluster c# extends base {}\n", n)
            )
        }),
        flood("sets times patches", move |n| {
            let half = n.div_ceil(2);
            cluster(
                format!("role r {{\n{}}}\n", numbered("patch p# { machine.env.A# = \"x\" }\n", half)),
                format!("controlplane {{}}\n{}", numbered("workers w# { role = r }\n", half)),
            )
        }),
        flood("machines times patches", move |n| {
            let half = n.div_ceil(2);
            cluster(
                format!(
                    "role r {{\n{}}}\n{}",
                    numbered("patch p# { machine.env.A# = \"x\" }\n", half),
                    machines(half)
                ),
                format!(
                    "controlplane {{}}\nworkers {{ role = r, machines = [{}] }}\n",
                    numbered("m#, ", half)
                ),
            )
        }),
        flood("clusters times sets times fields", |n| {
            let side = (n as f64).cbrt() as usize + 1;
            format!(
                "role r {{ node-labels {{ {} }} }}\nabstract cluster base {{\n{HEAD} controlplane {{}}\n{}}}\n{}",
                numbered("a# = \"b\"\n", n),
                numbered("workers w# { role = r }\n", side * 4),
                numbered("cluster c# extends base {}\n", side * 4)
            )
        }),
        flood("links that build on one another", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{\n{}}}\n",
                    numbered(
                        "link bond# { bond { links = [eth#, eth%] } }\nlink bond#.5 { vlan { id = 5, parent = bond# } }\n",
                        n
                    )
                ),
            )
        }),
        flood("vlans", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{ link eth0 {{\n{}}} }}\n",
                    numbered("vlan # { addresses = [10.0.#.1/24] }\n", n)
                ),
            )
        }),
        flood("links", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{\n{}}}\n",
                    numbered(
                        "link eth# { addresses = [10.0.0.1/8], routes = [{ network = 10.0.0.0/8, gateway = 10.0.0.2 }] }\n",
                        n
                    )
                ),
            )
        }),
        flood("networks in one another", |n| {
            format!(
                "{}{}",
                (0..n)
                    .map(|at| format!(
                        "network n{at} {{ subnet = 10.{}.{}.0/24 }}\n",
                        at / 250 % 250,
                        at % 250
                    ))
                    .collect::<String>(),
                numbered("role r# { network = n# }\n", n)
            )
        }),
        flood("volumes", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{\n{}}}\n",
                    numbered("volume v# { min-size = 1GiB, selector = 'disk.size > 1u' }\n", n)
                ),
            )
        }),
        flood("manifests", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{}}\n{}",
                    numbered(
                        "manifest m# { objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata { name = \"n#\" } }] }\n",
                        n
                    )
                ),
            )
        }),
        flood("objects of one manifest", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{}}\nmanifest m {{ objects = [{}] }}\n",
                    numbered(
                        "{ apiVersion = \"v1\", kind = \"Namespace\", metadata { name = \"n#\" } },\n",
                        n
                    )
                ),
            )
        }),
        flood("one object many times", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{}}\nmanifest m {{ objects = [{}] }}\n",
                    numbered(
                        "{ apiVersion = \"v1\", kind = \"Namespace\", metadata { name = \"n\" } },\n",
                        n
                    )
                ),
            )
        }),
        flood("secrets", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{}}\n{}",
                    numbered("patch p# { machine.env.PASSWORD# = \"hunter2-correct-horse-#\" }\n", n)
                ),
            )
        }),
        flood("one secret in many places", move |n| {
            cluster(
                "let password = \"ghp_0123456789abcdefghijABCDEFGHIJ012345\"\n".to_owned(),
                format!(
                    "controlplane {{}}\n{}",
                    numbered("patch p# { machine.env.PASSWORD = password }\n", n)
                ),
            )
        }),
        flood("documents", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{}}\npatch p {{\n{}}}\n",
                    numbered("document WatchdogTimerConfig w# { device = \"/dev/watchdog#\" }\n", n)
                ),
            )
        }),
        flood("documents of one name", move |n| {
            cluster(
                String::new(),
                format!(
                    "controlplane {{}}\n{}",
                    numbered(
                        "patch p# { document WatchdogTimerConfig w { device = \"/dev/watchdog#\" } }\n",
                        n
                    )
                ),
            )
        }),
    ]
}

/// Many files, and files that import one another.
fn files() -> Vec<Flood> {
    let several = |name: &str, all: fn(usize) -> Files| Flood::of_files(name.to_owned(), all);
    vec![
        several("imports of files", |n| {
            let mut files: Files =
                (0..n).map(|at| (format!("f{at}.talos"), format!("role r{at}\n"))).collect();
            files.insert(
                MAIN.to_owned(),
                format!("{}{}", numbered("import \"./f#.talos\"\n", n), numbered("role q# with r#\n", n)),
            );
            files
        }),
        several("imports of files that are not there", |n| {
            Files::from([(MAIN.to_owned(), numbered("import \"./f#.talos\"\n", n))])
        }),
        several("an import many times", |n| {
            Files::from([
                (MAIN.to_owned(), "import \"./f.talos\"\n".repeat(n)),
                ("f.talos".to_owned(), "role r\n".to_owned()),
            ])
        }),
        several("a std import many times", |n| {
            Files::from([(MAIN.to_owned(), "import \"std/proxmox\"\n".repeat(n))])
        }),
        several("aliases", |n| {
            Files::from([
                (
                    MAIN.to_owned(),
                    format!(
                        "{}{}",
                        numbered("import \"./f.talos\" as a#\n", n),
                        numbered("role q# with a#.r\n", n)
                    ),
                ),
                ("f.talos".to_owned(), "role r\n".to_owned()),
            ])
        }),
        several("imports of nothing", |n| {
            Files::from([(MAIN.to_owned(), numbered("import \"std/nothing#\"\n", n))])
        }),
        several("names of imported files that none knows", |n| {
            let mut files: Files =
                (0..n).map(|at| (format!("f{at}.talos"), format!("role r{at}\n"))).collect();
            files.insert(
                MAIN.to_owned(),
                format!(
                    "{}{}",
                    numbered("import \"./f#.talos\"\n", n),
                    numbered("role q# with nothing#\n", n)
                ),
            );
            files
        }),
        several("files that all import each other", |n| {
            let side = (n as f64).sqrt() as usize + 1;
            let imports = numbered("import \"./f#.talos\"\n", side);
            let mut files: Files =
                (0..side).map(|at| (format!("f{at}.talos"), format!("{imports}role r{at}\n"))).collect();
            files.insert(MAIN.to_owned(), imports.clone());
            files
        }),
    ]
}

/// A patch of a file, with that file.
fn patch(text: String) -> Files {
    let main = format!("cluster lab {{\n{HEAD} patch p file \"./p.yaml\"\n controlplane {{}}\n}}\n");
    Files::from([(MAIN.to_owned(), main), ("p.yaml".to_owned(), text)])
}

/// YAML that is read from files.
#[rustfmt::skip]
fn yaml() -> Vec<Flood> {
    let several = |name: &str, all: fn(usize) -> String| Flood::of_files(format!("yaml: {name}"), move |n| patch(all(n)));
    vec![
        several("keys", |n| format!("machine:\n  env:\n{}", numbered("    A#: b\n", n))),
        several("a key many times", |n| format!("machine:\n  env:\n{}", numbered("    A: b\n", n))),
        several("keys that none knows", |n| format!("machine:\n{}", numbered("  kubelte#: b\n", n))),
        several("elements", |n| format!("machine:\n  certSANs:\n{}", numbered("    - a#\n", n))),
        several("anchors", |n| format!("machine:\n  env:\n{}", numbered("    A#: &a# b\n    B#: *a#\n", n))),
        several("aliases", |n| format!("machine:\n  a: &a {{{}}}\n  b:\n{}", numbered("a#: b, ", n), numbered("    - *a\n", n))),
        several("aliases of aliases", |n| format!("a0: &a0 [x, y]\n{}", numbered("a#: &a# [*a%, *a%]\n", n))),
        several("merge keys", |n| format!("a: &a {{b: c}}\n{}", numbered("d#:\n  <<: *a\n", n))),
        several("documents", |n| numbered("---\napiVersion: v1alpha1\nkind: HostnameConfig\nhostname: a#\n", n)),
        several("empty documents", |n| numbered("---\n", n)),
        several("flow", |n| format!("a: {}{}\n", "[".repeat(n), "]".repeat(n))),
        several("flow that never closes", |n| format!("a: {}\n", "[{a: ".repeat(n))),
        several("blocks in one another", |n| (0..n.min(300)).map(|at| format!("{}a:\n", " ".repeat(at))).collect()),
        several("a text", |n| format!("a: |\n{}", numbered("  line #\n", n))),
        several("a quoted text", |n| format!("a: \"{}\"\n", numbered("line # \\n", n))),
        several("comments", |n| numbered("# comment #\n", n)),
        several("tags", |n| format!("a:\n{}", numbered("  - !tag# b\n", n))),
        several("doubtful texts", |n| format!("a:\n{}", numbered("  - yes\n  - 0o17\n  - 1_0\n", n))),
        several("faults", |n| numbered("a: b: c: #\n", n)),
        several("tabs", |n| numbered("\ta: #\n", n)),
        several("carriage returns", |n| format!("a: {}\n", "\r".repeat(n))),
        several("complex keys", |n| numbered("? [a#]\n: b\n", n)),
        several("a wide key", |n| format!("{}: b\n", "a".repeat(n))),
        several("secrets", |n| format!("machine:\n  env:\n{}", numbered("    PASSWORD#: hunter2-correct-horse-#\n", n))),
    ]
}

/// Expressions of CEL.
#[rustfmt::skip]
fn selectors() -> Vec<Flood> {
    let cel = |name: &str, all: fn(usize) -> String| {
        flood(&format!("cel: {name}"), move |n| format!("cluster lab {{\n{HEAD} controlplane {{ install.selector = '''{}''' }}\n}}\n", all(n)))
    };
    vec![
        cel("and", |n| vec!["disk.size > 1u"; n].join(" && ")),
        cel("or of many", |n| (0..n).map(|at| format!("disk.model == \"m{at}\"")).collect::<Vec<_>>().join(" || ")),
        cel("sums", |n| format!("disk.size > {}", vec!["1u"; n].join(" + "))),
        cel("brackets", |n| format!("{}true{}", "(".repeat(n), ")".repeat(n))),
        cel("not", |n| format!("{}true", "!".repeat(n))),
        cel("choices", |n| format!("{}true", "true ? false : ".repeat(n))),
        cel("lists", |n| format!("disk.model in [{}]", numbered("\"m#\", ", n))),
        cel("names", |n| (0..n).map(|at| format!("dsk{at}.size")).collect::<Vec<_>>().join(" && ")),
        cel("fields", |n| (0..n).map(|at| format!("disk.sise{at} > 1u")).collect::<Vec<_>>().join(" && ")),
        cel("selections", |n| format!("disk{}", ".size".repeat(n))),
        cel("calls", |n| format!("disk.model{}", ".lowerAscii()".repeat(n))),
        cel("exists", |n| format!("{}true{}", "disk.symlinks.exists(x, ".repeat(n), ")".repeat(n))),
        cel("a text", |n| format!("disk.model == \"{}\"", "a".repeat(n))),
        cel("words", |n| "a ".repeat(n)),
        cel("garbage", |n| "@ ? ".repeat(n)),
        flood("cel: selectors", |n| format!("cluster lab {{\n{HEAD} controlplane {{\n{}}}\n}}\n", numbered("volume v# { selector = 'disk.transport == \"nvme\" && !system_disk && disk.size > #u' }\n", n))),
    ]
}

//! Hostile and broken input: nothing panics, every finding renders in every format, and time stays bounded.

use std::fs;
use std::time::{Duration, Instant};

use talosc::driver;
use talosc::source::disk::DiskLoader;

use crate::project::{self, Files, Outcome};

const MAIN: &str = "main.talos";

fn compile(text: &str) -> Outcome {
    project::compile(&Files::from([(MAIN.to_owned(), text.to_owned())]), &[MAIN])
}

/// A cheap source of numbers that look random and are the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn random_bytes() {
    let mut dice = Dice(1);
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..dice.roll(400)).map(|_| dice.roll(256) as u8).collect();
        compile(&String::from_utf8_lossy(&bytes));
    }
}

/// Pieces of the language in any order reach further than bytes do.
#[test]
fn random_pieces() {
    const PIECES: [&str; 40] = [
        "role",
        "cluster",
        "class",
        "patch",
        "let",
        "import",
        "extends",
        "with",
        "via",
        "override",
        "unset",
        "remove",
        "final",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "=",
        "+=",
        "-=",
        ",",
        "\n",
        "\"",
        "'",
        "${",
        "}\"",
        "#",
        "extensions",
        "a",
        "b",
        "v1.13.7",
        "8GiB",
        "talos",
        "workers",
        "node-labels",
        ".",
        "ä",
        "\\",
    ];
    let mut dice = Dice(2);
    for _ in 0..500 {
        let pieces: Vec<&str> = (0..dice.roll(60)).map(|_| PIECES[dice.roll(PIECES.len())]).collect();
        compile(&pieces.join(if dice.roll(2) == 0 { " " } else { "" }));
    }
}

/// Every prefix of every example, at the ends of words and lines, and at every byte of a part of it.
#[test]
fn prefixes() {
    each_example(|file, text, dice| {
        let ends = text.char_indices().map(|(at, _)| at);
        let near = |at: &usize| text[*at..].starts_with([' ', '\n', '{', '}', '"', '=', '[', ']']);
        let start = dice.roll(text.len());
        for at in ends.step_by(1 + text.len() / 400).filter(|at| near(at) || (start..start + 60).contains(at))
        {
            file(&text[..at]);
        }
    });
}

#[test]
fn one_byte_deleted() {
    each_example(|file, text, dice| {
        for _ in 0..25 {
            let at = dice.roll(text.len());
            if let Some(found) = text[at..].chars().next().filter(|_| text.is_char_boundary(at)) {
                file(&format!("{}{}", &text[..at], &text[at + found.len_utf8()..]));
            }
        }
    });
}

/// Calls `try_all` for the files of every example, with a function that compiles the example with another text in place of the file.
fn each_example(try_all: impl Fn(&dyn Fn(&str), &str, &mut Dice)) {
    let mut dice = Dice(3);
    for (_, files, entries) in project::examples() {
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".talos")) {
            let file = |text: &str| {
                let mut changed = files.clone();
                changed.insert(path.clone(), text.to_owned());
                project::compile(&changed, &entries);
            };
            try_all(&file, text, &mut dice);
        }
    }
}

#[test]
fn ten_thousand_nested_blocks() {
    for (open, close) in [("{ a ", "}"), ("= [", "]"), ("(", ")"), ("{ a = [", "] }"), ("\"${", "}\"")] {
        let deep = format!("role r {}{}\n", open.repeat(10_000), close.repeat(10_000));
        let outcome = compile(&deep);
        assert!(!outcome.errors().is_empty());
        compile(&format!("role r {}", open.repeat(10_000)));
    }
}

#[test]
fn a_file_above_the_limit_is_refused() {
    let directory = tempfile::tempdir().expect("there is a temporary directory");
    fs::write(directory.path().join(MAIN), vec![b' '; 50 * 1024 * 1024]).expect("it can be written");
    let loader = DiskLoader::new(directory.path()).expect("it is there");
    let compilation = driver::compile(&loader, &[MAIN.to_owned()]);
    let [finding] = compilation.findings.as_slice() else { panic!("{:?}", compilation.findings) };
    assert_eq!(finding.code.name(), "file-too-large");
    assert!(finding.message.contains(MAIN), "{}", finding.message);
}

#[test]
fn a_long_circle_of_imports() {
    let mut files = Files::new();
    for n in 0..100 {
        files.insert(format!("f{n}.talos"), format!("import \"./f{}.talos\"\nrole r{n}\n", (n + 1) % 100));
    }
    let outcome = project::compile(&files, &["f0.talos"]);
    let codes = outcome.codes();
    assert!(codes.contains("import-cycle"), "{}", outcome.text);
    assert_eq!(outcome.errors().len(), 1, "{}", outcome.text);
}

#[test]
fn a_long_circle_of_parents() {
    let roles = |n: usize, next: &dyn Fn(usize) -> usize| -> String {
        (0..n).map(|n| format!("role r{n} extends r{}\n", next(n))).collect()
    };
    let outcome = compile(&roles(50, &|n| (n + 1) % 50));
    assert_eq!(outcome.errors().len(), 1, "{}", outcome.text);
    // Longer than any stack is deep.
    let outcome = compile(&(roles(5_000, &|n| n + 1) + "role r5000\n"));
    assert!(!outcome.errors().is_empty());
    assert!(outcome.errors().iter().all(|error| error.code == "too-deep"), "{}", outcome.text);
    let mut files = Files::from([("f3000.talos".to_owned(), "role r\n".to_owned())]);
    for n in 0..3_000 {
        files.insert(format!("f{n}.talos"), format!("import \"./f{}.talos\"\n", n + 1));
    }
    let outcome = project::compile(&files, &["f0.talos"]);
    assert!(!outcome.errors().is_empty());
    assert!(outcome.errors().iter().all(|error| error.code == "too-deep"), "{}", outcome.text);
}

/// `let`s that double at each step would come to more elements than there are atoms in this computer.
#[test]
fn values_that_double() {
    let mut text = "let l0 = [1, 2]\n".to_owned();
    for n in 1..60 {
        text.push_str(&format!("let l{n} = [l{p}, l{p}]\n", p = n - 1));
    }
    text.push_str("role r { kubelet.config.x = l59 }\n");
    bounded(|| drop(compile(&text)));
    let mut roles = "role r0 { extensions = [nfsd] }\n".to_owned();
    for n in 1..60 {
        roles.push_str(&format!("role r{n} with r{p}, r{p}\n", p = n - 1));
    }
    bounded(|| drop(compile(&roles)));
    let mut texts = "role r0(s: String) { node-labels { a = \"${s}\" } }\n".to_owned();
    for n in 1..60 {
        texts.push_str(&format!("role r{n}(s: String) extends r{p}(s = \"${{s}}${{s}}\")\n", p = n - 1));
    }
    texts.push_str("role last extends r59(s = \"ab\")\n");
    bounded(|| assert!(compile(&texts).codes().contains("too-much")));
}

#[test]
fn long_lists_and_lines() {
    let labels: String = (0..10_000).map(|n| format!("k{n} = \"v\"\n")).collect();
    let args: Vec<String> = (0..10_000).map(|n| format!("\"a{n}=1\"")).collect();
    let text =
        format!("role r {{\n node-labels {{\n{labels}}}\n kernel {{ args = [{}] }}\n}}\n", args.join(", "));
    bounded(|| drop(compile(&text)));
    bounded(|| drop(compile(&"x ".repeat(200_000))));
    bounded(|| drop(compile(&"role r {}\n".repeat(5_000))));
}

/// A mistake or an operation that stands in a file thousands of times costs each time as much as the first.
#[test]
fn many_of_a_kind() {
    let many = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let lists = |first: &str, op: &str, second: &str, count: usize| {
        let elements = |name: &str| many(count, &|n| format!("\"{name}{n}\", "));
        let field = first.split('/').next().unwrap_or_default();
        let (first, second) = (elements(&first[field.len()..]), elements(second));
        format!("role a {{ {field} = [{first}] }}\nrole b extends a {{ {field} {op} [{second}] }}\n")
    };
    let heredocs =
        |bytes: usize| many(20, &|n| format!("role a{n} {{\n  x = <<E\n}}\n")) + &"E".repeat(bytes);
    let additions = |count: usize| {
        let lines = many(count, &|n| format!("  kernel.args += [\"b{n}\"]\n"));
        format!("role a {{ kernel.args = [\"x\"] }}\nrole b extends a {{\n{lines}}}\n")
    };
    grows_evenly("colons", 10_000, &|count| many(count, &|n| format!("role a{n}:\n  x = 1\n}}\n")));
    grows_evenly("braces", 10_000, &|count| many(count, &|n| format!("role a{n} {{\n}}\n  x = 1\n}}\n")));
    grows_evenly("dashes", 20_000, &|count| format!("role a {{\n{}}}\n", "- x = - a\n".repeat(count)));
    grows_evenly("heredocs", 2_000_000, &heredocs);
    grows_evenly("taken", 3_000, &|count| lists("kernel.args/a", "-=", "b", count));
    grows_evenly("mounts", 8_000, &|count| lists("mounts/var/a", "-=", "/var/a", count));
    // Each line looks through what the list has, which is the square of very little.
    let text = additions(10_000);
    bounded(|| drop(compile(&text)));
}

/// How many times as large the larger of two programs is, and how many times the work of the smaller one it may take: what grows with
/// the square takes that of [`LARGER`].
const LARGER: usize = 8;
const MORE_WORK: u32 = 24;

/// Compares the work for a program with that for one of the same kind which is a part as large. Caches and whoever else has the
/// machine move it a little, so it is tried again before it is believed.
fn grows_evenly(what: &str, count: usize, program: &dyn Fn(usize) -> String) {
    let (small, large) = (program(count / LARGER), program(count));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let [least, most] = [&small, &large].map(|text| work(|| drop(compile(text))));
        if most <= least.max(Duration::from_millis(1)) * MORE_WORK {
            return;
        }
        seen.push((least, most));
    }
    panic!("{what}: {LARGER} times as much takes {seen:?}");
}

/// Generous for a slow machine and a build without optimisation; what it guards against takes forever.
fn bounded(run: impl FnOnce()) {
    let took = work(run);
    assert!(took < Duration::from_secs(60), "it took {took:?}");
}

/// How long the thread worked: how long it waited for a processor is the business of others.
pub(crate) fn work(run: impl FnOnce()) -> Duration {
    let start = (Instant::now(), on_processor());
    run();
    match (start.1, on_processor()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => start.0.elapsed(),
    }
}

/// How long the thread has been on a processor, where the system tells.
fn on_processor() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

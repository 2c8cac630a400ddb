//! Nothing of a user's text acts on a terminal: what is planted anywhere in a project is looked for in all that every command prints,
//! in every format.
//!
//! Documents for programs hold the text as it is, in the escapes of their format.

#![allow(clippy::print_stdout, reason = "the counts are a part of what it shows")]

use std::collections::BTreeSet;

use talosc::text::is_hidden;

use crate::command::{Project, Ran, talosc};
use crate::random::cases;

/// What acts on a terminal, hides, or turns the direction of writing: of every kind one. It begins with letters, so that it is found
/// where it is shown.
const HOSTILE: &str = "ev\u{1b}]0;t\u{7}\u{1b}[2J\u{9b}3J\u{202e}\u{2066}\u{200f}\u{61c}\u{7f}\u{8}\u{b}\u{85}\u{2028}\u{ad}\u{feff}\u{e0041}il";

/// Where it is planted, as `@`: the beginning of a file, something in the cluster, and what more there is.
const PLACES: [(&str, &str, &str); 22] = [
    ("comment", "# @\n", "# @\n"),
    ("comment that documents", "## @\nrole r { }\n", ""),
    ("text", "", "patch p { machine.env.SOME = \"@\" }\n"),
    ("text of two lines", "", "patch p { machine.env.SOME = \"a\\n@\" }\n"),
    ("key", "", "patch p { machine.env { \"@\" = \"b\" } }\n"),
    ("label", "", "labels { a = \"@\" }\n"),
    ("annotation", "", "annotations { \"@\" = \"@\" }\n"),
    ("id", "", "patch p { id = \"@\", machine.env.SOME = \"b\" }\n"),
    ("let", "let text = \"@\"\n", "patch p { machine.env.SOME = text }\n"),
    (
        "parameter",
        "role given(value: String = \"@\") { patch p { machine.env.SOME = \"${value}\" } }\n",
        "workers { role = given() }\n",
    ),
    (
        "given",
        "role given(value: String) { patch p { machine.env.SOME = \"${value}\" } }\n",
        "workers { role = given(value = \"@\") }\n",
    ),
    ("reason", "", "allow(no-install-disk, \"@\")\n"),
    ("bare word", "", "patch p { machine.env.SOME = a@ }\n"),
    ("unknown field", "", "ab@c = 1\n"),
    ("unknown kind", "ab@c x { }\n", ""),
    ("unclosed", "", "patch p { machine.env.SOME = \"@\n"),
    ("wrong value", "", "patch p { machine.install.disk = \"@\", machine.sysctls.\"@\" = [\"@\"] }\n"),
    ("import", "import \"./@.talos\"\n", ""),
    ("file that is not there", "", "patch p file \"./@.yaml\"\n"),
    (
        "beside a secret",
        "",
        "patch p { machine.env.DB_PASSWORD = \"q9X2vT1mJ8wYzK3f\", machine.env.A = \"@\" } # @\n",
    ),
    ("output", "output { directory = \"o@\" }\n", ""),
    ("kept word", "", "controlplane { bogus@ }\n"),
];

/// Every command of which what it prints depends on the project.
const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["check", "--all", "--color", "always"],
    &["build", "--check"],
    &["build", "--plan"],
    &["build", "--stdout"],
    &["build"],
    &["build", "-o", "../o@"],
    &["fmt", "--check"],
    &["explain", "home"],
    &["explain", "home.patch"],
    &["explain", "home.p.machine.env"],
    &["explain", "text"],
    &["explain", "given"],
    &["explain", "main.talos"],
    &["explain", "main.talos:2"],
    &["explain", "main.talos:9"],
    &["explain", "home.control-planes", "--resolved", "--origins"],
    &["explain", "home.workers", "--resolved"],
    &["explain", "omni/cluster-template/home.yaml"],
    &["explain", "omni/cluster-template/home.yaml:12"],
    &["doc", "home"],
    &["doc", "r"],
    &["doc", "given"],
    &["check", "--fix"],
    &["fmt"],
];

/// Every command that is given something hostile.
const GIVEN: &[&[&str]] = &[
    &["explain", "a@"],
    &["explain", "a@.talos"],
    &["explain", "a@.yaml:3"],
    &["explain", "a@", "--resolved"],
    &["doc", "a@"],
    &["std", "show", "a@"],
    &["a@"],
    &["check", "--a@"],
    &["check", "--format", "a@"],
    &["-C", "a@", "check"],
    &["check", "a@.talos"],
    &["fmt", "a@"],
    &["build", "--only", "a@"],
    &["completions", "a@"],
];

const FORMATS: [&str; 5] = ["text", "short", "json", "sarif", "github"];

/// What colours findings: no more than this may be escaped.
fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        match after.split_once('m') {
            Some((numbers, tail)) if numbers.chars().all(|c| c.is_ascii_digit() || c == ';') => rest = tail,
            _ => {
                out.push('\u{1b}');
                rest = after;
            }
        }
    }
    out + rest
}

/// What acts on a terminal in what a command printed.
fn hostile(ran: &Ran, coloured: bool) -> Option<char> {
    let text = format!("{}{}", ran.out, ran.err);
    let text = if coloured { without_colours(&text) } else { text };
    text.chars().find(|&c| c.is_control() && !matches!(c, '\n' | '\t') || is_hidden(c))
}

fn project(before: &str, inside: &str) -> Project {
    let main = format!(
        "{before}cluster home {{\n  omni = v1.11\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  controlplane {{ }}\n  {inside}}}\n"
    );
    // What stands there already differs by lines of the same kind.
    let old = "# Generated by talosc from main.talos. Do not edit: change the source, then `talosc build`.\nkind: Cluster\nname: home # @\n";
    let put = |text: &str| text.replace('@', HOSTILE);
    Project::new(&[
        (".git/HEAD", ""),
        ("main.talos", &put(&main)),
        ("omni/cluster-template/home.yaml", &put(old)),
        ("omni/cluster-template/old.yaml", &put(old)),
    ])
}

/// Every command in a project where something hostile stands; in the usual run each in one format, `TALOSC_TERMINALS=5` takes all.
#[test]
fn nothing_that_is_printed_acts_on_a_terminal() {
    let rounds = cases("TALOSC_TERMINALS", 1).min(FORMATS.len());
    let places: Vec<_> = PLACES.iter().enumerate().collect();
    let (mut ran, mut shown) = (0, 0);
    let each = |(n, (place, before, inside)): &(usize, &(&str, &str, &str))| {
        let mut counts = (0, 0);
        for round in 0..rounds {
            let project = project(before, inside);
            let given = if *n == 0 { GIVEN } else { &[] };
            for (m, command) in COMMANDS.iter().chain(given).enumerate() {
                let format = FORMATS[(n + m + round) % FORMATS.len()];
                let mut args: Vec<String> = command.iter().map(|arg| arg.replace('@', HOSTILE)).collect();
                if !args.contains(&"--format".to_owned()) {
                    args.extend(["--format".to_owned(), format.to_owned()]);
                }
                // Findings have no place on stdout beside a result of another form.
                let own = ["explain", "doc", "--plan", "--stdout"];
                if matches!(format, "json" | "sarif" | "github")
                    && command.iter().any(|word| own.contains(word))
                {
                    args.extend(["--report".to_owned(), "report.out".to_owned()]);
                }
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                let mut ran = project.run(&args);
                if args.contains(&"--report") && project.exists("report.out") {
                    ran.err.push_str(&project.get("report.out"));
                }
                let found = hostile(&ran, args.contains(&"always"));
                assert_eq!(found, None, "{place}: {args:?}\n{}{}", ran.out, ran.err);
                assert_ne!(ran.code, Some(101), "{place}: {args:?}\n{}", ran.err);
                counts.0 += 1;
                counts.1 += usize::from(format!("{}{}", ran.out, ran.err).contains("]0;t"));
            }
        }
        counts
    };
    let half = places.len() / 2;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| places[half..].iter().map(each).collect::<Vec<_>>());
        let own: Vec<_> = places[..half].iter().map(each).collect();
        for (commands, with) in own.into_iter().chain(other.join().expect("nothing is wrong")) {
            ran += commands;
            shown += with;
        }
    });
    println!("{ran} commands in {} places, {shown} of them showed what was planted", PLACES.len());
    assert!(ran >= 500 && shown > ran / 4, "{shown} of {ran}");
}

/// Names of directories and files, where a line end is hostile too.
#[cfg(unix)]
#[test]
fn no_path_acts_on_a_terminal() {
    let name = format!("{HOSTILE}\nEVIL\tname");
    let main = "cluster home {\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  patch p file \"./p.yaml\"\n  bogus = 1\n  controlplane {}\n}\n";
    let right = main.replace("  bogus = 1\n", "");
    let mut ran = 0;
    for text in [main, &right] {
        for (n, command) in [
            &["check"][..],
            &["check", "--color", "always"],
            &["fmt", "--check"],
            &["build", "--stdout"],
            &["build"],
            &["build", "--check"],
            &["build", "-o", "../other"],
            &["build", "--plan"],
            &["explain", "home"],
            &["explain", "home.patch"],
            &["explain", "home.controlplane", "--resolved", "--origins"],
            &["explain", "@.talos"],
            &["explain", "@.talos:2"],
            &["explain", "omni/cluster-template/home.yaml"],
            &["explain", "omni/cluster-template/home.yaml:3"],
            &["explain", "@"],
            &["check", "@"],
            &["fmt", "@"],
            &["doc", "home"],
            &["check", "--fix"],
            &["fmt"],
            &["build", "@.talos"],
        ]
        .into_iter()
        .enumerate()
        {
            let directory = format!("in {name}");
            let project = Project::new(&[
                (&format!("{directory}/.git/HEAD"), ""),
                (&format!("{directory}/{name}.talos"), text),
                (&format!("{directory}/p.yaml"), "machine: { env: { A: b } }\n"),
                (&format!("{directory}/{name}/broken.yaml"), "a"),
            ]);
            talosc(&project.path(&directory), &["build", "-q"]);
            for format in FORMATS.iter().cycle().skip(n).take(2) {
                for from in [".", directory.as_str()] {
                    let mut args: Vec<String> = vec!["-C".into(), directory.clone()];
                    if from != "." {
                        args.clear();
                    }
                    args.extend(command.iter().map(|arg| arg.replace('@', &name)));
                    args.extend(["--format".to_owned(), (*format).to_owned()]);
                    let args: Vec<&str> = args.iter().map(String::as_str).collect();
                    let done = talosc(&project.path(from), &args);
                    let found = hostile(&done, args.contains(&"always"));
                    assert_eq!(found, None, "{args:?}\n{}{}", done.out, done.err);
                    let spoofed =
                        done.out.lines().chain(done.err.lines()).find(|line| line.starts_with("EVIL"));
                    assert_eq!(spoofed, None, "{args:?}\n{}{}", done.out, done.err);
                    assert_ne!(done.code, Some(101), "{args:?}\n{}", done.err);
                    ran += 1;
                }
            }
        }
    }
    println!("{ran} commands on hostile paths");
}

/// What programs read holds the text as it is: YAML, JSON and SARIF escape it, and a text that is formatted is given back.
#[test]
fn documents_for_programs_hold_the_text_as_it_is() {
    let text = |project: &Project, args: &[&str]| {
        let ran = project.run(args);
        assert_eq!(hostile(&ran, false), None, "{args:?}");
        format!("{}{}", ran.out, ran.err)
    };
    let good = project("", "patch p { machine.env.SOME = \"@\" }\n");
    let yaml = text(&good, &["build", "--stdout", "-q"]);
    let documents: Vec<serde_yaml::Value> = serde_yaml::Deserializer::from_str(&yaml)
        .map(|document| serde::Deserialize::deserialize(document).expect("it is YAML"))
        .collect();
    let holds = documents
        .iter()
        .any(|document| document["patches"][0]["inline"]["machine"]["env"]["SOME"].as_str() == Some(HOSTILE));
    assert!(holds, "{yaml}");

    let bad = project(
        "machine m { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0c1, hostname = \"@\" }\n",
        "workers { machines = [m] }\n",
    );
    let mut found = BTreeSet::new();
    for format in ["json", "sarif"] {
        let json: serde_json::Value =
            serde_json::from_str(&text(&bad, &["check", "--format", format])).expect("it is JSON");
        let mut open = vec![&json];
        while let Some(value) = open.pop() {
            match value {
                serde_json::Value::String(text) if text.contains(HOSTILE) => drop(found.insert(format)),
                serde_json::Value::Array(all) => open.extend(all),
                serde_json::Value::Object(all) => open.extend(all.values()),
                _ => {}
            }
        }
    }
    assert_eq!(found, BTreeSet::from(["json", "sarif"]));
}

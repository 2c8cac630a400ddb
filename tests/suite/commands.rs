//! Every command in every format: what goes to which stream, and how the command ends.

#![allow(clippy::print_stdout, reason = "the counts are a part of what it shows")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::command::{CLASS, Project, Ran, TEMPLATE};

const PEOPLE: [&str; 2] = ["text", "short"];
const PROGRAMS: [&str; 3] = ["json", "sarif", "github"];

/// What stands on disk when a command starts.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Start {
    /// Everything is current.
    Built,
    /// The sources are fine, and nothing is built.
    Fresh,
    /// The output is not what the sources say.
    Outdated,
    /// A source has a warning.
    Advice,
    /// A source has a type error.
    Wrong,
    /// A source cannot be read as the language.
    Torn,
    /// A source has an edit that is safe.
    Mendable,
    /// A source is not formatted.
    Rough,
    /// A file stands where the output directory belongs.
    Blocked,
    /// There is no source.
    Empty,
}

impl Start {
    fn project(self) -> Project {
        let project = match self {
            Start::Empty => return Project::new(&[]),
            Start::Fresh | Start::Blocked => Project::home(),
            _ => built(),
        };
        match self {
            Start::Outdated => project.edit("cluster.talos", "size = 3 }\n}", "size = 5 }\n}"),
            Start::Advice => project.edit("cluster.talos", "role base {", "role unused { }\n\nrole base {"),
            Start::Wrong => project.edit("cluster.talos", "[iscsi-tools]", "[iscsi-tool]"),
            Start::Torn => project.put("torn.talos", "role a {\n"),
            Start::Mendable => project.edit("cluster.talos", "= v1.13.7", "= 1.13.7"),
            Start::Rough => project.put("rough.talos", "role  a {\nextensions=[ iscsi-tools ]\n}\n"),
            Start::Blocked => project.put("omni", "a file where the directory belongs"),
            _ => {}
        }
        project
    }
}

/// A project that is built, from what one build wrote.
fn built() -> Project {
    static FILES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let project = Project::built();
        let name =
            |path: &PathBuf| path.strip_prefix(project.path("")).expect("a file of it").display().to_string();
        project.state().iter().map(|(path, text, _)| (name(path), text.clone())).collect()
    });
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Project::new(&files)
}

/// Commands whose result for programs is the document of findings: where they start, what they are called, and how they end.
const FINDINGS: &[(Start, &[&str], i32)] = &[
    (Start::Built, &["check"], 0),
    (Start::Built, &["build"], 0),
    (Start::Fresh, &["build"], 0),
    (Start::Fresh, &["build", "-o", "elsewhere"], 0),
    (Start::Built, &["build", "--check"], 0),
    (Start::Built, &["fmt", "--check"], 0),
    (Start::Built, &["fmt"], 0),
    (Start::Built, &["check", "--fix"], 0),
    (Start::Built, &["check", "-q"], 0),
    (Start::Outdated, &["check"], 0),
    (Start::Outdated, &["build"], 0),
    (Start::Outdated, &["build", "--check"], 1),
    (Start::Outdated, &["build", "--check", "-q"], 1),
    (Start::Fresh, &["build", "--check"], 1),
    (Start::Advice, &["check"], 0),
    (Start::Advice, &["build"], 0),
    (Start::Advice, &["build", "--check"], 0),
    (Start::Wrong, &["check"], 1),
    (Start::Wrong, &["build"], 1),
    (Start::Wrong, &["build", "--check"], 1),
    (Start::Wrong, &["check", "--fix"], 1),
    (Start::Wrong, &["fmt", "--check"], 0),
    (Start::Torn, &["check"], 1),
    (Start::Torn, &["build"], 1),
    (Start::Torn, &["fmt"], 1),
    (Start::Torn, &["fmt", "--check"], 1),
    (Start::Mendable, &["check"], 1),
    (Start::Mendable, &["check", "--fix"], 0),
    (Start::Rough, &["fmt", "--check"], 1),
    (Start::Rough, &["fmt"], 0),
    (Start::Blocked, &["build"], 3),
    (Start::Blocked, &["build", "--check"], 3),
    (Start::Built, &["check", "nothing.talos"], 3),
    (Start::Built, &["build", "nothing.talos"], 3),
    (Start::Built, &["fmt", "nothing.talos"], 3),
    (Start::Built, &["-C", "nowhere", "check"], 3),
    (Start::Built, &["-C", "nowhere", "build", "--check"], 3),
    (Start::Built, &["check", "nowhere/nothing.talos"], 3),
    (Start::Empty, &["check"], 2),
    (Start::Empty, &["build"], 2),
    (Start::Built, &["build", "--only", "hom"], 2),
    (Start::Built, &["build", "classes.talos"], 2),
    (Start::Built, &["check", "--frobnicate"], 2),
    (Start::Built, &["build", "--stdout", "--check"], 2),
];

/// Commands with a result of their own, and whether that has a form in JSON.
const RESULTS: &[(Start, &[&str], i32, bool)] = &[
    (Start::Built, &["build", "--stdout"], 0, false),
    (Start::Advice, &["build", "--stdout"], 0, false),
    (Start::Wrong, &["build", "--stdout"], 1, false),
    (Start::Fresh, &["build", "--plan"], 0, false),
    (Start::Outdated, &["build", "--plan"], 0, false),
    (Start::Wrong, &["build", "--plan"], 1, false),
    (Start::Built, &["completions", "bash"], 0, false),
    (Start::Built, &["doc", "--markdown"], 0, false),
    (Start::Built, &["version"], 0, false),
    (Start::Built, &["-C", "nowhere", "version"], 3, false),
];

/// What a document of findings must be, and how many errors it counts.
fn errors(format: &str, text: &str, said: &dyn Fn() -> String) -> usize {
    let document =
        || -> Value { serde_json::from_str(text).unwrap_or_else(|why| panic!("{}: {why}\n{text}", said())) };
    match format {
        "json" => {
            let document = document();
            assert_eq!(document["version"], 1, "{}", said());
            let found = document["diagnostics"].as_array().expect("a list");
            let errors = found.iter().filter(|one| one["severity"] == "error").count();
            assert_eq!(document["errors"], errors, "{}", said());
            errors + usize::from(!document["failure"].is_null())
        }
        "sarif" => {
            let document = document();
            assert_eq!(document["version"], "2.1.0", "{}", said());
            let run = &document["runs"][0];
            let found = run["results"].as_array().expect("a list");
            let failed = run["invocations"][0]["executionSuccessful"] == false;
            found.iter().filter(|one| one["level"] == "error").count() + usize::from(failed)
        }
        _ => {
            let wrong =
                text.lines().find(|line| !line.starts_with("::error ") && !line.starts_with("::warning "));
            assert_eq!(wrong, None, "{}", said());
            text.lines().filter(|line| line.starts_with("::error ")).count()
        }
    }
}

fn run(start: Start, args: &[&str], more: &[&str]) -> (Project, Ran) {
    let project = start.project();
    let ran = project.run(&[args, more].concat());
    (project, ran)
}

#[test]
fn findings_for_programs_are_one_document_on_stdout() {
    let mut ran_in_all = 0;
    for (start, args, code) in FINDINGS {
        let told: Vec<Ran> = PEOPLE.iter().map(|format| run(*start, args, &["--format", format]).1).collect();
        for ran in &told {
            assert_eq!(ran.code, Some(*code), "{start:?} {args:?}\n{}{}", ran.out, ran.err);
            assert!(
                !ran.out.contains("error[") && !ran.out.contains("warning["),
                "{start:?} {args:?}\n{}",
                ran.out
            );
            assert_eq!(ran.err.contains("error"), *code != 0, "{start:?} {args:?}\n{}", ran.err);
        }
        for format in PROGRAMS {
            let (project, ran) = run(*start, args, &["--format", format]);
            let said = || format!("{start:?} {args:?} {format}\n{}\n{}", ran.out, ran.err);
            assert_eq!(ran.code, Some(*code), "{}", said());
            ran_in_all += 1;
            if *code == 2 {
                assert!(ran.out.is_empty() && ran.err.contains("error: "), "{}", said());
                continue;
            }
            assert_eq!(errors(format, &ran.out, &said) > 0, *code != 0, "{}", said());
            // What is told of files stands beside it, and findings do not.
            assert!(!ran.err.contains("error["), "{}", said());
            let before = project.path("");
            let told = told[0].out.replace(&before.display().to_string(), "");
            assert!(told.lines().all(|line| ran.err.contains(line)), "{told}\n{}", said());
            // In a file it is the same, and stdout has what people see there.
            let (project, other) = run(*start, args, &["--format", format, "--report", "report.out"]);
            let report = match args.contains(&"nowhere") {
                true => ran.out.clone(),
                false => project.get("report.out"),
            };
            assert_eq!((other.code, &report), (ran.code, &ran.out), "{}", said());
            assert_eq!(other.out, told, "{}", said());
            ran_in_all += 1;
        }
    }
    println!("{} commands, {ran_in_all} runs for programs", FINDINGS.len());
}

#[test]
fn a_result_and_findings_do_not_share_stdout() {
    for (start, args, code, _) in RESULTS {
        let told = run(*start, args, &[]).1;
        assert_eq!(told.code, Some(*code), "{args:?}\n{}{}", told.out, told.err);
        for format in PROGRAMS {
            let (_, refused) = run(*start, args, &["--format", format]);
            assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{args:?} {format}");
            assert!(refused.err.contains("`--report FILE`"), "{args:?} {format}\n{}", refused.err);
            let (project, ran) = run(*start, args, &["--format", format, "--report", "report.out"]);
            let said = || format!("{start:?} {args:?} {format}\n{}\n{}", ran.out, ran.err);
            assert_eq!((ran.code, &ran.out), (told.code, &told.out), "{}", said());
            if !args.contains(&"nowhere") {
                assert_eq!(errors(format, &project.get("report.out"), &said) > 0, *code != 0, "{}", said());
            }
        }
    }
}

#[test]
fn a_report_has_a_place() {
    let project = Project::home();
    for format in PEOPLE {
        let err = project.fails(2, &["check", "--format", format, "--report", "out.json"]);
        assert!(err.contains("`--report` is for findings in a format for programs"), "{err}");
    }
    assert!(!project.exists("out.json"));
    // What cannot be written is known before anything is done.
    for format in PROGRAMS {
        let err = project.fails(3, &["build", "--format", format, "--report", "nowhere/out"]);
        assert!(err.contains("cannot write the report `nowhere/out`"), "{err}");
    }
    assert!(!project.exists(TEMPLATE) && !project.exists(CLASS));
    let before = project.get("cluster.talos");
    let err = project.fails(2, &["check", "--format", "json", "--report", "cluster.talos"]);
    assert!(err.contains("would be written over a source"), "{err}");
    assert_eq!(project.get("cluster.talos"), before);
    // An old report does not survive a run that ends early, and its path counts from `-C`.
    project.put("lab/out.json", "[".repeat(10_000).as_str());
    project.put("lab/a.talos", "");
    project.run(&["-C", "lab", "check", "--format", "json", "--report", "out.json"]);
    assert!(serde_json::from_str::<Value>(&project.get("lab/out.json")).is_ok());
    #[cfg(target_os = "linux")]
    if fs::metadata("/dev/full").is_ok() {
        let err = project.fails(3, &["check", "--format", "json", "--report", "/dev/full"]);
        assert!(err.contains("cannot write the report `/dev/full`"), "{err}");
    }
}

/// Text on stdin, in every format.
#[test]
fn stdin_has_the_same_streams() {
    let project = Project::new(&[]);
    let run = |text: &str, args: &[&str]| -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talosc"));
        command.current_dir(project.path("")).args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("talosc runs");
        // It may have ended before it reads.
        let _ = child.stdin.take().expect("a pipe").write_all(text.as_bytes());
        let output = child.wait_with_output().expect("talosc ends");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    };
    let (fine, rough, torn) = ("role a {\n  runtime = runc\n}\n", "role  a { runtime=runc }\n", "role a {\n");
    for (text, code) in [(fine, 0), (rough, 1), (torn, 1)] {
        let told = run(text, &["fmt", "--check", "-"]);
        assert_eq!(told.code, Some(code), "{}", told.err);
        for format in PROGRAMS {
            let ran = run(text, &["fmt", "--check", "-", "--format", format]);
            let said = || format!("{text} {format}\n{}\n{}", ran.out, ran.err);
            assert_eq!(ran.code, Some(code), "{}", said());
            assert_eq!(errors(format, &ran.out, &said) > 0, code != 0, "{}", said());
            assert_eq!(ran.err, told.out, "the difference");
            let refused = run(text, &["fmt", "-", "--format", format]);
            assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{}", refused.err);
            let ran = run(text, &["fmt", "-", "--format", format, "--report", "report.out"]);
            assert_eq!(ran.code, Some(i32::from(text == torn)), "{}", ran.err);
            assert_eq!(errors(format, &project.get("report.out"), &said) > 0, text == torn);
            assert_eq!(ran.out.is_empty(), text == torn);
        }
    }
}

#[test]
fn help_and_version_are_commands() {
    let project = Project::new(&[]);
    let version = format!("talosc {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(project.ok(&["version"]), version);
    assert_eq!(project.ok(&["--version"]), version);
    let help = project.ok(&["help"]);
    assert_eq!(help, project.ok(&["--help"]));
    for command in ["build", "check", "fmt", "explain", "std", "doc", "completions", "version"] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}\n{help}");
        let of_it = project.ok(&["help", command]);
        assert_eq!(of_it, project.ok(&[command, "--help"]));
        for text in [&of_it, &help] {
            assert!(text.contains("Exit codes:\n  0 ") && text.contains("\n  101 "), "{text}");
        }
    }
    assert!(project.fails(2, &["help", "buidl"]).contains("buidl"));
}

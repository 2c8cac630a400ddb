//! Secrets of every shape in every place, looked for in all that is printed and written.
//!
//! A secret is planted where it could be written to git, or into a line that a finding shows, and every output of every command and
//! format is searched for eight characters of it that stand beside one another; four of its first may be shown.

#![allow(clippy::print_stdout, reason = "the counts are a part of what it shows")]

mod alike;
mod planted;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use talosc::diagnostics::render::{Color, Limit, Options, render};
use talosc::driver;
use talosc::source::loader::MemoryLoader;

use crate::command::Project;
use crate::project::FORMATS;
use alike::{FINE_ANYWHERE, FINE_ITEMS, FINE_NAMED};
use planted::{ANYWHERE, MISTAKES, NAMED, OPAQUE, shapes};

/// A project with a text in some places of it. What no place names is imported and judged all the same only if it is used.
fn project(body: &str, (before, after): (&str, &str), secret: &str) -> BTreeMap<String, String> {
    let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let json = format!(
        "{{\\\"data\\\":{{\\\"a\\\":\\\"{}\\\"}},\\\"kind\\\":\\\"Secret\\\"}}",
        quoted.replace('\\', "\\\\")
    );
    let text =
        |kind: &str, rest: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{ name: a }}\n{rest}");
    let job = |rest: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{ name: h }}\nspec: {{ template: {{ spec: {{ containers: [{{ name: h, image: \"busybox:1.37\"{rest} }}] }} }} }}\n"
        )
    };
    let needs = |name: &str, item: &str| if body.contains(name) { item.to_owned() } else { String::new() };
    let after = after.replace("@BODY@", body);
    let control = if body.starts_with("controlplane") { "" } else { "controlplane { }" };
    let main = [
        needs("= text", "let text = \"@\"\n"),
        needs("given(", "role given(value: String) { patch a { machine.env.SOME = \"${value}\" } }\n"),
        needs("joined(", "role joined(value: String) { patch a { machine.token = \"${value}\" } }\n"),
        needs(
            "mixed",
            "role m1 { patch a { machine.env.SOME = \"@\" } }\nrole m2 { patch a { machine.env.SOME = \"other\" } }\nrole mixed with m1, m2 { }\n",
        ),
        needs(
            "[one]",
            "machine one { id = 4c4c4544-0039-3010-804a-b7c04f4d3231, patch a { machine.env.SOME = \"@\" } }\n",
        ),
        needs("class = own", "class own { match = [\"a = b\"], annotations { a = \"@\" } }\n"),
        needs(
            "class = provided",
            "provider rack { field zone { type = String }, field hook { type = String, emit = \"@\" } }\nclass provided via rack { zone = \"a\" }\n",
        ),
        needs(
            "class = tokened",
            "provider rack { field zone { type = String, secret = true } }\nclass tokened via rack { zone = \"@\" }\n",
        ),
        format!(
            "cluster home {{\n  omni = v1.11\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  {control}\n  {before}{body}{after}\n}}\n"
        ),
    ];
    let files = [
        ("main.talos", main.concat()),
        ("m.yaml", text("ConfigMap", "data: { a: \"@\" }\n")),
        ("last.yaml", text("ConfigMap", &format!("x: {{ kubectl.kubernetes.io/last-applied-configuration: \"{json}\" }}\n"))),
        ("opaque-last.yaml", text("ConfigMap", &format!("x: {{ kubectl.kubernetes.io/last-applied-configuration: \"{json}\" }}\n"))),
        ("list.yaml", "apiVersion: v1\nkind: SecretList\nitems:\n  - metadata: { name: a }\n    stringData: { a: \"@\" }\n".to_owned()),
        ("opaque-list.yaml", "apiVersion: v1\nkind: SecretList\nitems:\n  - metadata: { name: a }\n    stringData: { a: \"@\" }\n".to_owned()),
        ("items.yaml", format!("apiVersion: v1\nkind: List\nitems:\n  - {}\n", text("ConfigMap", "data: { a: \"@\" }\n").trim_end().replace('\n', "\n    "))),
        ("secret.yaml", text("Secret", "type: Opaque\nstringData:\n  a: \"@\"\n")),
        ("patch.yaml", "machine:\n  env:\n    SOME: \"@\"\n".to_owned()),
        ("job.yaml", job("")),
        ("job-env.yaml", job(", args: [\"@\"]")),
        ("job-pair.yaml", job(", env: [{ name: DB_PASSWORD, value: \"@\" }]")),
    ];
    let named = |name: &str| name == "main.talos" || body.contains(&format!("\"{name}\""));
    let files = files.into_iter().filter(|(name, _)| named(name));
    files.map(|(name, text)| (name.to_owned(), text.replace('@', &quoted))).collect()
}

/// What of a secret may be shown nowhere: eight characters of it that stand beside one another. Names of hosts and headers in it are none.
fn pieces(secret: &str) -> Vec<String> {
    let public = ["-----", "MIIBszCC", "https://", "[Interface]", "Authorization: Bearer "];
    let mut core = secret;
    for (begin, end) in [("puller:", "@"), ("jointoken=", ""), ("PrivateKey = ", ""), ("Bearer ", "")] {
        if let Some((_, rest)) = core.split_once(begin) {
            core = if end.is_empty() { rest } else { rest.split_once(end).map_or(rest, |(head, _)| head) };
        }
    }
    let lines = core
        .lines()
        .filter(|line| !public.iter().any(|begin| line.starts_with(begin) && *begin != "https://"));
    let lines: Vec<Vec<char>> =
        lines.map(|line| line.trim_start_matches("https://").chars().collect()).collect();
    // The first four of it may be shown, and the name of who takes a hook.
    let skip = if core.starts_with("https://") { 40.min(core.len() / 2) } else { 0 };
    let windows = lines
        .iter()
        .flat_map(|line| line.windows(8).skip(skip).map(|piece| piece.iter().collect::<String>()));
    windows.collect()
}

/// What is wrong if a text shows a secret.
fn holds_none(secret: &[String], text: &str, said: &dyn Fn() -> String) -> Result<(), String> {
    let piece = secret.iter().find(|piece| text.contains(piece.as_str()));
    piece.map_or(Ok(()), |piece| Err(format!("{}: `{piece}` is shown\n{text}", said())))
}

/// Every case on all processors; what each gives is added.
fn all<T: Sync>(cases: &[T], run: impl Fn(&T) -> Result<usize, String> + Sync) -> usize {
    let (next, total) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from).min(8) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match run(case) {
                        Ok(searches) => drop(total.fetch_add(searches, Ordering::Relaxed)),
                        Err(why) => wrong.lock().expect("nobody panics with it").push(why),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics with it");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    total.into_inner()
}

/// Compiles a project and searches the findings in every format, and the output. Gives the codes that were found.
fn searched(
    files: BTreeMap<String, String>,
    secret: &str,
    name: &str,
) -> Result<(Vec<String>, usize), String> {
    let loader = MemoryLoader { files };
    let compilation = driver::compile(&loader, &["main.talos".to_owned()]);
    let sources = &compilation.flattener.types.names.sources;
    let pieces = pieces(secret);
    for format in FORMATS {
        let options = Options { format, color: Color::Never, limit: Limit::All };
        let text = render(&compilation.findings, sources, &options);
        holds_none(&pieces, &text, &|| format!("{name}, {format:?}"))?;
    }
    for document in &compilation.documents {
        let file = talosc::emit::File::new(document.path.clone(), "main.talos", &document.nodes);
        holds_none(&pieces, &file.text, &|| format!("{name}, output"))?;
    }
    let codes = compilation.findings.iter().map(|finding| finding.code.name().to_owned()).collect();
    Ok((codes, FORMATS.len() + 1))
}

fn is_of_secret(code: &str) -> bool {
    matches!(code, "secret-in-output" | "omni-owned-secret")
}

/// Everything that can be planted: the place, its body, the secret and its shape.
fn plants() -> Vec<(String, &'static str, String)> {
    let mut out = Vec::new();
    for (place, body) in ANYWHERE {
        for (shape, secret) in shapes() {
            out.push((format!("{shape} in {place}"), *body, secret));
        }
    }
    for (place, body) in NAMED {
        for secret in OPAQUE {
            out.push((format!("{secret} in {place}"), *body, (*secret).to_owned()));
        }
    }
    out
}

/// No output and no message of a compilation holds a secret, and each is found where nothing else is wrong.
#[test]
fn no_secret_is_written_or_shown() {
    let plants = plants();
    let searches = all(&plants, |(name, body, secret)| {
        let (codes, searches) = searched(project(body, ("", ""), secret), secret, name)?;
        // What cannot stand there at all is refused for that.
        match codes.iter().any(|code| is_of_secret(code)) || codes == ["bad-text"] {
            true => Ok(searches),
            false => Err(format!("{name} is not found: {codes:?}")),
        }
    });
    println!("{} secrets planted, {searches} outputs searched", plants.len());
    assert!(plants.len() > 900);
}

/// The line of a secret is shown when something else is wrong with it, without the secret.
#[test]
fn no_mistake_beside_a_secret_shows_it() {
    let plants = plants();
    // Each shape in each place with one mistake, and each place with each mistake.
    let cases: Vec<_> =
        plants.iter().enumerate().map(|(n, plant)| (plant, MISTAKES[1 + n % (MISTAKES.len() - 1)])).collect();
    let searches = all(&cases, |((name, body, secret), (mistake, before, after))| {
        let name = format!("{name}, {mistake}");
        searched(project(body, (before, after), secret), secret, &name).map(|found| found.1)
    });
    println!("{} mistakes beside secrets, {searches} outputs searched", cases.len());
}

/// A file of another format with a mistake on the line of a secret.
#[test]
fn no_broken_file_shows_a_secret() {
    let mut cases = Vec::new();
    for (shape, secret) in shapes() {
        for (file, body) in [
            ("m.yaml", "manifest m file \"m.yaml\" { mode = full }"),
            ("patch.yaml", "patch a file \"patch.yaml\""),
        ] {
            for broken in [" ] :", "\n\t- a: {", "\n  a: b: c"] {
                cases.push((shape, secret.clone(), file, body, broken));
            }
        }
    }
    let searches = all(&cases, |(shape, secret, file, body, broken)| {
        let mut files = project(body, ("", ""), secret);
        let text = files.get_mut(*file).expect("it is there");
        *text = format!("{}{broken}\n", text.trim_end());
        searched(files, secret, &format!("{shape} in a broken {file}")).map(|found| found.1)
    });
    println!("{} broken files, {searches} outputs searched", cases.len());
}

/// Every command in every format, on disk.
#[test]
fn no_command_shows_a_secret() {
    let places: Vec<_> = ANYWHERE.iter().chain(NAMED).enumerate().collect();
    let shapes = shapes();
    let searches = all(&places, |(n, (place, body))| {
        let opaque = OPAQUE[n % OPAQUE.len()].to_owned();
        let (shape, secret) =
            if *n < ANYWHERE.len() { shapes[n % shapes.len()].clone() } else { ("opaque", opaque) };
        let name = format!("{shape} in {place}");
        let pieces = pieces(&secret);
        let project = on_disk(project(body, ("", ""), &secret));
        // What was written before there was a check is taken away, and not shown either.
        let old = format!(
            "# Generated by talosc from main.talos. Do not edit: change the source, then `talosc build`.\nkind: Cluster\nname: home\npatches:\n  - name: a\n    inline:\n      machine:\n        token: {}\n",
            secret.replace('\n', " ")
        );
        project.put("omni/cluster-template/home.yaml", &old);
        let mut searches = 0;
        for command in COMMANDS {
            let ran = project.run(command);
            holds_none(&pieces, &format!("{}{}", ran.out, ran.err), &|| format!("{name}, {command:?}"))?;
            assert_ne!(ran.code, Some(101), "{name}, {command:?}: {}", ran.err);
            searches += 1;
        }
        Ok(searches)
    });
    println!("{} projects, {searches} commands searched", places.len());
}

const COMMANDS: &[&[&str]] = &[
    &["check", "--format", "json"],
    &["check", "--format", "sarif", "--all"],
    &["build"],
    &["build", "--check"],
    &["build", "--plan"],
    &["build", "--stdout"],
    &["fmt", "--check"],
    &["explain", "home"],
    &["explain", "home.patch"],
    &["explain", "text"],
    &["explain", "given"],
    &["explain", "main.talos"],
    &["explain", "main.talos:2"],
    &["explain", "home.control-planes", "--resolved", "--origins"],
    &["explain", "home.workers", "--resolved", "--format", "json"],
    &["explain", "omni/cluster-template/home.yaml"],
    &["explain", "omni/cluster-template/home.yaml:9"],
    &["doc", "home"],
    &["doc", "text"],
    &["build", "--format", "json"],
    &["build", "--check", "--format", "github"],
    &["fmt", "--check", "--format", "sarif"],
    &["explain", "home", "--format", "json"],
    &["explain", "home.patch", "--format", "json"],
    &["explain", "text", "--format", "json"],
    &["explain", "given", "--format", "json"],
    &["explain", "mixed.patch", "--format", "json"],
    &["explain", "home.workers.patch", "--format", "json"],
    &["explain", "main.talos", "--format", "json"],
    &["explain", "main.talos:2", "--format", "json"],
    &["explain", "omni/cluster-template/home.yaml:9", "--format", "json"],
    &["doc", "home", "--format", "json"],
    &["doc", "given", "--format", "json"],
    &["check", "--fix"],
];

fn on_disk(files: BTreeMap<String, String>) -> Project {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Project::new(&files)
}

/// What looks alike, and is none: nothing is said of it.
#[test]
fn what_looks_like_a_secret_passes() {
    let mut cases: Vec<(String, String)> = Vec::new();
    for text in FINE_ANYWHERE {
        cases.push(("patch a { machine.env.SOME = \"@\" }".to_owned(), (*text).to_owned()));
        cases.push(("patch a { machine.files = [{ path = \"/var/a\", permissions = 0o600, op = \"create\", content = \"@\" }] }".to_owned(), (*text).to_owned()));
    }
    for (name, value) in FINE_NAMED {
        cases.push((format!("patch a {{ machine.env.{name} = \"@\" }}"), (*value).to_owned()));
        cases.push((
            format!("patch a {{ document ExtensionServiceConfig frr {{ environment = [\"{name}=@\"] }} }}"),
            (*value).to_owned(),
        ));
    }
    cases.extend(FINE_ITEMS.iter().map(|item| ((*item).to_owned(), String::new())));
    let alike = FINE_ANYWHERE.len() + FINE_NAMED.len() + FINE_ITEMS.len();
    all(&cases, |(body, text)| {
        let mut files = project(body, ("", ""), text);
        files.values_mut().for_each(|text| *text = text.replace("${", "\\${"));
        let loader = MemoryLoader { files };
        let compilation = driver::compile(&loader, &["main.talos".to_owned()]);
        let sources = &compilation.flattener.types.names.sources;
        let text = render(&compilation.findings, sources, &Options::default());
        match compilation.has_errors() {
            true => Err(format!("{body}\n{text}")),
            false => Ok(1),
        }
    });
    println!("{alike} harmless texts in {} places", cases.len());
    assert!(alike >= 100);
}

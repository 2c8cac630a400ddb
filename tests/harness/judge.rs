//! The judges: programs of this repository that ask the real Omni client and the real Talos what they think of
//! generated files. `tests/judges/README.md` describes them and what goes over the wire; this module only speaks it.
//!
//! A test says `Trial::test(...).with_ignored_flag(judge::ignored())`, and asks through [`Judges::open`].
#![allow(dead_code, reason = "each test binary asks the judges only for what it needs")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[path = "judge/answers.rs"]
mod answers;
pub(crate) use answers::*;

/// The judges of this process, opened once; a test that failed while it held them leaves them usable.
pub(crate) fn shared() -> Result<MutexGuard<'static, Judges>> {
    static JUDGES: OnceLock<Result<Mutex<Judges>>> = OnceLock::new();
    let open = || {
        Judges::open()?.map(Mutex::new).ok_or_else(|| "there is no Go to build the judges with".to_owned())
    };
    let judges = JUDGES.get_or_init(open).as_ref().map_err(Clone::clone)?;
    Ok(judges.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

/// What went wrong, in words. A judgement of "no" is not an error.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// The minors of Talos that have a judge, the oldest first.
pub(crate) const MINORS: [&str; 5] = ["1.9", "1.10", "1.11", "1.12", "1.13"];

/// The minor that comes: its judge links a pre-release, which knows part of it.
pub(crate) const PREVIEW: &str = "1.14";

/// Whether tests that need judges are to be reported as ignored: there is no Go, and nobody requires them.
pub(crate) fn ignored() -> bool {
    !required() && !has_go()
}

fn required() -> bool {
    std::env::var_os("TALOSC_REQUIRE_JUDGES").is_some_and(|value| value == "1")
}

fn has_go() -> bool {
    Command::new("go").arg("version").output().is_ok_and(|output| output.status.success())
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges")
}

/// The template fields that are newer than the Omni client: document kind (`*` is any), path, Omni release.
pub(crate) fn golden_only() -> Result<Vec<[String; 3]>> {
    let path = directory().join("omni/golden-only.txt");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let fields = lines.map(|line| {
        let fields: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        fields.try_into().map_err(|_| format!("{}: expected three words in {line:?}", path.display()))
    });
    fields.collect()
}

/// The running judges. Each is started when it is first asked, and stops when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Judges {
    running: BTreeMap<String, Judge>,
}

/// A generated file: a path, or a text with the files that it refers to.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Source {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<String>,
    strip: bool,
}

impl Source {
    /// Names the path of a text, relative to the files beside it.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Puts a file beside a text.
    pub(crate) fn beside(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// Sets the directory that files must lie in, relative to that of the template.
    pub(crate) fn allowing(mut self, directory: &str) -> Self {
        self.allow = Some(directory.to_owned());
        self
    }

    /// Leaves fields unjudged that are newer than the Omni client; the answer lists them.
    pub(crate) fn stripped(mut self) -> Self {
        self.strip = true;
        self
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Source { text: Some(text.to_owned()), ..Source::default() }
    }
}

impl From<&Path> for Source {
    fn from(file: &Path) -> Self {
        Source { file: Some(file.to_owned()), ..Source::default() }
    }
}

/// A question about every machine of a template.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Question {
    #[serde(flatten)]
    template: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    born: Option<String>,
    resources: Vec<Source>,
    members: BTreeMap<String, Vec<String>>,
    print: bool,
}

impl Question {
    /// Asks about a template; the cluster is born with its present version.
    pub(crate) fn new(template: impl Into<Source>) -> Self {
        let (resources, members) = (Vec::new(), BTreeMap::new());
        Question { template: template.into(), born: None, resources, members, print: false }
    }

    /// Sets the Talos version that the cluster was created with.
    pub(crate) fn born(mut self, version: &str) -> Self {
        self.born = Some(version.to_owned());
        self
    }

    /// Adds a file of `ConfigPatches` that is applied beside the template.
    pub(crate) fn with(mut self, resources: impl Into<Source>) -> Self {
        self.resources.push(resources.into());
        self
    }

    /// Puts a machine into a class-based set, by the id of the set.
    pub(crate) fn member(mut self, set: &str, machine: &str) -> Self {
        self.members.entry(set.to_owned()).or_default().push(machine.to_owned());
        self
    }

    /// Asks for the merged configs too.
    pub(crate) fn printed(mut self) -> Self {
        self.print = true;
        self
    }
}

/// What a machine's config is generated from.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Birth<'a> {
    /// `controlplane` or `worker`.
    pub(crate) role: &'a str,
    /// The Talos version that the cluster was created with.
    pub(crate) born: &'a str,
    pub(crate) kubernetes: &'a str,
}

impl Judges {
    /// Builds what is not current. Without Go there are no judges, which is an error if they are required.
    pub(crate) fn open() -> Result<Option<Judges>> {
        if !has_go() {
            let message = "TALOSC_REQUIRE_JUDGES is set, and the judges need Go, which was not found";
            return if required() { Err(message.to_owned()) } else { Ok(None) };
        }
        let script = directory().join("build");
        let status = Command::new("bash").arg(&script).arg("--quiet").stdout(Stdio::null()).status();
        match status {
            Ok(status) if status.success() => Ok(Some(Judges::default())),
            Ok(status) => Err(format!("{} ended with {status}", script.display())),
            Err(error) => Err(format!("{} could not be run: {error}", script.display())),
        }
    }

    /// Asks what `omnictl cluster template validate` says.
    pub(crate) fn validate(&mut self, template: impl Into<Source>) -> Result<Verdict> {
        self.ask("omni", "validate", &template.into())
    }

    /// Asks for the resources that a sync would create.
    pub(crate) fn render(&mut self, template: impl Into<Source>) -> Result<Verdict> {
        self.ask("omni", "render", &template.into())
    }

    /// Asks what `omnictl apply` reads, and what it would silently leave out.
    pub(crate) fn resources(&mut self, file: impl Into<Source>) -> Result<Applied> {
        self.ask("omni", "resources", &file.into())
    }

    /// Asks every machine of a template what it says of its config, by the newest Talos.
    pub(crate) fn machines(&mut self, question: &Question) -> Result<Machines> {
        self.ask("omni", "machines", question)
    }

    /// Asks the same machines again, by the machinery of one minor.
    pub(crate) fn machines_on(&mut self, minor: &str, of: &Machines) -> Result<Vec<Machine>> {
        let judge = |machine: &Machine| {
            let birth = Birth { role: &machine.role, born: &of.born, kubernetes: &of.kubernetes };
            let judgement = self.minor(minor, birth, &machine.patches)?;
            Ok(Machine { judgement, ..machine.clone() })
        };
        of.machines.iter().map(judge).collect()
    }

    /// Asks how Go reads a YAML text.
    pub(crate) fn yaml(&mut self, text: &str) -> Result<Values> {
        self.ask("omni", "yaml", &json!({ "text": text }))
    }

    /// Asks one minor of Talos what a new machine says of patches; the merged config comes along.
    pub(crate) fn minor(&mut self, minor: &str, birth: Birth<'_>, patches: &[Patch]) -> Result<Judgement> {
        self.minor_of(minor, "", birth, patches)
    }

    /// The same for a cluster of a name.
    pub(crate) fn minor_of(
        &mut self,
        minor: &str,
        cluster: &str,
        birth: Birth<'_>,
        patches: &[Patch],
    ) -> Result<Judgement> {
        let Birth { role, born, kubernetes } = birth;
        let patches: Vec<_> = patches.iter().map(|p| json!({ "id": p.id, "text": p.text })).collect();
        let request = json!({
            "cluster": cluster, "role": role, "born": born, "kubernetes": kubernetes, "patches": patches, "print": true,
        });
        self.ask(&format!("minor-{minor}"), "apply", &request)
    }

    /// Asks one minor of Talos how it reads a whole configuration.
    pub(crate) fn read(&mut self, minor: &str, config: &str) -> Result<Judgement> {
        self.ask(&format!("minor-{minor}"), "read", &json!({ "config": config }))
    }

    /// Asks one minor of Talos for the config that it generates.
    pub(crate) fn base(&mut self, minor: &str, birth: Birth<'_>) -> Result<Base> {
        self.ask(&format!("minor-{minor}"), "base", &birth)
    }

    /// Asks one minor of Talos for every field of its configuration.
    pub(crate) fn schema(&mut self, minor: &str) -> Result<Vec<Field>> {
        let answer: Schema =
            self.ask(&format!("minor-{minor}"), "schema", &json!({ "sources": machinery(minor)? }))?;
        Ok(answer.fields)
    }

    fn ask<A: DeserializeOwned>(&mut self, name: &str, what: &str, request: &impl Serialize) -> Result<A> {
        let mut request = serde_json::to_value(request).map_err(|error| error.to_string())?;
        request["do"] = json!(what);
        if !self.running.contains_key(name) {
            self.running.insert(name.to_owned(), Judge::start(name)?);
        }
        let judge = self.running.get_mut(name).ok_or("a judge that was just started is gone")?;
        let answer = match judge.exchange(&request) {
            Ok(answer) => answer,
            Err(error) => {
                // It died of the question; the next one gets a new judge.
                self.running.remove(name);
                return Err(format!("judge {name}, {what}: {error}"));
            }
        };
        if let Some(fault) = answer.get("fault").and_then(Value::as_str) {
            return Err(format!("judge {name}, {what}: {fault}"));
        }
        A::deserialize(&answer).map_err(|error| format!("judge {name}, {what}: {error} in {answer}"))
    }
}

/// The directory of the machinery module that the judge of a minor links.
fn machinery(minor: &str) -> Result<String> {
    let own = format!("v{minor}.mod");
    let file = if minor == MINORS[0] { "go.mod" } else { &own };
    let mut go = Command::new("go");
    go.args(["list", "-m", "-modfile", file, "-f", "{{.Dir}}", "github.com/siderolabs/talos/pkg/machinery"]);
    let output = go.env("GOWORK", "off").current_dir(directory().join("minor")).output();
    let output = output.map_err(|error| format!("go list: {error}"))?;
    let dir = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && !dir.is_empty() {
        return Ok(dir);
    }
    Err(format!("go list, for {minor}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// One process.
#[derive(Debug)]
struct Judge {
    child: Child,
    /// Taken when the process is to end.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    fn start(name: &str) -> Result<Judge> {
        let path = directory().join("bin").join(name);
        let spawn = Command::new(&path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawn.map_err(|error| format!("{}: {error}", path.display()))?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("a judge without output")?);
        Ok(Judge { child, requests, answers })
    }

    fn exchange(&mut self, request: &Value) -> std::io::Result<Value> {
        let requests = self.requests.as_mut().ok_or(std::io::ErrorKind::BrokenPipe)?;
        requests.write_all(format!("{request}\n").as_bytes())?;
        requests.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Judge {
    /// A judge ends with its input.
    fn drop(&mut self) {
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}

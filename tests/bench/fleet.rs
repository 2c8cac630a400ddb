//! Whole processes on large fleets: `cargo bench --bench fleet`, or `… --bench fleet -- PART` for the rows with PART in their name.
//!
//! Each case is a project in a temporary directory. `talosc build` runs to write the output, then with the output current, in turn with
//! `talosc --version`. The medians of the wall times are printed with what a case costs beyond `--version`, what it may cost, and on
//! Linux the most memory it held. Machines are noisy: compare the rows of one run with each other.
//!
//! `TALOSC_BENCH_AGAINST=/path/to/talosc` runs a second binary in turn with this one, on the same project, and prints what this one
//! costs as a part of what that one does: 0.50 is half. `taskset -c 0 cargo bench …` shows what one processor makes of it.
#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TALOSC: &str = env!("CARGO_BIN_EXE_talosc");
const RUNS: usize = 15;
const FIRST_RUNS: usize = 3;
/// A case stops after so long, if each of its numbers has three runs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A project: its files, by name.
type Files = Vec<(String, String)>;

/// A row: its name, its project, and the milliseconds that it may cost.
struct Case {
    name: &'static str,
    files: fn() -> Files,
    wanted: Option<f64>,
}

const CASES: &[Case] = &[
    Case { name: "homelab", files: homelab, wanted: Some(3.0) },
    Case { name: "1,000 machines (20 × 50)", files: || machines(20, 50), wanted: Some(30.0) },
    Case { name: "10,000 machines (100 × 100)", files: || machines(100, 100), wanted: Some(300.0) },
    Case { name: "100,000 machines (1,000 × 100)", files: || machines(1_000, 100), wanted: None },
    Case { name: "10,000 machines (1 × 10,000)", files: || machines(1, 10_000), wanted: Some(300.0) },
    Case { name: "10,000 machines that extend one", files: || extending(100, 100), wanted: None },
    Case { name: "long texts (2,000 × 1 kB)", files: || one(texts(2_000)), wanted: None },
    Case { name: "contents of files (1,000 × 6 kB)", files: || contents(1_000, 100), wanted: None },
    Case { name: "500 roles, eight deep", files: || one(roles(500)), wanted: None },
    Case { name: "1,000 roles, eight deep", files: || one(roles(1_000)), wanted: None },
    Case { name: "lists of 5,000", files: || one(lists(5_000)), wanted: None },
    Case { name: "lists of 10,000", files: || one(lists(10_000)), wanted: None },
];

fn main() {
    let part = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let other = std::env::var("TALOSC_BENCH_AGAINST").ok();
    let titles = ["current", "--version", "beyond it", "wanted", "first", "memory"];
    print!("{:<34}{}", "medians", titles.map(|title| format!("{title:>12}")).concat());
    match &other {
        Some(other) => println!("   as parts of {other}: current, beyond --version, first, memory"),
        None => println!(),
    }
    for case in CASES.iter().filter(|case| case.name.contains(&part)) {
        case.measure(other.as_deref());
    }
}

/// What a binary took for a project.
#[derive(Default)]
struct Taken {
    first: Vec<Duration>,
    current: Vec<Duration>,
    version: Vec<Duration>,
    /// In KiB.
    memory: Option<u64>,
}

impl Taken {
    fn run(&mut self, binary: &str, directory: &Path) {
        self.current.push(run(binary, directory, &["build"]));
        self.version.push(run(binary, directory, &["--version"]));
    }

    fn beyond(&self) -> f64 {
        median(&self.current) - median(&self.version)
    }
}

impl Case {
    fn measure(&self, other: Option<&str>) {
        let binaries: Vec<&str> = [TALOSC].into_iter().chain(other).collect();
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in (self.files)() {
            std::fs::write(directory.path().join(name), text).expect("the source can be written");
        }
        let mut taken: Vec<Taken> = binaries.iter().map(|_| Taken::default()).collect();
        let started = Instant::now();
        for _ in 0..FIRST_RUNS {
            for (binary, taken) in binaries.iter().zip(&mut taken) {
                let _ = std::fs::remove_dir_all(directory.path().join("omni"));
                taken.first.push(run(binary, directory.path(), &["build"]));
            }
        }
        // Two binaries may write different texts, so each finds its own output current.
        for (binary, taken) in binaries.iter().zip(&mut taken) {
            run(binary, directory.path(), &["build"]);
            taken.memory = peak(binary, directory.path());
        }
        for count in 0..RUNS {
            if count >= 3 && started.elapsed() > PATIENCE {
                break;
            }
            for (binary, taken) in binaries.iter().zip(&mut taken) {
                if binaries.len() > 1 {
                    run(binary, directory.path(), &["build"]);
                }
                taken.run(binary, directory.path());
            }
        }
        self.print(&taken);
    }

    fn print(&self, taken: &[Taken]) {
        let wanted = self.wanted.map(|wanted| format!("{wanted:.0}ms")).unwrap_or_default();
        let [own, ..] = taken else { return };
        let memory = own.memory.map(|kib| format!("{}MB", kib / 1024)).unwrap_or_default();
        print!(
            "{:<34}{:>10.1}ms{:>10.1}ms{:>10.1}ms{wanted:>12}{:>10.1}ms{memory:>12}",
            self.name,
            median(&own.current),
            median(&own.version),
            own.beyond(),
            median(&own.first),
        );
        if let [own, other] = taken {
            let memory = own.memory.zip(other.memory).map(|(own, other)| own as f64 / other as f64);
            print!(
                "   {:.2} {:.2} {:.2} {}",
                median(&own.current) / median(&other.current),
                own.beyond() / other.beyond(),
                median(&own.first) / median(&other.first),
                memory.map(|part| format!("{part:.2}")).unwrap_or_default(),
            );
        }
        println!();
    }
}

fn talosc(binary: &str, directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(args).current_dir(directory).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(binary: &str, directory: &Path, args: &[&str]) -> Duration {
    let started = Instant::now();
    let output = talosc(binary, directory, args).output().expect("talosc starts");
    let took = started.elapsed();
    assert!(output.status.success(), "{binary}: {}", String::from_utf8_lossy(&output.stderr));
    took
}

/// The most memory that a build held, in KiB, as Linux counts it; asked again and again until the build ends.
fn peak(binary: &str, directory: &Path) -> Option<u64> {
    let mut child =
        talosc(binary, directory, &["build"]).stderr(Stdio::null()).spawn().expect("talosc starts");
    let path = format!("/proc/{}/status", child.id());
    let mut most = None;
    while child.try_wait().expect("a build ends").is_none() {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        most = most.max(now);
    }
    most
}

/// In milliseconds.
fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// A project of one file.
fn one(text: String) -> Files {
    vec![("cluster.talos".to_owned(), text)]
}

fn homelab() -> Files {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/homelab/cluster.talos");
    one(std::fs::read_to_string(path).expect("the example is there"))
}

/// What the clusters of a fleet share, and a file for each of them; of a single one, all is in its file.
fn fleet(shared: &str, clusters: Vec<String>) -> Files {
    match clusters.as_slice() {
        [single] => one(format!("{shared}{single}")),
        _ => {
            let names = (0..).map(|n| format!("c{n}.talos"));
            let files = clusters.iter().map(|cluster| format!("import \"./shared.talos\"\n{cluster}"));
            std::iter::once(("shared.talos".to_owned(), shared.to_owned())).chain(names.zip(files)).collect()
        }
    }
}

const SHARED: &str = "network lan {\n  subnet  = 10.0.0.0/8\n  gateway = 10.0.0.1\n  link eth0\n}\n\
     role base {\n  extensions  = [iscsi-tools, util-linux-tools]\n  node-labels { zone = \"a\" }\n}\n\
     role worker extends base { extensions += [nfsd] }\n";

/// Clusters of machines, each with a UUID, an address, a host name, a label and an override of its role.
fn machines(clusters: usize, each: usize) -> Files {
    let machine = |out: &mut String, n: usize| {
        let _ = write!(
            out,
            "machine m{n} {{\n  id       = {}\n  hostname = \"node-{n}\"\n  address  = {}/8 on lan\n  \
             annotations {{ rack = \"r{}\" }}\n  node-labels {{ override zone = \"z{}\" }}\n}}\n",
            id(n),
            address(n),
            n % 40,
            n % 7,
        );
    };
    fleet(SHARED, (0..clusters).map(|at| cluster(at, each, machine)).collect())
}

/// The same machines, each from one that takes what differs as arguments.
fn extending(clusters: usize, each: usize) -> Files {
    let shared = format!(
        "{SHARED}abstract machine node(name: String, rack: String, zone: String) {{\n  hostname = \"${{name}}\"\n  \
         labels {{ rack = \"${{rack}}\" }}\n  node-labels {{ zone = \"${{zone}}\" }}\n}}\n"
    )
    .replace("  node-labels { zone = \"a\" }\n", "");
    let machine = |out: &mut String, n: usize| {
        let _ = write!(
            out,
            "machine m{n} extends node(name = \"node-{n}\", rack = \"r{}\", zone = \"z{}\") {{\n  \
             id      = {}\n  address = {}/8 on lan\n}}\n",
            n % 40,
            n % 7,
            id(n),
            address(n),
        );
    };
    fleet(&shared, (0..clusters).map(|at| cluster(at, each, machine)).collect())
}

fn id(n: usize) -> String {
    format!("430d882a-51a8-48b3-ab00-{n:012x}")
}

fn address(n: usize) -> String {
    format!("10.{}.{}.{}", n >> 16 & 255, n >> 8 & 255, n & 255)
}

/// A cluster with machines of its own, the first three of them control planes.
fn cluster(at: usize, each: usize, machine: impl Fn(&mut String, usize)) -> String {
    let mut out = String::new();
    let mut names = Vec::new();
    for n in at * each + 256..(at + 1) * each + 256 {
        names.push(format!("m{n}"));
        machine(&mut out, n);
    }
    let (control, workers) = names.split_at(3);
    let _ = write!(
        out,
        "cluster c{at} {{\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  \
         controlplane {{ role = base, machines = [{}] }}\n  workers {{ role = worker, machines = [{}] }}\n}}\n",
        control.join(", "),
        workers.join(", "),
    );
    out
}

/// Texts of so many lines in three quotes, as the contents of files.
fn contents(count: usize, lines: usize) -> Files {
    let mut out = String::from(
        "cluster c {\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  controlplane {}\n",
    );
    let line =
        |n: usize, at: usize| format!("      # line {at} of text {n}, with \"quotes\", a \\\\ and 'more'\n");
    out.push_str("  patch files {\n    machine.files = [\n");
    for n in 0..count {
        let text: String = (0..lines).map(|at| line(n, at)).collect();
        let _ = write!(
            out,
            "    {{ path = \"/var/f{n}\", op = create, permissions = 0o644, content = \"\"\"\n{text}      \"\"\" }}\n"
        );
    }
    out.push_str("    ]\n  }\n}\n");
    one(out)
}

/// Roles in chains of eight, the last of each used by a set.
fn roles(count: usize) -> String {
    let mut out = String::from("extern class machine\n");
    let mut sets = String::new();
    for n in 0..count {
        let parent = if n % 8 == 0 { String::new() } else { format!(" extends r{}", n - 1) };
        let _ = writeln!(
            out,
            "role r{n}{parent} {{ node-labels {{ l{n} = \"x\" }}, kernel {{ sysctls {{ a.b{n} = {n} }} }} }}"
        );
        if n % 8 == 7 || n + 1 == count {
            let _ = writeln!(sets, "  workers w{n} {{ role = r{n}, class = machine, size = 1 }}");
        }
    }
    let _ = write!(
        out,
        "cluster c {{\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  \
         controlplane {{ class = machine, size = 3 }}\n{sets}}}\n"
    );
    out
}

/// One long list, inherited and added to.
fn lists(count: usize) -> String {
    let servers =
        |prefix: &str| (0..count).map(|n| format!("\"{prefix}{n}.example\"")).collect::<Vec<_>>().join(", ");
    format!(
        "extern class machine\nrole a {{ timeservers = [{}] }}\nrole b extends a {{ timeservers += [{}] }}\n\
         cluster c {{\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  \
         controlplane {{ role = b, class = machine, size = 3 }}\n}}\n",
        servers("a"),
        servers("b"),
    )
}

/// Roles with a text of several lines under a quoted segment of a path; one set takes one of them, so that reading is what counts.
fn texts(count: usize) -> String {
    let mut out = String::from("extern class machine\n");
    let line = "    set -eu; for file in /etc/*.conf; do echo \"$file\"; done\n";
    for n in 0..count {
        // What is not used says that it is only a base.
        let mark = if n == 0 { "" } else { "abstract " };
        let _ = write!(
            out,
            "{mark}role r{n} {{\n  node-annotations.\"example.org/script\" = '''\n{}    '''\n  node-annotations.\"example.org/name\" = \
             \"\"\"\n    role {n}\n    \"\"\"\n}}\n",
            line.repeat(16),
        );
    }
    out + "cluster c {\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  \
           controlplane { role = r0, class = machine, size = 3 }\n}\n"
}

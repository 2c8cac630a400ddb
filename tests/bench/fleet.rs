//! Whole processes on large fleets: `cargo bench --bench fleet`.
//!
//! Each case is a project in a temporary directory. `talosc build` runs to write the output, then with the output current, in turn with
//! `talosc --version`. The medians of the wall times are printed with what a case costs beyond `--version`, what it may cost, and on
//! Linux the most memory it held. Machines are noisy: compare the rows of one run with each other.
#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TALOSC: &str = env!("CARGO_BIN_EXE_talosc");
const RUNS: usize = 15;
const FIRST_RUNS: usize = 3;

fn main() {
    let titles = ["current", "--version", "beyond it", "wanted", "first", "memory"];
    println!("{:<30}{}", "medians", titles.map(|title| format!("{title:>12}")).concat());
    let homelab = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/homelab/cluster.talos");
    case("homelab", &std::fs::read_to_string(homelab).expect("the example is there"), Some(3.0));
    case("1,000 machines (20 × 50)", &machines(20, 50), Some(30.0));
    case("10,000 machines (100 × 100)", &machines(100, 100), Some(300.0));
    case("10,000 machines (1 × 10,000)", &machines(1, 10_000), Some(300.0));
    case("500 roles, eight deep", &roles(500), None);
    case("1,000 roles, eight deep", &roles(1_000), None);
    case("lists of 5,000", &lists(5_000), None);
    case("lists of 10,000", &lists(10_000), None);
    case("long texts (2,000 × 1 kB)", &texts(2_000), None);
}

/// Measures a project of one file that may cost some milliseconds.
fn case(name: &str, source: &str, wanted: Option<f64>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("cluster.talos"), source).expect("the source can be written");
    let mut first = Vec::new();
    for _ in 0..FIRST_RUNS {
        let _ = std::fs::remove_dir_all(directory.path().join("omni"));
        first.push(run(directory.path(), &["build"]));
    }
    let (mut current, mut version) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        current.push(run(directory.path(), &["build"]));
        version.push(run(directory.path(), &["--version"]));
    }
    let (first, current, version) = (median(first), median(current), median(version));
    let wanted = wanted.map(|wanted| format!("{wanted:.0}ms")).unwrap_or_default();
    let memory = peak(directory.path()).map(|kib| format!("{}MB", kib / 1024)).unwrap_or_default();
    println!(
        "{name:<30}{:>10.1}ms{:>10.1}ms{:>10.1}ms{wanted:>12}{:>10.1}ms{memory:>12}",
        ms(current),
        ms(version),
        ms(current) - ms(version),
        ms(first),
    );
}

fn talosc(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(TALOSC);
    command.args(args).current_dir(directory).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(directory: &Path, args: &[&str]) -> Duration {
    let started = Instant::now();
    let output = talosc(directory, args).output().expect("talosc starts");
    let took = started.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    took
}

/// The most memory that a build held, in KiB, as Linux counts it; asked again and again until the build ends.
fn peak(directory: &Path) -> Option<u64> {
    let mut child = talosc(directory, &["build"]).spawn().expect("talosc starts");
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

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Clusters of machines, each with a UUID, an address, a host name, a label and an override of its role.
fn machines(clusters: usize, each: usize) -> String {
    let mut out = String::from(
        "network lan {\n  subnet  = 10.0.0.0/8\n  gateway = 10.0.0.1\n  link eth0\n}\n\
         role base {\n  extensions  = [iscsi-tools, util-linux-tools]\n  node-labels { zone = \"a\" }\n}\n\
         role worker extends base { extensions += [nfsd] }\n",
    );
    for cluster in 0..clusters {
        let mut names = Vec::new();
        for machine in 0..each {
            let n = cluster * each + machine + 256;
            names.push(format!("m{n}"));
            let _ = write!(
                out,
                "machine m{n} {{\n  id       = 430d882a-51a8-48b3-ab00-{n:012x}\n  hostname = \"node-{n}\"\n  \
                 address  = 10.{}.{}.{}/8 on lan\n  labels {{ rack = \"r{}\" }}\n  \
                 node-labels {{ override zone = \"z{}\" }}\n}}\n",
                n >> 16 & 255,
                n >> 8 & 255,
                n & 255,
                n % 40,
                n % 7,
            );
        }
        let (control, workers) = names.split_at(3);
        let _ = write!(
            out,
            "cluster c{cluster} {{\n  talos = v1.13.7\n  created-with = v1.13.7\n  kubernetes = v1.35.0\n  \
             controlplane {{ role = base, machines = [{}] }}\n  workers {{ role = worker, machines = [{}] }}\n}}\n",
            control.join(", "),
            workers.join(", "),
        );
    }
    out
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

//! How fast the writer and the verification are: `cargo bench --bench emit`, read by a person, judged by no test.

#![allow(clippy::print_stdout, reason = "its only purpose is to print measurements")]

use std::hint::black_box;
use std::time::Instant;

use talosc::emit::{self, verify::verify};
use talosc::tree::{Map, Node, Origin, Value};

const ORIGIN: Origin = Origin(1);

fn map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect::<Map>(), ORIGIN)
}

fn string(text: &str) -> Node {
    Node::str(text, ORIGIN)
}

/// A machine document as a template has it: about 800 bytes, with a patch and lists.
fn machine(number: usize) -> Node {
    let id = format!("{number:08x}-51a8-48b3-ab00-d4b5b0b5b0b0");
    let link = map([
        ("interface", string("eth0")),
        ("addresses", Node::seq(vec![string(&format!("10.{}.{}.7/16", number / 256, number % 256))], ORIGIN)),
        ("mtu", Node::new(Value::Int(1500), ORIGIN)),
        ("dhcp", Node::new(Value::Bool(false), ORIGIN)),
    ]);
    let patch = map([
        ("idOverride", string(&format!("400-cluster-homelab-{id}-network"))),
        ("name", string("network")),
        (
            "inline",
            map([("machine", map([("network", map([("interfaces", Node::seq(vec![link], ORIGIN))]))]))]),
        ),
    ]);
    let extensions = ["siderolabs/iscsi-tools", "siderolabs/nfsd", "siderolabs/qemu-guest-agent"];
    map([
        ("kind", string("Machine")),
        ("name", string(&id)),
        ("systemExtensions", Node::seq(extensions.iter().map(|name| string(name)).collect(), ORIGIN)),
        ("kernelArgs", Node::seq(vec![string("console=ttyS0,115200"), string("net.ifnames=0")], ORIGIN)),
        ("install", map([("disk", string("/dev/nvme0n1"))])),
        ("labels", map([("rack", string("rack 12")), ("on", string("yes"))])),
        ("patches", Node::seq(vec![patch], ORIGIN)),
    ])
}

/// Runs a few times and prints the best, as megabytes of output per second.
fn measure(name: &str, bytes: usize, mut work: impl FnMut()) {
    let best = (0..7).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    let seconds = best.min().map_or(0.0, |time| time.as_secs_f64());
    let size = bytes as f64 / 1e6;
    println!("{name:<28} {size:>6.1} MB {:>8.1} ms {:>8.0} MB/s", seconds * 1e3, size / seconds);
}

fn measure_docs(name: &str, docs: &[Node]) {
    let (text, _) = emit::render("cluster.talos", docs);
    measure(&format!("render {name}"), text.len(), || {
        black_box(emit::render("cluster.talos", black_box(docs)));
    });
    measure(&format!("verify {name}"), text.len(), || {
        verify(black_box(&text), docs).expect("the same values")
    });
}

fn main() {
    let machines: Vec<Node> = (0..10_000).map(machine).collect();
    measure_docs("10,000 machines", &machines);
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: some-name\ndata:\n  key: \"a value of some length\"\n";
    measure_docs("block scalars", &[map([("inline", string(&manifest.repeat(80_000)))])]);
    let json = r#"{"name":"value","list":[1,2,3],"text":"a line of prose"}"#;
    measure_docs("quoted scalars", &[map([("json", string(&json.repeat(140_000)))])]);
}

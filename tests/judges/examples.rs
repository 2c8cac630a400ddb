//! Every example, as it is and with only its versions changed, before the Omni client and the machinery of each Talos minor.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Failed;
use talosc::driver;
use talosc::emit::File;
use talosc::source::loader::MemoryLoader;

use crate::judge::{Judges, Question, Source};

/// The examples: a directory, and for a minor the words that are left out of its sources, because that Talos does not have them.
pub(crate) const ALL: [(&str, &[(&str, &str)]); 2] =
    [("homelab", &[("1.9", "nfsd, ")]), ("static-machines", &[])];

/// Shapes of machines and links, each on a cluster of two machines: name, lines of the network, the control plane, the worker.
const SHAPES: [(&str, &str, &str, &str); 7] = [
    ("physical", "vip = 10.0.0.9", "address = 10.0.0.11/24 on lan", "hostname = \"w\""),
    ("named", "vip = 10.0.0.9, mtu = 1400, link eno1", "", "address = 10.0.0.12/24 on lan"),
    (
        "selected",
        "vip = 10.0.0.9",
        "link a { mac = 3c:ec:ef:1a:2b:40 }\n  link b { driver = \"virtio*\", dhcp = true }\n  \
         address = 10.0.0.11/24 on lan.a",
        "link a { mac = 3c:ec:ef:1a:2b:41, mtu = 9000, dhcp = false }\n  link b { mac = 3c:ec:ef:1a:2b:42, dhcp = true }",
    ),
    (
        "bonded",
        "link bond0 { bond { mode = active-backup, links = [eno1, eno2], miimon = 100, updelay = 100, downdelay = 100 } }",
        "address = 10.0.0.11/24 on lan",
        "link bond0 { vlan 20 { dhcp = true } }",
    ),
    (
        "bridged",
        "",
        "link br0 { bridge = [eno1], dhcp = true }",
        "link br0 { bridge = [eno1], addresses = [10.0.0.12/24 on lan] }",
    ),
    (
        "vlan",
        "vip = 10.0.0.9",
        "link eno1 { dhcp = false, vlan 20 { mtu = 1400 } }\n  address = 10.0.0.11/24 on lan.eno1.20",
        "link eno1 { vlan 30 { dhcp = true } }",
    ),
    (
        "routes",
        "",
        "link eno1 { addresses = [10.0.0.11/24 on lan], routes = [{ network = 10.9.0.0/16, gateway = 10.0.0.2, metric = 10 }] }",
        "link eno1 { addresses = [\"fd00::1/64\"], routes = [{ gateway = fd00::ff }] }",
    ),
];

/// Judges each shape on a minor, created with it and with 1.9.
pub(crate) fn judge_shapes(judges: &mut Judges, minor: &str) -> Result<(), Failed> {
    for (name, network, control, worker) in SHAPES {
        for born in [format!("{minor}.0"), "1.9.0".to_owned()] {
            let kubernetes = kubernetes(minor);
            let source = format!(
                "network lan {{\n  subnet = 10.0.0.0/24, gateway = 10.0.0.1, nameservers = [10.0.0.1]\n  {network}\n}}\n\
                 machine cp {{\n  id = 4c4c4544-0031-4210-8052-b4c04f4b3001\n  {control}\n}}\n\
                 machine w {{\n  id = 4c4c4544-0031-4210-8052-b4c04f4b3002\n  {worker}\n}}\n\
                 cluster c {{\n  talos = v{minor}.2, created-with = v{born}, kubernetes = v{kubernetes}\n  network = lan\n  \
                 node-ip = lan, metrics = true\n  controlplane {{ machines = [cp] }}\n  workers {{ machines = [w] }}\n}}\n"
            );
            let sources = [("cluster.talos".to_owned(), source)].into();
            accept(judges, &sources, minor, &born).map_err(|e| format!("{name}: {e:?}"))?;
        }
    }
    Ok(())
}

/// A Kubernetes version that a minor of Talos supports.
pub(crate) fn kubernetes(minor: &str) -> &'static str {
    match minor {
        "1.9" => "1.32.0",
        "1.10" => "1.33.0",
        "1.11" => "1.34.0",
        "1.12" => "1.35.0",
        _ => "1.36.0",
    }
}

/// Judges an example as it is committed.
pub(crate) fn judge_as_it_is(judges: &mut Judges, directory: &str) -> Result<(), Failed> {
    let sources = sources(directory)?;
    let main = sources.get("cluster.talos").ok_or("no cluster.talos")?;
    let minor = version(main, "talos").ok_or("no talos")?;
    let minor = minor.rsplit_once('.').map_or(minor, |(minor, _)| minor).to_owned();
    let born = version(main, "created-with").ok_or("no created-with")?.to_owned();
    accept(judges, &sources, &minor, &born)
}

/// Judges an example with the versions of a minor, created with it and with the one two before it.
pub(crate) fn judge(
    judges: &mut Judges,
    directory: &str,
    dropped: &[(&str, &str)],
    minor: &str,
) -> Result<(), Failed> {
    let number: u32 = minor.strip_prefix("1.").and_then(|n| n.parse().ok()).ok_or("not a minor")?;
    for born in [format!("1.{number}.0"), format!("1.{}.0", number - 2)] {
        let mut sources = sources(directory)?;
        for text in sources.values_mut() {
            for (_, word) in dropped.iter().filter(|(of, _)| *of == minor) {
                *text = text.replace(word, "");
            }
            // The first patch that Omni takes of every minor: it refuses 1.13.1.
            *text = with_version(text, "talos", &format!("{minor}.2"));
            *text = with_version(text, "created-with", &born);
            *text = with_version(text, "kubernetes", kubernetes(minor));
        }
        accept(judges, &sources, minor, &born)?;
    }
    Ok(())
}

fn sources(directory: &str) -> Result<BTreeMap<String, String>, Failed> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(directory);
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "talos") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            out.insert(name, std::fs::read_to_string(path)?);
        }
    }
    Ok(out)
}

/// The line `field = vX` of a text: its start, and where the version begins and ends.
fn line<'t>(text: &'t str, field: &str) -> Option<(&'t str, &'t str)> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let version = value.trim().strip_prefix('v')?;
        (key.trim() == field).then_some((line, version))
    })
}

fn version<'t>(text: &'t str, field: &str) -> Option<&'t str> {
    line(text, field).map(|(_, version)| version)
}

fn with_version(text: &str, field: &str, to: &str) -> String {
    match line(text, field) {
        Some((line, version)) => text.replace(line, &line.replace(version, to)),
        None => text.to_owned(),
    }
}

/// Compiles without a finding, and every judge says yes.
fn accept(
    judges: &mut Judges,
    sources: &BTreeMap<String, String>,
    minor: &str,
    born: &str,
) -> Result<(), Failed> {
    let loader = MemoryLoader { files: sources.clone() };
    let compilation = driver::compile(&loader, &["cluster.talos".to_owned()]);
    let findings: Vec<_> = compilation.findings.iter().map(|d| (d.code.name(), &d.message)).collect();
    assert!(!compilation.has_errors(), "{minor}, born {born}: {findings:?}");
    let files: Vec<File> = compilation
        .documents
        .iter()
        .map(|document| File::new(&document.path, "cluster.talos", &document.nodes))
        .collect();
    assert!(files.iter().any(|file| file.path.contains("cluster-template/")), "no template");
    for file in files {
        let text = file.text.as_str();
        if file.path.contains("machine-classes/") {
            let applied = judges.resources(text)?;
            assert!(applied.ok, "{}: {applied:?}", file.path);
            continue;
        }
        let source = || Source::from(text).stripped();
        let verdict = judges.validate(source())?;
        assert!(verdict.ok, "{}: {verdict:?}", file.path);
        let machines = judges.machines(&Question::new(source()).born(born))?;
        let said: Vec<_> =
            machines.machines.iter().map(|machine| (&machine.id, &machine.judgement.errors)).collect();
        assert!(machines.ok, "{minor}, born {born}: {:?} {said:?}\n{text}", machines.errors);
        for machine in judges.machines_on(minor, &machines)? {
            let judgement = &machine.judgement;
            let fine = judgement.ok && judgement.warnings.is_empty();
            assert!(fine, "{minor}, born {born}: {:?} {:?}\n{text}", judgement.errors, judgement.warnings);
        }
    }
    Ok(())
}

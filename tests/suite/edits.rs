//! Edits of the homelab that a person makes by mistake: each gives exactly one error, at the right place, and what the error
//! offers (or the repair that stands here) builds again.

use talosc::diagnostics::{Diagnostic, Severity, edit};
use talosc::driver;
use talosc::source::loader::MemoryLoader;

pub(crate) const HOMELAB: &str = include_str!("../../examples/homelab/cluster.talos");

/// One mistake.
struct Mistake {
    name: &'static str,
    /// What is replaced by what; an empty first half appends.
    edits: &'static [(&'static str, &'static str)],
    /// Other files of the project.
    files: &'static [(&'static str, &'static str)],
    code: &'static str,
    /// The text under the primary label.
    at: &'static str,
    /// What a person would do when the error offers no edit that a program can apply.
    repair: &'static [(&'static str, &'static str)],
}

const NONE: &[(&str, &str)] = &[];

const MACHINES: &str = "
machine nas-1 { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b001, address = ADDRESS on lan, install { disk = \"/dev/sda\" } }
machine nas-2 { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b002, address = 192.168.10.32/24 on lan, install { disk = \"/dev/sda\" } }
cluster storage {
  omni = v1.10, talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0
  network = lan
  allow(even-control-planes, \"two machines\")
  controlplane { machines = [nas-1, nas-2] }
}
";

/// The mistakes; `ADDRESS` in an appended text is what the case says.
const MISTAKES: &[Mistake] = &[
    Mistake {
        name: "the runtime line of the GPU role removed",
        edits: &[("  override runtime = nvidia\n", "")],
        files: NONE,
        code: "gpu-needs-runtime",
        at: "nvidia.production",
        repair: NONE,
    },
    Mistake {
        name: "the toolkit of the other driver branch",
        edits: &[(
            "  override runtime = nvidia\n",
            "  override runtime = nvidia\n  extensions -= [nvidia-container-toolkit-production]\n  extensions += [nvidia-container-toolkit-lts]\n",
        )],
        files: NONE,
        code: "extension-requires",
        at: "nvidia-container-toolkit-lts",
        repair: NONE,
    },
    Mistake {
        name: "iscsi-tool",
        edits: &[("iscsi-tools", "iscsi-tool")],
        files: NONE,
        code: "unknown-name",
        at: "iscsi-tool",
        repair: NONE,
    },
    Mistake {
        name: "size missing",
        edits: &[("class = gpu-worker,    size = 1", "class = gpu-worker")],
        files: NONE,
        code: "size-missing",
        at: "class = gpu-worker",
        repair: NONE,
    },
    Mistake {
        name: "kernel args on a set of a matching class",
        edits: &[
            (
                "class worker        extends vm { cores = 16, memory = 64GiB, disk_size = 400GiB }",
                "class worker { match = [\"size = large\"] }",
            ),
            (
                "class gpu-worker extends worker {\n  override memory = 128GiB\n",
                "class gpu-worker extends vm {\n  cores = 16, memory = 128GiB, disk_size = 400GiB\n",
            ),
            (
                "class = worker,        size = 3 }",
                "class = worker, size = 3, kernel { args = [\"quiet\"] } }",
            ),
        ],
        files: NONE,
        code: "kernel-args-of-class",
        at: "args = [\"quiet\"]",
        repair: &[(", kernel { args = [\"quiet\"] }", "")],
    },
    Mistake {
        name: "Kubernetes 1.37 on Talos 1.13",
        edits: &[("kubernetes   = v1.35.0", "kubernetes   = v1.37.0")],
        files: NONE,
        code: "kubernetes-not-on-talos",
        at: "kubernetes   = v1.37.0",
        repair: &[("v1.37.0", "v1.36.0")],
    },
    Mistake {
        name: "memory = 8G",
        edits: &[("memory = 8GiB", "memory = 8G")],
        files: NONE,
        code: "loose-size",
        at: "8G",
        repair: NONE,
    },
    Mistake {
        name: "storage_selecter",
        edits: &[("storage_selector", "storage_selecter")],
        files: NONE,
        code: "unknown-field",
        at: "storage_selecter",
        repair: NONE,
    },
    Mistake {
        name: "a label under omni.sidero.dev/",
        edits: &[("  backup ", "  labels { omni.sidero.dev/team = \"a\" }\n  backup ")],
        files: NONE,
        code: "reserved-label",
        at: "omni.sidero.dev/team",
        repair: &[("omni.sidero.dev/team", "team")],
    },
    Mistake {
        name: "a patch that sets machine.token",
        edits: &[("  backup ", "  patch join { machine.token = \"x\" }\n  backup ")],
        files: NONE,
        code: "omni-owned-secret",
        at: "x",
        repair: &[("  patch join { machine.token = \"x\" }\n", "")],
    },
    Mistake {
        name: "a cycle of roles",
        edits: &[("role base {", "role base extends worker {")],
        files: NONE,
        code: "inheritance-cycle",
        at: "base",
        repair: &[("role base extends worker {", "role base {")],
    },
    Mistake {
        name: "a cycle of imports",
        edits: &[("import \"std/proxmox\"", "import \"./more.talos\"\nimport \"std/proxmox\"")],
        files: &[("more.talos", "import \"./cluster.talos\"\nrole extra extends base {}\n")],
        code: "import-cycle",
        at: "\"./cluster.talos\"",
        repair: &[("import \"./more.talos\"\n", "")],
    },
    Mistake {
        name: "two mixins that disagree",
        edits: &[(
            "role worker extends base with longhorn.v1",
            "role fast { timeservers = [\"a.example\"] }\nrole slow { timeservers = [\"b.example\"] }\nrole worker extends base with longhorn.v1, fast, slow",
        )],
        files: NONE,
        code: "mixins-disagree",
        at: "worker",
        repair: &[(", fast, slow", ", fast"), ("role slow { timeservers = [\"b.example\"] }\n", "")],
    },
    Mistake {
        name: "a final replaced",
        edits: &[("  runtime    = runc", "  final runtime = runc")],
        files: NONE,
        code: "final-replaced",
        at: "runtime",
        repair: &[("  final runtime = runc", "  runtime = runc")],
    },
    Mistake {
        name: "a template field that the target Omni does not have",
        edits: &[
            ("omni         = v1.10", "omni         = v1.8"),
            ("  backup ", "  features { node-audit-skip = true }\n  backup "),
        ],
        files: NONE,
        code: "not-in-this-omni",
        at: "node-audit-skip = true",
        repair: &[("  features { node-audit-skip = true }\n", "")],
    },
    Mistake {
        name: "a version bump without created-with",
        edits: &[("  created-with = v1.13.7\n", "")],
        files: &[(
            "omni/cluster-template/cluster-template.yaml",
            "# Generated by talosc from cluster.talos. Do not edit: change the source, then `talosc build`.\nkind: Cluster\nname: homelab\nkubernetes:\n  version: v1.35.0\ntalos:\n  version: v1.12.7\n",
        )],
        code: "created-with-missing",
        at: "talos        = v1.13.7",
        repair: NONE,
    },
    Mistake {
        name: "two machines with one address",
        edits: &[("", "192.168.10.32/24")],
        files: NONE,
        code: "address-taken",
        at: "192.168.10.32/24",
        repair: &[(
            "nas-1 { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b001, address = 192.168.10.32/24",
            "nas-1 { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b001, address = 192.168.10.33/24",
        )],
    },
    Mistake {
        name: "an address outside of its subnet",
        edits: &[("", "192.168.20.31/24")],
        files: NONE,
        code: "address-outside",
        at: "192.168.20.31/24",
        repair: &[("192.168.20.31/24", "192.168.10.31/24")],
    },
    Mistake {
        name: "a VIP that a machine has",
        edits: &[
            ("gateway     = 192.168.10.1\n", "gateway     = 192.168.10.1\n  vip         = 192.168.10.31\n"),
            ("", "192.168.10.31/24"),
        ],
        files: NONE,
        code: "address-reserved",
        at: "192.168.10.31/24",
        repair: &[("  vip         = 192.168.10.31\n", "")],
    },
];

#[test]
fn each_mistake_is_one_error_that_can_be_mended() {
    let mut wrong = Vec::new();
    for mistake in MISTAKES {
        if let Err(why) = try_mistake(mistake) {
            wrong.push(format!("{}: {why}", mistake.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), MISTAKES.len(), wrong.join("\n"));
}

#[test]
fn the_homelab_itself_has_no_finding() {
    let (findings, _) = compile(HOMELAB, NONE);
    assert!(findings.is_empty(), "{findings:?}");
}

/// The mistakes that need no other file, each as the homelab with it.
pub(crate) fn texts() -> impl Iterator<Item = (String, String)> {
    let alone = MISTAKES.iter().filter(|mistake| mistake.files.is_empty());
    alone.filter_map(|mistake| Some((mistake.name.to_owned(), with(mistake).ok()?)))
}

/// The homelab with a mistake.
fn with(mistake: &Mistake) -> Result<String, String> {
    let mut text = HOMELAB.to_string();
    for (from, to) in mistake.edits {
        if from.is_empty() {
            // The second cluster of the file wants a template of its own.
            text = text.replace("output { template = \"cluster-template.yaml\" }\n", "");
            text.push_str(&MACHINES.replace("ADDRESS", to));
        } else if text.contains(from) {
            text = text.replacen(from, to, 1);
        } else {
            return Err(format!("the homelab has no `{from}`"));
        }
    }
    Ok(text)
}

fn try_mistake(mistake: &Mistake) -> Result<(), String> {
    let text = with(mistake)?;
    let (findings, places) = compile(&text, mistake.files);
    let errors: Vec<usize> =
        (0..findings.len()).filter(|&i| findings[i].severity == Severity::Error).collect();
    let shown: Vec<String> = findings.iter().map(|d| format!("{}: {}", d.code.name(), d.message)).collect();
    let [only] = errors.as_slice() else { return Err(format!("{} errors: {shown:?}", errors.len())) };
    let (error, place) = (&findings[*only], &places[*only]);
    if error.code.name() != mistake.code {
        return Err(format!("{}: {}", error.code.name(), error.message));
    }
    if !place.contains(mistake.at) {
        return Err(format!("at `{place}`, not at `{}`", mistake.at));
    }
    if error.help.is_none() {
        return Err("no help".into());
    }
    let mended = if error.edits.is_empty() || !mistake.repair.is_empty() {
        let mut mended = text.clone();
        for (from, to) in mistake.repair {
            mended = mended.replacen(from, to, 1);
        }
        if mended == text {
            return Err("it offers no edit, and no repair stands here".into());
        }
        mended
    } else {
        edit::apply(&text, &error.edits).map_err(|why| format!("{why:?}"))?
    };
    let (after, _) = compile(&mended, mistake.files);
    let left: Vec<&str> =
        after.iter().filter(|d| d.severity == Severity::Error).map(|d| d.message.as_str()).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("mended, but: {left:?}")) }
}

/// The findings, and the text under the primary label of each.
pub(crate) fn compile(text: &str, files: &[(&str, &str)]) -> (Vec<Diagnostic>, Vec<String>) {
    let mut loader = MemoryLoader::default();
    loader.files.insert("cluster.talos".into(), text.into());
    for (path, content) in files {
        loader.files.insert((*path).into(), (*content).into());
    }
    let compilation = driver::compile(&loader, &["cluster.talos".to_string()]);
    let sources = &compilation.flattener.types.names.sources;
    let place = |d: &Diagnostic| d.primary().map(|at| sources.text(at).to_string()).unwrap_or_default();
    let places = compilation.findings.iter().map(place).collect();
    (compilation.findings, places)
}

//! Every field of the table of kinds changes something that is written or found: a field that is not lowered cannot exist.

use std::collections::BTreeSet;

use talosc::kinds;
use talosc::schema::{Form, Schema, Shape, Type};

use crate::project::{Files, Outcome, compile};

/// Where the fields of a kind are tried: a program with `@` in the place of the field, and what the kind calls it.
pub(crate) struct Ground {
    pub(crate) kind: &'static str,
    /// What the program is for, where a kind has several.
    pub(crate) program: &'static str,
}

pub(crate) const MACHINES: &str = "machine one { id = 4c4c4544-0039-3010-804a-b7c04f4d3231 }\nmachine two { id = 4c4c4544-0039-3010-804a-b7c04f4d3232 }\n";
pub(crate) const HEAD: &str = "talos = v1.13.7\nkubernetes = v1.35.0\n";

#[rustfmt::skip]
pub(crate) const GROUNDS: &[Ground] = &[
    Ground { kind: "role", program: "$M role r {\n@\n}\ncluster lab {\n$H controlplane {}\nworkers { role = r, machines = [one] }\n}" },
    // What the image carries is written with any list that is.
    Ground { kind: "role", program: "$M role r { extensions = [gvisor]\n@\n}\ncluster lab {\n$H controlplane { role = r, machines = [one] }\n}" },
    Ground { kind: "cluster", program: "$M cluster lab {\n@\n$H controlplane { machines = [two] }\nworkers { machines = [one] }\n}" },
    Ground { kind: "cluster", program: "$M cluster lab {\n@\ncontrolplane { machines = [two] }\n}" },
    Ground { kind: "cluster", program: "$M cluster lab { extensions = [gvisor], patch z { machine.env.Z = \"1\" }\n$H @\ncontrolplane { machines = [two] }\n}" },
    Ground { kind: "machine", program: "machine one {\n@\n}\ncluster lab {\n$H controlplane {}\nworkers { machines = [one] }\n}" },
    Ground { kind: "machine", program: "machine one { id = 4c4c4544-0039-3010-804a-b7c04f4d3231, extensions = [gvisor]\n@\n}\nclass small { match = [\"a = b\"] }\n\
        cluster lab {\n$H controlplane {}\nworkers { machines = [one] }\nworkers more { class = small, size = 1 }\n}" },
    Ground { kind: "control plane", program: "$M cluster lab {\n$H controlplane { extensions = [gvisor]\n@\n}\n}" },
    Ground { kind: "set of workers", program: "$M cluster lab {\n$H controlplane {}\nworkers {\n@\n}\n}" },
    Ground { kind: "set of workers", program: "$M cluster lab {\n$H controlplane {}\nworkers { machines = [one], extensions = [gvisor]\n@\n}\n}" },
    Ground { kind: "set of workers", program: "$M class small { match = [\"a = b\"] }\ncluster lab {\n$H controlplane {}\nworkers { class = small\n@\n}\n}" },
    Ground { kind: "network", program: "network lan {\n@\n}\nmachine one { id = 4c4c4544-0039-3010-804a-b7c04f4d3231, address = 192.168.7.9/24 on lan }\n\
        cluster lab {\n$H network = lan\ncontrolplane { machines = [one] }\n}" },
    Ground { kind: "class", program: "class small {\n@\n}\ncluster lab {\n$H controlplane { class = small, size = 1 }\n}" },
    Ground { kind: "class", program: "import \"std/proxmox\"\nclass small via proxmox { cores = 2, memory = 4GiB, disk_size = 20GiB, storage_selector = 'name == \"a\"'\n@\n}\n\
        cluster lab {\n$H controlplane { class = small, size = 1 }\n}" },
    Ground { kind: "patch", program: "$M patch p { machine.env.Z = \"1\"\n@\n}\ncluster lab {\n$H patches = [p]\ncontrolplane { machines = [one] }\n}" },
    Ground { kind: "output", program: "$M output {\n@\n}\nclass small { match = [\"a = b\"] }\nmachine three { id = 4c4c4544-0039-3010-804a-b7c04f4d3233, class = small, hostname = \"c\" }\n\
        cluster lab {\n$H patch p { machine.env.A = \"1\" }\n\
        manifest m { mode = full, objects = [{ apiVersion = \"v1\", kind = \"Namespace\", metadata { name = \"n\" } }] }\n\
        controlplane { class = small, size = 1 }\n}" },
];

/// Declarations that values may name.
pub(crate) const NAMED: &str = "\nnetwork other { subnet = 10.9.0.0/24, gateway = 10.9.0.1, nameservers = [10.9.0.1], timeservers = [\"t.example\"] }\n\
    role plain { node-labels { named = \"1\" } }\npatch named { machine.env.NAMED = \"1\" }\nclass named { match = [\"c = d\"] }\n\
    machine named { id = 4c4c4544-0039-3010-804a-b7c04f4d3239 }\n";

/// Values of a text of some form.
fn texts(shape: Shape) -> Vec<&'static str> {
    match shape {
        Shape::Path => vec!["\"/dev/sdz\"", "\"/var/lib/x\""],
        Shape::Url => vec!["\"https://a.example/x\""],
        Shape::Taint => vec!["\"x:NoSchedule\""],
        Shape::Module => vec!["nbd"],
        Shape::Cel(_) => vec!["'disk.transport == \"nvme\"'", "'true'"],
        Shape::Line => {
            vec![
                "\"a = b\"",
                "\"vfat\"",
                "\"elsewhere\"",
                "\"all.yaml\"",
                "\"quiet\"",
                "\"docker.io\"",
                "\"../../x\"",
            ]
        }
        Shape::Hostname | Shape::TimeServer | Shape::CertName => vec!["\"h.example\"", "\"h1\""],
        _ => vec!["\"abc\"", "\"apiVersion: v1\\nkind: Namespace\\nmetadata:\\n  name: x\\n\""],
    }
}

/// Values of a type, as they are written behind `=`.
pub(crate) fn values(ty: &Type) -> Vec<String> {
    let own = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    match ty {
        Type::Bool => own(&["true", "false"]),
        Type::Int(low, high) => {
            [*low, (*low + 3).min(*high), 1450, 100, 200].iter().map(i64::to_string).collect()
        }
        Type::Decimal => own(&["1.5"]),
        Type::Str(shape) => texts(*shape).into_iter().map(str::to_owned).collect(),
        Type::Size(_) => own(&["10GiB"]),
        Type::Duration => own(&["7m", "2h"]),
        Type::Version => own(&["v1.6", "v1.9", "v1.12.6", "v1.13.6", "v1.34.2"]),
        Type::Uuid => own(&["4c4c4544-0039-3010-804a-b7c04f4d3238"]),
        Type::Mac => own(&["bc:24:11:be:6c:08"]),
        Type::Ip => own(&["192.168.7.1", "10.9.0.77"]),
        Type::Cidr => own(&["192.168.7.0/24", "10.200.0.0/16"]),
        Type::Address => own(&["192.168.7.5/24", "10.9.0.5/24 on other"]),
        Type::Enum(choices) => choices.values.iter().map(ToString::to_string).collect(),
        Type::Ref(kind) => own(match kinds::get(*kind).name {
            "runtime" => &["runc", "crun"],
            "extension" => &["nfsd", "crun"],
            "network" => &["other"],
            "role" => &["plain"],
            "class" => &["named", "small"],
            "machine" => &["named"],
            "patch" => &["named"],
            _ => &[],
        }),
        Type::Name(_) => own(&["nbd"]),
        Type::Set(inner) | Type::List(inner) => {
            values(inner).into_iter().map(|value| format!("[{value}]")).collect()
        }
        Type::Keyed(keyed) => {
            let key = keyed.schema.field(&keyed.key).map(|field| values(&field.ty)).unwrap_or_default();
            key.into_iter().map(|key| format!("[{{ {} = {key} }}]", keyed.key)).collect()
        }
        Type::OneOf(forms) => forms
            .iter()
            .flat_map(|form| match form {
                Form::Word(word) => vec![word.to_string()],
                Form::Tagged(word, inner) => {
                    values(inner).iter().map(|value| format!("{word}({value})")).collect()
                }
                Form::Plain(inner) => values(inner),
            })
            .collect(),
        Type::Config => own(&["{ a = \"1\" }", "{ env { A = \"1\" } }"]),
        Type::Block(schema) => {
            blocks(schema).into_iter().map(|(_, line)| format!("{{ {line} }}")).take(1).collect()
        }
        Type::Map(..) | Type::Entries(_) => Vec::new(),
    }
}

/// The leaves below a schema: each by its path, with the lines that set it.
fn blocks(schema: &Schema) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (name, field) in &schema.fields {
        match &field.ty {
            Type::Block(inner) => {
                out.extend(
                    blocks(inner)
                        .into_iter()
                        .map(|(path, line)| (format!("{name}.{path}"), format!("{name} {{ {line} }}"))),
                );
            }
            Type::Map(inner, _) => {
                let keys = ["abc", "\"net.core.somaxconn\"", "\"10\"", "crun", "quiet"];
                let inner: Vec<(String, String)> = match &**inner {
                    Type::Block(schema) => blocks(schema)
                        .into_iter()
                        .map(|(path, line)| (format!(".{path}"), format!("{{ {line} }}")))
                        .collect(),
                    ty => values(ty).into_iter().map(|value| (String::new(), format!("= {value}"))).collect(),
                };
                for key in keys {
                    out.extend(inner.iter().map(|(path, value)| {
                        (format!("{name}{path}"), format!("{name} {{ {key} {value} }}"))
                    }));
                }
            }
            Type::Keyed(keyed) => {
                let key = keyed.schema.field(&keyed.key).map(|field| values(&field.ty)).unwrap_or_default();
                for key in key {
                    out.push((name.to_string(), format!("{name} = [{{ {} = {key} }}]", keyed.key)));
                    for (path, line) in blocks(&keyed.schema) {
                        if path != *keyed.key {
                            out.push((
                                format!("{name}.{path}"),
                                format!("{name} = [{{ {} = {key}, {line} }}]", keyed.key),
                            ));
                        }
                    }
                }
            }
            Type::Entries(entries) => {
                let head = match (entries.single, entries.qualified) {
                    (true, _) => name.to_string(),
                    (_, true) => format!("{name} TimeSyncConfig"),
                    _ => format!("{name} abc"),
                };
                out.push((name.to_string(), format!("{head} {{}}")));
                if !entries.placed {
                    out.extend(
                        blocks(&entries.schema)
                            .into_iter()
                            .map(|(path, line)| (format!("{name}.{path}"), format!("{head} {{ {line} }}"))),
                    );
                }
            }
            ty => out
                .extend(values(ty).into_iter().map(|value| (name.to_string(), format!("{name} = {value}")))),
        }
    }
    out
}

fn run(text: &str) -> Outcome {
    compile(&Files::from([("main.talos".to_owned(), text.to_owned())]), &["main.talos"])
}

/// Whether two outcomes differ in what is written or found, places and excerpts aside.
fn tells(before: &Outcome, after: &Outcome) -> bool {
    let said = |outcome: &Outcome| -> Vec<(String, String)> {
        outcome.findings.iter().map(|finding| (finding.code.clone(), finding.message.clone())).collect()
    };
    before.output != after.output || said(before) != said(after)
}

#[test]
fn every_field_changes_something() {
    let mut silent: BTreeSet<String> = BTreeSet::new();
    let (mut fields, mut told) = (BTreeSet::new(), BTreeSet::new());
    for ground in GROUNDS {
        let program = format!("{}{NAMED}", ground.program.replace("$M", MACHINES).replace("$H", HEAD));
        let schema = schema_of(ground.kind);
        let before = run(&program.replace('@', ""));
        for (path, line) in blocks(&schema) {
            let name = format!("{}.{path}", ground.kind);
            fields.insert(name.clone());
            if !told.contains(&name) && tells(&before, &run(&program.replace('@', &line))) {
                told.insert(name);
            }
        }
    }
    silent.extend(fields.difference(&told).cloned());
    assert!(
        silent.is_empty(),
        "{} of {} fields change nothing:\n{}",
        silent.len(),
        fields.len(),
        Vec::from_iter(silent).join("\n")
    );
    assert!(fields.len() > 300, "only {} fields", fields.len());
}

/// The fields of a kind, or of a set by the name of its schema.
pub(crate) fn schema_of(name: &str) -> std::sync::Arc<Schema> {
    if let Some(kind) = kinds::by_name(name) {
        return kind.schema.clone();
    }
    let cluster = &kinds::get(kinds::CLUSTER).schema;
    let found = cluster.fields.values().find_map(|field| match &field.ty {
        Type::Entries(entries) if entries.schema.name == name => Some(entries.schema.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no set is called {name}"))
}

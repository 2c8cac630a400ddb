//! What stands in a head and would mean nothing is an error, wherever it stands; what means something is taken.

use talosc::diagnostics::{Code, Diagnostic, Severity, edit};

use crate::edits::compile;

const CLUSTER: &str = "
role base { extensions = [nfsd] }
role clock { timeservers = [\"a.example\"] }
class c { match = [\"a = b\"] }
cluster x {
  talos = v1.13.7, created-with = v1.13.7, kubernetes = v1.35.0
  controlplane { role = base, class = c, size = 3 }
  workers { role = clock, class = c, size = 1 }
}
";

/// A line, where it is put, the code of the one error, and the text under its label.
type Case = (&'static str, Where, &'static str, &'static str);

/// Where a line of a case stands.
#[derive(Clone, Copy)]
enum Where {
    /// In the cluster.
    Body,
    /// At top level.
    Top,
}
use Where::{Body, Top};

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Arguments belong to what is used by its name.
    ("timeservers(a = 1) = [\"b.example\"]", Body, "bad-argument", "(a = 1)"),
    ("workers a(b = 1) { class = c, size = 1 }", Body, "bad-argument", "(b = 1)"),
    ("patch p(b = 1) { machine.env.A = \"b\" }", Body, "bad-argument", "(b = 1)"),
    ("patch p { machine.env(b = 1) { A = \"b\" } }", Body, "bad-argument", "(b = 1)"),
    ("node-labels { a(b = 1) = \"c\" }", Body, "bad-argument", "(b = 1)"),
    ("extensions += [nfsd(b = 1)]", Body, "bad-argument", "(b = 1)"),
    ("timeservers since v1.9(a = 1) = [\"b.example\"]", Body, "syntax", "(a = 1)"),
    ("class d extends c via proxmox(a = 1) {}", Top, "syntax", "(a = 1)"),
    // Modifiers belong to declarations; sets take roles with `with`.
    ("timeservers with clock = [\"b.example\"]", Body, "misplaced-mark", "with"),
    ("timeservers extends clock = [\"b.example\"]", Body, "misplaced-mark", "extends"),
    ("timeservers as t = [\"b.example\"]", Body, "misplaced-mark", "as"),
    ("timeservers file \"x\" = [\"b.example\"]", Body, "misplaced-mark", "file"),
    ("kernel with clock { modules = [nbd] }", Body, "misplaced-mark", "with"),
    ("workers a extends b { class = c, size = 1 }", Body, "misplaced-mark", "extends"),
    ("workers a file \"x\" { class = c, size = 1 }", Body, "misplaced-mark", "file"),
    ("patch p with clock { machine.env.A = \"b\" }", Body, "misplaced-mark", "with"),
    ("patch p extends q { machine.env.A = \"b\" }", Body, "misplaced-mark", "extends"),
    ("patch p via q { machine.env.A = \"b\" }", Body, "misplaced-mark", "via"),
    ("patch p { machine.env with clock { A = \"b\" } }", Body, "misplaced-mark", "with"),
    ("node-labels { a extends b = \"c\" }", Body, "misplaced-mark", "extends"),
    ("import \"std/nvidia\" as n with clock", Top, "syntax", "import \"std/nvidia\" as n with clock"),
    // Conditions: once, on what there are several of, and such that some version meets them.
    ("timeservers since v1.9 since v1.10 = [\"b.example\"]", Body, "syntax", "since"),
    ("timeservers since v1.12 until v1.10 = [\"b.example\"]", Body, "misplaced-mark", "since v1.12 until v1.10"),
    ("network lan since v1.12 { mtu = 1400 }", Top, "misplaced-mark", "since v1.12"),
    ("machine m since v1.12 { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b001 }", Top, "misplaced-mark", "since v1.12"),
    ("abstract cluster y since v1.12 { talos = v1.13.7 }", Top, "misplaced-mark", "since v1.12"),
    // Items that hold nothing but names.
    ("with clock { mtu = 1 }", Body, "syntax", "{ mtu = 1 }"),
    ("allow(even-control-planes, \"two\") since v1.12", Body, "bad-allow", "allow(even-control-planes, \"two\") since v1.12"),
    ("allow(even-control-planes, \"two\") { x = 1 }", Body, "bad-allow", "allow(even-control-planes, \"two\") { x = 1 }"),
    ("unset runtime-class nvidia = external(\"x\")", Body, "syntax", "unset runtime-class nvidia = external(\"x\")"),
    ("remove patch p { machine.env.A = \"x\" }", Body, "syntax", "remove patch p { machine.env.A = \"x\" }"),
    // Marks.
    ("override override timeservers = [\"b.example\"]", Body, "misplaced-mark", "override"),
    ("unset remove timeservers", Body, "misplaced-mark", "remove"),
    ("override unset timeservers", Body, "misplaced-mark", "unset"),
    ("unchecked patch p { machine.env.A = \"b\" }", Body, "misplaced-mark", "unchecked"),
    ("unchecked(\"why\", 3) patch p { machine.env.A = \"b\" }", Body, "misplaced-mark", "unchecked(\"why\", 3)"),
    ("unchecked patch p { machine.env.A = \"b\" }", Top, "misplaced-mark", "unchecked"),
    // `delete` is for the configuration that a patch is put on.
    ("kubelet { config { delete x } }", Body, "misplaced-mark", "delete"),
    ("manifest m { mode = full, objects = [{ kind = \"A\", delete data }] }", Body, "misplaced-mark", "delete"),
    ("delete timeservers", Body, "misplaced-mark", "delete"),
    // There is no null, and nothing becomes the text of one.
    ("timeservers = null", Body, "wrong-type", "null"),
    ("patch p { machine.env.A = null }", Body, "wrong-type", "null"),
    ("patch p { machine.env { A = nil, B = \"x\" } }", Body, "wrong-type", "nil"),
    ("patch p { machine.env.L = [null, \"x\"] }", Body, "wrong-type", "null"),
    ("kubelet.config.x = null", Body, "wrong-type", "null"),
    ("manifest m { mode = full, objects = [{ kind = \"A\", data = null }] }", Body, "wrong-type", "null"),
];

fn with(line: &str, place: Where) -> String {
    match place {
        Body => CLUSTER.replace("  controlplane ", &format!("  {line}\n  controlplane ")),
        Top => format!("import \"std/proxmox\"\n{line}{CLUSTER}"),
    }
}

fn errors(text: &str) -> Vec<(Diagnostic, String)> {
    let (findings, places) = compile(text, &[]);
    findings.into_iter().zip(places).filter(|(d, _)| d.severity == Severity::Error).collect()
}

#[test]
fn what_would_mean_nothing_is_one_error() {
    let mut wrong = Vec::new();
    for &(line, place, code, at) in CASES {
        let found = errors(&with(line, place));
        match found.as_slice() {
            [(error, under)] if error.code.name() == code && under == at => {
                if error.help.is_none() {
                    wrong.push(format!("{line}: no help"));
                }
            }
            found => {
                let shown: Vec<String> = found
                    .iter()
                    .map(|(error, under)| format!("{} at `{under}`: {}", error.code.name(), error.message))
                    .collect();
                wrong.push(format!("{line}: {shown:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn a_null_of_configuration_becomes_what_was_meant() {
    for (line, fixed) in [
        ("patch p { machine.env.A = null }", "patch p { delete machine.env.A }"),
        ("patch p { machine.env { A = null } }", "patch p { machine.env { delete A } }"),
        (
            "patch p { document VolumeConfig EPHEMERAL { a.b = null } }",
            "patch p { document VolumeConfig EPHEMERAL { delete a.b } }",
        ),
        ("patch p { machine.nodeLabels.\"a/b\" = null }", "patch p { delete machine.nodeLabels.\"a/b\" }"),
    ] {
        let text = with(line, Body);
        let found = errors(&text);
        let mended = edit::apply(&text, &found[0].0.edits).expect("the edit applies");
        assert_eq!(mended, with(fixed, Body));
        // So small a program has nothing that could be deleted.
        assert!(errors(&mended).iter().all(|(error, _)| error.code == Code::DeletesNothing), "{fixed}");
    }
}

fn built(text: &str) -> String {
    let files = crate::project::Files::from([("cluster.talos".to_owned(), text.to_owned())]);
    let outcome = crate::project::compile(&files, &["cluster.talos"]);
    assert!(outcome.errors().is_empty(), "{}", outcome.text);
    outcome.output.values().cloned().collect()
}

/// A role behind the name of a set is the same as one in its body.
#[test]
fn sets_take_roles_behind_their_name() {
    let inside = with("workers more { with clock, role = base, class = c, size = 1 }", Body);
    let behind = with("workers more with clock { role = base, class = c, size = 1 }", Body);
    assert_eq!(built(&inside.replace("with clock, role", "with clock\n role")), built(&behind));
}

/// A `let` is taken in by a block, a map, a patch, and a block in a patch, and may have a condition there.
#[test]
fn blocks_of_every_kind_take_in_lets() {
    let lets = "let tuned = { vm.a = 1, vm.b = 2 }\nlet debug = { A = \"b\" }\nlet more = { B = \"c\" }\n";
    for (line, plain) in [
        (
            "kernel { sysctls { with tuned\n vm.c = 3 } }",
            "kernel { sysctls { vm.a = 1, vm.b = 2, vm.c = 3 } }",
        ),
        (
            "patch p { machine.env { with debug\n C = \"d\" } }",
            "patch p { machine.env { A = \"b\", C = \"d\" } }",
        ),
        ("node-labels { with debug with more }", "node-labels { A = \"b\", B = \"c\" }"),
        ("node-labels { with debug since v1.20\n c = \"d\" }", "node-labels { c = \"d\" }"),
    ] {
        assert_eq!(built(&format!("{lets}{}", with(line, Body))), built(&with(plain, Body)), "{line}");
    }
    for (line, code) in [
        ("kernel { sysctls { with tund } }", "unknown-name"),
        ("kernel { sysctls { with tuned(a = 1) } }", "bad-argument"),
    ] {
        let found = errors(&format!("{lets}{}", with(line, Body)));
        assert_eq!(found.iter().map(|(error, _)| error.code.name()).collect::<Vec<_>>(), [code], "{line}");
    }
}

/// Mixins, roles and patches that do not count for the version of the target leave nothing behind. Where the item that names them
/// says so, that was chosen; where their declaration does, it is said.
#[test]
fn conditions_hold_for_mixins_roles_and_patches() {
    let late = "role late since v1.20 { node-labels { late = \"true\" } }\npatch new since v1.20 { machine.env.A = \"b\" }\n";
    let base = built(&format!("{late}{CLUSTER}"));
    for line in ["with clock since v1.20", "with late since v1.20", "patches since v1.20 = [new]"] {
        assert_eq!(built(&format!("{late}{}", with(line, Body))), base, "{line}");
    }
    let set = |inner: &str| format!("{late}{CLUSTER}").replace("role = clock, ", inner);
    assert_eq!(built(&set("role since v1.20 = late, ")), built(&set("")));
    assert_eq!(built(&set("with late since v1.20\n")), built(&set("")));
    assert!(built(&with("with clock until v1.13", Body)).contains("a.example"));
    let named = ["with late", "patches = [new]"].map(|line| format!("{late}{}", with(line, Body)));
    // A machine names what it takes in wherever it comes from: from a list, or from a class.
    let machine = |of: &str, class: &str, cluster: &str| {
        let id = "4c4c4544-0039-3010-804a-b7c04f4d3231";
        format!("{late}machine q {{\n id = {id}\n {class}\n {of}\n}}\n{cluster}")
    };
    let listed = CLUSTER.replace("controlplane", "workers of-q { machines = [q] }\n controlplane");
    let of_machines = ["with late", "patches = [new]"]
        .into_iter()
        .flat_map(|line| [machine(line, "class = c", CLUSTER), machine(line, "", &listed)]);
    for text in named.into_iter().chain(["role = late, ", "with late\n"].map(set)).chain(of_machines) {
        let found = errors(&text);
        assert_eq!(
            found.iter().map(|(e, _)| e.code.name()).collect::<Vec<_>>(),
            ["brings-nothing"],
            "{text}"
        );
    }
}

/// `override` and `final` before a named block are about that block alone.
#[test]
fn marks_of_a_named_block_are_its_own() {
    let roles = "
role one {
  patch a { machine.env.A = \"1\" }
  patch b { machine.env.B = \"1\" }
  final patch c { machine.env.C = \"1\" }
}
";
    let text = |body: &str| {
        format!("{roles}role two extends one {{ {body} }}{}", CLUSTER.replace("role = clock", "role = two"))
    };
    let output =
        built(&text("override patch a { machine.env.Z = \"2\" }, patch d { machine.env.D = \"1\" }"));
    assert!(
        output.contains("Z: \"2\"") && output.contains("B: \"1\"") && !output.contains("A: \"1\""),
        "{output}"
    );
    let found = errors(&text("patch c { machine.env.C = \"2\" }"));
    assert_eq!(found.iter().map(|(error, _)| error.code.name()).collect::<Vec<_>>(), ["final-replaced"]);
    // As between a role and its parent, so between a set and its role.
    let sealed = "role sealed { final node-labels { a = \"b\" } }\n";
    let set = "workers { role = sealed, node-labels { c = \"d\" }";
    let found = errors(&format!("{sealed}{}", CLUSTER.replace("workers { role = clock", set)));
    assert_eq!(found.iter().map(|(error, _)| error.code.name()).collect::<Vec<_>>(), ["final-replaced"]);
    let found = errors(&text("override patch e { machine.env.C = \"2\" }"));
    assert_eq!(found.iter().map(|(error, _)| error.code.name()).collect::<Vec<_>>(), ["overrides-nothing"]);
}

/// What a message offers where levels or mixins disagree can be written as it stands.
#[test]
fn the_decision_that_is_offered_is_taken() {
    for (field, other, value) in [
        ("hostname = \"a\"", "hostname = \"b\"", "\"c\""),
        ("kernel { sysctls { vm.a = \"1\" } }", "kernel { sysctls { vm.a = \"2\" } }", "\"3\""),
        ("kubelet.config.maxPods = 1", "kubelet.config.maxPods = 2", "3"),
        (
            "volume data { disk = 'true', max-size = 30GiB }",
            "volume data { disk = 'true', max-size = 40GiB }",
            "50GiB",
        ),
        (
            "link ens1 { dhcp = true, vlan 3 { mtu = 1400 } }",
            "link ens1 { dhcp = true, vlan 3 { mtu = 1300 } }",
            "1350",
        ),
        ("patch p { machine.env.A = \"1\" }", "patch p { machine.env.A = \"2\" }", "\"3\""),
        (
            "patch p { document VolumeConfig EPHEMERAL { provisioning.grow = true } }",
            "patch p { document VolumeConfig EPHEMERAL { provisioning.grow = false } }",
            "true",
        ),
    ] {
        let text = |decision: &str| {
            format!(
                "role one {{ {field} }}\nrole two {{ {other} }}\nrole both with one, two {{ {decision} }}{}",
                CLUSTER.replace("role = clock", "role = both")
            )
        };
        let found = errors(&text(""));
        let disagree: Vec<&Diagnostic> = found
            .iter()
            .map(|(error, _)| error)
            .filter(|error| error.code.name() == "mixins-disagree")
            .collect();
        let [error] = disagree.as_slice() else { panic!("{field}: {found:?}") };
        let help = error.help.as_deref().unwrap_or_default();
        let offered = help.split('`').nth(1).expect("the help shows what to write");
        let left: Vec<String> =
            errors(&text(&offered.replace('…', value))).into_iter().map(|(error, _)| error.message).collect();
        let left: Vec<&String> = left.iter().filter(|message| !message.contains("hostname")).collect();
        assert!(left.is_empty(), "{offered}: {left:?}");
    }
}

/// Two mistakes in two declarations are two errors, whatever they are: neither hides the other or makes a third.
#[test]
fn mistakes_in_two_clusters_are_two_errors() {
    let second = CLUSTER.split_once("cluster x").expect("a cluster").1;
    let lines: Vec<&Case> = CASES.iter().filter(|case| matches!(case.1, Body)).collect();
    for (at, &&(one, _, first, _)) in lines.iter().enumerate() {
        for distance in [1, 7, 19] {
            let &(two, _, other, _) = lines[(at + distance) % lines.len()];
            let body = format!(
                "cluster y{}",
                second.replace("  controlplane ", &format!("  {two}\n  controlplane "))
            );
            let text = format!("{}{body}", with(one, Body));
            let found = errors(&text);
            let codes: Vec<&str> = found.iter().map(|(error, _)| error.code.name()).collect();
            assert_eq!(codes, [first, other], "{text}");
        }
    }
}

/// A role is to its set what a mixin in the body is: two that say a list or a value differently wait for the body to decide.
#[test]
fn the_role_of_a_set_and_its_mixins_are_on_one_level() {
    let set = |body: &str| {
        let roles = "role other { timeservers = [\"b.example\"] }\nrole shared extends clock { extensions = [gvisor] }\n";
        let set = format!("workers {{ {body} class = c, size = 1 }}");
        format!("{roles}{}", CLUSTER.replace("workers { role = clock, class = c, size = 1 }", &set))
    };
    let codes = |text: &str| -> Vec<String> {
        errors(text).iter().map(|(error, _)| error.code.name().to_owned()).collect()
    };
    assert_eq!(codes(&set("with other\n role = clock,")), ["levels-disagree"]);
    let decided = set("with other\n role = clock, override timeservers = [\"c.example\"],");
    let output = built(&decided);
    assert!(
        output.contains("c.example") && !output.contains("b.example") && !output.contains("a.example"),
        "{output}"
    );
    assert_eq!(codes(&set("with shared\n role = clock,")), Vec::<String>::new());
    assert_eq!(built(&set("with shared\n role = clock,")).matches("a.example").count(), 1);
}

//! `allow`, and what nothing uses.

use super::*;

#[test]
fn allow_silences_where_it_stands() {
    let even =
        project("", "").replace("size = 3", "size = 2").replace("class w { match = [\"c = d\"] }\n", "");
    codes(&even, &["W even-control-planes"]);
    let allow = "allow(even-control-planes, \"two sites only\")";
    codes(&even.replace("talos = v1.13.7", &format!("{allow}\n  talos = v1.13.7")), &[]);
    let in_set = even.replace("size = 2 }", &format!("size = 2\n    {allow}\n  }}"));
    codes(&in_set, &[]);
    // In another block it is of no use, and says so.
    let elsewhere = even.replace("class cp {", &format!("class cp {{\n  {allow}\n "));
    codes(&elsewhere, &["W allow-unused", "W even-control-planes"]);
}

#[test]
fn two_listed_control_planes_are_even_too() {
    let machines = "machine a { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0 }\n\
                    machine b { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b1 }\n";
    let text = project(machines, "").replace("class = cp, size = 3", "machines = [a, b]");
    let text = text
        .replace("class w { match = [\"c = d\"] }\n", "")
        .replace("class cp { match = [\"a = b\"] }\n", "");
    codes(&text, &["W even-control-planes"]);
}

#[test]
fn allow_is_inherited() {
    let gpu = "abstract role base { allow(gpu-needs-runtime, \"the operator brings it\") }\n\
               role gpu extends base { gpu = nvidia, extensions = [nonfree-kmod-nvidia-lts]\n \
               kernel { modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] } }\n";
    codes(&project(gpu, "workers { role = gpu, class = w, size = 1 }"), &[]);
    // Of two roles only one says it.
    let two = format!(
        "{gpu}role bare {{ gpu = nvidia, extensions = [nonfree-kmod-nvidia-lts]\n \
         kernel {{ modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] }} }}\n"
    );
    let sets =
        "workers { role = gpu, class = w, size = 1 }\n  workers b { role = bare, class = w, size = 1 }";
    let found = one(&project(&two, sets));
    assert!(found.message.starts_with("`bare` has"), "{}", found.message);
}

#[test]
fn what_cannot_be_allowed() {
    let text = |code: &str| project("", "").replace("talos =", &format!("allow({code}, \"why\")\n  talos ="));
    let text = |code: &str| text(code).replace("class w { match = [\"c = d\"] }\n", "");
    let found = one(&text("host-bits"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E bad-allow", "host-bits"));
    let found = one(&text("even-control-plane"));
    assert_eq!(
        (found.code.as_str(), found.help.as_str()),
        ("E bad-allow", "did you mean `even-control-planes`?")
    );
    codes(&text("even-control-planes"), &["W allow-unused"]);
}

#[test]
fn what_nothing_uses() {
    let more = "network lan { subnet = 10.0.0.0/24 }\nabstract role base {}\nrole lonely {}\n\
                machine m { id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0 }\npatch p { machine.network.hostname = \"x\" }\n\
                let x = 3\nextern class elsewhere\nclass spare { match = [\"e = f\"] }\n";
    let text = project(more, "workers { class = w, size = 1 }");
    let found = all(&text);
    let unused: Vec<(&str, &str)> =
        found.iter().map(|seen| (seen.code.as_str(), seen.primary.as_str())).collect();
    let expected = ["lan", "lonely", "m", "p", "x", "spare"].map(|name| ("W unused-declaration", name));
    assert_eq!(unused, expected, "{found:#?}");
    // Where something is wrong, a name may have been lost.
    let broken = project(more, "workers { role = lonly, class = w, size = 1 }");
    codes(&broken, &["E unknown-name"]);
    let allowed = project(
        "role lonely { allow(unused-declaration, \"for the other repository\") }\n",
        "workers { class = w, size = 1 }",
    );
    codes(&allowed, &[]);
}

//! The rules about extensions, runtimes and modules.

use super::*;

/// The findings of a set with a body.
fn workers(body: &str) -> String {
    project(
        "import \"std/nvidia\"\nimport \"std/gvisor\"\n",
        &format!("workers {{\n    class = w, size = 1\n    {body}\n  }}"),
    )
    .replace("import \"std/gvisor\"\n", if body.contains("gvisor.") { "import \"std/gvisor\"\n" } else { "" })
    .replace("import \"std/nvidia\"\n", if body.contains("nvidia.") { "import \"std/nvidia\"\n" } else { "" })
}

#[test]
fn names_that_the_catalogue_does_not_have() {
    let found = one(&workers("extensions = [i915-ucode]"));
    assert_eq!(
        (found.code.as_str(), found.help.as_str()),
        ("E extension-unavailable", "it is now called `i915`")
    );
    assert!(mended(&workers("extensions = [i915-ucode]")).contains("[i915]"));
    let found = one(&workers("extensions = [gasket]"));
    assert_eq!(found.help, "it is now called `gasket-driver`");
    let found = one(&workers("extensions = [i915-ucode, i915]"));
    assert_eq!(found.help, "remove it: `i915` took its place and is in the list");
    let found = one(&workers("extensions = [hyperv-guest-agent]"));
    assert_eq!(found.help, "it is in the catalogue from v1.14 on: take it out, or set `talos` to that");
    // A runtime of an old name is not missing besides.
    let found = one(&workers(
        "extensions = [nonfree-kmod-nvidia-lts, nvidia-container-toolkit]\n    runtime = nvidia\n    kernel { modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] }",
    ));
    assert_eq!(found.code, "E extension-unavailable");
}

#[test]
fn two_mixins_of_two_branches_are_one_conflict() {
    let found = one(&workers("with nvidia.production, nvidia.lts\n    runtime = nvidia"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E extension-conflicts", "nvidia.lts"));
}

#[test]
fn what_an_extension_requires() {
    let found = one(&workers("extensions = [gvisor-debug]"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E extension-requires", "gvisor-debug"));
    assert!(mended(&workers("extensions = [gvisor-debug]")).contains("[gvisor-debug, gvisor]"));
    codes(&workers("extensions = [gvisor-debug], preinstalled = [gvisor]"), &[]);
}

#[test]
fn runtimes_and_their_extensions() {
    let found = one(&workers("runtimes = [crun]"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E runtime-unavailable", "crun"));
    assert_eq!(found.help, "add it: `extensions += [crun]`");
    codes(&workers("runtimes = [crun], extensions = [crun]"), &[]);
    codes(&workers("runtimes = [crun], preinstalled = [crun]"), &[]);
    codes(&workers("with gvisor.runsc"), &[]);
    let found = one(&workers(
        "with nvidia.lts\n    runtime = nvidia\n    extensions -= [nvidia-container-toolkit-lts]",
    ));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E runtime-unavailable", "runtime = nvidia"));
    assert_eq!(found.help, "add it: `extensions += [nvidia-container-toolkit-lts]`");
}

#[test]
fn modules_that_are_not_there_or_not_loaded() {
    let found = one(&workers("kernel { modules = [zfs] }"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("W kernel-module-missing", "zfs"));
    assert_eq!(found.help, "add the extension: `extensions += [zfs]`");
    codes(&workers("extensions = [zfs]"), &["W module-not-loaded"]);
    codes(&workers("extensions = [zfs]\n    kernel { modules = [zfs, br_netfilter] }"), &[]);
    let driver = "runtime = nvidia, extensions = [nonfree-kmod-nvidia-lts, nvidia-container-toolkit-lts]";
    codes(&workers(driver), &["E driver-not-loaded"]);
}

#[test]
fn services_that_wait() {
    codes(&workers("extensions = [tailscale]"), &["W service-unconfigured"]);
    let patch = "patch ts { document ExtensionServiceConfig tailscale { environment = [\"A=b\"] } }";
    codes(&workers(&format!("extensions = [tailscale]\n    {patch}")), &[]);
    codes(
        &workers("extensions = [tailscale]\n    secret patch ts file \"./omni/cluster-template/ts.yaml\""),
        &[],
    );
}

#[test]
fn machines_mend_what_their_set_lacks() {
    let machines = |one: &str, two: &str| {
        let text = format!(
            "machine a {{ id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0\n {one} }}\n\
             machine b {{ id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b1\n {two} }}\n"
        );
        project(&text, "workers { machines = [a, b], extensions = [gvisor-debug] }")
            .replace("class w { match = [\"c = d\"] }\n", "")
    };
    codes(&machines("extensions += [gvisor]", "extensions += [gvisor]"), &[]);
    codes(&machines("extensions += [gvisor]", ""), &["E extension-requires"]);
    codes(&machines("", ""), &["E extension-requires"]);
    // What only a machine says is found there.
    let found = one(&machines("extensions += [gvisor]\n runtimes += [crun]", "extensions += [gvisor]"));
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E runtime-unavailable", "crun"));
}

#[test]
fn what_does_not_go_together_in_one_release() {
    let text = workers("with nvidia.lts\n    runtime = nvidia\n    extensions += [nfs-utils]");
    codes(&text, &[]);
    let text = text.replace("v1.13.7", "v1.12.1");
    codes(&text, &["W nfs-utils-with-nvidia"]);
    codes(&text.replace("v1.12.1", "v1.12.4"), &[]);
}

#[test]
fn a_driver_without_its_runtime() {
    let kernel = "kernel { modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] }";
    let text = workers(&format!("extensions = [nonfree-kmod-nvidia-lts]\n    {kernel}"));
    // The rule comes with the module that it is about.
    codes(&text, &[]);
    let imported = format!(
        "import \"std/nvidia\"\n{}",
        text.replace(
            "workers {",
            "workers gpu { with nvidia.lts, class = w, size = 1, runtime = nvidia }\n  workers {"
        )
    );
    codes(&imported, &["W nvidia-driver-without-toolkit"]);
    codes(
        &workers(
            "gpu = nvidia, runtime = nvidia, preinstalled = [nvidia-container-toolkit-lts, nonfree-kmod-nvidia-lts]\n    kernel { modules = [nvidia, nvidia_uvm, nvidia_drm, nvidia_modeset] }",
        ),
        &[],
    );
    codes(&workers("gpu = nvidia, runtimes = []"), &["E gpu-needs-driver", "E gpu-needs-runtime"]);
}

//! Edits of the homelab, each with the one finding that it makes.

use super::*;

#[test]
fn the_homelab_is_clean() {
    codes(HOMELAB, &[]);
    let bytes = with(HOMELAB, |compilation, _| compilation.flattener.types.names.std_bytes);
    assert!(bytes < 18_500, "{bytes} bytes of the standard library were parsed");
}

#[test]
fn a_gpu_role_without_the_runtime() {
    let text = replaced("  override runtime = nvidia\n", "");
    let found = one(&text);
    assert_eq!(found.code, "E gpu-needs-runtime");
    assert_eq!(found.primary, "nvidia.production");
    assert!(
        found.help.starts_with("write `override runtime = nvidia` in the role `gpu-worker`"),
        "{}",
        found.help
    );
    let mended = mended(&text);
    assert!(mended.contains("gpu-worker = \"true\" }\n  override runtime = nvidia\n}"), "{mended}");
    codes(&mended, &[]);
    let other = replaced("  override runtime = nvidia\n", "  runtimes += [nvidia]\n");
    codes(&other, &[]);
}

#[test]
fn a_gpu_role_shows_every_place() {
    let text = replaced("  override runtime = nvidia\n", "");
    with(&text, |compilation, sources| {
        let finding = &compilation.findings[0];
        let labels: Vec<(&str, &str, &str)> = finding
            .labels
            .iter()
            .map(|label| {
                let file = sources.file(label.span.file).name.as_str();
                (file, sources.text(label.span), label.text.as_str())
            })
            .collect();
        assert_eq!(
            labels,
            [
                ("main.talos", "nvidia.production", "`gpu` is `nvidia` through this"),
                ("main.talos", "runtime    = runc", "`runtimes` is `[runc]`"),
                (
                    "<std>/rules.talos",
                    "nvidia in r.runtimes or \"nvidia\" in r.cluster.runtime-class",
                    "required here, by `gpu-needs-runtime`"
                ),
            ]
        );
        assert_eq!(
            finding.notes,
            [
                "`cluster.runtime-class` is not set anywhere",
                "values: `gpu` is `nvidia`, `runtimes` is `[runc]`",
                "affects the workers `gpu-workers`"
            ]
        );
        assert_eq!(finding.clusters, ["homelab"]);
    });
}

#[test]
fn the_toolkit_of_the_other_branch() {
    let line = "  override runtime = nvidia\n";
    let swapped = replaced(
        line,
        "  override runtime = nvidia\n  extensions -= [nvidia-container-toolkit-production]\n  \
         extensions += [nvidia-container-toolkit-lts]\n",
    );
    let found = one(&swapped);
    assert_eq!(found.code, "E extension-requires");
    assert_eq!(found.primary, "nvidia-container-toolkit-lts");
    assert_eq!(found.help, "take `nvidia-container-toolkit-production`: what it needs is there");
    codes(&mended(&swapped), &[]);

    let both =
        replaced(line, "  override runtime = nvidia\n  extensions += [nvidia-container-toolkit-lts]\n");
    let found = one(&both);
    assert_eq!(found.code, "E extension-conflicts");
    assert_eq!(found.primary, "nvidia-container-toolkit-lts");
}

#[test]
fn a_misspelt_extension_is_found_once() {
    let text = replaced("gasket-driver, iscsi-tools, nfsd", "gasket-driver, iscsi-tool, nfsd");
    let found = one(&text);
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E unknown-name", "iscsi-tool"));
    assert_eq!(mended(&text), HOMELAB);
}

#[test]
fn longhorn_without_its_extensions() {
    let text = replaced(
        "role worker extends base with longhorn.v1\n",
        "role worker extends base with longhorn.v1 {\n  extensions -= [iscsi-tools]\n}\n",
    );
    let found = one(&text);
    assert_eq!((found.code.as_str(), found.primary.as_str()), ("E longhorn-needs-extensions", "longhorn.v1"));
    with(&text, |compilation, _| {
        let notes = compilation.findings[0].notes.join("\n");
        assert!(notes.contains("affects the workers `workers` and the workers `gpu-workers`"), "{notes}");
    });
}

#[test]
fn an_older_talos_lacks_an_extension() {
    let text = HOMELAB.replace("v1.13.7", "v1.9.6").replace("v1.35.0", "v1.32.4");
    let found = one(&text);
    assert_eq!(found.code, "E extension-unavailable");
    assert_eq!(found.message, "Talos v1.9.6 has no extension `nfsd`");
    assert_eq!(found.primary, "nfsd");
    codes(&text.replace(" nfsd,", ""), &[]);
}

#[test]
fn the_guest_agent_is_listed_again() {
    let text = replaced("nfsd, qemu-guest-agent, util-linux-tools", "nfsd, util-linux-tools");
    // Every set takes its list from one role: that is one finding, which names them.
    codes(&text, &["W guest-agent-missing"]);
    with(&text, |compilation, _| {
        let concerned: Vec<&str> =
            compilation.findings[0].concerns.iter().map(|concern| concern.shown.as_str()).collect();
        assert_eq!(concerned, ["the control planes", "the workers `workers`", "the workers `gpu-workers`"]);
    });
    // One that allows it is no longer named.
    let allowed = text.replace(
        "class = gpu-worker,    size = 1 }",
        "class = gpu-worker, size = 1, allow(guest-agent-missing, \"a card in a box\") }",
    );
    with(&allowed, |compilation, _| {
        let found = &compilation.findings;
        assert_eq!((found.len(), found[0].concerns.len()), (1, 2), "{found:?}");
    });
    // Another list is another cause.
    let other = text
        .replace("role base {", "role own { runtime = runc, extensions = [iscsi-tools] }\nrole base {")
        .replace(
            "role gpu-worker extends worker with nvidia.production",
            "role gpu-worker extends own with longhorn.v1, nvidia.production",
        );
    codes(&other, &["W guest-agent-missing"; 2]);
}

#[test]
fn gpu_classes_fit_their_provider() {
    codes(&replaced("  balloon     = false\n", ""), &["W gpu-class-balloons"]);
    codes(&replaced("  machine_type     = q35\n", ""), &["W gpu-class-machine-type"]);
    let gone = replaced("  pci_devices = [{ mapping = \"nvidia-gpu-1\", pcie = true }]\n", "");
    codes(&gone, &["W gpu-class-passes-device"]);
    // A provider that extends proxmox is one.
    let fork = gone.replace(
        "abstract class vm via proxmox {",
        "provider proxmox-hp extends proxmox {}\nabstract class vm via proxmox-hp {",
    );
    codes(&fork, &["W gpu-class-passes-device"]);
}

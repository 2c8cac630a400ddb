//! Volumes: what levels say together, and which find no room.

use super::*;

/// The codes and places of findings about volumes of a set of workers.
#[track_caller]
fn of_set(body: &str, expected: &[(&str, &str)]) {
    let text = project("", &format!("workers {{\n    class = w, size = 2\n    {body}\n  }}"));
    let found = all(&text);
    let seen: Vec<(&str, &str)> =
        found.iter().map(|seen| (seen.code.as_str(), seen.primary.as_str())).collect();
    assert_eq!(seen, expected, "{found:#?}");
}

const LIMIT: &str = "patch system { document VolumeConfig EPHEMERAL { provisioning.maxSize = \"50GiB\" } }";

#[test]
fn what_is_bounded_leaves_room() {
    let other = "volume b { disk = \"!system_disk\", min-size = 1GiB";
    of_set(&format!("volume a {{ disk = \"!system_disk\", max-size = 1GiB }}\n    {other} }}"), &[]);
    // The one with an end comes first, unless it grows.
    of_set(
        &format!("volume a {{ disk = \"!system_disk\", max-size = 1GiB, grow = true }}\n    {other} }}"),
        &[("W volumes-overlap", "disk = \"!system_disk\"")],
    );
    // Both without an end: the second by name finds nothing.
    for first in ["true && !system_disk\", min-size = 1GiB", "!system_disk\", min-size = 1GiB"] {
        for grow in ["", ", grow = true"] {
            let text = format!("volume a {{ disk = \"{first} }}\n    {other}{grow} }}");
            of_set(&text, &[("W volumes-overlap", "disk = \"!system_disk\"")]);
        }
    }
}

#[test]
fn different_disks_are_enough() {
    for (a, b) in [
        ("disk.serial == 'a'", "disk.serial == 'b'"),
        ("disk.transport == 'nvme'", "disk.transport == 'sata'"),
        // The second has disks that the first cannot take.
        ("disk.size > 1u * TB && !system_disk", "!system_disk"),
    ] {
        let one = format!("volume a {{ disk = \"{a}\", min-size = 1GiB }}");
        of_set(&format!("{one}\n    volume b {{ disk = \"{b}\", min-size = 1GiB }}"), &[]);
    }
}

#[test]
fn the_system_disk_is_taken_unless_it_is_limited() {
    let cache = "volume cache { disk = \"system_disk && disk.size > 1u\", min-size = 1GiB }";
    of_set(cache, &[("W volumes-overlap", "disk = \"system_disk && disk.size > 1u\"")]);
    of_set(&format!("{cache}\n    {LIMIT}"), &[]);
    let moved = LIMIT.replace("maxSize = \"50GiB\"", "diskSelector.match = \"disk.transport == 'nvme'\"");
    of_set(&format!("{cache}\n    {moved}"), &[]);
    let whole = LIMIT.replace("50GiB", "100%");
    of_set(
        &format!("{cache}\n    {whole}"),
        &[("W volumes-overlap", "disk = \"system_disk && disk.size > 1u\"")],
    );
    // What is not read may limit it.
    of_set(&format!("{cache}\n    secret patch more file \"omni/cluster-template/more.yaml\""), &[]);
}

#[test]
fn a_whole_disk_is_wanted_by_one() {
    let whole = "patch disk { document UserVolumeConfig whole {\n      volumeType = \"disk\"\n      \
                 provisioning.diskSelector.match = \"disk.serial == 'a'\"\n    } }";
    of_set(whole, &[]);
    of_set(
        &format!("{whole}\n    volume a {{ disk = \"disk.serial == 'a'\", max-size = 1GiB }}"),
        &[("W volumes-overlap", "match = \"disk.serial == 'a'\"")],
    );
    let directory = "patch d { document UserVolumeConfig d { volumeType = \"directory\" } }";
    of_set(directory, &[]);
}

#[test]
fn levels_say_a_volume_together() {
    let machine = "machine m {\n  id = 430d882a-51a8-48b3-ab00-d4b5b0b5b0b0\n  install { disk = \"/dev/sda\" }\n  \
                   volume data { min-size = 1GiB }\n}\n";
    let set = "workers { machines = [m], volume data { disk = \"!system_disk\" } }";
    codes(&project(machine, set), &["W unused-declaration"]);
    let apart = machine.replace("volume data {", "volume other {");
    codes(&project(&apart, set), &["E volume-incomplete", "E volume-incomplete"]);
    // The sizes of two levels are those of one volume.
    let set = "workers { machines = [m], volume data { disk = \"!system_disk\", max-size = 100MiB } }";
    codes(&project(machine, set), &["E volume-sizes"]);
}

#[test]
fn a_mistake_in_the_selector_is_the_only_one() {
    for body in [
        "volume a { disk = \"disk.sise > 1u\", min-size = 1GiB }",
        "volume a { disk = disk, min-size = 1GiB }",
        "volume a { disc = \"system_disk\", min-size = 1GiB }",
    ] {
        let found = all(&project("", &format!("workers {{ class = w, size = 1, {body} }}")));
        assert_eq!(found.len(), 1, "{body}: {found:#?}");
    }
}

const ROLE: &str = "role r(sel: String, n: Int) {\n  volume a { disk = sel, max-size = 1GiB }\n  \
                    volume b { disk = \"disk.sise > ${n}u\", max-size = 1GiB }\n}\n";

#[test]
fn a_parameter_may_hold_a_selector() {
    let workers =
        |selector: &str| format!("workers {{ class = w, size = 1, role = r(sel = \"{selector}\", n = 5) }}");
    let found = all(&project(&ROLE.replace(".sise", ".size"), &workers("disk.cdrom == 1")));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].code.as_str(), found[0].primary.as_str()), ("E cel-type", "disk = sel"));
    let found = all(&project(ROLE, &workers("disk.cdrom")));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].code.as_str(), found[0].primary.as_str()), ("E cel-unknown", "sise"));
}

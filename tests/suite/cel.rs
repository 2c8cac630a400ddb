//! The reader of CEL: places and repairs of mistakes, and what implies what. Its verdicts are judged by Talos, in
//! `tests/judges/selectors.rs`.

use talosc::cel::{Mistake, check, implies, parse};
use talosc::kinds::cel::{DISKS, VOLUMES};

fn one(text: &str) -> Mistake {
    let mut mistakes = check(text, &DISKS, None);
    assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
    mistakes.remove(0)
}

/// The text after the edits of its only mistake.
fn mended(text: &str) -> String {
    let mut edits = one(text).edits;
    assert!(!edits.is_empty(), "{text}");
    edits.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    let mut out = text.to_owned();
    for (at, new) in edits {
        out.replace_range(at, &new);
    }
    out
}

#[test]
fn mistakes_are_where_they_are_written() {
    for (text, place) in [
        ("disk.sise > 1u", "sise"),
        ("system_disk || dsk.size > 1u", "dsk"),
        ("disk.size > 100 * GB", "*"),
        ("disk.model.startWith('a')", "startWith"),
        ("disk.cdrom && disk.size", "disk.size"),
        ("disk.symlinks.exists(x, x.size() > 1u)", ">"),
        ("disk.cdrom = true", "="),
    ] {
        let at = one(text).at;
        assert_eq!(&text[at.clone()], place, "{text}");
        assert_eq!(at.start, text.find(place).unwrap(), "{text}");
    }
}

#[test]
fn repairs_leave_nothing_wrong() {
    for (text, good) in [
        ("disk.sise > 1u", "disk.size > 1u"),
        ("disk.size > 100 * GB", "disk.size > 100u * GB"),
        ("disk.size > (100 + 5) * 2 * GB", "disk.size > (100u + 5u) * 2u * GB"),
        ("disk.size > (100)", "disk.size > (100u)"),
        ("100 < disk.size", "100u < disk.size"),
        ("disk.size > 100GB", "disk.size > 100u * GB"),
        ("disk.size > 100uGB", "disk.size > 100u * GB"),
        ("disk.size > '100 GB'", "disk.size > 100u * GB"),
        ("disk.size > '2T'", "disk.size > 2u * TB"),
        ("disk.rotational == 'false'", "disk.rotational == false"),
        ("disk.cdrom = true", "disk.cdrom == true"),
        ("disk.cdrom and true", "disk.cdrom && true"),
        ("disk.cdrom | true", "disk.cdrom || true"),
        ("transport == 'nvme'", "disk.transport == 'nvme'"),
        ("disk.model.startWith('a')", "disk.model.startsWith('a')"),
    ] {
        assert_eq!(mended(text), good);
        assert_eq!(check(good, &DISKS, None), [], "{good}");
    }
}

#[test]
fn one_mistake_is_said_once() {
    // What is built on a mistake is not wrong too.
    one("disk.sise * 5 > 'a'");
    one("disk.symlinks.exists(x, y == x) && !disk.cdrom");
    one("(disk.size > 5) == true");
    assert_eq!(check("disk.sise > 100 * GB", &DISKS, None).len(), 2);
}

#[test]
fn fields_come_with_versions() {
    let text = "disk.symlinks.exists(x, x == 'a')";
    assert_eq!(check(text, &DISKS, Some((1, 10))), []);
    assert!(check(text, &DISKS, Some((1, 9)))[0].message.contains("before version 1.10"));
    assert_eq!(check("disk.serial == 'a'", &VOLUMES, Some((1, 11))), []);
    assert_eq!(check("disk.serial == 'a'", &VOLUMES, Some((1, 10))).len(), 1);
}

#[test]
fn what_nests_deep_is_refused_and_nothing_overflows() {
    for (open, middle, close) in
        [("(", "true", ")"), ("[", "1", "]"), ("!(", "true", ")"), ("size(", "''", ")"), ("{1: ", "1", "}")]
    {
        let text = format!("{}{middle}{}", open.repeat(5000), close.repeat(5000));
        assert!(check(&text, &DISKS, None)[0].message.contains("deep"), "{open}");
    }
    for part in ["true && ", "1 + ", "true ? true : ", "disk."] {
        let text = format!("{}true", part.repeat(5000));
        assert_eq!(check(&text, &DISKS, None).len(), 1, "{part}");
    }
    assert_eq!(check(&"x".repeat(200_000), &DISKS, None).len(), 1);
    assert_eq!(check(&format!("{}system_disk", "!".repeat(50_000)), &DISKS, None), []);
}

#[test]
fn some_selectors_imply_others() {
    let says = |narrow: &str, wide: &str| implies(&parse(narrow).unwrap(), &parse(wide).unwrap(), &DISKS);
    for (narrow, wide) in [
        ("system_disk", "(system_disk)"),
        ("!system_disk && disk.size > 1u*TB", "!system_disk"),
        ("disk.size > 2u * TB", "disk.size > 1u * TiB"),
        ("disk.size == 5u * GB", "disk.size <= 5000u * MB && 1u < disk.size"),
        ("disk.transport == 'nvme'", "'nvme' == disk.transport || disk.cdrom"),
        ("disk.serial == 'a' || disk.serial == 'b'", "disk.serial == 'b' || disk.serial == 'a'"),
        ("disk.cdrom && disk.readonly", "disk.readonly && disk.cdrom"),
        ("disk.cdrom", "true"),
        ("disk.cdrom", "!!disk.cdrom"),
    ] {
        let known = narrow != "disk.cdrom" || wide == "true";
        assert_eq!(says(narrow, wide), known, "{narrow} -> {wide}");
    }
    for (narrow, wide) in [
        ("!system_disk", "!system_disk && disk.size > 1u*TB"),
        ("disk.size > 1u * TB", "disk.size > 1u * TiB"),
        ("disk.size > 2u", "disk.io_size > 1u"),
        ("disk.transport == 'nvme'", "disk.transport == 'sata'"),
        ("disk.cdrom || disk.readonly", "disk.cdrom"),
        ("system_disk", "!system_disk"),
        ("disk.size != 5u", "disk.size != 6u"),
    ] {
        assert!(!says(narrow, wide), "{narrow} -> {wide}");
    }
}

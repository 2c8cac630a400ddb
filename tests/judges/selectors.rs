//! CEL: what the reader says of expressions, against Talos's own `cel-go` and environments.

use std::collections::BTreeSet;

use libtest_mimic::Failed;
use talosc::cel::{self, Environment};
use talosc::kinds::cel::{DISKS, LINKS, VOLUMES};

use crate::examples::kubernetes;
use crate::judge::{Birth, Judges, MINORS, Patch};

/// A document with an expression, its environment, and the first minor that has it.
struct Holder {
    kind: &'static str,
    before: &'static str,
    after: &'static str,
    environment: &'static Environment,
    since: u16,
}

const DISK: Holder = Holder {
    kind: "UserVolumeConfig",
    before: "provisioning: {minSize: 1GiB, diskSelector: {match: ",
    after: "}}",
    environment: &DISKS,
    since: 10,
};
/// The same of a document that every minor has.
const SYSTEM: Holder = Holder { kind: "VolumeConfig", since: 9, ..DISK };
const VOLUME: Holder = Holder {
    kind: "ExistingVolumeConfig",
    before: "discovery: {volumeSelector: {match: ",
    after: "}}",
    environment: &VOLUMES,
    since: 11,
};
const LINK: Holder = Holder {
    kind: "LinkAliasConfig",
    before: "selector: {match: ",
    after: "}",
    environment: &LINKS,
    since: 12,
};

impl Holder {
    fn document(&self, name: &str, text: &str) -> String {
        let (kind, before, after) = (self.kind, self.before, self.after);
        let text = serde_json::to_string(text).unwrap_or_default();
        format!("apiVersion: v1alpha1\nkind: {kind}\nname: {name}\n{before}{text}{after}\n")
    }
}

/// Expressions over disks that hold every part of the language, right and wrong.
const ON_DISKS: &[&str] = &[
    "system_disk",
    "!system_disk",
    "disk.size > 100u * GB",
    "disk.size >= 1u * TiB && disk.size < 2u*TB",
    "disk.transport == 'nvme' || disk.transport == \"sata\"",
    "disk.transport in ['nvme', 'sata'] && !disk.rotational",
    "disk.model.startsWith('Samsung') && disk.serial.endsWith(\"x\")",
    "disk.model.matches('^WD.*')",
    "matches(disk.model, r'^WD\\d+')",
    "glob('WDC*', disk.model)",
    "disk.dev_path == '/dev/sda' // the first",
    "disk.symlinks.exists(link, link.startsWith('/dev/disk/by-id/'))",
    "'/dev/disk/by-id/x' in disk.symlinks",
    "disk.symlinks.filter(x, x != '').size() > 1",
    "disk.symlinks.map(x, x + '!')[0] == 'a!'",
    "disk.symlinks.map(x, x != '', size(x)) == [1, 2]",
    "disk.secondary_disks.all(x, x == 'sda')",
    "disk.secondary_disks.exists_one(x, true)",
    "disk.secondary_disks.existsOne(x, true)",
    "has(disk.wwid)",
    "has(disk)",
    "has(disk.nothing)",
    "size(disk.model) > 3 ? disk.cdrom : disk.readonly",
    "disk.size > 1u ? true : 1",
    "disk == null",
    "disk.model == null",
    "disk.size == 5",
    "disk.size > 100",
    "disk.size > 100 * GB",
    "disk.size > 1.5 * TB",
    "disk.size > 100GB",
    "disk.size > 100u GB",
    "disk.size > '100GB'",
    "disk.sise > 1u",
    "disk.size.foo == 1",
    "disk['size'] > 1u",
    "disk[0]",
    "disk.symlinks['a'] == 'b'",
    "disk.transport",
    "disk.rotational == 'false'",
    "disk.rotational = false",
    "disk.rotational & true",
    "disk.rotational and true",
    "not disk.rotational",
    "disk.model + 1 == ''",
    "disk.model + 'x' == 'ax'",
    "-disk.size > 1u",
    "-1 < 2 && - 1 < 2",
    "!-1 == 2",
    "!!system_disk",
    "--1 == 1",
    "1 < 2u",
    "1 == 1.0",
    "dyn(1) == 1.0",
    "dyn(true)",
    "dyn(1) > 2u",
    "[1, 'a'] == [1]",
    "[1u, 2u] == [1]",
    "disk.size in [1u, 2]",
    "disk.size in [1, 2]",
    "[].size() == 0",
    "[] == {}",
    "{'a': 1}.a == 1",
    "{'a': 1}['a'] == 'x'",
    "{'a': 1}[1] == 1",
    "'a' in {'a': 1}",
    "1 in {'a': 1}",
    "{}.a == 1",
    "{'a': 1, 'b': 'x'}.b == true",
    "'a' in disk",
    "type(1) == int && type('a') == string",
    "int == uint",
    "int(disk.size) > 5 && uint(5) < disk.size && double(1) > 0.5 && string(1u) == '1' && bytes('a') == b'a'",
    "bool('true') && bool(1)",
    "duration('1s') < duration('2s') && timestamp('2020-01-01T00:00:00Z') + duration('1h') > timestamp(0)",
    "timestamp(0).getFullYear('UTC') == 1970 && duration('1h').getHours() == 1",
    "timestamp(0).getDayOfWeek() - 1 == 3",
    "timestamp(0) - timestamp(0) == duration('0s')",
    "duration('1s') + 1 == duration('2s')",
    "google.protobuf.Duration{seconds: 1} == duration('1s')",
    "foo.bar.baz == 1",
    "size == 1",
    "disk.size() == 1",
    "disk.model.size() > 1 && size(disk.symlinks) > 1",
    "disk.model.lowerAscii() == 'a'",
    "disk.symlinks.exists(x, y, true)",
    "disk.symlinks.exists(x.y, true)",
    "disk.symlinks.exists(x, x)",
    "disk.symlinks.exists(disk, disk.startsWith('a'))",
    "disk.model.exists(x, true)",
    "{'a': 1}.exists(k, k == 'a')",
    "{'a': 1}.all(k, k == 1)",
    "dyn([1]).all(x, x > 0)",
    "contains(disk.model, 'a')",
    "disk.model.contains('a', 'b')",
    "disk.model.contains(1)",
    "glob(disk.model)",
    "disk.model.glob('a')",
    "true || disk.symlinks",
    "disk.size > 1u || 1",
    "1 < 2 < 3",
    "1 == 1 == true",
    "true == false == 1",
    "disk.size % 2u == 0u && disk.size / 2u > 1u && disk.size - 1u > 0u && disk.size + 1u > 0u",
    "disk.size % 2 == 0",
    "1.5 % 2.0 == 0.0",
    "disk.model < 'b' && false < true && b'a' < b'b'",
    "disk.symlinks < ['a']",
    "disk < disk",
    "int < string",
    "null < null",
    "null == null",
    "null == 1",
    "[null, 1] == []",
    "[1] + [2] == [1, 2]",
    "[1] + ['a'] == []",
    "0x1F == 31 && 0xAu == 10u && 1e3 > 1.0 && .5 < 1. ",
    "1e3 > 1.0 && .5 < 1.0 && 2.5E-3 < 1.0",
    "9223372036854775807 > 0",
    "9223372036854775808 > 0",
    "-9223372036854775808 < 0",
    "18446744073709551615u > 0u",
    "18446744073709551616u > 0u",
    "'''a'b''' == \"\"\"a\"b\"\"\"",
    "'a\\n\\x41\\u0041\\U00000041\\101\\'\\\"\\\\\\?\\`' == ''",
    "'\\d' == ''",
    "r'\\d' == R\"\\d\"",
    "b'\\xff\\377' == br'\\d'",
    "rb'a' == b'a'",
    "b'\\u0041' == b'A'",
    "'a\nb' == ''",
    "'open",
    "\"open'",
    "(disk.cdrom",
    "disk.cdrom)",
    "[1, 2,] == [1, 2]",
    "{'a': 1,} == {}",
    "size('a',) == 1",
    "disk.",
    "disk..size > 1u",
    ".disk.cdrom",
    "disk.in == 1",
    "in",
    "if == 1",
    "disk.if",
    "`disk`",
    "disk.`size` > 1u",
    "disk.cdrom;",
    "disk.cdrom // comment",
    "/* a */ disk.cdrom",
    "// nothing",
    "  ",
    "disk\n  .cdrom\t&&\r\n true",
    "ä == 'ä'",
    "'ä' == 'ä'",
    "a@b",
    "true ? true : false ? true : false",
    "true ? true ? true : false : false",
    "true ? 1 : 2",
    "cond ? true : false",
    "disk.size > MiB && disk.size > kB && disk.size > EiB",
    "disk.size > mb",
    "disk.uuid != '' && disk.wwid != '' && disk.bus_path != '' && disk.sub_system != '' && disk.modalias != ''",
    "disk.io_size > 0u && disk.sector_size == 512u && disk.pretty_size == '1 TB'",
    "volume.size > 1u",
    "link.mtu > 1u",
];

const ON_VOLUMES: &[&str] = &[
    "volume.partition_label == 'MY-DATA'",
    "volume.name == 'xfs' && disk.serial == 'SERIAL123'",
    "volume.offset > 1u * MiB",
    "volume.partition_index == 1u && volume.block_size == 512u && volume.filesystem_block_size == 4096u",
    "volume.partition_index == 1",
    "volume.label != '' && volume.type == 'partition' && volume.parent != volume.dev_path",
    "volume.partition_lable == 'a'",
    "system_disk",
    "glob('a', volume.name)",
    "volume.size",
];

const ON_LINKS: &[&str] = &[
    "mac(link.permanent_addr) == '00:1a:2b:3c:4d:5e'",
    "glob('00:1a:2b:*', mac(link.hardware_addr))",
    "link.driver == 'e1000' && link.mtu > 1500u && link.speed_megabits > 1000",
    "link.mtu > 1500",
    "link.type == 1 && link.operational_state == 6 && link.port == 0 && link.duplex == 1",
    "link.alt_names.exists(x, x == 'eth0') && link.link_state",
    "link.vlan.vid == 5u",
    "link.bond_master == null",
    "link.vrf_master == null",
    "mac(link.driver) == ''",
    "link.name == 'eth0'",
    "link.mtu > 1u * KiB",
];

/// One by one, on every minor that has the document.
pub(crate) fn table(judges: &mut Judges, minor: &str) -> Result<(), Failed> {
    let number: u16 = minor.split('.').next_back().unwrap_or_default().parse()?;
    let born = format!("{minor}.0");
    let birth = Birth { role: "worker", born: &born, kubernetes: kubernetes(minor) };
    let tables = [(SYSTEM, "EPHEMERAL", ON_DISKS), (VOLUME, "data", ON_VOLUMES), (LINK, "net0", ON_LINKS)];
    for (holder, name, texts) in tables {
        if number < holder.since {
            continue;
        }
        let (mut taken, mut refused) = (0, 0);
        for text in texts {
            let document = holder.document(name, text);
            let said = judges.minor(minor, birth, &[Patch::new("selector", &document)])?;
            let ours = cel::check(text, holder.environment, Some((1, number)));
            assert_eq!(
                said.ok,
                ours.is_empty(),
                "{minor}, {text:?}\nTalos: {:?}\nhere: {ours:?}",
                said.errors
            );
            *(if said.ok { &mut taken } else { &mut refused }) += 1;
        }
        assert!(taken > 3 && refused > 2, "{taken} {refused}");
    }
    Ok(())
}

/// The expressions of the table with a byte less, or with another in its place, many at once.
pub(crate) fn mutants(judges: &mut Judges) -> Result<(), Failed> {
    let mut texts = BTreeSet::new();
    // The names of messages are not known here.
    let fits = |text: &&&str| text.is_ascii() && text.len() < 80 && !text.contains("google");
    for text in ON_DISKS.iter().filter(fits) {
        for at in 0..text.len() {
            texts.insert(format!("{}{}", &text[..at], &text[at + 1..]));
            for other in ["u", "(", "'", " ", ".", "=", "!"].iter().cycle().skip(at).take(2) {
                texts.insert(format!("{}{other}{}", &text[..at], &text[at + 1..]));
            }
        }
    }
    // An empty text is no selector: another mistake.
    texts.remove("");
    let minor = MINORS[MINORS.len() - 1];
    let number: u16 = minor.split('.').next_back().unwrap_or_default().parse()?;
    let born = format!("{minor}.0");
    let birth = Birth { role: "worker", born: &born, kubernetes: kubernetes(minor) };
    let texts: Vec<String> = texts.into_iter().collect();
    let mut wrong = Vec::new();
    for (chunk, texts) in texts.chunks(200).enumerate() {
        let name = |i: usize| format!("v{}", chunk * 200 + i);
        let documents: Vec<String> =
            texts.iter().enumerate().map(|(i, text)| DISK.document(&name(i), text)).collect();
        let said = judges.minor(minor, birth, &[Patch::new("selectors", &documents.join("---\n"))])?;
        let all = said.errors.join("\n");
        for (i, text) in texts.iter().enumerate() {
            let talos = !all.contains(&format!("UserVolumeConfig/{}: ", name(i)));
            let ours = cel::check(text, &DISKS, Some((1, number)));
            if talos != ours.is_empty() {
                wrong.push(format!("{text:?}: Talos says {talos}, here {ours:?}"));
            }
        }
    }
    assert!(texts.len() > 5000, "{}", texts.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
    Ok(())
}

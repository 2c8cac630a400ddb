//! Kernel modules of the base Talos image: those that can be loaded, and those built in that people name.
//!
//! Source: `hack/modules-{amd64,arm64}.txt` of siderolabs/talos at the last tag of each minor for the loadable ones, and
//! `kernel/build/config-{amd64,arm64}` of siderolabs/pkgs at its release branches for the built-in ones (a choice of
//! those that real configurations list). Which extension brings a module stands in the catalogue (`provides.modules`).

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use super::{Arch, stdlib};

/// Name (with `_`), and for amd64 and arm64 one bit for each minor from [`MINORS`].
pub(super) type KernelModule = (&'static str, u16, u16);

/// The Talos minors that the table covers.
pub const MINORS: RangeInclusive<u16> = 9..=14;

/// Whether the base image of Talos 1.`minor` has a module, loadable or built in. `-` and `_` are the same in names. For
/// built-in modules the table is a choice, so a `false` is a reason to warn and no proof. `None` for a minor that the
/// table does not cover.
pub fn provides(minor: u16, arch: Arch, module: &str) -> Option<bool> {
    if !MINORS.contains(&minor) {
        return None;
    }
    let table = stdlib::kernel_modules();
    let row = table.binary_search_by(|row| compare(row.0, module)).ok().and_then(|at| table.get(at));
    Some(row.is_some_and(|&(_, amd64, arm64)| {
        let mask = match arch {
            Arch::Amd64 => amd64,
            Arch::Arm64 => arm64,
        };
        mask & (1 << (minor - MINORS.start())) != 0
    }))
}

/// Whether two spellings name the same module.
pub fn same(a: &str, b: &str) -> bool {
    compare(a, b) == Ordering::Equal
}

/// Every module name that the base image of some minor has, for suggestions.
pub fn names() -> impl Iterator<Item = &'static str> {
    stdlib::kernel_modules().iter().map(|row| row.0)
}

fn compare(a: &str, b: &str) -> Ordering {
    let fold = |byte: u8| if byte == b'-' { b'_' } else { byte };
    a.bytes().map(fold).cmp(b.bytes().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_and_version_decide() {
        assert_eq!(provides(13, Arch::Amd64, "dm-thin-pool"), Some(true));
        assert_eq!(provides(9, Arch::Arm64, "dm_thin_pool"), Some(true));
        assert_eq!(provides(9, Arch::Amd64, "amd_rng"), Some(false));
        assert_eq!(provides(11, Arch::Amd64, "amd-rng"), Some(true));
        assert_eq!(provides(13, Arch::Arm64, "aacraid"), Some(false));
        assert_eq!(provides(13, Arch::Amd64, "br_netfilter"), Some(true));
        assert_eq!(provides(13, Arch::Amd64, "zfs"), Some(false));
        assert_eq!(provides(8, Arch::Amd64, "nbd"), None);
    }

    #[test]
    fn the_table_is_sorted() {
        let names: Vec<_> = names().collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

//! Room: which volumes a disk has none left for.
//!
//! Talos provisions the volumes of a machine one after another: system volumes first, then those that do not grow, then by their
//! largest size, then by name. A volume without a largest size takes all that the disk has left. Sources:
//! `CompareVolumeConfigs`, `CreatePartition` and `findCandidateDisks` of `controllers/block/internal/volumes`.

use super::{Volume, VolumeForm, bytes, errors, place};
use crate::cel::{self, ast::Expr};
use crate::diagnostics::Diagnostic;
use crate::kinds::cel::DISKS;
use crate::source::Span;
use crate::talos::lower::Lowering;
use crate::tree::Node;

/// How many volumes a machine may have for them to be compared, and how long their selectors may be.
const MAX_VOLUMES: usize = 64;
const MAX_SELECTOR: usize = 2000;

/// What Talos puts on the system disk unless a `VolumeConfig` says otherwise.
const EPHEMERAL: &str = "EPHEMERAL";
const SYSTEM_DISK: &str = "system_disk";

/// A volume in the order of provisioning.
struct Claim<'v> {
    /// The prefix of the name of its partition, by which ties are decided; the system's own comes first.
    prefix: &'static str,
    name: &'v str,
    /// `None`: what Talos does by itself.
    volume: Option<&'v Volume<'v>>,
    selector: Expr,
    most: Option<u64>,
    grow: bool,
    whole: bool,
}

impl Claim<'_> {
    fn rank(&self) -> (bool, bool, u64, &str, &str) {
        (!self.prefix.is_empty(), self.grow, self.most.unwrap_or(u64::MAX), self.prefix, self.name)
    }
    /// Whether it leaves nothing of its disk.
    fn takes_all(&self) -> bool {
        self.most.is_none() || self.whole
    }
}

/// The volumes of a machine that find no room, each with the first that takes it.
pub(super) fn check<'v>(lowering: &Lowering<'_, '_>, volumes: &'v [Volume<'v>]) -> Vec<Diagnostic> {
    if volumes.len() > MAX_VOLUMES {
        return Vec::new();
    }
    let mut claims: Vec<Claim<'v>> = volumes.iter().filter_map(claim).collect();
    // What is said of it and not understood is not what Talos does by itself.
    if !volumes.iter().any(is_ephemeral) {
        claims.extend(system());
    }
    claims.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut out = Vec::new();
    for (i, late) in claims.iter().enumerate() {
        let Some(volume) = late.volume else { continue };
        let first = claims[..i].iter().find(|early| excludes(early, late));
        if let (Some(first), Some(at)) = (first, place(lowering, volume)) {
            let taker = first.volume.and_then(|volume| place(lowering, volume));
            let selector = |volume: &Volume<'_>| -> Option<Span> {
                volume.selector.and_then(|node| lowering.origins.span(node.origin))
            };
            let at = selector(volume).unwrap_or(at);
            let other = first.volume.and_then(selector).or(taker);
            out.push(errors::no_room(volume, at, first.volume, first.name, other));
        }
    }
    out
}

/// Whether all disks of `late` are among those of `early`, of which it takes one to itself; or `late` wants a whole disk, on
/// which `early` puts something.
fn excludes(early: &Claim<'_>, late: &Claim<'_>) -> bool {
    if late.whole {
        return cel::implies(&early.selector, &late.selector, &DISKS);
    }
    early.takes_all() && cel::implies(&late.selector, &early.selector, &DISKS)
}

fn is_ephemeral(volume: &Volume<'_>) -> bool {
    volume.is_system() && volume.name == EPHEMERAL
}

fn claim<'v>(volume: &'v Volume<'v>) -> Option<Claim<'v>> {
    let system = volume.is_system();
    // Of system volumes only this one shares a disk with others.
    if system && !is_ephemeral(volume) {
        return None;
    }
    let said = volume.selector.and_then(Node::as_str);
    let text = said.or(system.then_some(SYSTEM_DISK)).filter(|text| text.len() <= MAX_SELECTOR)?;
    let most = match volume.max {
        None => None,
        Some(node) if node.as_str() == Some("100%") || bytes(node) == Some(0) => None,
        // A share of the disk, or all but something: an end, though its place is not known.
        Some(node) => Some(bytes(node).unwrap_or(u64::MAX)),
    };
    let whole = match volume.form {
        VolumeForm::Partition => false,
        VolumeForm::Disk => true,
        VolumeForm::Other => return None,
    };
    let selector = cel::parse(text).ok()?;
    Some(Claim {
        prefix: volume.prefix,
        name: volume.name,
        volume: Some(volume),
        selector,
        most,
        grow: volume.grow || whole,
        whole,
    })
}

/// The volume that Talos makes unasked: it takes what is left of the system disk.
fn system<'v>() -> Option<Claim<'v>> {
    let selector = cel::parse(SYSTEM_DISK).ok()?;
    Some(Claim { prefix: "", name: EPHEMERAL, volume: None, selector, most: None, grow: true, whole: false })
}

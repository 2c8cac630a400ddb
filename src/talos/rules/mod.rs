//! What Talos would refuse, and what cannot work on it: one function a rule, one line a call.

mod advice;
mod configs;
mod extensions;
mod got;
mod install;
mod network;
mod selectors;
pub(crate) mod texts;
mod twice;
mod volumes;
mod workers;

pub use configs::Effective;

use super::LoweredCluster;
use super::lower::Lowering;
use super::overlay::Overlay;
use crate::fleet::Fleet;

/// Every rule, in order.
pub fn check(
    lowering: &mut Lowering<'_, '_>,
    fleet: &Fleet,
    lowered: &[LoweredCluster],
    overlays: &[Overlay],
) {
    network::check(lowering, fleet, lowered);
    extensions::check(lowering, fleet, lowered, overlays);
    advice::check(lowering, fleet, lowered);
    install::check(lowering, fleet, overlays);
    selectors::check(lowering, fleet, lowered);
    texts::check(lowering, fleet, lowered);
    volumes::check(lowering, fleet, lowered);
    workers::check(lowering, fleet, overlays);
    twice::check(lowering, fleet, lowered, overlays);
}

//! What Talos would refuse, and what cannot work on it: one function a rule, one line a call.

mod advice;
mod extensions;
mod install;
mod network;
mod selectors;
pub(crate) mod texts;
mod volumes;
mod workers;

use super::LoweredCluster;
use super::lower::Lowering;
use crate::fleet::Fleet;

/// Every rule, in order.
pub fn check(lowering: &mut Lowering<'_, '_>, fleet: &Fleet, lowered: &[LoweredCluster]) {
    network::check(lowering, fleet, lowered);
    extensions::check(lowering, fleet, lowered);
    advice::check(lowering, fleet, lowered);
    install::check(lowering, fleet, lowered);
    selectors::check(lowering, fleet, lowered);
    texts::check(lowering, fleet, lowered);
    volumes::check(lowering, fleet, lowered);
    workers::check(lowering, fleet, lowered);
}

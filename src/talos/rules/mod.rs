//! What Talos would refuse, and what cannot work on it: one function a rule, one line a call.

use super::LoweredCluster;
use super::lower::Lowering;
use crate::fleet::Fleet;

/// Every rule, in order.
pub fn check(_lowering: &mut Lowering<'_, '_>, _fleet: &Fleet, _lowered: &[LoweredCluster]) {}

//! What omnictl and Omni would refuse or drop: one function a rule, one line a call.

use crate::fleet::Fleet;
use crate::talos::LoweredCluster;
use crate::talos::lower::Lowering;

/// Every rule, in order.
pub fn check(_lowering: &mut Lowering<'_, '_>, _fleet: &Fleet, _lowered: &[LoweredCluster]) {}

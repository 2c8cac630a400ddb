//! What Talos would refuse, and what cannot work on it: one function a rule, one line a call.

mod advice;
mod boot;
mod configs;
mod extensions;
mod got;
mod install;
mod network;
mod refused;
mod selectors;
pub(crate) mod texts;
mod twice;
mod volumes;
mod workers;

pub use configs::Effective;
pub(crate) use extensions::words;

use super::Resolved;
use super::lower::Lowering;
use crate::flatten::Flattener;
use crate::fleet::Fleet;

/// What rules know before they look at a cluster of a fleet.
#[derive(Debug)]
pub struct Known {
    classes: network::Declared,
}

impl Known {
    /// Of a fleet.
    pub fn of(fleet: &Fleet) -> Known {
        Known { classes: network::Declared::of(fleet) }
    }
}

/// What rules keep of each cluster for what is judged over all of them.
#[derive(Default)]
pub struct Facts {
    network: network::Facts,
}

impl Facts {
    /// Every rule on a cluster, in order; what concerns others too is kept.
    pub fn cluster(&mut self, lowering: &mut Lowering<'_, '_>, known: &Known, of: Resolved<'_>) {
        self.network.cluster(lowering, &known.classes, of);
        extensions::check(lowering, of);
        install::check(lowering, of);
        selectors::installs(lowering, of);
        texts::check(lowering, of);
        let (mut advice, mut selectors) = (advice::Advice::of(of.cluster), selectors::Selectors::new());
        let (mut volumes, mut forms) = (volumes::Volumes::new(), network::Forms::new());
        let (mut workers, mut lists) = (workers::Workers::of(of), twice::Lists::of(of));
        let (mut refusals, mut boot) = (refused::Refusals::default(), boot::Args::default());
        self.network.hostnames.begin(of);
        self.network.leads.begin();
        for set in 0..of.cluster.sets.len() {
            got::each(of, set, &mut |got| {
                advice.judge(lowering, of, &got);
                selectors.judge(lowering, of, &got);
                volumes.judge(lowering, of, &got);
                forms.judge(lowering, of, &got);
                workers.judge(lowering, of.cluster, &got);
                lists.judge(lowering, of, &got);
                refusals.judge(lowering, of, &got);
                boot.judge(lowering, of, &got);
                self.network.hostnames.judge(lowering, of, &got);
                self.network.leads.judge(lowering, &known.classes, of, &got);
            });
        }
        advice.finish(lowering, of.cluster);
    }

    /// Adds what was kept of later clusters.
    pub fn append(&mut self, later: Facts) {
        self.network.append(later.network);
    }

    /// What only all clusters together show.
    pub fn finish(self, flattener: &mut Flattener) {
        self.network.finish(flattener);
    }
}

//! The clusters of one entry, from their fields to their documents.
//!
//! What a cluster comes to is large and is needed until its documents are made; what stands of it afterwards is small. So the
//! middle of the compiler goes once for each entry, and lets go of the patches and effective configurations of its clusters before
//! it takes the next one. An entry is the unit rather than a cluster, since the clusters of an entry may share patch files.

use std::ops::Range;

use crate::check::{self, Rules};
use crate::flatten::Flattener;
use crate::fleet::Fleet;
use crate::omni::paths::Layouts;
use crate::omni::{self, Documents};
use crate::origin::Origins;
use crate::talos::lower::{self, Lowering};
use crate::talos::overlay::Overlay;
use crate::talos::{self, LoweredCluster, Resolved};

/// What all units are worked out from.
#[derive(Clone, Copy)]
pub(super) struct Middle<'m> {
    pub(super) fleet: &'m Fleet,
    pub(super) layouts: &'m Layouts,
    pub(super) rules: &'m Rules,
    /// The effective configurations are kept.
    pub(super) resolved: bool,
}

/// What is left of units that were worked out, in their order.
pub(super) struct Made {
    pub(super) documents: Documents,
    pub(super) overlays: Vec<Overlay>,
    talos: talos::rules::Facts,
    omni: omni::rules::Facts,
}

impl Middle<'_> {
    /// Before any unit.
    pub(super) fn start(&self) -> Made {
        Made {
            documents: Documents::default(),
            overlays: Vec::new(),
            talos: talos::rules::Facts::of(self.fleet),
            omni: omni::rules::Facts::default(),
        }
    }

    /// The clusters of each entry, by their indices: they stand side by side in the fleet.
    pub(super) fn units(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        let chunks = self.fleet.clusters.chunk_by(|a, b| a.entry == b.entry);
        let unit = |chunk: &[_]| {
            at += chunk.len();
            at - chunk.len()..at
        };
        chunks.map(unit).collect()
    }

    /// Works a unit out.
    pub(super) fn unit(
        &self,
        flattener: &mut Flattener,
        origins: &mut Origins,
        unit: Range<usize>,
        made: &mut Made,
    ) {
        let mut lowering = Lowering::new(flattener, origins);
        let first = unit.start;
        let lowered: Vec<LoweredCluster> =
            unit.map(|index| self.cluster(&mut lowering, index, made)).collect();
        let documents = Documents::of_entry(&mut lowering, self.fleet, self.layouts, first, lowered);
        made.documents.append(documents);
    }

    /// The patches of a cluster, judged with what its machines get of them.
    fn cluster(&self, lowering: &mut Lowering<'_, '_>, index: usize, made: &mut Made) -> LoweredCluster {
        let Middle { fleet, layouts, rules, .. } = *self;
        let cluster = &fleet.clusters[index];
        let lowered = lower::cluster(lowering, cluster);
        let overlay = omni::merged::overlay(lowering, cluster, &lowered);
        let of = Resolved { fleet, index, cluster, lowered: &lowered, overlay: &overlay };
        let effective = talos::rules::Effective { of, origins: &*lowering.origins };
        check::configured(lowering.flattener, cluster, rules, &effective);
        made.talos.cluster(lowering, of);
        made.omni.cluster(lowering, layouts, of);
        if self.resolved {
            made.overlays.push(overlay);
        }
        lowered
    }
}

impl Made {
    /// Judges what only all units together show. What is left are their documents and configurations.
    pub(super) fn finish(self, lowering: &mut Lowering<'_, '_>, fleet: &Fleet) -> (Documents, Vec<Overlay>) {
        self.talos.finish(lowering.flattener);
        self.omni.finish(lowering, fleet);
        (self.documents, self.overlays)
    }
}

//! The clusters of one entry, from their fields to their documents.
//!
//! What a cluster comes to is large and is needed until its documents are made; what stands of it afterwards is small. So the
//! middle of the compiler goes once for each entry, and lets go of its clusters, their patches and effective configurations before
//! it takes the next one. An entry is the unit rather than a cluster, since the clusters of an entry may share patch files.

use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;

use super::output::{Home, OutputPlace};
use crate::check::{self, Rules};
use crate::emit::{File, header};
use crate::flatten::Flattener;
use crate::fleet::{Cluster, Fleet, Outline};
use crate::omni::paths::{Layout, Layouts};
use crate::omni::{self, Document, Documents, Of, Written};
use crate::origin::Origins;
use crate::source::loader::{Loader, below};
use crate::talos::lower::{self, Lowering};
use crate::talos::overlay::{Merging, Overlay};
use crate::talos::{self, LoweredCluster, Resolved};
use crate::tree::Node;

/// What is done with the text of a file as soon as there is one.
pub struct Writing<'t> {
    /// Where everything goes.
    pub home: Home,
    /// Knows what stands there; without it nothing is written, and no text is made.
    pub standing: Option<&'t dyn Standing>,
}

/// What stands at the places of the output.
pub trait Standing: Sync {
    /// What stands at a place of the output, with the line ends of Unix, if it can be read; `path` is that of the file.
    fn bytes(&self, place: &OutputPlace, path: &str) -> Option<Vec<u8>>;
    /// Looks at a text that will be written there, and at its documents.
    fn judge(&self, place: &OutputPlace, path: &str, text: &str, nodes: &[Node], before: Option<&[u8]>);
}

/// What all units are worked out from.
#[derive(Clone, Copy)]
pub(super) struct Middle<'m> {
    pub(super) loader: &'m dyn Loader,
    pub(super) fleet: &'m Fleet,
    pub(super) layouts: &'m Layouts,
    pub(super) rules: &'m Rules,
    /// What rules of Talos know of the fleet.
    pub(super) known: &'m talos::rules::Known,
    /// The effective configurations are kept.
    pub(super) resolved: bool,
}

/// What is left of units that were worked out, in their order.
#[derive(Default)]
pub(super) struct Made {
    documents: Documents,
    overlays: Vec<Overlay>,
    talos: talos::rules::Facts,
    omni: omni::rules::Facts,
    pub(super) used: check::Used,
    outlines: Vec<(usize, Outline)>,
    /// The clusters themselves, if they are kept.
    clusters: Vec<Cluster>,
}

/// What is left of units when all that only all of them show was judged.
pub(super) struct Left {
    pub(super) documents: Documents,
    pub(super) clusters: Vec<Cluster>,
    pub(super) overlays: Vec<Overlay>,
}

impl Middle<'_> {
    /// Works out one unit after the other, with one table of origins: all that they come to may be asked about.
    pub(super) fn one_by_one(&self, flattener: &mut Flattener, origins: &mut Origins) -> Made {
        let mut made = Made::default();
        for unit in self.units() {
            let later = self.unit(flattener, origins, unit);
            later.clusters.iter().for_each(|cluster| self.compare(flattener, cluster, None));
            made.append(later);
        }
        made
    }

    /// Works out units on all processors, and turns what they come to into text at once.
    pub(super) fn side_by_side(&self, flattener: &mut Flattener, text: &Writing<'_>) -> Made {
        let units = self.units();
        let all = flattener.side_by_side(units.len(), |flattener, at| {
            let mut origins = Origins::default();
            let mut made = self.unit(flattener, &mut origins, units[at].clone());
            let clusters = std::mem::take(&mut made.clusters);
            for document in made.documents.own() {
                self.write(flattener, document, text, &origins, &clusters);
            }
            flattener.let_go();
            made
        });
        let mut made = Made::default();
        all.into_iter().for_each(|later| made.append(later));
        made
    }

    /// Turns a document into text, and compares a cluster with the template that stands where it is written: one that says the same,
    /// word for word, needs no look.
    fn write(
        &self,
        flattener: &mut Flattener,
        document: &mut Document,
        text: &Writing<'_>,
        origins: &Origins,
        clusters: &[Cluster],
    ) {
        let Some(layout) = self.layouts.get(document.entry) else { return };
        let place = OutputPlace::of(&flattener.types.names, layout, document, &text.home);
        // What a value refers to is not written over, and may not be opened.
        let path = below(&place.directory.name, &document.path);
        let standing = text.standing.filter(|_| !flattener.types.names.refers_to(&path));
        let before = standing.and_then(|standing| standing.bytes(&place, &document.path));
        let written = written(document, &place, origins, (text.standing, before.as_deref()));
        let current = text.standing.is_some() && written.text.is_none();
        let committed = matches!(text.home, Home::OfEntries) && current;
        document.written = Some(written);
        document.nodes = Vec::new();
        if let Of::Cluster(index) = document.of
            && !committed
            && let Ok(at) = clusters.binary_search_by_key(&index, |cluster| cluster.index)
        {
            // What stands in another place is no template that was committed.
            let of_entries = matches!(text.home, Home::OfEntries);
            self.compare(flattener, &clusters[at], before.filter(|_| of_entries));
        }
    }

    /// Compares a cluster with its committed template; `known` is what stands there, if somebody has read it.
    fn compare(&self, flattener: &mut Flattener, cluster: &Cluster, known: Option<Vec<u8>>) {
        let layouts = self.layouts;
        let known = known.and_then(|bytes| String::from_utf8(bytes).ok());
        let referred = |layout: &Layout| flattener.types.names.refers_to(&layout.committed(&cluster.name));
        if layouts.get(cluster.entry).is_some_and(referred) {
            return;
        }
        if let Some(text) = known.or_else(|| omni::committed::template(self.loader, cluster, layouts)) {
            omni::committed::check(flattener, cluster, layouts, &text);
        }
    }

    /// The clusters of each entry, by their indices: they stand side by side in the fleet.
    fn units(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        let chunks = self.fleet.clusters.chunk_by(|a, b| a.entry == b.entry);
        let unit = |chunk: &[_]| {
            at += chunk.len();
            at - chunk.len()..at
        };
        chunks.map(unit).collect()
    }

    /// Works a unit out.
    fn unit(&self, flattener: &mut Flattener, origins: &mut Origins, unit: Range<usize>) -> Made {
        let mut made = Made::default();
        let clusters: Vec<Cluster> = unit.filter_map(|index| self.fleet.place(flattener, index)).collect();
        for cluster in &clusters {
            check::cluster(flattener, cluster, self.rules, &mut made.used);
            made.outlines.push((cluster.index, Outline::of(cluster)));
        }
        let mut lowering = Lowering::new(flattener, origins);
        let lowered =
            clusters.iter().map(|cluster| self.cluster(&mut lowering, cluster, &mut made)).collect();
        made.documents = Documents::of_entry(&mut lowering, self.fleet, self.layouts, &clusters, lowered);
        omni::rules::documents(&mut lowering, made.documents.every());
        made.clusters = clusters;
        made
    }

    /// The patches of a cluster, judged with what its machines get of them.
    fn cluster(&self, lowering: &mut Lowering<'_, '_>, cluster: &Cluster, made: &mut Made) -> LoweredCluster {
        let Middle { fleet, layouts, rules, known, .. } = *self;
        let lowered = lower::cluster(lowering, cluster);
        let (made_by_omni, order) = (omni::merged::installs(lowering, cluster), omni::merged::in_order);
        let merging = Merging { cluster, lowered: &lowered, order, made: &made_by_omni };
        let mut overlay = Overlay::of(merging);
        let of = Resolved { fleet, cluster, lowered: &lowered, overlay: &overlay, merging };
        let effective = talos::rules::Effective::new(of, &*lowering.origins);
        check::configured(lowering.flattener, cluster, rules, &effective);
        made.talos.cluster(lowering, known, of);
        made.omni.cluster(lowering, layouts, of);
        if self.resolved {
            overlay.complete(merging);
            made.overlays.push(overlay);
        }
        lowered
    }
}

/// The text of a file, unless it stands at its place already.
fn written(
    document: &Document,
    place: &OutputPlace,
    origins: &Origins,
    (standing, before): (Option<&dyn Standing>, Option<&[u8]>),
) -> Written {
    let said = document.nodes.iter().find_map(|node| origins.place(node));
    // Only patches and manifests of several entries may be one file.
    let compared = matches!(document.of, Of::Patch | Of::Manifest);
    if standing.is_none() && !compared {
        return Written { text: None, digest: 0, said };
    }
    let (text, digest) = if compared {
        let text = File::new(document.path.as_str(), &place.source, &document.nodes).text;
        let digest = digest(header::body(&text));
        (standing.map(|_| text).filter(|text| before != Some(text.as_bytes())), digest)
    } else {
        (File::text_beside(&place.source, &document.nodes, before.unwrap_or_default()), 0)
    };
    if let (Some(standing), Some(text)) = (standing, &text) {
        standing.judge(place, &document.path, text, &document.nodes, before);
    }
    Written { text, digest, said }
}

/// Two texts with one digest are one text: what is compared is so large that two of 64 bits are taken.
fn digest(text: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write(text.as_bytes());
        hasher.finish()
    };
    u128::from(half(0)) << 64 | u128::from(half(1))
}

impl Made {
    /// Adds what is left of later units.
    fn append(&mut self, mut later: Made) {
        self.documents.append(later.documents);
        self.overlays.append(&mut later.overlays);
        self.talos.append(later.talos);
        self.omni.append(later.omni);
        self.used.append(later.used);
        self.outlines.append(&mut later.outlines);
        self.clusters.append(&mut later.clusters);
    }

    /// Tells the fleet what its clusters were.
    pub(super) fn outline(&mut self, fleet: &mut Fleet) {
        for (index, outline) in self.outlines.drain(..) {
            fleet.clusters[index].outline = Some(outline);
        }
    }

    /// Judges what only all units together show.
    pub(super) fn finish(self, lowering: &mut Lowering<'_, '_>, fleet: &Fleet) -> Left {
        self.talos.finish(lowering.flattener);
        self.omni.finish(lowering, fleet);
        Left { documents: self.documents, clusters: self.clusters, overlays: self.overlays }
    }
}

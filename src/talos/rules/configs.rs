//! Effective configurations as invariants read them.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::got;
use crate::check::{Configs, Nodes};
use crate::flatten::Steps;
use crate::origin::Origins;
use crate::source::Span;
use crate::talos::Resolved;
use crate::talos::overlay::Config;
use crate::text::Text;
use crate::tree::{Node, Origin};

/// What the machines of a cluster get, with who wrote it.
pub struct Effective<'e> {
    /// The cluster.
    of: Resolved<'e>,
    /// The table of origins.
    origins: &'e Origins,
    /// Where its sets and machines stand, once that is asked.
    places: OnceCell<Places<'e>>,
}

/// Where the sets of a cluster stand, and the machines in each: those that it lists, and those that its class picks up.
#[derive(Default)]
struct Places<'e> {
    sets: FxHashMap<&'e Text, usize>,
    listed: FxHashMap<(usize, &'e Text), usize>,
    picked: FxHashMap<(usize, &'e Text), usize>,
}

impl<'e> Effective<'e> {
    /// Of a cluster, with the table of the origins of its leaves.
    pub fn new(of: Resolved<'e>, origins: &'e Origins) -> Effective<'e> {
        Effective { of, origins, places: OnceCell::new() }
    }

    fn places(&self) -> &Places<'e> {
        self.places.get_or_init(|| {
            let mut places = Places::default();
            for (s, set) in self.of.cluster.sets.iter().enumerate() {
                places.sets.entry(&set.name).or_insert(s);
                for (m, machine) in set.machines().iter().enumerate() {
                    places.listed.entry((s, &machine.id)).or_insert(m);
                }
                for (m, picked) in set.picked.iter().enumerate() {
                    places.picked.entry((s, &picked.machine.id)).or_insert(m);
                }
            }
            places
        })
    }

    /// Asks what some nodes get.
    fn ask<R: Default>(&self, of: Nodes<'_>, ask: impl FnOnce(Config<'_>) -> R) -> R {
        let (overlay, places) = (self.of.overlay, self.places());
        let Some(&set) = places.sets.get(&of.set.name) else { return R::default() };
        let Some(machine) = of.machine else { return ask(overlay.set(set)) };
        if let Some(&listed) = places.listed.get(&(set, &machine.id)) {
            return self.of.machine(set, listed, ask);
        }
        let picked = places.picked.get(&(set, &machine.id));
        let found = picked.and_then(|&at| overlay.picked(set).nth(at));
        found.map_or_else(R::default, ask)
    }
}

impl Configs for Effective<'_> {
    fn all(&self) -> Vec<Nodes<'_>> {
        let cluster = self.of.cluster;
        got::groups(self.of).into_iter().map(|(set, machine)| Nodes { cluster, set, machine }).collect()
    }

    fn documents(&self, of: Nodes<'_>, kind: Option<&str>) -> Vec<Node> {
        let kind = kind.unwrap_or_default();
        self.ask(of, |config| config.of_kind(kind).map(|document| document.view.to_node()).collect())
    }

    fn at(&self, of: Nodes<'_>, path: &[Text]) -> Option<Node> {
        self.ask(of, |config| Some(config.at(path)?.to_node()))
    }

    fn unread(&self, of: Nodes<'_>) -> bool {
        self.ask(of, |config| config.unread().next().is_some())
    }

    fn steps(&self, origin: Origin) -> Steps {
        self.origins.steps(origin).into()
    }

    fn span(&self, origin: Origin) -> Option<Span> {
        self.origins.span(origin)
    }
}

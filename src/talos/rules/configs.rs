//! Effective configurations as invariants read them.

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
    pub of: Resolved<'e>,
    /// The table of origins.
    pub origins: &'e Origins,
}

impl Effective<'_> {
    /// Asks what some nodes get.
    fn ask<R: Default>(&self, of: Nodes<'_>, ask: impl FnOnce(Config<'_>) -> R) -> R {
        let overlay = self.of.overlay;
        let Some(set) = of.cluster.sets.iter().position(|set| set.name == of.set.name) else {
            return R::default();
        };
        let Some(machine) = of.machine else { return ask(overlay.set(set)) };
        if let Some(listed) = of.set.machines().iter().position(|known| known.id == machine.id) {
            return self.of.machine(set, listed, ask);
        }
        let mut picked = of.set.picked.iter().zip(overlay.picked(set));
        let found = picked.find(|(picked, _)| picked.machine.id == machine.id);
        found.map_or_else(R::default, |(_, config)| ask(config))
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

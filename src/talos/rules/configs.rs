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
    fn config(&self, of: Nodes<'_>) -> Option<Config<'_>> {
        let Resolved { fleet, overlay, .. } = self.of;
        let set = of.cluster.sets.iter().position(|set| set.name == of.set.name)?;
        let Some(machine) = of.machine else { return Some(overlay.set(set)) };
        let listed = of.set.machines().iter().position(|known| known.id == machine.id);
        match listed {
            Some(at) => Some(overlay.machine(set, at)),
            None => {
                let mut loose = overlay.loose();
                let is = |at: usize| fleet.loose[at].machine.id == machine.id;
                loose.find(|(at, of, _)| *of == set && is(*at)).map(|(_, _, config)| config)
            }
        }
    }
}

impl Configs for Effective<'_> {
    fn all(&self) -> Vec<Nodes<'_>> {
        let cluster = self.of.cluster;
        got::groups(self.of).map(|(set, machine)| Nodes { cluster, set, machine }).collect()
    }

    fn documents(&self, of: Nodes<'_>, kind: Option<&str>) -> Vec<Node> {
        let Some(config) = self.config(of) else { return Vec::new() };
        config.of_kind(kind.unwrap_or_default()).map(|document| document.view.to_node()).collect()
    }

    fn at(&self, of: Nodes<'_>, path: &[Text]) -> Option<Node> {
        self.config(of)?.at(path).map(|view| view.to_node())
    }

    fn unread(&self, of: Nodes<'_>) -> bool {
        self.config(of).is_some_and(|config| config.unread().next().is_some())
    }

    fn steps(&self, origin: Origin) -> Steps {
        self.origins.steps(origin).into()
    }

    fn span(&self, origin: Origin) -> Option<Span> {
        self.origins.span(origin)
    }
}

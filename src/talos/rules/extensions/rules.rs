//! The rules themselves, on one node.

use super::arch;
use super::catalogue::{self, Entry};
use super::errors;
use super::node::{Have, Node};
use crate::diagnostics::Diagnostic;
use crate::flatten::Flattener;
use crate::fleet::{Blame, Roots, View};
use crate::resolve::DeclId;
use crate::source::Span;
use crate::text::Text;
use crate::typing::Val;
use crate::world::{Arch, modules};

/// What was found on one node, and what later rules need not say again.
pub(super) struct NodeFindings<'r> {
    flattener: &'r mut Flattener,
    view: &'r View<'r>,
    node: &'r Node,
    roots: Roots,
    out: Vec<Diagnostic>,
    /// Extensions that are in a conflict: what they lack besides has the same cause.
    conflicting: Vec<DeclId>,
    /// Modules of extensions that were found missing.
    lacking: Vec<Text>,
    catalogue: Option<Vec<Entry>>,
}

impl<'r> NodeFindings<'r> {
    pub(super) fn new(flattener: &'r mut Flattener, view: &'r View<'r>, node: &'r Node) -> Self {
        let roots = view.roots();
        let (out, conflicting, lacking) = (Vec::new(), Vec::new(), Vec::new());
        NodeFindings { flattener, view, node, roots, out, conflicting, lacking, catalogue: None }
    }

    /// The findings, each with what it concerns.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        if self.out.is_empty() {
            return self.out;
        }
        let concern = self.view.concern(self.flattener);
        let cluster = &self.view.cluster.name;
        let add = |finding: Diagnostic| finding.concern(concern.clone()).in_cluster(cluster);
        self.out.into_iter().map(add).collect()
    }

    /// Where the user can act on what `owner` wrote at `span`.
    fn at(&mut self, owner: DeclId, span: Span) -> Blame {
        let blame = self.roots.blame(self.flattener, owner, span);
        let sources = &self.flattener.types.names.sources;
        let long = sources.text(blame.span).contains('\n');
        let span = if long { sources.head(blame.span) } else { blame.span };
        Blame { span, through: blame.through }
    }

    fn catalogue(&mut self) -> &[Entry] {
        let talos = &self.view.cluster.target.talos;
        self.catalogue.get_or_insert_with(|| catalogue::of(self.flattener, talos))
    }

    fn offering(&mut self, fits: impl Fn(&Entry) -> bool) -> Vec<Text> {
        catalogue::names(self.catalogue(), fits)
    }

    // ---- the catalogue ----------------------------------------------------------------------------------------------------

    /// Every extension is in the catalogue of this version.
    pub(super) fn availability(&mut self) {
        for have in self.node.extensions.iter().filter(|have| !have.available) {
            let at = self.at(have.owner, have.span);
            let became = match have.flat.fields.leaf("became") {
                Some(Val::Word(name)) => Some(name.clone()),
                _ => None,
            };
            let talos = self.view.cluster.target.talos.clone();
            let exists = |name: &Text| catalogue::named(name, &talos).is_some_and(|(available, _)| available);
            let became = became.filter(exists);
            let cond = self.flattener.types.typed(have.id).cond.clone();
            let never = matches!(have.flat.fields.leaf("never"), Some(Val::Bool(true)));
            let listed =
                became.as_ref().is_some_and(|name| self.node.extensions.iter().any(|e| e.name == *name));
            let known = self.offering(|_| true);
            let finding = errors::unavailable(&errors::Unavailable {
                name: &have.name,
                at,
                talos: &talos,
                target: self.view.cluster.target_spans.talos,
                became: became.as_deref(),
                listed,
                cond: cond.as_deref().filter(|_| !never),
                known: &known,
            });
            self.out.push(finding);
        }
    }

    /// What its declaration notes for this version.
    pub(super) fn notes(&mut self) {
        for have in self.node.extensions.iter().filter(|have| have.available) {
            if let Some(Val::Str(note)) = have.flat.fields.leaf("note") {
                let at = self.at(have.owner, have.span);
                self.out.push(errors::note(at, &have.name, note));
            }
        }
    }

    /// It has something for the processors of the nodes, if the class of the set says which they are.
    pub(super) fn architectures(&mut self) {
        let narrow =
            self.node.extensions.iter().filter(|have| have.available && !have.list(&["arch"]).is_empty());
        let narrow: Vec<&Have> = narrow.collect();
        if narrow.is_empty() {
            return;
        }
        let Some((is, said)) = arch::of(self.flattener, self.view.set) else { return };
        for have in narrow {
            let only = have.list(&["arch"]);
            if !only.contains(&is.as_str()) {
                let at = self.at(have.owner, have.span);
                self.out.push(errors::arch(at, &have.name, &only, (&is, said)));
            }
        }
    }

    // ---- with each other --------------------------------------------------------------------------------------------------

    /// No two extensions share what only one may have. Those that two mixins bring together are one finding.
    pub(super) fn conflicts(&mut self) {
        let mut pairs: Vec<(Span, Span)> = Vec::new();
        for (i, second) in self.node.extensions.iter().enumerate() {
            for first in &self.node.extensions[..i] {
                let Some(shared) = clash(first, second) else { continue };
                self.conflicting.extend([first.id, second.id]);
                let (one, two) = (self.at(first.owner, first.span), self.at(second.owner, second.span));
                if pairs.contains(&(one.span, two.span)) {
                    continue;
                }
                pairs.push((one.span, two.span));
                self.out.push(errors::conflict((&first.name, one), (&second.name, two), &shared));
            }
        }
    }

    /// What an extension requires is there.
    pub(super) fn requirements(&mut self) {
        for have in &self.node.extensions {
            if self.conflicting.contains(&have.id) {
                continue;
            }
            let missing: Vec<Text> = have
                .list(&["requires"])
                .into_iter()
                .filter(|wanted| !self.node.has(wanted, Some(have.id)))
                .map(Text::new)
                .collect();
            let Some(first) = missing.first() else { continue };
            let brings = self.offering(|entry| entry.provides(first));
            let others: Vec<Text> = self.siblings(have);
            for entry in catalogue::names(self.catalogue(), |entry| missing.iter().any(|m| entry.provides(m)))
            {
                let modules = self.catalogue().iter().find(|known| known.name == entry);
                let modules =
                    modules.map(|known| known.list(&["provides", "modules"]).into_iter().map(Text::new));
                let modules: Vec<Text> = modules.into_iter().flatten().collect();
                self.lacking.extend(modules);
            }
            let at = self.at(have.owner, have.span);
            self.out.push(errors::requires(at, &have.name, &missing, &brings, &others));
        }
    }

    /// Extensions that do the same as one and would find here what they require: the other branch of a driver.
    fn siblings(&mut self, have: &Have) -> Vec<Text> {
        let shared: Vec<&str> = have.list(&["provides", "capabilities"]);
        let node = self.node;
        self.offering(|entry| {
            let same = entry.list(&["conflicts"]).iter().any(|capability| shared.contains(capability));
            let fits = entry.list(&["requires"]).iter().all(|wanted| node.has(wanted, Some(have.id)));
            entry.name != have.name && same && fits
        })
    }

    // ---- runtimes ---------------------------------------------------------------------------------------------------------

    /// Every runtime has an extension that brings its handler.
    pub(super) fn runtimes(&mut self) {
        for offered in &self.node.runtimes {
            if self.node.handles(&offered.handler) {
                continue;
            }
            let brings = self
                .offering(|entry| entry.list(&["provides", "handlers"]).contains(&offered.handler.as_str()));
            let node = self.node;
            let fitting = catalogue::names(self.catalogue(), |entry| {
                brings.contains(&entry.name)
                    && entry.list(&["requires"]).iter().all(|wanted| node.has(wanted, None))
            });
            let brings = if fitting.is_empty() { brings } else { fitting };
            let at = self.at(offered.owner, offered.span);
            let talos = &self.view.cluster.target.talos;
            self.out.push(errors::runtime(at, &offered.name, &offered.handler, &brings, talos));
        }
    }

    // ---- modules ----------------------------------------------------------------------------------------------------------

    /// Every module that is loaded is in the kernel or brought by an extension.
    pub(super) fn modules(&mut self) {
        let minor = self.view.cluster.target.talos.minor;
        let mut missing: Vec<(Blame, Text)> = Vec::new();
        for module in &self.node.modules {
            let same = |known: &&str| modules::same(known, &module.name);
            let built_in =
                Arch::ALL.iter().any(|&arch| modules::provides(minor, arch, &module.name).unwrap_or(true));
            let brought =
                self.node.extensions.iter().any(|have| have.list(&["provides", "modules"]).iter().any(same));
            let said = self.lacking.iter().any(|known| modules::same(known, &module.name));
            if built_in || brought || said {
                continue;
            }
            missing.push((self.at(module.owner, module.span), module.name.clone()));
        }
        let mut done: Vec<Span> = Vec::new();
        for (at, name) in &missing {
            if done.contains(&at.span) {
                continue;
            }
            done.push(at.span);
            let here = missing.iter().filter(|(other, _)| other.span == at.span);
            let all: Vec<Text> = here.map(|(_, name)| name.clone()).collect();
            let brings = self.offering(|entry| {
                entry.list(&["provides", "modules"]).iter().any(|module| modules::same(module, name))
            });
            let talos = &self.view.cluster.target.talos;
            self.out.push(errors::module_missing(*at, &all, &brings, talos));
        }
    }

    /// Modules that do not load by themselves are listed.
    pub(super) fn loading(&mut self) {
        if self.node.unread {
            return;
        }
        for have in &self.node.extensions {
            let listed =
                |name: &str| self.node.modules.iter().any(|module| modules::same(&module.name, name));
            let missing: Vec<Text> =
                have.list(&["load"]).into_iter().filter(|name| !listed(name)).map(Text::new).collect();
            if missing.is_empty() || self.conflicting.contains(&have.id) {
                continue;
            }
            // What other extensions build on must work; for others there may be a reason.
            let driver = !have.list(&["provides", "capabilities"]).is_empty();
            let at = self.at(have.owner, have.span);
            self.out.push(errors::not_loaded(at, &have.name, &missing, driver));
        }
    }

    // ---- services ---------------------------------------------------------------------------------------------------------

    /// A service that waits for its configuration gets one.
    pub(super) fn services(&mut self, unconfigured: &dyn Fn(&str) -> bool) {
        for have in &self.node.extensions {
            let waits = matches!(have.facts.fields.leaf("service"), Some(Val::Bool(true)));
            if waits && have.available && unconfigured(&have.name) {
                let at = self.at(have.owner, have.span);
                self.out.push(errors::unconfigured(at, &have.name));
            }
        }
    }
}

/// What two extensions cannot both have.
fn clash(first: &Have, second: &Have) -> Option<Text> {
    let of = |a: &Have, b: &Have| {
        a.list(&["conflicts"]).into_iter().find(|capability| b.provides(capability)).map(Text::new)
    };
    of(first, second).or_else(|| of(second, first))
}

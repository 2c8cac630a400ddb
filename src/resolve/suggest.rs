//! Names that may have been meant.

use std::sync::atomic::Ordering;

use super::{Names, Scope, ScopeId, Target};
use crate::kinds;
use crate::schema::KindId;
use crate::world::stdlib;

/// How many names are looked through for suggestions: as many as a few hundred misspelt ones ask for in a large project.
const MAX_SUGGESTED: usize = 500_000;

impl Names {
    /// Names of a kind that a scope could mean, for suggestions: none any more once very many were looked through.
    pub fn candidates(&self, scope: ScopeId, kind: KindId) -> Vec<String> {
        if self.suggested.load(Ordering::Relaxed) > MAX_SUGGESTED {
            return Vec::new();
        }
        let def = kinds::get(kind);
        let mut out: Vec<String> = Vec::new();
        let own = |scope: &Scope, prefix: &str, out: &mut Vec<String>| {
            let ids =
                scope.order.iter().map(|id| &self.decls[id.0 as usize]).filter(|decl| decl.kind == kind);
            out.extend(ids.map(|decl| format!("{prefix}{}", decl.name)));
        };
        let here = &self.scopes[scope.0 as usize];
        own(here, "", &mut out);
        for import in &here.imports {
            match import.target {
                Target::Scope(other) => {
                    let prefix = import.alias.as_ref().map(|alias| format!("{alias}.")).unwrap_or_default();
                    own(&self.scopes[other.0 as usize], &prefix, &mut out);
                }
                Target::Module(module) => {
                    let prefix = import.alias.as_deref().unwrap_or(module);
                    for item in stdlib::items_of(module).filter(|item| item.kind == def.name) {
                        out.push(if item.name == module {
                            prefix.to_string()
                        } else {
                            format!("{prefix}.{}", item.name)
                        });
                    }
                }
                Target::Unknown => {}
            }
        }
        if def.ambient {
            out.extend(stdlib::names(def.name).map(str::to_string));
        }
        self.suggested.fetch_add(out.len(), Ordering::Relaxed);
        out
    }
}

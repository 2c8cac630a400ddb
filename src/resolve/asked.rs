//! Names that somebody asks about, rather than a source: of the standard library without an import too.

use super::{DeclId, Located, Names};
use crate::kinds;
use crate::schema::KindId;
use crate::world::stdlib;

impl Names {
    /// Loads what names mean in any file and kind, and what they would mean with an import of the standard library.
    pub fn load_asked(&mut self, asked: &[String]) {
        for name in asked {
            for (kind, item) in importable(name) {
                self.std_item(item.module, kind, item.name);
            }
            for scope in self.project_files() {
                for kind in kinds::all() {
                    if let Located::Std(item) = self.locate(scope, kind.id, name).0 {
                        self.std_item(item.module, kind.id, item.name);
                    }
                }
            }
        }
    }

    /// What a name of the standard library means that nothing need import, among what is loaded.
    pub fn importable(&self, name: &str) -> Vec<DeclId> {
        importable(name)
            .filter_map(|(kind, item)| self.std_decls.get(&(kind, item.module, item.name)).copied())
            .collect()
    }
}

/// What a name means that an import would bring: `nvidia.production`, what bears the name of its module, and what is known everywhere.
fn importable(name: &str) -> impl Iterator<Item = (KindId, &'static stdlib::Item)> {
    let (module, item) = name.split_once('.').unwrap_or((name, name));
    kinds::all().iter().filter_map(move |kind| {
        let ambient = kind.ambient.then(|| stdlib::item(kind.name, name)).flatten();
        Some((kind.id, ambient.or_else(|| stdlib::item_in(module, kind.name, item))?))
    })
}

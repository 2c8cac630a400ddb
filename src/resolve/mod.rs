//! Names: which file declares what, and what a name means in a file.
//!
//! Files of the project are read whole, through their imports. Items of the standard library are parsed one by one, when a name
//! is looked up that stands in its index: what the sources do not name costs nothing. This phase judges no value and no type.

mod ahead;
mod asked;
mod bodies;
mod errors;
pub mod file_errors;
mod inside;
mod load;
mod suggest;
mod texts;

pub use ahead::{Ahead, while_parsing};
pub(crate) use errors::{equals_missing, mark_behind};
pub(crate) use inside::declares;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::diagnostics::{Code, Diagnostics};
use crate::kinds;
use crate::schema::KindId;
use crate::source::{FileId, Provenance, SourceMap, Span};
use crate::syntax;
use crate::syntax::ast::{Item, MarkKind, Rest, Word};
use crate::text::Text;
use crate::world::stdlib;

/// How many rewritten parts of the sources are remembered: more are a file of another language.
const MAX_REWRITES: usize = 256;

/// The number of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclId(pub u32);

/// The number of a scope: a file of the project, or a module of the standard library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopeId(u32);

/// One declaration.
#[derive(Debug, Clone)]
pub struct Decl {
    /// Its kind.
    pub kind: KindId,
    /// Its name; for the standard library without the module.
    pub name: Text,
    /// Where the name stands.
    pub span: Span,
    /// The tree.
    pub item: Arc<Item>,
    /// Where its names are looked up.
    pub scope: ScopeId,
    /// Only a base.
    pub is_abstract: bool,
    /// Declared elsewhere.
    pub is_extern: bool,
    /// The module of the standard library that holds it.
    pub module: Option<&'static str>,
}

impl Decl {
    /// The name as a user writes it: `nvidia.production`.
    pub fn shown(&self) -> String {
        match self.module {
            Some(module) if !kinds::get(self.kind).ambient && module != self.name => {
                format!("{module}.{}", self.name)
            }
            _ => self.name.to_string(),
        }
    }
}

/// One import of a file.
#[derive(Debug)]
struct Import {
    span: Span,
    alias: Option<Text>,
    target: Target,
    used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Target {
    Scope(ScopeId),
    Module(&'static str),
    /// What could not be read; names from it are not reported.
    Unknown,
}

type NameTable = HashMap<(KindId, Text), DeclId, FxBuildHasher>;

#[derive(Debug, Default)]
struct Scope {
    path: String,
    module: Option<&'static str>,
    own: NameTable,
    order: Vec<DeclId>,
    imports: Vec<Import>,
    file: Option<FileId>,
    /// The tree is broken or an import is unknown: a name that is not found may have been lost. This is asked of names that are in
    /// no declaration, so it is no [`crate::diagnostics::Poison`], which is of a thing that is there.
    incomplete: bool,
    /// The version of talosc that the file asks for.
    requires: Option<(Text, Span)>,
}

/// The names of one compilation: built while files are loaded and typed, and only read afterwards.
#[derive(Debug, Default)]
pub struct Names {
    /// Every file.
    pub sources: SourceMap,
    decls: Vec<Decl>,
    scopes: Vec<Scope>,
    by_path: HashMap<String, ScopeId>,
    /// Parts of the sources that findings of the syntax rewrite.
    rewrites: Vec<Span>,
    std_files: HashMap<&'static str, FileId>,
    std_scopes: HashMap<&'static str, ScopeId>,
    std_decls: HashMap<(KindId, &'static str, &'static str), DeclId>,
    used: FxHashSet<DeclId>,
    /// Files that could not be read, and of which that is said where they are imported.
    refused: FxHashSet<String>,
    /// Kinds of which one name is declared twice in a file: another name was meant by one of the two.
    doubled: FxHashSet<KindId>,
    /// What stands in the body of a declaration of a file and would declare a name at top level, once that is asked.
    inside: HashMap<ScopeId, Vec<(KindId, Text)>>,
    /// Files that values refer to, by path, so that each is read once.
    texts: HashMap<String, (FileId, Text)>,
    /// Where each file that a value refers to is named first, whether it is read or not, by path.
    referred: HashMap<String, Span>,
    /// How many names were looked through for suggestions.
    suggested: AtomicUsize,
    /// How many bytes of the standard library were parsed.
    pub std_bytes: usize,
    /// Not all entries of the project were asked for: what only the others use is not reported as unused.
    pub partial: bool,
    /// The output goes to a directory that the sources do not know, so nothing that lies in the project is beside it.
    pub elsewhere: bool,
}

/// What a look-up found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found {
    /// The declaration.
    Decl(DeclId),
    /// It is not there.
    Missing,
    /// It may have been in something that could not be read: say nothing.
    Unknown,
}

/// Where a name stands.
enum Located {
    /// It is loaded.
    Decl(DeclId),
    /// In the standard library, not parsed yet.
    Std(&'static stdlib::Item),
    /// Nowhere.
    Missing,
    /// Perhaps in something that could not be read.
    Unknown,
}

impl Names {
    /// A declaration.
    pub fn decl(&self, id: DeclId) -> &Decl {
        &self.decls[id.0 as usize]
    }

    /// How many declarations there are so far, those of the standard library included.
    pub fn count(&self) -> usize {
        self.decls.len()
    }

    /// The numbers of all declarations so far.
    pub fn ids(&self) -> impl Iterator<Item = DeclId> + use<> {
        (0..self.decls.len() as u32).map(DeclId)
    }

    /// The path of the file of a scope, relative to the project root.
    pub fn path(&self, scope: ScopeId) -> &str {
        &self.scopes[scope.0 as usize].path
    }

    /// Whether a scope belongs to the standard library.
    pub fn is_std(&self, scope: ScopeId) -> bool {
        self.scopes[scope.0 as usize].module.is_some()
    }

    /// Declarations of the project's files in order of loading and source.
    pub fn project_decls(&self) -> Vec<DeclId> {
        let files = self.scopes.iter().filter(|scope| scope.module.is_none());
        files.flat_map(|scope| scope.order.iter().copied()).collect()
    }

    /// The files of the project in order of loading.
    pub fn project_files(&self) -> Vec<ScopeId> {
        let scopes = self.scopes.iter().enumerate().filter(|(_, scope)| scope.module.is_none());
        scopes.map(|(at, _)| ScopeId(at as u32)).collect()
    }

    /// Own declarations of a file.
    pub fn own(&self, scope: ScopeId) -> &[DeclId] {
        &self.scopes[scope.0 as usize].order
    }

    /// The one declaration of a kind without names that a file has.
    pub fn own_nameless(&self, scope: ScopeId, kind: KindId) -> Option<DeclId> {
        // It is called like its kind.
        self.scopes[scope.0 as usize].own.get(&(kind, Text::new_static(kinds::get(kind).name))).copied()
    }

    /// The scopes that a file reaches through imports, itself first, each once.
    pub fn reachable(&self, from: ScopeId) -> Vec<ScopeId> {
        let mut out = vec![from];
        let mut at = 0;
        while at < out.len() {
            for import in &self.scopes[out[at].0 as usize].imports {
                if let Target::Scope(scope) = import.target
                    && !out.contains(&scope)
                {
                    out.push(scope);
                }
            }
            at += 1;
        }
        out
    }

    /// Whether a file imports a std module.
    pub fn imports(&self, scope: ScopeId, module: &str) -> bool {
        let imports = &self.scopes[scope.0 as usize].imports;
        imports.iter().any(|import| matches!(import.target, Target::Module(name) if name == module))
    }

    /// The start of a file, where an import may be put in.
    pub fn start(&self, scope: ScopeId) -> Option<Span> {
        let file = self.scopes[scope.0 as usize].file?;
        Some(Span { file, start: 0, end: 0 })
    }

    /// The modules of the standard library that files of the project import, each once.
    pub fn imported_modules(&self) -> Vec<&'static str> {
        let mut out = Vec::new();
        for import in self.scopes.iter().flat_map(|scope| &scope.imports) {
            if let Target::Module(module) = import.target
                && !out.contains(&module)
            {
                out.push(module);
            }
        }
        out
    }

    /// How large the files of the project are together.
    pub fn project_bytes(&self) -> usize {
        let files = self.sources.iter().filter(|(_, file)| file.provenance == Provenance::Project);
        files.map(|(_, file)| file.text().len()).sum()
    }

    /// Whether a place lies in a file of the project, where the user can act.
    pub fn in_project(&self, span: Span) -> bool {
        self.sources.file(span.file).provenance == Provenance::Project
    }

    /// Notes that a declaration serves something that is emitted.
    pub fn mark_used(&mut self, id: DeclId) {
        self.used.insert(id);
    }

    /// Whether something named it.
    pub fn is_used(&self, id: DeclId) -> bool {
        self.used.contains(&id)
    }

    /// What a name of a kind means in a scope.
    pub fn find(&mut self, scope: ScopeId, kind: KindId, name: &str) -> Found {
        let found = self.find_quietly(scope, kind, name);
        if let Found::Decl(id) = found {
            self.mark_used(id);
        }
        found
    }

    /// As [`Names::find`], without counting as a use.
    pub fn find_quietly(&mut self, scope: ScopeId, kind: KindId, name: &str) -> Found {
        let (located, import) = self.locate(scope, kind, name);
        let found = match located {
            Located::Decl(id) => Some(id),
            Located::Std(item) => self.std_item(item.module, kind, item.name),
            Located::Missing => return Found::Missing,
            Located::Unknown => return Found::Unknown,
        };
        if let Some(import) = import {
            self.scopes[scope.0 as usize].imports[import].used = true;
        }
        found.map_or(Found::Missing, Found::Decl)
    }

    /// As [`Names::find_quietly`], among what is loaded already.
    pub fn lookup(&self, scope: ScopeId, kind: KindId, name: &str) -> Found {
        match self.locate(scope, kind, name).0 {
            Located::Decl(id) => Found::Decl(id),
            Located::Std(_) | Located::Missing => Found::Missing,
            Located::Unknown => Found::Unknown,
        }
    }

    /// Where a name of a kind in a scope stands, and the import that brings it.
    fn locate(&self, scope: ScopeId, kind: KindId, name: &str) -> (Located, Option<usize>) {
        let here = &self.scopes[scope.0 as usize];
        if let Some(&id) = here.own.get(&(kind, Text::new(name))) {
            return (Located::Decl(id), None);
        }
        if let Some(located) = here.module.and_then(|module| self.located_in(module, kind, name)) {
            return (located, None);
        }
        let mut incomplete = here.incomplete || self.doubled.contains(&kind);
        for (at, import) in here.imports.iter().enumerate() {
            let prefix = match (&import.alias, import.target) {
                (Some(alias), _) => Some(alias.as_str()),
                (None, Target::Module(module)) => Some(module),
                (None, Target::Scope(_) | Target::Unknown) => None,
            };
            let rest = match prefix {
                Some(prefix) => name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')),
                None => Some(name),
            };
            let located = match import.target {
                Target::Scope(other) => {
                    incomplete |= self.scopes[other.0 as usize].incomplete;
                    rest.and_then(|rest| self.own_of(other, kind, rest)).map(Located::Decl)
                }
                // What bears the name of its module is known by that alone.
                Target::Module(module) if prefix == Some(name) => self.located_in(module, kind, module),
                Target::Module(module) => rest.and_then(|rest| self.located_in(module, kind, rest)),
                Target::Unknown => None,
            };
            if let Some(located) = located {
                return (located, Some(at));
            }
        }
        let def = kinds::get(kind);
        if def.ambient
            && let Some(item) = stdlib::item(def.name, name)
            && let Some(located) = self.located_in(item.module, kind, item.name)
        {
            return (located, None);
        }
        (if incomplete { Located::Unknown } else { Located::Missing }, None)
    }

    fn located_in(&self, module: &str, kind: KindId, name: &str) -> Option<Located> {
        let item = stdlib::item_in(module, kinds::get(kind).name, name)?;
        let known = self.std_decls.get(&(kind, item.module, item.name));
        Some(known.map_or(Located::Std(item), |&id| Located::Decl(id)))
    }

    /// Whether a finding of the syntax rewrites the text around a place: what stands there is not what it seems.
    pub(crate) fn in_syntax_error(&self, at: Span) -> bool {
        self.rewrites.iter().any(|part| part.contains(at))
    }

    /// Notes the parts of a file that its syntax findings rewrite.
    fn note_rewrites(&mut self, found: &Diagnostics) {
        let several = found.iter().filter(|finding| finding.code == Code::Syntax && finding.edits.len() > 1);
        let parts = several.filter_map(|finding| {
            finding.edits.iter().map(|edit| edit.span).reduce(|all, edit| Span {
                start: all.start.min(edit.start),
                end: all.end.max(edit.end),
                ..all
            })
        });
        self.rewrites.extend(parts.take(MAX_REWRITES - self.rewrites.len()));
    }

    /// A declaration of that name and of another kind.
    pub fn of_other_kind(&mut self, scope: ScopeId, kind: KindId, name: &str) -> Option<DeclId> {
        kinds::all().iter().filter(|other| other.id != kind).find_map(|other| {
            match self.find_quietly(scope, other.id, name) {
                Found::Decl(id) => Some(id),
                Found::Missing | Found::Unknown => None,
            }
        })
    }

    fn own_of(&self, scope: ScopeId, kind: KindId, name: &str) -> Option<DeclId> {
        self.scopes[scope.0 as usize].own.get(&(kind, Text::new(name))).copied()
    }

    /// An item of the standard library, parsed at first use.
    pub fn std_item(&mut self, module: &'static str, kind: KindId, name: &str) -> Option<DeclId> {
        let row = stdlib::item_in(module, kinds::get(kind).name, name)?;
        if let Some(&id) = self.std_decls.get(&(kind, row.module, row.name)) {
            return Some(id);
        }
        let module = stdlib::module(row.module)?;
        let file = *self.std_files.entry(module.name).or_insert_with(|| {
            self.sources.add(format!("<std>/{}.talos", module.name), module.text, Provenance::Std)
        });
        let range = row.start as usize..row.end as usize;
        self.std_bytes += range.len();
        // A test holds that every item of it can be read.
        let ast = syntax::parse_range(file, module.text, range, &mut Diagnostics::new());
        let item = ast.items.into_iter().next()?;
        let scope = self.std_scope(module.name, file);
        let id = self.declare(scope, kind, item);
        self.decls[id.0 as usize].module = Some(module.name);
        self.std_decls.insert((kind, row.module, row.name), id);
        Some(id)
    }

    fn std_scope(&mut self, module: &'static str, file: FileId) -> ScopeId {
        if let Some(&scope) = self.std_scopes.get(module) {
            return scope;
        }
        let scope = ScopeId(self.scopes.len() as u32);
        self.scopes.push(Scope {
            path: format!("<std>/{module}.talos"),
            module: Some(module),
            file: Some(file),
            ..Scope::default()
        });
        self.std_scopes.insert(module, scope);
        scope
    }

    /// Enters an item as a declaration of its kind; the name is its second word, or the kind's for one without a name.
    fn declare(&mut self, scope: ScopeId, kind: KindId, item: Item) -> DeclId {
        let word: &Word = item.words.get(1).unwrap_or(&item.words[0]);
        let has = |mark: MarkKind| item.marks.iter().any(|m| m.kind == mark);
        let decl = Decl {
            kind,
            name: word.text.clone(),
            span: word.span,
            scope,
            is_abstract: has(MarkKind::Abstract),
            is_extern: has(MarkKind::Extern),
            module: None,
            item: Arc::new(item),
        };
        let id = DeclId(self.decls.len() as u32);
        self.decls.push(decl);
        id
    }

    /// Lets go of the tree of a body that no later phase reads: a fleet has thousands of machines.
    pub(crate) fn forget_body(&mut self, id: DeclId) {
        if let Some(item) = self.decls.get_mut(id.0 as usize).and_then(|decl| Arc::get_mut(&mut decl.item)) {
            item.rest = Rest::Nothing;
        }
    }
}

//! Names: which file declares what, and what a name means in a file.
//!
//! Files of the project are read whole, through their imports. Items of the standard library are parsed one by one, when a name
//! is looked up that stands in its index: what the sources do not name costs nothing. This phase judges no value and no type.

mod bodies;
mod errors;
mod load;

pub(crate) use errors::{equals_missing, mark_behind};
use std::collections::HashMap;
use std::rc::Rc;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::diagnostics::{Code, Diagnostics};
use crate::kinds;
use crate::schema::KindId;
use crate::source::loader::{Loader, join};
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
    pub item: Rc<Item>,
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
    /// The tree is broken or an import is unknown: a name that is not found may have been lost.
    doubtful: bool,
    /// The version of talosc that the file asks for.
    requires: Option<(Text, Span)>,
}

/// The names of one compilation.
pub struct Names<'a> {
    /// Every file.
    pub sources: SourceMap,
    /// Findings of this phase and of the ones after it.
    pub diagnostics: Diagnostics,
    loader: &'a dyn Loader,
    decls: Vec<Decl>,
    scopes: Vec<Scope>,
    by_path: HashMap<String, ScopeId>,
    /// Parts of the sources that findings of the syntax rewrite.
    rewrites: Vec<Span>,
    std_files: HashMap<&'static str, FileId>,
    std_scopes: HashMap<&'static str, ScopeId>,
    std_decls: HashMap<(KindId, &'static str, &'static str), DeclId>,
    used: FxHashSet<DeclId>,
    /// Files that values refer to, by path, so that each is read once.
    texts: HashMap<String, (FileId, Text)>,
    /// Where each file that a value refers to is named first, whether it is read or not, by path.
    referred: HashMap<String, Span>,
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

impl<'a> Names<'a> {
    /// An empty table over a loader.
    pub fn new(loader: &'a dyn Loader) -> Self {
        Names {
            sources: SourceMap::default(),
            diagnostics: Diagnostics::new(),
            loader,
            decls: Vec::new(),
            scopes: Vec::new(),
            by_path: HashMap::new(),
            rewrites: Vec::new(),
            std_files: HashMap::new(),
            std_scopes: HashMap::new(),
            std_decls: HashMap::new(),
            used: FxHashSet::default(),
            texts: HashMap::new(),
            referred: HashMap::new(),
            std_bytes: 0,
            partial: false,
            elsewhere: false,
        }
    }

    /// A declaration.
    pub fn decl(&self, id: DeclId) -> &Decl {
        &self.decls[id.0 as usize]
    }

    /// The loader, for files that values refer to.
    pub fn loader(&self) -> &'a dyn Loader {
        self.loader
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
        let key = (kind, Text::new(name));
        let at = scope.0 as usize;
        if let Some(&id) = self.scopes[at].own.get(&key) {
            return Found::Decl(id);
        }
        if let Some(module) = self.scopes[at].module
            && let Some(id) = self.std_item(module, kind, name)
        {
            return Found::Decl(id);
        }
        let mut doubtful = self.scopes[at].doubtful;
        for i in 0..self.scopes[at].imports.len() {
            let (target, alias) =
                (self.scopes[at].imports[i].target, self.scopes[at].imports[i].alias.clone());
            let found = match target {
                Target::Scope(other) => match &alias {
                    Some(alias) => {
                        let rest = name.strip_prefix(alias.as_str()).and_then(|rest| rest.strip_prefix('.'));
                        rest.and_then(|rest| self.own_of(other, kind, rest))
                    }
                    None => self.own_of(other, kind, name),
                },
                Target::Module(module) => {
                    let prefix = alias.as_deref().unwrap_or(module);
                    let rest = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
                    match rest {
                        Some(rest) => self.std_item(module, kind, rest),
                        None if name == prefix => self.std_item(module, kind, module),
                        None => None,
                    }
                }
                Target::Unknown => None,
            };
            if let Target::Scope(other) = target {
                doubtful |= self.scopes[other.0 as usize].doubtful;
            }
            if let Some(id) = found {
                self.scopes[at].imports[i].used = true;
                return Found::Decl(id);
            }
        }
        let def = kinds::get(kind);
        if def.ambient
            && let Some(item) = stdlib::item(def.name, name)
            && let Some(id) = self.std_item(item.module, kind, item.name)
        {
            return Found::Decl(id);
        }
        if doubtful { Found::Unknown } else { Found::Missing }
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

    /// Names of a kind that a scope could mean, for suggestions.
    pub fn candidates(&self, scope: ScopeId, kind: KindId) -> Vec<String> {
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
        out
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
        let ast = syntax::parse_range(file, module.text, range, &mut self.diagnostics);
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
            item: Rc::new(item),
        };
        let id = DeclId(self.decls.len() as u32);
        self.decls.push(decl);
        id
    }

    /// Lets go of the tree of a body that no later phase reads: a fleet has thousands of machines.
    pub(crate) fn forget_body(&mut self, id: DeclId) {
        if let Some(item) = self.decls.get_mut(id.0 as usize).and_then(|decl| Rc::get_mut(&mut decl.item)) {
            item.rest = Rest::Nothing;
        }
    }

    /// The text of a project file that a value in `scope` refers to, registered so that findings can point into it.
    pub fn read_text(&mut self, scope: ScopeId, written: &Word) -> Option<(FileId, Text)> {
        self.read_referenced(scope, &written.text, written.span)
    }

    /// Notes that a value at a place refers to a file of the project.
    pub fn refer(&mut self, path: &str, span: Span) {
        if !self.referred.contains_key(path) {
            self.referred.insert(path.to_owned(), span);
        }
    }

    /// Where the compilation needs a file of the project: the value that names it, or the beginning of a source. By path.
    pub fn needed_files(&self) -> FxHashMap<&str, Span> {
        let project = self.sources.iter().filter(|(_, file)| file.provenance == Provenance::Project);
        let read = project.map(|(id, file)| (file.name.as_str(), Span { file: id, start: 0, end: 0 }));
        read.chain(self.referred.iter().map(|(path, span)| (path.as_str(), *span))).collect()
    }

    /// As [`Names::read_text`], by the path as written and its place.
    pub fn read_referenced(&mut self, scope: ScopeId, written: &str, span: Span) -> Option<(FileId, Text)> {
        let known = join(self.path(scope), written).and_then(|path| self.texts.get(&path));
        if let Some((file, text)) = known {
            return Some((*file, text.clone()));
        }
        match load::referenced(self, scope, written, span) {
            Ok((path, text)) => {
                let text = text.replace("\r\n", "\n");
                let file = self.sources.add(path.clone(), text.clone(), Provenance::Project);
                let text = Text::new(text);
                self.refer(&path, span);
                self.texts.insert(path, (file, text.clone()));
                Some((file, text))
            }
            Err(finding) => {
                self.diagnostics.push(*finding);
                None
            }
        }
    }
}

//! Types: every body against its schema, every value against its type, every name in a value resolved.
//!
//! A declaration becomes [`Typed`]: its bases with typed arguments, and its body as operations on fields. Nothing is
//! evaluated: parameters stay parameters until a use of the declaration gives them values (`flatten`). What is wrong is
//! reported here once, however often the declaration is used.

mod bases;
mod body;
pub mod cel;
mod elements;
mod entry;
mod env;
pub mod errors;
mod extent;
mod form_errors;
mod habit_errors;
mod head_errors;
mod heads;
mod into_entry;
pub mod literal;
mod mistakes;
mod name_errors;
mod named;
mod ops;
mod path;
mod program;
mod provider_schema;
mod repair;
mod scalar;
mod schema_decl;
mod schema_errors;
mod shape;
mod texts;
pub mod types;
mod val;
mod value;
mod value_errors;
mod word_errors;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostics::{Diagnostic, Diagnostics, Poison, Severity};
use crate::kinds;
use crate::resolve::{Ahead, DeclId, Names, ScopeId};
use crate::schema::{KindId, Schema, Type};
use crate::source::Span;
use crate::source::loader::{Loader, NoFiles};
use crate::syntax::ast::{Expr, Rest};
use crate::text::Text;
use env::Env;

pub use heads::Cond;
pub use literal::Size;
pub use ops::{Action, Allow, Body, EntryOp, FieldOp, FileRef, Item, Key, ListKind};
pub use program::Program;
pub(crate) use scalar::mask;
pub(crate) use scalar::scalar_at;
pub use schema_errors::ATTRIBUTES;
pub use shape::misfit;
pub use val::{AddressVal, FileText, Given, KeyedItem, NetworkOf, Part, Placed, Template, TypeRef, Val};

/// A typed declaration.
#[derive(Debug)]
pub struct Typed {
    /// Its parameters, in order.
    pub params: Vec<Param>,
    /// Its parent.
    pub parent: Option<Base>,
    /// Its mixins, left to right.
    pub mixins: Vec<Base>,
    /// The provider after `via`, own or inherited.
    pub via: Option<(DeclId, Span)>,
    /// Its own fields: those of its kind, and those its provider declares.
    pub schema: Arc<Schema>,
    /// The schema it declares, if its kind declares fields.
    pub declares: Option<Arc<Schema>>,
    /// What its body does.
    pub body: Arc<Body>,
    /// The file its body comes from.
    pub file: Option<Box<FileRef>>,
    /// For which targets it counts.
    pub cond: Option<Arc<Cond>>,
    /// What it says by itself depends on arguments or on the target.
    pub varies: bool,
    /// `when` and `require`, with the item they came from.
    pub clauses: Vec<(bool, Arc<ExprHolder>)>,
    /// What was wrong in it, and which of its bases were not found.
    pub poison: Poison,
}

/// An expression kept alive with the item that holds it.
#[derive(Debug)]
pub struct ExprHolder {
    /// The item, whose block holds the expression.
    item: Arc<crate::syntax::ast::Item>,
    /// Which item of the block.
    index: usize,
}

impl ExprHolder {
    /// The expression.
    pub fn expr(&self) -> Option<&Expr> {
        let Rest::Block(block) = &self.item.rest else { return None };
        if let Rest::Expr(expr) = &block.items.get(self.index)?.rest { Some(expr) } else { None }
    }
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name.
    pub name: Text,
    /// Where it is declared.
    pub span: Span,
    /// Its type.
    pub ty: Type,
    /// What it is when a use does not say.
    pub default: Option<Val>,
    /// Marked if its type could not be read: its uses are not judged.
    pub poison: Poison,
}

impl Param {
    /// A parameter of which only the name is known.
    fn untyped(name: Text, span: Span) -> Param {
        Param { name, span, ty: Type::Config, default: None, poison: Poison::WRONG }
    }
}

/// A parent or mixin with its arguments.
#[derive(Debug, Clone)]
pub struct Base {
    /// What is taken in.
    pub target: BaseTarget,
    /// Name and arguments.
    pub span: Span,
    /// Arguments by parameter name.
    pub args: Arc<Vec<(Text, Val)>>,
    /// For which targets it is taken in.
    pub cond: Option<Arc<Cond>>,
}

/// What a base is.
#[derive(Debug, Clone)]
pub enum BaseTarget {
    /// A declaration.
    Decl(DeclId),
    /// The block of a `let`, typed for the schema it is used with.
    Block(DeclId, Arc<Body>),
}

/// Types declarations at first use and remembers them, until everything is typed and [frozen](Types::freeze).
pub struct Types<'a> {
    /// The names.
    pub names: Names,
    /// What is wrong so far, from the reading of files on.
    pub findings: Diagnostics,
    loader: &'a dyn Loader,
    /// What is typed already, by declaration.
    memo: Vec<Option<Arc<Typed>>>,
    /// Declarations whose bases are being typed, with the place that asked for them.
    active: Vec<(DeclId, Span)>,
    /// How many things were not understood so far: errors, and names that may stand for something in what could not be read.
    wrong: usize,
    /// A field of a provider stands on the class that is being typed, and it has none.
    without_provider: bool,
    /// What the declaration inherits from whose body is being read, if all of it is known, and how many bodies deep that is.
    bases: Option<Vec<DeclId>>,
    depth: usize,
    /// How many patches deep the body is that is being read.
    patches: usize,
    /// How many lists deep the value is that is being read.
    elements: usize,
    /// How many values `let`s have put in so far, and how many they may.
    let_values: usize,
    most_let_values: usize,
    /// The fields of a kind with those of a provider: many classes have one.
    provided: FxHashMap<(KindId, DeclId), Arc<Schema>>,
    /// The `let`s whose values are being read.
    lets: Vec<DeclId>,
    /// The names of parameters that stand where there can be none, which is reported.
    lost_names: FxHashSet<Text>,
    /// Parameters that were used, by declaration and name.
    used_params: FxHashMap<(u32, u32), ()>,
    /// Files that patches, manifests and health checks take their content from, and whether they are read.
    files: Vec<(FileRef, bool)>,
    /// The path of some file has parameters in it.
    made_paths: bool,
    /// How many declarations are typed, in the order of their numbers.
    done: usize,
    /// How many `allow`s were read.
    allows: usize,
    /// Declarations with an `allow`, or that use something with one.
    silencing: Vec<DeclId>,
    /// The names of all fields and keys that some declaration says something of.
    written: FxHashSet<Text>,
}

impl<'a> Types<'a> {
    /// Over the names of a compilation, and what was found while they were read.
    pub fn new(names: Names, loader: &'a dyn Loader, findings: Diagnostics) -> Self {
        Types {
            names,
            findings,
            loader,
            memo: Vec::new(),
            active: Vec::new(),
            wrong: 0,
            provided: FxHashMap::default(),
            lets: Vec::new(),
            lost_names: FxHashSet::default(),
            let_values: 0,
            most_let_values: 0,
            patches: 0,
            bases: None,
            depth: 0,
            elements: 0,
            without_provider: false,
            used_params: FxHashMap::default(),
            files: Vec::new(),
            made_paths: false,
            done: 0,
            allows: 0,
            silencing: Vec::new(),
            written: FxHashSet::default(),
        }
    }

    /// Over the standard library alone.
    pub fn of_std() -> Types<'static> {
        Types::new(Names::default(), &NoFiles, Diagnostics::new())
    }

    /// Reads a file with all that it imports, and types it: its trees, which are larger than what they come to, are not needed any
    /// more when the next file is read. It may have been parsed ahead.
    pub fn load(&mut self, path: &str, ahead: Option<&Ahead<'_>>) -> Option<ScopeId> {
        let scope = self.names.load(self.loader, ahead, path, &mut self.findings);
        self.type_loaded();
        scope
    }

    fn type_loaded(&mut self) {
        // What is typed names more of the standard library.
        while self.done < self.names.count() {
            let typed = self.typed(DeclId(self.done as u32));
            self.done += 1;
            typed.body.note_names(&mut self.written);
            for base in &typed.mixins {
                if let BaseTarget::Block(_, body) = &base.target {
                    body.note_names(&mut self.written);
                }
            }
        }
    }

    /// The names of all fields and keys that some declaration says something of, once everything is typed.
    pub fn written(&self) -> &FxHashSet<Text> {
        &self.written
    }

    /// Types everything that was declared, what that names of the standard library included, and reads the files that it
    /// refers to.
    pub fn type_all(&mut self) {
        self.type_loaded();
        for (file, read) in std::mem::take(&mut self.files) {
            if !read {
                self.names.refer(file.path.as_deref().unwrap_or(&file.written), file.span);
            } else if let Err(finding) =
                self.names.read_text(self.loader, file.scope, &file.written, file.span)
            {
                self.report(*finding);
            }
        }
    }

    /// Everything that is typed, as it stays, and what was found. What is still untyped is typed before.
    pub fn freeze(mut self) -> (Program, Diagnostics) {
        self.type_all();
        let findings = extent::bound(&self.names, &mut self.memo);
        findings.into_iter().for_each(|finding| self.report(finding));
        (Program::new(self.names, self.memo, self.silencing, self.made_paths), self.findings)
    }

    /// A declaration with names resolved and values typed.
    pub fn typed(&mut self, id: DeclId) -> Arc<Typed> {
        let at = id.0 as usize;
        if let Some(Some(typed)) = self.memo.get(at) {
            return typed.clone();
        }
        let allows = self.allows;
        let typed = Arc::new(self.type_declaration(id));
        if self.allows > allows {
            self.silencing.push(id);
        }
        if self.memo.len() <= at {
            self.memo.resize(self.names.count(), None);
        }
        self.memo[at] = Some(typed.clone());
        typed
    }

    pub(crate) fn report(&mut self, finding: Diagnostic) {
        self.wrong += usize::from(finding.severity == Severity::Error);
        self.findings.push(finding);
    }

    fn type_declaration(&mut self, id: DeclId) -> Typed {
        let decl = self.names.decl(id).clone();
        let def = kinds::get(decl.kind);
        let before = self.wrong;
        let params = self.params(&decl);
        let mut heads = self.bases(id, &decl, &params);
        let (schema, declares) = self.schemas(&decl, &mut heads);
        let mixes = bases::mixable(decl.kind);
        let env = Env {
            scope: decl.scope,
            params: &params,
            mixes: &mixes,
            depth: 0,
            poison: heads.poison,
            spot: env::Spot::default(),
        };
        let mixins = self.let_blocks(heads.mixins, &schema, &env);
        let outer = std::mem::take(&mut self.without_provider);
        let body = self.body_over(&decl, heads.parent.iter().chain(&mixins), (&schema, &env));
        let without_provider = std::mem::replace(&mut self.without_provider, outer);
        let clauses = if def.clauses { bases::clauses(&decl.item) } else { Vec::new() };
        self.warn_unused_params(&decl, &params);
        let bases = heads.parent.iter().chain(&mixins).chain(&body.mixins);
        let varies = !params.is_empty()
            || bases.into_iter().any(|base| base.cond.is_some() || !base.args.is_empty())
            || body.has_conditions();
        let poison = heads.poison
            | Poison::SCHEMA_LOST.when(without_provider)
            | Poison::WRONG.when(decl.item.broken || self.wrong > before);
        if decl.kind == kinds::MACHINE {
            drop(decl);
            self.names.forget_body(id);
        }
        Typed {
            parent: heads.parent,
            mixins,
            via: heads.via,
            schema,
            declares,
            body: Arc::new(body),
            file: heads.file.map(Box::new),
            cond: heads.cond,
            varies,
            clauses,
            poison,
            params,
        }
    }
}

//! Files of which the paths have parameters in them: `patch env file "./patches/${site}.yaml"`.
//!
//! Their paths show only where the parameters are known, and files are read before anything is placed. So where a source has such a
//! path, every use of every declaration is flattened once for the paths alone, and what they lead to is read.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::{Args, Cx, Fields, Flat, Flattener, Mode, Slotted};
use crate::diagnostics::Diagnostics;
use crate::kinds;
use crate::resolve::DeclId;
use crate::source::Span;
use crate::source::loader::{Loader, join};
use crate::syntax::ast::MarkKind;
use crate::text::Text;
use crate::typing::{EntryOp, FileRef, FileText, Program, Val, scalar_at};

/// Files that are found, each once, and whether they are read.
pub(super) type Wanted = IndexMap<(Text, Span), (FileRef, bool), FxBuildHasher>;

/// Reads the files of which the paths have parameters in them, and reports those that cannot be had.
pub fn read_made_paths(program: Program, loader: &dyn Loader, findings: &mut Diagnostics) -> Program {
    if !program.made_paths {
        return program;
    }
    let program = Arc::new(program);
    let mut flattener = Flattener::new(program.clone(), Diagnostics::new());
    flattener.wanted = Some(Wanted::default());
    let mut seen = FxHashSet::default();
    for id in program.names.project_decls() {
        let needs_arguments = program.typed(id).params.iter().any(|param| param.default.is_none());
        if program.names.decl(id).kind != kinds::LET && !needs_arguments {
            flattener.reach(id, &Args::default(), &mut seen);
        }
    }
    let wanted = flattener.wanted.take().unwrap_or_default();
    drop(flattener);
    // INVARIANT: the flattener had the only other share of it.
    let mut program = Arc::into_inner(program).expect("nothing else holds the program");
    for (file, read) in wanted.into_values() {
        if !read {
            program.names.refer(file.path.as_deref().unwrap_or(&file.written), file.span);
        } else if let Err(mut finding) = program.names.read_text(loader, file.scope, &file.written, file.span)
        {
            // What it would write is no path with parameters.
            finding.edits.clear();
            findings.push(*finding);
        }
    }
    program
}

impl Flattener {
    /// Flattens a use of a declaration, and what its fields name.
    fn reach(&mut self, id: DeclId, args: &Args, seen: &mut FxHashSet<(DeclId, u32)>) {
        if !seen.insert((id, self.number_of(args))) {
            return;
        }
        let flat = self.flat(id, args, None);
        self.file_of(&flat);
        self.reach_fields(&flat.fields, seen);
    }

    fn reach_fields(&mut self, fields: &Fields, seen: &mut FxHashSet<(DeclId, u32)>) {
        for (_, slot) in fields.iter() {
            match &slot.value {
                Slotted::Leaf(val) => self.reach_value(val, seen),
                Slotted::List(list) => list.items.iter().for_each(|elem| self.reach_value(&elem.val, seen)),
                Slotted::Map(inner) => self.reach_fields(inner, seen),
                Slotted::Unset | Slotted::Removed | Slotted::Deleted => {}
            }
        }
    }

    fn reach_value(&mut self, val: &Val, seen: &mut FxHashSet<(DeclId, u32)>) {
        if let Val::Ref(id, args) = val {
            self.reach(*id, args, seen);
        }
    }

    /// The file of a declaration, as its arguments make its path.
    pub fn file_of(&mut self, flat: &Flat) -> Option<FileRef> {
        let typed = self.types.typed(flat.decl);
        let file = typed.file.as_deref()?;
        let args = flat.lineage.last().map(|(_, args)| args.clone()).unwrap_or_default();
        let cx =
            Cx { owner: flat.decl, args: &args, talos: None, mode: Mode::Strict, varies: true, only: None };
        let elsewhere =
            self.types.names.decl(flat.decl).item.marks.iter().any(|mark| is_elsewhere(mark.kind));
        self.file(file, elsewhere, cx)
    }

    /// A named block with the path of its file as the arguments make it.
    pub(super) fn with_file(&mut self, entry: &Arc<EntryOp>, cx: Cx<'_>) -> Arc<EntryOp> {
        let Some(file) = entry.file.as_ref().filter(|file| file.template.is_some()) else {
            return entry.clone();
        };
        let elsewhere = entry.marks.iter().any(|mark| is_elsewhere(mark.0));
        let file = self.file(file, elsewhere, cx);
        Arc::new(EntryOp { file, ..EntryOp::clone(entry) })
    }

    /// The text of a file.
    pub(super) fn file_text(&mut self, text: &FileText, cx: Cx<'_>) -> Val {
        let Some(file) = self.file(&text.file, false, cx) else { return Val::Error };
        // What cannot be read is reported where it was tried.
        let Some((_, read)) = self.types.names.text(file.scope, &file.written) else { return Val::Error };
        let sources = &self.types.names.sources;
        scalar_at(sources, &read, file.span, &text.ty.0, true).unwrap_or_else(|findings| {
            findings.into_iter().for_each(|finding| self.report(finding));
            Val::Error
        })
    }

    /// A file with its path as the arguments make it.
    fn file(&mut self, file: &FileRef, elsewhere: bool, cx: Cx<'_>) -> Option<FileRef> {
        let Some(template) = &file.template else { return Some(file.clone()) };
        let written = self.text(template, cx)?;
        let path = join(self.types.names.path(file.scope), &written).map(Text::from);
        let made = FileRef { written, path, template: None, ..file.clone() };
        if let Some(wanted) = &mut self.wanted {
            wanted.entry((made.written.clone(), made.span)).or_insert_with(|| (made.clone(), !elsewhere));
        }
        Some(made)
    }
}

fn is_elsewhere(mark: MarkKind) -> bool {
    matches!(mark, MarkKind::Secret | MarkKind::External)
}

//! Reads files and their imports, and enters their declarations.

use super::ahead::{Ahead, Parsed};
use super::file_errors::{self, Reference, Request};
use super::{Decl, DeclId, Import, Names, Scope, ScopeId, Target, bodies, errors};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::kinds;
use crate::source::loader::{LoadError, Loader, join};
use crate::source::{FileId, Provenance, Span};
use crate::syntax::ast::{Ast, Item, MarkKind, ModifierKind, Rest, ValueKind, WordForm};
use crate::syntax::{self, is_dash};
use crate::text::Text;
use crate::world::stdlib;

/// How many files may import each other in a row: they are read on the stack.
const MAX_IMPORTS: usize = 128;

/// A step of the chain of imports that is being read.
struct Step {
    path: String,
    import: Option<Span>,
}

/// Reads files into a table of names.
struct Reader<'r> {
    names: &'r mut Names,
    loader: &'r dyn Loader,
    /// What is parsed already.
    ahead: Option<&'r Ahead<'r>>,
    findings: &'r mut Diagnostics,
    /// From the entry to the file that is being read.
    chain: Vec<Step>,
}

impl Names {
    /// Reads an entry file with everything it imports. A file that was read before is not read again.
    pub fn load(
        &mut self,
        loader: &dyn Loader,
        ahead: Option<&Ahead<'_>>,
        path: &str,
        findings: &mut Diagnostics,
    ) -> Option<ScopeId> {
        Reader { names: self, loader, ahead, findings, chain: Vec::new() }.file(path, None)
    }

    /// What is wrong with imports that nothing was taken from.
    pub fn unused_imports(&self) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        for scope in &self.scopes {
            if scope.incomplete {
                continue;
            }
            for import in scope.imports.iter().filter(|import| !import.used) {
                if let Target::Scope(other) = import.target {
                    // A file of clusters is imported to be built along, and so is one of classes: they are written.
                    let other = &self.scopes[other.0 as usize];
                    let built_along = |decl: &Decl| {
                        let written = decl.kind == kinds::CLASS && !decl.is_abstract && !decl.is_extern;
                        written || kinds::get(decl.kind).root
                    };
                    if other.incomplete
                        || other.order.iter().any(|id| built_along(&self.decls[id.0 as usize]))
                    {
                        continue;
                    }
                }
                out.push(errors::unused_import(import.span, self.sources.removal(import.span)));
            }
        }
        out
    }

    /// The version of talosc that a file asks for, as written.
    pub fn requirement(&self, scope: ScopeId) -> Option<&(Text, Span)> {
        self.scopes[scope.0 as usize].requires.as_ref()
    }

    /// The declaration of the project that a place lies in: declarations stand in their file in order, and in none another.
    pub fn declaration_at(&self, at: Span) -> Option<DeclId> {
        let scope = self.scopes.get(self.by_path.get(&self.sources.file(at.file).name)?.0 as usize)?;
        // A file may also be read as a text.
        let order = scope.order.as_slice();
        let item = |id: &DeclId| self.decls[id.0 as usize].item.span;
        let behind = order.partition_point(|id| item(id).start <= at.start);
        let id = order[..behind].last().filter(|id| item(id).contains(at))?;
        Some(*id)
    }

    /// Whether names of a file may have been lost, so that what is not found in it, or not used by it, is not known.
    pub fn is_incomplete(&self, scope: ScopeId) -> bool {
        self.scopes[scope.0 as usize].incomplete
    }
}

impl Reader<'_> {
    fn file(&mut self, path: &str, import: Option<Span>) -> Option<ScopeId> {
        if let Some(&scope) = self.names.by_path.get(path) {
            return Some(scope);
        }
        let (file, ast, mut found) = match self.parse(path) {
            Ok(parsed) => parsed,
            Err(error) => {
                let by = import.zip(self.chain.last());
                let by = by.map(|(span, step)| Reference::at(&self.names.sources, &step.path, span));
                // Where it is imported is a better place than none, whichever is met first.
                let alone = file_errors::not_loaded(&Request { path, by: None }, &error);
                match by {
                    Some(_) => {
                        self.findings.retain(|said| !said.labels.is_empty() || said.message != alone.message);
                        self.names.refused.insert(path.to_owned());
                        self.findings.push(file_errors::not_loaded(&Request { path, by }, &error));
                    }
                    None if self.names.refused.contains(path) => {}
                    None => self.findings.push(alone),
                }
                return None;
            }
        };
        let incomplete = found.has_errors();
        let items = bodies::gather(&self.names.sources, ast.items, &mut found);
        without_control(&items, &mut found);
        once(&mut found);
        found = as_written_here(self.names.sources.file(file).text(), found);
        self.names.note_rewrites(&found);
        self.findings.append(found);
        let scope = ScopeId(self.names.scopes.len() as u32);
        self.names.scopes.push(Scope {
            path: path.to_string(),
            file: Some(file),
            incomplete,
            ..Scope::default()
        });
        self.names.by_path.insert(path.to_string(), scope);
        self.chain.push(Step { path: path.to_string(), import });
        let mut comma = None;
        for item in items {
            // Nothing more would be said of it.
            if self.findings.is_full() {
                self.names.scopes[scope.0 as usize].incomplete = true;
                break;
            }
            // A list of parents: the part after the comma has been taken for an item of its own.
            let second = comma.take().filter(|&(_, end)| self.after_comma(file, end, &item));
            let extends = item.modifiers.iter().rfind(|modifier| modifier.kind == ModifierKind::Extends);
            comma = extends.map(|modifier| (modifier.span.to(item.span), item.span.end));
            match second {
                // The third is one more of the same.
                Some((first, end)) if first.is_empty() => comma = Some((first, end.max(item.span.end))),
                Some((first, end)) => {
                    comma = Some((first.at_start(), item.span.end));
                    let gap = Span { start: end, end: item.span.start, ..first };
                    self.findings.push(errors::parent_after_comma(
                        item.words[0].span,
                        first,
                        gap,
                        item.words[0].text == "with",
                    ));
                    self.names.scopes[scope.0 as usize].incomplete = true;
                }
                None => self.top_level(scope, item),
            }
        }
        self.chain.pop();
        self.check_flat_names(scope);
        Some(scope)
    }

    /// The tree of a file, and what is wrong with it.
    fn parse(&mut self, path: &str) -> Result<(FileId, Ast, Diagnostics), LoadError> {
        if let Some(parsed) = self.ahead.and_then(|ahead| ahead.take(path)) {
            let Parsed { file, text, tree, findings } = parsed?;
            self.names.sources.fill(file, text);
            return Ok((file, tree, findings));
        }
        let file = self.names.sources.add(path, self.loader.read(path)?, Provenance::Project);
        let mut findings = Diagnostics::new();
        let tree = syntax::parse(file, self.names.sources.file(file).text(), &mut findings);
        Ok((file, tree, findings))
    }

    /// Whether an item is a lone name that follows a comma at `end`, and no kind.
    fn after_comma(&self, file: FileId, end: u32, item: &Item) -> bool {
        let gap = Span { file, start: end, end: item.span.start };
        kinds::by_name(&item.words[0].text).is_none()
            && item.words.len() == 1
            && self.names.sources.text(gap).trim() == ","
    }

    fn top_level(&mut self, scope: ScopeId, item: Item) {
        let word = item.words[0].text.clone();
        if word == "import" && item.words.len() > 1 {
            return self.import(scope, &item);
        }
        if word == "talosc"
            && let Rest::Assign(_, _, value) = &item.rest
        {
            if let ValueKind::Str(text) = &value.kind {
                self.names.scopes[scope.0 as usize].requires = Some((text.clone(), value.span));
            } else {
                self.findings.push(errors::requirement_not_text(value.span));
            }
            return;
        }
        if word == "import" {
            let texts = quoted_in(self.names.sources.text(item.span));
            if !item.broken {
                self.findings.push(errors::imports_shape(&item, &texts));
            }
            self.names.scopes[scope.0 as usize].incomplete = true;
            return;
        }
        let Some(kind) = kinds::by_name(&word) else {
            // Dashes of YAML are said where they were read.
            if !is_dash(&word) {
                self.findings.push(errors::unknown_kind(&item));
            }
            self.names.scopes[scope.0 as usize].incomplete = true;
            return;
        };
        for mark in &item.marks {
            if !kind.marks.contains(&mark.kind) {
                // What stands between the mark and the next word goes with it.
                let next = item.marks.iter().map(|mark| mark.span).find(|at| at.start > mark.span.start);
                let next = next.unwrap_or(item.words[0].span);
                self.findings.push(errors::mark_does_not_fit(mark, kind, next));
            }
        }
        if !kind.nameless && item.words.get(1).is_none_or(|name| name.text.is_empty()) {
            if !item.broken {
                self.findings.push(errors::name_missing(&item, kind));
            }
            // What it would have declared is not known.
            self.names.doubled.insert(kind.id);
            return;
        }
        if let Some(extra) = item.words.get(if kind.nameless { 1 } else { 2 }).filter(|_| !item.broken) {
            if !kind.nameless && MarkKind::of(&item.words[1].text).is_some() {
                self.findings.push(errors::mark_behind(&item.words[1], extra, &item.words[0]));
                self.names.scopes[scope.0 as usize].incomplete = true;
                return;
            }
            self.findings.push(errors::extra_word(
                extra,
                &item.words[1.min(item.words.len() - 1)],
                kind,
                &item.rest,
            ));
        }
        let id = self.names.declare(scope, kind.id, item);
        let decl = &self.names.decls[id.0 as usize];
        let key = (kind.id, decl.name.clone());
        let own = &mut self.names.scopes[scope.0 as usize];
        match own.own.get(&key) {
            Some(&first) => {
                let first = self.names.decls[first.0 as usize].span;
                let finding = errors::declared_twice(&self.names.decls[id.0 as usize], kind, first);
                self.findings.push(finding);
                self.names.doubled.insert(kind.id);
            }
            None => {
                own.own.insert(key, id);
                own.order.push(id);
            }
        }
    }

    fn import(&mut self, scope: ScopeId, item: &Item) {
        let word = &item.words[1];
        let alias = item
            .modifiers
            .iter()
            .find(|modifier| modifier.kind == ModifierKind::As)
            .map(|modifier| modifier.uses[0].word.text.clone());
        let other = item.modifiers.iter().any(|modifier| modifier.kind != ModifierKind::As);
        let plain = item.marks.is_empty() && item.args.is_none() && !other;
        if !matches!(item.rest, Rest::Nothing) || item.words.len() > 2 || !plain {
            let path = item.words[1..].iter().rev().find(|word| word.text.contains('/'));
            self.findings.push(errors::import_shape(item, path));
            self.names.scopes[scope.0 as usize].incomplete = true;
            return;
        }
        if let WordForm::Template(_) = word.form {
            self.findings.push(errors::import_put_together(word));
            self.names.scopes[scope.0 as usize].incomplete = true;
            return;
        }
        let target = match word.text.strip_prefix("std/") {
            Some(module) => match stdlib::module(module) {
                Some(module) => Target::Module(module.name),
                None => {
                    self.findings.push(errors::unknown_module(word, module));
                    Target::Unknown
                }
            },
            None => self.import_file(scope, &word.text.clone(), word.span),
        };
        let here = &mut self.names.scopes[scope.0 as usize];
        here.incomplete |= target == Target::Unknown;
        if let Some(first) =
            here.imports.iter().find(|other| other.target == target && target != Target::Unknown)
        {
            let finding =
                errors::imported_twice(item.span, first.span, self.names.sources.removal(item.span));
            self.findings.push(finding);
            return;
        }
        here.imports.push(Import { span: item.span, alias, target, used: false });
    }

    fn import_file(&mut self, scope: ScopeId, written: &str, span: Span) -> Target {
        let importing = self.names.scopes[scope.0 as usize].path.clone();
        if !written.starts_with("./") && !written.starts_with("../") && !written.starts_with('/') {
            self.findings.push(errors::import_not_relative(span, written));
            return Target::Unknown;
        }
        let Some(path) = join(&importing, written) else {
            let by = Some(Reference::at(&self.names.sources, &importing, span));
            let request = Request { path: written, by };
            self.findings.push(file_errors::not_loaded(&request, &LoadError::Outside));
            return Target::Unknown;
        };
        if let Some(position) = self.chain.iter().position(|step| step.path == path) {
            let hops: Vec<Span> = self.chain[position + 1..].iter().filter_map(|step| step.import).collect();
            let names: Vec<String> = self.chain[position..].iter().map(|step| step.path.clone()).collect();
            self.findings.push(errors::import_cycle(span, &hops, &names));
            return Target::Unknown;
        }
        if self.chain.len() >= MAX_IMPORTS {
            self.findings.push(errors::imports_too_deep(span, MAX_IMPORTS));
            return Target::Unknown;
        }
        match self.file(&path, Some(span)) {
            Some(scope) => Target::Scope(scope),
            None => Target::Unknown,
        }
    }

    /// A name that comes in flat twice, or hides one of the file's own, is shown with both places.
    fn check_flat_names(&mut self, scope: ScopeId) {
        let mut seen: super::NameTable = self.names.scopes[scope.0 as usize].own.clone();
        let mut clashing: Vec<ScopeId> = Vec::new();
        let flat: Vec<ScopeId> = self.names.scopes[scope.0 as usize]
            .imports
            .iter()
            .filter(|import| import.alias.is_none())
            .filter_map(|import| match import.target {
                Target::Scope(other) => Some(other),
                Target::Module(_) | Target::Unknown => None,
            })
            .collect();
        for other in flat {
            for id in self.names.scopes[other.0 as usize].order.clone() {
                let decl = &self.names.decls[id.0 as usize];
                if kinds::get(decl.kind).nameless {
                    continue;
                }
                if let Some(first) = seen.insert((decl.kind, decl.name.clone()), id) {
                    clashing.push(other);
                    let finding = errors::imported_name_clash(
                        decl,
                        kinds::get(decl.kind),
                        &self.names.decls[first.0 as usize],
                    );
                    self.findings.push(finding);
                }
            }
        }
        // Whether such an import is of use is decided when the names are.
        for import in &mut self.names.scopes[scope.0 as usize].imports {
            import.used |= clashing.iter().any(|&other| import.target == Target::Scope(other));
        }
    }
}

/// What one finding of the syntax rewrites is not found wrong once more, and a template engine that was not run is one mistake.
fn once(found: &mut Diagnostics) {
    let hull = |finding: &Diagnostic| {
        let several = finding.code == Code::Syntax && finding.edits.len() > 2;
        let all = finding.edits.iter().filter(|_| several).map(|edit| edit.span);
        all.reduce(|all, edit| Span { start: all.start.min(edit.start), end: all.end.max(edit.end), ..all })
    };
    let hulls: Vec<Span> = found.iter().filter_map(hull).take(64).collect();
    let mut template = false;
    found.retain(|finding| {
        let again = template && finding.edits.is_empty() && syntax::is_template(finding);
        template |= finding.edits.is_empty() && syntax::is_template(finding);
        let Some(at) = finding.primary() else { return true };
        let own = hull(finding);
        let rewritten = syntax::foreign(finding).is_some()
            && hulls.iter().any(|hull| Some(*hull) != own && hull.contains(at));
        !again && !rewritten
    });
}

/// Says how YAML that was put into a file is written here, where it is of a kind that is known.
fn as_written_here(text: &str, mut found: Diagnostics) -> Diagnostics {
    let better = |finding: &Diagnostic| {
        let at = finding.primary()?.start as usize;
        match syntax::foreign(finding)? {
            syntax::Foreign::Document => kinds::pasted::document(&text[at..]),
            syntax::Foreign::Block => {
                let line = text[..at].rsplit('\n').next()?;
                let below = text[at..].split_once('\n')?.1;
                (!line.starts_with([' ', '\t'])).then(|| kinds::pasted::block(line, below)).flatten()
            }
            syntax::Foreign::List => {
                let above = text[..at].trim_end().rsplit('\n').next()?.trim();
                kinds::pasted::list(above.strip_suffix(':')?, &text[at..])
            }
        }
    };
    if found.iter().all(|finding| better(finding).is_none()) {
        return found;
    }
    let said = found.take().into_iter().map(|finding| match better(&finding) {
        Some(help) => Diagnostic { edits: Vec::new(), ..finding }.help(help),
        None => finding,
    });
    said.collect::<Vec<_>>().into()
}

/// The texts between quotes in a piece of the source.
fn quoted_in(text: &str) -> Vec<String> {
    text.split(['"', '\'']).skip(1).step_by(2).map(str::to_owned).collect()
}

/// A loop or a condition is one mistake, whatever else of another language stands in it.
fn without_control(items: &[Item], found: &mut Diagnostics) {
    let spans: Vec<Span> =
        items.iter().filter(|item| kinds::is_control(&item.words[0].text)).map(|item| item.span).collect();
    if !spans.is_empty() {
        let inside = |at: Span| spans.iter().any(|span| span.contains(at) && span.start != at.start);
        found.retain(|finding| finding.primary().is_none_or(|at| !inside(at)));
    }
}

/// Finds and reads a file that a value refers to.
pub(super) fn referenced(
    names: &Names,
    loader: &dyn Loader,
    scope: ScopeId,
    written: &str,
    span: Span,
) -> Result<(String, String), Box<Diagnostic>> {
    let importing = names.path(scope);
    let by = Some(Reference { importing, written, span });
    let refused = |path: &str, error| Box::new(file_errors::not_loaded(&Request { path, by }, &error));
    let path = join(importing, written).ok_or_else(|| refused(written, LoadError::Outside))?;
    let text = loader.read(&path).map_err(|error| refused(&path, error))?;
    Ok((path, text))
}

//! How a field at the end of a path is decided in a body, in the words of the language.

use crate::schema::{Entries, Schema, Type};
use crate::syntax::write::{self, Keyed};
use crate::text::Text;
use crate::world::config::is_free;

/// `override kernel.sysctls."vm.swappiness" = …`, or in blocks where a path cannot pass: `patch a { override machine.type = … }`.
pub(crate) fn deciding(schema: &Schema, path: &[Text]) -> String {
    let mut statement = Statement::default();
    statement.fields(schema, path);
    statement.open_path();
    let last = statement.blocks.pop().unwrap_or_default();
    write::nested(&statement.blocks, format!("override {last} = …"))
}

/// What was said so far: the blocks that are open, and the path in the innermost.
#[derive(Default)]
struct Statement {
    blocks: Vec<String>,
    path: Vec<(Text, Keyed)>,
}

impl Statement {
    fn push(&mut self, name: &Text) {
        self.path.push((name.clone(), Keyed::Field));
    }

    fn fields(&mut self, schema: &Schema, path: &[Text]) {
        let Some((first, rest)) = path.split_first() else { return };
        let ty = schema.field(first).map(|field| &field.ty);
        if let (Some(Type::Entries(entries)), [name, rest @ ..]) = (ty, rest) {
            self.open_path();
            self.blocks.push(head(first, name, entries));
            return match entries.config {
                true => self.config("", rest),
                false => self.fields(&entries.schema, rest),
            };
        }
        self.push(first);
        match (ty, rest) {
            (_, []) => {}
            (Some(Type::Block(inner)), _) => self.fields(inner, rest),
            (Some(Type::Config), _) => self.config(first, rest),
            (Some(Type::Map(..)), [key]) => self.path.push((key.clone(), Keyed::Key)),
            (Some(Type::Map(inner, _)), [key, rest @ ..]) => {
                self.open_path();
                self.blocks.push(write::key(key).into_owned());
                if let Type::Block(inner) = &**inner {
                    self.fields(inner, rest);
                }
            }
            (Some(Type::Keyed(keyed)), [key, rest @ ..]) => {
                self.open_path();
                self.push(key);
                if !rest.is_empty() {
                    self.open_path();
                    self.fields(&keyed.schema, rest);
                }
            }
            _ => rest.iter().for_each(|key| self.push(key)),
        }
    }

    /// The rest of a path in configuration that is typed elsewhere, behind the field `parent`.
    fn config(&mut self, parent: &str, path: &[Text]) {
        let mut parent = parent;
        let mut free = false;
        for (i, name) in path.iter().enumerate() {
            self.push(name);
            let last = i + 1 == path.len();
            // A path may end with a key, but not go through one.
            if free && !last {
                let key = self.path.pop();
                self.open_path();
                self.path.extend(key);
                self.open_path();
            }
            free = !free && is_free(parent, name);
            parent = name;
        }
    }

    /// The path so far as the head of a block, or of several where no path can pass.
    fn open_path(&mut self) {
        let path = std::mem::take(&mut self.path);
        self.blocks.extend(write::heads(path.iter().map(|(name, keyed)| (name.as_str(), *keyed))));
    }
}

/// `patch a`, `document UserVolumeConfig ceph`, `workers`
fn head(word: &str, name: &str, entries: &Entries) -> String {
    if entries.default_name.as_deref() == Some(name) {
        return word.to_string();
    }
    match name.split_once('/').filter(|_| entries.qualified) {
        Some((kind, "")) => format!("{word} {kind}"),
        Some((kind, name)) => format!("{word} {kind} {}", write::name(name)),
        None => format!("{word} {}", write::name(name)),
    }
}

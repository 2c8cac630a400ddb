//! How a field at the end of a path is decided in a body, in the words of the language.

use crate::schema::{Entries, Schema, Type};
use crate::text::Text;
use crate::world::config::is_free;

/// `override kernel.sysctls."vm.swappiness" = …`, or in blocks where a path cannot pass: `patch a { override machine.type = … }`.
pub(crate) fn deciding(schema: &Schema, path: &[Text]) -> String {
    let mut statement = Statement::default();
    statement.fields(schema, path);
    let inner = format!("override {} = …", statement.path.join("."));
    statement.blocks.iter().rev().fold(inner, |inner, head| format!("{head} {{ {inner} }}"))
}

/// What was said so far: the blocks that are open, and the path in the innermost.
#[derive(Default)]
struct Statement {
    blocks: Vec<String>,
    path: Vec<String>,
}

impl Statement {
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
        self.path.push(quoted(first));
        match (ty, rest) {
            (_, []) => {}
            (Some(Type::Block(inner)), _) => self.fields(inner, rest),
            (Some(Type::Config), _) => self.config(first, rest),
            // Where its key begins a path is told by quotes alone.
            (Some(Type::Map(..)), [key]) => self.path.push(literal(key)),
            (Some(Type::Map(inner, _)), [key, rest @ ..]) => {
                self.open_path();
                self.blocks.push(named(key));
                if let Type::Block(inner) = &**inner {
                    self.fields(inner, rest);
                }
            }
            (Some(Type::Keyed(keyed)), [key, rest @ ..]) => {
                self.open_path();
                self.path.push(quoted(key));
                if !rest.is_empty() {
                    self.open_path();
                    self.fields(&keyed.schema, rest);
                }
            }
            _ => self.path.extend(rest.iter().map(|key| quoted(key))),
        }
    }

    /// The rest of a path in configuration that is typed elsewhere, behind the field `parent`.
    fn config(&mut self, parent: &str, path: &[Text]) {
        let mut parent = parent;
        let mut free = false;
        for (i, name) in path.iter().enumerate() {
            self.path.push(quoted(name));
            let last = i + 1 == path.len();
            // A path may end with a key, but not go through one.
            if free && !last {
                let key = self.path.pop();
                self.open_path();
                self.blocks.extend(key);
            }
            free = !free && is_free(parent, name);
            parent = name;
        }
    }

    /// The path so far as the head of a block.
    fn open_path(&mut self) {
        if !self.path.is_empty() {
            let head = self.path.join(".");
            self.path.clear();
            self.blocks.push(head);
        }
    }
}

/// `patch a`, `document UserVolumeConfig ceph`, `workers`
fn head(word: &str, name: &str, entries: &Entries) -> String {
    if entries.default_name.as_deref() == Some(name) {
        return word.to_string();
    }
    match name.split_once('/').filter(|_| entries.qualified) {
        Some((kind, "")) => format!("{word} {kind}"),
        Some((kind, name)) => format!("{word} {kind} {}", named(name)),
        None => format!("{word} {}", named(name)),
    }
}

/// A segment of a path.
fn quoted(name: &str) -> String {
    let bare =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if bare { name.to_string() } else { literal(name) }
}

/// A name of its own: dots and slashes may stand in it.
fn named(name: &str) -> String {
    let bare = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'));
    if bare { name.to_string() } else { literal(name) }
}

fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${"))
}

//! Every field of a node, at every level, for every birth and target: the leaf that is said is in the configuration of each machine that
//! the level reaches, once, and in no other.
//!
//! A program says all fields, each at one level, some again at a lower one. What talosc refuses there is taken out and tried in another
//! program; a field that is never compared at a level is named.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::Failed;
use talosc::kinds::{self, ROLE};
use talosc::schema::{Schema, Type};

use super::fields::{NOWHERE, ROWS, Row, UNSAID};
use super::program::{Item, Level, Program, accepted, shrink};
use super::{Merged, Tally, compare, compiled, leaf};
use crate::judge::{Judges, MINORS, PREVIEW};

/// The paths of the fields of a schema, without those that only hold others.
fn paths(schema: &Schema, before: &str, out: &mut BTreeSet<String>) {
    for (name, field) in &schema.fields {
        let path = format!("{before}{name}");
        let below = format!("{path}.");
        let inner = match &field.ty {
            Type::Block(inner) if matches!(path.as_str(), "link.bond") => Some((inner, true)),
            Type::Block(inner) => Some((inner, false)),
            Type::Map(inner, _) | Type::List(inner) => match &**inner {
                Type::Block(inner) => Some((inner, true)),
                _ => None,
            },
            Type::Keyed(keyed) => Some((&keyed.schema, true)),
            Type::Entries(entries) => Some((&entries.schema, true)),
            _ => None,
        };
        if let Some((inner, _)) = inner {
            paths(inner, &below, out);
        }
        if inner.is_none_or(|(_, itself)| itself) {
            out.insert(path);
        }
    }
}

/// Every field of a node is in one of the two tables.
pub(crate) fn every_field_has_a_row(_: &mut Judges) -> Result<(), Failed> {
    let mut known = BTreeSet::new();
    paths(&kinds::get(ROLE).schema, "", &mut known);
    let nowhere: BTreeSet<String> = NOWHERE.iter().map(|(path, _)| path.to_string()).collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.field.to_owned()).collect();
    let both: Vec<_> = rows.intersection(&nowhere).collect();
    assert!(both.is_empty(), "in both tables: {both:?}");
    let listed: BTreeSet<String> = rows.union(&nowhere).cloned().collect();
    let (new, old): (Vec<_>, Vec<_>) =
        (known.difference(&listed).collect(), listed.difference(&known).collect());
    assert!(
        new.is_empty() && old.is_empty(),
        "fields of a node without a row: {new:?}; rows without a field: {old:?}"
    );
    Ok(())
}

/// Something that is said of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) row: usize,
    pub(super) level: Level,
    /// The number that nothing else has.
    pub(super) number: usize,
    /// Which of several words is taken.
    pub(super) choice: usize,
    /// The number of what it says again.
    pub(super) again: Option<usize>,
}

impl Said {
    fn row(&self) -> &'static Row {
        &ROWS[self.row]
    }

    /// No address of the services of a cluster begins with one of these.
    fn digits(&self) -> String {
        (112 + self.number).to_string()
    }

    fn fill(&self, text: &str) -> String {
        let row = 900 + self.row;
        text.replace('#', &self.digits())
            .replace('%', &row.to_string())
            .replace('~', &format!("{:02x}", self.number))
    }

    /// A text with one of its words, and the word.
    fn chosen(&self, text: &str) -> (String, String) {
        let inner = text.split_once('<').and_then(|(head, rest)| Some((head, rest.split_once('>')?)));
        let Some((head, (words, tail))) = inner else { return (self.fill(text), String::new()) };
        let words: Vec<&str> = words.split('|').collect();
        let word = words[self.choice % words.len()];
        (self.fill(&format!("{head}{word}{tail}")), word.to_owned())
    }

    pub(super) fn item(&self) -> Item {
        let row = self.row();
        let line = if self.again.is_some() { row.again } else { row.line };
        Item {
            level: self.level,
            mark: self.digits(),
            top: self.fill(row.top),
            line: self.chosen(line).0,
            file: None,
        }
    }

    /// The leaves that it comes to, each in all of its forms.
    fn leaves(&self) -> Vec<Vec<String>> {
        let word = self.chosen(self.row().line).1;
        let short = |text: &str| {
            text.replace("$i", "machine.network.interfaces").replace("$m", "machine.registries.mirrors")
        };
        let form = |form: &str| self.fill(&short(form).replace("<>", word.trim_matches('"')));
        self.row()
            .got
            .iter()
            .map(|forms| forms.trim_start_matches('?').split(" | ").map(form).collect())
            .collect()
    }
}

/// Whether a text is like a pattern, in which a `*` stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| is_like(&text[at..], rest))
        }),
    }
}

/// What a machine must have of what was said, and must not.
fn look(said: &[Said], merged: &Merged<'_>) -> Result<(), String> {
    let leaves: Vec<String> = merged.leaves.iter().map(|(path, value)| leaf(path, value)).collect();
    let (set, id) = (merged.machine.set.as_str(), merged.machine.id.as_str());
    for one in said {
        // Workers have no virtual address.
        let control = !one.row().field.ends_with(".vip") || set.ends_with("-control-planes");
        let reached = control && one.level.reaches(set, id);
        let replaced =
            said.iter().any(|other| other.again == Some(one.number) && other.level.reaches(set, id));
        let wanted = usize::from(reached && !replaced);
        let above = one.again.and_then(|number| said.iter().find(|other| other.number == number));
        let above = above.map(Said::leaves).unwrap_or_default();
        // What is said again and has no number of its own only takes away.
        for forms in one.leaves().iter().filter(|forms| !above.contains(forms)) {
            let alone = one.row().is_marked();
            let found = leaves.iter().filter(|leaf| forms.iter().any(|form| is_like(leaf, form))).count();
            if found != wanted && (alone || found < wanted) {
                let number = one.digits();
                let near: Vec<_> = leaves.iter().filter(|leaf| leaf.contains(&number)).collect();
                return Err(format!(
                    "`{}` of {:?}: expected {wanted} of {forms:?}, found {found}; near: {near:#?}",
                    one.item().line,
                    one.level
                ));
            }
        }
    }
    Ok(())
}

/// A list of a configuration in which something stands twice: a scalar, or an element of one name.
pub(super) fn doubled(leaves: &BTreeMap<String, String>) -> Option<String> {
    let mut seen = BTreeMap::new();
    for (path, value) in leaves {
        for (at, _) in path.match_indices('[') {
            let Some((index, rest)) = path[at + 1..].split_once(']') else { continue };
            let what = match index.split_once('@') {
                Some((_, name)) => name,
                None if rest.is_empty() => value.as_str(),
                None => continue,
            };
            let element = (&path[..at], what);
            if seen.insert(element, index).is_some_and(|before| before != index) {
                return Some(format!("{} has {what} twice", element.0));
            }
        }
    }
    None
}

/// What was compared, and what was not.
#[derive(Default)]
struct Count {
    tally: Tally,
    said: usize,
    refused: usize,
    /// Row and level, of what was said once.
    once: BTreeSet<(usize, Level)>,
    /// Rows that were said again at a lower level.
    again: BTreeSet<usize>,
}

fn cannot(row: &Row, level: Level) -> bool {
    UNSAID.iter().any(|(field, levels, _)| *field == row.field && levels.contains(&level))
}

/// The things that a program says: every row at one level, and half of them at a lower one too.
fn all(turn: usize) -> Vec<Said> {
    let mut out = Vec::new();
    for (row, of) in ROWS.iter().enumerate() {
        let level = Level::ALL[(row + turn) % Level::ALL.len()];
        if cannot(of, level) {
            continue;
        }
        let number = out.len();
        out.push(Said { row, level, number, choice: turn, again: None });
        let below = level.below();
        let twice = (row + turn / Level::ALL.len()).is_multiple_of(2) && of.is_marked();
        if twice && !below.is_empty() {
            let level = below[turn % below.len()];
            if cannot(of, level) {
                continue;
            }
            let again = (!of.again.is_empty()).then_some(number);
            out.push(Said { row, level, number: out.len(), choice: turn + 1, again });
        }
    }
    assert!(out.len() < 143, "the numbers do not fit an address");
    out
}

/// Takes out what talosc refuses, and gives it back.
fn refused(program: &Program, said: &mut Vec<Said>) -> Vec<Said> {
    let items: Vec<Item> = said.iter().map(Said::item).collect();
    let kept = accepted(program, &items);
    let numbers: BTreeSet<usize> = kept.iter().map(|at| said[*at].number).collect();
    // Without what it says again it says nothing.
    let stays =
        |one: &Said| numbers.contains(&one.number) && one.again.is_none_or(|of| numbers.contains(&of));
    let out = said.iter().filter(|one| !stays(one)).copied().collect();
    said.retain(|one| stays(one));
    out
}

/// Compares one program, if it builds.
fn try_one(judges: &mut Judges, program: &Program, said: &[Said], tally: &mut Tally) -> Result<bool, String> {
    let items: Vec<Item> = said.iter().map(Said::item).collect();
    let (files, _) = program.files(&items);
    let compilation = compiled(&files, "main.talos");
    if compilation.has_errors() {
        return Ok(false);
    }
    let before = tally.machines;
    compare(judges, &compilation, &files, tally, &mut |merged| {
        look(said, merged)?;
        doubled(merged.leaves).map_or(Ok(()), Err)
    })?;
    Ok(tally.machines > before)
}

/// How many things are not worth a program of their own.
const FEW: usize = 9;

/// Compares what is said in a program; what is refused there is tried in one of its own, as often as that helps.
fn sweep(judges: &mut Judges, program: &Program, said: Vec<Said>, count: &mut Count) -> Result<(), String> {
    let mut open = said;
    loop {
        let refused = refused(program, &mut open);
        if open.is_empty() {
            count.refused += refused.len();
            return Ok(());
        }
        match try_one(judges, program, &open, &mut count.tally) {
            Ok(true) => {
                count.said += open.len();
                for one in &open {
                    match one.again {
                        Some(_) => drop(count.again.insert(one.row)),
                        None => drop(count.once.insert((one.row, one.level))),
                    }
                }
            }
            // The Omni client refuses all of it for one document of the preview that it does not know.
            Ok(false) if open.len() > FEW => {
                let rest = open.split_off(open.len() / 2);
                sweep(judges, program, open, count)?;
                sweep(judges, program, rest, count)?;
                return sweep(judges, program, refused, count);
            }
            Ok(false) => {}
            Err(_) => {
                let mut spare = Tally::default();
                let few = shrink(&open, &mut |few| try_one(judges, program, few, &mut spare).is_err());
                let why = try_one(judges, program, &few, &mut spare).err().unwrap_or_default();
                let items: Vec<Item> = few.iter().map(Said::item).collect();
                return Err(format!("{}\n{why}", program.files(&items).0["main.talos"]));
            }
        }
        if refused.len() == open.len() + refused.len() {
            return Ok(());
        }
        open = refused;
    }
}

/// The pairs of birth and target.
fn pairs() -> Vec<(u64, u64)> {
    let minor = |text: &str| text.strip_prefix("1.").and_then(|n| n.parse().ok()).unwrap_or(0);
    let minors: Vec<u64> = MINORS.into_iter().chain([PREVIEW]).map(minor).collect();
    minors
        .iter()
        .flat_map(|born| minors.iter().map(move |target| (*born, *target)))
        .filter(|(b, t)| b <= t)
        .collect()
}

/// How many programs each pair gets; `TALOSC_SAID_ALL` asks for every level of every field on every pair.
const TURNS: usize = 1;

#[expect(clippy::print_stdout, reason = "the numbers are what the property has to show")]
pub(crate) fn of_fields(judges: &mut Judges) -> Result<(), Failed> {
    let all_of_them = std::env::var_os("TALOSC_SAID_ALL").is_some();
    let turns = if all_of_them { Level::ALL.len() * 2 } else { TURNS };
    let (mut count, mut wrong) = (Count::default(), Vec::new());
    for (at, (born, target)) in pairs().into_iter().enumerate() {
        for turn in 0..turns {
            let turn = at * TURNS + turn;
            let omni = if turn.is_multiple_of(4) && target < 12 { 8 } else { 10 };
            let program =
                Program { name: "fields".to_owned(), target, born, omni, positional: turn.is_multiple_of(5) };
            if let Err(error) = sweep(judges, &program, all(turn), &mut count) {
                wrong.push(error);
            }
        }
    }
    println!(
        "{} rows, {} said and got, {} refused; {} of {} rows at levels, {} rows again at a lower level",
        ROWS.len(),
        count.said,
        count.refused,
        count.once.len(),
        ROWS.len() * Level::ALL.len(),
        count.again.len()
    );
    count.tally.print("fields")?;
    let mut missing = Vec::new();
    for (row, of) in ROWS.iter().enumerate() {
        for level in Level::ALL {
            if !cannot(of, level) && !count.once.contains(&(row, level)) {
                missing.push(format!("{} at {level:?}", of.field));
            }
        }
        if !of.again.is_empty() && !count.again.contains(&row) {
            missing.push(format!("{}, said again", of.field));
        }
    }
    if !missing.is_empty() {
        wrong.push(format!("never compared: {missing:#?}"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n\n").into()) }
}

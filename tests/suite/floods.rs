//! Floods: whatever a file of the language may hold, as often, as deep and as wide as fits into 100 kB. The work for it must grow with
//! its size and not with the square, and nothing may panic.
//!
//! The rows stand for every rule of the grammar ([`grammar`]), every kind of declaration and every field of it ([`kinds`]), and for what
//! these come to together ([`whole`], [`fleets`]). The ordinary run takes small ones; `FLOODS=all` takes all of them up to their full size and prints
//! which took longest, `FLOODS=DIRECTORY` writes them as projects, for `tests/floods.sh`, which holds the program itself to its
//! limits of time and memory.

mod fleets;
mod grammar;
mod kinds;
mod whole;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::fuzz;
use crate::project::Files;
use crate::robust::work;

const MAIN: &str = "main.talos";

/// The size of a flood at its full height, and of one in the ordinary run.
const FULL: usize = 100_000;
const SMALL: usize = 4_000;

/// The ordinary run takes every so many: they stand beside their like.
const SOME: usize = 20;

/// How much of a flood the smaller one is that it is compared with, and how many times its work the larger one may take: what
/// grows with the square takes that of [`PART`].
const PART: usize = 8;
const MORE_WORK: u32 = 20;

/// Floods that come to the product or to a power of what is written, up to the limit on that: their work is bounded, and does not grow
/// evenly before.
const POWERS: [&str; 14] = [
    "texts that double",
    "lets that double",
    "defaults that double",
    "sets times",
    "machines times",
    "clusters times",
    "clusters of one base",
    "rules on",
    "many rules",
    "trees of mixins",
    "quantifiers",
    "aliases",
    "a large",
    "mixins with much",
];

/// What any flood may take of an unoptimised build before it is compared with anything: less says nothing.
const LITTLE: Duration = Duration::from_millis(60);

/// How long a flood of full size may take: an optimised build is some fifteen times as fast.
const SLOW: Duration = Duration::from_secs(15);

/// Something of which there may be much.
pub(crate) struct Flood {
    name: String,
    files: Box<dyn Fn(usize) -> Files + Send + Sync>,
}

impl Flood {
    /// One file.
    fn new(name: String, text: impl Fn(usize) -> String + Send + Sync + 'static) -> Flood {
        Flood::of_files(name, move |pieces| Files::from([(MAIN.to_owned(), text(pieces))]))
    }

    /// Several files, of which the first to be read is [`MAIN`].
    fn of_files(name: String, files: impl Fn(usize) -> Files + Send + Sync + 'static) -> Flood {
        Flood { name, files: Box::new(files) }
    }

    /// As much of it as fits into so many bytes.
    fn below(&self, bytes: usize) -> Files {
        (self.files)(self.pieces(bytes))
    }

    /// Of how many pieces that is.
    fn pieces(&self, bytes: usize) -> usize {
        let size = |pieces| (self.files)(pieces).values().map(String::len).sum::<usize>();
        let (mut fits, mut over) = (1, 2);
        while size(over) <= bytes && over < bytes {
            (fits, over) = (over, over * 2);
        }
        while over - fits > fits / 16 + 1 {
            let middle = fits.midpoint(over);
            if size(middle) <= bytes { fits = middle } else { over = middle }
        }
        fits
    }
}

/// A piece as often as is wanted, with `#` for its number and `%` for the number before.
pub(crate) fn numbered(piece: &str, times: usize) -> String {
    (1..=times).map(|at| piece.replace('#', &at.to_string()).replace('%', &(at - 1).to_string())).collect()
}

fn all() -> Vec<Flood> {
    let mut all = grammar::floods();
    all.extend(kinds::floods());
    all.extend(whole::floods());
    all.extend(fleets::floods());
    all
}

/// What a flood took at a part of its size and at its size, and whether that is in proportion.
fn grows(flood: &Flood, bytes: usize) -> Result<Duration, (Duration, Duration)> {
    let pieces = flood.pieces(bytes);
    let large = (flood.files)(pieces);
    let most = work(|| fuzz::project(&large));
    if most <= LITTLE {
        return Ok(most);
    }
    if POWERS.iter().any(|power| flood.name.contains(power)) && most <= SLOW {
        return Ok(most);
    }
    let small = (flood.files)(pieces.div_ceil(PART));
    let mut seen = (Duration::ZERO, most);
    for _ in 0..3 {
        let least = work(|| fuzz::project(&small));
        seen = (least, seen.1.min(work(|| fuzz::project(&large))));
        if seen.1 <= LITTLE.max(least * MORE_WORK) {
            return Ok(seen.1);
        }
    }
    Err(seen)
}

/// Every flood on all processors; gives what each took and those that grow faster than they should.
fn run(bytes: usize, which: &dyn Fn(&Flood) -> bool) -> (Vec<(Duration, String)>, Vec<String>) {
    let mut floods: Vec<Flood> = all().into_iter().filter(which).collect();
    // Those that are likeliest to be wrong first.
    floods.reverse();
    let (next, out) = (AtomicUsize::new(0), Mutex::new((Vec::new(), Vec::new())));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(flood) = floods.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let grown = grows(flood, bytes);
                    let mut out = out.lock().expect("nothing panics while it is held");
                    match grown {
                        Ok(took) => out.0.push((took, flood.name.clone())),
                        Err((least, most)) => {
                            out.0.push((most, flood.name.clone()));
                            out.1.push(format!("{}: {least:?}, then {most:?}", flood.name));
                        }
                    }
                }
            });
        }
    });
    let (mut took, wrong) = out.into_inner().expect("no thread panicked");
    took.sort_by(|a, b| b.cmp(a));
    (took, wrong)
}

#[test]
#[allow(clippy::print_stdout, reason = "the table of what took longest is asked for")]
fn work_grows_with_the_size() {
    let asked = std::env::var("FLOODS").unwrap_or_default();
    let only = std::env::var("FLOOD").unwrap_or_default();
    let full = asked == "all";
    let at = AtomicUsize::new(0);
    let some = || full || !only.is_empty() || at.fetch_add(1, Ordering::Relaxed).is_multiple_of(SOME);
    let (took, wrong) = run(if full { FULL } else { SMALL }, &|flood| flood.name.contains(&only) && some());
    if full {
        println!("{} floods of {FULL} bytes; those that took longest:", took.len());
        took.iter().take(60).for_each(|(took, name)| println!("{took:>10.1?}  {name}"));
        let slow: Vec<_> = took.iter().filter(|(took, _)| *took > SLOW).collect();
        assert!(slow.is_empty(), "{slow:#?}");
    }
    assert!(took.len() > 40 || !only.is_empty(), "only {} floods", took.len());
    assert!(
        wrong.is_empty(),
        "{} floods take more than {MORE_WORK} times the work at {PART} times the size:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Every rule of the grammar has a flood.
#[test]
fn every_rule_has_a_flood() {
    let grammar = include_str!("../../grammar/talosc.pest");
    let rules: BTreeSet<&str> = grammar
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .collect();
    let having = grammar::rules();
    assert_eq!(rules.difference(&having).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(having.difference(&rules).collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// Writes every flood at its full size, if `FLOODS` names a directory.
#[test]
fn floods_are_written() {
    let Some(directory) = std::env::var_os("FLOODS").map(PathBuf::from).filter(|at| at.is_absolute()) else {
        return;
    };
    for (at, flood) in all().iter().enumerate() {
        let place = directory.join(format!("{at:04}"));
        write(&place, &flood.below(FULL));
        std::fs::write(place.join("name"), &flood.name).expect("it can be written");
    }
}

fn write(place: &Path, files: &Files) {
    std::fs::create_dir_all(place).expect("it can be made");
    for (path, text) in files {
        std::fs::write(place.join(path), text).expect("it can be written");
    }
}

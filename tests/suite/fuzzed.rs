//! The fuzz targets without a fuzzer: their seeds, and what comes of these when bytes are turned, doubled, moved and taken away by a die
//! that always falls the same way.

use std::path::Path;

use crate::fuzz::TARGETS;
use crate::project::read_tree;
use crate::robust::Dice;

/// How often each seed is changed, if `FUZZED` does not say.
const ROUNDS: usize = 12;

/// The longest text that comes of a seed.
const LONGEST: usize = 4_000;

#[test]
fn seeds_and_what_comes_of_them() {
    let rounds = std::env::var("FUZZED").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut dice = Dice(8);
    for (name, target) in TARGETS {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(name);
        let seeds: Vec<String> = read_tree(&directory, &|_| false).into_values().collect();
        assert!(seeds.len() >= 10, "{name} has {} seeds", seeds.len());
        for seed in &seeds {
            target(seed);
            let mut text = seed.clone().into_bytes();
            for _ in 0..rounds {
                // From time to time it begins anew, or nothing of the seed would be left.
                if dice.roll(4) == 0 {
                    text = seed.clone().into_bytes();
                }
                let other = &seeds[dice.roll(seeds.len())];
                change(&mut text, other.as_bytes(), &mut dice);
                text.truncate(LONGEST);
                target(&String::from_utf8_lossy(&text));
            }
        }
    }
}

/// One change, of those that a fuzzer makes.
fn change(text: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    if text.is_empty() {
        return text.extend_from_slice(other);
    }
    let (from, to) = (dice.roll(text.len()), dice.roll(text.len()));
    let range = from.min(to)..(from.max(to)).min(from.min(to) + 40);
    match dice.roll(7) {
        0 => text[from] ^= 1 << dice.roll(8),
        1 => text[from] = b"{}[]()\"'$,.=\n\t \\#:-&*!|>%@"[dice.roll(26)],
        2 => drop(text.drain(range)),
        3 => {
            let piece = text[range].repeat(1 + dice.roll(6));
            text.splice(to..to, piece);
        }
        4 => {
            let piece: Vec<u8> = text.drain(range).collect();
            let at = dice.roll(text.len() + 1);
            text.splice(at..at, piece);
        }
        5 if !other.is_empty() => {
            let at = dice.roll(other.len());
            let piece = &other[at..(at + 60).min(other.len())];
            text.splice(to..to, piece.iter().copied());
        }
        _ => text.insert(from, dice.roll(256) as u8),
    }
}

//! YAML that users wrote: our reader takes it for what Go takes it for, or refuses it.
//!
//! Texts are made by a grammar of everything that YAML has, and half of them are bent afterwards. `TALOSC_YAML` says how many,
//! `TALOSC_YAML_SEED` which; the numbers are printed.
#![allow(clippy::print_stdout, reason = "the numbers are the result")]

use std::collections::BTreeMap;
use std::fmt::Write;

use libtest_mimic::Failed;
use serde_json::Value as Json;
use talosc::emit;
use talosc::source::FileId;
use talosc::tree::{Node, Origin, Value};
use talosc::yaml::carry::{GoWriter, uncarried};
use talosc::yaml::{self, Stream};

use crate::judge::Judges;
use crate::random::{Random, cases};

#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "a", "b", "word", "two words", "0644", "0x1F", "1_000", "1_0.5", "-_1", "0o17", "0b101", "08", "09.5", "1e3", "1E-3", "1e400",
    "1e-400", ".5", "5.", "-.5", "+12", "-0", "-0.0", "+0", "00", "1.50", "12345678901234567890", "99999999999999999999",
    "-9223372036854775808", "true", "True", "TRUE", "tRuE", "false", "y", "n", "null", "Null", "~", "nULL", "2024-13-45", "22:22",
    "1:60", "1.1.1.1", "a:b", "a#b", "http://x/y?z=1#f", "-a", "--", "=", "é", "😀", "0.1.2", "12h", "_1", "1_", "_", "+", ".", "...a",
    "---a", "a,b", "a]b", "a'b", "x\\ny",
];
/// Words that mean something to the reader, or break the line.
#[rustfmt::skip]
const BROKEN: &[&str] = &[
    "18446744073709551615", "0xFFFFFFFFFFFFFFFF", ".inf", "+.Inf", "-.INF", ".nan", ".NAN", "-.nan", "yes", "No", "on", "Off", "2024-01-02",
    "2024-1-2", "2024-01-02T03:04:05Z", "2024-01-02 03:04:05", "2024-01-02t03:04:05.5+01:00", ":a", "?a", "<<", "%a", "@a", "`a", "!a",
    "a: b", "a #c", "a:", "'", "\"", "*a", "&a", "|", ">", "[", "{", "x y: z", "? a", "- b",
];
#[rustfmt::skip]
const TAGS: &[&str] = &[
    "!!str ",
    "!!int ",
    "!!float ",
    "!!bool ",
    "!!null ",
    "!!binary ",
    "!!map ",
    "!!seq ",
    "!!set ",
    "!!timestamp ",
    "! ",
    "!x ",
    "!<tag:yaml.org,2002:str> ",
    "!!merge ",
];
#[rustfmt::skip]
const ODD: &[&str] = &[
    "\t", " ", "\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{feff}", "\u{0}", "\u{7f}", "\u{a0}", ":", "-",
    "?", "#", ",", "[", "]", "{", "}", "&a", "*a", "!", "|", ">", "'", "\"", "%", "@", "`", "---\n", "...\n",
    "- ", ": ", "? ", "<<: ", "\\", "  ", "\n\n", "# c\n", "|-\n", "0",
];

#[rustfmt::skip]
const ODD_KEYS: &[&str] = &[
    "'m'", "\"n\"", "<<", "<<", "'<<'", "1", "0x1", "true", "on", "~", "*a1 ", "2024-01-02", "o p", "[x]", "q:r", "", "é", ".inf", "1.5",
    "\"s\\nt\"", "a", "a",
];

/// A key that no other has.
fn key(at: usize, place: usize) -> String {
    format!("{}{place}", ["a", "b-", "c.d/", "e_"][at % 4])
}

/// Writes YAML.
struct Writer<'r> {
    random: &'r mut Random,
    out: String,
    anchors: usize,
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn newline(&mut self, indent: usize) {
        let comment = match self.random.below(12) {
            0 => " # c",
            1 => "\n",
            2 => "\n# c",
            3 => "  ",
            _ => "",
        };
        self.put(comment);
        self.put("\n");
        self.put(&" ".repeat(indent));
    }

    /// A tag and an anchor, or none.
    fn properties(&mut self) {
        if self.random.one_in(30) {
            let tag = self.random.pick(TAGS);
            self.put(tag);
        }
        if self.random.one_in(8) {
            self.anchors += 1;
            let _ = write!(self.out, "&a{} ", self.anchors % 4);
        }
    }

    /// An alias, mostly of an anchor that there is.
    fn alias(&mut self) {
        let number = match self.anchors {
            0 if !self.random.one_in(20) => return self.put("none"),
            count if count < 4 => 1 + self.random.below(count.max(1)),
            _ => self.random.below(4),
        };
        let _ = write!(self.out, "*a{number}");
    }

    fn scalar(&mut self, indent: usize, in_flow: bool) {
        match self.random.below(if in_flow { 8 } else { 12 }) {
            0 => self.alias(),
            1 => {
                let text =
                    self.random.pick(&["", "a", "it''s", "a: b # c", "a\n\n   b", " x ", "\\n", "<<", "1"]);
                let _ = write!(self.out, "'{text}'");
            }
            2 | 3 => {
                let text = self.random.pick(&[
                    "",
                    "a",
                    "\\n\\t\\\"",
                    "\\u263a\\x41\\U0001f600",
                    "a\\\n  b",
                    "a\n\n  b",
                    "\\  x",
                    "<<",
                    "\\/",
                    "\\q",
                    "\\N\\_\\L\\P",
                    "\\0\\a\\e",
                    "a \n  b",
                    "#",
                    ": ",
                    "\\ud83d",
                    "\t",
                    "1",
                ]);
                let _ = write!(self.out, "\"{text}\"");
            }
            4 if !in_flow => {
                let _ = write!(self.out, "a\n{0}b c\n\n{0}d", " ".repeat(indent + 1));
            }
            8..=10 => self.block(indent),
            11 => {}
            _ => {
                let text =
                    if self.random.one_in(4) { self.random.pick(BROKEN) } else { self.random.pick(PLAIN) };
                self.put(text);
            }
        }
    }

    /// A literal or folded text.
    fn block(&mut self, indent: usize) {
        let odd = self.random.one_in(12);
        let odd_ones = &["|1-", ">2+", "|-2", "| # c", "|0", "|9", "|x", "|2"];
        let header = if odd {
            self.random.pick(odd_ones)
        } else {
            self.random.pick(&["|", ">", "|-", ">-", "|+", ">+"])
        };
        self.put(header);
        let column = indent + self.random.pick(&[1, 2, 2, 4]);
        for _ in 0..self.random.below(5) {
            let line = self
                .random
                .pick(&["a", "b: c", " a", "  a", "\ta", "", "", " ", "# a", "- a", "é", "a ", "---"]);
            self.put("\n");
            if !line.is_empty() {
                let more = if self.random.one_in(12) { self.random.below(3) } else { 0 };
                self.put(&" ".repeat(column + more));
            }
            self.put(line);
        }
    }

    fn flow(&mut self, depth: usize) {
        let map = self.random.one_in(2);
        self.put(if map { "{" } else { "[" });
        for at in 0..self.random.below(4) {
            if at > 0 {
                let comma = self.random.pick(&[",", ", ", " , ", ",\n  ", ", # c\n "]);
                self.put(comma);
            }
            if map || self.random.one_in(5) {
                self.properties();
                self.flow_key();
                let odd = self.random.one_in(10);
                let colon = if odd { self.random.pick(&[":", " : ", "", " ", ":\n "]) } else { ": " };
                self.put(colon);
            }
            self.properties();
            if depth > 0 && self.random.one_in(3) { self.flow(depth - 1) } else { self.scalar(0, true) }
        }
        let end = self.random.pick(&["", "", "", ",", " "]);
        self.put(end);
        self.put(if map { "}" } else { "]" });
    }

    fn flow_key(&mut self) {
        if !self.random.one_in(6) {
            let key = key(0, self.out.len());
            return self.put(&key);
        }
        let key = self.random.pick(&[
            "a",
            "b",
            "c",
            "'d'",
            "\"e\"",
            "<<",
            "1",
            "? f",
            "true",
            "~",
            "*a1",
            "[x]",
            "",
            "g h",
            "2024-01-02",
        ]);
        self.put(key);
    }

    fn map(&mut self, indent: usize, depth: usize) {
        for at in 0..=self.random.below(4) {
            if at > 0 {
                self.newline(indent);
            }
            if self.random.one_in(30) {
                self.put("? ");
            }
            if self.random.one_in(8) {
                self.properties();
            }
            match self.random.below(12) {
                0 => {
                    let key = self.random.pick(ODD_KEYS);
                    self.put(key);
                }
                1 if self.anchors > 0 => {
                    self.put("<<: ");
                    self.alias();
                    continue;
                }
                _ => {
                    let key = key(at, self.out.len());
                    self.put(&key);
                }
            }
            let colon = if self.random.one_in(40) { self.random.pick(&[" :", ":\t", ""]) } else { ":" };
            self.put(colon);
            self.value(indent, depth, false);
        }
    }

    fn seq(&mut self, indent: usize, depth: usize) {
        for at in 0..=self.random.below(3) {
            if at > 0 {
                self.newline(indent);
            }
            self.put("-");
            self.value(indent, depth, true);
        }
    }

    /// What follows a colon or a dash.
    fn value(&mut self, indent: usize, depth: usize, dash: bool) {
        let blank = if self.random.one_in(30) { "\t" } else { self.random.pick(&[" ", " ", "  "]) };
        match self.random.below(8) {
            0 | 1 if depth > 0 => {
                self.put(" ");
                self.properties();
                let deeper = indent + self.random.pick(&[2, 2, 2, 1, 4]);
                let map = self.random.one_in(2);
                if dash && self.random.one_in(2) {
                    if map {
                        self.map(indent + 2, depth - 1)
                    } else {
                        self.seq(indent + 2, depth - 1)
                    }
                    return;
                }
                let level = if !map && !dash && self.random.one_in(3) { indent } else { deeper };
                self.newline(level);
                if map { self.map(level, depth - 1) } else { self.seq(level, depth - 1) }
            }
            2 => {
                self.put(blank);
                self.properties();
                self.flow(2);
            }
            _ => {
                self.put(blank);
                self.properties();
                self.scalar(indent, false);
            }
        }
    }

    fn document(&mut self) {
        if self.random.one_in(10) {
            self.properties();
        }
        match self.random.below(40) {
            0 => self.seq(0, 3),
            1 => self.scalar(0, false),
            2..5 => self.flow(3),
            _ => self.map(0, 3),
        }
    }

    fn stream(&mut self) {
        if self.random.one_in(30) {
            let head = self.random.pick(&[
                "%YAML 1.1\n---\n",
                "%YAML 1.2\n--- ",
                "%TAG !e! tag:x,2000:\n---\n",
                "\u{feff}",
                "%YAML 1.3\n---\n",
            ]);
            self.put(head);
        }
        self.document();
        while self.random.one_in(4) {
            let between = self.random.pick(&[
                "\n---\n",
                "\n--- ",
                "\n...\n",
                "\n...\n---\n",
                "\n---\n---\n",
                "\n--- # c\n",
                "\n---\n# c\n",
            ]);
            self.put(between);
            self.document();
        }
        let end =
            self.random.pick(&["\n", "\n", "\n", "\n", "", "\n\n", "\n# c", "\n...", "\n---\n", "\n  "]);
        self.put(end);
    }
}

fn text(random: &mut Random) -> String {
    let mut writer = Writer { random, out: String::new(), anchors: 0 };
    writer.stream();
    let mut out = writer.out;
    while random.one_in(3) && out.len() < 4_000 {
        let places: Vec<usize> = out.char_indices().map(|(at, _)| at).chain([out.len()]).collect();
        let at = random.pick(&places);
        if random.one_in(2) {
            out.insert_str(at, random.pick(ODD));
        } else if at < out.len() {
            out.remove(at);
        }
    }
    if random.one_in(20) {
        out = out.replace('\n', "\r\n");
    }
    out
}

fn read(text: &str) -> Stream {
    yaml::read(text, FileId(0), &mut |_| Origin::NONE)
}

/// Why our reader refuses a text, without what is particular to it.
fn reason(stream: &Stream) -> Option<String> {
    let fault = stream.faults.first().map(|fault| fault.message.as_str());
    let doubt = stream.doubtful.first().map(|word| format!("doubtful: {:?}", word.also));
    let general = |message: &str| message.split('`').step_by(2).collect::<Vec<_>>().join("…");
    // Patches are maps, and so are objects of Kubernetes.
    let root =
        stream.documents.iter().find(|document| document.as_map().is_none() && document.value != Value::Null);
    fault.map(general).or(doubt).or(root.map(|_| "no map".to_owned()))
}

/// A value whose decimal numbers are as they are written: a whole one arrives as an integer.
fn numbers(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(numbers).collect(),
        Json::Object(map) => match (map.get("$go").and_then(Json::as_str), map.get("text")) {
            (Some("float64"), Some(Json::String(text))) => serde_json::from_str(text).unwrap_or(Json::Null),
            _ => map
                .iter()
                .map(|(key, value)| (key.clone(), numbers(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        },
        _ => value.clone(),
    }
}

/// Every text is read as Go reads it, before and after it is carried, or refused.
pub(crate) fn are_read_as_go_reads_them(judges: &mut Judges) -> Result<(), Failed> {
    let mut random = Random(cases("TALOSC_YAML_SEED", 3) as u64);
    let tried = cases("TALOSC_YAML", 4_000);
    let (mut same, mut refused, mut by_both) = (0, BTreeMap::<String, (usize, String)>::new(), 0);
    let mut wrong = Vec::new();
    for _ in 0..tried {
        let text = text(&mut random);
        let stream = read(&text);
        let go = judges.yaml(&text)?;
        if let Some(reason) = reason(&stream) {
            if !go.read {
                by_both += 1;
                continue;
            }
            let (count, shortest) = refused.entry(reason).or_insert_with(|| (0, text.clone()));
            *count += 1;
            if text.len() < shortest.len() {
                *shortest = text;
            }
            continue;
        }
        let lost = |document: &Node| !uncarried(document, &[GoWriter::V4Rc4]).is_empty();
        if stream.documents.iter().any(lost) {
            continue;
        }
        let ours = judges.yaml(&emit::yaml::body(&stream.documents).0)?;
        // Not what Go carries of the text as it stands: its writer breaks folded texts and some words of flows, which ours has not.
        let arrives = ours.ok && ours.carried.iter().map(numbers).eq(ours.documents.iter().map(numbers));
        if go.read && ours.documents == go.documents && arrives {
            same += 1;
        } else {
            wrong.push((text, go, ours));
        }
    }
    let here: usize = refused.values().map(|(count, _)| count).sum();
    println!("{tried} YAML texts: {same} read alike, {by_both} refused by both, {here} here alone");
    if tried > 10_000 {
        println!("the reasons, each with its shortest text: {refused:#?}");
    }
    wrong.sort_by_key(|(text, ..)| text.len());
    for (text, go, ours) in wrong.iter().take(25) {
        println!(
            "{text:?}\n  go   {:?} {:?}\n  ours {:?} {:?}",
            go.errors, go.documents, ours.errors, ours.documents
        );
    }
    assert!(wrong.is_empty(), "{} texts are read otherwise", wrong.len());
    Ok(())
}

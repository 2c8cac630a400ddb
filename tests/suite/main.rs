//! Every ordinary test of the public interface, in one binary.

#[path = "../harness/command.rs"]
mod command;
#[path = "../fuzz/targets.rs"]
mod fuzz;
#[path = "../harness/golden.rs"]
mod golden;
#[path = "../harness/mutate.rs"]
mod mutate;
#[path = "../harness/nasty.rs"]
mod nasty;
#[path = "../harness/project.rs"]
mod project;
#[path = "../harness/random.rs"]
mod random;

mod answers;
mod bare_words;
mod cel;
mod check;
mod cli;
mod cli_build;
mod cli_moving;
mod commands;
mod docs;
mod editors;
mod edits;
mod emit;
mod emit_write;
mod fields;
mod floods;
mod fmt;
mod fuzzed;
mod generate;
mod habits;
mod heads;
mod history;
mod inheritance;
mod ledger;
mod limits;
mod metal;
mod mistakes;
mod mutants;
mod networks;
mod omni;
mod once;
mod order;
mod pages;
mod paths;
mod put_in;
mod resolved;
mod robust;
mod safe_edits;
mod schemas;
mod secrets;
mod std_catalogue;
mod std_modules;
mod syntax;
mod table;
mod terminals;
mod tidy;
mod units;
mod writing;

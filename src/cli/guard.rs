//! A panic is a bug of ours: it is told as one, with what a report needs.

use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex};

use super::Exit;
use super::output::Shown;

/// Runs a command; a panic in it becomes a message and [`Exit::Bug`].
pub(super) fn run(command: impl FnOnce() -> Exit) -> Exit {
    caught(command).unwrap_or_else(|what| {
        Shown::told(&message(&what)).complain();
        Exit::Bug
    })
}

/// Runs something, and gives what a panic in it says.
pub(super) fn caught<T>(command: impl FnOnce() -> T) -> Result<T, String> {
    let seen: Arc<Mutex<Option<String>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if let Ok(mut noted) = noted.lock() {
            noted.get_or_insert_with(|| info.to_string());
        }
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(command));
    panic::set_hook(before);
    outcome.map_err(|_| seen.lock().ok().and_then(|mut seen| seen.take()).unwrap_or_default())
}

/// The message for a bug.
pub(super) fn message(what: &str) -> String {
    let place = env!("CARGO_PKG_REPOSITORY");
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    format!(
        "bug in talosc {} ({}, {}): {what}\nthis is no mistake of yours: please report it{at}, with the sources that show \
         it\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_bug() {
        assert_eq!(run(|| panic!("this panic is part of a test")), Exit::Bug);
        assert_eq!(run(|| Exit::Findings), Exit::Findings);
        let message = message("why");
        assert!(message.contains(env!("CARGO_PKG_VERSION")) && message.contains("please report"));
    }
}

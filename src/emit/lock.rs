//! The edge, waiting: builds of one project write one after the other.
//!
//! The lock is the system's own, on an open file: it ends with the process however that ends, so none is ever left behind. Unix
//! locks the directory itself; elsewhere, where a directory cannot be locked, it is an empty file among the temporary ones.
//! A file system without locks is worked on without one.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long it takes until somebody who waits looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Holds a directory until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: Option<File>,
}

/// What a process wants of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// To look at it while nobody writes.
    Read,
    /// To write, alone.
    Write,
}

/// Takes a directory that exists; `None` if others hold it for longer than `patience`.
pub fn take(directory: &Path, want: Want, patience: Duration) -> Option<Lock> {
    let Ok(file) = open(directory) else { return Some(Lock { _file: None }) };
    let until = Instant::now() + patience;
    loop {
        let tried = match want {
            Want::Read => file.try_lock_shared(),
            Want::Write => file.try_lock(),
        };
        match tried {
            Ok(()) => return Some(Lock { _file: Some(file) }),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return None,
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK_AGAIN),
            Err(TryLockError::Error(_)) => return Some(Lock { _file: None }),
        }
    }
}

#[cfg(unix)]
fn open(directory: &Path) -> io::Result<File> {
    File::open(directory)
}

#[cfg(not(unix))]
fn open(directory: &Path) -> io::Result<File> {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = rustc_hash::FxHasher::default();
    directory.hash(&mut hasher);
    let name = format!("talosc-{:016x}.lock", hasher.finish());
    File::options().create(true).truncate(false).write(true).open(std::env::temp_dir().join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writes_or_many_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let take = |want| super::take(directory.path(), want, Duration::ZERO);
        let writer = take(Want::Write).expect("it is free");
        assert!(take(Want::Write).is_none() && take(Want::Read).is_none());
        drop(writer);
        let readers = [take(Want::Read), take(Want::Read)];
        assert!(readers.iter().all(Option::is_some));
        assert!(take(Want::Write).is_none());
        drop(readers);
        assert!(take(Want::Write).is_some());
        assert!(
            super::take(Path::new("/no/such/directory"), Want::Write, Duration::ZERO).is_some()
                || cfg!(not(unix))
        );
    }

    #[test]
    fn who_waits_gets_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let writer = take(directory.path(), Want::Write, Duration::ZERO).expect("it is free");
        thread::scope(|scope| {
            let waiting =
                scope.spawn(|| take(directory.path(), Want::Write, Duration::from_secs(60)).is_some());
            thread::sleep(LOOK_AGAIN * 2);
            drop(writer);
            assert!(waiting.join().expect("it ends"));
        });
    }
}

//! Work on many files at once, on as many threads as there are processors.

use std::panic::resume_unwind;
use std::thread;

/// From how many things on threads are started: one of them costs as much as a small file.
const WORTH: usize = 16;

/// What a function gives for each of some things, in their order.
pub(super) fn map<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    if things.len() < WORTH || threads == 1 {
        return things.iter().map(work).collect();
    }
    let (own, rest) = things.split_at(things.len().div_ceil(threads));
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = rest
            .chunks(own.len())
            .map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<R>>()))
            .collect();
        let mut out: Vec<R> = own.iter().map(work).collect();
        for other in others {
            out.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn order_is_kept() {
        for count in [0, 1, 15, 16, 17, 1_000] {
            let things: Vec<usize> = (0..count).collect();
            assert_eq!(map(&things, |n| n * 2), things.iter().map(|n| n * 2).collect::<Vec<_>>());
        }
    }
}

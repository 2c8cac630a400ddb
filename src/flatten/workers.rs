//! Work on many things side by side, over one program: what one of them comes to does not depend on the others.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Flattener;
use crate::diagnostics::Diagnostics;

impl Flattener {
    /// What a function gives for each of so many things, in their order, on as many threads as there are processors. Each thread
    /// flattens what it needs for itself; what it finds is taken over. Who worked on what is chance, so what comes out must not
    /// depend on it: findings are put in order, and equal ones joined, at the end of a compilation.
    pub fn side_by_side<R: Send>(
        &mut self,
        count: usize,
        work: impl Fn(&mut Flattener, usize) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let run = |flattener: &mut Flattener| {
            let mut done: Vec<(usize, R)> = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return done;
                }
                done.push((at, work(flattener, at)));
            }
        };
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let program = self.types.clone();
        let other = || {
            let mut flattener = Flattener::new(program.clone(), Diagnostics::new());
            (run(&mut flattener), flattener)
        };
        let mut all = thread::scope(|scope| {
            let others: Vec<_> = (1..processors.min(count)).map(|_| scope.spawn(other)).collect();
            let mut all = run(self);
            for other in others {
                let (done, found) = other.join().unwrap_or_else(|panic| resume_unwind(panic));
                all.extend(done);
                self.join(found);
            }
            all
        });
        all.sort_unstable_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, result)| result).collect()
    }

    /// Takes over what another worker has found and flattened.
    fn join(&mut self, other: Flattener) {
        self.findings.append(other.findings);
        self.seen.extend(other.seen);
    }
}

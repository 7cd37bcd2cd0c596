//! Work on several threads whose result does not depend on how many they are.

use std::{
    num::NonZeroUsize,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Runs `work` on each piece of `0..length` and returns the results in the order of the pieces.
///
/// `state` makes what one thread reuses from piece to piece.
pub(crate) fn pieces<S, T: Send>(
    threads: NonZeroUsize,
    length: usize,
    piece: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Range<usize>) -> T + Sync,
) -> Vec<T> {
    let count = length.div_ceil(piece.max(1));
    let range = |index: usize| index * piece..((index + 1) * piece).min(length);
    let threads = threads.get().min(count);
    if threads <= 1 || cfg!(target_family = "wasm") {
        let mut state = state();
        return (0..count)
            .map(|index| work(&mut state, range(index)))
            .collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = state();
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return done;
            }
            done.push((index, work(&mut state, range(index))));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(part) => done.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// As many as the machine has, at most eight: more would only fight for its memory.
pub(crate) fn available() -> NonZeroUsize {
    const MOST: NonZeroUsize = match NonZeroUsize::new(8) {
        Some(most) => most,
        None => NonZeroUsize::MIN,
    };
    if cfg!(target_family = "wasm") {
        return NonZeroUsize::MIN;
    }
    std::thread::available_parallelism().map_or(NonZeroUsize::MIN, |threads| threads.min(MOST))
}

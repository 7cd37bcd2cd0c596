//! Leases: one holder at a time, and the overtaken cannot commit.

use std::time::Duration;

use super::{Bench, at, checks, linked};
use crate::testing::report::{Ended, ensure};
use crate::{Batch, Lease};

checks![
    a_lease_is_taken_by_one_and_read_by_all,
    a_lease_that_ran_out_can_be_taken_and_the_first_cannot_commit,
    a_lease_that_ran_out_does_not_hold_even_if_nobody_took_it,
    a_renewed_lease_keeps_the_right_of_what_is_under_way,
    a_lease_that_is_renewed_after_the_look_is_not_taken,
    a_released_lease_can_be_taken_at_once,
];

const MINUTE: Duration = Duration::from_secs(60);

impl Bench<'_> {
    /// Takes a lease, so many seconds after the beginning.
    async fn take(&self, holder: &str, seconds: i64) -> Result<Lease, Ended> {
        let current = self.store.lease(&self.connection, "sync").await?;
        let (lease, batch) = Lease::take(
            &self.connection,
            current.as_ref(),
            "sync",
            holder,
            at(seconds),
            MINUTE,
        )?;
        self.store.commit(batch).await?;
        Ok(lease)
    }

    /// What the holder of a lease writes, so many seconds after the beginning.
    fn under(&self, lease: &Lease, seconds: i64) -> Batch {
        Batch::new(&self.connection, at(seconds)).require(lease.precondition())
    }
}

async fn a_lease_is_taken_by_one_and_read_by_all(bench: Bench<'_>) -> Result<(), Ended> {
    let read = async || bench.store.lease(&bench.connection, "sync").await;
    ensure!(read().await?.is_none(), "there is a lease that nobody took");
    // Both saw that nobody had it.
    let take = |holder: &str| Lease::take(&bench.connection, None, "sync", holder, at(0), MINUTE);
    let ((first, commit), (_, too_late)) = (take("worker 1")?, take("worker 2")?);
    bench.store.commit(commit).await?;
    bench.conflicts(too_late, "a second taking").await?;
    ensure!(
        read().await?.as_ref() == Some(&first),
        "the lease came back different"
    );
    let other = bench.store.lease(&bench.connection, "other").await?;
    ensure!(other.is_none(), "a lease of another name is there");
    let link = bench.link("1", "a")?;
    bench
        .store
        .commit(bench.under(&first, 59).write(linked(&link)))
        .await?;
    Ok(())
}

async fn a_lease_that_ran_out_can_be_taken_and_the_first_cannot_commit(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let first = bench.take("worker 1", 0).await?;
    ensure!(
        bench.take("worker 2", 59).await.is_err(),
        "it was taken before it ran out"
    );
    let second = bench.take("worker 2", 60).await?;
    ensure!(second.fence > first.fence, "the fence is not higher");
    let link = bench.link("1", "a")?;
    // The first was paused, and by its own clock its lease still holds.
    let paused = bench.under(&first, 30).write(linked(&link));
    bench
        .conflicts(paused, "what a worker wrote that was overtaken")
        .await?;
    let (_, renewed) = first.renew(&bench.connection, at(61), MINUTE);
    bench
        .conflicts(renewed, "a renewal by a worker that was overtaken")
        .await?;
    let released = first.release(&bench.connection, at(61));
    bench
        .conflicts(released, "a release by a worker that was overtaken")
        .await?;
    bench
        .store
        .commit(bench.under(&second, 61).write(linked(&link)))
        .await?;
    Ok(())
}

async fn a_lease_that_ran_out_does_not_hold_even_if_nobody_took_it(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let lease = bench.take("worker 1", 0).await?;
    let link = bench.link("1", "a")?;
    let late = bench.under(&lease, 60).write(linked(&link));
    bench
        .conflicts(late, "what was written when the lease had run out")
        .await?;
    Ok(())
}

async fn a_renewed_lease_keeps_the_right_of_what_is_under_way(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let lease = bench.take("worker 1", 0).await?;
    let (renewed, batch) = lease.renew(&bench.connection, at(50), MINUTE);
    bench.store.commit(batch).await?;
    ensure!(
        bench.take("worker 2", 109).await.is_err(),
        "a renewed lease was taken"
    );
    for (holds, record) in [(&lease, "1"), (&renewed, "2")] {
        let link = bench.link(record, record)?;
        bench
            .store
            .commit(bench.under(holds, 100).write(linked(&link)))
            .await?;
    }
    Ok(())
}

async fn a_lease_that_is_renewed_after_the_look_is_not_taken(
    bench: Bench<'_>,
) -> Result<(), Ended> {
    let lease = bench.take("worker 1", 0).await?;
    // Another sees that it ran out, and meanwhile it is renewed at the last moment.
    let (connection, late) = (&bench.connection, at(60));
    let (_, taking) = Lease::take(connection, Some(&lease), "sync", "worker 2", late, MINUTE)?;
    let (_, renewal) = lease.renew(connection, at(59), MINUTE);
    bench.store.commit(renewal).await?;
    bench
        .conflicts(taking, "a taking of a lease that was renewed")
        .await?;
    Ok(())
}

async fn a_released_lease_can_be_taken_at_once(bench: Bench<'_>) -> Result<(), Ended> {
    let first = bench.take("worker 1", 0).await?;
    bench
        .store
        .commit(first.release(&bench.connection, at(5)))
        .await?;
    bench
        .conflicts(bench.under(&first, 5), "what is written after the release")
        .await?;
    let second = bench.take("worker 2", 5).await?;
    ensure!(second.fence > first.fence, "the fence is not higher");
    Ok(())
}

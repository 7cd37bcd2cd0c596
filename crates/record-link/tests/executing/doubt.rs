//! Writes whose answer was lost.

use super::*;

#[test]
fn many_creates_in_doubt_are_found_with_one_listing() {
    let settle = able(Recovery::ByListing).settles_within(Duration::from_secs(5));
    let world = World::new(settle, 50);
    for number in 0..50 {
        let fault = if number % 2 == 0 {
            Fault::AnswerLost
        } else {
            Fault::EffectLate(u32::MAX)
        };
        world.payroll.fail_next(SideOperation::Create, fault);
    }
    let plan = world.plan();
    let payroll = Watched::new(&world.payroll);
    // This run does not wait: it leaves everything in doubt, as one that dies does.
    let executor = world.over(&payroll).longest_settle(Duration::ZERO);
    let applied = block_on(executor.apply(&plan)).unwrap();
    assert_eq!((applied.totals.in_doubt, applied.totals.all()), (50, 50));
    assert_eq!(applied.doubtful_creates().count(), 50);
    let lists = |calls: Vec<SideOperation>| {
        calls
            .iter()
            .filter(|call| **call == SideOperation::List)
            .count()
    };
    let before = lists(world.payroll.calls());
    let executor = world.over(&payroll);
    let recovered = block_on(executor.recover(&connection())).unwrap();
    assert_eq!(
        (recovered.settled.len(), recovered.not_done.len()),
        (25, 25)
    );
    assert_eq!(recovered.creates.len(), 50);
    // One at once, and one when those that were not there had their time.
    assert_eq!(lists(world.payroll.calls()) - before, 2);
    assert!(!world.payroll.calls().contains(&SideOperation::Find));
    // They look first when they are planned again: once more for all.
    let plan = world.plan();
    let looks = |one: &record_link::Operation| {
        matches!(
            one.step,
            Step::Create {
                look_first: true,
                ..
            }
        )
    };
    assert_eq!(plan.operations.iter().filter(|one| looks(one)).count(), 25);
    let before = lists(world.payroll.calls());
    assert_eq!(block_on(executor.apply(&plan)).unwrap().totals.created, 25);
    assert_eq!(lists(world.payroll.calls()) - before, 1);
    assert_eq!(world.payroll.records(&kind()).len(), 50);
    assert!(world.deviations().is_empty());
}

#[test]
fn within_a_run_what_is_provably_not_there_is_sent_again() {
    let settle = able(Recovery::ByClientKey).settles_within(Duration::from_secs(5));
    let world = World::new(settle, 4);
    let never = Fault::EffectLate(u32::MAX);
    for fault in [never.clone(), Fault::AnswerLost, never] {
        world.payroll.fail_next(SideOperation::Create, fault);
    }
    let applied = world.apply();
    assert_eq!((applied.totals.created, applied.totals.all()), (4, 4));
    assert_eq!(
        (world.payroll.writes(), world.clock.slept()),
        (6, Duration::from_secs(5))
    );
    assert!(world.deviations().is_empty() && world.plan().operations.is_empty());
}

#[test]
fn a_double_that_landed_late_is_told_with_the_keys_of_both() {
    for recovery in [Recovery::ByClientKey, Recovery::ByListing] {
        // The system promises that nothing shows late, and it is not true.
        let world = World::new(able(recovery), 3);
        world
            .payroll
            .fail_next(SideOperation::Create, Fault::EffectLate(u32::MAX));
        let payroll = Watched::new(&world.payroll);
        let executor = world.over(&payroll);
        let applied = block_on(executor.apply(&world.plan())).unwrap();
        assert_eq!(applied.totals.created, 3);
        world.payroll.settle();
        let calls = world.payroll.calls().len();
        let connection = connection();
        let audited = executor.audit(&connection, applied.doubtful_creates());
        let audited = block_on(audited).unwrap();
        assert_eq!((audited.looked_for, audited.doubles.len()), (1, 1));
        assert_eq!(world.payroll.calls().len() - calls, 1, "one look for all");
        let double = &audited.doubles[0];
        assert_eq!(double.keys.len(), 2);
        let deviation = block_on(world.store.deviation(&connection, double.deviation));
        let deviation = deviation.unwrap().unwrap();
        assert_eq!(deviation.failure().code(), "doubles");
        for key in &double.keys {
            assert!(
                deviation
                    .failure()
                    .messages()
                    .iter()
                    .any(|one| one == key.as_str())
            );
            assert!(!format!("{deviation:?} {audited:?}").contains(key.as_str()));
        }
        // Somebody deletes one of them, and the next audit settles it.
        world.payroll.remove(&kind(), &double.keys[1]).unwrap();
        let audited = executor.audit(&connection, &applied.creates);
        assert_eq!(block_on(audited).unwrap().looked_for, 3);
        let deviation = block_on(world.store.deviation(&connection, deviation.id()));
        assert_eq!(
            deviation.unwrap().unwrap().state(),
            DeviationState::Resolved
        );
    }
}

#[test]
fn a_create_that_exists_already_is_ours_if_it_carries_our_key() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    let payroll = Watched::before(&world.payroll, |number| {
        (number == 0).then(|| {
            // It was carried out by somebody, and the system says so.
            let name = Record::new(&fields()).with("name", "person 0").unwrap();
            let key = ClientKey::new("people->payroll", "employee", "person 0");
            block_on(world.payroll.create(&kind(), &key, &name)).unwrap();
            SideError::new(SideOperation::Create, SideErrorKind::AlreadyExists)
        })
    });
    let applied = block_on(world.over(&payroll).apply(&world.plan())).unwrap();
    assert_eq!(applied.totals.created, 1);
    assert_eq!(world.payroll.records(&kind()).len(), 1);
    assert!(world.plan().operations.is_empty());
}

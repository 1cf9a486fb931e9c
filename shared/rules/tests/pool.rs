//! A pool under random takers, each deciding on what it read a while ago: points are conserved, the
//! limit holds, all of it is handed out, and its end is told once.

use laurel_rules::{
    budget::BudgetWindow,
    pool::{
        Gathering, Goal, Head, HeadWrite, PoolId, PoolRead, PoolSpec, PoolWrite, Pools, SHARES,
        Share, ShareWrite, Shortage, Taking, Unknown, gather, used,
    },
};

/// The items of one pool, which check conditions as the table does.
#[derive(Debug, Clone, Default)]
struct Table {
    head: Option<Head>,
    shares: Vec<Option<Share>>,
}

impl Table {
    fn new() -> Table {
        Table {
            head: None,
            shares: vec![None; usize::from(SHARES)],
        }
    }

    fn read(&self, share: u8) -> Pools {
        Pools {
            share,
            is_current: true,
            read: vec![PoolRead {
                id: id(),
                head: self.head,
                share: self.shares[usize::from(share)],
            }],
        }
    }

    fn full(&self) -> Vec<(u8, Share)> {
        let numbered = (0..SHARES).zip(&self.shares);
        numbered
            .filter_map(|(number, share)| Some((number, (*share)?)))
            .collect()
    }

    /// Applies all of `write`, or nothing.
    fn apply(&mut self, write: &PoolWrite) -> bool {
        let mut after = self.clone();
        let done = write.head.is_none_or(|head| after.write_head(head))
            && write
                .shares
                .iter()
                .all(|(number, share)| after.write_share(*number, *share));
        if done {
            *self = after;
        }
        done
    }

    fn write_head(&mut self, write: HeadWrite) -> bool {
        match (write, &mut self.head) {
            (HeadWrite::Set { expected, head }, now) => {
                let holds = expected == now.map(|now| now.version);
                *now = Some(head);
                holds
            }
            (_, None) => false,
            (
                HeadWrite::Move {
                    points,
                    at_least,
                    revision,
                    fills_share,
                },
                Some(now),
            ) => {
                let holds = now.revision == revision && now.rest >= at_least;
                now.rest += points;
                now.version += 1;
                now.shares_are_empty &= !fills_share;
                holds
            }
            (HeadWrite::GiveBack { points }, Some(now)) => {
                now.rest += points;
                now.version += 1;
                true
            }
        }
    }

    fn write_share(&mut self, number: u8, write: ShareWrite) -> bool {
        let now = &mut self.shares[usize::from(number)];
        match (write, now) {
            (ShareWrite::Set { expected, share }, now) => {
                let holds = expected == *now;
                *now = Some(share);
                holds
            }
            (ShareWrite::Draw { points, revision }, Some(now)) => {
                let holds = now.revision == revision && now.left > points;
                now.left -= points;
                holds
            }
            (ShareWrite::Draw { .. }, None) => false,
        }
    }

    fn check(&self, given: i64, limit: i64) {
        let Some(head) = self.head else {
            assert_eq!(given, 0);
            return;
        };
        let shares: Vec<Share> = self.full().into_iter().map(|(_, share)| share).collect();
        assert_eq!(used(&head, &shares), given, "points are conserved");
        assert!(shares.iter().all(|share| share.left >= 0), "{shares:?}");
        assert!(given <= limit, "{given} of {limit}");
        if head.shares_are_empty {
            assert!(shares.iter().all(|share| share.left == 0), "{self:?}");
        }
    }
}

fn id() -> PoolId {
    PoolId {
        program: "prog_1".to_owned(),
        campaign: None,
        window: BudgetWindow::parse("l").expect("a window"),
    }
}

fn spec(limit: i64, revision: u64) -> PoolSpec {
    PoolSpec {
        id: id(),
        limit,
        revision,
        catalog_version: revision,
    }
}

/// Numbers that look random and are the same with each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Decides on `seen` and writes to `table`; answers what was taken and whether the end was told,
/// or nothing where the decision must be taken again.
fn take(table: &mut Table, seen: &Pools, spec: &PoolSpec, points: i64) -> Option<(i64, bool)> {
    let mut taking = Taking::new(seen);
    match taking.take(spec, points) {
        Ok(granted) => {
            let is_told = !taking.newly_reached().is_empty();
            let writes = taking.writes();
            writes
                .iter()
                .all(|write| table.apply(write))
                .then_some((granted, is_told))
        }
        Err(Unknown::Stale) => None,
        Err(Unknown::Scattered(shortage)) => {
            let goal = Goal::MoreThan(shortage.points);
            while let Gathering::Write(write) =
                gather(&shortage.pool, goal, table.head, &table.full())
            {
                assert!(table.apply(&write), "nobody is in between");
            }
            None
        }
    }
}

#[test]
fn random_takers_get_all_of_it_and_no_more() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let limit = i64::try_from(1 + dice.below(5000)).expect("small");
        let most = 1 + dice.below(200);
        let spec = spec(limit, 1);
        let mut table = Table::new();
        let (mut given, mut told) = (0, 0);
        // Each taker has read the table at some moment, and decides later.
        let mut takers: Vec<(Pools, i64)> = Vec::new();
        for _ in 0..3000 {
            let points = i64::try_from(1 + dice.below(most)).expect("small");
            if takers.len() < 5 {
                let share = u8::try_from(dice.below(u64::from(SHARES))).expect("a share");
                takers.push((table.read(share), points));
                continue;
            }
            let place = usize::try_from(dice.below(5)).expect("small");
            let (seen, points) = takers.swap_remove(place);
            match take(&mut table, &seen, &spec, points) {
                Some((granted, is_told)) => {
                    given += granted;
                    told += u32::from(is_told);
                }
                None => takers.push((table.read(seen.share), points)),
            }
            // Now and then something comes back.
            if given > 0 && dice.below(50) == 0 {
                let mut taking = Taking::nothing();
                taking.give_back(&id(), 1);
                assert!(taking.writes().iter().all(|write| table.apply(write)));
                given -= 1;
            }
            table.check(given, limit);
        }
        // A lone caller takes the rest.
        for _ in 0..10 {
            let seen = table.read(7);
            if let Some((granted, is_told)) = take(&mut table, &seen, &spec, limit) {
                given += granted;
                told += u32::from(is_told);
            }
            table.check(given, limit);
        }
        assert_eq!((given, told), (limit, 1), "seed {seed}");
    }
}

#[test]
fn limits_that_move_hold_once_what_was_leased_is_recalled() {
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let mut table = Table::new();
        let mut given = 0;
        let mut allowed = 0;
        for revision in 1..8 {
            let limit = i64::try_from(1 + dice.below(3000)).expect("small");
            let now = spec(limit, revision);
            let stale = spec(1_000_000, revision - 1);
            while let Gathering::Write(write) =
                gather(&now, Goal::Recalled, table.head, &table.full())
            {
                assert!(table.apply(&write), "nobody is in between");
            }
            allowed = limit.max(given).max(allowed.min(given));
            for _ in 0..100 {
                let share = u8::try_from(dice.below(u64::from(SHARES))).expect("a share");
                let points = i64::try_from(1 + dice.below(60)).expect("small");
                let seen = table.read(share);
                // Who knows an earlier limit gets nothing.
                assert_eq!(take(&mut table, &seen, &stale, points), None);
                if let Some((granted, _)) = take(&mut table, &seen, &now, points) {
                    given += granted;
                }
                table.check(given, limit.max(allowed));
                assert!(given <= allowed, "seed {seed}: {given} of {limit}");
            }
        }
    }
}

/// What a decision gets and writes: points, the head, the share, and the version of the catalog
/// that must still be in force.
type Decided = (i64, Option<HeadWrite>, Option<ShareWrite>, Option<u64>);

fn decided(
    (head, share): (Option<Head>, Option<Share>),
    spec: &PoolSpec,
    (points, given_back): (i64, i64),
) -> Result<Decided, Unknown> {
    let id = id();
    let seen = Pools {
        share: 0,
        is_current: true,
        read: vec![PoolRead { id, head, share }],
    };
    let mut taking = Taking::new(&seen);
    let granted = taking.take(spec, points)?;
    taking.give_back(&spec.id, given_back);
    let mut writes = taking.writes();
    assert!(writes.len() <= 1, "one write of one pool");
    Ok(match writes.pop() {
        Some(write) => {
            let share = write.shares.first().map(|(_, share)| *share);
            (granted, write.head, share, write.catalog_version)
        }
        None => (granted, None, None, None),
    })
}

const HEAD: Head = Head {
    revision: 1,
    limit: 10_000,
    rest: 6_400,
    shares_are_empty: false,
    is_announced: false,
    version: 3,
};

fn left(left: i64) -> Option<Share> {
    Some(Share { revision: 1, left })
}

#[test]
fn the_first_award_brings_the_pool_to_the_table() {
    let (spec, head) = (spec(6_400, 1), None);
    let head_after = Head {
        revision: 1,
        limit: 6_400,
        rest: 6_350,
        shares_are_empty: false,
        is_announced: false,
        version: 1,
    };
    let written = HeadWrite::Set {
        expected: None,
        head: head_after,
    };
    let filled = ShareWrite::Set {
        expected: None,
        share: Share {
            revision: 1,
            left: 40,
        },
    };
    // The configuration must still be the one that says so.
    let expected = (10, Some(written), Some(filled), Some(1));
    assert_eq!(decided((head, None), &spec, (10, 0)), Ok(expected));
}

#[test]
fn a_share_gives_what_it_has_and_is_filled_from_the_head_before_it_is_empty() {
    let spec = spec(10_000, 1);
    let draw = |points| ShareWrite::Draw {
        points,
        revision: 1,
    };
    let all = decided((Some(HEAD), left(40)), &spec, (39, 0));
    assert_eq!(all, Ok((39, None, Some(draw(39)), None)));
    // What comes back goes to the head.
    let back = HeadWrite::GiveBack { points: 4 };
    let all = decided((Some(HEAD), left(40)), &spec, (39, 4));
    assert_eq!(all, Ok((39, Some(back), Some(draw(39)), None)));
    // What is wanted, what the share has, what the head has: what is leased, what the head must
    // have for that, and what the share has then.
    for (points, before, rest, lease, at_least, after) in [
        // A sixty-fourth of half of what the head has.
        (40, 40, 6_400, 50, 50, 50),
        (10, 0, 6_400, 50, 50, 40),
        // As much as is missing, and the share is empty: then something must be left in the head.
        (90, 40, 6_400, 50, 51, 0),
        (91, 40, 6_400, 51, 52, 0),
        (40, 40, 10, 0, 1, 0),
        (14, 5, 10, 9, 10, 0),
    ] {
        for given_back in [0, 4] {
            let head = Head { rest, ..HEAD };
            let moved = HeadWrite::Move {
                points: given_back - lease,
                at_least,
                revision: 1,
                fills_share: after > 0,
            };
            let filled = ShareWrite::Set {
                expected: left(before),
                share: Share {
                    revision: 1,
                    left: after,
                },
            };
            assert_eq!(
                decided((Some(head), left(before)), &spec, (points, given_back)),
                Ok((points, Some(moved), Some(filled), None)),
                "{points} of {before} and {rest}"
            );
        }
    }
}

#[test]
fn the_last_points_are_given_where_all_shares_are_known_to_be_empty() {
    let spec = spec(10_000, 1);
    let head = Head {
        rest: 10,
        shares_are_empty: true,
        ..HEAD
    };
    for (points, granted) in [(10, 10), (25, 10)] {
        for given_back in [0, 4] {
            let written = HeadWrite::Set {
                expected: Some(3),
                head: Head {
                    rest: given_back,
                    is_announced: true,
                    version: 4,
                    ..head
                },
            };
            for share in [None, left(0)] {
                assert_eq!(
                    decided((Some(head), share), &spec, (points, given_back)),
                    Ok((granted, Some(written), None, None))
                );
            }
        }
    }
    // Nothing is left, and everybody was told.
    let spent = Head {
        rest: 0,
        is_announced: true,
        ..head
    };
    let nothing = decided((Some(spent), left(0)), &spec, (5, 0));
    assert_eq!(nothing, Ok((0, None, None, None)));
    // Somebody was not: this award says so.
    let untold = Head { rest: 0, ..head };
    let told = decided((Some(untold), left(0)), &spec, (5, 0)).map(|it| (it.0, it.1.is_some()));
    assert_eq!(told, Ok((0, true)));
}

#[test]
fn what_other_shares_hold_is_gathered_before_an_award_is_cut() {
    let spec = spec(10_000, 1);
    let head = Head { rest: 10, ..HEAD };
    let scattered = |points| {
        Err(Unknown::Scattered(Shortage {
            pool: spec.clone(),
            points,
        }))
    };
    assert_eq!(
        decided((Some(head), left(5)), &spec, (15, 0)),
        scattered(15)
    );
    let lowered = Head { rest: -1, ..HEAD };
    assert_eq!(
        decided((Some(lowered), left(5)), &spec, (5, 0)),
        scattered(5)
    );
    // A share that has something is not all that is left.
    let noted = Head {
        shares_are_empty: true,
        ..head
    };
    assert_eq!(
        decided((Some(noted), left(5)), &spec, (15, 0)),
        scattered(15)
    );
}

#[test]
fn a_limit_that_has_changed_moves_the_head_before_anything_is_taken() {
    let raised = spec(10_050, 2);
    let head = Head { rest: 20, ..HEAD };
    let written = HeadWrite::Set {
        expected: Some(3),
        head: Head {
            revision: 2,
            limit: 10_050,
            rest: 74,
            version: 4,
            ..HEAD
        },
    };
    let filled = ShareWrite::Set {
        expected: left(5),
        share: Share {
            revision: 2,
            left: 2,
        },
    };
    assert_eq!(
        decided((Some(head), left(5)), &raised, (3, 4)),
        Ok((3, Some(written), Some(filled), Some(2)))
    );
    // Who knows an earlier limit than the table decides nothing.
    let lower = spec(10_000, 0);
    let stale = Err(Unknown::Stale);
    assert_eq!(decided((Some(HEAD), None), &lower, (1, 0)), stale);
    let filled_later = Some(Share {
        revision: 2,
        left: 9,
    });
    assert_eq!(
        decided((None, filled_later), &spec(10_000, 1), (1, 0)),
        stale
    );
}

#[test]
fn what_was_not_read_consistently_cuts_no_award() {
    let spec = spec(10_000, 1);
    let spent = Head {
        rest: 0,
        shares_are_empty: true,
        is_announced: true,
        ..HEAD
    };
    let scattered = Head { rest: 1, ..HEAD };
    for head in [spent, scattered] {
        let seen = Pools {
            share: 0,
            is_current: false,
            read: vec![PoolRead {
                id: id(),
                head: Some(head),
                share: left(0),
            }],
        };
        assert_eq!(Taking::new(&seen).take(&spec, 5), Err(Unknown::Stale));
    }
}

#[test]
fn shares_are_gathered_until_the_head_has_more_than_is_wanted() {
    let spec = spec(10_000, 1);
    let head = |rest: i64| Some(Head { rest, ..HEAD });
    let shares = |lefts: &[i64]| -> Vec<(u8, Share)> {
        let shares = lefts.iter().map(|left| Share {
            revision: 1,
            left: *left,
        });
        (0..).zip(shares).collect()
    };
    let few = shares(&[3, 0, 4]);
    // With 11 the head has more than 10, with 10 it has not.
    let goal = Goal::MoreThan(10);
    assert_eq!(gather(&spec, goal, head(11), &few), Gathering::Done);
    let Gathering::Write(write) = gather(&spec, goal, head(10), &few) else {
        panic!("nothing is gathered");
    };
    let moved = HeadWrite::Move {
        points: 7,
        at_least: -9_007_199_254_740_991,
        revision: 1,
        fills_share: false,
    };
    let emptied: Vec<u8> = write.shares.iter().map(|(number, _)| *number).collect();
    assert_eq!((write.head, emptied), (Some(moved), vec![0, 2]));
    // Nothing is left in any: that is noted, and then there is nothing to gather for.
    let none = shares(&[0, 0]);
    let Gathering::Write(write) = gather(&spec, goal, head(10), &none) else {
        panic!("nothing is noted");
    };
    let Some(HeadWrite::Set {
        expected,
        head: noted,
    }) = write.head
    else {
        panic!("{write:?}");
    };
    assert_eq!(
        (expected, noted.rest, noted.shares_are_empty),
        (Some(3), 10, true)
    );
    assert!(write.shares.is_empty());
    assert_eq!(gather(&spec, goal, Some(noted), &none), Gathering::Done);
    // So many at a time.
    let many = shares(&[1; 20]);
    let Gathering::Write(write) = gather(&spec, goal, head(10), &many) else {
        panic!("nothing is gathered");
    };
    assert_eq!(write.shares.len(), 16);
}

#[test]
fn only_what_was_leased_under_an_earlier_limit_is_recalled() {
    let now = spec(9_000, 2);
    let of = |revision: u64, left: i64| Share { revision, left };
    let shares = [(0, of(1, 5)), (1, of(2, 6)), (2, of(1, 0))];
    let Gathering::Write(write) = gather(&now, Goal::Recalled, Some(HEAD), &shares) else {
        panic!("nothing is recalled");
    };
    let expected = ShareWrite::Set {
        expected: Some(of(1, 5)),
        share: of(2, 0),
    };
    assert_eq!(write.shares, [(0, expected)]);
    // The head goes by the new limit from then on, and not all shares are empty.
    let Some(HeadWrite::Set { expected, head }) = write.head else {
        panic!("{write:?}");
    };
    assert_eq!(expected, Some(3));
    assert_eq!(
        (head.revision, head.limit, head.rest, head.shares_are_empty),
        (2, 9_000, 5_405, false)
    );
    assert_eq!(write.catalog_version, Some(2));
    let left = [(0, of(2, 0)), (1, of(2, 6))];
    assert_eq!(
        gather(&now, Goal::Recalled, Some(head), &left),
        Gathering::Done
    );
    // A head that goes by a later limit is nobody's to gather for who knows an earlier one.
    let earlier = spec(10_000, 1);
    assert_eq!(
        gather(&earlier, Goal::MoreThan(99_999), Some(head), &left),
        Gathering::Done
    );
}

#[test]
fn awards_of_one_decision_share_what_is_left() {
    let spec = spec(10_000, 1);
    let head = Head {
        rest: 12,
        shares_are_empty: true,
        ..HEAD
    };
    let id = id();
    let seen = Pools {
        share: 0,
        is_current: true,
        read: vec![PoolRead {
            id,
            head: Some(head),
            share: None,
        }],
    };
    let mut taking = Taking::new(&seen);
    let granted = [5, 4, 9, 1].map(|points| taking.take(&spec, points));
    assert_eq!(granted, [Ok(5), Ok(4), Ok(3), Ok(0)]);
    assert_eq!(taking.newly_reached(), std::slice::from_ref(&spec));
    assert!(taking.newly_reached().is_empty(), "it is told once");
    // What the last one took in vain is there for others.
    taking.undo(&spec, 3);
    let writes = taking.writes();
    let share = ShareWrite::Set {
        expected: None,
        share: Share {
            revision: 1,
            left: 0,
        },
    };
    assert_eq!(writes[0].shares, [(0, share)]);
    let Some(HeadWrite::Move {
        points, at_least, ..
    }) = writes[0].head
    else {
        panic!("{writes:?}");
    };
    assert_eq!((points, at_least), (-9, 10));
}

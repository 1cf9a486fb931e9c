use super::*;
use crate::hold::Hold;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).expect("a time")
}

fn lot(seq: u64, remaining: i64, expires_ms: Option<i64>) -> Lot {
    Lot {
        id: LotId::own(seq, 0),
        remaining,
        available_at: None,
        expires_at: expires_ms.map(at),
    }
}

fn bounded(ends_ms: &[i64], most: usize) -> Vec<(i64, i64)> {
    let mut purse = Purse::default();
    for (seq, end) in (0..).zip(ends_ms) {
        purse.lots.push(lot(seq, 1, Some(*end)));
    }
    purse.bound_lots(most);
    let ends = purse.lots.iter().map(|lot| {
        let end = lot.expires_at.expect("an end").as_millisecond();
        (end, lot.remaining)
    });
    ends.collect()
}

#[test]
fn of_too_many_lots_those_that_expire_closest_together_become_one() {
    let all = [(1_000, 1), (1_900, 1), (3_000, 1)];
    assert_eq!(bounded(&[1_000, 1_900, 3_000], 3), all);
    let (first, last) = ([(1_900, 2), (3_000, 1)], [(1_000, 1), (3_000, 2)]);
    assert_eq!(bounded(&[1_000, 1_900, 3_000], 2), first);
    assert_eq!(bounded(&[1_000, 2_100, 3_000], 2), last);
    assert_eq!(bounded(&[100, 1_000, 2_000], 2), [(1_000, 2), (2_000, 1)]);
    assert_eq!(bounded(&[1_000, 1_900, 3_000], 1), [(3_000, 3)]);
}

#[test]
fn what_is_reserved_takes_room() {
    let mut purse = Purse::default();
    let part = Part {
        lot: LotId::own(1, 0),
        amount: 10,
        expires_at: None,
    };
    let hold = |redemption: &str| Hold {
        redemption: redemption.to_owned(),
        created: at(0),
        until: at(1_000),
        reward: None,
        parts: vec![part],
    };
    purse.holds.push(hold("rdm_1"));
    purse.holds.push(hold("rdm_2"));
    assert_eq!(purse.reserved(), 20);
    let room = lot(2, POINTS_MAX - 20, None);
    assert!(purse.has_room_for(room.remaining));
    assert!(!purse.has_room_for(room.remaining + 1));
    purse.credit(room, at(0)).expect("it fits");
    assert!(purse.credit(lot(3, 1, None), at(0)).is_err());
}

#[test]
fn two_purses_become_one_where_both_fit() {
    let reserved = |count: usize| {
        let mut purse = Purse::default();
        for number in 0..count {
            purse.holds.push(Hold {
                redemption: format!("rdm_{number}"),
                created: at(0),
                until: at(1_000),
                reward: None,
                parts: Vec::new(),
            });
        }
        purse
    };
    for (own, theirs, is_fine) in [(20, 20, true), (40, 0, true), (21, 20, false)] {
        let mut purse = reserved(own);
        let absorbed = purse.absorb(&mut reserved(theirs), 1, at(0));
        assert_eq!(absorbed.is_ok(), is_fine, "{own} and {theirs}");
    }
    for (theirs, is_fine) in [(5, true), (6, false)] {
        let mut purse = Purse::default();
        purse.lots.push(lot(1, POINTS_MAX - 5, None));
        let mut source = Purse::default();
        source.lots.push(lot(1, theirs, None));
        let absorbed = purse.absorb(&mut source, 3, at(0));
        assert_eq!(absorbed.is_ok(), is_fine);
        assert_eq!(
            purse.lots[1].id.origin, 3,
            "it knows whose log it stands in"
        );
    }
}

#[test]
fn a_lot_that_came_back_stands_in_the_order_of_age() {
    let mut purse = Purse::default();
    for seq in [1, 3] {
        purse.lots.push(lot(seq, 5, None));
    }
    let mut absorbed = lot(9, 5, None);
    absorbed.id.origin = 1;
    purse.lots.push(absorbed);
    let back = |id: LotId, amount: i64| Part {
        lot: id,
        amount,
        expires_at: None,
    };
    let mut of_another = LotId::own(2, 0);
    of_another.origin = 1;
    let parts = [
        back(LotId::own(2, 0), 1),
        back(LotId::own(4, 0), 0),
        back(of_another, 1),
        back(LotId::own(5, 0), 1),
    ];
    purse.give_back(&parts, None, at(0));
    let order: Vec<(u32, u64)> = purse
        .lots
        .iter()
        .map(|lot| (lot.id.origin, lot.id.seq))
        .collect();
    assert_eq!(order, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 9), (0, 5)]);
}

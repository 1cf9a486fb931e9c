//! Conditions: what can be saved costs no more than it may.

use std::sync::{Arc, LazyLock};

use laurel_conditions::{SOURCE_BYTES_MAX, Scope, compile, compile_stored};
use laurel_events::{from_api, parse};
use laurel_rules::{
    Account, Catalog, Event, Program,
    condition::{Condition, Facts, STEPS_MAX, Steps},
    purse::{Lot, LotId},
};
use serde_json::json;

use crate::{NOW, check_refusal};

/// What conditions are judged by.
struct Given {
    catalog: Catalog,
    event: Event,
    account: Account,
}

static GIVEN: LazyLock<Given> = LazyLock::new(|| {
    let mut program = Program::new("prog_default", "salt", *NOW);
    program.metadata.insert("country".into(), "DE".into());
    let mut account = Account::new("loy_1".to_owned(), &program, *NOW, *NOW);
    account.tier.key = Some("gold".to_owned());
    account.tier.since = Some(*NOW);
    account.metadata.insert("age".into(), "34".into());
    let lot = Lot {
        id: LotId::own(1, 0),
        remaining: 12,
        available_at: None,
        expires_at: None,
    };
    account.credit(lot, true, *NOW).expect("points");
    let segment =
        |key: &str, when: &str| (key.to_owned(), compile(when, Scope::Segment).expect(when));
    let segments: Vec<(String, Arc<dyn Condition>)> = vec![
        segment("vip", "member.tier == 'gold'"),
        segment("bad", "member.metadata.nothing == 'x'"),
    ];
    Given {
        catalog: Catalog::new(program, 1, Vec::new()).with_segments(segments),
        event: event(),
        account,
    }
});

fn event() -> Event {
    let items =
        (0..40).map(|n| json!({"product": "p", "category": "c", "quantity": n, "amount": n}));
    let event = json!({"type": "payment.completed", "data": {
        "id": "pay_1", "customer": "cust_1", "amount": 2050, "currency": "EUR",
        "line_items": items.collect::<Vec<_>>(),
        "metadata": {
            "a": i64::MAX, "b": -1.5, "c": "ä\u{0}€", "d": [1, "x", null, [2]],
            "e": {"a": {"b": 0}}, "f": 1e300, "g": true, "h": null, "i": u64::MAX,
        },
    }});
    let incoming = from_api(event).expect("an event");
    parse(incoming, *NOW).expect("an event")
}

/// A condition that can be saved says the same each time, within the steps that it may take; one
/// that cannot is refused with what is wrong.
///
/// # Panics
/// Where that does not hold.
pub fn conditions(data: &[u8]) {
    let Ok(source) = std::str::from_utf8(data) else {
        return;
    };
    let given = &*GIVEN;
    for scope in [Scope::Segment, Scope::Member, Scope::Event] {
        let is_event = scope == Scope::Event;
        let facts = Facts {
            catalog: &given.catalog,
            event: is_event.then_some(&given.event),
            account: Some(&given.account),
            at: *NOW,
            decided_at: *NOW,
        };
        match compile(source, scope) {
            Ok(compiled) => {
                assert!(source.len() <= SOURCE_BYTES_MAX);
                judge(compiled.as_ref(), &facts, source);
                let stranger = Facts {
                    account: None,
                    ..facts
                };
                judge(compiled.as_ref(), &stranger, source);
            }
            Err(refusal) => {
                check_refusal(&refusal);
                // One that was saved when it could be never holds.
                let stored = compile_stored(source, scope);
                assert!(stored.holds(&facts, &mut Steps::default()).is_err());
            }
        }
    }
}

fn judge(compiled: &dyn Condition, facts: &Facts<'_>, source: &str) {
    let mut steps = Steps::default();
    let judged = compiled.holds(facts, &mut steps);
    let used = STEPS_MAX - steps.left();
    if used == STEPS_MAX {
        assert!(judged.is_err(), "it was cut off, and yet said: {source}");
    }
    // Nothing depends on what was judged before.
    assert_eq!(
        compiled.holds(facts, &mut Steps::default()),
        judged,
        "{source}"
    );
}

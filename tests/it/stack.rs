//! The local stack as a whole: bus, queues, functions, stream and outbox, wired as the template
//! says.

use std::collections::{BTreeMap, BTreeSet};

use laurel::stack::{Options, Stack};
use laurel_ledger::{AccountFilter, PageRequest, TransactionFilter};
use serde_json::{Value, json};

async fn stack() -> Stack {
    laurel_tests::logs::watch();
    let stack = Stack::start(Options::default()).await.expect("a stack");
    let program = laurel::setup::ProgramFile::parse(laurel::setup::DEMO).expect("a program");
    program
        .set_up(&stack.router(), &stack.api_key)
        .await
        .expect("is set up");
    stack
}

fn envelope(number: usize, event_type: &str, detail: Value) -> Value {
    json!({
        "version": "0", "id": format!("bus-{number}"), "detail-type": event_type,
        "source": "shop", "account": "123456789012", "time": "2026-11-03T10:15:00Z",
        "region": "eu-central-1", "resources": [], "detail": detail,
    })
}

fn payment(id: &str, amount: i64) -> Value {
    json!({"id": id, "amount": amount, "currency": "EUR", "customer": "cust_1"})
}

async fn only_account(stack: &Stack) -> laurel_ledger::AccountView {
    let filter = AccountFilter::of("prog_default");
    let mut page = stack
        .ledger
        .accounts(&filter, &PageRequest::default())
        .await
        .expect("accounts");
    assert_eq!(page.data.len(), 1);
    page.data.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_committed_change_is_announced_once_and_nothing_else() {
    let stack = stack().await;
    let events = [
        ("payment.completed", payment("pay_1", 1000)),
        ("payment.completed", payment("pay_1", 1000)),
        (
            "payment.refunded",
            json!({"id": "re_1", "payment": "pay_1", "amount": 500}),
        ),
        ("payment.completed", payment("pay_2", 700_000)),
        (
            "review_submitted",
            json!({"id": "rev_1", "customer": "cust_1"}),
        ),
    ];
    for (number, (event_type, detail)) in events.into_iter().enumerate() {
        assert!(
            stack.bus.publish(envelope(number, event_type, detail)) > 0,
            "{event_type}"
        );
        stack.settled().await;
    }
    assert_eq!(
        stack.dead_letters.count(),
        0,
        "{}",
        stack.dead_letters.to_json()
    );
    // The refund gave 5 points back to the month's cap of 5,000.
    let member = only_account(&stack).await;
    assert_eq!(
        (member.balance, member.account.lifetime_points),
        (5500, 5505)
    );

    let mut expected = BTreeSet::new();
    let filter = TransactionFilter {
        account: member.account.id.clone(),
        kind: None,
        created: laurel_ledger::TimeRange::default(),
    };
    let log = stack
        .ledger
        .transactions(&filter, &PageRequest::default())
        .await
        .expect("a log");
    for view in &log.data {
        expected.insert(view.id().to_string());
    }
    let announced: Vec<Value> = stack
        .bus
        .seen()
        .into_iter()
        .filter(|event| event["source"] == "laurel")
        .collect();
    let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &announced {
        *by_type
            .entry(event["detail-type"].as_str().expect("a type"))
            .or_default() += 1;
        assert_eq!(event["detail"]["type"], event["detail-type"]);
    }
    let transactions: Vec<String> = announced
        .iter()
        .filter_map(|event| {
            event["detail"]["data"]["transaction"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(
        transactions.len(),
        expected.len(),
        "each transaction once: {by_type:?}"
    );
    assert_eq!(transactions.into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(
        by_type,
        BTreeMap::from([
            ("loyalty.account.created", 1),
            ("loyalty.points.earned", 3),
            ("loyalty.points.reversed", 1),
        ])
    );
    let ids: BTreeSet<_> = announced
        .iter()
        .map(|event| event["detail"]["id"].to_string())
        .collect();
    assert_eq!(
        ids.len(),
        announced.len(),
        "every announcement has an id of its own"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_handled_waits_in_the_dead_letters_with_its_reason() {
    let stack = stack().await;
    let bad = [
        (
            "payment.completed",
            payment("pay_bad", -1),
            "parameter_invalid",
        ),
        (
            "payment.refunded",
            json!({"id": "re_1"}),
            "parameter_missing",
        ),
        (
            "review_submitted",
            json!({"id": "A#B", "customer": "c"}),
            "parameter_invalid",
        ),
        (
            "payment.completed",
            payment("pay_1", 5),
            "event_content_mismatch",
        ),
    ];
    stack
        .bus
        .publish(envelope(100, "payment.completed", payment("pay_1", 1000)));
    stack.settled().await;
    for (number, (event_type, detail, code)) in bad.into_iter().enumerate() {
        stack.bus.publish(envelope(number, event_type, detail));
        stack.settled().await;
        let letters = stack.dead_letters.all();
        let last = letters.last().expect("a dead letter");
        assert_eq!(
            last.letter.code, code,
            "{event_type}: {}",
            last.letter.reason
        );
        assert!(
            last.letter.body.contains(&format!("bus-{number}")),
            "as it came"
        );
    }
    assert_eq!(stack.dead_letters.count(), 4);
    assert_eq!(only_account(&stack).await.balance, 510);
}

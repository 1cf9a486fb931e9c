//! Redemptions and store credit: the sentences of the spec and of the documents.

use super::spec::{Shop, at, euro_rule, payment, program, refund};
use crate::*;

const MORNING: &str = "2026-03-10T09:00:00Z";
const NOON: &str = "2026-03-10T12:00:00Z";

fn reward() -> Reward {
    Reward {
        id: "rwd_1".to_owned(),
        gives: Gives::Discount(Money::new(500, "EUR")),
        cost: 100,
        stock: None,
        limit: None,
        min_tier: None,
        active: true,
        starts_at: None,
        ends_at: None,
    }
}

impl Shop {
    fn with_reward(settings: ProgramSettings, reward: Reward) -> Self {
        let mut shop = Self::new(settings, &[euro_rule()]);
        shop.model
            .apply(at(MORNING), &Op::SetReward(Box::new(reward)));
        shop
    }

    fn redeem(&mut self, when: &str, reserve_minutes: Option<u32>) -> &'static str {
        let op = Op::Redeem {
            member: self.ann,
            wanted: Wanted::Reward("rwd_1".to_owned()),
            reserve_minutes,
        };
        self.told(when, &op)
    }

    fn act(&mut self, when: &str, number: usize, act: Act) -> &'static str {
        let redemption = RedemptionId(number);
        self.told(when, &Op::Act { redemption, act })
    }

    /// The outcome, or the code of the refusal.
    fn told(&mut self, when: &str, op: &Op) -> &'static str {
        let answer = self.model.apply(at(when), op);
        self.model.check_invariants(at(when)).unwrap();
        answer.refusal().unwrap_or(answer.outcome())
    }
}

#[test]
fn a_reservation_comes_back_by_itself_and_to_where_it_came_from() {
    let mut shop = Shop::with_reward(program(), reward());
    shop.adjust_until(NOON, 60, false, Some("2026-03-10T12:10:00Z"));
    shop.adjust(NOON, 100, false);
    assert_eq!(shop.redeem(NOON, Some(30)), "reserved");
    assert_eq!(shop.balance("2026-03-10T12:29:59.999Z"), 60);
    // 60 of it have expired meanwhile.
    assert_eq!(shop.balance("2026-03-10T12:30:00Z"), 100);
    assert_eq!(
        shop.act("2026-03-10T12:30:00Z", 0, Act::Confirm),
        "redemption_not_reserved"
    );
}

#[test]
fn a_redemption_takes_its_turns() {
    let mut shop = Shop::with_reward(program(), reward());
    shop.adjust(NOON, 300, false);
    for (number, act, told) in [
        (0, Act::Use, "redemption_not_usable"),
        (0, Act::Confirm, "confirmed"),
        (0, Act::Confirm, "confirmed"),
        (0, Act::Cancel, "canceled"),
        (0, Act::Cancel, "canceled"),
        (0, Act::Confirm, "redemption_not_reserved"),
        (1, Act::Confirm, "confirmed"),
        (1, Act::Use, "used"),
        (1, Act::Use, "redemption_used"),
        (1, Act::Cancel, "redemption_used"),
    ] {
        if number == shop.model.redemptions(at(NOON)).len() {
            assert_eq!(shop.redeem(NOON, Some(30)), "reserved");
        }
        assert_eq!(shop.act(NOON, number, act), told, "{act:?}");
    }
    assert_eq!(shop.balance(NOON), 200);
}

#[test]
fn stock_and_limit_are_given_back() {
    let limit = Limit {
        redemptions: 1,
        window: Window::Day,
        rolling: false,
    };
    for (stock, limit, refusal) in [
        (Some(1), None, "out_of_stock"),
        (None, Some(limit), "limit_reached"),
    ] {
        let reward = Reward {
            stock,
            limit,
            ..reward()
        };
        let mut shop = Shop::with_reward(program(), reward);
        shop.adjust(NOON, 300, false);
        assert_eq!(shop.redeem(NOON, Some(30)), "reserved");
        assert_eq!(shop.redeem(NOON, None), refusal);
        assert_eq!(shop.redeem("2026-03-10T12:30:00Z", None), "confirmed");
    }
}

#[test]
fn a_payment_confirms_and_its_refunds_return_the_share_of_store_credit() {
    let mut shop = Shop::new(program(), &[euro_rule()]);
    let give = Op::AdjustCredit {
        member: shop.ann,
        money: Money::new(1_000, "EUR"),
        allow_negative: false,
        expiry: CreditExpiry::Never,
    };
    assert_eq!(shop.told(NOON, &give), "adjusted");
    let redeem = Op::Redeem {
        member: shop.ann,
        wanted: Wanted::StoreCredit(Money::new(600, "EUR")),
        reserve_minutes: Some(30),
    };
    assert_eq!(shop.told(NOON, &redeem), "reserved");
    let euros = |shop: &Shop| {
        shop.model
            .store_credit(shop.ann, at("2026-03-11T00:00:00Z"))
    };
    let mut paid = payment("pay_1", "2026-03-10T12:10:00Z", 1_000);
    paid.redemption = Some(RedemptionId(0));
    shop.send(paid);
    assert_eq!(euros(&shop), [("EUR".to_owned(), 400, 0)]);
    for (number, amount, balance) in [(1, Some(333), 599), (2, Some(333), 799), (3, None, 1_000)] {
        let id = format!("re_{number}");
        shop.send(refund(&id, "2026-03-10T12:20:00Z", "pay_1", amount));
        assert_eq!(euros(&shop), [("EUR".to_owned(), balance, 0)]);
    }
}

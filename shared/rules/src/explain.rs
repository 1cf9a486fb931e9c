//! Transactions in words that can be read out to the member (spec section 1, "Explain").
//!
//! The sentences say what the ledger says, in exact numbers, and work nothing out that could come
//! out otherwise: what an award was multiplied by and cut to is read off its trace.

mod award;

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    Catalog, Entry, Transaction,
    entry::TransactionType,
    event::{PAYMENT_DISPUTED, PAYMENT_REFUNDED},
    words::{money, points, points_were},
};

/// A transaction, and what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The entry that it stands in.
    pub entry: &'a Entry,
    /// The place in it.
    pub place: usize,
    /// The transaction that it is about, where there is one and it could be read: the earning that
    /// it reverses or that expired.
    pub of: Option<(&'a Entry, &'a Transaction)>,
    /// The program as it is by now, for the names of tiers and campaigns, and for its time zone.
    pub catalog: Option<&'a Catalog>,
}

/// Says in short sentences how a transaction came about; nothing where the entry has no such place.
#[must_use]
pub fn explain(subject: Subject<'_>) -> Vec<String> {
    let Some(made) = subject.entry.transactions.get(subject.place) else {
        return Vec::new();
    };
    let mut said = match (made.kind, &made.calculation) {
        (TransactionType::Earn, Some(trace)) => subject.award(made, trace),
        (TransactionType::Earn, None) => subject.promised(made),
        (TransactionType::Reverse, _) => subject.reversed(made),
        (TransactionType::Expire, _) => vec![subject.expired(made)],
        (TransactionType::Redeem, _) => vec![redeemed(made)],
        (TransactionType::Adjust, _) => vec![subject.adjusted(made)],
    };
    said.extend(subject.validity(made));
    said.push(balance(made));
    said
}

impl Subject<'_> {
    /// A moment in the program's time zone, to the minute.
    fn moment(&self, at: Timestamp) -> String {
        let program = self.catalog.map(|catalog| &catalog.program);
        let zone = program.map_or(TimeZone::UTC, |program| program.timezone.clone());
        let name = program.map_or("UTC", |program| program.timezone_name());
        let local = at.to_zoned(zone);
        format!("{} ({name})", local.strftime("%-d %B %Y, %H:%M"))
    }

    /// What a referral promised.
    fn promised(&self, made: &Transaction) -> Vec<String> {
        let granted = points(made.amount);
        let mut said = vec![match &made.referral {
            Some(referral) => format!("The referral `{referral}` gave {granted}."),
            None => format!("{} given: {}.", points_were(made.amount), made.reason),
        }];
        said.extend(made.uncapped_points.map(|promised| {
            format!(
                "Promised were {}; the program's budget had no more left.",
                points(promised)
            )
        }));
        said
    }

    /// What was taken back, or came back.
    fn reversed(&self, made: &Transaction) -> Vec<String> {
        let entry = self.entry;
        if made.amount >= 0
            && let Some(redemption) = &made.redemption
        {
            let (came, reason) = (points(made.amount), &made.reason);
            return vec![format!(
                "{came} that the redemption `{redemption}` took came back ({reason})."
            )];
        }
        let cause = match (entry.trigger.as_str(), &entry.payment) {
            (PAYMENT_REFUNDED, Some(payment)) => {
                let refund = &entry.source_id;
                format!("The refund `{refund}` of the payment `{payment}`")
            }
            (PAYMENT_DISPUTED, Some(payment)) => {
                let dispute = &entry.source_id;
                format!("The dispute `{dispute}` of the payment `{payment}`, which was lost,")
            }
            _ => match &made.referral {
                Some(referral) => format!("The reversal of the referral `{referral}`"),
                None => format!("The {} `{}`", entry.source_type(), entry.source_id),
            },
        };
        let written_off = made.written_off.unwrap_or(0);
        let counted = written_off.saturating_sub(made.amount);
        let share = match (self.of, &made.of) {
            (Some((entry, earning)), _) => format!(
                "{counted} of the {} that {} gave{}",
                points(earning.amount),
                rule_of(entry, earning),
                made.earned_at
                    .map_or_else(String::new, |at| format!(" on {}", self.moment(at))),
            ),
            (None, Some(earning)) => format!("{} of the earning `{earning}`", points(counted)),
            (None, None) => points(counted),
        };
        let mut said = vec![format!("{cause} takes back {share}.")];
        if written_off > 0 {
            said.push(format!(
                "Of them {written_off} had been spent, which is written off."
            ));
        }
        if made.available_at.is_some() {
            said.push("They had not matured yet.".to_owned());
        }
        said
    }

    fn expired(&self, made: &Transaction) -> String {
        let at = made.occurred_at.unwrap_or(self.entry.occurred_at);
        let gone = points(made.amount.saturating_neg());
        let of = match (self.of, &made.of) {
            (Some((entry, earning)), _) => format!(
                " of the {} that {} gave",
                points(earning.amount),
                rule_of(entry, earning)
            ),
            (None, Some(earning)) => format!(" of the earning `{earning}`"),
            (None, None) => String::new(),
        };
        format!("{gone}{of} expired unspent on {}.", self.moment(at))
    }

    fn adjusted(&self, made: &Transaction) -> String {
        let reason = &made.reason;
        let counts = if made.lifetime {
            ", and counted into the lifetime total"
        } else {
            ""
        };
        match (&made.of, made.amount) {
            (Some(earning), 0) => {
                let until = made.expires_at.map_or_else(
                    || "never expires now".to_owned(),
                    |at| format!("expires on {} instead", self.moment(at)),
                );
                format!("What is left of the earning `{earning}` {until}: \"{reason}\".")
            }
            (Some(expiry), amount) => {
                let given = points_were(amount);
                format!("{given} given back of what had expired (`{expiry}`): \"{reason}\".")
            }
            (None, amount) if amount < 0 => {
                let taken = points_were(amount.saturating_neg());
                format!("{taken} taken by hand: \"{reason}\".")
            }
            (None, amount) => {
                format!(
                    "{} given by hand{counts}: \"{reason}\".",
                    points_were(amount)
                )
            }
        }
    }

    /// From when and until when the points can be spent.
    fn validity(&self, made: &Transaction) -> Option<String> {
        if made.amount <= 0 {
            return None;
        }
        let from = made.available_at.map(|at| self.moment(at));
        let until = made.expires_at.map(|at| self.moment(at));
        match (from, until) {
            (Some(from), Some(until)) => Some(format!(
                "They can be spent from {from} on, and expire on {until}."
            )),
            (Some(from), None) => Some(format!("They can be spent from {from} on.")),
            (None, Some(until)) => Some(format!("They expire on {until}.")),
            (None, None) => None,
        }
    }

    /// What the event behind an award is called, with the amount that counted where it was money.
    fn source(&self, amount: Option<(i64, &str)>) -> String {
        let (kind, id) = (self.entry.source_type(), &self.entry.source_id);
        let of = amount.map_or_else(String::new, |(amount, currency)| {
            format!(" of {}", money(amount, currency))
        });
        match kind {
            "behavior" => format!("the event `{}` `{id}`{of}", self.entry.trigger),
            "account" => "the new account".to_owned(),
            "event" => "a change of tier".to_owned(),
            _ => format!("the {kind} `{id}`{of}"),
        }
    }
}

/// What gave an earning: a rule by its name, or else whatever its reason says.
fn rule_of(entry: &Entry, earning: &Transaction) -> String {
    match &earning.rule {
        Some((rule, version)) => named_rule(entry, rule, *version, &earning.reason),
        None => format!("the {}", earning.reason),
    }
}

/// A rule by its name where it had one then, else by its id. The reason of an award is the rule's
/// name, or the event type where it had none.
fn named_rule(entry: &Entry, id: &str, version: u32, reason: &str) -> String {
    if reason == entry.trigger {
        format!("the rule `{id}` (version {version})")
    } else {
        format!("the rule \"{reason}\" (version {version})")
    }
}

fn redeemed(made: &Transaction) -> String {
    let taken = points(made.amount.saturating_neg());
    match &made.redemption {
        Some(redemption) => {
            format!(
                "The redemption `{redemption}` took {taken}: {}.",
                made.reason
            )
        }
        None => format!("The redemption took {taken}: {}.", made.reason),
    }
}

fn balance(made: &Transaction) -> String {
    let after = made.balance_after;
    if after < 0 {
        return format!(
            "The balance right after was {}, which what is earned next repays.",
            points(after)
        );
    }
    format!("The balance right after was {}.", points(after))
}

//! Who earned what by which rule, for whoever reckons it again in another way.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
};

use aws_sdk_dynamodb::types::AttributeValue;
use laurel_rules::{Entry, entry::TransactionType};

/// What the members of a table earned, by rule.
#[derive(Debug, Clone, Default)]
pub struct Earned {
    customers: HashMap<String, String>,
    /// Awards and points by account and rule.
    awards: BTreeMap<(String, String), (u64, i64)>,
}

impl Earned {
    pub(super) fn add_account(&mut self, item: &HashMap<String, AttributeValue>) {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let account = text("pk").and_then(|pk| pk.strip_prefix("A#"));
        if let (Some(account), Some(customer)) = (account, text("c")) {
            let known = (account.to_owned(), customer.clone());
            self.customers.extend([known]);
        }
    }

    pub(super) fn add_entry(&mut self, entry: &Entry) {
        for transaction in &entry.transactions {
            let Some((rule, _)) = &transaction.rule else {
                continue;
            };
            if transaction.kind == TransactionType::Earn {
                let key = (entry.account.clone(), rule.clone());
                let (awards, points) = self.awards.entry(key).or_default();
                *awards += 1;
                *points += transaction.amount;
            }
        }
    }

    /// A line of `customer,rule,awards,points` for each member and rule, below its headings, in
    /// order.
    #[must_use]
    pub fn csv(&self) -> String {
        let lines = self.awards.iter().map(|((account, rule), earned)| {
            let customer = self.customers.get(account).unwrap_or(account);
            (customer, rule, earned)
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        let mut text = String::from("customer,rule,awards,points\n");
        for (customer, rule, (awards, points)) in lines {
            let _ = writeln!(text, "{customer},{rule},{awards},{points}");
        }
        text
    }
}

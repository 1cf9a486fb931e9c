//! What all accounts of a program share: budgets, stock, codes. What the counters say is compared
//! with what the accounts' entries took.
//!
//! A counter is read before any account is, and accounts one after another while others write. An
//! entry from before the counter was read is in both. Of a later one, and of one that was being
//! written then, the counter may know or not. So a sum has a least and a most, and what lies
//! between them is right; where nothing is written the two are one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use laurel_rules::{
    Entry, Transaction,
    budget::BudgetWindow,
    entry::{Change, TransactionType},
    id::TransactionId,
    pool::PoolId,
    record::Drawn,
    referral::{Gift, ReferralId},
};
use serde::{Deserialize, Serialize};

use super::{Dossier, Invariant, Terms, Violation};
use crate::{Error, Ledger, item, store::Consistency, table::Key};

/// How long a write may take from its time to its end, with how far clocks may differ: 15 minutes.
const UNSETTLED: SignedDuration = SignedDuration::from_mins(15);
/// How many sums are kept at a time, some 2 MB; those that come later are not compared.
const SUMS_MAX: usize = 10_000;

/// Something that accounts share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shared {
    /// Points used of a budget in one window.
    Pool(String),
    /// Of a reward's stock.
    Stock(String),
    /// Imported codes of a reward that are kept or issued.
    CodesKept(String),
}

impl Shared {
    pub(super) fn pool(id: &PoolId) -> Shared {
        let campaign = id.campaign.as_deref().unwrap_or_default();
        Shared::Pool(format!("{}#{campaign}#{}", id.program, id.window))
    }

    fn name(&self) -> String {
        match self {
            Shared::Pool(id) => format!("pool#{id}"),
            Shared::Stock(id) => format!("stock#{id}"),
            Shared::CodesKept(id) => format!("codes#{id}"),
        }
    }
}

/// What one entry took of something shared, or gave back.
#[derive(Debug)]
pub(super) struct Part {
    of: Shared,
    /// When the entry was written.
    at: Timestamp,
    amount: i64,
    /// The limit that it was judged by.
    limit: Option<i64>,
}

/// What a counter says, and what accounts took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    program: Option<String>,
    /// What the counter said; none where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    said: Option<i64>,
    read_at: Timestamp,
    least: i64,
    most: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
}

/// All sums of a round.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Sums {
    by_name: BTreeMap<String, Sum>,
    /// Whether there were too many to keep.
    #[serde(default)]
    is_full: bool,
}

impl Sums {
    /// Notes what a counter says at this time of its program.
    pub(super) fn say(
        &mut self,
        of: &Shared,
        program: Option<&str>,
        said: i64,
        limit: Option<i64>,
        read_at: Timestamp,
    ) {
        let sum = Sum {
            program: program.map(str::to_owned),
            said: Some(said),
            read_at,
            least: 0,
            most: 0,
            limit,
        };
        self.is_full |= self.by_name.len() >= SUMS_MAX;
        if !self.is_full {
            self.by_name.insert(of.name(), sum);
        }
    }

    /// Adds what an account's entry took. `started` is when the round was; at rest nobody writes.
    pub(super) fn add(&mut self, program: &str, part: &Part, started: Timestamp, at_rest: bool) {
        let name = part.of.name();
        if !self.by_name.contains_key(&name) {
            self.is_full |= self.by_name.len() >= SUMS_MAX;
            if self.is_full {
                return;
            }
        }
        let sum = self.by_name.entry(name).or_insert(Sum {
            program: None,
            said: None,
            read_at: started,
            least: 0,
            most: 0,
            limit: None,
        });
        if sum.program.is_none() {
            sum.program = Some(program.to_owned());
        }
        sum.limit = sum.limit.max(part.limit);
        let settled = sum.read_at.checked_sub(UNSETTLED);
        let is_certain = at_rest || settled.is_ok_and(|settled| part.at < settled);
        if is_certain || part.amount < 0 {
            sum.least = sum.least.saturating_add(part.amount);
        }
        if is_certain || part.amount > 0 {
            sum.most = sum.most.saturating_add(part.amount);
        }
    }

    /// Whether a budget of this program was ever used.
    pub(super) fn has_budgets(&self, program: &str) -> bool {
        let first = format!("pool#{program}#");
        let mut from = self.by_name.range(first.clone()..);
        from.next()
            .is_some_and(|(name, _)| name.starts_with(&first))
    }

    /// Takes the sums of a program out, and answers those that are not what counters say.
    pub(super) fn compare(&mut self, program: &str) -> Vec<Violation> {
        let mut found = Vec::new();
        let is_full = self.is_full;
        self.by_name.retain(|name, sum| {
            if sum.program.as_deref() != Some(program) {
                return true;
            }
            // A counter for which there was no room has said nothing.
            if sum.said.is_some() || !is_full {
                found.extend(sum.problem(name).map(|(invariant, message)| Violation {
                    program: program.to_owned(),
                    account: None,
                    invariant,
                    message,
                    transactions: Vec::new(),
                }));
            }
            false
        });
        found
    }
}

impl Sum {
    fn problem(&self, name: &str) -> Option<(Invariant, String)> {
        let (kind, id) = name.split_once('#')?;
        let (invariant, what) = match kind {
            "pool" => {
                let mut parts = id.splitn(3, '#').skip(1);
                let campaign = parts.next().filter(|it| !it.is_empty());
                let of = campaign.map_or("the program".to_owned(), |it| format!("`{it}`"));
                let window = parts.next().unwrap_or_default();
                (
                    Invariant::Budgets,
                    format!("points of the budget of {of} in the window {window}"),
                )
            }
            "stock" => (Invariant::Stock, format!("of the stock of `{id}`")),
            _ => (Invariant::Stock, format!("imported codes of `{id}`")),
        };
        let took = match self.least == self.most {
            true => self.least.to_string(),
            false => format!("from {} to {}", self.least, self.most),
        };
        match self.said {
            Some(said) if said < self.least || said > self.most => Some((
                invariant,
                format!("The counter says {said} {what}, and the transactions took {took}."),
            )),
            None if self.least > 0 => Some((
                invariant,
                format!("The transactions took {took} {what}, which has no counter."),
            )),
            _ if self.limit.is_some_and(|limit| self.least > limit) => Some((
                invariant,
                format!("The transactions took {took} {what}, more than there ever were."),
            )),
            _ => None,
        }
    }
}

/// An earning, as far as it took of budgets.
struct Earning {
    points: i64,
    drawn: Vec<Drawn>,
    limits: Vec<Option<i64>>,
    reversed: i64,
}

impl Ledger {
    /// What the entries of an account took of what the whole program shares.
    pub(super) async fn parts(
        &self,
        dossier: &Dossier,
        terms: &Terms<'_>,
    ) -> Result<Vec<Part>, Error> {
        let own: Vec<&Entry> = dossier.entries.iter().map(|(_, entry)| entry).collect();
        let mut parts: Vec<Part> = own.iter().flat_map(|entry| of_stock(entry)).collect();
        if !terms.has_budgets {
            return Ok(parts);
        }
        let before = self.logs_before(dossier).await?;
        let all: Vec<&Entry> = before.iter().chain(own.iter().copied()).collect();
        let gifts = self.gifts(&all).await?;
        let mut earnings = HashMap::new();
        for entry in &all {
            let is_own = entry.account == dossier.account.id;
            for (place, transaction) in entry.transactions.iter().enumerate() {
                let id = entry.transaction_id(place);
                if transaction.kind == TransactionType::Earn {
                    let earning = earning(entry, transaction, gifts.get(&id), terms);
                    if is_own {
                        parts.extend(earning.taken(entry.created));
                    }
                    earnings.insert(id, earning);
                } else if let Some((of, points)) = reversal(transaction)
                    && let Some(earning) = earnings.get_mut(of)
                {
                    let returned = earning.reverse(points, entry.created);
                    parts.extend(returned.into_iter().filter(|_| is_own));
                }
            }
        }
        Ok(parts)
    }

    /// The logs of accounts that were merged into this one, as far as something that they earned
    /// was reversed here: each before the one that it was merged into.
    async fn logs_before(&self, dossier: &Dossier) -> Result<Vec<Entry>, Error> {
        let own = &dossier.account.id;
        let entries = dossier.entries.iter();
        let reversed =
            entries.flat_map(|(_, entry)| entry.transactions.iter().filter_map(reversal));
        let earners: BTreeSet<String> = reversed
            .map(|(of, _)| of.account.clone())
            .filter(|account| account != own)
            .collect();
        let (mut read, mut logs) = (BTreeSet::new(), Vec::new());
        for earner in earners {
            let mut next = Some(earner);
            while let Some(id) = next.take().filter(|id| id != own && !read.contains(id)) {
                let merged = self.dossier(&id).await?;
                logs.extend(merged.entries.into_iter().map(|(_, entry)| entry));
                next = merged.account.merged_into;
                read.insert(id);
            }
        }
        logs.sort_by(|a, b| (a.created, &a.account, a.seq).cmp(&(b.created, &b.account, b.seq)));
        Ok(logs)
    }

    /// What points that no rule gave took of budgets: their referrals say it.
    async fn gifts(&self, entries: &[&Entry]) -> Result<HashMap<TransactionId, Vec<Drawn>>, Error> {
        let made = entries.iter().flat_map(|entry| &entry.transactions);
        let promised = made.filter(|it| is_promised(it));
        let ids = promised.filter_map(|it| ReferralId::parse(it.referral.as_ref()?));
        let keys: Vec<Key> = ids.map(|id| Key::referral(&id)).collect();
        let found = self.store.get(keys, Consistency::Strong).await?;
        let mut gifts = HashMap::new();
        for item in found.values() {
            for given in item::referral(item)?.given {
                if let Gift::Points {
                    transaction, drawn, ..
                } = given.gift
                    && let Some(id) = TransactionId::parse(&transaction)
                {
                    gifts.insert(id, drawn);
                }
            }
        }
        Ok(gifts)
    }
}

fn of_stock(entry: &Entry) -> Vec<Part> {
    let mut parts = Vec::new();
    for change in &entry.changes {
        let Change::Redemption(change) = change else {
            continue;
        };
        if let (Some(reward), Some((used, kept))) = (&change.reward, change.takes()) {
            let of = [
                (Shared::Stock(reward.id.clone()), used),
                (Shared::CodesKept(reward.id.clone()), kept),
            ];
            parts.extend(
                of.into_iter()
                    .filter(|(_, amount)| *amount != 0)
                    .map(|(of, amount)| Part {
                        of,
                        at: entry.created,
                        amount,
                        limit: None,
                    }),
            );
        }
    }
    parts
}

/// Whether points were promised by a referral, and given by no rule.
fn is_promised(transaction: &Transaction) -> bool {
    transaction.kind == TransactionType::Earn
        && transaction.calculation.is_none()
        && transaction.referral.is_some()
}

/// The earning that a transaction takes back of, and how many points, with what was written off.
fn reversal(transaction: &Transaction) -> Option<(&TransactionId, i64)> {
    let of = transaction.of.as_ref()?;
    let points = transaction.written_off.unwrap_or(0) - transaction.amount;
    (transaction.kind == TransactionType::Reverse && points > 0).then_some((of, points))
}

fn earning(
    entry: &Entry,
    transaction: &Transaction,
    gift: Option<&Vec<Drawn>>,
    terms: &Terms<'_>,
) -> Earning {
    let mut earning = Earning {
        points: transaction.amount,
        drawn: Vec::new(),
        limits: Vec::new(),
        reversed: 0,
    };
    if let Some(calculation) = &transaction.calculation {
        for budget in calculation
            .budgets
            .iter()
            .filter(|it| it.granted_points > 0)
        {
            let window = budget.starts_on.map_or_else(
                || BudgetWindow::of(budget.window, entry.occurred_at, &terms.program.timezone),
                |starts_on| BudgetWindow::beginning(budget.window, starts_on),
            );
            earning.drawn.push(Drawn {
                pool: PoolId {
                    program: entry.program.clone(),
                    campaign: budget.campaign.clone(),
                    window,
                },
                points: budget.granted_points,
            });
            earning.limits.push(Some(budget.limit_points));
        }
    } else if let Some(drawn) = gift {
        earning.drawn.clone_from(drawn);
        earning.limits.resize(drawn.len(), None);
    }
    earning
}

impl Earning {
    fn taken(&self, at: Timestamp) -> Vec<Part> {
        let drawn = self.drawn.iter().zip(&self.limits);
        let parts = drawn.map(|(drawn, limit)| Part {
            of: Shared::pool(&drawn.pool),
            at,
            amount: drawn.points,
            limit: *limit,
        });
        parts.collect()
    }

    /// Reverses so many points more; answers what goes back.
    fn reverse(&mut self, points: i64, at: Timestamp) -> Vec<Part> {
        let after = self.reversed.saturating_add(points);
        let parts = self.drawn.iter().map(|drawn| Part {
            of: Shared::pool(&drawn.pool),
            at,
            amount: -drawn.returned(self.points, self.reversed, after),
            limit: None,
        });
        let parts = parts.filter(|part| part.amount != 0).collect();
        self.reversed = after;
        parts
    }
}

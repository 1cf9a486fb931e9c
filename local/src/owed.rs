//! What a program owes, added up by looking at every item of the table, beside the figures that
//! are kept as the ledger grows. Nothing here is shared with who keeps them but the names.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use jiff::{SignedDuration, Timestamp};
use laurel_ledger::{
    Error, Liability, UnitFigures,
    item::{Item, account, entry_from_image},
};
use laurel_rules::{
    Account, Entry, Program, entry::TransactionType, liability::Flow, purse::Step,
    window::inactivity_deadline,
};

use crate::{stack::TABLE, table};

/// Items of one page of the table: without a limit the store reads all that is left of it for
/// each.
const SCAN_LIMIT: i32 = 500;

/// Figures by name, as `outstanding`, `EUR until 2026-12` or `2026-11 issued`; those that are zero
/// are absent.
pub type Figures = BTreeMap<String, i128>;

/// The table could not be added up.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It does not answer.
    #[error("the table cannot be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It holds what cannot be read.
    #[error(transparent)]
    Item(#[from] Error),
}

/// A figure as it is kept, and as it is added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// As it is kept.
    pub kept: i128,
    /// As it is added up.
    pub added_up: i128,
}

/// All figures of both, in order.
#[must_use]
pub fn compare(kept: &Figures, added_up: &Figures) -> Vec<Compared> {
    let mut both: BTreeMap<&String, (i128, i128)> = BTreeMap::new();
    for (name, amount) in kept {
        both.entry(name).or_default().0 = *amount;
    }
    for (name, amount) in added_up {
        both.entry(name).or_default().1 = *amount;
    }
    let compared = both.into_iter();
    let compared = compared.map(|(name, (kept, added_up))| Compared {
        name: name.clone(),
        kept,
        added_up,
    });
    compared.collect()
}

/// Both, as a table, and whether they agree.
#[must_use]
pub fn in_words(compared: &[Compared]) -> (String, bool) {
    let row = |figure: &Compared| {
        let differs = if figure.kept == figure.added_up {
            ""
        } else {
            "differs"
        };
        let amounts = [figure.kept.to_string(), figure.added_up.to_string()];
        let [kept, added_up] = amounts;
        vec![figure.name.clone(), kept, added_up, differs.to_owned()]
    };
    let rows: Vec<Vec<String>> = compared.iter().map(row).collect();
    let all = compared.len();
    let differing = compared.iter().filter(|it| it.kept != it.added_up).count();
    let verdict = match differing {
        0 => format!("All {all} figures agree with the ledger."),
        some => format!("{some} of {all} figures differ from the ledger."),
    };
    let header = ["FIGURE", "KEPT", "LEDGER", ""];
    let text = format!("{}\n{verdict}\n", table::format(&header, &rows));
    (text, differing == 0)
}

/// The figures that are kept.
#[must_use]
pub fn kept(liability: &Liability) -> Figures {
    let mut figures = Figures::new();
    add_unit(&mut figures, "", &liability.points);
    for (currency, unit) in &liability.store_credit {
        add_unit(&mut figures, &format!("{currency} "), unit);
    }
    figures.retain(|_, amount| *amount != 0);
    figures
}

fn add_unit(figures: &mut Figures, unit: &str, of: &UnitFigures) {
    let mut put = |name: String, amount: i128| figures.insert(format!("{unit}{name}"), amount);
    put("outstanding".to_owned(), of.outstanding);
    put("pending".to_owned(), of.pending);
    put("deficit".to_owned(), of.deficit);
    for (month, amount) in &of.by_expiry {
        let month = month.map_or("never".to_owned(), |month| month.to_string());
        put(format!("until {month}"), *amount);
    }
    for month in &of.months {
        for (flow, amount) in Flow::ALL.iter().zip(month.flows) {
            put(format!("{} {}", month.month, flow.as_str()), amount);
        }
    }
}

/// The same figures as of `now`, by looking at every account and every entry of the program.
///
/// # Errors
/// The table does not answer, or holds what cannot be read.
pub async fn added_up(
    client: &Client,
    program: &Program,
    now: Timestamp,
) -> Result<Figures, ScanError> {
    let mut figures = Figures::new();
    let mut start: Option<HashMap<String, AttributeValue>> = None;
    loop {
        let page = client.scan().table_name(TABLE).limit(SCAN_LIMIT);
        let page = page.set_exclusive_start_key(start).send().await;
        let page = page.map_err(|problem| ScanError::Read(problem.into()))?;
        for item in page.items.iter().flatten() {
            add_item(&mut figures, item, program, now)?;
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    figures.retain(|_, amount| *amount != 0);
    Ok(figures)
}

fn add_item(
    figures: &mut Figures,
    item: &Item,
    program: &Program,
    now: Timestamp,
) -> Result<(), Error> {
    let is_account = item
        .get("sk")
        .and_then(|sk| sk.as_s().ok())
        .is_some_and(|sk| sk == "A");
    if let Some(entry) = entry_from_image(item)? {
        if entry.program == program.id {
            add_entry(figures, &entry, program);
        }
    } else if is_account {
        let account = account(item)?;
        if account.program == program.id {
            add_account(figures, account, program, now);
        }
    }
    Ok(())
}

fn month(at: Timestamp, program: &Program) -> String {
    let local = at.to_zoned(program.timezone.clone());
    local.strftime("%Y-%m").to_string()
}

fn just_before(at: Timestamp) -> Timestamp {
    at - SignedDuration::from_millis(1)
}

fn add(figures: &mut Figures, name: String, amount: i64) {
    let sum = figures.entry(name).or_default();
    *sum = sum.saturating_add(amount.into());
}

fn add_entry(figures: &mut Figures, entry: &Entry, program: &Program) {
    let points = entry.transactions.iter();
    let points = points.map(|it| (String::new(), it.kind, it.amount, it.occurred_at));
    let credits = entry.credits.iter();
    let credits = credits.map(|it| {
        let unit = format!("{} ", it.currency);
        (unit, it.kind, it.amount, it.occurred_at)
    });
    for (unit, kind, amount, occurred_at) in points.chain(credits) {
        let name = match kind {
            TransactionType::Earn => "issued",
            TransactionType::Redeem => "redeemed",
            TransactionType::Expire => "expired",
            TransactionType::Adjust => "adjusted",
            TransactionType::Reverse if amount > 0 => "returned",
            TransactionType::Reverse => "reversed",
        };
        let booked = match (kind, occurred_at) {
            (TransactionType::Expire, Some(at)) => just_before(at),
            _ => entry.created,
        };
        let name = format!("{unit}{} {name}", month(booked, program));
        add(figures, name, amount);
    }
}

fn add_account(figures: &mut Figures, mut account: Account, program: &Program, now: Timestamp) {
    let passed = account.settle(program, now);
    let credit = passed.store_credit.into_iter();
    let credit = credit.map(|(currency, step)| (format!("{currency} "), step));
    let points = passed.points.into_iter().map(|step| (String::new(), step));
    for (unit, step) in points.chain(credit) {
        match step {
            Step::Expired(expired) => {
                let month = month(just_before(expired.at), program);
                add(figures, format!("{unit}{month} expired"), -expired.amount);
            }
            Step::Returned(returned) => {
                let month = month(now, program);
                let amount = returned.hold.amount();
                add(figures, format!("{unit}{month} returned"), amount);
            }
        }
    }
    let zone = &program.timezone;
    let idle = inactivity_deadline(program.expires.as_ref(), account.active_at, zone);
    let credit = account.store_credit.purses.iter();
    let credit = credit.map(|(currency, purse)| (format!("{currency} "), purse, None));
    let points = std::iter::once((String::new(), &account.points, idle));
    for (unit, purse, idle) in points.chain(credit) {
        for lot in &purse.lots {
            let until = lot.expiry(idle);
            let until = until.map_or("never".to_owned(), |end| month(just_before(end), program));
            add(figures, format!("{unit}until {until}"), lot.remaining);
            add(figures, format!("{unit}outstanding"), lot.remaining);
            if lot.available_at.is_some_and(|at| at > now) {
                add(figures, format!("{unit}pending"), lot.remaining);
            }
        }
        add(figures, format!("{unit}deficit"), purse.deficit);
    }
}

//! Auditing: whether what must hold does, of every account by its whole log, and of a program by
//! all of its accounts.
//!
//! Nothing here relies on what keeps the promises: sums are made again from the transactions,
//! seals from what they seal. An account is read with what it is linked to as it is at one
//! version, so that an audit may run while others write.

mod events;
mod invariant;
mod kept;
mod links;
mod log;
mod names;
mod referrals;
mod round;
mod sums;

use laurel_rules::{
    Account, Entry, Program, Redemption,
    referral::{Conversions, Referral, ReferralCode},
};

use crate::{
    Error, Ledger,
    item::{self, Item, Reader},
    retry::Pause,
    store::Consistency,
    table::{ENTRY_PREFIX, Key, REDEMPTION_PLACE_PREFIX, REFERRAL_PLACE_PREFIX},
};
use sums::Part;

pub use invariant::{Invariant, Violation};
pub use kept::{AuditLimits, AuditProgress, AuditRan};
pub use round::{AuditCounts, AuditReport, AuditRound};

/// What accounts of a program are audited by.
struct Terms<'a> {
    program: &'a Program,
    /// Whether any of its budgets has been used.
    has_budgets: bool,
    /// Whether entries are announced by now.
    is_announced: bool,
}

/// What came of auditing one account.
#[derive(Debug, Default)]
struct Audited {
    entries: u64,
    violations: Vec<Violation>,
    /// What the account's entries took of what the whole program shares.
    parts: Vec<Part>,
}

/// All of an account, as of one version.
struct Dossier {
    account: Account,
    /// Entries that read, in their order, each with the item that it was read from.
    entries: Vec<(Item, Entry)>,
    redemptions: Vec<Redemption>,
    /// Those that came by the account's code.
    referrals: Vec<Referral>,
    code: Option<ReferralCode>,
    conversions: Option<Conversions>,
    violations: Vec<Violation>,
}

impl Dossier {
    fn violated(
        &mut self,
        invariant: Invariant,
        message: impl Into<String>,
        transactions: Vec<String>,
    ) {
        self.violations.push(Violation {
            program: self.account.program.clone(),
            account: Some(self.account.id.clone()),
            invariant,
            message: message.into(),
            transactions,
        });
    }
}

impl Ledger {
    /// Audits one account. What looks wrong is looked at again, consistently, before it is told.
    async fn audit_account(&self, id: &str, terms: &Terms<'_>) -> Result<Audited, Error> {
        let first = self.audit_by(id, terms, Consistency::Eventual).await?;
        if first.violations.is_empty() {
            return Ok(first);
        }
        self.audit_by(id, terms, Consistency::Strong).await
    }

    /// Reads all of an account with what it is linked to, while it stays at one version.
    async fn audit_by(
        &self,
        id: &str,
        terms: &Terms<'_>,
        consistency: Consistency,
    ) -> Result<Audited, Error> {
        let mut pause = Pause::new();
        loop {
            match self.audit_once(id, terms, consistency).await {
                Ok(Some(audited)) => return Ok(audited),
                Ok(None) => {}
                Err(Error::Corrupt { key, problem }) => {
                    return Ok(Audited {
                        violations: vec![Violation {
                            program: terms.program.id.clone(),
                            account: Some(id.to_owned()),
                            invariant: Invariant::Items,
                            message: format!("The item {key} does not read: {problem}."),
                            transactions: Vec::new(),
                        }],
                        ..Audited::default()
                    });
                }
                Err(error) => return Err(error),
            }
            pause.or_busy().await?;
        }
    }

    /// `None` where the account was written meanwhile.
    async fn audit_once(
        &self,
        id: &str,
        terms: &Terms<'_>,
        consistency: Consistency,
    ) -> Result<Option<Audited>, Error> {
        let mut dossier = self.dossier(id).await?;
        dossier.check_log();
        self.check_records(&mut dossier, consistency).await?;
        self.check_names(&mut dossier, consistency).await?;
        self.check_redemptions(&mut dossier, consistency).await?;
        self.check_merge(&mut dossier).await?;
        self.check_referrals(&mut dossier, consistency).await?;
        self.check_events(&mut dossier, terms, consistency).await?;
        let parts = self.parts(&dossier, terms).await?;
        let after = self.stored_account(id, Consistency::Strong).await?;
        Ok((after.version == dossier.account.version).then(|| Audited {
            entries: u64::try_from(dossier.entries.len()).unwrap_or(u64::MAX),
            violations: dossier.violations,
            parts,
        }))
    }

    /// Reads an account and what stands beside it. The log may be ahead of the account where it
    /// is written at the same time: whoever goes by it asks for the account's version afterwards.
    async fn dossier(&self, id: &str) -> Result<Dossier, Error> {
        let account = self.stored_account(id, Consistency::Strong).await?;
        let items = self.store.query_all(&Key::account(id).pk, "!", "~").await?;
        dossier_of(account, items)
    }
}

fn dossier_of(account: Account, items: Vec<Item>) -> Result<Dossier, Error> {
    let conversions = Key::conversions(&account.id).sk;
    let mut dossier = Dossier {
        account,
        entries: Vec::with_capacity(items.len()),
        redemptions: Vec::new(),
        referrals: Vec::new(),
        code: None,
        conversions: None,
        violations: Vec::new(),
    };
    for item in items {
        let place = Reader::new(&item).text("sk")?.to_owned();
        if place.starts_with(ENTRY_PREFIX) {
            match item::entry(&item) {
                Ok(entry) => dossier.entries.push((item, entry)),
                Err(error) => {
                    let message = format!("The entry {place} does not read: {error}.");
                    dossier.violated(Invariant::Log, message, Vec::new());
                }
            }
        } else if place.starts_with(REDEMPTION_PLACE_PREFIX) {
            dossier.redemptions.push(item::redemption(&item)?);
        } else if place == referrals::CODE_PLACE {
            dossier.code = Some(item::referral_code(&item)?);
        } else if place.starts_with(REFERRAL_PLACE_PREFIX) {
            dossier.referrals.push(item::referral(&item)?);
        } else if place == conversions {
            dossier.conversions = Some(item::conversions(&item)?.1);
        }
    }
    Ok(dossier)
}

//! Names that only one active account of a program may bear.
//!
//! A claim leads from a name to an account. It stays when that account is merged (whoever follows
//! it goes on to the survivor) and when it is closed (an event for that customer meets the closed
//! account); but a name that leads to a closed account is free for another to take.

use super::{AccountWrite, Commit};
use crate::{Account, Code, Refusal, account::Status};

/// What a commit does with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The program.
    pub program: String,
    /// What kind of name.
    pub kind: ClaimKind,
    /// The name.
    pub value: String,
    /// Whose it is, becomes or was.
    pub account: String,
    /// What is done with it.
    pub write: ClaimWrite,
}

/// What is done with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimWrite {
    /// It becomes the account's. The claim must lead where it led when it was read, or must not
    /// exist where there was none.
    Take {
        /// Where it led.
        from: Option<String>,
    },
    /// It must lead to the account and goes on doing so.
    Keep,
    /// It must lead to the account and is given up.
    Release,
}

/// The kinds of names that are unique in a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClaimKind {
    /// A customer's id.
    Customer,
    /// An email address.
    Email,
}

impl ClaimKind {
    /// Both kinds.
    pub const ALL: [ClaimKind; 2] = [ClaimKind::Customer, ClaimKind::Email];

    /// The field of an account that holds such a name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ClaimKind::Customer => "customer",
            ClaimKind::Email => "email",
        }
    }

    /// The account's name of this kind.
    #[must_use]
    pub fn name_of(self, account: &Account) -> Option<&String> {
        match self {
            ClaimKind::Customer => account.customer.as_ref(),
            ClaimKind::Email => account.email.as_ref(),
        }
    }

    pub(super) fn name_of_mut(self, account: &mut Account) -> &mut Option<String> {
        match self {
            ClaimKind::Customer => &mut account.customer,
            ClaimKind::Email => &mut account.email,
        }
    }
}

/// Where the claim on a name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The account that the claim names.
    pub claim: String,
    /// That account, or the one that it was merged into.
    pub account: String,
    /// Its status.
    pub status: Status,
    /// Its version.
    pub version: u64,
}

/// Who has the names that a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holders {
    /// Who has the customer.
    pub of_customer: Option<Held>,
    /// Who has the email address.
    pub of_email: Option<Held>,
}

impl Holders {
    /// Who has the name of this kind.
    #[must_use]
    pub fn of(&self, kind: ClaimKind) -> Option<&Held> {
        match kind {
            ClaimKind::Customer => self.of_customer.as_ref(),
            ClaimKind::Email => self.of_email.as_ref(),
        }
    }

    /// Lets `account` have all its names.
    ///
    /// # Errors
    /// `account_already_exists`.
    pub(super) fn take_all(&self, account: &Account, commit: &mut Commit) -> Result<(), Refusal> {
        for kind in ClaimKind::ALL {
            if let Some(value) = kind.name_of(account) {
                take(account, kind, value.clone(), self.of(kind), commit)?;
            }
        }
        Ok(())
    }
}

/// Lets `account` have a name that nobody has, or only a closed account.
///
/// # Errors
/// `account_already_exists`, with the active account that has it.
pub(super) fn take(
    account: &Account,
    kind: ClaimKind,
    value: String,
    held: Option<&Held>,
    commit: &mut Commit,
) -> Result<(), Refusal> {
    let write = match held {
        Some(held) if held.claim == account.id => ClaimWrite::Keep,
        Some(held) if held.account == account.id => ClaimWrite::Take {
            from: Some(held.claim.clone()),
        },
        Some(held) if held.status == Status::Active => {
            return Err(already_exists(&held.account, kind.as_str()));
        }
        Some(held) => {
            // It must stay closed: it could be opened again at the same time.
            let check = AccountWrite::Check {
                id: held.account.clone(),
                version: held.version,
            };
            if !commit.accounts.contains(&check) {
                commit.accounts.push(check);
            }
            ClaimWrite::Take {
                from: Some(held.claim.clone()),
            }
        }
        None => ClaimWrite::Take { from: None },
    };
    commit.claims.push(Claim {
        program: account.program.clone(),
        kind,
        value,
        account: account.id.clone(),
        write,
    });
    Ok(())
}

/// The refusal of a name that is taken.
pub(super) fn already_exists(account: &str, name: &str) -> Refusal {
    let message = format!("The account `{account}` has this {name} already.");
    Refusal {
        account: Some(account.to_owned()),
        ..Refusal::new(Code::AccountAlreadyExists, message).at(name)
    }
}

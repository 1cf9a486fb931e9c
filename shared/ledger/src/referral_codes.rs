//! Codes that members share: what they look like, and whose they are.

use laurel_rules::{
    Account, Code, Program, Refusal,
    account::Status,
    catalog::SharedCatalog,
    referral::{
        CODE_LETTERS, ReferralCode, ReferralId, SUFFIX_LETTERS, SUFFIX_LETTERS_MAX, code_form,
        code_name,
    },
};

use crate::{
    Chance, Error, Ledger, accounts::CURRENT, commit::Reading, item, item::Reader,
    store::Consistency, table::Key,
};

/// The keys of an account's metadata that may hold the member's name.
const NAME_KEYS: [&str; 4] = ["first_name", "firstName", "given_name", "name"];

/// A code with all that the page needs that its link leads to.
#[derive(Debug, Clone)]
pub struct SharedCode {
    /// The code, with its own terms.
    pub code: ReferralCode,
    /// The program, with its settings and rewards.
    pub catalog: SharedCatalog,
    /// The member whose it is by now.
    pub referrer: Account,
}

/// The refusal of a code that there is not, or not any more.
pub(crate) fn no_such_code() -> Refusal {
    let message = "No such referral code, or its owner is no longer a member.";
    Refusal::new(Code::ReferralCodeNotFound, message).at("code")
}

/// Codes that a member may get, the one that is to be preferred first: each longer than the one
/// before, should many members bear one name.
pub(crate) fn candidates(account: &Account, program: &Program, chance: &dyn Chance) -> Vec<String> {
    let name = NAME_KEYS.iter().find_map(|key| account.metadata.get(*key));
    let name = name.map(|name| deunicode::deunicode(name));
    let prefix = program.referrals.code_prefix.as_deref();
    let name = code_name(name.as_deref(), prefix);
    let lengths = [SUFFIX_LETTERS, SUFFIX_LETTERS, 6, SUFFIX_LETTERS_MAX];
    let code = |length| format!("{name}-{}", letters(length, chance.number()));
    lengths.into_iter().map(code).collect()
}

/// Eight letters take 40 of the bits of `left`.
fn letters(length: usize, mut left: u128) -> String {
    let letter = |_| {
        let place = usize::try_from(left % 31).unwrap_or(0);
        left /= 31;
        char::from(CODE_LETTERS[place])
    };
    (0..length).map(letter).collect()
}

impl Ledger {
    /// The code that somebody types in or follows, with whose it is: `None` for one that there is
    /// not, and for one whose owner's account is closed. Both take the same reads.
    ///
    /// # Errors
    /// The transient ones.
    pub async fn shared_code(&self, code: &str) -> Result<Option<SharedCode>, Error> {
        // What can be no code is looked for all the same, so that it takes as long.
        let form = code_form(code).unwrap_or_else(|| "0".to_owned());
        let found = self.code_with_owner(&form, CURRENT).await?;
        let found = found
            .filter(|(code, owner)| owner.status == Status::Active && self.sees(&code.program));
        let Some((code, referrer)) = found else {
            return Ok(None);
        };
        Ok(Some(SharedCode {
            catalog: self.checked_catalog(&code.program, CURRENT).await?,
            code,
            referrer,
        }))
    }

    /// A code, as [`code_form`] spells it, and the account whose it is by now.
    pub(crate) async fn code_with_owner(
        &self,
        form: &str,
        reading: Reading,
    ) -> Result<Option<(ReferralCode, Account)>, Error> {
        let found = self
            .store
            .get([Key::referral_code(form)], Consistency::Strong)
            .await?;
        let owner = found.values().next();
        let owner = owner.map(|item| Reader::new(item).text("a")).transpose()?;
        // A code that there is not takes as long as one that there is.
        let owner = owner.unwrap_or("none");
        let (own, code) = (
            Key::account(owner),
            Key::referral(&ReferralId::of_code(owner)),
        );
        let keys = [own.clone(), code.clone()];
        let found = self.store.get(keys, Consistency::Strong).await?;
        let (Some(account), Some(code)) = (found.get(&own), found.get(&code)) else {
            return Ok(None);
        };
        let account = self.follow(item::account(account)?, reading).await?;
        let code = item::referral_code(code)?;
        Ok(account.map(|account| (code, account)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemChance;

    #[test]
    fn codes_bear_the_members_name() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let mut program = Program::new("prog_1", "salt", now);
        let mut account = Account::new("loy_1".to_owned(), &program, now, now);
        let prefix_of = |account: &Account, program: &Program| {
            let codes = candidates(account, program, &SystemChance);
            assert!(
                codes.iter().all(|code| code_form(code).is_some()),
                "{codes:?}"
            );
            let (name, letters) = codes[0].split_once('-').expect("two parts");
            assert_eq!(letters.len(), 4);
            assert!(letters.bytes().all(|byte| CODE_LETTERS.contains(&byte)));
            name.to_owned()
        };
        assert_eq!(prefix_of(&account, &program), "FRIEND");
        program.referrals.code_prefix = Some("SHOP".to_owned());
        assert_eq!(prefix_of(&account, &program), "SHOP");
        for (name, expected) in [
            ("Anna Schmidt", "ANNA"),
            ("Zoë", "ZOE"),
            ("Łukasz", "LUKASZ"),
            ("李", "LI"),
            ("🙂", "SHOP"),
        ] {
            account.metadata.insert("name".to_owned(), name.to_owned());
            let found = prefix_of(&account, &program);
            assert!(found == expected || name == "🙂", "{name}: {found}");
        }
    }
}

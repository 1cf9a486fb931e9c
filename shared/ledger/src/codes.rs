//! Codes that members show at a checkout: made, or imported in advance.
//!
//! A code that is made follows from the redemption's id and the program's secret salt, so that a
//! request that is tried again makes the same one, and nobody can guess it from the id.

use hmac::{Hmac, Mac};
use laurel_rules::{
    Code, Program, Refusal, Reward,
    decide::{CodeOffer, Stock},
    redemption::lookup_form,
    reward::CodeForm,
};
use sha2::Sha256;

use crate::{
    Error, Ledger,
    item::{Item, Reader},
    store::Consistency,
    table::Key,
};

/// Digits and capitals that no two of are taken for each other: without 0, 1, I, L and O.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// How many characters are written together.
const GROUP: usize = 4;
/// How many codes a redemption may be offered, should others have them. Two are more than enough:
/// with the shortest codes and a million of them out, one in a million finds the first one taken.
const TRIES: u32 = 2;

/// What a redemption's code is to be like.
#[derive(Debug, Clone)]
pub(crate) struct CodeWish {
    pub(crate) redemption: String,
    /// The reward whose imported codes it is to come from.
    pub(crate) pool: Option<String>,
    pub(crate) form: CodeForm,
}

impl CodeWish {
    /// What a redemption of `reward` is to get, where it gets a code at all.
    pub(crate) fn of(reward: &Reward, redemption: &str) -> Option<CodeWish> {
        reward.value.has_code().then(|| CodeWish {
            redemption: redemption.to_owned(),
            pool: reward.code_pool.then(|| reward.id.clone()),
            form: reward.code.clone(),
        })
    }

    /// The codes that may be made for it.
    fn made(&self, program: &Program) -> Vec<CodeOffer> {
        if self.pool.is_some() {
            return Vec::new();
        }
        let codes = (0..TRIES).map(|nth| {
            let code = made(&program.salt, &self.redemption, nth, &self.form);
            CodeOffer {
                key: code.replace('-', ""),
                code,
                number: None,
            }
        });
        codes.collect()
    }

    /// What must be read to offer it a code.
    pub(crate) fn keys(&self, program: &Program) -> Vec<Key> {
        let made = self.made(program).into_iter();
        made.map(|offer| Key::code(&program.id, &offer.key))
            .collect()
    }
}

fn made(salt: &str, redemption: &str, nth: u32, form: &CodeForm) -> String {
    let mut code = String::new();
    if let Some(prefix) = &form.prefix {
        code.push_str(&prefix.to_ascii_uppercase());
        code.push('-');
    }
    let mut left = 0_u128;
    for place in 0..usize::from(form.length) {
        // 128 bits are good for 24 of the 31 characters, and no code is longer.
        if place == 0 {
            left = keyed(salt, redemption, nth);
        } else if place % GROUP == 0 {
            code.push('-');
        }
        let digit = usize::try_from(left % 31).unwrap_or(0);
        left /= 31;
        code.push(char::from(ALPHABET[digit]));
    }
    code
}

fn keyed(salt: &str, redemption: &str, nth: u32) -> u128 {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(salt.as_bytes()) else {
        return 0;
    };
    mac.update(redemption.as_bytes());
    mac.update(&nth.to_be_bytes());
    let bytes = mac.finalize().into_bytes();
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    u128::from_be_bytes(half)
}

/// What is taken of a reward, as its item says.
pub(crate) fn stock_in(item: Option<&Item>) -> Result<Stock, Error> {
    let Some(item) = item else {
        return Ok(Stock::default());
    };
    let reader = Reader::new(item);
    Ok(Stock {
        used: reader.count("u")?,
        codes: reader.count("cn")?,
        codes_kept: reader.count("ck")?,
        next_code: reader.count("nx")?,
    })
}

impl Ledger {
    /// A code for a redemption: one that is made and nobody else's, as `found` tells, or the next
    /// of those that were imported. None where none is left.
    pub(crate) async fn offer(
        &self,
        wish: &CodeWish,
        program: &Program,
        stock: Stock,
        found: &std::collections::HashMap<Key, Item>,
        consistency: Consistency,
    ) -> Result<Option<CodeOffer>, Error> {
        let Some(reward) = &wish.pool else {
            let mut free = wish.made(program).into_iter();
            return Ok(free.find(|offer| !found.contains_key(&Key::code(&program.id, &offer.key))));
        };
        if stock.next_code >= stock.codes {
            return Ok(None);
        }
        let key = Key::imported_code(reward, stock.next_code);
        let found = self.store.get([key], consistency).await?;
        let Some(item) = found.values().next() else {
            return Ok(None);
        };
        let code = Reader::new(item).text("c")?.to_owned();
        Ok(Some(CodeOffer {
            key: lookup_form("code", &code)?,
            code,
            number: Some(stock.next_code),
        }))
    }

    /// The redemption that a code of a program was issued for; `None` for what is no code of it.
    pub(crate) async fn coded(&self, program: &str, code: &str) -> Result<Option<String>, Error> {
        let Ok(key) = lookup_form("code", code) else {
            return Ok(None);
        };
        if !self.sees(program) {
            return Ok(None);
        }
        let claim = Key::code(program, &key);
        let found = self.store.get([claim], Consistency::Strong).await?;
        let redemption = found.values().next();
        Ok(redemption.and_then(|item| Reader::new(item).owned("rd")))
    }
}

/// The refusal of a code that was issued for no redemption.
pub(crate) fn no_such_code() -> Refusal {
    let message = "No such code; check its spelling and its program.";
    Refusal::new(Code::ResourceMissing, message).at("code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_from_the_redemption_and_look_like_no_other() {
        let form = CodeForm::default();
        let code = made("salt", "rdm_a_1", 0, &form);
        assert_eq!(code, made("salt", "rdm_a_1", 0, &form));
        let groups: Vec<usize> = code.split('-').map(str::len).collect();
        assert_eq!(groups, [4, 4, 4], "{code}");
        let others = [
            made("pepper", "rdm_a_1", 0, &form),
            made("salt", "rdm_a_2", 0, &form),
            made("salt", "rdm_a_1", 1, &form),
        ];
        assert!(!others.contains(&code));
        let long = CodeForm {
            prefix: Some("summer".to_owned()),
            length: 24,
        };
        let long = made("salt", "rdm_a_1", 0, &long);
        assert!(long.starts_with("SUMMER-"), "{long}");
        assert_eq!(long.replace('-', "").len(), 6 + 24);
        for confusing in ["0", "1", "I", "L", "O"] {
            assert!(!code.contains(confusing));
        }
    }

    /// 59 bits are there only where all characters are equally likely.
    #[test]
    fn characters_are_equally_likely() {
        let mut counts = [0_u32; 31];
        for n in 0..3100 {
            let code = made("salt", &format!("rdm_a_{n}"), 0, &CodeForm::default());
            for byte in code.bytes().filter(|byte| *byte != b'-') {
                let place = ALPHABET.iter().position(|known| *known == byte);
                counts[place.expect("a known character")] += 1;
            }
        }
        // 1,200 each, give or take five standard deviations.
        assert!(
            counts.iter().all(|count| (1030..1370).contains(count)),
            "{counts:?}"
        );
    }
}

//! Where new ids come from.

/// What the ids of everything that one request makes are made of: a UUID of version 7 (RFC 9562,
/// section 5.7), so that ids sort by the time of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(u128);

impl Seed {
    /// A seed that nobody else has.
    #[must_use]
    pub fn fresh() -> Seed {
        Seed(uuid::Uuid::now_v7().as_u128())
    }

    /// A seed of these bits, for a [`Chance`](crate::Chance) of one's own: whoever makes seeds sees
    /// to it that no two are the same.
    #[must_use]
    pub fn of_bits(bits: u128) -> Seed {
        Seed(bits)
    }

    /// The id of the one object that a request makes: `prefix` and 26 characters.
    #[must_use]
    pub fn id(self, prefix: &str) -> String {
        self.nth(prefix, 0)
    }

    /// The id of the `n`th of several objects, from 0. They sort by `n` within one request.
    #[must_use]
    pub fn nth(self, prefix: &str, n: u32) -> String {
        format!("{prefix}{}", base32(self.0.wrapping_add(u128::from(n))))
    }

    /// The seed as text, to keep it.
    #[must_use]
    pub fn to_text(self) -> String {
        base32(self.0)
    }

    /// Reads what [`Seed::to_text`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Seed> {
        if text.len() != DIGITS {
            return None;
        }
        let number = text.bytes().try_fold(0_u128, |number, byte| {
            let digit = ALPHABET.iter().position(|known| *known == byte)?;
            Some((number << 5) | u128::try_from(digit).ok()?)
        })?;
        Some(Seed(number))
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 26;

/// 128 bits in Crockford's base 32, as TypeIDs spell them
/// (<https://github.com/jetify-com/typeid/tree/main/spec>): 26 lower-case characters that sort as
/// the number does.
pub(crate) fn base32(number: u128) -> String {
    (0..DIGITS)
        .rev()
        .map(|digit| {
            let index = usize::try_from((number >> (digit * 5)) & 31).unwrap_or(0);
            char::from(ALPHABET[index])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_survives_being_kept() {
        for seed in [Seed(0), Seed(u128::MAX), Seed::fresh()] {
            assert_eq!(Seed::parse(&seed.to_text()), Some(seed));
        }
        for wrong in [
            "",
            "0",
            "0123456789abcdefghjkmnpqri",
            "0123456789abcdefghjkmnpqré",
        ] {
            assert_eq!(Seed::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ids_of_one_request_differ_and_sort() {
        let seed = Seed(41);
        assert_eq!(seed.id("rule_"), "rule_00000000000000000000000019");
        assert!(seed.nth("evt_", 1) < seed.nth("evt_", 2));
    }
}

//! How large items are, as DynamoDB counts them: the names of attributes and what they hold
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// The size of an item, in bytes.
pub(super) fn item_bytes(item: &HashMap<String, AttributeValue>) -> usize {
    let attributes = item.iter();
    attributes
        .map(|(name, value)| name.len() + value_bytes(value))
        .sum()
}

fn value_bytes(value: &AttributeValue) -> usize {
    /// A list or a map takes so much, beside a byte for each member and what that takes.
    const CONTAINER: usize = 3;
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_bytes(number),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(members) => {
            CONTAINER + members.iter().map(|it| 1 + value_bytes(it)).sum::<usize>()
        }
        AttributeValue::M(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| 1 + name.len() + value_bytes(value));
            CONTAINER + members.sum::<usize>()
        }
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|it| number_bytes(it)).sum(),
        // True, false and null.
        _ => 1,
    }
}

/// A byte for two significant digits and one beside, and another where it is below zero.
fn number_bytes(number: &str) -> usize {
    let digits = number.trim_start_matches('-').trim_matches('0').len();
    digits.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
}

/// Sizes of many items.
#[derive(Debug, Clone, Default)]
pub(super) struct Sizes(Vec<usize>);

impl Sizes {
    pub(super) fn add(&mut self, bytes: usize) {
        self.0.push(bytes);
    }

    /// Mean, 99th percentile and maximum, in words.
    pub(super) fn in_words(&self) -> String {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let count = sorted.len();
        let mean = sorted.iter().sum::<usize>().checked_div(count).unwrap_or(0);
        // The smallest that 99 of a hundred do not exceed.
        let place = (count * 99).div_ceil(100).saturating_sub(1);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(0);
        let (most, largest) = (at(place), at(count.saturating_sub(1)));
        format!("{mean} bytes in the mean, {most} in 99 of 100, {largest} at the most")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_as_documented() {
        let n = |number: &str| AttributeValue::N(number.to_owned());
        for (number, bytes) in [("0", 1), ("7", 2), ("27", 2), ("-27", 3), ("100", 2)] {
            assert_eq!(value_bytes(&n(number)), bytes, "{number}");
        }
        let list = AttributeValue::L(vec![AttributeValue::S("abc".to_owned()), n("27")]);
        assert_eq!(value_bytes(&list), 3 + 1 + 3 + 1 + 2);
        let map = HashMap::from([("k".to_owned(), AttributeValue::Bool(true))]);
        assert_eq!(value_bytes(&AttributeValue::M(map)), 3 + 1 + 1 + 1);
        let item = HashMap::from([("pk".to_owned(), AttributeValue::S("A#1".to_owned()))]);
        assert_eq!(item_bytes(&item), 5);
    }

    #[test]
    fn percentiles_are_of_what_is_there() {
        let mut sizes = Sizes::default();
        (1..=200).for_each(|bytes| sizes.add(bytes));
        let told = sizes.in_words();
        assert_eq!(
            told,
            "100 bytes in the mean, 198 in 99 of 100, 200 at the most"
        );
        assert!(Sizes::default().in_words().starts_with("0 bytes"));
    }
}

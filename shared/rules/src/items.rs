//! Which line items earn, with the names that rules mention replaced by small numbers: each name
//! of an event is looked up once, and then every rule tests bits.

use std::collections::BTreeSet;

use crate::{
    event::LineItem,
    rule::{EarnOn, Rule},
};

/// The categories and products that the rules of one trigger mention.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    categories: Box<[Box<str>]>,
    products: Box<[Box<str>]>,
}

impl Names {
    /// Collects the names that `rules` mention.
    pub(crate) fn of<'a>(rules: impl Iterator<Item = &'a Rule>) -> Names {
        let (mut categories, mut products) = (BTreeSet::new(), BTreeSet::new());
        for earn_on in rules.filter_map(|rule| rule.earn_on.as_ref()) {
            let exclude = earn_on.exclude.as_ref();
            categories.extend(earn_on.categories.iter().flatten());
            categories.extend(
                exclude
                    .and_then(|not| not.categories.as_ref())
                    .into_iter()
                    .flatten(),
            );
            products.extend(earn_on.products.iter().flatten());
            products.extend(
                exclude
                    .and_then(|not| not.products.as_ref())
                    .into_iter()
                    .flatten(),
            );
        }
        let boxed =
            |names: BTreeSet<&String>| names.into_iter().map(|n| n.as_str().into()).collect();
        Names {
            categories: boxed(categories),
            products: boxed(products),
        }
    }

    /// What of `item` rules can tell apart.
    pub(crate) fn known(&self, item: &LineItem) -> KnownItem {
        KnownItem {
            category: place(&self.categories, item.category.as_deref()),
            product: place(&self.products, item.product.as_deref()),
            amount: item.amount,
        }
    }
}

fn place(names: &[Box<str>], name: Option<&str>) -> Option<usize> {
    let name = name.filter(|_| !names.is_empty())?;
    names.binary_search_by(|known| (**known).cmp(name)).ok()
}

/// A line item by the places of its names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownItem {
    category: Option<usize>,
    product: Option<usize>,
    /// Minor units.
    pub(crate) amount: i64,
}

/// A rule's `earn_on`, by the places of its names.
#[derive(Debug, Clone)]
pub(crate) struct ItemFilter {
    categories: Option<Bits>,
    products: Option<Bits>,
    not_categories: Bits,
    not_products: Bits,
}

impl ItemFilter {
    /// Compiles `earn_on` against the names that it was collected into.
    pub(crate) fn new(earn_on: &EarnOn, names: &Names) -> ItemFilter {
        let exclude = earn_on.exclude.as_ref();
        let not_categories = exclude.and_then(|not| not.categories.as_ref());
        let not_products = exclude.and_then(|not| not.products.as_ref());
        ItemFilter {
            categories: earn_on
                .categories
                .as_ref()
                .map(|list| Bits::of(list, &names.categories)),
            products: earn_on
                .products
                .as_ref()
                .map(|list| Bits::of(list, &names.products)),
            not_categories: not_categories
                .map(|list| Bits::of(list, &names.categories))
                .unwrap_or_default(),
            not_products: not_products
                .map(|list| Bits::of(list, &names.products))
                .unwrap_or_default(),
        }
    }

    /// Whether `item` earns: in one of the lists where there are any, and in none of the
    /// excluded ones.
    pub(crate) fn admits(&self, item: KnownItem) -> bool {
        let included = match (&self.categories, &self.products) {
            (None, None) => true,
            (categories, products) => {
                categories
                    .as_ref()
                    .is_some_and(|bits| bits.has(item.category))
                    || products.as_ref().is_some_and(|bits| bits.has(item.product))
            }
        };
        included && !self.not_categories.has(item.category) && !self.not_products.has(item.product)
    }
}

/// A set of places.
#[derive(Debug, Clone, Default)]
struct Bits(Box<[u64]>);

impl Bits {
    fn of(list: &[String], names: &[Box<str>]) -> Bits {
        let mut words = vec![0; names.len().div_ceil(64)];
        for place in list.iter().filter_map(|name| place(names, Some(name))) {
            if let Some(word) = words.get_mut(place / 64) {
                *word |= 1_u64 << (place % 64);
            }
        }
        Bits(words.into())
    }

    fn has(&self, place: Option<usize>) -> bool {
        place.is_some_and(|place| {
            self.0
                .get(place / 64)
                .is_some_and(|word| word >> (place % 64) & 1 == 1)
        })
    }
}

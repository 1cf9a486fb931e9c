//! Conditions that nobody would write: none panics, none takes more steps than it may.

use std::panic::AssertUnwindSafe;

use fastrand::Rng;
use laurel_conditions::{Scope, compile};
use laurel_rules::condition::{STEPS_MAX, Steps};
use serde_json::json;

use crate::support::Given;

fn given() -> Given {
    Given::new(&json!({
        "event": {"type": "payment.completed", "data": {
            "amount": 2050, "currency": "EUR",
            "line_items": (0..40).map(|n| json!({"product": "p", "category": "c", "quantity": n, "amount": n})).collect::<Vec<_>>(),
            "metadata": {
                "a": 9_223_372_036_854_775_807_i64, "b": -1.5, "c": "ä\u{0}€", "d": [1, "x", null, [2]],
                "e": {"a": {"b": 0}}, "f": 1e300, "g": true, "h": null, "i": 18_446_744_073_709_551_615_u64,
            },
        }},
        "member": {"tier": "gold", "balance": 12, "metadata": {"age": "34", "x": ""}},
        "segments": {"vip": "member.tier == 'gold'", "bad": "member.metadata.nothing == 'x'"},
    }))
}

/// Judges a condition, where it can be saved; answers whether it could.
fn judge(given: &Given, condition: &str) -> bool {
    for scope in [Scope::Segment, Scope::Member] {
        let _ = compile(condition, scope);
    }
    let Ok(compiled) = compile(condition, Scope::Event) else {
        return false;
    };
    let mut steps = Steps::default();
    let judged = compiled.holds(&given.facts(), &mut steps);
    let used = STEPS_MAX - steps.left();
    if used == STEPS_MAX {
        assert!(judged.is_err(), "{condition}");
    }
    // The same again: nothing depends on what was judged before.
    assert_eq!(
        compiled.holds(&given.facts(), &mut Steps::default()),
        judged
    );
    true
}

/// Another seed each time, unless one is set: `SEED=… cargo test -p laurel-conditions fuzz`.
fn rng() -> Rng {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    Rng::with_seed(seed)
}

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

/// Words that conditions are made of, and some that they are not.
const WORDS: [&str; 96] = [
    "event",
    "member",
    "program",
    "now",
    "amount",
    "metadata",
    "line_items",
    "stats",
    "streak",
    "segments",
    "tier",
    "balance",
    "created_at",
    "count",
    "type",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "i",
    "x",
    "true",
    "false",
    "null",
    "in",
    "has",
    "size",
    "int",
    "double",
    "string",
    "bool",
    "timestamp",
    "duration",
    "matches",
    "contains",
    "startsWith",
    "getHours",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "lowerAscii",
    ".",
    ".",
    ".",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    ",",
    ",",
    "?",
    ":",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "0",
    "1",
    "-1",
    "2.5",
    "9223372036854775807",
    "79228162514264337593543950335",
    "0.0000000000000000000000000001",
    "1e28",
    "0x7fffffffffffffff",
    "''",
    "'x'",
    "'vip'",
    "'ä€'",
    "'2026-01-01T00:00:00Z'",
    "'9999-12-31T23:59:59Z'",
    "'30d'",
    "'-100000000h'",
    "'^x+$'",
    "'Europe/Berlin'",
    "//",
    "\n",
    "\"",
];

fn words(rng: &mut Rng) -> String {
    let words = (0..rng.usize(1..40)).map(|_| {
        let space = if rng.bool() { " " } else { "" };
        format!("{}{space}", one(rng, &WORDS))
    });
    words.collect()
}

/// Values whose type is known, and values whose type is not.
const TYPED: [&str; 36] = [
    "event.amount",
    "event.type",
    "event.metadata",
    "event.line_items",
    "event.data",
    "event.currency",
    "member.tier",
    "member.balance",
    "member.metadata.age",
    "member.metadata",
    "member.created_at",
    "member.segments",
    "member.stats.signup.count",
    "member.stats.signup.first_at",
    "member.streak.x",
    "program.timezone",
    "now",
    "true",
    "false",
    "null",
    "0",
    "1",
    "2.5",
    "79228162514264337593543950335",
    "0.0000000000000000000000000001",
    "''",
    "'vip'",
    "'34'",
    "'ä€'",
    "duration('30d')",
    "duration('3650000d')",
    "timestamp('2026-01-01T00:00:00Z')",
    "timestamp('9999-12-30T22:00:00Z')",
    "timestamp('-009999-01-03T00:00:00Z')",
    "[]",
    "[1, 'x', null]",
];
const UNTYPED: [&str; 13] = [
    "a",
    "b",
    "c",
    "d",
    "e.a.b",
    "f",
    "g",
    "h",
    "i",
    "nothing",
    "x",
    "y",
    "event.data.amount",
];

/// Conditions by the grammar, with values of any type anywhere.
fn grammatical(rng: &mut Rng, depth: usize) -> String {
    if depth == 0 || rng.u8(..8) == 0 {
        let is_typed = rng.u8(..3) == 0;
        let leaves: &[&str] = if is_typed { &TYPED } else { &UNTYPED };
        return one(rng, leaves).to_owned();
    }
    let mut form = match rng.u8(..10) {
        0..4 => format!(
            "(#) {} (#)",
            one(
                rng,
                &[
                    "&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in",
                ]
            )
        ),
        4..7 => one(
            rng,
            &[
                "size(#)",
                "int(#)",
                "double(#)",
                "string(#)",
                "bool(#)",
                "timestamp(#)",
                "duration(#)",
                "(#).lowerAscii()",
                "(#).upperAscii()",
                "(#).matches('^[a-z]+$')",
                "(#).getHours()",
                "(#).getFullYear()",
                "(#).getDayOfYear('Europe/Berlin')",
                "(#).getMonth(c)",
                "(#).getMilliseconds()",
                "has((#).x)",
                "has(event.data.c)",
                "!(#)",
                "-(#)",
                "(#)[0]",
                "(#)['a']",
                "(#).a",
                "[#, #]",
                "(#).amount",
                "(#)[#]",
                "(#).contains(#)",
                "(#).startsWith(#)",
                "(#).endsWith(#)",
            ],
        )
        .to_owned(),
        7 => "(#) ? (#) : (#)".to_owned(),
        _ => {
            let each = one(rng, &["all", "exists", "exists_one", "map", "filter"]);
            let name = one(rng, &["x", "y"]);
            format!("(#).{each}({name}, #)")
        }
    };
    while form.contains('#') {
        let part = grammatical(rng, depth - 1);
        form = form.replacen('#', &part, 1);
    }
    form
}

/// Those that somebody would write, with slips.
fn slipped(rng: &mut Rng) -> String {
    let written = one(
        rng,
        &[
            "event.amount >= 2000 && event.currency == 'EUR'",
            "order_value > 0",
            "event.line_items.exists(i, i.category == 'books' && i.quantity >= 2)",
            "now - member.created_at < duration('30d') && member.stats.signup.count == 0",
            "member.tier in ['gold', 'platinum'] || 'vip' in member.segments",
            "coupon.matches('^VIP-[0-9]{4}$') && now.getHours(program.timezone) >= 18",
            "has(event.metadata.rating) ? rating >= 4 : false",
            "[1, 2, 3].map(x, x * 2).filter(x, x > 2).size() == 2",
        ],
    );
    let mut chars: Vec<char> = written.chars().collect();
    for _ in 0..rng.usize(1..4) {
        let place = rng.usize(..chars.len());
        match rng.u8(..4) {
            0 if chars.len() > 1 => drop(chars.remove(place)),
            1 => chars.insert(place, rng.char('\u{0}'..)),
            2 => chars[place] = rng.char(' '..='~'),
            _ => {
                let copied: Vec<char> = chars.iter().skip(place).take(12).copied().collect();
                chars.extend(copied);
            }
        }
    }
    chars.into_iter().collect()
}

/// Judges so many conditions, of which at least one in so many must be one that can be saved: a
/// fuzzer that never gets past the grammar finds nothing.
fn fuzz(cases: u32, judged_one_in: u32, make: impl Fn(&mut Rng) -> String) {
    let (given, mut rng, mut judged) = (given(), rng(), 0);
    for _ in 0..cases {
        let condition = make(&mut rng);
        let told = std::panic::catch_unwind(AssertUnwindSafe(|| judge(&given, &condition)));
        judged += u32::from(told.unwrap_or_else(|_| panic!("{condition}")));
    }
    println!("judged {judged} of {cases}");
    assert!(judged >= cases / judged_one_in, "{judged} of {cases}");
}

#[test]
fn of_words() {
    fuzz(30_000, 1000, words);
}

#[test]
fn by_the_grammar() {
    fuzz(40_000, 15, |rng| {
        let depth = rng.usize(1..5);
        let (a, b) = (grammatical(rng, depth), grammatical(rng, depth));
        format!("({a}) {} ({b})", one(rng, &["==", "!=", "&&", "||", "<"]))
    });
}

#[test]
fn with_slips() {
    fuzz(20_000, 50, slipped);
}

#[test]
fn of_characters() {
    fuzz(10_000, u32::MAX, |rng| {
        let len = rng.usize(..60);
        (0..len).map(|_| rng.char(..)).collect()
    });
}

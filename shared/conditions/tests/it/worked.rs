//! What conditions come to.

use serde_json::{Value, json};

use crate::support::Given;

fn check(given: &Value, table: &[(&str, &str)]) {
    let given = Given::new(given);
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(condition, expected)| {
            let judged = given.judged(condition);
            (judged != *expected).then(|| format!("{condition}\n    {judged}\n    not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn payment() -> Value {
    json!({
        "event": {
            "type": "payment.completed",
            "occurred_at": "2026-11-22T18:30:00Z",
            "data": {
                "id": "pay_1", "amount": 2050, "currency": "EUR", "plan": "pro",
                "metadata": {
                    "order_value": 20.5, "qty": 3, "has_photo": true, "coupon": "VIP-2026",
                    "channel": "app", "tags": ["new", "sale"], "rating": 5, "note": null,
                    "address": {"country": "DE", "zip": "10115"}, "type": "in the metadata",
                    "big": 1e30, "vip": "true", "if": 1,
                },
                "line_items": [
                    {"product": "sku_1", "category": "books", "quantity": 1, "amount": 1500},
                    {"product": "sku_2", "category": "toys", "quantity": 2, "amount": 550},
                ],
            },
        },
        "member": {
            "tier": "gold", "balance": 1200, "lifetime_points": 4000,
            "metadata": {"age": "34", "birthday": "11-22", "staff": "false"},
            "created_at": "2026-01-01T00:00:00Z",
        },
        "segments": {
            "vip": "member.tier in ['gold', 'platinum']",
            "young": "int(member.metadata.age) < 30",
            "broken": "int(member.metadata.absent) < 30",
        },
    })
}

#[test]
fn the_event() {
    check(
        &payment(),
        &[
            ("event.type == 'payment.completed'", "true"),
            ("event.id == 'pay_1'", "true"),
            ("event.amount >= 2050 && event.amount < 2051", "true"),
            ("event['amount'] == 2050", "true"),
            ("event.currency in ['EUR', 'GBP']", "true"),
            ("event.data.plan == 'pro'", "true"),
            ("event.occurred_at == now", "true"),
            ("now == timestamp('2026-11-22T19:30:00+01:00')", "true"),
            ("event.metadata.channel == 'app'", "true"),
            ("event.metadata['channel'] == \"app\"", "true"),
            ("event.metadata.address.country == 'DE'", "true"),
            ("event.metadata.tags[1] == 'sale'", "true"),
            ("'sale' in event.metadata.tags", "true"),
            ("'channel' in event.metadata", "true"),
            (
                "size(event.line_items) == 2 && event.line_items.size() == 2",
                "true",
            ),
            ("event.line_items[0].category == 'books'", "true"),
            (
                "event.line_items.exists(i, i.category == 'toys' && i.quantity >= 2)",
                "true",
            ),
            ("event.line_items.all(item, item.amount > 1000)", "false"),
            ("event.line_items.exists_one(i, i.amount > 1000)", "true"),
            (
                "event.line_items.filter(i, i.amount > 100).size() == 2",
                "true",
            ),
            ("'sku_2' in event.line_items.map(i, i.product)", "true"),
            (
                "event.line_items.map(i, i.amount * i.quantity) == [1500, 1100]",
                "true",
            ),
            (
                "event.metadata.tags.exists(t, event.line_items.exists(i, i.category == t))",
                "false",
            ),
        ],
    );
}

#[test]
fn metadata_by_its_bare_names() {
    check(
        &payment(),
        &[
            ("order_value > 0", "true"),
            ("has_photo", "true"),
            ("has_photo && rating == 5", "true"),
            ("coupon.startsWith('VIP-')", "true"),
            ("tags.exists(t, t == 'new')", "true"),
            ("address.zip.size() == 5", "true"),
            // A name that stands for something else does so.
            ("program.id == 'prog_default'", "true"),
            // Nobody has said what it is: it does not hold, and says why.
            ("colour == 'red'", "the event's metadata has no `colour`"),
            (
                "amount > 1",
                "the event's metadata has no `amount`; did you mean `event.amount`?",
            ),
            ("address.city == 'Berlin'", "there is no `city`"),
            ("coupon", "a text stands where true or false should"),
            ("event.metadata['if'] == 1", "true"),
            ("type == 'in the metadata'", "true"),
        ],
    );
}

#[test]
fn what_is_there_and_what_is_not() {
    check(
        &payment(),
        &[
            ("has(event.metadata.rating)", "true"),
            ("has(event.metadata.absent)", "false"),
            ("has(event.metadata.note)", "false"),
            ("has(event.metadata.address.city)", "false"),
            ("has(event.metadata.nowhere.city)", "there is no `nowhere`"),
            ("has(event.amount) && has(event.metadata)", "true"),
            ("has(member.tier)", "true"),
            ("!has(event.metadata.absent) || absent > 3", "true"),
            ("event.metadata.note == null", "true"),
            ("event.metadata.tags[7] == 'x'", "the list is not that long"),
            (
                "event.metadata.tags[-1] == 'x'",
                "the list is not that long",
            ),
            // What fails does not matter where the other side decides.
            ("absent > 3 || true", "true"),
            ("absent > 3 && false", "false"),
            ("true || absent > 3", "true"),
            (
                "absent > 3 || false",
                "the event's metadata has no `absent`",
            ),
            ("tags.exists(t, absent == t || t == 'new')", "true"),
            ("tags.all(t, absent == t && t == 'new')", "false"),
            (
                "absent ? true : false",
                "the event's metadata has no `absent`",
            ),
        ],
    );
    check(
        &json!({"event": {"type": "signup"}}),
        &[
            ("event.amount > 0", "the event has no amount"),
            ("has(event.amount)", "false"),
            ("has(event.metadata)", "false"),
            ("size(event.line_items) == 0", "true"),
            ("event.line_items.all(i, i.amount > 0)", "true"),
            ("member.tier == null && !has(member.tier)", "true"),
            ("member.tier in ['gold']", "false"),
        ],
    );
}

#[test]
fn numbers_are_exact() {
    check(
        &payment(),
        &[
            ("0.1 + 0.2 == 0.3", "true"),
            ("qty * 1.5 == 4.5", "true"),
            ("qty == 3 && qty == 3.0", "true"),
            ("order_value * 100 == event.amount", "true"),
            ("event.amount / 100 == 20.5", "true"),
            ("7 / 2 == 3.5 && int(7 / 2) == 3", "true"),
            ("1 / 3 * 3 < 1", "true"),
            ("10 % 4 == 2 && -7 % 3 == -1 && 5.5 % 2 == 1.5", "true"),
            ("(member.stats.signup.count + 10) % 10 == 0", "true"),
            ("-qty == -3 && --qty == 3 && - 2 == 0 - 2", "true"),
            (
                "0x10 == 16 && 1e3 == 1000 && 1.5e-1 == 0.15 && 5u == 5 && .5 == 0.5",
                "true",
            ),
            ("9223372036854775807 + 1 == 9223372036854775808", "true"),
            ("9007199254740993 > 9007199254740992", "true"),
            ("event.amount / 0 == 1", "something is divided by zero"),
            ("event.amount % 0 == 1", "something is divided by zero"),
            ("big > 1", "the number is too large or too small"),
            (
                "79228162514264337593543950335 + 1 > 0",
                "a number or a time becomes too large",
            ),
            (
                "int(2.9) == 2 && int(-2.9) == -2 && int('42') == 42",
                "true",
            ),
            ("double('2.50') == 2.5 && string(2.50) == '2.5'", "true"),
            ("int('x') == 1", "the text is no whole number"),
            ("int('2.5') == 2", "the text is no whole number"),
            ("double('') == 2", "the text is no number"),
            ("bool(vip)", "true"),
            ("bool(channel)", "the text is neither true nor false"),
        ],
    );
}

#[test]
fn texts() {
    check(
        &payment(),
        &[
            ("coupon.contains('2026') && coupon.endsWith('26')", "true"),
            ("coupon.matches('^VIP-[0-9]{4}$')", "true"),
            ("matches(coupon, '[a-z]')", "false"),
            ("coupon.matches('(?i)vip')", "true"),
            ("'ÄÖ'.matches('^..$') && size('ÄÖ') == 2", "true"),
            ("coupon.lowerAscii() == 'vip-2026'", "true"),
            ("channel.upperAscii() + '!' == 'APP!'", "true"),
            ("'a' < 'b' && 'a' + 'b' == 'ab'", "true"),
            (r#"'it\'s' == "it's" && 'a\tb' == "a	b""#, "true"),
            (
                r"r'\d' == '\\d' && '\u00e4' == 'ä' && '\x41\101' == 'AA'",
                "true",
            ),
            (
                "rating.contains('5')",
                "a number stands where a text should",
            ),
            (
                "rating + channel == '5app'",
                "`+` does not take a number and a text",
            ),
            ("string(rating) + channel == '5app'", "true"),
            ("channel < 3", "a text and a number have no order"),
            ("channel == 3", "false"),
        ],
    );
}

#[test]
fn times_and_spans_of_time() {
    check(
        &payment(),
        &[
            ("now - member.created_at > duration('30d')", "true"),
            ("member.created_at + duration('8760h') > now", "true"),
            (
                "now - duration('1h30m') == timestamp('2026-11-22T17:00:00Z')",
                "true",
            ),
            ("duration('90m') == duration('1.5h')", "true"),
            (
                "duration('-90m') + duration('2h') == duration('30m')",
                "true",
            ),
            ("-duration('1h') == duration('-1h')", "true"),
            (
                "duration('1h') - duration('15m') == duration('45m')",
                "true",
            ),
            (
                "(now - timestamp('2026-11-20T18:30:00Z')).getHours() == 48",
                "true",
            ),
            (
                "duration('90s').getMinutes() == 1 && duration('1500ms').getMilliseconds() == 500",
                "true",
            ),
            (
                "now.getFullYear() == 2026 && now.getMonth() == 10 && now.getDate() == 22",
                "true",
            ),
            (
                "now.getDayOfMonth() == 21 && now.getDayOfWeek() == 0",
                "true",
            ),
            ("now.getDayOfYear() == 325", "true"),
            (
                "now.getHours() == 18 && now.getMinutes() == 30 && now.getSeconds() == 0",
                "true",
            ),
            ("now.getHours('Europe/Berlin') == 19", "true"),
            ("now.getHours(program.timezone) == 19", "true"),
            (
                "now.getHours(channel) == 19",
                "this is no time zone; write it as 'Europe/Berlin'",
            ),
            (
                "timestamp('2026-11-22T18:30:00Z') == now && int(now) == 1795372200",
                "true",
            ),
            ("timestamp(1795372200) == now", "true"),
            ("string(now) == '2026-11-22T18:30:00Z'", "true"),
            (
                "timestamp(coupon) < now",
                "this is no time; write it as '2026-01-31T00:00:00Z'",
            ),
            (
                "now + duration('3652000d') > now",
                "a number or a time becomes too large",
            ),
            (
                "member.metadata.birthday == string(now.getMonth() + 1) + '-' + string(now.getDate())",
                "true",
            ),
        ],
    );
}

#[test]
fn the_member_and_the_program() {
    check(
        &payment(),
        &[
            ("member.id == 'loy_1' && member.tier == 'gold'", "true"),
            ("member.tier in ['gold', 'platinum']", "true"),
            (
                "member.balance >= 1000 && member.lifetime_points == 4000",
                "true",
            ),
            ("int(member.metadata.age) >= 18", "true"),
            ("member.metadata.absent == 'x'", "there is no `absent`"),
            (
                "member.created_at < timestamp('2026-06-01T00:00:00Z')",
                "true",
            ),
            (
                "program.metadata.country == 'DE' && program.currency == 'points'",
                "true",
            ),
            (
                "member.stats.signup.count == 0 && member.stats.signup.sum == 0",
                "true",
            ),
            ("member.stats.payment.completed.count == 0", "true"),
            ("member.stats['payment.completed'].days == 0", "true"),
            ("member.stats[event.type].count == 0", "true"),
            ("has(member.stats.signup.first_at)", "false"),
            (
                "now - member.stats.signup.last_at > duration('1d')",
                "the member has had no such event yet",
            ),
            (
                "member.streak.check_in < 7 && member.streak.app.opened == 0",
                "true",
            ),
            ("member.streak['app.opened'] >= 7", "false"),
            ("member.streak[event.type] == 1", "true"),
        ],
    );
}

#[test]
fn nobody_yet() {
    check(
        &json!({"member": null}),
        &[
            ("member.balance == 0 && member.lifetime_points == 0", "true"),
            (
                "member.tier == null && member.stats.signup.count == 0",
                "true",
            ),
            ("member.created_at < now", "this is nobody's account yet"),
            ("has(member.created_at) || has(member.id)", "false"),
        ],
    );
}

#[test]
fn segments() {
    check(
        &payment(),
        &[
            ("'vip' in member.segments", "true"),
            ("'young' in member.segments", "false"),
            ("!('young' in member.segments)", "true"),
            (
                "'broken' in member.segments",
                "the segment `broken`: there is no `absent`",
            ),
            (
                "!('broken' in member.segments)",
                "the segment `broken`: there is no `absent`",
            ),
            ("'vap' in member.segments", "there is no segment `vap`"),
            ("member.segments == ['vip']", "true"),
            ("member.segments.exists(s, s.startsWith('v'))", "true"),
            ("size(member.segments) == 1", "true"),
        ],
    );
    // A reward is redeemed without an event.
    check(
        &json!({
            "event": null, "member": {"tier": "gold"},
            "segments": {"vip": "member.tier == 'gold' && now > member.created_at"},
        }),
        &[
            ("'vip' in member.segments && member.balance == 0", "true"),
            ("now > member.created_at", "true"),
        ],
    );
}

#[test]
fn what_is_said_in_passing() {
    check(
        &payment(),
        &[
            ("true ? false : true", "false"),
            ("(event.amount > 100 ? 'big' : 'small') == 'big'", "true"),
            ("[1, 2] + [3] == [1, 2, 3] && [1, [2]] != [1, [3]]", "true"),
            ("1 in [1, 2.5] && !(3 in [1, 2.5]) && 'a' in ['a']", "true"),
            ("event.amount > 100 // a comment\n && true", "true"),
            ("!!true && !(!true)", "true"),
            ("null == null && event.metadata != null", "true"),
            ("1 < 2 == true", "true"),
            (
                "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 10 - 2 - 3 == 5",
                "true",
            ),
            ("true || false && false", "true"),
            ("event.metadata.exists(k, k == 'qty')", "true"),
            (
                "event.metadata.address == {}",
                "refused: `when`, column 27: maps such as {'a': 1} are not part of conditions.",
            ),
        ],
    );
}

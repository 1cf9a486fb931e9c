//! What is refused when a condition is saved: with its place, and what to do.

use laurel_conditions::{Scope, compile};
use laurel_rules::Code;

/// The place and the message, without what stands before and after them.
fn refusal(condition: &str, scope: Scope) -> String {
    let refusal = compile(condition, scope).expect_err(condition);
    assert_eq!(refusal.code, Code::ConditionInvalid);
    assert_eq!(refusal.param.as_deref(), Some("when"));
    let message = refusal.message.strip_prefix("`when`, ").expect("a place");
    message.to_owned()
}

fn check(scope: Scope, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(condition, expected)| {
            let said = refusal(condition, scope);
            (said != *expected).then(|| format!("{condition}\n    {said}\n    not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_grammar() {
    check(
        Scope::Event,
        &[
            (
                "",
                "column 1: a condition must say something, as event.amount >= 2000.",
            ),
            (
                "  // nothing",
                "column 1: a condition must say something, as event.amount >= 2000.",
            ),
            (
                "event.amount >",
                "column 15: the end stands where a value should.",
            ),
            (
                "event.amount = 5",
                "column 14: `=` is no operator; did you mean `==`?",
            ),
            (
                "event.amount === 5",
                "column 14: there is no such operator; did you mean `==`?",
            ),
            (
                "event.amount <> 5",
                "column 14: there is no such operator; did you mean `!=`?",
            ),
            (
                "event.amount > 5 and true",
                "column 18: `and` stands where an operator or the end should; did you mean `&&`?",
            ),
            (
                "true or false",
                "column 6: `or` stands where an operator or the end should; did you mean `||`?",
            ),
            (
                "true & false",
                "column 6: `&` is no operator; did you mean `&&`?",
            ),
            (
                "true | false",
                "column 6: `|` is no operator; did you mean `||`?",
            ),
            ("not has_photo", "column 1: did you mean `!`?"),
            ("(true", "column 6: the end stands where `)` should."),
            (
                "true)",
                "column 5: `)` stands where an operator or the end should.",
            ),
            (
                "event.line_items[0",
                "column 19: the end stands where `]` should.",
            ),
            (
                "event.",
                "column 7: the end stands where the name of a field should.",
            ),
            (
                "event.5",
                "column 6: the number 0.5 stands where an operator or the end should.",
            ),
            ("'abc", "column 1: this text does not end; close it with '."),
            (
                "event.type == “x”",
                "column 15: texts stand in straight quotes, as 'gold' or \"gold\".",
            ),
            (
                r"'\q' == 'q'",
                "column 2: there is no such escape; write \\\\ for a backslash.",
            ),
            (
                "b'abc' == 'abc'",
                "column 1: bytes are not part of conditions.",
            ),
            (
                "1a > 0",
                "column 1: this is no number, or has more digits than can be kept exactly (28).",
            ),
            (
                "1e99 > 0",
                "column 1: this is no number, or has more digits than can be kept exactly (28).",
            ),
            (
                "event.amount > 1_000",
                "column 16: this is no number, or has more digits than can be kept exactly (28).",
            ),
            ("event.amount > 10€", "column 18: `€` has no meaning here."),
            (
                "order.total > 1 ? true",
                "column 23: the end stands where `:` should.",
            ),
            (
                "for > 1",
                "column 1: `for` is a reserved word; a metadata key of that name is event.metadata['for'].",
            ),
            ("in > 1", "column 1: `in` stands where a value should."),
            (
                "true\n  && event.amont > 1",
                "line 2, column 12: `event` has no field `amont`; did you mean `event.amount`?",
            ),
            (
                "'äöü' == event.typ",
                "column 16: `event` has no field `typ`; did you mean `event.type`?",
            ),
        ],
    );
}

#[test]
fn names() {
    check(
        Scope::Event,
        &[
            (
                "event.amont > 1",
                "column 7: `event` has no field `amont`; did you mean `event.amount`?",
            ),
            (
                "event.Amount > 1",
                "column 7: `event` has no field `Amount`; did you mean `event.amount`?",
            ),
            (
                "event.user == 'x'",
                "column 7: `event` has no field `user`; it has type, id, amount, currency, metadata, line_items, occurred_at, data.",
            ),
            (
                "member.level == 'x'",
                "column 8: `member` has no field `level`; it has id, tier, balance, lifetime_points, metadata, created_at, segments, stats, streak.",
            ),
            (
                "member.blance > 1",
                "column 8: `member` has no field `blance`; did you mean `member.balance`?",
            ),
            (
                "program.zone == 'x'",
                "column 9: `program` has no field `zone`; it has id, name, currency, timezone, metadata.",
            ),
            (
                "event.line_items.exists(i, i.categroy == 'x')",
                "column 30: a line item has no field `categroy`; did you mean `category`?",
            ),
            (
                "event.line_items[0].sku == 'x'",
                "column 21: a line item has no field `sku`; it has product, category, quantity, amount.",
            ),
            (
                "member.stats.signup.cuont == 0",
                "column 21: there is no figure `cuont`; did you mean `count`?",
            ),
            (
                "member.stats.Signup.count == 0",
                "column 14: `Signup` is no event type: they are as review_submitted.",
            ),
            (
                "member.stats['x y'].count == 0",
                "column 14: `x y` is no event type: they are as review_submitted.",
            ),
            (
                "member.stats[coupon].count == 0",
                "column 14: name the event type as a text, as member.stats['payment.completed'], or event.type.",
            ),
            (
                "event.type.length > 3",
                "column 12: a text has no field `length`.",
            ),
            (
                "event.line_items.size > 3",
                "column 18: a list has no field `size`; a function is called with brackets, as size(event.line_items).",
            ),
            (
                "member == 'x'",
                "column 1: this is an object; name a field of it, as member.tier.",
            ),
            (
                "event",
                "column 1: this is an object; name a field of it, as event.amount.",
            ),
            (
                "member.stats.signup > 1",
                "column 14: this is an object; name a field of it, as member.stats.signup.count.",
            ),
            (
                "member.streak > 1",
                "column 8: this is an object; name a field of it, as member.streak.check_in.",
            ),
        ],
    );
    check(
        Scope::Member,
        &[
            (
                "event.amount > 1",
                "column 1: there is no `event` here: segments and rewards are about the member.",
            ),
            (
                "order_value > 1",
                "column 1: `order_value` is not known; there are `member`, `program` and `now`.",
            ),
            (
                "members.tier == 'x'",
                "column 1: `members` is not known; did you mean `member`?",
            ),
        ],
    );
    check(
        Scope::Segment,
        &[(
            "'vip' in member.segments",
            "column 17: a segment cannot depend on segments; write out what they ask.",
        )],
    );
}

#[test]
fn functions() {
    check(
        Scope::Event,
        &[
            (
                "coupon.startswith('x')",
                "column 8: there is no function `startswith`; did you mean `startsWith`, as coupon.startsWith('VIP')?",
            ),
            (
                "coupon.toLowerCase() == 'x'",
                "column 8: there is no function `toLowerCase`; did you mean `lowerAscii`, as coupon.lowerAscii()?",
            ),
            (
                "len(coupon) > 1",
                "column 1: there is no function `len`; did you mean `size`, as size(event.line_items)?",
            ),
            (
                "now() > 1",
                "column 1: there is no function `now`; `now` stands without brackets.",
            ),
            (
                "has(coupon)",
                "column 1: `has` takes a field; a metadata key is asked for by has(event.metadata.coupon).",
            ),
            (
                "has(1)",
                "column 1: `has` takes a field, as has(event.metadata.rating).",
            ),
            (
                "contains(coupon, 'x')",
                "column 1: `contains` is called as text.contains('great').",
            ),
            (
                "coupon.contains('x', 'y')",
                "column 8: `contains` is called as text.contains('great').",
            ),
            (
                "event.line_items.exists(i.amount > 1)",
                "column 18: `exists` is called as event.line_items.exists(i, i.category == 'books').",
            ),
            (
                "event.line_items.exists(1, true)",
                "column 25: `exists` first takes a name for each member, as `i`.",
            ),
            (
                "event.line_items.exists(now, true)",
                "column 25: `now` is taken; give the members another name.",
            ),
            (
                "event.amount.exists(i, true)",
                "column 7: `exists` takes a list, and this is a number.",
            ),
            (
                "event.line_items.exists(i, i.amount)",
                "column 30: `exists` asks what is true or false, and this is a number.",
            ),
            (
                "tags.all(a, tags.all(b, tags.all(c, true)))",
                "column 25: `all` and its like may lie at most 2 deep in one another.",
            ),
            (
                "coupon.matches(channel)",
                "column 16: `matches` takes a pattern that is written out, as 'VIP-[0-9]+'.",
            ),
            (
                "coupon.matches('(')",
                "column 16: this is no pattern: unclosed group.",
            ),
            (
                "coupon.matches('(?=x)')",
                "column 16: this is no pattern: look-around, including look-ahead and look-behind, is not supported.",
            ),
            (
                "coupon.matches('(a{100}){100}')",
                "column 16: this pattern is too large; repeat less, and write [0-9] and [a-zA-Z0-9_] where all letters of all languages are not needed.",
            ),
            (
                "timestamp('2026-13-01') < now",
                "column 11: this is no time; write it as '2026-01-31T00:00:00Z'.",
            ),
            (
                "duration('2 weeks') > duration('1h')",
                "column 10: this is no span of time; write it as '30d' or '1h30m'.",
            ),
            (
                "now.getHours('Berlin') > 8",
                "column 14: this is no time zone; write it as 'Europe/Berlin'.",
            ),
            (
                "event.amount.getHours() > 8",
                "column 7: `getHours` takes a time, and this is a number.",
            ),
            (
                "duration('1h').getFullYear() > 8",
                "column 1: `getFullYear` takes a time, and this is a span of time.",
            ),
        ],
    );
}

#[test]
fn types() {
    check(
        Scope::Event,
        &[
            (
                "event.amount",
                "column 7: a condition is true or false, and this is a number.",
            ),
            (
                "'gold'",
                "column 1: a condition is true or false, and this is a text.",
            ),
            (
                "event.amount + 1",
                "column 14: a condition is true or false, and this is a number.",
            ),
            (
                "event.amount == '5'",
                "column 14: `==` does not take a number and a text.",
            ),
            (
                "event.type > 5",
                "column 12: `>` does not take a text and a number; int(…) and double(…) read the digits of a text.",
            ),
            (
                "member.metadata.age >= 18",
                "column 21: `>=` does not take a text and a number; int(…) and double(…) read the digits of a text.",
            ),
            (
                "!event.amount",
                "column 8: `!` takes true or false, and this is a number.",
            ),
            (
                "event.amount && true",
                "column 7: `&&` takes true or false, and this is a number.",
            ),
            (
                "event.amount ? true : false",
                "column 7: `?` takes true or false, and this is a number.",
            ),
            (
                "now > '2026-01-01'",
                "column 5: `>` does not take a time and a text.",
            ),
            (
                "now - member.created_at > 30",
                "column 25: `>` does not take a span of time and a number.",
            ),
            (
                "now + 1 > now",
                "column 5: `+` does not take a time and a number.",
            ),
            (
                "event.type in 'payment'",
                "column 12: `in` takes a list; a text is searched by text.contains('part').",
            ),
            (
                "event.amount in ['a']",
                "column 14: `in` looks for a number among what is never such: a text.",
            ),
            (
                "5 in member.segments",
                "column 1: a segment is named by its key, a text; this is a number.",
            ),
            (
                "event.type in event.amount",
                "column 12: `in` takes a list, and this is a number.",
            ),
            (
                "size(event.amount) > 1",
                "column 12: `size` takes a text or a list, and this is a number.",
            ),
            (
                "event.line_items['a'].amount > 1",
                "column 18: a place in a list takes a number, and this is a text.",
            ),
            (
                "event.amount.contains('1')",
                "column 7: `contains` takes a text, and this is a number.",
            ),
            (
                "-event.type == 'x'",
                "column 8: `-` takes a number, and this is a text.",
            ),
            (
                "event.amount[0] == 1",
                "column 7: a number has no places to index.",
            ),
            (
                "int(event.line_items) == 1",
                "column 11: `int` does not take a list.",
            ),
        ],
    );
}

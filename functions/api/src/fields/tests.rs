use serde_json::json;

use super::*;

fn json_fields(value: Value) -> Fields {
    match value {
        Value::Object(map) => Fields::new(map, Origin::Json),
        other => panic!("{other} is no object"),
    }
}

fn text_fields(text: &str) -> Fields {
    Fields::new(
        crate::form::parse(text.as_bytes()).expect(text),
        Origin::Text,
    )
}

#[test]
fn whole_numbers_table() {
    let json_table = [
        (json!(5), Some(5)),
        (json!(-5), Some(-5)),
        (json!(9_007_199_254_740_991_i64), None),
        (json!(5.0), Some(5)),
        (json!(5.5), None),
        (json!(1e300), None),
        (json!(18_446_744_073_709_551_615_u64), None),
        (json!("5"), None),
        (json!(true), None),
        (json!([5]), None),
        (json!(null), None),
    ];
    for (value, expected) in json_table {
        let read = json_fields(json!({ "n": value })).whole("n", -100..=100);
        assert_eq!(read.ok().flatten(), expected, "{value}");
    }
    for (text, expected) in [
        ("5", Some(5)),
        ("-5", Some(-5)),
        ("5.0", None),
        ("5e1", None),
        (" 5", None),
        ("", None),
        ("٥", None),
    ] {
        let read = text_fields(&format!("n={text}")).whole("n", -100..=100);
        assert_eq!(read.ok().flatten(), expected, "{text:?}");
    }
}

#[test]
fn instants_table() {
    let table = [
        (json!("2026-01-31T12:00:00Z"), Some("2026-01-31T12:00:00Z")),
        (
            json!("2026-01-31T12:00:00.123456+01:00"),
            Some("2026-01-31T11:00:00.123Z"),
        ),
        (json!(1_767_225_600), Some("2026-01-01T00:00:00Z")),
        (json!("1767225600"), None),
        (json!("2026-01-31"), None),
        (json!("2026-01-31T12:00:00"), None),
        (json!("2026-02-30T12:00:00Z"), None),
        (json!("-000100-01-01T00:00:00Z"), None),
        (json!(1.5), None),
        (json!(i64::MAX), None),
        (json!(""), None),
    ];
    for (value, expected) in table {
        let read = json_fields(json!({ "at": value })).instant("at");
        let read = read.ok().flatten().map(|instant| instant.to_string());
        assert_eq!(read.as_deref(), expected, "{value}");
    }
    let read = text_fields("at=1767225600").instant("at").ok().flatten();
    assert_eq!(
        read.map(|instant| instant.to_string()).as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
}

#[test]
fn texts_and_lists_table() {
    let long = "x".repeat(TEXT_LEN_MAX + 1);
    for bad in [
        json!(""),
        json!("  "),
        json!("a\nb"),
        json!("\u{0}"),
        json!(5),
        json!(long),
    ] {
        assert!(json_fields(json!({ "t": bad })).text("t").is_err(), "{bad}");
        let refusal = json_fields(json!({ "l": ["ok", bad] })).names("l").err();
        assert_eq!(
            refusal.and_then(|r| r.param).as_deref(),
            Some("l[1]"),
            "{bad}"
        );
    }
    for bad in [json!([]), json!("a"), json!({"0": "a"})] {
        assert!(
            json_fields(json!({ "l": bad })).names("l").is_err(),
            "{bad}"
        );
    }
    assert_eq!(
        text_fields("l[]=a&l[]=b").names("l"),
        Ok(Some(vec!["a".into(), "b".into()]))
    );
    assert_eq!(text_fields("b=true").boolean("b"), Ok(Some(true)));
    assert!(text_fields("b=1").boolean("b").is_err());
    assert!(json_fields(json!({"b": "true"})).boolean("b").is_err());
}

#[test]
fn null_and_absent_differ() {
    let mut fields = json_fields(json!({"a": null, "b": "x"}));
    assert_eq!(fields.nullable("a", Fields::text), Ok(Some(None)));
    assert_eq!(
        fields.nullable("b", Fields::text),
        Ok(Some(Some("x".to_owned())))
    );
    assert_eq!(fields.nullable("c", Fields::text), Ok(None));
    assert_eq!(
        text_fields("a=").nullable("a", Fields::text),
        Ok(Some(None))
    );
    assert!(json_fields(json!({"a": null})).text("a").is_err());
}

#[test]
fn unknown_fields_say_what_is_known() {
    const NAME: Field = Field::new("name", Kind::Text(""), "Its name.");
    const SHAPE: Shape = Shape::of("a thing", &[NAME]).read_only(&["balance"]);
    let refusal = |value| json_fields(value).only(&SHAPE).expect_err("unknown");
    assert_eq!(
        refusal(json!({"nme": 1})).message,
        "`nme` is not known; a thing takes name."
    );
    assert_eq!(
        refusal(json!({"balance": 1})).message,
        "`balance` is not for callers to set in a thing."
    );
    let mut outer = json_fields(json!({"inner": {"x": 1}}));
    let inner = outer.object("inner", &SHAPE).expect_err("unknown");
    assert_eq!(inner.param.as_deref(), Some("inner.x"));
}

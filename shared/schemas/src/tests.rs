use serde_json::json;

use super::*;

fn refused(schema: &Value) -> (String, String) {
    let refusal = compile(schema).expect_err("no schema that is taken");
    (refusal.param.unwrap_or_default(), refusal.message)
}

#[test]
fn metadata_table() {
    let review = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["rating"],
        "properties": {
            "rating": {"type": "integer", "minimum": 1, "maximum": 5},
            "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "maxItems": 3},
            "product": {"type": "object", "required": ["id"]},
        },
        "additionalProperties": false,
        "$defs": {"tag": {"type": "string", "pattern": "^[a-z]+$"}},
    });
    let schema = compile(&review).expect("a schema");
    for fits in [
        json!({"rating": 5}),
        json!({"rating": 5.0}),
        json!({"rating": 1, "tags": ["a", "b"], "product": {"id": "p"}}),
    ] {
        assert_eq!(schema.check(&fits), Ok(()), "{fits}");
    }
    let table = [
        (json!({}), "rating"),
        (json!({"rating": 6}), "rating"),
        (json!({"rating": "5"}), "rating"),
        (json!({"rating": 4.5}), "rating"),
        (json!({"rating": 4, "mood": "good"}), "mood"),
        (json!({"rating": 4, "tags": ["a", "B"]}), "tags[1]"),
        (json!({"rating": 4, "tags": ["a", "b", "c", "d"]}), "tags"),
        (json!({"rating": 4, "product": {}}), "product.id"),
        (json!([]), ""),
    ];
    for (metadata, param) in table {
        let refusal = schema.check(&metadata).expect_err("no match");
        assert_eq!(refusal.param.unwrap_or_default(), param, "{metadata}");
    }
}

#[test]
fn messages_keep_what_members_wrote_to_themselves() {
    let schema = json!({"properties": {"note": {"type": "string", "maxLength": 3}}});
    let schema = compile(&schema).expect("a schema");
    let refusal = schema
        .check(&json!({"note": "secret"}))
        .expect_err("too long");
    assert!(!refusal.message.contains("secret"), "{}", refusal.message);
}

#[test]
fn what_is_no_schema() {
    let table = [
        (json!(true), "schema"),
        (json!("text"), "schema"),
        (json!({"type": "integre"}), "schema.type"),
        (json!({"properties": []}), "schema.properties"),
        (
            json!({"properties": {"a": {"minimum": "1"}}}),
            "schema.properties.a.minimum",
        ),
        (
            json!({"$schema": "https://example.com/own"}),
            "schema.$schema",
        ),
        (json!({"$schema": 7}), "schema.$schema"),
        (json!({"pattern": "("}), "schema.pattern"),
        // Patterns that need backtracking have no bound on the time that they take.
        (json!({"pattern": "(a)\\1"}), "schema.pattern"),
        (json!({"$ref": "https://example.com/schema.json"}), "schema"),
        (json!({"$ref": "file:///etc/passwd"}), "schema"),
        (json!({"$ref": "#/$defs/none"}), "schema"),
        (json!({"$dynamicRef": "#x"}), "schema"),
        (
            json!({"properties": {"a": {"$id": "https://example.com/a"}}}),
            "schema",
        ),
    ];
    for (schema, param) in table {
        assert_eq!(refused(&schema).0, param, "{schema}");
    }
}

#[test]
fn properties_may_be_called_like_keywords() {
    let schema = json!({"properties": {"$ref": {"type": "string"}, "$id": {"type": "integer"}}});
    let schema = compile(&schema).expect("a schema");
    assert_eq!(schema.check(&json!({"$ref": "x", "$id": 1})), Ok(()));
    assert!(schema.check(&json!({"$id": "x"})).is_err());
}

#[test]
fn schemas_are_bounded() {
    // Whoever refers to himself would be followed for ever.
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"properties": {"a": {"$ref": "#"}}}),
        json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
    ] {
        assert_eq!(refused(&schema).0, "schema", "{schema}");
    }
    // Ten levels of ten references each are ten thousand million values.
    let mut defs = serde_json::Map::new();
    defs.insert("l0".to_owned(), json!({"type": "string"}));
    for level in 1..10 {
        let below = json!({"$ref": format!("#/$defs/l{}", level - 1)});
        defs.insert(format!("l{level}"), json!({"anyOf": vec![below; 10]}));
    }
    let bomb = json!({"$defs": defs, "$ref": "#/$defs/l9"});
    assert!(refused(&bomb).1.contains("values"), "{bomb}");
    let mut deep = json!({});
    for _ in 0..40 {
        deep = json!({"not": deep});
    }
    assert!(refused(&deep).1.contains("deep"));
    let long = json!({"description": "x".repeat(SCHEMA_BYTES_MAX)});
    assert!(refused(&long).1.contains("bytes"));
    // A pattern of a few characters can stand for an automaton of many megabytes.
    let pattern = json!({"pattern": "((a{1000}){1000}){1000}"});
    assert_eq!(refused(&pattern).0, "schema.pattern");
}

#[test]
fn patterns_take_linear_time() {
    let schema = json!({"properties": {"text": {"pattern": "^(a+)+$"}}});
    let schema = compile(&schema).expect("a schema");
    let text = format!("{}b", "a".repeat(100_000));
    assert!(schema.check(&json!({"text": text})).is_err());
}

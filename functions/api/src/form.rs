//! Form-encoded text, of bodies and of query strings, in Stripe's bracket syntax:
//! `award[per]=100`, `products[]=a&products[]=b`, `line_items[0][amount]=5`.

use std::collections::{BTreeMap, btree_map::Entry};

use percent_encoding::percent_decode;
use serde_json::{Map, Value};

/// How deep brackets may nest.
const DEPTH_MAX: usize = 16;

/// What is wrong with the text, and with which field of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field as it was written; `?` where its name is no text.
    pub field: String,
    /// What is to be said of it.
    pub message: String,
}

impl Problem {
    fn of(field: &str, message: &str) -> Problem {
        Problem {
            field: field.to_owned(),
            message: format!("`{field}` {message}"),
        }
    }
}

/// A field's value while the text is read.
enum Node {
    Text(String),
    Tree(BTreeMap<String, Node>),
}

/// Reads the text. Every value is a string, or null where it is empty; keys `0`, `1`, … make a
/// list.
///
/// # Errors
/// A problem where the text is ambiguous or not text at all.
pub fn parse(text: &[u8]) -> Result<Map<String, Value>, Problem> {
    let mut root = BTreeMap::new();
    for pair in text
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
    {
        let equals = pair
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(pair.len());
        let key = decode(&pair[..equals])
            .ok_or_else(|| Problem::of("?", "is a field whose name is not UTF-8."))?;
        let value = decode(pair.get(equals + 1..).unwrap_or_default())
            .ok_or_else(|| Problem::of(&key, "is not UTF-8."))?;
        let segments = segments(&key).ok_or_else(|| {
            Problem::of(
                &key,
                "must be written as name, name[key], name[0] or name[].",
            )
        })?;
        insert(&mut root, &segments, value).ok_or_else(|| {
            Problem::of(
                &key,
                "is given more than once, or as both one value and several.",
            )
        })?;
    }
    Ok(root
        .into_iter()
        .map(|(key, node)| (key, value_of(node)))
        .collect())
}

fn decode(bytes: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = bytes
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}

/// `a[b][c]` as a, b, c. Only the last segment may be empty.
fn segments(key: &str) -> Option<Vec<&str>> {
    let (name, mut rest) = key.split_at(key.find('[').unwrap_or(key.len()));
    let mut segments = vec![name];
    while !rest.is_empty() {
        let (segment, after) = rest.strip_prefix('[')?.split_once(']')?;
        if segment.contains('[') || (segment.is_empty() && !after.is_empty()) {
            return None;
        }
        segments.push(segment);
        rest = after;
    }
    let well_formed = !name.is_empty() && !name.contains(']') && segments.len() <= DEPTH_MAX;
    well_formed.then_some(segments)
}

/// Puts a value in its place; `None` where the place is taken by something else.
fn insert(tree: &mut BTreeMap<String, Node>, segments: &[&str], value: String) -> Option<()> {
    let (first, rest) = segments.split_first()?;
    // `name[]` is the next of the list.
    let key = if first.is_empty() {
        tree.len().to_string()
    } else {
        (*first).to_owned()
    };
    match (tree.entry(key), rest.is_empty()) {
        (Entry::Vacant(place), true) => {
            place.insert(Node::Text(value));
            Some(())
        }
        (Entry::Occupied(_), true) => None,
        (place, false) => match place.or_insert_with(|| Node::Tree(BTreeMap::new())) {
            Node::Tree(inner) => insert(inner, rest, value),
            Node::Text(_) => None,
        },
    }
}

fn value_of(node: Node) -> Value {
    match node {
        Node::Text(text) if text.is_empty() => Value::Null,
        Node::Text(text) => Value::String(text),
        Node::Tree(mut tree) => {
            let count = tree.len();
            if (0..count).all(|index| tree.contains_key(&index.to_string())) {
                let members = (0..count).filter_map(|index| tree.remove(&index.to_string()));
                return Value::Array(members.map(value_of).collect());
            }
            Value::Object(
                tree.into_iter()
                    .map(|(key, node)| (key, value_of(node)))
                    .collect(),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn forms_table() {
        let table = [
            ("", json!({})),
            ("&&", json!({})),
            ("a=1&b=x+y%20z", json!({"a": "1", "b": "x y z"})),
            ("a", json!({"a": null})),
            ("a=", json!({"a": null})),
            ("a=b=c", json!({"a": "b=c"})),
            ("a=%E2%82%AC", json!({"a": "€"})),
            (
                "award[type]=fixed&award[points]=5",
                json!({"award": {"type": "fixed", "points": "5"}}),
            ),
            ("award%5Bper%5D=100", json!({"award": {"per": "100"}})),
            ("a[]=x&a[]=y", json!({"a": ["x", "y"]})),
            ("a[1]=y&a[0]=x", json!({"a": ["x", "y"]})),
            (
                "a[0][n]=1&a[0][m]=2&a[1][n]=3",
                json!({"a": [{"n": "1", "m": "2"}, {"n": "3"}]}),
            ),
            ("a[10]=x", json!({"a": {"10": "x"}})),
            ("metadata[k]=", json!({"metadata": {"k": null}})),
            ("0=x", json!({"0": "x"})),
        ];
        for (text, expected) in table {
            assert_eq!(
                parse(text.as_bytes()).map(Value::Object),
                Ok(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn ambiguous_forms_are_refused() {
        let deep = format!("a{}=1", "[b]".repeat(DEPTH_MAX));
        let table = [
            "a=1&a=2",
            "a=1&a[b]=2",
            "a[b]=2&a=1",
            "a[b]=1&a[b]=2",
            "[b]=1",
            "=1",
            "a[b=1",
            "a[b]c=1",
            "a]=1",
            "a[[b]]=1",
            "a[][b]=1",
            "a=%FF",
            "%FF=a",
            &deep,
        ];
        for text in table {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}

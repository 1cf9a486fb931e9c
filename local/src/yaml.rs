//! YAML as JSON values.
//!
//! CloudFormation's short forms are read for what they name: `!Ref X` becomes `"X"`, `!GetAtt X.Y`
//! becomes `"X.Y"`. That tells which resource is meant, which is all that is needed here.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value};

/// Reads the first document of `text`.
pub(crate) fn read(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|problem| problem.to_string())?;
    documents.first().map_or(Ok(Value::Null), convert)
}

fn convert(node: &Yaml<'_>) -> Result<Value, String> {
    Ok(match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        Yaml::Value(Scalar::Integer(value)) => Value::from(*value),
        Yaml::Value(Scalar::FloatingPoint(value)) => {
            Number::from_f64(value.into_inner()).map_or(Value::Null, Value::Number)
        }
        Yaml::Value(Scalar::String(text)) => Value::from(text.as_ref()),
        Yaml::Representation(text, ..) => Value::from(text.as_ref()),
        Yaml::Tagged(_, inner) => convert(inner)?,
        Yaml::Sequence(elements) => {
            Value::Array(elements.iter().map(convert).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(fields) => {
            let field = |(name, value): (&Yaml<'_>, &Yaml<'_>)| match convert(name)? {
                Value::String(name) => Ok((name, convert(value)?)),
                name => Err(format!("a field is called {name}, which is not a string")),
            };
            Value::Object(fields.iter().map(field).collect::<Result<Map<_, _>, _>>()?)
        }
        Yaml::Alias(_) => return Err("aliases are not read".to_owned()),
        Yaml::BadValue => return Err("a scalar contradicts its tag".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_become_what_they_name() {
        let text = r#"
Queue: !GetAtt Orders.Arn
Name: !Sub ${AWS::StackName}-orders
Size: !Ref Size
If: !If [Big, [!Ref Topic], !Ref "AWS::NoValue"]
Text: "10"
Number: 10
Flag: true
Folded: >-
  one
  two
"#;
        let expected = json!({
            "Queue": "Orders.Arn",
            "Name": "${AWS::StackName}-orders",
            "Size": "Size",
            "If": ["Big", ["Topic"], "AWS::NoValue"],
            "Text": "10",
            "Number": 10,
            "Flag": true,
            "Folded": "one two",
        });
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn broken_text_is_told_apart() {
        assert!(read("a: [1, 2").is_err());
    }
}

//! Query strings, read by the same rules as bodies.

use axum::{extract::FromRequestParts, http::request::Parts};
use laurel_rules::Refusal;

use crate::{
    error::ApiError,
    fields::{Fields, FromFields, Origin, Shape},
    form,
};

/// What a route takes in its query string. Parameters that it does not know are refused: a
/// misspelt filter would otherwise answer everything.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: FromFields> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, ApiError> {
        Ok(Query(read(parts.uri.query().unwrap_or_default())?))
    }
}

/// For routes without query parameters.
pub(crate) struct Nothing;

impl FromFields for Nothing {
    const SHAPE: Shape = Shape::of("this route's query", &[]);

    fn from_fields(_: &mut Fields) -> Result<Nothing, Refusal> {
        Ok(Nothing)
    }
}

fn read<T: FromFields>(query: &str) -> Result<T, Refusal> {
    let values = form::parse(query.as_bytes())
        .map_err(|problem| Refusal::invalid(problem.field, problem.message))?;
    Fields::new(values, Origin::Text).read()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fields::{Field, Kind},
        list::PAGE_FIELDS,
    };

    struct Filter {
        customer: Option<String>,
        limit: usize,
    }

    impl FromFields for Filter {
        const SHAPE: Shape =
            Shape::of("a test", &[Field::new("customer", Kind::Id, "A customer.")])
                .and(&PAGE_FIELDS);

        fn from_fields(fields: &mut Fields) -> Result<Filter, Refusal> {
            let page = crate::list::page(fields)?;
            Ok(Filter {
                customer: fields.id("customer")?,
                limit: page.limit,
            })
        }
    }

    #[test]
    fn queries_table() {
        let ok = [
            ("", None, 20),
            ("limit=100", None, 100),
            ("customer=c%2B1&limit=1", Some("c+1"), 1),
        ];
        for (query, customer, limit) in ok {
            let filter: Filter = read(query).expect(query);
            assert_eq!(
                (filter.customer.as_deref(), filter.limit),
                (customer, limit),
                "{query}"
            );
        }
        let refused = [
            ("limit=0", "parameter_invalid", "limit"),
            ("limit=101", "parameter_invalid", "limit"),
            ("limit=-1", "parameter_invalid", "limit"),
            ("limit=1.5", "parameter_invalid", "limit"),
            ("limit=", "parameter_invalid", "limit"),
            ("limit=99999999999999999999", "parameter_invalid", "limit"),
            ("limit=1&limit=2", "parameter_invalid", "limit"),
            ("limit[]=1", "parameter_invalid", "limit"),
            ("customer=", "parameter_invalid", "customer"),
            ("customer=a%23b", "parameter_invalid", "customer"),
            ("customer=%00", "parameter_invalid", "customer"),
            ("customer=%FF", "parameter_invalid", "customer"),
            ("custommer=c", "parameter_unknown", "custommer"),
            (
                "starting_after=a&ending_before=b",
                "parameter_invalid",
                "ending_before",
            ),
        ];
        for (query, code, param) in refused {
            let refusal = read::<Filter>(query).err().expect(query);
            assert_eq!(
                (refusal.code.as_str(), refusal.param.as_deref()),
                (code, Some(param)),
                "{query}"
            );
        }
    }
}

//! Routes of an API Gateway HTTP API.

/// A route key, as `ANY /v1/{proxy+}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// None for `ANY`.
    method: Option<String>,
    /// None for `$default`, which takes every path.
    path: Option<Vec<Segment>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// `{name}`: any one segment.
    One,
    /// `{name+}`: all that is left, at least one segment.
    Rest,
}

impl Route {
    /// Reads a route key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Route> {
        if key == "$default" {
            return Some(Route {
                method: None,
                path: None,
            });
        }
        let (method, path) = key.split_once(' ')?;
        let segments = path.strip_prefix('/')?.split('/').map(|segment| {
            match segment
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
            {
                Some(name) if name.ends_with('+') => Segment::Rest,
                Some(_) => Segment::One,
                None => Segment::Literal(segment.to_owned()),
            }
        });
        let method = (method != "ANY").then(|| method.to_owned());
        Some(Route {
            method,
            path: Some(segments.collect()),
        })
    }

    /// Whether a request with this method and path takes this route.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str) -> bool {
        if self.method.as_ref().is_some_and(|wanted| wanted != method) {
            return false;
        }
        let Some(segments) = &self.path else {
            return true;
        };
        let mut given = path.strip_prefix('/').unwrap_or(path).split('/');
        for segment in segments {
            match (segment, given.next()) {
                (Segment::Rest, Some(first)) => return !first.is_empty(),
                (Segment::One, Some(part)) if !part.is_empty() => {}
                (Segment::Literal(literal), Some(part)) if literal == part => {}
                _ => return false,
            }
        }
        given.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_match_as_in_api_gateway() {
        let table = [
            ("GET /healthz", "GET", "/healthz", true),
            ("GET /healthz", "POST", "/healthz", false),
            ("GET /healthz", "GET", "/healthz/", false),
            ("ANY /v1/{proxy+}", "PATCH", "/v1/events", true),
            (
                "ANY /v1/{proxy+}",
                "GET",
                "/v1/loyalty/accounts/loy_1",
                true,
            ),
            ("ANY /v1/{proxy+}", "GET", "/v1", false),
            ("ANY /v1/{proxy+}", "GET", "/v1/", false),
            ("GET /r/{code}", "GET", "/r/ANNA-7F3K", true),
            ("GET /r/{code}", "GET", "/r/ANNA-7F3K/x", false),
            ("$default", "DELETE", "/anything", true),
        ];
        for (key, method, path, expected) in table {
            assert_eq!(
                Route::parse(key).unwrap().matches(method, path),
                expected,
                "{key} {path}"
            );
        }
    }

    #[test]
    fn what_is_no_route_key_is_told_apart() {
        assert_eq!(Route::parse("healthz"), None);
        assert_eq!(Route::parse("GET healthz"), None);
    }
}

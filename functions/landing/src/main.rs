//! The landing page as a Lambda function behind API Gateway.

use axum::http::Request;
use lambda_http::{request::RequestContext, tower::ServiceBuilder};
use landing::{Landing, Visitor, router};
use laurel_host::{Config, ConfigError, aws::Aws, lambda::ledger, logging};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let config = Config::from_env();
    logging::init(&config);
    let landing = landing(&config).inspect_err(|error| {
        tracing::error!(reason = %error, "cannot start");
    })?;
    let served = ServiceBuilder::new()
        .map_request(with_visitor)
        .service(router(landing));
    lambda_http::run(served).await
}

fn landing(config: &Config) -> Result<Landing, ConfigError> {
    let aws = Aws::from_config(config)?;
    let landing = Landing::new(ledger(config, &aws)?, config.visit_limit()?);
    // API Gateway speaks nothing but HTTPS.
    Ok(landing.encrypted())
}

/// The address that API Gateway saw: headers are whatever the visitor says they are.
fn with_visitor<B>(mut request: Request<B>) -> Request<B> {
    let address = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    };
    if let Some(visitor) = address.and_then(Visitor::parse) {
        request.extensions_mut().insert(visitor);
    }
    request
}

#[cfg(test)]
mod tests {
    use lambda_http::request::from_str;

    use super::*;

    #[test]
    fn the_visitor_is_whom_the_gateway_saw() {
        let event = r#"{
            "version": "2.0", "routeKey": "GET /r/{code}", "rawPath": "/r/ANNA-7F3K",
            "rawQueryString": "", "isBase64Encoded": false,
            "headers": {"host": "a.example", "x-forwarded-for": "198.51.100.7"},
            "requestContext": {
                "accountId": "1", "apiId": "a", "domainName": "a.example", "domainPrefix": "a",
                "requestId": "r", "routeKey": "GET /r/{code}", "stage": "$default",
                "time": "20/Nov/2026:10:00:00 +0000", "timeEpoch": 1795168800000,
                "http": {
                    "method": "GET", "path": "/r/ANNA-7F3K", "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "test"
                }
            }
        }"#;
        let request = with_visitor(from_str(event).expect("a request"));
        let visitor = request.extensions().get::<Visitor>().copied();
        assert_eq!(visitor, Visitor::parse("192.0.2.1"));
        let direct = with_visitor(Request::new(()));
        assert!(direct.extensions().get::<Visitor>().is_none());
    }
}

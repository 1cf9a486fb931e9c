//! What a program says of its landing page: taken and answered, in JSON and forms.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::Site;

const PROGRAM: &str = "/v1/loyalty/programs/prog_default";

#[tokio::test]
async fn what_is_said_of_the_page_is_answered() {
    let site = Site::new().await;
    assert_eq!(site.get(PROGRAM).await.1["landing"], Value::Null);
    let page = json!({
        "accent_color": "#0b6e4f", "currency": "EUR", "title": "Welcome",
        "text": {"de": "Schön, dass du da bist", "en": "Good to see you"},
    });
    let (status, changed) = site.post(PROGRAM, json!({"landing": page})).await;
    assert_eq!((status, &changed["landing"]), (StatusCode::OK, &page));
    // Another setting leaves it alone; a form replaces it wholly.
    let (_, changed) = site.post(PROGRAM, json!({"name": "Perks"})).await;
    assert_eq!(changed["landing"], page);
    let form = "landing[accent_color]=%23FFcc00&landing[button][fr]=C%E2%80%99est+parti\
        &landing[title]=";
    let kind = "application/x-www-form-urlencoded";
    let (_, changed) = site.send(Site::request("POST", PROGRAM, kind, form)).await;
    let expected = json!({"accent_color": "#ffcc00", "button": {"fr": "C’est parti"}});
    assert_eq!(changed["landing"], expected);
    assert_eq!(site.get(PROGRAM).await.1["landing"], expected);
    let (_, changed) = site.post(PROGRAM, json!({"landing": null})).await;
    assert_eq!(changed["landing"], Value::Null);
}

#[tokio::test]
async fn what_is_no_page_is_refused() {
    let site = Site::new().await;
    let long = "x".repeat(201);
    let table = [
        (json!("red"), "landing"),
        (json!({"accent_color": "red"}), "landing.accent_color"),
        (json!({"accent_color": "#12345"}), "landing.accent_color"),
        (json!({"currency": "XYZ"}), "landing.currency"),
        (json!({"title": long}), "landing.title"),
        (json!({"title": "two\nlines"}), "landing.title"),
        (json!({"title": ["a"]}), "landing.title"),
        (json!({"text": {"de": 5}}), "landing.text.de"),
        (json!({"button": {"it": "Ciao"}}), "landing.button.it"),
        (json!({"css": "body{}"}), "landing.css"),
    ];
    for (page, param) in table {
        let (status, answer) = site.post(PROGRAM, json!({"landing": page})).await;
        assert_eq!(
            (status, &answer["error"]["param"]),
            (StatusCode::BAD_REQUEST, &json!(param)),
            "{page}"
        );
    }
    assert_eq!(site.get(PROGRAM).await.1["landing"], Value::Null);
}

//! Which of the page's languages a visitor reads best.

use axum::http::{HeaderMap, header::ACCEPT_LANGUAGE};
use laurel_rules::landing::Language;

/// The language that the headers ask for; English where they ask for none of the page's.
pub(crate) fn wanted(headers: &HeaderMap) -> Language {
    let values = headers.get_all(ACCEPT_LANGUAGE).into_iter();
    let ranges = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut best = (Language::En, 0);
    for (language, weight) in ranges.filter_map(range) {
        // Of two that are as good, the one that is named first.
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

/// One range of the header with its weight in thousandths; none of other languages.
fn range(text: &str) -> Option<(Language, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let primary = tag.split('-').next()?;
    let language = match primary {
        // Whoever takes any gets English.
        "*" => Language::En,
        _ => *Language::ALL
            .iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(primary))?,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    Some((language, weight.map_or(Some(1000), thousandths)?))
}

/// A weight (RFC 9110, section 12.4.2): 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_short = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let weight = match whole {
        "1" => 1000,
        "0" => 0,
        _ => return None,
    } + format!("{decimals:0<3}").parse::<u16>().ok()?;
    (is_short && weight <= 1000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_that_there_is_is_chosen() {
        use Language::{De, En, Es, Fr};
        let table = [
            ("", En),
            ("de", De),
            ("DE-at", De),
            ("fr-CA,fr;q=0.9,en;q=0.8", Fr),
            ("en;q=0.5, es;q=0.9", Es),
            ("es;q=0.5,de;q=0.5", Es),
            ("it, pl;q=0.9, fr;q=0.1", Fr),
            ("it", En),
            ("*", En),
            ("de;q=0.7, *;q=0.5", De),
            ("*, de;q=0.7", En),
            ("de;q=0", En),
            ("de;q=0.000, fr;q=0.001", Fr),
            ("de ; q=0.2 , fr ;q=0.3", Fr),
            ("de;q=1.001, fr;q=0.2", Fr),
            ("de;q=0.1234, fr;q=0.1", Fr),
            ("de;q=nan, fr;q=0.1", Fr),
            ("de;q=-1,fr;q=0.1", Fr),
            ("de;q=1.,fr", De),
            ("den, esx", En),
            (",,;,q=1,;;", En),
            ("<script>", En),
        ];
        for (header, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().expect("a header"));
            assert_eq!(wanted(&headers), expected, "{header:?}");
        }
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_LANGUAGE, "it".parse().expect("a header"));
        headers.append(ACCEPT_LANGUAGE, "fr;q=0.2".parse().expect("a header"));
        assert_eq!(wanted(&headers), Fr);
        let bytes = axum::http::HeaderValue::from_bytes(b"\xff\xfe").expect("a header");
        headers.insert(ACCEPT_LANGUAGE, bytes);
        assert_eq!(wanted(&headers), En);
    }
}

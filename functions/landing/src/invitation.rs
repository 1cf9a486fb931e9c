//! What the page says of a code.

use laurel_ledger::SharedCode;
use laurel_rules::{
    Catalog,
    landing::{Color, LandingSettings, Language, Wording},
    referral::{Qualify, ReferralReward, Side, code_name},
    store_credit::Money,
};

use crate::{
    color, numbers,
    words::{self, words},
};

/// The event type that qualifies a referral unless a program says otherwise.
const PURCHASE: &str = "payment.completed";

/// What the page says of a code, in one language.
#[derive(Debug)]
pub(crate) struct Invitation {
    /// The code as it is shown.
    pub(crate) code: String,
    pub(crate) title: String,
    /// Who invites to what, where the title says something else.
    pub(crate) headline: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) gift: Option<Gift>,
    pub(crate) button: Option<Button>,
    pub(crate) accent: Color,
}

/// What the friend gets.
#[derive(Debug)]
pub(crate) struct Gift {
    pub(crate) what: String,
    /// What must be done for it.
    pub(crate) condition: String,
}

/// Where the page leads.
#[derive(Debug)]
pub(crate) struct Button {
    pub(crate) label: String,
    pub(crate) link: String,
}

impl Invitation {
    /// The invitation by a code, whose click `token` tells.
    pub(crate) fn of(shared: &SharedCode, token: &str, language: Language) -> Invitation {
        let (code, catalog) = (&shared.code, shared.catalog.as_ref());
        let program = &catalog.program;
        let settings = program.landing.clone().unwrap_or_default();
        let reward = code.reward.as_ref().or(program.referrals.reward.as_ref());
        let qualify = code.qualify.as_ref().or(program.referrals.qualify.as_ref());
        let prefix = program.referrals.code_prefix.as_deref();
        let headline = words::headline(
            inviter(&code.code, prefix).as_deref(),
            &program.name,
            language,
        );
        let own = |wording: &Option<Wording>| {
            let text = wording.as_ref().and_then(|it| it.for_reader(language));
            text.map(str::to_owned)
        };
        let gift = reward
            .and_then(|reward| gift(reward, catalog, language))
            .map(|what| Gift {
                what,
                condition: condition(qualify, reward, &settings, catalog, language),
            });
        let label = || match &gift {
            Some(_) => words(language).claim,
            None => words(language).join,
        };
        let button = program.referrals.signup_url.as_deref().map(|url| Button {
            label: own(&settings.button).unwrap_or_else(|| label().to_owned()),
            link: signup_link(url, &code.code, token),
        });
        let title = own(&settings.title);
        Invitation {
            headline: title.is_some().then(|| headline.clone()),
            title: title.unwrap_or(headline),
            text: own(&settings.text),
            code: code.code.clone(),
            button,
            gift,
            accent: settings.accent_color.unwrap_or(color::ACCENT),
        }
    }
}

/// The member's name as far as the code tells it; none where the code begins with a word of the
/// program's.
fn inviter(code: &str, prefix: Option<&str>) -> Option<String> {
    let (name, _) = code.rsplit_once('-')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_name || name == code_name(None, prefix) {
        return None;
    }
    let (first, rest) = name.split_at_checked(1)?;
    Some(format!("{first}{}", rest.to_ascii_lowercase()))
}

/// What the friend gets, in words; none where it is nothing that there is.
fn gift(reward: &ReferralReward, catalog: &Catalog, language: Language) -> Option<String> {
    Some(match reward.referee.as_ref()? {
        Side::Points(points) => {
            words::points(points.unsigned_abs(), &catalog.program.currency, language)
        }
        Side::StoreCredit(money) => words::store_credit(&numbers::money(money, language), language),
        Side::Reward(id) => catalog.reward(id)?.name.clone(),
    })
}

fn condition(
    qualify: Option<&Qualify>,
    reward: Option<&ReferralReward>,
    settings: &LandingSettings,
    catalog: &Catalog,
    language: Language,
) -> String {
    let fallback = Qualify::default();
    let qualify = qualify.unwrap_or(&fallback);
    let is_purchase = qualify.trigger.as_deref().is_none_or(|it| it == PURCHASE);
    if !is_purchase {
        return words::with_condition(&catalog.program.name, qualify.window_days, language);
    }
    let minimum = qualify.first_payment_minimum.filter(|amount| *amount > 1);
    let minimum = minimum.map(|amount| match currency(settings, reward, catalog) {
        Some(currency) => numbers::money(&Money { amount, currency }, language),
        None => words(language).minimum.to_owned(),
    });
    words::with_purchase(minimum.as_deref(), qualify.window_days, language)
}

/// The currency that a least payment is meant in: what the program says, or else the only one that
/// it speaks of.
fn currency(
    settings: &LandingSettings,
    reward: Option<&ReferralReward>,
    catalog: &Catalog,
) -> Option<String> {
    let sides = reward.map(|reward| [&reward.referee, &reward.referrer]);
    let credit = sides.into_iter().flatten().find_map(|side| match side {
        Some(Side::StoreCredit(money)) => Some(money.currency.clone()),
        Some(Side::Points(_) | Side::Reward(_)) | None => None,
    });
    let rate = catalog.program.redeem_rate.as_ref();
    settings
        .currency
        .clone()
        .or(credit)
        .or_else(|| rate.map(|rate| rate.currency.clone()))
}

/// The program's own address with code and click. Neither has a character that a query would take
/// for something else.
fn signup_link(url: &str, code: &str, token: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let is_ours = |pair: &&str| {
        let name = pair.split('=').next();
        pair.is_empty() || matches!(name, Some("ref" | "ref_click"))
    };
    let theirs = query.split('&').filter(|pair| !is_ours(pair));
    let (code, click) = (format!("ref={code}"), format!("ref_click={token}"));
    let all: Vec<&str> = theirs.chain([code.as_str(), click.as_str()]).collect();
    format!("{base}?{}", all.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_address_and_add_to_its_query() {
        let table = [
            ("https://a.example", "https://a.example?ref=C&ref_click=T"),
            (
                "https://a.example/in?",
                "https://a.example/in?ref=C&ref_click=T",
            ),
            (
                "https://a.example/?x=1&",
                "https://a.example/?x=1&ref=C&ref_click=T",
            ),
            (
                "https://a.example/?ref=me&y=2&ref_click&reference=3",
                "https://a.example/?y=2&reference=3&ref=C&ref_click=T",
            ),
        ];
        for (url, expected) in table {
            assert_eq!(signup_link(url, "C", "T"), expected);
        }
    }

    #[test]
    fn only_what_the_code_shows_is_told_of_who_invites() {
        let table = [
            ("ANNA-7F3K", None, Some("Anna")),
            ("ANNA-7F3K", Some("PERKS"), Some("Anna")),
            ("PERKS-7F3K", Some("PERKS"), None),
            ("FRIEND-7F3K", None, None),
            ("R2D2-7F3K", None, None),
            ("7F3K", None, None),
            ("-7F3K", None, None),
        ];
        for (code, prefix, expected) in table {
            assert_eq!(inviter(code, prefix).as_deref(), expected, "{code}");
        }
    }
}

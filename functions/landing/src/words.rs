//! What the page says, in each of its languages. German and Spanish say du and tú, as one friend
//! to another; French says vous.

use laurel_rules::landing::Language;

use crate::numbers::{Plural, whole};

/// The texts that stand by themselves.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) gift: &'static str,
    pub(crate) code: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    /// On the button, with and without a gift.
    pub(crate) claim: &'static str,
    pub(crate) join: &'static str,
    /// Under the button, and without one.
    pub(crate) carried: &'static str,
    pub(crate) enter: &'static str,
    pub(crate) cookie: &'static str,
    /// What the least payment is called where its currency is not known.
    pub(crate) minimum: &'static str,
    pub(crate) unknown: [&'static str; 2],
    pub(crate) trouble: [&'static str; 2],
    pub(crate) too_many: &'static str,
}

/// The texts of a language.
pub(crate) const fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::De => &DE,
        Language::Fr => &FR,
        Language::Es => &ES,
    }
}

const EN: Words = Words {
    gift: "Your welcome gift",
    code: "Your invitation code",
    copy: "Copy",
    copied: "Copied",
    claim: "Claim your gift",
    join: "Sign up now",
    carried: "Your code is filled in for you on the next page.",
    enter: "Enter this code when you sign up.",
    cookie: "This page sets one cookie. It remembers your invitation for 24 hours.",
    minimum: "the minimum amount",
    unknown: [
        "This invitation is not valid",
        "The link may be incomplete, or the invitation has ended. Ask the person who sent it to \
         you for a new one.",
    ],
    trouble: [
        "Something went wrong on our side",
        "Please open the link again in a moment.",
    ],
    too_many: "One moment, please",
};

const DE: Words = Words {
    gift: "Dein Willkommensgeschenk",
    code: "Dein Einladungscode",
    copy: "Kopieren",
    copied: "Kopiert",
    claim: "Geschenk sichern",
    join: "Jetzt anmelden",
    carried: "Dein Code ist auf der nächsten Seite schon eingetragen.",
    enter: "Gib diesen Code bei der Anmeldung ein.",
    cookie: "Diese Seite setzt ein Cookie. Es merkt sich deine Einladung 24 Stunden lang.",
    minimum: "dem Mindestbetrag",
    unknown: [
        "Diese Einladung ist nicht gültig",
        "Der Link ist vielleicht unvollständig, oder die Einladung ist abgelaufen. Bitte die \
         Person, die ihn dir geschickt hat, um einen neuen.",
    ],
    trouble: [
        "Bei uns ist etwas schiefgegangen",
        "Bitte öffne den Link gleich noch einmal.",
    ],
    too_many: "Einen Moment bitte",
};

const FR: Words = Words {
    gift: "Votre cadeau de bienvenue",
    code: "Votre code d’invitation",
    copy: "Copier",
    copied: "Copié",
    claim: "Profiter du cadeau",
    join: "S’inscrire",
    carried: "Votre code est déjà rempli sur la page suivante.",
    enter: "Saisissez ce code lors de votre inscription.",
    cookie: "Cette page dépose un cookie. Il retient votre invitation pendant 24 heures.",
    minimum: "le montant minimum",
    unknown: [
        "Cette invitation n’est pas valable",
        "Le lien est peut-être incomplet, ou l’invitation a pris fin. Demandez-en un nouveau à la \
         personne qui vous l’a envoyé.",
    ],
    trouble: [
        "Une erreur s’est produite de notre côté",
        "Veuillez rouvrir le lien dans un instant.",
    ],
    too_many: "Un instant, s’il vous plaît",
};

const ES: Words = Words {
    gift: "Tu regalo de bienvenida",
    code: "Tu código de invitación",
    copy: "Copiar",
    copied: "Copiado",
    claim: "Conseguir el regalo",
    join: "Registrarse",
    carried: "Tu código ya está escrito en la página siguiente.",
    enter: "Introduce este código al registrarte.",
    cookie: "Esta página guarda una cookie. Recuerda tu invitación durante 24 horas.",
    minimum: "el importe mínimo",
    unknown: [
        "Esta invitación no es válida",
        "Puede que el enlace esté incompleto o que la invitación haya terminado. Pide uno nuevo a \
         la persona que te lo envió.",
    ],
    trouble: [
        "Algo ha fallado por nuestra parte",
        "Vuelve a abrir el enlace dentro de un momento.",
    ],
    too_many: "Un momento, por favor",
};

/// Who invites to what; without a name, what the visitor has.
pub(crate) fn headline(inviter: Option<&str>, program: &str, language: Language) -> String {
    match (language, inviter) {
        (Language::En, Some(name)) => format!("{name} invites you to {program}"),
        (Language::En, None) => format!("You are invited to {program}"),
        (Language::De, Some(name)) => format!("{name} lädt dich zu {program} ein"),
        (Language::De, None) => format!("Du bist zu {program} eingeladen"),
        (Language::Fr, Some(name)) => format!("{name} vous invite à rejoindre {program}"),
        (Language::Fr, None) => format!("Vous avez une invitation pour {program}"),
        (Language::Es, Some(name)) => format!("{name} te invita a unirte a {program}"),
        (Language::Es, None) => format!("Tienes una invitación para {program}"),
    }
}

/// A number of points of a program that calls them `name`. The word that programs begin with is
/// translated; any other is the operator's.
pub(crate) fn points(number: u64, name: &str, language: Language) -> String {
    let written = whole(number, language);
    if name != "points" {
        return format!("{written} {name}");
    }
    let (one, other) = match language {
        Language::En => ("point", "points"),
        Language::De => ("Punkt", "Punkte"),
        Language::Fr => ("point", "points"),
        Language::Es => ("punto", "puntos"),
    };
    match Plural::of(number, language) {
        Plural::One => format!("{written} {one}"),
        Plural::Many => format!("{written} de {other}"),
        Plural::Other => format!("{written} {other}"),
    }
}

/// An amount that can be spent at the shop.
pub(crate) fn store_credit(amount: &str, language: Language) -> String {
    match language {
        Language::En => format!("{amount} of store credit"),
        Language::De => format!("{amount} Guthaben"),
        Language::Fr => format!("{amount} de crédit d’achat"),
        Language::Es => format!("{amount} de saldo"),
    }
}

/// What the visitor must buy for the gift: for how much at least, and within how many days.
pub(crate) fn with_purchase(
    minimum: Option<&str>,
    days: Option<u16>,
    language: Language,
) -> String {
    let (opening, least) = match language {
        Language::En => ("Yours with your first purchase", " of at least "),
        Language::De => ("Du bekommst es mit deinem ersten Einkauf", " ab "),
        Language::Fr => ("Il est à vous dès votre premier achat", " d’au moins "),
        Language::Es => ("Es tuyo con tu primera compra", " de al menos "),
    };
    let mut text = opening.to_owned();
    if let Some(minimum) = minimum {
        text.push_str(least);
        text.push_str(minimum);
    }
    text.push_str(&within(days, language));
    text.push('.');
    text
}

/// What the visitor must do for the gift, where it is not a purchase.
pub(crate) fn with_condition(program: &str, days: Option<u16>, language: Language) -> String {
    let within = within(days, language);
    match language {
        Language::En => format!("Yours once you meet the terms of {program}{within}."),
        Language::De => {
            format!("Du bekommst es, sobald du die Bedingungen von {program} erfüllst{within}.")
        }
        Language::Fr => {
            format!("Il est à vous dès que vous remplissez les conditions de {program}{within}.")
        }
        Language::Es => {
            format!("Es tuyo en cuanto cumplas las condiciones de {program}{within}.")
        }
    }
}

fn within(days: Option<u16>, language: Language) -> String {
    let Some(days) = days else {
        return String::new();
    };
    let number = u64::from(days);
    let (written, is_one) = (whole(number, language), number == 1);
    match language {
        Language::En => {
            let unit = if is_one { "day" } else { "days" };
            format!(" within {written} {unit} of signing up")
        }
        Language::De => {
            let unit = if is_one { "Tag" } else { "Tagen" };
            format!(" innerhalb von {written} {unit} nach der Anmeldung")
        }
        Language::Fr => {
            let unit = if is_one { "jour" } else { "jours" };
            format!(", dans un délai de {written} {unit} après l’inscription")
        }
        Language::Es => {
            let unit = if is_one { "día" } else { "días" };
            format!(", en un plazo de {written} {unit} tras registrarte")
        }
    }
}

/// When a visitor who came too often may come again.
pub(crate) fn come_back(seconds: u64, language: Language) -> String {
    let (written, is_one) = (whole(seconds, language), seconds == 1);
    match language {
        Language::En => {
            let unit = if is_one { "second" } else { "seconds" };
            format!(
                "Too many invitations were opened from your connection. Please try again in \
                 {written} {unit}."
            )
        }
        Language::De => {
            let unit = if is_one { "Sekunde" } else { "Sekunden" };
            format!(
                "Von deinem Anschluss wurden zu viele Einladungen geöffnet. Bitte versuche es in \
                 {written} {unit} noch einmal."
            )
        }
        Language::Fr => {
            let unit = if is_one { "seconde" } else { "secondes" };
            format!(
                "Trop d’invitations ont été ouvertes depuis votre connexion. Veuillez réessayer \
                 dans {written} {unit}."
            )
        }
        Language::Es => {
            let unit = if is_one { "segundo" } else { "segundos" };
            format!(
                "Se han abierto demasiadas invitaciones desde tu conexión. Inténtalo de nuevo en \
                 {written} {unit}."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_have_their_plurals() {
        let table = [
            (1, ["1 point", "1 Punkt", "1 point", "1 punto"]),
            (
                250,
                ["250 points", "250 Punkte", "250 points", "250 puntos"],
            ),
            (
                2_000_000,
                [
                    "2,000,000 points",
                    "2.000.000 Punkte",
                    "2\u{202f}000\u{202f}000 de points",
                    "2.000.000 de puntos",
                ],
            ),
        ];
        for (number, expected) in table {
            let texts = Language::ALL.map(|language| points(number, "points", language));
            assert_eq!(texts, expected);
        }
        assert_eq!(points(1250, "stars", Language::De), "1.250 stars");
    }

    #[test]
    fn conditions_say_all_and_no_more() {
        let en = |minimum, days| with_purchase(minimum, days, Language::En);
        assert_eq!(en(None, None), "Yours with your first purchase.");
        assert_eq!(
            en(Some("€20.00"), Some(30)),
            "Yours with your first purchase of at least €20.00 within 30 days of signing up."
        );
        assert_eq!(
            with_purchase(Some("20,00 €"), Some(1), Language::De),
            "Du bekommst es mit deinem ersten Einkauf ab 20,00 € innerhalb von 1 Tag nach der \
             Anmeldung."
        );
        assert_eq!(
            with_purchase(None, Some(30), Language::Fr),
            "Il est à vous dès votre premier achat, dans un délai de 30 jours après l’inscription."
        );
        assert_eq!(
            with_condition("Perks", Some(7), Language::Es),
            "Es tuyo en cuanto cumplas las condiciones de Perks, en un plazo de 7 días tras \
             registrarte."
        );
    }
}

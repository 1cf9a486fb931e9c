//! Colours that can be read, made of the one that a program chooses (WCAG 2.2, 1.4.3 and 1.4.11).
#![expect(
    clippy::float_arithmetic,
    reason = "the luminance of a colour is defined so, and is neither points nor money"
)]

use std::fmt::Write;

use laurel_rules::landing::Color;

/// What is used where a program chooses none.
pub(crate) const ACCENT: Color = rgb(0x0b, 0x6e, 0x4f);
const WHITE: Color = rgb(255, 255, 255);
const BLACK: Color = rgb(0, 0, 0);
/// The card in the dark scheme, as `page.css` has it.
const DARK: Color = rgb(0x17, 0x1b, 0x21);

/// The contrast of coloured text. 4.5 is the least; by night more is easier on the eyes.
const TEXT_BY_DAY: f64 = 4.6;
const TEXT_BY_NIGHT: f64 = 6.5;
/// The least contrast of the border of what is operated.
const BORDER_CONTRAST: f64 = 3.1;

const fn rgb(red: u8, green: u8, blue: u8) -> Color {
    Color {
        channels: [red, green, blue],
    }
}

/// The custom properties of both schemes, for the page's style sheet.
pub(crate) fn properties(accent: Color) -> String {
    let mut css = String::new();
    // Writing to a text does not fail.
    let _ = write!(
        css,
        ":root{{{}}}",
        scheme(accent, WHITE, BLACK, TEXT_BY_DAY)
    );
    let dark = scheme(accent, DARK, WHITE, TEXT_BY_NIGHT);
    let _ = write!(css, "@media(prefers-color-scheme:dark){{:root{{{dark}}}}}");
    css
}

/// The colours on a card of colour `card`, away from which `ink` leads.
fn scheme(accent: Color, card: Color, ink: Color, text_contrast: f64) -> String {
    let tint = mix(card, accent, 10);
    let text = towards(accent, ink, tint, text_contrast);
    let border = towards(accent, ink, card, BORDER_CONTRAST);
    let on = on(accent);
    format!("--accent:{accent};--on-accent:{on};--border:{border};--tint:{tint};--strong:{text}")
}

/// Black or white, whichever is read better on a colour. One of them always has 4.58 to 1.
fn on(color: Color) -> Color {
    if contrast(color, WHITE) >= contrast(color, BLACK) {
        WHITE
    } else {
        BLACK
    }
}

/// The colour that is nearest to `color`, on its way to `ink`, and has this contrast to `ground`.
fn towards(color: Color, ink: Color, ground: Color, least: f64) -> Color {
    let mut steps = (0..=100).step_by(5).map(|percent| mix(color, ink, percent));
    steps
        .find(|mixed| contrast(*mixed, ground) >= least)
        .unwrap_or(ink)
}

/// A colour with so many percent of another.
fn mix(color: Color, other: Color, percent: u8) -> Color {
    let percent = u16::from(percent.min(100));
    let mixed = |place: usize| {
        let [one, two] = [color, other].map(|color| u16::from(color.channels[place]));
        let sum = one * (100 - percent) + two * percent;
        u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
    };
    Color {
        channels: [mixed(0), mixed(1), mixed(2)],
    }
}

/// From 1, for the same colour, to 21.
fn contrast(one: Color, other: Color) -> f64 {
    let [one, other] = [one, other].map(luminance);
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(color: Color) -> f64 {
    let [red, green, blue] = color.channels.map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.04045 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_as_wcag_defines_it() {
        assert!((contrast(WHITE, BLACK) - 21.0).abs() < 1e-9);
        assert!((contrast(ACCENT, ACCENT) - 1.0).abs() < 1e-9);
        // A known pair: #767676 is the lightest grey on white.
        let grey = contrast(rgb(0x76, 0x76, 0x76), WHITE);
        assert!((4.54..4.55).contains(&grey), "{grey}");
    }

    #[test]
    fn whatever_a_program_chooses_can_be_read() {
        let levels = (0..=255).step_by(15);
        for red in levels.clone() {
            for green in levels.clone() {
                for blue in levels.clone() {
                    let accent = rgb(red, green, blue);
                    assert!(contrast(accent, on(accent)) >= 4.5, "{accent}");
                    for (card, ink, least) in
                        [(WHITE, BLACK, TEXT_BY_DAY), (DARK, WHITE, TEXT_BY_NIGHT)]
                    {
                        let tint = mix(card, accent, 10);
                        let text = towards(accent, ink, tint, least);
                        assert!(contrast(text, tint) >= 4.5, "{accent}");
                        let border = towards(accent, ink, card, BORDER_CONTRAST);
                        assert!(contrast(border, card) >= 3.0, "{accent}");
                        // What else is written on the tint.
                        assert!(contrast(ink, tint) >= 7.0, "{accent}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_card_is_as_dark_as_reckoned_with() {
        let css = include_str!("../templates/page.css");
        assert!(css.contains(&format!("--card:{DARK}")), "{DARK}");
    }
}

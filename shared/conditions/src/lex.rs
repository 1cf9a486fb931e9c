//! The words of a condition.

use rust_decimal::Decimal;

use crate::problem::Problem;

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Number(Decimal),
    Text(String),
    /// A name or a keyword.
    Word(String),
    /// An operator, a bracket, a comma.
    Sign(&'static str),
    End,
}

impl Token {
    /// The word as messages spell it.
    pub(crate) fn spelt(&self) -> String {
        match self {
            Token::Number(number) => format!("the number {number}"),
            Token::Text(text) if text.chars().count() <= 20 => format!("the text '{text}'"),
            Token::Text(_) => "a text".to_owned(),
            Token::Word(word) => format!("`{word}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::End => "the end".to_owned(),
        }
    }
}

/// A word, and where it begins, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    pub(crate) token: Token,
    pub(crate) at: usize,
}

/// The longer ones first, so that `<=` is not read as `<`.
const SIGNS: [&str; 23] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",",
    "(", ")", "[", "]", "=",
];

/// Splits a condition into words; the last one is [`Token::End`].
pub(crate) fn words(source: &str) -> Result<Vec<Placed>, Problem> {
    let mut lexer = Lexer { source, at: 0 };
    let mut words = Vec::new();
    loop {
        let word = lexer.next()?;
        let is_end = word.token == Token::End;
        words.push(word);
        if is_end {
            return Ok(words);
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes characters as long as they are such.
    fn take_while(&mut self, is_such: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let len = rest.find(|c| !is_such(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    fn skip_blank(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.rest().starts_with("//") {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    fn next(&mut self) -> Result<Placed, Problem> {
        self.skip_blank();
        let at = self.at;
        let Some(first) = self.peek() else {
            let token = Token::End;
            return Ok(Placed { token, at });
        };
        let second = self.rest().chars().nth(1);
        let token = match first {
            '0'..='9' => self.number()?,
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number()?,
            '\'' | '"' => self.text(false)?,
            'r' | 'R' if matches!(second, Some('\'' | '"')) => {
                self.at += 1;
                self.text(true)?
            }
            'b' | 'B' if matches!(second, Some('\'' | '"')) => {
                return Err(Problem::new(at, "bytes are not part of conditions"));
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                Token::Word(word.to_owned())
            }
            _ => self.sign(first)?,
        };
        Ok(Placed { token, at })
    }

    fn sign(&mut self, first: char) -> Result<Token, Problem> {
        let at = self.at;
        let rest = self.rest();
        let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) else {
            let message = match first {
                '&' => "`&` is no operator; did you mean `&&`?".to_owned(),
                '|' => "`|` is no operator; did you mean `||`?".to_owned(),
                '{' | '}' => "maps such as {'a': 1} are not part of conditions".to_owned(),
                '“' | '”' | '„' | '‘' | '’' | '`' => {
                    "texts stand in straight quotes, as 'gold' or \"gold\"".to_owned()
                }
                _ => format!("`{first}` has no meaning here"),
            };
            return Err(Problem::new(at, message));
        };
        if sign == "=" {
            return Err(Problem::new(at, "`=` is no operator; did you mean `==`?"));
        }
        self.at += sign.len();
        let next = self.rest();
        let doubled = match sign {
            "==" | "!=" if next.starts_with('=') => Some(sign),
            "<" if next.starts_with('>') => Some("!="),
            _ => None,
        };
        if let Some(meant) = doubled {
            let message = format!("there is no such operator; did you mean `{meant}`?");
            return Err(Problem::new(at, message));
        }
        Ok(Token::Sign(sign))
    }

    fn number(&mut self) -> Result<Token, Problem> {
        let at = self.at;
        let text = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        let is_exponent_open = |text: &str| text.ends_with(['e', 'E']);
        if hex.is_none() {
            let next = self.rest().chars().nth(1);
            if self.peek() == Some('.') && next.is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            }
            let is_signed = matches!(self.peek(), Some('+' | '-'));
            if is_signed && is_exponent_open(&self.source[at..self.at]) {
                self.at += 1;
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            }
        }
        let text = &self.source[at..self.at];
        // All numbers are of one kind, so the mark of CEL's unsigned ones says nothing more.
        let digits = text.strip_suffix(['u', 'U']).unwrap_or(text);
        let number = match hex {
            Some(_) => u64::from_str_radix(&digits[2..], 16)
                .ok()
                .map(Decimal::from),
            None if digits.starts_with('.') => decimal(&format!("0{digits}")),
            None => decimal(digits),
        };
        number.map(Token::Number).ok_or_else(|| {
            let message = "this is no number, or has more digits than can be kept exactly (28)";
            Problem::new(at, message)
        })
    }

    fn text(&mut self, is_raw: bool) -> Result<Token, Problem> {
        let at = self.at;
        let mut chars = self.rest().char_indices();
        let quote = chars.next().map_or('\'', |(_, quote)| quote);
        let mut text = String::new();
        while let Some((offset, c)) = chars.next() {
            if c == quote {
                self.at += offset + c.len_utf8();
                return Ok(Token::Text(text));
            }
            if c != '\\' || is_raw {
                text.push(c);
                continue;
            }
            let escaped = escaped(&mut chars).ok_or_else(|| {
                let message = "there is no such escape; write \\\\ for a backslash";
                Problem::new(at + offset, message)
            })?;
            text.push(escaped);
        }
        let message = format!("this text does not end; close it with {quote}");
        Err(Problem::new(at, message))
    }
}

/// The character that the escape after a backslash stands for.
fn escaped(chars: &mut std::str::CharIndices<'_>) -> Option<char> {
    let (_, kind) = chars.next()?;
    let digits = match kind {
        'a' => return Some('\u{7}'),
        'b' => return Some('\u{8}'),
        'f' => return Some('\u{c}'),
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'v' => return Some('\u{b}'),
        '\\' | '\'' | '"' | '`' | '?' => return Some(kind),
        'x' | 'X' => 2,
        'u' => 4,
        'U' => 8,
        '0'..='3' => {
            let code = (0..2).try_fold(kind.to_digit(8)?, |code, _| {
                Some(code * 8 + chars.next()?.1.to_digit(8)?)
            });
            return char::from_u32(code?);
        }
        _ => return None,
    };
    let code = (0..digits).try_fold(0_u32, |code, _| {
        Some(code * 16 + chars.next()?.1.to_digit(16)?)
    });
    char::from_u32(code?)
}

/// A number that is written in decimal digits, exactly; `None` where that cannot be.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let is_plain = |c: u8| c.is_ascii_digit() || c == b'.' || c == b'-';
    if !digits.bytes().all(is_plain) || !digits.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number = Decimal::from_str_exact(digits).ok()?;
    if exponent == 0 || number.is_zero() {
        return Some(number);
    }
    let ten = |power: i32| {
        let power = u32::try_from(power).ok().filter(|power| *power <= 28)?;
        Decimal::try_from_i128_with_scale(10_i128.checked_pow(power)?, 0).ok()
    };
    if exponent > 0 {
        return number.checked_mul(ten(exponent)?);
    }
    let scale = number.scale().checked_add(exponent.unsigned_abs())?;
    Decimal::try_from_i128_with_scale(number.mantissa(), scale).ok()
}

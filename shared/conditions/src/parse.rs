//! From the words of a condition to its parts: the grammar of CEL.

use crate::{
    lex::{Placed, Token, words},
    problem::Problem,
    syntax::{Binary, Expr, Kind},
};

/// The longest condition, in bytes.
pub const SOURCE_BYTES_MAX: usize = 2000;
/// The most parts that a condition may have: names, values, operators, calls.
pub const PARTS_MAX: usize = 300;
/// How deep its parts may lie in one another.
pub const DEPTH_MAX: usize = 40;

/// Words that CEL keeps for itself.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// Reads a condition.
pub(crate) fn parse(source: &str) -> Result<Expr, Problem> {
    if source.len() > SOURCE_BYTES_MAX {
        let message = format!("a condition must be at most {SOURCE_BYTES_MAX} bytes long");
        return Err(Problem::new(SOURCE_BYTES_MAX, message));
    }
    let mut parser = Parser {
        words: words(source)?,
        next: 0,
        parts: 0,
        open: 0,
    };
    if parser.peek() == &Token::End {
        let message = "a condition must say something, as event.amount >= 2000";
        return Err(Problem::new(0, message));
    }
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    words: Vec<Placed>,
    next: usize,
    parts: usize,
    /// Brackets and the like that are open, which bounds the recursion.
    open: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.words
            .get(self.next)
            .map_or(&Token::End, |it| &it.token)
    }

    fn at(&self) -> usize {
        let last = self.words.last().map_or(0, |it| it.at);
        self.words.get(self.next).map_or(last, |it| it.at)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.peek(), Token::Sign(next) if *next == sign);
        self.next += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.takes(sign) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{sign}`")))
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        let hint = match self.peek() {
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "and" => "; did you mean `&&`?",
                "or" => "; did you mean `||`?",
                "is" | "eq" => "; did you mean `==`?",
                "not" => "; did you mean `!`?",
                _ => "",
            },
            _ => "",
        };
        let message = format!("{} stands where {wanted} should{hint}", self.peek().spelt());
        Problem::new(self.at(), message)
    }

    fn made(&mut self, at: usize, depth_below: usize, kind: Kind) -> Result<Expr, Problem> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            let message = format!("a condition may have at most {PARTS_MAX} parts");
            return Err(Problem::new(at, message));
        }
        let depth = depth_below + 1;
        if depth > DEPTH_MAX {
            return Err(too_deep(at));
        }
        Ok(Expr { at, depth, kind })
    }

    fn expr(&mut self) -> Result<Expr, Problem> {
        self.open += 1;
        if self.open > DEPTH_MAX {
            return Err(too_deep(self.at()));
        }
        let first = self.any()?;
        let at = self.at();
        let expr = if self.takes("?") {
            let then = self.any()?;
            self.expect(":")?;
            let otherwise = self.expr()?;
            let depth = deepest(&[&first, &then, &otherwise]);
            self.made(at, depth, Kind::Choice(Box::new([first, then, otherwise])))?
        } else {
            first
        };
        self.open -= 1;
        Ok(expr)
    }

    fn any(&mut self) -> Result<Expr, Problem> {
        self.chain("||", Parser::all, Kind::Any)
    }

    fn all(&mut self) -> Result<Expr, Problem> {
        self.chain("&&", |parser| parser.binary(1), Kind::All)
    }

    /// One part, or several with the same sign between them, which then lie beside one another.
    fn chain(
        &mut self,
        sign: &str,
        part: impl Fn(&mut Parser) -> Result<Expr, Problem>,
        kind: impl Fn(Vec<Expr>) -> Kind,
    ) -> Result<Expr, Problem> {
        let first = part(self)?;
        let at = self.at();
        if !self.takes(sign) {
            return Ok(first);
        }
        let mut parts = vec![first, part(self)?];
        while self.takes(sign) {
            parts.push(part(self)?);
        }
        let depth = parts.iter().map(|it| it.depth).max().unwrap_or(0);
        self.made(at, depth, kind(parts))
    }

    fn binary(&mut self, tightness_min: u8) -> Result<Expr, Problem> {
        let mut left = self.unary()?;
        loop {
            let sign = match self.peek() {
                Token::Sign(sign) => (*sign).to_owned(),
                Token::Word(word) => word.clone(),
                _ => return Ok(left),
            };
            let Some((operator, tightness)) = Binary::of(&sign) else {
                return Ok(left);
            };
            if tightness < tightness_min {
                return Ok(left);
            }
            let at = self.at();
            self.next += 1;
            let right = self.binary(tightness + 1)?;
            let depth = deepest(&[&left, &right]);
            let (left_box, right_box) = (Box::new(left), Box::new(right));
            left = self.made(at, depth, Kind::Binary(operator, left_box, right_box))?;
        }
    }

    fn unary(&mut self) -> Result<Expr, Problem> {
        let mut signs = Vec::new();
        loop {
            let at = self.at();
            if self.takes("!") {
                signs.push((at, true));
            } else if self.takes("-") {
                signs.push((at, false));
            } else {
                break;
            }
            if signs.len() > DEPTH_MAX {
                return Err(too_deep(at));
            }
        }
        let mut expr = self.postfix()?;
        for (at, is_not) in signs.into_iter().rev() {
            let depth = expr.depth;
            let kind = match expr.kind {
                // A negative number is a number, not an operation.
                Kind::Number(number) if !is_not => Kind::Number(-number),
                _ if is_not => Kind::Not(Box::new(expr)),
                _ => Kind::Negative(Box::new(expr)),
            };
            expr = self.made(at, depth, kind)?;
        }
        Ok(expr)
    }

    fn postfix(&mut self) -> Result<Expr, Problem> {
        let mut expr = self.primary()?;
        loop {
            let at = self.at();
            if self.takes(".") {
                let at = self.at();
                let Token::Word(name) = self.peek().clone() else {
                    return Err(self.unexpected("the name of a field"));
                };
                self.next += 1;
                let mut depth = expr.depth;
                let kind = if self.takes("(") {
                    let args = self.list(")")?;
                    depth = depth.max(args.iter().map(|it| it.depth).max().unwrap_or(0));
                    Kind::Call(Some(Box::new(expr)), name, args)
                } else {
                    Kind::Field(Box::new(expr), name)
                };
                expr = self.made(at, depth, kind)?;
            } else if self.takes("[") {
                let index = self.expr()?;
                self.expect("]")?;
                let depth = deepest(&[&expr, &index]);
                let kind = Kind::Index(Box::new(expr), Box::new(index));
                expr = self.made(at, depth, kind)?;
            } else {
                return Ok(expr);
            }
        }
    }

    /// The members of a list or the arguments of a call, up to `end`.
    fn list(&mut self, end: &str) -> Result<Vec<Expr>, Problem> {
        let mut members = Vec::new();
        if self.takes(end) {
            return Ok(members);
        }
        loop {
            members.push(self.expr()?);
            if !self.takes(",") {
                self.expect(end)?;
                return Ok(members);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, Problem> {
        let at = self.at();
        match self.take() {
            Token::Number(number) => self.made(at, 0, Kind::Number(number)),
            Token::Text(text) => self.made(at, 0, Kind::Text(text)),
            Token::Sign("(") => {
                let inner = self.expr()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => {
                let members = self.list("]")?;
                let depth = members.iter().map(|it| it.depth).max().unwrap_or(0);
                self.made(at, depth, Kind::List(members))
            }
            Token::Word(word) => self.word(at, word),
            _ => {
                self.next -= 1;
                Err(self.unexpected("a value"))
            }
        }
    }

    fn word(&mut self, at: usize, word: String) -> Result<Expr, Problem> {
        match word.as_str() {
            "true" => return self.made(at, 0, Kind::Bool(true)),
            "false" => return self.made(at, 0, Kind::Bool(false)),
            "null" => return self.made(at, 0, Kind::Null),
            "in" => {
                self.next -= 1;
                return Err(self.unexpected("a value"));
            }
            _ => {}
        }
        if RESERVED.contains(&word.as_str()) {
            let message = format!(
                "`{word}` is a reserved word; a metadata key of that name is \
                 event.metadata['{word}']"
            );
            return Err(Problem::new(at, message));
        }
        if !self.takes("(") {
            let is_not = word.eq_ignore_ascii_case("not");
            if is_not && matches!(self.peek(), Token::Word(_)) {
                return Err(Problem::new(at, "did you mean `!`?"));
            }
            return self.made(at, 0, Kind::Name(word));
        }
        let args = self.list(")")?;
        let depth = args.iter().map(|it| it.depth).max().unwrap_or(0);
        self.made(at, depth, Kind::Call(None, word, args))
    }
}

fn deepest(exprs: &[&Expr]) -> usize {
    exprs.iter().map(|it| it.depth).max().unwrap_or(0)
}

fn too_deep(at: usize) -> Problem {
    let message =
        format!("the parts of a condition may lie at most {DEPTH_MAX} deep in one another");
    Problem::new(at, message)
}

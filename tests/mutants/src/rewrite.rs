//! Writes every mutant of a file into its text, each behind a question whether it is the one.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result};
use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::listed::{Genre, Mutant, Place};

/// What is put into the root of the crate: `mutant(id)` is whether `MUTANT` names that one, and
/// each one that is asked for is noted once in the file that `REACHED` names.
pub const SWITCH: &str = r#"
#[allow(clippy::all, clippy::pedantic, dead_code, missing_docs)]
pub(crate) fn mutant(id: usize) -> bool {
    use std::io::Write as _;
    use std::sync::atomic::{AtomicBool, Ordering};
    static SWITCH: std::sync::LazyLock<(Option<usize>, Option<(std::fs::File, Vec<AtomicBool>)>)> =
        std::sync::LazyLock::new(|| {
            let chosen = std::env::var("MUTANT").ok().and_then(|id| id.parse().ok());
            let reached = std::env::var("REACHED").ok().map(|path| {
                let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
                let seen = (0..20_000).map(|_| AtomicBool::new(false)).collect();
                (file.expect("a file for what is reached"), seen)
            });
            (chosen, reached)
        });
    if let Some((file, seen)) = &SWITCH.1 && !seen[id].swap(true, Ordering::Relaxed) {
        let _ = (&*file).write_all(format!("{id}\n").as_bytes());
    }
    SWITCH.0 == Some(id)
}
"#;

/// A place of the text that one mutant or several change.
struct Site {
    range: Range<usize>,
    kind: Kind,
}

enum Kind {
    /// Replaced by one of these texts.
    Instead(Vec<(usize, String)>),
    /// The same of a field that is given by its name alone.
    InsteadOfShorthand(String, Vec<(usize, String)>),
    /// A return of one of these values, put before the text.
    Return(Vec<(usize, String)>),
    /// A guard: replaced, or the arm deleted.
    Guard(Vec<(usize, String)>, Vec<usize>),
    /// A guard of an arm that has none.
    NoGuard(usize),
}

/// The text of a file with its mutants in it, and which of them found their place.
pub fn rewritten(source: &str, mutants: &[(usize, &Mutant)]) -> Result<String> {
    let offsets = Offsets::of(source);
    let mut found = Found {
        offsets: &offsets,
        source,
        wanted: BTreeMap::new(),
        sites: Vec::new(),
        is_deletable: false,
    };
    for (id, mutant) in mutants {
        let range = offsets.place(mutant.span.start)..offsets.place(mutant.span.end);
        if mutant.genre == Genre::FnValue {
            found.add_return(range.start, *id, &mutant.replacement);
        } else {
            let key = (range.start, range.end);
            found.wanted.entry(key).or_default().push((*id, mutant));
        }
    }
    found.visit_file(&syn::parse_file(source).context("a file that does not parse")?);
    let mut sites = found.sites;
    // What encloses comes before what it holds; of equal places, the one that was visited first.
    let is_return = |site: &Site| matches!(site.kind, Kind::Return(_));
    sites.sort_by_key(|site| {
        (
            site.range.start,
            !is_return(site),
            usize::MAX - site.range.end,
        )
    });
    let mut text = String::with_capacity(source.len() * 4);
    render(source, 0..source.len(), &sites, &mut text);
    Ok(text)
}

fn render(source: &str, range: Range<usize>, mut sites: &[Site], text: &mut String) {
    let mut at = range.start;
    while let Some((site, rest)) = sites.split_first() {
        let inner = rest.iter().take_while(|inner| {
            inner.range.end <= site.range.end && inner.range.start < site.range.end
        });
        let (inner, after) = rest.split_at(inner.count());
        text.push_str(&source[at..site.range.start]);
        let mut same = String::new();
        render(source, site.range.clone(), inner, &mut same);
        let choice = |alternatives: &[(usize, String)], same: &str| {
            let mut choice = String::from("(");
            for (id, alternative) in alternatives {
                choice += &format!(
                    "if crate::mutant({id}) {{ /*<{id}*/({alternative})/*{id}>*/ }} else "
                );
            }
            choice + &format!("{{ ({same}) }})")
        };
        match &site.kind {
            Kind::Instead(alternatives) => text.push_str(&choice(alternatives, &same)),
            Kind::InsteadOfShorthand(name, alternatives) => {
                text.push_str(&format!("{name}: {}", choice(alternatives, &same)));
            }
            Kind::Return(values) => {
                for (id, value) in values {
                    text.push_str(&format!(
                        "if crate::mutant({id}) {{ /*<{id}*/return {value};/*{id}>*/ }} "
                    ));
                }
            }
            Kind::Guard(alternatives, deleted) => {
                for id in deleted {
                    text.push_str(&format!("/*<{id}*/!crate::mutant({id})/*{id}>*/ && "));
                }
                text.push_str(&choice(alternatives, &same));
            }
            Kind::NoGuard(id) => {
                text.push_str(&format!(" if /*<{id}*/!crate::mutant({id})/*{id}>*/ "))
            }
        }
        at = site.range.end;
        sites = after;
    }
    text.push_str(&source[at..range.end]);
}

/// Where the lines of a text begin.
struct Offsets<'a> {
    source: &'a str,
    lines: Vec<usize>,
}

impl Offsets<'_> {
    fn of(source: &str) -> Offsets<'_> {
        let breaks = source.match_indices('\n').map(|(at, _)| at + 1);
        Offsets {
            source,
            lines: std::iter::once(0).chain(breaks).collect(),
        }
    }

    fn at(&self, line: usize, characters: usize) -> usize {
        let start = self.lines[line - 1];
        let line = &self.source[start..];
        start
            + line
                .char_indices()
                .nth(characters)
                .map_or(line.len(), |(at, _)| at)
    }

    fn place(&self, place: Place) -> usize {
        self.at(place.line, place.column - 1)
    }

    fn range(&self, spanned: &impl Spanned) -> Range<usize> {
        let span = spanned.span();
        let offset = |place: LineColumn| self.at(place.line, place.column);
        offset(span.start())..offset(span.end())
    }
}

struct Found<'a> {
    source: &'a str,
    offsets: &'a Offsets<'a>,
    wanted: BTreeMap<(usize, usize), Vec<(usize, &'a Mutant)>>,
    sites: Vec<Site>,
    is_deletable: bool,
}

impl Found<'_> {
    fn add_return(&mut self, at: usize, id: usize, value: &str) {
        let same = |site: &&mut Site| site.range == (at..at);
        match self.sites.iter_mut().find(same).map(|site| &mut site.kind) {
            Some(Kind::Return(values)) => values.push((id, value.to_owned())),
            _ => {
                let kind = Kind::Return(vec![(id, value.to_owned())]);
                self.sites.push(Site {
                    range: at..at,
                    kind,
                });
            }
        }
    }

    fn take(&mut self, range: &Range<usize>, genre: Genre) -> Vec<(usize, String)> {
        let Some(wanted) = self.wanted.get(&(range.start, range.end)) else {
            return Vec::new();
        };
        let of_genre = wanted.iter().filter(|(_, mutant)| mutant.genre == genre);
        of_genre
            .map(|(id, mutant)| (*id, mutant.replacement.clone()))
            .collect()
    }
}

fn has_let(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Found<'_> {
    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        let op = self.offsets.range(&expr.op);
        let replacements = self.take(&op, Genre::BinaryOperator);
        if !replacements.is_empty() && !has_let(&expr.left) && !has_let(&expr.right) {
            let (left, right) = (
                self.offsets.range(&expr.left),
                self.offsets.range(&expr.right),
            );
            let (left_text, right_text) = (&self.source[left.clone()], &self.source[right.clone()]);
            let texts = replacements.into_iter();
            let texts = texts.map(|(id, op)| (id, format!("{left_text} {op} {right_text}")));
            let kind = Kind::Instead(texts.collect());
            self.sites.push(Site {
                range: left.start..right.end,
                kind,
            });
        }
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        let op = self.offsets.range(&expr.op);
        let replacements = self.take(&op, Genre::UnaryOperator);
        if !replacements.is_empty() {
            let operand = &self.source[self.offsets.range(&expr.expr)];
            let texts = replacements
                .into_iter()
                .map(|(id, _)| (id, operand.to_owned()));
            let kind = Kind::Instead(texts.collect());
            self.sites.push(Site {
                range: self.offsets.range(expr),
                kind,
            });
        }
        visit::visit_expr_unary(self, expr);
    }

    /// An arm can be deleted only where another takes what it took.
    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        let takes_all = |arm: &syn::Arm| {
            let any = match &arm.pat {
                syn::Pat::Wild(_) => true,
                syn::Pat::Ident(name) => name.ident.to_string().starts_with(char::is_lowercase),
                _ => false,
            };
            any && arm.guard.is_none()
        };
        let before = std::mem::replace(&mut self.is_deletable, expr.arms.iter().any(takes_all));
        self.visit_expr(&expr.expr);
        let deletable = self.is_deletable;
        for arm in &expr.arms {
            self.is_deletable = deletable;
            self.visit_arm(arm);
        }
        self.is_deletable = before;
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let is_deletable = self.is_deletable;
        let whole = self.offsets.range(arm);
        let starts_here =
            |(key, _): (&(usize, usize), &Vec<(usize, &Mutant)>)| key.0 == whole.start;
        let deleted: Vec<usize> = self
            .wanted
            .iter()
            .filter(|entry| starts_here(*entry))
            .flat_map(|(_, wanted)| wanted)
            .filter(|(_, mutant)| is_deletable && mutant.genre == Genre::MatchArm)
            .map(|(id, _)| *id)
            .collect();
        match &arm.guard {
            Some((_, guard)) if !has_let(guard) => {
                let range = self.offsets.range(guard);
                let replacements = self.take(&range, Genre::MatchArmGuard);
                if !replacements.is_empty() || !deleted.is_empty() {
                    let kind = Kind::Guard(replacements, deleted);
                    self.sites.push(Site { range, kind });
                }
            }
            Some(_) => {}
            None => {
                let end = self.offsets.range(&arm.pat).end;
                let sites = deleted.into_iter();
                self.sites.extend(sites.map(|id| Site {
                    range: end..end,
                    kind: Kind::NoGuard(id),
                }));
            }
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        if let Some(base) = &expr.rest {
            let base = &self.source[self.offsets.range(base)];
            for field in &expr.fields {
                let start = self.offsets.range(field).start;
                let here = self.wanted.iter().filter(|(key, _)| key.0 == start);
                let here = here.flat_map(|(_, wanted)| wanted);
                let here = here.filter(|(_, mutant)| mutant.genre == Genre::StructField);
                let syn::Member::Named(name) = &field.member else {
                    continue;
                };
                let texts: Vec<_> = here
                    .map(|(id, _)| (*id, format!("({base}).{name}")))
                    .collect();
                if texts.is_empty() {
                    continue;
                }
                let kind = match field.colon_token {
                    Some(_) => Kind::Instead(texts),
                    None => Kind::InsteadOfShorthand(name.to_string(), texts),
                };
                self.sites.push(Site {
                    range: self.offsets.range(&field.expr),
                    kind,
                });
            }
        }
        visit::visit_expr_struct(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listed::Span;

    const SOURCE: &str = "fn of(a: i64, b: Point) -> Point {
    match a {
        0 => Point::default(),
        n if n < b.x => Point { x: -n, ..b },
        _ => Point { x: a + b.x * 2, ..b },
    }
}
";

    /// The mutant that puts `replacement` in the place of the first `part`.
    fn mutant(genre: Genre, part: &str, replacement: &str) -> Mutant {
        let start = SOURCE.find(part).expect("a part of the source");
        let place = |at: usize| Place {
            line: SOURCE[..at].matches('\n').count() + 1,
            column: at - SOURCE[..at].rfind('\n').map_or(0, |line| line + 1) + 1,
        };
        Mutant {
            name: part.to_owned(),
            file: "of.rs".to_owned(),
            genre,
            replacement: replacement.to_owned(),
            span: Span {
                start: place(start),
                end: place(start + part.len()),
            },
        }
    }

    #[test]
    fn each_mutant_stands_behind_its_question_and_the_rest_is_as_it_was() {
        let mutants = [
            mutant(Genre::FnValue, "match a {", "Default::default()"),
            mutant(Genre::MatchArm, "0 => Point::default(),", ""),
            mutant(Genre::MatchArmGuard, "n < b.x", "true"),
            mutant(Genre::BinaryOperator, "<", "<="),
            mutant(Genre::UnaryOperator, "-n", ""),
            mutant(Genre::StructField, "x: -n,", ""),
            mutant(Genre::BinaryOperator, "+", "-"),
            mutant(Genre::BinaryOperator, "*", "/"),
        ];
        let mut all: Vec<_> = mutants.iter().enumerate().collect();
        // Of a unary operator cargo-mutants tells the operator alone.
        let mut minus = mutants[4].clone();
        minus.span.end.column = minus.span.start.column + 1;
        all[4].1 = &minus;
        let text = rewritten(SOURCE, &all).expect("a source");
        assert!(syn::parse_file(&text).is_ok(), "{text}");
        for part in [
            "if crate::mutant(0) { /*<0*/return Default::default();/*0>*/ } match a {",
            "0 if /*<1*/!crate::mutant(1)/*1>*/  => Point::default()",
            "n if (if crate::mutant(2) { /*<2*/(true)/*2>*/ } else { ((if crate::mutant(3) { \
             /*<3*/(n <= b.x)/*3>*/ } else { (n < b.x) })) })",
            "x: (if crate::mutant(5) { /*<5*/((b).x)/*5>*/ } else { ((if crate::mutant(4) { \
             /*<4*/(n)/*4>*/ } else { (-n) })) })",
            "x: (if crate::mutant(6) { /*<6*/(a - b.x * 2)/*6>*/ } else { (a + (if \
             crate::mutant(7) { /*<7*/(b.x / 2)/*7>*/ } else { (b.x * 2) })) })",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert_eq!(crate::compile::placed(&text).len(), mutants.len());
        assert_eq!(rewritten(SOURCE, &[]).expect("a source"), SOURCE);
    }
}

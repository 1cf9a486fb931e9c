//! Builds the tree with all mutants in it, without those that do not compile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::listed::Mutant;
use crate::rewrite;

/// The files that have mutants, as they were.
pub struct Originals {
    tree: PathBuf,
    root: PathBuf,
    texts: BTreeMap<String, String>,
}

pub struct TestBinary {
    pub path: PathBuf,
    /// The folder of its package, where cargo runs it.
    pub folder: PathBuf,
}

impl Originals {
    pub fn read(tree: &Path, mutants: &[Mutant]) -> Result<Originals> {
        let mut texts = BTreeMap::new();
        for mutant in mutants {
            if !texts.contains_key(&mutant.file) {
                texts.insert(
                    mutant.file.clone(),
                    std::fs::read_to_string(tree.join(&mutant.file))?,
                );
            }
        }
        let first = mutants.first().context("there are no mutants")?;
        let (package, _) = first.file.split_once("/src/").context("not in a `src`")?;
        Ok(Originals {
            tree: tree.to_owned(),
            root: Path::new(package).join("src/lib.rs"),
            texts,
        })
    }

    /// Writes the mutants into their files, all but `unviable` ones.
    pub fn mutate(&self, mutants: &[Mutant], unviable: &BTreeSet<usize>) -> Result<()> {
        for (file, source) in &self.texts {
            let here = mutants.iter().enumerate();
            let here = here.filter(|(id, mutant)| mutant.file == *file && !unviable.contains(id));
            let text = rewrite::rewritten(source, &here.collect::<Vec<_>>())?;
            self.write(file, &text)?;
        }
        let root = self.tree.join(&self.root);
        let mut text = std::fs::read_to_string(&root)?;
        if !text.contains(rewrite::SWITCH) {
            text.push_str(rewrite::SWITCH);
            std::fs::write(root, text)?;
        }
        Ok(())
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.tree.join(file);
        if std::fs::read_to_string(&path)? != text {
            std::fs::write(path, text)?;
        }
        Ok(())
    }
}

/// The mutants that stand in `text`.
pub fn placed(text: &str) -> BTreeSet<usize> {
    let marks = text.split("/*<").skip(1);
    marks
        .filter_map(|mark| mark.split_once("*/")?.0.parse().ok())
        .collect()
}

/// The innermost mutant that `at` lies in.
fn enclosing(text: &str, at: usize) -> Option<usize> {
    // The question itself, where none can be asked: in constants.
    if let Some(question) = text[at..].strip_prefix("crate::mutant(") {
        return question.split_once(')')?.0.parse().ok();
    }
    let mut open = Vec::new();
    let mut rest = 0;
    while let Some(found) = text[rest..at].find("/*") {
        let start = rest + found;
        let Some(end) = text[start..].find("*/") else {
            break;
        };
        let mark = &text[start + 2..start + end];
        if let Some(id) = mark
            .strip_prefix('<')
            .and_then(|id| id.parse::<usize>().ok())
        {
            open.push(id);
        } else if mark
            .strip_suffix('>')
            .is_some_and(|id| id.parse::<usize>().is_ok())
        {
            open.pop();
        }
        rest = (start + end + 2).min(at);
    }
    open.pop()
}

/// The last mutant before `at` that is a return.
fn return_before(text: &str, at: usize) -> Option<usize> {
    let before = &text[..text[..at].rfind("*/return ")?];
    before[before.rfind("/*<")? + 3..].parse().ok()
}

/// Runs cargo with `arguments`; what it built that holds tests, or the mutants at fault.
pub fn cargo(tree: &Path, arguments: &[&str]) -> Result<Result<Vec<TestBinary>, BTreeSet<usize>>> {
    let mut command = Command::new("cargo");
    command
        .current_dir(tree)
        .args(arguments)
        .arg("--message-format=json");
    command.stderr(Stdio::inherit());
    let output = command.output()?;
    let mut binaries = Vec::new();
    let mut at_fault = BTreeSet::new();
    let mut returns = BTreeSet::new();
    let mut elsewhere = Vec::new();
    for line in output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let message: Value = serde_json::from_slice(line)?;
        if let Some(binary) = test_binary(&message) {
            binaries.push(binary);
        }
        let told = &message["message"];
        if message["reason"] != "compiler-message" || told["level"] != "error" {
            continue;
        }
        let spans = told["spans"].as_array().into_iter().flatten();
        let culprits: BTreeSet<usize> = spans
            .filter_map(|span| culprit(tree, span, enclosing))
            .collect();
        if culprits.is_empty() {
            // A function whose type follows from what it returns first: `impl Iterator`.
            let spans = told["spans"].as_array().into_iter().flatten();
            returns.extend(spans.filter_map(|span| culprit(tree, span, return_before)));
            elsewhere.push(told["rendered"].as_str().unwrap_or_default().to_owned());
        }
        at_fault.extend(culprits);
    }
    if output.status.success() {
        return Ok(Ok(binaries));
    }
    if at_fault.is_empty() {
        at_fault = returns;
    }
    if at_fault.is_empty() {
        bail!(
            "what does not compile is no mutant:\n{}",
            elsewhere.join("\n")
        );
    }
    Ok(Err(at_fault))
}

fn culprit(tree: &Path, span: &Value, find: fn(&str, usize) -> Option<usize>) -> Option<usize> {
    let text = std::fs::read_to_string(tree.join(span["file_name"].as_str()?)).ok()?;
    let at = usize::try_from(span["byte_start"].as_u64()?).ok()?;
    find(&text, at.min(text.len()))
}

fn test_binary(message: &Value) -> Option<TestBinary> {
    let is_test = message["reason"] == "compiler-artifact" && message["profile"]["test"] == true;
    let path = message["executable"].as_str().filter(|_| is_test)?;
    let manifest = Path::new(message["manifest_path"].as_str()?);
    Some(TestBinary {
        path: path.into(),
        folder: manifest.parent()?.to_owned(),
    })
}

/// Builds until all that is left compiles; the binaries of the tests, and what was taken out.
pub fn build(
    tree: &Path,
    mutants: &[Mutant],
    package: &str,
    tests: &[&str],
) -> Result<(Vec<TestBinary>, BTreeSet<usize>)> {
    let originals = Originals::read(tree, mutants)?;
    let mut unviable = BTreeSet::new();
    for round in 1..60 {
        originals.mutate(mutants, &unviable)?;
        let built = match cargo(tree, &["check", "--package", package])? {
            Ok(_) => {
                let arguments: Vec<&str> =
                    ["test", "--no-run"].iter().chain(tests).copied().collect();
                cargo(tree, &arguments)?
            }
            Err(at_fault) => Err(at_fault),
        };
        match built {
            Ok(binaries) => return Ok((binaries, unviable)),
            Err(at_fault) => {
                ensure!(
                    !at_fault.is_subset(&unviable),
                    "the same do not compile again: {at_fault:?}"
                );
                println!("round {round}: {} do not compile", at_fault.len());
                unviable.extend(at_fault);
            }
        }
    }
    bail!("it does not compile after 60 rounds")
}

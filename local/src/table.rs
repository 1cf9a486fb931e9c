//! Tables for the terminal.

use std::fmt::Write;

/// Columns as wide as their widest cell. Cells that hold numbers are set to the right.
#[must_use]
pub fn format(header: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(column, title)| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell| cell.chars().count())
                .fold(title.chars().count(), usize::max)
        })
        .collect();
    let mut text = String::new();
    let header = header
        .iter()
        .map(|title| (*title).to_owned())
        .collect::<Vec<_>>();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let is_number = cell.parse::<i64>().is_ok();
            let _ = match is_number {
                true => write!(line, "{cell:>width$}  "),
                false => write!(line, "{cell:<width$}  "),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_stand_to_the_right() {
        let rows = [["a", "5", ""], ["longer", "-1234", "x"]];
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
            .collect();
        let expected = "NAME    POINTS  NOTE\na            5\nlonger   -1234  x\n";
        assert_eq!(super::format(&["NAME", "POINTS", "NOTE"], &rows), expected);
    }
}

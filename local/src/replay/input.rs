//! Lines of a file, packed or not.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    sync::{Arc, atomic::Ordering},
};

use flate2::bufread::MultiGzDecoder;

use super::Progress;

/// The longest line that is read: more than an event may have.
const LINE_LEN_MAX: usize = 1024 * 1024;

/// The lines of a file that are not blank.
pub(super) struct Input {
    reader: Box<dyn BufRead + Send>,
    number: u64,
}

/// One line.
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    pub(super) text: Vec<u8>,
}

impl Input {
    pub(super) fn open(path: &Path, progress: Arc<Progress>) -> io::Result<Input> {
        let mut reader = BufReader::new(Counted {
            file: File::open(path)?,
            progress,
        });
        // What the file is tells its beginning; its name may say something else.
        let is_packed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let reader: Box<dyn BufRead + Send> = if is_packed {
            Box::new(BufReader::new(MultiGzDecoder::new(reader)))
        } else {
            Box::new(reader)
        };
        Ok(Input { reader, number: 0 })
    }
}

impl Iterator for Input {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<io::Result<Line>> {
        loop {
            let mut text = Vec::new();
            let limit = u64::try_from(LINE_LEN_MAX).unwrap_or(u64::MAX);
            match self
                .reader
                .by_ref()
                .take(limit)
                .read_until(b'\n', &mut text)
            {
                Err(error) => return Some(Err(error)),
                Ok(0) => return None,
                Ok(_) => self.number += 1,
            }
            if text.len() == LINE_LEN_MAX && !text.ends_with(b"\n") {
                let problem = format!("line {} has more than {LINE_LEN_MAX} bytes", self.number);
                return Some(Err(io::Error::new(io::ErrorKind::InvalidData, problem)));
            }
            if !text.trim_ascii().is_empty() {
                return Some(Ok(Line {
                    number: self.number,
                    text,
                }));
            }
        }
    }
}

/// A file that tells how much of it was read.
struct Counted {
    file: File,
    progress: Arc<Progress>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let bytes = u64::try_from(count).unwrap_or(0);
        self.progress.bytes_read.fetch_add(bytes, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn lines_of(content: &[u8]) -> Vec<(u64, String)> {
        let path = std::env::temp_dir().join(format!("laurel-{}", uuid::Uuid::new_v4()));
        std::fs::write(&path, content).unwrap();
        let lines = Input::open(&path, Arc::default()).unwrap().map(|line| {
            let line = line.unwrap();
            (
                line.number,
                String::from_utf8(line.text.trim_ascii().to_vec()).unwrap(),
            )
        });
        let lines = lines.collect();
        std::fs::remove_file(&path).unwrap();
        lines
    }

    #[test]
    fn packed_and_plain_files_have_the_same_lines() {
        let text = b"{\"a\":1}\n\n  \r\n{\"b\":2}\r\nlast";
        let expected = [(1, "{\"a\":1}"), (4, "{\"b\":2}"), (5, "last")];
        let expected = expected.map(|(number, text)| (number, text.to_owned()));
        assert_eq!(lines_of(text), expected);
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text).unwrap();
        assert_eq!(lines_of(&packed.finish().unwrap()), expected);
    }

    #[test]
    fn an_empty_file_has_no_lines() {
        assert_eq!(lines_of(b""), []);
    }
}

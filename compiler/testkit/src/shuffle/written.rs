//! A text that is put together from parts of others, and knows where each part stood.

/// Where something stood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file, by its number among the files of the project.
    pub file: usize,
    /// The byte.
    pub at: usize,
}

#[derive(Clone, Debug)]
struct Part {
    start: usize,
    end: usize,
    origin: Origin,
}

/// A text with the origin of its parts.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The text.
    pub text: String,
    parts: Vec<Part>,
}

impl Written {
    /// Adds a text that stood somewhere.
    pub fn part(&mut self, text: &str, origin: Origin) {
        let start = self.text.len();
        self.text.push_str(text);
        self.parts.push(Part {
            start,
            end: self.text.len(),
            origin,
        });
    }

    /// Adds a text that stood nowhere: space and braces.
    pub fn between(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Where a byte stood; `None` between the parts.
    #[must_use]
    pub fn origin(&self, at: usize) -> Option<Origin> {
        let next = self.parts.partition_point(|part| part.start <= at);
        let part = self.parts.get(next.checked_sub(1)?)?;
        (at < part.end).then(|| Origin {
            file: part.origin.file,
            at: part.origin.at + (at - part.start),
        })
    }

    /// Where the first part of a line stood; lines count from 1.
    #[must_use]
    pub fn origin_of_line(&self, line: usize) -> Option<Origin> {
        let (mut start, mut left) = (0, line.checked_sub(1)?);
        for byte in self.text.split_inclusive('\n') {
            if left == 0 {
                break;
            }
            left -= 1;
            start += byte.len();
        }
        let next = self.parts.partition_point(|part| part.start < start);
        self.parts.get(next).map(|part| part.origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_knows_where_it_stood() {
        let mut written = Written::default();
        written.between("{ ");
        written.part("abc", Origin { file: 1, at: 10 });
        written.between("\n");
        written.part("de", Origin { file: 0, at: 3 });
        assert_eq!(written.text, "{ abc\nde");
        assert_eq!(written.origin(0), None);
        assert_eq!(written.origin(4), Some(Origin { file: 1, at: 12 }));
        assert_eq!(written.origin(5), None);
        assert_eq!(written.origin(7), Some(Origin { file: 0, at: 4 }));
        assert_eq!(written.origin_of_line(1), Some(Origin { file: 1, at: 10 }));
        assert_eq!(written.origin_of_line(2), Some(Origin { file: 0, at: 3 }));
    }
}

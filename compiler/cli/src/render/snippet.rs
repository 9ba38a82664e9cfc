//! The lines of a source around some places, none wider than the terminal: what is cut off a line is shown by `…`.

use std::collections::BTreeMap;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::human::{Indexed, Mark};

/// What stands before a line besides its number: a blank on each side, the frame, and room for the brackets of several lines.
const GUTTER: usize = 8;
/// What is kept of a line at least, however narrow the terminal.
const CHARS_MIN: usize = 24;
/// So much is kept before a place whose line is cut on the left.
const BEFORE: usize = 12;
const CUT: char = '…';

/// Lines, cut, and places in them.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    /// The number of each line, from 0, and where it begins.
    lines: Vec<(usize, usize)>,
    pub(super) labels: Vec<LabeledSpan>,
}

/// One line that is shown.
struct Line {
    /// Where it begins in the file.
    start: usize,
    text: String,
    /// Bytes that were cut off on the left, and bytes that stand in their place.
    cut: usize,
    put: usize,
}

impl Snippet {
    pub(super) fn new(source: &Indexed, marks: &[Mark], width: usize) -> Self {
        let last_offset = source.text.len();
        let ends = |mark: &Mark| {
            let start = (mark.span.start as usize).min(last_offset);
            (start, (mark.span.end as usize).clamp(start, last_offset))
        };
        // By line, from where to where something is pointed at, and how much is written beside it.
        let mut shown: BTreeMap<usize, Option<(usize, usize, usize)>> = BTreeMap::new();
        for mark in marks {
            let (start, end) = ends(mark);
            let (first, last) = (
                source.line_of(start),
                source.line_of(end.saturating_sub(1).max(start)),
            );
            let beside = mark.text.as_ref().map_or(0, |text| text.chars().count() + 4);
            let lines = source.starts.partition_point(|start| *start < last_offset).max(1);
            for line in first.saturating_sub(1)..=(last + 1).min(lines - 1).max(last) {
                let of = shown.entry(line).or_default();
                if (first..=last).contains(&line) {
                    let (from, text) = source.line(line);
                    let piece = (
                        start.max(from) - from,
                        (end.max(from) - from).min(text.len()),
                        beside,
                    );
                    *of = Some(match of {
                        Some((a, b, c)) => ((*a).min(piece.0), (*b).max(piece.1), (*c).max(piece.2)),
                        None => piece,
                    });
                }
            }
        }
        let digits = shown
            .keys()
            .next_back()
            .map_or(1, |line| (line + 1).to_string().len());
        let chars = width.saturating_sub(GUTTER + digits).max(CHARS_MIN);
        let mut out = Self {
            name: source.name.clone(),
            text: String::new(),
            lines: Vec::new(),
            labels: Vec::new(),
        };
        let mut kept: BTreeMap<usize, (usize, Line)> = BTreeMap::new();
        for (line, piece) in shown {
            let (start, text) = source.line(line);
            let cut = Line::new(start, text, piece, chars);
            out.lines.push((line, out.text.len()));
            let at = out.text.len();
            out.text.push_str(&cut.text);
            out.text.push('\n');
            kept.insert(line, (at, cut));
        }
        let place = |offset: usize| {
            let (at, line) = kept.get(&source.line_of(offset))?;
            Some(at + line.place(offset))
        };
        for (index, mark) in marks.iter().enumerate() {
            let (start, end) = ends(mark);
            let Some(from) = place(start) else { continue };
            let to = match end > start {
                true => place(end - 1).map_or(from, |last| last + 1),
                false => from,
            };
            let to = (to..=out.text.len())
                .find(|at| out.text.is_char_boundary(*at))
                .unwrap_or(from);
            let to = out.shortened(from, to.max(from), mark, chars);
            let span: SourceSpan = (from, to - from).into();
            out.labels.push(match index {
                0 => LabeledSpan::new_primary_with_span(mark.text.clone(), span),
                _ => LabeledSpan::new_with_span(mark.text.clone(), span),
            });
        }
        out
    }

    /// The end of a mark below whose middle its text still fits.
    fn shortened(&self, from: usize, to: usize, mark: &Mark, chars: usize) -> usize {
        let line = self.lines.get(self.line_of(from)).map_or(0, |(_, start)| *start);
        let count = |end: usize| self.text.get(line..end).map_or(0, |text| text.chars().count());
        let beside = mark.text.as_ref().map_or(0, |text| text.chars().count() + 4);
        let fits = (count(from) + count(to)) / 2 + beside <= chars;
        if beside == 0 || fits || self.line_of(from) != self.line_of(to.saturating_sub(1).max(from)) {
            return to;
        }
        (from + 1..=to)
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(to)
    }

    /// The index of the line of an offset.
    fn line_of(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|(_, start)| *start <= offset)
            .saturating_sub(1)
    }
}

impl Line {
    /// The piece that is pointed at stays, with what is written beside it below.
    fn new(start: usize, text: &str, piece: Option<(usize, usize, usize)>, chars: usize) -> Self {
        let count = text.chars().count();
        let column = |at: usize| text.get(..at).map_or(count, |before| before.chars().count());
        let (from, to, beside) =
            piece.map_or((0, 0, 0), |(from, to, beside)| (column(from), column(to), beside));
        // What is written hangs below the middle of the piece.
        let right = to.max((from + to) / 2 + beside).max(from + 1);
        let skip = if piece.is_none() || right <= chars {
            0
        } else {
            (right - chars + 1).min(from.saturating_sub(BEFORE))
        };
        let is_cut_right = count - skip.min(count) > chars;
        let room = chars - usize::from(skip > 0) - usize::from(is_cut_right);
        let cut = text.char_indices().nth(skip).map_or(text.len(), |(at, _)| at);
        let mut shown = String::new();
        if skip > 0 {
            shown.push(CUT);
        }
        let put = shown.len();
        let rest = text.get(cut..).unwrap_or_default();
        match rest.char_indices().nth(room).filter(|_| is_cut_right) {
            Some((end, _)) => {
                shown.push_str(rest.get(..end).unwrap_or_default());
                shown.push(CUT);
            }
            None => shown.push_str(rest),
        }
        Self {
            start,
            text: shown,
            cut,
            put,
        }
    }

    /// Where an offset of the file is in what is shown of its line.
    fn place(&self, offset: usize) -> usize {
        let within = offset.saturating_sub(self.start);
        let at = (self.put + within.saturating_sub(self.cut)).min(self.text.len());
        (0..=at)
            .rev()
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(0)
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if span.offset() + span.len() > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line_of(span.offset());
        let last = self.line_of(span.offset() + span.len().saturating_sub(1));
        // Lines beside it, as far as they follow one another.
        let number = |index: usize| self.lines.get(index).map(|(number, _)| *number);
        let mut from = first;
        while first - from < before && from > 0 && number(from - 1).map(|number| number + 1) == number(from) {
            from -= 1;
        }
        let mut to = last;
        while to - last < after
            && number(to + 1).is_some()
            && number(to).map(|number| number + 1) == number(to + 1)
        {
            to += 1;
        }
        let start = self.lines.get(from).map_or(0, |(_, start)| *start);
        let end = self
            .lines
            .get(to + 1)
            .map_or(self.text.len(), |(_, start)| *start);
        let data = self
            .text
            .as_bytes()
            .get(start..end)
            .ok_or(MietteError::OutOfBounds)?;
        let column = match before {
            0 => span.offset().saturating_sub(start),
            _ => 0,
        };
        let window: SourceSpan = (start, end - start).into();
        let name = self.name.clone();
        let line = number(from).unwrap_or(0);
        let count = number(to).unwrap_or(line) + 1 - line;
        Ok(Box::new(MietteSpanContents::new_named(
            name, data, window, line, column, count,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_around_what_is_pointed_at() {
        let text = "0123456789".repeat(10);
        let whole = Line::new(0, &text, None, 100);
        assert_eq!((whole.text.as_str(), whole.cut), (text.as_str(), 0));
        let left = Line::new(0, &text, Some((5, 8, 0)), 40);
        assert!(
            left.text.starts_with("012345") && left.text.ends_with(CUT) && left.text.chars().count() == 40
        );
        let right = Line::new(0, &text, Some((90, 95, 0)), 40);
        assert!(
            right.text.starts_with(CUT) && right.text.chars().count() <= 41,
            "{}",
            right.text
        );
        let tail = right.text.get(right.place(90)..).unwrap_or_default();
        assert!(tail.starts_with("0123"), "{}", right.text);
    }

    #[test]
    fn characters_are_not_broken() {
        let text = "ä".repeat(80);
        let line = Line::new(0, &text, Some((100, 120, 10)), 30);
        assert!(line.text.chars().all(|letter| letter == 'ä' || letter == CUT));
        assert!(line.text.is_char_boundary(line.place(101)));
    }
}

//! What holds for every text: a tree exists, spans lie in it, and the formatter changes nothing but the layout.

use diagnostics::Report;
use source::{FileId, Span};
use syntax::Limits;
use syntax::document::{Document, Entry, Node, Value};
use syntax::token::{Role, TokenKind};

/// Panics if a text breaks a promise of the reader or the formatter.
pub fn check(text: &str) {
    let (document, report) = parse(text);
    check_report(text, &document, &report);
    check_tokens(text, &document);
    check_spans(text, &document);
    let (formatted, found) = format(text);
    assert_eq!(
        format!("{:?}", found.diagnostics()),
        format!("{:?}", report.diagnostics()),
        "the formatter reports what the reader reports"
    );
    assert_eq!(
        formatted.is_some(),
        document.is_well_formed(),
        "formatted if and only if well-formed"
    );
    if let Some(formatted) = formatted {
        check_format(&document, &formatted);
    }
}

fn parse(text: &str) -> (Document, Report) {
    let mut report = Report::default();
    let document = syntax::parse(FileId(7), text, &Limits::STANDARD, &mut report);
    (document, report)
}

fn format(text: &str) -> (Option<String>, Report) {
    let mut report = Report::default();
    let formatted = syntax::format::format(FileId(7), text, &Limits::STANDARD, &mut report);
    (formatted, report)
}

fn check_report(text: &str, document: &Document, report: &Report) {
    let found = report.diagnostics();
    assert!(
        document.is_well_formed() || !found.is_empty(),
        "what is wrong is reported"
    );
    assert!(
        found.len() <= Limits::STANDARD.errors + 1,
        "no more than the limit"
    );
    for diagnostic in found {
        let spans = diagnostic
            .span
            .into_iter()
            .chain(diagnostic.labels.iter().map(|label| label.span));
        for span in spans {
            slice(text, span);
        }
        let message = &diagnostic.message;
        assert!(
            !message.is_empty() && !message.contains(['\n', '\r']),
            "one line: {message:?}"
        );
        assert!(
            !message.starts_with(char::is_uppercase) && !message.ends_with('.'),
            "{message:?}"
        );
    }
}

fn slice(text: &str, span: Span) -> &str {
    assert_eq!(span.file, FileId(7));
    text.get(span.start as usize..span.end as usize)
        .unwrap_or_else(|| panic!("no span of the text: {span:?}"))
}

/// Tokens in order and apart; between them nothing but white space and comments.
fn check_tokens(text: &str, document: &Document) {
    let mut at = 0;
    for token in document.tokens() {
        assert!(
            at <= token.start && token.start < token.end,
            "tokens in order: {token:?}"
        );
        check_trivia(slice(text, Span::new(FileId(7), at, token.start)));
        slice(text, Span::new(FileId(7), token.start, token.end));
        assert!(
            token.role != Role::Stray || !document.is_well_formed(),
            "a stray token is reported"
        );
        assert!(token.kind != TokenKind::End, "the end is no token");
        at = token.end;
    }
    check_trivia(text.get(at as usize..).expect("the last token ends in the text"));
}

fn check_trivia(gap: &str) {
    let rest = without_comments(gap);
    assert!(
        rest.chars()
            .all(|character| character.is_whitespace() || matches!(character, '\\' | '\u{feff}')),
        "only white space and comments between tokens: {gap:?}"
    );
}

/// The comments of a text that holds no token, joined by newlines.
fn comments(gap: &str) -> String {
    let mut found = String::new();
    split(gap, |comment| {
        for line in comment.lines() {
            found.push_str(line.trim_end());
            found.push('\n');
        }
    });
    found
}

fn without_comments(gap: &str) -> String {
    split(gap, |_| {})
}

fn part(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).expect("a part of the text")
}

fn split(gap: &str, mut comment: impl FnMut(&str)) -> String {
    let is_newline = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut out = String::new();
    let mut rest = gap;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            let end = rest.find(is_newline).unwrap_or(rest.len());
            comment(part(rest, 0, end));
            rest = part(rest, end, rest.len());
        } else if rest.starts_with("/*") {
            let end = block_end(rest);
            comment(part(rest, 0, end));
            rest = part(rest, end, rest.len());
        } else {
            out.push(first);
            rest = part(rest, first.len_utf8(), rest.len());
        }
    }
    out
}

fn block_end(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < text.len() {
        let bytes = &text.as_bytes()[at..];
        if bytes.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// Every span in the text, in its parent, and behind its elder sibling.
fn check_spans(text: &str, document: &Document) {
    let whole = Span::new(FileId(7), 0, text.len() as u32);
    let mut stack = vec![(document.nodes(), whole, 0)];
    while let Some((nodes, parent, at)) = stack.last_mut() {
        let Some(node) = nodes.next() else {
            stack.pop();
            continue;
        };
        let span = node.span();
        slice(text, span);
        assert!(*at <= span.start, "nodes in order: {span:?}");
        assert!(
            parent.start <= span.start && span.end <= parent.end,
            "{span:?} lies in {parent:?}"
        );
        *at = span.end;
        check_node(node);
        stack.push((node.children(), span, node.head_span().end));
    }
}

fn check_node(node: Node<'_>) {
    let head = node.head_span();
    let inside = |span: Span| {
        assert!(
            head.start <= span.start && span.end <= head.end,
            "{span:?} lies in {head:?}"
        )
    };
    inside(node.name_span());
    let _ = node.name();
    for entry in node.entries() {
        match entry {
            Entry::Argument(value) => {
                inside(value.span());
                let _ = show(value);
            }
            Entry::Property(property) => {
                inside(property.span());
                let _ = show(property.value);
            }
        }
    }
}

fn show(value: Value<'_>) -> String {
    let annotation = value.annotation().map(|annotation| annotation.text.into_owned());
    format!(
        "{:?} {annotation:?} {:?} {:?}",
        value.kind(),
        value.as_str(),
        value.number_text()
    )
}

/// What a document says, whatever its layout.
fn outline(document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    let mut stack = vec![document.nodes()];
    while let Some(nodes) = stack.last_mut() {
        let Some(node) = nodes.next() else {
            stack.pop();
            continue;
        };
        let annotation = node.annotation().map(|annotation| annotation.text.into_owned());
        let entries: Vec<String> = node
            .entries()
            .map(|entry| match entry {
                Entry::Argument(value) => show(value),
                Entry::Property(property) => format!("{}={}", property.name, show(property.value)),
            })
            .collect();
        let depth = stack.len();
        lines.push(format!(
            "{depth} {annotation:?} {} {entries:?} {}",
            node.name(),
            node.has_children_block()
        ));
        stack.push(node.children());
    }
    lines
}

fn tokens(document: &Document) -> Vec<&str> {
    let text = |token: &syntax::token::Token| part(document.text(), token.start as usize, token.end as usize);
    document
        .tokens()
        .iter()
        .filter(|token| token.role != Role::Terminator)
        .map(text)
        .collect()
}

fn all_comments(document: &Document) -> String {
    let mut at = 0;
    let mut found = String::new();
    for token in document.tokens() {
        found += &comments(part(document.text(), at, token.start as usize));
        at = token.end as usize;
    }
    found + &comments(part(document.text(), at, document.text().len()))
}

fn check_format(document: &Document, formatted: &str) {
    let (again, _) = parse(formatted);
    assert!(again.is_well_formed(), "formatted is well-formed: {formatted:?}");
    assert_eq!(tokens(document), tokens(&again), "tokens stay: {formatted:?}");
    assert_eq!(outline(document), outline(&again), "meaning stays: {formatted:?}");
    assert_eq!(
        all_comments(document),
        all_comments(&again),
        "comments stay: {formatted:?}"
    );
    assert!(
        formatted.is_empty() || formatted.ends_with('\n'),
        "a newline at the end: {formatted:?}"
    );
    assert!(
        !formatted.ends_with("\n\n"),
        "one newline at the end: {formatted:?}"
    );
    let (twice, _) = format(formatted);
    assert_eq!(
        twice.as_deref(),
        Some(formatted),
        "formatting twice is formatting once"
    );
    let mut at = 0;
    for token in again.tokens() {
        check_gap(part(formatted, at, token.start as usize), formatted);
        at = token.end as usize;
    }
    check_gap(part(formatted, at, formatted.len()), formatted);
}

fn check_gap(gap: &str, formatted: &str) {
    // A comment keeps its own blank lines.
    if gap.contains("/*") {
        return;
    }
    for ending in [" \n", "\t\n", "\n\n\n"] {
        assert!(!gap.contains(ending), "no {ending:?} in {formatted:?}");
    }
}

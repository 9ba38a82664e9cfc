//! `docs/kinds/`: a page for each kind of the standard library, made from its text, and an index.
//!
//! `BLESS=1` writes the pages. The examples, `docs/kinds/examples/NAME.kdl`, are written by hand and compiled with the pages. One that
//! begins with `// refused: CODE` has to be refused.

use diagnostics::Report;
use source::FileId;
use syntax::Limits;
use syntax::document::{Document, Entry, Node, Value};
use testkit::golden::{self, Tree};

/// A row of a table.
fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// The text of a value, without quotes.
fn text(value: Value<'_>) -> String {
    value
        .as_str()
        .map_or_else(|| value.literal().to_owned(), |text| text.into_owned())
}

fn arguments(node: Node<'_>) -> Vec<String> {
    node.arguments().map(text).collect()
}

fn first(node: Node<'_>) -> String {
    node.argument(0).map(text).unwrap_or_default()
}

fn property(node: Node<'_>, name: &str) -> Option<String> {
    node.property(name).map(text)
}

fn lines<'t>(node: Node<'t>, name: &'static str) -> impl Iterator<Item = Node<'t>> {
    node.children().filter(move |line| line.name() == name)
}

fn codes(words: &[String], between: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| code(word)).collect();
    words.join(between)
}

/// A text in which addresses of pages are links.
fn linked(text: &str) -> String {
    let words: Vec<String> = text
        .split(' ')
        .map(|word| match word.strip_prefix("https://") {
            None => word.to_owned(),
            Some(_) => {
                let page = word.trim_end_matches([',', '.']);
                format!("<{page}>{}", word.strip_prefix(page).unwrap_or(""))
            }
        })
        .collect();
    words.join(" ")
}

/// What a kind is, in a few words: its first sentence.
fn summary(kind: Node<'_>) -> String {
    let doc = lines(kind, "doc").next().map(first).unwrap_or_default();
    let end = doc.find(". ").map_or(doc.len(), |end| end + 1);
    doc.get(..end).unwrap_or(&doc).to_owned()
}

fn condition(node: Node<'_>) -> String {
    match (property(node, "if"), property(node, "unless")) {
        (Some(name), _) => format!("if `{name}` is said"),
        (None, Some(name)) => format!("unless `{name}` is said"),
        (None, None) => "always".to_owned(),
    }
}

fn address(kind: Node<'_>) -> String {
    let mut page = "## Address\n\n".to_owned();
    let arns: Vec<String> = lines(kind, "arn").map(first).collect();
    match arns.as_slice() {
        [] if property(kind, "service").is_none() => page.push_str("It has no address of the provider.\n"),
        [] => page.push_str("The provider assigns its address when it is made.\n"),
        _ => {
            page.push_str("```text\n");
            for arn in &arns {
                page.push_str(&format!("{arn}\n"));
            }
            page.push_str("```\n");
        }
    }
    for line in lines(kind, "reach") {
        let service = property(line, "service").unwrap_or_default();
        let mut ports: Vec<String> = property(line, "tcp").into_iter().collect();
        ports.extend(line.children().flat_map(arguments));
        page.push_str(&format!(
            "\nIt is reached through the service `{service}`, TCP {}.\n",
            ports.join(" or ")
        ));
    }
    for line in lines(kind, "acts") {
        let trust = property(line, "trust").unwrap_or_default();
        page.push_str(&format!(
            "\nIt acts: it may be the subject of a trust. Its role is taken by `{trust}`.\n"
        ));
    }
    if lines(kind, "global-name").next().is_some() {
        page.push_str("\nIts name is unique in the world, so a declaration says `physical`.\n");
    }
    let is_made = lines(kind, "terraform").next().is_some();
    if is_made && lines(kind, "holds-data").next().is_some() {
        page.push_str("\nIt holds data, so what is emitted prevents its deletion.\n");
    }
    page
}

fn facts(kind: Node<'_>) -> String {
    let mut page = "\n## Facts\n\n".to_owned();
    let mut rows = String::new();
    for line in lines(kind, "property") {
        let sort = property(line, "type").unwrap_or_default();
        let sort = match property(line, "kind") {
            Some(kind) => format!("reference to a `{kind}`"),
            None => sort,
        };
        let values: Vec<String> = lines(line, "values").flat_map(arguments).collect();
        let takes = match (property(line, "from"), property(line, "to")) {
            _ if !values.is_empty() => codes(&values, " "),
            _ if line.property("of").is_some() => "follows from its listeners".to_owned(),
            (Some(from), Some(to)) => format!("`{from}` to `{to}`"),
            (Some(from), None) => format!("`{from}` or more"),
            (None, Some(to)) => format!("up to `{to}`"),
            (None, None) if sort == "flag" => "said or not".to_owned(),
            (None, None) => "any".to_owned(),
        };
        let default = match property(line, "default") {
            Some(value) => code(&value),
            None if line.property("required").is_some() => "none: it has to be said".to_owned(),
            None => "not set".to_owned(),
        };
        rows.push_str(&row(&[code(&first(line)), sort, takes, default]));
    }
    if rows.is_empty() {
        page.push_str("The library gives it no facts of its own.\n");
    } else {
        page.push_str("| fact | type | values | if it is not said |\n|---|---|---|---|\n");
        page.push_str(&rows);
    }
    page.push_str(
        "\nFacts that the language gives it, and those of every thing, stand in [the language](../language.md).\n",
    );
    page
}

fn conditions(action: Node<'_>) -> String {
    let conditions: Vec<String> = lines(action, "condition")
        .map(|line| code(&arguments(line).join(" ")))
        .collect();
    if conditions.is_empty() {
        "none".to_owned()
    } else {
        conditions.join(" and ")
    }
}

fn capability(line: Node<'_>) -> String {
    let effect = match property(line, "effect").unwrap_or_default().as_str() {
        "read" => "`read`: data flows from it to the subject.",
        "write" => "`write`: data flows from the subject to it.",
        "control" => "`control`: the subject can become it, or command it.",
        _ => "`none`: no chain follows it.",
    };
    let mut page = format!("\n### {}\n\nEffect {effect}\n", first(line));
    let mut rows = String::new();
    let mut is_made_of_nothing = true;
    for action in line
        .children()
        .filter(|line| matches!(&*line.name(), "action" | "helper"))
    {
        is_made_of_nothing = false;
        rows.push_str(&row(&[
            codes(&arguments(action), " "),
            code(&property(action, "on").unwrap_or_default()),
            conditions(action),
            action.name().into_owned(),
        ]));
    }
    if !rows.is_empty() {
        page.push_str("\n| actions | on | condition | is |\n|---|---|---|---|\n");
        page.push_str(&rows);
    }
    for does in lines(line, "does") {
        page.push_str(&format!(
            "\nWho may this can also do what {} means.\n",
            codes(&arguments(does), " and ")
        ));
    }
    let via: Vec<String> = lines(line, "via")
        .map(|via| {
            let words = arguments(via);
            let (kind, capability) = (words.first().cloned(), words.get(1).cloned());
            format!(
                "`{}` of its {}",
                capability.unwrap_or_default(),
                kind.unwrap_or_default()
            )
        })
        .collect();
    if !via.is_empty() {
        page.push_str(&format!("\nWith it comes {}.\n", via.join(", and ")));
    }
    if lines(line, "connects").next().is_some() {
        is_made_of_nothing = false;
        page.push_str("\nThe subject opens a connection to its ports.\n");
    }
    if is_made_of_nothing {
        page.push_str(
            "\nIt is read, and not lowered yet: see [the list](../language.md#12-read-and-not-lowered-yet).\n",
        );
    }
    page
}

fn capabilities(kind: Node<'_>) -> String {
    let mut page = "\n## Capabilities\n".to_owned();
    let mut is_empty = true;
    for line in lines(kind, "capability") {
        is_empty = false;
        page.push_str(&capability(line));
    }
    if is_empty {
        page.push_str("\nThe library gives it none. Its listeners, if it has some, have `connect`.\n");
    }
    page
}

/// The arguments of a block, nested ones with a dot, each as `name = value`.
fn made(block: Node<'_>, prefix: &str, when: &str, cells: &mut Vec<String>) {
    for line in block.children() {
        let name = format!("{prefix}{}", line.name());
        let when = match condition(line).as_str() {
            "always" => when.to_owned(),
            other => format!(" {other}"),
        };
        if line.has_children_block() {
            made(line, &format!("{name}."), &when, cells);
            continue;
        }
        let values: Vec<String> = line
            .entries()
            .filter_map(|entry| match entry {
                Entry::Argument(value) => Some(text(value)),
                Entry::Property(_) => None,
            })
            .collect();
        let value = values.join(" ");
        let value = if value.is_empty() { "\"\"" } else { &value };
        cells.push(format!(
            "{}{when}",
            code(&format!("{name} = {}", value.trim_start_matches('#')))
        ));
    }
}

fn terraform(kind: Node<'_>) -> String {
    let mut page = "\n## What Terraform makes\n\n".to_owned();
    let mut rows = String::new();
    for block in lines(kind, "terraform") {
        let mut cells = Vec::new();
        made(block, "", "", &mut cells);
        rows.push_str(&row(&[code(&first(block)), condition(block), cells.join("<br>")]));
    }
    if rows.is_empty() {
        page.push_str(
            "The library gives no block for it. What the language makes of it follows from trusts.\n",
        );
    } else {
        page.push_str("| resource | when | arguments |\n|---|---|---|\n");
        page.push_str(&rows);
    }
    page
}

/// What baselines of the library say of a kind.
fn baselines(name: &str, of: &[Document]) -> String {
    let mut page = String::new();
    for baseline in of
        .iter()
        .flat_map(|document| document.nodes())
        .filter(|node| node.name() == "baseline")
    {
        let mut said = String::new();
        for line in baseline
            .children()
            .filter(|line| arguments(*line).iter().any(|word| word == name))
        {
            if line.name() == "administer" {
                said.push_str(
                    "\nThe account's steward may administer it:\n\n| actions | condition |\n|---|---|\n",
                );
                for action in lines(line, "action") {
                    said.push_str(&row(&[codes(&arguments(action), " "), conditions(action)]));
                }
            } else if lines(line, "tls-only").next().is_some() {
                said.push_str("\nEvery access to it is over TLS. Its policy refuses all others, if we write its policy.\n");
            }
        }
        if !said.is_empty() {
            page.push_str(&format!(
                "\n## With `use \"std/baseline/{}\"`\n{said}",
                first(baseline)
            ));
        }
    }
    page
}

fn example(name: &str, examples: &Tree) -> Result<String, String> {
    let path = format!("examples/{name}.kdl");
    let Some(bytes) = examples.get(&path) else {
        return Err(format!(
            "docs/kinds/{path} is not there: a page begins with an example"
        ));
    };
    let example = String::from_utf8_lossy(bytes);
    let (tag, example) = match example
        .strip_prefix("// refused: ")
        .map(|rest| rest.split_once('\n'))
    {
        Some(Some((code, rest))) => (format!("kdl fails:{code}"), rest),
        _ => ("kdl".to_owned(), &*example),
    };
    Ok(format!("```{tag}\n{}\n```\n", example.trim_end()))
}

fn page(path: &str, kind: Node<'_>, examples: &Tree, library: &[Document]) -> Result<String, String> {
    let name = first(kind);
    let mut page = format!(
        "# {name}\n\n<!-- Made from stdlib/{path} by a test: edit that file, not this one. -->\n\n{}\n",
        example(&name, examples)?
    );
    for doc in lines(kind, "doc") {
        page.push_str(&format!("{}\n", linked(&first(doc))));
    }
    page.push('\n');
    for part in [address, facts, capabilities, terraform] {
        page.push_str(&part(kind));
    }
    page.push_str(&baselines(&name, library));
    Ok(page)
}

const INDEX: &str = "# Kinds

<!-- Made from the standard library by a test: edit the library, not this page. -->

A kind is a sort of thing: a bucket, a queue, a device. The standard library has these. Each page begins with an example, and a
test compiles it.

A capability is what a trust may allow. An `action` is what the capability means. A `helper` is what its callers need besides.
Both are granted. `{arn}` stands for the address of the thing. `{part}` stands for what `under` or `only` of the trust says.

| kind | what it is | capabilities |
|---|---|---|
";

#[test]
fn the_pages_of_kinds_are_made_from_the_library() {
    let folder = golden::root().join("docs/kinds");
    let mut pages = golden::tree(&folder);
    pages.retain(|path, _| path.starts_with("examples/"));
    let mut left: Vec<String> = pages.keys().cloned().collect();
    let mut rows = std::collections::BTreeMap::new();
    let mut wrong = Vec::new();
    let files = shelf::stdlib().files();
    let mut report = Report::default();
    let library: Vec<Document> = files
        .iter()
        .map(|file| syntax::parse(FileId(0), &*file.text, &Limits::STANDARD, &mut report))
        .collect();
    for (file, document) in files.iter().zip(&library) {
        for kind in document.nodes().filter(|node| node.name() == "kind") {
            let name = first(kind);
            left.retain(|path| *path != format!("examples/{name}.kdl"));
            match page(&file.path, kind, &pages, &library) {
                Ok(page) => drop(pages.insert(format!("{name}.md"), page.into_bytes())),
                Err(problem) => wrong.push(problem),
            }
            let can: Vec<String> = lines(kind, "capability").map(first).collect();
            let can = if can.is_empty() {
                "none".to_owned()
            } else {
                codes(&can, " ")
            };
            let link = format!("[{name}]({name}.md)");
            rows.insert(name, row(&[link, summary(kind), can]));
        }
    }
    let index: String = rows.into_values().collect();
    pages.insert("README.md".to_owned(), format!("{INDEX}{index}").into_bytes());
    wrong.extend(left.iter().map(|path| format!("docs/kinds/{path} is of no kind")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    golden::compare(&folder, &pages).unwrap();
}

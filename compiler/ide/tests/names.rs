//! Definition, references and renaming.

use ide::rename::{prepare, rename};

use crate::asking::{FILE, NOTES, applied, cursor, snapshot};

/// The text with marks around what is named: `[…]` for uses, `<…>` for the declaration.
fn marked(text: &str) -> String {
    let (text, at) = cursor(text);
    let snapshot = snapshot(&text);
    let Some(symbol) = snapshot.symbol(FILE, at) else {
        return "nothing".to_owned();
    };
    let mut marks: Vec<(u32, &str)> = vec![(symbol.at.start, "<"), (symbol.at.end, ">")];
    for one in snapshot.references(symbol) {
        let span = one.name.unwrap_or(one.value);
        marks.extend([(span.start, "["), (span.end, "]")]);
    }
    marks.sort_unstable();
    let mut out = text.clone();
    for (at, mark) in marks.into_iter().rev() {
        out.insert_str(at as usize, mark);
    }
    out.lines()
        .filter(|line| line.contains(['<', '[']) && !line.starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("-[>", "->[")
}

#[track_caller]
fn names(text: &str, lines: &[&str]) {
    let found = marked(text);
    for line in lines {
        assert!(found.contains(line), "{line} is among\n{found}");
    }
    assert_eq!(found.matches(['[', '<']).count(), lines.len(), "{found}");
}

#[test]
fn a_thing_is_named_by_trusts_promises_and_parts() {
    for text in [
        NOTES.replacen("workload scribe", "workload scr‸ibe", 1),
        NOTES.replacen("trust scribe", "trust ‸scribe", 1),
        NOTES.replacen("scribe.http", "scri‸be.http", 1),
    ] {
        names(&text, &["workload <scribe>", "trust [scribe]", "[scribe].http"]);
    }
}

#[test]
fn a_part_is_named_behind_the_dot() {
    for text in [
        NOTES.replacen("listens http", "listens ht‸tp", 1),
        NOTES.replacen("scribe.http", "scribe.ht‸tp", 1),
    ] {
        names(&text, &["listens <http>", "scribe.[http]"]);
    }
}

#[test]
fn selectors_facts_and_heads_name_what_they_name() {
    let text = format!("{NOTES}never segment:apps -> notes {{ allow delete; because \"b\" }}\n");
    names(
        &text.replacen("segment=apps", "segment=ap‸ps", 1),
        &[
            "segment <apps>",
            "scribe segment=[apps]",
            "reader segment=[apps]",
            "segment:[apps]",
        ],
    );
    names(
        &NOTES.replacen("owner writers", "owner wri‸ters", 1),
        &["team <writers>", "owner [writers]"],
    );
    names(
        &NOTES.replacen("data-class internal", "data-class int‸ernal", 1),
        &["data-classes <internal>", "data-class [internal]"],
    );
    names(
        &NOTES.replacen("key=notes-key", "key=notes‸-key", 1),
        &["key <notes-key>", "key=[notes-key]"],
    );
}

#[test]
fn profiles_and_their_parameters_are_named() {
    let profile = format!(
        "{NOTES}profile writes {{ param who kind=workload; trust $who -> notes {{ allow write; because \"b\" }} }}\napply writes who=reader\n"
    );
    names(
        &profile.replacen("apply writes", "apply wri‸tes", 1),
        &["profile <writes>", "apply [writes]"],
    );
    for text in [
        profile.replacen("param who", "param w‸ho", 1),
        profile.replacen("$who", "$w‸ho", 1),
        profile.replacen("who=reader", "w‸ho=reader", 1),
    ] {
        names(&text, &["param <who>", "$[who]", "[who]=reader"]);
    }
}

#[test]
fn environments_and_kinds_of_the_project_are_named() {
    let text = NOTES.replace("data-classes", "environments dev prod; data-classes");
    let text =
        format!("{text}in prod {{ bucket notes {{ retain \"9d\" }} }}\n").replace("; retain \"90d\"", "");
    names(
        &text.replacen("in prod", "in pr‸od", 1),
        &["environments dev <prod>", "in [prod]"],
    );
    let kind = format!(
        "{NOTES}kind lake {{ capability peek effect=read {{ }} }}\nlake tahoe\nnever scribe -> kind:lake {{ allow peek; because \"b\" }}\n"
    );
    names(
        &kind.replacen("lake tahoe", "la‸ke tahoe", 1),
        &["kind <lake>", "[lake] tahoe", "kind:[lake]"],
    );
}

#[test]
fn what_names_nothing_is_nothing() {
    assert_eq!(marked(&NOTES.replacen("because", "beca‸use", 1)), "nothing");
    assert_eq!(marked(&NOTES.replacen("Notes come", "Notes ‸come", 1)), "nothing");
    assert_eq!(marked(&NOTES.replacen("trust", "tru‸st", 1)), "nothing");
}

#[test]
fn a_broken_file_keeps_its_names() {
    let text = NOTES.replacen(
        "trust scribe -> notes { allow write;",
        "trust scri‸be -> notes { allow",
        1,
    );
    assert!(marked(&text).contains("workload <scribe>"), "{}", marked(&text));
}

#[test]
fn renaming_changes_every_place_and_the_project_stays_as_it_was() {
    for (from, old, new) in [
        ("workload scribe", "scribe", "author"),
        ("bucket notes", "notes", "pages"),
        ("segment apps", "apps", "inner"),
        ("listens http", "http", "web"),
        ("team writers", "writers", "team-2"),
        ("key notes-key", "notes-key", "k"),
        ("account main", "main", "first"),
    ] {
        let at = NOTES.find(from).unwrap() + from.len() - 1;
        let before = snapshot(NOTES);
        assert!(before.views[0].report.diagnostics().is_empty());
        let renamed = rename(&before, FILE, at as u32, new, &|_| false).unwrap();
        let text = applied(NOTES, &renamed.edits);
        let after = snapshot(&text);
        assert!(after.views[0].report.diagnostics().is_empty(), "{text}");
        assert!(!text.contains(&format!(" {old} ")), "{text}");
        // And back.
        let at = text.find(&from.replace(old, new)).unwrap() + from.len() - old.len() + new.len() - 1;
        let back = rename(&after, FILE, at as u32, old, &|_| false).unwrap();
        assert_eq!(applied(&text, &back.edits), NOTES);
    }
}

#[test]
fn what_is_deployed_is_kept_by_renamed_from() {
    let before = snapshot(NOTES);
    let at = NOTES.find("scribe").unwrap() as u32;
    let renamed = rename(&before, FILE, at, "author", &|name| name == "scribe").unwrap();
    let mut edits = renamed.edits.clone();
    edits.extend(renamed.keep);
    let text = applied(NOTES, &edits);
    assert!(text.contains("tls=required; renamed-from scribe }"), "{text}");
    assert!(snapshot(&text).views[0].report.diagnostics().is_empty(), "{text}");
    // A block that is not there yet; and what takes no such fact.
    let at = NOTES.find("reader").unwrap() as u32;
    let keep = rename(&before, FILE, at, "looker", &|_| true)
        .unwrap()
        .keep
        .unwrap();
    assert_eq!(keep.text, " { renamed-from reader }");
    let at = NOTES.find("team writers").unwrap() as u32 + 5;
    assert_eq!(rename(&before, FILE, at, "others", &|_| true).unwrap().keep, None);
}

#[test]
fn what_cannot_be_renamed_says_why() {
    let before = snapshot(NOTES);
    let at = |text: &str| NOTES.find(text).unwrap() as u32;
    let no = |text: &str, new: &str| rename(&before, FILE, at(text), new, &|_| false).unwrap_err();
    assert!(no("scribe", "two words").contains("no name"));
    assert!(no("scribe", "notes").contains("declared already"));
    assert!(no("because", "x").contains("nothing with a name"));
    assert!(prepare(&before, FILE, at("trust scribe")).is_err());
    let text = format!(
        "{NOTES}site plant cidr=\"10.1.0.0/16\" {{ segment cell-r cidr=\"10.1.1.0/24\" }}\ndevice robot segment=\"cell-{{name}}\" {{ hardware linux; identity none; fleet name=r }}\n"
    );
    let (text, at) = cursor(&text.replacen("segment cell-r", "segment ce‸ll-r", 1));
    let with_template = snapshot(&text);
    let problem = rename(&with_template, FILE, at, "zone-1", &|_| false);
    if with_template
        .references(with_template.symbol(FILE, at).unwrap())
        .is_empty()
    {
        panic!(
            "the class lives in the segment: {:?}",
            with_template.views[0].report
        );
    }
    assert!(problem.unwrap_err().contains("cell-{name}"));
}

//! Segments: where they are declared, what they say, and that each has its own subnets.

use std::borrow::Cow;
use std::collections::BTreeMap;

use diagnostics::Diagnostic;
use model::place::{Exposure, Segment, SegmentId, Within};
use source::Span;

use crate::body::{self, Body};
use crate::cx::Cx;
use crate::endpoints;
use crate::entries::Entries;
use crate::existing::check_id;
use crate::gather::Decl;
use crate::line::{Arg, Line};
use crate::names::Target;
use crate::places::{NOWHERE, head_blocks};
use crate::project;
use crate::spelling;

/// A segment with every block that says something about it.
#[derive(Debug)]
pub(crate) struct SegmentDecl<'a> {
    pub(crate) name: Arg<'a>,
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) within: Within,
    pub(crate) file: source::FileId,
}

pub(crate) fn segments_of<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    within: Within,
    segments: &mut Vec<SegmentDecl<'a>>,
) {
    // By name: where the segment stands in the list, and the block of the declaration that first said it.
    let mut own: BTreeMap<Cow<'a, str>, (usize, usize)> = BTreeMap::new();
    for (block, line) in decl.lines.iter().enumerate() {
        for child in line.children().filter(|child| child.word() == "segment") {
            let Some(name) = child.first() else {
                let message = "`segment` lacks a name";
                cx.push(Diagnostic::new(
                    &crate::entries::MISSING_VALUE,
                    child.head(),
                    message,
                ));
                continue;
            };
            match own.get(&name.text) {
                Some((index, first)) if *first != block && *first == 0 => {
                    if let Some(segment) = segments.get_mut(*index) {
                        segment.lines.push(child);
                    }
                }
                Some((index, _)) => {
                    let first = segments
                        .get(*index)
                        .map_or(name.span, |segment| segment.name.span);
                    crate::names::duplicate_declaration(cx, &name.text, name.span, first);
                }
                None => {
                    own.insert(name.text.clone(), (segments.len(), block));
                    cx.text(&name);
                    spelling::check_name(cx, &name);
                    cx.declare(&name, Target::Segment(SegmentId::new(segments.len() as u32)));
                    segments.push(SegmentDecl {
                        name,
                        lines: vec![child],
                        within,
                        file: decl.file,
                    });
                }
            }
        }
    }
}

/// Reads networks, sites and segments in the order in which they were declared.
/// A subnet is of one segment: what two say of it would be proved of each alone.
pub(crate) fn subnets_are_apart(cx: &mut Cx<'_, '_>) {
    let mut known: BTreeMap<arena::Name, Span> = BTreeMap::new();
    let mut found = Vec::new();
    for (_, segment) in cx.model.segments.iter() {
        for (id, span) in &segment.existing {
            if let Some(first) = known.insert(*id, *span) {
                found.push((cx.text_of(*id).to_owned(), *span, first));
            }
        }
    }
    for (id, one, other) in found {
        body::duplicate(cx, &id, one, other);
    }
}

pub(crate) fn segment<'a>(cx: &mut Cx<'a, '_>, declared: &SegmentDecl<'a>) -> Segment {
    let span = declared.lines.first().map_or(declared.name.span, Line::head);
    let (mut cidr, mut cidr6, mut level) = (NOWHERE, None, None);
    if let Some(mut entries) = Entries::of_head(cx, &declared.lines) {
        (cidr, cidr6) = head_blocks(cx, &declared.name.text, &mut entries);
        level = entries.prop("level").and_then(|level| cx.count(&level, 1000));
        entries.finish(cx);
    }
    let what = format!("segment `{}`", declared.name.text);
    let mut body = Body::of(Cow::Owned(what.clone()), &declared.lines);
    let (mut exposure, mut exposure_span) = (Exposure::Private, None);
    let is_site = matches!(declared.within, Within::Site(_));
    if let Some(line) = body.one(cx, "exposure") {
        let mut entries = Entries::of(cx, &line);
        let words = [
            ("public", Exposure::Public),
            ("private", Exposure::Private),
            ("isolated", Exposure::Isolated),
        ];
        let said = entries
            .need(cx, "a word, `exposure public`")
            .and_then(|arg| cx.word(&arg, "an exposure", &words));
        entries.finish_leaf(cx);
        exposure = said.unwrap_or(exposure);
        exposure_span = Some(line.head());
        cx.fact(line.head());
        in_networks_only(cx, is_site, "exposure", line.head());
    }
    let (mut endpoints, mut takes_over_name) = (None, None);
    if let Some(line) = body.one(cx, "endpoints") {
        cx.fact(line.head());
        in_networks_only(cx, is_site, "endpoints", line.head());
        endpoints = Some(line.head());
        takes_over_name = endpoints::read(cx, &line, declared.within);
    }
    let mut existing = Vec::new();
    if let Some(line) = body.one(cx, "existing") {
        let mut entries = Entries::of(cx, &line);
        for id in entries.need_rest(cx, "ids of subnets") {
            let text = cx.text(&id);
            let name = cx.intern(&text);
            check_id(
                cx,
                (name, id.span),
                ("subnet-", "a subnet"),
                u8::is_ascii_alphanumeric,
            );
            match existing.iter().find(|(known, _)| *known == name) {
                Some((_, first)) => body::duplicate(cx, &text, id.span, *first),
                None => existing.push((name, id.span)),
            }
        }
        entries.finish_leaf(cx);
        in_networks_only(cx, is_site, "existing", line.head());
    }
    subnets_are_named(cx, declared, &what, span, !existing.is_empty());
    let tags = project::tags(cx, &mut body);
    let owner = project::owner(cx, &mut body, declared.file);
    body.finish(cx);
    Segment {
        name: cx.intern(&declared.name.text),
        span,
        within: declared.within,
        cidr,
        cidr6,
        level,
        exposure,
        exposure_span,
        endpoints,
        takes_over_name,
        existing,
        owner,
        tags,
    }
}

fn in_networks_only(cx: &mut Cx<'_, '_>, is_site: bool, fact: &str, span: Span) {
    if is_site {
        let message = format!("a segment of a site has no fact `{fact}`");
        cx.push(Diagnostic::new(&body::UNKNOWN_FACT, span, message).note("nothing is created on premises"));
    }
}

/// In an existing network every segment names its subnets; in a new one, none does.
fn subnets_are_named(
    cx: &mut Cx<'_, '_>,
    declared: &SegmentDecl<'_>,
    what: &str,
    span: Span,
    is_named: bool,
) {
    let Within::Network(network) = declared.within else {
        return;
    };
    let Some(network) = cx.model.networks.get(network) else {
        return;
    };
    let declared = network.existing.map_or(network.span, |(_, span)| span);
    match (network.existing.is_some(), is_named) {
        (true, false) => body::missing(
            cx,
            what,
            "existing",
            span,
            "its network exists and is never changed: name its subnets, `existing \"subnet-0a1b2c3d4e5f60718\"`",
        ),
        (false, true) => cx.push(
            Diagnostic::new(
                &body::UNKNOWN_FACT,
                span,
                format!("{what} exists, and its network does not"),
            )
            .label(declared, "this network is created")
            .help("say `existing` for the network as well"),
        ),
        (true, true) | (false, false) => {}
    }
}

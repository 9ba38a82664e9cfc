//! Networks, sites and segments, and that their addresses lie where they should.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::place::{Connects, Exposure, Network, NetworkId, Segment, SegmentId, Site, SiteId, Within};
use model::project::AccountId;
use model::value::Block;
use source::Span;

use crate::body::{self, Body};
use crate::cx::Cx;
use crate::endpoints;
use crate::entries::Entries;
use crate::existing::{existing_one, headed};
use crate::gather::{self, Decl, Gathered, Sort};
use crate::geometry;
use crate::internet;
use crate::line::{Arg, Line};
use crate::names::Target;
use crate::project;
use crate::spelling;
use crate::takes;

pub(crate) static UNCARVABLE_SEGMENT: Code = Code {
    name: "uncarvable-segment",
    severity: Severity::Error,
    summary: "a segment cannot be carved into a subnet for each zone",
    docs: include_str!("pages/uncarvable_segment.md"),
};

/// A segment with every block that says something about it.
#[derive(Debug)]
pub(crate) struct SegmentDecl<'a> {
    name: Arg<'a>,
    lines: Vec<Line<'a>>,
    within: Within,
    file: source::FileId,
}

/// In place of a block that could not be read; the build stops on the error that says so.
pub(crate) const NOWHERE: Block = Block {
    six: false,
    first: 0,
    prefix_bits: 32,
};

/// Enters the names of networks, sites and segments.
pub(crate) fn declare<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) -> Vec<SegmentDecl<'a>> {
    let mut segments: Vec<SegmentDecl<'a>> = Vec::new();
    let (mut networks, mut sites) = (0, 0);
    for decl in &gathered.decls {
        let within = match decl.sort {
            Sort::Network => {
                let id = NetworkId::new(networks);
                networks += 1;
                cx.declare(&decl.name, Target::Network(id));
                if networks > 1 {
                    gather::refuse(cx, "a second network in one environment", decl.head());
                }
                Within::Network(id)
            }
            Sort::Site => {
                let id = SiteId::new(sites);
                sites += 1;
                cx.declare(&decl.name, Target::Site(id));
                Within::Site(id)
            }
            Sort::Team
            | Sort::Account
            | Sort::Authority
            | Sort::Provider
            | Sort::Thing
            | Sort::Kind
            | Sort::Profile
            | Sort::Baseline
            | Sort::Refused => continue,
        };
        segments_of(cx, decl, within, &mut segments);
    }
    segments
}

fn segments_of<'a>(
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
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>, segments: &[SegmentDecl<'a>]) {
    for decl in gathered.of(Sort::Network) {
        let network = network(cx, decl);
        cx.model.networks.push(network);
    }
    for decl in gathered.of(Sort::Site) {
        let site = site(cx, decl);
        cx.model.sites.push(site);
    }
    for declared in segments {
        let segment = segment(cx, declared);
        let id = cx.model.segments.push(segment);
        let own = match declared.within {
            Within::Network(network) => cx
                .model
                .networks
                .get_mut(network)
                .map(|network| &mut network.segments),
            Within::Site(site) => cx.model.sites.get_mut(site).map(|site| &mut site.segments),
        };
        if let Some(own) = own {
            own.push(id);
        }
    }
    geometry::check(cx);
    subnets_are_apart(cx);
}

/// A subnet is of one segment: what two say of it would be proved of each alone.
fn subnets_are_apart(cx: &mut Cx<'_, '_>) {
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

fn head_blocks<'a>(cx: &mut Cx<'a, '_>, name: &str, entries: &mut Entries<'a>) -> (Block, Option<Block>) {
    let cidr = entries.need_prop(cx, "cidr", "\"10.40.0.0/16\"");
    let cidr = cidr.and_then(|cidr| Some((cx.block(&cidr, false)?, cidr.span)));
    let cidr6 = entries.prop("cidr6");
    let cidr6 = cidr6.and_then(|cidr| Some((cx.block(&cidr, true)?, cidr.span)));
    let both: Vec<(Block, Span)> = [cidr, cidr6].into_iter().flatten().collect();
    internet::check_fact(cx, &format!("the addresses of `{name}`"), &both);
    (
        cidr.map_or(NOWHERE, |(cidr, _)| cidr),
        cidr6.map(|(cidr, _)| cidr),
    )
}

fn network<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>) -> Network {
    let what = format!("network `{}`", decl.name.text);
    let (mut cidr, mut cidr6, mut account) = (NOWHERE, None, None);
    if let Some(mut entries) = Entries::of_head(cx, &decl.lines) {
        (cidr, cidr6) = head_blocks(cx, &decl.name.text, &mut entries);
        account = account_of(cx, &mut entries, true);
        entries.finish(cx);
    }
    let mut body = Body::of(Cow::Owned(what.clone()), &decl.lines);
    body.all("segment");
    let existing = body
        .one(cx, "existing")
        .and_then(|line| existing_one(cx, &line, "the id of the network"));
    if let Some((id, span)) = existing {
        headed(cx, id, span, "vpc-", "a network");
    }
    let (mut zones, mut carve) = (Vec::new(), 1);
    match body.one(cx, "zones") {
        Some(line) => (zones, carve) = read_zones(cx, &line),
        None if existing.is_none() => {
            body::missing(cx, &what, "zones", decl.head(), "write `zones a b`");
        }
        None => {}
    }
    let own_endpoints = endpoints::existing(cx, &mut body, &what, existing);
    if existing.is_some() {
        // The subnets are named one by one, and nothing is carved.
        (zones, carve) = (Vec::new(), 1);
    }
    let renamed_from = renamed_from(cx, &mut body).map(|(name, _)| name);
    let owner = project::owner(cx, &mut body, decl.file);
    body.finish(cx);
    Network {
        name: cx.intern(&decl.name.text),
        span: decl.head(),
        cidr,
        cidr6,
        // The error about a missing account stops the build.
        account: account.unwrap_or(AccountId::new(0)),
        zones,
        carve,
        existing,
        endpoints: own_endpoints,
        segments: Vec::new(),
        owner,
        renamed_from,
    }
}

/// The last letter that a zone of some region has, besides local zones.
///
/// Source: <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>, read 2026-11-30.
const LAST_ZONE: &str = "f";

fn read_zones<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> (Vec<Name>, u32) {
    let mut entries = Entries::of(cx, line);
    let mut zones: Vec<Name> = Vec::new();
    for zone in entries.need_rest(cx, "zones, `zones a b`") {
        let text = cx.text(&zone);
        let fits = text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_lowercase());
        if !fits && zone.is_text() {
            cx.push(
                Diagnostic::new(
                    &crate::convert::WRONG_TYPE,
                    zone.span,
                    format!("`{text}` is not a zone"),
                )
                .help("a zone is the last letter of the provider's name: `zones a b`"),
            );
        }
        if fits && *text > *LAST_ZONE {
            let message = format!("no region has a zone `{text}`");
            let help = format!("zones are `a` to `{LAST_ZONE}`");
            cx.push(Diagnostic::new(&takes::UNSUPPORTED_VALUE, zone.span, message).help(help));
        }
        let name = cx.intern(&text);
        if zones.contains(&name) {
            body::duplicate(cx, &text, zone.span, line.head());
        } else {
            zones.push(name);
        }
    }
    let wanted = zones.len().max(1) as u32;
    let of = entries
        .prop("of")
        .and_then(|of| Some((cx.count(&of, 64)?, of.span)));
    entries.finish_leaf(cx);
    let carve = match of {
        Some((of, span)) if of < wanted => {
            let message = format!("{of} subnets are too few for {wanted} zones");
            cx.push(
                Diagnostic::new(&UNCARVABLE_SEGMENT, span, message)
                    .help("`of=` reserves room for later zones"),
            );
            wanted
        }
        Some((of, _)) => of,
        None => wanted,
    };
    (zones, carve.next_power_of_two())
}

fn site<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>) -> Site {
    let (mut cidr, mut cidr6) = (NOWHERE, None);
    if let Some(mut entries) = Entries::of_head(cx, &decl.lines) {
        (cidr, cidr6) = head_blocks(cx, &decl.name.text, &mut entries);
        entries.finish(cx);
    }
    let mut body = Body::of(Cow::Owned(format!("site `{}`", decl.name.text)), &decl.lines);
    body.all("segment");
    let connects = body
        .several(cx, "connects")
        .iter()
        .filter_map(|line| connection(cx, line))
        .collect();
    let mut leaves_by = Vec::new();
    if let Some(line) = body.one(cx, "leaves-by") {
        let mut entries = Entries::of(cx, &line);
        for block in entries.need_rest(cx, "public addresses, `\"203.0.113.0/24\"`") {
            leaves_by.extend(cx.any_block(&block).map(|found| (found, block.span)));
        }
        entries.finish_leaf(cx);
        let whose = format!("the public addresses of `{}`", decl.name.text);
        internet::check_fact(cx, &whose, &leaves_by);
        internet::check_public(cx, "leaves-by", &leaves_by);
    }
    let owner = project::owner(cx, &mut body, decl.file);
    body.finish(cx);
    Site {
        name: cx.intern(&decl.name.text),
        span: decl.head(),
        cidr,
        cidr6,
        connects,
        leaves_by,
        segments: Vec::new(),
        owner,
    }
}

/// `connects NETWORK via=vpn { existing "vgw-0a1b" }`
fn connection<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) -> Option<Connects> {
    let mut entries = Entries::of(cx, line);
    let network = entries
        .need(cx, "a network")
        .and_then(|network| cx.network(&network));
    let via = entries.need_prop(cx, "via", "vpn");
    let via = via.and_then(|via| {
        cx.word(
            &via,
            "a way to connect",
            &[
                ("vpn", "vpn"),
                ("direct-connect", "direct-connect"),
                ("transit", "transit"),
            ],
        )
    });
    entries.finish(cx);
    let mut body = Body::of(Cow::Borrowed("connects"), std::slice::from_ref(line));
    let existing = body
        .one(cx, "existing")
        .and_then(|line| existing_one(cx, &line, "the id of the attachment"));
    body.finish(cx);
    if let Some((id, span)) = existing {
        let text = cx.text_of(id);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !text.bytes().all(fits) || !text.contains('-') {
            let message = format!("`{text}` is no id of an attachment");
            let help = "write its id: `\"vgw-0a1b2c3d4e5f60718\"`";
            cx.push(Diagnostic::new(&crate::convert::WRONG_TYPE, span, message).help(help));
        }
    }
    if existing.is_none() {
        body::missing(
            cx,
            "`connects`",
            "existing",
            line.head(),
            "an attachment is never created: write `{ existing \"vgw-0a1b\" }`",
        );
    }
    cx.fact(line.head());
    Some(Connects {
        network: network?,
        via: cx.intern(via?),
        existing: existing?.0,
        span: line.head(),
    })
}

fn segment<'a>(cx: &mut Cx<'a, '_>, declared: &SegmentDecl<'a>) -> Segment {
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
            headed(cx, name, id.span, "subnet-", "a subnet");
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

/// `account=`, or the project's default.
pub(crate) fn account_of<'a>(
    cx: &mut Cx<'a, '_>,
    entries: &mut Entries<'a>,
    is_needed: bool,
) -> Option<AccountId> {
    if let Some(account) = entries.prop("account") {
        return cx.account(&account);
    }
    let default = cx.model.project.default_account;
    if default.is_none() && is_needed {
        cx.push(
            Diagnostic::new(
                &crate::entries::MISSING_VALUE,
                entries.head(),
                "no account is named, and there is no default",
            )
            .help("write `account=NAME`, or `default account=NAME` in the project"),
        );
    }
    default
}

/// `renamed-from old-name`
pub(crate) fn renamed_from<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Option<(Name, Span)> {
    let line = body.one(cx, "renamed-from")?;
    let mut entries = Entries::of(cx, &line);
    let old = entries.need(cx, "the old name");
    entries.finish_leaf(cx);
    let old = old?;
    let text = cx.text(&old);
    spelling::check_text(cx, &text, old.span);
    if let Some(declared) = cx.scope.names.get(&text) {
        let diagnostic = Diagnostic::new(
            &crate::names::DUPLICATE_DECLARATION,
            old.span,
            format!("`{text}` is declared still, and cannot be the old name of something else"),
        )
        .label(declared.span, "declared here")
        .note("its state would move to what says `renamed-from`")
        .help("leave `renamed-from` out, or rename what is declared");
        cx.push(diagnostic);
        return None;
    }
    Some((cx.intern(&text), old.span))
}

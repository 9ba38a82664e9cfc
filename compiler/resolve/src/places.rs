//! Networks, sites and segments, and that their addresses lie where they should.

use std::borrow::Cow;

use arena::Name;
use diagnostics::{Code, Diagnostic, Severity};
use model::place::{Connects, Network, NetworkId, Site, SiteId, Within};
use model::project::AccountId;
use model::value::Block;
use source::Span;

use crate::body::{self, Body};
use crate::cx::Cx;
use crate::endpoints;
use crate::entries::Entries;
use crate::existing::{check_id, existing_one};
use crate::gather::{self, Decl, Gathered, Sort};
use crate::geometry;
use crate::internet;
use crate::line::Line;
use crate::names::Target;
use crate::project;
use crate::segments::{SegmentDecl, segment, segments_of, subnets_are_apart};
use crate::spelling;
use crate::takes;

pub(crate) static UNCARVABLE_SEGMENT: Code = Code {
    name: "uncarvable-segment",
    severity: Severity::Error,
    summary: "a segment cannot be carved into a subnet for each zone",
    docs: include_str!("pages/uncarvable_segment.md"),
};

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

pub(crate) fn head_blocks<'a>(
    cx: &mut Cx<'a, '_>,
    name: &str,
    entries: &mut Entries<'a>,
) -> (Block, Option<Block>) {
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
    if let Some(existing) = existing {
        check_id(cx, existing, ("vpc-", "a network"), u8::is_ascii_alphanumeric);
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
        no_account(cx, entries.head());
    }
    default
}

/// Reports that something lives in an account, and nothing says in which.
pub(crate) fn no_account(cx: &mut Cx<'_, '_>, at: Span) {
    let message = "no account is named, and there is no default";
    cx.push(
        Diagnostic::new(&crate::entries::MISSING_VALUE, at, message)
            .help("write `account=NAME`, or `default account=NAME` in the project"),
    );
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

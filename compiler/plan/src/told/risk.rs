//! What is risky about what is gained.

use std::collections::BTreeSet;

use catalogue::Catalogue;
use catalogue::action::Level;
use model::kind::Effect;
use model::thing::{Detail, ThingId};
use relation::place::{Span, is_wide};

use crate::access::{EVERYBODY, Piece};
use crate::flow::{self, Far};
use crate::spec::{Claim, Known};

/// Why somebody should look twice. In order of how bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Everybody, or every address.
    Public,
    /// Somebody of another account.
    CrossAccount,
    /// It decides who may do what, or whatever is done.
    Admin,
    /// It is known to lead to more.
    Escalation,
    /// It commands a device, or another actor.
    Control,
    /// It is about personal data.
    Personal,
}

/// Actions of the published escalation paths, in lower case, but for those that only start what another of them made.
///
/// Source: `DataDog/pathfinding.cloud`, as of 2026-11-29: `golden/catalogue/escalation.txt`, from which a test compares them.
pub const ESCALATION: [&str; 23] = [
    "ec2:createlaunchtemplateversion",
    "ec2:modifyinstanceattribute",
    "ec2:modifylaunchtemplate",
    "iam:addusertogroup",
    "iam:attachgrouppolicy",
    "iam:attachrolepolicy",
    "iam:attachuserpolicy",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:createpolicyversion",
    "iam:passrole",
    "iam:putgrouppolicy",
    "iam:putrolepolicy",
    "iam:putuserpolicy",
    "iam:setdefaultpolicyversion",
    "iam:updateassumerolepolicy",
    "iam:updateloginprofile",
    "lambda:addpermission",
    "lambda:createeventsourcemapping",
    "lambda:updatefunctioncode",
    "ssm:sendcommand",
    "ssm:startsession",
    "sts:assumerole",
];

impl Risk {
    /// Every risk, the worst first.
    pub const ALL: [Self; 6] = [
        Self::Public,
        Self::CrossAccount,
        Self::Admin,
        Self::Escalation,
        Self::Control,
        Self::Personal,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::CrossAccount => "cross-account",
            Self::Admin => "admin",
            Self::Escalation => "escalation",
            Self::Control => "control",
            Self::Personal => "personal",
        }
    }

    /// Its place among them.
    #[must_use]
    pub fn rank(self) -> u8 {
        self as u8
    }
}

/// Of a piece of access that is gained.
pub(super) fn of_request(known: &Known<'_>, piece: &Piece, claim: &Claim, into: &mut BTreeSet<Risk>) {
    if piece.who == EVERYBODY {
        into.insert(Risk::Public);
    }
    if is_across(known, piece, claim) {
        into.insert(Risk::CrossAccount);
    }
    let catalogue = Catalogue::embedded();
    let is_pattern = piece.action.contains(['*', '?']);
    let decides = catalogue
        .action(&piece.action)
        .is_some_and(|action| action.levels().any(|level| level == Level::PermissionsManagement));
    // That a service becomes a role, and that who made a thing administers it, follows from the thing's being there.
    let is_said = !claim.is_entailed
        && claim
            .because
            .is_none_or(|because| known.reason(because, false).sort == "trust");
    if is_pattern || decides && is_said {
        into.insert(Risk::Admin);
    }
    if is_pattern || is_said && ESCALATION.contains(&piece.action.as_str()) {
        into.insert(Risk::Escalation);
    }
    of_object(known, claim, into);
}

/// Of a piece of the network that is opened.
pub(super) fn of_flow(known: &Known<'_>, piece: &flow::Piece, claim: &Claim, into: &mut BTreeSet<Risk>) {
    let is_everywhere = match &piece.far {
        Far::At(block) => is_wide(&[Span::read(*block)]),
        Far::Named(_) => false,
    };
    if is_everywhere && !piece.egress || claim.subject == "internet" {
        into.insert(Risk::Public);
    }
    of_object(known, claim, into);
}

/// What lies in the object, and in the words.
fn of_object(known: &Known<'_>, claim: &Claim, into: &mut BTreeSet<Risk>) {
    let model = known.model();
    let Some(thing) = known
        .labelled(&claim.object)
        .and_then(|thing| model.things.get(thing))
    else {
        return;
    };
    let class = thing.data_class.map(|(class, _)| model.names.text(class));
    if class == Some("personal") {
        into.insert(Risk::Personal);
    }
    let kind = model.kinds.get(thing.kind);
    let capabilities = kind.map_or(&[][..], |kind| kind.words.capabilities.as_slice());
    let controls = capabilities.iter().any(|capability| {
        capability.effect == Effect::Control && claim.words.contains(model.names.text(capability.name))
    });
    if controls {
        into.insert(Risk::Control);
    }
}

/// Whether who acts and what is reached are of different accounts.
fn is_across(known: &Known<'_>, piece: &Piece, claim: &Claim) -> bool {
    let model = known.model();
    let account = |thing: Option<ThingId>| {
        let thing = model.things.get(thing?)?;
        thing.account.or(model.project.default_account)
    };
    let actor = known.of_address(&piece.who);
    let is_foreign = |thing: ThingId| match model.things.get(thing).map(|thing| &thing.detail) {
        Some(Detail::External(external)) => external.role.is_some() || external.account.is_some(),
        Some(Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::Resource) | None => false,
    };
    if actor.is_some_and(is_foreign) {
        return true;
    }
    match (account(actor), account(claim.target)) {
        (Some(own), Some(other)) => own != other,
        (_, _) => false,
    }
}

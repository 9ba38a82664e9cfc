//! Listeners of a balancer, and the one group of targets behind it, from its parts and its trusts.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, Report};
use model::actor::RunsOn;
use model::thing::{Detail, Health, Listener, Part, PartDetail, PartId, ThingId};
use model::trust::End;
use model::value::Ports;
use packet::protocol;
use source::Span;

use super::Made;
use super::block::text;
use super::fault::{AMBIGUOUS_FORWARD, MISSING_CERTIFICATE, UNSUPPORTED_LISTENER, UNSUPPORTED_LOGIN};
use crate::context::Context;
use crate::deployment::store::{Block, Piece, Value};
use crate::name::{has_no_hyphen_at_an_end, label};

/// The type that has listeners.
pub(super) const TYPE: &str = "aws_lb";
/// TLS 1.2 or 1.3, ciphers with forward secrecy only.
///
/// - Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/// The words of listeners that an application load balancer serves; any other is a stream, which a network load balancer passes on.
const HTTP: [&str; 2] = ["http", "https"];
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>
const NAME_CHARS_MAX: usize = 32;

/// Which listeners each resource may reach, by trust.
pub(super) struct Forwards(BTreeMap<ThingId, BTreeMap<PartId, Span>>);

impl Forwards {
    pub(super) fn of(cx: &Context<'_>) -> Self {
        let mut forwards: BTreeMap<ThingId, BTreeMap<PartId, Span>> = BTreeMap::new();
        for (_, trust) in cx.model.trusts.iter() {
            for subject in &trust.subjects {
                let End::Thing(from) = subject.end else { continue };
                if !cx
                    .thing(from)
                    .is_some_and(|thing| matches!(thing.detail, Detail::Resource))
                {
                    continue;
                }
                for object in &trust.objects {
                    if let End::Part(part) = object.end {
                        forwards
                            .entry(from)
                            .or_default()
                            .entry(part)
                            .or_insert(trust.span);
                    }
                }
            }
        }
        Self(forwards)
    }

    /// Refuses to be told how a listener is that no balancer asks.
    pub(super) fn refuse_unasked(&self, cx: &Context<'_>, report: &mut Report) {
        let asked: BTreeSet<PartId> = self.0.values().flat_map(BTreeMap::keys).copied().collect();
        for (id, part) in cx.model.parts.iter() {
            let PartDetail::Listener(Listener {
                health: Some(health), ..
            }) = &part.detail
            else {
                continue;
            };
            if !asked.contains(&id) {
                let message = format!("no balancer asks whether `{}` is well", cx.text(part.name));
                report.push(
                    Diagnostic::new(&UNSUPPORTED_LISTENER, health.span, message)
                        .help("let a balancer reach the listener, or leave `health` out"),
                );
            }
        }
    }
}

/// What stands behind a balancer.
struct Behind<'a> {
    owner: &'a str,
    part: &'a str,
    port: u16,
    tls: bool,
    health: Option<Health>,
    target_type: &'static str,
}

/// What a balancer is to packets: the provider has two sorts.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html>, and of target groups
/// `load-balancer-target-groups.html`, "Routing configuration"; read 2026-11-30.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaks {
    /// Requests of HTTP.
    Http,
    /// Connections.
    Stream,
}

impl Speaks {
    fn protocol(self, tls: bool) -> &'static str {
        match (self, tls) {
            (Self::Http, true) => "HTTPS",
            (Self::Http, false) => "HTTP",
            (Self::Stream, true) => "TLS",
            (Self::Stream, false) => "TCP",
        }
    }
}

impl<'a> Made<'_, 'a> {
    /// A block for each listener, and one for what is behind them.
    pub(super) fn listeners(&self, forwards: &Forwards, report: &mut Report) -> Vec<Block> {
        let parts: Vec<(&Part, &Listener)> = self
            .thing
            .parts
            .iter()
            .filter_map(|id| {
                let part = self.cx.model.parts.get(*id)?;
                match &part.detail {
                    PartDetail::Listener(listener) => Some((part, listener)),
                    PartDetail::LocalTopic(_) => None,
                }
            })
            .collect();
        if parts.is_empty() {
            return Vec::new();
        }
        let Some(speaks) = self.speaks(&parts, report) else {
            return Vec::new();
        };
        let Some(behind) = self.behind(forwards, report) else {
            return Vec::new();
        };
        if speaks == Speaks::Stream && behind.tls && !self.carries_tls(&behind, &parts, report) {
            return Vec::new();
        }
        let Some(targets) = self.targets(&behind, speaks, report) else {
            return Vec::new();
        };
        let mut blocks = Vec::with_capacity(parts.len() + 1);
        for (part, listener) in parts {
            blocks.extend(self.listener(part, listener, speaks, &targets.label, report));
        }
        blocks.push(targets);
        blocks
    }

    /// Whether it passes on connections, and serves no requests.
    pub(super) fn is_stream(&self) -> bool {
        let parts = self
            .thing
            .parts
            .iter()
            .filter_map(|id| self.cx.model.parts.get(*id));
        let mut parts = parts.filter(|part| matches!(part.detail, PartDetail::Listener(_)));
        parts.any(|part| !HTTP.contains(&self.cx.text(part.name)))
    }

    /// What all of its listeners speak; one balancer is of one sort.
    fn speaks(&self, parts: &[(&Part, &Listener)], report: &mut Report) -> Option<Speaks> {
        let is_http = |part: &Part| HTTP.contains(&self.cx.text(part.name));
        let (http, stream): (Vec<&Part>, Vec<&Part>) = parts
            .iter()
            .map(|(part, _)| *part)
            .partition(|part| is_http(part));
        match (http.first(), stream.first()) {
            (Some(http), Some(stream)) => {
                let [own, name, other] =
                    [self.thing.name, stream.name, http.name].map(|name| self.cx.text(name));
                let message = format!("`{own}` serves `{other}`, and passes on `{name}` as it comes");
                report.push(
                    Diagnostic::new(&UNSUPPORTED_LISTENER, stream.span, message)
                        .label(http.span, "this one speaks HTTP")
                        .note("an application load balancer sees requests, a network load balancer connections; one is not the other")
                        .help("declare a balancer for each, or call the listener `http` or `https` if it speaks that"),
                );
                None
            }
            (None, Some(_)) => Some(Speaks::Stream),
            (Some(_), None) | (None, None) => Some(Speaks::Http),
        }
    }

    /// Of TLS that begins at the balancer, the provider makes TLS to what is behind it; without, it passes on what comes.
    fn carries_tls(&self, behind: &Behind<'_>, parts: &[(&Part, &Listener)], report: &mut Report) -> bool {
        let plain = parts
            .iter()
            .find(|(_, listener)| listener.tls.is_some_and(|(tls, _)| !tls));
        let Some((part, _)) = plain else { return true };
        let (own, name) = (self.cx.text(self.thing.name), self.cx.text(part.name));
        let message = format!(
            "`{own}.{name}` has no TLS, and `{}.{}` behind it asks for it",
            behind.owner, behind.part
        );
        report.push(
            Diagnostic::new(&UNSUPPORTED_LISTENER, part.span, message)
                .note("what comes without TLS is passed on as it comes")
                .help("say `tls=required certificate=\"arn:…\"`"),
        );
        false
    }

    fn behind(&self, forwards: &Forwards, report: &mut Report) -> Option<Behind<'a>> {
        let name = self.cx.text(self.thing.name);
        let none = BTreeMap::new();
        let reached = forwards.0.get(&self.id).unwrap_or(&none);
        let mut all = reached.iter();
        let (Some((part, span)), None) = (all.next(), all.next()) else {
            let mut diagnostic = Diagnostic::new(
                &AMBIGUOUS_FORWARD,
                self.thing.span,
                match reached.len() {
                    0 => format!("nothing is behind `{name}`: no trust lets it reach a listener"),
                    count => format!(
                        "`{name}` may reach {count} listeners, and nothing says which requests go where"
                    ),
                },
            );
            for span in reached.values() {
                diagnostic = diagnostic.label(*span, "one of them");
            }
            report.push(
                diagnostic.help("let it reach exactly one listener; declare a balancer for each service"),
            );
            return None;
        };
        let part = self.cx.model.parts.get(*part)?;
        let owner = self.cx.thing(part.of)?;
        let PartDetail::Listener(listener) = &part.detail else {
            return None;
        };
        let refuse = |report: &mut Report, message: String| {
            report.push(
                Diagnostic::new(&UNSUPPORTED_LISTENER, *span, message).label(part.span, "the listener"),
            );
        };
        let target_type = match &owner.detail {
            Detail::Workload(workload) => match workload.runs_on {
                Some(RunsOn::Ecs | RunsOn::Eks | RunsOn::Onprem) => "ip",
                Some(RunsOn::Ec2) => "instance",
                Some(RunsOn::Lambda | RunsOn::Ci | RunsOn::IotOta | RunsOn::Device(_)) | None => "",
            },
            Detail::Resource | Detail::Class(_) | Detail::People(_) | Detail::External(_) => "",
        };
        if target_type.is_empty() {
            let what = self.cx.text(owner.name);
            refuse(
                report,
                format!("`{what}` runs on nothing that a balancer can send requests to"),
            );
            return None;
        }
        let Some((port, tls)) = port(listener) else {
            let (what, part) = (self.cx.text(owner.name), self.cx.text(part.name));
            refuse(
                report,
                format!("`{what}.{part}` is not one TCP port that says whether it has TLS"),
            );
            return None;
        };
        Some(Behind {
            owner: self.cx.text(owner.name),
            part: self.cx.text(part.name),
            port,
            tls,
            health: listener.health,
            target_type,
        })
    }

    fn targets(&self, behind: &Behind<'_>, speaks: Speaks, report: &mut Report) -> Option<Block> {
        let home = self.segment()?;
        let Behind { owner, part, .. } = behind;
        let name = format!("{}-{owner}-{part}", self.cx.physical(self.thing));
        let fits = name.len() <= NAME_CHARS_MAX
            && has_no_hyphen_at_an_end(&name)
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !fits {
            report.push(
                Diagnostic::new(
                    &UNSUPPORTED_LISTENER,
                    self.thing.span,
                    format!(
                        "`{name}` cannot be the name of what is behind `{}`",
                        self.cx.text(self.thing.name)
                    ),
                )
                .note(format!(
                    "the provider takes letters, digits and hyphens, no hyphen at an end, at most {NAME_CHARS_MAX}"
                ))
                .help("give the balancer another `physical`"),
            );
            return None;
        }
        let suffix = format!("{owner}_{part}");
        let mut arguments = vec![
            ("name", text(&name)),
            ("target_type", text(behind.target_type)),
            ("port", Value::Number(i64::from(behind.port))),
            ("protocol", text(speaks.protocol(behind.tls))),
            ("vpc_id", self.network(&home)),
        ];
        if speaks == Speaks::Stream {
            // Targets then see the balancer's own addresses, and their group admits its group: exactly what the trust says. With the
            // client's addresses, every client would have to be named there. Source: Elastic Load Balancing, "Edit target group attributes
            // for your Network Load Balancer"; read 2026-11-30.
            arguments.push(("preserve_client_ip", text("false")));
        }
        arguments.push(("health_check", self.health(behind, speaks)));
        Some(self.block("aws_lb_target_group", &suffix, arguments))
    }

    /// What is asked over TLS answers over TLS only, so that the check speaks as the listener does. Of what is no HTTP a network
    /// balancer asks whether it takes a connection.
    fn health(&self, behind: &Behind<'_>, speaks: Speaks) -> Value {
        let speaks = if behind.health.is_some() {
            Speaks::Http
        } else {
            speaks
        };
        let protocol = match speaks {
            Speaks::Http => speaks.protocol(behind.tls),
            Speaks::Stream => speaks.protocol(false),
        };
        let mut arguments = vec![("protocol".to_owned(), text(protocol))];
        if let Some(health) = &behind.health {
            let mut said = |name: &str, value: Option<arena::Name>| {
                arguments.extend(value.map(|value| (name.to_owned(), text(self.cx.text(value)))));
            };
            said("path", health.path);
            said("matcher", health.expect);
        }
        Value::Block(arguments)
    }

    fn listener(
        &self,
        part: &Part,
        listener: &Listener,
        speaks: Speaks,
        targets: &str,
        report: &mut Report,
    ) -> Option<Block> {
        let (own, name) = (self.cx.text(self.thing.name), self.cx.text(part.name));
        if let Some(login) = &listener.login {
            let why = match speaks {
                Speaks::Http => {
                    "a balancer needs the client's secret of the provider, and it would stand in Terraform's state"
                }
                Speaks::Stream => {
                    "a network load balancer sees connections, and no requests that it could turn away"
                }
            };
            let message = format!("`{own}.{name}` cannot ask for a login");
            report.push(
                Diagnostic::new(&UNSUPPORTED_LOGIN, login.span, message)
                    .note(why)
                    .help("leave the login to what is behind it"),
            );
            return None;
        }
        let Some((port, tls)) = port(listener) else {
            let message = format!("`{own}.{name}` is not one TCP port that says whether it has TLS");
            report.push(
                Diagnostic::new(&UNSUPPORTED_LISTENER, part.span, message)
                    .help("say `tcp=443 tls=required`, or `tcp=80 tls=none`"),
            );
            return None;
        };
        let reference = |resource_type: &str, label: &str| {
            Value::Text(vec![Piece::Reference {
                resource_type: resource_type.to_owned(),
                label: label.to_owned(),
                attribute: "arn".to_owned(),
            }])
        };
        let mut arguments = vec![
            ("load_balancer_arn", reference(TYPE, &self.label)),
            ("port", Value::Number(i64::from(port))),
            ("protocol", text(speaks.protocol(tls))),
        ];
        if tls {
            arguments.push(("ssl_policy", text(TLS_POLICY)));
            arguments.push(("certificate_arn", text(self.certificate(part, listener, report)?)));
        }
        arguments.push((
            "default_action",
            Value::Block(vec![
                ("type".to_owned(), text("forward")),
                (
                    "target_group_arn".to_owned(),
                    reference("aws_lb_target_group", targets),
                ),
            ]),
        ));
        Some(self.block("aws_lb_listener", name, arguments))
    }

    /// The ARN of its certificate, which is one of this account and region.
    fn certificate(&self, part: &Part, listener: &Listener, report: &mut Report) -> Option<&'a str> {
        let said = listener
            .more
            .iter()
            .find(|(name, _)| self.cx.text(*name) == "certificate");
        let said = said.map(|(_, value)| self.cx.text(*value));
        let [partition, region, number] =
            [self.account.partition, self.account.region, self.account.number].map(|name| self.cx.text(name));
        let head = format!("arn:{partition}:acm:{region}:{number}:certificate/");
        let fits = said.filter(|arn| {
            let id = arn.strip_prefix(head.as_str()).unwrap_or_default();
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        });
        if fits.is_none() {
            let (own, name) = (self.cx.text(self.thing.name), self.cx.text(part.name));
            let message = match said {
                None => format!("`{own}.{name}` has TLS and names no certificate"),
                Some(other) => format!("`{other}` is no certificate that `{own}.{name}` can show"),
            };
            report.push(
                Diagnostic::new(&MISSING_CERTIFICATE, part.span, message).help(format!(
                    "name one of its account and region: `certificate=\"{head}…\"`"
                )),
            );
        }
        fits
    }

    fn block(&self, resource_type: &str, suffix: &str, arguments: Vec<(&str, Value)>) -> Block {
        let labelled = |own: &str| format!("{}_{suffix}", label(own));
        Block {
            resource_type: resource_type.to_owned(),
            label: labelled(self.cx.text(self.thing.name)),
            renamed_from: self
                .thing
                .renamed_from
                .map(|(old, _)| labelled(self.cx.text(old))),
            arguments: arguments
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            kept: false,
        }
    }
}

/// The one TCP port of a listener, and whether it has TLS.
fn port(listener: &Listener) -> Option<(u16, bool)> {
    let [
        Ports {
            protocol: protocol::TCP,
            first,
            last,
        },
    ] = listener.ports.as_slice()
    else {
        return None;
    };
    let (tls, _) = listener.tls?;
    (first == last).then_some((*first, tls))
}

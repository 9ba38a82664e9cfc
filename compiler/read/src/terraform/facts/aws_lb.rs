//! `aws_lb`, its listeners and target groups.
//!
//! Source: Terraform AWS provider 6.25, the pages of these, read 2026-11-21.

use crate::facts::network::Interface;
use crate::facts::object::Setting;
use crate::sink::Class::{Enforcing, Name, Reference, Setting as Settings};
use crate::terraform::args::{Args, GROUP, SUBNET, VPC, Wanted};
use crate::terraform::cx::{Cx, Read};
use crate::terraform::object;
use crate::terraform::row::{
    Gives, Row, Type, Values, among_or, free, free_or, held, nested, only, optional, or, required,
};
use crate::terraform::world::{Part, World};

const LOGS: &[Row] = &[
    required("bucket", Reference),
    free("prefix"),
    free_or("enabled", "false"),
];

const ROWS: &[Row] = &[
    required("name", Name),
    or("internal", Enforcing, "false"),
    held(or("load_balancer_type", Enforcing, "application")),
    optional("security_groups", Reference),
    required("subnets", Reference),
    held(or("enable_deletion_protection", Settings, "false")),
    only("ip_address_type", &["ipv4", "dualstack"]),
    free_or("drop_invalid_header_fields", "false"),
    among_or(
        "desync_mitigation_mode",
        Values::Words(&["monitor", "defensive", "strictest"]),
        "defensive",
    ),
    among_or("idle_timeout", Values::Whole(1, 4000), "60"),
    free_or("enable_http2", "true"),
    free("enable_cross_zone_load_balancing"),
    free_or("preserve_host_header", "false"),
    free_or("xff_header_processing_mode", "append"),
    nested("access_logs", LOGS),
    nested("connection_logs", LOGS),
];

const GIVES: &[(&str, Gives)] = &[
    ("arn", Gives::Assigned("arn")),
    ("id", Gives::Assigned("arn")),
    ("dns_name", Gives::Assigned("dns_name")),
    ("zone_id", Gives::Assigned("zone_id")),
];

pub(crate) const TYPE: Type = Type {
    name: "aws_lb",
    is_data: false,
    rows: ROWS,
    address,
    gives: GIVES,
    read: |cx, args| {
        let address = object::declare(cx, args, "balancer")?;
        args.text(cx, "name")?;
        for name in ["access_logs", "connection_logs"] {
            args.each(cx, name, &mut |cx, args| {
                let bucket = args.text(cx, "bucket")?;
                let partition = cx.module(args.block)?.partition();
                cx.refer(&address, format!("copies-to:arn:{partition}:s3:::{bucket}"));
                Ok(())
            })?;
        }
        let internal = args.flag(cx, "internal")?;
        let protected = args.flag(cx, "enable_deletion_protection")?;
        if protected {
            object::keep(cx, &address);
        }
        let groups = args.ids(cx, "security_groups", &GROUP)?.unwrap_or_default();
        match args.text(cx, "load_balancer_type")?.as_str() {
            // Without groups, one of the application sort bears the network's default group, and one of the network sort none at all.
            "application" if groups.is_empty() => cx.out.bears_default.push(address.clone()),
            "application" | "network" => {}
            other => return args.fail(cx, "load_balancer_type", format!("the value `{other}`")),
        }
        let interface = Interface {
            address: address.clone(),
            groups,
            subnets: args.ids(cx, "subnets", &SUBNET)?.unwrap_or_default(),
            public: !internal,
            place: args.place(),
        };
        cx.interface(interface);
        let place = args.place();
        cx.set(
            &address,
            Setting::DeletionProtected,
            protected.to_string(),
            place.clone(),
        );
        cx.set(&address, Setting::Unreachable, internal.to_string(), place);
        Ok(())
    },
};

/// Found by its name.
pub(crate) const DATA: Type = Type {
    name: "aws_lb",
    is_data: true,
    rows: &[required("name", Name)],
    address,
    gives: GIVES,
    read: |cx, args| args.text(cx, "name").map(drop),
};

fn address(world: &World<'_>, block: usize) -> Option<String> {
    Some(world.module(block)?.address("lb", &world.text(block, "name")?))
}

const BALANCER: Wanted = Wanted {
    head: "lb:",
    attribute: "arn",
    id: "",
};
const TARGETS: Wanted = Wanted {
    head: "target-group:",
    attribute: "arn",
    id: "",
};

const OIDC: &[Row] = &[
    required("issuer", Enforcing),
    required("authorization_endpoint", Enforcing),
    required("token_endpoint", Enforcing),
    required("user_info_endpoint", Enforcing),
    required("client_id", Enforcing),
    free("client_secret"),
    free("scope"),
    free("session_cookie_name"),
    free("session_timeout"),
    only("on_unauthenticated_request", &["authenticate", "deny"]),
];
const COGNITO: &[Row] = &[
    required("user_pool_arn", Reference),
    required("user_pool_client_id", Enforcing),
    required("user_pool_domain", Enforcing),
    free("scope"),
    free("session_cookie_name"),
    free("session_timeout"),
    only("on_unauthenticated_request", &["authenticate", "deny"]),
];
const REDIRECT: &[Row] = &[
    free("status_code"),
    required("protocol", Enforcing),
    required("port", Enforcing),
    only("host", &["#{host}"]),
    only("path", &["/#{path}"]),
    only("query", &["#{query}"]),
];
const FIXED: &[Row] = &[free("content_type"), free("message_body"), free("status_code")];

const ACTION: &[Row] = &[
    required("type", Enforcing),
    free("order"),
    optional("target_group_arn", Reference),
    nested("authenticate_oidc", OIDC),
    nested("authenticate_cognito", COGNITO),
    nested("redirect", REDIRECT),
    nested("fixed_response", FIXED),
];

pub(crate) const LISTENER: Type = Type {
    name: "aws_lb_listener",
    is_data: false,
    rows: &[
        required("load_balancer_arn", Reference),
        required("port", Enforcing),
        or("protocol", Enforcing, "HTTP"),
        optional("ssl_policy", Settings),
        optional("certificate_arn", Reference),
        free("alpn_policy"),
        nested("default_action", ACTION),
    ],
    address: |world, block| {
        Some(format!(
            "listener:{}/{}",
            world.named(block, "load_balancer_arn")?,
            world.text(block, "port")?
        ))
    },
    gives: &[("arn", Gives::Assigned("arn")), ("id", Gives::Assigned("arn"))],
    read: read_listener,
};

/// The policy of a listener that names none.
const DEFAULT_TLS: &str = "ELBSecurityPolicy-2016-08";

fn read_listener(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<()> {
    let address = object::declare(cx, args, "listener")?;
    args.id(cx, "load_balancer_arn", &BALANCER)?;
    let port = args.number(cx, "port")?;
    let protocol = args.text(cx, "protocol")?;
    // What it listens to, and how it passes on, belong to the object: each shows among what it refers to.
    cx.refer(&address, format!("port:{protocol}/{port}"));
    let certificate = certificate(cx, args)?;
    if let Some(certificate) = &certificate {
        cx.refer(&address, certificate.clone());
    }
    let mut policy = args.maybe_text(cx, "ssl_policy")?;
    let is_policy = |text: &String| {
        text.strip_prefix("ELBSecurityPolicy-").is_some_and(|rest| {
            rest.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    };
    if !policy.iter().all(is_policy) {
        return args.fail(cx, "ssl_policy", "no policy of the provider");
    }
    if policy.is_none() && matches!(protocol.as_str(), "HTTPS" | "TLS") {
        policy = Some(DEFAULT_TLS.to_owned());
    }
    let place = args.place();
    match (protocol.as_str(), certificate, policy) {
        ("HTTPS" | "TLS", Some(_), Some(policy)) => {
            cx.set(&address, Setting::TlsFloor, policy, place.clone());
            cx.set(&address, Setting::TlsRequired, "true", place);
        }
        ("HTTP" | "TCP" | "UDP", None, None) => cx.set(&address, Setting::TlsRequired, "false", place),
        ("HTTPS" | "TLS", _, _) => return args.fail_whole(cx, "TLS without certificate or policy"),
        _ => {
            return args.fail(
                cx,
                "protocol",
                "a protocol that does not go with certificate and policy",
            );
        }
    }
    let actions = args.each(cx, "default_action", &mut |cx, args| {
        read_action(cx, args, &address)
    })?;
    if actions == 0 {
        args.fail_whole(cx, "a listener without an action")
    } else {
        Ok(())
    }
}

/// The certificate that a listener shows: one that is found by its domain, or named by its ARN.
fn certificate(cx: &mut Cx<'_, '_>, args: &mut Args<'_>) -> Read<Option<String>> {
    match args.maybe_parts(cx, "certificate_arn")?.as_deref() {
        None => Ok(None),
        Some([Part::Assigned(address, "arn")]) if address.starts_with("certificate:") => {
            Ok(Some(address.to_string()))
        }
        Some([Part::Text(arn)])
            if arn.starts_with("arn:") && arn.contains(":certificate/") && !arn.contains(['*', '?']) =>
        {
            let place = args.place_of("certificate_arn");
            cx.rely(arn, place);
            Ok(Some(arn.clone()))
        }
        Some(_) => args.fail(cx, "certificate_arn", "no certificate"),
    }
}

fn read_action(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, listener: &str) -> Read<()> {
    let sort = args.text(cx, "type")?;
    let targets = args.maybe_id(cx, "target_group_arn", &TARGETS)?;
    let mut blocks = Vec::new();
    let login = args.each(cx, "authenticate_oidc", &mut |cx, args| {
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "user_info_endpoint",
            "client_id",
        ] {
            let text = args.text(cx, name)?;
            cx.refer(listener, format!("login:{name}={text}"));
        }
        let issuer = args.text(cx, "issuer")?;
        cx.refer(listener, format!("login:{issuer}"));
        Ok(())
    })?;
    blocks.push(("authenticate-oidc", login));
    let login = args.each(cx, "authenticate_cognito", &mut |cx, args| {
        for name in ["user_pool_arn", "user_pool_client_id", "user_pool_domain"] {
            let text = args.text(cx, name)?;
            cx.refer(listener, format!("login:{name}={text}"));
        }
        Ok(())
    })?;
    blocks.push(("authenticate-cognito", login));
    let redirect = args.each(cx, "redirect", &mut |cx, args| {
        let to = (args.text(cx, "protocol")?, args.text(cx, "port")?);
        cx.refer(listener, format!("redirect:{}/{}", to.0, to.1));
        Ok(())
    })?;
    blocks.push(("redirect", redirect));
    blocks.push((
        "fixed-response",
        args.each(cx, "fixed_response", &mut |_, _| Ok(()))?,
    ));
    blocks.push(("forward", usize::from(targets.is_some())));
    cx.refer(listener, format!("action:{sort}"));
    let fits = blocks
        .iter()
        .all(|(name, count)| *count == usize::from(*name == sort));
    if fits {
        Ok(())
    } else {
        args.fail(cx, "type", "an action that does not go with its blocks")
    }
}

const CHECK: &[Row] = &[
    free("enabled"),
    or("path", Settings, "/"),
    free("port"),
    or("protocol", Settings, "HTTP"),
    or("matcher", Settings, "200"),
    free("interval"),
    free("timeout"),
    free("healthy_threshold"),
    free("unhealthy_threshold"),
];

/// How a group of targets is asked. Of a network load balancer a reply of HTTP may be wider.
///
/// Source: Elastic Load Balancing, "Health checks for Network Load Balancer target groups"; Terraform AWS provider 6.25, "Resource:
/// aws_lb_target_group", `health_check`; read 2026-11-30.
fn read_check(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, is_stream: bool) -> Read<String> {
    let [says_protocol, says_path, says_matcher] =
        ["protocol", "path", "matcher"].map(|name| args.is_said(name));
    let (protocol, path) = (args.text(cx, "protocol")?, args.text(cx, "path")?);
    let matcher = args.text(cx, "matcher")?;
    let matcher = if is_stream && !says_matcher {
        "200-399"
    } else {
        &matcher
    };
    match protocol.as_str() {
        _ if is_stream && !says_protocol => {
            args.fail_whole(cx, "a health check that does not say how it asks")
        }
        "HTTP" | "HTTPS" => Ok(format!("{protocol}:{path}:{matcher}")),
        "TCP" if is_stream && !says_path && !says_matcher => Ok("TCP".to_owned()),
        _ => args.fail(cx, "protocol", "no protocol of a health check"),
    }
}

/// Whether targets see the addresses of clients. Then no rule about the balancer's group is about what comes, and what a target's
/// group admits would have to be read otherwise: that is not done.
///
/// Source: Elastic Load Balancing, "Edit target group attributes for your Network Load Balancer": by default they do, where targets are
/// instances or packets are of UDP; read 2026-11-30.
fn preserves(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, protocol: &str) -> Read<()> {
    let said = args.maybe_text(cx, "preserve_client_ip")?;
    match (protocol, said.as_deref()) {
        ("TCP" | "TLS", Some("false")) => Ok(()),
        ("TCP" | "TLS" | "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC", _) => args.fail_whole(
            cx,
            "targets that see the addresses of clients: their group would have to admit every client",
        ),
        (_, None) => Ok(()),
        (_, Some(_)) => args.fail(cx, "preserve_client_ip", "an argument of network load balancers"),
    }
}

pub(crate) const TARGET_GROUP: Type = Type {
    name: "aws_lb_target_group",
    is_data: false,
    rows: &[
        required("name", Name),
        optional("port", Enforcing),
        optional("protocol", Enforcing),
        optional("vpc_id", Reference),
        or("target_type", Enforcing, "instance"),
        free("protocol_version"),
        free_or("deregistration_delay", "300"),
        free_or("slow_start", "0"),
        optional("preserve_client_ip", Enforcing),
        free("load_balancing_algorithm_type"),
        nested("health_check", CHECK),
        nested(
            "stickiness",
            &[
                free("type"),
                free("enabled"),
                free("cookie_duration"),
                free("cookie_name"),
            ],
        ),
    ],
    address: |world, block| {
        Some(
            world
                .module(block)?
                .address("target-group", &world.text(block, "name")?),
        )
    },
    gives: &[
        ("arn", Gives::Assigned("arn")),
        ("id", Gives::Assigned("arn")),
        ("name", Gives::Argument("name")),
    ],
    read: |cx, args| {
        let address = object::declare(cx, args, "target-group")?;
        let name = args.text(cx, "name")?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if name.is_empty() || name.len() > 32 || !name.bytes().all(is_name) {
            return args.fail(cx, "name", "no name of a group of targets");
        }
        let network = args.maybe_id(cx, "vpc_id", &VPC)?;
        let sort = args.text(cx, "target_type")?;
        let protocol = args.maybe_text(cx, "protocol")?;
        let port = args.maybe_number(cx, "port")?;
        let is_protocol = |text: &String| {
            matches!(
                text.as_str(),
                "HTTP" | "HTTPS" | "TCP" | "TLS" | "UDP" | "TCP_UDP" | "GENEVE" | "QUIC" | "TCP_QUIC"
            )
        };
        let is_whole = port.is_some_and(|port| (1..=65_535).contains(&port))
            && protocol.iter().all(is_protocol)
            && protocol.is_some()
            && network.is_some();
        match sort.as_str() {
            "lambda" if port.is_none() && protocol.is_none() => {}
            "instance" | "ip" | "alb" if is_whole => {}
            _ => return args.fail(cx, "target_type", "targets without port, protocol or network"),
        }
        if let Some(network) = network {
            cx.refer(&address, network);
        }
        let protocol = protocol.unwrap_or_default();
        let port = port.map_or_else(String::new, |port| port.to_string());
        cx.refer(&address, format!("targets:{sort}:{protocol}/{port}"));
        let is_stream = matches!(protocol.as_str(), "TCP" | "TLS");
        preserves(cx, args, &protocol)?;
        let mut check = if is_stream { "TCP" } else { "HTTP:/:200" }.to_owned();
        args.each(cx, "health_check", &mut |cx, args| {
            check = read_check(cx, args, is_stream)?;
            Ok(())
        })?;
        cx.refer(&address, format!("health:{check}"));
        args.each(cx, "stickiness", &mut |_, _| Ok(())).map(drop)
    },
};

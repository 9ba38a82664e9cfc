//! Networks, what filters packets in them, and balancers.

use super::{
    Absent, GROUP, Law, MEANS, PORT, PROSE, SUBNET, VPC, Weight, document, free, law, must, needed, or,
};
use crate::label::Concern::{Being, Reach, Setting};
use crate::label::module::shape::Shape::{
    Any, Arn, Block, Flag, Head, Host, Id, OneOf, Service, Within, Word, Zone,
};
use crate::label::policy::Kind;

const RULE: &[Law] = &[
    law("security_group_id", GROUP, Reach),
    law("ip_protocol", OneOf(&["tcp", "udp", "-1", "6", "17"]), Reach),
    law("from_port", PORT, Reach),
    law("to_port", PORT, Reach),
    law("cidr_ipv4", Block, Reach),
    law("referenced_security_group_id", GROUP, Reach),
    free("description", Word(255, " ._-:/()#,@[]+=&;{}!$*"), PROSE),
];

/// The laws of each type.
pub(super) const LAWS: &[(&str, &[Law])] = &[
    (
        "aws_default_security_group",
        &[
            must("vpc_id", VPC, Reach),
            law("ingress", Any, Reach),
            law("egress", Any, Reach),
        ],
    ),
    ("aws_eip", &[or("domain", OneOf(&["vpc"]), "vpc", Reach)]),
    ("aws_internet_gateway", &[must("vpc_id", VPC, Reach)]),
    (
        "aws_lb",
        &[
            must("name", Word(32, "-"), Being),
            or(
                "load_balancer_type",
                OneOf(&["application", "network", "gateway"]),
                "application",
                Being,
            ),
            or("internal", Flag, "false", Reach),
            must("subnets", SUBNET, Reach),
            Law {
                path: "security_groups",
                shape: GROUP,
                weight: Weight::Matters(Reach),
                absent: Absent::Unknown,
            },
            or("enable_deletion_protection", Flag, "false", Setting),
            // How much of a request that two readers take differently reaches the target.
            or(
                "desync_mitigation_mode",
                OneOf(&["monitor", "defensive", "strictest"]),
                "defensive",
                Setting,
            ),
            or("drop_invalid_header_fields", Flag, "false", Setting),
        ],
    ),
    (
        "aws_lb_listener",
        &[
            law(
                "load_balancer_arn",
                Id(&[("aws_lb", "arn"), ("aws_lb", "id")], ""),
                Reach,
            ),
            must("port", Within(1, 65_535), Reach),
            or(
                "protocol",
                OneOf(&["HTTP", "HTTPS", "TCP", "TLS"]),
                "HTTP",
                Setting,
            ),
            law("ssl_policy", Head("ELBSecurityPolicy-", 64, "-"), Setting),
            law("certificate_arn", Arn("acm", "certificate/"), Being),
            law("default_action.type", OneOf(&["forward"]), Reach),
            must(
                "default_action.target_group_arn",
                Id(
                    &[("aws_lb_target_group", "arn"), ("aws_lb_target_group", "id")],
                    "",
                ),
                Reach,
            ),
        ],
    ),
    (
        "aws_lb_target_group",
        &[
            needed("name", Word(32, "-"), MEANS),
            must("port", Within(1, 65_535), Reach),
            must("protocol", OneOf(&["HTTP", "HTTPS", "TCP", "TLS"]), Reach),
            must("vpc_id", VPC, Reach),
            // Of a network balancer: who is seen to come, its own addresses or those of clients.
            law("preserve_client_ip", Flag, Reach),
            or(
                "target_type",
                OneOf(&["instance", "ip", "lambda", "alb"]),
                "instance",
                Reach,
            ),
            or(
                "health_check.protocol",
                OneOf(&["HTTP", "HTTPS", "TCP"]),
                "HTTP",
                Reach,
            ),
            or("health_check.path", Word(1024, "/-_.~%?=&"), "/", Reach),
            or("health_check.matcher", Word(64, "-,"), "200", Reach),
        ],
    ),
    (
        "aws_nat_gateway",
        &[
            must("subnet_id", SUBNET, Reach),
            must(
                "allocation_id",
                Id(&[("aws_eip", "id"), ("aws_eip", "allocation_id")], "eipalloc-"),
                Reach,
            ),
        ],
    ),
    ("aws_network_acl", &[must("vpc_id", VPC, Reach)]),
    (
        "aws_network_acl_association",
        &[
            law("network_acl_id", Id(&[("aws_network_acl", "id")], ""), Reach),
            law("subnet_id", SUBNET, Reach),
        ],
    ),
    (
        "aws_network_acl_rule",
        &[
            law("network_acl_id", Id(&[("aws_network_acl", "id")], ""), Reach),
            law("rule_number", Within(1, 32_766), Reach),
            law("rule_action", OneOf(&["allow", "deny"]), Reach),
            or("egress", Flag, "false", Reach),
            law(
                "protocol",
                OneOf(&["tcp", "udp", "-1", "6", "17", "icmp", "1"]),
                Reach,
            ),
            law("from_port", PORT, Reach),
            law("to_port", PORT, Reach),
            law("icmp_type", Within(0, 255), Reach),
            law("icmp_code", Within(0, 255), Reach),
            must("cidr_block", Block, Reach),
        ],
    ),
    (
        "aws_route",
        &[
            law("route_table_id", Id(&[("aws_route_table", "id")], ""), Reach),
            must("destination_cidr_block", Block, Reach),
            law(
                "gateway_id",
                Id(
                    &[
                        ("aws_internet_gateway", "id"),
                        ("aws_vpn_gateway_attachment", "vpn_gateway_id"),
                    ],
                    "vgw-",
                ),
                Reach,
            ),
            law("nat_gateway_id", Id(&[("aws_nat_gateway", "id")], "nat-"), Reach),
        ],
    ),
    (
        "aws_route53_record",
        &[
            law(
                "zone_id",
                Id(&[("aws_route53_zone", "zone_id"), ("aws_route53_zone", "id")], ""),
                Reach,
            ),
            law("name", Host(&[("aws_iot_endpoint", "endpoint_address")]), Being),
            law(
                "type",
                OneOf(&["A", "AAAA", "CNAME", "TXT", "MX", "NS", "SRV", "PTR", "CAA"]),
                Reach,
            ),
            law(
                "alias.name",
                Id(&[("aws_vpc_endpoint", "dns_entry[0].dns_name")], ""),
                Reach,
            ),
            law(
                "alias.zone_id",
                Id(&[("aws_vpc_endpoint", "dns_entry[0].hosted_zone_id")], ""),
                Reach,
            ),
            must("alias.evaluate_target_health", Flag, Setting),
        ],
    ),
    (
        "aws_route53_zone",
        &[
            law("name", Host(&[("aws_iot_endpoint", "endpoint_address")]), Being),
            law("vpc.vpc_id", VPC, Reach),
        ],
    ),
    ("aws_route_table", &[must("vpc_id", VPC, Reach)]),
    (
        "aws_route_table_association",
        &[
            law("route_table_id", Id(&[("aws_route_table", "id")], ""), Reach),
            must("subnet_id", SUBNET, Reach),
        ],
    ),
    (
        "aws_security_group",
        &[
            must("name", Word(255, " ._-:/()#,@[]+=&;{}!$*"), Being),
            must("vpc_id", VPC, Being),
            free("description", Word(255, " ._-:/()#,@[]+=&;{}!$*"), PROSE),
        ],
    ),
    (
        "aws_subnet",
        &[
            law("vpc_id", VPC, Being),
            must("cidr_block", Block, Being),
            must("availability_zone", Zone, Setting),
            or("map_public_ip_on_launch", Flag, "false", Reach),
        ],
    ),
    (
        "aws_vpc",
        &[
            must("cidr_block", Block, Being),
            or("enable_dns_support", Flag, "true", Reach),
            or("enable_dns_hostnames", Flag, "false", Reach),
        ],
    ),
    (
        "aws_vpc_endpoint",
        &[
            law("vpc_id", VPC, Reach),
            must("service_name", Service, Reach),
            or(
                "vpc_endpoint_type",
                OneOf(&["Gateway", "Interface"]),
                "Gateway",
                Reach,
            ),
            law("subnet_ids", SUBNET, Reach),
            law("security_group_ids", GROUP, Reach),
            or("private_dns_enabled", Flag, "false", Reach),
            // `true` needs another endpoint, of the gateway sort, which none of ours is.
            must(
                "dns_options.private_dns_only_for_inbound_resolver_endpoint",
                OneOf(&["false"]),
                Reach,
            ),
            document("policy", Kind::Endpoint),
        ],
    ),
    ("aws_vpc_security_group_egress_rule", RULE),
    ("aws_vpc_security_group_ingress_rule", RULE),
    (
        "aws_vpn_gateway_attachment",
        &[
            must("vpc_id", VPC, Reach),
            law("vpn_gateway_id", Id(&[], "vgw-"), Reach),
        ],
    ),
];

"""What is there before anything is applied: what modules look up or name by id, and none of them makes.

What a module of the project makes is never made here, so that a look-up before its time finds nothing.
"""

import ipaddress
import json
import re
from unittest import mock

from moto.backends import get_backend

# Ids that modules say in their arguments; those inside of policies are names, and make nothing.
ID = re.compile(r"(vpc|subnet|sg|vgw)-[0-9a-f]+$")
KEY = re.compile(r"arn:aws:kms:([a-z0-9-]+):([0-9]{12}):key/([0-9a-f-]{36})$")
BARE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
CERTIFICATE = re.compile(r"arn:aws:acm:([a-z0-9-]+):([0-9]{12}):certificate/[0-9a-f-]{36}$")
ROLE = re.compile(r"arn:aws:iam::([0-9]{12}):role/([A-Za-z0-9+=,.@_/-]+)")


def texts(value):
    """Every text of a value."""
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def named(module, sort, word):
    """The values of an argument of all resources of a type."""
    return {one.get(word) for one in module["resource"].get(sort, {}).values()}


def make(given):
    """Makes what exists. A module is its folder, account, region, `resource` and `data`."""
    modules, made = given["modules"], {}
    for module in modules:
        at = made.setdefault((module["account"], module["region"]), {"resource": {}})
        for sort, ones in module["resource"].items():
            at["resource"].setdefault(sort, {}).update(
                {f"{module['folder']} {label}": one for label, one in ones.items()})
    roles(modules)
    for module in modules:
        place = Place(module, made[module["account"], module["region"]])
        place.make()
        for request in given["requests"]:
            place.admit(request)


class Place:
    """An account in a region, and what a module wants there."""

    def __init__(self, module, made):
        self.module, self.made = module, made
        self.account, self.region = module["account"], module["region"]

    def backend(self, service):
        region = "aws" if service in ("iam", "s3", "route53") else self.region
        return get_backend(service)[self.account][region]

    def make(self):
        self.networks()
        for sort, ones in sorted(self.module["data"].items()):
            for one in ones.values():
                getattr(self, sort)(one)
        for text in texts(self.module["resource"]):
            if found := KEY.match(text):
                self.key(*found.groups())
            elif BARE.match(text):
                self.key(self.region, self.account, text)
            elif found := CERTIFICATE.match(text):
                self.certificate(found)

    def networks(self):
        """Networks named by id come first, with the subnets, groups and gateways that are named beside them."""
        ids = sorted({text for text in texts([self.module["resource"], self.module["data"]]) if ID.match(text)})
        ec2 = self.backend("ec2")
        vpcs = [one for one in ids if one.startswith("vpc-")]
        for one in vpcs:
            if one not in ec2.vpcs:
                with mock.patch("moto.ec2.models.vpcs.random_vpc_id", return_value=one):
                    ec2.create_vpc("10.128.0.0/16")
        for one in ids:
            if one.startswith("subnet-") and one not in every(ec2.subnets):
                self.subnet(vpcs[0], None, one)
            elif one.startswith("sg-") and not ec2.get_security_group_from_id(one):
                with mock.patch("moto.ec2.models.security_groups.random_security_group_id", return_value=one):
                    ec2.create_security_group(one[3:], "exists", vpcs[0])
            elif one.startswith("vgw-") and one not in ec2.vpn_gateways:
                with mock.patch("moto.ec2.models.vpn_gateway.random_vpn_gateway_id", return_value=one):
                    ec2.create_vpn_gateway()

    def subnet(self, vpc, block, id=None):
        ec2 = self.backend("ec2")
        taken = [one for one in every(ec2.subnets).values() if one.vpc_id == vpc]
        block = block or str(list(ipaddress.ip_network(ec2.vpcs[vpc].cidr_block).subnets(new_prefix=24))[len(taken)])
        zone = self.region + "abc"[len(taken) % 3]
        if id is None:
            return ec2.create_subnet(vpc, block, availability_zone=zone)
        with mock.patch("moto.ec2.models.subnets.random_subnet_id", return_value=id):
            return ec2.create_subnet(vpc, block, availability_zone=zone)

    def key(self, region, account, id):
        kms = get_backend("kms")[account][region]
        if id not in kms.keys:
            key = kms.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "exists", [])
            del kms.keys[key.id]
            key.id, key.arn = id, f"arn:aws:kms:{region}:{account}:key/{id}"
            kms.keys[id] = key

    def admit(self, request):
        """The owner of a key that exists has added what was asked for."""
        name = request["existing"]
        kms = self.backend("kms")
        for key in kms.keys.values():
            if name == key.arn or any(name.endswith(alias) for alias in key.aliases):
                policy = json.loads(key.policy)
                policy["Statement"] += [
                    one for one in request["document"]["Statement"] if one not in policy["Statement"]
                ]
                key.policy = json.dumps(policy)

    def certificate(self, found):
        region, account = found.groups()
        acm = get_backend("acm")[account][region]
        if found.group() not in acm._certificates:
            arn = acm.request_certificate("shop.example", None, [], [])
            one = acm._certificates.pop(arn)
            one.arn, one.status = found.group(), "ISSUED"
            acm._certificates[one.arn] = one

    # What `data` blocks look up, each unless a module makes it. A type that is not here stops the test.

    def aws_iot_endpoint(self, one):
        """Each account has one."""

    def aws_caller_identity(self, one):
        """Whoever applies is someone."""

    def aws_kms_alias(self, one):
        kms = self.backend("kms")
        if one["name"] not in named(self.made, "aws_kms_alias", "name") and not kms.alias_exists(one["name"]):
            key = kms.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "exists", [])
            kms.create_alias(key.id, one["name"])

    def aws_vpc(self, one):
        if "cidr_block" in one and one["cidr_block"] not in named(self.made, "aws_vpc", "cidr_block"):
            ec2 = self.backend("ec2")
            if not any(vpc.cidr_block == one["cidr_block"] for vpc in ec2.vpcs.values()):
                vpc = ec2.create_vpc(one["cidr_block"])
                ec2.create_tags([vpc.id], one.get("tags", {}))

    def aws_subnet(self, one):
        if "cidr_block" in one and one["cidr_block"] not in named(self.made, "aws_subnet", "cidr_block"):
            vpc = self.vpc(one["vpc_id"])
            taken = [subnet.cidr_block for subnet in every(self.backend("ec2").subnets).values() if subnet.vpc_id == vpc]
            if one["cidr_block"] not in taken:
                self.subnet(vpc, one["cidr_block"])

    def aws_security_group(self, one):
        ec2 = self.backend("ec2")
        if one["name"] not in named(self.made, "aws_security_group", "name"):
            vpc = self.vpc(one["vpc_id"])
            if not ec2.get_security_group_from_name(one["name"], vpc):
                ec2.create_security_group(one["name"], "exists", vpc)

    def vpc(self, text):
        """The id of a network by its id or by a reference to the look-up of it."""
        found = re.match(r"\$\{data\.aws_vpc\.([^.]+)\.id\}$", text)
        if not found:
            return text
        block = self.module["data"]["aws_vpc"][found.group(1)]["cidr_block"]
        return next(vpc.id for vpc in self.backend("ec2").vpcs.values() if vpc.cidr_block == block)

    def aws_iam_role(self, one):
        if one["name"] not in named(self.made, "aws_iam_role", "name"):
            role(self.account, one["name"], "/")

    def aws_iam_saml_provider(self, one):
        name, iam = one["arn"].rsplit("/", 1)[1], self.backend("iam")
        if name not in named(self.made, "aws_iam_saml_provider", "name") and name not in iam.saml_providers:
            iam.create_saml_provider(name, "<EntityDescriptor/>")

    def aws_iam_openid_connect_provider(self, one):
        iam = self.backend("iam")
        url = one.get("url") or "https://" + one["arn"].split("/", 1)[1]
        if url not in named(self.made, "aws_iam_openid_connect_provider", "url") and not any(
            known.url == url.removeprefix("https://") for known in iam.open_id_providers.values()
        ):
            iam.create_open_id_connect_provider(url, ["0" * 40], ["sts.amazonaws.com"], [])

    def aws_cloudwatch_log_group(self, one):
        logs = self.backend("logs")
        if one["name"] not in named(self.made, "aws_cloudwatch_log_group", "name") and one["name"] not in logs.groups:
            logs.create_log_group(one["name"], {})

    def aws_sqs_queue(self, one):
        sqs = self.backend("sqs")
        if one["name"] not in named(self.made, "aws_sqs_queue", "name") and one["name"] not in sqs.queues:
            sqs.create_queue(one["name"])

    def aws_kinesis_stream(self, one):
        kinesis = self.backend("kinesis")
        if one["name"] not in named(self.made, "aws_kinesis_stream", "name") and one["name"] not in kinesis.streams:
            kinesis.create_stream(one["name"], 1, {"StreamMode": "PROVISIONED"})

    def aws_dynamodb_table(self, one):
        dynamodb = self.backend("dynamodb")
        if one["name"] not in named(self.made, "aws_dynamodb_table", "name") and one["name"] not in dynamodb.tables:
            dynamodb.create_table(
                one["name"],
                schema=[{"AttributeName": "id", "KeyType": "HASH"}],
                throughput=None,
                attr=[{"AttributeName": "id", "AttributeType": "S"}],
                global_indexes=[],
                indexes=[],
                streams=None,
                billing_mode="PAY_PER_REQUEST",
                sse_specification=None,
                tags=[],
                deletion_protection_enabled=False,
                warm_throughput=None,
            )

    def aws_s3_bucket(self, one):
        s3 = self.backend("s3")
        if one["bucket"] not in named(self.made, "aws_s3_bucket", "bucket") and one["bucket"] not in s3.buckets:
            s3.create_bucket(one["bucket"], self.region)

    def aws_secretsmanager_secret(self, one):
        secrets = self.backend("secretsmanager")
        if one["name"] not in named(self.made, "aws_secretsmanager_secret", "name"):
            secrets.create_secret(one["name"])


def every(by_zone):
    """Subnets by id; the server keeps them by zone."""
    return {id: one for zone in by_zone.values() for id, one in zone.items()}


def role(account, name, path):
    iam = get_backend("iam")[account]["aws"]
    if not any(one.name == name for one in iam.roles.values()):
        iam.create_role(name, json.dumps({"Version": "2012-10-17", "Statement": []}), path, None, "", [], "3600")


def roles(modules):
    """Roles that policies name and no module makes: whoever applies, and those of others."""
    made = {(module["account"], name) for module in modules for name in named(module, "aws_iam_role", "name")}
    for module in modules:
        for text in texts(module["resource"]):
            for account, name in ROLE.findall(text):
                path, _, last = name.rpartition("/")
                if (account, last) not in made:
                    role(account, last, f"/{path}/" if path else "/")

"""What moto lacks and modules need. It is added here, so that no difference of a second plan has to be forgiven for it."""

from urllib.parse import parse_qsl

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.iot.models import IoTBackend
from moto.iot.responses import IoTResponse
from moto.timestreamwrite.models import TimestreamWriteBackend

# Tags of things of IoT, by ARN.
TAGS = {}


def forget():
    TAGS.clear()


def add(address):
    # The client asks where the service is, and would go out into the world.
    TimestreamWriteBackend.describe_endpoints = lambda self: {
        "Endpoints": [{"Address": address, "CachePeriodInMinutes": 1440}]
    }
    # The endpoint of an account is one; moto draws another at each call.
    drawn = IoTBackend.describe_endpoint

    def endpoint(self, endpoint_type):
        if endpoint_type == "iot:Data-ATS":
            return Endpoint(f"a{self.account_id}-ats.iot.{self.region_name}.amazonaws.com")
        return drawn(self, endpoint_type)

    IoTBackend.describe_endpoint = endpoint
    SecurityGroupRule.__init__ = without_ports(SecurityGroupRule.__init__)
    for action, arn in (
        ("create_policy", "policyArn"),
        ("create_role_alias", "roleAliasArn"),
        ("create_thing_group", "thingGroupArn"),
        ("create_thing_type", "thingTypeArn"),
    ):
        setattr(IoTResponse, action, tagged(getattr(IoTResponse, action), arn))
    IoTResponse.create_topic_rule = tagged_rule(IoTResponse.create_topic_rule)
    IoTResponse.list_tags_for_resource = list_tags
    IoTResponse.tag_resource = tag
    IoTResponse.untag_resource = untag


def without_ports(make):
    """A rule of a protocol that has no ports says none; moto wants them."""

    def made(self, backend, protocol, group, first, last, *arguments, **named):
        make(self, backend, protocol, group, first or 0, last or 0, *arguments, **named)
        if first is None:
            self.from_port = self.to_port = None

    return made


class Endpoint:
    def __init__(self, address):
        self.address = address

    def to_dict(self):
        return {"endpointAddress": self.address}


def tagged(create, arn):
    def created(self):
        answer = create(self)
        TAGS[answer.result[arn]] = {one["Key"]: one.get("Value", "") for one in self._get_param("tags") or []}
        return answer

    return created


def tagged_rule(create):
    def created(self):
        answer = create(self)
        arn = f"arn:aws:iot:{self.region}:{self.current_account}:rule/{self._get_param('ruleName')}"
        TAGS[arn] = dict(parse_qsl(self.headers.get("x-amz-tagging", ""), keep_blank_values=True))
        return answer

    return created


def list_tags(self):
    tags = TAGS.get(self._get_param("resourceArn"), {})
    return ActionResult({"tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]})


def tag(self):
    TAGS.setdefault(self._get_param("resourceArn"), {}).update(
        {one["Key"]: one.get("Value", "") for one in self._get_param("tags")}
    )
    return EmptyResult()


def untag(self):
    for key in self._get_param("tagKeys"):
        TAGS.get(self._get_param("resourceArn"), {}).pop(key, None)
    return EmptyResult()

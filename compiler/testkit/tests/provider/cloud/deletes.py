"""Deletes that AWS refuses and moto does. What moto itself refuses (roles with policies, buckets with objects, protected tables) is left to it."""

import functools

from moto.backends import get_backend
from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import EC2Backend
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend


def refuse():
    before(EC2Backend, "delete_security_group", group)
    before(EC2Backend, "delete_subnet", subnet)
    before(EC2Backend, "delete_vpc", network)
    before(EC2Backend, "detach_internet_gateway", gateway)
    before(ELBv2Backend, "delete_load_balancer", balancer)
    before(RDSBackend, "delete_subnet_group", subnet_group)
    before(RDSBackend, "delete_db_parameter_group", parameter_group)
    before(IAMBackend, "delete_policy", policy)


def before(backend, action, check):
    """Has an action of a backend checked first."""
    does = getattr(backend, action)

    @functools.wraps(does)
    def checked(self, *arguments, **named):
        check(self, *arguments, **named)
        return does(self, *arguments, **named)

    setattr(backend, action, checked)


def beside(backend, service):
    """Another service in the same account and region."""
    return get_backend(service)[backend.account_id][backend.region_name]


def groups_of(ec2):
    return [one for network in ec2.groups.values() for one in network.values()]


def there(ones):
    """Those that are not deleted: moto keeps them, and says so in their state."""
    return [one for one in ones.values() if one.state != "deleted"]


def interfaces(ec2):
    """Who has interfaces in a network: a name, its groups and its subnets."""
    for one in ec2.enis.values():
        # Those of a gateway stay behind in moto when it goes.
        if one.instance:
            yield one.id, [each.id for each in one.group_set], [one.subnet.id]
    for one in there(ec2.vpc_end_points):
        yield one.id, one.security_group_ids or [], one.subnet_ids or []
    for one in there(ec2.nat_gateways):
        yield one.id, [], [one.subnet_id]
    for one in beside(ec2, "elbv2").load_balancers.values():
        yield one.name, one.security_groups or [], [each.id for each in one.subnets]
    for one in beside(ec2, "rds").databases.values():
        yield one.db_instance_identifier, one.vpc_security_group_ids, []


def group(ec2, name=None, group_id=None):
    for one in groups_of(ec2):
        if one.id == group_id:
            continue
        for rule in one.ingress_rules + one.egress_rules:
            if rule.source_group.get("GroupId") == group_id:
                raise DependencyViolationError(f"resource {group_id} has a dependent object: a rule of {one.name}")
    for who, groups, _ in interfaces(ec2):
        if group_id in groups:
            raise DependencyViolationError(f"resource {group_id} has a dependent object: {who}")


def subnet(ec2, subnet_id):
    for who, _, subnets in interfaces(ec2):
        if subnet_id in subnets:
            raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted: {who}")


def network(ec2, vpc_id):
    left = [one.id for one in groups_of(ec2) if one.vpc_id == vpc_id and one.name != "default"]
    left += [one.id for one in ec2.internet_gateways.values() if one.vpc and one.vpc.id == vpc_id]
    left += [one.id for one in there(ec2.vpc_end_points) if one.vpc_id == vpc_id]
    if left:
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted: {left[0]}")


def gateway(ec2, internet_gateway_id, vpc_id):
    if any(one.vpc_id == vpc_id and one.state == "available" for one in ec2.nat_gateways.values()):
        raise DependencyViolationError(f"Network {vpc_id} has some mapped public address(es)")


def balancer(elbv2, arn):
    one = elbv2.load_balancers.get(arn)
    if one and one.attrs.get("deletion_protection.enabled") == "true":
        raise ELBClientError("OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted: it is protected")


def subnet_group(rds, subnet_name):
    for one in rds.databases.values():
        if one.db_subnet_group and one.db_subnet_group.subnet_name == subnet_name:
            raise RDSClientError("InvalidDBSubnetGroupStateFault", f"{subnet_name} is used by {one.db_instance_identifier}")


def parameter_group(rds, db_parameter_group_name):
    for one in rds.databases.values():
        if one.db_parameter_group_name == db_parameter_group_name:
            raise RDSClientError(
                "InvalidDBParameterGroupState", f"{db_parameter_group_name} is used by {one.db_instance_identifier}"
            )


def policy(iam, policy_arn):
    one = iam.managed_policies.get(policy_arn)
    if one and one.attachment_count:
        raise DeleteConflictException("Cannot delete a policy attached to entities.")

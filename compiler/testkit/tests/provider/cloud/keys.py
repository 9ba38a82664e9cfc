"""What AWS looks at when something is created: the policy of a key as it is at that moment, and that those whom a policy names are there.

- A log group: its service must be admitted by the key already, for this very group.
- A database and a table: whoever makes them must be allowed to grant their service the key. Nobody says here who that is; it is someone who
  may replace the policy of the key, as the check against lock-out wants.
- A key: its policy must let someone replace it, and name nobody who is not there. A trust policy and a bucket's name nobody who is not there either.

Queues, topics, buckets and streams are made without a look at their key.
Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html,
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html, read 2026-12-01.
"""

import json
import re
import time
from fnmatch import fnmatchcase

from moto.backends import get_backend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.models import DynamoDBBackend
from moto.iam.exceptions import IAMException
from moto.iam.models import IAMBackend
from moto.kms.models import KmsBackend
from moto.logs.models import LogsBackend
from moto.logs.responses import LogsResponse
from moto.rds.exceptions import RDSClientError
from moto.rds.models import RDSBackend
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend

from deletes import before

ROLE = re.compile(r"arn:aws:iam::([0-9]{12}):role/(?:.*/)?([^/]+)$")
LOGS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
LATER_SECONDS = 3
GRANTS = ("kms:CreateGrant", "kms:DescribeKey")


def check():
    before(LogsBackend, "create_log_group", log_group)
    LogsResponse.associate_kms_key = associate
    before(RDSBackend, "create_db_instance", database)
    before(DynamoDBBackend, "create_table", table)
    before(KmsBackend, "create_key", key)
    before(KmsBackend, "put_key_policy", later_policy)
    before(IAMBackend, "create_role", role)
    before(IAMBackend, "update_assume_role_policy", role)
    before(S3Backend, "put_bucket_policy", bucket)


def policy_of(backend, name):
    """The policy of a key that an account names, as it is now; nothing if there is no such key."""
    account, region = backend.account_id, backend.region_name
    if found := re.match("arn:aws:kms:([a-z0-9-]+):([0-9]{12}):(.*)", name):
        region, account, name = found.groups()
    kms = get_backend("kms")[account][region]
    try:
        one = kms.keys[kms.any_id_to_key_id(name.removeprefix("key/"))]
    except KeyError:
        return None
    return json.loads(one.policy) if one.policy else None


# The part of the language of policies that key policies are written in.


def listed(value):
    return value if isinstance(value, list) else [value]


def matches(operator, wanted, value):
    operator = operator.removesuffix("IfExists")
    if operator in ("StringEquals", "Bool"):
        return any(str(one) == value for one in wanted)
    if operator in ("StringLike", "ArnLike", "ArnEquals"):
        return any(fnmatchcase(value, one) for one in wanted)
    if operator in ("StringNotEquals", "StringNotLike", "ArnNotLike", "ArnNotEquals"):
        return not any(fnmatchcase(value, one) for one in wanted)
    raise NotImplementedError(operator)


def holds(statement, context):
    for operator, conditions in statement.get("Condition", {}).items():
        for name, wanted in conditions.items():
            value = context.get(name)
            if value is None:
                # A key that is not in the request: only these operators are then true.
                if not operator.endswith("IfExists") and "Not" not in operator:
                    return False
            elif not matches(operator, listed(wanted), value):
                return False
    return True


def covers(statement, action):
    if "NotAction" in statement:
        return not any(fnmatchcase(action, one) for one in listed(statement["NotAction"]))
    return any(fnmatchcase(action, one) for one in listed(statement["Action"]))


def names(statement, principal):
    """Whether a statement names someone: a pair of the sort and the name."""
    said = statement.get("Principal")
    if said is None:
        return not any(one == principal[1] for one in listed(statement["NotPrincipal"].get(principal[0], [])))
    if said == "*":
        return True
    every = listed(said.get(principal[0], []))
    return principal[1] in every or "*" in every


def permits(policy, principal, action, context):
    met = [
        one["Effect"]
        for one in policy["Statement"]
        if names(one, principal) and covers(one, action) and holds(one, context)
    ]
    return "Allow" in met and "Deny" not in met


def stewards(policy):
    """Whoever may replace the policy."""
    named = {
        one
        for statement in policy["Statement"]
        if isinstance(statement.get("Principal"), dict)
        for one in listed(statement["Principal"].get("AWS", []))
    }
    return sorted(one for one in named if permits(policy, ("AWS", one), "kms:PutKeyPolicy", {}))


# What is created with a key.


def log_group(logs, log_group_name, tags, **named):
    if named.get("kmsKeyId"):
        log_key(logs, log_group_name, named["kmsKeyId"])


def log_key(logs, name, key):
    policy = policy_of(logs, key)
    arn = f"arn:aws:logs:{logs.region_name}:{logs.account_id}:log-group:{name}"
    context = {
        "kms:EncryptionContext:aws:logs:arn": arn,
        "aws:SourceArn": arn,
        "aws:SourceAccount": logs.account_id,
    }
    services = [("Service", f"logs.{logs.region_name}.amazonaws.com"), ("Service", "logs.amazonaws.com")]
    if policy is None or not all(
        any(permits(policy, service, action, context) for service in services) for action in LOGS
    ):
        raise JsonRESTError(
            "InvalidParameterException",
            f"The specified KMS key does not exist or is not allowed to be used with LogGroup '{arn}'",
        )


def associate(self):
    name, key = self._get_param("logGroupName"), self._get_param("kmsKeyId")
    log_key(self.logs_backend, name, key)
    self.logs_backend.groups[name].kms_key_id = key
    return ""


def may_grant(backend, name, service):
    policy = policy_of(backend, name)
    context = {
        "kms:GrantIsForAWSResource": "true",
        "kms:CallerAccount": backend.account_id,
        "kms:ViaService": f"{service}.{backend.region_name}.amazonaws.com",
    }
    return policy is not None and any(
        all(permits(policy, ("AWS", one), action, context) for action in GRANTS) for one in stewards(policy)
    )


def database(rds, db_kwargs):
    key = db_kwargs.get("kms_key_id")
    if key and not may_grant(rds, key, "rds"):
        raise RDSClientError("KMSKeyNotAccessibleFault", f"The specified KMS key [{key}] does not exist, or is not allowed")


def table(dynamodb, name, **named):
    key = (named.get("sse_specification") or {}).get("KMSMasterKeyId")
    if key and not may_grant(dynamodb, key, "dynamodb"):
        raise JsonRESTError("ValidationException", f"KMS key access denied error: {key}")


# Policies themselves.


def missing(document):
    """The first role that a policy names and that is not there."""
    for statement in listed(document["Statement"]):
        said = statement.get("Principal")
        for one in listed(said.get("AWS", [])) if isinstance(said, dict) else []:
            found = ROLE.match(one)
            if found and not any(
                role.arn == one for role in get_backend("iam")[found.group(1)]["aws"].roles.values()
            ):
                return one
    return None


def key(kms, policy, *arguments, **named):
    if policy:
        key_policy(kms, None, policy)


def later_policy(kms, key_id, policy):
    key_policy(kms, key_id, policy)
    # What does not wait for the policy comes before it, always.
    time.sleep(LATER_SECONDS)


def key_policy(kms, key_id, policy):
    document = json.loads(policy)
    if who := missing(document):
        raise JsonRESTError(
            "MalformedPolicyDocumentException", f"Policy contains a statement with one or more invalid principals: {who}"
        )
    if not stewards(document):
        raise JsonRESTError(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
        )


def role(iam, role_name, document, *arguments, **named):
    if who := missing(json.loads(document)):
        raise IAMException("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{who}"')


def bucket(s3, bucket_name, policy):
    if who := missing(json.loads(policy)):
        raise S3ClientError("MalformedPolicy", f"Invalid principal in policy: {who}")

"""Reads {"name", "policy"} lines and prints one {"name", "findings"} line for each: parliament, imported once."""

import json
import sys

from parliament import analyze_policy_string


def told(finding):
    detail = finding.detail
    if isinstance(detail, dict):
        detail = sorted(f"{key}={value}" for key, value in detail.items())
    if isinstance(detail, (list, tuple)):
        detail = " ".join(sorted(str(item) for item in detail))
    return [finding.issue, str(detail or "")]


for line in sys.stdin:
    asked = json.loads(line)
    policy = analyze_policy_string(asked["policy"], include_community_auditors=True)
    print(json.dumps({"name": asked["name"], "findings": sorted(told(finding) for finding in policy.findings)}))

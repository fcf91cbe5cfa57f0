"""Batch: job definitions, named with their revision or as an ARN. Source: Service Authorization Reference,
list_awsbatch.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {
    "DeregisterJobDefinition": (
        Rule("batch:DeregisterJobDefinition",
             ("arn:${Partition}:batch:${Region}:${Account}:job-definition/{jobDefinition}",)),
    ),
}

"""API operation -> IAM actions, resources and context keys, one declarative table per AWS service.

    asks("s3", "GetObject", {"Bucket": "b", "Key": "k"}, account="111111111111", region="eu-west-1")
    (Ask(action='s3:GetObject', resource='arn:aws:s3:::b/k', account='', ...),)

The door authorises every call by these tables and the proof derives needs from them. Sources: botocore's models, the
Service Authorization Reference, and where those are silent the service's own guide, named in `tables/`.
"""

from crossdock.iam.calls.ask import Ask, ResolveEntity, ResolveKey, Unmapped, Value
from crossdock.iam.calls.derive import asks, target_account
from crossdock.iam.calls.rules import operations
from crossdock.iam.calls.unspoken import git, invocation

__all__ = [
    "Ask", "ResolveEntity", "ResolveKey", "Unmapped", "Value",
    "asks", "git", "invocation", "operations", "target_account",
]

"""Keys that AWS manages: one for each account, region and service, there as soon as something is encrypted with it.

KMS Developer Guide, concepts, "AWS managed keys": they serve the callers of their own account, through their service
alone, and nobody changes their policies. So what they encrypt can be read in no other account.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.backends import get_backend
from moto.kms.models import KmsBackend

_NAMES = (
    "acm", "backup", "codecommit", "connect", "dms", "dynamodb", "ebs", "elasticache", "elasticfilesystem", "es",
    "fsx", "glue", "kafka", "kinesis", "kinesisvideo", "lambda", "lightsail", "logs", "mq", "rds", "redshift", "s3",
    "secretsmanager", "sns", "sqs", "ssm", "workspaces", "xray",
)
_THROUGH = {"ebs": "ec2"}
"""Services that are called otherwise than their alias says."""
_SPACE = uuid.UUID("5f0c6a0e-3f0a-4f1e-9c55-0d9b7f6a2c11")


def apply() -> None:
    """moto makes keys of these names with a policy that leaves them to the account."""
    KmsBackend._generate_default_keys = _of_alias


def key_id(service: str, account: str, region: str) -> str:
    """The id is the same whenever it is asked for, so that objects still name the key after a restart."""
    return str(uuid.uuid5(_SPACE, f"{account} {region} {service}"))


def find(reference: str, account: str, region: str) -> str | None:
    """The id of the key that `alias/aws/NAME` or a key id names, made if need be; None: AWS manages no such key."""
    for service in _NAMES:
        if reference in (f"alias/aws/{service}", key_id(service, account, region)):
            return _made(get_backend("kms")[account][region], service)
    return None


def _of_alias(self: Any, alias_name: str) -> str | None:
    service = alias_name.removeprefix("alias/aws/")
    return _made(self, service) if service in _NAMES and service != alias_name else None


def _made(backend: Any, service: str) -> str:
    account, region = backend.account_id, backend.region_name
    own = key_id(service, account, region)
    if own not in backend.keys:
        description = f"Default key that protects my {service} resources when no other key is defined"
        key = backend.create_key(_policy(service, account, region), "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT",
                                 description, None)
        made = backend.keys.pop(key.id)
        made.id, made.arn, made.key_manager = own, key.arn.rpartition("/")[0] + f"/{own}", "AWS"
        backend.keys[own] = made
        backend.create_alias(own, f"alias/aws/{service}")
    return own


def _policy(service: str, account: str, region: str) -> str:
    through = f"{_THROUGH.get(service, service)}.{region}.amazonaws.com"
    return json.dumps({"Version": "2012-10-17", "Id": f"auto-{service}-1", "Statement": [
        {"Sid": f"Allow access through {service} for all principals in the account that may use {service}",
         "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*",
         "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                    "kms:DescribeKey"],
         "Condition": {"StringEquals": {"kms:CallerAccount": account, "kms:ViaService": through}}},
        {"Sid": "Allow direct access to key metadata to the account", "Effect": "Allow",
         "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Resource": "*",
         "Action": ["kms:Describe*", "kms:Get*", "kms:List*"]},
    ]})

"""AWS::SecretsManager: secrets, given or made up, their policies, and what ties one to a database.

A secret is deleted without a recovery window, as CloudFormation does it: its name is free at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, words
from crossdock.local.cloudformation.resources.shapes import text
from crossdock.local.engine import NotEmulated

_SERVICE = "secretsmanager"


def _make_up(ctx: Context, secret: str, _old: Props, new: Props) -> None:
    """GenerateSecretString: a password by itself, or as one key of a JSON template."""
    wanted = dict(new.get("GenerateSecretString") or {})
    if not wanted:
        return
    template, key = wanted.pop("SecretStringTemplate", None), wanted.pop("GenerateStringKey", None)
    if (template is None) != (key is None):
        raise Failed("SecretStringTemplate and GenerateStringKey must be given together")
    password = ctx.call(_SERVICE, "GetRandomPassword", wanted)["RandomPassword"]
    value = password if template is None else json.dumps({**json.loads(text(template)), text(key): password})
    ctx.call(_SERVICE, "PutSecretValue", {"SecretId": secret, "SecretString": value})


def _value(ctx: Context, secret: str) -> dict[str, Any]:
    held = ctx.call(_SERVICE, "GetSecretValue", {"SecretId": secret})["SecretString"]
    try:
        found = json.loads(held)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Failed("The secret's value is not a JSON object, so that no database can be attached to it")
    return found


_INSTANCE, _CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"


def _target(ctx: Context, props: Props) -> Mapping[str, Any]:
    """What an attachment adds to a secret (Secrets Manager User Guide, "JSON structure of secrets")."""
    target = props["TargetId"]
    match props["TargetType"]:
        case "AWS::RDS::DBInstance":
            found = ctx.call("rds", "DescribeDBInstances", {"DBInstanceIdentifier": target})["DBInstances"][0]
            made = {"host": found["Endpoint"]["Address"], "port": found["Endpoint"]["Port"],
                    "dbInstanceIdentifier": found["DBInstanceIdentifier"]}
            name = found.get("DBName")
        case "AWS::RDS::DBCluster":
            found = ctx.call("rds", "DescribeDBClusters", {"DBClusterIdentifier": target})["DBClusters"][0]
            made = {"host": found["Endpoint"], "port": found["Port"],
                    "dbClusterIdentifier": found["DBClusterIdentifier"]}
            name = found.get("DatabaseName")
        case other:
            raise NotEmulated(f"secrets attached to {other}")
    return {"engine": str(found["Engine"]).removeprefix("aurora-").replace("aurora", "mysql"), **made,
            **({"dbname": name} if name else {})}


_ADDED = ("engine", "host", "port", "dbname", "dbInstanceIdentifier", "dbClusterIdentifier")


def _attach(ctx: Context, secret: str, props: Props) -> None:
    value = {key: item for key, item in _value(ctx, secret).items() if key not in _ADDED}
    ctx.call(_SERVICE, "PutSecretValue", {
        "SecretId": secret, "SecretString": json.dumps({**value, **_target(ctx, props)})})


def _create_attachment(ctx: Context, props: Props) -> str:
    secret = str(props["SecretId"])
    _attach(ctx, secret, props)
    return secret


def _detach(ctx: Context, secret: str, _: Props) -> None:
    value = {key: item for key, item in _value(ctx, secret).items() if key not in _ADDED}
    ctx.call(_SERVICE, "PutSecretValue", {"SecretId": secret, "SecretString": json.dumps(value)})


def _put_policy(ctx: Context, props: Props) -> str:
    given = {"SecretId": props["SecretId"], "ResourcePolicy": text(props["ResourcePolicy"])}
    return str(ctx.call(_SERVICE, "PutResourcePolicy", given)["ARN"])


TYPES = (
    *handlers(
        Kind(
            type="AWS::SecretsManager::Secret", service=_SERVICE, who="SecretId", name="Name", limit=64, id="ARN",
            create="CreateSecret", delete="DeleteSecret", delete_fixed={"ForceDeleteWithoutRecovery": True},
            takes="Description KmsKeyId SecretString",
            steps=(Step(operation="UpdateSecret", of="Description KmsKeyId SecretString", empty={
                "Description": "", "KmsKeyId": ""}),
                   Own(of="GenerateSecretString", settle=_make_up, created=True)),
            read=("DescribeSecret", ""), found={"Id": "={id}"}, tagging=Tagging(put=("TagResource", "SecretId", "Tags"),
                                                   drop=("UntagResource", "SecretId", "TagKeys")), arn="{id}",
        ),
    ),
    Handler(
        type="AWS::SecretsManager::SecretTargetAttachment",
        emulated=words("SecretId TargetId TargetType"),
        create=_create_attachment, update=lambda ctx, secret, _old, new: _attach(ctx, secret, new), delete=_detach,
        read=lambda _ctx, secret, _props: {"Id": secret},
    ),
    Handler(
        type="AWS::SecretsManager::ResourcePolicy",
        emulated=words("SecretId ResourcePolicy"), accepted=words("BlockPublicPolicy"),
        create=_put_policy, update=lambda ctx, _id, _old, new: _put_policy(ctx, new),
        delete=lambda ctx, secret, _: ctx.call(_SERVICE, "DeleteResourcePolicy", {"SecretId": secret}),
        read=lambda _ctx, secret, _props: {"Id": secret},
    ),
)  # fmt: skip

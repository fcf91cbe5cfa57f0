"""Where a template may ask for a secure string: `{{resolve:ssm-secure:...}}` stands in few properties.

Source: CloudFormation User Guide, dynamic-references-ssm-secure-strings, "Resources that support dynamic parameter
patterns for secure strings".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_PATTERN = "{{resolve:ssm-secure:"
_TAKEN = frozenset({
    "AWS::DirectoryService::MicrosoftAD/Password", "AWS::DirectoryService::SimpleAD/Password",
    "AWS::ElastiCache::ReplicationGroup/AuthToken", "AWS::IAM::User/LoginProfile/Password",
    "AWS::KinesisFirehose::DeliveryStream/RedshiftDestinationConfiguration/Password",
    "AWS::OpsWorks::App/AppSource/Password", "AWS::OpsWorks::Stack/CustomCookbooksSource/Password",
    "AWS::OpsWorks::Stack/RdsDbInstances/DbPassword", "AWS::RDS::DBCluster/MasterUserPassword",
    "AWS::RDS::DBInstance/MasterUserPassword", "AWS::Redshift::Cluster/MasterUserPassword",
})  # fmt: skip

Found = tuple[tuple[str | int, ...], str, str]


def misplaced(body: Mapping[str, Any]) -> Iterator[Found]:
    """Path, message and hint of each secure reference where CloudFormation takes none."""
    for name, resource in (body.get("Resources") or {}).items():
        if isinstance(resource, dict) and isinstance(resource.get("Type"), str):
            yield from _in(resource.get("Properties"), resource["Type"], ("Resources", name, "Properties"), ())


def _in(value: Any, type_: str, path: tuple[str | int, ...], place: tuple[str, ...]) -> Iterator[Found]:
    match value:
        case str() if _PATTERN in value and "/".join((type_, *place)) not in _TAKEN:
            yield path, f"SSM Secure reference is not supported in: [{'/'.join((type_, 'Properties', *place))}]", (
                "name a secret of Secrets Manager instead")
        case dict():
            for key, item in value.items():
                inner = place if key.startswith("Fn::") else (*place, key)
                yield from _in(item, type_, (*path, key), inner)
        case list():
            for index, item in enumerate(value):
                yield from _in(item, type_, (*path, index), place)

"""What intrinsics are resolved against: parameters, mappings, conditions, and what the caller knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.template.problems import mistake


class Unresolved(Exception):
    """Something isn't known yet: the resource `logical_id` (and its `attribute`), or another named value.

    Callables of a Scope raise it; `resolve` lets it through, `partial` leaves the reference in place.
    """

    def __init__(self, logical_id: str, attribute: str = "") -> None:
        super().__init__(f"{logical_id}.{attribute}" if attribute else logical_id)
        self.logical_id, self.attribute = logical_id, attribute


@dataclass(frozen=True, slots=True)
class Pseudo:
    """The pseudo parameters of one stack (CloudFormation User Guide, "Pseudo parameters reference")."""

    account: str
    region: str
    partition: str = "aws"
    stack_id: str = ""
    stack_name: str = ""
    url_suffix: str = "amazonaws.com"
    notification_arns: tuple[str, ...] = ()

    def value(self, name: str) -> Any:
        """The value of `AWS::...`; KeyError for another name. An empty stack id or name is not known yet."""
        value: Any = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::StackId": self.stack_id,
            "AWS::StackName": self.stack_name,
            "AWS::URLSuffix": self.url_suffix,
            "AWS::NotificationARNs": list(self.notification_arns),
        }[name]
        if value == "":
            raise Unresolved(name)
        return value


def _unknown(name: str, attribute: str = "") -> Any:
    raise Unresolved(name, attribute)


def _no_zones(region: str) -> Sequence[str]:
    raise Unresolved(f"availability zones of {region}")


def _no_transform(name: str, parameters: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise mistake(f"No transform named {name} found.")


@dataclass(frozen=True, slots=True)
class Scope:
    """One stack's knowledge. Callables raise Unresolved for what isn't known yet.

    parameters    values from `parameters.resolve`: text, or a list for list types
    mappings      the template's Mappings section
    conditions    name -> truth, from `resolve.conditions`
    reference     logical id -> what Ref gives (the physical id)
    attribute     logical id, attribute name -> what GetAtt gives
    import_value  export name -> its value
    dynamic       service (`ssm`, `ssm-secure`, `secretsmanager`), rest -> the value of `{{resolve:service:rest}}`
    zones         region -> names of its availability zones (GetAZs)
    transform     macro name, parameters -> what stands in place of Fn::Transform (AWS::Include)
    """

    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, bool]
    pseudo: Pseudo
    reference: Callable[[str], Any] = _unknown
    attribute: Callable[[str, str], Any] = _unknown
    import_value: Callable[[str], str] = _unknown
    dynamic: Callable[[str, str], str] = field(default=_unknown)
    zones: Callable[[str], Sequence[str]] = field(default=_no_zones)
    transform: Callable[[str, Mapping[str, Any]], Any] = field(default=_no_transform)

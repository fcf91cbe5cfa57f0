"""AWS::ServiceDiscovery: namespaces and services of Cloud Map. Kept and shown; nothing here answers DNS."""

from __future__ import annotations

import secrets
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers
from crossdock.local.cloudformation.resources.handler import Context, Failed, Props, pick, tag_list, tags_of

_TAGGING = Tagging(put=("TagResource", "ResourceARN", "Tags"), drop=("UntagResource", "ResourceARN", "TagKeys"))
_ARN = "arn:{partition}:servicediscovery:{region}:{account}:"


def _namespace(noun: str, takes: str) -> Kind:
    operation = f"Create{noun}Namespace"

    def create(ctx: Context, props: Props) -> str:
        """The call starts an operation, which names what it made."""
        given: dict[str, Any] = {"CreatorRequestId": secrets.token_hex(16), **pick(props, takes)}
        if tags := tags_of(props):
            given["Tags"] = tag_list(tags)
        started = ctx.call("servicediscovery", operation, given)["OperationId"]
        done = ctx.call("servicediscovery", "GetOperation", {"OperationId": started})["Operation"]
        if done["Status"] == "FAIL":
            raise Failed(str(done.get("ErrorMessage", "")))
        return str(done["Targets"]["NAMESPACE"])

    return Kind(
        type=f"AWS::ServiceDiscovery::{noun}Namespace", service="servicediscovery", who="Id", create=operation,
        delete="DeleteNamespace", takes=takes, make=create, read=("GetNamespace", "Namespace"),
        found={"HostedZoneId": "Properties.DnsProperties.HostedZoneId"}, tagging=_TAGGING, arn=_ARN + "namespace/{id}",
    )


TYPES = handlers(
    _namespace("PrivateDns", "Name Description Vpc Properties"),
    _namespace("PublicDns", "Name Description Properties"),
    _namespace("Http", "Name Description"),
    Kind(
        type="AWS::ServiceDiscovery::Service", service="servicediscovery", id="Service.Id", name="Name", who="Id",
        create="CreateService", delete="DeleteService",
        takes="NamespaceId Description DnsConfig HealthCheckConfig HealthCheckCustomConfig Type",
        read=("GetService", "Service"), tagging=_TAGGING, arn=_ARN + "service/{id}",
    ),
)  # fmt: skip

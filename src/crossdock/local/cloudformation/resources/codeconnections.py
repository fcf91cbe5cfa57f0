"""AWS::CodeConnections and AWS::CodeStarConnections: the same connections under the service's two names."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers


def _connection(prefix: str, service: str) -> Kind:
    return Kind(
        type=f"AWS::{prefix}::Connection", service=service, create="CreateConnection", delete="DeleteConnection",
        takes="ConnectionName ProviderType HostArn", who="ConnectionArn", id="ConnectionArn",
        read=("GetConnection", "Connection"), tagging=Tagging(), arn="{id}",
    )


TYPES = handlers(
    _connection("CodeStarConnections", "codestar-connections"), _connection("CodeConnections", "codeconnections"),
)

"""AWS CodeConnections (formerly CodeStar Connections): connections to git hosts, and what stands in for the hosts.

On AWS a connection is PENDING until a person completes it in the console of AWS and at the host. There is no such
console here: a connection stays PENDING, serves all the same, and the report says that a person has to do so on AWS
(Developer Tools console User Guide, "Update a pending connection").
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller
from crossdock.local.repositories.remotes import Remotes
from crossdock.local.repositories.state import Connection, Host

if TYPE_CHECKING:
    from crossdock.local.world import World

HOSTS: Mapping[str, str] = {"GitHub": "github.com", "GitLab": "gitlab.com", "Bitbucket": "bitbucket.org"}
"""Provider type -> host, of those that are the same for everybody."""
_INSTALLED = ("GitHubEnterpriseServer", "GitLabSelfManaged")


class CodeStarConnections(Remotes):
    """Connections of every account and region, whichever of the service's two names made them."""

    service = "codestar-connections"

    def connection(self, arn: str) -> Connection:
        """Raises ResourceNotFoundException."""
        if arn not in self.state.connections:
            raise AwsError("ResourceNotFoundException", f"Connection {arn} not found")
        return self.state.connections[arn]

    def create_connection(self, call: Call) -> Mapping[str, Any]:
        name, provider = call.params["ConnectionName"], call.params.get("ProviderType", "")
        host_arn = call.params.get("HostArn", "")
        if bool(provider) is bool(host_arn):
            raise AwsError("InvalidInputException", "Exactly one of ProviderType and HostArn must be given")
        if any(one.name == name for one in self._own(self.state.connections, call)):
            raise AwsError("InvalidInputException", f"A connection with the name {name} already exists")
        if host_arn:
            installed = self._host(host_arn)
            provider, host = installed.provider, urlsplit(installed.endpoint).hostname or ""
        elif provider in _INSTALLED:
            raise AwsError("InvalidInputException", f"A connection to {provider} needs a HostArn")
        else:
            host = HOSTS[provider]
        made = Connection(arn=call.arn(f"connection/{uuid.uuid4()}"), name=name, account=call.account,
                          provider=provider, host=host, host_arn=host_arn, tags=_tags(call))
        self.state.connections[made.arn] = made
        return {"ConnectionArn": made.arn, "Tags": _drawn(made.tags)}

    def get_connection(self, call: Call) -> Mapping[str, Any]:
        return {"Connection": _shown(self.connection(call.params["ConnectionArn"]))}

    def list_connections(self, call: Call) -> Mapping[str, Any]:
        wanted = {"provider": call.params.get("ProviderTypeFilter"), "host_arn": call.params.get("HostArnFilter")}
        found = [one for one in self._own(self.state.connections, call)
                 if all(not value or getattr(one, name) == value for name, value in wanted.items())]
        return {"Connections": [_shown(one) for one in sorted(found, key=lambda one: one.name)]}

    def delete_connection(self, call: Call) -> None:
        self.connection(call.params["ConnectionArn"])
        del self.state.connections[call.params["ConnectionArn"]]

    def create_host(self, call: Call) -> Mapping[str, Any]:
        name, provider = call.params["Name"], call.params["ProviderType"]
        if provider not in _INSTALLED:
            raise AwsError("InvalidInputException", f"{provider} has no hosts of one's own")
        made = Host(arn=call.arn(f"host/{name}-{uuid.uuid4().hex[:8]}"), name=name, provider=provider,
                    endpoint=call.params["ProviderEndpoint"], vpc=dict(call.params.get("VpcConfiguration") or {}),
                    tags=_tags(call))
        self.state.hosts[made.arn] = made
        return {"HostArn": made.arn, "Tags": _drawn(made.tags)}

    def get_host(self, call: Call) -> Mapping[str, Any]:
        host = self._host(call.params["HostArn"])
        return {"Name": host.name, "Status": "PENDING", "ProviderType": host.provider,
                "ProviderEndpoint": host.endpoint, **({"VpcConfiguration": host.vpc} if host.vpc else {})}

    def list_hosts(self, call: Call) -> Mapping[str, Any]:
        return {"Hosts": [
            {"HostArn": one.arn, "Name": one.name, "Status": "PENDING", "ProviderType": one.provider,
             "ProviderEndpoint": one.endpoint} for one in self._own(self.state.hosts, call)]}

    def delete_host(self, call: Call) -> None:
        self._host(call.params["HostArn"])
        if any(one.host_arn == call.params["HostArn"] for one in self.state.connections.values()):
            raise AwsError("ResourceUnavailableException", "The host has connections; delete them first")
        del self.state.hosts[call.params["HostArn"]]

    def tag_resource(self, call: Call) -> None:
        self._tagged(call).tags.update(_tags(call))

    def untag_resource(self, call: Call) -> None:
        for key in call.params["TagKeys"]:
            self._tagged(call).tags.pop(key, None)

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"Tags": _drawn(self._tagged(call).tags)}

    def tags(self, arn: str) -> Mapping[str, str]:
        found = self.state.connections.get(arn) or self.state.hosts.get(arn)
        return found.tags if found else {}

    def _tagged(self, call: Call) -> Connection | Host:
        arn = call.params["ResourceArn"]
        return self.state.hosts[arn] if arn in self.state.hosts else self.connection(arn)

    def _host(self, arn: str) -> Host:
        if arn not in self.state.hosts:
            raise AwsError("ResourceNotFoundException", f"Host {arn} not found")
        return self.state.hosts[arn]

    def _own(self, held: Mapping[str, Any], call: Call) -> list[Any]:
        return [one for arn, one in held.items() if arn.split(":")[3:5] == [call.region, call.account]]


class CodeConnections(CodeStarConnections):
    """The service under its newer name: the same connections, and ARNs of its own for those that it makes."""

    service = "codeconnections"

    def handle(self, call: Call) -> Mapping[str, Any]:
        return self.world.engine(CodeStarConnections.service).handle(replace(call, service=self.service))

    def tags(self, arn: str) -> Mapping[str, str]:
        return self.world.engine(CodeStarConnections.service).tags(arn)


def use_connection(world: World, caller: Caller, arn: str, repository: str, branch: str) -> None:
    """Ask whether a caller may use a connection for a repository. Raises AwsError."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[2] not in ("codestar-connections", "codeconnections"):
        raise AwsError("InvalidInputException", f"{arn} is no connection's ARN")
    owner, _, name = repository.partition("/")
    keys = {"FullRepositoryId": repository, "OwnerId": owner, "RepositoryName": name, "BranchName": branch}
    world.authorize(caller, action=f"{parts[2]}:UseConnection", resource=arn, account=parts[4], region=parts[3],
                    context={f"{parts[2]}:{key}": value for key, value in keys.items() if value})


def _tags(call: Call) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or ()}


def _drawn(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _shown(connection: Connection) -> dict[str, Any]:
    return {
        "ConnectionName": connection.name, "ConnectionArn": connection.arn, "ProviderType": connection.provider,
        "OwnerAccountId": connection.account, "ConnectionStatus": "PENDING",
        **({"HostArn": connection.host_arn} if connection.host_arn else {}),
    }

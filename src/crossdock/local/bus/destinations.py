"""Connections and API destinations: web addresses as targets of rules.

EventBridge User Guide, "API destinations as targets". The secret that AWS keeps for a connection is kept within it
here. Only addresses on this machine are called: a rehearsal calls nobody else.
"""

from __future__ import annotations

import base64
import http.client
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from crossdock.local.bus.deliveries import Deliveries
from crossdock.local.bus.state import ApiDestination, Connection
from crossdock.local.engine import AwsError, Call, NotEmulated

SECONDS = 5.0
"""User Guide: a request to an API destination may take five seconds."""
HERE = ("127.0.0.1", "localhost", "::1")


class Destinations(Deliveries):
    """Operations of the engine about them."""

    # -- connections

    def create_connection(self, call: Call) -> Mapping[str, Any]:
        p, name = call.params, str(call.params["Name"])
        if self._by_name(self.state.connections, call, name) is not None:
            raise AwsError("ResourceAlreadyExistsException", f"Connection {name} already exists.", 400)
        label = str(uuid.uuid4())
        arn = call.arn(f"connection/{name}/{label}")
        made = Connection(
            arn=arn, name=name, account=call.account, region=call.region, kind=str(p["AuthorizationType"]),
            parameters=dict(p.get("AuthParameters") or {}), description=str(p.get("Description") or ""),
            secret=f"arn:{call.partition}:secretsmanager:{call.region}:{call.account}:secret:events!connection/{name}/"
                   f"{label}-{label[:6]}")
        self.state.connections[arn] = made
        return _state(made)

    def update_connection(self, call: Call) -> Mapping[str, Any]:
        p, found = call.params, self._connection(call)
        found.kind = str(p.get("AuthorizationType") or found.kind)
        found.parameters |= p.get("AuthParameters") or {}
        found.description = str(p.get("Description") if p.get("Description") is not None else found.description)
        found.modified = datetime.now(UTC)
        return _state(found)

    def describe_connection(self, call: Call) -> Mapping[str, Any]:
        found = self._connection(call)
        return {**_state(found), "Name": found.name, "Description": found.description or None,
                "SecretArn": found.secret, "AuthorizationType": found.kind, "AuthParameters": _public(found.parameters),
                "LastAuthorizedTime": found.modified}

    def list_connections(self, call: Call) -> Mapping[str, Any]:
        prefix = str(call.params.get("NamePrefix") or "")
        return {"Connections": [{**_state(one), "Name": one.name, "AuthorizationType": one.kind}
                                for one in self._mine(self.state.connections, call) if one.name.startswith(prefix)]}

    def delete_connection(self, call: Call) -> Mapping[str, Any]:
        found = self._connection(call)
        del self.state.connections[found.arn]
        return {**_state(found), "ConnectionState": "DELETING"}

    def _connection(self, call: Call) -> Connection:
        found: Connection | None = self._by_name(self.state.connections, call, str(call.params["Name"]))
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Failed to describe the connection(s). Connection "
                           f"'{call.params['Name']}' does not exist.", 400)
        return found

    # -- destinations

    def create_api_destination(self, call: Call) -> Mapping[str, Any]:
        p, name = call.params, str(call.params["Name"])
        if self._by_name(self.state.api_destinations, call, name) is not None:
            raise AwsError("ResourceAlreadyExistsException", f"An api-destination '{name}' already exists.", 400)
        if str(p["ConnectionArn"]) not in self.state.connections:
            raise AwsError("ResourceNotFoundException", f"Connection '{p['ConnectionArn']}' does not exist.", 400)
        arn = call.arn(f"api-destination/{name}/{uuid.uuid4()}")
        made = ApiDestination(
            arn=arn, name=name, account=call.account, region=call.region, connection=str(p["ConnectionArn"]),
            address=str(p["InvocationEndpoint"]), method=str(p["HttpMethod"]),
            rate=int(p.get("InvocationRateLimitPerSecond") or 300), description=str(p.get("Description") or ""))
        self.state.api_destinations[arn] = made
        return _reachable(made)

    def update_api_destination(self, call: Call) -> Mapping[str, Any]:
        p, found = call.params, self._destination(call)
        for member, attribute in (("ConnectionArn", "connection"), ("InvocationEndpoint", "address"),
                                  ("HttpMethod", "method"), ("InvocationRateLimitPerSecond", "rate"),
                                  ("Description", "description")):
            if p.get(member) is not None:
                setattr(found, attribute, p[member])
        found.modified = datetime.now(UTC)
        return _reachable(found)

    def describe_api_destination(self, call: Call) -> Mapping[str, Any]:
        return _whole(self._destination(call))

    def list_api_destinations(self, call: Call) -> Mapping[str, Any]:
        prefix = str(call.params.get("NamePrefix") or "")
        return {"ApiDestinations": [_whole(one) for one in self._mine(self.state.api_destinations, call)
                                    if one.name.startswith(prefix)]}

    def delete_api_destination(self, call: Call) -> Mapping[str, Any]:
        del self.state.api_destinations[self._destination(call).arn]
        return {}

    def _destination(self, call: Call) -> ApiDestination:
        found: ApiDestination | None = self._by_name(self.state.api_destinations, call, str(call.params["Name"]))
        if found is None:
            raise AwsError("ResourceNotFoundException", "Failed to describe the api-destination(s). An api-destination "
                           f"'{call.params['Name']}' does not exist.", 400)
        return found

    def _mine(self, held: Mapping[str, Any], call: Call) -> list[Any]:
        return [one for one in held.values() if (one.account, one.region) == (call.account, call.region)]

    def _by_name(self, held: Mapping[str, Any], call: Call, name: str) -> Any:
        return next((one for one in self._mine(held, call) if one.name == name), None)

    # -- requests

    def send_to_address(self, arn: str, body: str, parameters: Mapping[str, Any]) -> str:
        """What an API destination answers to one event. `parameters`: the target's HttpParameters. Raises AwsError,
        NotEmulated."""
        found = self.state.api_destinations.get(arn)
        connection = self.state.connections.get(found.connection) if found is not None else None
        if found is None or connection is None:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist", 400)
        address = found.address
        for value in parameters.get("PathParameterValues") or ():
            address = address.replace("*", quote(str(value), safe=""), 1)
        where = urlsplit(address)
        if where.hostname not in HERE:
            raise NotEmulated(f"API destinations beyond this machine ({where.hostname})")
        query = {**dict(parameters.get("QueryStringParameters") or {})}
        headers = {"Content-Type": "application/json; charset=utf-8",
                   "User-Agent": "Amazon/EventBridge/ApiDestinations",
                   **dict(parameters.get("HeaderParameters") or {}), **_authorization(connection)}
        reached = http.client.HTTPConnection(where.hostname, where.port or 80, timeout=SECONDS)
        try:
            path = "?".join(part for part in (where.path or "/", where.query, urlencode(query)) if part)
            reached.request(found.method, path, body.encode(), headers)
            told = reached.getresponse()
            status, answer = told.status, told.read().decode("utf-8", "replace")
        except OSError as error:
            raise AwsError("ConnectionFailure", f"{address}: {error}", 503) from error
        finally:
            reached.close()
        if status >= 400:
            code = "ThrottlingException" if status == 429 else "InternalServerError" if status >= 500 else "ClientError"
            raise AwsError(code, f"{address} answered {status}", status)
        return answer


def _authorization(connection: Connection) -> dict[str, str]:
    match connection.kind:
        case "BASIC":
            given = connection.parameters["BasicAuthParameters"]
            pair = f"{given['Username']}:{given['Password']}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        case "API_KEY":
            given = connection.parameters["ApiKeyAuthParameters"]
            return {str(given["ApiKeyName"]): str(given["ApiKeyValue"])}
        case kind:
            raise NotEmulated(f"{kind} connections of EventBridge")


_SECRET = ("Password", "ApiKeyValue", "ClientSecret", "Value")


def _public(parameters: Any) -> Any:
    """Parameters without what is secret in them, as DescribeConnection shows them."""
    match parameters:
        case Mapping():
            return {key: _public(value) for key, value in parameters.items() if key not in _SECRET}
        case list():
            return [_public(one) for one in parameters]
        case _:
            return parameters


def _state(found: Connection) -> dict[str, Any]:
    return {"ConnectionArn": found.arn, "ConnectionState": "AUTHORIZED", "CreationTime": found.created,
            "LastModifiedTime": found.modified}


def _reachable(found: ApiDestination) -> dict[str, Any]:
    return {"ApiDestinationArn": found.arn, "ApiDestinationState": "ACTIVE", "CreationTime": found.created,
            "LastModifiedTime": found.modified}


def _whole(found: ApiDestination) -> dict[str, Any]:
    return {**_reachable(found), "Name": found.name, "Description": found.description or None,
            "ConnectionArn": found.connection, "InvocationEndpoint": found.address, "HttpMethod": found.method,
            "InvocationRateLimitPerSecond": found.rate}

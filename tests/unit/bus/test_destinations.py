"""API destinations: web addresses as targets of rules, with what a connection adds."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.worlds import ACCOUNT, one_account

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld



@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    yield from one_account(tmp_path_factory.mktemp("local"))


@pytest.fixture
def site() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web address on this machine, and what came there."""
    got: list[dict[str, Any]] = []

    class Site(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            got.append({"path": self.path, "key": self.headers["x-key"], "body": body})
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing to tell."""

    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


def test_an_event_reaches_an_address_on_this_machine_with_the_connections_key(world: LocalWorld, site: Any) -> None:
    address, got = site
    events, iam = world.client("events", world.root_user(ACCOUNT)), world.client("iam", world.root_user(ACCOUNT))
    role = iam.create_role(RoleName="caller", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                                                "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
    connection = events.create_connection(Name="c", AuthorizationType="API_KEY", AuthParameters={
        "ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}})["ConnectionArn"]
    assert "ApiKeyValue" not in events.describe_connection(Name="c")["AuthParameters"]["ApiKeyAuthParameters"]
    destination = events.create_api_destination(Name="d", ConnectionArn=connection, HttpMethod="POST",
                                                InvocationEndpoint=f"{address}/orders/*")["ApiDestinationArn"]
    events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
    target = {"Id": "t", "Arn": destination, "RoleArn": role, "InputPath": "$.detail",
              "HttpParameters": {"PathParameterValues": ["7"]}}
    assert events.put_targets(Rule="r", Targets=[target])["FailedEntryCount"] == 0
    put = {"Entries": [{"Source": "shop", "DetailType": "x", "Detail": '{"id": 1}'}]}
    events.put_events(**put)
    engine: Any = world.engine("events")
    until = time.monotonic() + 20
    while not engine.state.failures:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert "events:InvokeApiDestination" in engine.state.failures[-1].message
    iam.put_role_policy(RoleName="caller", PolicyName="may", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "events:InvokeApiDestination", "Resource": destination}]}))
    events.put_events(**put)
    while not got:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert got == [{"path": "/orders/7", "key": "secret", "body": {"id": 1}}]


def test_addresses_elsewhere_are_never_called(world: LocalWorld) -> None:
    events = world.client("events", world.root_user(ACCOUNT))
    connection = events.create_connection(Name="e", AuthorizationType="BASIC", AuthParameters={
        "BasicAuthParameters": {"Username": "u", "Password": "p"}})["ConnectionArn"]
    arn = events.create_api_destination(Name="far", ConnectionArn=connection, HttpMethod="POST",
                                        InvocationEndpoint="https://example.com/x")["ApiDestinationArn"]
    engine: Any = world.engine("events")
    with pytest.raises(Exception, match=r"API destinations beyond this machine \(example.com\)"):
        engine.send_to_address(arn, "{}", {})
    with pytest.raises(ClientError, match="does not exist"):
        events.create_api_destination(Name="n", ConnectionArn="arn:none", HttpMethod="POST",
                                      InvocationEndpoint="https://example.com")


def test_a_rule_calls_an_api_and_is_told_when_that_fails(world: LocalWorld) -> None:
    events, gateway = (world.client(name, world.root_user(ACCOUNT)) for name in ("events", "apigateway"))
    mock = {"responses": {"200": {}}, "x-amazon-apigateway-integration": {
        "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}}}}
    api = gateway.import_rest_api(body=json.dumps(
        {"swagger": "2.0", "info": {"title": "a"}, "paths": {"/in/{x}": {"post": mock}}}))["id"]
    gateway.create_deployment(restApiId=api, stageName="live")
    arn = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{api}/live/POST"
    events.put_rule(Name="api", EventPattern='{"source": ["api"]}')
    targets = [{"Id": "good", "Arn": f"{arn}/in/*", "HttpParameters": {"PathParameterValues": ["7"]}},
               {"Id": "bad", "Arn": f"{arn}/out"}]
    assert events.put_targets(Rule="api", Targets=targets)["FailedEntryCount"] == 0
    engine: Any = world.engine("events")
    before = len(engine.state.failures)
    events.put_events(Entries=[{"Source": "api", "DetailType": "x", "Detail": "{}"}])
    until = time.monotonic() + 20
    while len(engine.state.failures) == before or engine.state.pending:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert [(one.target, one.message) for one in engine.state.failures[before:]] == [
        (f"{arn}/out", f"{arn}/out answered 403")]

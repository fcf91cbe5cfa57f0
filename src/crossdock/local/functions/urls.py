"""Function URLs: an address of its own for a function. The local AWS answers at its own endpoint, and says so.

Source: Lambda Developer Guide, "Creating and managing Lambda function URLs", "Invoking Lambda function URLs" (events
are of payload format 2.0), "Control access to Lambda function URLs".
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError, Call, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.functions.state import Function, State
from crossdock.local.world import World

if TYPE_CHECKING:
    from crossdock.local.gateway.exchange import Visit

ROUTE = "lambda-url"
"""First segment below `/_aws/`."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class FunctionUrls:
    """The operations of the API that are about function URLs, and the way in for those who call them."""

    world: World
    state: State

    def _find(self, call: Call) -> tuple[Function, str]:
        raise NotImplementedError

    def run(self, arn: str, event: bytes) -> tuple[bytes, bool]:
        raise NotImplementedError

    def create_function_url_config(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        if qualifier in function.urls:
            raise AwsError("ResourceConflictException", "Failed to create function url config for [functionArn = "
                           f"{function.arn}]. Error message:  FunctionUrlConfig exists for this Lambda function", 409)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        name = "".join(secrets.choice(_LETTERS) for _ in range(32))
        function.urls[qualifier] = {
            **_settings(call.params, {"InvokeMode": "BUFFERED"}), "Id": name, "CreationTime": now,
            "FunctionArn": function.arn + (f":{qualifier}" if qualifier else ""),
        }
        return self._url(function, qualifier)

    def update_function_url_config(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        self._url(function, qualifier)
        function.urls[qualifier] = _settings(call.params, function.urls[qualifier])
        return self._url(function, qualifier)

    def get_function_url_config(self, call: Call) -> Mapping[str, Any]:
        return self._url(*self._find(call))

    def list_function_url_configs(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        return {"FunctionUrlConfigs": [self._url(function, qualifier) for qualifier in sorted(function.urls)]}

    def delete_function_url_config(self, call: Call) -> None:
        function, qualifier = self._find(call)
        self._url(function, qualifier)
        del function.urls[qualifier]

    def _url(self, function: Function, qualifier: str) -> dict[str, Any]:
        if qualifier not in function.urls:
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        held = function.urls[qualifier]
        return {**held, "FunctionUrl": f"{self.world.endpoint}/_aws/{ROUTE}/{held['Id']}/",
                "LastModifiedTime": held["CreationTime"]}

    def http(self, request: HttpRequest) -> HttpResponse:
        """A request to a function URL: `/<id>/<path>`."""
        from crossdock.local.gateway.exchange import Malformed, message, visit_of
        from crossdock.local.gateway.v2 import payload

        name, _, below = request.path.lstrip("/").partition("/")
        found = next((url for function in list(self.state.functions.values()) for url in function.urls.values()
                      if url["Id"] == name), None)
        here = visit_of(self.world.endpoint, request, f"/{below}")
        if found is None:
            return _said(403, "Forbidden")
        arn = str(found["FunctionArn"])
        region, account = arn.split(":")[3:5]
        try:
            self.world.authorize(
                request.caller, action="lambda:InvokeFunctionUrl", resource=arn, account=account, region=region,
                context={"lambda:FunctionUrlAuthType": str(found["AuthType"])})
        except AwsError:
            return _said(403, "Forbidden")
        event = payload.event(here, context=_context(here, found, region), key="$default", raw_path=here.path,
                              variables={}, stage_variables={})
        answer, failed = self.run(arn, json.dumps(event).encode())
        if failed:
            return message(502, "Internal Server Error", here)
        try:
            return payload.respond(here, answer)
        except Malformed:
            return message(502, "Internal Server Error", here)


def _settings(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    made = {**held, **{name: params[name] for name in ("AuthType", "Cors", "InvokeMode") if name in params}}
    if made["InvokeMode"] != "BUFFERED":
        raise NotEmulated("response streaming of function URLs")
    return made


def _said(status: int, text: str) -> HttpResponse:
    return HttpResponse(status=status, headers={"Content-Type": "application/json"},
                        body=json.dumps({"Message": text}).encode())


def _context(here: Visit, found: Mapping[str, Any], region: str) -> dict[str, Any]:
    caller = here.request.caller
    made: dict[str, Any] = {
        "accountId": caller.account or "anonymous", "apiId": found["Id"], "domainPrefix": found["Id"],
        "domainName": f"{found['Id']}.lambda-url.{region}.on.aws", "requestId": here.id, "routeKey": "$default",
        "stage": "$default", "time": here.stamp, "timeEpoch": here.milliseconds,
        "http": {"method": here.request.method, "path": here.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                 "userAgent": here.request.headers.get("user-agent", "")},
    }
    if found["AuthType"] == "AWS_IAM":
        made["authorizer"] = {"iam": {"accountId": caller.account, "userArn": caller.arn, "callerId": caller.user_id,
                                      "userId": caller.user_id, "accessKey": "", "cognitoIdentity": None}}
    return made



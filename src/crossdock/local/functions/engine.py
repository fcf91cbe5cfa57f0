"""The Lambda API: functions, versions, aliases, permissions, invocations."""

from __future__ import annotations

import base64
import binascii
import json
import random
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from crossdock.local.engine import AwsError, Call, Engine, NotEmulated
from crossdock.local.functions import aliases, code, destinations, layers, permissions, public_layers, report, vpc
from crossdock.local.functions.destinations import EventInvokeConfigs
from crossdock.local.functions.layers import Layers
from crossdock.local.functions.naming import split
from crossdock.local.functions.polling import Poller
from crossdock.local.functions.running import Runner
from crossdock.local.functions.runtimes import known
from crossdock.local.functions.settings import chosen
from crossdock.local.functions.sources import EventSources
from crossdock.local.functions.state import LATEST, Function, State, Version
from crossdock.local.functions.urls import FunctionUrls
from crossdock.local.world import World

REQUEST_LIMITS = {"RequestResponse": 6_291_456, "Event": 1_048_576}
"""Bytes; Lambda quotas, "Invocation payload (request and response)"."""
TIMES = ("", "once", "twice", "three times")
RETRY_SECONDS = (1.0, 2.0)
"""Between tries of an asynchronous invocation. AWS waits one and two minutes; here they are seconds, and said."""


class Lambda(Layers, EventSources, EventInvokeConfigs, FunctionUrls, Engine):
    """Functions run in processes of their own as their role; see `running`."""

    service: ClassVar[str] = "lambda"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()
        self.runner = Runner(world)
        self.poller = Poller(world, lambda: list(self.state.sources.values()), self._by_arn, self.run)
        self._lock = threading.RLock()

    def start(self) -> None:
        self.runner.start()
        self.poller.start()

    def stop(self) -> None:
        self.poller.stop()
        self.runner.stop()

    # -- functions

    def create_function(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        name, _ = split(str(p["FunctionName"]))
        if (call.account, call.region, name) in self.state.functions:
            raise AwsError("ResourceConflictException", f"Function already exist: {name}", 409)
        if p.get("PackageType", "Zip") != "Zip":
            raise NotEmulated("Lambda functions made from images")
        settings = {**self._settled(call, chosen(p, creating=True)), "FunctionName": name}
        self._trusts(str(settings["Role"]), call)
        self._reaches(settings, call)
        package = self._unpack(call, p["Code"])
        arn = call.arn(f"function:{name}")
        function = Function(name=name, account=call.account, region=call.region, arn=arn, tags=dict(p.get("Tags", {})))
        function.versions[LATEST] = Version(
            version=LATEST, code=package.folder, code_sha256=package.sha256, code_size=package.size, settings=settings,
            revision=str(uuid.uuid4()),
        )
        with self._lock:
            self.state.functions[call.account, call.region, name] = function
        if p.get("Publish"):
            return self._configuration(function, self._publish(function, str(p.get("Description", ""))))
        return self._configuration(function, function.latest)

    def update_function_code(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        _unchanged(function.latest, call)
        package = self._unpack(call, call.params)
        if not call.params.get("DryRun"):
            latest = function.latest
            latest.code, latest.code_sha256, latest.code_size = package.folder, package.sha256, package.size
            latest.settings |= {"Architectures": call.params.get("Architectures") or latest.settings["Architectures"]}
            self._changed(function)
        if call.params.get("Publish"):
            return self._configuration(function, self._publish(function, ""))
        return self._configuration(function, function.latest)

    def update_function_configuration(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        _unchanged(function.latest, call)
        changes = self._settled(call, chosen(call.params, creating=False))
        if "Role" in changes:
            self._trusts(str(changes["Role"]), call)
        settings = {**function.latest.settings, **changes}
        self._reaches(settings, call)
        function.latest.settings = settings
        self._changed(function)
        return self._configuration(function, function.latest)

    def get_function(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        version = self._version(function, qualifier)
        answer: dict[str, Any] = {
            "Configuration": self._configuration(function, version, qualifier),
            "Code": {"RepositoryType": "S3", "Location": f"{self.world.endpoint}/_aws/lambda/code/{version.code}"},
            "Tags": function.tags,
        }
        return answer | ({"Concurrency": {"ReservedConcurrentExecutions": function.concurrency}}
                         if function.concurrency is not None else {})

    def get_function_configuration(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        return self._configuration(function, self._version(function, qualifier), qualifier)

    def delete_function(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        with self._lock:
            if qualifier:
                if not qualifier.isdigit():
                    why = "$LATEST version cannot be deleted without deleting the function." if qualifier == LATEST \
                        else "Deletion of aliases is not currently supported."
                    raise AwsError("InvalidParameterValueException", why, 400)
                aliases.unused(function, qualifier)
                function.versions.pop(qualifier, None)
            else:
                del self.state.functions[function.account, function.region, function.name]
        self.runner.retire(function)
        return {}

    def list_functions(self, call: Call) -> Mapping[str, Any]:
        found = sorted((f for (a, r, _), f in self.state.functions.items() if (a, r) == (call.account, call.region)),
                       key=lambda f: f.name)
        return {"Functions": [self._configuration(f, f.latest) for f in found]}

    def publish_version(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        _unchanged(function.latest, call)
        wanted, found = call.params.get("CodeSha256"), function.latest.code_sha256
        if wanted and wanted != found:
            raise AwsError("InvalidParameterValueException", f"CodeSHA256 ({wanted}) is different from current "
                           f"CodeSHA256 in $LATEST ({found}). Please try again with the CodeSHA256 in $LATEST.", 400)
        return self._configuration(function, self._publish(function, str(call.params.get("Description", ""))))

    def list_versions_by_function(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        return {"Versions": [self._configuration(function, v, v.version) for v in function.versions.values()]}

    def put_function_concurrency(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        function.concurrency = int(call.params["ReservedConcurrentExecutions"])
        return {"ReservedConcurrentExecutions": function.concurrency}

    def delete_function_concurrency(self, call: Call) -> Mapping[str, Any]:
        self._find(call)[0].concurrency = None
        return {}

    def get_function_code_signing_config(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        return {"FunctionName": function.name}

    # -- tags

    def list_tags(self, call: Call) -> Mapping[str, Any]:
        return {"Tags": self._named(call, str(call.params["Resource"]))[0].tags}

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        self._named(call, str(call.params["Resource"]))[0].tags.update(call.params["Tags"])
        return {}

    def untag_resource(self, call: Call) -> Mapping[str, Any]:
        tags = self._named(call, str(call.params["Resource"]))[0].tags
        for key in call.params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def tags(self, arn: str) -> Mapping[str, str]:
        function = self._by_arn(arn)
        return function.tags if function else {}

    # -- aliases

    def create_alias(self, call: Call) -> Mapping[str, Any]:
        return aliases.create(self._find(call)[0], call.params)

    def get_alias(self, call: Call) -> Mapping[str, Any]:
        return aliases.get(self._find(call)[0], str(call.params["Name"]))

    def update_alias(self, call: Call) -> Mapping[str, Any]:
        return aliases.update(self._find(call)[0], call.params)

    def delete_alias(self, call: Call) -> Mapping[str, Any]:
        self._find(call)[0].aliases.pop(str(call.params["Name"]), None)
        return {}

    def list_aliases(self, call: Call) -> Mapping[str, Any]:
        function, _ = self._find(call)
        return {"Aliases": [aliases.get(function, name) for name in sorted(function.aliases)]}

    # -- permissions

    def add_permission(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        self._version(function, qualifier)
        made = permissions.statement(call, function.arn + (f":{qualifier}" if qualifier else ""))
        permissions.add(function, qualifier, made)
        return {"Statement": json.dumps(made)}

    def remove_permission(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        permissions.remove(function, qualifier, str(call.params["StatementId"]))
        return {}

    def get_policy(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        return permissions.answer(function, qualifier)

    def resource_policy(self, arn: str) -> str | None:
        if public_layers.is_public(arn, self.world.accounts):
            return public_layers.policy(arn)
        function = self._by_arn(arn)
        return permissions.policy(function, split(arn)[1]) if function else None

    # -- invocation

    def invoke(self, call: Call) -> Mapping[str, Any]:
        function, qualifier = self._find(call)
        version = self._executed(function, qualifier)
        event = bytes(call.params.get("Payload") or b"{}")
        kind = str(call.params.get("InvocationType", "RequestResponse"))
        if len(event) > (most := REQUEST_LIMITS.get(kind, len(event))):
            raise AwsError("RequestTooLargeException",
                           f"Request must be smaller than {most} bytes for the InvokeFunction operation", 413)
        try:
            json.loads(event)
        except ValueError as error:
            raise AwsError("InvalidRequestContentException",
                           f"Could not parse request body into json: {error}", 400) from error
        arn = function.arn + (f":{qualifier}" if qualifier else "")
        match kind:
            case "DryRun":
                return {"StatusCode": 204, "Payload": b""}
            case "Event":
                args = (function, version, event, qualifier)
                threading.Thread(target=self._later, args=args, daemon=True).start()
                return {"StatusCode": 202, "Payload": b""}
            case _:
                outcome = self.runner.run(function, version, event, arn=arn,
                                          client_context=_client_context(call.params))
        answer: dict[str, Any] = {"StatusCode": 200, "Payload": outcome.payload, "ExecutedVersion": version.version}
        if outcome.error:
            answer["FunctionError"] = outcome.error
        if call.params.get("LogType") == "Tail":
            answer["LogResult"] = report.tail(outcome)
        return answer

    def _later(self, function: Function, version: Version, event: bytes, qualifier: str) -> None:
        """An asynchronous invocation: up to two more tries (Lambda Developer Guide, "Asynchronous invocation")."""
        why, payload = "", b""
        arn = function.arn + (f":{qualifier}" if qualifier else "")
        for again in range(most := destinations.tries(function, qualifier)):
            if again:
                self.world.substitution(f"an asynchronous invocation of {function.name} was tried again after seconds, "
                                        "not after minutes")
                if self.runner.ended.wait(RETRY_SECONDS[again - 1]):
                    return
            try:
                outcome = self.runner.run(function, version, event, arn=arn)
                why, payload = "its handler failed" if outcome.error else "", outcome.payload
            except AwsError as error:
                why = error.message
            if not why:
                break
        try:
            sent = destinations.conclude(self.world, function, version, qualifier, event=event, payload=payload,
                                         why=why, request_id=str(uuid.uuid4()))
        except AwsError as error:
            sent, why = "", f"{why or 'it worked'}, but its record could not be sent on: {error.message}"
        if why and not sent:
            self.world.substitution(f"an asynchronous invocation of {function.name} failed {TIMES[most]}; its event is "
                                    f"lost: {why}")

    def run(self, arn: str, event: bytes) -> tuple[bytes, bool]:
        """A synchronous invocation by another engine, which has asked the door: (payload, failed)."""
        function = self._by_arn(arn)
        if function is None:
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)
        outcome = self.runner.run(function, self._executed(function, split(arn)[1]), event, arn=arn)
        return outcome.payload, bool(outcome.error)

    def begin(self, arn: str, event: bytes) -> None:
        """An asynchronous invocation by another engine, which has asked the door."""
        function, qualifier = self._by_arn(arn), split(arn)[1]
        if function is None:
            raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)
        args = (function, self._executed(function, qualifier), event, qualifier)
        threading.Thread(target=self._later, args=args, daemon=True).start()

    # -- helpers

    def _find(self, call: Call) -> tuple[Function, str]:
        return self._named(call, str(call.params["FunctionName"]), str(call.params.get("Qualifier", "")))

    def _named(self, call: Call, reference: str, qualifier: str = "") -> tuple[Function, str]:
        name, own = split(reference)
        function = self.state.functions.get((call.account, call.region, name))
        if function is None:
            raise AwsError("ResourceNotFoundException", f"Function not found: {call.arn(f'function:{name}')}", 404)
        return function, qualifier or own

    def _by_arn(self, arn: str) -> Function | None:
        parts = arn.split(":")
        if len(parts) < 7 or parts[5] != "function":
            return None
        return self.state.functions.get((parts[4], parts[3], parts[6]))

    def _version(self, function: Function, qualifier: str) -> Version:
        alias = function.aliases.get(qualifier)
        version = function.versions.get(alias.version if alias else qualifier or LATEST)
        if version is None:
            raise AwsError("ResourceNotFoundException", f"Function not found: {function.arn}:{qualifier}", 404)
        return version

    def must_run(self, account: str, region: str, reference: str) -> None:
        """Raises NotEmulated for a function whose runtime nothing here runs: who would wait for it is told at once."""
        name, qualifier = split(reference)
        function = self.state.functions.get((account, region, name))
        if function is not None:
            runtime = str(self._version(function, qualifier).settings.get("Runtime", ""))
            if not known(runtime):
                raise NotEmulated(f"running the Lambda runtime {runtime}")

    def _executed(self, function: Function, qualifier: str) -> Version:
        """The version that an invocation runs: an alias may route to two."""
        alias = function.aliases.get(qualifier)
        return self._version(function, aliases.choose(alias, random.random()) if alias else qualifier)  # noqa: S311

    def _trusts(self, role: str, call: Call) -> None:
        try:
            self.world.assume(role, service="lambda.amazonaws.com", session="check", source_account=call.account,
                              source_arn=call.arn(f"function:{split(str(call.params['FunctionName']))[0]}"))
        except AwsError:
            raise AwsError("InvalidParameterValueException",
                           "The role defined for the function cannot be assumed by Lambda.", 400) from None

    def _settled(self, call: Call, settings: dict[str, Any]) -> dict[str, Any]:
        """Settings with what they name looked up: layers, and the network a function is put into."""
        destinations.checked_queue(settings.get("DeadLetterConfig") or {})
        if "Layers" in settings:
            settings["Layers"] = layers.used(self.state, settings["Layers"], self.world.accounts)
        if any((settings.get("VpcConfig") or {}).get(name) for name in ("SubnetIds", "SecurityGroupIds")):
            settings["VpcConfig"] = vpc.found(self.world, call, settings["VpcConfig"])
        return settings

    def _reaches(self, settings: Mapping[str, Any], call: Call) -> None:
        if (settings.get("VpcConfig") or {}).get("SubnetIds"):
            vpc.allowed(self.world, call, str(settings["Role"]))

    def _unpack(self, call: Call, source: Mapping[str, Any]) -> code.Package:
        if source.get("ImageUri"):
            raise NotEmulated("Lambda functions made from images")
        return code.unpack(code.fetch(self.world, call, source), self.world.root / "lambda" / "code")

    def _changed(self, function: Function) -> None:
        function.latest.revision = str(uuid.uuid4())
        function.latest.modified = datetime.now(UTC)
        self.runner.retire(function)

    def _publish(self, function: Function, description: str) -> Version:
        """A new version of `$LATEST`, unless nothing changed since the last one (PublishVersion API)."""
        latest, published = function.latest, [v for n, v in function.versions.items() if n != LATEST]
        last = published[-1] if published else None
        if last and (last.code_sha256, {**last.settings, "Description": ""}) == \
                (latest.code_sha256, {**latest.settings, "Description": ""}):
            return last
        number = str(max((int(v.version) for v in published), default=0) + 1)
        settings = dict(latest.settings) | ({"Description": description} if description else {})
        function.versions[number] = Version(
            version=number, code=latest.code, code_sha256=latest.code_sha256, code_size=latest.code_size,
            settings=settings, revision=str(uuid.uuid4()),
        )
        return function.versions[number]

    def _configuration(self, function: Function, version: Version, qualifier: str = "") -> dict[str, Any]:
        suffix = f":{version.version}" if version.version != LATEST else f":{qualifier}" if qualifier else ""
        return {
            **version.settings,
            "FunctionName": function.name, "FunctionArn": function.arn + suffix, "CodeSize": version.code_size,
            "CodeSha256": version.code_sha256, "Version": version.version, "RevisionId": version.revision,
            "LastModified": version.modified.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), "State": "Active",
            "LastUpdateStatus": "Successful", "PackageType": "Zip",
        }


def _unchanged(version: Version, call: Call) -> None:
    """A caller may name the revision that it means to change."""
    wanted = call.params.get("RevisionId")
    if wanted and wanted != version.revision:
        raise AwsError("PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. "
                       "Call the GetFunction/GetAlias API to retrieve the latest Revision Id", 412)


def _client_context(params: Mapping[str, Any]) -> str:
    """JSON, which the API carries in base64."""
    try:
        return base64.b64decode(str(params.get("ClientContext", "")), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AwsError("InvalidRequestContentException",
                       "Client context must be a valid Base64-encoded JSON object.", 400) from error

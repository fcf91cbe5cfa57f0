"""One request from the wire to its answer: authenticated, matched, authorised, answered, logged."""

from __future__ import annotations

import functools
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from crossdock.iam import calls
from crossdock.local.door import protocol
from crossdock.local.door.authorize import Authorizer
from crossdock.local.door.chaining import handed_on
from crossdock.local.door.denials import unauthentic
from crossdock.local.door.integrity import intact
from crossdock.local.door.objects import key_asks, with_key
from crossdock.local.door.principals import ADDS, WRITES, Principals, written
from crossdock.local.door.rules import Asked, check, tags
from crossdock.local.door.rules.sts import may_call
from crossdock.local.door.s3_logging import S3AccessLogs
from crossdock.local.door.services import Match, model, operation_of, service_of
from crossdock.local.door.signature import Find, Signed, read, verify
from crossdock.local.door.wire import Answer, Wire
from crossdock.local.engine import AwsError, Call, Engine, NotEmulated
from crossdock.local.identity import ANONYMOUS, Caller
from crossdock.local.organizations import Organizations
from crossdock.local.store import RUNNING, SERVICES, Store
from crossdock.local.store.kms import no_key
from crossdock.local.store.tags import secret_arn


class Follower(Protocol):
    """What runs beside what the store keeps. Both raise AwsError."""

    def before(self, call: Call) -> None:
        """Before the store is asked."""

    def after(self, call: Call) -> None:
        """After the store did as it was asked, before the caller hears of it."""


OPEN_TARGET = "AWSCognitoIdentityProviderService."
"""What users of Cognito call without credentials of AWS; operations that need them refuse nobody's calls."""


class Door:
    """Every AWS API call comes through `serve`, whether from a socket or from an engine's own client."""

    def __init__(
        self, *, store: Store, engines: Mapping[str, Engine], authorizer: Authorizer, principals: Principals,
        s3_logs: S3AccessLogs, find: Find, region: str,
    ) -> None:
        self.followers: Mapping[str, Follower] = {}
        """By service: what runs beside what the store keeps of it."""
        self.store, self.engines, self.authorizer = store, engines, authorizer
        self.principals, self.s3_logs, self._find, self.region = principals, s3_logs, find, region

    def serve(
        self, wire: Wire, *, caller: Caller | None = None, service: str = "", region: str = ""
    ) -> Answer:
        """Answer one API call. `caller`, `service` and `region` are given by in-process clients, else read from the
        signature."""
        request_id = str(uuid.uuid4())
        match: Match | None = None
        default = "json"
        try:
            if caller is None:
                signed = read(wire)
                if signed is None:
                    default = "rest-xml" if "x-amz-target" not in wire.headers and not _is_form(wire) else "query"
                    if wire.headers.get("x-amz-target", "").startswith(OPEN_TARGET):
                        caller, service, region = ANONYMOUS, "cognito-idp", self.region
                    else:
                        caller, service, region = self._anonymous(wire), "s3", self.region
                else:
                    service, region = service_of(wire, signed.service), signed.region
                    default = str(model(service).protocol)
                    caller = self._signer(wire, signed, service, default)
            default = str(model(service).protocol)
            if service not in self.engines and service not in SERVICES:
                raise NotEmulated(f"the service {service}")
            match = operation_of(wire, model(service))
            return self._call(wire, match, caller, service, region or self.region, request_id)
        except AwsError as failure:
            spoken = match.protocol if match else protocol.protocol_for(None, wire, default)
            return protocol.error(failure, service=service, protocol=spoken, request_id=request_id, method=wire.method)

    def _signer(self, wire: Wire, signed: Signed, service: str, protocol: str) -> Caller:
        try:
            return verify(wire, signed, self._find)
        except AwsError as failure:
            raise unauthentic(failure, protocol, service) from None

    def _anonymous(self, wire: Wire) -> Caller:
        """Nobody, to whom S3 alone may answer."""
        if "x-amz-target" in wire.headers or "smithy-protocol" in wire.headers or _is_form(wire):
            raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        return ANONYMOUS

    def _call(self, wire: Wire, match: Match, caller: Caller, service: str, region: str, request_id: str) -> Answer:
        operation = match.operation.name
        params = protocol.parameters(wire, match, with_payload=service in self.engines)
        if service == "kms":
            params = self._with_key(operation, params, caller.account, region)
        account = self._account(service, operation, params, caller)
        spoken = match.protocol
        may_call(caller, service, operation)
        try:
            asked = tags.without(params, caller.system_tags)
            asks = self._asks(service, operation, asked, caller, account, region)
            if tags.only_system(operation, params, asked, asks):
                asks = ()
            for ask in asks:
                self.authorizer.require(caller, ask, region=region, protocol=spoken)
            check(Asked(
                service=service, operation=operation, params=asked, caller=caller, account=account, region=region,
                protocol=spoken, asks=asks, store=self.store, authorizer=self.authorizer,
            ))
            if service == "s3":
                via = caller.via("s3.amazonaws.com")
                for ask in key_asks(self.store, operation, params, account=caller.account or account, region=region):
                    self.authorizer.require(via, ask, region=region, protocol=spoken)
        except AwsError as failure:
            if service == "s3":
                self.s3_logs.note(
                    caller, wire, params, request_id=request_id, status=failure.status, code=failure.code)
            raise
        bindings = self.principals.check(service, operation, params)
        engine, follower = self.engines.get(service), self.followers.get(service)
        call = Call(service=service, operation=operation, params=params, caller=caller, account=account,
                    region=region, request_id=request_id, headers=wire.headers)
        if engine is not None:
            answered = engine.handle(call)
            if bindings:
                self.principals.bind(written(service, operation, params, account, region), bindings,
                                     add=True)
            return protocol.output(match, answered, request_id)
        if operation in RUNNING.get(service, ()):
            raise NotEmulated(f"{service}:{operation}")
        if service == "s3":
            intact(wire)
            wire = with_key(self.store, wire, operation, params, account=caller.account or account, region=region)
        if follower is not None:
            follower.before(call)
        try:
            answer = self.store.answer(wire, service, account=account, region=region)
        except NotImplementedError:  # how the store's backends say so
            raise NotEmulated(f"{service}:{operation}") from None
        if follower is not None and answer.status < 300:
            follower.after(call)
        answer.headers = {**answer.headers, "x-amzn-RequestId": request_id}
        if answer.status < 300 and (bindings or (service, operation) in WRITES):
            self.principals.bind(written(service, operation, params, account, region, answer.body), bindings,
                                 add=(service, operation) in ADDS)
        if service == "s3":
            self.s3_logs.note(
                caller, wire, params, request_id=request_id, status=answer.status, sent=len(answer.body))
            answer.headers = {**answer.headers, "x-amz-request-id": request_id.replace("-", "")[:16].upper(),
                              "x-amz-id-2": secrets.token_urlsafe(24)}
        return answer

    def _with_key(self, operation: str, params: dict[str, Any], account: str, region: str) -> dict[str, Any]:
        """A KMS request with the key that its ciphertext was made with, where it names none (Decrypt API, KeyId)."""
        member = {"Decrypt": "KeyId", "ReEncrypt": "SourceKeyId"}.get(operation)
        if member is None:
            return params
        arn = self.store.keys.of_ciphertext(bytes(params.get("CiphertextBlob", b"")), region=region)
        if arn is None:
            raise AwsError("InvalidCiphertextException", "", 400)
        named = params.get(member)
        if named and self._key(str(named), account=account, region=region) != arn:
            raise AwsError("IncorrectKeyException", "The key ID in the request does not identify a CMK that can "
                           "perform this operation.", 400)
        return params if named else params | {member: arn}

    def _account(self, service: str, operation: str, params: Mapping[str, Any], caller: Caller) -> str:
        if service == "s3" and operation != "CreateBucket":
            return self.store.objects.owner(str(params.get("Bucket", ""))) or caller.account
        return calls.target_account(service, operation, params) or caller.account

    def _asks(
        self, service: str, operation: str, params: Mapping[str, Any], caller: Caller, account: str, region: str
    ) -> tuple[calls.Ask, ...]:
        given = handed_on(caller, params) if (service, operation) == ("sts", "AssumeRole") else params
        try:
            return calls.asks(
                service, operation, given, account=account, region=region,
                resolve_key=functools.partial(self._key, account=caller.account or account, region=region),
                resolve_entity=lambda kind, name: self._entity(kind, name, account, region),
            )
        except calls.Unmapped:
            raise NotEmulated(f"{service}:{operation}") from None

    def _entity(self, kind: str, name: str, account: str, region: str) -> str | None:
        """The ARN of what a request names by less (iam.calls.ResolveEntity)."""
        match kind:
            case "organizations":
                engine = self.engines.get("organizations")
                return engine.arn_of(name) if isinstance(engine, Organizations) else None
            case "secret":
                return secret_arn(name, account, region)
            case _:
                return self.store.identities.entity_arn(kind, name, account)

    def _key(self, reference: str, *, account: str, region: str) -> str:
        arn = self.store.keys.resolve(reference, account=account, region=region)
        if arn is None and "alias/aws/" in reference:
            raise NotEmulated(f"the AWS managed key {reference}")
        if arn is None:
            raise AwsError("NotFoundException", no_key(reference, account=account, region=region), 400)
        return arn


def _is_form(wire: Wire) -> bool:
    """Whether a request is one of the query protocol: S3 knows no such."""
    return "x-www-form-urlencoded" in wire.headers.get("content-type", "") or bool(wire.argument("Action"))

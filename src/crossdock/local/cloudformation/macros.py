"""Macros that a function of an account is, and AWS::Include, which puts a file of S3 in its place.

Source: CloudFormation User Guide, "Create a CloudFormation macro definition", "Overview of CloudFormation macros"
(order: the innermost Fn::Transform first, then the Transform section as listed); Template Reference, "AWS::Include
transform".
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from crossdock.errors import TemplateError
from crossdock.local.cloudformation import fetch
from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, words
from crossdock.local.cloudformation.state import Macro, Stack
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller
from crossdock.template import Scope, Unresolved, load, resolve, transforms

if TYPE_CHECKING:
    from crossdock.local.cloudformation.core import Core

INCLUDE = "AWS::Include"
HOSTED = frozenset({transforms.LANGUAGE_EXTENSIONS, "AWS::Serverless-2016-10-31", INCLUDE})
_CALL = "Fn::Transform"


class MacroFailed(AwsError):
    """A macro says no; a change set tells it in its status, everything else at once."""

    def __init__(self, said: str) -> None:
        super().__init__("ValidationError", said)


def snippets(value: Any) -> Iterator[str]:
    """Names of the macros that Fn::Transform calls, anywhere in a template."""
    if isinstance(value, dict):
        if _CALL in value:
            yield _named(value[_CALL])[0]
        for item in value.values():
            yield from snippets(item)
    elif isinstance(value, list):
        for item in value:
            yield from snippets(item)


def acknowledged(body: Mapping[str, Any]) -> list[str]:
    """The macros of a template that need CAPABILITY_AUTO_EXPAND."""
    named = [*transforms.declared(body), *snippets(body)]
    return [name for name in dict.fromkeys(named) if name != transforms.LANGUAGE_EXTENSIONS]


def may_transform(engine: Core, stack: Stack, caller: Caller, body: Mapping[str, Any]) -> None:
    """Transforms that CloudFormation hosts are resources of AWS's, for which whoever CloudFormation acts as needs
    cloudformation:CreateChangeSet (User Guide, using-iam-template; seen as `... is not authorized to perform:
    cloudformation:CreateChangeSet on resource: arn:aws:cloudformation:REGION:aws:transform/Serverless-2016-10-31`).

    Raises MacroFailed.
    """
    for name in dict.fromkeys([*transforms.declared(body), *snippets(body)]):
        if name not in HOSTED:
            continue
        arn = f"arn:{engine.world.partition}:cloudformation:{stack.region}:aws:transform/{name.removeprefix('AWS::')}"
        try:
            engine.world.authorize(caller, action="cloudformation:CreateChangeSet", resource=arn,
                                   account=caller.account, region=stack.region)
        except AwsError as error:
            raise MacroFailed(error.message) from error


class Macros:
    """The macros of one template: whose they are, who calls them, and with what."""

    def __init__(self, engine: Core, stack: Stack, caller: Caller, scope: Scope) -> None:
        self._engine, self._stack, self._caller, self._scope = engine, stack, caller, scope

    def within(self, value: Any) -> Any:
        """The value with every Fn::Transform replaced, the innermost first."""
        match value:
            case dict():
                inner = {key: item if key == _CALL else self.within(item) for key, item in value.items()}
                if _CALL not in inner:
                    return inner
                name, given = _named(inner.pop(_CALL))
                if name == INCLUDE:
                    made = self._include(given)
                    return {**inner, **made} if isinstance(made, dict) else made
                return self._invoke(name, inner, given)
            case list():
                return [self.within(item) for item in value]
            case _:
                return value

    def whole(self, entry: Any, body: dict[str, Any]) -> dict[str, Any]:
        """A template after one entry of its Transform section."""
        name, given = _named(entry)
        rest = {key: value for key, value in body.items() if key != "Transform"}
        made = self._include(given) if name == INCLUDE else self._invoke(name, rest, given)
        if not isinstance(made, dict):
            raise MacroFailed(f"Template format error: the transform {name} gives no template")
        if name != INCLUDE:
            return made
        return {**rest, **{key: {**rest[key], **item} if isinstance(rest.get(key), dict) and isinstance(item, dict)
                           else item for key, item in made.items()}}  # fmt: skip

    def _include(self, given: Mapping[str, Any]) -> Any:
        try:
            location = resolve.resolve(given.get("Location"), self._scope)
        except Unresolved as error:
            raise MacroFailed(f"Transform {INCLUDE} failed with: Location can't refer to {error}") from error
        if not isinstance(location, str):
            raise MacroFailed(f"Transform {INCLUDE} failed with: 'Location' must be a string.")
        try:
            text = fetch.template(self._engine.world, location, self._caller, self._stack.region)
            return load(text).body
        except AwsError as error:
            raise MacroFailed(f"Transform {INCLUDE} failed with: {error.message}") from error
        except TemplateError as error:
            said = error.problems[0].what
            raise MacroFailed(f"Transform {INCLUDE} failed with: {location}: {said}") from error

    def _invoke(self, name: str, fragment: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
        stack = self._stack
        macro = self._engine.state.macros.get((stack.account, stack.region, name))
        if macro is None:
            raise MacroFailed(f"No transform named {stack.account}::{name} found.")
        transform, request_id = f"{stack.account}::{name}", str(uuid.uuid4())
        asked = {
            "region": stack.region, "accountId": stack.account, "fragment": fragment, "transformId": transform,
            "params": given, "requestId": request_id, "templateParameterValues": dict(self._scope.parameters),
        }  # fmt: skip
        client = self._engine.world.client("lambda", self._caller, stack.region)
        try:
            answer = client.invoke(FunctionName=macro.function, Payload=json.dumps(asked, default=str))
        except ClientError as error:
            said = error.response["Error"].get("Message", "")
            raise MacroFailed(f"Failed to execute transform {transform}: {said}") from error
        return _fragment(transform, request_id, answer["Payload"].read(), crashed="FunctionError" in answer)


def _fragment(transform: str, request_id: str, payload: bytes, *, crashed: bool) -> Any:
    try:
        told = json.loads(payload)
    except ValueError:
        told = None
    if crashed or not isinstance(told, dict) or told.get("requestId") != request_id or "status" not in told:
        raise MacroFailed(f"Received malformed response from transform {transform}")
    if str(told["status"]).lower() != "success":
        why = f"failed with: {told['errorMessage']}" if told.get("errorMessage") else "failed without an error message."
        raise MacroFailed(f"Transform {transform} {why}")
    if "fragment" not in told:
        raise MacroFailed(f"Received malformed response from transform {transform}")
    return told["fragment"]


def _named(entry: Any) -> tuple[str, Mapping[str, Any]]:
    """A macro's name and parameters, as Fn::Transform or the Transform section writes them."""
    match entry:
        case str():
            return entry, {}
        case {"Name": str() as name}:
            given = entry.get("Parameters") or {}
            return name, given if isinstance(given, dict) else {}
        case _:
            raise MacroFailed("Template error: every Fn::Transform object requires a Name")


Expand = Callable[[str, dict[str, Any]], dict[str, Any]]


def expand(macros: Macros, body: dict[str, Any], hosted: Expand) -> dict[str, Any]:
    """The template after all its macros. `hosted` runs those that CloudFormation itself hosts, by name."""
    section = body.get("Transform")
    entries = section if isinstance(section, list) else [] if section is None else [section]
    rest = macros.within({key: value for key, value in body.items() if key != "Transform"})
    made = {**rest, "Transform": entries} if entries else rest
    for entry in entries:
        name, _ = _named(entry)
        if name in HOSTED - {INCLUDE}:
            made = hosted(name, made)
        else:
            left = [other for other in transforms_of(made) if other != entry]
            made = macros.whole(entry, made)
            made = {**made, "Transform": left} if left else {k: v for k, v in made.items() if k != "Transform"}
    return made


def transforms_of(body: Mapping[str, Any]) -> list[Any]:
    section = body.get("Transform")
    return list(section) if isinstance(section, list) else [] if section is None else [section]


def _create(ctx: Context, props: Props) -> str:
    name = str(props["Name"])
    key = (ctx.account, ctx.region, name)
    if key in ctx.engine.state.macros:
        raise Failed(f"{name} already exists in stack {ctx.engine.state.macros[key].stack_id}")
    ctx.engine.state.macros[key] = Macro(name=name, function=str(props["FunctionName"]), stack_id=ctx.stack.id)
    return name


def _update(ctx: Context, name: str, _old: Props, new: Props) -> None:
    key = (ctx.account, ctx.region, name)
    ctx.engine.state.macros[key] = Macro(name=name, function=str(new["FunctionName"]), stack_id=ctx.stack.id)


TYPES = (
    Handler(
        type="AWS::CloudFormation::Macro",
        emulated=words("Name FunctionName"), accepted=words("Description LogGroupName LogRoleARN"),
        create=_create, update=_update, read=lambda _ctx, name, _props: {"Id": name},
        delete=lambda ctx, name, _: ctx.engine.state.macros.pop((ctx.account, ctx.region, name), None),
    ),
)  # fmt: skip

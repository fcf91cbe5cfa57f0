"""Stacks deployed on paper: parameters, conditions and intrinsics resolved, outputs handed on, nothing called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from crossdock.errors import Position, TemplateError
from crossdock.model.assembly import Assembly, Literal, Stack
from crossdock.prove.physical import NAMINGS, UNKNOWN_ID, Names, names
from crossdock.template import Document, Pseudo, Scope, extensions, graph, load, parameters, resolve, sam, structure

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


def partition(region: str) -> str:
    """The AWS partition of a region, by its name (AWS General Reference, ARNs)."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


Place = tuple[str, str]
"""Account and region."""
STACK_SET = "Custom::StackSet"
_HOLDERS = frozenset({"AWS::CloudFormation::Stack", STACK_SET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The stack that a resource belongs to. `service` is empty for stacks of the platform; `ours`: it is composed."""

    id: str
    name: str
    account: str
    region: str
    environment: str = ""
    service: str = ""
    ours: bool = True

    @property
    def partition(self) -> str:
        return partition(self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource. `properties` are resolved; `written` are as in the template, for positions of what they hold."""

    home: Home
    logical_id: str
    type: str
    names: Names
    properties: Mapping[str, Any]
    written: Mapping[str, Any] = field(repr=False)
    metadata: Mapping[str, Any] = field(repr=False)
    document: Document = field(repr=False)
    scope: Scope = field(repr=False)

    @property
    def arn(self) -> str:
        return self.names.arn

    def position(self, *path: str | int) -> Position:
        """Where a property stands. What a macro made is said to stand at the resource that it was made from."""
        known: Mapping[str, Any] = self.document.body.get("Resources") or {}
        if self.logical_id in known:
            return self.document.position(("Resources", self.logical_id, "Properties", *path))
        origins = [name for name in known if self.logical_id.startswith(name)]
        return self.document.position(("Resources", max(origins, key=len)) if origins else ())


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack's resources and outputs."""

    resources: tuple[Resource, ...]
    outputs: Mapping[str, str]


@lru_cache(maxsize=256)
def parsed(text: str, name: str) -> Document:
    return load(text, name)


def platform_stacks(assembly: Assembly, texts: Mapping[str, str]) -> Mapping[str, Deployed]:
    """Every stack of an assembly by its id. `texts` of templates, by the paths that stacks and assets name.

    Raises TemplateError where CloudFormation would refuse a template or a parameter.
    """
    found: dict[str, Deployed] = {}
    for stack in assembly.stacks:
        given = {
            name: value.value if isinstance(value, Literal) else found[value.stack].outputs[value.name]
            for name, value in stack.parameters.items()
        }
        nested = {a.key: parsed(texts[a.path], a.path) for a in stack.assets if a.path in texts}
        found[stack.id] = deploy(_home(stack), parsed(texts[stack.template], stack.template), given, nested=nested)
    return found


def _home(stack: Stack) -> Home:
    return Home(
        id=stack.id, name=stack.name, account=stack.account_id, region=stack.region,
        environment=stack.tags.get("environment", ""), service=stack.tags.get("service", ""),
    )


def deploy(
    home: Home, document: Document, given: Mapping[str, str], body: Mapping[str, Any] | None = None, *,
    nested: Mapping[str, Document] | None = None,
) -> Deployed:
    """One stack on paper, with the resources of those nested in it.

    body    the template where it is no longer what `document` says (after packaging)
    nested  what a nested stack's TemplateURL ends in -> its template; one that isn't here stays unread
    """
    source = document.body if body is None else body
    declared: Mapping[str, Any] = source.get("Parameters") or {}
    values = parameters.resolve(source, {k: v for k, v in given.items() if k in declared})
    pseudo = Pseudo(account=home.account, region=home.region, partition=home.partition, stack_name=home.name,
                    stack_id=f"arn:{home.partition}:cloudformation:{home.region}:{home.account}:stack/{home.name}/*")
    bare = Scope(parameters=values, mappings=source.get("Mappings") or {}, conditions={}, pseudo=pseudo)
    made = sam.transform(
        extensions.expand(source, bare), values, region=home.region, account=home.account, partition=home.partition,
        document=document,
    )
    if problems := structure.made(document, made):
        raise TemplateError(problems, document.name)
    return _Stack(home, document, made, bare, nested or {}).deployed()


class _Stack:
    """One stack being resolved: a resource's names may hang on those of others."""

    def __init__(
        self, home: Home, document: Document, body: Mapping[str, Any], bare: Scope, nested: Mapping[str, Document]
    ) -> None:
        self.home, self.document, self.body, self.nested = home, document, body, nested
        self._names: dict[str, Names] = {}
        self._inner: dict[str, Mapping[Place, Deployed]] = {}
        self.scope = replace(
            bare, mappings=body.get("Mappings") or {}, conditions=resolve.conditions(body, bare),
            reference=lambda name: self.names(name).ref, attribute=self._attribute,
            import_value=self._imported, dynamic=lambda service, rest: f"{service}-{rest}",
            zones=lambda region: [f"{region}{letter}" for letter in "abc"],
        )

    def names(self, logical: str) -> Names:
        if logical not in self._names:
            resource = self.body["Resources"][logical]
            naming, home = NAMINGS.get(resource["Type"]), self.home
            self._names[logical] = names(
                resource["Type"], logical, stack_id=home.id, stack=home.name, account=home.account, region=home.region,
                partition=home.partition, given=self._text(resource, naming.property if naming else ""),
                path=self._text(resource, "Path") or "/", function=self._text(resource, "FunctionName"),
            )
        return self._names[logical]

    def _imported(self, name: str) -> str:
        """What another's stack exports is not known here; something of the kind that its name tells of."""
        home = self.home
        made = f"import-{name}"
        return f"arn:{home.partition}:import:{home.region}:{home.account}:{made}" if name.endswith("Arn") else made

    def _attribute(self, logical: str, attribute: str) -> str:
        inner, output = self._deployed_in(logical), attribute.rpartition(".")[2]
        if len(inner) == 1:
            return next(iter(inner.values())).outputs[output]
        for (account, region), one in inner.items():
            if attribute.startswith(f"{account}.{region}."):
                return one.outputs[output]
        return self.names(logical).attribute(attribute)

    def _deployed_in(self, logical: str) -> Mapping[Place, Deployed]:
        """The nested stack, or a stack set's instances, of this logical id; none if the template isn't at hand."""
        if logical not in self._inner:
            resource = self.body["Resources"][logical]
            self._inner[logical] = dict(self._inside(logical, resource)) if resource["Type"] in _HOLDERS else {}
        return self._inner[logical]

    def _inside(self, logical: str, resource: Mapping[str, Any]) -> Iterator[tuple[Place, Deployed]]:
        properties = resolve.resolve(resource.get("Properties") or {}, self.scope)
        url = str(properties.get("TemplateURL", ""))
        document = next((found for key, found in self.nested.items() if url.endswith("/" + key)), None)
        if document is None:
            return
        given = {name: _given(value) for name, value in (properties.get("Parameters") or {}).items()}
        home = replace(self.home, id=f"{self.home.id}/{logical}", name=f"{self.home.name}-{logical}-{UNKNOWN_ID}")
        if resource["Type"] != STACK_SET:
            yield (home.account, home.region), deploy(home, document, given, nested=self.nested)
            return
        for account in properties["Accounts"]:
            for region in properties["Regions"]:
                instance = replace(
                    home, id=f"{home.id}/{account}/{region}", account=account, region=region,
                    name=f"StackSet-{properties['StackSetName']}-{UNKNOWN_ID}",
                )
                yield (account, region), deploy(instance, document, given, nested=self.nested)

    def _text(self, resource: Mapping[str, Any], name: str) -> str:
        value = (resource.get("Properties") or {}).get(name)
        return "" if value is None else str(resolve.resolve(value, self.scope) or "")

    def deployed(self) -> Deployed:
        outputs = {
            name: str(resolve.resolve(output["Value"], self.scope))
            for name, output in (self.body.get("Outputs") or {}).items()
            if self.scope.conditions.get(output.get("Condition"), True)
        }
        return Deployed(tuple(self._resources()), outputs)

    def _resources(self) -> Iterator[Resource]:
        for logical in graph.active(self.body, self.scope.conditions):
            written = self.body["Resources"][logical]
            yield Resource(
                home=self.home, logical_id=logical, type=written["Type"], names=self.names(logical),
                properties=resolve.resolve(written.get("Properties") or {}, self.scope),
                written=written.get("Properties") or {}, metadata=written.get("Metadata") or {},
                document=self.document, scope=self.scope,
            )
            for inner in self._deployed_in(logical).values():
                yield from inner.resources


def _given(value: Any) -> str:
    """A nested stack's parameter as CloudFormation hands it on: a list by commas."""
    return ",".join(str(one) for one in value) if isinstance(value, list) else str(value)


def of_type(resources: Iterable[Resource], *types: str) -> Iterator[Resource]:
    return (resource for resource in resources if resource.type in types)

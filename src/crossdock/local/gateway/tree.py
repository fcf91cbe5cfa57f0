"""The resources of a REST API as a tree: making, removing, and finding the one that answers a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.local.gateway.errors import bad_request, conflict
from crossdock.local.gateway.state import ANY, Method, Resource, RestApi, new_id

_PART = re.compile(r"[\w.:%~-]+|\{[\w.-]+\+?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The resource and method that answer a request, and what the path's variables stand for."""

    resource: Resource
    method: Method
    variables: Mapping[str, str]


def add(api: RestApi, parent: Resource, part: str) -> Resource:
    """A new resource below another. Raises AwsError."""
    if not _PART.fullmatch(part):
        raise bad_request("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly "
                          "braces at the beginning and the end.")
    if parent.part.endswith("+}"):
        raise bad_request(f"Cannot create a child of a resource with a greedy path variable: {parent.part}")
    for sibling in api.resources.values():
        if sibling.parent != parent.id:
            continue
        if sibling.part == part:
            raise conflict(f"Another resource with the same parent already has this name: {part}")
        if sibling.part.startswith("{") and part.startswith("{") \
                and sibling.part.endswith("+}") == part.endswith("+}"):
            raise bad_request(f"A sibling ({sibling.id}) of this resource already has a variable path part -- only "
                              "one is allowed")
    made = Resource(id=new_id(api.resources, 6), path=f"{parent.path.rstrip('/')}/{part}", part=part, parent=parent.id)
    api.resources[made.id] = made
    return made


def ensure(api: RestApi, path: str) -> Resource:
    """The resource of a path like `/a/{b}`, made with all above it where it isn't there."""
    resource = api.root
    for part in (part for part in path.split("/") if part):
        wanted = f"{resource.path.rstrip('/')}/{part}"
        resource = api.by_path(wanted) or add(api, resource, part)
    return resource


def remove(api: RestApi, resource: Resource) -> None:
    """Take a resource and all below it away."""
    if resource.parent is None:
        raise bad_request("Root resource cannot be deleted")
    for child in [child for child in api.resources.values() if child.parent == resource.id]:
        remove(api, child)
    del api.resources[resource.id]


def find(resources: Mapping[str, Resource], http_method: str, path: str) -> Match | None:
    """The best match of method and path together: a literal segment before a variable, that before a greedy one.

    A resource that lacks the method does not hide a greedy one that has it (measured on AWS; ministack pull request
    1423). A trailing slash counts for nothing.
    """
    children: dict[str | None, list[Resource]] = {}
    for resource in resources.values():
        children.setdefault(resource.parent, []).append(resource)
    for siblings in children.values():
        siblings.sort(key=_rank)

    def walk(resource: Resource, rest: tuple[str, ...], variables: Mapping[str, str]) -> Match | None:
        if not rest:
            method = resource.methods.get(http_method) or resource.methods.get(ANY)
            return Match(resource=resource, method=method, variables=variables) if method else None
        for child in children.get(resource.id, ()):
            name = child.part.strip("{}+")
            match _rank(child):
                case 0 if child.part == rest[0]:
                    found = walk(child, rest[1:], variables)
                case 1:
                    found = walk(child, rest[1:], {**variables, name: rest[0]})
                case 2:
                    found = walk(child, (), {**variables, name: "/".join(rest)})
                case _:
                    continue
            if found is not None:
                return found
        return None

    return walk(children[None][0], tuple(part for part in path.strip("/").split("/") if part), {})


def _rank(resource: Resource) -> int:
    return 0 if not resource.part.startswith("{") else 2 if resource.part.endswith("+}") else 1

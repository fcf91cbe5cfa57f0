"""Whether a platform of the right shape makes sense: names that refer, names that must differ, folders that must exist.

Works on the values as written, whatever their shape, so that one run tells these mistakes beside those of shape.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from itertools import permutations
from pathlib import Path as FilePath
from typing import Any

from crossdock.compose import names
from crossdock.compose.infrastructure import sense as infrastructure
from crossdock.compose.shape import nearest
from crossdock.compose.written import Path, Written
from crossdock.errors import Problem
from crossdock.model.platform import SHARED, pointer

BUILDSPECS = ("buildspec.yaml", "buildspec.yml")
TEMPLATE = "template.yaml"
_RESERVED_SERVICES = {"deployment", "execution"}
_RESERVED_ENVIRONMENTS = {
    "artifacts", "bootstrap", "build", "extend", "infrastructure", "logs", "notice-key", "notices", "pipeline",
    "repository", "roles", "stack-sets", "targets",
}


def problems(written: Written, root: FilePath) -> Iterator[Problem]:
    """Every mistake of sense. `root` is the folder of crossdock.yaml."""
    yield from _accounts(written)
    yield from _environments(written)
    yield from _services(written, root)
    yield from _composed(written)
    yield from infrastructure.problems(written)
    yield from _extensions(written, root)
    yield from _companions(written)


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """The mapping at a path, or an empty one."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _accounts(written: Written) -> Iterator[Problem]:
    accounts = mapping(written.value, "accounts")
    if accounts and SHARED not in accounts:
        yield Problem(
            written.at(("accounts",), key=True), f"no account is named `{SHARED}`",
            f'add {SHARED}: "<account id>": it holds repositories, pipelines and artifacts',
        )
    first: dict[str, str] = {}
    for name, id_ in accounts.items():
        path: Path = ("accounts", name)
        text = written.texts.get(pointer(path), "")
        if isinstance(id_, str) and text and set(text) <= set("01234567"):
            yield Problem(
                written.at(path), f"the account id {text} is not in quotes",
                f'write "{text}": without quotes, YAML reads a number with a leading zero in base 8',
            )
        if not isinstance(id_, str):
            continue
        if id_ in first:
            yield Problem(written.at(path), f"`{name}` has the id of `{first[id_]}`", "give each account its own id")
        first.setdefault(id_, name)


def _environments(written: Written) -> Iterator[Problem]:
    accounts, environments = mapping(written.value, "accounts"), mapping(written.value, "environments")
    branches: dict[str, str] = {}
    for name, environment in environments.items():
        account, branch = mapping(environment).get("account"), mapping(environment).get("branch")
        if isinstance(account, str) and accounts and account not in accounts:
            where = written.at(("environments", name, "account"))
            yield Problem(where, f"`{name}` is in the account `{account}`, which is not under accounts",
                          nearest(account, accounts))
        if isinstance(branch, str):
            if branch in branches:
                where = written.at(("environments", name, "branch"))
                yield Problem(where, f"`{name}` has the branch `{branch}` of `{branches[branch]}`",
                              "give each environment its own branch")
            branches.setdefault(branch, name)
        if name in _RESERVED_ENVIRONMENTS:
            yield _taken(written, ("environments", name))
    for name in mapping(written.value, "overrides"):
        if environments and name not in environments:
            yield Problem(written.at(("overrides", name), key=True), f"`{name}` is not under environments",
                          nearest(name, environments))


def _services(written: Written, root: FilePath) -> Iterator[Problem]:
    for name, service in mapping(written.value, "services").items():
        if name in _RESERVED_SERVICES:
            yield _taken(written, ("services", name))
        source = mapping(service).get("source")
        if isinstance(source, str) and source:
            yield from _source(written, ("services", name, "source"), root, source, mapping(service).get("kind"))
        for i, check in enumerate(mapping(service).get("checks") or ()):
            methods = {"get", "post", "put", "delete", "head"} & set(mapping(check))
            if isinstance(check, dict) and len(methods) != 1:
                yield Problem(written.at(("services", name, "checks", i)), "a check asks for exactly one path",
                              "write for example {get: /health, expect: 200}")


def _extensions(written: Written, root: FilePath) -> Iterator[Problem]:
    environments = mapping(written.value, "environments")
    for name, extension in mapping(written.value, "extend").items():
        template = mapping(extension).get("template")
        where = written.at(("extend", name, "template"))
        if isinstance(template, str) and (template.startswith(("/", "~")) or ".." in FilePath(template).parts):
            yield Problem(where, f"`{template}` is outside of the platform's folder",
                          "give a path below that of this file")
        elif isinstance(template, str) and template and not (root / template).is_file():
            yield Problem(where, f"there is no file `{template}`", "write a CloudFormation template there")
        elif isinstance(template, str) and template:
            try:
                (root / template).read_text(encoding="utf-8")
            except (UnicodeDecodeError, OSError) as error:
                yield Problem(where, f"`{template}` can't be read: {error}", "write a CloudFormation template there")
        listed = mapping(extension).get("environments")
        for index, one in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(one, str) and environments and one not in environments:
                yield Problem(written.at(("extend", name, "environments", index)),
                              f"`{one}` is not under environments", nearest(one, environments))


def _companions(written: Written) -> Iterator[Problem]:
    for name, companion in mapping(written.value, "rehearsal", "companions").items():
        command = mapping(companion).get("command")
        if isinstance(command, str):
            try:
                shlex.split(command)
            except ValueError as error:
                yield Problem(written.at(("rehearsal", "companions", name, "command")),
                              f"`{command}` is no command: {str(error).lower()}", "close what is open")


def _source(written: Written, path: Path, root: FilePath, source: str, kind: Any) -> Iterator[Problem]:
    where, folder = written.at(path), root / source
    if source.startswith(("/", "~")) or ".." in FilePath(source).parts:
        yield Problem(where, f"`{source}` is outside of the platform's folder", "give a path below that of this file")
    elif not folder.is_dir():
        siblings = {(FilePath(source).parent / p.name).as_posix() for p in _folders(folder.parent)}
        hint = nearest(source, siblings) if siblings else f"make the folder {source}"
        yield Problem(where, f"there is no folder `{source}`", hint)
    elif kind == "serverless":
        if not any((folder / spec).is_file() for spec in BUILDSPECS):
            yield Problem(where, f"`{source}` has no {BUILDSPECS[0]}", "add one: docs/services.md says what it must do")
        if not (folder / TEMPLATE).is_file():
            yield Problem(where, f"`{source}` has no {TEMPLATE}", "add one: docs/services.md says what it declares")


def _folders(parent: FilePath) -> list[FilePath]:
    return [p for p in parent.iterdir() if p.is_dir() and not p.name.startswith(".")] if parent.is_dir() else []


def _taken(written: Written, path: Path) -> Problem:
    return Problem(written.at(path, key=True), f"the name `{path[-1]}` is taken by the platform's own stacks and roles",
                   "choose another name")


def _composed(written: Written) -> Iterator[Problem]:
    """Names that are too long once composed, and names whose resources could not be told apart by their prefix."""
    platform = mapping(written.value).get("platform")
    environments, services = mapping(written.value, "environments"), mapping(written.value, "services")
    for kind, entries in (("environments", environments), ("services", services)):
        for short, long in permutations(entries, 2):
            if long.startswith(short + "-"):
                yield Problem(
                    written.at((kind, long), key=True),
                    f"`{long}` begins with `{short}-`: what belongs to `{short}` is known by that beginning",
                    f"rename one of them, such as {long.removeprefix(short + '-')}-{short}",
                )
    if not isinstance(platform, str):
        return
    folders: dict[str, str] = {}
    for environment in environments:
        folder = names.artifact_folders(platform, environment)
        other = next((e for f, e in folders.items() if f.startswith(folder) or folder.startswith(f)), None)
        if other is not None and not environment.startswith(other + "-") and not other.startswith(environment + "-"):
            yield Problem(
                written.at(("platform",)),
                f"`{other}` and `{environment}` would share the artifact folder `{folder}`: CodePipeline keeps"
                f" {names.ARTIFACT_FOLDER} characters of a pipeline's name", "shorten the platform's name",
            )
        folders.setdefault(folder, environment)
        for service in services:
            base = names.base(platform, environment, service)
            if len(base) > names.LONGEST_PREFIX:
                yield Problem(
                    written.at(("services", service), key=True),
                    f"`{base}` has {len(base)} characters; roles and functions leave room for {names.LONGEST_PREFIX}",
                    f"shorten a name by {len(base) - names.LONGEST_PREFIX}",
                )

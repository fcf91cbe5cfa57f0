"""Which pushes to a git host start a pipeline (CodePipeline User Guide, "Automate starting pipelines using triggers and
filtering"). Pure.

A source without a trigger of its own starts on each push to its branch, unless DetectChanges is false. A trigger with
filters starts on what passes one of its filters: tags, branches, or branches and file paths; what is excluded is
excluded whatever else includes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from crossdock.local.pipelines.state import Declaration
from crossdock.local.repositories import Push

HEADS, TAGS = "refs/heads/", "refs/tags/"


def started(declaration: Declaration, push: Push, host_of: Any) -> Iterator[Mapping[str, Any]]:
    """The source actions by which a push starts a pipeline. `host_of`: connection ARN -> host, empty when unknown."""
    own = {t["gitConfiguration"]["sourceActionName"]: t["gitConfiguration"] for t in declaration.get("triggers") or ()}
    if not push.after:
        return
    for action in declaration["stages"][0]["actions"]:
        where = action["configuration"]
        if action["actionTypeId"]["provider"] != "CodeStarSourceConnection":
            continue
        if where["FullRepositoryId"] != push.name or host_of(where["ConnectionArn"]) != push.host:
            continue
        trigger = own.get(action["name"])
        filters = (trigger or {}).get("push")
        if filters:
            if any(_passes(one, push) for one in filters):
                yield action
        elif where.get("DetectChanges", "true").lower() == "true" and push.reference == f"{HEADS}{where['BranchName']}":
            yield action


def _passes(wanted: Mapping[str, Any], push: Push) -> bool:
    if "tags" in wanted:
        return push.reference.startswith(TAGS) and _fits(wanted["tags"], [push.reference.removeprefix(TAGS)])
    if not push.reference.startswith(HEADS):
        return False
    branches, paths = wanted.get("branches"), wanted.get("filePaths")
    return (branches is None or _fits(branches, [push.reference.removeprefix(HEADS)])) and (
        paths is None or _fits(paths, push.files))


def _fits(criteria: Mapping[str, Any], names: Iterable[str]) -> bool:
    """Whether one of the names is included and not excluded."""
    includes, excludes = criteria.get("includes"), criteria.get("excludes") or ()
    return any(
        (not includes or any(_glob(p).fullmatch(name) for p in includes))
        and not any(_glob(p).fullmatch(name) for p in excludes)
        for name in names
    )


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """`*` stays within a directory, `**` does not, `{a,b}` are alternatives."""
    meant = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    depth, made = 0, ""
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|\{|\}|,|[^*?\[{},]+|\[", pattern):
        depth += (piece == "{") - (piece == "}")
        if piece.startswith("[") and len(piece) > 2:
            made += piece
        else:
            made += re.escape(piece) if piece == "," and not depth else meant.get(piece, re.escape(piece))
    return re.compile(made)

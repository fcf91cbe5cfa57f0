"""Reading a policy document: its grammar, and what AWS refuses to store (IAM User Guide, policy grammar; Organizations
User Guide, SCP and RCP syntax; ECR User Guide, repository policies)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.iam import mistakes, operators, principal_element
from crossdock.iam.keys import text
from crossdock.iam.mistakes import Mistake, Path
from crossdock.iam.operators import Family
from crossdock.iam.statement import Condition, Effect, PolicyKind, Statement

VERSIONS = ("2008-10-17", "2012-10-17")

_ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
_PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_ACTION = re.compile(r"\*|[A-Za-z0-9*?-]+:[A-Za-z0-9_*?-]+")
_VARIABLES = re.compile(r"\$\{[^}]*\}")
_WITHOUT_PRINCIPAL = {PolicyKind.IDENTITY, PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.SCP}
_WITHOUT_RESOURCE = {PolicyKind.TRUST, PolicyKind.REPOSITORY}
_RESOURCE_OPTIONAL = {PolicyKind.RESOURCE, *_WITHOUT_RESOURCE}
_PLAIN_SIDS = {*_WITHOUT_PRINCIPAL, PolicyKind.TRUST, PolicyKind.RCP}


class Reader:
    """Reads one document and gathers every mistake on the way; what could not be read is left out.

    refused   what AWS would not store; `problems` says the same in one line each
    doubtful  what it stores although it means nothing
    """

    def __init__(self, kind: PolicyKind) -> None:
        self.kind = kind
        self.refused: list[Mistake] = []
        self.problems: list[str] = []
        self.version = VERSIONS[0]
        self._valid: list[tuple[Path, Mapping[str, Any]]] = []

    @property
    def doubtful(self) -> list[Mistake]:
        """Looked up only when it is asked for: the list of all actions is long."""
        found: list[Mistake] = []
        for path, given in self._valid:
            names = ("Action", "NotAction", "Resource", "NotResource")
            read = {name: strings(given[name]) for name in names if name in given}
            listed = frozenset(name for name in read if isinstance(given[name], (list, tuple)))
            found += mistakes.doubtful(path, read, listed=listed)
        return found

    def document(self, document: str | Mapping[str, Any]) -> tuple[Statement, ...]:
        """The statements of a document; afterwards `problems` and `version` are set."""
        if isinstance(document, str):
            try:
                document = json.loads(document, object_pairs_hook=_unique)
            except ValueError as error:
                self._problem((), f"not JSON: {error}")
                return ()
        if not isinstance(document, Mapping):
            self._problem((), "the document is no object")
            return ()
        for name in sorted(map(str, set(document) - {"Version", "Id", "Statement"})):
            self._problem((name,), f"unknown element {name}")
        self._version(document.get("Version"))
        found = document.get("Statement")
        if found is None:
            self._problem((), "missing required element Statement")
            return ()
        if isinstance(found, list):
            statements = [self._statement(i, one, ("Statement", i)) for i, one in enumerate(found)]
        else:
            statements = [self._statement(0, found, ("Statement",))]
        if self.kind in _PLAIN_SIDS:
            self._sids([s.sid for s in statements if s and s.sid])
        return tuple(s for s in statements if s)

    def _problem(self, path: Path, what: str, where: str = "", hint: str = "") -> None:
        self.refused.append(Mistake(path, what, hint))
        self.problems.append(f"{where}: {what}" if where else what)

    def _version(self, given: object) -> None:
        version = VERSIONS[0] if given is None else _scalar(given)
        if version in VERSIONS:
            self.version = version
        else:
            self._problem(("Version",), f"Version must be {' or '.join(VERSIONS)}, found {given!r}")

    def _sids(self, sids: list[str]) -> None:
        for sid in sorted(set(sids)):
            if sids.count(sid) > 1:
                self._problem(("Statement",), f"Sid {sid} is not unique")
            if not re.fullmatch(r"[0-9A-Za-z]*", sid):
                self._problem(("Statement",), f"Sid {sid!r} may hold only letters and digits")

    def _statement(self, index: int, given: object, path: Path) -> Statement | None:
        where = f"statement {index + 1}"
        if not isinstance(given, Mapping):
            self._problem(path, f"{where} is no object")
            return None
        where = f"{where} ({given['Sid']})" if given.get("Sid") else where
        found = [(str(name), f"unknown element {name}") for name in sorted(map(str, set(given) - _ELEMENTS))]
        found += [(b, f"{a} and {b} exclude each other") for a, b in _PAIRS if a in given and b in given]
        if given.get("Effect") not in ("Allow", "Deny"):
            found.append(("Effect", f"Effect must be Allow or Deny, found {given.get('Effect')!r}"))
        found += self._elements(given)
        lists: dict[str, tuple[str, ...] | None] = {}
        for name in ("Action", "NotAction", "Resource", "NotResource"):
            try:
                lists[name] = strings(given[name]) if name in given else None
            except TypeError:
                found.append((name, f"{name} must be a string or a list of strings"))
        found += self._actions(lists, given)
        for name in ("Resource", "NotResource"):
            found += [(name, problem) for value in lists.get(name) or () for problem in arn_problems(value)]
        principals = {}
        for name in ("Principal", "NotPrincipal"):
            if name in given:
                principals[name], wrong = principal_element.read(given[name], name)
                found += [(name, problem) for problem in wrong]
        for name, problem in found:
            self._problem((*path, name) if name else path, problem, where)
        conditions, unread = read_conditions(given.get("Condition", {}))
        for mistake in unread:
            self._problem((*path, "Condition", *mistake.path), mistake.what, where, mistake.hint)
        if found or unread:
            return None
        self._valid.append((path, given))
        return Statement(
            effect=Effect(given["Effect"]), index=index, sid=str(given.get("Sid", "")),
            actions=lists["Action"], not_actions=lists["NotAction"],
            resources=lists["Resource"], not_resources=lists["NotResource"],
            principal=principals.get("Principal"), not_principal=principals.get("NotPrincipal"), conditions=conditions,
        )  # fmt: skip

    def _elements(self, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Which elements this kind of policy must and must not carry: (element, problem)."""
        kind = self.kind
        if "Action" not in given and "NotAction" not in given:
            yield "", "missing required element Action"
        principal = next((name for name in ("Principal", "NotPrincipal") if name in given), "")
        if principal and kind in _WITHOUT_PRINCIPAL:
            yield principal, f"a policy of kind {kind} must not specify a Principal"
        if not principal and kind not in _WITHOUT_PRINCIPAL:
            yield "", "missing required element Principal"
        if "NotPrincipal" in given and kind in (PolicyKind.TRUST, PolicyKind.RCP):
            yield "NotPrincipal", f"NotPrincipal is not supported in a policy of kind {kind}"
        elif "NotPrincipal" in given and given.get("Effect") == "Allow":
            yield "NotPrincipal", "NotPrincipal is supported with Deny only"
        resource = next((name for name in ("Resource", "NotResource") if name in given), "")
        if resource and kind in _WITHOUT_RESOURCE:
            yield resource, f"prohibited element Resource: a policy of kind {kind} is about what it is attached to"
        if not resource and kind not in _RESOURCE_OPTIONAL:
            yield "", "missing required element Resource"
        if kind is PolicyKind.RCP:
            yield from (("", problem) for problem in _rcp_problems(given))

    def _actions(
        self, lists: Mapping[str, tuple[str, ...] | None], given: Mapping[str, Any]
    ) -> Iterator[tuple[str, str]]:
        name = "Action" if lists.get("Action") or "NotAction" not in given else "NotAction"
        actions = lists.get(name) or ()
        if not actions and name in given:
            yield name, "Action is empty"
        for action in actions:
            if not _ACTION.fullmatch(action):
                yield name, f"action {action!r} is not of the form service:Action"
            elif self.kind is PolicyKind.TRUST and not action.lower().startswith("sts:"):
                yield name, f"a trust policy may only specify sts actions, found {action}"


def _rcp_problems(given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("Principal") != "*":
        yield 'Principal must be "*" in a resource control policy'
    if "NotAction" in given:
        yield "NotAction is not supported in a resource control policy"
    full_access = given.get("Action") in ("*", ["*"]) and given.get("Resource") in ("*", ["*"])
    if given.get("Effect") == "Allow" and (not full_access or given.get("Condition")):
        yield "a resource control policy denies; only RCPFullAWSAccess allows"
    if given.get("Effect") == "Deny" and "*" in strings_or_none(given.get("Action")):
        yield "actions of a resource control policy must name a service"


def arn_problems(value: str) -> Iterator[str]:
    """What is wrong with a value of Resource: `*`, or an ARN whose service holds no wildcard."""
    if value == "*":
        return
    parts = _VARIABLES.sub("x", value).split(":", 5)
    if parts[0] != "arn" or len(parts) < 3 or not parts[1]:
        yield f'resource {value} must be in ARN format or "*"'
    elif not re.fullmatch(r"[a-z0-9-]+", parts[2]):
        yield f"resource {value} must name a service, without wildcards"


def read_conditions(given: object) -> tuple[tuple[Condition, ...], list[Mistake]]:
    """The conditions of a Condition element, and its mistakes, whose paths begin in the element."""
    found: list[Condition] = []
    wrong: list[Mistake] = []
    if not isinstance(given, Mapping):
        return (), [Mistake((), "Condition must be an object")]
    for name, pairs in given.items():
        try:
            named = operators.parse(str(name))
        except ValueError as error:
            wrong.append(Mistake((str(name),), str(error), mistakes.nearest(str(name), operators.BASES)))
            continue
        if not isinstance(pairs, Mapping):
            wrong.append(Mistake((str(name),), f"{name} must be an object of condition keys"))
            continue
        for key, values in pairs.items():
            try:
                condition = Condition(operator=str(name), key=str(key), values=strings(values))
                if ":" not in condition.key:
                    raise ValueError("condition keys begin with a service prefix")
                if named.base.family is Family.NULL:
                    if not {v.lower() for v in condition.values} <= {"true", "false"}:
                        raise ValueError("Null takes true or false")
                else:
                    operators.value_test(named.base, condition.values, variables=True)
                found.append(condition)
            except (ValueError, TypeError) as error:
                wrong.append(Mistake((str(name), str(key)), f"{name} {key}: {error}"))
    return tuple(found), wrong


def strings(value: object) -> tuple[str, ...]:
    """A string, number or boolean, or a list of them. TypeError otherwise."""
    return tuple(text(v) for v in value) if isinstance(value, (list, tuple)) else (text(value),)


def strings_or_none(value: object) -> tuple[str, ...]:
    """The same, empty for what is no such value."""
    try:
        return strings(value)
    except TypeError:
        return ()


def _scalar(value: object) -> str | None:
    try:
        return text(value)
    except TypeError:
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"duplicate key {next(n for n in names if names.count(n) > 1)}")
    return found

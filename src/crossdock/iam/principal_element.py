"""Reading a Principal or NotPrincipal element (IAM User Guide, Principal)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crossdock.iam.statement import Principals

_ROOT = re.compile(r"arn:[a-z0-9-]+:iam::(\d{12}):root")
_ENTITY = re.compile(
    r"arn:[a-z0-9-]+:(iam::\d{12}:(user|role)/[^*?]+|sts::\d{12}:(assumed-role/[^*?/]+/[^*?/]+|federated-user/[^*?]+))"
)
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.[a-z0-9.-]+")


def read(given: object, element: str) -> tuple[Principals, list[str]]:
    """The principals of an element, and its problems. No wildcards inside a name, and groups are no principals."""
    if given == "*":
        return Principals(everyone=True), []
    if not isinstance(given, Mapping) or not given:
        return Principals(), [f'{element} must be "*" or an object of AWS, Service, Federated or CanonicalUser']
    problems = [f"{element} of unknown type {name}" for name in given if name not in _CHECKS]
    lists: dict[str, frozenset[str]] = {}
    for name, values in given.items():
        entries = values if isinstance(values, list) else [values]
        if not entries:
            problems.append(f"{element} {name} is empty")
        bad = [v for v in entries if not isinstance(v, str) or not _CHECKS.get(str(name), _any)(v)]
        problems += [f"invalid principal {v!r} in {element} {name}" for v in bad]
        lists[str(name)] = frozenset(v for v in entries if v not in bad)
    aws = lists.get("AWS", frozenset())
    return Principals(
        everyone="*" in aws,
        aws=frozenset(account(v) for v in aws - {"*"}),
        service=lists.get("Service", frozenset()),
        federated=lists.get("Federated", frozenset()),
        canonical=lists.get("CanonicalUser", frozenset()),
    ), problems  # fmt: skip


def account(value: str) -> str:
    """A root ARN as the account that it stands for; everything else as it is."""
    root = _ROOT.fullmatch(value)
    return root.group(1) if root else value


def _aws(value: str) -> bool:
    known = (_ROOT, _ENTITY, _UNIQUE_ID, re.compile(r"\*|\d{12}"))
    return any(form.fullmatch(value) for form in known)


def _service(value: str) -> bool:
    return _SERVICE.fullmatch(value) is not None


def _any(value: str) -> bool:
    return value != "" and "*" not in value


_CHECKS = {"AWS": _aws, "Service": _service, "Federated": _any, "CanonicalUser": _any}

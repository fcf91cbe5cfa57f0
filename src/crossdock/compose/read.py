"""crossdock.yaml -> Platform, or every mistake in it at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.compose import infrastructure, sense, shape
from crossdock.compose.written import Written, parse
from crossdock.errors import PlatformError, Position, Problem
from crossdock.model.assembly import Check, Grant
from crossdock.model.platform import (
    Account,
    Companion,
    Environment,
    Extension,
    Merge,
    Notifications,
    Platform,
    Reviews,
    Service,
    ServiceKind,
)

FILE = "crossdock.yaml"
_METHODS = ("get", "post", "put", "delete", "head")


def read(path: Path) -> Platform:
    """The platform in a file, or in the crossdock.yaml of a folder.

    Reads that file and looks whether the services' folders are there. Raises PlatformError with every problem found.
    """
    file = path / FILE if path.is_dir() else path
    written = _written(file)
    problems = list(written.problems)
    if not problems or written.value is not None:
        problems += _problems(written, file.parent)
    if problems:
        raise PlatformError(list(dict.fromkeys(problems)), what=str(file))
    return _platform(written, file.parent)


def _written(file: Path) -> Written:
    name = str(file)
    try:
        return parse(file.read_text(encoding="utf-8-sig"), name)
    except FileNotFoundError:
        problem = Problem(Position(name), "there is no such file", "make a platform: crossdock init DIR")
    except UnicodeDecodeError as error:
        problem = Problem(Position(name), f"not UTF-8: {error.reason} at byte {error.start}", "save the file as UTF-8")
    except OSError as error:
        problem = Problem(Position(name), f"can't be read: {error.strerror}", "")
    return Written(name, problems=[problem])


def _problems(written: Written, root: Path) -> list[Problem]:
    if written.value is None:
        where = Position(written.file, 1, 1)
        return [Problem(where, "the file is empty", "make a platform: crossdock init DIR")]
    if not isinstance(written.value, dict):
        return [Problem(written.at(()), "the file is not a mapping (key: value)", "begin with platform: NAME")]
    return [*shape.problems(written), *sense.problems(written, root)]


def _platform(written: Written, root: Path) -> Platform:
    data: Mapping[str, Any] = written.value
    return Platform(
        name=data["platform"],
        organization=data.get("organization", ""),
        region=data["region"],
        accounts=tuple(Account(name=name, id=id_) for name, id_ in data["accounts"].items()),
        environments=tuple(_environment(name, what, data) for name, what in data["environments"].items()),
        services=tuple(_service(name, what, root) for name, what in data["services"].items()),
        reviews=_reviews(data["reviews"]) if "reviews" in data else None,
        notifications=_notifications(data["notifications"]) if "notifications" in data else None,
        companions=tuple(
            Companion(name=name, **what) for name, what in data.get("rehearsal", {}).get("companions", {}).items()
        ),
        extensions=tuple(_extension(name, what, root) for name, what in data.get("extend", {}).items()),
        positions=written.positions,
    )


def _extension(name: str, what: Mapping[str, Any], root: Path) -> Extension:
    return Extension(
        name=name, template=what["template"], text=(root / what["template"]).read_text(encoding="utf-8"),
        environments=tuple(what.get("environments", ())),
        parameters={key: str(value).lower() if isinstance(value, bool) else str(value)
                    for key, value in what.get("parameters", {}).items()},
    )


def _environment(name: str, what: Mapping[str, Any], data: Mapping[str, Any]) -> Environment:
    override = data.get("overrides", {}).get(name, {}).get("infrastructure", {})
    asked = infrastructure.merged(data.get("infrastructure", {}), override)
    return Environment(name=name, **what, infrastructure=infrastructure.infrastructure(asked))


def _service(name: str, what: Mapping[str, Any], root: Path) -> Service:
    authentication = what.get("authentication", "none")
    source = Path(what["source"])
    return Service(
        name=name,
        kind=ServiceKind(what["kind"]),
        source=source.as_posix(),
        buildspec=next((spec for spec in sense.BUILDSPECS if (root / source / spec).is_file()), sense.BUILDSPECS[0]),
        authentication=authentication if isinstance(authentication, str) else "jwt",
        jwt=authentication["jwt"] if isinstance(authentication, dict) else {},
        checks=tuple(_check(check) for check in what.get("checks", ())),
        schedule=what.get("schedule", ""),
        files=what.get("files", {}),
        needs=tuple(Grant(actions=tuple(n["actions"]), resources=tuple(n["resources"])) for n in what.get("needs", ())),
    )


def _check(what: Mapping[str, Any]) -> Check:
    method = next(m for m in _METHODS if m in what)
    return Check(
        path=what[method], method=method.upper(), expect=what.get("expect", 200), contains=what.get("contains", "")
    )


def _reviews(what: Mapping[str, Any]) -> Reviews:
    return Reviews(
        approvers=what["approvers"],
        approvals=what.get("approvals", 1),
        merge=Merge(what.get("merge", Merge.BY_HAND.value)),
    )


def _notifications(what: Mapping[str, Any]) -> Notifications:
    return Notifications(email=tuple(what.get("email", ())), slack=what.get("slack", {}))

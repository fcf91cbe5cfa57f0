"""What a platform file may say that can't be composed yet: each such key is refused by name, where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.errors import Problem
from crossdock.model.platform import Platform, ServiceKind

_LATER = "remove it: a platform without it can be composed and rehearsed"


def problems(platform: Platform) -> Iterator[Problem]:
    """One problem for each key whose promise would not be kept."""
    def refuse(what: str, *path: str | int) -> Problem:
        return Problem(platform.position(*path), f"{what} is not built yet", _LATER)

    if platform.reviews:
        yield refuse("`reviews`", "reviews")
    if platform.notifications and platform.notifications.slack:
        yield refuse("`notifications.slack`", "notifications", "slack")
    for environment in platform.environments:
        held = environment.infrastructure
        if held is not None and held.network is None:
            yield refuse(f"infrastructure of {environment.name} without a network", "environments", environment.name)
    for service in platform.services:
        if service.kind is ServiceKind.TASK:
            yield refuse("`kind: task`", "services", service.name, "kind")
        if service.authentication != "none":
            yield refuse(f"`authentication: {service.authentication}`", "services", service.name, "authentication")
        for key, value in {"schedule": service.schedule, "files": service.files}.items():
            if value:
                yield refuse(f"`{key}` of a service", "services", service.name, key)

"""What services declare that they need (`needs:` of crossdock.yaml) has room in the boundary of their roles.

The platform's file is where somebody who may decide about rights says yes; a service's own template can only use them.
The template `delivery/boundary` marks where the statements belong, one for each need of each service.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from crossdock.compose import declared, names
from crossdock.errors import Problem
from crossdock.iam import actions
from crossdock.model.platform import Platform, Service

MARK = "          # crossdock: one statement for each need that a service declares\n"

LONGEST_NEEDS = 2800
"""Characters of a managed policy (6,144 without blanks, IAM quotas) that the boundary itself leaves, names at their
longest."""
_LONGER = 90
"""By how much an ARN grows when its names are filled in, at most."""

_STATEMENT = """\
          - Sid: {sid}
            Effect: Allow
            Action: {actions}
            Resource: {resources}
"""


def written(template: str, platform: Platform) -> str:
    """The template `delivery/boundary` with one statement per declared need, the same for all environments: names in
    resources stand for the template's parameters."""
    if template.count(MARK) != 1:
        raise ValueError("the template delivery/boundary does not mark where declared needs belong")
    return template.replace(MARK, "".join(text for service in platform.services for text in _statements(service)))


def problems(platform: Platform) -> Iterator[Problem]:
    """Needs for which a policy has no room, all together."""
    texts = [text for service in platform.services for text in _statements(service)]
    length = sum(len("".join(text.split())) + _LONGER * text.count("!Sub") for text in texts)
    if length > LONGEST_NEEDS:
        first = next(service for service in platform.services if service.needs)
        yield Problem(platform.position("services", first.name, "needs"),
                      f"what services need takes {length} characters of a policy that has room for {LONGEST_NEEDS}",
                      "use patterns of actions and resources, or split the platform in two")


def _statements(service: Service) -> Iterator[str]:
    for number, need in enumerate(service.needs, start=1):
        sid = f"Need{number}Of{names.sentence_case(service.name)}"
        listed = [_resource(service, one) for one in need.resources]
        yield _STATEMENT.format(sid=sid, actions=json.dumps(list(need.actions)), resources=f"[{', '.join(listed)}]")
        # Actions that know no resource are asked on everything (Service Authorization Reference).
        if bare := sorted({a for p in need.actions for a in actions.matching(p) if not actions.has_resource_level(a)}):
            yield _STATEMENT.format(sid=f"{sid}OnEverything", actions=json.dumps(bare), resources='"*"')


def _resource(service: Service, resource: str) -> str:
    return "!Sub " + json.dumps(declared.spelled(resource).replace("${Service}", service.name))

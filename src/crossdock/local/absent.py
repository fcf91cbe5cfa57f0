"""What is kept as it was asked for and never starts: said in the report, once."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.local.engine import Call
from crossdock.local.world import World

_NOTES: Mapping[tuple[str, str], str] = {
    ("ec2", "RunInstances"): "instances of EC2 are kept and shown, none boots",
    ("opensearch", "CreateDomain"): "domains of OpenSearch are kept and shown, none answers",
    ("es", "CreateElasticsearchDomain"): "domains of Elasticsearch are kept and shown, none answers",
}
SERVICES = frozenset(service for service, _ in _NOTES)


class Absent:
    """Follows calls that would start something which nothing here plays."""

    def __init__(self, world: World) -> None:
        self._world = world

    def before(self, call: Call) -> None:
        """Nothing is refused: stacks with such things are made."""

    def after(self, call: Call) -> None:
        note = _NOTES.get((call.service, call.operation))
        if note:
            self._world.substitution(note)

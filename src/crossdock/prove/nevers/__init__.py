"""What must never be possible, derived from what is needed: whatever nobody needs is refused.

Each claim gathers many requests; the comments say why it is asked as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crossdock.model.proof import Need
from crossdock.prove.claims import Allowed, Claim, Probe
from crossdock.prove.nevers import bounds, data, images, others, outside, reviews, rights, stores
from crossdock.prove.parts import parts, things
from crossdock.prove.scene import Scene


def claims(scene: Scene, needs: Iterable[Need]) -> Iterator[Claim]:
    """Every request that must be refused, under what it would break."""
    listed = tuple(needs)
    probe = Probe(scene, Allowed(need for need in listed if not need.step.declared),
                  Allowed(need for need in listed if need.step.declared))
    cast, objects = parts(scene), tuple(things(scene))
    for part in cast:
        yield from stores.claims(probe, part, objects)
        yield from rights.claims(probe, part, cast)
        yield from others.claims(probe, part, cast)
        yield from images.claims(probe, part)
        yield from reviews.claims(probe, part)
        yield from data.claims(probe, part)
        yield from bounds.claims(probe, part, cast, objects)
    for need in listed:
        yield from outside.claims(probe, need)

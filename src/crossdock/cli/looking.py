"""outputs, drift, doctor: what is there, what was changed by hand, what is wrong. They change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crossdock.cli.output import show
from crossdock.cli.places import Place, directory_argument, json_option, profile_option


def _at(directory: Path, profile: str | None) -> tuple[Any, Any]:
    """The platform's assembly, composed anew without touching the one on disk, and the cloud."""
    from crossdock import compose

    place = Place(directory)
    assembly = compose.compose(compose.read(directory))
    return assembly, place.cloud(place.nearest(profile), assembly.region)


@click.command()
@directory_argument
@profile_option
@json_option
def outputs(*, directory: Path, profile: str | None, as_json: bool) -> None:
    """Show what every stack gives."""
    from crossdock.deploy.observe import observe

    assembly, cloud = _at(directory, profile)
    seen = observe(assembly, cloud)
    found = {id_: dict(stack.outputs) for id_, stack in (*seen.stacks.items(), *seen.delivered.items())}
    show(as_json, found, [line for id_, given in found.items() if given
                          for line in (id_, *(f"  {name}  {value}" for name, value in sorted(given.items())))])


@click.command()
@directory_argument
@profile_option
@json_option
def drift(*, directory: Path, profile: str | None, as_json: bool) -> None:
    """Find what was changed by hand in the platform's stacks. Ends with 8 when something was, or can't be told."""
    from crossdock.deploy.drift import drift as find
    from crossdock.model.codec import encode

    assembly, cloud = _at(directory, profile)
    found = list(find(assembly, cloud))
    lines = []
    for one in found:
        lines.append(f"{one.status:<8}  {one.stack}{f'  ({one.reason})' if one.reason else ''}")
        for difference in one.differences:
            change = f" {difference.path}: {difference.expected} -> {difference.actual}" if difference.path else ""
            lines.append(f"          {difference.resource} ({difference.type}) {difference.status}{change}")
    show(as_json, [encode(one) for one in found], lines)
    if any(one.status in ("DRIFTED", "UNKNOWN") for one in found):
        raise SystemExit(8)


@click.command()
@directory_argument
@profile_option
@json_option
def doctor(*, directory: Path, profile: str | None, as_json: bool) -> None:
    """Find what is wrong with the platform's stacks, why, and how to go on. Ends with 8 when something is."""
    from crossdock.deploy.doctor import doctor as examine
    from crossdock.model.codec import encode

    assembly, cloud = _at(directory, profile)
    found = list(examine(assembly, cloud))
    lines = []
    for one in found:
        lines += [f"{one.stack}: {one.status}: {one.what}", *(f"  {why}" for why in one.why), f"  next: {one.next}"]
    show(as_json, [encode(one) for one in found], lines or ["everything is well"])
    if found:
        raise SystemExit(8)

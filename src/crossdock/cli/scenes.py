"""What access commands look at: an assembly on paper, and what the organization imposes on its accounts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.places import Place

if TYPE_CHECKING:
    from crossdock.model.assembly import Assembly
    from crossdock.model.organization import Organization
    from crossdock.prove import Scene


def controlled_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--organization and --profile: where the organization's control policies are read from."""
    file = click.option("--organization", "controls_file", metavar="FILE",
                        type=click.Path(path_type=Path, exists=True, dir_okay=False),
                        help="Decide with the organization's control policies, as `access organization` wrote them.")
    profile = click.option("--profile", metavar="NAME", help="The same, read from AWS by this profile.")
    return file(profile(command))


def scene_of(
    root: Path, *, fresh: bool = False, as_it_is: Path | None = None, controls_file: Path | None = None,
    profile: str | None = None,
) -> Scene:
    """The platform's assembly on paper: the one named, else the one on disk where it was edited by hand, else one
    composed anew. With what the organization imposes, where that is told."""
    from crossdock import compose
    from crossdock.deploy.assemble import assemble, assembly_directory
    from crossdock.prove.controls import controlled
    from crossdock.prove.read import read

    if as_it_is is not None:
        scene = read(compose.adopt(as_it_is), as_it_is, root)
    else:
        platform, directory = compose.read(root), assembly_directory(root)
        if not fresh and (edited := compose.edited(directory)):
            click.echo(f"proving the assembly on disk, where {', '.join(edited)} was edited by hand", err=True)
            scene = read(compose.adopt(directory), directory, root)
        else:
            scene = read(assemble(platform, root, fresh=True), directory, root)
    if controls_file is not None:
        return controlled(scene, _organization(controls_file), str(controls_file))
    if profile is not None:
        return controlled(scene, asked(root, profile, scene.assembly), f"the organization of {profile}")
    return scene


def _organization(file: Path) -> Organization:
    from crossdock.errors import UsageError
    from crossdock.model.codec import loads
    from crossdock.model.organization import Organization

    try:
        return loads(Organization, file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(message=f"{file} tells of no organization: {error}",
                         hint="export it: crossdock access organization --profile NAME") from error


def asked(root: Path, profile: str | None, assembly: Assembly) -> Organization:
    from crossdock.aws.organizations import read

    return read(Place(root).cloud(profile, assembly.region), assembly.accounts.values())

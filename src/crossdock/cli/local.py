"""local: the AWS-shaped server on this machine."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from crossdock.cli.output import show
from crossdock.cli.places import Place, directory_argument, directory_option, json_option


@click.group()
def local() -> None:
    """The local AWS of a platform: an AWS-shaped server on loopback with real access control."""


@local.command()
@directory_argument
@json_option
def up(*, directory: Path, as_json: bool) -> None:
    """Start it; it runs until `crossdock local down`."""
    from crossdock import compose
    from crossdock.local import cloud

    place, platform = Place(directory), compose.read(directory)
    place.state.mkdir(exist_ok=True)
    started = cloud.up(
        place.local, accounts={a.name: a.id for a in platform.accounts}, shared=platform.shared.name,
        organization=platform.organization, region=platform.region, keep=True, home=place.root,
        companions={one.name: {"command": one.command, "ready": one.ready} for one in platform.companions},
    )
    show(as_json, {"endpoint": started.endpoint, "config_file": str(started.config_file),
                   "credentials_file": str(started.credentials_file)},
         [f"local AWS at {started.endpoint}", f"profiles in {started.config_file.parent}",
          "next: crossdock apply --profile rehearsal"])


@local.command()
@directory_argument
@json_option
def down(*, directory: Path, as_json: bool) -> None:
    """Stop it and everything it started."""
    from crossdock.local import cloud

    stopped = bool(cloud.down(Place(directory).local))
    show(as_json, {"stopped": stopped}, ["stopped" if stopped else "the local AWS was not running"])


@local.command()
@directory_argument
@json_option
def status(*, directory: Path, as_json: bool) -> None:
    """Whether it runs, and where."""
    from crossdock.local import cloud

    running = cloud.status(Place(directory).local)
    if running is None:
        show(as_json, {"running": False}, ["the local AWS is not running"])
        return
    show(as_json, {"running": True, "endpoint": running.endpoint, "pid": running.pid,
                   "accounts": dict(running.accounts), "substitutions": running.substitutions()},
         [f"local AWS at {running.endpoint} (process {running.pid})",
          *(f"  account {name}  {id_}" for name, id_ in running.accounts.items()),
          *(f"  note: {sentence}" for sentence in running.substitutions())])


@local.command()
@directory_argument
@json_option
def reset(*, directory: Path, as_json: bool) -> None:
    """Stop it and forget everything it holds."""
    from crossdock.local import cloud

    cloud.reset(Place(directory).local)
    show(as_json, {"reset": True}, ["the local AWS is stopped and its state is gone"])


@local.command()
@click.argument("account")
@directory_option
@json_option
def env(*, account: str, directory: Path, as_json: bool) -> None:
    """Print variables with which a shell acts as ACCOUNT's administrator: eval "$(crossdock local env nonprod)"."""
    from crossdock.local import cloud

    variables = cloud.env(Place(directory).local, account)
    show(as_json, variables, [
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",  # these would win over the profile
        *(f"export {name}={shlex.quote(value)}" for name, value in variables.items()),
    ])


@local.command()
@click.option("--markdown", is_flag=True, help="Print docs/coverage.md.")
@json_option
def coverage(*, markdown: bool, as_json: bool) -> None:
    """What the local AWS rehearses, accepts without an effect, and refuses."""
    from crossdock.local import coverage as table
    from crossdock.model.codec import encode

    if markdown:
        click.echo(table.document(), nl=False)
        return
    services, types = table.services(), table.types()
    wide = max(len(name) for name in [*table.DIFFERENCES, *(service.name for service in services)])
    document = {"differences": dict(table.DIFFERENCES), "services": encode(services), "types": encode(types)}
    show(as_json, document, [
        "otherwise than on AWS", *(f"  {what:<{wide}}  {how}" for what, how in table.DIFFERENCES.items()),
        "services", *(f"  {s.name:<{wide}}  {len(s.operations)} of {s.of} operations, by {s.by}" for s in services),
        "CloudFormation types", *(f"  {t.type}" for t in types),
        "everything else is refused by name",
    ])

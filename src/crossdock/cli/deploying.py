"""plan, apply, destroy: stacks in the accounts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from crossdock.cli.output import on_failure, show
from crossdock.cli.places import Place, assembly_option, directory_argument, json_option, profile_option, telling
from crossdock.errors import UsageError

_FRESH = click.option("--fresh", is_flag=True, help="Compose anew even if the assembly was edited by hand.")
_LOSS = click.option("--allow-data-loss", metavar="NAME", multiple=True,
                     help="Let this resource, or all of a stack, be deleted or replaced with the data it holds.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@directory_argument
@profile_option
@assembly_option
@_FRESH
@json_option
def plan(*, directory: Path, profile: str | None, as_it_is: Path | None, fresh: bool, as_json: bool) -> None:
    """Show what apply would do, and keep it in .crossdock/plan.json for apply --plan."""
    from crossdock.compose import texts
    from crossdock.deploy.observe import observe
    from crossdock.deploy.plan import plan as decide
    from crossdock.model.codec import dumps, encode
    from crossdock.views.planned import lines

    place = Place(directory)
    assembly, files = _assembly(directory, as_it_is, fresh)
    cloud = place.cloud(profile, assembly.region)
    decided = decide(assembly, observe(assembly, cloud), texts(assembly, files))
    place.state.mkdir(exist_ok=True)
    (place.state / "plan.json").write_text(dumps(decided), encoding="utf-8")
    show(as_json, encode(decided), lines(decided))


@click.command()
@directory_argument
@profile_option
@assembly_option
@_FRESH
@click.option("--plan", "plan_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="Do exactly this plan, or nothing if anything has changed since.")
@click.option("--unproved", is_flag=True, help="Go on although the proof fails (crossdock prove).")
@_LOSS
@_YES
@json_option
def apply(
    *, directory: Path, profile: str | None, as_it_is: Path | None, fresh: bool, plan_file: Path | None,
    unproved: bool, allow_data_loss: tuple[str, ...], yes: bool, as_json: bool,
) -> None:
    """Make the accounts what crossdock.yaml says, once it is proven who reaches what."""
    from crossdock.compose import texts
    from crossdock.deploy.apply import apply as carry_out
    from crossdock.deploy.apply import settle, unsettled
    from crossdock.deploy.observe import observe
    from crossdock.deploy.plan import plan as decide

    place = Place(directory)
    assembly, templates = _assembly(directory, as_it_is, fresh)
    cloud = place.cloud(profile, assembly.region)
    _prove(assembly, templates, directory, cloud, go_on=unproved)
    seen = observe(assembly, cloud)
    if unsettled(seen):
        with telling(place, "settle", as_json=as_json) as (tell, journal):
            tell.all(settle(assembly, seen, cloud))
        seen = observe(assembly, cloud)
    decided = _read_plan(plan_file) if plan_file else decide(assembly, seen, texts(assembly, templates))
    if decided.changes:
        _agree(decided, yes=yes or plan_file is not None)
    with telling(place, "apply", as_json=as_json) as (tell, journal):
        try:
            with tell.run("apply"):
                tell.all(carry_out(decided, assembly, templates, cloud, observed=seen,
                                   allow_data_loss=allow_data_loss))
        finally:
            on_failure({"ok": False, "events": str(journal.path)})
    _finish(as_json, journal, f"{assembly.platform} is up to date in {cloud.identity()}")


@click.command()
@directory_argument
@profile_option
@assembly_option
@_LOSS
@_YES
@json_option
def destroy(
    *, directory: Path, profile: str | None, as_it_is: Path | None, allow_data_loss: tuple[str, ...], yes: bool,
    as_json: bool,
) -> None:
    """Delete every stack that apply and the pipelines made. What a stack keeps by its policy is named."""
    from crossdock.compose import texts
    from crossdock.deploy.apply import apply as carry_out
    from crossdock.deploy.observe import observe
    from crossdock.deploy.plan import removal

    place = Place(directory)
    assembly, templates = _assembly(directory, as_it_is, fresh=True)
    cloud = place.cloud(profile, assembly.region)
    seen = observe(assembly, cloud)
    decided = removal(assembly, seen, texts(assembly, templates))
    if decided.changes:
        _agree(decided, yes=yes)
    with telling(place, "destroy", as_json=as_json) as (tell, journal):
        try:
            with tell.run("destroy"):
                tell.all(carry_out(decided, assembly, templates, cloud, observed=seen,
                                   allow_data_loss=allow_data_loss))
        finally:
            on_failure({"ok": False, "events": str(journal.path)})
    _finish(as_json, journal, f"nothing of {assembly.platform} runs in {cloud.identity()}")


def _assembly(directory: Path, as_it_is: Path | None, fresh: bool) -> tuple[Any, Path]:
    """The assembly and the folder of its templates."""
    from crossdock import compose
    from crossdock.deploy.assemble import assemble, assembly_directory

    if as_it_is is not None:
        return compose.adopt(as_it_is), as_it_is
    return assemble(compose.read(directory), directory, fresh=fresh), assembly_directory(directory)


def _prove(assembly: Any, templates: Path, directory: Path, cloud: Any, *, go_on: bool) -> None:
    """Refuse what the proof refuses, with the organization's control policies where the profile may read them."""
    from crossdock.cli.output import error_lines
    from crossdock.deploy.proving import proven
    from crossdock.errors import ProofFailed

    try:
        for note in proven(assembly, templates, directory, cloud).notes:
            click.echo(f"note: {note}", err=True)
    except ProofFailed as error:
        if not go_on:
            raise
        click.echo("\n".join([*error_lines(error), "UNPROVED: going on all the same"]), err=True)


def _read_plan(file: Path) -> Any:
    from crossdock.model.codec import loads
    from crossdock.model.plan import Plan

    try:
        return loads(Plan, file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(message=f"{file} is not a plan: {error}", hint="make one: crossdock plan") from error


def _agree(decided: Any, *, yes: bool) -> None:
    """Show the plan and ask, unless --yes."""
    from crossdock.views.planned import lines

    for line in lines(decided):
        click.echo(line, err=True)
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(message="nobody is there to agree to this plan", hint="agree beforehand with --yes")
    click.confirm("do this?", abort=True, err=True)


def _finish(as_json: bool, journal: Any, done: str) -> None:
    from crossdock.model.codec import encode
    from crossdock.views.summary import summary

    run = journal.run
    show(as_json, {"ok": bool(run.ok), "seconds": run.seconds, "steps": encode(run.steps), "events": str(journal.path)},
         [*summary(run), done])

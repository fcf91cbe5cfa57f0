"""prove, access: who reaches what, before anything is deployed and after it was rehearsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import on_failure, show
from crossdock.cli.places import (
    DIRECTORY,
    Place,
    assembly_option,
    directory_argument,
    directory_option,
    json_option,
    profile_option,
)
from crossdock.cli.scenes import asked, controlled_options, scene_of

if TYPE_CHECKING:
    from crossdock.model.assembly import Grant
    from crossdock.prove import Scene
    from crossdock.prove.observed import Observed


@click.command()
@directory_argument
@click.option("--against", metavar="OLD", type=DIRECTORY, help="Show what access changed since this assembly.")
@click.option("--fresh", is_flag=True, help="Compose anew even if the assembly was edited by hand.")
@assembly_option
@controlled_options
@click.option("--all", "whole", is_flag=True, help="Show every need with the statements that allow it.")
@json_option
def prove(
    *, directory: Path, against: Path | None, fresh: bool, as_it_is: Path | None, controls_file: Path | None,
    profile: str | None, whole: bool, as_json: bool,
) -> None:
    """Prove who reaches what: every need met, every never kept. Calls nobody, unless told to by --profile."""
    from crossdock import compose
    from crossdock.errors import ProofFailed
    from crossdock.model.codec import dumps, encode
    from crossdock.prove import of, words
    from crossdock.prove.against import against as differ
    from crossdock.prove.read import read

    scene = scene_of(directory, fresh=fresh, as_it_is=as_it_is, controls_file=controls_file, profile=profile)
    proof = of(scene)
    (Place(directory).state / "proof.json").write_text(dumps(proof), encoding="utf-8")
    document, lines = {"ok": proof.ok, **encode(proof)}, words.table(proof, whole=whole)
    if against is not None:
        changed = differ(scene, read(compose.adopt(against), against, directory))
        document["changes"] = encode(changed)
        lines += ["", *(f"+ {grant}" for grant in changed.added), *(f"- {grant}" for grant in changed.removed)]
        lines += [] if changed.added or changed.removed else ["no access changed"]
    if proof.ok or not as_json:
        show(as_json, document, lines)
    if not proof.ok:
        on_failure(document)
        raise ProofFailed(summary=words.summary(proof))


@click.group()
def access() -> None:
    """Who may do what: explain one request, decide many, compare with what was done."""


@access.command()
@click.argument("role")
@click.argument("action")
@click.argument("resource")
@click.option("--via", metavar="SERVICE", help="The call is made by this service with the role's rights, e.g. s3.")
@click.option("--context", "pairs", multiple=True, metavar="KEY=VALUE", help="A condition key; may be repeated.")
@controlled_options
@directory_option
@json_option
def can(
    *, role: str, action: str, resource: str, via: str | None, pairs: tuple[str, ...], controls_file: Path | None,
    profile: str | None, directory: Path, as_json: bool,
) -> None:
    """May ROLE (a name or an ARN) do ACTION on RESOURCE (an ARN)? Exits with 1 when not."""
    from crossdock.model.codec import encode
    from crossdock.prove.can import ask, said

    scene = scene_of(directory, controls_file=controls_file, profile=profile)
    found = ask(scene, role, action, resource, via=via or "", context=dict(p.split("=", 1) for p in pairs))
    show(as_json, {"allowed": found.allowed, **encode(found)}, said(found))
    if not found.allowed:
        click.get_current_context().exit(1)


@access.command()
@directory_argument
@profile_option
def organization(*, directory: Path, profile: str | None) -> None:
    """Print the organization's control policies and the accounts that they bind, for prove --organization.

    The profile must be of the management account or of a delegated administrator: nobody else may ask.
    """
    from crossdock import compose
    from crossdock.model.codec import dumps

    click.echo(dumps(asked(directory, profile, compose.compose(compose.read(directory)))).rstrip("\n"))


@access.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
def decide(*, file: str | None) -> None:
    """Decide JSON records, one a line, from FILE or standard input; one decision a line."""
    from crossdock.iam.__main__ import main

    click.get_current_context().exit(main([file] if file else []))


@access.command()
@directory_argument
@click.option("--log", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="A log of the local AWS's door (default: that of the newest rehearsal).")
@click.option("--write", is_flag=True, help="Write what services were seen to need under `needs` of crossdock.yaml.")
@json_option
def observed(*, directory: Path, log: Path | None, write: bool, as_json: bool) -> None:
    """Compare the calls of the last rehearsal with the needs: what nobody foretold, what was refused, what is idle."""
    from crossdock.errors import ProofFailed
    from crossdock.local.door.log_reader import read as read_log
    from crossdock.model.codec import encode
    from crossdock.prove.needs import needs
    from crossdock.prove.observed import observed as compare
    from crossdock.prove.proposal import proposals
    from crossdock.prove.words import observed_lines, proposal_lines

    def look() -> tuple[Scene, Observed]:
        scene = scene_of(directory)
        return scene, compare(scene, needs(scene), read_log(log or _newest_log(Place(directory))))

    scene, found = look()
    proposed = proposals(scene, found.unforetold)
    if write and proposed:
        _write_needs(directory, proposed)
        _, found = look()
    document = {**encode(found), "needs": encode(proposed), "written": write}
    lines = [*observed_lines(found), *proposal_lines(proposed, written=write)]
    if not found.unforetold:
        show(as_json, document, lines)
        return
    if as_json:
        on_failure(document)
    else:
        show(as_json, {}, lines)
    hint = "declare what services need: crossdock access observed --write" if proposed and not write else "see above"
    raise ProofFailed(summary=f"{len(found.unforetold)} calls were made that no need foretold", hint=hint)


def _write_needs(directory: Path, proposed: Mapping[str, Sequence[Grant]]) -> None:
    """Write needs into crossdock.yaml, which is left as it was when they can't be."""
    from crossdock.compose.propose import with_needs

    file = directory / "crossdock.yaml" if directory.is_dir() else directory
    text = file.read_text(encoding="utf-8")
    for service, needs in proposed.items():
        text = with_needs(text, service, needs)
    file.write_text(text, encoding="utf-8")


def _newest_log(place: Place) -> Path:
    """The door's log of the newest local AWS, running or not. Raises UsageError when there is none."""
    from crossdock.errors import UsageError

    logs = sorted(place.local.glob("*/access.jsonl"), key=lambda file: file.stat().st_mtime)
    if not logs:
        raise UsageError(message=f"nothing was rehearsed in {place.root}", hint="rehearse first: crossdock rehearse")
    return logs[-1]

"""rehearse, retry, status, logs: services on their way."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from crossdock.cli.output import on_failure, show
from crossdock.cli.places import (
    Place,
    assembly_option,
    directory_argument,
    directory_option,
    find,
    json_option,
    profile_option,
    telling,
)
from crossdock.errors import UsageError


@click.command()
@directory_argument
@click.option("--only", multiple=True, metavar="SERVICE", help="Deliver only this service; may be repeated.")
@click.option("--keep", is_flag=True, help="Leave the local AWS up.")
@click.option("--fresh", is_flag=True, help="Compose anew even if the assembly was edited by hand.")
@assembly_option
@click.option("--unproved", is_flag=True, help="Go on although the proof fails (crossdock prove).")
@click.option("--report", "report_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write what happened to this file, also on failure.")
@json_option
def rehearse(
    *, directory: Path, only: tuple[str, ...], keep: bool, fresh: bool, as_it_is: Path | None, unproved: bool,
    report_file: Path | None, as_json: bool,
) -> None:
    """Bring the platform up on this machine, deliver every service, check its answers."""
    from crossdock.rehearse import Wishes, report
    from crossdock.rehearse import rehearse as run_all
    from crossdock.views.summary import summary

    place = Place(directory.resolve())
    if report_file is not None and not report_file.absolute().parent.is_dir():
        raise UsageError(message=f"the report can't be written: there is no folder {report_file.parent}")
    _end_as_by_interrupt(signal.SIGTERM)
    _end_as_by_interrupt(signal.SIGHUP)
    if not (place.root / "crossdock.yaml").exists():
        from crossdock import compose

        compose.read(directory)  # says what is missing, before anything is written
    with _said_what_remains(place, directory), telling(place, "rehearse", as_json=as_json) as (tell, journal):
        try:
            wishes = Wishes(only=only, keep=keep, fresh=fresh, as_it_is=as_it_is, unproved=unproved)
            run_all(place.root, tell, wishes)
        finally:
            document = report(journal.run, journal.path)
            on_failure(document)
            if report_file is not None:
                report_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    show(as_json, document, [*summary(journal.run), *_remains(place, directory)])


@click.command()
@click.argument("service")
@click.argument("environment")
@directory_option
@profile_option
@json_option
def retry(*, service: str, environment: str, directory: Path, profile: str | None, as_json: bool) -> None:
    """Retry the failed stage of SERVICE's pipeline to ENVIRONMENT, and see it through.

    First the service's stack is brought back to where a pipeline can change it: what a failed first delivery left is
    deleted, a rollback that failed is taken up again.
    """
    from crossdock.deploy.apply import recover
    from crossdock.deploy.deliver import Courier
    from crossdock.views.summary import summary

    place = Place(directory)
    assembly = _loaded(place)
    delivery = find(assembly, service, environment)
    cloud = place.cloud(place.nearest(profile), assembly.region)
    with telling(place, "retry", as_json=as_json) as (tell, journal):
        try:
            with tell.run("retry"):
                tell.all(recover(assembly, delivery, cloud))
                tell.all(Courier(cloud, assembly, place.state / "repositories").retry(delivery))
        finally:
            on_failure({"ok": False, "deliveries": [dict(d) for d in journal.run.deliveries]})
    run = journal.run
    show(as_json, {"ok": bool(run.ok), "deliveries": [dict(d) for d in run.deliveries]}, summary(run))


@click.command()
@directory_argument
@profile_option
@json_option
def status(*, directory: Path, profile: str | None, as_json: bool) -> None:
    """Show whether the local AWS runs, and what each pipeline delivered last."""
    from crossdock.aws import pipelines
    from crossdock.deploy.deliver import Courier
    from crossdock.local import cloud as local_aws

    place = Place(directory)
    running = local_aws.status(place.local)
    lines = [f"local AWS at {running.endpoint}" if running else "the local AWS is not running"]
    document: dict[str, Any] = {"local": {"endpoint": running.endpoint} if running else None, "deliveries": []}
    chosen = place.nearest(profile)
    if chosen is None:
        show(as_json, document, [*lines, "name a profile to see what is delivered on AWS: --profile"])
        return
    assembly = _loaded(place)
    courier = Courier(place.cloud(chosen, assembly.region), assembly, place.state / "repositories")
    for delivery in assembly.deliveries:
        latest = pipelines.newest(courier.shared, delivery.pipeline, region=delivery.region)
        revisions = latest.get("sourceRevisions", ()) if latest else ()
        entry = {
            "service": delivery.service, "environment": delivery.environment, "account": delivery.account_id,
            "pipeline": delivery.pipeline, "status": latest["status"] if latest else "never ran",
            "commit": revisions[0].get("revisionId", "") if revisions else "", "endpoint": courier.endpoint(delivery),
        }
        document["deliveries"].append(entry)
        lines.append(
            f"{entry['service']} to {entry['environment']} (account {entry['account']}): {entry['status']}"
            + (f" at commit {entry['commit'][:12]}" if entry["commit"] else "")
            + (f", {entry['endpoint']}" if entry["endpoint"] else "")
        )
    show(as_json, document, lines)


@click.command()
@click.argument("service")
@click.argument("environment")
@directory_option
@profile_option
@click.option("--lines", "count", default=50, show_default=True, help="How many lines of each function.")
@json_option
def logs(*, service: str, environment: str, directory: Path, profile: str | None, count: int, as_json: bool) -> None:
    """Show the last log lines of the functions of SERVICE in ENVIRONMENT."""
    from crossdock.aws import logs as cloudwatch

    place = Place(directory)
    assembly = _loaded(place)
    delivery = find(assembly, service, environment)
    cloud = place.cloud(place.nearest(profile), assembly.region)
    said = cloudwatch.of_functions(
        cloud.account(delivery.account_id), delivery.stack, region=delivery.region, count=count
    )
    show(as_json, {"lines": said}, said or [f"{service} has logged nothing in {environment}"])


def _loaded(place: Place) -> Any:
    """The assembly on disk as it is, else one composed now."""
    from crossdock import compose
    from crossdock.deploy.assemble import assemble, assembly_directory

    directory = assembly_directory(place.root)
    if directory.exists():
        return compose.load(directory)
    return assemble(compose.read(place.root), place.root)


def _remains(place: Place, shown: Path) -> list[str]:
    from crossdock.local import cloud as local_aws

    running = local_aws.status(place.local)
    if running is None:
        return []
    return [f"the local AWS stays up at {running.endpoint}",
            f"stop it: crossdock local down {shown}" if str(shown) != "." else "stop it: crossdock local down"]


@contextmanager
def _said_what_remains(place: Place, shown: Path) -> Iterator[None]:
    """Tell an interrupting person what still runs."""
    try:
        yield
    except KeyboardInterrupt:
        for line in _remains(place, shown) or ["everything that was started has been stopped"]:
            click.echo(line, err=True)
        raise


def _end_as_by_interrupt(number: int) -> None:
    """Let a signal end the run as Ctrl-C does: what was started is taken down."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(number, interrupt)

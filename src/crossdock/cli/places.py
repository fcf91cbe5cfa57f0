"""Where a platform keeps its things, and the cloud that a profile names."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from crossdock.errors import LocalError, UsageError

DIRECTORY = click.Path(path_type=Path, file_okay=False)
REHEARSAL = "rehearsal"


def directory_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """DIR, the folder of a crossdock.yaml."""
    return click.argument("directory", metavar="[DIR]", type=DIRECTORY, default=".")(command)


def directory_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--platform DIR, for commands whose arguments are other things."""
    return click.option("--platform", "directory", metavar="DIR", type=DIRECTORY, default=".",
                        help="Folder of crossdock.yaml (default: this one).")(command)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")(command)


def assembly_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--assembly."""
    return click.option("--assembly", "as_it_is", metavar="DIR", type=DIRECTORY, default=None,
                        help="Use this assembly as it is, hand edits included.")(command)


def profile_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--profile."""
    return click.option("--profile", envvar="AWS_PROFILE", help="AWS profile of the shared account's administrator "
                        "(default: AWS_PROFILE); `rehearsal` is the local AWS.")(command)


@dataclass(frozen=True, slots=True)
class Place:
    """A platform's folder."""

    root: Path

    @property
    def state(self) -> Path:
        """Where crossdock keeps what it makes."""
        return self.root / ".crossdock"

    @property
    def local(self) -> Path:
        """State of the local AWS."""
        return self.state / "local"

    @property
    def runs(self) -> Path:
        """Journals of runs."""
        return self.state / "runs"

    def cloud(self, profile: str | None, region: str) -> Any:
        """The cloud that a profile names: one of the local AWS's own, else one of the user's. Raises CloudError."""
        from crossdock.aws.cloud import Cloud

        files = self._local_files(profile)
        if files is None:
            return Cloud.from_profile(profile, region=region)
        return Cloud.from_profile(profile, config_file=files[0], credentials_file=files[1], region=region)

    def nearest(self, profile: str | None) -> str | None:
        """The profile asked for, else the local AWS if one runs for this platform."""
        from crossdock.local import cloud as local_aws

        return profile or (REHEARSAL if local_aws.status(self.local) else None)

    def _local_files(self, profile: str | None) -> tuple[Path, Path] | None:
        from crossdock.local import cloud as local_aws

        running = local_aws.status(self.local)
        if profile == REHEARSAL and running is None:
            raise LocalError(message="the local AWS is not running", hint=f"start it: crossdock local up {self.root}")
        if running is None or not profile:
            return None
        written = configparser.RawConfigParser()
        written.read(running.config_file)
        return (running.config_file, running.credentials_file) if f"profile {profile}" in written else None


@contextmanager
def telling(place: Place, what: str, *, as_json: bool = False) -> Iterator[tuple[Any, Any]]:
    """A run that is shown on stderr and kept in a journal: (Teller, Journal)."""
    from crossdock.deploy.journal import Journal, Teller
    from crossdock.views import choose

    journal = Journal(place.runs, what)
    with choose(sys.stderr, os.environ, json=as_json) as view:
        yield Teller(journal, view), journal


def find(assembly: Any, service: str, environment: str) -> Any:
    """The delivery of a service to an environment. Raises UsageError."""
    for delivery in assembly.deliveries:
        if (delivery.service, delivery.environment) == (service, environment):
            return delivery
    known = ", ".join(f"{d.service} {d.environment}" for d in assembly.deliveries) or "none"
    raise UsageError(message=f"{service} is not delivered to {environment}", hint=f"deliveries: {known}")

"""The phases of a build as they pass: their record, their log lines, their events, and how one ends early."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from crossdock.local.builds import notify
from crossdock.local.builds.artifacts import ArtifactError
from crossdock.local.builds.buildspec import BuildspecError
from crossdock.local.builds.logs import BuildLog
from crossdock.local.builds.shell import TimedOut
from crossdock.local.builds.source import SourceError, told
from crossdock.local.builds.state import Build, Phase
from crossdock.local.builds.variables import VariableError
from crossdock.local.engine import AwsError
from crossdock.local.world import World


class Ended(Exception):
    """The phase did not succeed, and has been recorded so. `status` is the build's from now on."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Failed(Exception):
    """A phase fails: the context's status code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Stopped(Exception):
    """StopBuild was called."""


class Phases:
    """Records the phases of one build."""

    def __init__(self, world: World, build: Build, log: BuildLog) -> None:
        self._world, self._build, self._log = world, build, log

    @contextlib.contextmanager
    def during(self, name: str) -> Iterator[None]:
        """A phase, recorded as what happens inside says. Raises Ended when it doesn't succeed."""
        phase = Phase(name=name, started=datetime.now(UTC))
        self._build.phases.append(phase)
        try:
            yield
            self._log.flush()
        except TimedOut:
            self._end(phase, "TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out. ")
        except Stopped:
            self._end(phase, "STOPPED", "", "")
        except Failed as failure:
            self._end(phase, "FAILED", failure.code, failure.message)
        except BuildspecError as error:
            self._end(phase, "FAILED", "YAML_FILE_ERROR", str(error))
        except VariableError as error:
            self._end(phase, "FAILED", "Decrypted Variables Error", str(error))
        except (ArtifactError, SourceError) as error:
            self._end(phase, "FAILED", "CLIENT_ERROR", str(error))
        except ClientError as error:
            self._end(phase, "FAILED", "CLIENT_ERROR", told(error))
        except AwsError as error:
            self._end(phase, "FAILED", "CLIENT_ERROR", f"{error.code}: {error.message}")
        else:
            self._end(phase, "SUCCEEDED", "", "")
            return
        raise Ended(phase.status)

    def complete(self) -> None:
        """COMPLETED begins when all is over, and never ends."""
        self._build.phases.append(Phase(name="COMPLETED", started=datetime.now(UTC)))

    def _end(self, phase: Phase, status: str, code: str, message: str) -> None:
        phase.status, phase.code, phase.message, phase.ended = status, code, message, datetime.now(UTC)
        if phase.name not in ("SUBMITTED", "QUEUED", "PROVISIONING", "FINALIZING") or status != "SUCCEEDED":
            self._log.say(f"Phase complete: {phase.name} State: {status}")
            self._log.say(f"Phase context status code: {code} Message: {message}")
            # A role that may not write logs has been told so by its first line; the phase's own failure counts.
            with contextlib.suppress(AwsError):
                self._log.flush()
        notify.phase_changed(self._world, self._build, phase)

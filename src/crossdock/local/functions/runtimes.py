"""From a function's `Runtime` to a program that runs it here."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from crossdock.local import toolchain
from crossdock.local.engine import NotEmulated
from crossdock.local.functions import foreign, node_sdk
from crossdock.local.packages.server import default_cache

PROVIDED = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""What Lambda's Python runtimes bring besides the standard library (Lambda Developer Guide, "Runtime-included SDK")."""
CLIENT = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")
"""AWS's runtime client and what it imports."""
_PROVIDING = threading.Lock()
OWN_CLIENT = Path(__file__).parent / "client"


class Client(Enum):
    """Which runtime client runs a function."""

    BEST = "AWS's where it can be had, else ours"
    OWN = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to start an execution environment. `notes` are the substitutions, a sentence each."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    notes: tuple[str, ...]


def known(runtime: str) -> bool:
    """Whether this runtime can be run here at all."""
    return re.fullmatch(r"python3\.\d+|nodejs\d+\.x", runtime) is not None


def launch(
    runtime: str, handler: str, function: str, *, task: Path, library: Path, client: Client = Client.BEST,
    layers: Sequence[str] = (),
) -> Launch:
    """The launch of a runtime of Python or Node.js. `library` is a folder for what the runtime itself provides,
    `layers` are folders on the path after the function's own. Raises NotEmulated for other runtimes.

    The function sees its package and what Lambda provides, nothing of the environment that crossdock runs in.
    """
    if not known(runtime):
        raise NotEmulated(f"running the Lambda runtime {runtime}")
    if runtime.startswith("nodejs"):
        return _node(runtime, function, task, layers)
    found = _new_enough(toolchain.python(runtime))
    own = found.program == Path(sys.executable)
    notes = [note] if (note := found.note(f"function {function}")) else []
    beside: Path | None = None
    if client is Client.BEST:
        beside = _own_aws_client(library) if own else foreign.aws_client(found.version, default_cache())
    if beside is None:
        notes.append(f"function {function} ran on a runtime client of crossdock's, not on awslambdaric")
    program = getattr(sys, "_base_executable", sys.executable) if own else str(found.program)
    module = "awslambdaric" if beside is not None else "crossdock_runtime_client"
    path = ":".join(map(str, (task, *layers, _provide(library / "sdk", PROVIDED), beside or OWN_CLIENT)))
    return Launch(argv=(program, "-s", "-S", "-m", module, handler), notes=tuple(notes),
                  environment={"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"})


def _node(runtime: str, function: str, task: Path, layers: Sequence[str]) -> Launch:
    """Node.js, by a client of ours, and the AWS SDK that Lambda's runtimes bring."""
    found = toolchain.node(runtime)
    if found is None:
        raise NotEmulated(f"running the Lambda runtime {runtime}: no Node.js is on this machine")
    notes = [note] if (note := found.note(f"function {function}")) else []
    path, environment = list(layers), dict[str, str]()
    if (sdk := node_sdk.provided(task, layers, default_cache())) is not None:
        path.append(str(sdk / "node_modules"))
        environment["CROSSDOCK_NODE_SDK"] = str(sdk)
        notes.append(f"function {function} ran on the AWS SDK that npm has, not on that of {runtime}")
    path.append(str(task))  # Lambda's NODE_PATH ends in /var/task: so is cfn-response found beside inline code
    return Launch(argv=(str(found.program), str(OWN_CLIENT / "crossdock_runtime_client.mjs")), notes=tuple(notes),
                  environment={**environment, "NODE_PATH": ":".join(path)})


def _new_enough(found: toolchain.Found) -> toolchain.Found:
    """The interpreter itself, or this one where it is older than the SDK that Lambda's runtimes bring can be run on."""
    least = re.search(r"3\.(\d+)", importlib.metadata.metadata("botocore")["Requires-Python"] or "3.0")
    if least and int(found.version.partition(".")[2]) < int(least[1]):
        return toolchain.instead(found, toolchain.python())
    return found


def _own_aws_client(library: Path) -> Path | None:
    """A folder with the awslambdaric of this environment; None where it has none."""
    if any(importlib.util.find_spec(name) is None for name in ("awslambdaric", "runtime_client")):
        return None
    return _provide(library / "client", CLIENT)


def _provide(target: Path, names: tuple[str, ...]) -> Path:
    """A folder of links to exactly these packages of our environment."""
    with _PROVIDING:
        if not target.is_dir():
            _link(target, names)
    return target


def _link(target: Path, names: tuple[str, ...]) -> None:
    temporary = target.with_suffix(".new")
    temporary.mkdir(parents=True, exist_ok=True)
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        link = temporary / source.name
        if not link.is_symlink():
            link.symlink_to(source)
    temporary.rename(target)

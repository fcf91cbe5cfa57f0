"""From a version of a function to a running environment: the role assumed, the variables set, the process started."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from crossdock.local.engine import AwsError
from crossdock.local.functions import layers
from crossdock.local.functions.environment import Environment
from crossdock.local.functions.runtimes import Client, launch
from crossdock.local.functions.state import Function, Version
from crossdock.local.identity import Caller
from crossdock.local.world import World


@dataclass(eq=False, slots=True, kw_only=True)
class Warm:
    """An environment with what is needed to log for it. `generation` counts what its function has been through."""

    environment: Environment
    role: Caller
    group: str
    stream: str
    region: str
    generation: int


def start(world: World, function: Function, version: Version, *, generation: int, client: Client) -> Warm:
    """A new environment. Raises AwsError when the role doesn't trust Lambda any more."""
    settings = version.settings
    home = world.root / "lambda"
    task = home / "code" / version.code
    if not task.is_dir():
        raise AwsError("ServiceException", f"the code of function {function.name} is gone from {task}", 500)
    role = world.assume(str(settings["Role"]), service="lambda.amazonaws.com", session=function.name,
                        source_arn=function.arn, source_account=function.account)
    started = launch(str(settings["Runtime"]), str(settings["Handler"]), function.name, task=task,
                     library=home / "runtime", client=client,
                     layers=layers.paths(home, settings.get("Layers") or (), str(settings["Runtime"])))
    for note in (*started.notes, *_notes(function, version)):
        world.substitution(note)
    stream = f"{datetime.now(UTC):%Y/%m/%d}/[{version.version}]{secrets.token_hex(16)}"
    group = settings.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function.name}"
    variables = {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC", "HOME": str(task),
        "TMPDIR": "/tmp",  # noqa: S108  where a function may write
        **settings.get("Environment", {}).get("Variables", {}),
        **world.environment(role, function.region), **_reserved(function, version, group, stream),
        "LAMBDA_TASK_ROOT": str(task), "LAMBDA_RUNTIME_DIR": str(home / "runtime"),
    }
    environment = Environment(world, started, task=task, variables=variables, name=function.name)
    return Warm(environment=environment, role=role, group=group, stream=stream, region=function.region,
                generation=generation)


def _notes(function: Function, version: Version) -> list[str]:
    """What is otherwise than on AWS by the function's own settings."""
    notes = []
    if (version.settings.get("VpcConfig") or {}).get("SubnetIds"):
        notes.append(f"function {function.name} ran outside of its VPC")
    for layer in version.settings.get("Layers") or ():
        if not layer["Folder"]:
            what = "came from the package index" if "Powertools" in layer["Arn"] else "did nothing"
            notes.append(f"the layer {layer['Arn']} of function {function.name} {what}")
    if version.settings.get("Layers"):
        notes.append(f"the layers of function {function.name} are on its path, not under /opt")
    return notes


def _reserved(function: Function, version: Version, group: str, stream: str) -> dict[str, str]:
    """Lambda Developer Guide, "Defined runtime environment variables"."""
    settings = version.settings
    return {
        "_HANDLER": str(settings["Handler"]), "AWS_EXECUTION_ENV": f"AWS_Lambda_{settings['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name, "AWS_LAMBDA_FUNCTION_VERSION": version.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(settings["MemorySize"]),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
    }

"""What may be said of a function's configuration: limits, names, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from crossdock.local.engine import AwsError, NotEmulated

ACCEPTED = ("MemorySize", "EphemeralStorage", "TracingConfig", "Architectures", "KMSKeyArn", "LoggingConfig",
            "SnapStart", "Description", "VpcConfig")
"""Settings that are kept and shown, without effect on how a function runs (but for LoggingConfig.LogGroup)."""
SETTINGS = ("Runtime", "Role", "Handler", "Timeout", "Environment", "Layers", "DeadLetterConfig", *ACCEPTED)
REFUSED = ("FileSystemConfigs", "ImageConfig", "CodeSigningConfigArn", "DurableConfig", "CapacityProviderConfig",
           "TenancyConfig", "PublishTo")
"""Settings that change what a function can do, and are not emulated."""
DEFAULTS: Mapping[str, Any] = {"Timeout": 3, "MemorySize": 128, "Description": "", "Architectures": ["x86_64"],
                               "EphemeralStorage": {"Size": 512}, "TracingConfig": {"Mode": "PassThrough"}}
VARIABLES_LIMIT = 4096
"""Bytes of all environment variables as JSON (Lambda quotas, "Environment variables")."""
_RESERVED = re.compile(r"_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|AWS_("
                       r"DEFAULT_REGION|REGION|EXECUTION_ENV|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|"
                       r"LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_GROUP_NAME|"
                       r"LOG_STREAM_NAME|RUNTIME_API))")


def chosen(params: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """The settings that a call gives, checked. Raises AwsError as Lambda does; NotEmulated for what is not emulated."""
    for name in REFUSED:
        value = params.get(name)
        if value and any(value.values() if isinstance(value, Mapping) else value):
            raise NotEmulated(f"{name} of a Lambda function")
    if params.get("Runtime") and params["Runtime"] not in runtimes():
        raise _invalid(f"Value {params['Runtime']} at 'runtime' failed to satisfy constraint: Member must satisfy enum "
                       f"value set: [{', '.join(runtimes())}] or be a valid ARN")
    for name, least, most in (("Timeout", 1, 900), ("MemorySize", 128, 32768)):
        value = params.get(name)
        if value is not None and not least <= int(value) <= most:
            what = "greater than or equal to" if int(value) < least else "less than or equal to"
            raise AwsError("ValidationException", f"1 validation error detected: Value '{value}' at "
                           f"'{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must have value "
                           f"{what} {least if int(value) < least else most}", 400)
    _variables((params.get("Environment") or {}).get("Variables") or {})
    for name in ("Role", "Runtime", "Handler") if creating else ():
        if not params.get(name):
            raise _invalid(f"{name} is mandatory for functions created with deployment packages.")
    given = {name: params[name] for name in SETTINGS if params.get(name) is not None}
    return {**DEFAULTS, **given} if creating else given


@cache
def runtimes() -> tuple[str, ...]:
    """Every runtime that Lambda has or had. Those that can't be run here are refused when they are to run."""
    from crossdock.local.door.services import model

    return tuple(model("lambda").shape_for("Runtime").enum)


def _variables(variables: Mapping[str, str]) -> None:
    bad = [name for name in variables if not re.fullmatch(r"[a-zA-Z]\w+", name) and not _RESERVED.fullmatch(name)]
    if bad:
        raise AwsError("ValidationException", f"1 validation error detected: Value at 'environment.variables' failed "
                       f"to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular "
                       f"expression pattern: [a-zA-Z]([a-zA-Z0-9_])+] ({', '.join(bad)})", 400)
    prefix = "Lambda was unable to configure your environment variables because the environment variables you have " \
             "provided"
    if reserved := sorted(name for name in variables if _RESERVED.fullmatch(name)):
        raise _invalid(f"{prefix} contains reserved keys that are currently not supported for modification. Reserved "
                       f"keys used in this request: {', '.join(reserved)}")
    measured = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > VARIABLES_LIMIT:
        raise _invalid(f"{prefix} exceeded the 4KB limit. String measured: {measured}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message, 400)

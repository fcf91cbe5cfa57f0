"""A build's environment variables: precedence, and the values that stand in Parameter Store and Secrets Manager."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.builds.buildspec import Buildspec
from crossdock.local.builds.state import merged

PLAIN, PARAMETER, SECRET = "PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"


class VariableError(Exception):
    """A value could not be had; the text is the phase context's message."""


@dataclass(frozen=True, slots=True)
class Variables:
    """Values by name; `hidden` are the names whose values are secrets."""

    values: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


def collect(
    spec: Buildspec, project: Iterable[Mapping[str, str]], overrides: Iterable[Mapping[str, str]]
) -> list[Mapping[str, str]]:
    """What the build asks for: the build's overrides win over the project's variables, these over the buildspec's.

    CodeBuild User Guide, environment variables in build environments.
    """
    own = [
        {"name": name, "value": value, "type": kind}
        for kind, section in ((PLAIN, spec.variables), (PARAMETER, spec.parameters), (SECRET, spec.secrets))
        for name, value in section.items()
    ]
    return merged(own, project, overrides)


def resolve(entries: Iterable[Mapping[str, str]], client: Callable[[str], Any]) -> Variables:
    """The values, read as the build's role. `client` makes its AWS clients. Raises VariableError."""
    values = {entry["name"]: entry["value"] for entry in entries if entry["type"] == PLAIN}
    hidden = {entry["name"]: entry for entry in entries if entry["type"] != PLAIN}
    wanted = {name: entry["value"] for name, entry in hidden.items() if entry["type"] == PARAMETER}
    try:
        values |= _parameters(wanted, client) if wanted else {}
        for name, entry in hidden.items():
            if entry["type"] == SECRET:
                values[name] = _secret(entry["value"], client)
    except ClientError as error:
        raise VariableError(f"{error.response['Error']['Code']}: {error.response['Error']['Message']}") from error
    return Variables(values, frozenset(hidden))


def _parameters(wanted: Mapping[str, str], client: Callable[[str], Any]) -> dict[str, str]:
    paths, found = list(dict.fromkeys(wanted.values())), dict[str, str]()
    ssm = client("ssm")
    for start in range(0, len(paths), 10):
        answer = ssm.get_parameters(Names=paths[start:start + 10], WithDecryption=True)
        if answer.get("InvalidParameters"):
            raise VariableError(f"parameter does not exist: {', '.join(answer['InvalidParameters'])}")
        for parameter in answer["Parameters"]:
            found[parameter["Name"]] = found[parameter["ARN"]] = parameter["Value"]
    return {name: found[path] for name, path in wanted.items()}


def _secret(reference: str, client: Callable[[str], Any]) -> str:
    """`secret-id:json-key:version-stage:version-id`, all but the first optional; the id may be an ARN."""
    parts = reference.split(":")
    if parts[0] == "arn":
        parts = [":".join(parts[:7]), *parts[7:]]
    id_, key, stage, version = [*parts, "", "", ""][:4]
    asked = {"SecretId": id_, "VersionStage": stage, "VersionId": version}
    text = client("secretsmanager").get_secret_value(**{k: v for k, v in asked.items() if v})["SecretString"]
    if not key:
        return str(text)
    try:
        value = json.loads(text)[key]
    except (ValueError, KeyError, TypeError) as error:
        raise VariableError(f"secret {id_} has no key {key}") from error
    return value if isinstance(value, str) else json.dumps(value)

"""A buildspec as data: pure, with errors in CodeBuild's words (CodeBuild User Guide, build specification reference).

Scalars keep the text that stands in the file (`- true` is the command `true`, `python: 3.10` is version 3.10), as
CodeBuild's own reader has it. BuildspecError becomes the phase context YAML_FILE_ERROR.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
SHELLS = {"": "sh", "sh": "sh", "/bin/sh": "sh", "bash": "bash", "/bin/bash": "bash"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KNOWN = frozenset({
    "version", "run-as", "env", "environment_variables", "proxy", "batch", "phases", "reports", "artifacts", "cache",
})

Value = str | tuple["Value", ...] | dict[str, "Value"]


class BuildspecError(ValueError):
    """The buildspec is not one that CodeBuild would run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSpec:
    """One phase. `on_failure`: ABORT, CONTINUE, or empty for the phase's own transition."""

    commands: tuple[str, ...] = ()
    finally_: tuple[str, ...] = ()
    on_failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """What to upload. `files` and `exclude` are globs below `base`; texts may name shell variables."""

    files: tuple[str, ...]
    base: str = ""
    name: str = ""
    discard_paths: bool = False
    exclude: tuple[str, ...] = ()
    symlinks: bool = False
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSpec:
    """A report: `files` are globs below `base`."""

    files: tuple[str, ...]
    base: str = ""
    format: str = "JUNITXML"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buildspec:
    """A whole buildspec. `ignored`: what it asks for and this machine does not do, one sentence each."""

    version: str
    shell: str = "sh"
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    git_credentials: bool = False
    runtimes: Mapping[str, str] = field(default_factory=dict)
    phases: Mapping[str, PhaseSpec] = field(default_factory=dict)
    artifacts: Artifacts | None = None
    secondary: Mapping[str, Artifacts] = field(default_factory=dict)
    reports: Mapping[str, ReportSpec] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def one_shell(self) -> bool:
        """0.2 runs all commands in one shell, 0.1 each in its own."""
        return self.version != "0.1"


def parse(text: str) -> Buildspec:
    """The buildspec in this YAML text. Raises BuildspecError."""
    top = _mapping(_load(text), "buildspec")
    version = _text(top.get("version", ""), "version")
    if version not in ("0.1", "0.2"):
        raise BuildspecError(f"Unknown buildspec version: {version!r}. Expecting: 0.1,0.2")
    env = _mapping(top.get("env", {}), "env")
    if version == "0.1":
        old = _mapping(top.get("environment_variables", {}), "environment_variables")
        env = {"variables": old.get("plaintext", {}), **env}
    shell = _text(env.get("shell", ""), "shell")
    if shell not in SHELLS:
        raise BuildspecError(f"the local AWS does not emulate the shell {shell}")
    phases = _mapping(top.get("phases", {}), "phases")
    if not phases:
        raise BuildspecError("no phases found in the buildspec")
    unknown = [name for name in phases if name not in PHASES]
    if unknown:
        known = ",".join(sorted(PHASES))
        raise BuildspecError(f"Invalid buildspec phase name: {unknown[0]}. Expecting: {known}")
    artifacts = _mapping(top.get("artifacts", {}), "artifacts")
    secondary = _mapping(artifacts.pop("secondary-artifacts", {}), "secondary-artifacts")
    return Buildspec(
        version=version,
        shell=SHELLS[shell],
        variables=_variables(env, "variables"),
        parameters=_variables(env, "parameter-store"),
        secrets=_variables(env, "secrets-manager"),
        exported=_exported(env),
        git_credentials=_flag(env.get("git-credential-helper", "no"), "git-credential-helper"),
        runtimes=_runtimes(_mapping(phases.get("install", {}), "install")),
        phases={name: _phase(name, phases[name]) for name in PHASES if name in phases},
        artifacts=_artifacts(artifacts, "artifacts") if artifacts else None,
        secondary={name: _artifacts(_mapping(value, name), name) for name, value in secondary.items()},
        reports={name: _report(name, value) for name, value in _mapping(top.get("reports", {}), "reports").items()},
        ignored=tuple(_ignored(top, phases)),
    )


def _ignored(top: Mapping[str, Value], phases: Mapping[str, Value]) -> list[str]:
    said = [f"buildspec key {name} is not known to CodeBuild" for name in top if name not in _KNOWN]
    for name, value in _mapping(top.get("reports", {}), "reports").items():
        if (form := _report(name, value).format) != "JUNITXML":
            said.append(f"report group {name} is accepted; its files of format {form} are not parsed")
    if "cache" in top:
        said.append("cache is accepted; nothing is kept between builds")
    said += [f"{name} is accepted and has no effect here" for name in ("proxy", "batch", "run-as") if name in top]
    said += [f"run-as of phase {name} has no effect here: commands run as the user who started the local AWS"
             for name, value in phases.items() if isinstance(value, dict) and "run-as" in value]
    return said


def _report(name: str, value: Value) -> ReportSpec:
    given = _mapping(value, name)
    files = _texts(given.get("files", ()), f"{name}: files")
    if not files:
        raise BuildspecError(f"no files found for report {name} in the buildspec")
    return ReportSpec(
        files=files, base=_text(given.get("base-directory", ""), "base-directory"),
        format=_text(given.get("file-format", "") or "JUNITXML", "file-format").upper(),
    )


def _phase(name: str, value: Value) -> PhaseSpec:
    phase = _mapping(value, name)
    commands = _commands(phase.get("commands", ()), name, "Commands")
    if not commands and "runtime-versions" not in phase:
        raise BuildspecError(f"no commands found for phase name: {name}")
    on_failure = _text(phase.get("on-failure", ""), "on-failure").upper()
    if on_failure not in ("", "ABORT", "CONTINUE"):
        raise BuildspecError(f"the local AWS does not emulate on-failure: {on_failure} (phase {name})")
    return PhaseSpec(
        commands=commands, finally_=_commands(phase.get("finally", ()), name, "Finally"), on_failure=on_failure
    )


def _commands(value: Value, phase: str, what: str) -> tuple[str, ...]:
    if value == "":
        return ()
    if not isinstance(value, tuple):
        raise BuildspecError(f"Expected {what} of phase {phase} to be a list of strings")
    for number, command in enumerate(value):
        if not isinstance(command, str):
            found = "subkeys" if isinstance(command, dict) else "a list"
            raise BuildspecError(
                f"Expected {what}[{number}] to be of string type: found {found} instead in phase {phase}"
            )
    return tuple(command for command in value if isinstance(command, str))


def _runtimes(install: Mapping[str, Value]) -> dict[str, str]:
    runtimes = _mapping(install.get("runtime-versions", {}), "runtime-versions")
    return {name: _text(value, name) for name, value in runtimes.items()}


def _exported(env: Mapping[str, Value]) -> tuple[str, ...]:
    names = _texts(env.get("exported-variables", ()), "exported-variables")
    for name in names:
        if not _NAME.match(name):
            raise BuildspecError(f"exported-variables: {name!r} is no name of an environment variable")
    return names


def _artifacts(value: Mapping[str, Value], what: str) -> Artifacts:
    files = _texts(value.get("files", ()), f"{what}: files")
    if not files:
        raise BuildspecError(f"no files found for {what} in the buildspec")
    return Artifacts(
        files=files,
        base=_text(value.get("base-directory", ""), "base-directory"),
        name=_text(value.get("name", ""), "name"),
        discard_paths=_flag(value.get("discard-paths", "no"), "discard-paths"),
        exclude=_texts(value.get("exclude-paths", ()), "exclude-paths"),
        symlinks=_flag(value.get("enable-symlinks", "no"), "enable-symlinks"),
        prefix=_text(value.get("s3-prefix", ""), "s3-prefix"),
    )


def _variables(env: Mapping[str, Value], section: str) -> dict[str, str]:
    found = {name: _text(value, name) for name, value in _mapping(env.get(section, {}), section).items()}
    for name in found:
        if not _NAME.match(name):
            raise BuildspecError(f"{section}: {name!r} is no name of an environment variable")
    return found


def _mapping(value: Value, what: str) -> dict[str, Value]:
    if value in ("", ()):
        return {}
    if not isinstance(value, dict):
        raise BuildspecError(f"Expected {what} to be a mapping")
    return dict(value)


def _text(value: Value, what: str) -> str:
    if not isinstance(value, str):
        raise BuildspecError(f"Expected {what} to be of string type")
    return value


def _texts(value: Value, what: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, dict):
        raise BuildspecError(f"Expected {what} to be a list of strings")
    return tuple(_text(item, what) for item in value)


def _flag(value: Value, what: str) -> bool:
    word = _text(value, what).lower()
    if word not in ("yes", "no", "true", "false", "on", "off", ""):
        raise BuildspecError(f"Expected {what} to be yes or no, found {word}")
    return word in ("yes", "true", "on")


def _load(text: str) -> Value:
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        return "" if node is None else _value(loader, node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BuildspecError(f"yaml: line {line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise BuildspecError(f"yaml: {error}") from error
    finally:
        loader.dispose()


def _value(loader: yaml.SafeLoader, node: yaml.Node) -> Value:
    match node:
        case yaml.MappingNode():
            loader.flatten_mapping(node)
            return {str(key.value): _value(loader, value) for key, value in node.value}
        case yaml.SequenceNode():
            return tuple(_value(loader, item) for item in node.value)
        case _:
            return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)

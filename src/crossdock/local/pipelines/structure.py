"""What a pipeline declaration must look like (CodePipeline User Guide, pipeline structure reference and quotas). Pure.

Rules P1 to P6: stages, names, artifacts, artifact counts, run orders, artifact stores. What AWS knows and the local
CodePipeline does not emulate is refused by name.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.pipelines.actions import Provider, provider
from crossdock.local.pipelines.state import Declaration
from crossdock.local.pipelines.variables import REFERENCE

_NAME = re.compile(r"[A-Za-z0-9.@\-_]{1,100}")
_ARTIFACT = re.compile(r"[A-Za-z0-9_\-]{1,100}")


def structure_error(message: str) -> AwsError:
    return AwsError("InvalidStructureException", message)


def stage_error(message: str) -> AwsError:
    return AwsError("InvalidStageDeclarationException", message)


def action_error(message: str) -> AwsError:
    return AwsError("InvalidActionDeclarationException", message)


def actions(declaration: Declaration) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every (stage, action) in order."""
    for stage in declaration["stages"]:
        for action in stage["actions"]:
            yield stage, action


def store(declaration: Declaration, region: str) -> Mapping[str, Any]:
    """The artifact store of a region. KeyError when there is none."""
    if "artifactStore" in declaration:
        return dict(declaration["artifactStore"])
    return dict(declaration["artifactStores"][region])


def check(declaration: Declaration, region: str) -> None:
    """Raises the API's error for a declaration that CodePipeline refuses, NotEmulated for what isn't emulated."""
    _refuse_by_name(declaration)
    if not _NAME.fullmatch(declaration["name"]):
        raise AwsError("ValidationException", f"Pipeline name {declaration['name']} is not valid")
    _check_stages(declaration)
    _check_stores(declaration, region)
    for stage, action in actions(declaration):
        _check_action(stage, action)
    _check_artifacts(declaration)
    _check_namespaces(declaration)
    _check_triggers(declaration)
    _check_modes(declaration)


def _check_modes(declaration: Declaration) -> None:
    """E3, E9: what only pipelines of type V2 have, and what the mode PARALLEL has not."""
    mode, is_new = declaration.get("executionMode", "SUPERSEDED"), declaration.get("pipelineType", "V1") == "V2"
    if mode != "SUPERSEDED" and not is_new:
        raise structure_error(f"Execution mode {mode} needs pipelineType V2")
    for number, stage in enumerate(declaration["stages"]):
        result = (stage.get("onFailure") or {}).get("result")
        if not result:
            continue
        if not is_new:
            raise structure_error(f"onFailure of stage {stage['name']} needs pipelineType V2")
        if result not in ("ROLLBACK", "RETRY", "FAIL"):
            raise stage_error(f"onFailure of stage {stage['name']} can't have the result {result} without conditions")
        if result == "ROLLBACK" and (number == 0 or mode == "PARALLEL"):
            raise stage_error(f"Stage {stage['name']} can't be rolled back: it is the source stage, or the execution "
                              "mode is PARALLEL")


def _check_triggers(declaration: Declaration) -> None:
    """Triggers belong to source actions with connections, one each, of pipelines of type V2."""
    found = [one["gitConfiguration"]["sourceActionName"] for one in declaration.get("triggers") or ()]
    if found and declaration.get("pipelineType", "V1") != "V2":
        raise structure_error("Triggers of a pipeline need pipelineType V2")
    _unique(found, "triggers of source actions", structure_error)
    connected = {a["name"] for a in declaration["stages"][0]["actions"]
                 if a["actionTypeId"]["provider"] == "CodeStarSourceConnection"}
    for name in found:
        if name not in connected:
            raise structure_error(f"The trigger names {name}, which is no source action with a connection")


def _refuse_by_name(declaration: Declaration) -> None:
    for trigger in declaration.get("triggers") or ():
        if trigger["gitConfiguration"].get("pullRequest"):
            raise NotEmulated("triggers by pull requests at git hosts")
    for stage in declaration["stages"]:
        for key in ("blockers", "onSuccess", "beforeEntry"):
            if stage.get(key):
                raise NotEmulated(f"{key} of stages (stage {stage['name']})")
        if (stage.get("onFailure") or {}).get("conditions"):
            raise NotEmulated(f"conditions of onFailure (stage {stage['name']})")
    for stage, action in actions(declaration):
        for key in ("commands", "outputVariables", "environmentVariables"):
            if action.get(key):
                raise NotEmulated(f"{key} of actions (action {stage['name']}/{action['name']})")


SECRET, MASK = "OAuthToken", "****"


def masked(declaration: Declaration) -> Declaration:
    """The declaration as the API shows it: no token is told (P7)."""
    if not any(SECRET in (action.get("configuration") or {}) for _, action in actions(declaration)):
        return declaration
    shown = copy.deepcopy(dict(declaration))
    for _, action in actions(shown):
        if SECRET in (action.get("configuration") or {}):
            action["configuration"][SECRET] = MASK
    return shown


def _check_stages(declaration: Declaration) -> None:
    stages = declaration["stages"]
    if len(stages) < 2:
        raise structure_error(
            f"Pipeline has only {len(stages)} stage(s). There should be a minimum of 2 stages in a pipeline"
        )
    if len(stages) > 50 or sum(len(stage["actions"]) for stage in stages) > 500:
        raise structure_error("A pipeline has at most 50 stages and 500 actions")
    for stage in stages:
        if not _NAME.fullmatch(stage["name"]):
            raise stage_error(f"Stage name {stage['name']} is not valid")
        if not 1 <= len(stage["actions"]) <= 50:
            raise stage_error(f"Stage {stage['name']} must have 1 to 50 actions")
        _unique((a["name"] for a in stage["actions"]), f"action names in stage {stage['name']}", action_error)
    _unique((stage["name"] for stage in stages), "stage names in a pipeline", stage_error)
    for index, stage in enumerate(stages):
        sources = [action["actionTypeId"]["category"] == "Source" for action in stage["actions"]]
        if index == 0 and not all(sources):
            raise structure_error("Pipeline should start with a stage that only contains source actions")
        if index > 0 and any(sources):
            raise structure_error("Source actions may only occur in the first stage")


def _check_stores(declaration: Declaration, region: str) -> None:
    if ("artifactStore" in declaration) is ("artifactStores" in declaration):
        raise structure_error("Exactly one of artifactStore and artifactStores must be given")
    regions = {action.get("region", region) for _, action in actions(declaration)} | {region}
    if "artifactStore" in declaration and regions != {region}:
        raise structure_error("A pipeline with actions in other regions needs artifactStores for all of its regions")
    missing = regions - set(declaration.get("artifactStores", regions))
    if missing:
        raise structure_error(f"There is no artifact store for {', '.join(sorted(missing))}")


def _check_action(stage: Mapping[str, Any], action: Mapping[str, Any]) -> None:
    name = f"{stage['name']}/{action['name']}"
    if not _NAME.fullmatch(action["name"]):
        raise action_error(f"Action name {action['name']} is not valid")
    kind = provider(action["actionTypeId"])
    if int(action.get("runOrder", 1)) < 1:
        raise action_error(f"runOrder of action {name} must be a positive integer")
    if "timeoutInMinutes" in action:
        if not kind.timeout_allowed:
            raise action_error(f"timeoutInMinutes is allowed for approvals only, not for action {name}")
        if not 5 <= action["timeoutInMinutes"] <= 86400:
            raise action_error(f"timeoutInMinutes of action {name} must be from 5 to 86400")
    for side, (least, most) in (("inputArtifacts", kind.inputs), ("outputArtifacts", kind.outputs)):
        count = len(action.get(side) or [])
        if not least <= count <= most:
            raise action_error(f"Action {name} has {count} {side}; {kind.name} takes {least} to {most}")
    _check_configuration(name, kind, action.get("configuration") or {})


def _check_configuration(name: str, kind: Provider, configuration: Mapping[str, str]) -> None:
    missing = [key for key in kind.required if not configuration.get(key)]
    if missing:
        raise action_error(f"Action configuration for action {name} is missing required configuration '{missing[0]}'")
    unknown = sorted(set(configuration) - set(kind.required) - set(kind.optional))
    if unknown:
        raise action_error(f"Action configuration for action {name} contains unknown configuration '{unknown[0]}'")
    for key, value in configuration.items():
        if len(key) > 50 or not 1 <= len(value) <= 1000:
            raise action_error(f"Configuration '{key}' of action {name} must have 1 to 1000 characters")
    if kind.check is not None:
        kind.check(name, configuration)


def _check_artifacts(declaration: Declaration) -> None:
    """P2: output artifacts are unique; an input is an output of an earlier stage, or of a lower run order here."""
    made: dict[str, tuple[int, int]] = {}
    for index, stage in enumerate(declaration["stages"]):
        for action in stage["actions"]:
            for output in action.get("outputArtifacts") or []:
                name = output["name"]
                if not _ARTIFACT.fullmatch(name):
                    raise action_error(f"Artifact name {name} is not valid")
                if name in made:
                    raise structure_error(f"Output Artifact Bundle name must be unique within the pipeline: {name}")
                if output.get("files"):
                    raise NotEmulated(f"files of output artifacts (action {stage['name']}/{action['name']})")
                made[name] = (index, int(action.get("runOrder", 1)))
    for index, stage in enumerate(declaration["stages"]):
        for action in stage["actions"]:
            for given in action.get("inputArtifacts") or []:
                if made.get(given["name"], (len(declaration["stages"]), 0)) >= (index, int(action.get("runOrder", 1))):
                    raise structure_error(
                        f"Input Artifact Bundle {given['name']} in action {action['name']} is not an output of an "
                        f"earlier action in the pipeline"
                    )


def _check_namespaces(declaration: Declaration) -> None:
    """A5: namespaces are unique and no artifact's name; `variables` need a V2 pipeline."""
    names = [action["namespace"] for _, action in actions(declaration) if action.get("namespace")]
    _unique(names, "namespaces in a pipeline", structure_error)
    reserved = {"codepipeline", "variables"} & set(names)
    if reserved:
        raise structure_error(f"Namespace {reserved.pop()} is reserved")
    artifacts = {o["name"] for _, action in actions(declaration) for o in action.get("outputArtifacts") or []}
    if artifacts & set(names):
        raise structure_error(f"Namespace {min(artifacts & set(names))} is the name of an artifact")
    if declaration.get("variables") and declaration.get("pipelineType", "V1") != "V2":
        raise structure_error("Variables of a pipeline need pipelineType V2")
    known = {*names, "codepipeline", "variables"}
    for stage, action in actions(declaration):
        for value in (action.get("configuration") or {}).values():
            for namespace, variable in REFERENCE.findall(value):
                if namespace not in known:
                    raise action_error(
                        f"Action {stage['name']}/{action['name']} refers to #{{{namespace}.{variable}}}, but no "
                        f"action has the namespace {namespace}"
                    )


def _unique(names: Iterable[str], what: str, error: Any) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise error(f"The {what} must be unique: {twice[0]} occurs more than once")

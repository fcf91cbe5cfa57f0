"""The AppConfig API. Deployments are there at once: growth and bake times are kept and not waited.

AppConfig User Guide, "Working with deployment strategies", "Deploying feature flags and configuration data".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from jsonschema import Draft4Validator

from crossdock.local.appconfig.state import Application, Part, State, new_id
from crossdock.local.engine import AwsError, Call, Engine, NotEmulated
from crossdock.local.world import World

_PROFILE = ("Description", "LocationUri", "RetrievalRoleArn", "Validators", "Type", "KmsKeyIdentifier")
_ENVIRONMENT = ("Description", "Monitors")
_STRATEGY = ("Description", "DeploymentDurationInMinutes", "FinalBakeTimeInMinutes", "GrowthFactor", "GrowthType",
             "ReplicateTo")
PREDEFINED: Mapping[str, Mapping[str, Any]] = {
    "AppConfig.AllAtOnce": {"DeploymentDurationInMinutes": 0, "FinalBakeTimeInMinutes": 10, "GrowthFactor": 100.0},
    "AppConfig.Linear50PercentEvery30Seconds": {
        "DeploymentDurationInMinutes": 1, "FinalBakeTimeInMinutes": 1, "GrowthFactor": 50.0},
    "AppConfig.Canary10Percent20Minutes": {
        "DeploymentDurationInMinutes": 20, "FinalBakeTimeInMinutes": 10, "GrowthFactor": 10.0},
    "AppConfig.Linear20PercentEvery6Minutes": {
        "DeploymentDurationInMinutes": 30, "FinalBakeTimeInMinutes": 30, "GrowthFactor": 20.0},
}
"""Strategies that every account has (User Guide, "Using predefined deployment strategies")."""
FLAGS = "AWS.AppConfig.FeatureFlags"


class AppConfig(Engine):
    """Applications with their profiles and environments."""

    service: ClassVar[str] = "appconfig"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.state = State()

    # -- applications

    def create_application(self, call: Call) -> Mapping[str, Any]:
        made = Application(id=new_id(), account=call.account, region=call.region, name=str(call.params["Name"]),
                           description=str(call.params.get("Description") or ""),
                           tags=dict(call.params.get("Tags") or {}))
        self.state.applications[made.id] = made
        return _application(made)

    def get_application(self, call: Call) -> Mapping[str, Any]:
        return _application(self._application(call))

    def list_applications(self, call: Call) -> Mapping[str, Any]:
        return {"Items": [_application(one) for one in self.state.applications.values()
                          if (one.account, one.region) == (call.account, call.region)]}

    def update_application(self, call: Call) -> Mapping[str, Any]:
        found = self._application(call)
        found.name = str(call.params.get("Name") or found.name)
        if call.params.get("Description") is not None:
            found.description = str(call.params["Description"])
        return _application(found)

    def delete_application(self, call: Call) -> Mapping[str, Any]:
        found = self._application(call)
        if found.profiles or found.environments:
            raise AwsError("BadRequestException", "Cannot delete an application that has environments or profiles", 400)
        del self.state.applications[found.id]
        return {}

    # -- profiles and hosted versions

    def create_configuration_profile(self, call: Call) -> Mapping[str, Any]:
        app = self._application(call)
        uri = str(call.params["LocationUri"])
        if uri.partition(":")[0] not in ("hosted", "ssm-parameter", "s3", "secretsmanager"):
            raise NotEmulated(f"AppConfig configurations in {uri.partition(':')[0]}")
        made = Part(id=new_id(), name=str(call.params["Name"]), members=_given(call, _PROFILE),
                    tags=dict(call.params.get("Tags") or {}))
        made.members.setdefault("Type", "AWS.Freeform")
        app.profiles[made.id] = made
        return _profile(app, made)

    def get_configuration_profile(self, call: Call) -> Mapping[str, Any]:
        return _profile(self._application(call), self._profile(call))

    def list_configuration_profiles(self, call: Call) -> Mapping[str, Any]:
        app = self._application(call)
        return {"Items": [_profile(app, one) for one in app.profiles.values()]}

    def update_configuration_profile(self, call: Call) -> Mapping[str, Any]:
        found = self._profile(call)
        found.name = str(call.params.get("Name") or found.name)
        found.members |= _given(call, _PROFILE)
        return _profile(self._application(call), found)

    def delete_configuration_profile(self, call: Call) -> Mapping[str, Any]:
        app, found = self._application(call), self._profile(call)
        if found.versions:
            raise AwsError("BadRequestException", "Cannot delete a configuration profile that has hosted configuration "
                           "versions", 400)
        del app.profiles[found.id]
        return {}

    def create_hosted_configuration_version(self, call: Call) -> Mapping[str, Any]:
        found = self._profile(call)
        content = bytes(call.params["Content"])
        self._valid(found, content)
        number = max(found.versions, default=0) + 1
        latest = call.params.get("LatestVersionNumber")
        if latest is not None and int(latest) != number - 1:
            raise AwsError("ConflictException", "LatestVersionNumber is not the latest version's", 409)
        found.versions[number] = {
            "Content": content, "ContentType": str(call.params["ContentType"]),
            **_given(call, ("Description", "VersionLabel"))}
        return self._version(call, found, number)

    def get_hosted_configuration_version(self, call: Call) -> Mapping[str, Any]:
        found, number = self._profile(call), int(call.params["VersionNumber"])
        if number not in found.versions:
            raise _missing("Hosted configuration version")
        return self._version(call, found, number)

    def list_hosted_configuration_versions(self, call: Call) -> Mapping[str, Any]:
        found = self._profile(call)
        shown = [dict(self._version(call, found, number)) for number in sorted(found.versions, reverse=True)]
        return {"Items": [{key: value for key, value in one.items() if key != "Content"} for one in shown]}

    def delete_hosted_configuration_version(self, call: Call) -> Mapping[str, Any]:
        self._profile(call).versions.pop(int(call.params["VersionNumber"]), None)
        return {}

    def _version(self, call: Call, found: Part, number: int) -> Mapping[str, Any]:
        return {"ApplicationId": call.params["ApplicationId"], "ConfigurationProfileId": found.id,
                "VersionNumber": number, **found.versions[number]}

    def _valid(self, profile: Part, content: bytes) -> None:
        """Raise for content that a JSON schema of the profile does not let through, or that is no feature flags."""
        if profile.members["Type"] == FLAGS:
            try:
                flags = json.loads(content)
                known = {"flags", "values", "version"} <= set(flags)
            except (ValueError, TypeError):
                known = False
            if not known:
                raise AwsError("BadRequestException", "Error: the content is no feature flag data", 400)
        for validator in profile.members.get("Validators") or ():
            if validator["Type"] == "JSON_SCHEMA":
                try:
                    valid = Draft4Validator(json.loads(validator["Content"])).is_valid(json.loads(content))
                except ValueError:
                    valid = False
                if not valid:
                    raise AwsError("BadRequestException", "The content does not satisfy the profile's JSON schema", 400)

    # -- environments

    def create_environment(self, call: Call) -> Mapping[str, Any]:
        app = self._application(call)
        made = Part(id=new_id(), name=str(call.params["Name"]), members=_given(call, _ENVIRONMENT),
                    tags=dict(call.params.get("Tags") or {}))
        app.environments[made.id] = made
        return _environment(app, made)

    def get_environment(self, call: Call) -> Mapping[str, Any]:
        return _environment(self._application(call), self._environment(call))

    def list_environments(self, call: Call) -> Mapping[str, Any]:
        app = self._application(call)
        return {"Items": [_environment(app, one) for one in app.environments.values()]}

    def update_environment(self, call: Call) -> Mapping[str, Any]:
        found = self._environment(call)
        found.name = str(call.params.get("Name") or found.name)
        found.members |= _given(call, _ENVIRONMENT)
        return _environment(self._application(call), found)

    def delete_environment(self, call: Call) -> Mapping[str, Any]:
        del self._application(call).environments[self._environment(call).id]
        return {}

    # -- strategies and deployments

    def create_deployment_strategy(self, call: Call) -> Mapping[str, Any]:
        made = Part(id=new_id(), name=str(call.params["Name"]), members=_given(call, _STRATEGY),
                    tags=dict(call.params.get("Tags") or {}))
        self.state.strategies[call.account, call.region, made.id] = made
        return _strategy(made)

    def get_deployment_strategy(self, call: Call) -> Mapping[str, Any]:
        return _strategy(self._strategy(call))

    def list_deployment_strategies(self, call: Call) -> Mapping[str, Any]:
        own = [one for (account, region, _), one in self.state.strategies.items()
               if (account, region) == (call.account, call.region)]
        return {"Items": [_strategy(one) for one in (*map(_predefined, PREDEFINED), *own)]}

    def update_deployment_strategy(self, call: Call) -> Mapping[str, Any]:
        found = self._strategy(call)
        found.members |= _given(call, _STRATEGY)
        return _strategy(found)

    def delete_deployment_strategy(self, call: Call) -> Mapping[str, Any]:
        self.state.strategies.pop((call.account, call.region, self._strategy(call).id), None)
        return {}

    def start_deployment(self, call: Call) -> Mapping[str, Any]:
        p, environment, profile = call.params, self._environment(call), self._profile(call)
        strategy, version = self._strategy(call), str(p["ConfigurationVersion"])
        content, kind = self._content(call, profile, version)
        number, now = max(environment.deployments, default=0) + 1, datetime.now(UTC)
        environment.deployments[number] = {
            "ApplicationId": p["ApplicationId"], "EnvironmentId": environment.id, "DeploymentNumber": number,
            "DeploymentStrategyId": strategy.id, "ConfigurationProfileId": profile.id,
            "ConfigurationName": profile.name,
            "ConfigurationLocationUri": profile.members["LocationUri"], "ConfigurationVersion": version,
            "Description": p.get("Description"), "State": "COMPLETE", "PercentageComplete": 100.0, "StartedAt": now,
            "CompletedAt": now, "content": content, "type": kind}
        environment.active[profile.id] = number
        self.world.substitution(f"configuration {profile.name} was deployed to {environment.name} at once")
        return _deployment(environment.deployments[number])

    def _content(self, call: Call, profile: Part, version: str) -> tuple[bytes, str]:
        """What is deployed: a hosted version, or what stands where the profile says, read as its role."""
        uri = str(profile.members["LocationUri"])
        if uri == "hosted":
            number = int(version) if version.isdigit() else next(
                (n for n, one in profile.versions.items() if one.get("VersionLabel") == version), 0)
            if number not in profile.versions:
                raise AwsError("BadRequestException", f"The configuration version {version} does not exist", 400)
            return profile.versions[number]["Content"], profile.versions[number]["ContentType"]
        role = self.world.assume(str(profile.members.get("RetrievalRoleArn") or ""), service="appconfig.amazonaws.com",
                                 session="retrieval", source_account=call.account)
        kind, _, name = uri.partition("://")
        read: Mapping[str, Callable[[], bytes]] = {
            "ssm-parameter": lambda: str(self.world.client("ssm", role, call.region).get_parameter(
                Name=name, WithDecryption=True)["Parameter"]["Value"]).encode(),
            "secretsmanager": lambda: str(self.world.client("secretsmanager", role, call.region).get_secret_value(
                SecretId=name)["SecretString"]).encode(),
            "s3": lambda: bytes(self.world.client("s3", role, call.region).get_object(
                Bucket=name.partition("/")[0], Key=name.partition("/")[2])["Body"].read()),
        }
        try:
            content = read[kind]()
        except ClientError as error:
            raise AwsError("BadRequestException", str(error.response["Error"]["Message"]), 400) from error
        self._valid(profile, content)
        return content, "application/octet-stream"

    def get_deployment(self, call: Call) -> Mapping[str, Any]:
        number = int(call.params["DeploymentNumber"])
        found = self._environment(call).deployments.get(number)
        if found is None:
            raise _missing("Deployment")
        return _deployment(found)

    def list_deployments(self, call: Call) -> Mapping[str, Any]:
        held = self._environment(call).deployments
        return {"Items": [_deployment(held[number]) for number in sorted(held, reverse=True)]}

    def stop_deployment(self, call: Call) -> Mapping[str, Any]:
        self.get_deployment(call)
        raise AwsError("BadRequestException", "The deployment is complete and can't be stopped", 400)

    # -- tags

    def list_tags_for_resource(self, call: Call) -> Mapping[str, Any]:
        return {"Tags": self._tagged(str(call.params["ResourceArn"]))}

    def tag_resource(self, call: Call) -> Mapping[str, Any]:
        self._tagged(str(call.params["ResourceArn"])).update(call.params["Tags"])
        return {}

    def untag_resource(self, call: Call) -> Mapping[str, Any]:
        held = self._tagged(str(call.params["ResourceArn"]))
        for key in call.params["TagKeys"]:
            held.pop(key, None)
        return {}

    def tags(self, arn: str) -> Mapping[str, str]:
        try:
            return self._tagged(arn)
        except AwsError:
            return {}

    def _tagged(self, arn: str) -> dict[str, str]:
        _, _, _, region, account, resource = arn.split(":", 5)
        match resource.split("/"):
            case ["application", app] if app in self.state.applications:
                return self.state.applications[app].tags
            case ["application", app, "configurationprofile", id_] if id_ in self._parts(app, "profiles"):
                return self.state.applications[app].profiles[id_].tags
            case ["application", app, "environment", id_, *_] if id_ in self._parts(app, "environments"):
                return self.state.applications[app].environments[id_].tags
            case ["deploymentstrategy", id_] if (account, region, id_) in self.state.strategies:
                return self.state.strategies[account, region, id_].tags
        raise _missing("Resource")

    def _parts(self, app: str, what: str) -> Mapping[str, Part]:
        found = self.state.applications.get(app)
        return getattr(found, what) if found is not None else {}

    # -- helpers

    def _application(self, call: Call) -> Application:
        found = self.state.applications.get(str(call.params["ApplicationId"]))
        if found is None or (found.account, found.region) != (call.account, call.region):
            raise _missing("Application")
        return found

    def _profile(self, call: Call) -> Part:
        found = self._application(call).profiles.get(str(call.params["ConfigurationProfileId"]))
        if found is None:
            raise _missing("Configuration profile")
        return found

    def _environment(self, call: Call) -> Part:
        found = self._application(call).environments.get(str(call.params["EnvironmentId"]))
        if found is None:
            raise _missing("Environment")
        return found

    def _strategy(self, call: Call) -> Part:
        id_ = str(call.params["DeploymentStrategyId"])
        if id_ in PREDEFINED:
            return _predefined(id_)
        found = self.state.strategies.get((call.account, call.region, id_))
        if found is None:
            raise _missing("Deployment strategy")
        return found


def _missing(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"{what} does not exist", 404)


def _given(call: Call, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: call.params[name] for name in names if call.params.get(name) is not None}


def _predefined(id_: str) -> Part:
    return Part(id=id_, name=id_, members={"GrowthType": "LINEAR", "ReplicateTo": "NONE", **PREDEFINED[id_]})


def _application(found: Application) -> dict[str, Any]:
    return {"Id": found.id, "Name": found.name, "Description": found.description or None}


def _profile(app: Application, found: Part) -> dict[str, Any]:
    return {"ApplicationId": app.id, "Id": found.id, "Name": found.name, **found.members}


def _environment(app: Application, found: Part) -> dict[str, Any]:
    return {"ApplicationId": app.id, "Id": found.id, "Name": found.name, "State": "READY_FOR_DEPLOYMENT",
            **found.members}


def _strategy(found: Part) -> dict[str, Any]:
    return {"Id": found.id, "Name": found.name, "GrowthType": "LINEAR", **found.members}


def _deployment(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in ("content", "type")}

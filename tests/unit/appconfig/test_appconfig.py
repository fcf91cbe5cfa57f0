"""Configurations: versions, deployments, and who may fetch what is deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.worlds import ACCOUNT, one_account

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld



@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    yield from one_account(tmp_path_factory.mktemp("local"))


@pytest.fixture
def app(world: LocalWorld) -> dict[str, Any]:
    """An application with a profile and an environment: their ids, and a client."""
    config = world.client("appconfig", world.root_user(ACCOUNT))
    id_ = config.create_application(Name="shop")["Id"]
    schema = json.dumps({"type": "object", "required": ["colour"]})
    profile = config.create_configuration_profile(
        ApplicationId=id_, Name="look", LocationUri="hosted",
        Validators=[{"Type": "JSON_SCHEMA", "Content": schema}])["Id"]
    environment = config.create_environment(ApplicationId=id_, Name="prod")["Id"]
    return {"client": config, "id": id_, "profile": profile, "environment": environment}


def deploy(app: dict[str, Any], content: dict[str, Any]) -> None:
    version = app["client"].create_hosted_configuration_version(
        ApplicationId=app["id"], ConfigurationProfileId=app["profile"], Content=json.dumps(content).encode(),
        ContentType="application/json")["VersionNumber"]
    told = app["client"].start_deployment(
        ApplicationId=app["id"], EnvironmentId=app["environment"], ConfigurationProfileId=app["profile"],
        ConfigurationVersion=str(version), DeploymentStrategyId="AppConfig.AllAtOnce")
    assert told["State"] == "COMPLETE"


def test_a_session_gets_what_is_deployed_once_and_again_when_it_changed(
    world: LocalWorld, app: dict[str, Any]
) -> None:
    data = world.client("appconfigdata", world.root_user(ACCOUNT))
    deploy(app, {"colour": "red"})
    token = data.start_configuration_session(
        ApplicationIdentifier=app["id"], EnvironmentIdentifier="prod",
        ConfigurationProfileIdentifier="look")["InitialConfigurationToken"]

    def fetched(token: str) -> tuple[str, bytes]:
        told = data.get_latest_configuration(ConfigurationToken=token)
        return told["NextPollConfigurationToken"], told["Configuration"].read()

    following, content = fetched(token)
    assert json.loads(content) == {"colour": "red"}
    with pytest.raises(ClientError, match="token is unknown"):
        fetched(token)
    following, content = fetched(following)
    assert content == b""
    deploy(app, {"colour": "blue"})
    assert json.loads(fetched(following)[1]) == {"colour": "blue"}


def test_content_that_does_not_fit_the_schema_is_refused(app: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="does not satisfy the profile's JSON schema"):
        app["client"].create_hosted_configuration_version(
            ApplicationId=app["id"], ConfigurationProfileId=app["profile"], Content=b"{}", ContentType="text/json")


def test_who_may_fetch_is_asked_about_the_configuration_itself(world: LocalWorld, app: dict[str, Any]) -> None:
    deploy(app, {"colour": "red"})
    iam = world.client("iam", world.root_user(ACCOUNT))
    iam.create_user(UserName="reader")
    caller = world.session(iam.create_access_key(UserName="reader")["AccessKey"]["AccessKeyId"])
    data, asked = world.client("appconfigdata", caller), {
        "ApplicationIdentifier": app["id"], "EnvironmentIdentifier": "prod", "ConfigurationProfileIdentifier": "look"}
    with pytest.raises(ClientError, match="not authorized to perform: appconfig:StartConfigurationSession"):
        data.start_configuration_session(**asked)
    resource = (f"arn:aws:appconfig:us-east-1:{ACCOUNT}:application/{app['id']}/environment/{app['environment']}/"
                f"configuration/{app['profile']}")
    iam.put_user_policy(UserName="reader", PolicyName="may", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"],
             "Resource": resource}]}))
    token = data.start_configuration_session(**asked)["InitialConfigurationToken"]
    assert data.get_latest_configuration(ConfigurationToken=token)["Configuration"].read()


def test_flags_are_fetched_as_values_alone(world: LocalWorld, app: dict[str, Any]) -> None:
    config = app["client"]
    profile = config.create_configuration_profile(ApplicationId=app["id"], Name="flags", LocationUri="hosted",
                                                  Type="AWS.AppConfig.FeatureFlags")["Id"]
    flags = {"version": "1", "flags": {"new": {"name": "new"}, "old": {"name": "old"}},
             "values": {"new": {"enabled": True, "size": 3}, "old": {"enabled": False, "size": 1}}}
    config.create_hosted_configuration_version(ApplicationId=app["id"], ConfigurationProfileId=profile,
                                               Content=json.dumps(flags).encode(), ContentType="application/json")
    config.start_deployment(ApplicationId=app["id"], EnvironmentId=app["environment"], ConfigurationProfileId=profile,
                            ConfigurationVersion="1", DeploymentStrategyId="AppConfig.AllAtOnce")
    data = world.client("appconfigdata", world.root_user(ACCOUNT))
    token = data.start_configuration_session(
        ApplicationIdentifier=app["id"], EnvironmentIdentifier=app["environment"],
        ConfigurationProfileIdentifier=profile)["InitialConfigurationToken"]
    content = data.get_latest_configuration(ConfigurationToken=token)["Configuration"].read()
    assert json.loads(content) == {"new": {"enabled": True, "size": 3}, "old": {"enabled": False}}

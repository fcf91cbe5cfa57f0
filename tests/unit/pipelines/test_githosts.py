"""Sources at git hosts, for which a repository of the same name in CodeCommit stands in."""

from __future__ import annotations

import pytest

from crossdock.local.engine import AwsError

CONNECTION = "arn:aws:codestar-connections:eu-west-1:111111111111:connection/1"


@pytest.fixture
def host(pipelines):
    """The fake world with what stands in, and where what was said of it is noted."""
    said: list[str] = []

    def tip(account, region, name, branch):
        if (name, branch) not in pipelines.world.branches:
            raise AwsError("BranchDoesNotExistException", f"{branch} does not exist")
        return pipelines.world.branches[name, branch], "say c1\n\nmore", "1484167798 -0800", "1484167798 -0800"

    pipelines.world.tip, pipelines.world.substitution = tip, said.append
    return said


def github(pipelines, branch="develop"):
    source = pipelines.action("Take", "Source", "GitHub", outputArtifacts=["SourceOutput"], configuration={
        "Owner": "someone", "Repo": "hello", "Branch": branch, "OAuthToken": "very-secret"})
    source["actionTypeId"]["owner"] = "ThirdParty"
    return source


def connected(pipelines):
    return pipelines.action("Take", "Source", "CodeStarSourceConnection", outputArtifacts=["SourceOutput"],
                            namespace="src", configuration={"ConnectionArn": CONNECTION, "BranchName": "develop",
                                                            "FullRepositoryId": "someone/hello"})


def start(pipelines, source):
    stages = [{"name": "Source", "actions": [source]}, {"name": "S2", "actions": [pipelines.approval()]}]
    made = pipelines("CreatePipeline", pipeline=pipelines.declaration() | {"stages": stages})
    return made["pipeline"], pipelines.executions()[-1]["pipelineExecutionId"]


def test_a_repository_of_the_same_name_stands_in_and_the_report_says_so(pipelines, host):
    _, execution = start(pipelines, github(pipelines))
    pipelines.approve("S2")
    pipelines.ended(execution, "Succeeded")
    assert host == ["pipeline p took someone/hello from CodeCommit repository hello, not from GitHub"]


def test_a_token_is_never_told(pipelines, host):
    made, _ = start(pipelines, github(pipelines))
    held = pipelines("GetPipeline", name="p")["pipeline"]
    for shown in (made, held):
        assert shown["stages"][0]["actions"][0]["configuration"]["OAuthToken"] == "****"


def test_a_source_for_which_nothing_stands_in_fails_by_name_and_says_what_to_do(pipelines, host):
    _, execution = start(pipelines, github(pipelines, branch="other"))
    pipelines.ended(execution, "Failed")
    said = pipelines.latest("Source", "Take")["errorDetails"]["message"]
    assert "does not emulate GitHub" in said
    assert "push its branch other to a CodeCommit repository hello" in said


def test_a_connection_must_be_usable_by_the_pipelines_role(pipelines, host):
    pipelines.world.denied.add(("codestar-connections", "UseConnection"))
    _, execution = start(pipelines, connected(pipelines))
    pipelines.ended(execution, "Failed")
    assert "codestar-connections:UseConnection" in pipelines.latest("Source", "Take")["errorDetails"]["message"]

"""Sources at git hosts, and what starts a pipeline from there: pushes, webhooks, polls."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from typing import Any

import pytest

from crossdock.local.engine import AwsError, HttpRequest, NotEmulated
from crossdock.local.identity import ANONYMOUS
from crossdock.local.repositories import CodeStarConnections, Push, git
from crossdock.local.repositories.state import Connection, Remote

CONNECTION = "arn:aws:codestar-connections:eu-west-1:111111111111:connection/1"


class Hosts:
    """A git host's repository `someone/hello`, and a connection to it, in a world that notes what is said of them."""

    def __init__(self, pipelines: Any, root: Any) -> None:
        world = pipelines.world
        world.root, self.said = root, []
        world.substitution = self.said.append
        self.engine = CodeStarConnections(world)
        world.hosts = self.engine
        world.engine = lambda service: self.engine if service == "codestar-connections" else world
        self.engine.state.connections[CONNECTION] = Connection(
            arn=CONNECTION, name="to-github", account="111111111111", provider="GitHub", host="github.com")
        self.remote = Remote(host="github.com", name="someone/hello")
        self.engine.state.remotes["github.com/someone/hello"] = self.remote
        self.directory = root / "hosts/github.com/someone/hello.git"
        git.create(self.directory)
        self.work = root / "work"
        self.work.mkdir()
        self.git("init", "-q", "-b", "develop")
        self.commit("one")

    def git(self, *arguments: str) -> str:
        who = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(["git", *arguments], cwd=self.work, env=git.environment(who), capture_output=True,
                              text=True, check=True)
        return done.stdout.strip()

    def commit(self, content: str, path: str = "app.py", branch: str = "develop") -> str:
        """A commit that stands at the host; its id."""
        (self.work / path).parent.mkdir(exist_ok=True)
        (self.work / path).write_text(content)
        self.git("add", "-A")
        self.git("commit", "-qm", f"say {content}")
        self.git("push", "-q", str(self.directory), f"HEAD:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def host(pipelines, tmp_path):
    return Hosts(pipelines, tmp_path)


def github(pipelines, branch="develop", polled="false"):
    source = pipelines.action("Take", "Source", "GitHub", outputArtifacts=["SourceOutput"], configuration={
        "Owner": "someone", "Repo": "hello", "Branch": branch, "OAuthToken": "very-secret",
        "PollForSourceChanges": polled})
    source["actionTypeId"]["owner"] = "ThirdParty"
    return source


def connected(pipelines, **more):
    return pipelines.action("Take", "Source", "CodeStarSourceConnection", outputArtifacts=["SourceOutput"],
                            namespace="src", configuration={"ConnectionArn": CONNECTION, "BranchName": "develop",
                                                            "FullRepositoryId": "someone/hello", **more})


def start(pipelines, source, gate=None, **more):
    stages = [{"name": "Source", "actions": [source]},
              {"name": "S2", "actions": [gate or pipelines.approval()]}]
    made = pipelines("CreatePipeline", pipeline=pipelines.declaration(**more) | {"stages": stages})
    return made["pipeline"], pipelines.executions()[-1]["pipelineExecutionId"]


def push(reference="refs/heads/develop", after="c2", files=("app.py",), name="someone/hello", host="github.com"):
    return Push(host=host, name=name, reference=reference, before="c1", after=after, message="say", files=files)


def test_what_was_pushed_stands_in_for_github_and_the_report_says_so(pipelines, host):
    _, execution = start(pipelines, github(pipelines))
    pipelines.approve("S2")
    pipelines.ended(execution, "Succeeded")
    assert host.said == ["pipeline p took someone/hello from "
                         "http://127.0.0.1:9/v1/hosts/github.com/someone/hello, not from github.com"]


def test_a_token_is_never_told(pipelines, host):
    made, _ = start(pipelines, github(pipelines))
    held = pipelines("GetPipeline", name="p")["pipeline"]
    for shown in (made, held):
        assert shown["stages"][0]["actions"][0]["configuration"]["OAuthToken"] == "****"


def test_a_source_to_which_nobody_pushed_fails_by_name_and_says_what_to_do(pipelines, host):
    _, execution = start(pipelines, github(pipelines, branch="other"))
    pipelines.ended(execution, "Failed")
    said = pipelines.latest("Source", "Take")["errorDetails"]["message"]
    assert "does not emulate github.com" in said
    assert "push branch other to http://127.0.0.1:9/v1/hosts/github.com/someone/hello" in said


def test_a_connection_must_exist_and_be_usable_by_the_pipelines_role(pipelines, host):
    pipelines.world.denied.add(("codestar-connections", "UseConnection"))
    _, execution = start(pipelines, connected(pipelines))
    pipelines.ended(execution, "Failed")
    assert "codestar-connections:UseConnection" in pipelines.latest("Source", "Take")["errorDetails"]["message"]
    pipelines.world.denied.clear()
    del host.engine.state.connections[CONNECTION]
    pipelines.ended(pipelines.begin(), "Failed")
    assert f"Connection {CONNECTION} not found" in pipelines.latest("Source", "Take")["errorDetails"]["message"]


def test_who_makes_a_pipeline_must_be_allowed_to_pass_its_connection(pipelines, host):
    pipelines.world.denied.add(("codestar-connections", "PassConnection"))
    with pytest.raises(AwsError, match="codestar-connections:PassConnection"):
        start(pipelines, connected(pipelines))


def test_s1_a_connections_commit_comes_with_its_variables(pipelines, host):
    commit = host.commit("two")
    gate = pipelines.approval(configuration={"CustomData": "#{src.CommitId} #{src.FullRepositoryName}"})
    _, execution = start(pipelines, connected(pipelines), gate)
    pipelines.approve("S2")
    pipelines.ended(execution, "Succeeded")
    [detail, *_] = pipelines("ListActionExecutions", pipelineName="p")["actionExecutionDetails"]
    assert detail["input"]["resolvedConfiguration"] == {"CustomData": f"{commit} someone/hello"}
    assert any("was never completed with github.com" in said for said in host.said)


def test_s1_a_full_clone_hands_on_a_reference_and_no_zip(pipelines, host):
    commit = host.commit("two")
    start(pipelines, connected(pipelines, OutputArtifactFormat="CODEBUILD_CLONE_REF"))
    pipelines.waiting("S2")
    [[artifact]] = [versions for (bucket, _), versions in pipelines.world.objects.items() if bucket == "store"]
    assert json.loads(artifact["Body"])["CODEBUILD_CLONE_REF"] == {
        "Connection": CONNECTION, "Host": "github.com", "Repository": "someone/hello", "Branch": "develop",
        "Commit": commit}


def test_e6_a_push_to_the_branch_starts_the_pipeline_at_that_commit(pipelines, host):
    start(pipelines, connected(pipelines))
    first = host.commit("two")
    host.commit("three")
    pipelines.engine.pushed(push(after=first))
    newest = pipelines.executions()[0]
    assert newest["trigger"]["triggerType"] == "WebhookV2"
    assert json.loads(newest["trigger"]["triggerDetail"])["CommitId"] == first
    pipelines.until(lambda: pipelines.executions()[0]["sourceRevisions"])
    assert pipelines.executions()[0]["sourceRevisions"][0]["revisionId"] == first


@pytest.mark.parametrize("other", [
    push("refs/heads/other"), push(name="someone/else"), push(host="gitlab.com"), push(after=""),
    push("refs/tags/v1"),
])
def test_other_pushes_start_nothing(pipelines, host, other):
    start(pipelines, connected(pipelines))
    pipelines.engine.pushed(other)
    assert len(pipelines.executions()) == 1


def test_without_detection_a_push_starts_nothing(pipelines, host):
    start(pipelines, connected(pipelines, DetectChanges="false"))
    pipelines.engine.pushed(push())
    assert len(pipelines.executions()) == 1


@pytest.mark.parametrize(("filters", "seen", "starts"), [
    ({"tags": {"includes": ["v*"]}}, push("refs/tags/v1"), True),
    ({"tags": {"includes": ["v*"], "excludes": ["v1*"]}}, push("refs/tags/v1.0"), False),
    ({"tags": {"includes": ["v*"]}}, push("refs/heads/v1"), False),
    ({"branches": {"includes": ["feature-*"]}}, push("refs/heads/feature-x"), True),
    ({"branches": {"includes": ["feature/*"]}}, push("refs/heads/feature/a/b"), False),
    ({"branches": {"includes": ["feature/**"]}}, push("refs/heads/feature/a/b"), True),
    ({"branches": {"includes": ["{main,develop}"]}}, push(), True),
    ({"branches": {"excludes": ["develop"]}}, push(), False),
    ({"branches": {"includes": ["develop"]}, "filePaths": {"includes": ["src/**"]}}, push(files=("docs/a",)), False),
    ({"branches": {"includes": ["develop"]}, "filePaths": {"includes": ["**/*.py"]}}, push(files=("a.py",)), True),
    ({"filePaths": {"excludes": ["docs/**"]}, "branches": {"includes": ["*"]}}, push(files=("docs/a", "b")), True),
])
def test_a_trigger_starts_on_what_its_filters_pass(pipelines, host, filters, seen, starts):
    trigger = {"providerType": "CodeStarSourceConnection",
               "gitConfiguration": {"sourceActionName": "Take", "push": [filters]}}
    start(pipelines, connected(pipelines), pipelineType="V2", triggers=[trigger])
    pipelines.engine.pushed(seen)
    assert (len(pipelines.executions()) == 2) is starts


def test_triggers_need_v2_and_a_source_with_a_connection(pipelines, host):
    trigger = {"providerType": "CodeStarSourceConnection",
               "gitConfiguration": {"sourceActionName": "Take", "push": [{"tags": {"includes": ["v*"]}}]}}
    with pytest.raises(AwsError, match="need pipelineType V2"):
        start(pipelines, connected(pipelines), triggers=[trigger])
    with pytest.raises(AwsError, match="no source action with a connection"):
        start(pipelines, github(pipelines), pipelineType="V2", triggers=[trigger])
    trigger["gitConfiguration"] = {"sourceActionName": "Take", "pullRequest": [{"events": ["OPEN"]}]}
    with pytest.raises(NotEmulated, match="pull requests at git hosts"):
        start(pipelines, connected(pipelines), pipelineType="V2", triggers=[trigger])


def test_s1_a_branch_at_github_is_polled_unless_polling_is_off(pipelines, host):
    start(pipelines, github(pipelines, polled="true"))
    pipelines.waiting("S2")
    pipelines.engine.poll()
    assert len(pipelines.executions()) == 1
    host.commit("two")
    pipelines.engine.poll()
    assert pipelines.executions()[0]["trigger"]["triggerType"] == "PollForSourceChanges"


def webhook(pipelines, *, kind="GITHUB_HMAC", settings=None, register=True, **rule):
    made = pipelines("PutWebhook", webhook={
        "name": "hook", "targetPipeline": "p", "targetAction": "Take", "authentication": kind,
        "authenticationConfiguration": settings if settings is not None else {"SecretToken": "token"},
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}", **rule}]})
    if register:
        pipelines("RegisterWebhookWithThirdParty", webhookName="hook")
    return made["webhook"]


def post(pipelines, url, body, **headers):
    path = url.partition("/_aws/codepipeline")[2]
    return pipelines.engine.http(HttpRequest(
        method="POST", path=path, query="", headers=headers, body=json.dumps(body).encode(), caller=ANONYMOUS)).status


def test_e6_a_registered_webhook_starts_the_pipeline_on_a_push_that_passes_its_filters(pipelines, host):
    start(pipelines, github(pipelines))
    shown = webhook(pipelines)
    assert shown["definition"]["authenticationConfiguration"] == {"SecretToken": "****"}
    pipelines.engine.pushed(push("refs/heads/other"))
    assert len(pipelines.executions()) == 1
    pipelines.engine.pushed(push())
    assert pipelines.executions()[0]["trigger"] == {"triggerType": "Webhook", "triggerDetail": shown["arn"]}
    pipelines("DeregisterWebhookWithThirdParty", webhookName="hook")
    pipelines.engine.pushed(push())
    assert len(pipelines.executions()) == 2


def test_a_post_to_a_webhook_must_be_signed_with_its_secret(pipelines, host):
    start(pipelines, github(pipelines))
    url = webhook(pipelines, register=False)["url"]
    body = {"ref": "refs/heads/develop"}
    assert post(pipelines, url, body) == 403
    wrong = hmac.new(b"other", json.dumps(body).encode(), hashlib.sha256).hexdigest()
    assert post(pipelines, url, body, **{"x-hub-signature-256": f"sha256={wrong}"}) == 403
    assert len(pipelines.executions()) == 1
    right = hmac.new(b"token", json.dumps(body).encode(), hashlib.sha1).hexdigest()
    assert post(pipelines, url, body, **{"x-hub-signature": f"sha1={right}"}) == 200
    assert len(pipelines.executions()) == 2


@pytest.mark.parametrize(("kind", "settings", "status"), [
    ("IP", {"AllowedIPRange": "127.0.0.0/8"}, 200), ("IP", {"AllowedIPRange": "10.0.0.0/8"}, 403),
    ("UNAUTHENTICATED", {}, 200),
])
def test_a_webhook_may_be_opened_to_addresses_or_to_all(pipelines, host, kind, settings, status):
    start(pipelines, github(pipelines))
    url = webhook(pipelines, kind=kind, settings=settings, register=False)["url"]
    assert post(pipelines, url, {"ref": "refs/heads/develop"}) == status
    assert post(pipelines, f"{url}0", {}) == 404


def test_webhooks_are_listed_and_deleted_and_what_they_cant_select_is_refused(pipelines, host):
    start(pipelines, github(pipelines))
    first = webhook(pipelines)
    assert webhook(pipelines)["url"] == first["url"]
    assert [one["arn"] for one in pipelines("ListWebhooks")["webhooks"]] == [first["arn"]]
    with pytest.raises(NotEmulated, match="JSON path"):
        webhook(pipelines, jsonPath="$..ref")
    pipelines("DeleteWebhook", name="hook")
    assert pipelines("ListWebhooks")["webhooks"] == []
    with pytest.raises(AwsError, match="does not exist"):
        pipelines("RegisterWebhookWithThirdParty", webhookName="hook")

"""Builds from git hosts, by webhooks and by full clones; credentials and report groups."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from tests.unit.builds.conftest import ACCOUNT, REGION, USER

from crossdock.local.builds import ArtifactLocation, PipelineBuild
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.repositories import CodeStarConnections, Push, git
from crossdock.local.repositories.state import Connection, Remote

CONNECTION = f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/1"
GITHUB = {"type": "GITHUB", "location": "https://github.com/octo/hello.git"}
SPEC = "version: 0.2\nphases: {build: {commands: [%s]}}\n"


@pytest.fixture
def host(builds: Any, tmp_path: Any) -> Any:
    """A repository `octo/hello` at GitHub with two commits on `main`: the ids."""
    hosts = CodeStarConnections(builds.world)
    builds.world.engine = {"codestar-connections": hosts}.__getitem__
    hosts.state.remotes["github.com/octo/hello"] = Remote(host="github.com", name="octo/hello")
    hosts.state.connections[CONNECTION] = Connection(arn=CONNECTION, name="c", account=ACCOUNT, provider="GitHub",
                                                     host="github.com")
    directory = builds.world.root / "hosts/github.com/octo/hello.git"
    git.create(directory)
    work = tmp_path / "work"
    work.mkdir()
    who = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def run(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=work, env=git.environment(who), capture_output=True, text=True,
                              check=True)
        return done.stdout.strip()

    run("init", "-q", "-b", "main")
    commits = []
    for content in ("one", "two"):
        (work / "app.txt").write_text(content)
        run("add", "-A")
        run("commit", "-qm", content)
        commits.append(run("rev-parse", "HEAD"))
    run("push", "-q", str(directory), "main", "HEAD~1:refs/heads/old")
    git.run(directory, "symbolic-ref", "HEAD", "refs/heads/main")
    return commits


def project(builds: Any, spec: str, **more: Any) -> None:
    source = {**GITHUB, "buildspec": spec, **more.pop("source", {})}
    builds.project(source=source, artifacts={"type": "NO_ARTIFACTS"}, **more)


def test_a_build_clones_what_stands_in_for_github_and_the_report_says_so(builds, host):
    project(builds, SPEC % "cat app.txt && echo, git remote get-url origin, git rev-parse HEAD")
    build = builds.finish(builds.call("StartBuild", projectName="shop")["build"]["id"])
    assert build["buildStatus"] == "SUCCEEDED", builds.lines
    local = "http://127.0.0.1:9/v1/hosts/github.com/octo/hello"
    assert builds.output == ["two", local, host[1]]
    assert build["resolvedSourceVersion"] == host[1]
    assert any("took octo/hello" in said for said in builds.world.substitutions)


@pytest.mark.parametrize("version", ["old", "refs/heads/old", "commit"])
def test_a_source_version_is_a_branch_or_a_commit(builds, host, version):
    project(builds, SPEC % "cat app.txt")
    given = host[0] if version == "commit" else version
    build = builds.finish(builds.call("StartBuild", projectName="shop", sourceVersion=given)["build"]["id"])
    assert build["resolvedSourceVersion"] == host[0]
    assert builds.output == ["one"]


@pytest.mark.parametrize(("more", "said"), [
    ({"source": {"location": "https://github.com/octo/other"}}, "does not emulate github.com"),
    ({"sourceVersion": "pr/7"}, "does not emulate pull requests"),
    ({"source": {"location": "git@github.com:octo/hello.git"}}, "is no HTTPS URL"),
    ({"sourceVersion": "nothing"}, "git -C failed"),
])
def test_what_is_not_at_the_host_fails_the_download(builds, host, more, said):
    project(builds, SPEC % "ls", **more)
    builds.finish(builds.call("StartBuild", projectName="shop")["build"]["id"])
    assert builds.context("DOWNLOAD_SOURCE")[0] == "CLIENT_ERROR"
    assert said in builds.context("DOWNLOAD_SOURCE")[1]


def test_a_connection_must_be_usable_by_the_builds_role(builds, host):
    auth = {"auth": {"type": "CODECONNECTIONS", "resource": CONNECTION}}
    builds.world.forbidden.add("codeconnections:UseConnection")
    project(builds, SPEC % "ls", source=auth)
    builds.finish(builds.call("StartBuild", projectName="shop")["build"]["id"])
    assert "codeconnections:UseConnection" in builds.context("DOWNLOAD_SOURCE")[1]


@pytest.mark.parametrize("forbidden", [False, True])
def test_s1_a_full_clone_is_followed_by_the_builds_role(builds, host, forbidden):
    reference = {"CODEBUILD_CLONE_REF": {"Connection": CONNECTION, "Host": "github.com", "Repository": "octo/hello",
                                         "Branch": "main", "Commit": host[0]}}
    builds.world.clouds.objects["store/in/Source"] = json.dumps(reference).encode()
    builds.world.forbidden |= {"codeconnections:UseConnection"} if forbidden else set()
    builds.project(source={"type": "CODEPIPELINE", "buildspec": SPEC % "git log --format=%s"},
                   artifacts={"type": "CODEPIPELINE"})
    builds.finish(builds.engine.start_pipeline_build(PipelineBuild(
        project="shop", account=ACCOUNT, region=REGION, caller=USER, pipeline="p",
        inputs=(ArtifactLocation(name="Source", bucket="store", key="in/Source"),))))
    assert (builds.output, builds.phases["DOWNLOAD_SOURCE"]) == (
        ([], "FAILED") if forbidden else (["one"], "SUCCEEDED"))


def push(reference: str = "refs/heads/main", after: str = "", **more: Any) -> Push:
    return Push(host="github.com", reference=reference, before="c0", after=after, message="say it",
                files=("app.txt",), **{"name": "octo/hello", **more})


def connect(builds: Any) -> None:
    builds.call("ImportSourceCredentials", token="t", serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN")


def test_a_push_starts_a_build_at_its_commit_with_the_webhooks_variables(builds, host):
    project(builds, SPEC % "cat app.txt, echo && env | grep WEBHOOK | sort")
    connect(builds)
    builds.call("CreateWebhook", projectName="shop")
    builds.engine.pushed(push(after=host[0]))
    [id_] = builds.call("ListBuildsForProject", projectName="shop")["ids"]
    build = builds.finish(id_)
    assert build["initiator"].startswith("GitHub-Hookshot/")
    assert builds.output == ["one", "CODEBUILD_WEBHOOK_EVENT=PUSH", "CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/main",
                             "CODEBUILD_WEBHOOK_PREV_COMMIT=c0", "CODEBUILD_WEBHOOK_TRIGGER=branch/main"]


def on(*filters: tuple[str, str], exclude: bool = False) -> list[dict[str, Any]]:
    return [{"type": kind, "pattern": pattern, "excludeMatchedPattern": exclude and kind != "EVENT"}
            for kind, pattern in filters]


@pytest.mark.parametrize(("given", "seen", "starts"), [
    ({"branchFilter": "^ma"}, push(after="x"), True),
    ({"branchFilter": "^release"}, push(after="x"), False),
    ({"filterGroups": [on(("EVENT", "PULL_REQUEST_CREATED, PUSH"))]}, push(after="x"), True),
    ({"filterGroups": [on(("EVENT", "PULL_REQUEST_CREATED"))]}, push(after="x"), False),
    ({"filterGroups": [on(("EVENT", "PUSH"), ("HEAD_REF", "^refs/tags/"))]}, push(after="x"), False),
    ({"filterGroups": [on(("EVENT", "PUSH"), ("HEAD_REF", "^refs/tags/")), on(("EVENT", "PUSH"))]}, push(after="x"),
     True),
    ({"filterGroups": [on(("EVENT", "PUSH"), ("HEAD_REF", "main"), exclude=True)]}, push(after="x"), False),
    ({"filterGroups": [on(("EVENT", "PUSH"), ("FILE_PATH", "^src/"))]}, push(after="x"), False),
    ({"filterGroups": [on(("EVENT", "PUSH"), ("COMMIT_MESSAGE", "skip"), exclude=True)]}, push(after="x"), True),
    ({}, push(after=""), False),
    ({}, push(after="x", name="octo/other"), False),
])
def test_a_webhook_starts_builds_on_what_its_filters_pass(builds, host, given, seen, starts):
    project(builds, SPEC % "true")
    connect(builds)
    builds.call("CreateWebhook", projectName="shop", **given)
    builds.engine.pushed(seen)
    assert bool(builds.call("ListBuildsForProject", projectName="shop")["ids"]) is starts


def test_a_webhook_needs_a_token_and_a_host_and_filters_that_can_be_decided(builds, host):
    project(builds, SPEC % "true")
    with pytest.raises(AwsError, match="Access token not found in CodeBuild project for server type github"):
        builds.call("CreateWebhook", projectName="shop")
    connect(builds)
    with pytest.raises(NotEmulated, match="ACTOR_ACCOUNT_ID"):
        builds.call("CreateWebhook", projectName="shop",
                    filterGroups=[on(("EVENT", "PUSH"), ("ACTOR_ACCOUNT_ID", "1"))])
    with pytest.raises(NotEmulated, match="BUILD_BATCH"):
        builds.call("CreateWebhook", projectName="shop", buildType="BUILD_BATCH")
    with pytest.raises(AwsError, match="needs a filter of type EVENT"):
        builds.call("CreateWebhook", projectName="shop", filterGroups=[on(("HEAD_REF", "x"))])
    builds.call("CreateWebhook", projectName="shop")
    with pytest.raises(AwsError, match="has a webhook already"):
        builds.call("CreateWebhook", projectName="shop")
    builds.call("UpdateWebhook", projectName="shop", branchFilter="x")
    [shown] = builds.call("BatchGetProjects", names=["shop"])["projects"]
    assert shown["webhook"]["branchFilter"] == "x"
    builds.call("DeleteWebhook", projectName="shop")
    with pytest.raises(AwsError, match="has no webhook"):
        builds.call("DeleteWebhook", projectName="shop")


def test_a_token_of_a_host_is_known_and_never_told(builds):
    connect(builds)
    [info] = builds.call("ListSourceCredentials")["sourceCredentialsInfos"]
    assert info == {"arn": info["arn"], "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    with pytest.raises(AwsError, match="already exists"):
        builds.call("ImportSourceCredentials", token="t", serverType="GITHUB", authType="OAUTH", shouldOverwrite=False)
    builds.call("DeleteSourceCredentials", arn=info["arn"])
    assert builds.call("ListSourceCredentials")["sourceCredentialsInfos"] == []


def test_report_groups_are_kept_changed_and_removed(builds):
    config = {"exportConfigType": "NO_EXPORT"}
    made = builds.call("CreateReportGroup", name="unit", type="TEST", exportConfig=config)["reportGroup"]
    changed = {"exportConfigType": "S3", "s3Destination": {"bucket": "b"}}
    builds.call("UpdateReportGroup", arn=made["arn"], exportConfig=changed)
    [found] = builds.call("BatchGetReportGroups", reportGroupArns=[made["arn"]])["reportGroups"]
    assert found["exportConfig"] == changed
    builds.call("DeleteReportGroup", arn=made["arn"])
    assert builds.call("ListReportGroups")["reportGroups"] == []


JUNIT = """<testsuites><testsuite name="unit">
<testcase classname="a.T" name="one" time="0.5"/>
<testcase classname="a.T" name="two" time="0.25"><failure message="2 is not 3">trace</failure></testcase>
<testcase classname="a.T" name="three"><skipped/></testcase>
</testsuite></testsuites>"""


def reporting(commands: str, files: str = "'*.xml'", more: str = "") -> str:
    return (f"version: 0.2\nphases: {{build: {{commands: [{commands}]}}}}\n"
            f"reports:\n  unit:\n    files: [{files}]\n    base-directory: out\n{more}")


def deliver(builds: Any, spec: str, **files: str) -> Any:
    return builds.deliver({"out/" + name.replace("_", "."): text for name, text in files.items()}, outputs=(),
                          buildspec=spec)


def test_junit_files_become_the_cases_of_a_report(builds):
    build = deliver(builds, reporting("'true'"), result_xml=JUNIT)
    [arn] = build["reportArns"]
    [report] = builds.call("BatchGetReports", reportArns=[arn])["reports"]
    assert (report["status"], report["testSummary"]) == ("FAILED", {
        "total": 3, "statusCounts": {"SUCCEEDED": 1, "FAILED": 1, "SKIPPED": 1}, "durationInNanoSeconds": 750_000_000})
    assert report["reportGroupArn"].endswith(":report-group/shop-unit")
    [case] = builds.call("DescribeTestCases", reportArn=arn, filter={"status": "FAILED"})["testCases"]
    assert (case["name"], case["prefix"], case["message"], case["testRawDataPath"]) == (
        "two", "a.T", "2 is not 3", "result.xml")
    assert build["buildStatus"] == "SUCCEEDED"
    with pytest.raises(AwsError, match="contains reports"):
        builds.call("DeleteReportGroup", arn=report["reportGroupArn"])
    assert builds.call("ListReportsForReportGroup", reportGroupArn=report["reportGroupArn"])["reports"] == [arn]
    builds.call("DeleteReportGroup", arn=report["reportGroupArn"], deleteReports=True)
    assert builds.call("ListReports")["reports"] == []


def test_reports_are_made_although_the_build_phase_failed(builds):
    build = deliver(builds, reporting("exit 1"), result_xml=JUNIT)
    assert (build["buildStatus"], len(build["reportArns"])) == ("FAILED", 1)


@pytest.mark.parametrize(("files", "said"), [
    ({}, "[unit: [report files not found in build]]"),
    ({"result_xml": "<testsuites>"}, "result.xml is not JUnit XML"),
])
def test_a_report_without_its_files_fails_the_upload(builds, files, said):
    deliver(builds, reporting("mkdir -p out"), **files)
    assert builds.phases["UPLOAD_ARTIFACTS"] == "FAILED"
    assert said in builds.context("UPLOAD_ARTIFACTS")[1]


def test_a_role_that_may_not_report_fails_the_upload(builds):
    builds.world.forbidden.add("codebuild:CreateReportGroup")
    deliver(builds, reporting("'true'"), result_xml=JUNIT)
    assert "may not codebuild:CreateReportGroup" in builds.context("UPLOAD_ARTIFACTS")[1]


def test_other_formats_are_accepted_and_the_log_says_that_nobody_reads_them(builds):
    build = deliver(builds, reporting("'true'", more="    file-format: CUCUMBERJSON\n"), result_json="{}")
    assert (build["buildStatus"], build.get("reportArns", [])) == ("SUCCEEDED", [])
    assert any("of format CUCUMBERJSON are not parsed" in line for line in builds.lines)

"""Platform -> Assembly: order, wiring, names, and what is refused because it is not built yet."""

from __future__ import annotations

import json
import textwrap

import pytest

from crossdock import compose, library
from crossdock.errors import PlatformError
from crossdock.model.assembly import Check, Literal, Output
from crossdock.template import load


def test_each_stack_comes_after_those_whose_outputs_it_takes(folder):
    assembly = compose.compose(folder.read())
    seen: set[str] = set()
    for stack in assembly.stacks:
        assert set(stack.after) <= seen, stack.id
        assert {v.stack for v in stack.parameters.values() if isinstance(v, Output)} <= set(stack.after)
        seen.add(stack.id)


def test_every_edge_joins_an_output_and_a_parameter_of_the_same_name(folder):
    platform = folder.read()
    assembly, texts = compose.compose(platform), compose.templates(platform)
    bodies = {path: load(text).body for path, text in texts.items()}
    edges = 0
    for stack in assembly.stacks:
        assert set(stack.parameters) <= set(bodies[stack.template]["Parameters"]), stack.id
        required = {name for name, p in bodies[stack.template]["Parameters"].items() if "Default" not in p}
        assert required <= set(stack.parameters), stack.id
        for name, value in stack.parameters.items():
            if isinstance(value, Output):
                assert value.name == name
                assert value.name in bodies[assembly.stack(value.stack).template]["Outputs"]
                edges += 1
    assert edges == 1 + 1 + 3 * 4 + 6 * 3 + 6 * 7  # artifacts, stack sets, targets, builds, pipelines


def test_stacks_have_unique_ids_and_unique_names_within_an_account(folder):
    stacks = compose.compose(folder.read()).stacks
    assert len({s.id for s in stacks}) == len(stacks)
    assert len({(s.account_id, s.name) for s in stacks}) == len(stacks)


def test_a_stack_that_holds_data_is_protected(folder):
    protected = {s.id for s in compose.compose(folder.read()).stacks if s.protected}
    assert protected == {
        "shared/logs", "shared/artifacts", "shared/repository/survey", "shared/repository/collector",
    }


def test_a_stack_names_the_line_that_caused_it(folder):
    stacks = {s.id: s.source for s in compose.compose(folder.read()).stacks}
    assert stacks["shared/targets/staging"] == "crossdock.yaml:7"
    assert stacks["shared/pipeline/production/collector"] == "crossdock.yaml:11"


def test_deliveries_say_from_where_to_where(folder):
    deliveries = compose.compose(folder.read()).deliveries
    assert len(deliveries) == 6
    last = deliveries[-1]
    assert (last.service, last.environment, last.account_id, last.branch) == (
        "collector", "production", "333333333333", "master")
    assert (last.repository, last.pipeline, last.stack) == (
        "psl-collector", "psl-production-collector", "psl-production-collector")
    assert (last.approval, deliveries[0].approval) == (True, False)
    assert last.checks == (Check(path="/health"),)


def test_the_digest_tells_what_was_written_and_not_where(folder):
    text = (folder.write()).read_text()
    first, moved = compose.compose(folder.read(text)), compose.compose(folder.read("# a comment\n" + text))
    other = compose.compose(folder.read(text.replace("branch: develop", "branch: main")))
    assert first.platform_digest == moved.platform_digest != other.platform_digest


def test_the_same_platform_gives_the_same_assembly(folder):
    assert compose.compose(folder.read()) == compose.compose(folder.read())


def test_deployed_names_are_those_that_the_deliveries_say(folder, deployed):
    pipelines = {p["Name"] for p in deployed.of_type("AWS::CodePipeline::Pipeline").values()}
    repositories = {r["RepositoryName"] for r in deployed.of_type("AWS::CodeCommit::Repository").values()}
    deliveries = compose.compose(folder.read()).deliveries
    assert pipelines == {d.pipeline for d in deliveries}
    assert repositories == {d.repository for d in deliveries}


def test_names_fit_at_their_longest(folder, deploy):
    platform = folder.read("""
        platform: twenty-letters-of-it
        region: ap-southeast-2
        accounts: {shared: "111111111111", nonprod: "222222222222"}
        environments: {production: {account: nonprod, branch: master}}
        services: {sixteen-letters1: {kind: serverless, source: services/survey}}
        """)
    deployed = deploy(platform)
    assert max(len(r["RoleName"]) for r in deployed.of_type("AWS::IAM::Role").values()) <= 64
    assert max(len(b["BucketName"]) for b in deployed.of_type("AWS::S3::Bucket").values()) <= 63


def test_parameter_overrides_stay_below_one_kilobyte_at_their_longest():
    overrides = next(
        action["Configuration"]["ParameterOverrides"]
        for stage in load(library.load("delivery/pipeline")).body["Resources"]["Pipeline"]["Properties"]["Stages"]
        if "Name" in stage for action in stage["Actions"] if "ParameterOverrides" in action["Configuration"]
    )["Fn::Sub"]
    longest = {
        "Platform": 20, "Environment": 30, "Service": 30, "ArtifactBucketName": 63, "ConfigurationPrefix": 76,
        "ArtifactKeyArn": len("arn:aws-us-gov:kms:ap-southeast-2:111111111111:key/") + 36,
        "PermissionsBoundaryArn": len("arn:aws-us-gov:iam::111111111111:policy/") + 60,
    }
    for name, length in longest.items():
        overrides = overrides.replace("${" + name + "}", "x" * length)
    assert set(json.loads(overrides)) == set(longest)
    assert len(overrides) <= 1000


def test_an_environment_that_asks_for_approval_has_a_stage_for_it(deployed):
    stages = {
        id_.split("/")[2]: [stage["Name"] for stage in p["Stages"]]
        for id_, p in deployed.of_type("AWS::CodePipeline::Pipeline").items()
    }
    assert stages["development"] == ["Source", "Build", "Deploy"]
    assert stages["production"] == ["Source", "Build", "Approve", "Deploy"]


def test_a_push_to_the_branch_and_no_other_starts_the_pipeline(deployed):
    rule = deployed.of_type("AWS::Events::Rule")["shared/pipeline/staging/survey/PushRule"]
    assert rule["EventPattern"]["resources"] == ["arn:aws:codecommit:us-east-1:111111111111:psl-survey"]
    assert rule["EventPattern"]["detail"]["referenceName"] == ["staging"]


@pytest.mark.parametrize(("more", "service", "what", "line"), [
    ("reviews: {approvers: seniors}\n", "", "`reviews` is not built yet", 1),
    ("notifications: {slack: {workspace: T1, channel: C1}}\n", "", "`notifications.slack` is not built yet", 1),
    ("", "authentication: iam", "`authentication: iam` is not built yet", 10),
    ("", "needs: [{actions: ['s3:Get*'], resources: ['zone:raw']}]",
     "there is no zone raw in development, staging, production", 10),
    ("", "files: {a/: b/}", "`files` of a service is not built yet", 10),
    ("", "schedule: rate(1 day)", "`schedule` of a service is not built yet", 10),
])  # fmt: skip
def test_what_is_not_built_yet_is_refused_by_name_and_place(folder, more, service, what, line):
    text = more + textwrap.dedent(folder.write().read_text())
    if service:
        text = text.replace("services/survey}", f"services/survey, {service}}}")
    with pytest.raises(PlatformError) as caught:
        compose.compose(folder.read(text))
    assert [(p.what, p.position.line) for p in caught.value.problems] == [(what, line)]


def test_who_is_told_is_told_of_deliveries_and_of_each_environment_that_has_something(folder, deploy):
    text = ("notifications: {email: [a@b.test, c@d.test]}\noverrides: {staging: {infrastructure: {bastion: true}}}\n"
            + folder.write().read_text())
    deployed = deploy(folder.read(text))
    topic = deployed.outputs["shared/notices"]["NoticeTopicArn"]
    rules = deployed.of_type("AWS::Events::Rule")
    assert {id_ for id_, rule in rules.items() if rule["Targets"][0]["Arn"] == topic} == {
        "shared/pipeline-notices/FailureRule", "shared/pipeline-notices/ApprovalRule"}
    stacks = {stack.id: stack for stack in compose.compose(folder.read(text)).stacks}
    assert stacks["nonprod/infrastructure/staging"].parameters["NoticeEmails"] == Literal(value="a@b.test,c@d.test")
    assert {stack.source for id_, stack in stacks.items() if "notice" in id_} == {"crossdock.yaml:1"}


def test_a_task_is_not_built_yet(folder):
    text = folder.write().read_text().replace("survey: {kind: serverless", "survey: {kind: task")
    with pytest.raises(PlatformError) as caught:
        compose.compose(folder.read(text))
    assert caught.value.problems[0].what == "`kind: task` is not built yet"


def test_more_readers_than_a_bucket_policy_holds_are_refused(folder):
    more = "".join(f"  s{i}x: {{kind: serverless, source: services/survey}}\n" for i in range(20))
    with pytest.raises(PlatformError) as caught:
        compose.compose(folder.read(folder.write().read_text() + more))
    assert "bucket's policy" in caught.value.problems[0].what


def test_the_largest_policies_that_are_allowed_fit(folder, deploy):
    from crossdock.compose.composing import LONGEST_PARAMETER, LONGEST_POLICY

    text = """
        platform: longest-platform-nam
        organization: o-a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5a1
        region: ap-southeast-2
        accounts: {shared: "111111111111", nonprod: "222222222222"}
        environments: {development: {account: nonprod, branch: develop}}
        services:
        """
    more = "".join(f"          service-{i:02}-long: {{kind: serverless, source: services/survey}}\n" for i in range(34))
    platform = folder.read(text.rstrip() + "\n" + more)
    deployed = deploy(platform)
    policies = deployed.of_type("AWS::S3::BucketPolicy").values()
    assert max(len(json.dumps(p["PolicyDocument"])) for p in policies) <= LONGEST_POLICY
    values = [value for stack in compose.compose(platform).stacks for value in stack.parameters.values()]
    assert max(len(value.value) for value in values if isinstance(value, Literal)) <= LONGEST_PARAMETER

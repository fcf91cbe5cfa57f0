"""Engines, sessions and addresses over a restart; what ran is settled."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.persistence.comparing import NONPROD, REGION, SHARED, Disk, drawn

from crossdock.errors import LocalError
from crossdock.local.builds.state import Build, Phase
from crossdock.local.cloudformation.interrupted import WHY
from crossdock.local.cloudformation.state import Resource, Stack, Target
from crossdock.local.engines import ENGINES
from crossdock.local.identity import Caller, Kind
from crossdock.local.pipelines.state import ActionRun, Execution, Pipeline, StageRun
from crossdock.local.server import LocalWorld

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}}]})
TOPIC = {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "told"}}}


def client(world: LocalWorld, service: str) -> Any:
    return world.client(service, world.root_user(SHARED))


def bus_of(world: LocalWorld) -> Any:
    return vars(world.engine("events"))["state"]


def until_settled(world: LocalWorld, stack: str) -> str:
    for _ in range(200):
        status = str(client(world, "cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
        if not status.endswith("_IN_PROGRESS"):
            return status
        time.sleep(0.02)
    return status


def test_stacks_events_outputs_and_change_sets_are_there_and_go_on(disk: Disk) -> None:
    world = disk.start()
    template = {"Resources": TOPIC, "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}}}
    cloudformation = client(world, "cloudformation")
    cloudformation.create_stack(StackName="s", TemplateBody=json.dumps(template), Tags=[{"Key": "a", "Value": "b"}])
    assert until_settled(world, "s") == "CREATE_COMPLETE"
    wider = {**template, "Resources": {**TOPIC, "Queue": {"Type": "AWS::SQS::Queue"}}}
    cloudformation.create_change_set(StackName="s", ChangeSetName="more", TemplateBody=json.dumps(wider))

    def look(world: LocalWorld) -> Any:
        asked = client(world, "cloudformation")
        return [drawn({k: v for k, v in answer.items() if k != "ResponseMetadata"}) for answer in (
            asked.describe_stacks(StackName="s"), asked.describe_stack_events(StackName="s"),
            asked.describe_change_set(StackName="s", ChangeSetName="more"), asked.list_stack_resources(StackName="s"))]

    before, world = look(world), disk.start()
    assert look(world) == before
    world = disk.start()
    client(world, "cloudformation").execute_change_set(StackName="s", ChangeSetName="more")
    assert until_settled(world, "s") == "UPDATE_COMPLETE"
    assert len(client(world, "sqs").list_queues()["QueueUrls"]) == 1


def test_all_engines_that_have_a_state_are_kept(disk: Disk) -> None:
    world = disk.start()
    root = world.root_user(SHARED)
    client(world, "codecommit").create_repository(repositoryName="r", repositoryDescription="d")
    client(world, "events").create_event_bus(Name="b")
    client(world, "events").put_rule(Name="r", EventPattern='{"source": ["x"]}', EventBusName="b")
    client(world, "apigateway").create_rest_api(name="api")
    client(world, "iam").create_role(RoleName="builder", AssumeRolePolicyDocument=TRUST.replace(
        f'"AWS": "arn:aws:iam::{SHARED}:root"', '"Service": "codebuild.amazonaws.com"'))
    client(world, "codebuild").create_project(
        name="project", source={"type": "NO_SOURCE", "buildspec": "version: 0.2"}, artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=f"arn:aws:iam::{SHARED}:role/builder")
    client(world, "apigatewayv2").create_api(Name="http", ProtocolType="HTTP")
    client(world, "organizations").create_policy(
        Name="none", Type="SERVICE_CONTROL_POLICY", Description="d",
        Content=json.dumps({"Version": "2012-10-17", "Statement": []}))
    names = [name for name in ENGINES if "state" in vars(world.engine(name))]

    def states(world: LocalWorld) -> Any:
        return [drawn(vars(world.engine(name))["state"]) for name in names]

    before = states(world)
    again = disk.start()
    assert states(again) == before
    assert again.client("codecommit", root).get_repository(repositoryName="r")["repositoryMetadata"]["Arn"]


def test_temporary_credentials_stay_valid_until_they_expire(disk: Disk) -> None:
    world = disk.start()
    caller = Caller(kind=Kind.ROLE, arn="arn:aws:sts::1:assumed-role/r/s", account=SHARED, user_id="AROAX:s")
    long, short = (world.credentials(caller, seconds=seconds) for seconds in (3600, -1))
    again = disk.start()
    found = again.find_key(long.access_key)
    assert found is not None
    assert (found[0], found[1].arn, found[1].issued is not None) == (long, caller.arn, True)
    assert again.find_key(short.access_key) is None


def test_the_administrators_keep_their_keys(disk: Disk) -> None:
    assert disk.start().settle() == disk.start().settle()


def test_an_account_that_is_new_is_settled_and_one_that_is_gone_refused(disk: Disk) -> None:
    disk.start()
    third = "333333333333"
    world = disk.start(accounts={SHARED: "shared", NONPROD: "nonprod", third: "production"})
    assert set(world.settle()) == {SHARED, NONPROD, third}
    with pytest.raises(LocalError, match=f"accounts that are no more: {third}"):
        disk.start()


@pytest.mark.parametrize(("what", "value"), [("organization", "o-other"), ("region", "eu-west-1")])
def test_state_of_another_organization_or_region_is_refused(disk: Disk, what: str, value: str) -> None:
    disk.start()
    with pytest.raises(LocalError, match=f"made for {what}") as caught:
        disk.start(**{what: value})
    assert "crossdock local reset" in caught.value.advice


def test_addresses_in_the_state_follow_the_server_and_objects_of_buckets_do_not(disk: Disk) -> None:
    world = disk.start("http://127.0.0.1:41111")
    repository = client(world, "codecommit").create_repository(repositoryName="r")["repositoryMetadata"]
    queue = client(world, "sqs").create_queue(QueueName="q")["QueueUrl"]
    client(world, "ssm").put_parameter(Name="clone", Value=repository["cloneUrlHttp"], Type="String")
    client(world, "s3").create_bucket(Bucket="buck-1")
    client(world, "s3").put_object(Bucket="buck-1", Key="k", Body=repository["cloneUrlHttp"].encode())
    for port in (42222, 43333):
        world = disk.start(f"http://127.0.0.1:{port}")
        clone = client(world, "codecommit").get_repository(repositoryName="r")["repositoryMetadata"]["cloneUrlHttp"]
        assert clone == repository["cloneUrlHttp"].replace("41111", str(port))
        assert client(world, "ssm").get_parameter(Name="clone")["Parameter"]["Value"] == clone
        found = client(world, "sqs").get_queue_url(QueueName="q")["QueueUrl"]
        assert found == queue.replace("41111", str(port))
        client(world, "sqs").send_message(QueueUrl=found, MessageBody="x")
        assert b"41111" in client(world, "s3").get_object(Bucket="buck-1", Key="k")["Body"].read()


def test_an_address_that_would_not_fit_is_refused(disk: Disk) -> None:
    disk.start("http://127.0.0.1:41111")
    with pytest.raises(LocalError, match="can't be moved"):
        disk.start("http://127.0.0.1:999")


def test_a_build_that_ran_has_failed_and_says_why(disk: Disk) -> None:
    world = disk.start()
    arn = f"arn:aws:codebuild:{REGION}:{SHARED}:build/p:1"
    build = Build(id="p:1", arn=arn, account=SHARED, region=REGION, project="p", number=1, initiator="me",
                  settings={"source": {"type": "NO_SOURCE"}, "serviceRole": "r", "environment": {}},
                  phases=[Phase(name="SUBMITTED", started=datetime.now(UTC), ended=datetime.now(UTC),
                                status="SUCCEEDED"), Phase(name="BUILD", started=datetime.now(UTC))])
    vars(world.engine("codebuild"))["state"].builds[arn] = build
    client(world, "codebuild").list_builds()
    world = disk.start()
    world.engine("codebuild").start()
    found = client(world, "codebuild").batch_get_builds(ids=["p:1"])["builds"][0]
    assert (found["buildStatus"], found["buildComplete"]) == ("FAILED", True)
    failed = next(phase for phase in found["phases"] if phase["phaseType"] == "BUILD")
    assert failed["contexts"][0]["message"] == "The local AWS was stopped while this build ran"


def test_an_action_that_ran_has_failed_and_can_be_retried(disk: Disk) -> None:
    world = disk.start()
    arn = f"arn:aws:codepipeline:{REGION}:{SHARED}:p"
    action = {"name": "A", "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual",
                                            "version": "1"}, "configuration": {}, "inputArtifacts": [],
              "outputArtifacts": [], "runOrder": 1}
    declaration = {"name": "p", "roleArn": f"arn:aws:iam::{SHARED}:role/p", "version": 1, "pipelineType": "V1",
                   "executionMode": "SUPERSEDED", "stages": [{"name": "S", "actions": [action]}]}
    now = datetime.now(UTC)
    run = ActionRun(id="1", stage="S", action="A", declaration=action)
    execution = Execution(id="e", number=1, version=1, declaration=declaration, trigger="x", trigger_detail="x",
                          stages={"S": StageRun(actions={"A": run})}, history=[run])
    pipeline = Pipeline(account=SHARED, region=REGION, name="p", arn=arn, version=1, versions={1: declaration},
                        created=now, updated=now, executions={"e": execution})
    pipeline.lane("S").holder = "e"
    vars(world.engine("codepipeline"))["state"].pipelines[arn] = pipeline
    client(world, "codepipeline").list_pipelines()
    world = disk.start()
    engine = world.engine("codepipeline")
    engine.start()
    try:
        asked = client(world, "codepipeline")
        state = asked.get_pipeline_state(name="p")["stageStates"][0]["actionStates"][0]["latestExecution"]
        assert state["status"] == "Failed"
        assert "The local AWS was stopped" in state["errorDetails"]["message"]
        restored = vars(engine)["state"].pipelines[arn].executions["e"]
        assert restored.history[0] is restored.stages["S"].actions["A"]
        asked.retry_stage_execution(
            pipelineName="p", stageName="S", pipelineExecutionId="e", retryMode="FAILED_ACTIONS")
    finally:
        engine.stop()


def _stack(status: str, **more: Any) -> Stack:
    return Stack(id=f"arn:aws:cloudformation:{REGION}:{SHARED}:stack/{status}/1", name=status.replace("_", "-"),
                 account=SHARED, region=REGION, created=datetime.now(UTC), status=status,
                 target=Target(text="{}", body={"Resources": TOPIC}), **more)


@pytest.mark.parametrize(("status", "then"), [
    ("CREATE_IN_PROGRESS", "CREATE_FAILED"), ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
    ("DELETE_IN_PROGRESS", "DELETE_FAILED"), ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"),
    ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"),
    ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"),
    ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
    ("REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS"),
])
def test_a_stack_operation_that_ran_ends_in_a_status_with_a_way_out(disk: Disk, status: str, then: str) -> None:
    world = disk.start()
    made = client(world, "sns").create_topic(Name="told")["TopicArn"]
    topic = Resource(logical_id="Topic", type="AWS::SNS::Topic", physical_id=made, status="CREATE_COMPLETE",
                     properties={"TopicName": "told"})
    half = Resource(logical_id="Half", type="AWS::SNS::Topic", status="CREATE_IN_PROGRESS")
    stack = _stack(status, resources={"Topic": topic, "Half": half})
    vars(world.engine("cloudformation"))["state"].stacks[stack.id] = stack
    client(world, "cloudformation").list_stacks()
    world = disk.start()
    world.engine("cloudformation").start()
    asked = client(world, "cloudformation")
    found = asked.describe_stacks(StackName=stack.id)["Stacks"][0]
    assert found["StackStatus"] == then
    if then != status:
        assert WHY in found["StackStatusReason"]
    asked.delete_stack(StackName=stack.id)
    assert until_settled(world, stack.id) == "DELETE_COMPLETE"
    assert client(world, "sns").list_topics()["Topics"] == []


def test_an_event_under_way_is_delivered_after_the_restart_unless_it_is_old(disk: Disk) -> None:
    world = disk.start()
    queue = client(world, "sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{SHARED}:q"
    client(world, "sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                                                "Action": "sqs:SendMessage", "Resource": arn}]})})
    events = client(world, "events")
    events.put_rule(Name="r", EventPattern='{"source": ["x"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
    bus: Any = world.engine("events")
    bus._stopping.set()  # as if the server were killed between the answer and the delivery
    for detail in ("new", "old"):
        events.put_events(Entries=[{"Source": "x", "DetailType": "t", "Detail": json.dumps({"d": detail})}])
    id_, old = list(bus.state.pending.items())[1]
    bus.state.pending[id_] = type(old)(rule=old.rule, target=old.target, event=old.event, forwarded=False,
                                       since=old.since - timedelta(days=2))
    events.list_rules()
    world = disk.start()
    world.engine("events").start()
    try:
        found: list[Any] = []
        for _ in range(200):
            found += client(world, "sqs").receive_message(QueueUrl=queue).get("Messages", [])
            if not bus_of(world).pending:
                break
            time.sleep(0.02)
        assert [json.loads(message["Body"])["detail"]["d"] for message in found] == ["new"]
    finally:
        world.engine("events").stop()
    assert bus_of(world).pending == {}


def test_a_clean_stop_writes_what_nobody_asked_for_and_leaves_no_waste(disk: Disk) -> None:
    world = disk.start()
    client(world, "events").put_rule(Name="r", ScheduleExpression="rate(1 day)")
    for number in range(50):
        client(world, "ssm").put_parameter(Name="p", Value=str(number), Type="String", Overwrite=True)
    (rule,) = bus_of(world).rules.values()
    rule.ran = ran = datetime(2026, 1, 2, tzinfo=UTC)  # as its clock does
    size = (disk.root / "journal").stat().st_size
    world.start()
    world.stop()
    assert (disk.root / "journal").stat().st_size < size
    again = disk.start()
    (rule,) = bus_of(again).rules.values()
    assert rule.ran == ran
    assert client(again, "ssm").get_parameter(Name="p")["Parameter"]["Value"] == "49"


def test_what_changes_by_itself_is_written_while_it_goes_on(disk: Disk) -> None:
    world = disk.start()
    world.start()
    stack = _stack("CREATE_IN_PROGRESS")
    held = vars(world.engine("cloudformation"))["state"].stacks
    held[stack.id] = stack
    client(world, "cloudformation").list_stacks()
    stack.reason = "under way"
    for _ in range(200):
        if b"under way" in (disk.root / "journal").read_bytes():
            break
        time.sleep(0.02)
    else:
        pytest.fail("it was not written")
    del held[stack.id]
    world.stop()
    assert b"under way" not in (disk.root / "journal").read_bytes()

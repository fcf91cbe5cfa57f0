"""The CloudFormation action (rules D1, A3, A6) against stacks in a dictionary."""

import json
from typing import Any

import pytest

from crossdock.local.engine import AwsError

NAME = "app"
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class Stacks:
    """CloudFormation as dictionaries: an operation ends in what `outcome` says, after one look in between."""

    def __init__(self, refusal: Any) -> None:
        self.refusal = refusal
        self.stacks: dict[str, dict[str, Any]] = {}
        self.sets: dict[str, dict[str, Any]] = {}
        self.outcome: dict[str, str] = {}
        self.no_changes = False
        self.events: list[dict[str, Any]] = []
        self.did: list[str] = []
        self.given: dict[str, Any] = {}

    def _begin(self, name: str, verb: str, **given: Any) -> dict[str, Any]:
        self.did.append(verb)
        self.given = given
        stack = self.stacks.setdefault(name, {"StackName": name, "StackId": f"arn:{name}"})
        stack |= {"StackStatus": f"{verb}_IN_PROGRESS", "next": self.outcome.get(verb, f"{verb}_COMPLETE"),
                  "Outputs": [{"OutputKey": "Url", "OutputValue": "http://x"}]}
        return {"StackId": stack["StackId"]}

    def describe_stacks(self, caller: Any, *, StackName: str) -> Any:  # noqa: N803
        name = StackName.removeprefix("arn:")
        if name not in self.stacks:
            raise self.refusal("ValidationError", f"Stack with id {name} does not exist")
        shown = dict(self.stacks[name])
        if "next" in self.stacks[name]:
            self.stacks[name]["StackStatus"] = self.stacks[name].pop("next")
            if self.stacks[name]["StackStatus"] == "DELETE_COMPLETE":
                del self.stacks[name]
        return {"Stacks": [shown]}

    def describe_stack_events(self, caller: Any, **_: Any) -> Any:
        return {"StackEvents": self.events}

    def create_stack(self, caller: Any, *, StackName: str, **given: Any) -> Any:  # noqa: N803
        return self._begin(StackName, "CREATE", **given)

    def update_stack(self, caller: Any, *, StackName: str, **given: Any) -> Any:  # noqa: N803
        if self.no_changes:
            raise self.refusal("ValidationError", "No updates are to be performed.")
        return self._begin(StackName, "UPDATE", **given)

    def delete_stack(self, caller: Any, *, StackName: str, **given: Any) -> None:  # noqa: N803
        self._begin(StackName.removeprefix("arn:"), "DELETE", **given)

    def create_change_set(self, caller: Any, *, StackName: str, ChangeSetName: str, **given: Any) -> Any:  # noqa: N803
        self.did.append(f"CHANGE_SET_{given['ChangeSetType']}")
        self.given = given
        self.stacks.setdefault(
            StackName, {"StackName": StackName, "StackId": f"arn:{StackName}", "StackStatus": "REVIEW_IN_PROGRESS"})
        failed = {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": NO_CHANGES}
        made = {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": [1, 2]}
        self.sets[ChangeSetName] = {"StackId": f"arn:{StackName}", **(failed if self.no_changes else made)}
        return {"Id": f"arn:{ChangeSetName}"}

    def describe_change_set(self, caller: Any, *, StackName: str, ChangeSetName: str) -> Any:  # noqa: N803
        if ChangeSetName not in self.sets:
            raise self.refusal("ChangeSetNotFound", f"ChangeSet [{ChangeSetName}] does not exist")
        return self.sets[ChangeSetName]

    def delete_change_set(self, caller: Any, *, ChangeSetName: str, **_: Any) -> None:  # noqa: N803
        self.sets.pop(ChangeSetName, None)

    def execute_change_set(self, caller: Any, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803
        fresh = self.stacks[StackName]["StackStatus"] == "REVIEW_IN_PROGRESS"
        self._begin(StackName, "CREATE" if fresh else "UPDATE", **self.given)
        del self.sets[ChangeSetName]


@pytest.fixture
def stacks(pipelines: Any) -> Stacks:
    pipelines.world.stacks = Stacks(pipelines.refusal)
    return pipelines.world.stacks


def deploy(pipelines: Any, mode: str, name: str = "Deploy", **more: Any) -> Any:
    configuration = {"ActionMode": mode, "StackName": NAME, "RoleArn": "arn:aws:iam::222222222222:role/cfn"}
    if mode.startswith("CHANGE_SET"):
        configuration["ChangeSetName"] = "next"
    if mode not in ("CHANGE_SET_EXECUTE", "DELETE_ONLY"):
        configuration["TemplatePath"] = "SourceOutput::template.yaml"
    configuration |= more.pop("configuration", {})
    return pipelines.action(name, "Deploy", "CloudFormation", roleArn=pipelines.deploy, configuration=configuration,
                            inputArtifacts=["SourceOutput"], **more)


def run(pipelines: Any, *actions: Any, status: str = "Succeeded") -> None:
    pipelines.ended(pipelines.create(list(actions)), status)


def error(pipelines: Any, name: str = "Deploy") -> Any:
    return pipelines.latest("S2", name)["errorDetails"]


def test_d1_a_change_set_is_made_and_executed_as_the_action_s_role(pipelines: Any, stacks: Stacks) -> None:
    pipelines.world.builds["x:1"] = {"buildStatus": "SUCCEEDED"}
    configuration = {"Capabilities": "CAPABILITY_IAM,CAPABILITY_AUTO_EXPAND"}
    run(pipelines, deploy(pipelines, "CHANGE_SET_REPLACE", "Make", configuration=configuration),
        deploy(pipelines, "CHANGE_SET_EXECUTE", runOrder=2, namespace="App"),
        pipelines.action("B", "Build", "CodeBuild", runOrder=3, inputArtifacts=["SourceOutput"], configuration={
            "ProjectName": "x", "EnvironmentVariables": '[{"name": "U", "value": "#{App.Url}"}]'}))
    assert stacks.did == ["CHANGE_SET_CREATE", "CREATE"]
    assert stacks.given["TemplateBody"] == "Resources: {}"
    assert stacks.given["Capabilities"] == ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    assert stacks.given["RoleARN"] == "arn:aws:iam::222222222222:role/cfn"
    who = {caller.principal_arn for service, _, _, caller in pipelines.world.calls if service == "cloudformation"}
    assert who == {pipelines.deploy}
    assert pipelines.latest("S2", "Make")["summary"] == "Change set next was created with 2 changes."
    assert pipelines.world.orders[0].environment == ({"type": "PLAINTEXT", "name": "U", "value": "http://x"},)


def test_d1_an_old_change_set_is_replaced_and_a_stack_that_exists_updated(pipelines: Any, stacks: Stacks) -> None:
    stacks.stacks[NAME] = {"StackName": NAME, "StackId": f"arn:{NAME}", "StackStatus": "CREATE_COMPLETE"}
    stacks.sets["next"] = {"Status": "CREATE_COMPLETE"}
    run(pipelines, deploy(pipelines, "CHANGE_SET_REPLACE", "Make"), deploy(pipelines, "CHANGE_SET_EXECUTE", runOrder=2))
    assert stacks.did == ["CHANGE_SET_UPDATE", "UPDATE"]


def test_d1_a_change_set_without_changes_succeeds_and_executes_nothing(pipelines: Any, stacks: Stacks) -> None:
    stacks.stacks[NAME] = {"StackName": NAME, "StackId": f"arn:{NAME}", "StackStatus": "CREATE_COMPLETE"}
    stacks.no_changes = True
    run(pipelines, deploy(pipelines, "CHANGE_SET_REPLACE", "Make"), deploy(pipelines, "CHANGE_SET_EXECUTE", runOrder=2))
    assert stacks.did == ["CHANGE_SET_UPDATE"]
    assert "nothing was executed" in pipelines.latest("S2", "Deploy")["summary"]


def test_d1_create_update_creates_updates_and_is_content_without_changes(pipelines: Any, stacks: Stacks) -> None:
    run(pipelines, deploy(pipelines, "CREATE_UPDATE"))
    pipelines.ended(pipelines.begin(), "Succeeded")
    stacks.no_changes = True
    pipelines.ended(pipelines.begin(), "Succeeded")
    assert stacks.did == ["CREATE", "UPDATE"]


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_d1_replace_on_failure_deletes_a_broken_stack_first(pipelines: Any, stacks: Stacks, status: str) -> None:
    stacks.stacks[NAME] = {"StackName": NAME, "StackId": f"arn:{NAME}", "StackStatus": status}
    run(pipelines, deploy(pipelines, "REPLACE_ON_FAILURE"))
    assert stacks.did == ["DELETE", "CREATE"]


def test_d1_delete_only_deletes_and_is_content_when_nothing_is_there(pipelines: Any, stacks: Stacks) -> None:
    stacks.stacks[NAME] = {"StackName": NAME, "StackId": f"arn:{NAME}", "StackStatus": "CREATE_COMPLETE"}
    run(pipelines, deploy(pipelines, "DELETE_ONLY"))
    pipelines.ended(pipelines.begin(), "Succeeded")
    assert (stacks.did, stacks.stacks) == (["DELETE"], {})


def test_d1_a_failed_stack_names_the_resources_that_failed_first_cause_first(pipelines: Any, stacks: Stacks) -> None:
    stacks.outcome["CREATE"] = "ROLLBACK_COMPLETE"
    own = {"StackId": f"arn:{NAME}", "PhysicalResourceId": f"arn:{NAME}", "LogicalResourceId": NAME,
           "ResourceType": "AWS::CloudFormation::Stack"}

    def of(name: str, kind: str, reason: str) -> dict[str, Any]:
        return {"StackId": f"arn:{NAME}", "LogicalResourceId": name, "ResourceType": kind,
                "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": reason}

    stacks.events = [
        {**own, "ResourceStatus": "ROLLBACK_IN_PROGRESS", "ResourceStatusReason": "failed: [Key]"},
        of("Other", "AWS::S3::Bucket", "Resource creation cancelled"),
        of("Late", "AWS::SQS::Queue", "no queue"),
        of("Key", "AWS::KMS::Key", "User: x is not authorized to perform: kms:CreateKey"),
        {**own, "ResourceStatus": "CREATE_IN_PROGRESS", "ResourceStatusReason": "User Initiated"},
        of("Old", "AWS::S3::Bucket", "an earlier operation"),
    ]
    run(pipelines, deploy(pipelines, "CREATE_UPDATE"), status="Failed")
    assert error(pipelines) == {"code": "JobFailed", "message": (
        "Stack app ended in ROLLBACK_COMPLETE\n"
        "Key (AWS::KMS::Key): User: x is not authorized to perform: kms:CreateKey\n"
        "Late (AWS::SQS::Queue): no queue")}


def test_a_role_that_may_not_read_events_still_learns_that_the_stack_failed(pipelines: Any, stacks: Stacks) -> None:
    stacks.outcome["CREATE"] = "ROLLBACK_COMPLETE"
    pipelines.world.denied.add(("cloudformation", "describe_stack_events"))
    run(pipelines, deploy(pipelines, "CREATE_UPDATE"), status="Failed")
    assert error(pipelines)["message"].startswith("Stack app ended in ROLLBACK_COMPLETE\n(the stack's events could not")


def test_a_denied_call_keeps_aws_s_code_and_words(pipelines: Any, stacks: Stacks) -> None:
    pipelines.world.denied.add(("cloudformation", "create_change_set"))
    run(pipelines, deploy(pipelines, "CHANGE_SET_REPLACE"), status="Failed")
    assert error(pipelines)["code"] == "AccessDenied"
    assert "assumed-role/deploy" in error(pipelines)["message"]


def test_d1_a_configuration_file_gives_parameters_and_tags_and_overrides_win(pipelines: Any, stacks: Stacks) -> None:
    pipelines.world.source = pipelines.bundle(
        template_yaml="Resources: {}", build_json=json.dumps({"Image": "v7"}),
        config_json=json.dumps({"Parameters": {"A": "1", "B": "2"}, "Tags": {"team": "x"}, "StackPolicy": {"S": []}}))
    overrides = {"B": "3", "Bucket": {"Fn::GetArtifactAtt": ["SourceOutput", "BucketName"]},
                 "Image": {"Fn::GetParam": ["SourceOutput", "build.json", "Image"]}, "List": ["a", "b"]}
    run(pipelines, deploy(pipelines, "CREATE_UPDATE", configuration={
        "TemplateConfiguration": "SourceOutput::config.json", "ParameterOverrides": json.dumps(overrides)}))
    assert {p["ParameterKey"]: p["ParameterValue"] for p in stacks.given["Parameters"]} == {
        "A": "1", "B": "3", "Bucket": "store", "Image": "v7", "List": "a,b"}
    assert stacks.given["Tags"] == [{"Key": "team", "Value": "x"}]
    assert json.loads(stacks.given["StackPolicyBody"]) == {"S": []}


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"TemplatePath": "SourceOutput::absent.yaml"}, "File [absent.yaml] does not exist in artifact [SourceOutput]"),
        ({"TemplatePath": "Elsewhere::t.yaml"}, "Elsewhere is not an input artifact"),
        ({"TemplatePath": "template.yaml"}, "must have the form ArtifactName::FileName"),
        ({"ParameterOverrides": "{"}, "not JSON"),
        ({"ParameterOverrides": '{"A": {"Ref": "B"}}'}, "A must be text, Fn::GetArtifactAtt"),
        ({"ParameterOverrides": '{"A": {"Fn::GetArtifactAtt": ["SourceOutput", "Size"]}}'}, "knows no attribute Size"),
    ],
)
def test_a6_what_can_t_be_read_fails_the_action(
    pipelines: Any, stacks: Stacks, configuration: Any, message: str
) -> None:
    run(pipelines, deploy(pipelines, "CREATE_UPDATE", configuration=configuration), status="Failed")
    assert message in error(pipelines)["message"]


def test_a3_a_long_template_is_handed_over_by_a_url_that_the_action_s_role_signed(
    pipelines: Any, stacks: Stacks
) -> None:
    pipelines.world.source = pipelines.bundle(template_yaml="#" * 60_000)
    run(pipelines, deploy(pipelines, "CREATE_UPDATE"))
    assert "TemplateBody" not in stacks.given
    assert stacks.given["TemplateURL"].startswith("http://127.0.0.1:9/store/p/SourceOutp/")
    assert "X-Amz-Signature=" in stacks.given["TemplateURL"]
    [put] = [c for c in pipelines.world.calls if c[1] == "put_object" and c[2]["Key"].endswith(".template")]
    assert put[3].principal_arn == pipelines.deploy


def test_d1_outputs_are_written_to_the_output_artifact(pipelines: Any, stacks: Stacks) -> None:
    make = deploy(pipelines, "CREATE_UPDATE", outputArtifacts=["Made"], configuration={"OutputFileName": "out.json"})
    again = pipelines.action("Again", "Deploy", "CloudFormation", runOrder=2, inputArtifacts=["SourceOutput", "Made"],
                             configuration={
                                 "ActionMode": "CREATE_UPDATE", "StackName": "second", "RoleArn": "arn:x",
                                 "TemplatePath": "SourceOutput::template.yaml",
                                 "ParameterOverrides": '{"U": {"Fn::GetParam": ["Made", "out.json", "Url"]}}'})
    run(pipelines, make, again)
    assert stacks.given["Parameters"] == [{"ParameterKey": "U", "ParameterValue": "http://x"}]


def test_d1_each_mode_needs_its_configuration(pipelines: Any, stacks: Stacks) -> None:
    for mode, missing in (("CHANGE_SET_EXECUTE", "ChangeSetName"), ("CREATE_UPDATE", "TemplatePath"),
                          ("DELETE_ONLY", "RoleArn")):
        action = deploy(pipelines, mode)
        del action["configuration"][missing]
        with pytest.raises(AwsError, match=f"needs {missing}"):
            pipelines("CreatePipeline", pipeline=pipelines.declaration([action]))
    with pytest.raises(AwsError, match="ActionMode EXPLODE"):
        pipelines("CreatePipeline", pipeline=pipelines.declaration([deploy(pipelines, "EXPLODE")]))

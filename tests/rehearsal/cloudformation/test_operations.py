"""Stacks through the API: statuses, events and reasons in AWS's order and words, and what is left in the services."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy, trust

from crossdock.local.cloudformation.resources.coverage import table


def parameter(value: str = "a", **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}, **more}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


FAILS = {"Type": "AWS::S3::BucketPolicy", "Properties": {
    "Bucket": "no-such-bucket-anywhere", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}}


def names(account: Any) -> dict[str, str]:
    """Parameter name -> value, as the service has it."""
    ssm = account.client("ssm")
    held = [p["Name"] for p in ssm.describe_parameters()["Parameters"]]
    return {name: ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in held}


def test_a_creation_is_told_in_order(account):
    assert account.create(template(First=parameter(), Second=parameter(DependsOn="First"))) == "CREATE_COMPLETE"
    assert account.events() == [
        ("one", "CREATE_IN_PROGRESS"),
        ("First", "CREATE_IN_PROGRESS"), ("First", "CREATE_IN_PROGRESS"), ("First", "CREATE_COMPLETE"),
        ("Second", "CREATE_IN_PROGRESS"), ("Second", "CREATE_IN_PROGRESS"), ("Second", "CREATE_COMPLETE"),
        ("one", "CREATE_COMPLETE"),
    ]  # fmt: skip
    assert account.reasons("one") == ["User Initiated"]
    assert account.reasons("First") == ["Resource creation Initiated"]


def test_a_failed_creation_leaves_nothing_and_says_which_resource(account):
    assert account.create(template(Made=parameter(), Bad={**FAILS, "DependsOn": "Made"})) == "ROLLBACK_COMPLETE"
    assert names(account) == {}
    assert account.reasons("one")[1] == "The following resource(s) failed to create: [Bad]. Rollback requested by user."
    assert account.reasons("Bad")[0].startswith('Resource handler returned message: "')
    assert "HandlerErrorCode: NotFound" in account.reasons("Bad")[0]
    with pytest.raises(ClientError, match=r"Stack \[one\] already exists"):
        account.create(template(Made=parameter()))
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        account.update(template(Made=parameter()))
    assert account.delete() == "DELETE_COMPLETE"
    assert account.create(template(Made=parameter())) == "CREATE_COMPLETE"


@pytest.mark.parametrize(("asked", "status", "left"), [
    ({"DisableRollback": True}, "CREATE_FAILED", 1),
    ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED", 1),
    ({"OnFailure": "DELETE"}, "DELETE_COMPLETE", 0),
])  # fmt: skip
def test_what_happens_on_failure_is_the_callers_choice(account, asked, status, left):
    assert account.create(template(Made=parameter(), Bad={**FAILS, "DependsOn": "Made"}), **asked) == status
    assert len(names(account)) == left


def test_what_waits_for_a_failed_resource_is_never_begun(account):
    account.create(template(Bad=FAILS, After=parameter(DependsOn="Bad")))
    assert "After" not in [logical for logical, _ in account.events()]


def test_an_update_without_changes_is_refused(account):
    account.create(template(P=parameter()))
    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        account.update(template(P=parameter()))


def test_an_update_changes_in_place_adds_and_removes(account):
    account.create(template(Kept=parameter("a"), Gone=parameter("b")))
    kept, gone = account.physical("Kept"), account.physical("Gone")
    assert account.update(template(Kept=parameter("a2"), New=parameter("c"))) == "UPDATE_COMPLETE"
    assert names(account) == {kept: "a2", account.physical("New"): "c"}
    assert account.events()[-4:] == [
        ("one", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), ("Gone", "DELETE_IN_PROGRESS"), ("Gone", "DELETE_COMPLETE"),
        ("one", "UPDATE_COMPLETE"),
    ]  # fmt: skip
    assert gone not in names(account)


def test_a_failed_update_restores_changes_removals_and_replacements(account):
    first = template(
        Changed=parameter("a"), Gone=parameter("b"),
        Replaced={"Type": "AWS::SSM::Parameter", "Properties": {"Name": "r1", "Type": "String", "Value": "c"}})
    account.create(first)
    before = names(account)
    second = template(
        Changed=parameter("a2"), New=parameter("d"),
        Replaced={"Type": "AWS::SSM::Parameter", "Properties": {"Name": "r2", "Type": "String", "Value": "c2"}},
        Bad={**FAILS, "DependsOn": ["Changed", "Replaced", "New"]})
    assert account.update(second) == "UPDATE_ROLLBACK_COMPLETE"
    assert names(account) == before
    stack_statuses = [status for logical, status in account.events() if logical == "one"]
    assert stack_statuses[2:] == [
        "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE"]
    assert account.reasons("one")[-1] == "The following resource(s) failed to create: [Bad]. "
    assert account.delete() == "DELETE_COMPLETE"
    assert names(account) == {}


def test_a_replacement_is_made_first_and_dependants_follow(account):
    def version(name: str) -> dict[str, Any]:
        return template(
            Topic={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}},
            Arn=parameter({"Ref": "Topic"}))  # type: ignore[arg-type]

    account.create(version("t1"))
    assert account.update(version("t2")) == "UPDATE_COMPLETE"
    assert [t["TopicArn"].rpartition(":")[2] for t in account.client("sns").list_topics()["Topics"]] == ["t2"]
    assert names(account)[account.physical("Arn")].endswith(":t2")
    statuses = account.events()
    assert statuses.index(("Topic", "UPDATE_COMPLETE")) < statuses.index(("Topic", "DELETE_IN_PROGRESS"))


def test_a_custom_named_resource_is_not_replaced_by_one_of_the_same_name(account):
    def role(path: str) -> dict[str, Any]:
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        return template(Role={"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": "fixed", "Path": path, "AssumeRolePolicyDocument": trust}})

    account.create(role("/a/"))
    assert account.update(role("/b/")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Rename fixed and update the stack again" in account.reasons("Role")[-1]
    assert account.client("iam").get_role(RoleName="fixed")["Role"]["Path"] == "/a/"


def test_policies_keep_what_they_say(account):
    held = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    account.create(template(Kept=parameter("a", **held), Other=parameter("b")))
    kept = account.physical("Kept")
    assert account.delete() == "DELETE_COMPLETE"
    assert names(account) == {kept: "a"}


def test_retain_except_on_create_goes_when_its_creation_is_rolled_back(account):
    account.create(template(
        Kept=parameter(DeletionPolicy="RetainExceptOnCreate"), Bad={**FAILS, "DependsOn": "Kept"}))
    assert names(account) == {}


def test_an_export_in_use_can_be_neither_deleted_nor_changed(account):
    exporting = {**template(P=parameter()), "Outputs": {"Name": {"Value": "v1", "Export": {"Name": "shared-name"}}}}
    account.create(exporting, "exporter")
    importing = template(P=parameter({"Fn::ImportValue": "shared-name"}))  # type: ignore[arg-type]
    assert account.create(importing, "importer") == "CREATE_COMPLETE"
    assert "v1" in names(account).values()
    assert account.cloudformation.list_imports(ExportName="shared-name")["Imports"] == ["importer"]
    assert account.delete("exporter") == "CREATE_COMPLETE"
    assert account.reasons("exporter", "exporter")[-1] == (
        "Delete canceled. Cannot delete export shared-name as it is in use by importer.")
    account.delete("importer")
    assert account.delete("exporter") == "DELETE_COMPLETE"
    assert account.create(importing, "late") == "ROLLBACK_COMPLETE"
    assert "No export named shared-name found. Rollback requested by user." in account.reasons("late", "late")


def test_a_protected_stack_is_not_deleted(account):
    account.create(template(P=parameter()), EnableTerminationProtection=True)
    with pytest.raises(ClientError, match=r"Stack \[one\] cannot be deleted while TerminationProtection is enabled"):
        account.delete()
    account.cloudformation.update_termination_protection(StackName="one", EnableTerminationProtection=False)
    assert account.delete() == "DELETE_COMPLETE"


def test_a_failed_deletion_can_go_on_without_the_resource(account):
    account.create(template(Bucket={"Type": "AWS::S3::Bucket", "Properties": {}}, P=parameter()))
    bucket = account.physical("Bucket")
    account.client("s3").put_object(Bucket=bucket, Key="k", Body=b"v")
    assert account.delete() == "DELETE_FAILED"
    assert account.reasons("one")[-1] == "The following resource(s) failed to delete: [Bucket]. "
    assert names(account) == {}
    assert account.delete(RetainResources=["Bucket"]) == "DELETE_COMPLETE"
    assert account.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_unknown_types_and_properties_are_refused_before_anything_is_made(account):
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::SSM::Parametre\]"):
        account.create(template(P=parameter(), X={"Type": "AWS::SSM::Parametre"}))
    with pytest.raises(ClientError, match=r"X: the local AWS does not emulate the resource type AWS::GameLift::"):
        account.create(template(P=parameter(), X={"Type": "AWS::GameLift::Fleet", "Properties": {"Name": "f"}}))
    refused = next(row.refused[0] for row in table() if row.type == "AWS::S3::Bucket")
    with pytest.raises(ClientError, match=f"does not emulate the property {refused} of AWS::S3::Bucket"):
        account.create(template(B={"Type": "AWS::S3::Bucket", "Properties": {refused: {}}}))
    assert names(account) == {}
    assert account.cloudformation.list_stacks()["StackSummaries"] == []


def test_conditions_leave_resources_and_outputs_out(account):
    body = {
        "Parameters": {"Wanted": {"Type": "String", "Default": "no"}},
        "Conditions": {"IsWanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
        "Resources": {"Always": parameter(), "Maybe": parameter("m", Condition="IsWanted")},
        "Outputs": {"Maybe": {"Condition": "IsWanted", "Value": {"Ref": "Maybe"}}},
    }
    account.create(body)
    assert (len(names(account)), account.outputs()) == (1, {})
    assert account.update(body, parameters={"Wanted": "yes"}) == "UPDATE_COMPLETE"
    assert account.outputs() == {"Maybe": account.physical("Maybe")}
    account.update(body, parameters={"Wanted": "no"})
    assert (len(names(account)), account.outputs()) == (1, {})


def test_stack_tags_reach_the_resources_and_change_with_the_stack(account):
    account.create(template(P=parameter(Properties={"Type": "String", "Value": "v", "Tags": {"own": "1"}})),
                   Tags=[{"Key": "platform", "Value": "psl"}])

    def tags() -> dict[str, str]:
        held = account.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=account.physical("P"))
        return {tag["Key"]: tag["Value"] for tag in held["TagList"] if not tag["Key"].startswith("aws:")}

    assert tags() == {"platform": "psl", "own": "1"}
    account.update(template(P=parameter(Properties={"Type": "String", "Value": "v", "Tags": {"own": "1"}})),
                   Tags=[{"Key": "platform", "Value": "other"}])
    assert tags() == {"platform": "other", "own": "1"}


def test_parameters_keep_previous_values_and_hide_secrets(account):
    body = {"Parameters": {"Text": {"Type": "String"}, "Secret": {"Type": "String", "NoEcho": True}},
            "Resources": {"P": parameter({"Fn::Sub": "${Text}-${Secret}"})}}  # type: ignore[arg-type]
    account.create(body, parameters={"Text": "a", "Secret": "s1"})
    shown = {p["ParameterKey"]: p["ParameterValue"] for p in account.stack()["Parameters"]}
    assert shown == {"Text": "a", "Secret": "****"}
    account.cloudformation.update_stack(StackName="one", UsePreviousTemplate=True, Parameters=[
        {"ParameterKey": "Text", "ParameterValue": "b"}, {"ParameterKey": "Secret", "UsePreviousValue": True}])
    assert account.wait() == "UPDATE_COMPLETE"
    assert list(names(account).values()) == ["b-s1"]
    with pytest.raises(ClientError, match=r"Parameters: \[Text, Secret\] must have values"):
        account.create(body, "two")


def test_capabilities_are_demanded_as_aws_words_it(account):
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": {}}}
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_NAMED_IAM\]"):
        account.create(template(R=role), Capabilities=["CAPABILITY_IAM"])
    role["Properties"] = {"AssumeRolePolicyDocument": {}}
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_IAM\]"):
        account.create(template(R=role), Capabilities=[])


def test_what_is_missing_is_said_as_aws_says_it(account):
    with pytest.raises(ClientError, match="Stack with id nothing does not exist"):
        account.stack("nothing")
    with pytest.raises(ClientError, match=r"Stack \[nothing\] does not exist"):
        account.update(template(P=parameter()), "nothing")
    account.cloudformation.delete_stack(StackName="nothing")


def test_stacks_of_other_accounts_and_regions_are_not_seen(account, enter):
    account.create(template(P=parameter()))
    assert enter("111111111111").cloudformation.describe_stacks()["Stacks"] == []
    elsewhere = account.world.client("cloudformation", account.caller, "me-south-1")
    assert elsewhere.describe_stacks()["Stacks"] == []


def test_what_is_too_much_is_refused(account):
    with pytest.raises(ClientError, match="Member must have length less than or equal to 51200"):
        account.create(template(P=parameter("x" * 51_200)))
    with pytest.raises(ClientError, match="at 'tags' failed to satisfy constraint: Member must have length less than"):
        account.create(template(P=parameter()), Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(51)])
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    body = json.dumps(template(**{f"H{n}": handle for n in range(501)}))
    with pytest.raises(ClientError, match="Number of resources, 501, is greater than maximum allowed, 500"):
        account.cloudformation.validate_template(TemplateBody=body)
    limits = account.cloudformation.describe_account_limits()["AccountLimits"]
    assert {"Name": "StackLimit", "Value": 2000} in limits
    assert account.cloudformation.list_stacks()["StackSummaries"] == []


def test_lists_come_in_pages(account):
    account.create(template(**{f"P{n:03}": parameter(str(n)) for n in range(45)}))
    pages = list(account.cloudformation.get_paginator("describe_stack_events").paginate(StackName="one"))
    assert [len(page["StackEvents"]) for page in pages] == [100, 37]
    listing = account.cloudformation.get_paginator("list_stack_resources").paginate(StackName="one")
    assert len(listing.build_full_result()["StackResourceSummaries"]) == 45


def test_templates_are_shown_as_given_and_as_processed(account):
    text = "Resources:\n  P:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: !Sub 'x'}\n"
    account.create(text)
    assert account.cloudformation.get_template(StackName="one")["TemplateBody"] == text
    processed = account.cloudformation.get_template(StackName="one", TemplateStage="Processed")["TemplateBody"]
    assert processed["Resources"]["P"]["Properties"]["Value"] == {"Fn::Sub": "x"}
    summary = account.cloudformation.get_template_summary(TemplateBody=text)
    assert summary["ResourceTypes"] == ["AWS::SSM::Parameter"]
    with pytest.raises(ClientError, match="Unresolved resource dependencies"):
        account.cloudformation.validate_template(TemplateBody=json.dumps(template(P=parameter({"Ref": "Q"}))))


def test_a_template_is_read_from_s3_as_the_caller(account, enter):
    s3 = account.client("s3")
    bucket = {"LocationConstraint": account.region}
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration=bucket)
    s3.put_object(Bucket="templates", Key="a/t.yaml", Body=json.dumps(template(P=parameter())))
    virtual, path = "https://templates.s3.us-east-1.amazonaws.com/a/t.yaml", "https://s3.amazonaws.com/templates/a/t.yaml"
    for number, url in enumerate((virtual, path)):
        created = account.cloudformation.create_stack(StackName=f"from{number}", TemplateURL=url)
        account.world.engine("cloudformation").wait(created["StackId"])
    assert len(names(account)) == 2
    stranger = enter("111111111111").cloudformation
    with pytest.raises(ClientError, match="S3 error"):
        stranger.create_stack(StackName="x", TemplateURL=virtual)


def test_a_stack_that_is_being_made_can_be_deleted(account):
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    wait = {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "60"}}
    account.cloudformation.create_stack(StackName="one", TemplateBody=json.dumps(
        template(Handle=handle, Wait=wait, P=parameter())))
    stack_id = account.stack()["StackId"]
    account.cloudformation.delete_stack(StackName="one")
    assert account.wait(stack_id) == "DELETE_COMPLETE"
    assert names(account) == {}


def protecting(action: str, resource: str) -> str:
    allowed = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    return json.dumps({"Statement": [allowed, {
        "Effect": "Deny", "Action": action, "Principal": "*", "Resource": f"LogicalResourceId/{resource}"}]})


@pytest.mark.parametrize(("action", "second"), [
    ("Update:Modify", template(Free=parameter("new"), P=parameter("b"))),
    ("Update:Replace", template(Free=parameter("new"), P={"Type": "AWS::SSM::Parameter", "Properties": {
        "Name": "named", "Type": "String", "Value": "b"}})),
    ("Update:Delete", template(Free=parameter("new"))),
])  # fmt: skip
def test_a_stack_policy_protects_a_resource_until_it_is_lifted_for_one_update(account, action, second):
    account.create(template(Free=parameter("old"), P=parameter("a")), StackPolicyBody=protecting(action, "P"))
    before = names(account)
    assert account.update(second) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reasons("P")[-1] == (
        f"Action denied by stack policy: Statement [#2] does not allow [{action}] for resource [LogicalResourceId/P]")
    assert names(account) == before
    assert account.update(second, StackPolicyDuringUpdateBody=protecting(action, "Free2")) == "UPDATE_COMPLETE"
    kept = account.cloudformation.get_stack_policy(StackName="one")["StackPolicyBody"]
    assert kept == protecting(action, "P")


def test_a_stack_policy_speaks_of_the_resources_of_its_stack(account):
    account.create(template(P=parameter()))
    with pytest.raises(ClientError, match="Unknown logical id 'LogicalResourceId/Q' in statement"):
        account.cloudformation.set_stack_policy(StackName="one", StackPolicyBody=protecting("Update:*", "Q"))
    account.cloudformation.set_stack_policy(StackName="one", StackPolicyBody=protecting("Update:*", "P"))
    assert account.update(template(P=parameter("b"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.delete() == "DELETE_COMPLETE"


def test_events_are_sent_to_the_stacks_topics(account):
    sns, sqs = account.client("sns"), account.client("sqs")
    topic = sns.create_topic(Name="events")["TopicArn"]
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy({
        **allow("sqs:SendMessage", arn), "Principal": {"Service": "sns.amazonaws.com"}}))})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    account.create(template(P=parameter()), NotificationARNs=[topic])
    heard: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        heard += [message["Body"] for message in messages]
    told = [dict(line.split("=", 1) for line in body.splitlines()) for body in heard]
    assert sorted((t["LogicalResourceId"], t["ResourceStatus"]) for t in told) == sorted(
        (f"'{name}'", f"'{status}'") for name, status in account.events())
    with pytest.raises(ClientError, match="Invalid SNS topic ARN: nowhere"):
        account.create(template(P=parameter()), "two", NotificationARNs=["nowhere"])


def test_a_failure_that_was_left_can_be_rolled_back_later(account):
    account.create(template(P=parameter("a"), Bad={**FAILS, "DependsOn": "P"}), DisableRollback=True)
    assert len(names(account)) == 1
    account.cloudformation.rollback_stack(StackName="one")
    assert account.wait() == "ROLLBACK_COMPLETE"
    assert names(account) == {}
    account.delete()
    account.create(template(P=parameter("a")))
    before = names(account)
    bad = template(P=parameter("b"), Bad={**FAILS, "DependsOn": "P"})
    assert account.update(bad, DisableRollback=True) == "UPDATE_FAILED"
    account.cloudformation.rollback_stack(StackName="one")
    assert account.wait() == "UPDATE_ROLLBACK_COMPLETE"
    assert names(account) == before
    with pytest.raises(ClientError, match="is in UPDATE_ROLLBACK_COMPLETE state and can not be rolled back"):
        account.cloudformation.rollback_stack(StackName="one")


def test_what_a_failed_update_left_halfway_can_be_deleted(account):
    def role(name: str, document: dict[str, Any]) -> dict[str, Any]:
        return template(R={"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            "Policies": [{"PolicyName": name, "PolicyDocument": document}]}})

    account.create(role("old", policy(allow("s3:GetObject"))))
    name = account.physical("R")
    assert account.update(role("new", {"no": "policy"}), DisableRollback=True) == "UPDATE_FAILED"
    assert account.client("iam").list_role_policies(RoleName=name)["PolicyNames"] == ["old"]
    assert account.delete() == "DELETE_COMPLETE", account.reasons("R")

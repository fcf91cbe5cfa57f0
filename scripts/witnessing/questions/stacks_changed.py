"""Stacks that change, fail and end: order of events, statuses, and what is left in the services."""

from __future__ import annotations

from witnessing.asking import Facts, Side, question, refusal
from witnessing.stacks import Stacks, given

QUEUE = """
Parameters: {{Seconds: {{Type: Number, Default: 30}}}}
Resources:
  Jobs: {{Type: AWS::SQS::Queue, Properties: {{QueueName: {name}, VisibilityTimeout: !Ref Seconds}}}}
  Told: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: !GetAtt Jobs.Arn}}}}
{more}
"""
BROKEN = """
  Broken:
    Type: Custom::Nothing
    DependsOn: Told
    Properties: {ServiceToken: !Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:nobody'}
"""


def queue(name: str, more: str = "") -> str:
    return QUEUE.format(name=name, more=more)


@question
def an_update_in_place(side: Side) -> Facts:
    """A property that needs no interruption."""
    stacks = Stacks(side)
    stacks.create("inplace", queue("inplace"))
    before, count = stacks.physical("inplace", "Jobs"), len(stacks.events("inplace"))
    stacks.update("inplace", queue("inplace"), Parameters=given(Seconds="60"))
    after = stacks.physical("inplace", "Jobs")
    says = side.client("sqs").get_queue_attributes(QueueUrl=after, AttributeNames=["VisibilityTimeout"])["Attributes"]
    return stacks.told("inplace", count) | {"same queue": before == after, "queue says": says}


@question
def an_update_by_replacement(side: Side) -> Facts:
    """A queue's name changes: the new one first, what depends on it, the old one in the clean-up."""
    stacks, sqs = Stacks(side), side.client("sqs")
    stacks.create("replaced", queue("replaced-old"))
    count = len(stacks.events("replaced"))
    stacks.update("replaced", queue("replaced-new"))
    value = side.client("ssm").get_parameter(Name=stacks.physical("replaced", "Told"))["Parameter"]["Value"]
    return stacks.told("replaced", count) | {
        "dependant says": value, "old queue": refusal(sqs.get_queue_url, QueueName="replaced-old"),
        "new queue": refusal(sqs.get_queue_url, QueueName="replaced-new"),
    }


@question
def nothing_to_update(side: Side) -> Facts:
    """The same template and parameters again; by UsePreviousTemplate; only a tag."""
    stacks = Stacks(side)
    stacks.create("same", queue("same"))
    update = stacks.cfn.update_stack
    told = {
        "same body": refusal(update, StackName="same", TemplateBody=queue("same")),
        "previous": refusal(update, StackName="same", UsePreviousTemplate=True),
        "other spelling": refusal(update, StackName="same", TemplateBody=queue("same") + "\n# a comment\n"),
    }
    count = len(stacks.events("same"))
    told["a tag"] = refusal(update, StackName="same", UsePreviousTemplate=True, Tags=[{"Key": "k", "Value": "v"}])
    stacks.settled("same")
    return told | {"events of the tag": stacks.told("same", count)["events"]}


@question
def a_create_that_fails(side: Side) -> Facts:
    """The third resource fails: what was made is taken away, in which order, and what the stack can do then."""
    stacks = Stacks(side)
    stacks.create("fails", queue("fails", BROKEN))
    return stacks.told("fails") | {
        "queue": refusal(side.client("sqs").get_queue_url, QueueName="fails"),
        "update of it": refusal(stacks.cfn.update_stack, StackName="fails", TemplateBody=queue("fails")),
        "create again": refusal(stacks.cfn.create_stack, StackName="fails", TemplateBody=queue("fails")),
    }


@question
def a_create_that_fails_and_stays(side: Side) -> Facts:
    """DisableRollback, and OnFailure=DELETE."""
    stacks = Stacks(side)
    stacks.create("stays", queue("stays", BROKEN), DisableRollback=True)
    stack_id = stacks.cfn.create_stack(StackName="goes", TemplateBody=queue("goes", BROKEN),
                                       OnFailure="DELETE")["StackId"]
    stacks.settled(stack_id)
    return {"stays": stacks.told("stays"), "goes": stacks.told(stack_id), "both": refusal(
        stacks.cfn.create_stack, StackName="both", TemplateBody=queue("both"), DisableRollback=True,
        OnFailure="DELETE")}


@question
def an_update_that_fails(side: Side) -> Facts:
    """A changed and a replaced resource, then one that fails: all is as before."""
    stacks = Stacks(side)
    stacks.create("back", queue("back"))
    count = len(stacks.events("back"))
    stacks.update("back", queue("back", BROKEN), Parameters=given(Seconds="99"))
    says = side.client("sqs").get_queue_attributes(QueueUrl=stacks.physical("back", "Jobs"),
                                                   AttributeNames=["VisibilityTimeout"])["Attributes"]
    return stacks.told("back", count) | {"queue says": says, "parameters": stacks.now("back").get("Parameters")}


@question
def a_replacement_that_fails(side: Side) -> Facts:
    """The replaced queue comes back under its old name; the new one is deleted."""
    stacks, sqs = Stacks(side), side.client("sqs")
    stacks.create("turn", queue("turn-old"))
    count = len(stacks.events("turn"))
    stacks.update("turn", queue("turn-new", BROKEN))
    return stacks.told("turn", count) | {"old": refusal(sqs.get_queue_url, QueueName="turn-old"),
                                         "new": refusal(sqs.get_queue_url, QueueName="turn-new")}


@question
def a_delete(side: Side) -> Facts:
    """The end of a stack, told by its name and by its id."""
    stacks = Stacks(side)
    made = stacks.create("ends", queue("ends"))
    count = len(stacks.events("ends"))
    stacks.delete("ends")
    told = stacks.told(made["StackId"], count)
    listed = stacks.cfn.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    return told | {
        "by name": refusal(stacks.cfn.describe_stacks, StackName="ends"),
        "events by name": refusal(stacks.cfn.describe_stack_events, StackName="ends"),
        "listed": "ends" in [each["StackName"] for each in listed],
        "deleted again": refusal(stacks.cfn.delete_stack, StackName="ends"),
        "deleted by id again": refusal(stacks.cfn.delete_stack, StackName=made["StackId"]),
        "one that never was": refusal(stacks.cfn.delete_stack, StackName="never"),
    }


@question
def a_delete_that_keeps(side: Side) -> Facts:
    """DeletionPolicy: Retain."""
    stacks = Stacks(side)
    made = stacks.create("keeps", """
Resources:
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, Properties: {BucketName: kept-by-witness}}
  Gone: {Type: AWS::SQS::Queue, DependsOn: Kept}
""")
    count = len(stacks.events("keeps"))
    stacks.delete("keeps")
    return stacks.told(made["StackId"], count) | {
        "bucket": refusal(side.client("s3").head_bucket, Bucket="kept-by-witness")}


@question
def a_delete_that_fails(side: Side) -> Facts:
    """A bucket that is not empty; then the same with RetainResources."""
    stacks, s3 = Stacks(side), side.client("s3")
    made = stacks.create("full", "Resources: {Full: {Type: AWS::S3::Bucket, Properties: {BucketName: full-witness}}}")
    s3.put_object(Bucket="full-witness", Key="a", Body=b"1")
    early = refusal(stacks.cfn.delete_stack, StackName="full", RetainResources=["Full"])
    count = len(stacks.events("full"))
    stacks.delete("full")
    told = stacks.told("full", count)
    count = len(stacks.events("full"))
    stacks.delete("full", RetainResources=["Full"])
    return {"retain before it failed": early, "first": told, "second": stacks.told(made["StackId"], count)}


@question
def a_protected_stack(side: Side) -> Facts:
    """Termination protection."""
    stacks = Stacks(side)
    stacks.create("protected", queue("protected"), EnableTerminationProtection=True)
    told = {"delete": refusal(stacks.cfn.delete_stack, StackName="protected"),
            "told": stacks.now("protected")["EnableTerminationProtection"]}
    stacks.cfn.update_termination_protection(StackName="protected", EnableTerminationProtection=False)
    return told | {"without": stacks.delete("protected")["StackStatus"]}


@question
def previous_values(side: Side) -> Facts:
    """UsePreviousValue, and a default that applies again when a parameter is left out."""
    stacks, sqs = Stacks(side), side.client("sqs")

    def timeout() -> str:
        asked = sqs.get_queue_attributes(QueueUrl=stacks.physical("values", "Jobs"), AttributeNames=["All"])
        return str(asked["Attributes"]["VisibilityTimeout"])

    stacks.create("values", queue("values"), Parameters=given(Seconds="77"))
    told: Facts = {"given": timeout()}
    stacks.update("values", queue("values"), Parameters=[{"ParameterKey": "Seconds", "UsePreviousValue": True}],
                  Tags=[{"Key": "a", "Value": "b"}])
    told["previous"] = timeout()
    stacks.update("values", queue("values"))
    return told | {"left out": timeout()}


@question
def a_resource_that_leaves(side: Side) -> Facts:
    """A resource that is in the template no more goes in the clean-up."""
    stacks = Stacks(side)
    more = "\n  Extra: {Type: AWS::SQS::Queue, DependsOn: Told, Properties: {QueueName: leaves-extra}}\n"
    stacks.create("leaves", queue("leaves", more))
    count = len(stacks.events("leaves"))
    stacks.update("leaves", queue("leaves"))
    return stacks.told("leaves", count) | {
        "queue": refusal(side.client("sqs").get_queue_url, QueueName="leaves-extra")}


@question
def tags_of_a_stack(side: Side) -> Facts:
    """A stack's tags, and CloudFormation's own, on its resources."""
    stacks = Stacks(side)
    stacks.create("tagged", "Resources: {Tagged: {Type: AWS::S3::Bucket, Properties: {BucketName: tagged-witness, "
                  "Tags: [{Key: own, Value: '1'}]}}}", Tags=[{"Key": "team", "Value": "a"}])
    found = side.client("s3").get_bucket_tagging(Bucket="tagged-witness")["TagSet"]
    return {"tags": {each["Key"]: each["Value"] for each in sorted(found, key=lambda each: each["Key"])},
            "reserved": refusal(stacks.cfn.create_stack, StackName="reserved", TemplateBody=queue("reserved"),
                                Tags=[{"Key": "aws:mine", "Value": "1"}])}

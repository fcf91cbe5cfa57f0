"""Stacks that come to be: events in order, identifiers, attributes, and what the services themselves then say."""

from __future__ import annotations

import io
import json
import zipfile

from witnessing.asking import Facts, Side, question, refusal
from witnessing.stacks import ALL, Stacks, given

CHAIN = """
Resources:
  Store: {Type: AWS::S3::Bucket}
  Jobs:
    Type: AWS::SQS::Queue
    DependsOn: Store
    Properties: {VisibilityTimeout: 45}
  News:
    Type: AWS::SNS::Topic
    DependsOn: Jobs
    Properties: {DisplayName: news}
Outputs:
  StoreRef: {Value: !Ref Store}
  StoreArn: {Value: !GetAtt Store.Arn}
  StoreDomain: {Value: !GetAtt Store.DomainName}
  StoreRegional: {Value: !GetAtt Store.RegionalDomainName}
  JobsArn: {Value: !GetAtt Jobs.Arn}
  JobsName: {Value: !GetAtt Jobs.QueueName}
  NewsRef: {Value: !Ref News}
  NewsName: {Value: !GetAtt News.TopicName}
"""


@question
def a_chain_of_three(side: Side) -> Facts:
    """A bucket, a queue and a topic, each after the one before."""
    stacks = Stacks(side)
    stacks.create("chain", CHAIN)
    queue = stacks.physical("chain", "Jobs")
    asked = side.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])
    topic = side.client("sns").get_topic_attributes(TopicArn=stacks.physical("chain", "News"))["Attributes"]
    return stacks.told("chain") | {"queue says": asked["Attributes"], "topic says": topic["DisplayName"]}


@question
def all_events(side: Side) -> Facts:
    """Every event of one queue's stack, and how its generated name ends."""
    stacks = Stacks(side)
    stacks.create("all", "Resources: {Jobs: {Type: AWS::SQS::Queue}}")
    suffix = stacks.physical("all", "Jobs").rpartition("-")[2]
    return {
        "events": [[event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason", ""),
                    bool(event.get("PhysicalResourceId"))] for event in stacks.events("all")],
        "length of the suffix": len(suffix),
    }


ROLES = """
Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      Path: /service/
      Description: works
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: reads
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]
  Writes:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: writes
      Roles: [!Ref Worker]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Action: s3:PutObject, Resource: '*'}]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    DependsOn: Writes
    Properties:
      Roles: [!Ref Worker]
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Action: s3:ListBucket, Resource: '*'}]
Outputs:
  WorkerRef: {Value: !Ref Worker}
  WorkerArn: {Value: !GetAtt Worker.Arn}
  SharedRef: {Value: !Ref Shared}
"""


@question
def a_role_with_policies(side: Side) -> Facts:
    """A role with an inline policy in itself, one beside it, and a managed one."""
    stacks = Stacks(side)
    stacks.create("roles", ROLES, Capabilities=ALL)
    role = stacks.physical("roles", "Worker")
    iam = side.client("iam")
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    told = iam.get_role(RoleName=role)["Role"]
    return stacks.told("roles") | {
        "inline": sorted(iam.list_role_policies(RoleName=role)["PolicyNames"]),
        "attached": [each["PolicyArn"] for each in attached], "path": told["Path"],
        "session": told["MaxSessionDuration"],
        "described": told.get("Description"),
    }


@question
def capabilities(side: Side) -> Facts:
    """A role without, and a named role with too weak a capability."""
    stacks = Stacks(side)
    named = ROLES.replace("Path: /service/", "RoleName: named-here")
    return {"none": stacks.refused(ROLES), "too weak": stacks.refused(named, Capabilities=["CAPABILITY_IAM"]),
            "enough": stacks.refused(named, Capabilities=["CAPABILITY_NAMED_IAM"])}


PARAMETER = """
Resources:
  Setting:
    Type: AWS::SSM::Parameter
    Properties: {Name: /witness/setting, Type: String, Value: !Sub '${AWS::Region} ${AWS::AccountId} ${AWS::StackName}'}
  Names:
    Type: AWS::SSM::Parameter
    DependsOn: Setting
    Properties: {Type: StringList, Value: 'a,b'}
Outputs:
  Ref: {Value: !Ref Setting}
  Type: {Value: !GetAtt Setting.Type}
  Value: {Value: !GetAtt Setting.Value}
  Partition: {Value: !Ref AWS::Partition}
  Suffix: {Value: !Ref AWS::URLSuffix}
  Stack: {Value: !Ref AWS::StackId}
"""


@question
def ssm_parameters(side: Side) -> Facts:
    """Parameters, named and unnamed, whose values are pseudo parameters."""
    stacks = Stacks(side)
    stacks.create("settings", PARAMETER)
    said = side.client("ssm").get_parameter(Name="/witness/setting")["Parameter"]
    return stacks.told("settings") | {"ssm says": [said["Type"], said["Value"], said["Version"]]}


HANDLER = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Hello:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Environment: {Variables: {GREETING: hello}}
      Code:
        ZipFile: |
          import os
          def handler(event, context):
              if event.get("fail"):
                  raise ValueError("asked to")
              return {"says": os.environ["GREETING"], "to": event["to"], "name": context.function_name}
  Allowed:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Hello, Action: lambda:InvokeFunction, Principal: sns.amazonaws.com}
Outputs:
  Ref: {Value: !Ref Hello}
  Arn: {Value: !GetAtt Hello.Arn}
"""


@question
def a_function(side: Side) -> Facts:
    """A function with its code in the template, invoked; one that raises."""
    stacks = Stacks(side)
    stacks.create("function", HANDLER, Capabilities=ALL)
    client = side.client("lambda")
    name = stacks.physical("function", "Hello")
    good = client.invoke(FunctionName=name, Payload=json.dumps({"to": "world"}))
    bad = client.invoke(FunctionName=name, Payload=json.dumps({"fail": True}))
    failed = json.loads(bad["Payload"].read())
    statement = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    settings = client.get_function_configuration(FunctionName=name)
    return stacks.told("function") | {
        "answer": json.loads(good["Payload"].read()), "status of the call": good["StatusCode"],
        "error": [bad["StatusCode"], bad.get("FunctionError"), failed.get("errorType"), failed.get("errorMessage")],
        "permission": [statement["Effect"], statement["Action"], statement["Principal"], statement["Resource"]],
        "memory and timeout": [settings["MemorySize"], settings["Timeout"]],
    }


NESTED = """
Parameters: {Location: {Type: String}}
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Ref Location, Parameters: {Text: from above}}
Outputs:
  Answer: {Value: !GetAtt Child.Outputs.Answer}
"""
CHILD = """
Parameters: {Text: {Type: String}}
Resources:
  Kept: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Text}}
Outputs:
  Answer: {Value: !Sub 'child was told ${Text}'}
"""


@question
def a_nested_stack(side: Side) -> Facts:
    """A stack in a stack: outputs upwards, ids, and its end with its parent."""
    stacks, s3 = Stacks(side), side.client("s3")
    s3.create_bucket(Bucket="nested-templates")
    s3.put_object(Bucket="nested-templates", Key="child.yaml", Body=CHILD)
    url = f"{side.endpoint}/nested-templates/child.yaml"
    stacks.create("parent", NESTED, Parameters=given(Location=url))
    child = stacks.physical("parent", "Child")
    within = stacks.now(child)
    told = stacks.told("parent") | {
        "parent of the child": within.get("ParentId", ""), "root of the child": within.get("RootId", ""),
        "child's events": stacks.told(child)["events"],
    }
    stacks.delete("parent")
    return told | {"child afterwards": stacks.now(child)["StackStatus"]}


@question
def a_custom_resource(side: Side) -> Facts:
    """A resource that a function makes: what it is told, its identifier, its attributes, its failure."""
    stacks = Stacks(side)
    stacks.create("custom", CUSTOM, Parameters=given(Fail="no"), Capabilities=ALL)
    told, counted = stacks.told("custom"), len(stacks.events("custom"))
    stacks.update("custom", CUSTOM, Parameters=given(Fail="yes"), Capabilities=ALL)
    after = stacks.told("custom", counted)
    return {"status": told["status"], "outputs": told["outputs"], "resources": told["resources"],
            "events": told["events"], "after a failed update": after}


CUSTOM = """
Parameters: {Fail: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Maker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          import json, urllib.request
          def handler(event, context):
              failing = event["ResourceProperties"]["Fail"] == "yes" and event["RequestType"] == "Update"
              answer = {"Status": "FAILED" if failing else "SUCCESS", "Reason": "asked to",
                        "PhysicalResourceId": "made-here", "StackId": event["StackId"],
                        "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"],
                        "Data": {"Heard": ",".join(sorted(event)), "Kind": event["RequestType"]}}
              request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT",
                                               headers={"content-type": ""})
              urllib.request.urlopen(request)
  Made:
    Type: Custom::Thing
    Properties: {ServiceToken: !GetAtt Maker.Arn, Fail: !Ref Fail}
Outputs:
  Ref: {Value: !Ref Made}
  Heard: {Value: !GetAtt Made.Heard}
  Kind: {Value: !GetAtt Made.Kind}
"""

TABLE = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
Outputs:
  Ref: {Value: !Ref Table}
  Arn: {Value: !GetAtt Table.Arn}
"""


@question
def a_table(side: Side) -> Facts:
    """A DynamoDB table, written and read."""
    stacks = Stacks(side)
    stacks.create("table", TABLE)
    client, name = side.client("dynamodb"), stacks.physical("table", "Table")
    client.put_item(TableName=name, Item={"id": {"S": "1"}, "n": {"N": "2"}})
    return stacks.told("table") | {"item": client.get_item(TableName=name, Key={"id": {"S": "1"}})["Item"]}


@question
def a_waiting_stack(side: Side) -> Facts:
    """A wait condition's handle, a log group, an alias of a key: what Ref and GetAtt give."""
    stacks = Stacks(side)
    stacks.create("plain", """
Resources:
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle}
  Lines: {Type: AWS::Logs::LogGroup, DependsOn: Handle, Properties: {LogGroupName: /witness/lines, RetentionInDays: 7}}
  Key:
    Type: AWS::KMS::Key
    DependsOn: Lines
    Properties:
      Description: witness
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}
          Action: 'kms:*'
          Resource: '*'
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/witness, TargetKeyId: !Ref Key}}
  Bus: {Type: AWS::Events::EventBus, DependsOn: Alias, Properties: {Name: witness-bus}}
  Rule:
    Type: AWS::Events::Rule
    Properties: {EventBusName: !Ref Bus, EventPattern: {source: [witness]}}
Outputs:
  Lines: {Value: !Ref Lines}
  LinesArn: {Value: !GetAtt Lines.Arn}
  Key: {Value: !Ref Key}
  KeyArn: {Value: !GetAtt Key.Arn}
  Alias: {Value: !Ref Alias}
  Bus: {Value: !Ref Bus}
  BusArn: {Value: !GetAtt Bus.Arn}
  Rule: {Value: !Ref Rule}
  RuleArn: {Value: !GetAtt Rule.Arn}
""")
    told = stacks.told("plain")
    told["resources"].pop("Handle", None)  # an address that holds a signature
    group = side.client("logs").describe_log_groups(logGroupNamePrefix="/witness/lines")["logGroups"][0]
    return told | {"retention": group.get("retentionInDays")}


@question
def code_that_is_not_there(side: Side) -> Facts:
    """A function whose archive is not in the bucket, and one whose bucket is not there."""
    stacks, s3 = Stacks(side), side.client("s3")
    s3.create_bucket(Bucket="witness-code")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("index.py", "def handler(event, context): return 1\n")
    s3.put_object(Bucket="witness-code", Key="there.zip", Body=archive.getvalue())
    head = HANDLER.split("      Code:", maxsplit=1)[0]

    def told(bucket: str, key: str) -> str:
        return stacks.refused(f"{head}      Code: {{S3Bucket: {bucket}, S3Key: {key}}}\n", Capabilities=ALL)

    return {
        "no key": told("witness-code", "gone.zip"),
        "no bucket": told("witness-none", "there.zip"),
        "there": told("witness-code", "there.zip"),
        "no such function": refusal(side.client("lambda").invoke, FunctionName="nobody"),
    }

"""IAM: errors of its own API, and how the others refuse."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from witnessing.asking import HOME, Facts, Key, Side, question, refusal


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal: Any, **more: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


LAMBDA = trust({"Service": "lambda.amazonaws.com"})


@question
def what_is_not_there(side: Side) -> Facts:
    """Names that nobody has, and names that somebody has."""
    iam = side.client("iam")
    iam.create_role(RoleName="taken", AssumeRolePolicyDocument=LAMBDA)
    iam.create_policy(PolicyName="taken", PolicyDocument=document(allow("s3:*")))
    arn = f"arn:aws:iam::{HOME}:policy/nothing"
    return {
        "get role": refusal(iam.get_role, RoleName="nobody"),
        "delete role": refusal(iam.delete_role, RoleName="nobody"),
        "get user": refusal(iam.get_user, UserName="nobody"), "get policy": refusal(iam.get_policy, PolicyArn=arn),
        "role policy": refusal(iam.get_role_policy, RoleName="taken", PolicyName="nothing"),
        "attach": refusal(iam.attach_role_policy, RoleName="taken", PolicyArn=arn),
        "attach of AWS's": refusal(iam.attach_role_policy, RoleName="taken",
                                   PolicyArn="arn:aws:iam::aws:policy/NothingAtAll"),
        "detach": refusal(iam.detach_role_policy, RoleName="taken", PolicyArn=arn),
        "put to nobody": refusal(iam.put_role_policy, RoleName="nobody", PolicyName="p",
                                 PolicyDocument=document(allow("s3:*"))),
        "profile": refusal(iam.get_instance_profile, InstanceProfileName="nothing"),
        "role again": refusal(iam.create_role, RoleName="taken", AssumeRolePolicyDocument=LAMBDA),
        "policy again": refusal(iam.create_policy, PolicyName="taken", PolicyDocument=document(allow("s3:*"))),
        "user again": refusal(iam.create_user, UserName="asker"),
    }


@question
def documents(side: Side) -> Facts:
    """Policy documents that IAM does not take."""
    iam = side.client("iam")
    iam.create_user(UserName="tried")
    names = (f"tried-{number}" for number in count())

    def policy(text: str) -> str:
        return refusal(iam.put_user_policy, UserName="tried", PolicyName="tried", PolicyDocument=text)

    def role(text: str) -> str:
        return refusal(iam.create_role, RoleName=next(names), AssumeRolePolicyDocument=text)

    return {
        "not JSON": policy("{"), "a list": policy("[]"), "no statement": policy('{"Version":"2012-10-17"}'),
        "version": policy('{"Version":"2012-10-18","Statement":[]}'),
        "no resource": policy(document({"Effect": "Allow", "Action": "s3:*"})),
        "no action": policy(document({"Effect": "Allow", "Resource": "*"})),
        "no effect": policy(document({"Action": "s3:*", "Resource": "*"})),
        "effect": policy(document(allow("s3:*") | {"Effect": "allow"})),
        "action without service": policy(document(allow("GetObject"))),
        "resource that is no ARN": policy(document(allow("s3:*", "bucket"))),
        "principal in it": policy(document(allow("s3:*", Principal="*"))),
        "operator": policy(document(allow("s3:*", Condition={"StringSame": {"a": "b"}}))),
        "two of one sid": policy(document(allow("s3:*", Sid="A"), allow("s3:*", Sid="A"))),
        "sid": policy(document(allow("s3:*", Sid="a b"))),
        "trust with resource": role(document(allow("sts:AssumeRole", Principal={"AWS": HOME}))),
        "trust without principal": role(document({"Effect": "Allow", "Action": "sts:AssumeRole"})),
        "trust of nobody": role(trust({"AWS": f"arn:aws:iam::{HOME}:role/nobody"})),
        "trust of no account": role(trust({"AWS": "arn:aws:iam::1234:root"})),
        "trust of no service": role(trust({"Service": "nothing.example.com"})),
        "trust of another action": role(document({"Effect": "Allow", "Principal": {"AWS": HOME},
                                                  "Action": "s3:GetObject"})),
    }


@question
def deletes(side: Side) -> Facts:
    """A role that still has something, a policy that is attached, an instance profile with a role."""
    iam = side.client("iam")
    iam.create_role(RoleName="holding", AssumeRolePolicyDocument=LAMBDA)
    iam.put_role_policy(RoleName="holding", PolicyName="p", PolicyDocument=document(allow("s3:*")))
    told = {"with inline": refusal(iam.delete_role, RoleName="holding")}
    iam.delete_role_policy(RoleName="holding", PolicyName="p")
    arn = iam.create_policy(PolicyName="held", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="holding", PolicyArn=arn)
    told |= {"with attached": refusal(iam.delete_role, RoleName="holding"),
             "attached": refusal(iam.delete_policy, PolicyArn=arn)}
    iam.detach_role_policy(RoleName="holding", PolicyArn=arn)
    iam.create_instance_profile(InstanceProfileName="holder")
    iam.add_role_to_instance_profile(InstanceProfileName="holder", RoleName="holding")
    told |= {"in a profile": refusal(iam.delete_role, RoleName="holding"),
             "profile": refusal(iam.delete_instance_profile, InstanceProfileName="holder"),
             "second role": refusal(iam.add_role_to_instance_profile, InstanceProfileName="holder", RoleName="holding")}
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:*")), SetAsDefault=True)
    told |= {"sixth version": refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=document(allow("s3:*"))),
             "default version": refusal(iam.delete_policy_version, PolicyArn=arn, VersionId="v5"),
             "with versions": refusal(iam.delete_policy, PolicyArn=arn)}
    return told


@question
def refusals(side: Side) -> Facts:
    """How calls are refused: no statement, a deny, a boundary, another's resource."""
    iam = side.client("iam")
    iam.create_user(UserName="weak")
    made = iam.create_access_key(UserName="weak")["AccessKey"]
    key = Key(made["AccessKeyId"], made["SecretAccessKey"])
    side.client("s3").create_bucket(Bucket="closed")
    side.client("s3").put_object(Bucket="closed", Key="a", Body=b"1")
    url = side.client("sqs").create_queue(QueueName="closed")["QueueUrl"]

    def asked(key: Key = key) -> Facts:
        return {
            "s3": refusal(side.client("s3", key=key).get_object, Bucket="closed", Key="a"),
            "sqs": refusal(side.client("sqs", key=key).send_message, QueueUrl=url, MessageBody="x"),
            "iam": refusal(side.client("iam", key=key).list_roles),
            "ssm": refusal(side.client("ssm", key=key).get_parameter, Name="/closed"),
            "cloudformation": refusal(side.client("cloudformation", key=key).describe_stacks, StackName="x"),
            "sns": refusal(side.client("sns", key=key).list_topics),
            "lambda": refusal(side.client("lambda", key=key).invoke, FunctionName="x"),
            "kms": refusal(side.client("kms", key=key).create_key),
            "who": refusal(side.client("sts", key=key).get_caller_identity),
        }

    told: Facts = {"nothing allowed": asked()}
    iam.put_user_policy(UserName="weak", PolicyName="p", PolicyDocument=document(
        allow("*"), {"Effect": "Deny", "Action": ["s3:*", "sqs:*", "iam:*"], "Resource": "*"}))
    told["denied"] = {name: each for name, each in asked().items() if name in ("s3", "sqs", "iam", "who")}
    arn = iam.create_policy(PolicyName="bound", PolicyDocument=document(allow(["s3:*", "sts:*"])))["Policy"]["Arn"]
    role = iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=trust({"AWS": HOME}),
                           PermissionsBoundary=arn)["Role"]["Arn"]
    iam.put_role_policy(RoleName="bounded", PolicyName="p", PolicyDocument=document(allow("*")))
    worn = side.client("sts").assume_role(RoleArn=role, RoleSessionName="worn")["Credentials"]
    bounded = asked(Key(worn["AccessKeyId"], worn["SecretAccessKey"], worn["SessionToken"]))
    told["bounded"] = {name: each for name, each in bounded.items() if name in ("s3", "sqs", "iam")}
    return told

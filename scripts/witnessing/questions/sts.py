"""STS: who one is, whom one may become, and credentials that are none."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from witnessing.asking import HOME, OTHER, Facts, Key, Side, question, refusal, said
from witnessing.questions.iam import allow, document, trust


@question
def who(side: Side) -> Facts:
    """GetCallerIdentity of a user and of a session."""
    sts, iam = side.client("sts"), side.client("iam")
    told = sts.get_caller_identity()
    arn = iam.create_role(RoleName="worn", Path="/some/", AssumeRolePolicyDocument=trust({"AWS": HOME}))["Role"]["Arn"]
    worn = sts.assume_role(RoleArn=arn, RoleSessionName="me")
    key = Key(*(worn["Credentials"][name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")))
    session = side.client("sts", key=key).get_caller_identity()
    return {
        "user": {name: told[name] for name in ("Account", "Arn", "UserId")}, "assumed": worn["AssumedRoleUser"],
        "session": {name: session[name] for name in ("Account", "Arn", "UserId")},
        "key": key.id[:4], "session has no rights": refusal(side.client("iam", key=key).list_roles),
    }


@question
def becoming(side: Side) -> Facts:
    """Roles that don't trust, aren't there, or set a condition."""
    sts, iam, other = side.client("sts"), side.client("iam"), side.client("sts", OTHER)
    trusts = {
        "nobody-in": trust({"Service": "lambda.amazonaws.com"}), "own-account": trust({"AWS": HOME}),
        "other-account": trust({"AWS": OTHER}), "other-user": trust({"AWS": f"arn:aws:iam::{OTHER}:user/asker"}),
        "with-id": trust({"AWS": HOME}, Condition={"StringEquals": {"sts:ExternalId": "word"}}),
    }
    arns = {name: iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)["Role"]["Arn"]
            for name, text in trusts.items()}

    def become(client: Any, name: str, **members: object) -> str:
        return refusal(client.assume_role, RoleArn=arns.get(name, f"arn:aws:iam::{HOME}:role/{name}"),
                       RoleSessionName="s1", **members)

    policy = document(allow("s3:*"))
    return {
        "not trusted": become(sts, "nobody-in"), "trusted account": become(sts, "own-account"),
        "from another account": become(other, "own-account"), "other account trusted": become(other, "other-account"),
        "own user, other trusted": become(sts, "other-account"), "named user": become(other, "other-user"),
        "no such role": become(sts, "nobody"), "no id": become(sts, "with-id"),
        "wrong id": become(sts, "with-id", ExternalId="other"), "right id": become(sts, "with-id", ExternalId="word"),
        "too long": become(sts, "own-account", DurationSeconds=7200),
        "too short": become(sts, "own-account", DurationSeconds=900), "session policy": become(
            sts, "own-account", Policy=policy),
        "bad session policy": become(sts, "own-account", Policy="{"),
        "bad session name": refusal(sts.assume_role, RoleArn=arns["own-account"], RoleSessionName="a b"),
    }


@question
def a_chain(side: Side) -> Facts:
    """A session becomes another role: at most an hour; a session policy is a limit."""
    iam, sts = side.client("iam"), side.client("sts")
    first = iam.create_role(RoleName="link-one", AssumeRolePolicyDocument=trust({"AWS": HOME}),
                            MaxSessionDuration=7200)["Role"]["Arn"]
    iam.put_role_policy(RoleName="link-one", PolicyName="p", PolicyDocument=document(allow("*")))
    second = iam.create_role(RoleName="link-two", AssumeRolePolicyDocument=trust({"AWS": first}),
                             MaxSessionDuration=7200)["Role"]["Arn"]

    def key(**members: object) -> Key:
        found = sts.assume_role(RoleArn=first, RoleSessionName="one", **members)["Credentials"]
        return Key(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    plain, limited = key(), key(Policy=document(allow("s3:*")))
    become = side.client("sts", key=plain).assume_role
    return {
        "second": refusal(become, RoleArn=second, RoleSessionName="two"),
        "two hours": refusal(become, RoleArn=second, RoleSessionName="two", DurationSeconds=7200),
        "first, two hours": refusal(sts.assume_role, RoleArn=first, RoleSessionName="two", DurationSeconds=7200),
        "by the user": refusal(sts.assume_role, RoleArn=second, RoleSessionName="two"),
        "limited, within": refusal(side.client("s3", key=limited).list_buckets),
        "limited, beyond": refusal(side.client("iam", key=limited).list_roles),
    }


@question
def credentials(side: Side) -> Facts:
    """Keys that nobody has, wrong secrets, wrong tokens, by service."""
    own = side.keys[HOME]
    unknown, wrong = Key("AKIAIOSFODNN7EXAMPLE", "secret"), Key(own.id, "secret")
    found = side.client("sts").get_session_token()["Credentials"]
    tokenless = Key(found["AccessKeyId"], found["SecretAccessKey"])
    mistoken = Key(found["AccessKeyId"], found["SecretAccessKey"], "token")
    calls = {"sts": "get_caller_identity", "s3": "list_buckets", "sqs": "list_queues", "iam": "list_roles",
             "cloudformation": "list_stacks", "ssm": "describe_parameters", "lambda": "list_functions"}
    told: Facts = {}
    asked = {"unknown": unknown, "wrong secret": wrong, "no token": tokenless, "wrong token": mistoken}
    for what, key in asked.items():
        told[what] = {}
        for service, operation in calls.items():
            try:
                getattr(side.client(service, key=key), operation)()
                told[what][service] = "accepted"
            except ClientError as error:
                told[what][service] = said(error).split("\n")[0][:160]
    return told

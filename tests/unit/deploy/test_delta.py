"""The access that a plan adds and takes away."""

from __future__ import annotations

from crossdock.deploy.delta import access
from crossdock.model.assembly import Assembly, Output, Stack
from crossdock.model.plan import Identity, Observed, ObservedStack

KEY = """
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Sid: Use
            Effect: Allow
            Principal: {AWS: "arn:aws:iam::111111111111:root"}
            Action: kms:Decrypt
            Resource: "*"
Outputs:
  KeyArn: {Value: !GetAtt Key.Arn}
"""
ROLE = """
Parameters:
  KeyArn: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Sid: A, Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: read
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Sid: R, Effect: Allow, Action: "kms:Decrypt", Resource: !Ref KeyArn}]
"""
REAL = "arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012"
TEXTS = {"key.yaml": KEY, "role.yaml": ROLE}


def _assembly() -> Assembly:
    where = {"account": "shared", "account_id": "111111111111", "region": "us-east-1", "sha256": "0"}
    return Assembly(
        platform="p", organization="", region="us-east-1", shared="shared", accounts={"shared": "111111111111"},
        deliveries=(), platform_digest="0", stacks=(
            Stack(id="shared/key", name="key", template="key.yaml", **where),
            Stack(id="shared/role", name="role", template="role.yaml", after=("shared/key",), **where,
                  parameters={"KeyArn": Output(stack="shared/key", name="KeyArn")}),
        ),
    )


def _seen(**texts: str) -> Observed:
    given = {"key": ({}, {"KeyArn": REAL}), "role": ({"KeyArn": REAL}, {})}
    return Observed(identity=Identity(account="111111111111", caller="c"), stacks={
        f"shared/{name}": ObservedStack(
            account="shared", account_id="111111111111", region="us-east-1", name=name, status="CREATE_COMPLETE",
            template=text, parameters=given[name][0], outputs=given[name][1],
        ) for name, text in texts.items()
    })


def test_nothing_comes_or_goes_where_nothing_was_written_differently() -> None:
    found = access(_assembly(), _seen(key=KEY, role=ROLE), TEXTS)
    assert (found.added, found.removed, found.unknown) == ((), (), "")


def test_an_action_more_is_access_added_and_one_less_is_access_removed() -> None:
    old = ROLE.replace('Action: "kms:Decrypt"', 'Action: ["kms:Decrypt", "kms:Encrypt"]')
    found = access(_assembly(), _seen(key=KEY, role=old), TEXTS)
    assert (found.added, [line.split(": ")[1] for line in found.removed]) == ((), [f"Allow kms:Encrypt on {REAL}"])


def test_all_access_of_a_stack_that_is_not_there_yet_is_added() -> None:
    found = access(_assembly(), _seen(key=KEY), TEXTS)
    assert any("Allow kms:Decrypt" in line for line in found.added)
    assert found.removed == ()


def test_what_cannot_be_told_says_why() -> None:
    found = access(_assembly(), _seen(key=KEY.replace("!GetAtt Key.Arn", "!Ref WhatIsThis")), TEXTS)
    assert found.unknown == "1 problem in shared/key as it is"

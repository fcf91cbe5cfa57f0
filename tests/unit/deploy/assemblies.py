"""A small assembly: a key in the shared account, roles in the target account that take its output."""

from __future__ import annotations

import hashlib
from pathlib import Path

from crossdock.model.assembly import Assembly, Check, Delivery, Literal, Output, Stack

SHARED, TARGET = "111111111111", "222222222222"
KEY = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Metadata: {Crossdock: {Sentence: encrypts artifacts}}
Outputs: {}
"""
ROLES = "Resources: {Role: {Type: AWS::IAM::Role}}\n"
DELIVERY = Delivery(
    service="greeter", environment="development", kind="serverless", account="nonprod", account_id=TARGET,
    region="us-east-1", repository="hello-greeter", branch="develop", pipeline="hello-development-greeter",
    stack="hello-development-greeter", source="services/greeter", approval=False,
    checks=(Check(path="/hello", contains="hello"),),
)


def assembly(directory: Path, key: str = KEY, roles: str = ROLES, *, protected: bool = False) -> Assembly:
    """Written to `directory` and returned."""
    (directory / "templates").mkdir(parents=True, exist_ok=True)

    def stack(id_: str, text: str, **facts: object) -> Stack:
        name = id_.replace("/", "-")
        (directory / "templates" / f"{name}.yaml").write_text(text)
        return Stack(
            id=id_, name=name, region="us-east-1", template=f"templates/{name}.yaml",
            sha256=hashlib.sha256(text.encode()).hexdigest(), tags={"platform": "hello"}, **facts,  # type: ignore[arg-type]
        )

    return Assembly(
        platform="hello", organization="", region="us-east-1", shared="shared",
        accounts={"shared": SHARED, "nonprod": TARGET},
        stacks=(
            stack("shared/key", key, account="shared", account_id=SHARED, protected=protected,
                  parameters={"Platform": Literal(value="hello")}),
            stack("nonprod/roles", roles, account="nonprod", account_id=TARGET, after=("shared/key",),
                  parameters={"Name": Output(stack="shared/key", name="Name")}),
        ),
        deliveries=(DELIVERY,), platform_digest="x",
    )

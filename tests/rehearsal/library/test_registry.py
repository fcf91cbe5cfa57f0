"""The registry of a service: made, changed, deleted; who pulls from it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.conftest import NONPROD, SHARED
from tests.rehearsal.cloudformation.policies import allow, policy, trust
from tests.rehearsal.library.lifecycle import failures, lives

from crossdock import library

ROLE = f"arn:aws:iam::{NONPROD}:role/shop-staging-task-agent"
GIVEN = {"Platform": "shop", "Service": "collector", "OrganizationId": "o-a1b2c3d4e5", "PullerAccountIds": NONPROD,
         "PullerRoleArns": ROLE}


def test_a_registry_is_made_changed_and_deleted(account):
    """What holds images stays, so its name is another each time."""
    lives(account, "delivery/registry", GIVEN | {"Service": f"of-{account.region}"},
          {"UntaggedImageDays": "30", "ImageCount": "20", "PullerRoleArns": f"{ROLE},{ROLE}-two"})


def puller(account: Any, name: str) -> Any:
    """A role that may do everything with registries, as far as its own account is asked."""
    iam = account.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("ecs-tasks.amazonaws.com")))
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy(allow("ecr:*"))))
    return account.as_role(f"arn:aws:iam::{account.number}:role/{name}").client("ecr")


def test_the_role_named_pulls_from_another_account_and_pushes_nothing_nobody_else_pulls(account, enter):
    shared = enter(SHARED)
    shared.region = account.region
    assert shared.create(library.load("delivery/registry"), parameters=GIVEN) == "CREATE_COMPLETE", failures(shared)
    named = {"registryId": SHARED, "repositoryName": shared.outputs()["RegistryName"]}
    for again in (False, True):
        if again:  # made again it is another role of the same name
            account.client("iam").delete_role_policy(RoleName="shop-staging-task-agent", PolicyName="own")
            account.client("iam").delete_role(RoleName="shop-staging-task-agent")
        pulls = puller(account, "shop-staging-task-agent")
        assert pulls.batch_get_image(**named, imageIds=[{"imageTag": "none"}])["failures"]
        with pytest.raises(ClientError, match="ecr:InitiateLayerUpload"):
            pulls.initiate_layer_upload(**named)
    with pytest.raises(ClientError, match="ecr:BatchGetImage"):
        puller(account, "shop-staging-somebody").batch_get_image(**named, imageIds=[{"imageTag": "none"}])
    assert shared.delete() == "DELETE_COMPLETE"

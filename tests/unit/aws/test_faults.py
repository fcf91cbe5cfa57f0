from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ProfileNotFound

from crossdock.aws.faults import code, denials, translate
from crossdock.aws.origin import physical_id
from crossdock.errors import AccessDenied, CloudError

_ROLE = "arn:aws:sts::222222222222:assumed-role/hello-development-greeter/greeter"


@pytest.mark.parametrize(("text", "resource", "because"), [
    (f"User: {_ROLE} is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:111111111111:key/1 "
     "because no resource-based policy allows the kms:Decrypt action",
     "arn:aws:kms:us-east-1:111111111111:key/1", "because no resource-based policy allows the kms:Decrypt action"),
    (f'User: {_ROLE} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny '
     "in a resource-based policy", "arn:aws:s3:::b/k", "with an explicit deny in a resource-based policy"),
    (f"User: {_ROLE} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/r",
     "arn:aws:iam::1:role/r", ""),
    (f"User: {_ROLE} is not authorized to perform: iam:ListUsers", "", ""),
])
def test_a_denial_names_principal_action_resource_and_policy(text: str, resource: str, because: str) -> None:
    found = denials(f'Resource handler returned message: "{text} (Service: Kms, Status Code: 400, Request ID: x)"')
    assert [(d.principal, d.resource, d.because) for d in found] == [(_ROLE, resource, because)]


def test_the_same_denial_is_told_once() -> None:
    line = f"User: {_ROLE} is not authorized to perform: kms:Decrypt on resource: x because y"
    assert len(denials(f"{line}\n{line}\n")) == 1


def test_access_denied_keeps_the_words_of_aws() -> None:
    said = f"User: {_ROLE} is not authorized to perform: kms:Decrypt on resource: k because no identity-based policy " \
           "allows the kms:Decrypt action"
    error = translate(ClientError({"Error": {"Code": "AccessDeniedException", "Message": said}}, "Decrypt"))
    assert isinstance(error, AccessDenied)
    assert said in str(error)
    assert f"principal  {_ROLE}" in error.details


def test_an_expired_token_says_to_sign_in_again() -> None:
    error = translate(ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "ListBuckets"))
    assert code(error) == "ExpiredToken"
    assert "sign in again" in error.advice


def test_a_missing_profile_is_a_cloud_error_with_a_hint() -> None:
    error = translate(ProfileNotFound(profile="nobody"))
    assert type(error) is CloudError
    assert "nobody" in str(error)
    assert error.advice


@pytest.mark.parametrize(("arn", "id_"), [
    ("arn:aws:kms:us-east-1:111111111111:key/1a-2b", "1a-2b"),
    ("arn:aws:s3:::bucket/some/key", "bucket"),
    ("arn:aws:sts::111111111111:assumed-role/role/session", "role"),
    ("arn:aws:iam::111111111111:role/path/role", "role"),
    ("arn:aws:lambda:us-east-1:111111111111:function:greeter:live", "greeter"),
    ("*", "*"),
])
def test_an_arn_is_found_by_what_cloudformation_calls_it(arn: str, id_: str) -> None:
    assert physical_id(arn) == id_


def test_what_follows_a_denial_is_no_part_of_it() -> None:
    text = f"User: {_ROLE} is not authorized to perform: kms:Decrypt on resource: k because no resource-based policy " \
           "allows the kms:Decrypt action status code: 403, request id: x"
    assert denials(text)[0].because == "because no resource-based policy allows the kms:Decrypt action"

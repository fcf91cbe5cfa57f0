"""Who comes in: the AWS CLI with the profiles that were written, and nobody with a forged call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.signing import CALLER, FORM, keys, signed
from tests.rehearsal.stage import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A local AWS with two accounts and nothing in them."""
    made = stages.make(tmp_path_factory.mktemp("door") / "platform")
    made.crossdock("local", "up").well()
    yield made
    made.crossdock("local", "down").well()


def endpoint(stage: Stage) -> str:
    return stage.as_account("shared")["AWS_ENDPOINT_URL"] + "/"


def ask(stage: Stage, headers: Mapping[str, str], body: str = CALLER) -> tuple[int, str]:
    return stages.post(endpoint(stage), body, headers)


def test_each_profile_is_the_administrator_of_its_account(stage: Stage) -> None:
    for account, number in (("shared", stage.shared), ("nonprod", stage.nonprod), ("rehearsal", stage.shared)):
        caller = stage.aws(account, "sts", "get-caller-identity").well().json
        assert (caller["Account"], caller["Arn"]) == (number, f"arn:aws:iam::{number}:user/administrator")


def test_the_printed_variables_are_enough_for_a_shell_that_has_keys_of_its_own(stage: Stage) -> None:
    exports = stage.crossdock("local", "env", "nonprod").well().out
    own = "export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_DEFAULT_REGION=eu-west-1"
    script = f"{own}\n{exports}\nexec {stages.AWS} sts get-caller-identity --query Account --output text"
    assert stages.run("sh", "-c", script).well().out.strip() == stage.nonprod


def test_the_profiles_are_for_their_owner_only(stage: Stage) -> None:
    file = Path(stage.as_account("shared")["AWS_SHARED_CREDENTIALS_FILE"])
    assert file.stat().st_mode & 0o077 == 0
    assert file.is_relative_to(stage.root / ".crossdock" / "local" / "aws")


def test_a_member_account_is_reached_by_the_organizations_role_and_the_shared_one_by_none(stage: Stage) -> None:
    def assume(by: str, number: str) -> stages.Done:
        arn = f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole"
        return stage.aws(by, "sts", "assume-role", "--role-arn", arn, "--role-session-name", "test")

    assumed = assume("shared", stage.nonprod).well().json
    assert assumed["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{stage.nonprod}:assumed-role/")
    refused = assume("nonprod", stage.shared)
    assert refused.code != 0
    assert "AccessDenied" in refused.err


def test_the_credentials_of_a_role_are_those_of_its_account(stage: Stage) -> None:
    arn = f"arn:aws:iam::{stage.nonprod}:role/OrganizationAccountAccessRole"
    found = stage.aws("shared", "sts", "assume-role", "--role-arn", arn, "--role-session-name", "test").well().json
    key = found["Credentials"]
    headers = signed(endpoint(stage), key["AccessKeyId"], key["SecretAccessKey"], token=key["SessionToken"])
    assert f"<Account>{stage.nonprod}</Account>" in ask(stage, headers)[1]
    without = signed(endpoint(stage), key["AccessKeyId"], key["SecretAccessKey"])
    assert ask(stage, without)[0] == 403


def test_an_unsigned_call_is_refused(stage: Stage) -> None:
    status, body = ask(stage, FORM)
    assert status == 403
    assert "MissingAuthenticationToken" in body
    for service, operation in (("sts", "get-caller-identity"), ("kms", "list-keys"), ("codepipeline", "list-pipelines"),
                               ("s3api", "list-buckets"), ("apigateway", "get-rest-apis")):
        refused = stage.aws("shared", service, operation, "--no-sign-request")
        assert refused.code != 0
        assert "An error occurred (" in refused.err
        assert not refused.out


def test_a_wrong_secret_is_refused(stage: Stage) -> None:
    access_key, secret = keys(stage.as_account("shared")["AWS_SHARED_CREDENTIALS_FILE"], "shared")
    status, body = ask(stage, signed(endpoint(stage), access_key, secret[:-1] + ("A" if secret[-1] != "A" else "B")))
    assert status == 403
    assert "SignatureDoesNotMatch" in body


def test_a_key_that_nobody_issued_is_refused(stage: Stage) -> None:
    refused = stage.aws("shared", "sts", "get-caller-identity", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
                        AWS_SECRET_ACCESS_KEY="x" * 40, AWS_PROFILE="")
    assert refused.code != 0
    assert "InvalidClientTokenId" in refused.err
    buckets = stage.aws("shared", "s3api", "list-buckets", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
                        AWS_SECRET_ACCESS_KEY="x" * 40, AWS_PROFILE="")
    assert "InvalidAccessKeyId" in buckets.err


@pytest.mark.parametrize("late", [False, True], ids=["signed", "added on the way"])
def test_a_header_that_names_another_account_has_no_effect(stage: Stage, late: bool) -> None:
    pair = keys(stage.as_account("shared")["AWS_SHARED_CREDENTIALS_FILE"], "nonprod")
    forged = {"x-moto-account-id": stage.shared}
    headers = signed(endpoint(stage), *pair, headers=FORM if late else {**FORM, **forged}) | forged
    status, body = ask(stage, headers)
    assert status == 200
    assert f"<Account>{stage.nonprod}</Account>" in body
    create = "Action=CreateGroup&Version=2010-05-08&GroupName=forged"
    made = ask(stage, signed(endpoint(stage), *pair, body=create, service="iam", headers={**FORM, **forged}), create)
    assert f"arn:aws:iam::{stage.nonprod}:group/forged" in made[1] or "EntityAlreadyExists" in made[1]


def test_a_signature_for_another_host_is_refused(stage: Stage) -> None:
    pair = keys(stage.as_account("shared")["AWS_SHARED_CREDENTIALS_FILE"], "shared")
    honest = signed(endpoint(stage), *pair)
    status, body = ask(stage, honest | {"Host": "sts.amazonaws.com"})
    assert status == 403
    assert "SignatureDoesNotMatch" in body


def test_a_signature_that_leaves_the_host_open_is_refused(stage: Stage) -> None:
    pair = keys(stage.as_account("shared")["AWS_SHARED_CREDENTIALS_FILE"], "shared")
    honest = signed(endpoint(stage), *pair)
    status, _ = ask(stage, honest | {"Authorization": honest["Authorization"].replace(";host", "")})
    assert status == 403


def test_a_body_that_was_changed_on_its_way_is_refused(stage: Stage) -> None:
    pair = keys(stage.as_account("shared")["AWS_SHARED_CREDENTIALS_FILE"], "shared")
    status, _ = ask(stage, signed(endpoint(stage), *pair), CALLER.replace("GetCallerIdentity", "GetSessionToken"))
    assert status == 403


def test_what_is_not_emulated_is_refused_by_name_in_the_services_own_words(stage: Stage) -> None:
    for service, operation in (("redshift", "describe-clusters"), ("workspaces", "describe-workspaces"),
                               ("mediaconvert", "list-jobs"), ("ec2", "describe-verified-access-groups")):
        refused = stage.aws("shared", service, operation)
        assert refused.code != 0
        assert f"(NotEmulated) when calling the {operation.title().replace('-', '')} operation" in refused.err
        assert "the local AWS does not emulate" in refused.err
        assert service in refused.err


def test_the_access_log_tells_who_was_refused_and_why(stage: Stage) -> None:
    arn = f"arn:aws:iam::{stage.shared}:role/OrganizationAccountAccessRole"
    stage.aws("nonprod", "sts", "assume-role", "--role-arn", arn, "--role-session-name", "curious")
    [file] = (stage.root / ".crossdock" / "local").glob("**/access.jsonl")
    lines = file.read_text(encoding="utf-8").splitlines()
    refused = [entry for entry in map(json.loads, lines) if entry["decision"] != "allowed"]
    assert any(entry["action"] == "sts:AssumeRole" and stage.nonprod in entry["caller"] for entry in refused)

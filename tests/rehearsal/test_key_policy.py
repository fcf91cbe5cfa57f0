"""A statement taken out of the key's policy by hand: what fails, where, in which words, and how it comes back."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from tests.rehearsal import stage as stages
from tests.rehearsal.stage import Done, Stage
from tests.rehearsal.test_faults import DELIVERY_FAILED, fail

EDITED, PROOF_FAILED = 3, 7
READERS, BUILDS = "RolesOfTargetAccountsDecryptThroughS3", "PipelinesAndBuildsEncryptAndDecryptThroughS3"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A platform that was rehearsed and left up."""
    made = stages.make(tmp_path_factory.mktemp("key") / "platform")
    made.rehearse("--keep")[0].well()
    yield made
    made.crossdock("local", "down").well()


@pytest.fixture
def endpoint(stage: Stage) -> Iterator[str]:
    """Where the service answers; afterwards the key's policy is what was composed again."""
    yield stage.endpoint()
    apply(stage, "--fresh").well()


def apply(stage: Stage, *options: str) -> Done:
    return stage.crossdock("apply", "--profile", "rehearsal", "--yes", *options)


def take_decrypt_from(stage: Stage, sid: str) -> None:
    """Let one statement of the composed template allow something harmless instead of kms:Decrypt."""
    file = stage.templates / "foundation-artifacts.yaml"
    before, begin, rest = file.read_text(encoding="utf-8").partition(f"- Sid: {sid}\n")
    statement, following, after = rest.partition("\n  ArtifactKeyAlias:")
    assert begin
    assert following
    edited = statement.replace("kms:Decrypt", "kms:DescribeKey", 1)
    assert edited != statement
    file.write_text(before + begin + edited + following + after, encoding="utf-8")


def test_an_edited_assembly_is_applied_only_when_it_is_asked_for(stage: Stage, endpoint: str) -> None:
    take_decrypt_from(stage, READERS)
    for refused in (apply(stage), stage.rehearse()[0], stage.crossdock("compose")):
        assert refused.code == EDITED
        assert "foundation-artifacts.yaml was edited by hand after it was composed" in refused.err
        assert "--assembly" in refused.err
        assert "--fresh" in refused.err
    assert stages.get(f"{endpoint}/health")[0] == 200
    done = apply(stage, "--unproved", "--assembly", str(stage.templates.parent)).well()
    assert "UNPROVED: going on all the same" in done.err
    assert "shared/artifacts: updated" in done.err


def test_the_proof_knows_beforehand_and_stops_a_rehearsal(stage: Stage, endpoint: str) -> None:
    take_decrypt_from(stage, READERS)
    done, report = stage.rehearse("--assembly", str(stage.templates.parent))
    assert done.code != 0
    assert report["deliveries"] == []
    assert "kms:Decrypt" in done.err
    assert "Build/Build" not in done.err
    assert stages.get(f"{endpoint}/health")[0] == 200


def test_readers_without_decrypt_lose_configuration_and_deliveries_until_it_is_back(
    stage: Stage, endpoint: str
) -> None:
    take_decrypt_from(stage, READERS)
    refused = apply(stage, "--assembly", str(stage.templates.parent))
    assert refused.code == PROOF_FAILED
    assert "no statement of the policy of key ArtifactKey" in refused.err
    assert stages.get(f"{endpoint}/health")[0] == 200
    apply(stage, "--unproved", "--assembly", str(stage.templates.parent)).well()

    assert stages.get(f"{endpoint}/health")[0] == 502
    logged = stage.crossdock("logs", "greeter", "development").well().out
    assert "AccessDenied" in logged
    assert f"{stage.pipeline}-function/{stage.pipeline} is not authorized to perform: kms:Decrypt" in logged

    nonce = secrets.token_hex(8)
    stage.revise(nonce)
    said = fail(stage, "--unproved", "--assembly", str(stage.templates.parent))
    assert "Deploy/Prepare failed" in said
    assert f":assumed-role/{stage.platform}-development-deployment/" in said
    assert "action     kms:Decrypt" in said
    assert f"resource   arn:aws:kms:us-east-1:{stage.shared}:key/" in said
    assert "no resource-based policy allows the kms:Decrypt action" in said
    assert f"written in ArtifactKey (AWS::KMS::Key) of stack {stage.platform}-artifacts" in said

    apply(stage, "--fresh").well()
    assert stages.get(f"{endpoint}/health")[0] == 200
    retried = stage.crossdock("retry", "greeter", "development", "--json").well().json
    assert retried["ok"] is True
    assert nonce in retried["deliveries"][0]["checks"][0]["detail"]


def test_builds_without_decrypt_fail_and_name_it(stage: Stage, endpoint: str) -> None:
    take_decrypt_from(stage, BUILDS)
    stage.revise(secrets.token_hex(8))
    said = fail(stage, "--unproved", "--assembly", str(stage.templates.parent))
    assert "Build/Build failed" in said
    assert "action     kms:Decrypt" in said
    assert f":assumed-role/{stage.pipeline}-build/" in said
    assert stages.get(f"{endpoint}/health")[0] == 200, "what was delivered before still answers"
    again = stage.crossdock("retry", "greeter", "development")
    assert again.code == DELIVERY_FAILED
    apply(stage, "--fresh").well()
    stage.crossdock("retry", "greeter", "development").well()

"""The platform of the case study: four environments in two accounts, and a service that writes into a zone."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock import compose
from crossdock.model.proof import Proof
from crossdock.prove import of
from crossdock.prove.read import read

EXAMPLE = Path(__file__).parents[3] / "examples" / "psl"


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    directory, platform = tmp_path_factory.mktemp("psl") / "assembly", compose.read(EXAMPLE)
    assembly = compose.compose(platform)
    compose.render(assembly, compose.files(platform), directory)
    return of(read(assembly, directory, EXAMPLE))


def test_every_need_is_met_and_every_never_kept(proof: Proof) -> None:
    assert proof.ok, [*proof.failing, *proof.breached][:3]
    assert {need.need.step.environment for need in proof.needs} >= {
        "development", "staging", "pre-production", "production"}


def test_whatever_nobody_uses_has_its_reason(proof: Proof) -> None:
    assert [(one.place, one.action) for one in proof.unused if one.ours and not one.reason] == []


def test_the_service_writes_into_the_raw_zone_of_its_own_environment(proof: Proof) -> None:
    written = {(n.need.who, n.need.resource) for n in proof.needs
               if n.need.action == "s3:PutObject" and "-raw-" in n.need.resource}
    assert written == {
        (f"arn:aws:iam::{account}:role/psl-{environment}-survey-api-function",
         f"arn:aws:s3:::psl-{environment}-raw-{account}/*")
        for environment, account in (("development", "222222222222"), ("staging", "222222222222"),
                                     ("pre-production", "333333333333"), ("production", "333333333333"))
    }

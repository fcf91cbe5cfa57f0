"""Nothing is applied that is known to fail: the proof comes first, with what the organization forbids if it tells."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crossdock import compose
from crossdock.deploy.assemble import assemble, assembly_directory
from crossdock.deploy.proving import UNTOLD, proven
from crossdock.errors import AccessDenied, CloudError, ProofFailed

HELLO = Path(__file__).parents[3] / "examples" / "hello"


@dataclass(frozen=True)
class Organizations:
    """A cloud whose caller is refused by Organizations."""

    refusal: CloudError

    def identity(self) -> Any:
        return type("Identity", (), {"account": "111111111111"})

    def account(self, account: str) -> Organizations:
        return self

    def client(self, service: str, region: str) -> Organizations:
        return self

    def describe_organization(self) -> None:
        raise self.refusal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(HELLO, tmp_path / "hello", ignore=shutil.ignore_patterns(".crossdock"))
    return tmp_path / "hello"


def test_what_is_proven_is_kept(root: Path) -> None:
    assembly = assemble(compose.read(root), root)
    assert proven(assembly, assembly_directory(root), root).ok
    assert (root / ".crossdock" / "proof.json").exists()


def test_what_fails_is_refused_with_the_statement_to_add(root: Path) -> None:
    assembly = assemble(compose.read(root), root)
    template = assembly_directory(root) / "templates" / "delivery-pipeline.yaml"
    template.write_text(template.read_text().replace("                  - codebuild:StartBuild\n", ""))
    with pytest.raises(ProofFailed) as raised:
        proven(assembly, assembly_directory(root), root)
    assert any(line.strip().startswith("add {") for line in raised.value.details)


@pytest.mark.parametrize("refusal", [
    AccessDenied(message="DescribeAccount", code="AccessDeniedException"),
    CloudError(message="DescribeOrganization", code="AWSOrganizationsNotInUseException"),
])  # fmt: skip
def test_a_profile_that_may_not_ask_the_organization_is_told_so(root: Path, refusal: CloudError) -> None:
    assembly = assemble(compose.read(root), root)
    cloud: Any = Organizations(refusal)
    assert UNTOLD in proven(assembly, assembly_directory(root), root, cloud).notes


def test_other_refusals_of_the_organization_are_told_as_they_are(root: Path) -> None:
    assembly = assemble(compose.read(root), root)
    cloud: Any = Organizations(CloudError(message="no network", code="Unreachable"))
    with pytest.raises(CloudError, match="no network"):
        proven(assembly, assembly_directory(root), root, cloud)

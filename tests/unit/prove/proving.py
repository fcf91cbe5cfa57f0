"""Constants of examples/access, and what of a proof tests ask about."""

from __future__ import annotations

from pathlib import Path

from crossdock.model.proof import Finding, Proof

ROOT = Path(__file__).resolve().parents[3]
SHARED, NONPROD, PROD = "111111111111", "222222222222", "333333333333"
BUCKET = "arn:aws:s3:::desk-artifacts-111111111111-us-east-1"


def failing(proof: Proof, action: str) -> list[Finding]:
    """The needs of an action that fail."""
    return [finding for finding in proof.failing if finding.need.action == action]


def steps(findings: list[Finding]) -> set[str]:
    return {finding.need.step.action for finding in findings}


def lacks(findings: list[Finding]) -> set[str]:
    """What the findings lack, in words, without what comes nearest."""
    return {missing.leg.partition(";")[0] for finding in findings for missing in finding.missing}

"""Where moto says no to what AWS takes: corrected once, before the store is used."""

from __future__ import annotations

from moto.iam.policy_validation import IAMPolicyDocumentValidator


def apply() -> None:
    IAMPolicyDocumentValidator._validate_version = _validate_version


def _validate_version(self: IAMPolicyDocumentValidator) -> None:
    """A policy without a Version is one of 2008-10-17 (IAM User Guide, reference_policies_elements_version), and IAM
    stores it: the policies of SAM's templates are such."""
    assert self._policy_json.get("Version", "2012-10-17") == "2012-10-17"  # noqa: S101  moto's way of saying no

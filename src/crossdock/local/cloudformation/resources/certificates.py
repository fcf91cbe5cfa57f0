"""AWS::CertificateManager: certificates. Nothing is validated or issued: a certificate counts as issued at once."""

from __future__ import annotations

from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers


def _domains(value: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The hosted zone of a domain is CloudFormation's own: where it would put the validation record."""
    return [{"DomainName": one["DomainName"], "ValidationDomain": one.get("ValidationDomain", one["DomainName"])}
            for one in value]


TYPES = handlers(
    Kind(
        type="AWS::CertificateManager::Certificate", service="acm", id="CertificateArn", who="CertificateArn",
        create="RequestCertificate", delete="DeleteCertificate",
        takes="DomainName SubjectAlternativeNames DomainValidationOptions KeyAlgorithm ValidationMethod",
        shaped={"DomainValidationOptions": _domains}, found={"CertificateArn": "={id}"},
        tagging=Tagging(put=("AddTagsToCertificate", "CertificateArn", "Tags"),
                        drop=("RemoveTagsFromCertificate", "CertificateArn", "Tags")), arn="{id}",
        accepted="CertificateTransparencyLoggingPreference",
    ),
)  # fmt: skip

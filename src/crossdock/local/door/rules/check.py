"""Which rules a call concerns."""

from __future__ import annotations

from crossdock.local.door.rules import documents, iam, kms, s3, sns, sqs, sts, tags
from crossdock.local.door.rules.asked import Asked


def check(asked: Asked) -> None:
    """Raises AwsError as the service would; NotEmulated for what would be taken without its effect."""
    documents.check(asked)
    tags.check(asked)
    match asked.service:
        case "iam":
            iam.check(asked)
        case "kms":
            kms.check(asked)
        case "s3":
            s3.check(asked)
        case "sns":
            sns.check(asked)
        case "sqs":
            sqs.check(asked)
        case "sts":
            sts.check(asked)

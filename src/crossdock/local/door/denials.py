"""Denials as each service spells them (error references of the services; SDKs tell them apart by code)."""

from __future__ import annotations

from crossdock.local.engine import AwsError


def denied(message: str, protocol: str, service: str = "") -> AwsError:
    """AccessDenied as the services of a protocol, or one that has its own way, spell it."""
    match protocol:
        case _ if service == "sns":
            return AwsError("AuthorizationError", message, 403)
        case _ if service in ("cloudwatch", "sqs"):  # once of the query protocol, whose codes they keep
            return AwsError("AccessDenied", message, 403)
        case "ec2":
            return AwsError("UnauthorizedOperation", f"You are not authorized to perform this operation. {message}",
                            403)
        case "query" | "rest-xml":
            return AwsError("AccessDenied", message, 403)
        case "rest-json":
            return AwsError("AccessDeniedException", message, 403)
        case _:
            return AwsError("AccessDeniedException", message, 400)


_UNKNOWN = {"InvalidClientTokenId": "UnrecognizedClientException", "SignatureDoesNotMatch": "InvalidSignatureException",
            "IncompleteSignature": "IncompleteSignatureException"}
"""Codes of the query protocol -> those of JSON (Common Error Types of the API references, e.g. Amazon DynamoDB's)."""
_EC2 = {"InvalidClientTokenId": "AWS was not able to validate the provided access credentials",
        "SignatureDoesNotMatch": "AWS was not able to validate the provided access credentials"}


def unauthentic(failure: AwsError, protocol: str, service: str) -> AwsError:
    """A failure of authentication, named for the query protocol, as the services of another one spell it."""
    if service in ("cloudwatch", "sqs"):
        return failure
    match protocol:
        case "json" | "rest-json" if failure.code in _UNKNOWN or failure.code == "ExpiredTokenException":
            code = _UNKNOWN.get(failure.code, failure.code)
            return AwsError(code, failure.message, 400 if protocol == "json" else 403)
        case "ec2" if failure.code in _EC2:
            return AwsError("AuthFailure", _EC2[failure.code], 401)
        case "query" if failure.code == "ExpiredTokenException":
            return AwsError("ExpiredToken", failure.message, 403)
        case _:
            return failure

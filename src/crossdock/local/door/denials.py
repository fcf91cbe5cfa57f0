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

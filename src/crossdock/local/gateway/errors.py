"""Errors in API Gateway's words."""

from __future__ import annotations

from crossdock.local.engine import AwsError


def bad_request(message: str) -> AwsError:
    return AwsError("BadRequestException", message, 400)


def conflict(message: str) -> AwsError:
    return AwsError("ConflictException", message, 409)


def not_found(message: str) -> AwsError:
    return AwsError("NotFoundException", message, 404)

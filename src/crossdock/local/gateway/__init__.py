"""API Gateway: HTTP in, function out, callers asked for who they are where a method wants to know."""

from crossdock.local.gateway.engine import APIGateway

__all__ = ["APIGateway"]

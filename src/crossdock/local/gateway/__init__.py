"""API Gateway: HTTP in, function out, callers asked for who they are where a method wants to know."""

from crossdock.local.gateway.engine import APIGateway
from crossdock.local.gateway.v2 import ApiGatewayV2

__all__ = ["APIGateway", "ApiGatewayV2"]

"""HTTP APIs (API Gateway V2): routes, payload format 2.0, CORS by configuration."""

from crossdock.local.gateway.v2.engine import ApiGatewayV2

__all__ = ["ApiGatewayV2"]

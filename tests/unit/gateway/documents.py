"""OpenAPI documents as SAM's translator writes them, with its functions and references resolved."""

from __future__ import annotations

from typing import Any


def uri(function: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"


def proxy(function: str, **more: Any) -> dict[str, Any]:
    """One method that calls a function."""
    return {"x-amazon-apigateway-integration": {"httpMethod": "POST", "type": "aws_proxy", "uri": uri(function)},
            "responses": {}, **more}


def cors() -> dict[str, Any]:
    """The OPTIONS method that SAM's `Cors` makes."""
    headers = {"Access-Control-Allow-Origin": {"type": "string"}}
    return {
        "responses": {"200": {"headers": headers, "description": "Default response for CORS method"}},
        "x-amazon-apigateway-integration": {
            "type": "mock", "requestTemplates": {"application/json": '{\n  "statusCode" : 200\n}\n'},
            "responses": {"default": {
                "statusCode": "200", "responseTemplates": {"application/json": "{}\n"},
                "responseParameters": {
                    "method.response.header.Access-Control-Allow-Origin": "'*'",
                    "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'"}}}},
    }


IAM = {"AWS_IAM": {"in": "header", "type": "apiKey", "name": "Authorization",
                   "x-amazon-apigateway-authtype": "awsSigv4"}}
KEY = {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}


def custom(function: str, kind: str = "token", **more: Any) -> dict[str, Any]:
    """The scheme of a function that authorizes."""
    return {"Token": {
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {"type": kind, "authorizerUri": uri(function), **more}}}


JWT = {"J": {"type": "oauth2", "x-amazon-apigateway-authorizer": {
    "type": "jwt", "identitySource": "$request.header.Authorization",
    "jwtConfiguration": {"issuer": "https://issuer", "audience": ["a"]}}}}


def rest(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"swagger": "2.0", "info": {"version": "1.0", "title": "orders"}, "paths": paths, **more}


def rest3(paths: dict[str, Any], schemes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The same with OpenApiVersion 3.0.1, and the document of an HTTP API."""
    components = {"components": {"securitySchemes": schemes}} if schemes else {}
    return {"openapi": "3.0.1", "info": {"version": "1.0", "title": "orders"}, "paths": paths, **components, **more}

"""Cognito user pools: users sign up and in, and get tokens that API Gateway verifies."""

from crossdock.local.userpools.engine import CognitoUserPools

__all__ = ["CognitoUserPools"]

"""AppConfig Data: a request names its configuration by names or by a token, so that the engine, which knows the ids,
asks for `appconfig:StartConfigurationSession` and `appconfig:GetLatestConfiguration` itself (Service Authorization
Reference, list_awsappconfig: both on `application/ID/environment/ID/configuration/ID`).
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rules

RULES: dict[str, Rules] = {"StartConfigurationSession": (), "GetLatestConfiguration": ()}

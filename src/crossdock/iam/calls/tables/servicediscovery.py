"""Cloud Map: operations, which belong to no resource (Service Authorization Reference, list_awscloudmap)."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {"GetOperation": (Rule("servicediscovery:GetOperation"),)}

"""Connections to git hosts: listing names no connection (Service Authorization Reference, codestar-connections)."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {"ListConnections": (Rule("codestar-connections:ListConnections"),)}

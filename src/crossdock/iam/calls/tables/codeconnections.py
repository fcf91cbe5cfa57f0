"""Connections to git hosts: listing names no connection (Service Authorization Reference, codeconnections)."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {"ListConnections": (Rule("codeconnections:ListConnections"),)}

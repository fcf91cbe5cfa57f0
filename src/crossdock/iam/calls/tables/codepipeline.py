"""CodePipeline: listing webhooks is asked about all of them. Source: CodePipeline User Guide, permissions reference."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

_WEBHOOKS = ("arn:${Partition}:codepipeline:${Region}:${Account}:webhook:*",)
RULES: dict[str, Rules] = {"ListWebhooks": (Rule("codepipeline:ListWebhooks", _WEBHOOKS),)}

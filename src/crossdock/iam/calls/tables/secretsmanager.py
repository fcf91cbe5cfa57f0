"""Secrets Manager. Source: its API reference, BatchGetSecretValue (needs GetSecretValue on every secret)."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RULES: dict[str, Rules] = {
    "BatchGetSecretValue": (
        Rule("secretsmanager:BatchGetSecretValue"),
        Rule("secretsmanager:GetSecretValue", ("{secret:@}",), {"secretsmanager:SecretId": "{secret:@}"},
             each="SecretIdList"),
        Rule("secretsmanager:ListSecrets", ("*",), {}, ("Filters",)),
    ),
}

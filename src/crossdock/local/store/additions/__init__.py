"""Operations that moto lacks for what it keeps: what can't be changed or taken away again could be in no stack.

One module a service: `ADDED` are operations that its class of responses lacks, `WRAPPED` go around methods of its
backend, or of its responses, that do less than AWS does.
"""

from __future__ import annotations

import importlib

_SERVICES = frozenset({
    "acm", "autoscaling", "cloudfront", "codedeploy", "dynamodb", "ec2", "ecs", "elasticache", "iam", "kinesis",
    "logs", "rds", "resource-groups", "route53", "s3", "scheduler", "secretsmanager", "servicediscovery", "sesv2",
    "sns", "sqs", "ssm", "synthetics",
})  # fmt: skip
_DONE: set[str] = set()


def apply(service: str) -> None:
    """Give moto's classes for a service what they lack; what a later moto brings itself stays."""
    if service in _DONE or service not in _SERVICES:
        return
    _DONE.add(service)
    service = service.replace("-", "")
    ours = importlib.import_module(f"{__name__}.{service}")
    for kind, name, wrap in getattr(ours, "WRAPPED", ()):
        place = "responses" if kind.endswith(("Response", "Handler")) or kind.startswith("responses.") else "models"
        part, _, own = kind.removeprefix("responses.").rpartition(".")
        module = importlib.import_module(".".join(filter(None, (f"moto.{service}.{place}", part))))
        held = getattr(module, own)
        setattr(held, name, wrap(getattr(held, name)))
    for kind, methods in getattr(ours, "ADDED", {}).items():
        responses = getattr(importlib.import_module(f"moto.{service}.responses"), kind)
        for name, method in methods.items():
            if not hasattr(responses, name):
                setattr(responses, name, method)

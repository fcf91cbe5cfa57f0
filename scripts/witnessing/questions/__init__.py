"""The questions, one module a subject; importing this package registers them."""

import importlib

MODULES = (
    "stacks_made", "stacks_changed", "stacks_refused", "stacks_shared", "changesets", "language", "s3", "iam", "sts",
    "kms", "messages", "events", "ssm",
)
"""In the order in which they are asked."""

for _name in MODULES:
    importlib.import_module(f"{__name__}.{_name}")

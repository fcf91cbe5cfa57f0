"""Action providers: what each takes, and the function that runs it. One file per provider."""

from crossdock.local.pipelines.actions.job import AbandonedError, ActionError, Job, Result
from crossdock.local.pipelines.actions.registry import Provider, provider

__all__ = ["AbandonedError", "ActionError", "Job", "Provider", "Result", "provider"]

"""EventBridge Pipes: from a source through a filter and an enrichment to a target, as the pipe's role."""

from crossdock.local.pipes.engine import Pipes

__all__ = ["Pipes"]

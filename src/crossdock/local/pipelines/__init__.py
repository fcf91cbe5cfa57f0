"""CodePipeline: pipelines, their executions through stages, and one file per action provider."""

from crossdock.local.pipelines.engine import CodePipeline
from crossdock.local.pipelines.state import State

__all__ = ["CodePipeline", "State"]

"""Step Functions: state machines in the Amazon States Language, executed as their role."""

from crossdock.local.machines.engine import StepFunctions

__all__ = ["StepFunctions"]

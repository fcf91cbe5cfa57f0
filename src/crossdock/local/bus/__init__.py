"""EventBridge: event buses, rules, the event pattern language, schedules, and deliveries to targets."""

from crossdock.local.bus.engine import EventBridge
from crossdock.local.bus.patterns import Pattern, PatternError, compile_pattern
from crossdock.local.bus.state import Bus, Failure, Rule, State

__all__ = ["Bus", "EventBridge", "Failure", "Pattern", "PatternError", "Rule", "State", "compile_pattern"]

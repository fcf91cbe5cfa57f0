"""Lambda: functions that really run, in processes of their own, on AWS's own runtime client where it can be had."""

from crossdock.local.functions.engine import Lambda

__all__ = ["Lambda"]

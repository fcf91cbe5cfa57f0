"""How an operation goes through accounts and regions: in what order, how many at a time, how many may fail.

Source: CloudFormation API Reference, "StackSetOperationPreferences"; User Guide, "Stack set operation options".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.local.engine import AwsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """As given; None where nothing was. Counts are accounts within one region, percentages are of them."""

    order: tuple[str, ...] = ()
    parallel: bool = False
    tolerance: int | None = None
    tolerance_percentage: int | None = None
    width: int | None = None
    width_percentage: int | None = None
    soft: bool = False
    named: Mapping[str, Any] | None = None
    """The request's own members, which the API shows again."""

    def regions(self, regions: Sequence[str]) -> list[str]:
        """The regions in the order in which they are worked on."""
        known = [region for region in self.order if region in regions]
        return [*known, *(region for region in regions if region not in known)]

    def failures(self, accounts: int) -> int:
        """How many of so many accounts may fail. A percentage is rounded down."""
        if self.tolerance is not None:
            return self.tolerance
        return accounts * (self.tolerance_percentage or 0) // 100

    def at_once(self, accounts: int, failed: int) -> int:
        """How many accounts may be worked on together, after so many failures.

        Strict tolerance (the default) lowers it, so that failed accounts never exceed the tolerance by more than one.
        """
        if self.width is not None:
            most = self.width
        elif self.width_percentage is not None:
            most = max(1, accounts * self.width_percentage // 100)
        else:
            most = 1
        return most if self.soft else min(most, self.failures(accounts) + 1 - failed)


def read(given: Mapping[str, Any], regions: Sequence[str] | None = None) -> Preferences:
    """Preferences of a request. Raises AwsError ValidationError for those that exclude each other or make no sense.

    regions  those of the request: an order must name just these
    """
    for one, other in (("FailureToleranceCount", "FailureTolerancePercentage"),
                       ("MaxConcurrentCount", "MaxConcurrentPercentage")):  # fmt: skip
        if one in given and other in given:
            raise AwsError("ValidationError", f"Only one of {one} or {other} can be specified")
    order = tuple(given.get("RegionOrder") or ())
    if len(set(order)) != len(order) or (order and regions is not None and set(order) != set(regions)):
        raise AwsError("ValidationError", "Region order must contain each of the operation's regions once")
    made = Preferences(
        order=order, parallel=given.get("RegionConcurrencyType") == "PARALLEL", named=dict(given),
        tolerance=_number(given, "FailureToleranceCount", 0),
        tolerance_percentage=_number(given, "FailureTolerancePercentage", 0, 100),
        width=_number(given, "MaxConcurrentCount", 1),
        width_percentage=_number(given, "MaxConcurrentPercentage", 1, 100),
        soft=given.get("ConcurrencyMode") == "SOFT_FAILURE_TOLERANCE",
    )  # fmt: skip
    if made.parallel and order:
        raise AwsError("ValidationError", "Region order cannot be specified when region concurrency type is PARALLEL")
    return made


def _number(given: Mapping[str, Any], name: str, least: int, most: int | None = None) -> int | None:
    if name not in given:
        return None
    value = int(given[name])
    if value < least or (most is not None and value > most):
        bound = f"greater than or equal to {least}" if value < least else f"less than or equal to {most}"
        where = f"operationPreferences.{name[0].lower()}{name[1:]}"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: Member must have "
            f"value {bound}",
        )
    return value

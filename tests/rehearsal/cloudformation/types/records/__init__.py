"""What is known of each type of the core, by service: how it is made, changed, replaced, and seen."""

from __future__ import annotations

from tests.rehearsal.cloudformation.types.records import (
    computing,
    containers,
    databases,
    delivery,
    functions,
    gateway_parts,
    gateways,
    identity,
    messages,
    more,
    network,
    observing,
    others,
    storing,
)

RECORDS = (
    *network.RECORDS, *computing.RECORDS, *databases.RECORDS, *storing.RECORDS, *identity.RECORDS, *messages.RECORDS,
    *functions.RECORDS, *containers.RECORDS, *delivery.RECORDS, *observing.RECORDS, *gateways.RECORDS,
    *gateway_parts.RECORDS,
    *others.RECORDS, *more.RECORDS,
)  # fmt: skip

"""Availability zones as the store's EC2 knows them: subnets can stand in these and in no others."""

from __future__ import annotations


def names(region: str) -> list[str]:
    """Names of a region's zones in order; `a` to `c` where the store knows no zones of it."""
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    known = RegionsAndZonesBackend.zones.get(region)
    return sorted(zone.name for zone in known) if known else [f"{region}{letter}" for letter in "abc"]

"""What a platform file says of infrastructure: defaults, overrides, and what AWS has no room or no offer for."""

from __future__ import annotations

import textwrap

import pytest
import yaml

from crossdock.compose import infrastructure
from crossdock.compose.infrastructure import sense
from crossdock.compose.written import parse
from crossdock.errors import Problem
from crossdock.model.infrastructure import Aurora, Cache, CacheCluster, Infrastructure, Nat, Network

HEAD = """\
region: us-east-1
environments:
  development: {account: nonprod, branch: develop}
  production: {account: prod, branch: master}
"""


def _read(defaults: str, override: str = "{}") -> Infrastructure | None:
    return infrastructure.infrastructure(infrastructure.merged(yaml.safe_load(defaults), yaml.safe_load(override)))


def _found(text: str) -> list[Problem]:
    return list(dict.fromkeys(sense.problems(parse(HEAD + textwrap.dedent(text), "crossdock.yaml"))))


def test_without_a_word_an_environment_has_no_infrastructure() -> None:
    assert _read("{}") is None


def test_one_part_brings_the_network_that_it_lives_in() -> None:
    assert _read("{aurora: true}") == Infrastructure(network=Network(), aurora=Aurora())


def test_an_override_changes_what_it_says_and_keeps_the_rest() -> None:
    made = _read("{network: {cidr: 10.1.0.0/16, nat: single}, aurora: {engine: '15.10', backups: 9}, cache: true}",
                 "{network: {nat: per-zone, zones: 3}, aurora: {capacity: [2, 32]}, cache: {engine: redis, nodes: 2}}")
    assert made == Infrastructure(
        network=Network(cidr="10.1.0.0/16", zones=3, nat=Nat.PER_ZONE),
        aurora=Aurora(engine="15.10", capacity=(2.0, 32.0), backups=9), cache=CacheCluster(engine=Cache.REDIS, nodes=2),
    )


def test_false_takes_a_part_away() -> None:
    made = _read("{aurora: {backups: 3}, zones: [raw]}", "{aurora: false, network: false}")
    assert made == Infrastructure(zones=("raw",))


@pytest.mark.parametrize(("text", "what", "place"), [
    ("infrastructure: {network: {cidr: 10.0.0.1/16}}",
     "`10.0.0.1/16` is no block of addresses: it has host bits", (5, 34)),
    ("infrastructure: {network: {cidr: 10.0.300.0/16}}",
     "`10.0.300.0/16` is no block of addresses: octet 300 (> 255) not permitted", (5, 34)),
    ("infrastructure: {network: {cidr: 10.0.0.0/25}}", "`10.0.0.0/25` is too small", (5, 34)),
    ("infrastructure: {network: {cidr: 10.0.0.0/8}}", "`10.0.0.0/8` is larger than a VPC may be", (5, 34)),
    ("""\
     infrastructure: {network: {cidr: 10.0.0.0/16}}
     overrides: {production: {infrastructure: {network: {cidr: 10.0.128.0/20}}}}
     """, "`10.0.128.0/20` of production overlaps 10.0.0.0/16 of development", (6, 59)),
    ("infrastructure: {network: false, aurora: true}",
     "`aurora` in development needs a network, which is false", (5, 42)),
    ("infrastructure: {aurora: {engine: '15.99'}}", "Aurora PostgreSQL has no version 15.99", (5, 35)),
    ("infrastructure: {aurora: {capacity: [4, 1]}}",
     "the fewest capacity units, 4, are more than the most, 1", (5, 37)),
    ("infrastructure: {aurora: {capacity: [0, 0.5]}}",
     "Aurora needs at least 1 capacity unit at its most, not 0.5", (5, 37)),
    ("infrastructure: {aurora: {capacity: [0.3, 4]}}", "capacity goes by half units, not 0.3", (5, 37)),
    ("infrastructure: {search: {type: t3.tiny.search}}", "OpenSearch has no t3.tiny.search in us-east-1", (5, 33)),
    ("infrastructure: {cache: {type: cache.t99.micro}}", "ElastiCache has no cache.t99.micro in us-east-1", (5, 32)),
])  # fmt: skip
def test_what_cannot_exist_is_told_where_it_was_written(text: str, what: str, place: tuple[int, int]) -> None:
    found = _found(text)
    assert found[0].what == what
    assert (found[0].position.line, found[0].position.column) == place
    assert found[0].hint


def test_an_environment_with_zones_has_a_short_name() -> None:
    text = HEAD.replace("production:", "a-rather-long-name:") + "infrastructure: {zones: [raw]}\n"
    found = list(sense.problems(parse(text, "crossdock.yaml")))
    assert [p.what for p in found] == ["`a-rather-long-name` is too long for the names of its zones' buckets"]
    assert found[0].position.line == 5


def test_environments_may_all_have_the_same_addresses() -> None:
    assert _found("infrastructure: {network: {cidr: 10.0.0.0/16}, aurora: {engine: '15.10'}, bastion: true}") == []


def test_what_the_schema_refuses_is_left_to_it() -> None:
    text = "infrastructure: {network: [], aurora: {engine: 15, capacity: 4}, search: 1, cache: {type: {}}}"
    assert _found(text) == []

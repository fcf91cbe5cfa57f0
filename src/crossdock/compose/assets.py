"""Files that stacks take from the artifact bucket, nested templates and code, kept under the digest of all of them.

A key that changes with its content leaves what an earlier stack was made of where it was: CloudFormation reads it again
when it rolls back (CloudFormation User Guide, nested stacks).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from crossdock import library
from crossdock.model.assembly import Asset, Literal, Stack

FOLDER = "assets"
_NESTED = re.compile(r"\$\{TemplatePrefixUrl\}/([a-z/-]+)\.yaml")
_DIGITS = 16


def template_path(name: str) -> str:
    """Where a template lies in an assembly: `foundation/artifacts` -> `templates/foundation-artifacts.yaml`."""
    return f"templates/{name.replace('/', '-')}.yaml"


def code_path(function: str) -> str:
    """Where a function's code lies in an assembly."""
    return f"functions/{function}.zip"


def templates(names: Iterable[str], texts: Mapping[str, str]) -> tuple[Asset, ...]:
    """The templates of these names as assets, sorted by name. `texts` by name."""
    return _assets({f"{name}.yaml": (template_path(name), texts[name].encode()) for name in sorted(names)})


def code(function: str) -> tuple[Asset, ...]:
    """The code of one of the library's functions as an asset."""
    return _assets({f"resources/{function}.zip": (code_path(function), library.code(function))})


def _assets(found: Mapping[str, tuple[str, bytes]]) -> tuple[Asset, ...]:
    """End of the key -> path and content."""
    sums = {end: sha256(content).hexdigest() for end, (_, content) in found.items()}
    beginning = _prefix(sums.values())
    return tuple(Asset(path=found[end][0], key=f"{beginning}/{end}", sha256=sum_) for end, sum_ in sums.items())


def nested_in(template: str) -> list[str]:
    """Names of the library's templates that the text of one takes by its parameter TemplatePrefixUrl."""
    return _NESTED.findall(template)


def prefix(found: Iterable[Asset]) -> str:
    """What the keys of assets that were made together begin with: `assets/<digest>`."""
    return _prefix(asset.sha256 for asset in found)


def rekeyed(stack: Stack, sums: Mapping[str, str]) -> Stack:
    """A stack whose assets have these digests, by path: their keys, and the parameters that name them, follow."""
    old = prefix(stack.assets)
    edited = tuple(replace(asset, sha256=sums[asset.path]) for asset in stack.assets)
    new = prefix(edited)
    return replace(
        stack,
        assets=tuple(replace(asset, key=asset.key.replace(old, new, 1)) for asset in edited),
        parameters={
            name: replace(value, value=value.value.replace(old, new)) if isinstance(value, Literal) else value
            for name, value in stack.parameters.items()
        },
    )


def _prefix(sums: Iterable[str]) -> str:
    return f"{FOLDER}/{sha256(''.join(sums).encode()).hexdigest()[:_DIGITS]}"

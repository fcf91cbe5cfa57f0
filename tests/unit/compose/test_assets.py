"""Assets: nested templates under keys that change with what they say."""

from __future__ import annotations

from hashlib import sha256

from crossdock.compose import assets
from crossdock.model.assembly import Literal, Output, Stack

TEXTS = {"network/a": "A", "network/b": "B"}


def _stack() -> Stack:
    found = assets.templates(["network/b", "network/a"], TEXTS)
    return Stack(
        id="nonprod/x", name="x", account="nonprod", account_id="222222222222", region="us-east-1",
        template="templates/root.yaml", sha256="0", assets=found,
        parameters={
            "TemplatePrefixUrl": Literal(value=f"https://bucket/{assets.prefix(found)}"),
            "Key": Output(stack="shared/artifacts", name="ArtifactKeyArn"),
        },
    )


def _sums(**changed: str) -> dict[str, str]:
    texts = TEXTS | {f"network/{name}": text for name, text in changed.items()}
    return {assets.template_path(name): sha256(text.encode()).hexdigest() for name, text in texts.items()}


def test_all_assets_of_a_stack_lie_below_one_prefix_that_their_content_names() -> None:
    stack = _stack()
    assert [asset.path for asset in stack.assets] == ["templates/network-a.yaml", "templates/network-b.yaml"]
    assert [asset.key for asset in stack.assets] == [f"{assets.prefix(stack.assets)}/network/{n}.yaml" for n in "ab"]


def test_an_asset_that_was_edited_moves_all_of_them_and_the_parameter_follows() -> None:
    stack = _stack()
    edited = assets.rekeyed(stack, _sums(b="B, edited"))
    prefix = assets.prefix(edited.assets)
    assert prefix != assets.prefix(stack.assets)
    assert all(asset.key.startswith(prefix) for asset in edited.assets)
    assert edited.parameters["TemplatePrefixUrl"] == Literal(value=f"https://bucket/{prefix}")


def test_assets_that_are_as_they_were_stay_where_they_were() -> None:
    assert assets.rekeyed(_stack(), _sums()) == _stack()

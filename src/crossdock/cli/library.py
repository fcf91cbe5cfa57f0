"""library: the templates that platforms are composed from."""

from __future__ import annotations

import click

from crossdock.cli.output import show
from crossdock.cli.places import json_option
from crossdock.errors import UsageError


@click.group()
def library() -> None:
    """The templates that platforms are composed from; each can be used alone."""


@library.command("list")
@click.option("--markdown", is_flag=True, help="Print docs/library.md.")
@json_option
def list_(*, markdown: bool, as_json: bool) -> None:
    """Every template and what it is for."""
    from crossdock.library import catalogue, names
    from crossdock.model.codec import encode

    if markdown:
        click.echo(catalogue.page(), nl=False)
        return
    entries = [catalogue.entry(name) for name in names()]
    width = max(len(entry.name) for entry in entries)
    show(as_json, [encode(entry) for entry in entries],
         [f"{entry.name:<{width}}  {entry.purpose}" for entry in entries])


@library.command("show")
@click.argument("name")
@json_option
def show_(*, name: str, as_json: bool) -> None:
    """Print one template."""
    from crossdock.library import catalogue, load, names
    from crossdock.model.codec import encode

    if name not in names():
        from crossdock.compose.shape import nearest

        raise UsageError(message=f"there is no template {name}", hint=nearest(name, names()))
    show(as_json, encode(catalogue.entry(name)) | {"template": load(name)}, [load(name).rstrip("\n")])

"""From crossdock.yaml to an assembly: read what the user wrote, compose what should exist, write it as plain files.

    platform = compose.read(Path("crossdock.yaml"))
    assembly = compose.compose(platform)
    compose.render(assembly, compose.files(platform), Path(".crossdock/assembly"))
"""

from crossdock.compose.composing import compose, files, sources, templates
from crossdock.compose.lint import lint, lint_files
from crossdock.compose.read import read
from crossdock.compose.render import adopt, edited, load, render, texts
from crossdock.compose.schema import text as schema
from crossdock.library.starter import init

__all__ = [
    "adopt", "compose", "edited", "files", "init", "lint", "lint_files", "load", "read", "render", "schema",
    "sources", "templates", "texts",
]

"""Where the user's pip looks for packages: its configuration files and environment, read by pip itself."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import url2pathname

_ASK_PIP = """
from pip._internal.models.index import PyPI
from pip._internal.cli.main import main
print(f"default.index-url={PyPI.simple_url!r}", flush=True)
main(["--disable-pip-version-check", "config", "list"])
"""
"""pip's default for `--index-url`, then what it is configured with, in the same form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place with packages. `links`: a directory or page of files (find-links), else an index of projects."""

    url: str
    links: bool = False
    auth: tuple[str, str] | None = None

    @property
    def path(self) -> Path | None:
        """The directory or file, where it is on this machine."""
        return Path(url2pathname(urlsplit(self.url).path)) if self.url.startswith("file:") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The sources in the order in which they are asked, and how to reach them."""

    sources: tuple[Source, ...]
    verify: str | bool = True
    proxy: str = ""
    trusted: tuple[str, ...] = ()


def source(text: str, *, links: bool = False) -> Source:
    """A source from what pip is configured with: a URL, perhaps with credentials in it, or a path."""
    if "://" not in text and not text.startswith("file:"):
        return Source(url=Path(text).expanduser().absolute().as_uri(), links=links)
    parts = urlsplit(text)
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    host = parts.netloc.rpartition("@")[2]
    path = parts.path if links else parts.path.rstrip("/")
    return Source(url=urlunsplit((parts.scheme, host, path, parts.query, "")), links=links, auth=auth)


def read_configuration() -> Configuration:
    """What pip would use in this environment. Without pip in this interpreter: its environment variables alone."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK_PIP],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )
    return from_settings(parse_settings(done.stdout) if done.returncode == 0 else _environment())


def parse_settings(listing: str) -> dict[str, str]:
    """`pip config list` as option -> value; the environment beats `[install]`, which beats `[global]`."""
    found: dict[str, dict[str, str]] = {"default": {}, "global": {}, "install": {}, ":env:": {}}
    for line in listing.splitlines():
        match = re.match(r"(default|global|install|:env:)\.([\w-]+)=(.+)\Z", line.strip())
        if match:
            found[match[1]][match[2].replace("_", "-")] = str(ast.literal_eval(match[3]))
    return found["default"] | found["global"] | found["install"] | found[":env:"]


def from_settings(settings: Mapping[str, str]) -> Configuration:
    """pip's options as sources: local places first, then the index, then the extra ones."""
    wanted = [source(link, links=True) for link in settings.get("find-links", "").split()]
    if settings.get("no-index", "").lower() not in ("1", "true", "yes", "on"):
        wanted += [source(url) for url in settings.get("index-url", "").split()]
        wanted += [source(url) for url in settings.get("extra-index-url", "").split()]
    wanted.sort(key=lambda one: one.path is None)
    return Configuration(
        sources=tuple(dict.fromkeys(wanted)),
        verify=settings.get("cert") or True,
        proxy=settings.get("proxy", ""),
        trusted=tuple(settings.get("trusted-host", "").split()),
    )


def _environment() -> dict[str, str]:
    return {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in os.environ.items() if name.startswith("PIP_") and value
    }


def project_url(index: Source, project: str) -> str:
    """The page of a project in an index (Simple repository API, PEP 503)."""
    return f"{index.url}/{quote(project)}/"

"""A project's page in the simple repository API: read as HTML or JSON, written as either (PEP 503, 592, 658, 691)."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
ACCEPT = f"{JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_SUFFIXES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a project. `yanked`: None, or the reason (perhaps empty); `metadata`: hashes of the PEP 658 file."""

    filename: str
    url: str
    hashes: Mapping[str, str] = field(default_factory=dict)
    requires_python: str = ""
    yanked: str | None = None
    metadata: Mapping[str, str] | None = None
    size: int | None = None
    uploaded: str = ""

    @property
    def id(self) -> str:
        """Names it in the cache and in our URLs: by content where its hash is known, else by place."""
        known = self.hashes.get("sha256")
        return known or hashlib.sha256(self.url.encode()).hexdigest()


def normalize(name: str) -> str:
    """A project's name as indexes spell it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def belongs(filename: str, project: str) -> bool:
    """Whether a file in a directory of many is a distribution of this project."""
    suffix = next((end for end in _SUFFIXES if filename.endswith(end)), "")
    if not suffix:
        return False
    stem = filename.removesuffix(suffix)
    name = stem.partition("-")[0] if suffix == ".whl" else stem.rpartition("-")[0]
    return normalize(name) == project


def from_json(text: str, base: str) -> tuple[File, ...]:
    """The files of a JSON page. Raises ValueError when it is none."""
    page = json.loads(text)
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise ValueError("no page of the simple repository API")  # noqa: TRY004  it came from outside
    return tuple(_file(entry, base) for entry in page["files"])


def _file(entry: Mapping[str, Any], base: str) -> File:
    yanked, metadata = entry.get("yanked", False), entry.get("core-metadata", entry.get("dist-info-metadata", False))
    return File(
        filename=entry["filename"],
        url=urljoin(base, entry["url"]),
        hashes=entry.get("hashes", {}),
        requires_python=entry.get("requires-python") or "",
        yanked=None if yanked is False else "" if yanked is True else str(yanked),
        metadata=metadata if isinstance(metadata, dict) else {} if metadata else None,
        size=entry.get("size"),
        uploaded=entry.get("upload-time") or "",
    )


class _Anchors(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base, self.files = base, list[File]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "base" and given.get("href"):
            self.base = urljoin(self.base, given["href"] or "")
        if tag != "a" or not given.get("href"):
            return
        url, fragment = urldefrag(urljoin(self.base, given["href"] or ""))
        metadata = given.get("data-core-metadata", given.get("data-dist-info-metadata"))
        self.files.append(File(
            filename=unquote(urlsplit(url).path.rpartition("/")[2]),
            url=url,
            hashes=_hashes(fragment),
            requires_python=given.get("data-requires-python") or "",
            yanked=given["data-yanked"] or "" if "data-yanked" in given else None,
            metadata=None if metadata is None or metadata == "false" else _hashes(metadata),
        ))


def _hashes(text: str) -> dict[str, str]:
    match = re.search(r"(sha256|sha384|sha512|sha224|sha1|md5)=([0-9a-f]+)", text)
    return {match[1]: match[2]} if match else {}


def from_html(text: str, base: str) -> tuple[File, ...]:
    """The files of an HTML page; other links on it have no suffix of a distribution and stay out."""
    anchors = _Anchors(base)
    anchors.feed(text)
    return tuple(file for file in anchors.files if file.filename.endswith((*_SUFFIXES, ".egg")))


def to_json(project: str, files: Iterable[File], *, own_urls: bool = True) -> str:
    """A JSON page; with `own_urls` the files are to be had from us, else from where they came (for the cache)."""
    return json.dumps({
        "meta": {"api-version": "1.0"},
        "name": project,
        "files": [_entry(file, own_urls) for file in files],
    })


def _entry(file: File, own_urls: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.filename, "url": place(file) if own_urls else file.url, "hashes": dict(file.hashes)
    }
    if file.requires_python:
        entry["requires-python"] = file.requires_python
    if file.yanked is not None:
        entry["yanked"] = file.yanked or True
    if file.metadata is not None:
        entry["core-metadata"] = dict(file.metadata) or True
    if file.size is not None:
        entry["size"] = file.size
    if file.uploaded:
        entry["upload-time"] = file.uploaded
    return entry


def to_html(project: str, files: Iterable[File]) -> str:
    """An HTML page, for clients that don't ask for JSON."""
    lines = [f"<!DOCTYPE html><html><head><title>Links for {html.escape(project)}</title></head><body>"]
    for file in files:
        fragment = "".join(f"#{name}={value}" for name, value in list(file.hashes.items())[:1])
        attributes = {"href": place(file) + fragment}
        if file.requires_python:
            attributes["data-requires-python"] = file.requires_python
        if file.yanked is not None:
            attributes["data-yanked"] = file.yanked
        if file.metadata is not None:
            attributes["data-core-metadata"] = next((f"{k}={v}" for k, v in file.metadata.items()), "true")
        drawn = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
        lines.append(f"<a {drawn}>{html.escape(file.filename)}</a><br>")
    return "\n".join([*lines, "</body></html>"])


def place(file: File) -> str:
    """Where our own page says the file is, relative to that page."""
    return f"../../files/{file.id}/{quote(file.filename)}"


def metadata_of(file: File) -> File:
    """The PEP 658 metadata file beside a distribution, as a file of its own."""
    name, url = f"{file.filename}.metadata", f"{file.url}.metadata"
    return replace(file, filename=name, url=url, hashes=file.metadata or {}, metadata=None)

"""The index itself: a small HTTP server on loopback."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crossdock.local.packages.pages import JSON_TYPE, File, metadata_of, normalize, to_html, to_json
from crossdock.local.packages.sources import Configuration, Source, read_configuration
from crossdock.local.packages.store import Store, Unreachable


def default_cache() -> Path:
    """One cache for all platforms of a user: CROSSDOCK_CACHE, else the user's cache directory."""
    given = os.environ.get("CROSSDOCK_CACHE")
    return Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crossdock"


class PackageIndex:
    """Answers pip and uv at `http://127.0.0.1:PORT/<label>/simple/`. A label tells whose misses are whose."""

    def __init__(
        self, cache: Path | None = None, configuration: Callable[[], Configuration] = read_configuration
    ) -> None:
        self._store = Store((cache or default_cache()) / "packages", configuration)
        self._known: dict[str, tuple[File, Source]] = {}
        self._misses: dict[str, list[str]] = {}
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        index = self

        class Handler(_Handler):
            owner = index

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="package index", daemon=True).start()

    def stop(self) -> None:
        """Stop listening; the cache stays."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def url(self, label: str) -> str:
        """The index as this label asks it."""
        assert self._server is not None, "start() first"  # noqa: S101
        return f"http://127.0.0.1:{self._server.server_address[1]}/{label}/simple/"

    def environment(self, label: str) -> dict[str, str]:
        """Variables with which pip and uv ask this index and no other, and say nothing about themselves."""
        return {
            "PIP_INDEX_URL": self.url(label),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DEFAULT_TIMEOUT": "600",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "UV_DEFAULT_INDEX": self.url(label),
            "UV_HTTP_TIMEOUT": "600",
            "UV_PYTHON_DOWNLOADS": "never",
        }

    def misses(self, label: str) -> list[str]:
        """What this label asked for in vain since the last call, one sentence each."""
        return self._misses.pop(label, [])

    def page(self, label: str, project: str, *, json: bool) -> str | None:
        """A project's page; None when no source has the project."""
        files, missed = self._store.files(project)
        if missed:
            self._miss(label, f"package {project}: {missed[0]}")
        for file, source in files:
            self._known[f"{file.id}/{file.filename}"] = (file, source)
            if file.metadata is not None:
                beside = metadata_of(file)
                self._known[f"{file.id}/{beside.filename}"] = (beside, source)
        if not files:
            return None
        return (to_json if json else to_html)(project, [file for file, _ in files])

    def file(self, label: str, id_: str, filename: str) -> Path | None:
        """A file of a page that was served, or that lies in the cache; None when it can't be had."""
        known = self._known.get(f"{id_}/{filename}")
        try:
            path = self._store.fetch(*known) if known else self._store.cached(id_, filename)
        except (Unreachable, FileNotFoundError) as miss:
            self._miss(label, f"package file {filename}: {miss}")
            return None
        return path if path.is_file() else None

    def _miss(self, label: str, sentence: str) -> None:
        told = self._misses.setdefault(label, [])
        if sentence not in told:
            told.append(sentence)


class _Handler(BaseHTTPRequestHandler):
    owner: PackageIndex
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """`/<label>/simple/<project>/` and `/<label>/files/<id>/<filename>`."""
        match [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]:
            case [label, "simple", project]:
                self._page(label, project)
            case [label, "files", id_, filename]:
                self._file(label, id_, filename)
            case _:
                self._text(404, "no such page\n")

    do_HEAD = do_GET  # noqa: N815

    def _page(self, label: str, project: str) -> None:
        wants_json = JSON_TYPE in self.headers.get("Accept", "")
        page = self.owner.page(label, normalize(project), json=wants_json)
        if page is None:
            self._text(404, f"no index has {project}, or none could be reached\n")
        else:
            self._text(200, page, JSON_TYPE if wants_json else "text/html; charset=utf-8")

    def _file(self, label: str, id_: str, filename: str) -> None:
        path = self.owner.file(label, id_, filename)
        if path is None:
            self._text(404, f"{filename} can't be had\n")
            return
        with path.open("rb") as file:
            self._head(200, "application/octet-stream", path.stat().st_size)
            if self.command != "HEAD":
                shutil.copyfileobj(file, self.wfile)

    def _text(self, status: int, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self._head(status, kind, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: int, kind: str, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Quiet: what matters is told by `misses`."""

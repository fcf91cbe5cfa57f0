"""Pages and files: from the cache on disk, from local directories, from an index; and what to say when from nowhere."""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from crossdock.local.packages.pages import ACCEPT, File, belongs, from_html, from_json, to_json
from crossdock.local.packages.sources import Configuration, Source, project_url

FRESH = 24 * 3600
"""Seconds for which a page is served without asking its index again."""
DOWN = 300
"""Seconds for which an index that did not answer is not asked again."""
TIMEOUT = (3.05, 30)
"""Seconds to connect, and between two pieces of an answer."""


class Unreachable(Exception):
    """It is not in the cache, and who has it did not answer. The text is one sentence."""


class Store:
    """The cache below `root`, filled from the sources of a configuration. Any number of threads and processes."""

    def __init__(self, root: Path, read: Callable[[], Configuration]) -> None:
        self.root, self._read = root, read
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._down: dict[str, float] = {}

    @functools.cached_property
    def configuration(self) -> Configuration:
        """Read at the first need: it costs a start of pip."""
        return self._read()

    def files(self, project: str) -> tuple[list[tuple[File, Source]], list[str]]:
        """All files of a project with their sources, and a sentence for each source that could not be asked."""
        found: dict[str, tuple[File, Source]] = {}
        missed = []
        with self._lock("configuration"):
            sources = self.configuration.sources
        for source in sources:
            try:
                files = self._page(source, project)
            except Unreachable as miss:
                missed.append(str(miss))
                continue
            for file in files:
                found.setdefault(f"{file.id}/{file.filename}", (file, source))
        return list(found.values()), missed

    def fetch(self, file: File, source: Source) -> Path:
        """The file on this disk, its hash verified. Raises Unreachable; FileNotFoundError when its index lacks it."""
        if file.url.startswith("file:"):
            return Path(url2pathname(urlsplit(file.url).path))
        target = self.cached(file.id, file.filename)
        with self._lock(str(target)):
            if not target.exists():
                self._download(file, source, target)
        return target

    def cached(self, id_: str, filename: str) -> Path:
        """Where a file lies when it was fetched. Both names come from outside, so they may not climb."""
        if not id_.isalnum() or filename in ("", ".", "..") or "/" in filename or os.sep in filename:
            raise FileNotFoundError(filename)
        return self.root / "files" / id_[:2] / id_ / filename

    def _page(self, source: Source, project: str) -> tuple[File, ...]:
        if source.path is not None:
            return _local(source, source.path, project)
        name = "links" if source.links else project
        kept = self.root / "pages" / hashlib.sha256(source.url.encode()).hexdigest()[:16] / f"{name}.json"
        with self._lock(str(kept)):
            files, age = _kept(kept)
            if files is None or age > FRESH:
                url = source.url if source.links else project_url(source, project)
                try:
                    files = self._ask(url, source)
                    _write(kept, to_json(name, files, own_urls=False).encode())
                except Unreachable:
                    if files is None:
                        raise
        return tuple(file for file in files if not source.links or belongs(file.filename, project))

    def _ask(self, url: str, source: Source) -> tuple[File, ...]:
        with self._get(url, source, headers={"Accept": ACCEPT}) as answer:
            if answer.status_code == 404:
                return ()
            self._refuse_faults(answer, url)
            try:
                parse = from_json if "json" in answer.headers.get("Content-Type", "") else from_html
                files = parse(answer.text, answer.url)
            except (ValueError, KeyError, requests.RequestException) as error:
                raise Unreachable(f"{url} gave no page of packages ({error})") from error
        return tuple(file for file in files if file.url.startswith(("http://", "https://")))

    def _download(self, file: File, source: Source, target: Path) -> None:
        with self._get(file.url, source, headers={"Accept-Encoding": "identity"}) as answer:
            if answer.status_code == 404:
                raise FileNotFoundError(f"{file.filename} is not at {file.url}")
            self._refuse_faults(answer, file.url)
            try:
                _write(target, answer.iter_content(1 << 20), file.hashes)
            except requests.RequestException as error:
                raise Unreachable(f"{file.filename}: {file.url} broke off ({type(error).__name__})") from error

    def _get(self, url: str, source: Source, headers: dict[str, str]) -> requests.Response:
        host, configuration = urlsplit(url).netloc, self.configuration
        if self._down.get(host, 0) > time.monotonic():
            raise Unreachable(f"{url} can't be reached, and the cache lacks it; run once with network")
        auth = source.auth if host == urlsplit(source.url).netloc else None
        verify = False if urlsplit(url).hostname in configuration.trusted else configuration.verify
        try:
            return self._session.get(url, headers=headers, timeout=TIMEOUT, stream=True, auth=auth, verify=verify)
        except requests.RequestException as error:
            self._down[host] = time.monotonic() + DOWN
            raise Unreachable(
                f"{url} can't be reached ({type(error).__name__}), and the cache lacks it; run once with network"
            ) from error

    def _refuse_faults(self, answer: requests.Response, url: str) -> None:
        if answer.status_code != 200:
            raise Unreachable(f"{url} answered {answer.status_code} {answer.reason}, and the cache lacks it")

    @functools.cached_property
    def _session(self) -> requests.Session:
        configuration = self.configuration
        session = requests.Session()
        if configuration.proxy:
            session.proxies = {"http": configuration.proxy, "https": configuration.proxy}
        retries = Retry(total=2, connect=0, backoff_factor=0.3, status_forcelist=(502, 503, 504), raise_on_status=False)
        session.mount("https://", HTTPAdapter(pool_maxsize=16, max_retries=retries))
        session.mount("http://", HTTPAdapter(pool_maxsize=16, max_retries=retries))
        return session

    def _lock(self, name: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())


def _local(source: Source, path: Path, project: str) -> tuple[File, ...]:
    """Files of a directory (find-links), of a page of links, or of a directory laid out as an index."""
    if source.links and path.is_dir():
        return tuple(
            File(filename=one.name, url=one.as_uri()) for one in sorted(path.iterdir()) if belongs(one.name, project)
        )
    page = path if source.links else path / project / "index.html"
    if not page.is_file():
        return ()
    files = from_html(page.read_text(encoding="utf-8"), page.as_uri())
    return tuple(file for file in files if not source.links or belongs(file.filename, project))


def _kept(page: Path) -> tuple[tuple[File, ...] | None, float]:
    """A page of the cache and its age in seconds; None where there is none, or a damaged one."""
    try:
        return from_json(page.read_text(encoding="utf-8"), ""), time.time() - page.stat().st_mtime
    except (FileNotFoundError, ValueError, KeyError):
        return None, 0.0


def _write(target: Path, data: bytes | Iterable[bytes], hashes: Mapping[str, str] | None = None) -> None:
    """Put a file in place whole or not at all. Raises Unreachable when it is not what its page promised."""
    target.parent.mkdir(parents=True, exist_ok=True)
    known = sorted(((name, value) for name, value in (hashes or {}).items() if name.startswith("sha")), reverse=True)
    name, wanted = known[0] if known else ("", "")
    seen = hashlib.new(name or "sha256")
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as file:
        try:
            for piece in [data] if isinstance(data, bytes) else data:
                file.write(piece)
                seen.update(piece)
            file.close()
            if wanted and seen.hexdigest() != wanted:
                raise Unreachable(f"{target.name} is not what its page promised: its {name} is {seen.hexdigest()}")
            Path(file.name).chmod(0o644)
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise

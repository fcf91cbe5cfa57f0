"""What was fetched once is there without network, and nothing else is made up."""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from crossdock.local.packages import Configuration, PackageIndex
from crossdock.local.packages.pages import JSON_TYPE, belongs, from_html, from_json, to_html, to_json
from crossdock.local.packages.sources import from_settings, parse_settings, read_configuration, source


def wheel(directory: Path, name: str, version: str = "1.0") -> Path:
    """A tiny real wheel."""
    directory.mkdir(parents=True, exist_ok=True)
    path, info = directory / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    return path


class Upstream:
    """Somebody's index: pages and files in a dict, and what was asked of it."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                upstream.asked.append(self.path)
                kind, body = upstream.answers.get(self.path, ("", b""))
                self.send_response(200 if kind else 404)
                self.send_header("Content-Type", kind or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/simple"

    def publish(self, path: Path, project: str, *, sha256: str = "", extra: str = "") -> None:
        digest = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
        page = f'<a href="../../files/{path.name}#sha256={digest}" {extra}>{path.name}</a>'
        self.answers[f"/simple/{project}/"] = ("text/html", page.encode())
        self.answers[f"/files/{path.name}"] = ("application/octet-stream", path.read_bytes())

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def upstream():
    running = Upstream()
    yield running
    running.stop()


@pytest.fixture
def index(tmp_path):
    """Makes running indexes over a cache."""
    started = []

    def make(*urls: str, links: bool = False, cache: str = "cache") -> PackageIndex:
        sources = tuple(source(url, links=links) for url in urls)
        one = PackageIndex(tmp_path / cache, lambda: Configuration(sources=sources))
        one.start()
        started.append(one)
        return one

    yield make
    for one in started:
        one.stop()


def pip(index: PackageIndex, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, check=False,
        env={"PATH": os.defpath, "HOME": "/nonexistent", **index.environment("t")},
    )


def test_pip_installs_from_a_local_directory_laid_out_as_an_index(tmp_path, index):
    built = wheel(tmp_path / "up/files", "littlething")
    page = tmp_path / "up/simple/littlething/index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="../../files/{built.name}">{built.name}</a>')
    done = pip(index((tmp_path / "up/simple").as_uri()), "install", "--target", str(tmp_path / "t"), "littlething==1.0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "t/littlething.py").read_text() == "VERSION = '1.0'\n"
    assert "pip version" not in done.stdout + done.stderr
    assert "127.0.0.1" in done.stdout


def test_pip_installs_from_a_directory_of_wheels(tmp_path, index):
    wheel(tmp_path / "wheels", "little_thing")
    one = index(str(tmp_path / "wheels"), links=True)
    done = pip(one, "install", "--target", str(tmp_path / "t"), "Little-Thing")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_was_fetched_once_installs_after_the_index_is_gone(tmp_path, index, upstream):
    upstream.publish(wheel(tmp_path / "w", "littlething"), "littlething")
    first = pip(index(upstream.url), "download", "--dest", str(tmp_path / "a"), "littlething")
    assert first.returncode == 0, first.stderr
    upstream.stop()
    for age in (0, 100):  # a page of today is not asked for again; an old one is served when nobody answers
        for page in (tmp_path / "cache/packages/pages").rglob("*.json"):
            os.utime(page, (time.time() - age * 3600,) * 2)
        one = index(upstream.url)
        again = pip(one, "download", "--dest", str(tmp_path / f"b{age}"), "littlething")
        assert again.returncode == 0, again.stderr
        assert one.misses("t") == []


def test_a_page_of_today_is_not_asked_for_again(tmp_path, index, upstream):
    upstream.publish(wheel(tmp_path / "w", "littlething"), "littlething")
    for _ in range(2):
        assert requests.get(index(upstream.url).url("t") + "littlething/", timeout=5).status_code == 200
    assert upstream.asked == ["/simple/littlething/"]


def test_what_nobody_has_is_a_404_and_what_cannot_be_reached_is_told(index, upstream):
    one = index(upstream.url)
    assert requests.get(one.url("t") + "nothing/", timeout=5).status_code == 404
    assert one.misses("t") == []
    gone = index("http://127.0.0.1:9/simple", cache="other")
    assert requests.get(gone.url("t") + "nothing/", timeout=5).status_code == 404
    (sentence,) = gone.misses("t")
    assert sentence.startswith("package nothing: http://127.0.0.1:9/simple/nothing/ can't be reached")
    assert sentence.endswith("run once with network")
    assert gone.misses("t") == gone.misses("other") == []


def test_a_file_that_is_not_what_its_page_promised_is_refused(tmp_path, index, upstream):
    upstream.publish(wheel(tmp_path / "w", "littlething"), "littlething", sha256="0" * 64)
    one = index(upstream.url)
    done = pip(one, "download", "--dest", str(tmp_path / "a"), "littlething")
    assert done.returncode != 0
    assert "is not what its page promised" in one.misses("t")[0]
    assert not list((tmp_path / "cache").rglob("*.whl"))


def test_a_remote_page_cannot_name_files_of_this_machine(tmp_path, index, upstream):
    upstream.answers["/simple/evil/"] = ("text/html", b'<a href="file:///etc/evil-1.0.tar.gz">evil-1.0.tar.gz</a>')
    assert requests.get(index(upstream.url).url("t") + "evil/", timeout=5).status_code == 404


def test_a_request_cannot_climb_out_of_the_cache(tmp_path, index, upstream):
    (tmp_path / "secret.whl").write_text("secret")
    one = index(upstream.url)
    for id_ in ("..%2f..", "ab"):
        answer = requests.get(one.url("t").replace("simple/", f"files/{id_}/..%2f..%2f..%2fsecret.whl"), timeout=5)
        assert answer.status_code == 404


def test_many_clients_at_once_fetch_a_file_once(tmp_path, index, upstream):
    upstream.publish(wheel(tmp_path / "w", "littlething"), "littlething")
    one = index(upstream.url)
    page = requests.get(one.url("t") + "littlething/", headers={"Accept": JSON_TYPE}, timeout=5).json()
    url = one.url("t") + "littlething/" + page["files"][0]["url"]
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(requests.get(url, timeout=5).content)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 8
    assert len(set(bodies)) == 1
    assert upstream.asked.count("/files/littlething-1.0-py3-none-any.whl") == 1


def test_metadata_is_fetched_beside_its_file(tmp_path, index, upstream):
    metadata = b"Metadata-Version: 2.1\nName: littlething\nVersion: 1.0\n"
    digest = hashlib.sha256(metadata).hexdigest()
    upstream.publish(
        wheel(tmp_path / "w", "littlething"), "littlething", extra=f'data-core-metadata="sha256={digest}"'
    )
    upstream.answers["/files/littlething-1.0-py3-none-any.whl.metadata"] = ("text/plain", metadata)
    done = pip(index(upstream.url), "download", "--dest", str(tmp_path / "a"), "littlething")
    assert done.returncode == 0, done.stderr
    assert "/files/littlething-1.0-py3-none-any.whl.metadata" in upstream.asked


@pytest.mark.skipif(shutil.which("uv", path=str(Path(sys.executable).parent)) is None, reason="uv is not here")
def test_uv_installs_too(tmp_path, index, upstream):
    upstream.publish(wheel(tmp_path / "w", "littlething"), "littlething")
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run(
        [uv, "pip", "install", "--python", sys.executable, "--target", str(tmp_path / "t"), "littlething"],
        capture_output=True, text=True, check=False,
        env={"PATH": os.defpath, "HOME": str(tmp_path / "home"), **index(upstream.url).environment("t")},
    )
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower()


PAGE = """<a href="a-1.tar.gz#sha256=ab12" data-requires-python="&gt;=3.9" data-yanked="bad">x</a>
<a href="a-2-py3-none-any.whl" data-yanked data-core-metadata="sha256=cd34">y</a><a href="https://home.page/">z</a>"""


def test_a_page_keeps_hashes_python_versions_and_yanks_in_both_forms():
    files = from_html(PAGE, "https://host/simple/a/")
    assert [file.url for file in files] == ["https://host/simple/a/a-1.tar.gz", "https://host/simple/a/a-2-py3-none-any.whl"]
    for again in (
        from_html(to_html("a", files), "https://us/l/simple/a/"), from_json(to_json("a", files), "https://us/l/simple/a/")
    ):
        assert [(f.filename, f.hashes, f.requires_python, f.metadata) for f in again] == [
            ("a-1.tar.gz", {"sha256": "ab12"}, ">=3.9", None),
            ("a-2-py3-none-any.whl", {}, "", {"sha256": "cd34"}),
        ]
        assert again[0].yanked == "bad"
        assert again[1].yanked == ""
        assert again[0].url == "https://us/l/files/ab12/a-1.tar.gz"


def test_only_distributions_of_the_project_belong_to_it():
    assert belongs("Little_Thing-1.0-py3-none-any.whl", "little-thing")
    assert belongs("little-thing-1.0.tar.gz", "little-thing")
    assert not belongs("little-thing-extra-1.0.tar.gz", "little-thing")
    assert not belongs("README.txt", "readme")


def test_the_environment_beats_the_configuration_files():
    settings = parse_settings(
        ":env:.index-url='https://user:p%40ss@mirror/simple/'\nglobal.index-url='https://other/simple'\n"
        "global.extra-index-url='file:///opt/simple'\nglobal.find-links='wheels'\nglobal.cert='/ca.pem'\n"
        "install.trusted-host='mirror'\n"
    )
    found = from_settings(settings)
    assert [one.url for one in found.sources] == [
        Path("wheels").absolute().as_uri(), "file:///opt/simple", "https://mirror/simple"
    ]
    assert found.sources[2].auth == ("user", "p@ss")
    assert (found.verify, found.trusted) == ("/ca.pem", ("mirror",))


def test_what_is_not_configured_is_pips_default_index(monkeypatch):
    from pip._internal.models.index import PyPI

    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert PyPI.simple_url in [one.url for one in read_configuration().sources]
    assert from_settings({}).sources == ()
    assert from_settings({"no-index": "true", "find-links": "/w"}).sources == (source("/w", links=True),)

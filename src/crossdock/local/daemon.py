"""The local AWS as a process: `python -m crossdock.local.daemon STATE`, configured by JSON on standard input.

It holds a lock on its state directory, writes AWS profiles and `server.json`, and serves until it is told to stop, or,
when bound to a parent, until the parent is gone.
"""

from __future__ import annotations

import configparser
import fcntl
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from crossdock.errors import LocalError
from crossdock.local.identity import Credentials

KEPT, ONCE = "kept", "once"
"""Below the state directory: the state of a local AWS that is kept, and of one that ends with who started it."""

LOOK_SECONDS = 5.0
"""How often a server looks whether its folder is still there."""


def main(argv: list[str]) -> int:
    state = Path(argv[1])
    settings = json.load(sys.stdin)
    state.mkdir(parents=True, exist_ok=True)
    lock = (state / "lock").open("w")
    if not _locked(lock):
        print(json.dumps({"error": f"another local AWS runs on {state}"}), flush=True)
        return 1
    for entry in state.iterdir():
        if entry.name not in ("lock", "server.log", KEPT):
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if settings["parent"]:
        threading.Thread(target=_watch, args=(settings["parent"], ended), daemon=True).start()
    try:
        _serve(state, settings, ended)
    except LocalError as error:
        print(json.dumps({"error": str(error), "hint": error.advice, "details": list(error.details)}), flush=True)
        return 1
    lock.close()
    return 0


def _locked(lock: IO[str]) -> bool:
    """Take the lock. Who only looks whether it is taken holds it for a moment, so that one try is not enough."""
    for _ in range(20):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def _serve(state: Path, settings: Mapping[str, Any], ended: threading.Event) -> None:
    from crossdock.local.companions import Companions
    from crossdock.local.front import application
    from crossdock.local.listening import listen
    from crossdock.local.server import LocalWorld

    keep = not settings["parent"]
    root = state / (KEPT if keep else ONCE)
    world = LocalWorld(
        root, accounts={i: n for n, i in settings["accounts"].items()},
        management=settings["accounts"][settings["shared"]],
        organization=settings["organization"], region=settings["region"], keep=keep,
    )

    try:
        server = listen(application(world), int(world.last_endpoint.rpartition(":")[2] or 0))
    except OSError:  # somebody else listens there now
        server = listen(application(world), 0)
    world.endpoint = f"http://127.0.0.1:{server.effective_port}"
    world.resume()
    keys = world.settle()
    write_profiles(state / "aws", settings, keys, world.endpoint)
    thread = threading.Thread(target=server.run, name="http", daemon=True)
    thread.start()
    world.start()
    companions = Companions(root / "companions", Path(settings["home"]))
    try:
        addresses = companions.start(settings["companions"])
    except LocalError:
        companions.stop()
        server.close()
        world.stop()
        raise
    ready = {"pid": os.getpid(), "endpoint": world.endpoint, "root": str(root), **settings, "companions": addresses}
    temporary = state / "server.json.new"
    temporary.write_text(json.dumps(ready), encoding="utf-8")
    temporary.replace(state / "server.json")
    print(json.dumps({"endpoint": world.endpoint}), flush=True)
    sys.stdout.close()
    os.close(1)
    while not ended.wait(LOOK_SECONDS):
        if not (state / "server.json").exists():  # the platform's folder was removed: nobody could find us any more
            break
    companions.stop()
    server.close()
    world.stop()
    (state / "server.json").unlink(missing_ok=True)


def _watch(descriptor: int, ended: threading.Event) -> None:
    """Ends us when the parent's end of the pipe closes."""
    while os.read(descriptor, 1):
        pass
    ended.set()


def write_profiles(
    directory: Path, settings: Mapping[str, Any], keys: Mapping[str, Credentials], endpoint: str
) -> None:
    """AWS profiles: `rehearsal`, an administrator of the shared account, and one named after each account."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    config, credentials = configparser.RawConfigParser(), configparser.RawConfigParser()
    for profile, account in {"rehearsal": settings["accounts"][settings["shared"]], **settings["accounts"]}.items():
        config[f"profile {profile}"] = {"region": settings["region"], "endpoint_url": endpoint, "output": "json"}
        credentials[profile] = {"aws_access_key_id": keys[account].access_key,
                                "aws_secret_access_key": keys[account].secret_key}
    for name, content in (("config", config), ("credentials", credentials)):
        descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            content.write(file)


if __name__ == "__main__":
    status = main(sys.argv)
    sys.stderr.flush()
    os._exit(status)  # everything is stopped and written; taking the interpreter apart would cost a second

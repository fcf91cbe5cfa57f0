"""The bare store of `door.py`: moto's own server, or its application behind the HTTP server that crossdock uses.

Usage: python benchmarks/bare_store.py own|waitress   prints its address, serves until standard input closes
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from pathlib import Path
from typing import Any

SERVER = Path(__file__).resolve().parent.parent / "src" / "crossdock" / "local" / "listening.py"


def listening() -> Any:
    """crossdock's HTTP server by its file: crossdock itself is not in the environment of the bare store."""
    spec = importlib.util.spec_from_file_location("listening", SERVER)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def main(which: str) -> None:
    if which == "own":
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print(f"http://127.0.0.1:{server.get_host_and_port()[1]}", flush=True)
    else:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        application = DomainDispatcherApplication(create_backend_app)
        waitress = listening().listen(application, 0)
        threading.Thread(target=waitress.run, daemon=True).start()
        print(f"http://127.0.0.1:{waitress.effective_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])

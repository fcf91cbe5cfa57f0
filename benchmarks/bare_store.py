"""The bare store of `door.py`: moto's own server, or its application behind the HTTP server that crossdock uses.

Usage: python benchmarks/bare_store.py own|waitress   prints its address, serves until standard input closes
"""

from __future__ import annotations

import sys
import threading


def main(which: str) -> None:
    if which == "own":
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print(f"http://127.0.0.1:{server.get_host_and_port()[1]}", flush=True)
    else:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from waitress.server import create_server

        application = DomainDispatcherApplication(create_backend_app)
        waitress = create_server(application, host="127.0.0.1", port=0, threads=32)
        threading.Thread(target=waitress.run, daemon=True).start()
        print(f"http://127.0.0.1:{waitress.effective_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])

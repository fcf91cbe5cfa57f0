"""One Valkey or Redis: configured, started, stopped. Its data outlives a stop, as a node's does that nobody reboots."""

from __future__ import annotations

import os
from pathlib import Path

from crossdock.local import certificate
from crossdock.local.beside import HOST
from crossdock.local.caches.installed import Installed
from crossdock.local.listener import Listener, Spawn

_READY = "Ready to accept connections"


class Server(Listener):
    """Its snapshot and its certificate are below its folder."""

    def __init__(self, folder: Path, *, installed: Installed, spawn: Spawn) -> None:
        super().__init__(folder, spawn)
        self._installed = installed

    def start(self, *, password: str, tls: bool) -> None:
        """Bring it up. `password`: of the user `default`, empty for none. Raises AwsError when it doesn't come up."""
        self.settle_port()
        settings = ["bind " + HOST, "daemonize no", f'dir "{self.folder}"', "save 3600 1", "databases 16",
                    "protected-mode no"]
        settings += self._tls() if tls else [f"port {self.port}"]
        if password:
            escaped = password.replace("\\", "\\\\").replace('"', '\\"')
            settings.append(f'requirepass "{escaped}"')
        # Told by the way of standard input: arguments can be seen by everybody on this machine.
        self.run([self._installed.program, "-"], env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                 ready=_READY, told="\n".join(settings) + "\n")

    def _tls(self) -> list[str]:
        paths = [self.folder / name for name in ("server.crt", "server.key")]
        if not paths[0].exists():
            for path, content in zip(paths, certificate.make(), strict=True):
                path.touch(mode=0o600)
                path.write_bytes(content)
        return ["port 0", f"tls-port {self.port}", f'tls-cert-file "{paths[0]}"', f'tls-key-file "{paths[1]}"',
                f'tls-ca-cert-file "{paths[0]}"', "tls-auth-clients no"]

    def stop(self) -> None:
        """SIGTERM lets it write its snapshot."""
        self.end()

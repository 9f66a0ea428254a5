"""supervisord's XML-RPC over its unix socket, with a deadline."""

import socket
import xmlrpc.client
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from actors.supervision.programs import TEMPLATE

PATIENCE_S = 1.0
SOCKET = "supervisord.sock"


class Away(Exception):
    """No supervisord answers."""


class SupervisionError(Exception):
    """Why supervisord does not do what it was asked, in one sentence."""


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path, patience_s: float) -> None:
        super().__init__("localhost")
        self._path, self._patience_s = path, patience_s

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self._patience_s)
        self.sock.connect(str(self._path))


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path, patience_s: float) -> None:
        super().__init__()
        self._path, self._patience_s = path, patience_s

    def make_connection(self, host: Any) -> HTTPConnection:
        """What is remembered is closed with the proxy, and whenever it fails."""
        connection = _UnixConnection(self._path, self._patience_s)
        self._connection = host, connection
        return connection


class Supervisor:
    """The one of this run directory, else the one that was started alone beside its file."""

    def __init__(self, run_dir: Path, patience_s: float = PATIENCE_S) -> None:
        own, alone = run_dir / SOCKET, TEMPLATE.parent / SOCKET
        self._path = own if own.exists() or not alone.exists() else alone
        self._patience_s = patience_s

    def call(self, method: str, *arguments: Any) -> Any:
        """`supervisor.<method>`; raises `Away`, or `SupervisionError` with supervisord's words."""
        transport = _UnixTransport(self._path, self._patience_s)
        try:
            with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            raise SupervisionError(f"supervisord: {fault.faultString}") from None
        except (OSError, HTTPException, xmlrpc.client.ProtocolError) as error:
            raise Away(f"{self._path}: {error}") from error

    def processes(self) -> dict[str, dict[str, Any]]:
        """What it says of each process, by full name such as `retinue:camera-0`."""
        return {f"{info['group']}:{info['name']}": info for info in self.call("getAllProcessInfo")}

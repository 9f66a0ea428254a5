"""What listens in a test's own server: a thread that accepts, and one for each connection."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

DEADLINE_S = 20


class Listening:
    """`converse` has each connection in turn, after the handshake if there is a `context`."""

    def __init__(
        self, context: ssl.SSLContext | None, converse: Callable[[socket.socket], None]
    ) -> None:
        self._context, self._converse = context, converse
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def scheme(self) -> str:
        return "https" if self._context else "http"

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join(DEADLINE_S)
            assert not thread.is_alive(), "a connection is still open"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(DEADLINE_S)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        # whatever breaks off here is the client's right: it is judged by what it says then
        with contextlib.suppress(OSError), connection:
            if self._context is None:
                self._converse(connection)
                return
            with self._context.wrap_socket(connection, server_side=True) as wrapped:
                self._converse(wrapped)

"""A real broker that keeps its sessions when it is stopped."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

from benchmarks.table import Missing

START_S, STOP_S, LOOK_S = 10.0, 10.0, 0.02
SETTINGS = """\
listener {port} 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location {folder}/
max_queued_messages 0
log_dest none
"""


class Mosquitto:
    """Starts on the same port each time, with what it had."""

    def __init__(self, folder: Path, port: int) -> None:
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")
        if not program:
            raise Missing("mosquitto is not installed: apt-get install mosquitto")
        self.port, self._file = port, folder / "mosquitto.conf"
        self._file.write_text(SETTINGS.format(port=port, folder=folder))
        self._command = [program, "-c", str(self._file)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it listens."""
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        end_s = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            except OSError as error:
                if time.monotonic() > end_s:
                    raise Missing(f"mosquitto did not start: {error}") from error
                time.sleep(LOOK_S)
            else:
                return

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(STOP_S)
            self._process = None

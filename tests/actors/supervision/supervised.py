"""A real supervisord over programs that do nothing, named as a device's actors."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.supervision.supervisor import Supervisor

CONF = """
[supervisord]
nodaemon=true
pidfile={folder}/supervisord.pid
childlogdir={folder}
logfile=/dev/null
[unix_http_server]
file={folder}/supervisord.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[group:retinue]
programs={names}
"""
PROGRAM = """
[program:{name}]
command={command}
autostart={autostart}
autorestart=unexpected
exitcodes=78
startsecs=0
stopwaitsecs=1
"""
IDLE = "/bin/sleep 600"
DEAF = '/bin/sh -c "trap : TERM; while :; do /bin/sleep 600; done"'
IDLE_BUT_DOWN = "down"


@contextmanager
def supervised(folder: Path, programs: dict[str, str]) -> Iterator[Supervisor]:
    """With a command for each program; `IDLE_BUT_DOWN` was stopped by somebody."""
    text = CONF.format(folder=folder, names=",".join(programs))
    for name, command in programs.items():
        down = command == IDLE_BUT_DOWN
        text += PROGRAM.format(
            name=name, command=IDLE if down else command, autostart=str(not down).lower()
        )
    conf = folder / "supervisord.conf"
    conf.write_text(text)
    command_line = [sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert any(b"supervisord started" in line for line in process.stdout)
        supervisor = Supervisor(folder)
        try:
            yield supervisor
        finally:
            supervisor.call("shutdown")
            process.communicate(timeout=20)

"""`retinue up`: check everything, then become supervisord in the same process."""

import fcntl
import os
import stat
import sys
from pathlib import Path
from typing import NoReturn

import typer

from actors.config import Config, load
from actors.tenancy import make_room
from bus.memory import available_bytes
from cli import place
from cli.memory import pools_bytes
from cli.programs import conf_for
from cli.refusal import NO_ACCESS, NO_MEMORY, Refused
from cli.target import CONF, ConfigFile, chosen
from cli.welcome import announcement, spelled_here


def up(config: ConfigFile = None) -> NoReturn:
    """Start everything and stay in front; SIGTERM or Ctrl-C ends it all."""
    file = chosen(config)
    device = load(file)
    _plug_standard_streams()
    place.take(device.run)
    ended = place.clear(device.run)
    check_memory(device)
    log_dir = None if stdout_opens() else _log_dir(device.state)
    conf = device.run / CONF
    conf.write_text(conf_for(device, file, log_dir=log_dir))
    if ended:
        typer.echo(f"ended what a killed supervisord left: {', '.join(map(str, ended))}")
    typer.echo(announcement(device, file, spelled_here()))
    if log_dir:
        typer.echo(f"Logs in {log_dir}.")
    command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(conf)]
    os.execve(sys.executable, command, environment(device, file))  # noqa: S606 no shell


def environment(device: Config, file: Path) -> dict[str, str]:
    """What every actor inherits: this configuration, this Python, nothing from the folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return os.environ | {
        "PATH": path,
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "RETINUE_CONFIG": str(file),
        "RETINUE_RUN": device.run_dir,
        "RETINUE_STATE": device.state_dir,
    }


def check_memory(device: Config) -> None:
    """Refuse pools that cannot fit, before anything is started that would fail one by one."""
    wanted = pools_bytes(device)
    available = available_bytes()
    if sum(wanted.values()) > available:
        each = ", ".join(f"{name} {size:,}" for name, size in wanted.items())
        raise Refused(
            f"frame pools of {sum(wanted.values()):,} bytes ({each}) do not fit into the "
            f"{available:,} available; set fewer frames.slots or smaller cameras",
            NO_MEMORY,
        )


def stdout_opens() -> bool:
    """Programs log by opening /dev/fd/1, which a socket (the journal's) refuses."""
    try:
        os.close(os.open("/dev/fd/1", os.O_WRONLY | os.O_APPEND))
    except OSError:
        return False
    return True


def _plug_standard_streams() -> None:
    """Closed ones become /dev/null; a file is appended to, as it has several writers."""
    for fd in range(3):
        try:
            mode = os.fstat(fd).st_mode
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
            os.set_inheritable(opened, True)  # noqa: FBT003 as the call has it
            continue
        if stat.S_ISREG(mode):
            flags = fcntl.fcntl(fd, fcntl.F_GETFL)
            fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_APPEND)


def _log_dir(state_dir: Path) -> Path:
    try:
        return make_room(state_dir, "log")
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}; set RETINUE_STATE", NO_ACCESS) from None

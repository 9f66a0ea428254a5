"""`retinue check`: is this configuration good?"""

from pathlib import Path

import typer

from actors.config import Config, load
from cli.memory import pools_bytes
from cli.target import ConfigFile, chosen


def check(config: ConfigFile = None) -> None:
    """Check a configuration without starting anything; exit code 78 if it is bad."""
    file = chosen(config)
    device = load(file)
    for warning in missing(device):
        typer.echo(f"warning: {warning}", err=True)
    typer.echo(f"ok: {file}: {summary(device)}")


def missing(device: Config) -> list[str]:
    """Files the configuration names that are not there (now: they may come later)."""
    named = [
        (f"camera[{at}].source = {camera.address.shown!r}", camera.address.target)
        for at, camera in enumerate(device.camera)
        if camera.address.kind in {"file", "v4l2"}
    ]
    named += [
        (f"inference[{at}].model = {entry.model!r}", str(entry.package))
        for at, entry in enumerate(device.inference)
        if entry.model
    ]
    return [f"{key}: no such file from {Path.cwd()}" for key, path in named if not exists(path)]


def exists(path: str) -> bool:
    """Whether there is something at the path that this user may see."""
    try:
        return Path(path).exists()
    except OSError:
        return False


def summary(device: Config) -> str:
    """The device in one line."""
    cameras = ", ".join(f"{camera.name} ({camera.address.shown})" for camera in device.camera)
    models = ", ".join(f"{entry.name} ({entry.model or 'no model'})" for entry in device.inference)
    megabytes = sum(pools_bytes(device).values()) / 1e6
    return (
        f"cameras {cameras}; inference {models or 'none'}; rtsp {device.rtsp.bind}:"
        f"{device.rtsp.port}; frame pools of known size {megabytes:.0f} MB; run {device.run}"
    )

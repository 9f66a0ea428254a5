"""`retinue model check`: what admission says of a package, with nothing installed."""

import sys
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from actors.config import Config, Inference
from actors.models.remote import Stopped
from actors.package.admission import Verdict
from cli.bar import Bar
from cli.model.naming import SlotName, entry_of
from cli.model.pulling import stopping
from cli.model.waiting import INTERRUPTED
from cli.refusal import Refused
from cli.target import ConfigFile, running


def check(
    package: Annotated[Path, typer.Argument(help="A folder, a .zip, a sealed package, a model")],
    slot: SlotName = None,
    config: ConfigFile = None,
) -> None:
    """Try a package as an installation would, and say all that is found; exit code 1 if refused."""
    device = running(config)
    entry = entry_of(device, slot) if slot or len(device.inference) == 1 else Inference("any")
    verdict = tried(package, device, entry)
    if verdict.reason:
        raise Refused(f"{package}: refused: {verdict.reason}")
    for key, value in findings(verdict):
        typer.echo(f"{key:<10} {value}")
    typer.echo(f"ok: {package}")


def tried(package: Path, device: Config, entry: Inference) -> Verdict:
    """What the admission process says of it, each of its steps being shown."""
    if not package.exists():
        raise Refused(f"{package}: there is no such file or folder")
    bar = Bar(sys.stderr)
    with tempfile.TemporaryDirectory(prefix="retinue-") as folder, stopping() as stop:
        try:
            return _verdict(package, device, entry, Path(folder), (stop, bar))
        except Stopped:
            raise Refused("stopped", INTERRUPTED) from None
        finally:
            bar.end()


def _verdict(
    package: Path,
    device: Config,
    entry: Inference,
    folder: Path,
    watched: tuple[threading.Event, Bar],
) -> Verdict:
    from actors.models.admitting import admit, request_for  # noqa: PLC0415 only here

    stop, bar = watched
    request = request_for(package, folder, device.models, entry)
    return admit(request, device.models.admission_s, stop, bar.show)


def findings(verdict: Verdict) -> list[tuple[str, str]]:
    signed = verdict.signed_by or "nobody"
    found = [
        ("name", verdict.name),
        ("version", verdict.version),
        ("family", verdict.family),
        ("licence", verdict.licence or "not said"),
        ("device", f"{verdict.device}, OpenVINO {verdict.openvino.partition('-')[0]}"),
        ("latency", f"{verdict.latency_ms:.1f} ms, median"),
        ("digest", verdict.digest),
        ("signed by", signed),
    ]
    if verdict.sealed:
        found.append(("sealed", "yes"))
    return [*found, *(("note", note) for note in verdict.notes)]

"""Memory of the whole group with one 720p camera, by process: resident and proportional."""

from pathlib import Path

from benchmarks import device
from benchmarks.processes import run_dir
from benchmarks.table import Row
from bus.messages import Frame, Health, Result
from bus.topics import HEALTH, OVERLAID

CAMERA = {"source": "scene:", "width": 1280, "height": 720, "fps": 30}
SECONDS = 5
MB = 1024


def measure(*, quick: bool) -> list[Row]:
    """After some seconds with a viewer. PSS shares pages among those that map them."""
    with run_dir() as run:
        port = device.free_port()
        device.write_config(run, CAMERA, device.BUILT_IN, rtsp={"port": port})
        with device.whole(run) as supervisord:
            device.first(run, *device.results(), kind=Result)
            device.first(run, OVERLAID.of(camera=device.CAMERA), kind=Frame)
            with device.view(port) as viewer:
                packets = viewer.demux(video=0)
                for _ in range(30 * (1 if quick else SECONDS)):
                    next(packets)
                pids = {"supervisord": supervisord, **_actors(run)}
                sizes = {name: _sizes(pid) for name, pid in pids.items()}
    rows = [
        Row(f"memory of {name}, RSS (PSS)", f"{rss / MB:.0f} MiB ({pss / MB:.0f} MiB)")
        for name, (rss, pss) in sizes.items()
    ]
    rss, pss = (sum(size) for size in zip(*sizes.values(), strict=True))
    whole = f"{rss / MB:.0f} MiB ({pss / MB:.0f} MiB)"
    return [*rows, Row("memory of the whole group, 720p, one viewer", whole)]


def _actors(run: Path) -> dict[str, int]:
    names = sorted(path.stem for path in (run / "bus").glob("*.sock"))
    return {name: device.first(run, HEALTH.of(actor=name), kind=Health).pid for name in names}


def _sizes(pid: int) -> tuple[int, int]:
    """Resident and proportional set size in KiB."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, _, value = line.partition(":")
        fields[key] = int(value.split()[0])
    return fields["Rss"], fields["Pss"]

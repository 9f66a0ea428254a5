"""What the outbox costs: CPU time a letter, a day offline, and how long the disk takes."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from actors.telemetry.letter import Letter
from actors.telemetry.outbox.outbox import Outbox
from actors.telemetry.outbox.room import Limits
from benchmarks.quiet import wait_for_quiet
from benchmarks.table import Row

LETTERS_HZ, TURNS_HZ = 30, 10
MOST_OF_A_CORE = 0.02  # with what it takes to hand the letters to a sink
DAY_S, OFFLINE_HZ, TURN_S = 86400, 10, 10
MOST_GROWTH_MIB = 16.0
MIB, SECOND_NS, NOW_NS = 1024 * 1024, 10**9, 1_800_000_000 * 10**9
WIDE = Limits(2048 * MIB, 10 * DAY_S, late_hz=1e9, spare_bytes=0)
BODY = b'{"NEURAL_NETWORK": [%s]}' % b", ".join([b'{"label": "person", "score": 0.875}'] * 10)


def measure(*, quick: bool) -> list[Row]:
    wait_for_quiet()
    return [*on_disk(20 if quick else 120), *offline(DAY_S // 24 if quick else DAY_S)]


def on_disk(seconds: int) -> list[Row]:
    """All turns one after the other: the CPU time counts, and how long each `accept` waits."""
    waits_ms: list[float] = []
    with outbox(durable=True) as (box, _):
        start_s = time.process_time()
        for turn in range(seconds * TURNS_HZ):
            now_ns = NOW_NS + turn * SECOND_NS // TURNS_HZ
            began_s = time.perf_counter()
            box.accept(letters(LETTERS_HZ // TURNS_HZ), now_ns)
            waits_ms.append(1e3 * (time.perf_counter() - began_s))
            box.confirm("cloud", [each.id for each in box.next("cloud", now_ns, 100)])
        cpu_s = time.process_time() - start_s
    share, letter_us = cpu_s / seconds, 1e6 * cpu_s / (seconds * LETTERS_HZ)
    p99_ms = statistics.quantiles(waits_ms, n=100)[98]
    return [
        Row(
            f"outbox, {LETTERS_HZ} letters/s in {TURNS_HZ} turns/s, one sink",
            f"{100 * share:.2f} % of a core ({letter_us:.0f} us a letter)",
            bar=f"<= {100 * MOST_OF_A_CORE:g} %",
            met=share <= MOST_OF_A_CORE,
        ),
        Row(
            "outbox, accept until on disk",
            f"p50 {statistics.median(waits_ms):.2f}, p99 {p99_ms:.2f} ms",
        ),
    ]


def offline(seconds: int) -> list[Row]:
    """Nothing is confirmed, then all is handed out."""
    with outbox(durable=False) as (box, folder):
        before_bytes, start_s = memory_bytes(), time.process_time()
        for turn in range(seconds // TURN_S):
            box.accept(letters(OFFLINE_HZ * TURN_S), NOW_NS + turn * TURN_S * SECOND_NS)
        kept_s, size = time.process_time() - start_s, box.size()
        now_ns, start_s, came = NOW_NS + seconds * SECOND_NS, time.process_time(), 0
        while given := box.next("cloud", now_ns, 100):
            box.confirm("cloud", [each.id for each in given])
            box.accept([], now_ns)
            came += len(given)
        drained_s = time.process_time() - start_s
        growth_mib = (memory_bytes() - before_bytes) / MIB
        left_mib = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / MIB
    us = 1e6 / size.letters
    what = f"outbox, {seconds // 3600} h offline at {OFFLINE_HZ}/s"
    return [
        Row(
            f"{what}: letters kept and handed out",
            f"{came:,} of {seconds * OFFLINE_HZ:,}, {kept_s * us:.0f} + {drained_s * us:.0f} us",
            bar="all",
            met=came == seconds * OFFLINE_HZ,
        ),
        Row(
            f"{what}: file, and what is left of it",
            f"{size.file_bytes / MIB:.0f}, {left_mib:.0f} MiB",
        ),
        Row(
            f"{what}: memory",
            f"{growth_mib:+.1f} MiB",
            bar=f"<= {MOST_GROWTH_MIB:g} MiB",
            met=growth_mib <= MOST_GROWTH_MIB,
        ),
    ]


@contextmanager
def outbox(*, durable: bool) -> Iterator[tuple[Outbox, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outbox.db"
        with closing(Outbox(path, ["cloud"], WIDE, durable=durable)) as box:
            yield box, path.parent


def letters(count: int) -> list[Letter]:
    return [Letter("results/front/street", 0, BODY, "percept", created_utc_ns=NOW_NS)] * count


def memory_bytes() -> int:
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("RssAnon:") + 1]) * 1024

"""Runs all benchmarks, or those named, and prints one table."""

import argparse
import importlib
import platform
import sys
from pathlib import Path

from benchmarks.table import Missing, Row, markdown, plain

ALL = (
    "hop",
    "reader",
    "inference",
    "clip",
    "result",
    "picture",
    "scene",
    "start",
    "recovery",
    "swap",
    "outbox",
    "telemetry",
    "arrival",
    "memory",
)


def main() -> None:
    options = parse()
    rows: list[Row] = []
    for name in options.names or ALL:
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            module = importlib.import_module(f"benchmarks.{name}")
            found: list[Row] = module.measure(quick=options.quick)
        except (Missing, ImportError) as reason:
            found = [Row(name, f"not measured: {reason}")]
        rows += found
        print(plain(found), file=sys.stderr, flush=True)
    print(machine())
    print(markdown(rows) if options.markdown else plain(rows))
    sys.exit(any(row.met is False for row in rows))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *ALL], metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--quick", action="store_true", help="shorter and less certain")
    parser.add_argument("--markdown", action="store_true", help="the table for a document")
    return parser.parse_args()


def machine() -> str:
    """What it was measured on."""
    cpus = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    model = cpus[0] if cpus else platform.machine()
    return (
        f"{len(cpus)} x {model}, Linux {platform.release()}, Python {platform.python_version()}\n"
    )


if __name__ == "__main__":
    main()

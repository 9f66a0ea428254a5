"""A reader process of `lines`: says "ready" at its first frame, and at the end what it saw."""

import json
import sys
import time
from pathlib import Path

from benchmarks.lines import END, read


def main() -> None:
    kind, run_dir, name, width, height = sys.argv[1:]
    hops_ns: list[int] = []
    spent_ns: list[int] = []
    for sent_ns in read(kind, Path(run_dir), name, (int(width), int(height))):
        now_ns = time.monotonic_ns()
        if not hops_ns:
            print("ready", flush=True)
        if sent_ns == END:
            break
        hops_ns.append(now_ns - sent_ns)
        spent_ns.append(time.process_time_ns())
    print(json.dumps({"hops_ns": hops_ns, "spent_ns": spent_ns}), flush=True)


if __name__ == "__main__":
    main()

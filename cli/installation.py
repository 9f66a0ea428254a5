"""Install what a lock file names, with a bar to follow: `python -m cli.installation LOCK`.

It runs pip and reads what that says. It comes before all packages: only the standard library.
"""

import os
import re
import select
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

LOOK_S = 0.2
BAR_CHARS = 24
# Half the time: the lock names every dependency, and who imports a module first compiles it.
QUICK = ("--no-deps", "--no-compile")
QUIETER = ("--disable-pip-version-check", "--progress-bar", "off")
PIP = ("-m", "pip", "install", *QUIETER, *QUICK, "-r")
NAMED = re.compile(
    r"(?:Collecting |Requirement already satisfied: |Processing (?:\S*/)?)([\w.-]+?)(?=[=<>]|-\d| )"
)
SIZE = re.compile(r" +Downloading .*(\([\d.]+ [kMG]B\))")
DIRECTLY = "(from -r"  # in pip's line on a package that the file itself names


class Progress:
    """How far pip is, folded from its lines (pure)."""

    def __init__(self, lock: str) -> None:
        self.wanted = len(re.findall(r"^[\w.-]+==", lock, re.MULTILINE))
        self.fetched = 0
        self.fetching = ""
        self.to_unpack: list[str] = []
        self.unpacked = 0

    def heard(self, line: str) -> None:
        named = NAMED.match(line)
        if line.startswith("Ignoring "):  # not for this Python or system
            self.wanted -= 1
        elif named and DIRECTLY in line:
            self.fetched, self.fetching = self.fetched + 1, named[1]
        elif line.startswith("Installing collected packages: "):
            self.to_unpack = line.partition(": ")[2].replace(",", " ").split()
            self.fetched = self.wanted
        elif size := SIZE.match(line):
            self.fetching = f"{self.fetching.partition(' ')[0]} {size[1]}"

    def found(self, count: int) -> None:
        """So many packages are in their place that were not there before."""
        self.unpacked = min(count, len(self.to_unpack))

    def line(self) -> str:
        if not self.to_unpack:
            return f"packages: fetching   {_bar(self.fetched, self.wanted)} {self.fetching}"
        current = self.to_unpack[self.unpacked :][:1]
        return f"packages: unpacking  {_bar(self.unpacked, len(self.to_unpack))} {''.join(current)}"


def _bar(done: int, wanted: int) -> str:
    full = BAR_CHARS * done // max(1, wanted)
    return f"[{'#' * full:.<{BAR_CHARS}}] {done}/{wanted}"


def install(lock: Path) -> int:
    """pip's exit code; what it said is told only when it failed."""
    before, progress, said = installed(), Progress(lock.read_text()), list[str]()
    with subprocess.Popen(  # noqa: S603 this Python's own pip
        [sys.executable, *PIP, str(lock)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as pip:
        assert pip.stdout is not None  # noqa: S101 for the type checker
        shown = ""
        for line in lines_of(pip.stdout):
            said.append(line)
            progress.heard(line)
            if progress.to_unpack:
                progress.found(len(installed() - before))
            shown = show(progress.line(), shown)
    progress.found(len(installed() - before))
    show(progress.line(), shown)
    sys.stderr.write("\n" if sys.stderr.isatty() else "")
    if pip.returncode:
        sys.stderr.write("\n".join(line for line in said if line) + "\n")
    return pip.returncode


def lines_of(stream: IO[bytes]) -> Iterator[str]:
    """Lines as they come, "" whenever none came for a moment."""
    rest = b""
    while True:
        if not select.select([stream], [], [], LOOK_S)[0]:
            yield ""
            continue
        read = os.read(stream.fileno(), 65536)
        if not read:
            return
        *lines, rest = (rest + read).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)


def installed() -> set[str]:
    return {path.name for path in Path(sysconfig.get_path("purelib")).glob("*.dist-info")}


def show(line: str, shown: str) -> str:
    """On a terminal over the line before; elsewhere only when another thing begins."""
    if sys.stderr.isatty():
        columns = shutil.get_terminal_size().columns
        sys.stderr.write(f"\r{line[: columns - 1]}\x1b[K")
    elif line.partition("[")[0] != shown.partition("[")[0]:
        sys.stderr.write(f"{line.partition('[')[0].rstrip()}\n")
    sys.stderr.flush()
    return line


def main(arguments: Iterable[str]) -> int:
    [lock] = arguments
    try:
        return install(Path(lock))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

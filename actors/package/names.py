"""Names of files in a package (pure): relative POSIX paths that mean the same on every system.

A name that breaks a rule is refused, never repaired: who repairs decides what it means.
"""

import re
import unicodedata
from collections.abc import Iterable

# What ends a line, or turns the direction of writing on a terminal.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
LONGEST_BYTES = 200  # of the whole path, in UTF-8
DEEPEST = 8  # parts, the file's own among them


def broken_rule(name: str) -> str:
    """The rule that a file's name breaks; empty if it is good."""
    parts = name.split("/")
    broken = {
        "a name is not empty": not name,
        # nor half characters, nor what nobody sees
        "a name has no control or invisible characters": not name.isprintable(),
        "a path is written with / alone, without backslash, colon or drive": set("\\:") & set(name),
        "a path is relative to the package": name.startswith("/"),
        "a path has no empty part, no . and no ..": {"", ".", ".."} & set(parts),
        f"a path has at most {LONGEST_BYTES} bytes": len(name.encode(errors="replace"))
        > LONGEST_BYTES,
        f"a path has at most {DEEPEST} parts": len(parts) > DEEPEST,
    }
    return next((rule for rule, is_broken in broken.items() if is_broken), "")


def clash(names: Iterable[str]) -> str:
    """Two names that would be one somewhere, and why, as a sentence; empty if there are none.

    A name that ends in / is a folder. Case and the ways to write an accent do not tell two
    names apart: there are file systems on which they do not.
    """
    spelled: dict[str, str] = {}  # what all spellings share, to the spelling met first
    given: set[str] = set()
    for name in names:
        if name in given:
            return f"{shown(name)}: is there twice"
        given.add(name)
        *folders, file = _steps(name)
        for step in (*folders, file):
            other = spelled.setdefault(_folded(step), step)
            if other.rstrip("/") != step.rstrip("/"):
                return f"{shown(other)} and {shown(step)}: differ in case or accents alone"
            if other != step:
                return f"{shown(step.rstrip('/'))}: is both a file and a folder"
    return ""


def shown(name: str) -> str:
    """A name, however odd, as a message may quote it."""
    return repr(name[:LONGEST_BYTES])


def _steps(name: str) -> Iterable[str]:
    """`a/`, `a/b/`, `a/b/c` of `a/b/c`."""
    at = name.find("/")
    while 0 <= at < len(name) - 1:
        yield name[: at + 1]
        at = name.find("/", at + 1)
    yield name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.rstrip("/").casefold())

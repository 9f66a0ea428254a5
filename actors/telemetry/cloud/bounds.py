"""What the hub lets a twin hold, and how a report keeps within it (pure).

Azure IoT Hub: 32 KB of reported properties, strings of at most 4 KB, whole numbers of 53 bits,
objects ten deep, no empty keys, and no `.`, `$`, space or control character in one. What does not
fit is cut, details first, and `cut` says so.
"""

import json
from collections.abc import Mapping
from typing import Any

Tree = dict[str, Any]

LARGEST_BYTES = 28 * 1024  # the rest is for others' reported properties
LONGEST_BYTES = 4000
SHORTER_BYTES = (400, 100)
SECTIONS = ("health", "addresses", "models")
WELL = {"running", "standby", "starting", "stopping"}
CUT = "cut"


def bounded(truth: Tree) -> Tree:
    tree = _shortened(truth, LONGEST_BYTES)
    cuts = []
    for longest in SHORTER_BYTES:
        if size_bytes(tree) > LARGEST_BYTES:
            tree = _shortened(tree, longest)
            cuts = [f"texts end after {longest} bytes"]
    left_out: dict[str, int] = {}
    while size_bytes(tree) > LARGEST_BYTES and any(section in tree for section in SECTIONS):
        section = max(SECTIONS, key=lambda name: size_bytes(tree.get(name, {})))
        members = tree[section]
        kept = _troubled_first(members)[: len(members) // 2]
        left_out[section] = left_out.get(section, 0) + len(members) - len(kept)
        rest = {name: value for name, value in tree.items() if name != section}
        tree = {**rest, section: {name: members[name] for name in kept}} if kept else rest
    cuts += [f"{count} of {section} are left out" for section, count in left_out.items()]
    return {**tree, CUT: "; ".join(cuts)} if cuts else tree


def size_bytes(tree: object) -> int:
    """At least what JSON takes, and what the hub counts, which is 8 bytes for a number."""
    match tree:
        case Mapping():
            return 2 + sum(len(str(key).encode()) + 6 + size_bytes(tree[key]) for key in tree)
        case str():
            return len(json.dumps(tree, ensure_ascii=False).encode())
    return 20 if isinstance(tree, float) else 17


def _shortened(tree: Tree, longest_bytes: int) -> Tree:
    """Without control characters, and with an ellipsis where a text was cut."""
    short: Tree = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            short[key] = _shortened(value, longest_bytes)
        else:
            short[key] = _fit(value, longest_bytes) if isinstance(value, str) else value
    return short


def _fit(text: str, longest_bytes: int) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    data = plain.encode()
    if len(data) <= longest_bytes:
        return plain
    return data[: longest_bytes - 3].decode(errors="ignore") + "…"


def _troubled_first(members: Tree) -> list[str]:
    def is_well(name: str) -> bool:
        return members[name].get("state") in WELL

    return sorted(members, key=is_well)

"""A file system that remembers what a power cut may take: every outcome that POSIX allows.

A file's content and mode last once it was synced; before that it may hold what it held, nothing,
a part, or zeros of the right length. A name lasts once its folder was synced; before that each
name in it points, independently of all others, to what it pointed to at any time since. So a
rename may be seen half: under both names, or under none.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from actors.store.disk import Disk

MOST_OUTCOMES = 64  # of one moment; of more, a choice

Kind = Literal["folder", "write", "sync", "rename", "remove", "mode", "done"]


class Event(NamedTuple):
    """One change that the disk was asked for; `done` marks the end of an operation."""

    kind: Kind
    path: Path
    new: Path = Path()
    data: bytes = b""
    mode: int = 0


class Killed(Exception):
    """The process is no more."""


class Recorder(Disk):
    """Does it, and takes it down. Whoever asks is killed after so many events, if any."""

    def __init__(self, most_events: int = 0) -> None:
        self.events: list[Event] = []
        self.most_events = most_events

    def done(self) -> None:
        self._add(Event("done", Path()))

    def _add(self, event: Event) -> None:
        if self.most_events and len(self.events) >= self.most_events:
            raise Killed
        self.events.append(event)

    def make_folder(self, path: Path) -> None:
        self._add(Event("folder", path))
        super().make_folder(path)

    def write(self, path: Path, data: bytes) -> None:
        self._add(Event("write", path, data=data))
        super().write(path, data)

    def sync(self, path: Path) -> None:
        self._add(Event("sync", path))
        super().sync(path)

    def rename(self, old: Path, new: Path) -> None:
        self._add(Event("rename", old, new))
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._add(Event("remove", path))
        super().remove(path)

    def remove_folder(self, path: Path) -> None:
        self._add(Event("remove", path))
        super().remove_folder(path)

    def restrict(self, path: Path, mode: int) -> None:
        self._add(Event("mode", path, mode=mode))
        super().restrict(path, mode)


@dataclass
class Node:
    """A file or folder. Of each list the last is what processes see, any of it what may last."""

    folder: bool
    modes: list[int]
    contents: list[bytes] = field(default_factory=lambda: [b""])
    names: dict[str, list["Node | None"]] = field(default_factory=dict)

    def sync(self) -> None:
        self.modes = self.modes[-1:]
        self.contents = self.contents[-1:]
        self.names = {name: found[-1:] for name, found in self.names.items()}


Choices = dict[object, int]  # by what there is a choice of: which
Left = dict[str, tuple[int, bytes | None]]  # by path: mode and content; folders have none


class Memory:
    """The tree below `root`, which was there and lasts."""

    def __init__(self, root: Path) -> None:
        self._root, self._top = root, Node(folder=True, modes=[0o700])

    def apply(self, event: Event) -> None:
        match event.kind:
            case "folder":
                self._bind(event.path, Node(folder=True, modes=[0o700]))
            case "write":
                self._write(event.path, event.data)
            case "sync":
                if event.path.is_relative_to(self._root):  # what is above lasts anyway
                    self._node(event.path).sync()
            case "rename":
                moved = self._node(event.path)
                self._bind(event.path, None)
                self._bind(event.new, moved)
            case "remove":
                self._bind(event.path, None)
            case "mode":
                self._node(event.path).modes.append(event.mode)

    def outcomes(self, seed: int) -> Iterator[Left]:
        """Trees that may be left."""
        open_choices = [(key, count) for key, count in self._choices() if count > 1]
        counts = [count for _, count in open_choices]
        dice = random.Random(seed)  # noqa: S311 no secret
        total = 1
        for count in counts:
            total *= count
        ways: Iterator[tuple[int, ...]] = itertools.product(*map(range, counts))
        if total > MOST_OUTCOMES:
            ways = _some(counts, dice)
        for way in ways:
            chosen: Choices = {key: at for (key, _), at in zip(open_choices, way, strict=True)}
            tree: Left = {}
            self._take("", self._top, chosen, tree)
            yield tree

    def _choices(self) -> Iterator[tuple[object, int]]:
        seen: set[int] = set()
        waiting = [self._top]
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield (id(node), "mode"), len(node.modes)
            yield (id(node), "content"), len(node.contents)
            for name, found in node.names.items():
                yield (id(node), name), len(found)
                waiting += [each for each in found if each]

    def _take(self, path: str, node: Node, chosen: Choices, tree: Left) -> None:
        for name, found in node.names.items():
            inside = found[chosen.get((id(node), name), 0)]
            if inside:
                place = f"{path}/{name}" if path else name
                mode = inside.modes[chosen.get((id(inside), "mode"), 0)]
                content = inside.contents[chosen.get((id(inside), "content"), 0)]
                tree[place] = mode, None if inside.folder else content
                self._take(place, inside, chosen, tree)

    def _write(self, path: Path, data: bytes) -> None:
        folder, name = self._node(path.parent), path.name
        found = folder.names.get(name, [None])[-1]
        if found is None:
            found = Node(folder=False, modes=[0o600])
            self._bind(path, found)
        found.contents += [b"", data[: len(data) // 2], bytes(len(data)), data]

    def _bind(self, path: Path, node: Node | None) -> None:
        self._node(path.parent).names.setdefault(path.name, [None]).append(node)

    def _node(self, path: Path) -> Node:
        node = self._top
        for part in path.relative_to(self._root).parts:
            inside = node.names[part][-1]
            assert inside, path
            node = inside
        return node


def _some(counts: list[int], dice: random.Random) -> Iterator[tuple[int, ...]]:
    """Nothing lasted, all did, each alone did or did not, and a few dozen by chance."""
    oldest, newest = tuple(0 for _ in counts), tuple(count - 1 for count in counts)
    yield oldest
    yield newest
    for at, count in enumerate(counts):
        yield (*oldest[:at], count - 1, *oldest[at + 1 :])
        yield (*newest[:at], 0, *newest[at + 1 :])
    for _ in range(MOST_OUTCOMES):
        yield tuple(dice.randrange(count) for count in counts)


def lay_out(tree: Left, root: Path) -> None:
    """Make it on the real disk, in a new folder. Folders come first, and are closed last."""
    root.mkdir()
    for path in sorted(tree):
        content = tree[path][1]
        if content is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(content)
    for path in sorted(tree, reverse=True):
        (root / path).chmod(tree[path][0])


def taken_up(root: Path) -> Left:
    """What lies on the real disk, as `lay_out` would make it."""
    return {
        str(path.relative_to(root)): (
            path.stat().st_mode & 0o777,
            path.read_bytes() if path.is_file() else None,
        )
        for path in root.rglob("*")
    }

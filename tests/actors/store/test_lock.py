"""One writer at a time, in folders that are there and its own."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors.store.disk import Disk
from actors.store.store import Store
from actors.store.trouble import StoreError
from tests.actors.store.rig import BACK, FRONT, NOW, activate, activate_good, add
from tests.actors.store.steps import OPERATIONS, Step, performed
from tests.actors.store.watched import AtPoint, Watched
from tests.programs import root

ROOT = Path(__file__).parents[3]
TIMES = 150
DEADLINE_S = 20.0
WRITE = f"""
import sys
from pathlib import Path
from tests.actors.store.rig import FRONT, NOW, record
from actors.store.store import Store
store, name = Store(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for version in range({TIMES}):
    store.reload(FRONT)
    store.quarantine(record(name, str(version)).digest, name, NOW)
"""
HOLD = """
import sys
from pathlib import Path
from actors.store.disk import Disk
with Disk().locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def started(code: str, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_two_who_write_at_once_lose_nothing(swift: Path) -> None:
    with started(WRITE, str(swift), "one") as one, started(WRITE, str(swift), "two") as two:
        assert (heard(one), heard(two)) == ("ready", "ready")
        for process in (one, two):
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        assert one.wait(DEADLINE_S) == two.wait(DEADLINE_S) == 0
    store = Store(swift)
    assert store.slot(FRONT).slot.generation == 2 * TIMES
    assert len(list(store.layout.quarantine.iterdir())) == 2 * TIMES


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    path, disk = tmp_path / "lock", Disk()
    assert not disk.is_locked(path)
    assert not path.exists()
    with started(HOLD, str(path)) as process:
        assert heard(process) == "held"
        assert disk.is_locked(path)
        process.kill()
        process.wait(DEADLINE_S)
        assert not disk.is_locked(path)
    with disk.locked(path):
        assert disk.is_locked(path)
    assert not disk.is_locked(path)


class Guarded(Disk):
    """Whether the store is locked whenever something outside `staging` changes or was read."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.held = 0
        self.changes = 0

    @contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        with super().locked(path):
            self.held += path.parent == self._root
            yield
            self.held -= path.parent == self._root

    def write(self, path: Path, data: bytes) -> None:
        self._check(path)
        super().write(path, data)

    def rename(self, old: Path, new: Path) -> None:
        self._check(new)
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._check(path)
        super().remove(path)

    def remove_folder(self, path: Path) -> None:
        self._check(path)
        super().remove_folder(path)

    def read(self, path: Path, most_bytes: int) -> bytes:
        self._check(path)
        return super().read(path, most_bytes)

    def _check(self, path: Path) -> None:
        if path.relative_to(self._root).parts[0] != "staging":
            assert self.held == 1, path
            self.changes += 1


@pytest.mark.parametrize("kind", [kind for kind in OPERATIONS if kind not in {"stage", "sweep"}])
def test_what_is_read_and_written_is_locked_in_between(store: Store, kind: str) -> None:
    first, second = add(store, "street", "1"), add(store, "street", "2")
    activate_good(store, first)
    generation = activate(store, second)
    add(store, "street", "3")
    disk = Guarded(store.layout.root)
    version = {"add": "4", "remove": "3", "quarantine": "3", "release": "3"}.get(kind, "1")
    slot = BACK if kind == "activate" else FRONT
    outcome = performed(
        Store(store.layout.root.parent, disk), Step(kind, 9, slot, version, generation)
    )
    assert not outcome.startswith("refused")
    assert disk.changes > 1


def test_the_folders_are_their_owners_and_made_as_far_as_missing(tmp_path: Path) -> None:
    state_dir = tmp_path / "a" / "b" / "state"
    Store(state_dir).reload(FRONT)
    made = [tmp_path / "a", *(p for p in (tmp_path / "a").rglob("*") if p.is_dir())]
    assert len(made) == 9
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o700}
    (state_dir / "models" / "quarantine").rmdir()
    Store(state_dir).reload(FRONT)
    assert (state_dir / "models" / "quarantine").is_dir()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_two_may_make_the_folders_at_once(tmp_path: Path, number: int) -> None:
    """Those above the lock, which nobody holds yet."""
    state_dir = tmp_path / "a" / "state"
    other = AtPoint(number, lambda _: Store(state_dir).reload(BACK), "before make_folder")
    Store(state_dir, Watched(other)).reload(FRONT)
    assert other.came
    assert set(Store(state_dir).slots().by_name) == {FRONT, BACK}


class Closed(Disk):
    """One folder may not be looked into, as /home often may not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sync(self, path: Path) -> None:
        if path == self._folder:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        super().sync(path)


def test_the_state_may_lie_where_one_may_not_look_above(tmp_path: Path) -> None:
    (tmp_path / "me").mkdir()
    store = Store(tmp_path / "me" / "state", Closed(tmp_path))
    assert store.reload(FRONT).generation == 1


def test_a_strangers_store_is_not_written(store: Store) -> None:
    root()
    store.reload(FRONT)
    os.chown(store.layout.root, 12345, 12345)
    for change in (
        lambda: store.reload(FRONT),
        store.sweep,
        lambda: store.quarantine("0" * 64, "leaks", NOW),
    ):
        with pytest.raises(StoreError) as refused:
            change()
        rule = "belongs to user 12345, not 0; do this as that user"
        assert str(refused.value) == f"{store.layout.root}: {rule}"
    assert store.slot(FRONT).slot.generation == 1


def test_a_store_where_none_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StoreError, match=r"/state/models: Not a directory$"):
        Store(tmp_path / "state").reload(FRONT)
    assert Store(tmp_path / "state").slots().by_name == {}


def test_the_store_needs_nothing_heavy() -> None:
    """As both posts of each slot read it."""
    heavy = "{'numpy', 'cv2', 'openvino', 'httpx', 'cryptography', 'zmq', 'actors.package'}"
    code = f"import sys, actors.store.store; print({heavy} & set(sys.modules))"
    found = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert found.strip() == "set()"

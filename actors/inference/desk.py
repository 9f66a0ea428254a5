"""The post of an inference entry: the right to publish for it, as a lock that dies with its holder.

`$RUN/posts/<entry>.lock` is locked by the process that holds the post. Beside it `<entry>.json`
says what the holder serves, and how far it was when it left: whoever finds that it did not leave
knows that it died.
"""

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from actors.tenancy import end, holder

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Served(msgspec.Struct, frozen=True):
    """The last result that a holder published of one camera."""

    epoch: int  # of the frame's pool
    frame_seq: int
    seq: int  # the result's own number in its topic


class Tenure(msgspec.Struct, frozen=True):
    """What a holder writes when it takes the post, and once more when it leaves."""

    post: str
    pid: int
    generation: int  # of the slot, when its model was chosen
    digest: str = ""
    boot: str = ""  # which boot of the device this was in
    left: bool = False
    fault: str = ""  # why it is about to end without leaving
    served: dict[str, Served] = {}  # by camera


class Desk:
    """One entry's post, as one process sees it."""

    def __init__(self, run_dir: Path, entry: str) -> None:
        folder = run_dir / "posts"
        self._record = folder / f"{entry}.json"
        self._fd = os.open(folder / f"{entry}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._boot = BOOT_ID.read_text().strip()
        self.held = False

    def seek(self, wake: Callable[[], None]) -> None:
        """Wait for the post in a thread of its own; `wake` is called once it is `held`."""
        threading.Thread(target=self._wait, args=(wake,), name="post", daemon=True).start()

    def leave(self, tenure: Tenure) -> None:
        """Say how far one was, and give the post up."""
        self.write(msgspec.structs.replace(tenure, left=True))
        self.held = False
        fcntl.lockf(self._fd, fcntl.LOCK_UN)

    def write(self, tenure: Tenure) -> None:
        """For the holder only. Nobody ever reads half of it."""
        new = self._record.with_suffix(f".{os.getpid()}")
        stamped = msgspec.structs.replace(tenure, boot=self._boot)
        new.write_bytes(msgspec.json.encode(stamped))
        new.replace(self._record)

    def read(self) -> Tenure | None:
        """What the last holder wrote; None if nobody has since the device was booted."""
        try:
            tenure = msgspec.json.decode(self._record.read_bytes(), type=Tenure)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None
        return tenure if tenure.boot == self._boot else None

    def incumbent(self) -> Tenure | None:
        """What the holder wrote; None if nobody holds the post, or has not written since it did.

        Until then the record is a dead one's, and newer models than that one's are no news.
        """
        tenure = self.read()
        return tenure if tenure and tenure.pid == holder(self._fd) else None

    def evict(self) -> int:
        """End a holder that does not leave; its process, 0 if there was none."""
        pid = holder(self._fd)
        if pid:
            end(pid, grace_s=0)
        return pid

    def _wait(self, wake: Callable[[], None]) -> None:
        fcntl.lockf(self._fd, fcntl.LOCK_EX)
        self.held = True
        wake()

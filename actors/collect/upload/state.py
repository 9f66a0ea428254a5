"""What the upload says of itself (a value)."""

from typing import Literal, NamedTuple, Protocol

from actors.settings import Settings

Doing = Literal["waiting", "uploading", "failed"]


class UploadState(NamedTuple):
    """What health says. The counts are of this process."""

    doing: Doing  # waiting: nothing is to be uploaded now
    reason: str  # why it failed last, while it fails
    since_utc_ns: int  # it fails, or does not
    uploaded: int
    aside: int  # pictures that the receiver will not have, left alone until the next start
    aside_reason: str  # the newest of them, and why

    @property
    def trouble(self) -> str:
        """What is wrong, in sentences; "" if nothing is."""
        told = [f"upload: {self.reason}" if self.doing == "failed" else ""]
        if self.aside:
            told.append(f"upload: {self.aside} set aside, the last: {self.aside_reason}")
        return "; ".join(filter(None, told))


class Uploading(Protocol):
    """A thread at work."""

    @property
    def state(self) -> UploadState: ...

    def look(self, settings: Settings) -> None:
        """On each tick: a risen `upload_step` has it try at once, whatever it waits for."""

    def close(self) -> None:
        """End it. What is under way is broken off, and goes again at the next start."""

"""Which pictures a viewer gets, so that a slow one hurts nobody (pure)."""

LIMIT_BYTES = 1 << 20  # waiting to be sent to one viewer
DRAINED_BYTES = 1 << 14


class Flow:
    """A viewer begins with a key frame. Once too much waits for it, it skips to the next key
    frame after all of that was sent."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._flowing = False
        self._began = False

    def admits(self, waiting_bytes: int, *, key_frame: bool) -> bool:
        """Whether the next picture goes to this viewer."""
        if waiting_bytes > self._limit_bytes:
            self._flowing = False
        elif key_frame and waiting_bytes <= min(DRAINED_BYTES, self._limit_bytes):
            self._flowing = self._began = True
        return self._flowing

    @property
    def lagging(self) -> bool:
        """Pictures that it does not get are lost to it, not merely before its time."""
        return self._began and not self._flowing

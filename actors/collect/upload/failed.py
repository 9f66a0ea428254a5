"""Why a picture did not get through, and what follows from that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

# passing: another try may do better. lasting: so it will be for every picture until somebody does
# something. picture: this one alone is refused.
Kind = Literal["passing", "lasting", "picture"]


class Failed(Exception):
    """One sentence without a secret. `after_s`: what the receiver asked to wait."""

    def __init__(self, reason: str, kind: Kind, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.kind, self.after_s = kind, after_s


class Stopped(Exception):
    """`stop` was set while something was under way."""


@contextmanager
def at(where: str) -> Iterator[None]:
    """Failures say where."""
    try:
        yield
    except Failed as failed:
        raise Failed(f"{where}: {failed}", failed.kind, failed.after_s) from None

"""Words that processes share: eight aligned bytes, written with one store, read with one load.

x86 keeps loads in order and stores in order, so a plain view of the memory does. ARM may move
both: there each use stands between two fences.
"""

import mmap
import platform
import threading
from typing import Protocol

WEAKLY_ORDERED = platform.machine() not in {"x86_64", "AMD64"}
WORD_BYTES = 8
_ROUND = threading.Lock()


class Words(Protocol):
    """One word at each index, in order with whatever else the program reads and writes."""

    def __getitem__(self, at: int, /) -> int: ...

    def __setitem__(self, at: int, word: int, /) -> None: ...


def shared_words(memory: mmap.mmap, at: int, count: int, stride_bytes: int = WORD_BYTES) -> Words:
    """`count` words of a mapping, the first at byte `at`, each `stride_bytes` from the next."""
    rows = memoryview(memory)[at : at + count * stride_bytes]
    plain = rows.cast("Q")[:: stride_bytes // WORD_BYTES]
    return Fenced(plain) if WEAKLY_ORDERED else plain


class Fenced:
    """Words of a weakly ordered processor."""

    def __init__(self, words: memoryview) -> None:
        self._words = words

    def __getitem__(self, at: int) -> int:
        _fence()
        word = int(self._words[at])
        _fence()
        return word

    def __setitem__(self, at: int, word: int) -> None:
        _fence()
        self._words[at] = word
        _fence()


def _fence() -> None:
    """What stands before this in the program is seen before what stands after it.

    What is before the release of a lock cannot pass the acquisition of the next.
    """
    with _ROUND:
        pass
    with _ROUND:
        pass

"""What was made lately, so that it need not be made again (pure)."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The values asked for last, as many as take no more than so many bytes; at least one."""

    def __init__(
        self, most_bytes: int, make: Callable[[Key], Value], size_bytes: Callable[[Value], int]
    ) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._make, self._size_bytes = make, size_bytes
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def get(self, key: Key) -> Value:
        """The value of a key, made now if it is not kept."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
            return found
        made = self._values[key] = self._make(key)
        self._bytes += self._size_bytes(made)
        while self._bytes > self._most_bytes and len(self._values) > 1:
            self._bytes -= self._size_bytes(self._values.popitem(last=False)[1])
        return made

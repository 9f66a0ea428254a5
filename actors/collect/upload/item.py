"""A file on its way to a receiver, and what takes it."""

from typing import NamedTuple, Protocol


class Item(NamedTuple):
    """`name` is the camera's, a slash, the file's."""

    name: str
    content_type: str
    body: bytes


class Receiver(Protocol):
    """Somewhere to put pictures. Only the uploader's thread calls it."""

    def put(self, item: Item) -> None:
        """Returns once its arrival is confirmed. Raises `Failed` or `Stopped`."""

"""Loading beside the loop: a compiler may take minutes, and health must go on being said."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from actors.inference.engine import Engine


class Loader:
    """`load` in a thread of its own: None until it has ended, then what it returned or raised.

    It is to be asked again once `done`, called from that thread, has told so.
    """

    def __init__(self, load: Callable[[tuple[str, ...]], Engine], done: Callable[[], None]) -> None:
        self._load, self._done = load, done
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="loader")
        self._loading: Future[Engine] | None = None

    def __call__(self, devices: tuple[str, ...]) -> Engine | None:
        if self._loading is None:
            self._loading = self._thread.submit(self._load, devices)
            self._loading.add_done_callback(lambda _: self._done())
        if not self._loading.done():
            return None
        ended, self._loading = self._loading, None
        return ended.result()

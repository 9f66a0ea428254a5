"""Loading beside the loop: a compiler may take minutes, and health must go on being said."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from actors.inference.engine import Engine
from actors.inference.slot import Wanted


class Loader:
    """`load` in a thread of its own: None until it has ended, then what it returned or raised.

    It is to be asked again once `done`, called from that thread, has told so. A thread that never
    ends keeps no process from ending.
    """

    def __init__(
        self, load: Callable[[Wanted, tuple[str, ...]], Engine], done: Callable[[], None]
    ) -> None:
        self._load, self._done = load, done
        self._loading: Future[Engine] | None = None

    def __call__(self, wanted: Wanted, devices: tuple[str, ...]) -> Engine | None:
        if self._loading is None:
            self._loading = Future()
            self._loading.add_done_callback(lambda _: self._done())
            work = self._loading, wanted, devices
            threading.Thread(target=self._work, args=work, name="loader", daemon=True).start()
        if not self._loading.done():
            return None
        ended, self._loading = self._loading, None
        return ended.result()

    def _work(self, loading: Future[Engine], wanted: Wanted, devices: tuple[str, ...]) -> None:
        try:
            engine = self._load(wanted, devices)
        except BaseException as error:  # noqa: BLE001 whoever asks gets it, whatever it is
            loading.set_exception(error)
        else:
            loading.set_result(engine)

"""A wish worked off: its version is had, the slot is given it, and the wish put down as done.

To do it twice is as to do it once, so a process that was ended on the way just begins anew.
"""

import threading
from collections.abc import Callable

from actors.clock import moment
from actors.config import Config, Inference
from actors.models.installing import PATIENCE, install
from actors.models.progress import Progress, Refused
from actors.models.remote import Stopped, Terms, Unreachable
from actors.store.source import Source, SourceError
from actors.store.store import Store
from actors.store.trouble import StoreError, one_line
from actors.store.wish import Stored, Wish, wanted
from actors.store.wishes import Done, Wishes

CONFIGURED = "what the configuration names"


def fulfil(
    config: Config,
    entry: Inference,
    wish: Wish,
    *,
    stop: threading.Event,
    tell: Callable[[Progress], None],
    patience: Terms = PATIENCE,
) -> None:
    """Raises `Refused`, which is put down as the end of it, `Unreachable` or `Stopped`."""
    try:
        digest = _activated(config, entry, wish, stop, tell, patience)
    except (Refused, StoreError, SourceError) as error:
        reason = one_line(str(error))
        _settle(config, entry, Done(wish.step, shown(wish), reason, "", moment().utc_ns))
        raise Refused(reason) from error
    _settle(config, entry, Done(wish.step, shown(wish), "", digest, moment().utc_ns))


def shown(wish: Wish) -> str:
    """What is wanted, as it may be shown."""
    try:
        asked = wanted(wish)
    except SourceError:
        return ""
    return asked.shown if asked else CONFIGURED


def _activated(
    config: Config,
    entry: Inference,
    wish: Wish,
    stop: threading.Event,
    tell: Callable[[Progress], None],
    patience: Terms,
) -> str:
    store, asked, digest = Store(config.state), wanted(wish), ""
    if isinstance(asked, Stored):
        digest = store.find(asked.name, asked.version).digest
    elif isinstance(asked, Source):
        record = install(asked, config, entry, stop=stop, tell=tell, patience=patience)
        digest = record.digest
    if stop.is_set():
        raise Stopped("stopped before it was activated")
    store.activate(
        entry.name,
        digest,
        configured=entry.model,
        probation_s=config.models.probation_s,
        now=moment(),
    )
    return digest


def _settle(config: Config, entry: Inference, done: Done) -> None:
    try:
        Wishes(config.state).settle(entry.name, done)
    except StoreError as error:  # a full disk, say: nothing is lost but this note
        raise Unreachable(str(error)) from error

"""A package from its source into the store: fetched, tried in a process of its own, recorded.

Nothing that runs notices. What is half done when the process ends is removed later; a download
goes on where it was.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from actors.clock import moment
from actors.config import Config, Inference
from actors.models.admitting import admit, request_for
from actors.models.getting import MB_BYTES, Got, Means, get
from actors.models.progress import Progress, Refused
from actors.models.remote import FetchError, Stopped, Terms, Unreachable
from actors.package import PackageError
from actors.package.admission import Verdict
from actors.package.files import Folder
from actors.package.integrity import digest
from actors.store.outcomes import Outcome, record_outcome
from actors.store.record import Admission, Record
from actors.store.source import Source
from actors.store.store import Store
from actors.store.trouble import StoreError, one_line
from actors.tenancy import make_room

if TYPE_CHECKING:
    from actors.models.scz_vault import Azure

log = logging.getLogger(__name__)

ANY = Inference("any")  # its ladder of devices is the default
PATIENCE = Terms()


def install(
    source: Source,
    config: Config,
    entry: Inference | None,
    *,
    stop: threading.Event,
    tell: Callable[[Progress], None],
    patience: Terms = PATIENCE,
    azure: "Azure | None" = None,
) -> Record:
    """Have the package in the store, admitted for the entry, or for the default devices if None.

    Raises `Refused` (for good), `Unreachable` (worth trying later) or `Stopped`. How it ended is
    put on record for the entry. `tell` is called in this thread.
    """
    store = Store(config.state)
    means = Means(config.models, patience, azure, stop, tell)
    try:
        record = _installed(source, config, entry or ANY, store, means)
    except Unreachable as error:
        _note(store, entry, Outcome(moment().utc_ns, source.shown, one_line(str(error))))
        raise
    except (Refused, FetchError, StoreError, PackageError, OSError) as error:
        reason = one_line(str(error))
        if isinstance(error, OSError):
            reason = f"{source.shown}: {error.filename or config.state}: {error.strerror or error}"
        _note(store, entry, Outcome(moment().utc_ns, source.shown, reason))
        raise Refused(reason) from error
    done = Outcome(moment().utc_ns, source.shown, "", record.name, record.version, record.digest)
    _note(store, entry, done)
    return record


def _installed(
    source: Source, config: Config, entry: Inference, store: Store, means: Means
) -> Record:
    with store.stage() as staging:
        got = get(source, staging, store.layout.root / "downloads", means)
        _refuse_quarantined(store, got.digest)
        verdict = _tried(got, staging, config, entry, means)
        if means.stop.is_set():  # also of the process that tries it, which is no fault of its
            raise Stopped("stopped while it was tried")
        if verdict.reason:
            raise Refused(f"{source.shown}: {verdict.reason}")
        _refuse_quarantined(store, verdict.digest)
        means.tell(Progress("storing", "storing"))
        package = staging / "package"
        record = store.add(package, _record(source, verdict), lambda path: digest(Folder(path)))
        with _logged():
            _keep_compiled(staging / "cache", make_room(config.state, "cache"))
            cleaned = store.clean(config.models.quota_mb * MB_BYTES, moment())
            if cleaned.left:
                log.warning("%s", cleaned.left)
    return record


def _tried(got: Got, staging: Path, config: Config, entry: Inference, means: Means) -> Verdict:
    request = request_for(got.path, staging, config.models, entry)
    means.tell(Progress("admitting", "starting"))
    return admit(
        request,
        config.models.admission_s,
        means.stop,
        lambda doing: means.tell(Progress("admitting", doing)),
    )


def _refuse_quarantined(store: Store, known: str) -> None:
    note = store.quarantined(known) if known else None
    if note:
        title = store.version(known).title
        raise Refused(f"{title}: quarantined ({note.reason}); release it first")


def _record(source: Source, verdict: Verdict) -> Record:
    now = moment()
    return Record(
        digest=verdict.digest,
        name=verdict.name,
        version=verdict.version,
        family=verdict.family,
        added_utc_ns=now.utc_ns,
        source=source.shown,
        licence=verdict.licence,
        signed_by=verdict.signed_by,
        sealed=verdict.sealed,
        admission=Admission(
            verdict.device, verdict.openvino, verdict.latency_ms, now.utc_ns, verdict.notes
        ),
    )


def _keep_compiled(made: Path, cache: Path) -> None:
    """What was compiled to try it, for the process that will run it. What is there stays."""
    for path in made.iterdir():
        if not (cache / path.name).exists():
            path.rename(cache / path.name)


def _note(store: Store, entry: Inference | None, outcome: Outcome) -> None:
    if entry:
        with _logged():
            record_outcome(store.layout, entry.name, outcome)


@contextmanager
def _logged() -> Iterator[None]:
    """What fails here changes nothing about what is stored, or is not."""
    try:
        yield
    except (StoreError, OSError) as error:
        log.warning("%s", error)

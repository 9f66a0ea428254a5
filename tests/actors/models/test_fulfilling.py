"""Wishes worked off on a real store, in the thread that does it."""

import select
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from actors.clock import moment
from actors.models.errands import Errand
from actors.models.fulfilling import fulfil, shown
from actors.models.hands import Ended, Worker
from actors.models.progress import Refused
from actors.models.remote import Stopped, Unreachable
from actors.store.disk import Disk
from actors.store.documents import read
from actors.store.slot import Slot
from actors.store.wish import Wish
from actors.store.wishes import Done, Wishes
from bus.wake import Wake
from tests.actors.models.site import ENTRY, Site, street
from tests.actors.models.web import Authority, Talk, Web, answer
from tests.actors.store.rig import add

DEADLINE_S = 40
URL = "https://host/m.zip?sig=s3cr3t"
busy = answer("503 Service Unavailable", content_length="0")


@pytest.fixture
def site(tmp_path: Path, authority: Authority) -> Iterator[Site]:
    site = Site(tmp_path / "state", authority.path)
    site.config = msgspec.structs.replace(site.config, inference=(ENTRY,))
    yield site
    site.check_discretion()


def work_off(site: Site, wish: Wish) -> None:
    fulfil(site.config, ENTRY, wish, stop=site.stop, tell=site.tell, patience=site.patience)


def done(site: Site) -> Done | None:
    found = read(Disk(), Wishes(site.config.state).done_path(ENTRY.name), Done)
    return msgspec.structs.replace(found, ended_utc_ns=0) if found else None


def slot(site: Site) -> Slot:
    return site.store.slot(ENTRY.name).slot


def test_a_file_is_installed_and_the_slot_given_it_on_probation(site: Site, tmp_path: Path) -> None:
    package = street(tmp_path / "street")
    work_off(site, Wish(step=4, model=str(package)))
    (version,) = site.store.versions().versions
    assert slot(site).active == version.digest
    assert not slot(site).good
    assert done(site) == Done(4, str(package), "", version.digest)
    generation = slot(site).generation
    work_off(site, Wish(step=4, model=str(package)))  # as after a kill just before the end
    assert slot(site).generation == generation


def test_a_stored_version_is_only_activated(site: Site) -> None:
    digest = add(site.store, "people", "2")
    work_off(site, Wish(step=1, model="people@2"))
    assert slot(site).active == digest
    assert site.told == []
    assert done(site) == Done(1, "people@2", "", digest)


def test_back_at_the_default_the_configuration_counts_again(site: Site) -> None:
    add(site.store, "people")
    work_off(site, Wish(step=1, model="people@1"))
    work_off(site, Wish(step=2))
    assert (slot(site).active, slot(site).good) == ("", True)
    assert done(site) == Done(2, "what the configuration names")


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        (Wish(step=1, model="people@2"), "nothing is named 'people'"),
        (Wish(step=1, model="/no/such/file"), "no such file or folder"),
        (Wish(step=1, secure=True), "set SCZ_MODEL_NAME, "),
        (Wish(step=1, model="nothing-like-it"), "not in the catalogue"),
    ],
)
def test_a_refusal_is_put_down_and_the_slot_stays(site: Site, wish: Wish, rule: str) -> None:
    before = slot(site)
    with pytest.raises(Refused, match=rule):
        work_off(site, wish)
    found = done(site)
    assert found
    assert rule in found.reason
    assert slot(site) == before


def test_a_quarantined_version_is_refused(site: Site) -> None:
    digest = add(site.store, "people")
    work_off(site, Wish(step=1, model="people@1"))
    site.store.revert(ENTRY.name, slot(site).generation, "hung", moment())
    with pytest.raises(Refused, match=r"quarantined \(hung\)"):
        work_off(site, Wish(step=2, model="people@1"))
    assert slot(site).active != digest


def test_what_the_network_fails_at_stays_open(site: Site, web: Web) -> None:
    with pytest.raises(Unreachable):
        work_off(site, Wish(step=1, zip_url=f"{web.play('/m.zip', busy)}?sig=s3cr3t"))
    assert done(site) is None


def test_what_is_stopped_activates_nothing(site: Site) -> None:
    add(site.store, "people", "2")
    site.stop.set()
    with pytest.raises(Stopped):
        work_off(site, Wish(step=1, model="people@2"))
    assert (slot(site).generation, done(site)) == (0, None)


def test_no_token_is_shown() -> None:
    assert shown(Wish(zip_url=URL)) == "https://host/m.zip?***"
    assert shown(Wish(secure=True)) == ""


class Thread:
    """A worker, and the end of its work waited for."""

    def __init__(self, site: Site) -> None:
        self.wake = Wake()
        self.worker = Worker(site.config, self.wake, site.patience)

    def close(self) -> None:
        self.worker.close()
        self.wake.close()

    def end(self) -> Ended:
        while True:
            if ended := self.worker.take():
                return ended
            ready, _, _ = select.select([self.wake.fd], [], [], DEADLINE_S)
            assert ready, "the thread did not end"
            self.wake.clear()


@pytest.fixture
def thread(site: Site) -> Iterator[Thread]:
    with closing(Thread(site)) as thread:
        yield thread


def test_the_thread_works_off_one_errand_after_the_other(site: Site, thread: Thread) -> None:
    digest = add(site.store, "people", "2")
    worker = thread.worker
    assert worker.take() is None
    for model in ("no@1", "people@2"):
        errand = Errand(ENTRY.name, Wish(step=1, model=model))
        worker.begin(errand)
        assert worker.errand == errand
        assert thread.end() == Ended(errand)
        assert worker.errand is None
    assert slot(site).active == digest


def test_the_thread_tells_of_the_networks_fault(thread: Thread, web: Web) -> None:
    errand = Errand(ENTRY.name, Wish(step=1, zip_url=web.play("/m.zip", busy)))
    thread.worker.begin(errand)
    ended = thread.end()
    assert ended.errand == errand
    assert "503 Service Unavailable" in ended.reason


def test_the_thread_lets_go_of_what_is_dropped(site: Site, thread: Thread, web: Web) -> None:
    def hold(talk: Talk) -> None:
        thread.worker.drop()
        talk.hold()

    errand = Errand(ENTRY.name, Wish(step=1, zip_url=web.play("/m.zip", hold)))
    thread.worker.begin(errand)
    assert thread.end() == Ended(errand)
    assert done(site) is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_that_nobody_expects_ends_the_process(thread: Thread) -> None:
    thread.worker.begin(Errand("no-such-entry", Wish(step=1)))
    thread.worker._thread.join(DEADLINE_S)
    with pytest.raises(RuntimeError, match="no-such-entry: the thread ended without a result"):
        thread.worker.take()

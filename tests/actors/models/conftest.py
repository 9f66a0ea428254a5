"""Web servers of the test's own authority, and a client that must keep its secrets."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.models.fetch import fetch
from actors.models.remote import Fetched, FetchError, Progress, Remote, Stopped, Terms, Unreachable
from tests.actors.models.web import Authority, Certificate, Web
from tests.listening import DEADLINE_S

SECRETS = ("s3cr3t", "b34r3r", "p4ssw0rd")
TOKEN = "sv=2024-11-04&sig=s3cr3t%2Bs3cr3t%3D"  # noqa: S105 as Azure's storage writes them
Serve = Callable[[Certificate | None], Web]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Certificate:
    return authority.issue("127.0.0.1", "localhost")


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Web] = []

    def served(certificate: Certificate | None) -> Web:
        servers.append(Web(certificate))
        return servers[-1]

    yield served
    for server in servers:
        server.close()


@pytest.fixture
def web(serve: Serve, certificate: Certificate) -> Web:
    return serve(certificate)


class Client:
    """Fetches with a token in each address, in milliseconds, and remembers all it says."""

    def __init__(self, folder: Path, ca_file: Path) -> None:
        self.into = folder / "model.zip"
        self.part, self.note = folder / "model.zip.part", folder / "model.zip.part.json"
        self.terms = Terms(
            most_bytes=10_000_000,
            longest_s=DEADLINE_S,
            stall_s=DEADLINE_S,
            attempts=3,
            first_wait_s=0.001,
            longest_wait_s=0.004,
            ca_file=str(ca_file),
        )
        self.stop = threading.Event()
        self.told: list[Progress] = []
        self.clock_ns: Callable[[], int] = time.monotonic_ns
        self.watching: Callable[[Progress], None] = lambda _: None
        self.said: list[str] = []

    def fetch(self, remote: Remote | str) -> Fetched:
        if isinstance(remote, str):
            remote = Remote(f"{remote}?{TOKEN}")
        self.told.clear()
        self.said.append(repr(remote))
        try:
            return fetch(
                remote,
                self.into,
                terms=self.terms,
                stop=self.stop,
                tell=self._tell,
                clock_ns=self.clock_ns,
                jitter=lambda: 1.0,
            )
        except (FetchError, Stopped) as error:
            self.said += ["".join(traceback.format_exception(error)), repr(error)]
            raise

    def refused(self, remote: Remote | str) -> str:
        """The one sentence with which it is refused for good."""
        return self._fault(remote, FetchError)

    def unreachable(self, remote: Remote | str) -> str:
        """The one sentence with which it is put off."""
        return self._fault(remote, Unreachable)

    def _fault(self, remote: Remote | str, outcome: type[FetchError]) -> str:
        with pytest.raises(FetchError) as caught:
            self.fetch(remote)
        assert type(caught.value) is outcome
        sentence = str(caught.value)
        assert "\n" not in sentence
        assert not self.into.exists()
        return sentence

    def _tell(self, progress: Progress) -> None:
        self.told.append(progress)
        self.said.append(repr(progress))
        self.watching(progress)


@pytest.fixture
def client(
    tmp_path: Path,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Client]:
    """One client; when it is done no secret may stand in anything it said, logged or left."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    caplog.set_level(logging.DEBUG)
    client = Client(tmp_path, authority.path)
    yield client
    logged = [logging.Formatter().format(record) for record in caplog.get_records("call")]
    left = [path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (*client.said, *logged, *left):
        assert [secret for secret in SECRETS if secret in text] == [], text

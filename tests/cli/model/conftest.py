"""Commands in the test's own process, and where they find their store."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.main import main


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Ask = Callable[..., Done]


@pytest.fixture
def state(environ: dict[str, str]) -> Path:
    return Path(environ["RETINUE_STATE"])


@pytest.fixture
def ask(
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Ask:
    """As `retinue`, much faster; but the locks that the test holds are its own, and so free."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RETINUE_CONFIG", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        code = ended.value.code
        return Done(code if isinstance(code, int) else int(bool(code)), *capsys.readouterr())

    return call

"""A compiled model is used only if it is what was written; nobody else would notice."""

import os
from pathlib import Path

import pytest

from actors.inference.cache import MOST, SUM, check, vouch
from actors.inference.engine import Engine
from actors.package.reading import read_package
from tests.network import save_network


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def blobs(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir() if path.suffix != SUM}


def test_what_was_vouched_for_stays(cache: Path) -> None:
    (cache / "1.blob").write_bytes(b"compiled")
    vouch(cache)
    vouch(cache)
    check(cache)
    assert {path.name for path in cache.iterdir()} == {"1.blob", f"1.blob{SUM}"}


def test_what_changed_or_was_not_finished_goes(cache: Path) -> None:
    for name in ("whole", "changed", "cut"):
        (cache / f"{name}.blob").write_bytes(b"compiled")
    vouch(cache)
    (cache / "unfinished.blob").write_bytes(b"comp")
    (cache / "changed.blob").write_bytes(b"compileD")
    (cache / "cut.blob").write_bytes(b"compile")
    check(cache)
    assert {path.name for path in cache.iterdir()} == {"whole.blob", f"whole.blob{SUM}"}


def test_of_many_the_oldest_go(cache: Path) -> None:
    for number in range(MOST + 3):
        blob = cache / f"{number}.blob"
        blob.write_bytes(b"compiled")
        os.utime(blob, (number, number))
    vouch(cache)
    check(cache)
    assert blobs(cache) == {f"{number}.blob" for number in range(3, MOST + 3)}
    assert len(list(cache.glob(f"*{SUM}"))) == MOST


def test_a_damaged_one_is_compiled_anew(tmp_path: Path, cache: Path) -> None:
    package = read_package(save_network(tmp_path / "bright.xml"))

    def compiled() -> bytes:
        check(cache)
        Engine(package, ["CPU"], cache, lambda: None, threads=1)
        vouch(cache)
        (blob,) = cache.glob("*.blob")
        return blob.read_bytes()

    sound = compiled()
    (blob,) = cache.glob("*.blob")
    middle = len(sound) // 2
    damaged = sound[:middle] + bytes(64) + sound[middle + 64 :]
    blob.write_bytes(damaged)
    assert compiled() != damaged

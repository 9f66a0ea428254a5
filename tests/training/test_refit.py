"""The detector learns what is only grain, from a folder of pictures to a package."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.package.package import Package
from actors.package.reading import read_package
from bus.pixels import I420
from training.collected import BadCollection, read_collection, read_picture
from training.eye import Eye
from training.grainy import grainy, write_collection
from training.refit import Plan, Sample, drawn, judged, parted, refit
from training.refitted import next_version
from training.street import Split
from training.tally import Tally, tally

PACKAGE = Path(__file__).parents[2] / "models" / "street"


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collected") / "pictures"
    write_collection(grainy(drawn(Split.TRAIN, streets=3)), folder)
    return folder


@pytest.fixture(scope="module")
def refitted(collection: Path) -> Package:
    return refit(plan(collection, "out"))


def plan(collection: Path, out: str) -> Plan:
    return Plan(collection, PACKAGE, collection.parent / out, streets=2, steps=120)


def copies(samples: Iterator[Sample]) -> list[Sample]:
    return [Sample(I420(*(side.copy() for side in one.picture)), one.truth) for one in samples]


def found(package: Package, samples: list[Sample]) -> Tally:
    return tally(judged(Eye(package), iter(samples)), package.threshold)


def test_it_takes_less_grain_for_figures(refitted: Package, collection: Path) -> None:
    taught = [Sample(read_picture(path), truth) for path, truth in read_collection(collection)]
    before, after = found(read_package(PACKAGE), taught), found(refitted, taught)
    assert after.figures > 100
    assert after.wrong < 0.8 * before.wrong
    assert after.recall > before.recall - 0.1


def test_it_goes_on_knowing_ordinary_streets(refitted: Package) -> None:
    seen = found(refitted, copies(drawn(Split.TEST, streets=2)))
    assert seen.figures > 50
    assert seen.precision > 0.9
    assert seen.recall > 0.85


def test_it_is_the_next_version_with_a_golden_sample(refitted: Package) -> None:
    shipped = read_package(PACKAGE)
    assert (refitted.name, refitted.version, refitted.family) == ("street", "2", "ssd")
    assert (refitted.labels, refitted.threshold) == (shipped.labels, shipped.threshold)
    assert (refitted.input, refitted.licence) == (shipped.input, shipped.licence)


def test_its_golden_sample_is_what_it_surely_sees_of_a_drawn_street(refitted: Package) -> None:
    assert refitted.golden
    assert isinstance(refitted.model, Path)
    seen = Eye(refitted).see(read_picture(refitted.model.parent / refitted.golden.picture))
    scores = {(box.label, round(box.x0, 3), round(box.y0, 3)): box.score for box in seen}
    golden = [scores[box.label, box.x0, box.y0] for box in refitted.golden.boxes]
    assert 2 < len(golden) < len(seen)
    assert min(golden) >= 0.7


def test_equal_pictures_make_equal_packages(refitted: Package, collection: Path) -> None:
    again = refit(plan(collection, "again"))
    hashes = [
        hashlib.sha256(Path(str(one.model)).with_suffix(".bin").read_bytes()).digest()
        for one in (refitted, again)
    ]
    assert hashes[0] == hashes[1]


def test_one_in_five_is_held_out(collection: Path) -> None:
    everything = read_collection(collection)
    learned, held_out = parted(everything)
    assert [one.path.stem for one in held_out] == ["00004", "00009", "00014", "00019"]
    assert sorted(one.path for one in learned + held_out) == [one.path for one in everything]


def test_what_is_there_is_not_overwritten(refitted: Package, collection: Path) -> None:
    assert refitted.golden
    with pytest.raises(BadCollection, match="out: is there already: name a new folder"):
        refit(plan(collection, "out"))


def test_a_few_pictures_are_too_few(tmp_path: Path) -> None:
    samples = (sample for sample, _ in zip(drawn(Split.TRAIN, 1), range(4), strict=False))
    write_collection(samples, tmp_path / "few")
    with pytest.raises(BadCollection, match="holds 4 pictures, at least 5 are needed"):
        refit(plan(tmp_path / "few", "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("version", "after"),
    [("1", "2"), ("9", "10"), ("1.0.9", "1.0.10"), ("2026-a", "2026-a.2"), ("v1b", "v1b.2")],
)
def test_versions_are_stepped(version: str, after: str) -> None:
    assert next_version(version) == after

"""A process that its model ends cannot say so: the count of tries outlives it."""

from pathlib import Path

from actors.inference.tries import NEVER_NS, TriesFile, waiting_ns
from actors.store.moment import Moment
from bus.health import SECOND_NS

NOW = Moment(0, 100 * SECOND_NS, "boot")


def test_each_try_counts_and_makes_the_next_wait_longer(run_dir: Path) -> None:
    for count in range(3):
        tries = TriesFile(run_dir, "eye")
        assert tries.begin(4, NOW).count == count
        assert tries.read(4, NOW).next_ns == NOW.boottime_ns + waiting_ns(count + 1)
    assert [waiting_ns(n) // SECOND_NS for n in (1, 2, 3, 30)] == [2, 4, 8, 300]


def test_another_generation_or_boot_counts_anew(run_dir: Path) -> None:
    tries = TriesFile(run_dir, "eye")
    tries.begin(4, NOW)
    assert tries.read(5, NOW).count == 0
    assert tries.read(4, NOW._replace(boot_id="n")).count == 0
    assert TriesFile(run_dir, "other").read(4, NOW).count == 0


def test_giving_up_lasts_and_clearing_forgets(run_dir: Path) -> None:
    tries = TriesFile(run_dir, "eye")
    tries.begin(4, NOW)
    tries.give_up(4, NOW)
    assert tries.read(4, NOW).next_ns == NEVER_NS
    tries.clear()
    tries.clear()
    assert tries.read(4, NOW).count == 0


def test_a_torn_file_is_none(run_dir: Path) -> None:
    (run_dir / "posts" / "eye.tries.json").write_text("{")
    assert TriesFile(run_dir, "eye").read(4, NOW).count == 0

"""A bar on a terminal, and the few lines that it is elsewhere."""

import io

import pytest

from cli.bar import PARTS, Bar, line_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_tells_bytes_whole_and_rate() -> None:
    assert line_of("fetching", 0, None, 0) == "fetching"
    assert line_of("fetching", 1_500_000, None, 0) == "fetching 1.5 MB"
    assert line_of("fetching", 5_000_000, 10_000_000, 2_000_000) == (
        "fetching [############............] 5.0/10.0 MB, 2.00 MB/s"
    )
    assert "[########################] 9.0/4.0 MB" in line_of("x", 9_000_000, 4_000_000, 0)


@pytest.mark.parametrize(("total_bytes", "most"), [(10_000_000, PARTS + 1), (None, 16)])
def test_without_a_terminal_there_are_few_lines(total_bytes: int | None, most: int) -> None:
    out = io.StringIO()
    bar = Bar(out)
    for done_bytes in range(0, 10_000_001, 10_000):
        bar.show("downloading", done_bytes, total_bytes, 1e6)
    bar.end()
    told = out.getvalue().splitlines()
    assert 2 <= len(told) <= most
    assert "10.0" in told[-1] or total_bytes is None


def test_each_new_thing_is_told() -> None:
    out = io.StringIO()
    bar = Bar(out)
    for what in ("unpacking", "unpacking", "inferring"):
        bar.show(what)
    assert out.getvalue() == "unpacking\ninferring\n"


def test_on_a_terminal_one_line_is_drawn_over_and_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    out = Terminal()
    bar = Bar(out)
    bar.show("downloading", 1, 10)
    bar.show("downloading", 2, 10)
    bar.end()
    assert "\n" not in out.getvalue()
    drawn = out.getvalue().split("\r")
    assert all(len(line.removesuffix("\x1b[K")) < 20 for line in drawn)
    assert drawn[-1] == "\x1b[K"

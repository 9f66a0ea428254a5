"""Names of files: what is one place somewhere is never two names here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.package.names import broken_rule, clash, shown

PARTS = st.text("abAB.é-_ 1", min_size=1, max_size=5).filter(lambda part: part not in {".", ".."})
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@given(PATHS)
def test_a_relative_path_is_good(path: str) -> None:
    assert broken_rule(path) == ""


@given(st.text())
def test_a_good_name_stays_where_it_is(name: str) -> None:
    """As Python's, Windows' and a terminal's reader take it."""
    if not broken_rule(name):
        parts = name.split("/")
        assert all(part not in {"", ".", ".."} for part in parts)
        assert not set(name) & set("\\:\0\n\r\x1b\x7f\u2028")
        assert name == name.encode().decode()


@pytest.mark.parametrize("name", ["a\udcff", "a\u200b", "a\u00a0", "\ud800"])
def test_what_nobody_sees_is_refused(name: str) -> None:
    assert "invisible" in broken_rule(name)


@given(st.lists(PATHS, max_size=8))
def test_names_clash_as_the_sentence_says(paths: list[str]) -> None:
    folded = [path.casefold() for path in paths]
    folders = {one[:at] for one in folded for at in range(len(one)) if one[at] == "/"}
    different_folders = {path[:at].casefold(): set[str]() for path in paths for at in slashes(path)}
    for path in paths:
        for at in slashes(path):
            different_folders[path[:at].casefold()].add(path[:at])
    together = (
        len(set(folded)) < len(folded)
        or bool(folders & set(folded))
        or any(len(spellings) > 1 for spellings in different_folders.values())
    )
    assert bool(clash(paths)) is together


def slashes(path: str) -> list[int]:
    return [at for at, letter in enumerate(path) if letter == "/"]


def test_a_name_is_shown_on_one_line_and_cut() -> None:
    assert shown("a\n\x1b") == "'a\\n\\x1b'"
    assert len(shown("x" * 1000)) == 202

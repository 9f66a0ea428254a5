"""What is refused of collecting, each in one line that says what to do."""

from pathlib import Path

import pytest

from actors.config import Collect, Config, ConfigError, load

TWO = '[[inference]]\nname = "a"\n[[inference]]\nname = "b"\n'


def loaded(tmp_path: Path, text: str) -> Config:
    (tmp_path / "c.toml").write_text(text)
    return load(tmp_path / "c.toml", {})


def test_nobody_is_pictured_without_a_word(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").collect == Collect(enabled=False)


def test_all_reasons_together_are_taken(tmp_path: Path) -> None:
    text = """
[collect]
enabled = true
cameras = ["front"]
borderline = [0.5, 0.5]
labels = ["bus"]
disagreement = 0.5
"""
    wanted = loaded(tmp_path, TWO + text).collect
    assert (wanted.cameras, wanted.borderline, wanted.labels) == (("front",), (0.5, 0.5), ("bus",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('cameras = ["back"]', r"collect\.cameras = 'back': no such camera; there are front"),
        ("borderline = [0.6, 0.3]", r"collect\.borderline = \[0\.6, 0\.3\]: the lower .* first"),
        ("borderline = [0.3]", r"collect\.borderline"),
        ("disagreement = 0.5", r"collect\.disagreement = 0\.5: takes two \[\[inference\]\]"),
        ("quality = 0", r"collect\.quality = 0"),
        ("most_age = 3", r"did you mean `most_age_h`"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        loaded(tmp_path, f"[collect]\n{text}\n")


def test_two_that_look_at_different_cameras_cannot_disagree(tmp_path: Path) -> None:
    text = """
[[camera]]
name = "one"
[[camera]]
name = "two"
[[inference]]
name = "a"
cameras = ["one"]
[[inference]]
name = "b"
cameras = ["two"]
[collect]
disagreement = 0.5
"""
    with pytest.raises(ConfigError, match="that look at one camera"):
        loaded(tmp_path, text)

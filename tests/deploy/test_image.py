"""The Dockerfile, as far as it can be read without an engine."""

import json
import re
import tomllib
from pathlib import Path

from actors.config import DEFAULT_FILE
from tests.deploy.image import DOCKERFILE, user

ROOT = Path(__file__).parents[2]
COPIED = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
SOURCES = {name for line in COPIED for name in line.split()}


def test_what_is_copied_is_there_and_sent_to_the_engine() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    tops = {name.split("/")[0] for name in SOURCES}
    assert [name for name in SOURCES if not (ROOT / name).exists()] == []
    assert tops == sent


def test_all_that_is_run_is_copied() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    needed = {DEFAULT_FILE.relative_to(ROOT).parts[0], "models", "supervisord.conf"}
    assert needed | set(packages["packages"]) <= SOURCES


def test_it_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert users == [str(user())]


def test_its_health_is_asked_as_documented() -> None:
    asked = re.search(r"HEALTHCHECK .*\\\n\s+CMD (.+)", DOCKERFILE)
    assert asked
    assert json.loads(asked[1]) == ["retinue", "ps", "--json"]

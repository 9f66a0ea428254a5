"""What the Dockerfile says that deployments repeat."""

import re
from pathlib import Path

DOCKERFILE = (Path(__file__).parents[2] / "Dockerfile").read_text()


def environment(name: str) -> str:
    """The value that the image gives a variable."""
    found = re.search(rf"^\s+{name}=(\S+)", DOCKERFILE, re.MULTILINE)
    assert found, name
    return found[1]


def user() -> int:
    found = re.search(r"useradd --uid (\d+)", DOCKERFILE)
    assert found
    return int(found[1])

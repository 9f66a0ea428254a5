"""A unit of systemd as its keys and values: what `configparser` cannot hold, as keys come again."""

from pathlib import Path


def settings(unit: Path) -> dict[str, list[str]]:
    """All values of each key, in their order, whatever the section."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found

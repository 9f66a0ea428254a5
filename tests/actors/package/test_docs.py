"""The page for package authors says all that the format has."""

import re
from pathlib import Path

import pytest
from msgspec import Struct
from msgspec.structs import fields

from actors.package import manifest, percept
from actors.package.archive import LIMITS
from actors.package.manifest import Golden, GoldenBox, Input, Manifest
from actors.package.model_files import MODEL_SUFFIXES, SAVED_MODEL, WEIGHTS
from actors.package.names import DEEPEST, LONGEST_BYTES
from actors.package.parsing import parse
from actors.package.sealed.container import MAGIC, Header
from actors.package.sealed.percept import ROUNDS, SALT

PAGES = Path(__file__).parents[3] / "docs"
PAGE = (PAGES / "packages.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ")
]
GIB = 1 << 30


def row(begin: str) -> list[str]:
    (found,) = [cells for cells in ROWS if cells[0] == begin]
    return found


@pytest.mark.parametrize("table", [Manifest, Input, Golden])
def test_each_key_has_its_row_with_its_default(table: type[Struct]) -> None:
    for field in fields(table):
        if field.name in {"input", "files", "golden"}:
            assert f"`[{field.name}]`" in PAGE
        else:
            assert row(f"`{field.name}`")[2].startswith(spelled(field.default)), field.name


def spelled(default: object) -> str:
    """A default as the page writes it; an empty text is often told in words."""
    match default:
        case str():
            return f'`"{default}"`' if default else ""
        case float():
            return f"`{default}`"
        case tuple():
            return f"`[{', '.join(f'{number:g}' for number in default)}]`"
    return ""


def test_each_key_of_a_box_is_named() -> None:
    said = row("`boxes`")[3]
    assert [name for name in GoldenBox.__struct_fields__ if f"`{name}`" not in said] == []


def test_no_row_is_of_a_key_that_is_none() -> None:
    tables = PAGE[PAGE.index("## manifest.toml") : PAGE.index("## Model files")]
    keys = re.findall(r"(?m)^\| `(\w+)` ", tables)
    known = [name for table in (Manifest, Input, Golden) for name in table.__struct_fields__]
    assert [key for key in keys if key not in known] == []


def test_the_example_is_a_manifest() -> None:
    (example,) = re.findall(r"(?s)## manifest\.toml\n\n```toml\n(.*?)```", PAGE)
    read = parse(example.encode(), "docs/packages.md")
    assert (read.name, read.input.colour) == ("street", "RGB")


def test_limits_are_those_that_hold() -> None:
    assert row("the archive")[1].startswith(f"{LIMITS.archive_bytes // GIB} GiB")
    assert row("members")[1] == str(LIMITS.members)
    assert row("one member, unpacked")[1] == f"{LIMITS.member_bytes // GIB} GiB"
    assert row("all, unpacked")[1] == f"{LIMITS.total_bytes // GIB} GiB"
    assert row("a member over 1 MiB")[1] == f"at most {LIMITS.ratio} times its packed size"
    assert f"at most {LONGEST_BYTES} bytes of UTF-8 and {DEEPEST} parts" in PAGE


def test_each_kind_of_model_file_is_named() -> None:
    beside = {suffix: row(f"`x{suffix}`")[2] for suffix in MODEL_SUFFIXES}
    assert {suffix: beside[suffix] for suffix in WEIGHTS} == {
        suffix: f"`x{weights}`" for suffix, weights in WEIGHTS.items()
    }
    assert f"`{SAVED_MODEL}`" in PAGE


def test_each_domain_of_percept_has_its_family() -> None:
    begin = PAGE.index("| `DomainType` | family")
    table = PAGE[begin : PAGE.index("\n\n", begin)]
    told = {
        domain: (family, int(models))
        for domains, family, models in re.findall(r"(?m)^\| (`.*`) \| `(\w+)` \| (\d)", table)
        for domain in re.findall(r"`([^`]+)`", domains)
    }
    wanted = {
        name: (family, percept.MODELS.get(name, 1)) for name, family in percept.FAMILIES.items()
    }
    assert told == wanted


def test_the_header_of_what_is_sealed_is_told() -> None:
    page = (PAGES / "protected-models.md").read_text()
    rows = re.findall(r"(?m)^\| (`\w+`(?:, `\w+`)*) \|", page[page.index("| header") :])
    told = {name for names in rows for name in re.findall(r"\w+", names)}
    assert set(Header.__struct_fields__) <= told
    assert f"`{MAGIC.decode()}`" in page
    for secret in (SALT, ROUNDS):
        shown = secret.decode() if isinstance(secret, bytes) else f"{secret:,}"
        assert shown in page


def test_files_beside_a_model_are_named() -> None:
    for name in (manifest.MANIFEST, manifest.SIGNATURE, percept.CONFIG, percept.CVEXPORT):
        assert f"`{name}`" in PAGE
    for mark in percept.S1_MARKS:
        assert f"`{mark.decode()}`" in PAGE

"""Rules of the tree that no linter knows. Each failure names the file."""

import ast
import configparser
import re
import tomllib
from pathlib import Path
from statistics import median

import pytest

import actors
import bus

ROOT = Path(__file__).parents[1]
STAGES = {path.parent.name for path in ROOT.glob("actors/*/__main__.py")}
SOURCES = sorted(p for folder in ("actors", "bus", "cli") for p in ROOT.glob(f"{folder}/**/*.py"))
# What reaches outside the process, and the only places that may import it.
SHELLS = {
    "openvino": ("actors/inference/engine.py", "cli/"),
    "asyncio": ("actors/rtsp/",),
    "azure": ("actors/telemetry/sinks/iot",),
    "av": ("actors/camera/", "actors/rtsp/encoder.py", "cli/"),
    "time": (
        "bus/sockets.py",
        "bus/subscriber.py",
        "bus/frame_writer.py",
        "actors/clock.py",
        "actors/inference/engine.py",
        "actors/camera/",
        "cli/",
    ),
    "sqlite3": ("actors/telemetry/outbox/",),
    "subprocess": ("actors/models/admitting.py", "cli/"),
}
BANNED_NAMES = {
    "util",
    "utils",
    "common",
    "helper",
    "helpers",
    "base",
    "manager",
    "handler",
    "misc",
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_actor_imports_another(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    own = {parts[1]} if parts[0] == "actors" else set()
    used = {name.split(".")[1] for name in imports(path) if name.startswith("actors.")}
    if parts[0] in {"actors", "bus"}:
        assert used & (STAGES - own) == set()


@pytest.mark.parametrize("path", sorted(ROOT.glob("bus/*.py")), ids=relative)
def test_the_bus_knows_no_actor(path: Path) -> None:
    assert not any(name.split(".")[0] in {"actors", "cli"} for name in imports(path))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_modules_are_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
    if path.name == "__main__.py":
        assert len(path.read_text().splitlines()) <= 110


def test_most_modules_are_very_small() -> None:
    assert median(len(path.read_text().splitlines()) for path in SOURCES) <= 120


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_functions_are_small(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_module_is_a_drawer(path: Path) -> None:
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("library", SHELLS)
def test_only_the_shells_reach_outside(library: str) -> None:
    users = [path for path in SOURCES if library in {n.split(".")[0] for n in imports(path)}]
    outside = [path for path in map(relative, users) if not path.startswith(SHELLS[library])]
    assert outside == []


def programs() -> dict[str, str]:
    conf = configparser.RawConfigParser()
    conf.read(ROOT / "supervisord.conf")
    kinds = ("program:", "eventlistener:")
    return {s.partition(":")[2]: conf[s]["command"] for s in conf if s.startswith(kinds)}


def test_supervisord_runs_each_stage() -> None:
    assert {name: command.split()[:3] for name, command in programs().items()} == {
        stage: ["python", "-m", f"actors.{stage}"] for stage in STAGES
    }


def test_the_packages_are_this_tree() -> None:
    assert Path(bus.__file__).parents[1] == ROOT
    assert Path(actors.__file__).parents[1] == ROOT


def test_tests_wait_for_messages_and_replace_nothing_of_ours() -> None:
    banned = ("sl" + "eep(", "monkeypatch.set" + "attr", "unittest." + "mock")
    for path in ROOT.glob("tests/**/*.py"):
        text = path.read_text()
        assert [word for word in banned if word in text] == [], path


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_documents_link_to_what_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", document.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    wanted = [*project["project"]["dependencies"], *(name for group in groups for name in group)]
    said = (ROOT / "docs" / "dependencies.md").read_text()
    names = [re.split(r"[<>=]", name)[0] for name in wanted]
    assert [name for name in names if name not in said] == []

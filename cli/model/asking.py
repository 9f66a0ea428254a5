"""What no file of a bare model tells: asked for on a terminal, else to be given as options."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import typer

from actors.package import PackageError
from actors.package.files import Folder, read_text
from cli.refusal import Refused

Three = tuple[float, float, float]
NO_LABELS = "none"
COLOURS = ("BGR", "RGB")


class Question(NamedTuple):
    rule: str  # what to answer
    usual: str
    taken: Callable[[str], Any]  # raises `typer.BadParameter`


def three(text: str) -> Three:
    """`127.5,127.5,127.5`, or one number for all."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    match numbers:
        case [one]:
            return one, one, one
        case [first, second, third]:
            return first, second, third
    raise typer.BadParameter(f"{text!r}: three numbers with commas between, or one for all")


def colour(text: str) -> str:
    if text.upper() not in COLOURS:
        raise typer.BadParameter(f"{text!r}: {' or '.join(COLOURS)}")
    return text.upper()


def labels(text: str) -> tuple[str, ...]:
    """The lines of a file, the first being class 0; of `none` no labels."""
    if text == NO_LABELS:
        return ()
    path = Path(text)
    try:
        return tuple(read_text(Folder(path.parent), path.name).splitlines())
    except PackageError as error:
        raise typer.BadParameter(str(error)) from None


QUESTIONS = {
    "labels": Question(f"file, its first line being class 0; or {NO_LABELS}", NO_LABELS, labels),
    "colour": Question("BGR or RGB, as the model was trained", "BGR", colour),
    "mean": Question("subtracted from pixels 0..255: one number or three", "0", three),
    "scale": Question("divides what is left then: one number or three", "1", three),
    "licence": Question("as SPDX names it, or in words", "unknown", str),
}


def complete(source: Path, given: Mapping[str, Any], wanted: set[str]) -> dict[str, Any]:
    """What was given, and the answers to what is wanted beside it."""
    said = {name: value for name, value in given.items() if value is not None}
    missing = [name for name in QUESTIONS if name in wanted and name not in said]
    if missing and not sys.stdin.isatty():
        options = "; ".join(f"--{name} ({QUESTIONS[name].rule})" for name in missing)
        raise Refused(
            f"{source}: does not tell these, so they must be given: {options}", os.EX_USAGE
        )
    return said | {name: _asked(name, QUESTIONS[name]) for name in missing}


def _asked(name: str, question: Question) -> Any:
    words = f"{name}, {question.rule}"
    return typer.prompt(words, default=question.usual, value_proc=question.taken, err=True)

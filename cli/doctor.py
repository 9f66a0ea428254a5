"""`retinue doctor`: what is wrong here, and what to do."""

from typing import Annotated

import msgspec
import typer

from actors.config import Config
from cli import examine
from cli.examine import Finding
from cli.target import ConfigFile, running

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects")] = False,
    config: ConfigFile = None,
) -> None:
    """Examine devices, memory, ports, cameras, folders and versions; exit code 1 on a fault."""
    findings = examined(running(config))
    if as_json:
        typer.echo(msgspec.json.encode(findings).decode())
    else:
        _print(findings)
    raise typer.Exit(int(any(finding.verdict == "fail" for finding in findings)))


def examined(device: Config) -> list[Finding]:
    """Every finding, in the order in which one would mend them."""
    return [finding for each in examine.ALL for finding in each(device)]


def _print(findings: list[Finding]) -> None:
    from rich.console import Console  # noqa: PLC0415 slow to import
    from rich.markup import escape  # noqa: PLC0415

    console = Console(soft_wrap=True)
    for finding in findings:
        colour = COLOURS[finding.verdict]
        text = f"[{colour}]{finding.verdict:4}[/]  {finding.subject:10} {escape(finding.found)}"
        console.print(text + (f" -> {escape(finding.todo)}" if finding.todo else ""))

"""`retinue`: the command line. One file a command."""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from actors.config import ConfigError
from actors.package import PackageError
from actors.package.sealed.key import SealedError
from actors.store.trouble import StoreError
from actors.supervision.supervisor import SupervisionError
from cli.check import check
from cli.control import restart, start, stop
from cli.doctor import doctor
from cli.images import app as images
from cli.model.app import app as model
from cli.ps import ps
from cli.refusal import BAD_CONFIG, Refused
from cli.snapshot import snapshot
from cli.tail import tail
from cli.up import up
from cli.watch import watch

app = typer.Typer(
    help="Cameras, inference and streams as supervised processes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (up, ps, watch, tail, snapshot, start, stop, restart, check, doctor):
    app.command()(command)
app.add_typer(model, name="model")
app.add_typer(images, name="images")

EXPECTED = (PackageError, StoreError, SealedError, SupervisionError)  # each one sentence


def _print_version(wanted: bool) -> None:  # noqa: FBT001 as typer calls it
    if wanted:
        typer.echo(f"retinue {version('retinue')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it")
    ] = False,
) -> None:
    """Take what comes before the command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command, the process's own or this; what was to be expected is one line on stderr."""
    try:
        app(arguments)
    except ConfigError as error:
        _fail(str(error), BAD_CONFIG)
    except EXPECTED as error:
        _fail(str(error), 1)
    except Refused as refused:
        _fail(str(refused), refused.code)


def _fail(message: str, code: int) -> None:
    typer.echo(f"retinue: {message}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()

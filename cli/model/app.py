"""The commands of `retinue model`."""

import typer

from cli.model.changing import activate, release, remove, rollback
from cli.model.keys import keygen, seal
from cli.model.listing import list_models
from cli.model.status import status

app = typer.Typer(help="Models: versions, the slots that run them, packages.", no_args_is_help=True)
app.command("list")(list_models)
for command in (status, activate, rollback, release, remove, keygen, seal):
    app.command()(command)

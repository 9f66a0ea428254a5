"""The commands of `retinue model`."""

import typer

from cli.model.changing import activate, release, remove, rollback
from cli.model.checking import check
from cli.model.keys import keygen, seal
from cli.model.listing import list_models
from cli.model.packaging import package
from cli.model.pulling import pull
from cli.model.status import status

app = typer.Typer(help="Models: versions, the slots that run them, packages.", no_args_is_help=True)
app.command("list")(list_models)
for command in (pull, activate, rollback, status, release, remove, check, package, keygen, seal):
    app.command()(command)

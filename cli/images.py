"""`retinue images`: pictures that are kept to train on."""

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import Struct

from actors.collect.choice import collected, rules_of
from actors.collect.exporting import export
from actors.collect.shelf import BadSidecar, Picture, Shelf
from actors.config import Config
from actors.settings import SettingsFile
from actors.tenancy import holder_of, lock_path
from cli.listener import Listener
from cli.model.listing import print_table
from cli.refusal import Refused
from cli.target import ConfigFile, running

HEADS = ("picture", "MB", "captured", "why", "boxes", "models")
PATIENCE_S, LOOK_S = 8.0, 0.2
NO_PICTURES = "no pictures in {}; [collect] or `retinue images take` keeps some"

Camera = Annotated[str | None, typer.Option(help="Of this camera only")]
Since = Annotated[datetime | None, typer.Option(help="Captured since this local time")]
AsJson = Annotated[bool, typer.Option("--json", help="A list of objects")]

app = typer.Typer(help="Pictures kept to train on.", no_args_is_help=True)


class Row(Struct, frozen=True, kw_only=True):
    """One picture. The names are an interface: others read the JSON."""

    picture: str
    path: str
    bytes: int
    captured_utc_ns: int
    reasons: tuple[str, ...] = ()
    boxes: int = 0
    models: tuple[str, ...] = ()
    trouble: str = ""


@app.command("list")
def list_pictures(
    *,
    camera: Camera = None,
    since: Since = None,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show the kept pictures, the oldest first."""
    shelf = shelf_of(running(config))
    rows = [row_of(shelf, each) for each in chosen(shelf, camera, since)]
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
    elif rows:
        print_table(HEADS, [_cells(row) for row in rows])
        typer.echo(f"{len(rows)} pictures, {sum(row.bytes for row in rows) / 1e6:.1f} MB")
    else:
        typer.echo(NO_PICTURES.format(shelf.root))


@app.command("export")
def export_pictures(
    folder: Annotated[Path, typer.Argument(help="A new folder")],
    *,
    camera: Camera = None,
    since: Since = None,
    inference: Annotated[
        str | None, typer.Option(help="With the boxes of this [[inference]] entry only")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Write the kept pictures and their boxes as COCO has them; they stay here, too."""
    shelf = shelf_of(running(config))
    pictures = chosen(shelf, camera, since)
    if not pictures:
        raise Refused(NO_PICTURES.format(shelf.root))
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(f"{folder}: is there already; name a new folder")
        made = export(shelf, pictures, folder.absolute(), inference)
    except OSError as error:
        raise Refused(f"{error.filename or folder}: {error.strerror}") from None
    names = ", ".join(each.name for each in made.categories)
    typer.echo(
        f"{folder}: {len(made.images)} pictures with {len(made.annotations)} boxes"
        + (f" of {names}" if names else "")
    )


@app.command()
def take(config: ConfigFile = None) -> None:
    """Keep a picture of each camera now, whatever is in it; where collecting is on."""
    device = running(config)
    shelf, settings = shelf_of(device), SettingsFile(device.state)
    if rules_of(device.collect, settings.look()) is None:
        raise Refused("collecting is off: set collect.enabled; interval_s = 0 keeps none by time")
    before = {each.path for each in shelf.pictures()}
    settings.step("picture_step")
    if not holder_of(lock_path(device.run, "collect")):
        typer.echo("asked for; collect does not run now, it is done once it does")
        return
    wanted = {camera.name for camera in collected(device)}
    missing = _followed(device, shelf, before, wanted)
    if missing:
        names = ", ".join(sorted(missing))
        raise Refused(f"no picture of {names} within {PATIENCE_S:g} s; `retinue ps` may say why")


@app.command()
def upload(config: ConfigFile = None) -> None:
    """Try to upload the kept pictures now, though the last attempt failed a moment ago."""
    device = running(config)
    if device.upload.kind == "off":
        raise Refused('upload.kind is "off": say in [upload] where to')
    SettingsFile(device.state).step("upload_step")
    waiting = len(shelf_of(device).pictures())
    typer.echo(f"asked for: {waiting} pictures are kept; `retinue ps` says how it goes")


@app.command()
def remove(
    pictures: Annotated[
        list[str] | None, typer.Argument(metavar="PICTURE...", help="As `list` names them")
    ] = None,
    *,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every one")] = False,
    config: ConfigFile = None,
) -> None:
    """Remove kept pictures from this device."""
    shelf = shelf_of(running(config))
    there = {each.title: each for each in shelf.pictures()}
    if bool(pictures) == all_of_them:
        raise Refused("name the pictures, or --all", os.EX_USAGE)
    for name in pictures or ():
        if name not in there:
            raise Refused(f"{name}: there is no such picture; `retinue images list` has them")
    names = list(there) if all_of_them else dict.fromkeys(pictures or ())
    for name in names:
        try:
            shelf.remove(there[name])
        except OSError as error:
            raise Refused(f"{error.filename}: {error.strerror}") from None
    typer.echo(f"removed: {len(names)} pictures")


def shelf_of(device: Config) -> Shelf:
    return Shelf(device.state / "images")


def chosen(shelf: Shelf, camera: str | None, since: datetime | None) -> list[Picture]:
    since_utc_ns = int(since.timestamp() * 1e9) if since else 0
    return [
        each
        for each in shelf.pictures()
        if camera in (None, each.camera) and each.captured_utc_ns >= since_utc_ns
    ]


def row_of(shelf: Shelf, picture: Picture) -> Row:
    row = Row(
        picture=picture.title,
        path=str(picture.path),
        bytes=picture.size_bytes,
        captured_utc_ns=picture.captured_utc_ns,
    )
    try:
        about = shelf.sidecar(picture)
    except BadSidecar as bad:
        return msgspec.structs.replace(row, trouble=str(bad))
    return msgspec.structs.replace(
        row,
        reasons=about.reasons,
        boxes=len(about.scores),
        models=tuple(f"{look.model}@{look.version}" for look in about.seen),
    )


def _cells(row: Row) -> list[str]:
    at = datetime.fromtimestamp(row.captured_utc_ns / 1e9).astimezone()
    return [
        row.picture,
        f"{row.bytes / 1e6:.2f}",
        f"{at:%Y-%m-%d %H:%M:%S}",
        ", ".join(row.reasons) or row.trouble,
        str(row.boxes),
        ", ".join(row.models),
    ]


def _followed(device: Config, shelf: Shelf, before: set[Path], wanted: set[str]) -> set[str]:
    """The cameras of which no new picture came; says each that did."""
    end_s = time.monotonic() + PATIENCE_S
    with Listener(device.run, "health/collect/") as listener:
        while wanted and time.monotonic() < end_s:
            for _ in listener.messages(LOOK_S):
                pass
            for picture in shelf.pictures():
                if picture.path not in before and picture.camera in wanted:
                    row = row_of(shelf, picture)
                    if "request" in row.reasons:
                        typer.echo(f"{row.picture}: {row.path}")
                        wanted = wanted - {picture.camera}
    return wanted

"""`retinue watch`: every actor live, what is seen now, what happened, until Ctrl-C."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import typer

from actors.config import Config
from bus.messages import Health, Result, Tick
from cli.board import Board, Looker
from cli.listener import Listener
from cli.ps import holders_in, look, nothing_runs, print_table, supervised
from cli.target import ConfigFile, running
from cli.welcome import spelled_here, while_watching

REDRAW_S = 0.2
ASK_S = 1.0  # supervisord, about whoever is away


def watch(config: ConfigFile = None) -> None:
    """Show every actor live, with what is seen and what happens; without a terminal, once."""
    from rich.console import Console  # noqa: PLC0415 slow to import

    device = running(config)
    if not any(holders_in(device).values()):
        raise nothing_runs(device)
    console = Console()
    if not (sys.stdout.isatty() and console.is_interactive):
        typer.echo("watch needs a terminal; this is `retinue ps`, once:", err=True)
        print_table(look(device))
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # give the terminal back first
    with suppress(KeyboardInterrupt):
        show(device)


def show(device: Config) -> None:
    """Draw for ever, on the terminal's other screen: what was there before comes back."""
    from rich.live import Live  # noqa: PLC0415 slow to import

    from cli.screen import screen_of  # noqa: PLC0415

    words = spelled_here()
    board = Board(
        Looker(camera.name, entry.name)
        for camera in device.camera
        for entry in device.entries_of(camera)
    )
    with Live(screen=True, auto_refresh=False) as live:
        for _ in follow(device, board):
            width, height = live.console.size
            tries = while_watching(device, board.holders, words)
            screen = screen_of(board, str(device.run), tries, width=width, height=height)
            live.update(screen, refresh=True)


def follow(device: Config, board: Board) -> Iterator[None]:
    """Feed the board; yields a few times a second, when it is worth drawing."""
    told: dict[str, dict[str, Any]] = {}
    asked_s = 0.0
    board.seen(_now())
    with Listener(device.run, "health/", "results/") as listener:
        while True:
            for _, wire in listener.messages(REDRAW_S):
                with suppress(msgspec.MsgspecError):  # a stranger's: it is no actor then
                    board.seen(msgspec.msgpack.decode(wire, type=Health | Result))
            board.seen(_now())
            holders = holders_in(device)
            if not all(holders.values()) and time.monotonic() >= asked_s + ASK_S:
                told, asked_s = supervised(device), time.monotonic()
            board.found(holders, told)
            yield


def _now() -> Tick:
    return Tick(now_ns=time.monotonic_ns(), now_utc_ns=time.time_ns())

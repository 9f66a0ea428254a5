"""Keeps pictures without end and says the name of each: for a test that kills it."""

import sys
from pathlib import Path

from actors.collect.shelf import Shelf
from tests.actors.collect.kept import PERSON, about

JPEG = bytes(200_000)

if __name__ == "__main__":
    shelf = Shelf(Path(sys.argv[1]))
    for at in range(1_000_000):
        sys.stdout.write(f"{shelf.keep(JPEG, about(at, PERSON)).title}\n")
        sys.stdout.flush()
        if at % 3:  # the oldest, never the only one
            shelf.remove(shelf.pictures()[0])

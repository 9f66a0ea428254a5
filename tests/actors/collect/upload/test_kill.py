"""The upload as the configuration has it, in a process that is killed at the worst moment."""

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.actors.collect.upload.conftest import Serve
from tests.actors.collect.upload.peer import Peer, Talk
from tests.actors.collect.upload.rig import Rig, names
from tests.listening import DEADLINE_S

ROOT = Path(__file__).parents[4]
UPLOADS = """
import signal, sys, threading
from pathlib import Path
from actors.collect.shelf import Shelf
from actors.collect.upload.uploading import uploading
from actors.config import load

class Telling(Shelf):
    def remove(self, picture):
        super().remove(picture)
        print(picture.title, flush=True)


config = load(Path(sys.argv[1]), {})
begun = uploading(config, Telling(config.state / "images"), threading.Event())
assert begun is not None
signal.pause()
"""


@contextmanager
def uploads(config: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-c", UPLOADS, str(config)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def removed(process: "subprocess.Popen[bytes]") -> str:
    """The next picture that it removes."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], DEADLINE_S)[0]
    return process.stdout.readline().decode().strip()


def test_killed_as_it_is_confirmed_it_goes_again_and_nothing_is_lost(
    rig: Rig, serve: Serve, tmp_path: Path
) -> None:
    peer = serve(Peer, None)
    kept = rig.keep(1), rig.keep(2)
    config = tmp_path / "c.toml"
    lines = f'state_dir = "{tmp_path}"\n[upload]\nkind = "http"\nurl = "{peer.url}"\n'
    config.write_text(lines)
    with uploads(config) as first:

        def kill(talk: Talk) -> None:
            peer.kept[talk.asked.target] = talk.asked.body
            first.kill()
            first.wait()

        peer.plays = [peer.play, kill]
        peer.until_asked(2)
        first.wait()
    assert rig.left == [each.title for each in kept]
    with uploads(config) as second:
        assert [removed(second) for _ in kept] == [each.title for each in kept]
    assert rig.left == []
    assert [asked.target for asked in peer.asked] == [*names(kept[0]), *names(*kept)]
    sidecars = [json.loads(peer.kept[name]) for name in names(*kept)[1::2]]
    assert [each["schema"] for each in sidecars] == ["retinue-image/1"] * 2

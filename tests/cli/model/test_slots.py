"""What the store holds and which slot runs what, from the command line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from actors.clock import moment
from actors.config import Config, Inference
from actors.store.store import Store
from actors.tenancy import claim
from cli.model.arrival import Arrival, Ended
from cli.model.waiting import _followed
from tests.cli.conftest import ROOT, Retinue
from tests.cli.model.conftest import Ask
from tests.cli.model.stock import SLOT, activate, posting, stock

TWO = '[[inference]]\nname = "left"\n[[inference]]\nname = "right"\n'


def test_an_empty_store_is_no_fault(ask: Ask) -> None:
    done = ask("model", "list")
    assert (done.returncode, done.stdout[:15]) == (0, "no versions in ")
    assert json.loads(ask("model", "list", "--json").stdout) == []
    assert "builtin:street, as configured" in ask("model", "status").stdout


def test_the_list_has_all_that_is_known(ask: Ask, state: Path) -> None:
    first, second = stock(state, "1"), stock(state, "2")
    activate(state, first)
    activate(state, second)
    Store(state).quarantine(first.digest, "saw ghosts", moment())
    one, two = json.loads(ask("model", "list", "--json").stdout)
    assert (one["name"], one["version"], one["family"]) == ("street", "1", "ssd")
    assert (one["device"], one["latency_ms"]) == ("CPU", 7.25)
    assert (one["quarantined"], one["previous_in"]) == ("saw ghosts", [SLOT])
    assert (two["active_in"], two["digest"]) == ([SLOT], second.digest)
    assert two["bytes"] > 100_000
    table = ask("model", "list").stdout
    assert "street@1" in table
    assert "quarantined: saw ghosts" in table
    assert "secret" not in table + json.dumps(one)


def test_the_catalogue_is_listed_with_what_stands_in_the_way(ask: Ask) -> None:
    offers = {
        each["name"]: each
        for each in json.loads(ask("model", "list", "--available", "--json").stdout)
    }
    assert offers["person-vehicle-bike-detection-2000"]["precision"] == "FP16-INT8"
    assert offers["person-vehicle-bike-detection-2000"]["bytes"] > 1_000_000
    assert any(each["needs"] for each in offers.values())
    assert "person-vehicle-bike-detection-2000" in ask("model", "list", "--available").stdout


def test_without_a_device_it_counts_from_the_next_start(ask: Ask, state: Path) -> None:
    record = stock(state, "2")
    done = ask("model", "activate", "street@2")
    assert done.returncode == 0, done.stderr
    assert "is active from the next start on" in done.stdout
    assert Store(state).slot(SLOT).slot.active == record.digest
    assert f"street 2 ({record.digest[:12]})" in ask("model", "status").stdout


def test_activate_returns_when_it_publishes(retinue: Retinue, run_dir: Path, state: Path) -> None:
    record = stock(state, "2")
    claim(run_dir, f"inference-{SLOT}-a")
    with posting(run_dir, state):
        done = retinue("model", "activate", "street")
        again = retinue("model", "activate", record.digest[:8])
        status = json.loads(retinue("model", "status", "--json").stdout)
        back = retinue("model", "rollback")
    assert done.returncode == again.returncode == back.returncode == 0, done.stderr
    assert "street@2 serves on CPU in post a, in its trial 6.5 ms, 88% of the" in done.stdout
    assert "street@1 serves" in back.stdout
    [slot] = status
    assert slot["active"]["digest"] == record.digest
    assert 0 < slot["probation_left_s"] <= 120
    assert slot["posts"][0]["agreement"] == 0.875


def test_activate_says_why_it_did_not(retinue: Retinue, run_dir: Path, state: Path) -> None:
    record = stock(state, "2")
    claim(run_dir, f"inference-{SLOT}-a")
    with posting(run_dir, state, fault="no device takes the model"):
        done = retinue("model", "activate", "street")
        status = retinue("model", "status").stdout
        barred = retinue("model", "activate", "street")
        released = retinue("model", "release", "street@2")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.endswith("what ran before goes on: no device takes the model")
    assert f"put back    street 2 ({record.digest[:12]}): no device takes the model" in status
    assert "quarantined (no device takes the model); release it first" in barred.stderr
    assert "released: street 2" in released.stdout
    assert Store(state).quarantined(record.digest) is None


def test_who_does_not_wait_is_told_where_to_look(
    retinue: Retinue, run_dir: Path, state: Path
) -> None:
    stock(state, "2")
    claim(run_dir, f"inference-{SLOT}-a")
    done = retinue("model", "activate", "street", "--no-wait")
    assert (done.returncode, "`retinue model status` says" in done.stdout) == (0, True)


def test_ctrl_c_ends_the_waiting_and_no_more(
    run_dir: Path, state: Path, environ: dict[str, str]
) -> None:
    stock(state, "2")
    claim(run_dir, f"inference-{SLOT}-a")
    command = [sys.executable, "-m", "cli.main", "model", "activate", "street"]
    with (
        posting(run_dir, state, stuck=True),
        subprocess.Popen(command, env=environ, cwd=ROOT, stderr=subprocess.PIPE) as waiting,
    ):
        assert waiting.stderr
        assert waiting.stderr.readline() == b"slot detector: loading in post a\n"
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate(timeout=20)
    assert waiting.returncode == 130
    assert b"the change stands" in said
    assert b"Traceback" not in said


def test_a_slot_is_named_where_there_are_several(ask: Ask, state: Path, tmp_path: Path) -> None:
    stock(state, "2")
    (tmp_path / "two.toml").write_text(TWO)
    vague = ask("model", "activate", "street", "-c", "two.toml")
    wrong = ask("model", "activate", "street", "--slot", "up", "-c", "two.toml")
    right = ask("model", "activate", "street", "--slot", "right", "-c", "two.toml")
    assert (vague.returncode, wrong.returncode) == (os.EX_USAGE, os.EX_USAGE)
    assert "left, right: name one with --slot" in vague.stderr
    assert "--slot up: no such [[inference]] entry; there are left, right" in wrong.stderr
    assert right.returncode == 0
    assert set(Store(state).slots().by_name) == {"right"}


def test_what_is_not_there_gets_the_nearest_name(ask: Ask, state: Path) -> None:
    stock(state, "2")
    done = ask("model", "activate", "stret")
    assert done.returncode == 1
    assert done.stderr == "retinue: nothing is named 'stret'; did you mean 'street'?\n"
    assert "has no version '7'; there is 2" in ask("model", "activate", "street@7").stderr


def test_nothing_is_removed_on_a_guess(ask: Ask, state: Path) -> None:
    first, second = stock(state, "1"), stock(state, "2")
    activate(state, second)
    vague = ask("model", "remove", "street")
    used = ask("model", "remove", "street@2")
    done = ask("model", "remove", first.digest[:12])
    assert "street: means 2 versions, street 1 (" in vague.stderr
    assert "slot detector runs it or may go back to it" in used.stderr
    assert done.stdout == f"removed: street 1 ({first.digest[:12]})\n"
    assert [each.digest for each in Store(state).versions().versions] == [second.digest]


def test_there_is_nothing_to_go_back_to_at_first(ask: Ask, state: Path) -> None:
    stock(state, "1")
    done = ask("model", "rollback")
    assert (done.returncode, "there is nothing before" in done.stderr) == (1, True)
    assert "is not quarantined" in ask("model", "release", "street").stderr


def test_of_several_versions_the_last_that_may_run_is_taken(ask: Ask, state: Path) -> None:
    first, second = stock(state, "1"), stock(state, "2")
    assert ask("model", "activate", "street").returncode == 0
    assert Store(state).slot(SLOT).slot.active == second.digest
    Store(state).quarantine(second.digest, "saw ghosts", moment())
    assert ask("model", "activate", "street").returncode == 0
    assert Store(state).slot(SLOT).slot.active == first.digest


def test_for_a_moment_there_may_be_no_process(run_dir: Path, state: Path) -> None:
    device = Config(run_dir=str(run_dir), state_dir=str(state))
    activate(state, stock(state, "2"))
    slot = Store(state).slot(SLOT).slot
    ended = _followed(device, Inference(SLOT), Arrival(slot), within_s=0.5)
    assert ended == Ended(None, "not done within 0.5 s; see `retinue model status`")

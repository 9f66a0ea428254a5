"""supervisord's configuration: the one that comes with the project, and those made from it."""

import configparser
from pathlib import Path

from supervisor.options import ServerOptions

from actors.config import Camera, Config, Inference
from actors.process import STAGES
from actors.supervision.programs import GROUP, TEMPLATE, processes
from cli.programs import conf_for

TWO = Config(camera=(Camera("front"), Camera("back")), inference=(Inference("detector"),))


def read_by_supervisor(conf: Path) -> ServerOptions:
    """As supervisord itself reads it."""
    options = ServerOptions()
    options.realize(["-c", str(conf)])
    return options


def programs(conf: Path) -> dict[str, str]:
    """Full names and commands, as supervisord will run them."""
    groups = read_by_supervisor(conf).process_group_configs
    return {f"{group.name}:{p.name}": p.command for group in groups for p in group.process_configs}


def made(folder: Path, config: Config, log_dir: Path | None = None) -> Path:
    conf = folder / "supervisord.conf"
    conf.write_text(conf_for(config, folder / "device.toml", log_dir=log_dir))
    return conf


def test_alone_it_runs_every_stage_in_one_group() -> None:
    assert programs(TEMPLATE) == {
        "retinue:camera-0": "python -m actors.camera 0",
        "retinue:collect": "python -m actors.collect",
        "retinue:inference-0": "python -m actors.inference 0",
        "retinue:inference-1": "python -m actors.inference 1",
        "retinue:models": "python -m actors.models",
        "retinue:overlay": "python -m actors.overlay",
        "retinue:rtsp": "python -m actors.rtsp",
        "retinue:telemetry": "python -m actors.telemetry",
        "retinue:watchdog-0": "python -m actors.watchdog 0",
        "retinue:watchdog-1": "python -m actors.watchdog 1",
    }
    assert {name.partition(":")[2].partition("-")[0] for name in programs(TEMPLATE)} == set(STAGES)


def test_every_program_comes_back_from_all_but_a_bad_configuration() -> None:
    conf = configparser.RawConfigParser()
    conf.read(TEMPLATE)
    for section in (name for name in conf.sections() if name.startswith("program:")):
        program = conf[section]
        assert (program["autorestart"], program["exitcodes"]) == ("unexpected", "78"), section
        assert program["startsecs"] == "0", section


def test_each_camera_is_a_process(tmp_path: Path) -> None:
    running = programs(made(tmp_path, TWO))
    assert running["retinue:camera-1"] == "python -m actors.camera 1"
    assert set(processes(TWO).values()) == set(running)
    assert processes(TWO)["camera-back"] == "retinue:camera-1"


def test_there_are_always_two_watchdogs(tmp_path: Path) -> None:
    watchdogs = ["retinue:watchdog-0", "retinue:watchdog-1"]
    assert [name for name in programs(made(tmp_path, TWO)) if "watchdog" in name] == watchdogs
    assert [processes(TWO)[actor] for actor in ("watchdog-0", "watchdog-1")] == watchdogs


def test_no_inference_is_no_process(tmp_path: Path) -> None:
    running = programs(made(tmp_path, Config()))
    assert not any("inference" in name for name in running)
    assert set(processes(Config()).values()) == set(running)


def test_the_made_one_keeps_its_socket_and_pid_in_the_run_directory(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    options = read_by_supervisor(made(folder, TWO))
    assert options.pidfile == str(folder / "supervisord.pid")
    [server] = options.server_configs
    assert server["file"] == str(folder / "supervisord.sock")
    assert server["chmod"] == 0o700


def test_without_a_terminal_each_program_logs_to_a_bounded_file(tmp_path: Path) -> None:
    log_dir = tmp_path / "50%" / "log"
    log_dir.mkdir(parents=True)
    [group] = read_by_supervisor(made(tmp_path, TWO, log_dir)).process_group_configs
    logs = {p.name: p.stdout_logfile for p in group.process_configs}
    assert logs["camera-1"] == str(log_dir / "camera-1.log")
    assert logs["overlay"] == str(log_dir / "overlay.log")
    assert all(0 < p.stdout_logfile_maxbytes < 10_000_000 for p in group.process_configs)


def test_the_group_is_what_commands_address() -> None:
    assert all(name.startswith(f"{GROUP}:") for name in processes(TWO).values())

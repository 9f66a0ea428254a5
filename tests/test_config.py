"""The configuration: what is accepted, and what is said of the rest."""

from pathlib import Path

import msgspec
import pytest

from actors.config import DEFAULT_FILE, Camera, Config, ConfigError, Rtsp, load, where

ROOT = Path(__file__).parents[1]
HOME = {"HOME": "/home/somebody"}


def written(folder: Path, text: str) -> Path:
    file = folder / "device.toml"
    file.write_text(text)
    return file


def fault(folder: Path, text: str) -> str:
    """The one line that a bad configuration is answered with."""
    file = written(folder, text)
    with pytest.raises(ConfigError) as raised:
        load(file, HOME)
    message = str(raised.value)
    assert message.startswith(f"{file}: ")
    assert "\n" not in message
    return message.removeprefix(f"{file}: ")


def test_the_reference_equals_the_defaults(tmp_path: Path) -> None:
    assert load(ROOT / "configs" / "device.toml", HOME) == load(written(tmp_path, ""), HOME)


def test_the_reference_names_every_key() -> None:
    text = (ROOT / "configs" / "device.toml").read_text()
    for key in keys_of(Config):
        assert f"\n{key} = " in text or f"\n# {key} = " in text or f"[{key}]" in text, key


def keys_of(section: type[msgspec.Struct]) -> list[str]:
    """All keys below a section; lists of sections count with their own name."""
    info = msgspec.inspect.type_info(section)
    assert isinstance(info, msgspec.inspect.StructType)
    keys: list[str] = []
    for field in info.fields:
        kind = field.type
        inner = kind.item_type if isinstance(kind, msgspec.inspect.VarTupleType) else kind
        if isinstance(inner, msgspec.inspect.StructType):
            keys += [field.encode_name, *keys_of(inner.cls)]
        elif field.encode_name == "users":
            keys.append("rtsp.users")
        else:
            keys.append(field.encode_name)
    return keys


def test_the_default_is_one_synthetic_camera_and_no_model() -> None:
    device = load(DEFAULT_FILE, HOME)
    assert [camera.source for camera in device.camera] == ["scene:"]
    assert [entry.model for entry in device.inference] == [""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "log_levle = 'info'",
            "log_levle = 'info': there is no such key; did you mean `log_level`?",
        ),
        ("[rtsp]\nprot = 1", "rtsp.prot = 1: there is no such key; did you mean `port`?"),
        ("[overlay]\nzzz = 1", "overlay.zzz = 1: there is no such key; there are align, hold_ms"),
        (
            "[[camera]]\nname = 'a'\nsuorce = 'scene:'",
            "camera[0].suorce = 'scene:': there is no such key; did you mean `source`?",
        ),
        ("[rtsp]\nport = 70000", "rtsp.port = 70000: Expected `int` <= 65535"),
        ("[rtsp]\nport = 'x'", "rtsp.port = 'x': Expected `int`, got `str`"),
        ("[overlay]\nalign = 3", "overlay.align = 3: Expected `bool`"),
        ("[[camera]]\nname = 'Front door'", "camera[0].name = 'Front door': Expected `str` match"),
        ("[[camera]]\nsource = 'scene:'", "camera[0]"),
        ("[[camera]]\nname = 'a'\npace = 'slow'", "camera[0].pace = 'slow': Invalid enum value"),
        ("[[camera]]\nname = 'a'\nfps = 0", "camera[0].fps = 0: Expected `float` > 0"),
        ("[[inference]]\nname = 'd'\ndevices = []", "inference[0].devices = []: Expected `array`"),
        ("run_dir = 5", "run_dir = 5: Expected `str`"),
    ],
)
def test_the_fault_names_key_value_and_rule(tmp_path: Path, text: str, said: str) -> None:
    assert fault(tmp_path, text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("camera = []", "at least one [[camera]]"),
        ("[[camera]]\nname = 'a'\n[[camera]]\nname = 'a'", "each name is used once"),
        ("[[camera]]\nname = 'a'\nwidth = 640", "camera[0].height: width and height are given"),
        ("[[camera]]\nname = 'a'\nsource = 'tape:1'", "camera[0].source = 'tape:1': a source is"),
        ("[[inference]]\nname = 'd'\ncameras = ['back']", "no such camera; there are front"),
        ("[rtsp]\nhost = '0.0.0.0'", "rtsp.host = '0.0.0.0': without rtsp.users"),
        ("[rtsp.users]\n'a b' = 'x'", "a name is letters, digits"),
        (f"run_dir = '/{'x' * 60}'", "longer than 60 bytes"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(tmp_path, text)


def test_no_password_is_ever_shown(tmp_path: Path) -> None:
    assert "secret" not in fault(tmp_path, "[rtsp]\nusers = 'secret'")
    assert "secret" not in fault(tmp_path, "[rtsp.users]\nviewer = ['secret']")
    assert "secret" not in fault(tmp_path, "[[camera]]\nname='a'\nsource='ftp://me:secret@host/'")


def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    assert "line 2" in fault(tmp_path, "[rtsp]\nport = ]\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: No such file"):
        load(tmp_path / "none.toml", HOME)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "run_dir = '/run/a'\nstate_dir = '/var/a'")
    assert load(file, HOME).run == Path("/run/a")
    device = load(file, HOME | {"RETINUE_RUN": "/run/b", "RETINUE_STATE": "state"})
    assert device.run == Path("/run/b")
    assert device.state == Path.cwd() / "state"


def test_the_file_is_the_environments_or_the_default() -> None:
    assert where({"RETINUE_CONFIG": "/etc/a.toml"}) == Path("/etc/a.toml")
    assert where({}) == DEFAULT_FILE


def test_without_users_only_loopback_is_served() -> None:
    assert Rtsp().bind == "127.0.0.1"
    assert Rtsp(users={"viewer": "x"}).bind == "0.0.0.0"  # noqa: S104 what is asserted


def test_an_entry_without_cameras_watches_all(tmp_path: Path) -> None:
    text = "[[camera]]\nname='a'\n[[camera]]\nname='b'\n"
    text += "[[inference]]\nname='all'\n[[inference]]\nname='one'\ncameras=['b']"
    device = load(written(tmp_path, text), HOME)
    watched = [[camera.name for camera in device.cameras_of(e)] for e in device.inference]
    assert watched == [["a", "b"], ["b"]]
    assert device.entries_of(Camera("a")) == ["all"]

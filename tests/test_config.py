"""The configuration: what is accepted, and what is said of the rest."""

from pathlib import Path

import msgspec
import pytest

from actors.config import DEFAULT_FILE, Camera, Config, ConfigError, Inference, Rtsp, load, where

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


TABLES = {"users": "rtsp.users", "keys": "models.keys"}


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
        elif field.encode_name in TABLES:
            keys.append(TABLES[field.encode_name])
        else:
            keys.append(field.encode_name)
    return keys


def test_the_default_is_one_synthetic_camera_and_its_own_model() -> None:
    device = load(DEFAULT_FILE, HOME)
    assert [camera.source for camera in device.camera] == ["scene:"]
    (entry,) = device.inference
    assert entry.model == "builtin:street"
    assert (entry.package / "manifest.toml").is_file()


def test_a_model_that_is_not_built_in_is_a_path() -> None:
    assert Inference(name="a", model="models/street").package == Path("models/street")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "log_levle = 'info'",
            "log_levle: there is no such key; did you mean `log_level`?",
        ),
        ("[rtsp]\nprot = 1", "rtsp.prot: there is no such key; did you mean `port`?"),
        ("[overlay]\nzzz = 1", "overlay.zzz: there is no such key; there are align, hold_ms"),
        (
            "[[camera]]\nname = 'a'\nsuorce = 'scene:'",
            "camera[0].suorce: there is no such key; did you mean `source`?",
        ),
        ("[rtsp]\nport = 70000", "rtsp.port = 70000: Expected `int` <= 65535"),
        ("[rtsp]\nport = 'x'", "rtsp.port = 'x': Expected `int`, got `str`"),
        ("[overlay]\nalign = 3", "overlay.align = 3: Expected `bool`"),
        ("[[camera]]\nname = 'Front door'", "camera[0].name = 'Front door': Expected `str` match"),
        ("[[camera]]\nsource = 'scene:'", "camera[0]: Object missing required field `name`"),
        ("[[camera]]\nname = 'a'\npace = 'slow'", "camera[0].pace = 'slow': Invalid enum value"),
        ("[[camera]]\nname = 'a'\nfps = 0", "camera[0].fps = 0: Expected `float` > 0"),
        ("[[inference]]\nname = 'd'\ndevices = []", "inference[0].devices = []: Expected `array`"),
        ("run_dir = 5", "run_dir = 5: Expected `str`"),
        ("log_level = 'x'", "log_level = 'x': Invalid enum value; there are debug, info"),
        (
            "[camera]\nname = 'a'",
            "camera: Expected `array`, got `object`; begin it with [[camera]]",
        ),
        ("[[rtsp]]\nport = 1", "rtsp: Expected `object`, got `array`; begin it with [rtsp]"),
        (r'"a\nb" = 1', r"'a\nb': a key has no control characters"),
        (r'["a\nb"]', r"'a\nb': a key has no control characters"),
        ("'a b' = 1", "'a b': there is no such key; there are run_dir"),
        (r'run_dir = "/a\u0000b"', r"run_dir = '/a\x00b': a string has no control characters"),
        (r'state_dir = "a\nb"', r"state_dir = 'a\nb': a string has no control characters"),
        (
            "[[camera]]\nname = 'a'\nsource = \"file:a\\u001b\"",
            r"camera[0].source = 'file:a\x1b': a str",
        ),
        ('[[camera]]\nname = "front\\n"', r"camera[0].name = 'front\n': a string has no control"),
        ('[[inference]]\nname="d"\ncameras=["a\\u0085"]', "inference[0].cameras[0] = 'a"),
        ('[rtsp.users]\n"a\\nb" = "x"', r"rtsp.users.'a\nb': a key has no control characters"),
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
        ("[rtsp]\nhost = 'a b'", "rtsp.host = 'a b': neither an IP address nor a host name"),
        ("[rtsp]\nhost = '256.0.0.1'", "neither an IP address nor a host name"),
        ("[rtsp]\nhost = '-a.example'", "neither an IP address nor a host name"),
        ("[rtsp]\nhost = '[::1]'", "neither an IP address nor a host name"),
        ("[rtsp.users]\nviewer = ''", "rtsp.users.viewer: a password has 1 to 128 characters"),
        (f"[rtsp.users]\nviewer = '{'x' * 129}'", "rtsp.users.viewer: a password has 1 to 128"),
        (
            "[[inference]]\nname='d'\ndevices=['CPU', 'TPU']",
            "devices = 'TPU': no such device; there",
        ),
        ("[[inference]]\nname='d'\ndevices=['GPU.']", "inference[0].devices = 'GPU.': no such"),
        ("[[inference]]\nname='d'\ndevices=['']", "inference[0].devices = '': no such device"),
        (
            "[[camera]]\nname='a'\nsource='rtsp://u@h/s'\npassword='x'",
            "camera[0].password: is file:PATH or env:NAME, never the password itself",
        ),
        (
            "[[camera]]\nname='a'\nsource='rtsp://u:p@h/s'\npassword='env:X'",
            "camera[0].password: is for a network camera with a user and no password in its source",
        ),
        ("[[camera]]\nname='a'\nsource='scene:'\npassword='env:X'", "is for a network camera with"),
        (f"run_dir = '/{'x' * 60}'", "longer than 58 bytes"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in fault(tmp_path, text)


URL = "rtsp://user:sekret@h/s"


@pytest.mark.parametrize(
    "text",
    [
        "rtsp = 'sekret'",
        "camera = ['sekret']",
        "password = 'sekret'",
        f"'{URL}' = 1",
        "[rtsp]\nusers = 'sekret'",
        "[rtsp]\nport = ['sekret']",
        f"[rtsp]\nhost = '{URL}'",
        "[rtsp]\nuser = {viewer = 'sekret'}",
        "[rtsp.users]\nviewer = ['sekret']",
        "[rtsp.users]\n'viewer:sekret' = 'x'",
        '[rtsp.users]\nviewer = "sekret\\n"',
        f"[rtsp.users]\nviewer = '{'sekret' * 30}'",
        "[[rtsp]]\nusers = {viewer = 'sekret'}",
        '[[rtsp]]\n[rtsp.users]\nviewer = "sekret\\n"',
        f"[camera]\nname = 'a'\nsource = '{URL}'",
        f"[[camera]]\nsource = '{URL}'",
        "[[camera]]\nname = 'a'\nsource = 'ftp://me:sekret@host/'",
        "[[camera]]\nname = 'a'\nsource = 'rtsp://host:x/?token=sekret'",
        f"[[camera]]\nname = 'a'\nsource = ['{URL}']",
        f"[[camera]]\nname = 'a'\nsource = [['{URL}']]",
        f"[[camera]]\nname = 'a'\nsource.url = '{URL}'",
        f'[[camera]]\nname = "a"\nsource = "{URL}\\n"',
        f"[[camera]]\nname = '{URL}'",
        f"[[camera]]\nname = 'a'\npace = '{URL}'",
        f"[[camera]]\nname = 'a'\nurl = '{URL}'",
        "[[camera]]\nname = 'a'\npassword = 'sekret'",
        f"[[inference]]\nname = 'a'\ndevices = ['{URL}']",
    ],
)
def test_no_password_is_ever_shown(tmp_path: Path, text: str) -> None:
    assert "sekret" not in fault(tmp_path, text)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = written(tmp_path, "\ufefflog_level = 'debug'")
    assert load(file, HOME).log_level == "debug"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "fe80::1%eth0", "edge-1.local", "door_2"])  # noqa: S104 what is tried
def test_hosts(tmp_path: Path, host: str) -> None:
    text = f"[rtsp]\nhost = '{host}'\n[rtsp.users]\nviewer = '{'x' * 128}'"
    assert load(written(tmp_path, text), HOME).rtsp.bind == host


def test_devices_may_have_an_index(tmp_path: Path) -> None:
    text = "[[inference]]\nname = 'd'\ndevices = ['GPU.1', 'GPU.0', 'NPU', 'CPU']"
    devices = load(written(tmp_path, text), HOME).inference[0].devices
    assert devices == ("GPU.1", "GPU.0", "NPU", "CPU")


def test_a_name_ends_before_a_newline() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "front\n"}, Camera)


def test_the_environments_directories_have_no_control_characters(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"run_dir = '/a\\nb': a string has no control"):
        load(written(tmp_path, ""), HOME | {"RETINUE_RUN": "/a\nb"})


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
    assert [entry.name for entry in device.entries_of(Camera("a"))] == ["all"]

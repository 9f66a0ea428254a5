"""The manifests for Kubernetes: its own schemas, and that they fit image and code."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from actors.config import load
from cli.memory import pools_bytes
from cli.refusal import BAD_CONFIG
from tests.deploy.image import environment, user

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "k3s"
BASE = FOLDER / "base"
VERSIONS = ["1.28", "1.37"]
SHIFTS = {"Ki": 10, "Mi": 20, "Gi": 30}

needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not installed"
)


def read(name: str) -> Any:
    return yaml.safe_load((BASE / name).read_text())


RESOURCES = list(read("kustomization.yaml")["resources"])
POD = read("daemonset.yaml")["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
(INIT,) = POD["initContainers"]


def mounts(container: dict[str, Any]) -> dict[str, str]:
    return {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}


def size_bytes(text: str) -> int:
    return int(text[:-2]) << SHIFTS[text[-2:]]


def configured(tmp_path: Path, **parts: str) -> subprocess.CompletedProcess[str]:
    """The init container's own script, with folders of a test in the place of its volumes."""
    for name, text in parts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "made").mkdir()
    *shell, script = INIT["command"]
    script = script.replace("/etc/retinue.d", str(tmp_path))
    script = script.replace("/etc/retinue", str(tmp_path / "made"))
    env = {
        "NODE_NAME": "site-7.example",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "RETINUE_CONFIG": str(tmp_path / "made" / "device.toml"),
        "RETINUE_RUN": environment("RETINUE_RUN"),
    }
    return subprocess.run(
        [*shell, script], env=env, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", RESOURCES)
def test_kubernetes_knows_every_field(name: str, version: str) -> None:
    kubernetes_validate.validate(read(name), version, strict=True)


@needs_kubectl
@pytest.mark.parametrize("variant", ["base", "accelerated"])
def test_kustomize_builds_what_kubernetes_knows(variant: str) -> None:
    command = ["kubectl", "kustomize", str(FOLDER / variant)]
    built = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    objects = list(yaml.safe_load_all(built.stdout))
    assert {found["kind"] for found in objects} >= {"DaemonSet", "ConfigMap", "Service"}
    for found in objects:
        kubernetes_validate.validate(found, VERSIONS[-1], strict=True)


def test_the_pod_is_restricted() -> None:
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] == POD["securityContext"]["fsGroup"] == user()
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert POD["automountServiceAccountToken"] is False
    for container in (INIT, CONTAINER):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_every_volume_is_there_and_used() -> None:
    names = {volume["name"] for volume in POD["volumes"]}
    assert names == mounts(CONTAINER).keys()
    assert names >= mounts(INIT).keys()


def test_what_is_written_to_is_a_volume() -> None:
    mounted = mounts(CONTAINER)
    assert mounted["state"] == environment("RETINUE_STATE")
    assert mounts(INIT)["config"] == str(Path(environment("RETINUE_CONFIG")).parent)
    (run_dir,) = [pair["value"] for pair in CONTAINER["env"] if pair["name"] == "RETINUE_RUN"]
    # not the volume's own root: that belongs to root, and is refused
    assert str(Path(run_dir).parent) == mounted["run"]


def test_the_port_is_the_one_that_is_served() -> None:
    served = load(BASE / "device.toml", {}).rtsp.port
    (port,) = CONTAINER["ports"]
    assert port["containerPort"] == port["hostPort"] == served
    (offered,) = read("service.yaml")["spec"]["ports"]
    assert (offered["port"], offered["targetPort"]) == (served, port["name"])
    (allowed,) = read("networkpolicy.yaml")["spec"]["ingress"][0]["ports"]
    assert allowed["port"] == CONTAINER["readinessProbe"]["tcpSocket"]["port"] == port["name"]


def test_a_stop_leaves_every_actor_its_time() -> None:
    conf = configparser.RawConfigParser()
    conf.read(ROOT / "supervisord.conf")
    waits = [int(conf[name]["stopwaitsecs"]) for name in conf if name.startswith("program:")]
    assert POD["terminationGracePeriodSeconds"] >= 2 * max(waits)


def test_a_trial_of_a_model_fits_beside_what_runs() -> None:
    device = load(BASE / "device.toml", {})
    limit = size_bytes(CONTAINER["resources"]["limits"]["memory"])
    pools = sum(pools_bytes(device).values())
    assert pools + device.models.admission_mb * 1_000_000 < limit * 3 / 4


def test_no_secret_is_in_the_repository() -> None:
    text = "".join(path.read_text() for path in sorted(FOLDER.rglob("*.*")))
    assert re.findall(r'password = "(?!file:|env:)|rtsp://\w+:', text) == []


def test_a_configuration_is_put_together_for_its_node(tmp_path: Path) -> None:
    secrets = '[rtsp.users]\nviewer = "only here"\n'
    made = configured(tmp_path, device=(BASE / "device.toml").read_text(), secrets=secrets)
    assert (made.returncode, made.stderr) == (0, "")
    assert "only here" not in made.stdout
    device = load(tmp_path / "made" / "device.toml", {})
    assert device.rtsp.users == {"viewer": "only here"}
    assert [(s.client_id, s.prefix) for s in device.sink] == [
        ("retinue-site-7.example", "retinue/site-7.example")
    ]
    assert (tmp_path / "made" / "device.toml").stat().st_mode & 0o077 == 0


def test_a_wrong_configuration_stops_before_the_device_starts(tmp_path: Path) -> None:
    made = configured(tmp_path, device="[rtsp]\nprot = 8554\n")
    assert made.returncode == BAD_CONFIG
    assert "did you mean `port`?" in made.stderr

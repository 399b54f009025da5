"""Faults that only the real runtime shows: each is planted here, and found."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.artifact import Artifact
from local.aws import connected
from local.emulator import EmulatedFunction, FunctionFailed, emulate
from local.template import Deployment, Function
from tests.events_behaviour import event
from tests.house import PARAMETERS

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _no_aws() -> Iterator[None]:
    with connected(NOWHERE):
        yield


@pytest.fixture(scope="module")
def deployment(artifact: Artifact) -> Deployment:
    """The functions as they are built."""
    return artifact.deployment(PARAMETERS)


def preflight(emulated: EmulatedFunction) -> int:
    """Return the status of the answer to a request that takes no table."""
    with emulated:
        status: int = emulated.invoke(event("login.preflight.json"))["statusCode"]
    return status


def without(layer: Path, module: str, target: Path) -> Path:
    """Return a layer of the same packages but one, in the directory `target`."""
    packages = target / "python"
    packages.mkdir(parents=True)
    for package in (layer / "python").iterdir():
        if package.name != module:
            (packages / package.name).symlink_to(package)
    return target


def test_nothing_is_wrong_with_what_is_built(deployment: Deployment, artifact: Artifact) -> None:
    """The function that the other tests break answers before that."""
    assert preflight(emulate(deployment.functions["login"], deployment.layers, artifact)) == 204


def test_a_package_that_the_layer_lacks_is_found(deployment: Deployment, artifact: Artifact, tmp_path: Path) -> None:
    """A function that imports it does not start, although this machine has the package installed."""
    (layer,) = deployment.layers
    lacking = without(layer, "argon2", tmp_path / "layer")
    with pytest.raises(FunctionFailed, match="No module named 'argon2'") as failure:
        preflight(emulate(deployment.functions["login"], [lacking], artifact))
    assert failure.value.kind == "Runtime.ImportModuleError"


def test_a_variable_that_the_template_lacks_is_found(
    deployment: Deployment, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that reads it does not start, although this process has the variable."""
    login = deployment.functions["login"]
    lacking = {name: value for name, value in login.environment.items() if name != "USERS_TABLE"}
    monkeypatch.setenv("USERS_TABLE", "of this process")
    with pytest.raises(FunctionFailed, match="USERS_TABLE"):
        preflight(emulate(replace(login, environment=lacking), deployment.layers, artifact))


def test_a_package_of_the_developers_is_not_there(artifact: Artifact, deployment: Deployment, tmp_path: Path) -> None:
    """What tests and laptop use besides cannot be imported, and neither can the sources of the layer."""
    (tmp_path / "app.py").write_text(PROBE, encoding="utf-8")
    login = deployment.functions["login"]
    probe: Function = replace(login, code_dir=tmp_path, environment={})
    with emulate(probe, deployment.layers, artifact) as emulated:
        seen = emulated.invoke({"modules": ["pytest", "moto", "local", "pip", "boto3", "keyfob"]})
        assert seen["there"] == ["boto3", "keyfob"]
        assert seen["path"][1:4] == [str(tmp_path), str(deployment.layers[0] / "python"), str(artifact.runtime)]
        assert not {name for name in seen["environment"] if name.startswith(("PYTEST", "VIRTUAL_ENV", "HOME"))}
        assert json.loads(emulated.output().log[-1])["message"] == "looked"


def test_what_a_function_raises_is_told(artifact: Artifact, deployment: Deployment, tmp_path: Path) -> None:
    """The kind of an error and its text come back, and the process goes on."""
    (tmp_path / "app.py").write_text("def handler(event, _):\n    return 1 // event['by']\n", encoding="utf-8")
    failing = replace(deployment.functions["login"], code_dir=tmp_path)
    with emulate(failing, (), artifact) as emulated:
        with pytest.raises(FunctionFailed, match="by zero") as failure:
            emulated.invoke({"by": 0})
        assert failure.value.kind == "ZeroDivisionError"
        assert emulated.invoke({"by": 1}) == 1


PROBE = """
import importlib.util, logging, os, sys
def handler(event, _):
    logging.getLogger().warning("looked")
    there = [name for name in event["modules"] if importlib.util.find_spec(name)]
    return {"there": there, "path": sys.path, "environment": sorted(os.environ)}
"""
